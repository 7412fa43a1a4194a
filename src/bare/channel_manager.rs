//! `channelManager()`: the channel manager of the legacy systems, on the default client.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::default_client::default_session;
use super::delivery::{MANAGED_ERROR, managed_event};
use super::js::{copy_of, function, member, name, object};
use super::listeners::Listeners;
use super::options::{ChannelOptions, SendOptions};
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::core::state::{ChannelState, State};

/// Creates channels by name.
#[wasm_bindgen]
pub struct ChannelManager {
    session: Rc<Session>,
}

#[wasm_bindgen]
impl ChannelManager {
    /// Returns a channel by name. It is not joined before its `subscribe()`.
    ///
    /// @throws RealtimeError `invalid_argument` without a name
    #[wasm_bindgen(js_name = getChannel)]
    pub fn get_channel(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ManagedChannelOptions")] options: JsValue,
    ) -> Result<ManagedChannel, JsValue> {
        let options = copy_of(&options, "options")?;
        Ok(ManagedChannel {
            session: self.session.clone(),
            name: name(&member(&options, "name"), "name")?,
            ack: member(&options, "ack").is_truthy(),
            handlers: Listeners::default(),
            subscriber: RefCell::default(),
        })
    }
}

/// A channel with the methods of the legacy channel manager.
#[wasm_bindgen]
pub struct ManagedChannel {
    session: Rc<Session>,
    name: String,
    ack: bool,
    handlers: Listeners,
    subscriber: RefCell<Option<Rc<Subscriber>>>,
}

#[wasm_bindgen]
impl ManagedChannel {
    /// Joins the channel; does nothing if it is subscribed.
    ///
    /// @throws RealtimeError like `RealtimeClient.subscribe`
    pub fn subscribe(&self) -> Result<(), JsValue> {
        if self.subscriber.borrow().is_some() {
            return Ok(());
        }
        let options = ChannelOptions::read(&JsValue::UNDEFINED)?;
        let receiver = Receiver::Managed(self.handlers.clone());
        let subscriber = self.session.open(self.name.clone(), options, receiver)?;
        self.subscriber.replace(Some(subscriber));
        Ok(())
    }

    /// Leaves the channel and removes all handlers.
    pub fn unsubscribe(&self) {
        self.handlers.clear();
        if let Some(subscriber) = self.subscriber.take() {
            self.session.close(&subscriber);
        }
    }

    /// Sends a message; rejects with the reason if that fails.
    #[wasm_bindgen(unchecked_return_type = "Sent")]
    pub fn send(
        &self,
        #[wasm_bindgen(unchecked_param_type = "unknown")] message: &JsValue,
    ) -> Result<Promise, JsValue> {
        let options = object(&[("ack", self.ack.into())]);
        self.session.send(&self.name, message, SendOptions::read(&options)?)
    }

    /// Adds a handler of messages with this `type` member; returns the function that removes it.
    #[wasm_bindgen(unchecked_return_type = "Unsubscribe")]
    pub fn on(
        &self,
        #[wasm_bindgen(js_name = type)] kind: &str,
        #[wasm_bindgen(unchecked_param_type = "(message: any) => void")] handler: &JsValue,
    ) -> Result<Function, JsValue> {
        Ok(self.handlers.add(managed_event(kind), function(handler, "handler")?))
    }

    /// Adds a handler of failures of the channel and of errors thrown by handlers; returns the function that removes it.
    #[wasm_bindgen(js_name = onError, unchecked_return_type = "Unsubscribe")]
    pub fn on_error(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(error: RealtimeError) => void")] handler: &JsValue,
    ) -> Result<Function, JsValue> {
        Ok(self.handlers.add(MANAGED_ERROR.into(), function(handler, "handler")?))
    }

    /// The state of the channel.
    #[wasm_bindgen(js_name = getState, unchecked_return_type = "ManagedChannelState")]
    pub fn get_state(&self) -> JsValue {
        let view = self.subscriber.borrow().as_ref().map(|subscriber| subscriber.view());
        let state = view.as_ref().map(|view| view.state);
        let subscribed = matches!(state, Some(ChannelState::Joined | ChannelState::Ready));
        object(&[
            ("isConnected", (self.session.state() == State::Ready).into()),
            ("isSubscribed", subscribed.into()),
            ("isSubscribing", (state == Some(ChannelState::Joining)).into()),
            ("error", view.map_or(JsValue::NULL, |view| view.error)),
        ])
    }
}

/// The channel manager of the default client.
#[wasm_bindgen(js_name = channelManager)]
pub fn channel_manager() -> Result<ChannelManager, JsValue> {
    Ok(ChannelManager { session: default_session()? })
}
