//! Rate limiting of one socket's input.

use std::sync::Arc;
use std::time::Duration;

use tidewire_server_core::Rejection;
use tidewire_server_core::account::{Operation, Requester, Reservation};
use tidewire_server_core::limits::Limits;
use tokio::time::Instant;

use crate::backpressure::BackpressureBudget;
use crate::clock::uptime;
use crate::tcp_stream::Switch;

/// Pushes processed before yielding to other tasks.
const ROUND: u32 = 64;

/// Bytes pushed before yielding to other tasks.
const ROUND_BYTES: usize = 256 << 10;

/// Limits the rate at which a socket is read.
#[derive(Debug)]
pub(crate) struct Throttle {
    requester: Requester,
    limits: Limits,
    pub(crate) switch: Arc<Switch>,
    paused_until: Option<Instant>,
    patience: BackpressureBudget,
    /// Since the last yield.
    pushes: u32,
    bytes: usize,
    /// Counts towards the user's limit while the socket is open.
    _slot: Reservation,
}

impl Throttle {
    pub(crate) fn new(
        requester: Requester,
        limits: Limits,
        switch: Arc<Switch>,
        slot: Reservation,
    ) -> Self {
        let (pushes, bytes) = (0, 0);
        Self {
            requester,
            limits,
            switch,
            paused_until: None,
            patience: BackpressureBudget::new(),
            pushes,
            bytes,
            _slot: slot,
        }
    }

    /// Counts an operation that is never rejected, but may delay the following ones.
    pub(crate) fn slow_down(&mut self, operation: Operation) {
        self.wait(self.requester.take(operation, 1, uptime(), &self.limits));
    }

    /// Counts received bytes, which may delay the following operations.
    pub(crate) fn slow_down_by(&mut self, bytes: usize) {
        self.wait(self.requester.take_bytes(bytes, uptime(), &self.limits));
    }

    fn wait(&mut self, wait: Duration) {
        if !wait.is_zero() {
            self.paused_until = self.paused_until.max(Some(Instant::now() + wait));
        }
    }

    /// Counts an operation, or rejects it.
    pub(crate) fn admit(&self, operation: Operation) -> Result<(), Rejection> {
        self.requester.admit(operation, uptime(), &self.limits)
    }

    /// Until when reading is paused, if it is.
    pub(crate) fn paused_until(&self) -> Option<Instant> {
        self.paused_until.filter(|until| *until > Instant::now())
    }

    /// Yields periodically, so that others receive their messages.
    pub(crate) async fn yield_to_others(&mut self, bytes: usize, is_behind: impl Fn() -> bool) {
        self.pushes += 1;
        self.bytes += bytes;
        if self.pushes >= ROUND || self.bytes >= ROUND_BYTES {
            (self.pushes, self.bytes) = (0, 0);
            self.patience.wait_while(is_behind).await;
        }
    }
}
