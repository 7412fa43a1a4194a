//! The simulation loop in virtual time: arrivals, timers, calls into the clients, and their outputs.

use tidewire::core::client::Client;
use tidewire::core::id::{ChannelId, RequestId, SocketId};
use tidewire::core::input::{ClosedBy, Input, Received};
use tidewire::core::output::{Body, Frame, Output};
use tidewire::core::state::State;
use tidewire::core::time::Instant;
use tidewire::core::token::{Grant, Token, TokenLifetime};

use crate::action::{CutOutcome, Fault, Head, Poison, Topic};
use crate::app::App;
use crate::collection_model::{self, cause};
use crate::invariants;
use crate::network::{AppCall, Arrival, Network};
use crate::server::{ConnectionId, Down, Note, Server, number_of};
use crate::setup::Setup;
use crate::tab::{DELAY_MS, Running, Tab};
use crate::tokens::Minted;
use crate::value::Value;

/// The maximum number of outputs of one call; a full queue and the replies of all channels need far
/// fewer.
const MAX_OUTPUTS: usize = 2_000;

/// The maximum number of arrivals and timers at one moment.
const MAX_AT_ONCE: u32 = 100_000;

/// How often a timer may fire at one moment: handling one deadline may set another that is already due.
const MAX_TIMEOUTS: u32 = 3;

/// The size of a frame, where it does not matter.
const FRAME_BYTES: usize = 100;

/// The clients, the network and the server of one run.
#[derive(Debug)]
pub(crate) struct Harness {
    pub(crate) setup: Setup,
    pub(crate) now: u64,
    pub(crate) server: Server,
    pub(crate) network: Network,
    pub(crate) tabs: Vec<Tab>,
    /// How each tab's connection is cut at its next message.
    pub(crate) cut_outcomes: Vec<Option<CutOutcome>>,
    /// The faults of the next messages to each tab.
    pub(crate) faults: Vec<Vec<Fault>>,
    /// The poison of the message that is being sent.
    pub(crate) poison: Option<Poison>,
    /// The tabs whose tokens must not end on an open connection from now on.
    pub(crate) renewing: Vec<usize>,
    /// The number of calls into clients so far.
    pub(crate) steps: u64,
    /// Whether everything that happens is printed.
    pub(crate) verbose: bool,
}

impl Harness {
    pub(crate) fn new(setup: Setup) -> Self {
        let tab = |tab| Tab::new(&setup, tab, 0, tab, 0);
        Self {
            setup,
            now: 0,
            server: Server::new(setup),
            network: Network::default(),
            tabs: (0..setup.tabs).map(tab).collect(),
            cut_outcomes: vec![None; usize::from(setup.tabs)],
            faults: vec![Vec::new(); usize::from(setup.tabs)],
            poison: None,
            renewing: Vec::new(),
            steps: 0,
            verbose: false,
        }
    }

