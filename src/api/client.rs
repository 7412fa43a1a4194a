//! The client of the bare module, for those who load the wasm themselves.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, JSON, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

use super::config::{self, function};
use super::engine::{configure, grant, start};
use super::error::{invalid, object, to_js};
use super::event::{ack, report};
use super::stats;
use crate::core::id::{ChannelId, Counter, SendId, SubscriberId};
use crate::core::io::{Event, SendProgress};
use crate::core::link::State;
use crate::core::outbox::Message;
use crate::web::{Driver, JsPayload, Listener};

/// What the client's calls have promised to whom.
#[derive(Default)]
struct Desk {
    ids: Counter,
    subscribers: Vec<(SubscriberId, ChannelId, Function)>,
    sends: Vec<(SendId, Function, Function)>,
    listeners: Vec<(u32, String, Function)>,
    connecting: Vec<(Function, Function)>,
}

/// Hands events to callbacks. Nothing is borrowed while one runs.
struct Dispatch(Rc<RefCell<Desk>>);

impl Dispatch {
    fn tell(&self, event: &str, values: [&JsValue; 2]) {
        let listeners: Vec<_> = {
            let desk = self.0.borrow();
            let named = |(_, name, _): &&(u32, String, Function)| name == event;
            desk.listeners.iter().filter(named).map(|(_, _, call)| call.clone()).collect()
        };
        for listener in listeners {
            call(&listener, values);
        }
    }

    fn settle(&self, send: SendId, progress: SendProgress<JsPayload>) {
        if matches!(progress, SendProgress::Queued | SendProgress::Sent) {
            return;
        }
        let promise = {
            let mut desk = self.0.borrow_mut();
            let at = desk.sends.iter().position(|(id, ..)| *id == send);
            at.map(|at| desk.sends.swap_remove(at))
        };
        if let Some((_, resolve, reject)) = promise {
            match progress {
                SendProgress::Failed(error) => call(&reject, [&to_js(&error), NONE]),
                settled => call(&resolve, [&ack(settled), NONE]),
            }
        }
    }

    fn settle_connecting(&self, outcome: Result<(), JsValue>) {
        let waiting = std::mem::take(&mut self.0.borrow_mut().connecting);
        for (resolve, reject) in waiting {
            match &outcome {
                Ok(()) => call(&resolve, [NONE, NONE]),
                Err(error) => call(&reject, [error, NONE]),
            }
        }
    }
}

const NONE: &JsValue = &JsValue::UNDEFINED;

fn call(function: &Function, values: [&JsValue; 2]) {
    if let Err(error) = function.call2(NONE, values[0], values[1]) {
        report(&error);
    }
}

impl Listener for Dispatch {
    fn event(&self, event: Event<JsPayload>) {
        match event {
            Event::State(state, reason, error) => {
                let error = error.as_ref().map(to_js);
                match (state, &error) {
                    (State::Ready, _) => self.settle_connecting(Ok(())),
                    (State::Failed, Some(error)) => self.settle_connecting(Err(error.clone())),
                    (State::Closed, _) => self.settle_connecting(Err("disconnected".into())),
                    _ => {}
                }
                let change = object(&[
                    ("reason", reason.name().into()),
                    ("error", error.clone().unwrap_or_default()),
                ]);
                self.tell("state", [&stats::link_state_name(state).into(), &change]);
                if let Some(error) = error {
                    self.tell("error", [&error, NONE]);
                }
            }
            Event::Message(channel, delivery) => {
                let meta = object(&[
                    ("event", delivery.event.map(JsPayload::into_value).unwrap_or_default()),
                    ("id", delivery.id.map(JsPayload::into_value).unwrap_or_default()),
                    ("own", delivery.own.into()),
                ]);
                let payload = delivery.payload.into_value();
                let callbacks: Vec<_> = {
                    let desk = self.0.borrow();
                    let of = |(_, id, _): &&(SubscriberId, ChannelId, Function)| *id == channel;
                    desk.subscribers.iter().filter(of).map(|(_, _, call)| call.clone()).collect()
                };
                for callback in callbacks {
                    call(&callback, [&payload, &meta]);
                }
            }
            Event::Error(_, error) | Event::Channel(_, _, _, _, Some(error)) => {
                self.tell("error", [&to_js(&error), NONE]);
            }
            Event::Send(send, progress) => self.settle(send, progress),
            Event::Queue(depth) => self.tell("queue", [&(depth as f64).into(), NONE]),
            Event::Quality(_) | Event::Gap(_) | Event::Channel(..) => {}
        }
    }

