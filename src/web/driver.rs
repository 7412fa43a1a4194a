//! The only owner of the client. Everything that happens enters by [`Driver::with`], and
//! everything the client wants is done in one loop, while nothing is borrowed: whoever is
//! called may call back.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;

use super::clock::Clock;
use super::codec;
use super::page::{Change, PageEvents};
use super::payload::JsPayload;
use super::socket::{Socket, Told};
use super::source::Sources;
use super::timer::Timer;
use crate::core::client::Client;
use crate::core::config::Config;
use crate::core::id::{RequestId, SocketId};
use crate::core::io::{ClosedBy, Event, Input, Output, Token};
use crate::core::time::Instant;

/// Hears what the client tells. It must not throw; it may call back.
pub(crate) trait Listener {
    /// The client tells something.
    fn event(&self, event: Event<JsPayload>);
    /// The driver did something: for the debug log.
    fn did(&self, what: &'static str, code: Option<u16>);
}

/// A socket and whose it is. It is being opened while its address is asked for.
struct Held {
    id: SocketId,
    socket: Option<Socket>,
}

/// Runs a client in a browser.
pub(crate) struct Driver {
    client: RefCell<Client<JsPayload>>,
    sources: RefCell<Sources>,
    clock: Clock,
    timer: Timer,
    socket: RefCell<Option<Held>>,
    page: RefCell<Option<PageEvents>>,
    draining: Cell<bool>,
    listener: Box<dyn Listener>,
    me: Weak<Self>,
}

impl Driver {
    /// A driver whose client has been told how the page stands.
    pub(crate) fn new(
        config: Config,
        sources: Sources,
        seed: u64,
        listener: Box<dyn Listener>,
    ) -> Rc<Self> {
        let clock = Clock::new();
        let (now, _) = clock.now();
        let driver = Rc::new_cyclic(|me| Self {
            client: RefCell::new(Client::new(config, seed, now)),
            sources: RefCell::new(sources),
            clock,
            timer: Timer::default(),
            socket: RefCell::new(None),
            page: RefCell::new(None),
            draining: Cell::new(false),
            listener,
            me: me.clone(),
        });
        let me = driver.me.clone();
        let events = PageEvents::listen(move |change| {
            if let Some(driver) = me.upgrade() {
                driver.input(match change {
                    Change::Page(page) => Input::Page(page),
                    Change::Network(up) => Input::Network(up),
                });
            }
        });
        driver.page.replace(Some(events));
        driver
    }

    /// Uses other answers of the app from the next question on.
    pub(crate) fn set_sources(&self, sources: Sources) {
        self.sources.replace(sources);
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
    pub(crate) fn with<R>(
        self: &Rc<Self>,
        act: impl FnOnce(&mut Client<JsPayload>, Instant) -> R,
    ) -> R {
        let (now, woke) = self.clock.now();
        let closing = self.closing();
        let result = {
            let mut client = self.client.borrow_mut();
            if woke {
                client.handle_input(now, Input::Woke);
            }
            if let Some(id) = closing {
                client.handle_input(now, Input::SocketClosing(id));
            }
            act(&mut client, now)
        };
        self.drain();
        result
    }

    fn input(self: &Rc<Self>, input: Input<JsPayload>) {
        self.with(|client, now| client.handle_input(now, input));
    }

    fn closing(&self) -> Option<SocketId> {
        let held = self.socket.borrow();
        let held = held.as_ref()?;
        held.socket.as_ref().filter(|socket| socket.is_closing()).map(|_| held.id)
    }

    fn drain(self: &Rc<Self>) {
        if self.draining.replace(true) {
            // Called from within the loop below, which goes on.
            return;
        }
        loop {
            let Some(output) = self.client.borrow_mut().poll_output() else {
                break;
            };
            self.perform(output);
        }
        self.draining.set(false);
        let due = self.client.borrow().poll_timeout();
        let (now, _) = self.clock.now();
        let me = self.me.clone();
        self.timer.arm(now, due, move || {
            if let Some(driver) = me.upgrade() {
                driver.timer.fired();
                driver.with(Client::handle_timeout);
            }
        });
    }

    fn perform(&self, output: Output<JsPayload>) {
        match output {
            Output::Open(id, token) => self.open(id, token),
            Output::Close(id, code) => {
                let held = self.socket.borrow_mut().take();
                if let Some(socket) = held.filter(|held| held.id == id).and_then(|h| h.socket) {
                    self.listener.did("close", Some(code));
                    socket.close(code);
                }
            }
            Output::Transmit(id, frame) => {
                let text = codec::encode(frame);
                if let Some(Held { socket: Some(socket), .. }) =
                    self.socket.borrow().as_ref().filter(|held| held.id == id)
                {
                    socket.send(&text);
                }
            }
            Output::FetchToken(request) => self.fetch_token(request),
            Output::Event(event) => self.listener.event(event),
        }
    }

    /// Asks for the address, then opens the socket, unless it is not wanted any more by then.
    fn open(&self, id: SocketId, token: Option<Token>) {
        self.socket.replace(Some(Held { id, socket: None }));
        let (me, sources) = (self.me.clone(), self.sources.borrow().clone());
        spawn_local(async move {
            let address = sources.address().await;
            let Some(driver) = me.upgrade() else { return };
            if driver.socket.borrow().as_ref().is_none_or(|held| held.id != id) {
                return;
            }
            let protocols = sources.protocols(token.as_ref());
            let tell = {
                let me = me.clone();
                move |told| {
                    if let Some(driver) = me.upgrade() {
                        driver.told(id, told);
                    }
                }
            };
            let opened = address.and_then(|url| {
                driver.listener.did("open", None);
                Socket::open(&url, &protocols, tell)
                    .map_err(|_| "the browser refused the address or a subprotocol".to_owned())
            });
            match opened {
                Ok(socket) => {
                    driver.socket.replace(Some(Held { id, socket: Some(socket) }));
                }
                Err(words) => driver.input(Input::SocketClosed(id, ClosedBy::BadUrl(words))),
            }
        });
    }

    fn told(self: &Rc<Self>, id: SocketId, told: Told) {
        match told {
            Told::Opened => self.input(Input::SocketOpened(id)),
            Told::Message(data) => {
                let limit = self.client.borrow().config().max_frame_bytes;
                let (received, size) = codec::receive(&data, limit);
                // Not `with`'s closing check: what was received before the close still counts.
                let (now, woke) = self.clock.now();
                {
                    let mut client = self.client.borrow_mut();
                    if woke {
                        client.handle_input(now, Input::Woke);
                    }
                    client.handle_input(now, Input::SocketFrame(id, received, size));
                }
                self.drain();
            }
            Told::Closed(code, words) => {
                self.listener.did("closed", Some(code));
                self.input(Input::SocketClosed(id, ClosedBy::Peer(code, words)));
            }
        }
    }

    fn fetch_token(&self, request: RequestId) {
        let (me, sources) = (self.me.clone(), self.sources.borrow().clone());
        spawn_local(async move {
            let answer = sources.token().await;
            if let Some(driver) = me.upgrade() {
                driver.input(Input::Token(request, answer));
            }
        });
    }
}
