//! The environment of a call: time, options and random numbers.

use super::config::Config;
use super::profile::ProtocolProfile;
use super::rng::Rng;
use super::time::Instant;

/// The time, the options and the random number generator of a client, passed to its parts with
/// every call. Parts that draw no random numbers borrow it immutably.
#[derive(Debug)]
pub struct Env {
    /// The time of the call.
    pub now: Instant,
    /// The options in force.
    pub config: Config,
    /// The source of jitter.
    pub rng: Rng,
}

impl Env {
    /// The protocol's profile.
    #[must_use]
    pub const fn profile(&self) -> ProtocolProfile {
        ProtocolProfile::of(&self.config)
    }
}
