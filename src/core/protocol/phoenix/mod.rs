//! Phoenix Channels (`lib/phoenix/socket/serializers`, `assets/js/phoenix` of
//! phoenixframework/phoenix), and Supabase Realtime, which uses them with its own payloads.
//!
//! A frame has a topic, the reference of its join (`join_ref`) and, if it is answered, a reference
//! of its own (`ref`). Pending calls are stored by their `ref`; frames of a former join are
//! dropped.

pub mod binary;
mod decode;
mod encode;
mod names;
mod presence;
#[cfg(test)]
mod replay;
mod subprotocol;

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

pub use names::{CLOSE, ERROR, REPLY, SERVER_EVENTS};
pub use subprotocol::{SUBPROTOCOL, bearer};

use self::presence::PresenceTracker;
use super::supabase::{Bindings, Numbers};
use crate::core::config::Serializer;
use crate::core::error::Rejection;
use crate::core::id::Counter;
use crate::core::message::LiveCause;
use crate::core::token::Token;

/// The protocol of the payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Payloads of the application.
    Plain,
    /// Payloads of Supabase Realtime.
    Supabase,
}

/// The most pending calls; at the limit the oldest is dropped.
const MAX_CALLS: usize = 2_048;

/// A pending call.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Heartbeat,
    Join { channel: Rc<str>, reference: u32 },
    Leave { channel: Rc<str> },
    Presence { channel: Rc<str>, reference: u32 },
    Message { channel: Rc<str>, id: String },
}

/// The state of one join, from its request on.
#[derive(Debug)]
struct Membership<P> {
    channel: Rc<str>,
    join_ref: u32,
    /// The reference that the rest of the client uses.
    reference: u32,
    presence: PresenceTracker<P>,
    bindings: Bindings<P>,
    /// Whether messages are acknowledged: with Supabase the join requests it (`broadcast.ack`).
    answers: bool,
    /// The cause of the server's next report that the database subscription is live (Supabase).
    live_cause: LiveCause,
    /// The reason for the `phx_close` that follows (Supabase, `system`).
    close_rejection: Option<Rejection>,
}

/// The state of the protocol on a connection.
#[derive(Debug)]
pub struct Phoenix<P> {
    dialect: Dialect,
    serializer: Serializer,
    /// How columns of numeric types are converted (Supabase).
    numbers: Numbers,
    /// The references of frames. They continue on the next connection, as those of Phoenix's client
    /// do.
    refs: Counter,
    memberships: Vec<Membership<P>>,
    calls: Vec<(u32, Call)>,
    /// The token in joins (Supabase, `access_token`).
    token: Option<Token>,
    /// Whether the token differs from the former one: the server ignores an equal one.
    is_new: bool,
}

impl<P> Phoenix<P> {
    /// The protocol before any connection.
    #[must_use]
    pub fn new(dialect: Dialect, serializer: Serializer, numbers: Numbers) -> Self {
        Self {
            dialect,
            serializer,
            numbers,
            refs: Counter::default(),
            memberships: Vec::new(),
            calls: Vec::new(),
            token: None,
            is_new: false,
        }
    }

    /// Drops the joins and calls of a connection that has ended. References continue.
    pub fn disconnected(&mut self) {
        self.memberships.clear();
        self.calls.clear();
    }

    /// Sets the token that joins contain from now on.
    pub fn set_token(&mut self, token: Option<Token>) {
        self.is_new = self.token != token;
        self.token = token;
    }

    /// Whether messages of a channel are acknowledged.
    #[must_use]
    pub fn answers(&self, channel: &str) -> bool {
        self.memberships
            .iter()
            .any(|membership| &*membership.channel == channel && membership.answers)
    }

    fn membership(&mut self, channel: &str) -> Option<&mut Membership<P>> {
        self.memberships.iter_mut().find(|membership| &*membership.channel == channel)
    }

    fn forget(&mut self, channel: &str) -> Option<Membership<P>> {
        let at = self.memberships.iter().position(|membership| &*membership.channel == channel)?;
        Some(self.memberships.remove(at))
    }

    fn call(&mut self, call: Call) -> u32 {
        let reference = self.refs.next();
        if self.calls.len() == MAX_CALLS {
            self.calls.remove(0);
        }
        self.calls.push((reference, call));
        reference
    }

    fn take_call(&mut self, reference: u32) -> Option<Call> {
        let at = self.calls.iter().position(|(pending, _)| *pending == reference)?;
        Some(self.calls.remove(at).1)
    }
}
