//! A hub and its connections, driven by one caller.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::account::Accounts;
use crate::application::Application;
use crate::clock::Now;
use crate::faults::{FaultChange, Faults, Shaper};
use crate::features::Features;
use crate::frame::Frame;
use crate::grant::Grant;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::output::{Action, CloseAction, Output};
use crate::publication::{Placed, Publication};
use crate::random::Randomness;
use crate::rejection::Rejection;
use crate::session::{Opening, Received, Session, Step};
use crate::storage::Storage;

/// A complete server for a single-threaded driver, which passes in opened connections, messages,
/// closes and the time, and executes the outputs. A driver with several threads uses [`Session`] and
/// [`Hub`] itself.
pub struct Server<A, S> {
    limits: Arc<Limits>,
    hub: Hub<A, S>,
    accounts: Arc<Accounts>,
    randomness: Box<dyn Randomness>,
    connections: BTreeMap<u64, OpenConnection>,
    opened: u64,
    effects: VecDeque<ServerOutput>,
}

/// One connection, with the faults of its outgoing messages.
#[derive(Debug)]
struct OpenConnection {
    session: Session,
    /// Its frames are not processed before this uptime.
    paused_until: Duration,
    features: Features,
    faults: Faults,
    shaper: Shaper,
}

/// Something the driver of a [`Server`] has to do.
#[derive(Debug)]
pub enum ServerOutput {
    /// An action for the connection of this number.
    Connection(u64, Action),
    /// Check the token of this connection, or its absence, and call [`Server::authenticate`].
    CheckToken(u64, Option<String>),
    /// A failure that only the operator can fix: a line for the log.
    Problem(String),
}

impl<A, S> std::fmt::Debug for Server<A, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("hub", &self.hub).finish_non_exhaustive()
    }
}

impl<A: Application, S: Storage<A::Change>> Server<A, S> {
    /// A server without connections, on a hub.
    #[must_use]
    pub fn new(hub: Hub<A, S>, randomness: Box<dyn Randomness>) -> Self {
        Self {
            limits: Arc::clone(&hub.limits),
            hub,
            accounts: Arc::default(),
            randomness,
            connections: BTreeMap::new(),
            opened: 0,
            effects: VecDeque::new(),
        }
    }

    /// The hub.
    pub fn hub(&self) -> &Hub<A, S> {
        &self.hub
    }

