//! The model server: the server side of the native wire protocol, written from the specification.
//! It shares no code with the client.

mod direct_change;
mod log;
mod members;
mod memory;
mod message;
mod message_record;
mod request;
mod table;

use std::rc::Rc;

use log::Log;
pub(crate) use log::{Message, epoch_name};
use members::Members;
pub(crate) use members::Shown;
use memory::Memory;
pub(crate) use message::{message_id, number_of};
pub(crate) use message_record::{MessageRecords, Origin};
use table::Table;

use crate::action::{Forgery, Topic};
use crate::setup::{Profile, Setup};
use crate::value::{Value, object};
use crate::violations::ViolationLog;

/// One connection, never used twice.
pub(crate) type ConnectionId = u32;

/// The time without a frame after which the server closes a connection, in milliseconds: more than a
/// throttled client needs for a ping.
const SILENCE_MS: u64 = 100_000;

/// A frame or a close that the server sends.
#[derive(Debug, Clone)]
pub(crate) enum Down {
    /// A frame, and the simulator's note about it.
    Frame(Value, Note),
    /// The end of the connection, with its code.
    Close(u16),
}

/// The simulator's note about a frame; the client does not receive it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Nothing,
    /// A message of a channel, which faults may apply to.
    Message,
    /// The answer to a join: from here on the connection receives all messages newer than `ordinal`,
    /// and if `recovered` also those since the position of the join.
    Position {
        topic: Topic,
        ordinal: u64,
        recovered: bool,
    },
    /// From here on the connection receives all newer messages of every channel (base servers).
    Positions([u64; 3]),
}

/// One channel.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    pub(crate) log: Log,
    memory: Memory,
    pub(crate) present: Members,
    pub(crate) table: Table,
}

/// The server's state of one connection.
#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    tab: u8,
    /// Whether `auth` was accepted.
    authenticated: bool,
    user: Option<Rc<str>>,
    features: Vec<&'static str>,
    /// The reference of the membership in each channel.
    members: [Option<u64>; 3],
    /// The head of each channel that `heads` reported last.
    last_head: [(u32, u64); 3],
    /// When its token ends.
    expires_at: Option<u64>,
    last_frame_at: u64,
}

impl Connection {
    fn has(&self, feature: &str) -> bool {
        self.features.contains(&feature)
    }
}

/// The joins, messages and tokens of one client that the server will reject.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rejections {
    pub(crate) joins: u8,
    pub(crate) join_retry_ms: u64,
    pub(crate) sends: u8,
    pub(crate) tokens: u8,
    /// How many memberships of each channel it will end, and how many milliseconds after their joins.
    pub(crate) memberships: [(u8, u64); 3],
    /// It does not report the lifetime of tokens.
    pub(crate) omits_lifetime: bool,
}

/// The server.
#[derive(Debug)]
pub(crate) struct Server {
    setup: Setup,
    now: u64,
    pub(crate) channels: [Channel; 3],
    connections: Vec<Connection>,
    pub(crate) rejections: Vec<Rejections>,
    references: u64,
    down_until: u64,
    pub(crate) message_records: MessageRecords,
    pub(crate) violations: ViolationLog,
    out: Vec<(ConnectionId, Down)>,
    /// The delay of acknowledgements, in milliseconds.
    pub(crate) acks_late_ms: u64,
    /// Delayed acknowledgements, with the times when they are due.
    late: Vec<(u64, ConnectionId, Value)>,
    /// Messages that end connections, with how often each was received.
    poisons: Vec<(u32, u8)>,
    /// The code to close with after the message just received.
    poisoned: Option<u16>,
    /// The numbers of messages that are too large for the clients.
    pub(crate) large: Vec<u32>,
    /// The channels in which clients received an invalid frame that they may take for a message.
    pub(crate) unusable: [bool; 3],
    /// Whether any message was lost in transit.
    pub(crate) loses: bool,
    /// The frames it sends on the next connection of each tab, before authentication.
    early: Vec<(u8, Value)>,
    /// Memberships that it will end, with their times and references.
    ending: Vec<(u64, ConnectionId, Topic, u64)>,
}

