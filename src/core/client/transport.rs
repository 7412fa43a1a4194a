//! The open socket: its protocol, the frames that are sent on it, and the traffic.

use alloc::vec;
use alloc::vec::Vec;

use super::open_socket::OpenSocket;
use super::output_queue::OutputQueue;
use crate::core::auth_success::Features;
use crate::core::channel::Registry;
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::error::Code;
use crate::core::id::SocketId;
use crate::core::metrics::Traffic;
use crate::core::outbox::{Ack, Others, Outbox, Transmit};
use crate::core::output::Output;
use crate::core::payload::Payload;
use crate::core::protocol::Protocol;
use crate::core::protocol::frames::Outgoing;

/// The connection as the client uses it: frames are encoded, counted, and queued for the socket.
#[derive(Debug)]
pub(super) struct Transport<P> {
    pub(super) protocol: Protocol<P>,
    pub(super) open_socket: Option<OpenSocket>,
    pub(super) traffic: Traffic,
    pub(super) outputs: OutputQueue<P>,
}

impl<P: Payload> Transport<P> {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            protocol: Protocol::of(config),
            open_socket: None,
            traffic: Traffic::default(),
            outputs: OutputQueue::default(),
        }
    }

    /// Removes and returns the next output, `None` if there is none.
    pub(super) fn poll_output(&mut self) -> Option<Output<P>> {
        self.outputs.pop(self.open_socket)
    }

    /// Encodes the messages of the outbox that can be sent now. Returns their frames, for the
    /// caller to queue after the progress of the sends: an engine that crashes between the two must
    /// not have sent a message without reporting it.
    pub(super) fn messages(
        &mut self,
        env: &Env,
        connection: OpenSocket,
        others: Others,
        outbox: &mut Outbox<P>,
        channels: &mut Registry<P>,
    ) -> Vec<Output<P>> {
        let Self { protocol, traffic, .. } = self;
        let mut sent = Vec::new();
        let mut frames = Vec::new();
        let limits = (connection.limits, others, channels.version());
        let delivery_proof = |channel: &str| channels.delivery_proof(channel);
        outbox.flush(env.now, &env.config, limits, delivery_proof, |message, ack| {
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
            channels.sent(env.now, &channel);
        }
        frames
    }

    /// Sends a message that is not queued in the outbox.
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

    /// Sends a control frame on the open socket, if there is one.
    pub(super) fn control(&mut self, outgoing: Outgoing<'_, P>) {
        if let Some(connection) = self.open_socket {
            self.control_on(connection.socket, outgoing);
        }
    }

    /// Sends a control frame. One that cannot be encoded is obsolete, and is dropped.
    pub(super) fn control_on(&mut self, socket: SocketId, outgoing: Outgoing<'_, P>) {
        if let Ok(frame) = self.protocol.encode(outgoing, Features::default()) {
            self.outputs.push_frame(socket, frame);
        }
    }
}
