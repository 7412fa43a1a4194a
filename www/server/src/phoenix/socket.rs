//! One socket: a single task that reads, processes and writes sequentially.
//!
//! The real server does the same, which clients can observe: while a join is processed, nothing
//! else on the socket is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tidewire_server_core::account::Operation;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::connection::{is_too_long, violation};
use crate::phoenix::application::{Application, ChannelOutcome, Delivery, Malformed};
use crate::phoenix::channel_handle::ChannelHandle;
use crate::phoenix::frame::Push;
use crate::phoenix::mailbox::{Mail, Mailbox};
use crate::phoenix::outgoing::Outgoing;
use crate::phoenix::registry::{Command, Record};
use crate::phoenix::settings::Adapter;
use crate::phoenix::throttle::Throttle;
use crate::phoenix::vsn::Vsn;

/// How long a write or a closing handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The topic of heartbeats, which is not a channel.
pub(super) const HEARTBEAT_TOPIC: &str = "phoenix";

/// The close code that browsers report without a close frame.
const ABNORMAL: u16 = 1006;

/// A socket and its channels.
pub(crate) struct Socket<A: Application> {
    pub(crate) app: Arc<A>,
    pub(crate) socket_data: A::SocketData,
    pub(crate) vsn: Vsn,
    pub(crate) record: Arc<Record>,
    pub(crate) mailbox: Mailbox,
    pub(crate) channels: BTreeMap<String, Joined<A::Channel>>,
    pub(crate) pace: Pace,
    pub(crate) last_received: Instant,
    pub(crate) throttle: Throttle,
}

/// A joined channel.
pub(crate) struct Joined<C> {
    pub(super) handle: ChannelHandle,
    pub(super) channel: C,
}

/// Faults of the socket's output: silence, and delay with the delayed messages.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    silent: bool,
    delay: Duration,
    late: VecDeque<(Instant, Message)>,
}

/// Why a socket's loop ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The server closes the socket with this code.
    Closing(u16),
    /// The peer closed the socket, or the transport failed.
    Over(u16),
}

impl<A: Application> Socket<A> {
    /// Serves the socket until it is closed.
    pub(crate) async fn serve(
        mut self,
        mut ws: WebSocket,
        mut mail: mpsc::UnboundedReceiver<Mail>,
        mut commands: mpsc::UnboundedReceiver<Command>,
    ) {
        let end = loop {
            let timer = self.next_due();
            let step = tokio::select! {
                biased;
                Some(command) = commands.recv() => self.execute(command),
                Some(mail) = mail.recv(), if !self.pace.silent => self.write_mail(&mut ws, mail).await,
                () = sleep_until(timer), if !self.pace.silent => self.on_deadline(&mut ws).await,
                message = ws.recv(), if !self.pace.silent && !self.must_pause() => {
                    self.take(message).await
                }
            };
            if let Err(end) = step {
                break end;
            }
        };
        let code = match end {
            End::Closing(code) => self.send_close(&mut ws, &mut mail, code).await,
            End::Over(code) => code,
        };
        self.abandon();
        self.record.close(code);
    }

    async fn take(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.last_received = Instant::now();
        self.throttle.switch.settle();
        let socket_policy = self.app.socket_policy();
        let push = match message {
            Some(Ok(Message::Text(text))) => Push::text(&text, self.vsn),
            Some(Ok(Message::Binary(bytes))) => {
                Push::binary(&bytes, self.vsn, socket_policy.user_broadcasts)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                self.throttle.slow_down(Operation::Request);
                return Ok(());
            }
            Some(Ok(Message::Close(frame))) => {
                return Err(End::Over(frame.map_or(1005, |frame| frame.code)));
            }
            Some(Err(error)) if is_too_long(&error) => return Err(End::Closing(1009)),
            Some(Err(_)) if self.throttle.switch.is_crowded_out() => {
                return Err(End::Closing(1013));
            }
            Some(Err(error)) => {
                return Err(violation(&error).map_or(End::Over(ABNORMAL), End::Closing));
            }
            None => return Err(End::Over(ABNORMAL)),
        };
        self.record.count_received();
        self.throttle.slow_down_by(push.as_ref().map_or(0, |push| push.body.bytes()));
        self.throttle.slow_down(match &push {
            Ok(push) if push.topic != HEARTBEAT_TOPIC => Operation::Message,
            _ => Operation::Request,
        });
        match (push, socket_policy.malformed) {
            (Ok(push), _) => self.dispatch(push, socket_policy.drops_stale).await,
            (Err(_), Malformed::Closes) => Err(End::Closing(1011)),
            (Err(_), Malformed::Ignored) => Ok(()),
        }
    }

