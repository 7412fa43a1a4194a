//! Messages that are received without reading their frames: the most frequent case, in which only counters and the
//! channel's position change.

use super::Client;
use crate::core::message_head::{MessageHead, Packing, Receipt};
use crate::core::payload::Payload;
use crate::core::time::{Instant, earliest};

impl<P: Payload> Client<P> {
    /// Decides on a message by its head, if it is the next one of a channel in which nothing else depends on it. For
    /// any other one, and while anything is due or an output is not polled, the answer is [`Receipt::Undecided`] and nothing
    /// has changed.
    ///
    /// A frame has a head only if it is of the kind of messages, its event is not one of
    /// [`CONTROL_EVENTS`](crate::core::profile::CONTROL_EVENTS), and its id is not that of a message that this client
    /// sent.
    pub fn receive(&mut self, now: Instant, head: MessageHead) -> Receipt {
        let Some(open) = self.transport.open_socket else { return Receipt::Undecided };
        // A clock that was set back does not count.
        let now = self.env.now.max(now);
        let has_positions = open.features.envelope && open.features.seq;
        // Without the envelope a frame of one of these extensions has the members of a message.
        let has_others = open.features.subscribe || open.features.ephemeral;
        if self.has_enqueued
            || open.socket != head.socket
            || head.packing == Packing::Batch && !open.features.batch
            || self.due.is_some_and(|due| due <= now)
            || self.transport.outputs.len() > 0
            || has_positions != head.seq.is_some()
            // Without a position a message is identified by its id, which is not in the head.
            || has_positions != open.features.envelope
            || !has_positions && has_others && !self.profile().sends_as_member()
            || self.collections.is_on(head.channel)
            || !self.channels.receive_next(now, head.channel, head.seq)
        {
            return Receipt::Undecided;
        }
        self.env.now = now;
        let ping = self.connection.answers().frame_received(now);
        self.transport.traffic.bytes_received += head.bytes as u64;
        self.transport.traffic.messages_received += 1;
        self.emit_render_tick();
        let due = earliest(earliest(self.due, ping), self.throttle.poll_timeout());
        let is_sooner = due != self.due;
        self.due = due;
        if is_sooner || self.transport.outputs.len() > 0 {
            Receipt::DeliverThenRun
        } else {
            Receipt::Deliver
        }
    }
}