    /// Prints a line of the trace, if the run is verbose.
    pub(crate) fn log(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            println!("{:>8} {}", self.now, what());
        }
    }

    /// Whether no invariant has been violated so far.
    pub(crate) fn has_no_violation(&self) -> bool {
        self.server.violations.get().is_none()
    }

    /// Advances time, and processes whatever is due.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.end_tasks();
        let end = self.now + ms;
        let mut at_once = 0;
        while self.has_no_violation() {
            let timers = self.tabs.iter().filter_map(|tab| tab.timer(self.now));
            let others = [self.network.next_at(), self.server.poll_timeout()];
            let Some(next) = timers.chain(others.into_iter().flatten()).min() else { break };
            if next > end {
                break;
            }
            at_once = if next > self.now { 0 } else { at_once + 1 };
            assert!(at_once < MAX_AT_ONCE, "time does not advance");
            self.now = self.now.max(next);
            self.process_due();
        }
        self.now = end;
    }

    /// Processes what is due at this moment: arrivals first, then timers.
    fn process_due(&mut self) {
        self.end_tasks();
        if let Some(arrival) = self.network.arrive(self.now) {
            return self.arrive(arrival);
        }
        if self.server.poll_timeout().is_some_and(|due| due <= self.now) {
            self.server.handle_timeout(self.now);
            return self.deliver_out();
        }
        for at in 0..self.tabs.len() {
            if self.tabs[at].timer(self.now).is_some_and(|due| due <= self.now) {
                self.time_out(at);
            }
        }
    }

    /// The page's timer fires.
    fn time_out(&mut self, at: usize) {
        for _ in 0..MAX_TIMEOUTS {
            self.with_client(at, |client, now| client.handle_timeout(now));
            if self.tabs[at].client.poll_timeout().is_none_or(|(due, _)| due.as_ms() > self.now) {
                return;
            }
        }
        self.server.violations.fail(invariants::NO_GROWTH, || {
            format!("tab {at} requests a timer at once although it ran {MAX_TIMEOUTS} times")
        });
    }

    fn arrive(&mut self, arrival: Arrival) {
        self.log(|| format!("{arrival:?}"));
        let tab = match &arrival {
            Arrival::Opening(_) | Arrival::Up(..) | Arrival::Closed(_) => {
                return self.arrive_at_server(arrival);
            }
            Arrival::AppCall { .. } => return self.answer(arrival),
            Arrival::Opened(id) | Arrival::Rejected(id) | Arrival::Down(id, _) => {
                let Some(connection) =
                    self.network.connection(*id).filter(|connection| !connection.dead)
                else {
                    return;
                };
                connection.tab
            }
            Arrival::Token { tab, instance, .. }
            | Arrival::Wake { tab, instance }
            | Arrival::Answered { tab, instance, .. } => {
                if self.tabs[*tab].instance != *instance {
                    return;
                }
                *tab
            }
        };
        if matches!(arrival, Arrival::Wake { .. }) {
            return self.wake(tab);
        }
        if self.tabs[tab].runs() {
            self.arrive_at_page(tab, arrival);
        } else {
            self.tabs[tab].mailbox.push(arrival);
        }
    }

    fn arrive_at_server(&mut self, arrival: Arrival) {
        let (Arrival::Opening(id) | Arrival::Up(id, _) | Arrival::Closed(id)) = arrival else {
            return;
        };
        let Some(connection) = self.network.connection(id).filter(|connection| !connection.dead)
        else {
            return;
        };
        let tab = connection.tab;
        let back = self.now + self.tabs[tab].down_ms;
        match arrival {
            Arrival::Opening(id) => {
                let number = u8::try_from(tab).unwrap_or(u8::MAX);
                let open = self.server.connect(self.now, id, number);
                let answer = if open { Arrival::Opened(id) } else { Arrival::Rejected(id) };
                self.network.down(back, id, answer);
            }
            Arrival::Up(id, message) => {
                let outcome = self.cut_outcomes[tab].take_if(|_| has_message(&message));
                if !matches!(outcome, Some(CutOutcome::Lost | CutOutcome::TooBig)) {
                    self.server.receive(self.now, id, &message);
                }
                let code = outcome.map(|outcome| match outcome {
                    CutOutcome::Taken | CutOutcome::Lost => 1006,
                    CutOutcome::Failed => 1011,
                    // A message that was accepted before is not too big now.
                    CutOutcome::TooBig if self.was_accepted(&message) => 1006,
                    CutOutcome::TooBig => 1009,
                });
                // Reset even if the connection is cut for another reason.
                let poisoned = self.server.take_poisoned();
                let code = code.or(poisoned);
                if let Some(code) = code {
                    self.deliver_out();
                    self.cut(id, code);
                }
            }
            Arrival::Closed(id) => {
                self.network.remove(id);
                self.server.disconnected(self.now, id);
            }
            _ => {}
        }
        self.deliver_out();
    }

    /// Whether the server has accepted one of these messages before.
    fn was_accepted(&self, message: &Value) -> bool {
        let number = |frame: &Value| frame.text_of("id").and_then(|id| number_of(id));
        frames(message)
            .filter_map(number)
            .any(|number| self.server.message_records.was_accepted(number))
    }

    /// A request of the app's own arrives at the server, and is answered.
    fn answer(&mut self, arrival: Arrival) {
        let Arrival::AppCall { tab, instance, call } = arrival else { return };
        let AppCall { collection, request, storing, user, app_request } = call;
        let app = &self.tabs[tab].app;
        let answer = if app.failing_requests > 0 && self.tabs[tab].instance == instance {
            self.tabs[tab].app.failing_requests -= 1;
            Err(cause("unavailable"))
        } else {
            collection_model::answer(self.now, (storing, user), app_request, &mut self.server)
        };
        self.deliver_out();
        let back = self.now + self.tabs[tab].down_ms;
        self.network.at(back, Arrival::Answered { tab, instance, collection, request, answer });
    }

    fn arrive_at_page(&mut self, tab: usize, arrival: Arrival) {
        match arrival {
            Arrival::Token { request, .. } => self.answer_token(tab, request),
            Arrival::Answered { collection, request, answer, .. } => {
                self.with_client(tab, |client, now| {
                    client.answer(now, collection, request, answer);
                });
            }
            Arrival::Opened(id) => {
                if let Some(socket) = self.socket_of(tab, id) {
                    self.with_client(tab, |client, now| {
                        client.handle_input(now, Input::SocketOpened(socket));
                    });
                }
            }
            Arrival::Rejected(id) => self.closed(tab, id, 1006),
            Arrival::Down(id, Down::Close(code)) => self.closed(tab, id, code),
            Arrival::Down(id, Down::Frame(frame, note)) => self.frame(tab, id, frame, note),
            _ => {}
        }
    }

    fn frame(&mut self, tab: usize, id: ConnectionId, frame: Value, note: Note) {
        let Some(socket) = self.socket_of(tab, id) else { return };
        if frame.text_of("type").is_some_and(|kind| &**kind == "auth_success") {
            self.tabs[tab].app.tokens.accepted(self.now, frame.whole("expiresInMs"));
        }
        let position = matches!(note, Note::Position { .. } | Note::Positions(_)).then_some(note);
        let large = frame.get("payload").and_then(|payload| payload.text_of("large"));
        let received = match large {
            None => Received::Value(frame),
            Some(head) if **head == *Head::Unreadable.name() => Received::TooLarge(None),
            Some(_) => {
                let scalar = |(key, _): &&(_, _)| AsRef::<str>::as_ref(key) != "payload";
                let members = frame.entries().iter().filter(scalar).cloned().collect();
                Received::TooLarge(Some(Value::members(members)))
            }
        };
        self.with_client_at(tab, position, |client, now| {
            client.handle_frame(now, socket, received, FRAME_BYTES);
        });
    }

    fn answer_token(&mut self, tab: usize, request: RequestId) {
        let lifetime = self.setup.token_lifetime_ms;
        let app = &mut self.tabs[tab].app;
        let answer = if app.tokens.failing > 0 {
            app.tokens.failing -= 1;
            Err("no token available".to_owned())
        } else {
            let good = app.token(self.now, lifetime);
            let token = app.tokens.fetch(self.now, good);
            Ok(Some(grant(app, token)))
        };
        self.with_client(tab, |client, now| {
            client.handle_input(now, Input::Token(request, answer));
        });
    }

    /// The page's socket, if it is on this connection.
    fn socket_of(&self, tab: usize, id: ConnectionId) -> Option<SocketId> {
        self.tabs[tab].socket.filter(|(_, connection)| *connection == id).map(|(socket, _)| socket)
    }

    /// The page is notified of the end of a connection.
    fn closed(&mut self, tab: usize, id: ConnectionId, code: u16) {
        self.network.remove(id);
        let Some(socket) = self.socket_of(tab, id) else { return };
        self.tabs[tab].socket = None;
        self.tabs[tab].closed = Some(socket);
        if code == 4001 {
            let state = self.tabs[tab].client.connection().state();
            let missed = state == State::Ready
                && self.renewing.contains(&tab)
                && self.tabs[tab].app.tokens.knows_the_end();
            self.server.violations.ensure(!missed, invariants::RENEWED_IN_TIME, || {
                format!("the token of tab {tab} ended on an open connection")
            });
            self.tabs[tab].app.tokens.rejected();
        }
        let by = ClosedBy::Peer(code, String::new());
        self.with_client(tab, |client, now| {
            client.handle_input(now, Input::SocketClosed(socket, by));
        });
    }

    /// A connection breaks: both sides are notified, and everything in transit is lost.
    pub(crate) fn cut(&mut self, id: ConnectionId, code: u16) {
        let Some(connection) = self.network.connection(id) else { return };
        let tab = connection.tab;
        self.server.disconnected(self.now, id);
        self.deliver_out();
        if self.tabs[tab].runs() {
            self.closed(tab, id, code);
        } else {
            // Reported when the page runs again, before anything else.
            self.tabs[tab].mailbox.retain(|arrival| match arrival {
                Arrival::Opened(on) | Arrival::Rejected(on) | Arrival::Down(on, _) => *on != id,
                _ => true,
            });
            self.tabs[tab].mailbox.push(Arrival::Down(id, Down::Close(code)));
        }
    }

    pub(crate) fn wake(&mut self, tab: usize) {
        match self.tabs[tab].running {
            Running::Asleep { until } if until <= self.now => {
                self.tabs[tab].running = Running::Yes;
                self.with_client(tab, |client, now| client.handle_input(now, Input::Woke));
                self.empty_mailbox(tab);
            }
            _ => {}
        }
    }

    /// Delivers what arrived while the page did not run.
    pub(crate) fn empty_mailbox(&mut self, tab: usize) {
        for arrival in std::mem::take(&mut self.tabs[tab].mailbox) {
            self.arrive_at_page(tab, arrival);
        }
    }

    // ----- calls into a client -----

    /// Calls into a tab's client and performs its outputs.
    pub(crate) fn with_client(
        &mut self,
        tab: usize,
        call: impl FnOnce(&mut Client<Value>, Instant),
    ) {
        self.with_client_at(tab, None, call);
    }

    fn with_client_at(
        &mut self,
        tab: usize,
        position: Option<Note>,
        call: impl FnOnce(&mut Client<Value>, Instant),
    ) {
        self.steps += 1;
        call(&mut self.tabs[tab].client, Instant::from_ms(self.now));
        let engine_crash = self.tabs[tab].trap_after.take();
        let limit = engine_crash.map_or(usize::MAX, usize::from);
        let mut outputs = 0;
        while outputs < limit
            && let Some(output) = self.tabs[tab].client.poll_output()
        {
            outputs += 1;
            self.log(|| format!("tab {tab} → {output:?}"));
            self.perform_output(tab, output);
            if outputs > MAX_OUTPUTS {
                return self.server.violations.fail(invariants::NO_GROWTH, || {
                    format!("one call led to more than {MAX_OUTPUTS} outputs")
                });
            }
        }
        if engine_crash.is_some() {
            return self.replace_engine(tab);
        }
        self.tabs[tab].app.end_step(position, &mut self.server);
    }

    fn perform_output(&mut self, at: usize, output: Output<Value>) {
        let tab = &mut self.tabs[at];
        match output {
            Output::Open(socket, token) => {
                tab.app.tokens.connecting();
                tab.opened.note(self.now, "connections are opened", &mut self.server.violations);
                if let Some(token) = token {
                    tab.app.tokens.offered(token.reveal(), &mut self.server.violations);
                }
                self.server.violations.ensure(
                    tab.socket.is_none(),
                    invariants::IDLE_CLOSES,
                    || format!("tab {at} opens a second socket"),
                );
                let id = self.network.open(at);
                tab.socket = Some((socket, id));
                let (up, arrival) = if tab.offline {
                    (1, Arrival::Rejected(id))
                } else {
                    (tab.up_ms, Arrival::Opening(id))
                };
                self.network.up(self.now + up, id, arrival);
            }
            Output::Close(socket, _) | Output::Abort(socket) => {
                if let Some((_, id)) = tab.socket.take_if(|(open, _)| *open == socket) {
                    let arrives = self.now + tab.up_ms;
                    self.network.up(arrives, id, Arrival::Closed(id));
                }
            }
            Output::Transmit(socket, frames) => {
                if tab.closed == Some(socket) {
                    // A browser drops it until it has reported the close.
                    return;
                }
                let Some((_, id)) = tab.socket.filter(|(open, _)| *open == socket) else {
                    return self.server.violations.fail(invariants::NEGOTIATED_ONLY, || {
                        format!("tab {at} sends on {socket:?}, which is not its socket")
                    });
                };
                let mut frames: Vec<_> = frames.into_iter().map(flat).collect();
                let message = match frames.pop() {
                    Some(only) if frames.is_empty() => only,
                    last => Value::Array(frames.into_iter().chain(last).collect()),
                };
                tab.app.note_sent(tab.instance, &message, &mut self.server);
                for topic in joins(&message) {
                    let attempts = &mut tab.joined[topic as usize];
                    attempts.note(self.now, "joins of a channel", &mut self.server.violations);
                }
                if self.network.connection(id).is_some_and(|connection| !connection.dead) {
                    self.network.up(self.now + tab.up_ms, id, Arrival::Up(id, message));
                }
            }
            Output::FetchToken(request) => {
                tab.token_requests.note(
                    self.now,
                    "tokens are requested",
                    &mut self.server.violations,
                );
                if tab.client.connection().state() == State::Ready {
                    tab.app.tokens.renewing(self.now, &mut self.server.violations);
                }
                let arrival = Arrival::Token { tab: at, instance: tab.instance, request };
                self.network.at(self.now + 2 * DELAY_MS, arrival);
            }
            Output::Event(event) => {
                let Tab { client, app, .. } = tab;
                let topic = |id: ChannelId| {
                    let name = client.channels().get(id)?.name();
                    Topic::ALL.into_iter().find(|topic| topic.name() == &**name)
                };
                app.observe(event, topic, &mut self.server);
                self.request(at);
            }
        }
    }

    /// Passes the requests of collections on to the server.
    fn request(&mut self, at: usize) {
        let tab = &mut self.tabs[at];
        for (collection, request, app_request) in std::mem::take(&mut tab.app.requests) {
            // Of collections that are shared, the one that was opened first makes the requests.
            let mut opened = tab.app.opened.iter();
            let Some((.., storing)) = opened.find(|(id, ..)| *id == collection) else { continue };
            let (storing, user) = (*storing, tab.app.user);
            let instance = tab.instance;
            if tab.offline {
                let answer = Err(cause("offline"));
                let answered = Arrival::Answered { tab: at, instance, collection, request, answer };
                self.network.at(self.now + DELAY_MS, answered);
            } else {
                let call = AppCall { collection, request, storing, user, app_request };
                self.network.at(self.now + tab.up_ms, Arrival::AppCall { tab: at, instance, call });
            }
        }
    }

    // ----- frames of the server -----

    /// Puts the server's frames on the network, with the scheduled faults.
    pub(crate) fn deliver_out(&mut self) {
        for (id, down) in self.server.take_out() {
            let Some(connection) =
                self.network.connection(id).filter(|connection| !connection.dead)
            else {
                continue;
            };
            let tab = connection.tab;
            let at = self.now + self.tabs[tab].down_ms;
            let delayed = connection.delayed.take();
            if matches!(down, Down::Frame(_, Note::Message)) && !self.faults[tab].is_empty() {
                let Down::Frame(frame, note) = down else { continue };
                self.inject_fault(tab, id, at, (frame, note));
            } else {
                self.network.down(at, id, Arrival::Down(id, down));
            }
            if let Some((frame, note)) = delayed {
                self.network.down(at, id, Arrival::Down(id, Down::Frame(frame, note)));
            }
        }
    }

    fn inject_fault(
        &mut self,
        tab: usize,
        id: ConnectionId,
        at: u64,
        (frame, note): (Value, Note),
    ) {
        let copies = match self.faults[tab].remove(0) {
            Fault::Lose => {
                self.server.loses = true;
                0
            }
            Fault::Double => 2,
            Fault::Swap => {
                if let Some(connection) = self.network.connection(id) {
                    connection.delayed = Some((frame, note));
                }
                return;
            }
        };
        for _ in 0..copies {
            let arrival = Arrival::Down(id, Down::Frame(frame.clone(), note));
            self.network.down(at, id, arrival);
        }
    }
}

