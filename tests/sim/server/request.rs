//! The requests of clients, and their answers.

use std::rc::Rc;

use super::{Connection, ConnectionId, Down, Note, Server, epoch_name};
use crate::action::Topic;
use crate::invariants;
use crate::tokens::{STALE, end_of};
use crate::value::{Value, object};

impl Server {
    /// Handles a message of a socket: one frame, or several.
    pub(crate) fn receive(&mut self, now: u64, id: ConnectionId, message: &Value) {
        self.now = now;
        let Some(connection) = self.connection(id) else { return };
        connection.last_frame_at = now;
        match message {
            Value::Array(frames) => {
                self.check_feature(id, "batch", message);
                for frame in frames.iter() {
                    self.frame(id, frame);
                }
            }
            frame => self.frame(id, frame),
        }
    }

    fn frame(&mut self, id: ConnectionId, frame: &Value) {
        if self.poisoned.is_some() {
            return;
        }
        let Some(connection) = self.connection(id) else { return };
        let kind = frame.text_of("type").cloned().unwrap_or_else(|| "".into());
        if &*kind == "auth" {
            return self.authenticate(id, frame);
        }
        if !connection.authenticated && &*kind != "pong" {
            return self.violations.fail(invariants::NEGOTIATED_ONLY, || {
                format!("{frame:?} was sent before the server accepted the connection")
            });
        }
        if matches!(&*kind, "ping" | "pong") {
            if &*kind == "ping" {
                self.pong(id);
            }
            return;
        }
        let Some(topic) = topic_of(frame) else {
            return self
                .violations
                .fail(invariants::NEGOTIATED_ONLY, || format!("{frame:?} has no channel"));
        };
        let feature = match &*kind {
            "subscribe" | "unsubscribe" => "subscribe",
            "recover" => "seq",
            "presence" => "presence",
            "ephemeral" => "ephemeral",
            _ if frame.get("ack").is_some() => "ack",
            _ => "",
        };
        self.check_feature(id, feature, frame);
        match &*kind {
            "subscribe" => self.subscribe(id, topic, frame),
            "unsubscribe" => self.unsubscribe(id, topic, frame),
            "recover" => self.recover(id, topic, frame),
            "presence" => self.presence(id, topic, frame),
            "ephemeral" => self.hint(topic, frame),
            _ => self.message(id, topic, frame),
        }
    }

    fn check_feature(&mut self, id: ConnectionId, feature: &str, frame: &Value) {
        let agreed = feature.is_empty()
            || self.connection(id).is_some_and(|connection| connection.has(feature));
        self.violations.ensure(agreed, invariants::NEGOTIATED_ONLY, || {
            format!("{frame:?} was sent where `{feature}` was not negotiated")
        });
    }

