//! One WebSocket connection, from its upgrade until it is closed.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::SplitStream;
use futures_util::{FutureExt, StreamExt};
use tidewire_server_core::{CloseAction, Received, Rejection, Session, Step, Timer};
use tokio::time::{Instant, sleep_until, timeout};

use crate::app_state::AppState;
use crate::backpressure::BackpressureBudget;
use crate::clock::{instant, now, now_ms};
use crate::connection_handle::{Closed, ConnectionHandle, Crowding};
use crate::hub::SharedAccess;
use crate::writer::{Written, write};

/// The close code that browsers report without a close frame.
const ABNORMAL: u16 = 1006;

/// Serves a connection until it is closed.
pub(crate) async fn run(
    socket: WebSocket,
    app_state: Arc<AppState>,
    connection: Arc<ConnectionHandle>,
    session: Session,
) {
    let (sink, stream) = socket.split();
    let code = {
        let mut writer = std::pin::pin!(write(sink, &connection, &app_state.limits));
        let mut reader =
            std::pin::pin!(Reader::new(stream, &connection, session, &app_state).read_to_end());
        tokio::select! {
            code = &mut reader => code,
            written = &mut writer => match written {
                Written::Closed(code) => {
                    let patience = Duration::from_millis(app_state.limits.close_timeout_ms);
                    let _ = timeout(patience, &mut reader).await;
                    code
                }
                Written::Broken => ABNORMAL,
            }
        }
    };
    unregister(&app_state, &connection, code);
}

fn unregister(app_state: &AppState, connection: &ConnectionHandle, code: u16) {
    connection.close(Closed { at: now_ms(), code });
    connection.outbound.end(CloseAction::Abort);
    app_state.hub.dismiss(connection);
}

struct Reader<'a> {
    stream: SplitStream<WebSocket>,
    connection: &'a ConnectionHandle,
    session: Session,
    app_state: &'a AppState,
    code: u16,
    /// Frames processed so far.
    processed: u32,
    /// Nothing is read and processed before this time.
    paused_until: Option<Instant>,
    patience: BackpressureBudget,
    /// The channel whose readers the sender should wait for.
    crowded: Option<String>,
}

/// The number of frames processed before yielding to other tasks.
const ROUND: u32 = 64;

/// How often the queue is checked for room.
const ROOM_CHECK: Duration = Duration::from_millis(5);

/// Whether reading continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadOutcome {
    Continue,
    /// The peer has disconnected.
    Disconnected,
    /// The rest of the stream cannot be parsed; the connection is closed with a closing handshake.
    Unreadable,
}

impl<'a> Reader<'a> {
    fn new(
        stream: SplitStream<WebSocket>,
        connection: &'a ConnectionHandle,
        session: Session,
        app_state: &'a AppState,
    ) -> Self {
        Self {
            stream,
            connection,
            session,
            app_state,
            code: ABNORMAL,
            processed: 0,
            paused_until: None,
            patience: BackpressureBudget::new(),
            crowded: None,
        }
    }

    /// Reads until the peer has disconnected; returns its close code.
    async fn read_to_end(mut self) -> u16 {
        let connection = self.connection;
        loop {
            if let Some(at) = connection.revoked_at() {
                self.session.revoke(at);
            }
            let flow = if connection.faults().half_open {
                connection.attention().await;
                if connection.faults().half_open {
                    ReadOutcome::Continue
                } else {
                    self.discard_unread()
                }
            } else if !self.must_pause() && self.step() {
                self.yield_to_others().await;
                ReadOutcome::Continue
            } else {
                let due = self.next_due();
                let timer = async {
                    match due {
                        Some((at, timer)) => {
                            sleep_until(at).await;
                            timer
                        }
                        None => std::future::pending().await,
                    }
                };
                let rest = self.paused_until;
                tokio::select! {
                    message = self.stream.next(), if rest.is_none() => self.take(message),
                    () = sleep_until(rest.unwrap_or_else(Instant::now)), if rest.is_some() => {
                        ReadOutcome::Continue
                    }
                    () = connection.attention() => ReadOutcome::Continue,
                    timer = timer => self.on_deadline(timer),
                }
            };
            match flow {
                ReadOutcome::Continue => {}
                ReadOutcome::Disconnected => return self.code,
                ReadOutcome::Unreadable => return std::future::pending().await,
            }
        }
    }

    /// Processes the next frame; returns whether there was one.
    fn step(&mut self) -> bool {
        if self.connection.outbound.is_ending() {
            self.session.skip();
        }
        let mut access = SharedAccess::new(&self.app_state.hub);
        match self.session.step(&mut access, now()) {
            Step::Idle => return false,
            Step::Done => {}
            Step::Authenticate(token) => {
                let checked = self.app_state.check_token(token.as_deref());
                self.session.authenticate(checked, &mut access, now());
            }
        }
        let cost = access.cost;
        let accepted = self.session.take_accepted();
        if accepted.is_some() && self.connection.take_drop_after_accept() {
            // Nothing queued since has been written, because this task also writes.
            self.connection.abort();
        }
        self.perform();
        if accepted.is_some() {
            self.session.pay_for(cost.took);
            self.crowded = accepted.filter(|_| cost.crowding == Crowding::Crowded);
        }
        true
    }

