//! Messages: accepted once, appended to the log, sent to the members.

use std::rc::Rc;

use super::{ConnectionId, Down, Note, Origin, Server};
use crate::action::{Head, Poison, Topic};
use crate::invariants;
use crate::value::{Value, object};

/// The parts of a message, whoever sent it.
pub(super) struct Parts {
    pub(super) number: u32,
    pub(super) id: Rc<str>,
    /// The id of its mutation, if members receive one.
    pub(super) mutation: Option<Rc<str>>,
    pub(super) event: Option<Rc<str>>,
    pub(super) payload: Value,
}

impl Server {
    /// Publishes a message of the server's own.
    pub(crate) fn publish(&mut self, now: u64, topic: Topic, large: Option<Head>) {
        self.now = now;
        let number = self.message_records.number(Origin::Server, topic);
        if large == Some(Head::Unreadable) {
            self.unusable = [true; 3];
        }
        let large = large.map(|head| ("large".into(), Value::from(head.name())));
        if large.is_some() {
            self.large.push(number);
        }
        let payload = object! { "n": u64::from(number) }.merged(large);
        let id = message_id(number);
        let parts = Parts { number, id: id.clone(), mutation: Some(id), event: None, payload };
        let accepted = self.take(0, topic, parts);
        debug_assert!(accepted.is_ok(), "a message without a change is never rejected");
    }

    /// Drops all but the newest messages of a channel's log.
    pub(crate) fn trim(&mut self, topic: Topic, keep: u8) {
        self.channels[topic as usize].log.trim(u64::from(keep));
    }

    /// Handles a client's message.
    pub(super) fn message(&mut self, id: ConnectionId, topic: Topic, frame: &Value) {
        let Some(connection) = self.connections.iter().find(|connection| connection.id == id)
        else {
            return;
        };
        let (user, tab) = (connection.user.clone(), usize::from(connection.tab));
        let envelope = connection.has("envelope");
        if !envelope && frame.get("typing").is_some() {
            // Without `ephemeral` it is an ordinary message, but its delivery is not checked.
            return self.relay(frame);
        }
        let Some(parts) = parts(frame, envelope) else {
            return self
                .violations
                .fail(invariants::NEGOTIATED_ONLY, || format!("{frame:?} is not a valid message"));
        };
        if let Some(poison) = poison_of(&parts.payload) {
            return self.poison(parts.number, poison);
        }
        let wants_ack = connection.has("ack") && frame.get("ack") == Some(&Value::Bool(true));
        let channel = &self.channels[topic as usize];
        if let Some(answer) = channel.memory.answer(&parts.id, user.as_ref()) {
            let answer = answer.clone();
            if wants_ack {
                self.send(id, answer);
            }
            return;
        }
        let rejections = &mut self.rejections[tab];
        if wants_ack && rejections.sends > 0 {
            rejections.sends -= 1;
            self.message_records.reject(parts.number, id);
            return self.reject(id, topic, &parts.id, "rate_limited");
        }
        let message_id = parts.id.clone();
        let number = parts.number;
        let echo = self.out.len();
        let answer = match self.take(id, topic, parts) {
            Ok(stored) => self.acceptance(topic, &message_id, stored),
            Err(code) => {
                self.message_records.reject(number, id);
                if wants_ack {
                    self.reject(id, topic, &message_id, code);
                }
                return;
            }
        };
        let channel = &mut self.channels[topic as usize];
        if envelope && self.setup.profile != crate::setup::Profile::NoAck {
            let place = (number, channel.log.last());
            channel.memory.note(self.now, place, (message_id, user), answer.clone());
        }
        // The answer to a change has to keep its order with the messages of its table.
        if wants_ack && self.acks_late_ms > 0 && topic != Topic::Table {
            self.late.push((self.now + self.acks_late_ms, id, answer));
        } else if wants_ack {
            let ack = (id, Down::Frame(answer, Note::Nothing));
            if self.setup.echo_first {
                self.out.push(ack);
            } else {
                self.out.insert(echo, ack);
            }
        }
    }

