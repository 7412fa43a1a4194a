//! The engine: one client of the package.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use js_sys::{Array, Function, Math};
use wasm_bindgen::prelude::*;

use super::config;
use super::error::to_js;
use super::sink::Sink;
use super::stats;
use crate::abi::call::{Command, SendFlag};
use crate::core::client::Client;
use crate::core::config::{Config, Reconnect};
use crate::core::id::{CollectionId, Origin, RequestId, SendId, SocketId, SubscriberId};
use crate::core::outbox::OutgoingMessage;
use crate::core::profile::ProtocolProfile;
use crate::core::token::Grant;
use crate::web::{Driver, Host, JsPayload, Url, grant_of};

/// Starts a driver that reports to `host`.
pub(crate) fn start(config: Config, host: Box<dyn Host>) -> Rc<Driver> {
    // The seed is for jitter only, so it need not be cryptographically random.
    let driver = Driver::new(config, Math::random().to_bits(), host);
    // The state of the page may have to be reported already.
    driver.with(|_, _| {});
    driver
}

/// One client with one connection. All its reports and requests are passed to the sink.
#[wasm_bindgen(skip_typescript)]
pub struct Engine {
    pub(crate) driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Engine {
    /// Creates a client with these options.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Sink")] sink: Function,
    ) -> Result<Self, JsValue> {
        let driver = start(config::read(&options)?, Box::new(Sink::new(sink)));
        Ok(Self { driver })
    }

    /// Replaces the options by the merged ones; `reconnect` if they need a new connection. Throws an `EngineError` on
    /// invalid options.
    pub fn configure(
        &self,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
        reconnect: bool,
    ) -> Result<(), JsValue> {
        let config = config::read(&options)?;
        let reconnect = if reconnect { Reconnect::Always } else { Reconnect::IfNeeded };
        self.driver.with(|client, now| client.configure(now, config, reconnect));
        Ok(())
    }

    /// Answers a `UrlRequest` with the app's address, parsed, and its own subprotocols; or the message of the error.
    #[wasm_bindgen(js_name = answerUrl)]
    pub fn answer_url(
        &self,
        socket: u32,
        #[wasm_bindgen(unchecked_param_type = "URL | undefined")] url: JsValue,
        #[wasm_bindgen(unchecked_param_type = "string[]")] protocols: Array,
        error: Option<String>,
    ) {
        let address = match error {
            Some(message) => Err(message),
            None => Ok((url.unchecked_into::<Url>(), protocols)),
        };
        self.driver.answer_address(SocketId(socket), address);
    }

    /// Answers `TokenRequest`: what `getToken` returned, or the message of its error. Returns the user that the token names
    /// (`sub`), if it does; `null` if the answer is not a token.
    #[wasm_bindgen(js_name = answerToken, unchecked_return_type = "string | null | undefined")]
    pub fn answer_token(
        &self,
        request: u32,
        #[wasm_bindgen(unchecked_param_type = "TokenAnswer")] given: JsValue,
        error: Option<String>,
    ) -> JsValue {
        let answer = error.map_or_else(|| grant_of(&given), Err);
        let subject = answer.as_ref().map_or(JsValue::NULL, |grant| subject_of(grant.as_deref()));
        self.driver.answer_token(RequestId(request), answer);
        subject
    }

    /// Adds a subscriber (its id is made by the package and never reused) to a channel; returns the channel's id.
    /// Ids are never reused: a channel left and joined again has another one. Throws an `EngineError`.
    pub fn subscribe(
        &self,
        subscriber: u32,
        channel: &str,
        #[wasm_bindgen(unchecked_param_type = "object | undefined")] options: JsValue,
    ) -> Result<u32, JsValue> {
        let subscription = config::subscription(&options, self.profile())?;
        self.driver
            .with(|client, now| {
                client.subscribe(now, SubscriberId(subscriber), channel, subscription)
            })
            .map(|id| id.0)
            .map_err(|error| to_js(&error))
    }

