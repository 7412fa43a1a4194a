//! The browser's WebSocket with its listeners, which go when it goes.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

/// What a socket tells.
pub(super) enum Told {
    Opened,
    Message(JsValue),
    Closed(u16, String),
}

/// One WebSocket. Dropping it takes its listeners off; it does not close it.
#[derive(Debug)]
pub(super) struct Socket {
    inner: WebSocket,
    _opened: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

#[wasm_bindgen]
extern "C" {
    /// `send` with the string as it is: web-sys would take it through Rust.
    #[wasm_bindgen(extends = WebSocket)]
    type TextSocket;
    #[wasm_bindgen(method, catch, js_name = send)]
    fn send_text(this: &TextSocket, text: &JsString) -> Result<(), JsValue>;
}

impl Socket {
    /// Opens a socket; everything it tells goes to `tell`.
    pub(super) fn open(
        url: &str,
        protocols: &Array,
        tell: impl Fn(Told) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let inner = WebSocket::new_with_str_sequence(url, protocols)?;
        inner.set_binary_type(web_sys::BinaryType::Arraybuffer);
        let opened = Closure::<dyn FnMut()>::new({
            let tell = tell.clone();
            move || tell(Told::Opened)
        });
        let message = Closure::<dyn FnMut(MessageEvent)>::new({
            let tell = tell.clone();
            move |event: MessageEvent| tell(Told::Message(event.data()))
        });
        let closed = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            tell(Told::Closed(event.code(), event.reason()));
        });
        inner.set_onopen(Some(opened.as_ref().unchecked_ref()));
        inner.set_onmessage(Some(message.as_ref().unchecked_ref()));
        inner.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self { inner, _opened: opened, _message: message, _closed: closed })
    }

    /// Whether it takes nothing more although its close was not told yet.
    pub(super) fn is_closing(&self) -> bool {
        self.inner.ready_state() >= WebSocket::CLOSING
    }

    pub(super) fn send(&self, text: &JsString) {
        // It throws only before it is open, when the core sends nothing.
        let _ = self.inner.unchecked_ref::<TextSocket>().send_text(text);
    }

    pub(super) fn close(&self, code: u16) {
        // It throws only for codes that are not the application's.
        let _ = self.inner.close_with_code(code);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onmessage(None);
        self.inner.set_onclose(None);
    }
}