    fn authenticate(&mut self, id: ConnectionId, frame: &Value) {
        let (setup, now) = (self.setup, self.now);
        let user = frame.text_of("token").and_then(|token| token.split('-').nth(1)).map(Rc::from);
        let Some(connection) = self.connection(id) else { return };
        let tab = usize::from(connection.tab);
        let again = connection.authenticated;
        if again {
            self.check_feature(id, "reauth", frame);
        }
        let end = frame.text_of("token").and_then(|token| end_of(token));
        let stale = frame.text_of("token").is_some_and(|token| token.ends_with(STALE))
            || end.is_some_and(|end| now >= end);
        if user.is_none() || stale || self.rejections[tab].tokens > 0 {
            if !stale {
                self.rejections[tab].tokens = self.rejections[tab].tokens.saturating_sub(1);
            }
            self.error(id, "unauthorized", "denied");
            return self.close(id, 4001);
        }
        let other = again && self.connection(id).is_some_and(|connection| connection.user != user);
        if other {
            for topic in Topic::ALL {
                self.leave_presence(id, topic);
            }
        }
        let Some(connection) = self.connection(id) else { return };
        connection.authenticated = true;
        connection.user.clone_from(&user);
        connection.expires_at = end;
        let offered = match frame.get("features") {
            Some(Value::Array(names)) => names.clone(),
            _ => Rc::from([]),
        };
        let is_offered = |name: &&&str| offered.iter().any(|own| *own == Value::from(**name));
        if !again {
            let supported = setup.profile.features();
            connection.features = supported.iter().filter(is_offered).copied().collect();
        }
        if !setup.profile.has_ids() {
            let frame = object! { "type": "auth_success", "connectionId": u64::from(id) };
            let ordinals = [0, 1, 2].map(|at: usize| self.channels[at].log.last());
            return self.out.push((id, Down::Frame(frame, Note::Positions(ordinals))));
        }
        let features = connection.features.iter().map(|name| Value::from(*name)).collect();
        let mut answer = object! {
            "type": "auth_success", "connectionId": u64::from(id),
            "features": Value::Array(features), "ackMemoryMs": setup.ack_memory_ms,
            "user": user.as_ref().map_or("", |user| user),
        };
        if let Some(end) = end.filter(|_| self.reports_lifetimes(tab)) {
            answer = answer.merged([("expiresInMs".into(), Value::from(end - now))]);
        }
        self.send(id, answer);
    }

    fn pong(&mut self, id: ConnectionId) {
        let heads = Topic::ALL.map(|topic| {
            let log = &self.channel(topic).log;
            (log.epoch(), log.head())
        });
        let Some(connection) = self.connection(id) else { return };
        let mut changed = Vec::new();
        for topic in Topic::ALL {
            let (last_head, head) =
                (&mut connection.last_head[topic as usize], heads[topic as usize]);
            if connection.members[topic as usize].is_some() && *last_head != head {
                *last_head = head;
                let place = object! { "epoch": &epoch_name(head.0), "seq": head.1 };
                changed.push((topic.name().into(), place));
            }
        }
        let mut pong = object! { "type": "pong" };
        if connection.has("seq") && !changed.is_empty() {
            pong = pong.merged([("heads".into(), Value::members(changed))]);
        }
        self.send(id, pong);
    }

    fn subscribe(&mut self, id: ConnectionId, topic: Topic, frame: &Value) {
        let Some(reference) = frame.whole("ref") else {
            return self
                .violations
                .fail(invariants::NEGOTIATED_ONLY, || format!("{frame:?} has no ref"));
        };
        let Some(connection) = self.connection(id) else { return };
        let rejections = usize::from(connection.tab);
        let rejections = &mut self.rejections[rejections];
        if rejections.joins > 0 {
            rejections.joins -= 1;
            let retry_after = rejections.join_retry_ms;
            return self.send(
                id,
                object! {
                    "type": "error", "ref": reference, "channel": topic.name(),
                    "code": "rate_limited", "message": "not now", "retryable": true,
                    "retryAfterMs": retry_after,
                },
            );
        }
        let (left, after_ms) = &mut rejections.memberships[topic as usize];
        if *left > 0 {
            *left -= 1;
            self.ending.push((self.now + *after_ms, id, topic, reference));
        }
        let log = &self.channels[topic as usize].log;
        let (epoch, head, last) = (log.epoch(), log.head(), log.last());
        let Some(connection) = self.connections.iter_mut().find(|connection| connection.id == id)
        else {
            return;
        };
        connection.members[topic as usize] = Some(reference);
        connection.last_head[topic as usize] = (epoch, head);
        let mut answer =
            object! { "type": "subscribed", "channel": topic.name(), "ref": reference };
        let mut missed: &[_] = &[];
        let mut recovered = false;
        if connection.has("seq") {
            let since = frame.get("since").filter(|since| {
                since.text_of("epoch").is_some_and(|named| *named == epoch_name(epoch))
            });
            let since = since.and_then(|since| since.whole("seq")).filter(|seq| *seq <= head);
            let found = since.and_then(|seq| log.range(seq + 1, head));
            recovered = found.is_some();
            missed = found.unwrap_or_default();
            answer = answer.merged([
                ("epoch".into(), Value::from(&epoch_name(epoch))),
                ("seq".into(), Value::from(head - missed.len() as u64)),
                ("head".into(), Value::from(head)),
                ("recovered".into(), Value::from(recovered)),
            ]);
        }
        self.out
            .push((id, Down::Frame(answer, Note::Position { topic, ordinal: last, recovered })));
        for message in missed {
            self.out.push((id, Down::Frame(message.frame.clone(), Note::Message)));
        }
        if connection.has("presence") {
            let state = self.channels[topic as usize].present.state();
            let frame =
                object! { "type": "presence_state", "channel": topic.name(), "state": state };
            self.send(id, frame);
        }
    }

