//! Bindings of `page.js`, by which the tests control the page.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/tests/web/page.js")]
extern "C" {
    /// A socket that the driver created.
    #[derive(Debug, Clone)]
    pub(crate) type FakeSocket;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn url(this: &FakeSocket) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn offered(this: &FakeSocket) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn sent(this: &FakeSocket) -> Vec<String>;
    #[wasm_bindgen(method, getter, js_name = closedWith)]
    pub(crate) fn closed_with(this: &FakeSocket) -> Option<u16>;
    #[wasm_bindgen(method)]
    pub(crate) fn open(this: &FakeSocket);
    #[wasm_bindgen(method, js_name = receive)]
    pub(crate) fn receive_data(this: &FakeSocket, data: &JsValue);
    #[wasm_bindgen(method, js_name = startClosing)]
    pub(crate) fn start_closing(this: &FakeSocket);
    #[wasm_bindgen(method)]
    pub(crate) fn end(this: &FakeSocket, code: u16, reason: &str);

    #[wasm_bindgen(catch)]
    pub(crate) fn evaluate(expression: &str, a: &JsValue, b: &JsValue) -> Result<JsValue, JsValue>;
    pub(crate) fn fresh();
    pub(crate) fn traces() -> Vec<u32>;
    pub(crate) fn sockets() -> Vec<FakeSocket>;
    pub(crate) fn jump(ms: f64);
    #[wasm_bindgen(js_name = fireEarly)]
    pub(crate) fn fire_early();
    pub(crate) fn armed() -> u32;
    #[wasm_bindgen(js_name = armedAtMost)]
    pub(crate) fn armed_at_most() -> u32;
    #[wasm_bindgen(js_name = longestDelay)]
    pub(crate) fn longest_delay() -> f64;
    #[wasm_bindgen(js_name = pageListeners)]
    pub(crate) fn page_listeners() -> u32;
    #[wasm_bindgen(js_name = setHidden)]
    pub(crate) fn set_hidden(hidden: bool);
    #[wasm_bindgen(js_name = setOnline)]
    pub(crate) fn set_online(online: bool);
    pub(crate) fn lifecycle(event: &str);
    pub(crate) fn end();
    pub(crate) fn reported() -> Vec<String>;

    #[wasm_bindgen(js_name = deflated)]
    fn deflated_promise(text: &str) -> Promise;
    #[wasm_bindgen(js_name = settle)]
    fn settle_promise() -> Promise;
    #[wasm_bindgen(js_name = advance)]
    fn advance_promise(ms: f64) -> Promise;
}

/// Waits until all pending tasks that need no timer are done.
pub(crate) async fn settle() {
    JsFuture::from(settle_promise()).await.expect("never rejects");
}

/// Compresses a text as a server does.
pub(crate) async fn deflated(text: &str) -> JsValue {
    JsFuture::from(deflated_promise(text)).await.expect("never rejects")
}

/// Advances time; timers fire when they are due.
pub(crate) async fn advance(ms: u32) {
    JsFuture::from(advance_promise(ms.into())).await.expect("timers end");
    settle().await;
}

/// The newest socket.
pub(crate) async fn socket() -> FakeSocket {
    settle().await;
    sockets().pop().expect("a socket was created")
}

impl FakeSocket {
    /// Delivers a text of the server.
    pub(crate) fn receive(&self, text: &str) {
        self.receive_data(&text.into());
    }

    /// Opens the socket and accepts the authentication, as a server with these features
    /// (`"a","b"`); without features it is a base server.
    pub(crate) fn accept(&self, features: &str) {
        self.open();
        self.receive(&format!(
            r#"{{"type":"auth_success","connectionId":"c1","features":[{features}]}}"#
        ));
    }

    /// The last frame that was sent.
    pub(crate) fn last_sent(&self) -> String {
        self.sent().pop().expect("something was sent")
    }

    /// How many frames of this `type` were sent.
    pub(crate) fn count_sent(&self, kind: &str) -> usize {
        let head = format!(r#""type":"{kind}""#);
        self.sent().iter().filter(|text| text.contains(&head)).count()
    }
}