impl Server {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            setup,
            now: 0,
            channels: Default::default(),
            connections: Vec::new(),
            rejections: vec![Rejections::default(); usize::from(setup.tabs)],
            references: 0,
            down_until: 0,
            message_records: MessageRecords::default(),
            violations: ViolationLog::default(),
            out: Vec::new(),
            acks_late_ms: 0,
            late: Vec::new(),
            poisons: Vec::new(),
            poisoned: None,
            large: Vec::new(),
            unusable: [false; 3],
            loses: false,
            early: Vec::new(),
            ending: Vec::new(),
        }
    }

    /// Whether it reports the lifetimes of their tokens to the tab's clients.
    pub(crate) fn reports_lifetimes(&self, tab: usize) -> bool {
        self.setup.profile.has_ids() && !self.rejections[tab].omits_lifetime
    }

    pub(crate) const fn profile(&self) -> Profile {
        self.setup.profile
    }

    pub(crate) fn channel(&self, topic: Topic) -> &Channel {
        &self.channels[topic as usize]
    }

    /// Takes the frames to be sent.
    pub(crate) fn take_out(&mut self) -> Vec<(ConnectionId, Down)> {
        std::mem::take(&mut self.out)
    }

    /// Opens a connection; returns `false` if the server rejects it.
    pub(crate) fn connect(&mut self, now: u64, id: ConnectionId, tab: u8) -> bool {
        self.now = now;
        if now < self.down_until {
            return false;
        }
        self.connections.push(Connection {
            id,
            tab,
            authenticated: false,
            user: None,
            features: Vec::new(),
            members: [None; 3],
            last_head: [(0, 0); 3],
            expires_at: None,
            last_frame_at: now,
        });
        let early = std::mem::take(&mut self.early).into_iter();
        let (now, later) = early.partition(|(of, _)| *of == tab);
        self.early = later;
        for (_, frame) in now {
            self.send(id, frame);
        }
        true
    }

    /// Removes a connection that has ended.
    pub(crate) fn disconnected(&mut self, now: u64, id: ConnectionId) {
        self.now = now;
        self.connections.retain(|connection| connection.id != id);
        self.late.retain(|(_, on, _)| *on != id);
        self.ending.retain(|(_, on, ..)| *on != id);
        for channel in &mut self.channels {
            channel.present.closed(id, now);
        }
    }

    /// When [`Server::handle_timeout`] is due.
    pub(crate) fn poll_timeout(&self) -> Option<u64> {
        let silent =
            self.connections.iter().map(|connection| connection.last_frame_at + SILENCE_MS);
        let expired = self.connections.iter().filter_map(|connection| connection.expires_at);
        let graces = self.channels.iter().filter_map(|channel| channel.present.due());
        let late = self.late.iter().map(|(due, ..)| *due);
        let ending = self.ending.iter().map(|(due, ..)| *due);
        silent.chain(expired).chain(graces).chain(late).chain(ending).min()
    }

    /// Performs everything that is due.
    pub(crate) fn handle_timeout(&mut self, now: u64) {
        self.now = now;
        let due = |at: Option<u64>| at.is_some_and(|at| now >= at);
        let ended: Vec<_> = self
            .connections
            .iter()
            .map(|one| (one.id, due(one.expires_at), due(Some(one.last_frame_at + SILENCE_MS))))
            .collect();
        for (id, expired, silent) in ended {
            if expired {
                self.error(id, "unauthorized", "the token has expired");
                self.close(id, 4001);
            } else if silent {
                self.close(id, 1001);
            }
        }
        let (due, late) =
            std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| now >= *at);
        self.late = late;
        for (_, id, answer) in due {
            self.send(id, answer);
        }
        let (due, ending) =
            std::mem::take(&mut self.ending).into_iter().partition(|(at, ..)| now >= *at);
        self.ending = ending;
        for (_, id, topic, reference) in due {
            self.end_membership(id, topic, Some(reference), 0);
        }
        for topic in Topic::ALL {
            let channel = &mut self.channels[topic as usize];
            if let Some(diff) = channel.present.expire(now) {
                self.send_presence_diff(topic, diff);
            }
            let channel = &mut self.channels[topic as usize];
            let trimmed_to = channel.log.trimmed_to();
            channel.memory.forget(now, self.setup.ack_memory_ms, trimmed_to);
        }
    }

    // ----- faults -----

    /// Restarts the server, without the newest messages of each channel.
    pub(crate) fn restart(&mut self, now: u64, down_ms: u64, lost: u64) {
        self.now = now;
        self.down_until = self.down_until.max(now + down_ms);
        let ids: Vec<_> = self.connections.iter().map(|connection| connection.id).collect();
        for id in ids {
            self.close(id, 1012);
        }
        for channel in &mut self.channels {
            channel.present = Members::default();
            let numbers = channel.log.crash(lost);
            channel.memory.lose(&numbers);
            channel.table.lose(&numbers);
            self.message_records.lose(&numbers);
        }
    }

    /// Removes the server's faults.
    pub(crate) fn heal(&mut self) {
        self.down_until = 0;
        for rejections in &mut self.rejections {
            let omits_lifetime = rejections.omits_lifetime;
            *rejections = Rejections { omits_lifetime, ..Rejections::default() };
        }
        self.acks_late_ms = 0;
        self.early.clear();
        self.ending.clear();
    }

    /// Ends a client's membership, to be joined again after `retry_ms`.
    pub(crate) fn end(&mut self, now: u64, tab: u8, topic: Topic, retry_ms: u64) {
        self.now = now;
        let of_tab = |connection: &&Connection| connection.tab == tab;
        let ids: Vec<_> =
            self.connections.iter().filter(of_tab).map(|connection| connection.id).collect();
        for id in ids {
            self.end_membership(id, topic, None, retry_ms);
        }
    }

    /// Ends a connection's membership, if it has one (of this reference, if one is given).
    fn end_membership(&mut self, id: ConnectionId, topic: Topic, only: Option<u64>, retry_ms: u64) {
        let Some(connection) = self.connection(id) else { return };
        let membership = &mut connection.members[topic as usize];
        let Some(reference) = membership.take_if(|own| only.is_none_or(|only| *own == only)) else {
            return;
        };
        self.leave_presence(id, topic);
        let frame = object! {
            "type": "unsubscribed", "channel": topic.name(), "ref": reference,
            "code": "internal", "message": "ended", "retryable": true,
            "retryAfterMs": retry_ms,
        };
        self.send(id, frame);
    }

    /// Sends an invalid message: one that no client sent, and before authentication also a presence
    /// diff.
    pub(crate) fn forge(&mut self, tab: u8, topic: Topic, forgery: Forgery) {
        let log = &self.channels[topic as usize].log;
        let place = [
            ("epoch".into(), Value::from(&epoch_name(log.epoch()))),
            ("seq".into(), (log.head() + 1).into()),
        ];
        let message = object! {
            "type": "channel_message", "channel": topic.name(), "id": "forged",
            "payload": object! { "forged": forgery.name() },
        };
        match forgery {
            Forgery::Early => {
                let place = place.into_iter().filter(|_| self.setup.profile.has_seq());
                let presence = object! {
                    "type": "presence_diff", "channel": topic.name(),
                    "joins": object! { "nobody": Value::Array([object! { "ref": "forged" }].into()) },
                    "leaves": object! {},
                };
                self.early.push((tab, message.merged(place)));
                self.early.push((tab, presence));
            }
            Forgery::NoPosition => {
                self.unusable[topic as usize] = true;
                let member = |connection: &&Connection| {
                    connection.tab == tab
                        && connection.members[topic as usize].is_some()
                        && connection.has("seq")
                };
                for connection in self.connections.iter().filter(member) {
                    self.out.push((connection.id, Down::Frame(message.clone(), Note::Nothing)));
                }
            }
        }
    }

    /// Takes the code to close with after the message just received.
    pub(crate) const fn take_poisoned(&mut self) -> Option<u16> {
        self.poisoned.take()
    }

    /// Sends an error and closes a client's connections.
    pub(crate) fn close_with_error(&mut self, now: u64, tab: u8, retry_ms: u64) {
        self.now = now;
        let of_tab = |connection: &&Connection| connection.tab == tab;
        let ids: Vec<_> =
            self.connections.iter().filter(of_tab).map(|connection| connection.id).collect();
        for id in ids {
            self.send(
                id,
                object! {
                    "type": "error", "code": "rate_limited", "message": "too fast",
                    "retryable": true, "retryAfterMs": retry_ms,
                },
            );
            self.close(id, 1013);
        }
    }

    // ----- frames -----

    fn send(&mut self, id: ConnectionId, frame: Value) {
        self.out.push((id, Down::Frame(frame, Note::Nothing)));
    }

    fn error(&mut self, id: ConnectionId, code: &str, message: &str) {
        self.send(id, object! { "type": "error", "code": code, "message": message });
    }

    fn close(&mut self, id: ConnectionId, code: u16) {
        self.out.push((id, Down::Close(code)));
        self.disconnected(self.now, id);
    }

    fn connection(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.id == id)
    }

    /// Sends a diff to every member.
    fn send_presence_diff(&mut self, topic: Topic, (joins, leaves): members::Diff) {
        let frame = object! {
            "type": "presence_diff", "channel": topic.name(), "joins": joins, "leaves": leaves,
        };
        for connection in &self.connections {
            if connection.members[topic as usize].is_some() && connection.has("presence") {
                self.out.push((connection.id, Down::Frame(frame.clone(), Note::Nothing)));
            }
        }
    }

    /// Ends the presence of a connection in a channel that it leaves, without a grace period.
    fn leave_presence(&mut self, id: ConnectionId, topic: Topic) {
        if let Some(diff) = self.channels[topic as usize].present.leave(id) {
            self.send_presence_diff(topic, diff);
        }
    }

    fn reference(&mut self) -> Rc<str> {
        self.references += 1;
        format!("x{}", self.references).into()
    }
}
