//! One client for the facade. Mirrored by `pkg-template/src/session/engine-abi.ts`.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Array, ArrayBuffer, Function, JsString, Math};
use wasm_bindgen::prelude::*;

use super::config;
use super::error::to_js;
use super::sink::Sink;
use super::stats;
use crate::core::config::{Config, Reconnect};
use crate::core::id::{CollectionId, Origin, RequestId, SendId, SocketId, SubscriberId};
use crate::core::outbox::OutgoingMessage;
use crate::core::token::{Grant, Life, Token};
use crate::web::{Driver, Host, JsPayload, utf8_length};

/// Bits of the `flags` of [`Engine::send`].
const ACK: u32 = 1;
const EPHEMERAL: u32 = 2;

/// Commands of [`Engine::tell`].
const CONNECT: u32 = 0;
const DISCONNECT: u32 = 1;
const DESTROY: u32 = 2;
const UNSUBSCRIBE: u32 = 3;
const CANCEL: u32 = 4;
const CLOSE_COLLECTION: u32 = 5;
const RELOAD: u32 = 6;

/// A driver that tells `host`.
pub(crate) fn start(config: Config, host: Box<dyn Host>) -> Rc<Driver> {
    // The seed decides jitter and guards nothing: chance need not be of the cryptographic kind.
    let driver = Driver::new(config, Math::random().to_bits(), host);
    // How the page stands may have to be told already.
    driver.with(|_, _| {});
    driver
}

/// One client: one connection. Everything it tells and asks goes to the sink.
#[wasm_bindgen(skip_typescript)]
pub struct Engine {
    pub(crate) driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Engine {
    /// A client of these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, sink: Function) -> Result<Self, JsValue> {
        let driver = start(config::read(&options)?, Box::new(Sink::new(sink)));
        Ok(Self { driver })
    }

    /// Takes the merged options anew; `reconnect` if they need a new connection.
    pub fn configure(&self, options: JsValue, reconnect: bool) -> Result<(), JsValue> {
        let config = config::read(&options)?;
        let reconnect = if reconnect { Reconnect::Always } else { Reconnect::IfNeeded };
        self.driver.with(|client, now| client.configure(now, config, reconnect));
        Ok(())
    }

    /// Answers `AskUrl`: an address and the app's own subprotocols, or why there is none.
    #[wasm_bindgen(js_name = answerUrl)]
    pub fn answer_url(
        &self,
        socket: u32,
        url: Option<String>,
        protocols: Array,
        error: Option<String>,
    ) {
        let address = url.map(|url| (url, protocols)).ok_or(error.unwrap_or_default());
        self.driver.answer_address(SocketId(socket), address);
    }

    /// Answers `AskToken`: a token, none, or why asking failed.
    #[wasm_bindgen(js_name = answerToken)]
    pub fn answer_token(
        &self,
        request: u32,
        token: Option<String>,
        claimed_ms: Option<f64>,
        left_ms: Option<f64>,
        subject: Option<String>,
        error: Option<String>,
    ) {
        let answer = match error {
            Some(words) => Err(words),
            None => Ok(grant(token, (claimed_ms, left_ms), subject)),
        };
        self.driver.answer_token(RequestId(request), answer);
    }

    /// Adds a subscriber; returns the channel's id.
    pub fn subscribe(
        &self,
        subscriber: u32,
        channel: &str,
        options: JsValue,
    ) -> Result<u32, JsValue> {
        let subscription = config::subscription(&options)?;
        self.driver
            .with(|client, now| {
                client.subscribe(now, SubscriberId(subscriber), channel, subscription)
            })
            .map(|id| id.0)
            .map_err(|error| to_js(&error))
    }

    /// Does one of the things that need no more than a number (`Command`); unknown ones are none.
    pub fn tell(&self, command: u32, subject: u32) {
        if command == DESTROY {
            self.driver.leave_page();
        }
        self.driver.with(|client, now| match command {
            CONNECT => client.connect(now),
            DISCONNECT => client.disconnect(now),
            DESTROY => client.destroy(now),
            UNSUBSCRIBE => client.unsubscribe(now, SubscriberId(subject)),
            CANCEL => client.cancel(now, SendId(subject)),
            CLOSE_COLLECTION => client.close_collection(now, CollectionId(subject)),
            RELOAD => client.reload(now, CollectionId(subject)),
            _ => {}
        });
    }

    /// Queues a message: JSON text, or an `ArrayBuffer` for servers that take bytes.
    #[expect(
        clippy::too_many_arguments,
        reason = "numbers and strings cross cheaply, objects do not"
    )]
    pub fn send(
        &self,
        send: u32,
        channel: &str,
        payload: JsValue,
        id: String,
        event: Option<String>,
        flags: u32,
        timeout_ms: Option<f64>,
        ttl_ms: Option<f64>,
    ) {
        let message = OutgoingMessage {
            origin: Origin::App(SendId(send)),
            channel: channel.into(),
            id,
            event,
            bytes: size_of(&payload),
            payload: JsPayload(payload),
            ack: flags & ACK != 0,
            timeout_ms: timeout_ms.map(whole),
            ttl_ms: ttl_ms.map(whole),
        };
        self.driver.with(|client, now| {
            if flags & EPHEMERAL == 0 {
                client.send(now, message);
            } else {
                client.send_ephemeral(now, &message);
            }
        });
    }

    /// Uses this token from now on.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(
        &self,
        token: Option<String>,
        claimed_ms: Option<f64>,
        left_ms: Option<f64>,
        subject: Option<String>,
    ) {
        self.driver.with(|client, now| {
            client.set_token(now, grant(token, (claimed_ms, left_ms), subject));
        });
    }

    /// Answers `AskInflate`: the text, or nothing if there is none.
    #[wasm_bindgen(js_name = answerInflate)]
    pub fn answer_inflate(&self, request: u32, text: JsValue) {
        self.driver.answer_inflate(request, &text);
    }

    /// Counters.
    pub fn metrics(&self) -> JsValue {
        stats::metrics(&self.driver)
    }

    /// The channels with their counters.
    #[wasm_bindgen(js_name = channelStats)]
    pub fn channel_stats(&self) -> Vec<JsValue> {
        stats::channels(&self.driver)
    }
}

/// A token with what the facade read of it.
fn grant(
    token: Option<String>,
    (claimed_ms, left_ms): (Option<f64>, Option<f64>),
    subject: Option<String>,
) -> Option<Box<Grant>> {
    let token = Token::new(token?);
    let life = Life { claimed_ms: claimed_ms.map(signed), left_ms: left_ms.map(signed) };
    Some(Box::new(Grant { token, life, subject }))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub(crate) const fn whole(number: f64) -> u64 {
    number as u64
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
const fn signed(number: f64) -> i64 {
    number as i64
}

/// The size of a payload in bytes: of a text's UTF-8, or of an `ArrayBuffer`.
fn size_of(payload: &JsValue) -> usize {
    match (payload.dyn_ref::<JsString>(), payload.dyn_ref::<ArrayBuffer>()) {
        (Some(text), _) => utf8_length(text),
        (_, Some(bytes)) => bytes.byte_length() as usize,
        _ => 0,
    }
}
