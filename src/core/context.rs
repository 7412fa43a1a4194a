//! What every part is handed with every call.

use super::config::Config;
use super::profile::ProtocolProfile;
use super::rng::Rng;
use super::time::Instant;

/// What a part needs of the world while it handles something.
#[derive(Debug)]
pub struct Context<'a> {
    /// The time.
    pub now: Instant,
    /// The options.
    pub config: &'a Config,
    /// The source of jitter.
    pub rng: &'a mut Rng,
}

impl Context<'_> {
    /// What the protocol asks.
    #[must_use]
    pub const fn profile(&self) -> ProtocolProfile {
        ProtocolProfile::of(self.config)
    }
}
