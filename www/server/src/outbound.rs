//! What waits to be written to one connection, bounded, and how the connection is to end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use crate::backlog::{Backlog, Bounds};
use crate::clock::uptime;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::tcp_stream::Switch;

/// Something to be written.
#[derive(Debug)]
pub(crate) enum Item {
    Frame(Arc<Frame>),
    Replay(Box<Replay>),
}

impl Item {
    /// What it costs while it waits. The messages of a replay are the log's.
    fn bytes(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.text.len(),
            Self::Replay(replay) => replay.messages.len() * size_of::<Arc<Message>>(),
        }
    }
}

/// Messages out of a log. They are turned into frames only when there is room, so that a long
/// recovery does not look like a slow reader.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) channel: String,
    pub(crate) epoch: String,
    pub(crate) messages: VecDeque<Arc<Message>>,
}

/// How a connection ends.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// By a closing handshake, after an error frame if there is a reason to give.
    Close { code: u16, reason: String, error: Option<Frame> },
    /// By cutting the transport.
    Abort,
}

impl Ending {
    /// Refuses, and closes.
    pub(crate) fn refused(code: u16, refusal: &Refusal) -> Self {
        let error = Some(Frame::error(refusal, None, None));
        Self::Close { code, reason: refusal.code.to_owned(), error }
    }
}

/// What the writer is to do next.
#[derive(Debug)]
pub(crate) enum Next {
    Item(Item),
    /// A transport ping.
    Ping,
    Nothing,
    End(Ending),
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    backlog: Backlog,
    /// Frames the writer holds back, and since when.
    held: usize,
    held_since: Option<Duration>,
    ending: Option<Ending>,
    /// The ending that must not wait for what is being written.
    urgent: bool,
    silent: bool,
    ping: bool,
}

/// The outgoing side of one connection.
#[derive(Debug)]
pub(crate) struct Outbound {
    state: Mutex<State>,
    changed: Notify,
    urgent: Notify,
    ended: Notify,
    bounds: Bounds,
    switch: Arc<Switch>,
}

/// A reader that took nothing for this long is not waited for.
const STUCK: Duration = Duration::from_millis(200);

