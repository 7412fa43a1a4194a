//! The bounded outgoing queue of one connection, and how the connection is closed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tidewire_server_core::frame::Frame;
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{CloseAction, Message, Rejection, Replay};
use tokio::sync::Notify;

use crate::backlog::{Backlog, Bounds};
use crate::clock::uptime;
use crate::tcp_stream::Switch;

/// A queued item.
#[derive(Debug)]
pub(crate) enum Item {
    Frame(Arc<Frame>),
    Replay(Box<Replay>),
}

impl Item {
    /// Its size while queued, in bytes. The messages of a replay are shared with the log.
    fn bytes(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.text.len(),
            Self::Replay(replay) => replay.len() * size_of::<Arc<Message>>(),
        }
    }
}

/// The writer's next step.
#[derive(Debug)]
pub(crate) enum Next {
    Item(Item),
    /// A transport ping.
    Ping,
    Nothing,
    End(CloseAction),
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    backlog: Backlog,
    /// The number of frames that the writer delays, and since when.
    held: usize,
    held_since: Option<Duration>,
    close_action: Option<CloseAction>,
    /// Whether the close action interrupts what is being written.
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

/// Senders do not wait for a reader that has read nothing for this long.
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

    /// Queues a frame. If the reader reads nothing and the queue is full, the connection is closed
    /// with 1013. Returns whether the queue is so full now that senders should wait.
    pub(crate) fn push(&self, frame: impl Into<Arc<Frame>>) -> bool {
        self.enqueue(Item::Frame(frame.into()))
    }

    pub(crate) fn replay(&self, replay: Replay) {
        if !replay.is_empty() {
            self.enqueue(Item::Replay(Box::new(replay)));
        }
    }

    /// Queues a frame, or drops it if the queue is half full.
    pub(crate) fn offer(&self, frame: Arc<Frame>) {
        if !self.is_half_full() {
            self.push(frame);
        }
    }

    /// Whether the queue is at least half full.
    pub(crate) fn is_half_full(&self) -> bool {
        let state = self.state.lock();
        state.backlog.is_half_full(&self.bounds, state.held)
    }

    /// Whether the queue is so full that senders should wait; false if the reader reads nothing.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_waiting() && self.switch.blocked() < STUCK
    }

    /// Whether the queue is so full that senders should wait, even if the reader reads nothing.
    pub(crate) fn is_waiting(&self) -> bool {
        let state = self.state.lock();
        state.close_action.is_none()
            && !state.silent
            && state.backlog.is_half_full(&self.bounds, state.held)
    }

    /// Closes the connection if it has read nothing for too long.
    pub(crate) fn close_if_stuck(&self) {
        let state = self.state.lock();
        if state.close_action.is_none() && self.blocked(&state) >= self.bounds.patience {
            self.close_slow_reader(state);
        }
    }

    fn enqueue(&self, item: Item) -> bool {
        let mut state = self.state.lock();
        if state.close_action.is_some() || state.silent {
            return false;
        }
        state.backlog.add(item.bytes());
        let blocked = self.blocked(&state);
        if state.backlog.is_exceeded(&self.bounds, state.held, blocked) {
            self.close_slow_reader(state);
            return false;
        }
        state.items.push_back(item);
        let is_half_full = state.backlog.is_half_full(&self.bounds, state.held);
        drop(state);
        self.changed.notify_one();
        is_half_full && self.switch.blocked() < STUCK
    }

    /// How long nothing was sent, because the peer does not read or the writer delays frames.
    fn blocked(&self, state: &State) -> Duration {
        let held = state.held_since.map_or(Duration::ZERO, |at| uptime().saturating_sub(at));
        self.switch.blocked().max(held)
    }

    fn close_slow_reader(&self, mut state: MutexGuard<'_, State>) {
        state.items.clear();
        state.backlog.clear();
        state.close_action = Some(CloseAction::rejected(1013, &Rejection::slow_reader()));
        state.urgent = true;
        drop(state);
        self.urgent.notify_one();
        self.ended.notify_one();
        self.changed.notify_one();
    }

    /// Closes the connection after sending what is queued, or aborts it at once. The first close
    /// action is kept; only an abort replaces it.
    pub(crate) fn end(&self, close_action: CloseAction) {
        let mut state = self.state.lock();
        if matches!(close_action, CloseAction::Abort) {
            state.urgent = true;
            state.items.clear();
            state.backlog.clear();
            state.close_action = Some(close_action);
            self.urgent.notify_one();
        } else if state.close_action.is_none() {
            state.close_action = Some(close_action);
        }
        drop(state);
        self.ended.notify_one();
        self.changed.notify_one();
    }

    /// Sends a transport ping, which every peer answers automatically.
    pub(crate) fn ping(&self) {
        self.state.lock().ping = true;
        self.changed.notify_one();
    }

    /// Whether a close action is set.
    pub(crate) fn is_ending(&self) -> bool {
        self.state.lock().close_action.is_some()
    }

    /// Keeps the connection open and sends nothing; frames queued in that time are lost.
    pub(crate) fn set_silent(&self, silent: bool) {
        self.state.lock().silent = silent;
        self.changed.notify_one();
    }

    /// The writer's next step. While silent, only an abort.
    pub(crate) fn next(&self) -> Next {
        let mut state = self.state.lock();
        if let Some(CloseAction::Abort) = state.close_action {
            return Next::End(CloseAction::Abort);
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
            None => state.close_action.clone().map_or(Next::Nothing, Next::End),
        }
    }

    /// Sets how many frames the writer delays; they count as queued.
    pub(crate) fn set_held(&self, held: usize) {
        let mut state = self.state.lock();
        state.held = held;
        state.held_since = (held > 0).then(|| state.held_since.unwrap_or_else(uptime));
    }

    /// Waits for a change.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until a close action has been set for this long.
    pub(crate) async fn overdue(&self, patience: Duration) {
        while !self.is_ending() {
            self.ended.notified().await;
        }
        tokio::time::sleep(patience).await;
    }

    /// Waits for a close action that must interrupt a write.
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
    fn full_queue_of_a_slow_reader_closes_with_the_reason() {
        let queue = outbound(2);
        (0..3).for_each(|_| assert!(!queue.push(frame("x")) || !queue.is_ending()));
        let Next::End(CloseAction::Close { code, error, .. }) = queue.next() else {
            panic!("the queue was full")
        };
        assert_eq!(code, 1013);
        assert!(error.expect("a reason").text.contains("slow_reader"));
    }

    #[test]
    fn droppable_frame_is_dropped_when_the_queue_is_half_full() {
        let queue = outbound(4);
        (0..10).for_each(|_| queue.offer(frame("x")));
        assert!(!queue.is_ending());
        queue.push(frame("y"));
        assert!(!queue.is_ending());
    }

    #[test]
    fn silent_queue_drops_frames_but_can_be_aborted() {
        let queue = outbound(4);
        queue.set_silent(true);
        queue.push(frame("x"));
        queue.end(CloseAction::Close { code: 1012, reason: String::new(), error: None });
        assert!(matches!(queue.next(), Next::Nothing));
        queue.end(CloseAction::Abort);
        assert!(matches!(queue.next(), Next::End(CloseAction::Abort)));
    }
}