    /// Runs a `Command`. Unknown ones do nothing.
    pub fn run(&self, command: u32, subject: u32) {
        let Some(command) = Command::ALL.get(command as usize) else { return };
        if *command == Command::Destroy {
            self.driver.leave_page();
        }
        self.driver.with(|client, now| match command {
            Command::Connect => client.connect(now),
            Command::Disconnect => client.disconnect(now),
            Command::Destroy => client.destroy(now),
            Command::Unsubscribe => client.unsubscribe(now, SubscriberId(subject)),
            Command::Cancel => client.cancel(now, SendId(subject)),
            Command::CloseCollection => client.close_collection(now, CollectionId(subject)),
            Command::Reload => client.reload(now, CollectionId(subject)),
        });
    }

    /// Queues a message; `poll` sends it, and every other function does so first. An ephemeral one is sent at once. `payload` is its
    /// JSON, or its bytes for servers that take them, `bytes` their number, `id` its id on the wire. Every change of its status is reported as `Kind.Send`, failure to queue it included. `flags`: `SendFlag`. The times, in
    /// milliseconds, count from the app's call, which was `waitedMs` ago; without a time to live the client's
    /// `queue.ttlMs` applies.
    #[expect(
        clippy::too_many_arguments,
        reason = "numbers and strings cross cheaply, objects do not"
    )]
    pub fn send(
        &self,
        send: u32,
        channel: &str,
        #[wasm_bindgen(unchecked_param_type = "string | ArrayBuffer")] payload: JsValue,
        id: String,
        event: Option<String>,
        flags: u32,
        timeout_ms: Option<f64>,
        ttl_ms: Option<f64>,
        waited_ms: f64,
        bytes: u32,
    ) {
        let has = |flag: SendFlag| flags & flag.bit() != 0;
        // Negative numbers count as 0.
        let left = |ms: f64| whole(ms - waited_ms);
        let (profile, default_ttl_ms) =
            self.driver.look(|client| (client.profile(), client.config().queue_ttl_ms));
        let ttl_ms = ttl_ms.or(default_ttl_ms.map(|ms| ms as f64));
        let message = OutgoingMessage {
            origin: Origin::App(SendId(send)),
            channel: channel.into(),
            id,
            event,
            bytes: bytes as usize,
            payload: JsPayload(payload),
            ack: has(SendFlag::Ack) || (!has(SendFlag::NoAck) && profile.acks_by_default()),
            timeout_ms: timeout_ms.map(left),
            ttl_ms: ttl_ms.map(left),
        };
        if has(SendFlag::Ephemeral) {
            self.driver.with(|client, now| client.send_ephemeral(now, &message));
        } else {
            self.driver.enqueue(message);
        }
    }

    /// Sets the token that is used from now on. Returns the user that it names (`sub`), if it does.
    #[wasm_bindgen(js_name = setToken, unchecked_return_type = "string | undefined")]
    pub fn set_token(
        &self,
        #[wasm_bindgen(unchecked_param_type = "TokenAnswer")] token: JsValue,
    ) -> JsValue {
        let grant = grant_of(&token).unwrap_or_default();
        let subject = subject_of(grant.as_deref());
        self.driver.with(|client, now| client.set_token(now, grant));
        subject
    }

    /// Answers `InflateRequest`: the text; in an array: the beginning of one that is too large; `undefined`: it is invalid.
    #[wasm_bindgen(js_name = answerInflate)]
    pub fn answer_inflate(
        &self,
        request: u32,
        #[wasm_bindgen(unchecked_param_type = "string | [string] | undefined")] text: JsValue,
    ) {
        self.driver.answer_inflate(request, &text);
    }

    /// Returns the counters: the numbers of `METRICS`, then those of `ROUND_TRIP_TIMES`.
    #[wasm_bindgen(unchecked_return_type = "number[]")]
    pub fn metrics(&self) -> Array {
        stats::metrics(&self.driver)
    }

    /// Returns an array for each channel: its name, and the numbers of `CHANNEL_COUNTERS`.
    #[wasm_bindgen(js_name = channelStats, unchecked_return_type = "[string, ...number[]][]")]
    pub fn channel_stats(&self) -> Array {
        stats::channels(&self.driver)
    }
}

impl Engine {
    /// The differences of the client's protocol.
    pub(super) fn profile(&self) -> ProtocolProfile {
        self.driver.look(Client::profile)
    }
}

fn subject_of(grant: Option<&Grant>) -> JsValue {
    let subject = grant.and_then(|grant| grant.subject.as_deref());
    subject.map_or(JsValue::UNDEFINED, JsValue::from)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub(crate) const fn whole(number: f64) -> u64 {
    number as u64
}
