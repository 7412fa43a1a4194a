//! One client for the facade. Mirrored by `pkg-template/src/engine.ts`.

use std::rc::Rc;

use js_sys::{Function, JsString, Math};
use wasm_bindgen::prelude::*;

use super::config::{self, Options};
use super::error::to_js;
use super::event::Sink;
use super::stats;
use crate::core::id::{SendId, SubscriberId};
use crate::core::io::Grant;
use crate::core::outbox::Message;
use crate::web::{Driver, JsPayload, Listener, grant_of};

/// Bits of the `flags` of [`Engine::send`].
const ACK: u32 = 1;
const EPHEMERAL: u32 = 2;

/// A seed for the jitter. It guards nothing, so chance need not be of the cryptographic kind.
fn seed() -> u64 {
    Math::random().to_bits()
}

/// Starts a driver that tells `listener`.
pub(super) fn start(
    options: JsValue,
    listener: impl FnOnce(bool) -> Box<dyn Listener>,
) -> Result<Rc<Driver>, JsValue> {
    let Options { config, sources, logs } = config::read(options)?;
    Ok(Driver::new(config, sources, seed(), listener(logs)))
}

/// Takes new options.
pub(super) fn configure(
    driver: &Rc<Driver>,
    before: &JsValue,
    options: JsValue,
) -> Result<(), JsValue> {
    let changed = ["url", "params", "protocols"].iter().any(|key| {
        let of = |object: &JsValue| {
            js_sys::Reflect::get(object, &(*key).into()).unwrap_or(JsValue::UNDEFINED)
        };
        !js_sys::Object::is(&of(before), &of(&options))
    });
    let Options { config, sources, .. } = config::read(options)?;
    driver.set_sources(sources);
    driver.with(|client, now| client.configure(now, config, changed));
    Ok(())
}

/// A token as `setToken` takes it.
pub(super) fn grant(token: Option<String>) -> Option<Grant> {
    token.map(grant_of)
}

/// One client: one connection. Everything it tells goes to the sink.
#[wasm_bindgen(skip_typescript)]
pub struct Engine {
    driver: Rc<Driver>,
    options: std::cell::RefCell<JsValue>,
}

#[wasm_bindgen]
impl Engine {
    /// A client of these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, sink: Function) -> Result<Self, JsValue> {
        let driver = start(options.clone(), |logs| Box::new(Sink::new(sink, logs)))?;
        driver.with(|_, _| {});
        Ok(Self { driver, options: options.into() })
    }

    /// Takes the merged options anew.
    pub fn configure(&self, options: JsValue) -> Result<(), JsValue> {
        let before = self.options.replace(options.clone());
        configure(&self.driver, &before, options)
    }

    /// Adds a subscriber; returns the channel's id.
    pub fn subscribe(
        &self,
        subscriber: u32,
        channel: &str,
        options: JsValue,
    ) -> Result<u32, JsValue> {
        let subscription = config::subscription(options)?;
        self.driver
            .with(|client, now| {
                client.subscribe(now, SubscriberId(subscriber), channel, subscription)
            })
            .map(|id| id.0)
            .map_err(|error| to_js(&error))
    }

    /// Takes a subscriber off its channel.
    pub fn unsubscribe(&self, subscriber: u32) {
        self.driver.with(|client, now| client.unsubscribe(now, SubscriberId(subscriber)));
    }

    /// Queues a message.
    #[expect(
        clippy::too_many_arguments,
        reason = "numbers and strings cross cheaply, objects do not"
    )]
    pub fn send(
        &self,
        send: u32,
        channel: &str,
        text: JsString,
        id: String,
        event: Option<String>,
        flags: u32,
        timeout_ms: Option<f64>,
        ttl_ms: Option<f64>,
    ) {
        let message = Message {
            send: SendId(send),
            channel: channel.into(),
            id,
            event,
            bytes: text.length() as usize,
            payload: JsPayload::Text(text),
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

    /// Gives a send up.
    pub fn cancel(&self, send: u32) {
        self.driver.with(|client, now| client.cancel(now, SendId(send)));
    }

    /// Wants a connection without any channel.
    pub fn connect(&self) {
        self.driver.with(|client, now| client.connect(now));
    }

    /// Wants none until something new is wanted.
    pub fn disconnect(&self) {
        self.driver.with(|client, now| client.disconnect(now));
    }

    /// Ends everything for good.
    pub fn destroy(&self) {
        self.driver.leave_page();
        self.driver.with(|client, now| client.destroy(now));
    }

    /// Uses this token from now on.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: Option<String>) {
        self.driver.with(|client, now| client.set_token(now, grant(token)));
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

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
const fn whole(number: f64) -> u64 {
    number as u64
}
