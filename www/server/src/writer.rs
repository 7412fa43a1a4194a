//! The writing half of a connection.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tidewire_server_core::codec::{self, Packet};
use tidewire_server_core::faults::Shaper;
use tidewire_server_core::frame::Frame;
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{CloseAction, Replay};
use tokio::time::timeout;

use crate::clock::{instant, uptime};
use crate::connection_handle::ConnectionHandle;
use crate::outbound::{Item, Next};

/// The most frames written at once.
const ROUND: usize = 64;

/// Why writing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A close frame with this code was sent; the peer's has to be awaited.
    Closed(u16),
    /// The transport failed, or is to be aborted.
    Broken,
}

/// Writes a connection's queue until the connection is to be closed.
pub(crate) async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    connection: &ConnectionHandle,
    limits: &Limits,
) -> Written {
    let mut writer = Writer { connection, shaper: Shaper::new(connection.number), replay: None };
    let mut packed = Vec::new();
    let patience = Duration::from_millis(limits.close_timeout_ms);
    loop {
        let round = writer.gather();
        if round.frames.is_empty() && !round.ping {
            match round.close_action {
                Some(CloseAction::Close { code, reason, error }) => {
                    let close = CloseFrame { code, reason: reason.into() };
                    return tokio::select! {
                        closed = timeout(patience, send_close(&mut sink, connection, error, close)) => {
                            closed.ok().flatten().unwrap_or(Written::Broken)
                        }
                        () = aborted(connection) => Written::Broken,
                    };
                }
                Some(CloseAction::Abort) => return Written::Broken,
                None => writer.wait().await,
            }
            continue;
        }
        codec::pack(&round.frames, connection.features(), limits.deflate_from_bytes, &mut packed);
        let send = async {
            for packet in packed.drain(..) {
                sink.feed(message_of(packet)).await?;
            }
            if round.ping {
                sink.feed(Message::Ping(Bytes::new())).await?;
            }
            sink.flush().await
        };
        tokio::select! {
            biased;
            sent = send => {
                if sent.is_err() {
                    return Written::Broken;
                }
                round.frames.iter().for_each(|frame| connection.count_sent(frame.kind));
            }
            // Closing a slow reader, or an abort, does not wait for this write.
            () = connection.outbound.urgent() => packed.clear(),
            () = connection.outbound.overdue(patience) => return Written::Broken,
        }
    }
}

async fn aborted(connection: &ConnectionHandle) {
    while !matches!(connection.outbound.next(), Next::End(CloseAction::Abort)) {
        connection.outbound.changed().await;
    }
}

async fn send_close(
    sink: &mut SplitSink<WebSocket, Message>,
    connection: &ConnectionHandle,
    error: Option<Frame>,
    close: CloseFrame,
) -> Option<Written> {
    let code = close.code;
    if let Some(error) = error {
        sink.feed(text_message(error.text)).await.ok()?;
        connection.count_sent(error.kind);
    }
    sink.send(Message::Close(Some(close))).await.ok()?;
    Some(Written::Closed(code))
}

fn message_of(packet: Packet) -> Message {
    match packet {
        Packet::Text(text) => text_message(text),
        Packet::Binary(bytes) => Message::Binary(bytes.into()),
    }
}

/// A message that shares its text with the messages for other connections.
fn text_message(text: Arc<str>) -> Message {
    struct Shared(Arc<str>);
    impl AsRef<[u8]> for Shared {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    let text = Utf8Bytes::try_from(Bytes::from_owner(Shared(text)));
    Message::Text(text.unwrap_or_default())
}

struct Writer<'a> {
    connection: &'a ConnectionHandle,
    shaper: Shaper,
    replay: Option<Replay>,
}

/// What to write next.
#[derive(Default)]
struct Round {
    frames: Vec<Frame>,
    ping: bool,
    close_action: Option<CloseAction>,
}

impl Writer<'_> {
    fn gather(&mut self) -> Round {
        let mut round = Round::default();
        let faults = self.connection.faults();
        let now = uptime();
        if !faults.half_open {
            self.shaper.release(now, &mut round.frames);
        }
        let features = self.connection.features();
        while round.frames.len() < ROUND && !round.ping {
            if let Some(replay) = &mut self.replay {
                match replay.next_frame(features) {
                    Some(frame) => self.shaper.admit(frame, &faults, now, &mut round.frames),
                    None => self.replay = None,
                }
                continue;
            }
            match self.connection.outbound.next() {
                Next::Item(Item::Frame(frame)) => {
                    let frame = Arc::unwrap_or_clone(frame);
                    self.shaper.admit(frame, &faults, now, &mut round.frames);
                }
                Next::Item(Item::Replay(replay)) => self.replay = Some(*replay),
                Next::Ping => round.ping = true,
                Next::Nothing => break,
                Next::End(close_action) => {
                    round.close_action = Some(close_action);
                    break;
                }
            }
        }
        self.connection.outbound.set_held(self.shaper.held());
        round
    }

    async fn wait(&self) {
        let due = if self.connection.faults().half_open { None } else { self.shaper.next_due() };
        let timer = async {
            match due {
                Some(due) => tokio::time::sleep_until(instant(due)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.connection.outbound.changed() => {}
            () = timer => {}
        }
    }
}
