//! The differences between the protocols, as far as they concern the parts of the client. Only this
//! module, the client and the protocols themselves use [`ProtocolKind`].

use alloc::vec::Vec;

use super::config::{AuthMode, Config, ProtocolKind, Serializer};
use super::message_head::FrameShape;
use super::payload::Payload;
use super::protocol::{phoenix, supabase};
use super::typing::TYPING_EVENT;

/// The events of frames that are not, or not only, delivered as messages: no head is read of them.
pub const CONTROL_EVENTS: [&str; 7] = [
    TYPING_EVENT,
    phoenix::SERVER_EVENTS[0],
    phoenix::SERVER_EVENTS[1],
    phoenix::SERVER_EVENTS[2],
    phoenix::CLOSE,
    phoenix::ERROR,
    phoenix::REPLY,
];

/// The values of the option `auth` with which the native protocol offers the token as a subprotocol.
pub const OFFERED_IN: [&str; 2] = [AuthMode::Both.name(), AuthMode::Subprotocol.name()];

/// How long a rejected join delays everything else on its connection, in milliseconds (Supabase,
/// `CHANNEL_ERROR_BACKOFF_MS`).
pub const REJECTION_STALL_MS: u64 = 5_000;

/// The properties of a client's protocol, computed from two options, so that creating a profile
/// costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolProfile {
    protocol: ProtocolKind,
    auth: AuthMode,
    serializer: Serializer,
    exact_numbers: bool,
}

/// How a token is offered when a socket is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOffer {
    /// Not at all.
    None,
    /// Unchanged as a subprotocol, if it is a valid one.
    Plain,
    /// Encoded as a subprotocol, which is possible for any token.
    Encoded,
}

/// How many joins may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinLimit {
    /// The server's limit is unknown.
    Unknown,
    /// At most `rejoin_window` may be pending.
    Window,
    /// At most `rejoin_window` may be pending, and their rate is limited.
    Rate,
}

impl ProtocolProfile {
    /// The profile of these options.
    #[must_use]
    pub const fn of(config: &Config) -> Self {
        let &Config { protocol, auth, serializer, exact_numbers, .. } = config;
        Self { protocol, auth, serializer, exact_numbers }
    }

    // ----- the connection -----

    /// Whether a connection begins with an authentication that the server must accept. Otherwise it
    /// is ready when the socket is open.
    #[must_use]
    pub fn has_handshake(self) -> bool {
        self.protocol == ProtocolKind::Tidewire && self.auth != AuthMode::None
    }

    /// How a token is offered when a socket is opened.
    #[must_use]
    pub const fn token_offer(self) -> TokenOffer {
        match (self.protocol, self.auth) {
            (ProtocolKind::Tidewire, AuthMode::Both | AuthMode::Subprotocol) => TokenOffer::Plain,
            (ProtocolKind::Phoenix, _) => TokenOffer::Encoded,
            (ProtocolKind::Tidewire | ProtocolKind::Supabase, _) => TokenOffer::None,
        }
    }

    /// Whether joins contain the token, and it can be replaced in joined channels at any time.
    #[must_use]
    pub fn joins_carry_tokens(self) -> bool {
        self.protocol == ProtocolKind::Supabase
    }

    /// Whether the server uses the token after the opening of the connection, so that it must be
    /// renewed.
    #[must_use]
    pub fn renews_tokens(self) -> bool {
        self.protocol != ProtocolKind::Phoenix
    }

    // ----- channels -----

    /// Whether only members of a channel may send to it.
    #[must_use]
    pub fn sends_as_member(self) -> bool {
        self.protocol != ProtocolKind::Tidewire
    }

    /// How many joins may be sent.
    #[must_use]
    pub const fn join_limit(self) -> JoinLimit {
        match self.protocol {
            ProtocolKind::Tidewire => JoinLimit::Window,
            ProtocolKind::Phoenix => JoinLimit::Unknown,
            ProtocolKind::Supabase => JoinLimit::Rate,
        }
    }

    /// How long a rejected join delays everything else on its connection, in milliseconds; `None`
    /// if it does not.
    #[must_use]
    pub fn rejection_stall_ms(self) -> Option<u64> {
        (self.protocol == ProtocolKind::Supabase).then_some(REJECTION_STALL_MS)
    }

    /// The limit of presence calls in a channel: their number, and the milliseconds within which
    /// they are counted. Supabase ends the membership of a client that exceeds it (5 in 30 s by
    /// default).
    #[must_use]
    pub fn presence_limit(self) -> Option<(usize, u64)> {
        (self.protocol == ProtocolKind::Supabase).then_some((5, 30_000))
    }

    /// Whether the event name is reserved for messages of the server itself. A client's message
    /// with the name is not such a message.
    #[must_use]
    pub fn reserves<P: Payload>(self, event: &P) -> bool {
        let names: &[&str] = match self.protocol {
            ProtocolKind::Tidewire => return false,
            ProtocolKind::Phoenix => &phoenix::SERVER_EVENTS,
            ProtocolKind::Supabase => &[supabase::SYSTEM, supabase::POSTGRES_CHANGES],
        };
        event.as_text().is_some_and(|event| names.contains(&&*event))
    }

