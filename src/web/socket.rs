//! The browser's WebSocket with its listener, which is removed when it is dropped.

use alloc::string::String;
use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::timer::set_timeout;
use crate::core::text::concat;

#[wasm_bindgen]
extern "C" {
    /// The browser's socket, with just the members used here: strings pass through as they are.
    type WebSocket;
    #[wasm_bindgen(constructor, catch)]
    fn new(url: &str, protocols: &Array) -> Result<WebSocket, JsValue>;
    #[wasm_bindgen(method, getter, js_name = readyState)]
    fn ready_state(this: &WebSocket) -> u16;
    #[wasm_bindgen(method, setter, js_name = binaryType)]
    fn set_binary_type(this: &WebSocket, kind: &str);
    #[wasm_bindgen(method, setter, js_name = onopen)]
    fn set_onopen(this: &WebSocket, listener: Option<&Function>);
    #[wasm_bindgen(method, setter, js_name = onmessage)]
    fn set_onmessage(this: &WebSocket, listener: Option<&Function>);
    #[wasm_bindgen(method, setter, js_name = onclose)]
    fn set_onclose(this: &WebSocket, listener: Option<&Function>);
    #[wasm_bindgen(method, setter, js_name = onerror)]
    fn set_onerror(this: &WebSocket, listener: Option<&Function>);
    #[wasm_bindgen(method, catch)]
    fn send(this: &WebSocket, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn close(this: &WebSocket, code: u16) -> Result<(), JsValue>;
    /// The function that closes it.
    #[wasm_bindgen(method, getter, js_name = close)]
    fn closing(this: &WebSocket) -> Function;

    /// Any event of a socket, or of a policy that forbids it.
    type SocketEvent;
    #[wasm_bindgen(method, getter, js_name = type)]
    fn kind(this: &SocketEvent) -> String;
    #[wasm_bindgen(method, getter, js_name = effectiveDirective)]
    fn directive(this: &SocketEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = blockedURI)]
    fn blocked(this: &SocketEvent) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn data(this: &SocketEvent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn code(this: &SocketEvent) -> Option<u16>;
    #[wasm_bindgen(method, getter)]
    fn reason(this: &SocketEvent) -> JsValue;
}

/// `WebSocket.CONNECTING`
const CONNECTING: u16 = 0;
/// How long a socket that is no longer needed may continue to open, in milliseconds: some browsers open no other one
/// to the same host meanwhile.
const OPENING_MS: i32 = 2_000;
/// `WebSocket.CLOSING`
const CLOSING: u16 = 2;

/// An update of a socket.
pub(super) enum SocketUpdate {
    Opened,
    Message(JsValue),
    /// The value of a message that is a JSON text, and the text's size in UTF-16 units.
    Value(JsValue, usize),
    /// It failed; a close event may not follow.
    Errored,
    /// The page's policy forbids it; the message names the directive.
    Blocked(String),
    Closed(u16, String),
}

/// One WebSocket. Dropping it removes its listener and does not close it.
pub(super) struct Socket {
    inner: WebSocket,
    /// The target of `securitypolicyviolation` events.
    document: Option<EventTarget>,
    listener: Closure<dyn FnMut(SocketEvent)>,
}

const VIOLATION: &str = "securitypolicyviolation";

/// The scheme and host of an address.
fn origin_of(url: &str) -> &str {
    // Searching for a text, not a character, would cost 1 KB of the engine.
    let host = url.find('/').map_or(0, |at| at + 2);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    &url[..end]
}

impl Socket {
    /// Opens a socket; its updates go to `on_update`, its messages to `on_message` if there is one.
    pub(super) fn open(
        url: &str,
        protocols: &Array,
        on_message: Option<&Function>,
        on_update: impl Fn(SocketUpdate) + 'static,
    ) -> Result<Self, JsValue> {
        let inner = WebSocket::new(url, protocols)?;
        inner.set_binary_type("arraybuffer");
        let origin = String::from(origin_of(url));
        // One listener for all events: each further one would add a function to the wasm.
        let listener = Closure::<dyn FnMut(SocketEvent)>::new(move |event: SocketEvent| {
            on_update(match event.code() {
                Some(code) => {
                    SocketUpdate::Closed(code, event.reason().as_string().unwrap_or_default())
                }
                None => match event.data() {
                    data if !data.is_undefined() => SocketUpdate::Message(data),
                    _ => match event.kind().as_str() {
                        "open" => SocketUpdate::Opened,
                        "error" => SocketUpdate::Errored,
                        _ => {
                            let forbids = event.directive().as_deref() == Some("connect-src")
                                && event.blocked().is_some_and(|uri| origin_of(&uri) == origin);
                            if !forbids {
                                return;
                            }
                            SocketUpdate::Blocked(concat(&[
                                "connect-src of the page's Content-Security-Policy does not allow ",
                                &origin,
                            ]))
                        }
                    },
                },
            });
        });
        let document = web_sys::window().and_then(|window| window.document()).map(Into::into);
        let socket = Self { inner, document, listener };
        socket.listen(Some(socket.listener.as_ref().unchecked_ref()));
        if on_message.is_some() {
            socket.inner.set_onmessage(on_message);
        }
        if let Some(document) = &socket.document {
            let listener = socket.listener.as_ref().unchecked_ref();
            let _ = document.add_event_listener_with_callback(VIOLATION, listener);
        }
        Ok(socket)
    }

    /// Whether it is closing although its close event did not come yet.
    pub(super) fn is_closing(&self) -> bool {
        self.inner.ready_state() >= CLOSING
    }

    pub(super) fn send(&self, message: &JsValue) {
        // It throws only before it is open, when the core sends nothing.
        let _ = self.inner.send(message);
    }

    /// Closes it with a code of the application; one that is still opening is closed once it is open, since browsers
    /// otherwise print an error to the console.
    pub(super) fn close(self, code: u16) {
        if self.inner.ready_state() != CONNECTING {
            self.abort(code);
            return;
        }
        let inner = JsValue::clone(&self.inner).unchecked_into::<WebSocket>();
        let no_reason = JsValue::from_str("");
        let close = inner.closing().bind2(&inner, &code.into(), &no_reason);
        // Its own listeners are removed first.
        drop(self);
        let _ = set_timeout(&close, OPENING_MS);
        inner.set_onopen(Some(close.unchecked_ref()));
    }

    /// Closes it at once with a code of the application.
    pub(super) fn abort(self, code: u16) {
        // It throws only for other codes.
        let _ = self.inner.close(code);
    }

    fn listen(&self, listener: Option<&Function>) {
        self.inner.set_onopen(listener);
        self.inner.set_onmessage(listener);
        self.inner.set_onclose(listener);
        self.inner.set_onerror(listener);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listen(None);
        if let Some(document) = &self.document {
            let listener = self.listener.as_ref().unchecked_ref();
            let _ = document.remove_event_listener_with_callback(VIOLATION, listener);
        }
    }
}
