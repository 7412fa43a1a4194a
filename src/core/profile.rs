//! In what the protocols differ for the parts of the client. Who decides by the protocol asks
//! here; nobody but the client and the protocols themselves needs to know which one it is.

use alloc::vec::Vec;

use super::config::{AuthMode, Config, Protocol};
use super::payload::Payload;
use super::protocol::supabase;

/// How long a refused join keeps all else on its connection waiting, in milliseconds (Supabase,
/// `CHANNEL_ERROR_BACKOFF_MS`).
pub const REFUSAL_STALL_MS: u64 = 5_000;

/// What the protocol of a client asks of its parts. It holds nothing but what it is made of, so
/// that it costs nothing to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolProfile {
    protocol: Protocol,
    auth: AuthMode,
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
        Self { protocol: config.protocol, auth: config.auth }
    }

    // ----- the connection -----

    /// Whether a connection begins with an exchange that the server has to accept. Else it is
    /// ready when it is open.
    #[must_use]
    pub fn has_handshake(self) -> bool {
        self.protocol == Protocol::Tidewire && self.auth != AuthMode::None
    }

    /// How a token is offered when a socket is opened.
    #[must_use]
    pub const fn token_offer(self) -> TokenOffer {
        match (self.protocol, self.auth) {
            (Protocol::Tidewire, AuthMode::Both | AuthMode::Subprotocol) => TokenOffer::Plain,
            (Protocol::Phoenix, _) => TokenOffer::Encoded,
            (Protocol::Tidewire | Protocol::Supabase, _) => TokenOffer::None,
        }
    }

    /// Whether tokens travel with the joins, and can be replaced there at any time.
    #[must_use]
    pub fn joins_bear_tokens(self) -> bool {
        self.protocol == Protocol::Supabase
    }

    /// Whether a token is of use after the connection was opened, so that it is renewed in time.
    #[must_use]
    pub fn renews_tokens(self) -> bool {
        self.protocol != Protocol::Phoenix
    }

    // ----- channels -----

    /// Whether only members of a channel may send to it.
    #[must_use]
    pub fn sends_as_member(self) -> bool {
        self.protocol != Protocol::Tidewire
    }

    /// How many joins may be sent.
    #[must_use]
    pub const fn join_limit(self) -> JoinLimit {
        match self.protocol {
            Protocol::Tidewire => JoinLimit::Window,
            Protocol::Phoenix => JoinLimit::Unknown,
            Protocol::Supabase => JoinLimit::Rate,
        }
    }

    /// How long a refused join keeps all else on its connection waiting, in milliseconds.
    #[must_use]
    pub fn refusal_stall_ms(self) -> u64 {
        if self.protocol == Protocol::Supabase { REFUSAL_STALL_MS } else { 0 }
    }

    /// How many presence calls the server takes in a channel, and within how many milliseconds.
    /// Supabase ends a channel that makes more (5 in 30 s by default).
    #[must_use]
    pub fn presence_limit(self) -> Option<(usize, u64)> {
        (self.protocol == Protocol::Supabase).then_some((5, 30_000))
    }

    // ----- the parameters of joins -----

    /// Whether one join can serve subscribers with different parameters.
    #[must_use]
    pub fn merges_join_params(self) -> bool {
        self.protocol == Protocol::Supabase
    }

    /// The parameters of a join that serves all these subscribers; where they are not merged, the
    /// last one's.
    #[must_use]
    pub fn join_params<P: Payload>(self, mut parts: Vec<P>) -> Option<P> {
        match self.protocol {
            Protocol::Supabase => Some(supabase::config(&parts)),
            Protocol::Tidewire | Protocol::Phoenix => parts.pop(),
        }
    }

    /// Whether a join with the parameters `joined` serves all these subscribers.
    #[must_use]
    pub fn join_covers<P: Payload>(self, joined: &P, parts: &[P]) -> bool {
        match self.protocol {
            Protocol::Supabase => supabase::covers(joined, &supabase::config(parts)),
            Protocol::Tidewire | Protocol::Phoenix => {
                parts.last().is_none_or(|wanted| wanted.same(joined))
            }
        }
    }

    /// The parameters with which a channel is joined again that was in until then (milliseconds
    /// since 1970).
    #[must_use]
    pub fn resume_params<P: Payload>(self, params: P, left_at_ms: u64) -> P {
        match self.protocol {
            Protocol::Supabase => supabase::replay_from(&params, left_at_ms),
            Protocol::Tidewire | Protocol::Phoenix => params,
        }
    }
}