    /// Where the parts of a message are in a frame of this protocol.
    #[must_use]
    pub const fn frame_shape(self) -> FrameShape {
        match (self.protocol, self.serializer) {
            // Long numbers are quoted before the text is parsed.
            _ if self.exact_numbers => FrameShape::Opaque,
            (ProtocolKind::Tidewire, _) => FrameShape::Members,
            (ProtocolKind::Phoenix, Serializer::V2) => FrameShape::Items,
            (ProtocolKind::Phoenix | ProtocolKind::Supabase, _) => FrameShape::Opaque,
        }
    }

    /// Whether a send without the option `ack` requests an acknowledgement. Many Phoenix servers do
    /// not reply.
    #[must_use]
    pub fn acks_by_default(self) -> bool {
        self.protocol != ProtocolKind::Phoenix
    }

    // ----- the parameters of joins -----

    /// Whether one join can serve subscribers with different parameters.
    #[must_use]
    pub fn merges_join_params(self) -> bool {
        self.protocol == ProtocolKind::Supabase
    }

    /// The join parameters in the options of a subscription, which are JSON; `None` if there are
    /// none.
    ///
    /// # Errors
    /// The name of an option that the protocol does not have.
    pub fn requested_params<P: Payload>(self, options: &P) -> Result<Option<P>, &'static str> {
        let params = options.field("params").filter(P::is_object);
        match (self.protocol, supabase::set_option(options)) {
            (ProtocolKind::Supabase, Some(_)) => Ok(Some(supabase::part(options))),
            (_, None) => Ok(params),
            (ProtocolKind::Tidewire | ProtocolKind::Phoenix, Some(option)) => Err(option),
        }
    }

    /// The filters for changes of a database in these parameters, in order. The index of a filter
    /// in the parameters of a join is its [`FilterId`](super::id::FilterId).
    #[must_use]
    pub fn filters<P: Payload>(self, params: &P) -> Vec<P> {
        match self.protocol {
            ProtocolKind::Supabase => supabase::filters(params),
            ProtocolKind::Tidewire | ProtocolKind::Phoenix => Vec::new(),
        }
    }

    /// The parameters of a join for these subscribers, and those to be sent if the last membership
    /// ended at `left_at_ms` (milliseconds since 1970): they request a replay from then on. If
    /// parameters are not merged, they are the last subscriber's.
    #[must_use]
    pub fn join_params<'p, P: Payload + 'p>(
        self,
        mut wanted: impl DoubleEndedIterator<Item = &'p P>,
        left_at_ms: Option<u64>,
    ) -> (P, Option<P>) {
        match self.protocol {
            ProtocolKind::Supabase => {
                let params = merged(wanted);
                let sent = left_at_ms.map(|ms| supabase::replay_from(&params, ms));
                let sent = sent.unwrap_or_else(|| params.clone());
                (params, Some(sent))
            }
            ProtocolKind::Tidewire | ProtocolKind::Phoenix => {
                let params = wanted.next_back().cloned();
                (params.clone().unwrap_or_else(|| P::object(Vec::new())), params)
            }
        }
    }

    /// Whether a join with the parameters `joined` covers those of all subscribers.
    #[must_use]
    pub fn join_covers<'p, P: Payload + 'p>(
        self,
        joined: &P,
        mut wanted: impl DoubleEndedIterator<Item = &'p P>,
    ) -> bool {
        match self.protocol {
            ProtocolKind::Supabase => supabase::covers(joined, &merged(wanted)),
            ProtocolKind::Tidewire | ProtocolKind::Phoenix => {
                wanted.next_back().is_none_or(|wanted| wanted.eq_json(joined))
            }
        }
    }
}

fn merged<'p, P: Payload + 'p>(wanted: impl Iterator<Item = &'p P>) -> P {
    supabase::config(&wanted.cloned().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{OFFERED_IN, ProtocolProfile, TokenOffer};
    use crate::core::config::{AuthMode, Config, ProtocolKind};

    fn profile(protocol: ProtocolKind) -> ProtocolProfile {
        ProtocolProfile::of(&Config { protocol, ..Config::default() })
    }

    #[test]
    fn listed_auth_modes_are_those_that_offer_the_token_unchanged() {
        let offers = |auth| {
            let config = Config { auth, ..Config::default() };
            ProtocolProfile::of(&config).token_offer() == TokenOffer::Plain
        };
        let offering = AuthMode::ALL.iter().filter(|auth| offers(**auth)).map(|auth| auth.name());
        assert_eq!(offering.collect::<Vec<_>>(), OFFERED_IN);
    }

    #[test]
    fn event_names_of_server_messages_are_reserved_by_protocol() {
        let reserves = |protocol, event: &str| profile(protocol).reserves(&json!(event));
        for event in ["system", "postgres_changes"] {
            assert!(reserves(ProtocolKind::Supabase, event));
            assert!(!reserves(ProtocolKind::Phoenix, event));
            assert!(!reserves(ProtocolKind::Tidewire, event));
        }
        for event in ["phx_join", "presence_state", "presence_diff"] {
            assert!(reserves(ProtocolKind::Phoenix, event));
            assert!(!reserves(ProtocolKind::Supabase, event));
        }
    }

    #[test]
    fn sends_request_an_acknowledgement_by_default_except_with_phoenix() {
        let acks = ProtocolKind::ALL.iter().map(|protocol| profile(*protocol).acks_by_default());
        assert_eq!(acks.collect::<Vec<_>>(), [true, false, true]);
    }
}
