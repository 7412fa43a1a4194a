//! The only owner of the client. Everything that happens enters by [`Driver::with`], and
//! everything the client wants is done in one loop, while nothing is borrowed: whoever is
//! called may call back.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use core::cell::{Cell, RefCell};

use js_sys::Array;

use super::clock::Clock;
use super::codec;
use super::page::PageEvents;
use super::payload::JsPayload;
use super::socket::{Socket, Told};
use super::timer::Timer;
use crate::core::client::Client;
use crate::core::config::Config;
use crate::core::id::{RequestId, SocketId};
use crate::core::io::{ClosedBy, Event, Grant, Input, Output, Token};
use crate::core::time::Instant;

/// Whoever has a driver: told everything, and asked what only the app knows. It must not throw;
/// it may call back.
pub(crate) trait Host {
    /// The client tells something.
    fn event(&self, event: Event<JsPayload>);
    /// The address for this socket is wanted: [`Driver::answer_address`].
    fn ask_address(&self, socket: SocketId);
    /// A token is wanted: [`Driver::answer_token`].
    fn ask_token(&self, request: RequestId);
    /// The driver did something: for the debug log.
    fn did(&self, what: &'static str, code: Option<u16>);
}

/// The socket there is, or is to be.
enum Held {
    None,
    /// Its address is being asked for.
    Wanted {
        id: SocketId,
        token: Option<Token>,
    },
    Open {
        id: SocketId,
        socket: Socket,
    },
}

/// Runs a client in a browser.
pub(crate) struct Driver {
    client: RefCell<Client<JsPayload>>,
    clock: Clock,
    timer: Timer,
    socket: RefCell<Held>,
    page: RefCell<Option<PageEvents>>,
    draining: Cell<bool>,
    host: Box<dyn Host>,
    me: Weak<Self>,
}

impl Driver {
    /// A driver whose client has been told how the page stands.
    pub(crate) fn new(config: Config, seed: u64, host: Box<dyn Host>) -> Rc<Self> {
        let clock = Clock::new();
        let (now, _) = clock.now();
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
            socket: RefCell::new(Held::None),
            page: RefCell::new(None),
            draining: Cell::new(false),
            host,
            me: me.clone(),
        });
        let me = driver.me.clone();
        let page = PageEvents::listen(move |input| {
            if let Some(driver) = me.upgrade() {
                driver.input(input);
            }
        });
        driver.page.replace(page);
        driver
    }

    /// Hears nothing of the page any more.
    pub(crate) fn leave_page(&self) {
        self.page.replace(None);
    }

    /// The wall time of an instant, in milliseconds since 1970.
    pub(crate) fn wall_ms(&self, at: Instant) -> f64 {
        self.clock.wall_ms(at)
    }

    /// Does something with the client at the present time, then all that follows from it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Client<JsPayload>, Instant) -> R) -> R {
        let now = self.begin();
        let result = act(&mut self.client.borrow_mut(), now);
        self.drain();
        result
    }

    /// What comes before everything the app wants: a socket that closes takes nothing more.
    #[inline(never)]
    fn begin(&self) -> Instant {
        if let Some(closing) = self.closing() {
            self.enter(Some(Input::SocketClosing(closing)));
        }
        self.enter(None)
    }

    #[inline(never)]
    fn input(&self, input: Input<JsPayload>) {
        self.enter(Some(input));
        self.drain();
    }

    /// Reads the clock, and lets the client take something in.
    fn enter(&self, input: Option<Input<JsPayload>>) -> Instant {
        let (now, woke) = self.clock.now();
        let woke = woke.then_some(Input::Woke);
        let mut client = self.client.borrow_mut();
        for input in woke.into_iter().chain(input) {
            client.handle_input(now, input);
        }
        now
    }

    /// The socket that takes nothing more, though its close was not told yet.
    fn closing(&self) -> Option<SocketId> {
        match &*self.socket.borrow() {
            Held::Open { id, socket } if socket.is_closing() => Some(*id),
            _ => None,
        }
    }

    fn drain(&self) {
        if self.draining.replace(true) {
            // Called from within the loop below, which goes on.
            return;
        }
        loop {
            let Some(output) = self.client.borrow_mut().poll_output() else { break };
            self.perform(output);
        }
        self.draining.set(false);
        let due = self.client.borrow().poll_timeout();
        let (now, _) = self.clock.now();
        self.timer.arm(now, due);
    }

    fn perform(&self, output: Output<JsPayload>) {
        match output {
            Output::Open(id, token) => {
                self.socket.replace(Held::Wanted { id, token });
                self.host.ask_address(id);
            }
            Output::Close(_, code) => {
                if let Held::Open { socket, .. } = self.socket.replace(Held::None) {
                    self.host.did("socket close", Some(code));
                    socket.close(code);
                }
            }
            Output::Transmit(_, frames) => {
                if let Held::Open { socket, .. } = &*self.socket.borrow() {
                    let text = codec::encode(frames);
                    socket.send(&text);
                    self.client.borrow_mut().note_sent(text.length() as usize);
                }
            }
            Output::FetchToken(request) => self.host.ask_token(request),
            Output::Event(event) => self.host.event(event),
        }
    }

    /// Opens the socket at the address it was asked for, with the app's own subprotocols behind
    /// the token's, unless it is not wanted any more.
    pub(crate) fn answer_address(&self, id: SocketId, address: Result<(String, Array), String>) {
        let offered = match &*self.socket.borrow() {
            Held::Wanted { id: wanted, token } if *wanted == id => token.clone(),
            _ => return,
        };
        let opened = address.and_then(|(url, protocols)| {
            let own = offered
                .map_or_else(Array::new, |token| Array::of2(&"jwt".into(), &token.reveal().into()));
            let me = self.me.clone();
            Socket::open(&url, &own.concat(&protocols), move |told| {
                if let Some(driver) = me.upgrade() {
                    driver.told(id, told);
                }
            })
            .map_err(|_| "the browser refused the address or a subprotocol".to_owned())
        });
        match opened {
            Ok(socket) => {
                self.host.did("socket open", None);
                self.socket.replace(Held::Open { id, socket });
            }
            Err(words) => self.input(Input::SocketClosed(id, ClosedBy::BadUrl(words))),
        }
    }

    /// Hands the app's answer to the client.
    pub(crate) fn answer_token(
        &self,
        request: RequestId,
        answer: Result<Option<Box<Grant>>, String>,
    ) {
        self.input(Input::Token(request, answer));
    }

    fn told(&self, id: SocketId, told: Told) {
        self.input(match told {
            Told::Opened => Input::SocketOpened(id),
            Told::Message(data) => {
                let limit = self.client.borrow().config().max_frame_bytes;
                let (received, size) = codec::receive(&data, limit);
                Input::SocketFrame(id, received, size)
            }
            Told::Closed(code, words) => {
                self.host.did("socket closed", Some(code));
                Input::SocketClosed(id, ClosedBy::Peer(code, words))
            }
        });
    }
}
