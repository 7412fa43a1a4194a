//! Sent frames: encoded by the protocol for the open socket.

use alloc::vec;
use alloc::vec::Vec;

use super::Client;
use super::open_socket::OpenSocket;
use crate::core::auth_success::Features;
use crate::core::error::Code;
use crate::core::id::SocketId;
use crate::core::outbox::{Ack, Transmit};
use crate::core::output::Output;
use crate::core::payload::Payload;
use crate::core::protocol::frames::Outgoing;

impl<P: Payload> Client<P> {
    /// Sends queued messages; returns whether there were any. Each send is reported as sent before its
    /// frame is: so an engine that crashes between the two has sent nothing unreported.
    pub(super) fn flush(&mut self) -> bool {
        let Some(connection) = self.open_socket else {
            return false;
        };
        let others = self.other_requests();
        let Self { outbox, channels, traffic, protocol, .. } = self;
        let mut sent = Vec::new();
        let mut frames = Vec::new();
        let delivery_proof = |channel: &str| channels.delivery_proof(channel);
        let limits = (connection.limits, others);
        outbox.flush(self.env.now, &self.env.config, limits, delivery_proof, |message, ack| {
            let answers = protocol.answers(&message.channel);
            let outgoing = Outgoing::Message {
                channel: &message.channel,
                id: Some(&message.id),
                event: message.event.as_deref(),
                payload: message.payload.clone(),
                bytes: message.bytes,
                ack: ack == Ack::Requested && answers,
            };
            match protocol.encode(outgoing, connection.features) {
                Ok(frame) => {
                    traffic.messages_sent += 1;
                    sent.push(message.channel.clone());
                    frames.push(Output::Transmit(connection.socket, vec![frame]));
                    if answers { Transmit::Sent } else { Transmit::SentNoReply }
                }
                Err(code) => Transmit::Unencodable(code),
            }
        });
        for channel in sent {
            channels.sent(self.env.now, &channel);
        }
        let any = self.report_sends() | self.flush_collections();
        self.outputs.extend(frames);
        if self.outbox.has_isolated() {
            self.channels.pause_joins();
            return any;
        }
        self.channels.resume_joins(&self.env) | any
    }

    pub(super) fn transmit(
        &mut self,
        connection: OpenSocket,
        outgoing: Outgoing<'_, P>,
    ) -> Transmit {
        match self.protocol.encode(outgoing, connection.features) {
            Ok(frame) if frame.bytes as u64 > connection.limits.max_frame_bytes => {
                Transmit::Unencodable(Code::MessageTooLarge)
            }
            Ok(frame) => {
                self.traffic.messages_sent += 1;
                self.outputs.push_frame(connection.socket, frame);
                Transmit::Sent
            }
            Err(code) => Transmit::Unencodable(code),
        }
    }

    /// Sends a control frame on the connection, if there is one.
    pub(super) fn send_control(&mut self, outgoing: Outgoing<'_, P>) {
        if let Some(connection) = self.open_socket {
            self.send_control_on(connection.socket, outgoing);
        }
    }

    /// Sends a control frame. One that cannot be encoded is obsolete, and is dropped.
    pub(super) fn send_control_on(&mut self, socket: SocketId, outgoing: Outgoing<'_, P>) {
        if let Ok(frame) = self.protocol.encode(outgoing, Features::default()) {
            self.outputs.push_frame(socket, frame);
        }
    }
}
