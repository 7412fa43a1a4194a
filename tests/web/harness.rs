//! A client as used from JavaScript, and listeners that record their calls.

use std::ops::Deref;

use js_sys::{Array, Function, JSON, Promise, Reflect};
use tidewire::bare::RealtimeClient;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::page::{self, FakeSocket};

#[wasm_bindgen]
extern "C" {
    /// The exported class, called over the boundary as an app calls it.
    #[derive(Debug, Clone)]
    pub(crate) type Client;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn subscribe(
        this: &Client,
        channel: &str,
        options: &JsValue,
        callback: &JsValue,
    ) -> Result<Function, JsValue>;
    #[wasm_bindgen(method, catch, js_name = send)]
    pub(crate) fn send_with(
        this: &Client,
        channel: &str,
        message: &JsValue,
        options: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn configure(this: &Client, options: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    pub(crate) fn connect(this: &Client) -> Promise;
    #[wasm_bindgen(method)]
    pub(crate) fn disconnect(this: &Client);
    #[wasm_bindgen(method)]
    pub(crate) fn destroy(this: &Client);
    #[wasm_bindgen(method, js_name = setToken)]
    pub(crate) fn set_token(this: &Client, token: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn on(this: &Client, event: &str, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn state(this: &Client) -> String;
    #[wasm_bindgen(method, js_name = getState)]
    pub(crate) fn get_state(this: &Client) -> String;
    #[wasm_bindgen(method, js_name = isReady)]
    pub(crate) fn is_ready(this: &Client) -> bool;
    #[wasm_bindgen(method, js_name = getMetrics)]
    pub(crate) fn get_metrics(this: &Client) -> JsValue;
    #[wasm_bindgen(method, js_name = getChannelStats)]
    pub(crate) fn get_channel_stats(this: &Client) -> JsValue;
}

/// The address most scenarios use.
pub(crate) const URL: &str = "wss://example.test/ws";

/// A client on a fresh page. It is destroyed when dropped.
pub(crate) struct Harness {
    client: Client,
}

impl Deref for Harness {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.client.destroy();
    }
}

impl Harness {
    /// A client of these members of an options object, on a fresh page.
    pub(crate) fn new(members: &str) -> Self {
        page::fresh();
        Self::on_this_page(members)
    }

    /// A client of these members of an options object, on the page in its current state.
    pub(crate) fn on_this_page(members: &str) -> Self {
        let options = js(&format!("{{ url: '{URL}', {members} }}"));
        let client =
            RealtimeClient::new(options, JsValue::UNDEFINED).expect("the options are valid");
        Self { client: Client::of(client) }
    }

    /// A client that is ready on `room`, on a server with these features.
    pub(crate) async fn ready(members: &str, features: &str) -> (Self, FakeSocket, Listener) {
        let harness = Self::new(members);
        let listener = harness.listen("room");
        let socket = page::socket().await;
        socket.accept(features);
        assert_eq!(harness.state(), "ready");
        (harness, socket, listener)
    }
}

impl Client {
    /// The JavaScript object of a client.
    pub(crate) fn of(client: RealtimeClient) -> Self {
        JsValue::from(client).unchecked_into()
    }

    /// Subscribes, and records the calls.
    pub(crate) fn listen(&self, channel: &str) -> Listener {
        let listener = Listener::new();
        let stop = self.subscribe(channel, &JsValue::UNDEFINED, listener.callback());
        listener.stopped_by(stop.expect("subscribed"))
    }

    /// Listens to an event of the client, and records the calls.
    pub(crate) fn listen_to(&self, event: &str) -> Listener {
        let listener = Listener::new();
        let stop = self.on(event, listener.callback());
        listener.stopped_by(stop)
    }

    /// Sends with the default options.
    pub(crate) fn send(&self, channel: &str, message: &JsValue) -> Promise {
        self.send_with(channel, message, &JsValue::UNDEFINED).expect("accepted")
    }

    /// A number of `getMetrics()`.
    pub(crate) fn metric(&self, key: &str) -> f64 {
        get(&self.get_metrics(), key).as_f64().expect("a number")
    }
}

/// A callback that records its calls.
pub(crate) struct Listener {
    calls: Array,
    callback: Function,
    stop: Option<Function>,
}

impl Listener {
    pub(crate) fn new() -> Self {
        let calls = Array::new();
        let callback = js_with("(...values) => { a.push(values) }", &calls, &JsValue::UNDEFINED);
        Self { calls, callback: callback.unchecked_into(), stop: None }
    }

    fn stopped_by(mut self, function: Function) -> Self {
        self.stop = Some(function);
        self
    }

    pub(crate) fn callback(&self) -> &Function {
        &self.callback
    }

    /// Unsubscribes it.
    pub(crate) fn stop(&self) {
        let function = self.stop.as_ref().expect("it listens to something");
        function.call0(&JsValue::UNDEFINED).expect("never throws");
    }

    pub(crate) fn count(&self) -> u32 {
        self.calls.length()
    }

    /// An argument of a call.
    pub(crate) fn value(&self, call: u32, argument: u32) -> JsValue {
        self.calls.get(call).unchecked_into::<Array>().get(argument)
    }

    /// The first arguments as JSON.
    pub(crate) fn texts(&self) -> Vec<String> {
        (0..self.count()).map(|call| text(&self.value(call, 0))).collect()
    }
}

/// The value of a JavaScript expression.
pub(crate) fn js(expression: &str) -> JsValue {
    js_with(expression, &JsValue::UNDEFINED, &JsValue::UNDEFINED)
}

/// The value of an expression over `a` and `b`.
pub(crate) fn js_with(expression: &str, a: &JsValue, b: &JsValue) -> JsValue {
    page::evaluate(expression, a, b).expect("the expression of a test is valid")
}

/// A value as JSON.
pub(crate) fn text(value: &JsValue) -> String {
    JSON::stringify(value).map_or_else(|_| "cyclic".to_owned(), String::from)
}

/// A member.
pub(crate) fn get(value: &JsValue, key: &str) -> JsValue {
    Reflect::get(value, &key.into()).expect("an object")
}

/// A member that is a string.
pub(crate) fn string_of(value: &JsValue, key: &str) -> String {
    get(value, key).as_string().unwrap_or_default()
}

/// The outcome of a promise.
pub(crate) async fn outcome(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}