    fn unsubscribe(&mut self, id: ConnectionId, topic: Topic, frame: &Value) {
        if let Some(connection) = self.connection(id) {
            connection.members[topic as usize] = None;
        }
        self.leave_presence(id, topic);
        let reference = frame.get("ref").cloned().unwrap_or(Value::Null);
        let answer = object! { "type": "unsubscribed", "channel": topic.name(), "ref": reference };
        self.send(id, answer);
    }

    fn recover(&mut self, id: ConnectionId, topic: Topic, frame: &Value) {
        let log = &self.channels[topic as usize].log;
        let known = frame.text_of("epoch").is_some_and(|own| *own == epoch_name(log.epoch()));
        let range = (frame.whole("from"), frame.whole("to"));
        let found = match range {
            (Some(from), Some(to)) if known => log.range(from, to),
            _ => None,
        };
        let complete = found.is_some();
        for message in found.unwrap_or_default() {
            self.out.push((id, Down::Frame(message.frame.clone(), Note::Message)));
        }
        let reference = frame.get("ref").cloned().unwrap_or(Value::Null);
        self.send(
            id,
            object! {
                "type": "recovered", "channel": topic.name(), "ref": reference,
                "complete": complete,
            },
        );
    }

    fn presence(&mut self, id: ConnectionId, topic: Topic, frame: &Value) {
        let reference = self.reference();
        let answer_to = frame.get("ref").cloned().unwrap_or(Value::Null);
        let member = |connection: &&Connection| {
            connection.id == id && connection.members[topic as usize].is_some()
        };
        let user =
            self.connections.iter().find(member).and_then(|connection| connection.user.clone());
        let Some(key) = user else {
            return self.send(
                id,
                object! {
                    "type": "error", "channel": topic.name(), "ref": answer_to,
                    "code": "invalid", "message": "not a member", "retryable": false,
                },
            );
        };
        if frame.text_of("action").is_some_and(|action| &**action == "untrack") {
            self.leave_presence(id, topic);
        } else {
            let meta = frame.get("meta").cloned().unwrap_or_else(|| object! {});
            let replaces = frame.text_of("replaces").map(|text| &**text);
            let present = &mut self.channels[topic as usize].present;
            let diff = present.track(id, &key, (reference.clone(), &meta), replaces);
            self.send_presence_diff(topic, diff);
        }
        self.send(
            id,
            object! {
                "type": "presence_ok", "channel": topic.name(), "ref": answer_to,
                "key": &key, "presence": &reference,
            },
        );
    }

    fn hint(&mut self, topic: Topic, frame: &Value) {
        for connection in &self.connections {
            if connection.members[topic as usize].is_some() {
                self.out.push((connection.id, Down::Frame(frame.clone(), Note::Nothing)));
            }
        }
    }
}

/// The channel of a frame.
fn topic_of(frame: &Value) -> Option<Topic> {
    let name = frame.text_of("channel")?;
    Topic::ALL.into_iter().find(|topic| topic.name() == &**name)
}
