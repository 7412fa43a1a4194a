//! The handle that `client.channel(name)` returns.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use super::error::invalid;
use super::handle::Handle;
use super::js::{function, name};
use super::options::SendOptions;
use super::presence::Presence;
use super::session::Session;
use super::stats;
use super::typing::Typing;
use crate::abi::option_names::OptionsOf;

/// The event of database changes.
const CHANGES: &str = crate::core::protocol::supabase::POSTGRES_CHANGES;

/// A counted handle to a channel. Its types are those of the interface `Channel` in `types.d.ts`.
#[wasm_bindgen(skip_typescript)]
pub struct Channel {
    handle: Rc<Handle>,
    presence: JsValue,
    typing: JsValue,
}

impl Channel {
    pub(super) fn open(
        session: &Rc<Session>,
        channel: String,
        options: &JsValue,
    ) -> Result<Self, JsValue> {
        let handle = Handle::open(session, channel, options)?;
        let presence = Presence::new(handle.clone()).into();
        let typing = Typing::new(handle.clone()).into();
        Ok(Self { handle, presence, typing })
    }
}

#[wasm_bindgen]
impl Channel {
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.handle.channel().to_owned()
    }

    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        self.handle.subscriber.view().state.name().to_owned()
    }

    #[wasm_bindgen(getter)]
    pub fn error(&self) -> JsValue {
        self.handle.subscriber.view().error
    }

    #[wasm_bindgen(getter)]
    pub fn continuity(&self) -> String {
        self.handle.subscriber.view().continuity.name().to_owned()
    }

    /// `on(event, callback)`, or `on('postgres_changes', filter, callback)`.
    pub fn on(
        &self,
        event: &JsValue,
        second: &JsValue,
        third: &JsValue,
    ) -> Result<Function, JsValue> {
        if third.is_undefined() {
            // Without a filter the event's name may be empty.
            let event = event.as_string().ok_or_else(|| invalid("event must be a string"))?;
            return Ok(self.handle.messages.add(event, function(second, "callback")?));
        }
        let (event, callback) = (name(event, "event")?, function(third, "callback")?);
        if event != CHANGES {
            return Err(invalid("filter must be left out"));
        }
        self.handle.on_changes(second, callback)
    }

    /// `send(event, payload, options?)`, or `send(payload, options?)`. Variadic: the number of arguments decides between the two.
    #[wasm_bindgen(variadic)]
    pub fn send(&self, values: &JsValue) -> Result<Promise, JsValue> {
        let values: &Array = values.unchecked_ref();
        let event = values.get(0).as_string().filter(|_| values.length() > 1);
        let at = u32::from(event.is_some());
        let (payload, options) = (values.get(at), values.get(at + 1));
        let session = &self.handle.session;
        session.check_names(OptionsOf::Send, &options, Some(self.handle.channel()));
        let options = SendOptions::read(&options)?;
        let options = SendOptions { event: event.or(options.event), ..options };
        session.send(self.handle.channel(), &payload, options)
    }

    #[wasm_bindgen(getter)]
    pub fn presence(&self) -> JsValue {
        self.presence.clone()
    }

    #[wasm_bindgen(getter)]
    pub fn typing(&self) -> JsValue {
        self.typing.clone()
    }

    pub fn stats(&self) -> JsValue {
        stats::channel(&self.handle.session, self.handle.channel(), &self.handle.subscriber.view())
    }

    pub fn release(&self) {
        self.handle.release();
    }
}
