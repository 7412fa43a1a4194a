//! The effects of the connection and the channels on the other parts.

use alloc::vec::Vec;

use super::Client;
use super::open_socket::OpenSocket;
use crate::core::auth_success::{AuthSuccess, Features};
use crate::core::channel::{Channel, NewToken, Step, SubscribeMode};
use crate::core::config::{ACK_MEMORY_MS, AuthMode, CLIENT_NAME, ProtocolKind};
use crate::core::connection::Effect;
use crate::core::error::Error;
use crate::core::event::Event;
use crate::core::id::{ChannelId, SocketId};
use crate::core::outbox::{InFlight, Others, SendLimits};
use crate::core::output::Output;
use crate::core::payload::Payload;
use crate::core::presence::ServerPresence;
use crate::core::protocol::Protocol;
use crate::core::protocol::frames::Outgoing;
use crate::core::reason::Reason;
use crate::core::risk::{Loss, OtherCauses, Unanswered};
use crate::core::state::{ChannelState, ErrorInForce, State};
use crate::core::token::Token;

impl<P: Payload> Client<P> {
    pub(super) fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::FetchToken(request) => self.transport.outputs.push(Output::FetchToken(request)),
            Effect::Open(socket, token) => {
                self.invalid_reported = false;
                self.transport.outputs.push(Output::Open(socket, token));
            }
            Effect::Close(socket, code) => self.transport.outputs.push(Output::Close(socket, code)),
            Effect::Abort(socket) => self.transport.outputs.push(Output::Abort(socket)),
            Effect::Authenticate(_, token) if !self.profile().has_handshake() => {
                self.use_token(token.as_ref());
            }
            Effect::Authenticate(socket, token) => {
                let (client, inflates) = (CLIENT_NAME, self.env.config.inflates);
                self.transport
                    .control_on(socket, Outgoing::Auth { token: token.as_ref(), client, inflates });
            }
            Effect::Ping(socket) => self.transport.control_on(socket, Outgoing::Ping),
            Effect::State(state, reason, error) => {
                match error.as_ref().filter(|_| state == State::Failed) {
                    Some(error) => {
                        self.outbox.fail_until(u64::MAX, error);
                        self.presences.fail(error);
                        self.channels.memberships().block_joins(reason, error);
                    }
                    None if state == State::Closed => {}
                    None => self.channels.memberships().unblock_joins(),
                }
                let in_force = match &error {
                    Some(_) => ErrorInForce::New,
                    None if state.keeps_error() => ErrorInForce::Latest,
                    None => ErrorInForce::None,
                };
                let latest = || self.connection.error().filter(|_| state.keeps_error()).cloned();
                self.emit(Event::State(state, reason, error.or_else(latest), in_force));
            }
            Effect::Quality(quality) => self.emit(Event::Quality(quality)),
            Effect::Error(error) => self.emit(Event::Error(None, error)),
            Effect::Up(socket) => self.up(socket),
            Effect::Down(loss) => self.down(loss),
            Effect::TokenDenied => self.channels.memberships().token_denied(),
        }
    }

    fn requests(&self) -> usize {
        self.channels.requests() + self.presences.requests()
    }

    /// The pending requests other than messages that can end the connection.
    pub(super) fn other_requests(&self) -> Others {
        match self.requests() {
            0 => Others::None,
            _ if self.channels.has_risk() || self.presences.has_risk() => Others::AtRisk,
            _ => Others::Fresh,
        }
    }

    fn down(&mut self, code: Option<u16>) {
        let requests = self.requests();
        let is_only = requests + self.outbox.in_flight() == 1 && !self.outbox.has_unanswered();
        let unanswered = if is_only { Unanswered::One } else { Unanswered::Other };
        let other_requests = self.other_requests();
        let loss = code.map(|code| Loss { code, unanswered });
        if let Some(loss) = loss {
            if loss.is_too_big() {
                self.transport.outputs.stop_batching();
            }
            let messages = self.outbox.has_risk();
            let others = |requests: usize| match requests {
                0 if !messages => OtherCauses::None,
                _ => OtherCauses::Possible,
            };
            let joins = self.channels.requests();
            let presences = self.presences.requests();
            self.channels.memberships().lost(&mut self.env, loss, others(presences));
            self.presences.lost(loss, others(joins));
        }
        self.transport.open_socket = None;
        self.transport.protocol.disconnected();
        self.channels.disconnected(self.env.now, &self.env.config);
        self.channels.memberships().resume_joins(&self.env);
        self.presences.disconnected();
        self.typings.disconnected();
        let channels = &self.channels;
        let delivery_proof = |channel: &str| channels.delivery_proof(channel);
        self.outbox.disconnected(self.env.now, loss, other_requests, delivery_proof);
    }

    /// Sets the token of a protocol without authentication exchange: joins contain it, and it is
    /// sent to joined channels. The server does not answer; joins rejected for the former token are
    /// retried.
    fn use_token(&mut self, token: Option<&Token>) {
        let Protocol::Phoenix(phoenix) = &mut self.transport.protocol else { return };
        phoenix.set_token(token.cloned());
        if let Some(token) = token {
            let names: Vec<_> = self.channels.iter().map(|each| each.name().clone()).collect();
            for channel in &names {
                self.transport.control(Outgoing::Token { channel, token });
            }
        }
        if self.transport.open_socket.is_some() {
            let token = if self.identity.awaits_given_token() {
                NewToken::Given
            } else {
                NewToken::Fetched
            };
            self.identify();
            self.channels.memberships().retry_failed(&mut self.env, token);
        }
        let features = Features { reauth: true, ..Features::default() };
        let success = AuthSuccess { features, ..AuthSuccess::default() };
        self.connection.answers().authenticated(&mut self.env, &success);
    }

    fn up(&mut self, socket: SocketId) {
        match self.env.config.protocol {
            ProtocolKind::Tidewire if self.env.config.auth != AuthMode::None => {}
            ProtocolKind::Tidewire => self.auth_success = AuthSuccess::default(),
            protocol => self.auth_success = phoenix_capabilities(protocol),
        }
        let AuthSuccess { features, max_frame_bytes, ack_memory_ms, .. } = self.auth_success;
        self.transport.open_socket = Some(OpenSocket {
            socket,
            features,
            limits: SendLimits {
                acks: features.ack,
                ack_memory_ms: ack_memory_ms
                    .unwrap_or(ACK_MEMORY_MS)
                    .saturating_sub(self.connection.margin_ms()),
                max_frame_bytes: max_frame_bytes.unwrap_or(self.env.config.max_frame_bytes),
            },
        });
        self.identify();
        let presence =
            if features.presence { ServerPresence::Supported } else { ServerPresence::Unsupported };
        self.presences.connected(&mut self.env, presence);
        let mode = match (features.subscribe, self.profile().sends_as_member()) {
            (true, true) => SubscribeMode::MembersOnly,
            (true, false) => SubscribeMode::Explicit,
            (false, _) => SubscribeMode::Implicit,
        };
        self.channels.memberships().connected(&mut self.env, mode);
    }

    pub(super) fn step(&mut self, step: Step<P>) {
        match step {
            Step::Join { channel, reference, params, since } => {
                let since = since.as_ref();
                self.transport.control(Outgoing::Join {
                    channel: &channel,
                    reference,
                    params,
                    since,
                });
            }
            Step::Recover { channel, reference, behind, to } => {
                let (channel, behind) = (&channel, &behind);
                self.transport.control(Outgoing::Recover { channel, reference, behind, to });
            }
            Step::Leave { channel, reference } => {
                self.transport.control(Outgoing::Leave { channel: &channel, reference });
            }
            Step::Changed(id, state, continuity, reason, error) => {
                if matches!(state, ChannelState::Joining | ChannelState::Failed) {
                    self.collections.interrupted(id);
                }
                let channel = self.channels.get(id);
                match (state, reason) {
                    (ChannelState::Left, _) => {
                        self.presences.left(id);
                        self.typings.left(id);
                    }
                    (_, Reason::Joined) => {
                        let is_live = channel.is_some_and(Channel::is_live);
                        self.presences.joined(&mut self.env, id);
                        if is_live {
                            self.continue_collections(id, continuity);
                        }
                    }
                    (_, Reason::Live | Reason::PassedOver) => {
                        self.continue_collections(id, continuity);
                    }
                    (_, Reason::JoinRefused | Reason::JoinTimeout | Reason::EndedByServer) => {
                        self.channel_failed(id, state, reason, error.as_ref());
                    }
                    _ => {}
                }
                self.emit(Event::Channel(id, state, continuity, reason, error));
            }
            Step::Deliver(id, delivery) => self.message(id, delivery),
            Step::System(id, event, payload, receiver) => {
                self.emit(Event::System(id, event, payload, receiver));
            }
            Step::Repeated => self.transport.traffic.duplicates += 1,
            Step::Gap(id, gap) => {
                self.transport.traffic.gaps += 1;
                self.emit(Event::Gap(id, gap));
            }
        }
    }

    /// Applies the rejection or the end of a membership to the other parts. Where only members may
    /// send, unanswered sends fail with it; elsewhere the log can still settle them.
    fn channel_failed(
        &mut self,
        id: ChannelId,
        state: ChannelState,
        reason: Reason,
        error: Option<&Error>,
    ) {
        let Some(channel) = self.channels.get(id) else { return };
        let name = channel.name().clone();
        let is_awaited = !self.profile().sends_as_member()
            && (reason != Reason::EndedByServer || channel.position().is_some());
        let in_flight = if is_awaited { InFlight::Awaited } else { InFlight::Unanswered };
        if reason == Reason::EndedByServer || self.profile().sends_as_member() {
            self.presences.membership_ended(&mut self.env, id);
        }
        match error.filter(|_| state == ChannelState::Failed) {
            Some(error) => {
                self.outbox.fail_in(&name, error, in_flight);
                self.presences.fail_in(id, error);
            }
            None if is_awaited => {}
            None => self.outbox.ended(&name),
        }
    }
}

/// The features of Phoenix servers. They do not deduplicate by id: transmitted messages are never
/// resent.
fn phoenix_capabilities(protocol: ProtocolKind) -> AuthSuccess {
    let features = Features {
        subscribe: true,
        ack: true,
        presence: protocol == ProtocolKind::Supabase,
        ..Features::default()
    };
    AuthSuccess { features, ack_memory_ms: Some(0), ..AuthSuccess::default() }
}
