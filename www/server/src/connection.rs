//! One WebSocket connection, from its upgrade to its end.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::SplitStream;
use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout};

use crate::app_state::Shared;
use crate::clock::now_ms;
use crate::connection_handle::{Closed, Link};
use crate::outbound::Ending;
use crate::patience::Patience;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::writer::{Written, write};

/// What browsers call an end without a close frame.
const ABNORMAL: u16 = 1006;

/// Serves a connection until it has ended.
pub(crate) async fn run(socket: WebSocket, shared: Arc<Shared>, session: Session) {
    let link = Arc::clone(session.link());
    let (sink, stream) = socket.split();
    let code = {
        let mut writer = std::pin::pin!(write(sink, &link, &shared.limits));
        let mut reader = std::pin::pin!(Reader::new(stream, session, &shared).read_to_end());
        tokio::select! {
            code = &mut reader => code,
            written = &mut writer => match written {
                Written::Closed(code) => {
                    let patience = Duration::from_millis(shared.limits.close_timeout_ms);
                    let _ = timeout(patience, &mut reader).await;
                    code
                }
                Written::Broken => ABNORMAL,
            }
        }
    };
    retire(&shared, &link, code);
}

fn retire(shared: &Arc<Shared>, link: &Arc<Link>, code: u16) {
    link.close(Closed { at: now_ms(), code });
    link.outbound.end(Ending::Abort);
    shared.hub.dismiss(link);
    if !link.state().channels.is_empty() {
        let (shared, link) = (Arc::clone(shared), Arc::clone(link));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(shared.limits.presence_grace_ms)).await;
            shared.hub.forget_presence(&link);
        });
    }
}

struct Reader<'a> {
    stream: SplitStream<WebSocket>,
    session: Session,
    shared: &'a Shared,
    opened: Instant,
    heard: Instant,
    pinged: bool,
    code: u16,
    /// Frames looked at so far.
    looked_at: u32,
    /// Nothing is read and looked at before this time.
    rests_until: Option<Instant>,
    patience: Patience,
}

/// Frames looked at before others have their turn.
const ROUND: u32 = 64;

/// How often is looked whether there is room again.
const ROOM_CHECK: Duration = Duration::from_millis(5);

/// Whether to go on reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    More,
    /// The peer is gone.
    Gone,
    /// What follows cannot be told apart any more, but the connection ends properly.
    Lost,
}

/// What happens when nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    AuthTimeout,
    Expiry,
    Ping,
    Idle,
}

impl<'a> Reader<'a> {
    fn new(stream: SplitStream<WebSocket>, session: Session, shared: &'a Shared) -> Self {
        let opened = Instant::now();
        Self {
            stream,
            session,
            shared,
            opened,
            heard: opened,
            pinged: false,
            code: ABNORMAL,
            looked_at: 0,
            rests_until: None,
            patience: Patience::new(),
        }
    }

    /// Reads until the peer is gone; the code it closed with.
    async fn read_to_end(mut self) -> u16 {
        let link = Arc::clone(self.session.link());
        loop {
            let flow = if link.faults().half_open {
                link.attention().await;
                if link.faults().half_open { Flow::More } else { self.skip_what_came() }
            } else if !self.must_rest() && self.session.step() {
                self.let_others().await;
                Flow::More
            } else {
                let due = self.next_due();
                let timer = async {
                    match due {
                        Some((at, due)) => {
                            sleep_until(at).await;
                            due
                        }
                        None => std::future::pending().await,
                    }
                };
                let rest = self.rests_until;
                tokio::select! {
                    message = self.stream.next(), if rest.is_none() => self.take(message),
                    () = sleep_until(rest.unwrap_or_else(Instant::now)), if rest.is_some() => {
                        Flow::More
                    }
                    () = link.attention() => Flow::More,
                    due = timer => self.run_out(due),
                }
            };
            match flow {
                Flow::More => {}
                Flow::Gone => return self.code,
                Flow::Lost => return std::future::pending().await,
            }
        }
    }

    /// Whether nothing more is to be read for now: the connection keeps to its rates, and takes
    /// what it is sent, before it is read again. One that never does is closed.
    fn must_rest(&mut self) -> bool {
        let now = Instant::now();
        let outbound = &self.session.link().outbound;
        if outbound.is_waiting() {
            outbound.give_up_if_stuck();
            self.rests_until = self.rests_until.max(Some(now + ROOM_CHECK));
        } else if self.rests_until.is_some_and(|until| until <= now) || outbound.is_ending() {
            self.rests_until = None;
        }
        self.rests_until.is_some()
    }

