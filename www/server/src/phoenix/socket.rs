//! One socket: a single task that reads, decides and writes, one thing after the other.
//!
//! That is how the real thing works, and its clients can tell: while a join is decided nothing
//! else on the socket moves.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::connection::is_too_long;
use crate::phoenix::application::{
    Application, Delivery, Fate, JoinRequest, Line, Malformed, Refused,
};
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::mailbox::{Mail, Mailbox};
use crate::phoenix::outgoing::{Outgoing, Reply, ServerPush, Status};
use crate::phoenix::registry::{Command, Record};
use crate::phoenix::settings::Adapter;
use crate::phoenix::vsn::Vsn;

/// How long a write or a closing handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What browsers call an end without a close frame.
const ABNORMAL: u16 = 1006;

/// A socket and its channels.
pub(crate) struct Socket<A: Application> {
    pub(crate) app: Arc<A>,
    pub(crate) guest: A::Guest,
    pub(crate) vsn: Vsn,
    pub(crate) record: Arc<Record>,
    pub(crate) mailbox: Mailbox,
    pub(crate) channels: BTreeMap<String, Joined<A::Channel>>,
    pub(crate) pace: Pace,
    pub(crate) heard: Instant,
}

/// A joined channel.
pub(crate) struct Joined<C> {
    line: Line,
    channel: C,
}

/// How fast the socket speaks.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    silent: bool,
    delay: Duration,
    late: VecDeque<(Instant, Message)>,
}

/// How a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// We close it.
    Closing(u16),
    /// The peer did, or the transport is gone.
    Over(u16),
}

