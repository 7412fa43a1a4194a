//! The emitted steps of presence, and the references of its requests.

use alloc::vec::Vec;

use super::types::{Request, Step};
use crate::core::config::LEAST_MARGIN_MS;
use crate::core::error::Error;
use crate::core::id::{ChannelId, Counter, SendId};

/// The bit set in all references of presence requests and in none of joins, so that an answer is
/// identified by its reference alone.
pub(super) const REFERENCES_FROM: u32 = 0x4000_0000;

/// Collects the emitted steps, and generates the references of requests.
#[derive(Debug)]
pub(super) struct Outbound<P> {
    pub(super) references: Counter,
    pub(super) steps: Vec<Step<P>>,
    /// Whether the server sent a value that is nested too deeply.
    pub(super) too_deep: bool,
    /// The safety margin added to the window in which the server counts requests, in milliseconds.
    pub(super) margin_ms: u64,
}

impl<P> Default for Outbound<P> {
    fn default() -> Self {
        let (references, steps) = (Counter::default(), Vec::new());
        Self { references, steps, too_deep: false, margin_ms: LEAST_MARGIN_MS }
    }
}

impl<P> Outbound<P> {
    pub(super) fn request(&mut self, channel: ChannelId, request: Request<P>) -> u32 {
        let reference = REFERENCES_FROM | self.references.next();
        self.steps.push(Step::Request { channel, reference, request });
        reference
    }

    pub(super) fn settle(
        &mut self,
        channel: ChannelId,
        sends: Vec<PendingAction>,
        outcome: &Result<(), Error>,
    ) {
        let settled = |action: PendingAction| Step::Settled(channel, action.send, outcome.clone());
        self.steps.extend(sends.into_iter().map(settled));
    }
}

/// An action of the app that is not settled yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct PendingAction {
    pub(super) send: SendId,
    /// The number of the action, counted from 1 in the client.
    pub(super) serial: u64,
}
