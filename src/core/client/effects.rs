//! What the link and the channels want done, and what it means for the other parts.

use alloc::borrow::ToOwned;

use super::{Client, Connection, Marks, context};
use crate::core::channel::{ChannelState, Route, Step};
use crate::core::config::{ACK_MEMORY_MS, AuthMode, CLIENT_NAME};
use crate::core::context::Context;
use crate::core::error::{Code, Error};
use crate::core::id::SocketId;
use crate::core::io::{Event, Output};
use crate::core::link::{Effect, State};
use crate::core::outbox::Terms;
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::wire::{Accepted, Outgoing};

impl<P: Payload> Client<P> {
    pub(super) fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::FetchToken(request) => self.outputs.push_back(Output::FetchToken(request)),
            Effect::Open(socket, token) => self.outputs.push_back(Output::Open(socket, token)),
            Effect::Close(socket, code) => self.outputs.push_back(Output::Close(socket, code)),
            Effect::Authenticate(socket, token) => {
                let (client, inflates) = (CLIENT_NAME, self.config.inflates);
                self.say(socket, Outgoing::Auth { token: token.as_ref(), client, inflates });
            }
            Effect::Ping(socket) => self.say(socket, Outgoing::Ping),
            Effect::State(state, reason, error) => {
                if let Some(error) = error.as_ref().filter(|_| state == State::Failed) {
                    self.outbox.fail_until(u64::MAX, error);
                    self.presences.fail(error);
                }
                self.emit(Event::State(state, reason, error));
            }
            Effect::Quality(quality) => self.emit(Event::Quality(quality)),
            Effect::Error(error) => self.emit(Event::Error(None, error)),
            Effect::Up(socket) => self.up(socket),
            Effect::Down => self.down(),
        }
    }

    pub(super) fn down(&mut self) {
        self.connection = None;
        self.channels.disconnected();
        self.presences.disconnected();
        self.typings.disconnected();
        self.outbox.disconnected();
    }

    fn up(&mut self, socket: SocketId) {
        if self.config.auth == AuthMode::None {
            self.accepted = Accepted::default();
        }
        let Accepted { features, max_frame_bytes, ack_memory_ms, .. } = self.accepted;
        self.connection = Some(Connection {
            socket,
            features,
            terms: Terms {
                acks: features.ack,
                ack_memory_ms: ack_memory_ms.unwrap_or(ACK_MEMORY_MS),
                max_frame_bytes: max_frame_bytes.unwrap_or(self.config.max_frame_bytes),
            },
            invalid_told: false,
        });
        self.identify();
        self.presences.connected(features.presence);
        let route = if features.subscribe { Route::Membership } else { Route::Local };
        self.channels.connected(context!(self), route);
    }

    /// Another user's messages are not sent in this one's name, and what that one had seen does
    /// not count.
    pub(super) fn identify(&mut self) {
        let named = self.config.identity.clone().or_else(|| self.accepted.user.clone());
        let identity = named.or_else(|| self.link.subject().map(str::to_owned));
        let all = Marks { messages: u64::MAX, presences: u64::MAX };
        let mark = self.before_token.take().unwrap_or(all);
        if self.identity.as_ref().is_some_and(|former| *former != identity) {
            self.outbox.fail_until(mark.messages, &Error::new(Code::IdentityChanged));
            self.presences.identity_changed(context!(self), mark.presences);
            self.stores.identity_changed(context!(self));
            self.channels.begin_anew(context!(self));
        }
        self.identity = Some(identity);
    }

    pub(super) fn step(&mut self, step: Step<P>) {
        match step {
            Step::Join { channel, reference, params, since } => {
                let since = since.as_ref();
                self.say_ready(Outgoing::Join { channel: &channel, reference, params, since });
            }
            Step::Recover { channel, reference, behind, to } => {
                let (channel, behind) = (&channel, &behind);
                self.say_ready(Outgoing::Recover { channel, reference, behind, to });
            }
            Step::Leave { channel, reference } => {
                self.say_ready(Outgoing::Leave { channel: &channel, reference });
            }
            Step::Changed(id, state, continuity, reason, error) => {
                match (state, reason) {
                    (ChannelState::Left, _) => {
                        self.presences.left(id);
                        self.typings.left(id);
                    }
                    (_, Reason::Joined) => {
                        self.presences.joined(context!(self), id);
                        self.rows_follow(id, continuity);
                    }
                    (_, Reason::EndedByServer) => self.presences.parted(id),
                    _ => {}
                }
                self.emit(Event::Channel(id, state, continuity, reason, error));
            }
            Step::Deliver(id, delivery) => self.message(id, delivery),
            Step::Repeated => self.traffic.duplicates += 1,
            Step::Gap(id, gap) => {
                self.traffic.gaps += 1;
                self.emit(Event::Gap(id, gap));
            }
        }
    }
}
