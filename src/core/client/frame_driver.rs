//! The reading of heads for drivers outside of a browser: tests and simulations. In the package
//! `pkg-template/src/session/frame-reader.ts` does it.

use alloc::boxed::Box;
use alloc::rc::Rc;

use super::Client;
use crate::core::event::Event;
use crate::core::id::{ChannelId, SocketId};
use crate::core::input::{Input, Received};
use crate::core::message::{Message, StreamPosition};
use crate::core::message_head::{FrameShape, MessageHead, Packing, Receipt};
use crate::core::output::Output;
use crate::core::payload::Payload;
use crate::core::profile::CONTROL_EVENTS;
use crate::core::protocol::native;
use crate::core::time::Instant;

impl<P: Payload> Client<P> {
    /// Handles a message of the socket: by its head, if it has one and that decides, else as
    /// [`Input::SocketFrame`]. In an array the first frame may be handled so.
    pub fn handle_frame(
        &mut self,
        now: Instant,
        socket: SocketId,
        mut received: Received<P>,
        bytes: usize,
    ) {
        if let Received::Value(value) = &received {
            let shape = self.profile().frame_shape();
            let frames = value.items().filter(|_| shape == FrameShape::Members);
            match frames.as_deref() {
                None if self.receive_frame(now, socket, value, bytes, Packing::Alone) => return,
                Some([first, rest @ ..])
                    if self.receive_frame(now, socket, first, bytes, Packing::Batch) =>
                {
                    let rest = P::array(rest.to_vec());
                    received = Received::Value(rest);
                    return self.handle_input(now, Input::SocketFrame(socket, received, 0));
                }
                _ => {}
            }
        }
        self.handle_input(now, Input::SocketFrame(socket, received, bytes));
    }

    /// Receives a frame by its head; returns whether that decides.
    fn receive_frame(
        &mut self,
        now: Instant,
        socket: SocketId,
        frame: &P,
        bytes: usize,
        packing: Packing,
    ) -> bool {
        let Some((channel, message)) = self.message_of(frame) else { return false };
        let seq = message.position.as_ref().map(|position| position.seq);
        let head = MessageHead { socket, channel, seq, packing, bytes };
        if self.receive(now, head) == Receipt::Undecided {
            return false;
        }
        let event = Event::Message(channel, Box::new(message));
        self.transport.outputs.push_front(Output::Event(event));
        true
    }

    /// The message that a frame seems to be, and its channel.
    fn message_of(&self, frame: &P) -> Option<(ChannelId, Message<P>)> {
        let (name, message) = match self.profile().frame_shape() {
            FrameShape::Opaque => return None,
            FrameShape::Members => {
                let name = frame.field("channel")?.as_text()?;
                let epoch =
                    self.channels.find(&name).and_then(|id| self.channels.emitted_epoch(id));
                let message = match epoch {
                    Some(epoch) => self.numbered(frame, epoch)?,
                    None => unnumbered(frame),
                };
                (name, message)
            }
            FrameShape::Items => {
                let [join, reference, topic, event, payload] =
                    <[P; 5]>::try_from(frame.items()?).ok()?;
                let is_broadcast = [join, reference].iter().all(|each| each.eq_json(&P::null()));
                if !is_broadcast || !event.is_string() {
                    return None;
                }
                (topic.as_text()?, Message::plain(Some(event), payload))
            }
        };
        let channel = self.channels.find(&name)?;
        if let Some(event) = message.event.as_ref().and_then(P::as_text)
            && CONTROL_EVENTS.contains(&&*event)
        {
            return None;
        }
        Some((channel, message))
    }

    /// A message with an id and a position of this epoch.
    fn numbered(&self, frame: &P, epoch: &Rc<str>) -> Option<Message<P>> {
        let text = |key| frame.field(key).and_then(|value| value.as_text());
        let id = text("id").filter(|id| !self.outbox.is_own(id))?;
        let seq =
            frame.field("seq")?.as_number().filter(|seq| *seq >= 0.0 && seq.fract() == 0.0)?;
        if text("type")? != native::CHANNEL_MESSAGE || text("epoch")? != **epoch {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number"
        )]
        let position = Some(StreamPosition { epoch: epoch.clone(), seq: seq as u64 });
        let event = frame.field("event").filter(P::is_string);
        let payload = frame.field("payload").unwrap_or_else(P::null);
        Some(Message { id: Some(P::text(&id)), position, ..Message::plain(event, payload) })
    }
}

/// A message of a base server, which is the frame itself.
fn unnumbered<P: Payload>(frame: &P) -> Message<P> {
    let own_type = frame
        .field("type")
        .filter(|kind| kind.as_text().is_some_and(|kind| kind != native::CHANNEL_MESSAGE));
    let event = frame.field("event").filter(P::is_string).or(own_type);
    Message::plain(event, frame.clone())
}
