//! What is said: put into frames by the wire, on the socket there is.

use super::{Client, Connection};
use crate::core::id::SocketId;
use crate::core::io::Output;
use crate::core::outbox::Handed;
use crate::core::payload::Payload;
use crate::core::wire::{Features, Outgoing, native};

impl<P: Payload> Client<P> {
    /// Hands what waits to the connection; returns whether anything waited.
    pub(super) fn flush(&mut self) -> bool {
        let Some(connection) = self.connection else {
            return false;
        };
        let Self { outbox, outputs, channels, traffic, .. } = self;
        let mut any = false;
        outbox.flush(self.now, &self.config, connection.terms, |message, ack| {
            any = true;
            let outgoing = Outgoing::Message {
                channel: &message.channel,
                id: &message.id,
                event: message.event.as_deref(),
                payload: message.payload.clone(),
                ack,
            };
            match native::encode(outgoing, connection.features) {
                Ok(frame) => {
                    traffic.messages_sent += 1;
                    channels.sent(self.now, &message.channel);
                    outputs.push_back(Output::Transmit(connection.socket, frame));
                    Handed::Over
                }
                Err(code) => Handed::Impossible(code),
            }
        });
        any
    }

    pub(super) fn transmit(&mut self, connection: Connection, outgoing: Outgoing<'_, P>) -> Handed {
        match native::encode(outgoing, connection.features) {
            Ok(frame) => {
                self.traffic.messages_sent += 1;
                self.outputs.push_back(Output::Transmit(connection.socket, frame));
                Handed::Over
            }
            Err(code) => Handed::Impossible(code),
        }
    }

    pub(super) fn say_ready(&mut self, outgoing: Outgoing<'_, P>) {
        if let Some(connection) = self.connection {
            self.say(connection.socket, outgoing);
        }
    }

    /// Control frames: none of them can be impossible to say.
    pub(super) fn say(&mut self, socket: SocketId, outgoing: Outgoing<'_, P>) {
        if let Ok(frame) = native::encode(outgoing, Features::default()) {
            self.outputs.push_back(Output::Transmit(socket, frame));
        }
    }
}
