//! Processing of a client's frames: joins, leaves and pushes of its channels.

use std::sync::Arc;
use std::time::Duration;

use tidewire_server_core::Rejection;
use tidewire_server_core::account::Operation;

use crate::phoenix::application::{Application, ChannelOutcome};
use crate::phoenix::channel_handle::ChannelHandle;
use crate::phoenix::frame::{Body, MAX_NAME, Push};
use crate::phoenix::join::{JoinAccepted, JoinRejected, JoinRequest};
use crate::phoenix::mailbox::Mail;
use crate::phoenix::outgoing::{Outgoing, Reply, ServerPush, Status};
use crate::phoenix::socket::{End, HEARTBEAT_TOPIC, Joined, Socket};

/// The ref of a join that has ended.
struct FormerJoin(Option<String>);

impl<A: Application> Socket<A> {
    /// Processes a frame.
    pub(super) async fn dispatch(&mut self, push: Push, drops_stale: bool) -> Result<(), End> {
        if let Err(rejection) = push.check() {
            self.reply_rejected(push, &rejection);
            return Ok(());
        }
        match (push.topic.as_str(), push.event.as_str()) {
            (HEARTBEAT_TOPIC, "heartbeat") => {
                self.reply(None, push.reference, HEARTBEAT_TOPIC, Status::Ok, "{}");
                return Ok(());
            }
            (_, "phx_join") => {
                return match self.throttle.admit(Operation::Request) {
                    Ok(()) => self.join(push).await,
                    Err(rejection) => {
                        self.reply_rejected(push, &rejection);
                        Ok(())
                    }
                };
            }
            _ => {}
        }
        let Some(joined) = self.channels.get_mut(&push.topic) else {
            if push.event == "phx_leave" {
                self.reply(push.join_ref, push.reference, &push.topic, Status::Ok, "{}");
            } else {
                self.reply_unmatched(push.reference, &push.topic);
            }
            return Ok(());
        };
        let stale = push.join_ref.is_some() && push.join_ref != joined.handle.join_ref;
        if stale && (drops_stale || push.event == "phx_leave") {
            return Ok(());
        }
        let topic = push.topic.clone();
        if push.event == "phx_leave" {
            let join_ref = joined.handle.join_ref.clone();
            self.reply(join_ref, push.reference, &topic, Status::Ok, "{}");
            self.end_channel(&topic, ChannelOutcome::Close);
            return Ok(());
        }
        let app = Arc::clone(&self.app);
        let (place, bytes) = (joined.handle.place.clone(), push.body.bytes());
        let outcome = app.receive(&joined.handle, &mut joined.channel, push);
        self.end_channel(&topic, outcome);
        self.throttle.yield_to_others(bytes, || app.engine().topics.is_behind(&place)).await;
        Ok(())
    }

    /// Joins a topic, and ends an earlier join of it. The answer is sent before the end of the
    /// earlier join.
    async fn join(&mut self, push: Push) -> Result<(), End> {
        let app = Arc::clone(&self.app);
        let former = self.remove(&push.topic);
        let payload = push.body.text().unwrap_or("{}");
        let request = JoinRequest { topic: &push.topic, payload, joined: self.channels.len() };
        let result = match app.engine().join_faults.take(&push.topic) {
            Some(rejected) => Err(rejected),
            None => app.join(&mut self.socket_data, &request),
        };
        let topic = push.topic.clone();
        let closing = match result {
            Ok(admission) => {
                self.note_join(&topic, "ok");
                let response = admission.response.as_str();
                self.reply(push.join_ref.clone(), push.reference, &topic, Status::Ok, response);
                self.send_ended(&topic, former, "phx_close", "{}");
                self.admit(topic, push.join_ref, admission);
                None
            }
            Err(rejected) => {
                let closing = self.reject(push, rejected).await;
                self.send_ended(&topic, former, "phx_close", "{}");
                closing
            }
        };
        self.note_topics();
        // The answer is in the mailbox, and is sent before the close frame.
        closing.map_or(Ok(()), |code| Err(End::Closing(code)))
    }