    fn did(&self, _what: &'static str, _code: Option<u16>) {}
}

pub(super) struct Inner {
    driver: Rc<Driver>,
    desk: Rc<RefCell<Desk>>,
    options: RefCell<JsValue>,
}

impl Inner {
    fn new(options: JsValue) -> Result<Rc<Self>, JsValue> {
        let desk = Rc::new(RefCell::new(Desk::default()));
        let dispatch = Dispatch(desk.clone());
        let driver = start(options.clone(), |_| Box::new(dispatch))?;
        driver.with(|_, _| {});
        Ok(Rc::new(Self { driver, desk, options: options.into() }))
    }

    pub(super) fn subscribe(
        self: &Rc<Self>,
        channel: &str,
        options: JsValue,
        callback: JsValue,
    ) -> Result<Function, JsValue> {
        let callback = match callback.is_null() || callback.is_undefined() {
            true => None,
            false => Some(function(callback, "callback")?),
        };
        let subscription = config::subscription(options)?;
        let subscriber = SubscriberId(self.desk.borrow_mut().ids.next());
        let subscribed = self.driver.with(|client, now| {
            let subscribed = client.subscribe(now, subscriber, channel, subscription);
            if let (Ok(id), Some(callback)) = (&subscribed, callback) {
                self.desk.borrow_mut().subscribers.push((subscriber, *id, callback));
            }
            subscribed
        });
        subscribed.map_err(|error| to_js(&error))?;
        let inner = self.clone();
        Ok(undo(move || inner.unsubscribe(subscriber)))
    }

    fn unsubscribe(&self, subscriber: SubscriberId) {
        self.desk.borrow_mut().subscribers.retain(|(id, ..)| *id != subscriber);
        self.driver.with(|client, now| client.unsubscribe(now, subscriber));
    }

    pub(super) fn send(
        &self,
        channel: &str,
        message: &JsValue,
        options: JsValue,
    ) -> Result<Promise, JsValue> {
        if channel.is_empty() {
            return Err(invalid("channel must be a non-empty string"));
        }
        let options = config::send_options(options)?;
        let text = JSON::stringify(message).ok().filter(|text| text.is_string());
        let text =
            text.ok_or_else(|| invalid("message must be JSON: no cycles, functions, BigInt"))?;
        let send = SendId(self.desk.borrow_mut().ids.next());
        let message = Message {
            send,
            channel: channel.into(),
            id: new_id(),
            event: options.event,
            bytes: text.length() as usize,
            payload: JsPayload::Text(text),
            ack: options.ack,
            timeout_ms: options.timeout_ms,
            ttl_ms: options.ttl_ms,
        };
        let promise = Promise::new(&mut |resolve, reject| {
            self.desk.borrow_mut().sends.push((send, resolve, reject));
        });
        // A failure nobody waits for is no unhandled rejection.
        IGNORE.with(|ignore| {
            let _ = promise.catch(ignore);
        });
        self.driver.with(|client, now| {
            if options.ephemeral {
                client.send_ephemeral(now, &message);
            } else {
                client.send(now, message);
            }
        });
        Ok(promise)
    }

    pub(super) fn on(self: &Rc<Self>, event: String, listener: Function) -> Function {
        let id = {
            let mut desk = self.desk.borrow_mut();
            let id = desk.ids.next();
            desk.listeners.push((id, event, listener));
            id
        };
        let inner = self.clone();
        undo(move || {
            inner.desk.borrow_mut().listeners.retain(|(held, ..)| *held != id);
        })
    }

    pub(super) fn state(&self) -> State {
        self.driver.with(|client, _| client.link().state())
    }

    pub(super) fn stats(&self) -> JsValue {
        stats::registry(&self.driver)
    }

    /// The state of the channel of this name, `None` if nobody uses it.
    pub(super) fn channel_is_ready(&self, name: &str) -> Option<bool> {
        self.driver.with(|client, _| {
            let channels = client.channels();
            let channel = channels.get(channels.find(name)?)?;
            Some(channel.state() == crate::core::channel::ChannelState::Ready)
        })
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn random_values(into: &Uint8Array);
}

thread_local! {
    static IGNORE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
    static DEFAULT: RefCell<Option<Rc<Inner>>> = const { RefCell::new(None) };
}

/// A function that takes something back; calling it again does nothing more.
pub(super) fn undo(act: impl Fn() + 'static) -> Function {
    Closure::<dyn Fn()>::new(act).into_js_value().unchecked_into()
}

/// The default client, made when it is first asked for.
pub(super) fn default_client() -> Result<Rc<Inner>, JsValue> {
    if let Some(inner) = DEFAULT.with_borrow(Clone::clone) {
        return Ok(inner);
    }
    let inner = Inner::new(JsValue::UNDEFINED)?;
    DEFAULT.set(Some(inner.clone()));
    Ok(inner)
}

/// 128 random bits in hex: `crypto.randomUUID` is missing on pages without TLS.
fn new_id() -> String {
    let bytes = Uint8Array::new_with_length(16);
    random_values(&bytes);
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.to_vec().into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A realtime client: one connection, made when first needed and closed when not.
#[wasm_bindgen]
pub struct RealtimeClient {
    inner: Rc<Inner>,
}

#[wasm_bindgen]
impl RealtimeClient {
    /// A client of its own, with the options of the package's `createRealtimeClient`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "object | undefined")] options: JsValue,
    ) -> Result<Self, JsValue> {
        Ok(Self { inner: Inner::new(options)? })
    }

    /// Changes options: the given ones replace all former ones.
    pub fn configure(
        &self,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> Result<(), JsValue> {
        let before = self.inner.options.replace(options.clone());
        configure(&self.inner.driver, &before, options)
    }

    /// Subscribes to a channel; returns the function that unsubscribes. Throws
    /// `invalid_argument` and `channel_limit`.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn subscribe(
        &self,
        channel: &str,
        #[wasm_bindgen(unchecked_param_type = "object | null | undefined")] options: JsValue,
        #[wasm_bindgen(
            unchecked_param_type = "((message: any, meta: { event?: string, id?: string, own: boolean }) => void) | null | undefined"
        )]
        callback: JsValue,
    ) -> Result<Function, JsValue> {
        self.inner.subscribe(channel, options, callback)
    }

