//! The writing half of a connection.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

use crate::codec;
use crate::connection_handle::Link;
use crate::faults::Shaper;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::message::Shape;
use crate::outbound::{Ending, Item, Next, Replay};

/// Frames looked at before writing.
const ROUND: usize = 64;

/// How writing came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A close frame with this code was sent; the peer's is awaited.
    Closed(u16),
    /// The transport failed, or is to be cut.
    Broken,
}

/// Writes what a link's queue holds until the connection is to end.
pub(crate) async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    link: &Link,
    limits: &Limits,
) -> Written {
    let mut writer = Writer { link, shaper: Shaper::new(), replay: None };
    let mut packed = Vec::new();
    let patience = Duration::from_millis(limits.close_timeout_ms);
    loop {
        let round = writer.gather();
        if round.frames.is_empty() && !round.ping {
            match round.ending {
                Some(Ending::Close { code, reason, error }) => {
                    let close = CloseFrame { code, reason: reason.into() };
                    return tokio::select! {
                        closed = timeout(patience, say_goodbye(&mut sink, link, error, close)) => {
                            closed.ok().flatten().unwrap_or(Written::Broken)
                        }
                        () = aborted(link) => Written::Broken,
                    };
                }
                Some(Ending::Abort) => return Written::Broken,
                None => writer.wait().await,
            }
            continue;
        }
        codec::pack(&round.frames, link.features(), limits.deflate_from_bytes, &mut packed);
        if round.ping {
            packed.push(Message::Ping(Vec::new().into()));
        }
        let send = async {
            for message in packed.drain(..) {
                sink.feed(message).await?;
            }
            sink.flush().await
        };
        tokio::select! {
            biased;
            sent = send => {
                if sent.is_err() {
                    return Written::Broken;
                }
                round.frames.iter().for_each(|frame| link.count_sent(frame.kind));
            }
            // A reader so slow that it is given up, or a cut, does not wait for this write.
            () = link.outbound.urgent() => packed.clear(),
            () = link.outbound.overdue(patience) => return Written::Broken,
        }
    }
}

async fn aborted(link: &Link) {
    while !matches!(link.outbound.next(), Next::End(Ending::Abort)) {
        link.outbound.changed().await;
    }
}

async fn say_goodbye(
    sink: &mut SplitSink<WebSocket, Message>,
    link: &Link,
    error: Option<Frame>,
    close: CloseFrame,
) -> Option<Written> {
    let code = close.code;
    if let Some(error) = error {
        sink.feed(Message::Text(error.text)).await.ok()?;
        link.count_sent(error.kind);
    }
    sink.send(Message::Close(Some(close))).await.ok()?;
    Some(Written::Closed(code))
}

struct Writer<'a> {
    link: &'a Link,
    shaper: Shaper,
    replay: Option<Replay>,
}

/// What to write next.
#[derive(Default)]
struct Round {
    frames: Vec<Frame>,
    ping: bool,
    ending: Option<Ending>,
}

impl Writer<'_> {
    fn gather(&mut self) -> Round {
        let mut round = Round::default();
        let faults = self.link.faults();
        let now = Instant::now();
        if !faults.half_open {
            self.shaper.release(now, &mut round.frames);
        }
        let shape = Shape::of(self.link.features());
        while round.frames.len() < ROUND && !round.ping {
            if let Some(replay) = &mut self.replay {
                match replay.messages.pop_front() {
                    Some(message) => {
                        let frame = message.frame(&replay.channel, &replay.epoch, shape);
                        self.shaper.admit(frame, &faults, now, &mut round.frames);
                    }
                    None => self.replay = None,
                }
                continue;
            }
            match self.link.outbound.next() {
                Next::Item(Item::Frame(frame)) => {
                    let frame = Arc::unwrap_or_clone(frame);
                    self.shaper.admit(frame, &faults, now, &mut round.frames);
                }
                Next::Item(Item::Replay(replay)) => self.replay = Some(*replay),
                Next::Ping => round.ping = true,
                Next::Nothing => break,
                Next::End(ending) => {
                    round.ending = Some(ending);
                    break;
                }
            }
        }
        self.link.outbound.set_held(self.shaper.held());
        round
    }

    async fn wait(&self) {
        let due = if self.link.faults().half_open { None } else { self.shaper.next_due() };
        let timer = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.link.outbound.changed() => {}
            () = timer => {}
        }
    }
}