    /// Executes the session's outputs.
    fn perform(&mut self) {
        while let Some(action) = self.session.poll_output() {
            self.connection.perform(action, &self.app_state.stats.counters);
        }
    }

    /// Whether reading is paused, because of the connection's rates or because it does not read its
    /// own messages. A connection that never reads them is closed.
    fn must_pause(&mut self) -> bool {
        let now = Instant::now();
        let outbound = &self.connection.outbound;
        if outbound.is_waiting() {
            outbound.close_if_stuck();
            self.paused_until = self.paused_until.max(Some(now + ROOM_CHECK));
        } else if self.paused_until.is_some_and(|until| until <= now) || outbound.is_ending() {
            self.paused_until = None;
        }
        self.paused_until.is_some()
    }

    /// Yields to the writers, so that others receive a burst of messages while it is processed.
    async fn yield_to_others(&mut self) {
        self.processed = self.processed.wrapping_add(1);
        if let Some(channel) = self.crowded.take() {
            self.patience.wait(&self.app_state.hub, &channel).await;
        } else if self.processed.is_multiple_of(ROUND) {
            tokio::task::yield_now().await;
        }
        self.rest();
    }

    fn rest(&mut self) {
        let wait = self.session.take_wait();
        if !wait.is_zero() {
            self.paused_until = Some(Instant::now() + wait);
        }
    }

    fn take(&mut self, message: Option<Result<Message, axum::Error>>) -> ReadOutcome {
        self.session.note_received(now());
        match message {
            Some(Ok(Message::Close(frame))) => {
                self.code = frame.map_or(1005, |frame| frame.code);
            }
            Some(Ok(message)) => {
                self.connection.switch.settle();
                let received = match &message {
                    Message::Text(text) => Received::Text(text),
                    Message::Binary(bytes) => Received::Binary(bytes),
                    Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Received::Control,
                };
                self.session.receive(received, now());
                self.perform();
                self.rest();
            }
            Some(Err(error)) if is_too_long(&error) || self.is_exhausted() => {
                let connection = self.connection;
                connection.count_received("invalid");
                let rejection = if self.is_exhausted() {
                    Rejection::early()
                } else {
                    Rejection::invalid("the message is far too large")
                };
                connection.outbound.end(CloseAction::rejected(1009, &rejection));
                return ReadOutcome::Unreadable;
            }
            Some(Err(_)) if self.is_crowded_out() => {
                let rejection = Rejection::limit("too much is on its way to this server");
                self.connection.outbound.end(CloseAction::rejected(1013, &rejection));
                return ReadOutcome::Unreadable;
            }
            Some(Err(error)) => {
                let Some(code) = violation(&error) else { return ReadOutcome::Disconnected };
                let connection = self.connection;
                connection.count_received("invalid");
                let reason = "this is not a WebSocket message".to_owned();
                connection.outbound.end(CloseAction::Close { code, reason, error: None });
                return ReadOutcome::Unreadable;
            }
            None => return ReadOutcome::Disconnected,
        }
        ReadOutcome::Continue
    }

    fn is_exhausted(&self) -> bool {
        self.connection.switch.is_exhausted()
    }

    fn is_crowded_out(&self) -> bool {
        self.connection.switch.is_crowded_out()
    }

    fn on_deadline(&mut self, timer: Timer) -> ReadOutcome {
        // There may be an unread frame, if this process was suspended.
        if timer == Timer::Silence
            && let Some(message) = self.stream.next().now_or_never()
        {
            return self.take(message);
        }
        self.session.handle_timeout(now());
        self.perform();
        ReadOutcome::Continue
    }

    fn next_due(&self) -> Option<(Instant, Timer)> {
        if self.connection.outbound.is_ending() {
            return None;
        }
        self.session.poll_timeout().map(|(due, timer)| (instant(due), timer))
    }

    /// Discards what arrived while the connection was half open.
    fn discard_unread(&mut self) -> ReadOutcome {
        self.session.note_received(now());
        self.session.skip();
        loop {
            match self.stream.next().now_or_never() {
                Some(Some(Ok(Message::Close(_)) | Err(_)) | None) => {
                    return ReadOutcome::Disconnected;
                }
                Some(Some(Ok(_))) => {}
                None => return ReadOutcome::Continue,
            }
        }
    }
}

/// Whether a message was rejected for its size.
pub(crate) fn is_too_long(error: &axum::Error) -> bool {
    matches!(cause(error), Some(tungstenite::Error::Capacity(_)))
}

/// The close code for a peer that violates the WebSocket protocol; `None` if it has disconnected.
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
