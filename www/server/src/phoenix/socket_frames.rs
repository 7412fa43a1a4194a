//! What a client's frames do to its socket's channels.

use std::sync::Arc;
use std::time::Duration;

use crate::account::Deed;
use crate::phoenix::application::{Application, Fate};
use crate::phoenix::channel_handle::Line;
use crate::phoenix::frame::{Body, MAX_NAME, Push};
use crate::phoenix::join::{Admission, JoinRequest, Refused};
use crate::phoenix::mailbox::Mail;
use crate::phoenix::outgoing::{Outgoing, Reply, ServerPush, Status};
use crate::phoenix::socket::{End, HEARTBEAT_TOPIC, Joined, Socket};
use crate::refusal::Refusal;

/// The ref of a join that is over.
struct Former(Option<String>);

impl<A: Application> Socket<A> {
    /// Does what a frame asks for.
    pub(super) async fn dispatch(&mut self, push: Push, drops_stale: bool) -> Result<(), End> {
        if let Err(refusal) = push.check() {
            self.reply_refused(push, &refusal);
            return Ok(());
        }
        match (push.topic.as_str(), push.event.as_str()) {
            (HEARTBEAT_TOPIC, "heartbeat") => {
                self.reply(None, push.reference, HEARTBEAT_TOPIC, Status::Ok, "{}");
                return Ok(());
            }
            (_, "phx_join") => {
                return match self.throttle.admit(Deed::Request) {
                    Ok(()) => self.join(push).await,
                    Err(refusal) => {
                        self.reply_refused(push, &refusal);
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
        let stale = push.join_ref.is_some() && push.join_ref != joined.line.join_ref;
        if stale && (drops_stale || push.event == "phx_leave") {
            return Ok(());
        }
        let topic = push.topic.clone();
        if push.event == "phx_leave" {
            let join_ref = joined.line.join_ref.clone();
            self.reply(join_ref, push.reference, &topic, Status::Ok, "{}");
            self.end_channel(&topic, Fate::Closes);
            return Ok(());
        }
        let app = Arc::clone(&self.app);
        let (place, bytes) = (joined.line.place.clone(), push.body.bytes());
        let fate = app.receive(&joined.line, &mut joined.channel, push);
        self.end_channel(&topic, fate);
        self.throttle.let_others(bytes, || app.engine().exchange.is_behind(&place)).await;
        Ok(())
    }

    /// Joins anew, whatever was joined under this topic before. The answer comes before the end
    /// of the former join is told.
    async fn join(&mut self, push: Push) -> Result<(), End> {
        let app = Arc::clone(&self.app);
        let former = self.remove(&push.topic);
        let payload = push.body.text().unwrap_or("{}");
        let request = JoinRequest { topic: &push.topic, payload, joined: self.channels.len() };
        let decided = match app.engine().trouble.strike(&push.topic) {
            Some(refused) => Err(refused),
            None => app.join(&mut self.guest, &request),
        };
        let topic = push.topic.clone();
        let closing = match decided {
            Ok(admission) => {
                self.note_join(&topic, "ok");
                let response = admission.response.as_str();
                self.reply(push.join_ref.clone(), push.reference, &topic, Status::Ok, response);
                self.say_ended(&topic, former, "phx_close", "{}");
                self.admit(topic, push.join_ref, admission);
                None
            }
            Err(refused) => {
                let closing = self.refuse(push, refused).await;
                self.say_ended(&topic, former, "phx_close", "{}");
                closing
            }
        };
        self.note_topics();
        // The answer is in the mailbox, and leaves before the close frame does.
        closing.map_or(Ok(()), |code| Err(End::Closing(code)))
    }

    fn admit(&mut self, topic: String, join_ref: Option<String>, admission: Admission<A::Channel>) {
        let app = Arc::clone(&self.app);
        let exchange = &app.engine().exchange;
        let Admission { place, sees_presence, channel, .. } = admission;
        let instance = exchange.next_instance();
        let line = Line { place, instance, join_ref, mailbox: self.mailbox.clone() };
        exchange.enter(&line, sees_presence);
        let joined = self.channels.entry(topic).or_insert(Joined { line, channel });
        app.joined(&joined.line, &mut joined.channel);
    }

    /// Answers a join that fails; the code the socket is then closed with, if it is.
    async fn refuse(&mut self, push: Push, refused: Refused) -> Option<u16> {
        let (response, wait, closing) = match refused {
            Refused::Unmatched => {
                self.note_join(&push.topic, "unmatched topic");
                self.reply_unmatched(push.reference, &push.topic);
                return None;
            }
            Refused::Crashed => (r#"{"reason":"join crashed"}"#.into(), Duration::ZERO, None),
            Refused::Error { response, wait, closing } => (response, wait, closing),
        };
        self.note_join(&push.topic, &response);
        // Nothing else moves on this socket meanwhile.
        tokio::time::sleep(wait).await;
        self.reply(push.join_ref, push.reference, &push.topic, Status::Error, &response);
        closing
    }

    /// Ends a channel that does not stay, and says so.
    pub(super) fn end_channel(&mut self, topic: &str, fate: Fate) {
        let (event, payload) = match fate {
            Fate::Stays => return,
            Fate::Closes => ("phx_close", "{}"),
            Fate::Crashes => ("phx_error", r#"{"reason":"channel_crash"}"#),
        };
        let former = self.remove(topic);
        self.say_ended(topic, former, event, payload);
        self.note_topics();
    }

    /// Ends every channel; the socket is gone, and nothing is said.
    pub(super) fn abandon(&mut self) {
        for topic in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.remove(&topic);
        }
        self.note_topics();
    }

    /// Takes a channel out; the join it had, if it was joined.
    fn remove(&mut self, topic: &str) -> Option<Former> {
        let Joined { line, channel } = self.channels.remove(topic)?;
        self.app.engine().exchange.leave(&line.place, line.instance);
        self.app.left(&line, channel);
        Some(Former(line.join_ref))
    }

    fn say_ended(&self, topic: &str, former: Option<Former>, event: &str, payload: &str) {
        if let Some(Former(join_ref)) = former {
            self.mailbox.post(Mail::Send(Outgoing::Push(ServerPush {
                reference: join_ref.clone(),
                join_ref,
                topic: topic.into(),
                event: event.into(),
                payload: Body::json(payload),
            })));
        }
    }

    /// Refuses a push that is not looked at any further, whether or not its sender wants an answer.
    fn reply_refused(&self, push: Push, refusal: &Refusal) {
        let response = Body::refusal(refusal);
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
