//! The typing members of a channel.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::delivery::TYPING;
use super::handle::Handle;
use super::js::function;

/// The typing members of a channel. Its types are those of the interface `Typing` in `types.d.ts`.
#[wasm_bindgen(skip_typescript)]
pub struct Typing {
    handle: Rc<Handle>,
}

impl Typing {
    pub(super) const fn new(handle: Rc<Handle>) -> Self {
        Self { handle }
    }
}

#[wasm_bindgen]
impl Typing {
    #[wasm_bindgen(getter)]
    pub fn who(&self) -> Array {
        self.handle.subscriber.view().who
    }

    pub fn start(&self) -> Result<(), JsValue> {
        let session = &self.handle.session;
        session.check_alive()?;
        session.driver.with(|client, now| client.start_typing(now, self.handle.channel()));
        Ok(())
    }

    pub fn stop(&self) -> Result<(), JsValue> {
        let session = &self.handle.session;
        session.check_alive()?;
        session.driver.with(|client, now| client.stop_typing(now, self.handle.channel()));
        Ok(())
    }

    /// There is one event, `change`.
    pub fn on(&self, _event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        Ok(self.handle.activity.add(TYPING.to_owned(), function(listener, "listener")?))
    }
}