    fn admit(
        &mut self,
        topic: String,
        join_ref: Option<String>,
        admission: JoinAccepted<A::Channel>,
    ) {
        let app = Arc::clone(&self.app);
        let topics = &app.engine().topics;
        let JoinAccepted { place, receives_presence, channel, .. } = admission;
        let instance = topics.next_instance();
        let handle = ChannelHandle { place, instance, join_ref, mailbox: self.mailbox.clone() };
        topics.enter(&handle, receives_presence);
        let joined = self.channels.entry(topic).or_insert(Joined { handle, channel });
        app.joined(&joined.handle, &mut joined.channel);
    }

    /// Answers a failed join; returns the code with which the socket is to be closed, if it is.
    async fn reject(&mut self, push: Push, rejected: JoinRejected) -> Option<u16> {
        let (response, wait, closing) = match rejected {
            JoinRejected::Unmatched => {
                self.note_join(&push.topic, "unmatched topic");
                self.reply_unmatched(push.reference, &push.topic);
                return None;
            }
            JoinRejected::Crashed => (r#"{"reason":"join crashed"}"#.into(), Duration::ZERO, None),
            JoinRejected::Error { response, wait, closing } => (response, wait, closing),
        };
        self.note_join(&push.topic, &response);
        // Blocks the whole socket, as the real server does.
        tokio::time::sleep(wait).await;
        self.reply(push.join_ref, push.reference, &push.topic, Status::Error, &response);
        closing
    }

    /// Ends a channel unless the outcome is to continue, and sends the event of the outcome.
    pub(super) fn end_channel(&mut self, topic: &str, outcome: ChannelOutcome) {
        let (event, payload) = match outcome {
            ChannelOutcome::Continue => return,
            ChannelOutcome::Close => ("phx_close", "{}"),
            ChannelOutcome::Crash => ("phx_error", r#"{"reason":"channel_crash"}"#),
        };
        let former = self.remove(topic);
        self.send_ended(topic, former, event, payload);
        self.note_topics();
    }

    /// Ends every channel; the socket is closed, and nothing is sent.
    pub(super) fn abandon(&mut self) {
        for topic in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.remove(&topic);
        }
        self.note_topics();
    }

    /// Removes a channel; returns its join, if it was joined.
    fn remove(&mut self, topic: &str) -> Option<FormerJoin> {
        let Joined { handle, channel } = self.channels.remove(topic)?;
        self.app.engine().topics.leave(&handle.place, handle.instance);
        self.app.left(&handle, channel);
        Some(FormerJoin(handle.join_ref))
    }

    fn send_ended(&self, topic: &str, former: Option<FormerJoin>, event: &str, payload: &str) {
        if let Some(FormerJoin(join_ref)) = former {
            self.mailbox.post(Mail::Send(Outgoing::Push(ServerPush {
                reference: join_ref.clone(),
                join_ref,
                topic: topic.into(),
                event: event.into(),
                payload: Body::json(payload),
            })));
        }
    }

    /// Rejects a push, which is not processed any further. Always sends a reply.
    fn reply_rejected(&self, push: Push, rejection: &Rejection) {
        let response = Body::rejection(rejection);
        let short = |text: String| Some(text).filter(|text| text.len() <= MAX_NAME);
        let topic = short(push.topic).unwrap_or_default();
        let reference = push.reference.and_then(short);
        let response = response.text().unwrap_or_default();
        self.reply(push.join_ref.and_then(short), reference, &topic, Status::Error, response);
    }

    fn reply_unmatched(&self, reference: Option<String>, topic: &str) {
        let response = r#"{"reason":"unmatched topic"}"#;
        self.reply(None, reference, topic, Status::Error, response);
    }

    fn reply(
        &self,
        join_ref: Option<String>,
        reference: Option<String>,
        topic: &str,
        status: Status,
        response: &str,
    ) {
        self.mailbox.post(Mail::Send(Outgoing::Reply(Reply {
            join_ref,
            reference,
            topic: topic.into(),
            status,
            response: Body::json(response),
        })));
    }

    fn note_join(&self, topic: &str, outcome: &str) {
        self.app.engine().registry.joined(&self.record.id, topic, outcome);
    }

    fn note_topics(&self) {
        self.record.set_topics(self.channels.keys().cloned().collect());
    }
}