    fn execute(&mut self, command: Command) -> Result<(), End> {
        match command {
            Command::Close(code) => return Err(End::Closing(code)),
            Command::Drain => {
                let app = Arc::clone(&self.app);
                for joined in self.channels.values() {
                    app.drain(&joined.handle);
                }
                return Err(match (self.channels.is_empty(), app.socket_policy().adapter) {
                    (false, _) => End::Closing(1012),
                    (true, Adapter::Bandit) => End::Closing(1000),
                    (true, Adapter::Cowboy) => End::Over(ABNORMAL),
                });
            }
            Command::Say(text) => self.mailbox.post(Mail::Send(Outgoing::Raw(text))),
            Command::Silence(silent) => self.pace.silent = silent,
            Command::Delay(delay) => self.pace.delay = delay,
            Command::Crash(topic) => self.end_channel(&topic, ChannelOutcome::Crash),
            Command::CloseChannel(topic) => self.end_channel(&topic, ChannelOutcome::Close),
            Command::ExpireTokens => {
                let app = Arc::clone(&self.app);
                app.expire_socket(&mut self.socket_data);
                self.channels.values_mut().for_each(|joined| app.expire(&mut joined.channel));
            }
        }
        Ok(())
    }

    /// Processes everything that is due.
    async fn on_deadline(&mut self, ws: &mut WebSocket) -> Result<(), End> {
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
                let outcome = app.wake(&joined.handle, &mut joined.channel);
                self.end_channel(&topic, outcome);
            }
        }
        if self.idle_at() <= now {
            return Err(End::Closing(match app.socket_policy().adapter {
                Adapter::Bandit => 1002,
                Adapter::Cowboy => 1000,
            }));
        }
        Ok(())
    }

    fn next_due(&self) -> Instant {
        let late = self.pace.late.front().map(|(at, _)| *at);
        let channels = self.channels.values().filter_map(|joined| self.app.due(&joined.channel));
        let rest = self.throttle.paused_until();
        channels.chain(late).chain(rest).fold(self.idle_at(), Instant::min)
    }

    /// Whether reading is paused.
    fn must_pause(&self) -> bool {
        self.throttle.paused_until().is_some()
    }

    /// When the socket is closed as idle. Only frames from the client count as activity.
    fn idle_at(&self) -> Instant {
        let socket_policy = self.app.socket_policy();
        self.last_received
            + match socket_policy.adapter {
                Adapter::Bandit => socket_policy.idle_timeout,
                Adapter::Cowboy => socket_policy.idle_timeout.mul_f64(1.1),
            }
    }

    async fn write_mail(&mut self, ws: &mut WebSocket, mail: Mail) -> Result<(), End> {
        self.mailbox.took(&mail);
        let outgoing = match mail {
            Mail::Send(outgoing) => outgoing,
            Mail::Deliver { instance, broadcast } => {
                let app = Arc::clone(&self.app);
                let Some((topic, joined)) =
                    self.channels.iter_mut().find(|(_, joined)| joined.handle.instance == instance)
                else {
                    return Ok(());
                };
                if app.deliver(&joined.handle, &mut joined.channel, &broadcast) == Delivery::Closes
                {
                    let topic = topic.clone();
                    self.end_channel(&topic, ChannelOutcome::Close);
                    return Ok(());
                }
                Outgoing::Broadcast(broadcast)
            }
        };
        let Some(message) = outgoing.encode(self.vsn) else { return Ok(()) };
        if self.pace.delay.is_zero() && self.pace.late.is_empty() {
            return self.write(ws, message).await;
        }
        // A shorter delay than before must not reorder messages that are still delayed.
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

    async fn send_close(
        &mut self,
        ws: &mut WebSocket,
        mail: &mut mpsc::UnboundedReceiver<Mail>,
        code: u16,
    ) -> u16 {
        while let Ok(mail) = mail.try_recv() {
            if self.write_mail(ws, mail).await.is_err() {
                return ABNORMAL;
            }
        }
        let frame = CloseFrame { code, reason: "".into() };
        let closing_handshake = async {
            ws.send(Message::Close(Some(frame))).await?;
            while let Some(Ok(_)) = ws.recv().await {}
            Ok::<(), axum::Error>(())
        };
        let _ = timeout(PATIENCE, closing_handshake).await;
        code
    }
}
