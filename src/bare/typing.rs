//! Who is typing in a channel.

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

/// What this user does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Typing,
    Stopped,
}

impl Typing {
    pub(super) const fn new(handle: Rc<Handle>) -> Self {
        Self { handle }
    }

    fn set(&self, own: Own) -> Result<(), JsValue> {
        let session = &self.handle.session;
        session.check_alive()?;
        let channel = self.handle.channel();
        session.driver.with(|client, now| client.typing(now, channel, own == Own::Typing));
        Ok(())
    }
}

#[wasm_bindgen]
impl Typing {
    #[wasm_bindgen(getter)]
    pub fn who(&self) -> Array {
        self.handle.subscriber.view().who
    }

    pub fn start(&self) -> Result<(), JsValue> {
        self.set(Own::Typing)
    }

    pub fn stop(&self) -> Result<(), JsValue> {
        self.set(Own::Stopped)
    }

    /// There is one event, `change`.
    pub fn on(&self, _event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        Ok(self.handle.activity.add(TYPING.to_owned(), function(listener, "listener")?))
    }
}
