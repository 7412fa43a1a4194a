//! A hub and its connections, driven by one caller.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::account::Accounts;
use crate::application::Application;
use crate::clock::Now;
use crate::features::Features;
use crate::grant::Grant;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::output::{Action, CloseAction, Output};
use crate::publication::{Placed, Publication};
use crate::random::Randomness;
use crate::rejection::Rejection;
use crate::session::{Opening, Received, Session, Step};
use crate::storage::Storage;

/// A whole server for a driver that does one thing at a time: connections open, send and close,
/// time passes, and what has to be done comes out. A driver with several threads uses [`Session`]
/// and [`Hub`] itself.
pub struct Server<A, S> {
    limits: Arc<Limits>,
    hub: Hub<A, S>,
    accounts: Arc<Accounts>,
    randomness: Box<dyn Randomness>,
    connections: BTreeMap<u64, OpenConnection>,
    opened: u64,
    effects: VecDeque<ServerOutput>,
}

#[derive(Debug)]
struct OpenConnection {
    session: Session,
    /// Nothing of it is processed before this uptime.
    paused_until: Duration,
}

/// Something the driver of a [`Server`] has to do.
#[derive(Debug)]
pub enum ServerOutput {
    /// To do with the connection of this number.
    Connection(u64, Action),
    /// Check the token of this connection, or its absence, and call [`Server::authenticate`].
    CheckToken(u64, Option<String>),
    /// Something failed that only the operator can do something about: a line for the log.
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

    /// The next thing the driver has to do.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        self.effects.pop_front()
    }

    /// When [`Server::handle_timeout`] is to be called, as an uptime.
    pub fn poll_timeout(&self) -> Duration {
        let deadlines = self.connections.values().flat_map(|connection| {
            let resumes = Some(connection.paused_until).filter(|at| !at.is_zero());
            resumes.into_iter().chain(connection.session.poll_timeout().map(|(due, _)| due))
        });
        deadlines.chain([self.hub.poll_timeout()]).min().unwrap_or_default()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.hub.handle_timeout(now);
        let numbers: Vec<u64> = self.connections.keys().copied().collect();
        for number in numbers {
            if let Some(connection) = self.connections.get_mut(&number) {
                connection.session.handle_timeout(now);
            }
            self.process(number, now);
        }
        self.accounts.sweep(now.uptime);
        self.collect();
    }

    /// Registers a connection that was opened: its number.
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
        let connection = OpenConnection { session, paused_until: Duration::ZERO };
        self.connections.insert(number, connection);
        number
    }

    /// Takes a message of a connection. Those of one that is closed are ignored.
    pub fn receive(&mut self, number: u64, received: Received<'_>, now: Now) {
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.session.receive(received, now);
            connection.pause(now);
            self.process(number, now);
        }
    }

    /// Takes the result of checking a token.
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

    /// Takes note that a connection is closed.
    pub fn close(&mut self, number: u64, now: Now) {
        if self.connections.remove(&number).is_some() {
            self.hub.dismiss(number, now);
        }
        self.collect();
    }

    /// Cuts a connection, as a broken network would.
    pub fn abort(&mut self, number: u64, now: Now) {
        if self.connections.contains_key(&number) {
            let action = Action::Close(CloseAction::Abort);
            self.effects.push_back(ServerOutput::Connection(number, action));
            self.close(number, now);
        }
    }

    /// Publishes a message of the server itself.
    ///
    /// # Errors
    /// When the message is not accepted.
    pub fn publish(&mut self, publication: Publication<'_>, now: Now) -> Result<Placed, Rejection> {
        let placed = self.hub.publish(publication, now);
        self.collect();
        placed
    }

    /// Does something with the hub, such as a restart.
    pub fn with_hub<R>(&mut self, work: impl FnOnce(&mut Hub<A, S>) -> R) -> R {
        let result = work(&mut self.hub);
        self.collect();
        result
    }

    /// Processes what a connection has sent, as far as its rates allow.
    fn process(&mut self, number: u64, now: Now) {
        while let Some(connection) = self.connections.get_mut(&number)
            && connection.paused_until <= now.uptime
        {
            connection.paused_until = Duration::ZERO;
            let step = connection.session.step(&mut self.hub, now);
            connection.pause(now);
            self.collect();
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

    /// Takes over the outputs of the hub.
    fn collect(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            self.effects.push_back(match output {
                Output::Connection(number, action) => ServerOutput::Connection(number, action),
                Output::Problem(text) => ServerOutput::Problem(text),
            });
        }
    }

    /// Takes over the outputs of a session. One that closes is gone.
    fn collect_of(&mut self, number: u64, now: Now) {
        self.collect();
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        while let Some(action) = connection.session.poll_output() {
            let closes = matches!(action, Action::Close(_));
            self.effects.push_back(ServerOutput::Connection(number, action));
            if closes {
                return self.close(number, now);
            }
        }
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