impl<A: Application> Socket<A> {
    /// Serves the socket until it has ended.
    pub(crate) async fn serve(
        mut self,
        mut ws: WebSocket,
        mut mail: mpsc::Receiver<Mail>,
        mut commands: mpsc::UnboundedReceiver<Command>,
    ) {
        let end = loop {
            let timer = self.next_due();
            let step = tokio::select! {
                biased;
                Some(command) = commands.recv() => self.obey(command),
                Some(mail) = mail.recv(), if !self.pace.silent => self.pass_on(&mut ws, mail).await,
                () = sleep_until(timer), if !self.pace.silent => self.run_out(&mut ws).await,
                message = ws.recv(), if !self.pace.silent => self.take(&mut ws, message).await,
            };
            if let Err(end) = step {
                break end;
            }
        };
        let code = match end {
            End::Closing(code) => self.say_goodbye(&mut ws, &mut mail, code).await,
            End::Over(code) => code,
        };
        for topic in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.remove(&topic);
        }
        self.record.close(code);
    }

    async fn take(
        &mut self,
        ws: &mut WebSocket,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<(), End> {
        self.heard = Instant::now();
        let conduct = self.app.conduct();
        let push = match message {
            Some(Ok(Message::Text(text))) => Push::text(&text, self.vsn),
            Some(Ok(Message::Binary(bytes))) => {
                Push::binary(&bytes, self.vsn, conduct.user_broadcasts)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Close(frame))) => {
                return Err(End::Over(frame.map_or(1005, |frame| frame.code)));
            }
            Some(Err(error)) if is_too_long(&error) => return Err(End::Closing(1009)),
            Some(Err(_)) | None => return Err(End::Over(ABNORMAL)),
        };
        self.record.count_received();
        match (push, conduct.malformed) {
            (Ok(push), _) => self.dispatch(ws, push, conduct.drops_stale).await,
            (Err(_), Malformed::Closes) => Err(End::Closing(1011)),
            (Err(_), Malformed::Ignored) => Ok(()),
        }
    }

    async fn dispatch(
        &mut self,
        ws: &mut WebSocket,
        push: Push,
        drops_stale: bool,
    ) -> Result<(), End> {
        match (push.topic.as_str(), push.event.as_str()) {
            ("phoenix", "heartbeat") => {
                self.reply(None, push.reference, "phoenix", Status::Ok, "{}");
                return Ok(());
            }
            (_, "phx_join") => return self.join(ws, push).await,
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
        let fate = app.receive(&joined.line, &mut joined.channel, push);
        self.end_channel(&topic, fate);
        Ok(())
    }

    async fn join(&mut self, ws: &mut WebSocket, push: Push) -> Result<(), End> {
        let app = Arc::clone(&self.app);
        let Push { join_ref, reference, topic, body, .. } = push;
        let former = self.remove(&topic);
        let payload = body.text().unwrap_or("{}");
        let request = JoinRequest { topic: &topic, payload, joined: self.channels.len() };
        let decided = match app.engine().trouble.strike(&topic) {
            Some(refused) => Err(refused),
            None => app.join(&mut self.guest, &request),
        };
        let registry = &app.engine().registry;
        let closing = match decided {
            Ok(admission) => {
                registry.joined(&self.record.id, &topic, "ok");
                let response = admission.response.as_str();
                self.reply(join_ref.clone(), reference, &topic, Status::Ok, response);
                self.say_ended(&topic, former, "phx_close", "{}");
                let line = Line {
                    place: admission.place,
                    instance: app.engine().exchange.next_instance(),
                    join_ref,
                    mailbox: self.mailbox.clone(),
                };
                app.engine().exchange.enter(&line, admission.sees_presence);
                let joined = Joined { line, channel: admission.channel };
                let joined = self.channels.entry(topic).or_insert(joined);
                app.joined(&joined.line, &mut joined.channel);
                self.note_topics();
                return Ok(());
            }
            Err(Refused::Unmatched) => {
                registry.joined(&self.record.id, &topic, "unmatched topic");
                self.reply_unmatched(reference, &topic);
                None
            }
            Err(Refused::Crashed) => {
                registry.joined(&self.record.id, &topic, "join crashed");
                let response = r#"{"reason":"join crashed"}"#;
                self.reply(join_ref, reference, &topic, Status::Error, response);
                None
            }
            Err(Refused::Error { response, wait, closing }) => {
                registry.joined(&self.record.id, &topic, &response);
                tokio::time::sleep(wait).await;
                self.reply(join_ref, reference, &topic, Status::Error, &response);
                closing
            }
        };
        self.say_ended(&topic, former, "phx_close", "{}");
        self.note_topics();
        match closing {
            // The answer is in the mailbox and leaves before the close frame does.
            Some(code) => Err(End::Closing(code)),
            None => self.flush_late(ws).await,
        }
    }

    fn obey(&mut self, command: Command) -> Result<(), End> {
        match command {
            Command::Close(code) => return Err(End::Closing(code)),
            Command::Drain => {
                let app = Arc::clone(&self.app);
                for joined in self.channels.values() {
                    app.drain(&joined.line);
                }
                return Err(match (self.channels.is_empty(), app.conduct().adapter) {
                    (false, _) => End::Closing(1012),
                    (true, Adapter::Bandit) => End::Closing(1000),
                    (true, Adapter::Cowboy) => End::Over(ABNORMAL),
                });
            }
            Command::Silence(silent) => self.pace.silent = silent,
            Command::Delay(delay) => self.pace.delay = delay,
            Command::Crash(topic) => self.end_channel(&topic, Fate::Crashes),
            Command::CloseChannel(topic) => self.end_channel(&topic, Fate::Closes),
            Command::ExpireTokens => {
                let app = Arc::clone(&self.app);
                self.channels.values_mut().for_each(|joined| app.expire(&mut joined.channel));
            }
        }
        Ok(())
    }

    /// Whatever has become due.
    async fn run_out(&mut self, ws: &mut WebSocket) -> Result<(), End> {
        let now = Instant::now();
        let app = Arc::clone(&self.app);
        self.flush_late(ws).await?;
        let due: Vec<String> = self
            .channels
            .iter()
            .filter(|(_, joined)| app.due(&joined.channel).is_some_and(|at| at <= now))
            .map(|(topic, _)| topic.clone())
            .collect();
        for topic in due {
            if let Some(joined) = self.channels.get_mut(&topic) {
                let fate = app.wake(&joined.line, &mut joined.channel);
                self.end_channel(&topic, fate);
            }
        }
        if self.idle_at() <= now {
            return Err(End::Closing(match app.conduct().adapter {
                Adapter::Bandit => 1002,
                Adapter::Cowboy => 1000,
            }));
        }
        Ok(())
    }

    fn next_due(&self) -> Instant {
        let late = self.pace.late.front().map(|(at, _)| *at);
        let channels = self.channels.values().filter_map(|joined| self.app.due(&joined.channel));
        channels.chain(late).fold(self.idle_at(), Instant::min)
    }

    /// Only what the client sends counts as life.
    fn idle_at(&self) -> Instant {
        let conduct = self.app.conduct();
        self.heard
            + match conduct.adapter {
                Adapter::Bandit => conduct.idle_timeout,
                Adapter::Cowboy => conduct.idle_timeout.mul_f64(1.1),
            }
    }

    async fn pass_on(&mut self, ws: &mut WebSocket, mail: Mail) -> Result<(), End> {
        let outgoing = match mail {
            Mail::Send(outgoing) => outgoing,
            Mail::Deliver { instance, broadcast } => {
                let app = Arc::clone(&self.app);
                let Some((topic, joined)) =
                    self.channels.iter_mut().find(|(_, joined)| joined.line.instance == instance)
                else {
                    return Ok(());
                };
                if app.deliver(&joined.line, &mut joined.channel, &broadcast) == Delivery::Closes {
                    let topic = topic.clone();
                    self.end_channel(&topic, Fate::Closes);
                    return Ok(());
                }
                Outgoing::Broadcast(broadcast)
            }
        };
        let Some(message) = outgoing.encode(self.vsn) else { return Ok(()) };
        if self.pace.delay.is_zero() && self.pace.late.is_empty() {
            return self.write(ws, message).await;
        }
        // A shorter delay than before must not overtake what is still late.
        let last = self.pace.late.back().map(|(at, _)| *at);
        let due = Instant::now() + self.pace.delay;
        self.pace.late.push_back((last.map_or(due, |last| due.max(last)), message));
        Ok(())
    }

    async fn flush_late(&mut self, ws: &mut WebSocket) -> Result<(), End> {
        let now = Instant::now();
        while self.pace.late.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, message)) = self.pace.late.pop_front() {
                self.write(ws, message).await?;
            }
        }
        Ok(())
    }

    async fn write(&self, ws: &mut WebSocket, message: Message) -> Result<(), End> {
        self.record.count_sent();
        match timeout(PATIENCE, ws.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Over(ABNORMAL)),
        }
    }

    async fn say_goodbye(
        &mut self,
        ws: &mut WebSocket,
        mail: &mut mpsc::Receiver<Mail>,
        code: u16,
    ) -> u16 {
        while let Ok(mail) = mail.try_recv() {
            if self.pass_on(ws, mail).await.is_err() {
                return ABNORMAL;
            }
        }
        let frame = CloseFrame { code, reason: "".into() };
        let farewell = async {
            ws.send(Message::Close(Some(frame))).await?;
            while let Some(Ok(_)) = ws.recv().await {}
            Ok::<(), axum::Error>(())
        };
        let _ = timeout(PATIENCE, farewell).await;
        code
    }

    /// Ends a channel that does not stay, and says so.
    fn end_channel(&mut self, topic: &str, fate: Fate) {
        let (event, payload) = match fate {
            Fate::Stays => return,
            Fate::Closes => ("phx_close", "{}"),
            Fate::Crashes => ("phx_error", r#"{"reason":"channel_crash"}"#),
        };
        let former = self.remove(topic);
        self.say_ended(topic, former, event, payload);
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

    fn note_topics(&self) {
        self.record.set_topics(self.channels.keys().cloned().collect());
    }
}

/// The ref of a join that is over.
struct Former(Option<String>);
