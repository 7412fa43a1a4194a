//! The client of the bare module, for those who load the wasm themselves.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::credentials::{Sources, grant_of};
use super::serialize;
use crate::core::config::{Config, ProtocolKind, Reconnect};
use crate::core::error::{Code, Error};
use crate::core::event::{Event, SendProgress};
use crate::core::id::{ChannelId, Counter, Origin, RequestId, SendId, SocketId, SubscriberId};
use crate::core::outbox::OutgoingMessage;
use crate::core::state::State;
use crate::engine::config::{self, member, number, wrong};
use crate::engine::error::{invalid, object, to_js};
use crate::engine::sink::{ack, report};
use crate::engine::start;
use crate::engine::stats;
use crate::web::{Driver, Host, JsPayload, utf8_length};

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
struct Dispatch {
    desk: Rc<RefCell<Desk>>,
    /// The driver that tells it: asked questions are answered to it.
    driver: Rc<RefCell<Weak<Driver>>>,
    sources: Rc<RefCell<Sources>>,
}

impl Dispatch {
    fn tell(&self, event: &str, values: [&JsValue; 2]) {
        let listeners: Vec<_> = {
            let desk = self.desk.borrow();
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
            let mut desk = self.desk.borrow_mut();
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
}

const NONE: &JsValue = &JsValue::UNDEFINED;

fn settle_connecting(desk: &RefCell<Desk>, failure: Option<&JsValue>) {
    let waiting = desk.borrow_mut().take_connecting();
    for (resolve, reject) in waiting {
        match failure {
            None => call(&resolve, [NONE, NONE]),
            Some(error) => call(&reject, [error, NONE]),
        }
    }
}

fn call(function: &Function, values: [&JsValue; 2]) {
    if let Err(error) = function.call2(NONE, values[0], values[1]) {
        report(&error);
    }
}

impl Host for Dispatch {
    fn event(&self, event: Event<JsPayload>) {
        match event {
            Event::State(state, reason, error) => {
                let error = error.as_ref().map(to_js);
                match state {
                    State::Ready => settle_connecting(&self.desk, None),
                    State::Failed => settle_connecting(&self.desk, error.as_ref()),
                    State::Idle | State::Closed => {
                        let aborted = to_js(&Error::new(Code::Aborted));
                        settle_connecting(&self.desk, Some(&aborted));
                    }
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
                    ("event", delivery.event.map(|payload| payload.0).unwrap_or_default()),
                    ("id", delivery.id.map(|payload| payload.0).unwrap_or_default()),
                    ("own", delivery.own.into()),
                ]);
                let payload = delivery.payload.0;
                let of = |(_, id, _): &&(SubscriberId, ChannelId, Function)| *id == channel;
                let present: Vec<_> =
                    self.desk.borrow().subscribers.iter().filter(of).map(|(id, ..)| *id).collect();
                for subscriber in present {
                    // An earlier callback may have taken this one back.
                    let callback = self.desk.borrow().callback(subscriber);
                    if let Some(callback) = callback {
                        call(&callback, [&payload, &meta]);
                    }
                }
            }
            Event::Error(_, error) | Event::Channel(_, _, _, _, Some(error)) => {
                self.tell("error", [&to_js(&error), NONE]);
            }
            Event::Send(send, progress) => self.settle(send, progress),
            Event::Queue(depth) => self.tell("queue", [&(depth as f64).into(), NONE]),
            // The bare client offers none of these.
            _ => {}
        }
    }

    fn request_address(&self, socket: SocketId) {
        let (driver, sources) = (self.driver.clone(), self.sources.borrow().clone());
        spawn_local(async move {
            let address = sources.address().await;
            let driver = driver.borrow().upgrade();
            if let Some(driver) = driver {
                driver.answer_address(socket, address);
            }
        });
    }

    fn request_token(&self, request: RequestId) {
        let (driver, sources) = (self.driver.clone(), self.sources.borrow().clone());
        spawn_local(async move {
            let answer = sources.token().await;
            let driver = driver.borrow().upgrade();
            if let Some(driver) = driver {
                driver.answer_token(request, answer);
            }
        });
    }

    fn log(&self, _what: &'static str, _code: Option<u16>) {}
}

impl Desk {
    fn callback(&self, subscriber: SubscriberId) -> Option<Function> {
        let held = self.subscribers.iter().find(|(id, ..)| *id == subscriber);
        held.map(|(_, _, callback)| callback.clone())
    }

    /// Settles every `connect()` that waits.
    fn take_connecting(&mut self) -> Vec<(Function, Function)> {
        core::mem::take(&mut self.connecting)
    }
}

/// The options, as far as the bare module has what they need. It adds no address rules of other
/// protocols, has no database changes, and inflates nothing.
fn config_of(options: &JsValue) -> Result<Config, JsValue> {
    let config = config::read(options)?;
    match config.protocol {
        ProtocolKind::Tidewire => Ok(Config { inflates: false, ..config }),
        _ => Err(wrong("", "protocol", "'tidewire' here; the npm package speaks the others")),
    }
}

/// Sources, or an error that names the option.
fn sources_of(options: &JsValue) -> Result<Sources, JsValue> {
    Sources::of(options).map_err(|words| invalid(&["options.url is ", &words].concat()))
}

/// The function an argument must be.
fn function(value: JsValue, name: &str) -> Result<Function, JsValue> {
    value.dyn_into().map_err(|_| invalid(&[name, " must be a function"].concat()))
}

pub(super) struct Inner {
    driver: Rc<Driver>,
    desk: Rc<RefCell<Desk>>,
    sources: Rc<RefCell<Sources>>,
}

impl Inner {
    fn new(options: &JsValue) -> Result<Rc<Self>, JsValue> {
        let desk = Rc::new(RefCell::new(Desk::default()));
        let held = Rc::new(RefCell::new(Weak::new()));
        let (config, sources) = (config_of(options)?, sources_of(options)?);
        let sources = Rc::new(RefCell::new(sources));
        let dispatch =
            Dispatch { desk: desk.clone(), driver: held.clone(), sources: sources.clone() };
        let driver = start(config, Box::new(dispatch));
        held.replace(Rc::downgrade(&driver));
        Ok(Rc::new(Self { driver, desk, sources }))
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
        let subscription = config::subscription(&options)?;
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
        let timeout_ms = number(&options, ("", "timeoutMs"), 1)?;
        let ttl_ms = number(&options, ("", "ttlMs"), 0)?;
        let text = serialize::serialise(message, "message")?;
        let ephemeral = member(&options, "ephemeral").is_truthy();
        let send = SendId(self.desk.borrow_mut().ids.next());
        let message = OutgoingMessage {
            origin: Origin::App(send),
            channel: channel.into(),
            id: new_id(),
            event: member(&options, "event").as_string(),
            bytes: utf8_length(&text),
            payload: JsPayload(text.into()),
            ack: member(&options, "ack") != JsValue::FALSE,
            timeout_ms,
            ttl_ms,
        };
        let promise = Promise::new(&mut |resolve, reject| {
            self.desk.borrow_mut().sends.push((send, resolve, reject));
        });
        // A failure nobody waits for is no unhandled rejection.
        IGNORE.with(|ignore| {
            let _ = promise.catch(ignore);
        });
        self.driver.with(|client, now| {
            if ephemeral {
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
        self.driver.with(|client, _| client.connection().state())
    }

    pub(super) fn stats(&self) -> JsValue {
        stats::registry(&self.driver)
    }

    /// The state of the channel of this name, `None` if nobody uses it.
    pub(super) fn channel_is_ready(&self, name: &str) -> Option<bool> {
        self.driver.with(|client, _| {
            let channels = client.channels();
            let channel = channels.get(channels.find(name)?)?;
            Some(channel.state() == crate::core::state::ChannelState::Ready)
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
    let inner = Inner::new(&JsValue::UNDEFINED)?;
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
        Ok(Self { inner: Inner::new(&options)? })
    }

    /// Changes options: the given ones replace all former ones.
    pub fn configure(
        &self,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> Result<(), JsValue> {
        let (config, next) = (config_of(&options)?, sources_of(&options)?);
        let moved = !self.inner.sources.borrow().same_address(&next);
        self.inner.sources.replace(next);
        let reconnect = if moved { Reconnect::Always } else { Reconnect::IfNeeded };
        self.inner.driver.with(|client, now| client.configure(now, config, reconnect));
        Ok(())
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
        match self.inner.state() {
            State::Ready => settle_connecting(&self.inner.desk, None),
            State::Closed => {
                settle_connecting(&self.inner.desk, Some(&to_js(&Error::new(Code::Destroyed))));
            }
            _ => {}
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
        self.inner.driver.with(|client, now| client.set_token(now, token.map(grant_of)));
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