    /// Sends a message; resolves with `{ confirmed, seq?, payload? }` or rejects with the reason.
    #[wasm_bindgen(
        unchecked_return_type = "Promise<{ confirmed: boolean, seq?: number, payload?: unknown }>"
    )]
    pub fn send(
        &self,
        channel: &str,
        message: JsValue,
        #[wasm_bindgen(unchecked_param_type = "object | undefined")] options: JsValue,
    ) -> Result<Promise, JsValue> {
        self.inner.send(channel, &message, options)
    }

    /// Connects without any channel; resolves when ready.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn connect(&self) -> Promise {
        let promise = Promise::new(&mut |resolve, reject| {
            self.inner.desk.borrow_mut().connecting.push((resolve, reject));
        });
        self.inner.driver.with(|client, now| client.connect(now));
        if self.inner.state() == State::Ready {
            Dispatch(self.inner.desk.clone()).settle_connecting(Ok(()));
        }
        promise
    }

    /// Closes the connection until something new is wanted.
    pub fn disconnect(&self) {
        self.inner.driver.with(|client, now| client.disconnect(now));
    }

    /// Ends the client for good.
    pub fn destroy(&self) {
        self.inner.driver.leave_page();
        self.inner.driver.with(|client, now| client.destroy(now));
    }

    /// Gives a new token, or `null` for none.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: Option<String>) {
        self.inner.driver.with(|client, now| client.set_token(now, grant(token)));
    }

    /// Listens to `state`, `error` or `queue`; returns the function that stops it.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn on(&self, event: String, listener: Function) -> Function {
        self.inner.on(event, listener)
    }

    /// Where the connection stands.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        stats::link_state_name(self.inner.state()).to_owned()
    }

    /// The state under the original client's names.
    #[wasm_bindgen(js_name = getState)]
    pub fn get_state(&self) -> String {
        let name = match self.inner.state() {
            State::Idle | State::Paused | State::Offline | State::Closed => "disconnected",
            State::Connecting | State::Reconnecting => "connecting",
            State::Authenticating => "connected",
            State::Ready => "authenticated",
            State::Failed => "error",
        };
        name.to_owned()
    }

    /// Whether messages flow.
    #[wasm_bindgen(js_name = isReady)]
    pub fn is_ready(&self) -> bool {
        self.inner.state() == State::Ready
    }

    /// Counters since the client was made.
    #[wasm_bindgen(js_name = getMetrics)]
    pub fn get_metrics(&self) -> JsValue {
        stats::metrics(&self.inner.driver)
    }

    /// The open channels with their counters.
    #[wasm_bindgen(js_name = getChannelStats)]
    pub fn get_channel_stats(&self) -> JsValue {
        self.inner.stats()
    }
}

/// The default client: one for everybody who asks.
#[wasm_bindgen(js_name = realtimeClient)]
pub fn realtime_client() -> Result<RealtimeClient, JsValue> {
    Ok(RealtimeClient { inner: default_client()? })
}

/// Subscribes on the default client; returns the function that unsubscribes. Not a React hook.
#[wasm_bindgen(js_name = useRealtimeChannel, unchecked_return_type = "() => void")]
pub fn use_realtime_channel(
    channel: &str,
    #[wasm_bindgen(unchecked_param_type = "object | null | undefined")] options: JsValue,
    #[wasm_bindgen(
        unchecked_param_type = "((message: any, meta: object) => void) | null | undefined"
    )]
    callback: JsValue,
) -> Result<Function, JsValue> {
    default_client()?.subscribe(channel, options, callback)
}