    /// Appends a message to the log, makes its change if its channel has a table, and sends it to the
    /// members. Returns the stored row.
    pub(super) fn take(
        &mut self,
        by: ConnectionId,
        topic: Topic,
        parts: Parts,
    ) -> Result<Option<Value>, &'static str> {
        let Parts { number, id, mutation, event, mut payload } = parts;
        let mut stored = None;
        let channel = &mut self.channels[topic as usize];
        let change = event.as_deref().filter(|event| {
            topic == Topic::Table && matches!(*event, "insert" | "update" | "delete")
        });
        if let Some(change) = change {
            let made = channel.table.change(number, change, &payload)?;
            // Without the mutation's id, the number identifies the message in the simulator.
            let name = mutation.as_ref().map_or_else(
                || ("n".into(), Value::from(u64::from(number))),
                |mutation| ("mutation".into(), Value::from(mutation)),
            );
            payload = made.message.merged([name]);
            stored = Some(made.stored);
        }
        let (base, has_seq) = (!self.setup.profile.has_ids(), self.setup.profile.has_seq());
        let head = [
            ("type".into(), Value::from("channel_message")),
            ("channel".into(), Value::from(topic.name())),
        ];
        let named = event.as_ref().map(|event| ("event".into(), Value::from(event)));
        let message = channel.log.append(number, |epoch, seq| {
            let mut members: Vec<_> = head.into_iter().chain(named).collect();
            if base {
                members.extend(payload.entries().iter().cloned());
                return Value::members(members);
            }
            members.push(("id".into(), Value::from(&id)));
            if has_seq {
                members.push(("seq".into(), Value::from(seq)));
                members.push(("epoch".into(), Value::from(epoch)));
            }
            members.push(("payload".into(), payload));
            Value::members(members)
        });
        let frame = message.frame.clone();
        let ordinal = channel.log.last();
        self.message_records.take(number, ordinal, by, &mut self.violations);
        for connection in &self.connections {
            let member = connection.members[topic as usize].is_some();
            if member || (base && connection.authenticated) {
                self.out.push((connection.id, Down::Frame(frame.clone(), Note::Message)));
            }
        }
        Ok(stored)
    }

    /// Closes the connection after this message, each time.
    fn poison(&mut self, number: u32, poison: Poison) {
        let at = self.poisons.iter().position(|(known, _)| *known == number).unwrap_or_else(|| {
            self.poisons.push((number, 0));
            self.poisons.len() - 1
        });
        let (_, times) = &mut self.poisons[at];
        *times += 1;
        let times = *times;
        self.violations.ensure(times <= MAX_POISONED, invariants::FATAL_MESSAGE_ENDS, || {
            format!("message {number}, which ends each connection, was sent {times} times")
        });
        self.poisoned = Some(match poison {
            Poison::TooBig => 1009,
            Poison::Failed => 1011,
            Poison::Gone => 1006,
        });
    }

    fn relay(&mut self, frame: &Value) {
        for connection in self.connections.iter().filter(|connection| connection.authenticated) {
            self.out.push((connection.id, Down::Frame(frame.clone(), Note::Nothing)));
        }
    }

    fn acceptance(&self, topic: Topic, id: &Rc<str>, stored: Option<Value>) -> Value {
        let log = &self.channels[topic as usize].log;
        let mut answer = object! {
            "type": "ack", "channel": topic.name(), "id": id, "status": "ok",
        };
        if self.setup.profile.has_seq() {
            answer = answer.merged([("seq".into(), Value::from(log.head()))]);
        }
        match stored {
            Some(stored) => answer.merged([("payload".into(), stored)]),
            None => answer,
        }
    }

    fn reject(&mut self, id: ConnectionId, topic: Topic, message: &Rc<str>, code: &str) {
        let answer = object! {
            "type": "ack", "channel": topic.name(), "id": message, "status": "error",
            "code": code, "message": "rejected", "retryable": code == "rate_limited",
        };
        self.send(id, answer);
    }
}

/// How often a message may end a connection: twice by itself, once more where another pending message
/// could have been the cause, and further times while a page that does not run receives no close.
const MAX_POISONED: u8 = 6;

fn poison_of(payload: &Value) -> Option<Poison> {
    let name = payload.text_of("poison")?;
    Poison::ALL.into_iter().find(|poison| poison.name() == &**name)
}

/// The id of a message with this number.
pub(crate) fn message_id(number: u32) -> Rc<str> {
    format!("m{number}").into()
}

/// The number of a message with this id: `m`, or `r` if it came by request. A later attempt
/// has `~` and its count at the end.
pub(crate) fn number_of(id: &str) -> Option<u32> {
    id.strip_prefix(['m', 'r'])?.split('~').next()?.parse().ok()
}

fn parts(frame: &Value, envelope: bool) -> Option<Parts> {
    let event = frame.text_of("event").cloned();
    if envelope {
        let id = frame.text_of("id")?.clone();
        let number = number_of(&id)?;
        let payload = frame.get("payload")?.clone();
        let same = payload.whole("n").is_none_or(|own| own == u64::from(number));
        return same.then_some(Parts { number, mutation: Some(id.clone()), id, event, payload });
    }
    let mutation = frame.text_of("mutation").cloned();
    let number = match (frame.whole("n"), &mutation) {
        (Some(number), _) => u32::try_from(number).ok()?,
        (None, Some(mutation)) => number_of(mutation)?,
        (None, None) => return None,
    };
    let id = message_id(number);
    let envelope = ["type", "channel", "event"];
    let own = |(key, _): &&(_, _)| !envelope.contains(&AsRef::<str>::as_ref(key));
    let payload = Value::members(frame.entries().iter().filter(own).cloned().collect());
    let mutation = mutation.or_else(|| Some(id.clone()));
    Some(Parts { number, mutation, id, event, payload })
}
