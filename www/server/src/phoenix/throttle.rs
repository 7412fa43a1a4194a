//! How fast one socket is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::account::{Deed, Hold, Party};
use crate::clock::uptime;
use crate::limits::Limits;
use crate::patience::Patience;
use crate::refusal::Refusal;
use crate::tcp_stream::Switch;

/// Pushes looked at before the others have their turn.
const ROUND: u32 = 64;

/// Bytes pushed before the others have their turn.
const ROUND_BYTES: usize = 256 << 10;

/// Keeps a socket to its rates.
#[derive(Debug)]
pub(crate) struct Throttle {
    party: Party,
    limits: Limits,
    pub(crate) switch: Arc<Switch>,
    rests_until: Option<Instant>,
    patience: Patience,
    /// Since the others had their turn.
    pushes: u32,
    bytes: usize,
    /// Counts for the user as long as the socket is open.
    _seat: Hold,
}

impl Throttle {
    pub(crate) fn new(party: Party, limits: Limits, switch: Arc<Switch>, seat: Hold) -> Self {
        let (pushes, bytes) = (0, 0);
        Self {
            party,
            limits,
            switch,
            rests_until: None,
            patience: Patience::new(),
            pushes,
            bytes,
            _seat: seat,
        }
    }

    /// Counts a deed that is done in any case, but slows down those that follow.
    pub(crate) fn slow_down(&mut self, deed: Deed) {
        self.wait(self.party.take(deed, 1, uptime(), &self.limits));
    }

    /// The same for what came, by its size.
    pub(crate) fn slow_down_by(&mut self, bytes: usize) {
        self.wait(self.party.take_bytes(bytes, uptime(), &self.limits));
    }

    fn wait(&mut self, wait: Duration) {
        if !wait.is_zero() {
            self.rests_until = self.rests_until.max(Some(Instant::now() + wait));
        }
    }

    /// Counts a deed, or refuses it.
    pub(crate) fn admit(&self, deed: Deed) -> Result<(), Refusal> {
        self.party.admit(deed, uptime(), &self.limits)
    }

    /// Until when nothing more is to be read.
    pub(crate) fn rests_until(&self) -> Option<Instant> {
        self.rests_until.filter(|until| *until > Instant::now())
    }

    /// Lets the others take what they were sent, now and then.
    pub(crate) async fn let_others(&mut self, bytes: usize, is_behind: impl Fn() -> bool) {
        self.pushes += 1;
        self.bytes += bytes;
        if self.pushes >= ROUND || self.bytes >= ROUND_BYTES {
            (self.pushes, self.bytes) = (0, 0);
            self.patience.wait_while(is_behind).await;
        }
    }
}
