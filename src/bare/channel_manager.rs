//! `channelManager()`: the channel manager of the older systems, on the default client.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::client::{Inner, default_client, undo};
use crate::core::state::State;
use crate::engine::error::{invalid, object};
use crate::engine::sink::report;

/// Hands out channels by name.
#[wasm_bindgen]
pub struct ChannelManager {
    inner: Rc<Inner>,
}

#[wasm_bindgen]
impl ChannelManager {
    /// A channel; nothing is joined before its `subscribe()`.
    #[wasm_bindgen(js_name = getChannel)]
    pub fn get_channel(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ name: string, ack?: boolean }")] config: JsValue,
    ) -> Result<ManagedChannel, JsValue> {
        let member = |key: &str| Reflect::get(&config, &key.into()).unwrap_or(JsValue::UNDEFINED);
        let name = member("name").as_string().filter(|name| !name.is_empty());
        Ok(ManagedChannel {
            inner: self.inner.clone(),
            name: name.ok_or_else(|| invalid("name must be a non-empty string"))?,
            ack: member("ack").is_truthy(),
            handlers: Rc::default(),
            release: RefCell::default(),
        })
    }
}

type Handlers = Rc<RefCell<Vec<(String, Function)>>>;

/// A channel with the methods of the older channel manager.
#[wasm_bindgen]
pub struct ManagedChannel {
    inner: Rc<Inner>,
    name: String,
    ack: bool,
    handlers: Handlers,
    release: RefCell<Option<Function>>,
}

#[wasm_bindgen]
impl ManagedChannel {
    /// Joins the channel; does nothing if that was done.
    pub fn subscribe(&self) -> Result<(), JsValue> {
        if self.release.borrow().is_some() {
            return Ok(());
        }
        let handlers = self.handlers.clone();
        let callback = Closure::<dyn Fn(JsValue)>::new(move |message: JsValue| {
            let kind =
                Reflect::get(&message, &"type".into()).ok().and_then(|kind| kind.as_string());
            let wanted: Vec<_> = {
                let of = |(named, _): &&(String, Function)| Some(named) == kind.as_ref();
                handlers.borrow().iter().filter(of).map(|(_, handler)| handler.clone()).collect()
            };
            for handler in wanted {
                if let Err(error) = handler.call1(&JsValue::UNDEFINED, &message) {
                    report(&error);
                }
            }
        });
        let release =
            self.inner.subscribe(&self.name, JsValue::UNDEFINED, callback.into_js_value())?;
        self.release.replace(Some(release));
        Ok(())
    }

    /// Leaves the channel and takes all handlers off.
    pub fn unsubscribe(&self) {
        self.handlers.borrow_mut().clear();
        if let Some(release) = self.release.take() {
            // Our own function: it does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    /// Sends a message; rejects with the reason if that fails.
    pub fn send(&self, message: JsValue) -> Result<Promise, JsValue> {
        self.inner.send(&self.name, &message, object(&[("ack", self.ack.into())]))
    }

    /// Listens to the messages with this `type` of their own; returns the function that stops it.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn on(&self, kind: String, handler: Function) -> Function {
        self.handlers.borrow_mut().push((kind, handler.clone()));
        let handlers = self.handlers.clone();
        undo(move || handlers.borrow_mut().retain(|(_, held)| *held != handler))
    }

    /// `{ isConnected, isSubscribed, isSubscribing }`.
    #[wasm_bindgen(js_name = getState)]
    pub fn get_state(&self) -> JsValue {
        let joined = self.release.borrow().as_ref().and(self.inner.channel_is_ready(&self.name));
        object(&[
            ("isConnected", (self.inner.state() == State::Ready).into()),
            ("isSubscribed", (joined == Some(true)).into()),
            ("isSubscribing", (joined == Some(false)).into()),
        ])
    }
}

/// The channel manager of the default client.
#[wasm_bindgen(js_name = channelManager)]
pub fn channel_manager() -> Result<ChannelManager, JsValue> {
    Ok(ChannelManager { inner: default_client()? })
}