    /// The next output for the driver.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        self.effects.pop_front()
    }

    /// When [`Server::handle_timeout`] is to be called, as an uptime.
    pub fn poll_timeout(&self) -> Duration {
        let deadlines = self.connections.values().flat_map(|connection| {
            let resumes = Some(connection.paused_until).filter(|at| !at.is_zero());
            let session = connection.session.poll_timeout().map(|(due, _)| due);
            let is_silent = connection.faults.half_open;
            let late = connection.shaper.next_due().filter(|_| !is_silent);
            [resumes, session, late].into_iter().flatten()
        });
        deadlines.chain([self.hub.poll_timeout()]).min().unwrap_or_default()
    }

    /// Processes the timeouts that are due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.hub.handle_timeout(now);
        let numbers: Vec<u64> = self.connections.keys().copied().collect();
        for number in numbers {
            if let Some(connection) = self.connections.get_mut(&number) {
                connection.session.handle_timeout(now);
            }
            self.release(number, now);
            self.process(number, now);
        }
        self.accounts.sweep(now.uptime);
        self.collect(now);
    }

    /// Registers a new connection and returns its number.
    pub fn open(
        &mut self,
        offered: Features,
        token: Option<String>,
        address: IpAddr,
        now: Now,
    ) -> u64 {
        self.opened += 1;
        let number = self.opened;
        let id = format!("c{number}-{}", self.randomness.token());
        let opening = Opening { number, id, offered, token, address };
        let accounts = Arc::clone(&self.accounts);
        let session = Session::new(opening, Arc::clone(&self.limits), accounts, now);
        let connection = OpenConnection {
            session,
            paused_until: Duration::ZERO,
            features: Features::NONE,
            faults: Faults::default(),
            shaper: Shaper::new(number),
        };
        self.connections.insert(number, connection);
        number
    }

    /// Processes a received message. Those of a closed connection are ignored.
    pub fn receive(&mut self, number: u64, received: Received<'_>, now: Now) {
        if let Some(connection) = self.connections.get_mut(&number)
            && !connection.faults.half_open
        {
            connection.session.receive(received, now);
            connection.pause(now);
            self.process(number, now);
        }
    }

    /// Processes the result of a token check.
    pub fn authenticate(&mut self, number: u64, checked: Result<Grant, Rejection>, now: Now) {
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.session.authenticate(checked, &mut self.hub, now);
            self.process(number, now);
        }
    }

    /// Treats the token of a connection as expired from now on.
    pub fn revoke(&mut self, number: u64, now: Now) {
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.session.revoke(now.uptime);
            connection.session.handle_timeout(now);
            self.process(number, now);
        }
    }

    /// Removes a connection that was closed.
    pub fn close(&mut self, number: u64, now: Now) {
        if self.connections.remove(&number).is_some() {
            self.hub.dismiss(number, now);
        }
        self.collect(now);
    }

    /// Aborts a connection, as a broken network would.
    pub fn abort(&mut self, number: u64, now: Now) {
        if self.connections.contains_key(&number) {
            let action = Action::Close(CloseAction::Abort);
            self.effects.push_back(ServerOutput::Connection(number, action));
            self.close(number, now);
        }
    }

    /// Changes the faults of a connection's transport. While it is half open, received messages are
    /// ignored and sent ones are lost.
    pub fn change_faults(&mut self, number: u64, change: &FaultChange, now: Now) {
        if let Some(connection) = self.connections.get_mut(&number) {
            change.apply(&mut connection.faults);
            self.release(number, now);
        }
    }

    /// Publishes a message of the server itself.
    ///
    /// # Errors
    /// When the message is not accepted.
    pub fn publish(&mut self, publication: Publication<'_>, now: Now) -> Result<Placed, Rejection> {
        let placed = self.hub.publish(publication, now);
        self.collect(now);
        placed
    }

    /// Runs an operation on the hub, such as a restart.
    pub fn with_hub<R>(&mut self, work: impl FnOnce(&mut Hub<A, S>) -> R, now: Now) -> R {
        let result = work(&mut self.hub);
        self.collect(now);
        result
    }

    /// Processes what a connection has sent, as far as its rates allow.
    fn process(&mut self, number: u64, now: Now) {
        while let Some(connection) = self.connections.get_mut(&number)
            && connection.paused_until <= now.uptime
        {
            connection.paused_until = Duration::ZERO;
            let before = self.effects.len();
            let step = connection.session.step(&mut self.hub, now);
            connection.pause(now);
            let is_cut = connection.session.take_accepted().is_some()
                && std::mem::take(&mut connection.faults.drop_after_accept);
            self.collect(now);
            if is_cut {
                self.cut(number, before, now);
                return;
            }
            match step {
                Step::Idle => break,
                Step::Done => {}
                Step::Authenticate(token) => {
                    self.effects.push_back(ServerOutput::CheckToken(number, token));
                    break;
                }
            }
            self.collect_of(number, now);
        }
        self.collect_of(number, now);
    }

    /// Aborts a connection whose message was accepted, before anything is sent to it.
    fn cut(&mut self, number: u64, before: usize, now: Now) {
        let later = self.effects.split_off(before);
        let is_other = |output: &ServerOutput| !matches!(output, ServerOutput::Connection(to, _) if *to == number);
        self.effects.extend(later.into_iter().filter(is_other));
        self.abort(number, now);
    }

    /// Collects the outputs of the hub.
    fn collect(&mut self, now: Now) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Connection(number, action) => self.emit(number, action, now),
                Output::Problem(text) => self.effects.push_back(ServerOutput::Problem(text)),
            }
        }
    }

    /// Collects the outputs of a session, and removes a connection that closes.
    fn collect_of(&mut self, number: u64, now: Now) {
        self.collect(now);
        while let Some(connection) = self.connections.get_mut(&number)
            && let Some(action) = connection.session.poll_output()
        {
            let closes = matches!(action, Action::Close(_));
            self.emit(number, action, now);
            if closes {
                self.close(number, now);
            }
        }
    }

    /// Emits an action, after applying the faults of the connection.
    fn emit(&mut self, number: u64, action: Action, now: Now) {
        let Some(connection) = self.connections.get_mut(&number) else {
            return self.effects.push_back(ServerOutput::Connection(number, action));
        };
        if let Action::Admit(admission) = &action {
            connection.features = admission.features;
        }
        let mut frames = Vec::new();
        match action {
            Action::Send(_)
            | Action::Offer(_)
            | Action::Replay(_)
            | Action::Ping
            | Action::Close(CloseAction::Close { .. })
                if connection.faults.half_open => {}
            action if connection.faults == Faults::default() && connection.shaper.held() == 0 => {
                self.effects.push_back(ServerOutput::Connection(number, action));
            }
            Action::Send(frame) | Action::Offer(frame) => {
                let frame = Arc::unwrap_or_clone(frame);
                connection.shaper.admit(frame, &connection.faults, now.uptime, &mut frames);
            }
            Action::Replay(mut replay) => {
                while let Some(frame) = replay.next_frame(connection.features) {
                    connection.shaper.admit(frame, &connection.faults, now.uptime, &mut frames);
                }
            }
            action => self.effects.push_back(ServerOutput::Connection(number, action)),
        }
        self.send(number, frames);
    }

    /// Sends the delayed frames of a connection that are due.
    fn release(&mut self, number: u64, now: Now) {
        let mut frames = Vec::new();
        if let Some(connection) = self.connections.get_mut(&number)
            && !connection.faults.half_open
        {
            connection.shaper.release(now.uptime, &mut frames);
        }
        self.send(number, frames);
    }

    fn send(&mut self, number: u64, frames: Vec<Frame>) {
        let actions = frames.into_iter().map(|frame| Action::Send(Arc::new(frame)));
        self.effects.extend(actions.map(|action| ServerOutput::Connection(number, action)));
    }
}

impl OpenConnection {
    fn pause(&mut self, now: Now) {
        let wait = self.session.take_wait();
        if !wait.is_zero() {
            self.paused_until = now.uptime + wait;
        }
    }
}
