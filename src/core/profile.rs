//! The differences between the protocols for the parts of the client. Decisions by protocol are made
//! here; only the client and the protocols themselves use the protocol's kind.

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

/// How long a rejected join delays everything else on its connection, in milliseconds (Supabase,
/// `CHANNEL_ERROR_BACKOFF_MS`).
pub const REJECTION_STALL_MS: u64 = 5_000;

/// The requirements of a client's protocol for its parts. It holds nothing but what it is made of, so
/// that it costs nothing to make.
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
    /// As a subprotocol, as it is, if it can be one.
    Plain,
    /// As a subprotocol, encoded: any token can be one.
    Encoded,
}

/// How many joins may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinLimit {
    /// Nothing is known to be too much.
    Unknown,
    /// `rejoin_window` at once.
    Window,
    /// `rejoin_window` at once, and few in a second.
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

    /// Whether a connection begins with an exchange that the server has to accept. Else it is
    /// ready when it is open.
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

    /// Whether tokens travel with the joins, and can be replaced there at any time.
    #[must_use]
    pub fn joins_carry_tokens(self) -> bool {
        self.protocol == ProtocolKind::Supabase
    }

    /// Whether a token is of use after the connection was opened, so that it is renewed in time.
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

    /// How long a rejected join delays everything else on its connection, in milliseconds; `None` if it
    /// does not.
    #[must_use]
    pub fn rejection_stall_ms(self) -> Option<u64> {
        (self.protocol == ProtocolKind::Supabase).then_some(REJECTION_STALL_MS)
    }

    /// How many presence calls the server takes in a channel, and within how many milliseconds.
    /// Supabase ends a channel that makes more (5 in 30 s by default).
    #[must_use]
    pub fn presence_limit(self) -> Option<(usize, u64)> {
        (self.protocol == ProtocolKind::Supabase).then_some((5, 30_000))
    }

    /// Whether only messages of the server itself have an event of this name; a client's message with it is not one.
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

    /// Whether a send without the option requests an acknowledgement. Many servers of Phoenix do not reply.
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

    /// The parameters that a subscriber requests by the options of its channel, which are JSON; `None` if it has none.
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

    /// The filters for changes of a database among these parameters, in their order. The index of a
    /// filter in the parameters of a join is its [`FilterId`](super::id::FilterId).
    #[must_use]
    pub fn filters<P: Payload>(self, params: &P) -> Vec<P> {
        match self.protocol {
            ProtocolKind::Supabase => supabase::filters(params),
            ProtocolKind::Tidewire | ProtocolKind::Phoenix => Vec::new(),
        }
    }

    /// The parameters with which a channel of these subscribers is joined, and what is sent of
    /// them, where it was in until then (milliseconds since 1970). Where parameters are not
    /// merged, they are the last subscriber's.
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

    /// Whether a join with the parameters `joined` serves all these subscribers.
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

    use super::ProtocolProfile;
    use crate::core::config::{Config, ProtocolKind};

    fn profile(protocol: ProtocolKind) -> ProtocolProfile {
        ProtocolProfile::of(&Config { protocol, ..Config::default() })
    }

    #[test]
    fn the_names_of_the_server_s_own_events_are_reserved_by_protocol() {
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
    fn sends_ask_for_an_acknowledgement_by_default_except_with_phoenix() {
        let acks = ProtocolKind::ALL.iter().map(|protocol| profile(*protocol).acks_by_default());
        assert_eq!(acks.collect::<Vec<_>>(), [true, false, true]);
    }
}