impl Outbound {
    pub(crate) fn new(limits: &Limits, switch: Arc<Switch>) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            urgent: Notify::new(),
            ended: Notify::new(),
            bounds: Bounds::of(limits),
            switch,
        }
    }

    /// Queues a frame. If the reader takes nothing and there is no room, the connection ends with
    /// 1013. Returns whether so much waits now that a sender had better wait too.
    pub(crate) fn push(&self, frame: impl Into<Arc<Frame>>) -> bool {
        self.enqueue(Item::Frame(frame.into()))
    }

    pub(crate) fn replay(&self, replay: Replay) {
        if !replay.messages.is_empty() {
            self.enqueue(Item::Replay(Box::new(replay)));
        }
    }

    /// Queues a frame that may be dropped: it never takes the last half of the room.
    pub(crate) fn offer(&self, frame: Arc<Frame>) {
        if !self.is_half_full() {
            self.push(frame);
        }
    }

    /// Whether more than half of what may wait does.
    pub(crate) fn is_half_full(&self) -> bool {
        let state = self.state.lock();
        state.backlog.is_half_full(&self.bounds, state.held)
    }

    /// Whether so much waits to be written that who can wait had better, unless the reader takes
    /// nothing anyway.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_waiting() && self.switch.blocked() < STUCK
    }

    /// The same, whatever the reader does.
    pub(crate) fn is_waiting(&self) -> bool {
        let state = self.state.lock();
        state.ending.is_none()
            && !state.silent
            && state.backlog.is_half_full(&self.bounds, state.held)
    }

    /// Ends the connection if it takes nothing of what has waited for too long.
    pub(crate) fn give_up_if_stuck(&self) {
        let state = self.state.lock();
        if state.ending.is_none() && self.blocked(&state) >= self.bounds.patience {
            self.give_up(state);
        }
    }

    fn enqueue(&self, item: Item) -> bool {
        let mut state = self.state.lock();
        if state.ending.is_some() || state.silent {
            return false;
        }
        state.backlog.add(item.bytes());
        let blocked = self.blocked(&state);
        if state.backlog.is_hopeless(&self.bounds, state.held, blocked) {
            self.give_up(state);
            return false;
        }
        state.items.push_back(item);
        let is_half_full = state.backlog.is_half_full(&self.bounds, state.held);
        drop(state);
        self.changed.notify_one();
        is_half_full && self.switch.blocked() < STUCK
    }

    /// For how long nothing has left: the peer does not take it, or the writer holds it back.
    fn blocked(&self, state: &State) -> Duration {
        let held = state.held_since.map_or(Duration::ZERO, |at| uptime().saturating_sub(at));
        self.switch.blocked().max(held)
    }

    fn give_up(&self, mut state: MutexGuard<'_, State>) {
        state.items.clear();
        state.backlog.clear();
        state.ending = Some(Ending::refused(1013, &Refusal::slow_reader()));
        state.urgent = true;
        drop(state);
        self.urgent.notify_one();
        self.ended.notify_one();
        self.changed.notify_one();
    }

    /// Ends the connection after what is queued; cutting happens at once. The first closing
    /// stands, cutting overrides it.
    pub(crate) fn end(&self, ending: Ending) {
        let mut state = self.state.lock();
        if matches!(ending, Ending::Abort) {
            state.urgent = true;
            state.items.clear();
            state.backlog.clear();
            state.ending = Some(ending);
            self.urgent.notify_one();
        } else if state.ending.is_none() {
            state.ending = Some(ending);
        }
        drop(state);
        self.ended.notify_one();
        self.changed.notify_one();
    }

    /// Sends a transport ping, which every peer answers by itself.
    pub(crate) fn ping(&self) {
        self.state.lock().ping = true;
        self.changed.notify_one();
    }

    /// Whether an ending is decided.
    pub(crate) fn is_ending(&self) -> bool {
        self.state.lock().ending.is_some()
    }

    /// Keeps the connection and says nothing; what would be said meanwhile is lost.
    pub(crate) fn set_silent(&self, silent: bool) {
        self.state.lock().silent = silent;
        self.changed.notify_one();
    }

    /// The next thing to write. While silent there is only cutting.
    pub(crate) fn next(&self) -> Next {
        let mut state = self.state.lock();
        if let Some(Ending::Abort) = state.ending {
            return Next::End(Ending::Abort);
        }
        if state.silent {
            return Next::Nothing;
        }
        if std::mem::take(&mut state.ping) {
            return Next::Ping;
        }
        match state.items.pop_front() {
            Some(item) => {
                state.backlog.remove(item.bytes());
                Next::Item(item)
            }
            None => state.ending.clone().map_or(Next::Nothing, Next::End),
        }
    }

    /// Says how many frames the writer holds back; they count as waiting.
    pub(crate) fn set_held(&self, held: usize) {
        let mut state = self.state.lock();
        state.held = held;
        state.held_since = (held > 0).then(|| state.held_since.unwrap_or_else(uptime));
    }

    /// Waits for something new to look at.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until an ending has been due for this long.
    pub(crate) async fn overdue(&self, patience: Duration) {
        while !self.is_ending() {
            self.ended.notified().await;
        }
        tokio::time::sleep(patience).await;
    }

    /// Waits for an ending that must interrupt a write.
    pub(crate) async fn urgent(&self) {
        while !self.state.lock().urgent {
            self.urgent.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(frames: usize) -> Outbound {
        let limits = Limits { outbound_frames: frames, slow_reader_ms: 0, ..Limits::default() };
        Outbound::new(&limits, Arc::default())
    }

    fn frame(text: &str) -> Arc<Frame> {
        Arc::new(Frame::new("pong", text.to_owned()))
    }

    #[test]
    fn without_room_the_connection_of_a_slow_reader_ends_with_the_reason() {
        let queue = outbound(2);
        (0..3).for_each(|_| assert!(!queue.push(frame("x")) || !queue.is_ending()));
        let Next::End(Ending::Close { code, error, .. }) = queue.next() else {
            panic!("the queue was full")
        };
        assert_eq!(code, 1013);
        assert!(error.expect("a reason").text.contains("slow_reader"));
    }

    #[test]
    fn droppable_frames_leave_half_of_the_room() {
        let queue = outbound(4);
        (0..10).for_each(|_| queue.offer(frame("x")));
        assert!(!queue.is_ending());
        queue.push(frame("y"));
        assert!(!queue.is_ending());
    }

    #[test]
    fn silence_loses_what_would_be_said_but_not_the_cut() {
        let queue = outbound(4);
        queue.set_silent(true);
        queue.push(frame("x"));
        queue.end(Ending::Close { code: 1012, reason: String::new(), error: None });
        assert!(matches!(queue.next(), Next::Nothing));
        queue.end(Ending::Abort);
        assert!(matches!(queue.next(), Next::End(Ending::Abort)));
    }
}
