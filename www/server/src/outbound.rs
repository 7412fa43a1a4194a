//! What waits to be written to one connection, bounded, and how the connection is to end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::config::Limits;
use crate::frame::Frame;
use crate::message::Message;
use crate::refusal::Refusal;

/// Something to be written.
#[derive(Debug)]
pub(crate) enum Item {
    Frame(Frame),
    Replay(Replay),
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
    bytes: usize,
    /// Frames the writer holds back.
    held: usize,
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
    max_frames: usize,
    max_bytes: usize,
}

impl Outbound {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            urgent: Notify::new(),
            ended: Notify::new(),
            max_frames: limits.outbound_frames,
            max_bytes: limits.outbound_bytes,
        }
    }

    /// Queues a frame. Without room the connection ends with 1013.
    pub(crate) fn push(&self, frame: Frame) {
        let bytes = frame.text.len();
        self.enqueue(Item::Frame(frame), bytes);
    }

    pub(crate) fn replay(&self, replay: Replay) {
        if !replay.messages.is_empty() {
            self.enqueue(Item::Replay(replay), 0);
        }
    }

    /// Queues a frame that may be dropped: it never takes the last half of the room.
    pub(crate) fn offer(&self, frame: Frame) {
        if !self.is_half_full(&self.state.lock()) {
            self.push(frame);
        }
    }

    /// Whether so much waits to be written that who can wait had better.
    pub(crate) fn is_behind(&self) -> bool {
        let state = self.state.lock();
        state.ending.is_none() && !state.silent && self.is_half_full(&state)
    }

    fn is_half_full(&self, state: &State) -> bool {
        let waiting = state.items.len() + state.held;
        waiting > self.max_frames / 2 || state.bytes > self.max_bytes / 2
    }

    fn enqueue(&self, item: Item, bytes: usize) {
        let mut state = self.state.lock();
        if state.ending.is_some() || state.silent {
            return;
        }
        let full = state.items.len() + state.held >= self.max_frames
            || (state.bytes + bytes > self.max_bytes && !state.items.is_empty());
        if full {
            state.items.clear();
            state.bytes = 0;
            state.ending = Some(Ending::refused(1013, &Refusal::slow_reader()));
            state.urgent = true;
            self.urgent.notify_one();
        } else {
            state.bytes += bytes;
            state.items.push_back(item);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Ends the connection after what is queued; cutting happens at once. The first closing
    /// stands, cutting overrides it.
    pub(crate) fn end(&self, ending: Ending) {
        let mut state = self.state.lock();
        if matches!(ending, Ending::Abort) {
            state.urgent = true;
            state.items.clear();
            state.bytes = 0;
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
            Some(Item::Frame(frame)) => {
                state.bytes -= frame.text.len();
                Next::Item(Item::Frame(frame))
            }
            Some(replay) => Next::Item(replay),
            None => state.ending.clone().map_or(Next::Nothing, Next::End),
        }
    }

    /// Says how many frames the writer holds back; they count as waiting.
    pub(crate) fn set_held(&self, held: usize) {
        self.state.lock().held = held;
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
        Outbound::new(&Limits { outbound_frames: frames, ..Limits::default() })
    }

    fn frame(text: &str) -> Frame {
        Frame::new("pong", text.to_owned())
    }

    #[test]
    fn without_room_the_connection_ends_with_the_reason() {
        let queue = outbound(2);
        (0..3).for_each(|_| queue.push(frame("x")));
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