/// A token for the user who is signed in.
pub(crate) fn grant(app: &App, token: Minted) -> Box<Grant> {
    Box::new(Grant {
        token: Token::new(token.text),
        lifetime: TokenLifetime {
            claimed_ms: None,
            left_ms: token.lifetime_ms.and_then(|ms| i64::try_from(ms).ok()),
        },
        subject: Some(format!("u{}", app.user)),
    })
}

fn has_message(message: &Value) -> bool {
    frames(message)
        .any(|frame| frame.text_of("type").is_some_and(|kind| &**kind == "channel_message"))
}

/// The channels that a message of a client joins.
fn joins(message: &Value) -> Vec<Topic> {
    let join = |frame: &&Value| frame.text_of("type").is_some_and(|kind| &**kind == "subscribe");
    let topic = |frame: &Value| {
        let name = frame.text_of("channel")?;
        Topic::ALL.into_iter().find(|topic| topic.name() == &**name)
    };
    frames(message).filter(join).filter_map(topic).collect()
}

/// The frames in one message of a socket.
fn frames(message: &Value) -> impl Iterator<Item = &Value> {
    match message {
        Value::Array(frames) => frames.iter(),
        frame => std::slice::from_ref(frame).iter(),
    }
}

/// A frame as the receiver parses it.
fn flat(frame: Frame<Value>) -> Value {
    match frame.body {
        Body::Empty => frame.head,
        Body::Payload(payload) | Body::Wrapped(payload, _) | Body::Bytes(_, payload) => {
            frame.head.merged([("payload".into(), payload)])
        }
        Body::MergedIntoHead(own) => frame.head.merged(own.entries().iter().cloned()),
    }
}
