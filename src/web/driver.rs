//! The driver, the only owner of the client. All inputs and calls go through [`Driver::with`], and all outputs are
//! executed in one loop while nothing is borrowed, so that callbacks may call the client.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use core::cell::{Cell, RefCell};

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::address::{Url, complete};
use super::clock::Clock;
use super::codec;
use super::page::PageEvents;
use super::payload::JsPayload;
use super::socket::{Socket, SocketUpdate};
use super::timer::Timer;
use crate::core::client::Client;
use crate::core::config::{Config, ServerHost};
use crate::core::event::Event;
use crate::core::id::{RequestId, SocketId};
use crate::core::input::{ClosedBy, Input, Received};
use crate::core::message_head::{FrameShape, MessageHead, Receipt};
use crate::core::outbox::OutgoingMessage;
use crate::core::output::Output;
use crate::core::protocol::address::{default_path, subprotocols};
use crate::core::time::Instant;
use crate::core::token::{Grant, Token};

/// The owner of a driver: receives every event, and the requests that only the app can answer. It must not throw;
/// it may call back.
pub(crate) trait Host {
    /// The client emits an event.
    fn event(&self, event: Event<JsPayload>);
    /// Reports the progress of sends that [`Host::event`] only noted; returns whether there was any.
    fn report_sends(&self) -> bool {
        false
    }
    /// The address for this socket is requested: answered with [`Driver::answer_address`]. Without one in the options it is this path
    /// on the page's host.
    fn request_address(&self, socket: SocketId, default_path: &'static str);
    /// A token is requested: answered with [`Driver::answer_token`].
    fn request_token(&self, request: RequestId);
    /// This binary message is to be inflated, to no more than so many bytes:
    /// [`Driver::answer_inflate`]. A host without `inflates` receives no such request.
    fn request_inflate(&self, _request: u32, _bytes: &JsValue, _max_bytes: u64) {}
    /// Returns the listener of the messages of a socket, if the host reads their heads:
    /// [`Driver::receive`], and for all others [`Driver::receive_value`] and [`Driver::receive_data`].
    fn message_listener(&self, _socket: SocketId, _shape: FrameShape) -> Option<Function> {
        None
    }
    /// Reports an action of the driver, for the debug log.
    fn log(&self, what: &'static str, code: Option<u16>);
}

/// The present socket, or the one to be opened.
enum SocketSlot {
    None,
    /// Its address is requested.
    AwaitingAddress {
        id: SocketId,
        token: Option<Token>,
    },
    Open {
        id: SocketId,
        socket: Socket,
    },
}

/// Updates of the socket, in order: one message is inflated at a time, and all behind it are queued.
#[derive(Default)]
struct Inbox {
    /// The latest inflating.
    request: u32,
    /// The updates received while a message is being inflated.
    queued_while_inflating: Option<VecDeque<(SocketId, SocketUpdate)>>,
}

/// The close code of a socket that did not open in time.
const NORMAL: u16 = 1000;

/// Runs a client in a browser.
pub(crate) struct Driver {
    client: RefCell<Client<JsPayload>>,
    clock: Clock,
    timer: Timer,
    socket: RefCell<SocketSlot>,
    inbox: RefCell<Inbox>,
    page: RefCell<Option<PageEvents>>,
    draining: Cell<bool>,
    host: Box<dyn Host>,
    me: Weak<Self>,
}

impl Driver {
    /// Creates a driver and passes the state of the page to its client.
    pub(crate) fn new(mut config: Config, seed: u64, host: Box<dyn Host>) -> Rc<Self> {
        let clock = Clock::new();
        let (now, _) = clock.now();
        let began_ms = clock.wall_ms(Instant::from_ms(0));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
        {
            config.clock_began_ms = began_ms as u64;
        }
        let driver = Rc::new_cyclic(|me| Self {
            client: RefCell::new(Client::new(config, seed, now)),
            clock,
            timer: Timer::new({
                let me: Weak<Self> = me.clone();
                move || {
                    if let Some(driver) = me.upgrade() {
                        driver.timer.fired();
                        driver.with(Client::handle_timeout);
                    }
                }
            }),
            socket: RefCell::new(SocketSlot::None),
            inbox: RefCell::default(),
            page: RefCell::new(None),
            draining: Cell::new(false),
            host,
            me: me.clone(),
        });
        let me = driver.me.clone();
        let page = PageEvents::listen(move |input| {
            let Some(driver) = me.upgrade() else { return };
            match input {
                Some(input) => driver.input(input),
                None => driver.drain(),
            }
        });
        driver.page.replace(page);
        driver
    }

    /// Removes the listeners of page events.
    pub(crate) fn leave_page(&self) {
        self.page.replace(None);
    }

    /// The wall time of an instant, in milliseconds since 1970.
    pub(crate) fn wall_ms(&self, at: Instant) -> f64 {
        self.clock.wall_ms(at)
    }

    /// Calls the client at the present time, then executes its outputs.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Client<JsPayload>, Instant) -> R) -> R {
        let now = self.sync_before_call();
        let result = act(&mut self.client.borrow_mut(), now);
        self.drain();
        result
    }

    /// Queues a message, to be sent together with others by [`Driver::drain`], which every other call and input does.
    pub(crate) fn enqueue(&self, message: OutgoingMessage<JsPayload>) {
        // The time counts for the first one only.
        let now = if self.look(Client::has_enqueued) {
            Instant::from_ms(0)
        } else {
            self.sync_before_call()
        };
        self.client.borrow_mut().enqueue(now, message);
    }

    /// Reads from the client.
    pub(crate) fn look<R>(&self, at: impl FnOnce(&Client<JsPayload>) -> R) -> R {
        at(&self.client.borrow())
    }

    /// Updates the client before a call of the app: a socket that is closing accepts no more messages.
    #[inline(never)]
    fn sync_before_call(&self) -> Instant {
        if let Some(closing) = self.closing() {
            self.feed(Some(Input::SocketClosing(closing)));
        }
        self.feed(None)
    }

    #[inline(never)]
    fn input(&self, input: Input<JsPayload>) {
        self.feed(Some(input));
        self.drain();
    }

    /// Reads the clock, and passes an input to the client.
    fn feed(&self, input: Option<Input<JsPayload>>) -> Instant {
        let (now, woke) = self.clock.now();
        let woke = woke.then_some(Input::Woke);
        let mut client = self.client.borrow_mut();
        for input in woke.into_iter().chain(input) {
            client.handle_input(now, input);
        }
        now
    }

    /// The socket that is closing, though its close event did not come yet.
    fn closing(&self) -> Option<SocketId> {
        match &*self.socket.borrow() {
            SocketSlot::Open { id, socket } if socket.is_closing() => Some(*id),
            _ => None,
        }
    }

    /// Executes the client's outputs, and sets the timer.
    pub(crate) fn drain(&self) {
        if self.draining.replace(true) {
            // Called from within the loop below, which continues.
            return;
        }
        self.client.borrow_mut().send_enqueued();
        loop {
            let output = self.client.borrow_mut().poll_output();
            match output {
                Some(output) => self.perform(output),
                // Reports may cause calls, and those outputs.
                None if self.host.report_sends() => {}
                None => break,
            }
        }
        self.draining.set(false);
        let due = self.client.borrow().poll_timeout().map(|(due, _)| due);
        let (now, _) = self.clock.now();
        self.timer.arm(now, due);
    }

    fn perform(&self, output: Output<JsPayload>) {
        match output {
            Output::Open(id, token) => {
                self.socket.replace(SocketSlot::AwaitingAddress { id, token });
                let protocol = self.client.borrow().config().protocol;
                self.host.request_address(id, default_path(protocol));
            }
            Output::Close(_, code) => {
                if let Some(socket) = self.detach_socket(code) {
                    socket.close(code);
                }
            }
            Output::Abort(_) => {
                if let Some(socket) = self.detach_socket(NORMAL) {
                    socket.abort(NORMAL);
                }
            }
            Output::Transmit(_, frames) => {
                // An engine that crashes must not have sent a message without reporting it.
                self.host.report_sends();
                if let SocketSlot::Open { socket, .. } = &*self.socket.borrow() {
                    let (message, size) = codec::message(frames);
                    socket.send(&message);
                    self.client.borrow_mut().note_sent(size);
                }
            }
            Output::FetchToken(request) => self.host.request_token(request),
            Output::Event(event) => self.host.event(event),
        }
    }

    /// Detaches the present socket: its further updates are ignored.
    fn detach_socket(&self, code: u16) -> Option<Socket> {
        self.inbox.replace_with(|inbox| Inbox {
            request: inbox.request + 1,
            queued_while_inflating: None,
        });
        let SocketSlot::Open { socket, .. } = self.socket.replace(SocketSlot::None) else {
            return None;
        };
        self.host.log("socket close", Some(code));
        Some(socket)
    }

    /// Opens the socket at the requested address, with the app's own subprotocols behind
    /// the token's, unless it is not wanted any more.
    pub(crate) fn answer_address(&self, id: SocketId, address: Result<(Url, Array), String>) {
        if let Ok((url, _)) = &address
            && matches!(&*self.socket.borrow(), SocketSlot::AwaitingAddress { id: wanted, .. } if *wanted == id)
        {
            // It can end the attempt.
            self.input(Input::ServerHost(ServerHost::of(&url.href())));
        }
        let offered = match &*self.socket.borrow() {
            SocketSlot::AwaitingAddress { id: wanted, token } if *wanted == id => token.clone(),
            _ => return,
        };
        let opened = address.map_err(ClosedBy::BadUrl).and_then(|(url, protocols)| {
            let own = offered.map_or_else(Array::new, |token| self.subprotocols(&token));
            complete(&url, self.client.borrow().config());
            let me = self.me.clone();
            let shape = self.client.borrow().profile().frame_shape();
            let on_message = self.host.message_listener(id, shape);
            let protocols = own.concat(&protocols);
            Socket::open(&url.href(), &protocols, on_message.as_ref(), move |update| {
                if let Some(driver) = me.upgrade() {
                    driver.on_update(id, update);
                }
            })
            .map_err(|error| {
                let name = js_sys::Reflect::get(&error, &"name".into()).ok();
                if name.and_then(|name| name.as_string()).as_deref() == Some("SecurityError") {
                    ClosedBy::Blocked(
                        "the page may not connect there: connect-src of its Content-Security-Policy, or ws: on an https: page"
                            .to_owned(),
                    )
                } else {
                    ClosedBy::BadUrl("the browser rejected the address or a subprotocol".to_owned())
                }
            })
        });
        match opened {
            Ok(socket) => {
                self.host.log("socket open", None);
                self.socket.replace(SocketSlot::Open { id, socket });
            }
            Err(by) => self.input(Input::SocketClosed(id, by)),
        }
    }

    /// The subprotocols that offer a token.
    fn subprotocols(&self, token: &Token) -> Array {
        let (first, second) = subprotocols(self.client.borrow().config().protocol, token);
        Array::of2(&first.into(), &second.into())
    }

    /// Calls the app's `dedupKey` for a message's id, where there is one.
    fn keyed(&self, received: Received<JsPayload>) -> Received<JsPayload> {
        let Received::Value(value) = received else { return received };
        let by = self.client.borrow().dedup_key(&value);
        // Nothing is borrowed: the function is the app's.
        let key = by.and_then(|by| {
            by.0.dyn_ref::<Function>()?.call1(&JsValue::UNDEFINED, &value.0).ok()?.as_string()
        });
        match key {
            Some(key) => Received::Keyed(value, key),
            None => Received::Value(value),
        }
    }

    /// Passes the app's answer to the client.
    pub(crate) fn answer_token(
        &self,
        request: RequestId,
        answer: Result<Option<Box<Grant>>, String>,
    ) {
        self.input(Input::Token(request, answer));
    }

    /// Continues with the inflated text, or without it if it is invalid.
    pub(crate) fn answer_inflate(&self, request: u32, text: &JsValue) {
        let queued_while_inflating = {
            let mut inbox = self.inbox.borrow_mut();
            if inbox.request != request {
                return;
            }
            inbox.queued_while_inflating.take()
        };
        let mut queued_while_inflating = queued_while_inflating.unwrap_or_default();
        let Some((id, _)) = queued_while_inflating.pop_front() else { return };
        self.handle_update(id, SocketUpdate::Message(text.clone()));
        while let Some((id, update)) = queued_while_inflating.pop_front() {
            self.on_update(id, update);
        }
    }

    /// Decides on a message by its head; see [`Client::receive`]. `wall_ms` is the time by the wall clock.
    pub(crate) fn receive(&self, head: MessageHead, wall_ms: f64) -> Receipt {
        if self.draining.get() || self.inbox.borrow().queued_while_inflating.is_some() {
            return Receipt::Undecided;
        }
        let Some(now) = self.clock.at_wall_ms(wall_ms) else { return Receipt::Undecided };
        self.client.borrow_mut().receive(now, head)
    }

    /// Passes a message of the socket to the client: the value of its text, and the size of the text.
    pub(crate) fn receive_value(&self, id: SocketId, value: JsValue, units: usize) {
        self.on_update(id, SocketUpdate::Value(value, units));
    }

    /// Passes a message of the socket to the client, as the browser emitted it.
    pub(crate) fn receive_data(&self, id: SocketId, data: JsValue) {
        self.on_update(id, SocketUpdate::Message(data));
    }

    fn on_update(&self, id: SocketId, update: SocketUpdate) {
        {
            let mut inbox = self.inbox.borrow_mut();
            if let Some(queued_while_inflating) = &mut inbox.queued_while_inflating {
                queued_while_inflating.push_back((id, update));
                return;
            }
            if let SocketUpdate::Message(data) = &update
                && data.is_object()
                && self.client.borrow().inflates()
            {
                inbox.request = inbox.request.wrapping_add(1);
                let request = inbox.request;
                let data = data.clone();
                inbox.queued_while_inflating = Some(VecDeque::from([(id, update)]));
                drop(inbox);
                let limit = self.client.borrow().config().max_frame_bytes;
                self.host.request_inflate(request, &data, limit);
                return;
            }
        }
        self.handle_update(id, update);
    }

    fn handle_update(&self, id: SocketId, update: SocketUpdate) {
        self.input(match update {
            SocketUpdate::Opened => Input::SocketOpened(id),
            SocketUpdate::Message(data) => {
                let (received, size) = codec::receive(&data, self.client.borrow().config());
                Input::SocketFrame(id, self.keyed(received), size)
            }
            SocketUpdate::Value(value, units) => {
                Input::SocketFrame(id, self.keyed(Received::Value(JsPayload(value))), units)
            }
            SocketUpdate::Errored => Input::SocketErrored(id),
            SocketUpdate::Blocked(message) => {
                self.host.log("socket blocked", None);
                Input::SocketClosed(id, ClosedBy::Blocked(message))
            }
            SocketUpdate::Closed(code, message) => {
                self.host.log("socket closed", Some(code));
                Input::SocketClosed(id, ClosedBy::Peer(code, message))
            }
        });
    }
}
