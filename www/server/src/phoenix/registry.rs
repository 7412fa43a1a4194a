//! Records of all sockets and joins, for the control endpoint.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::clock::now_ms;
use crate::phoenix::vsn::Vsn;
use crate::random;
use crate::tcp_stream::Switch;

/// The most recorded characters of a join's outcome, part of which may be sent by the client.
const OUTCOME: usize = 500;

/// Records beyond this many are removed, the oldest first.
const REMEMBERED: usize = 10_000;

/// A command to a socket from the control endpoint.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Close(u16),
    /// Close the socket as a server that shuts down does.
    Drain,
    /// Send this text, which need not be a valid frame.
    Say(String),
    /// Start or stop sending and reading nothing.
    Silence(bool),
    /// Delay everything that is sent by this time.
    Delay(Duration),
    /// Crash this channel.
    Crash(String),
    /// Close this channel.
    CloseChannel(String),
    /// Treat the tokens of the socket and its channels as expired.
    ExpireTokens,
}

/// The record of one socket.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) switch: Arc<Switch>,
    vsn: Vsn,
    opened_at: u64,
    commands: mpsc::UnboundedSender<Command>,
    gone: Notify,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    topics: Vec<String>,
    received: u64,
    sent: u64,
    closed: Option<(u64, u16)>,
}

/// A requested join.
#[derive(Debug)]
struct Join {
    at: u64,
    socket: String,
    topic: String,
    outcome: String,
}

/// All records.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    sockets: Mutex<VecDeque<Arc<Record>>>,
    joins: Mutex<VecDeque<Join>>,
}

impl Record {
    pub(crate) fn command(&self, command: Command) {
        // Sending fails only if the socket is closed, which needs no commands.
        let _ = self.commands.send(command);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.lock().closed.is_none()
    }

    /// Waits until the socket is closed.
    pub(crate) async fn ended(&self) {
        let gone = self.gone.notified();
        if self.is_open() {
            gone.await;
        }
    }

    pub(crate) fn count_received(&self) {
        self.state.lock().received += 1;
    }

    pub(crate) fn count_sent(&self) {
        self.state.lock().sent += 1;
    }

    pub(crate) fn set_topics(&self, topics: Vec<String>) {
        self.state.lock().topics = topics;
    }

    pub(crate) fn close(&self, code: u16) {
        self.state.lock().closed = Some((now_ms(), code));
        self.gone.notify_waiters();
    }

    fn show(&self) -> Value {
        let state = self.state.lock();
        let mut shown = json!({
            "id": self.id,
            "vsn": self.vsn.name(),
            "open": state.closed.is_none(),
            "topics": state.topics,
            "openedAt": self.opened_at,
            "received": state.received,
            "sent": state.sent,
        });
        if let Some((at, code)) = state.closed {
            shown["closedAt"] = at.into();
            shown["closeCode"] = code.into();
        }
        shown
    }
}

impl Registry {
    /// Registers a socket; returns its record and the receiver of its commands.
    pub(crate) fn open(
        &self,
        vsn: Vsn,
        switch: Arc<Switch>,
    ) -> (Arc<Record>, mpsc::UnboundedReceiver<Command>) {
        let (commands, receiver) = mpsc::unbounded_channel();
        let record = Arc::new(Record {
            id: random::token(),
            switch,
            vsn,
            opened_at: now_ms(),
            commands,
            gone: Notify::new(),
            state: Mutex::default(),
        });
        let mut sockets = self.sockets.lock();
        if sockets.len() >= REMEMBERED
            && let Some(at) = sockets.iter().position(|record| !record.is_open())
        {
            sockets.remove(at);
        }
        sockets.push_back(Arc::clone(&record));
        (record, receiver)
    }

    /// The open sockets, or only the open one with this id.
    pub(crate) fn open_sockets(&self, id: Option<&str>) -> Vec<Arc<Record>> {
        let sockets = self.sockets.lock();
        let open = sockets.iter().filter(|record| record.is_open());
        open.filter(|record| id.is_none_or(|id| record.id == id)).cloned().collect()
    }

    /// Records a join and how it was answered.
    pub(crate) fn joined(&self, socket: &str, topic: &str, outcome: &str) {
        let mut joins = self.joins.lock();
        if joins.len() >= REMEMBERED {
            joins.pop_front();
        }
        let outcome = outcome.chars().take(OUTCOME).collect();
        let (socket, topic) = (socket.to_owned(), topic.to_owned());
        joins.push_back(Join { at: now_ms(), socket, topic, outcome });
    }

    pub(crate) fn forget_joins(&self) {
        self.joins.lock().clear();
    }

    pub(crate) fn show_sockets(&self) -> Value {
        self.sockets.lock().iter().map(|record| record.show()).collect()
    }

    /// All joins, and the maximum number within any second.
    pub(crate) fn show_joins(&self) -> Value {
        let joins = self.joins.lock();
        let times: Vec<u64> = joins.iter().map(|join| join.at).collect();
        let all: Vec<Value> = joins
            .iter()
            .map(|join| {
                json!({
                    "at": join.at, "socket": join.socket, "topic": join.topic,
                    "outcome": join.outcome,
                })
            })
            .collect();
        json!({ "joins": all, "mostPerSecond": most_within(&times, 1_000) })
    }
}

/// The maximum number of these ascending times within one span.
fn most_within(times: &[u64], span: u64) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, time) in times.iter().enumerate() {
        while times.get(first).is_some_and(|early| early + span <= *time) {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peak_join_rate_is_the_fullest_second() {
        assert_eq!(most_within(&[], 1_000), 0);
        assert_eq!(most_within(&[0, 900, 1_000, 1_899, 1_901], 1_000), 3);
    }
}