    /// Lets the writers do their work: what one connection sends in a burst has to reach the
    /// others as it comes.
    async fn let_others(&mut self) {
        self.looked_at = self.looked_at.wrapping_add(1);
        if let Some(channel) = self.session.crowded.take() {
            self.patience.wait(&self.shared.hub, &channel).await;
        } else if self.looked_at.is_multiple_of(ROUND) {
            tokio::task::yield_now().await;
        }
        self.rest();
    }

    fn rest(&mut self) {
        let wait = self.session.take_wait();
        if !wait.is_zero() {
            self.rests_until = Some(Instant::now() + wait);
        }
    }

    fn take(&mut self, message: Option<Result<Message, axum::Error>>) -> Flow {
        self.heard = Instant::now();
        self.pinged = false;
        match message {
            Some(Ok(Message::Close(frame))) => {
                self.code = frame.map_or(1005, |frame| frame.code);
            }
            Some(Ok(message)) => {
                self.session.link().switch.settle();
                self.session.receive(message);
                self.rest();
            }
            Some(Err(error)) if is_too_long(&error) || self.is_exhausted() => {
                let link = self.session.link();
                link.count_received("invalid");
                let refusal = if self.is_exhausted() {
                    Refusal::early()
                } else {
                    Refusal::invalid("the message is far too large")
                };
                link.outbound.end(Ending::refused(1009, &refusal));
                return Flow::Lost;
            }
            Some(Err(_)) if self.is_crowded_out() => {
                let refusal = Refusal::limit("too much is on its way to this server");
                self.session.link().outbound.end(Ending::refused(1013, &refusal));
                return Flow::Lost;
            }
            Some(Err(error)) => {
                let Some(code) = violation(&error) else { return Flow::Gone };
                let link = self.session.link();
                link.count_received("invalid");
                let reason = "this is not a WebSocket message".to_owned();
                link.outbound.end(Ending::Close { code, reason, error: None });
                return Flow::Lost;
            }
            None => return Flow::Gone,
        }
        Flow::More
    }

    fn is_exhausted(&self) -> bool {
        self.session.link().switch.is_exhausted()
    }

    fn is_crowded_out(&self) -> bool {
        self.session.link().switch.is_crowded_out()
    }

    fn run_out(&mut self, due: Due) -> Flow {
        let outbound = &self.session.link().outbound;
        match due {
            Due::AuthTimeout => {
                let refusal = Refusal::unauthorized("no auth frame came in time");
                outbound.end(Ending::refused(4001, &refusal));
            }
            Due::Expiry => outbound.end(Ending::refused(4001, &Refusal::token_expired())),
            Due::Ping => {
                self.pinged = true;
                outbound.ping();
            }
            Due::Idle => {
                // A sign of life may lie there unread, if it was this process that slept.
                if let Some(message) = self.stream.next().now_or_never() {
                    return self.take(message);
                }
                let reason = "nothing was heard for too long".to_owned();
                outbound.end(Ending::Close { code: 1001, reason, error: None });
            }
        }
        Flow::More
    }

    fn next_due(&self) -> Option<(Instant, Due)> {
        let link = self.session.link();
        if link.outbound.is_ending() {
            return None;
        }
        let limits = &self.shared.limits;
        let after = |from: Instant, ms: u64| from + Duration::from_millis(ms);
        let auth = (!self.session.is_ready())
            .then(|| (after(self.opened, limits.auth_timeout_ms), Due::AuthTimeout));
        let expiry = link.expires_at().map(|at| (at, Due::Expiry));
        let idle = (limits.idle_timeout_ms > 0).then(|| {
            if self.pinged {
                (after(self.heard, limits.idle_timeout_ms), Due::Idle)
            } else {
                (after(self.heard, limits.idle_timeout_ms / 2), Due::Ping)
            }
        });
        [auth, expiry, idle].into_iter().flatten().min()
    }

    /// Throws away what came while the connection was deaf.
    fn skip_what_came(&mut self) -> Flow {
        self.heard = Instant::now();
        self.session.skip();
        loop {
            match self.stream.next().now_or_never() {
                Some(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Flow::Gone,
                Some(Some(Ok(_))) => {}
                None => return Flow::More,
            }
        }
    }
}

/// Whether a message was refused for its size.
pub(crate) fn is_too_long(error: &axum::Error) -> bool {
    matches!(cause(error), Some(tungstenite::Error::Capacity(_)))
}

/// The code a connection is closed with whose peer does not keep to the WebSocket protocol; none
/// where it is gone.
pub(crate) fn violation(error: &axum::Error) -> Option<u16> {
    use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
    match cause(error)? {
        tungstenite::Error::Protocol(ResetWithoutClosingHandshake) => None,
        tungstenite::Error::Protocol(_) => Some(1002),
        tungstenite::Error::Utf8(_) => Some(1007),
        _ => None,
    }
}

fn cause(error: &axum::Error) -> Option<&tungstenite::Error> {
    use std::error::Error as _;
    error.source()?.downcast_ref()
}
