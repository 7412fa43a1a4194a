//! The network between the tabs and the server: everything in transit, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tidewire::core::collection::{AppRequest, AppResponse};
use tidewire::core::error::Cause;
use tidewire::core::id::{CollectionId, RequestId};

use crate::action::Storing;
use crate::server::{ConnectionId, Down, Note};
use crate::value::Value;

/// An arrival at the server or at a page.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// The opening of a connection, at the server.
    Opening(ConnectionId),
    /// The server's acceptance, at the page.
    Opened(ConnectionId),
    /// A rejection or an absence of network, at the page.
    Rejected(ConnectionId),
    /// A message of a client, at the server.
    Up(ConnectionId, Value),
    /// A client's close, at the server.
    Closed(ConnectionId),
    /// A frame or a close of the server, at the page.
    Down(ConnectionId, Down),
    /// A token from the app's own source, at the page in this instance of it.
    Token { tab: usize, instance: u32, request: RequestId },
    /// A request of a collection, at the server.
    AppCall { tab: usize, instance: u32, call: AppCall },
    /// The answer to a request of a collection, at the page.
    Answered {
        tab: usize,
        instance: u32,
        collection: CollectionId,
        request: RequestId,
        answer: Result<AppResponse<Value>, Cause>,
    },
    /// The end of a machine's sleep.
    Wake { tab: usize, instance: u32 },
}

/// A request of a collection.
#[derive(Debug)]
pub(crate) struct AppCall {
    pub(crate) collection: CollectionId,
    pub(crate) request: RequestId,
    pub(crate) storing: Storing,
    /// The user who is signed in.
    pub(crate) user: u8,
    pub(crate) app_request: AppRequest<Value>,
}

/// Something in transit, and when it arrives.
#[derive(Debug)]
struct Due {
    at: u64,
    serial: u64,
    arrival: Arrival,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.serial) == (other.at, other.serial)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

/// A connection between a page and the server.
#[derive(Debug)]
pub(crate) struct NetworkConnection {
    pub(crate) id: ConnectionId,
    pub(crate) tab: usize,
    /// Nothing arrives any more, and neither side is notified.
    pub(crate) dead: bool,
    /// When the last frame sent to the server, and to the page, arrives: frames keep their order.
    up_clear: u64,
    down_clear: u64,
    /// A message delayed until its successor was sent.
    pub(crate) delayed: Option<(Value, Note)>,
}

/// Everything in transit.
#[derive(Debug, Default)]
pub(crate) struct Network {
    queue: BinaryHeap<Reverse<Due>>,
    serial: u64,
    connections: Vec<NetworkConnection>,
    last_connection: ConnectionId,
}

impl Network {
    /// Creates a connection for a page.
    pub(crate) fn open(&mut self, tab: usize) -> ConnectionId {
        self.last_connection += 1;
        let id = self.last_connection;
        self.connections.push(NetworkConnection {
            id,
            tab,
            dead: false,
            up_clear: 0,
            down_clear: 0,
            delayed: None,
        });
        id
    }

    pub(crate) fn connection(&mut self, id: ConnectionId) -> Option<&mut NetworkConnection> {
        self.connections.iter_mut().find(|connection| connection.id == id)
    }

    /// The connections of a tab, including closed ones whose end the server has not received yet.
    pub(crate) fn of_tab(&mut self, tab: usize) -> impl Iterator<Item = &mut NetworkConnection> {
        self.connections.iter_mut().filter(move |connection| connection.tab == tab)
    }

    /// Removes a connection, with everything in transit on it.
    pub(crate) fn remove(&mut self, id: ConnectionId) {
        self.connections.retain(|connection| connection.id != id);
    }

    /// Schedules an arrival.
    pub(crate) fn at(&mut self, at: u64, arrival: Arrival) {
        self.serial += 1;
        self.queue.push(Reverse(Due { at, serial: self.serial, arrival }));
    }

    /// Schedules an arrival at the server, after the frames sent before.
    pub(crate) fn up(&mut self, at: u64, id: ConnectionId, arrival: Arrival) {
        if let Some(connection) = self.connection(id) {
            connection.up_clear = connection.up_clear.max(at);
            let at = connection.up_clear;
            self.at(at, arrival);
        }
    }

    /// Schedules an arrival at the page, after the frames sent before.
    pub(crate) fn down(&mut self, at: u64, id: ConnectionId, arrival: Arrival) {
        if let Some(connection) = self.connection(id) {
            connection.down_clear = connection.down_clear.max(at);
            let at = connection.down_clear;
            self.at(at, arrival);
        }
    }

    /// The time of the next arrival.
    pub(crate) fn next_at(&self) -> Option<u64> {
        self.queue.peek().map(|Reverse(due)| due.at)
    }

    /// Takes the next arrival, if it is due.
    pub(crate) fn arrive(&mut self, now: u64) -> Option<Arrival> {
        if self.next_at()? > now {
            return None;
        }
        self.queue.pop().map(|Reverse(due)| due.arrival)
    }
}
