//! The engine's functions for presence and typing.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::engine::Engine;
use crate::abi::call::PresenceAction as Action;
use crate::core::id::SendId;
use crate::core::payload::Payload;
use crate::core::presence::PresenceAction;
use crate::web::JsPayload;

#[wasm_bindgen]
impl Engine {
    /// Runs a `PresenceAction`, with the JSON of this client's meta. Every change of its status is reported as `Kind.Send`.
    pub fn presence(
        &self,
        send: u32,
        channel: &str,
        action: u32,
        key: Option<String>,
        #[wasm_bindgen(unchecked_param_type = "string | undefined")] text: JsValue,
    ) {
        let meta = JsPayload::from_serialized(&JsPayload(text));
        let action = match Action::ALL.get(action as usize) {
            Some(Action::Track) => PresenceAction::Track { key, meta },
            Some(Action::Update) => PresenceAction::Update { meta },
            Some(Action::Untrack) | None => PresenceAction::Untrack,
        };
        self.driver.with(|client, now| client.presence(now, channel, SendId(send), action));
    }

    /// Starts or stops typing in a channel.
    pub fn typing(&self, channel: &str, typing: bool) {
        self.driver.with(|client, now| {
            if typing {
                client.start_typing(now, channel);
            } else {
                client.stop_typing(now, channel);
            }
        });
    }
}
