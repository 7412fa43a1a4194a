//! The outputs of the client, in order. Consecutive frames are sent in one WebSocket message where
//! the server accepts that (native protocol, `batch`).

use alloc::collections::VecDeque;
use alloc::vec;

use super::open_socket::OpenSocket;
use crate::core::id::SocketId;
use crate::core::output::{Frame, Output};

/// Whether consecutive frames are sent in one WebSocket message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batching {
    /// If the server accepts that.
    On,
    /// Not any more: a server closed the connection for the size of a message.
    Off,
}

/// The outputs that were not polled yet.
#[derive(Debug)]
pub(super) struct OutputQueue<P> {
    outputs: VecDeque<Output<P>>,
    batching: Batching,
}

impl<P> Default for OutputQueue<P> {
    fn default() -> Self {
        Self { outputs: VecDeque::new(), batching: Batching::On }
    }
}

impl<P> OutputQueue<P> {
    pub(super) fn push(&mut self, output: Output<P>) {
        self.outputs.push_back(output);
    }

    /// Adds an output before all others.
    #[cfg(any(test, not(target_arch = "wasm32")))]
    pub(super) fn push_front(&mut self, output: Output<P>) {
        self.outputs.push_front(output);
    }

    /// Adds a frame for this socket.
    pub(super) fn push_frame(&mut self, socket: SocketId, frame: Frame<P>) {
        self.push(Output::Transmit(socket, vec![frame]));
    }

    /// Removes and returns what was pushed since the queue had this length.
    pub(super) fn split_off(&mut self, len: usize) -> VecDeque<Output<P>> {
        self.outputs.split_off(len)
    }

    pub(super) fn extend(&mut self, outputs: impl IntoIterator<Item = Output<P>>) {
        self.outputs.extend(outputs);
    }

    pub(super) fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Sends each frame in a message of its own from now on.
    pub(super) const fn stop_batching(&mut self) {
        self.batching = Batching::Off;
    }

    /// Removes and returns the next output. Consecutive frames for the open socket are combined, as
    /// far as they fit into one message.
    pub(super) fn pop(&mut self, open: Option<OpenSocket>) -> Option<Output<P>> {
        let mut output = self.outputs.pop_front()?;
        if let (Output::Transmit(socket, frames), Some(open)) = (&mut output, open)
            && open.socket == *socket
            && open.features.batch
            && self.batching == Batching::On
        {
            let mut bytes: u64 = frames.iter().map(|frame| frame.bytes as u64).sum();
            while let Some(Output::Transmit(socket, next)) = self.outputs.front_mut() {
                bytes += next.iter().map(|frame| frame.bytes as u64).sum::<u64>();
                if *socket != open.socket || bytes > open.limits.max_frame_bytes {
                    break;
                }
                frames.append(next);
                self.outputs.pop_front();
            }
        }
        Some(output)
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, OpenSocket, Output, OutputQueue, SocketId};
    use crate::core::auth_success::Features;
    use crate::core::outbox::SendLimits;
    use crate::core::output::Body;

    /// A socket on which several frames may be sent in one message.
    fn batching() -> Option<OpenSocket> {
        open(Features { batch: true, ..Features::default() })
    }

    fn open(features: Features) -> Option<OpenSocket> {
        let limits = SendLimits { acks: true, ack_memory_ms: 0, max_frame_bytes: 100 };
        Some(OpenSocket { socket: SocketId(1), features, limits })
    }

    fn queue(bytes: &[usize]) -> OutputQueue<u8> {
        let mut queue = OutputQueue::default();
        for bytes in bytes {
            queue.push_frame(SocketId(1), Frame { head: 0, body: Body::Empty, bytes: *bytes });
        }
        queue
    }

    /// How many frames each message of the socket has.
    fn messages(mut queue: OutputQueue<u8>, open: Option<OpenSocket>) -> Vec<usize> {
        let mut messages = Vec::new();
        while let Some(output) = queue.pop(open) {
            match output {
                Output::Transmit(_, frames) => messages.push(frames.len()),
                _ => messages.push(0),
            }
        }
        messages
    }

    #[test]
    fn frames_are_combined_up_to_the_limit_of_a_message() {
        assert_eq!(messages(queue(&[40, 40, 40, 10]), batching()), [2, 2]);
        assert_eq!(messages(queue(&[40, 40]), open(Features::default())), [1, 1]);
        assert_eq!(messages(queue(&[40, 40]), None), [1, 1]);
    }

    #[test]
    fn output_between_two_frames_keeps_its_position() {
        let mut queue = queue(&[10, 10]);
        queue.push(Output::Abort(SocketId(2)));
        queue.push_frame(SocketId(1), Frame { head: 0, body: Body::Empty, bytes: 10 });
        assert_eq!(messages(queue, batching()), [2, 0, 1]);
    }

    #[test]
    fn frames_are_not_combined_after_batching_is_stopped() {
        let mut queue = queue(&[10, 10]);
        queue.stop_batching();
        assert_eq!(messages(queue, batching()), [1, 1]);
    }
}
