//! The steps of all channels, in order.

use alloc::vec::Vec;

use super::channel::Channel;
use super::step::Step;
use crate::core::id::Counter;
use crate::core::message::Gap;
use crate::core::reason::Reason;

/// The steps that were not taken yet, and the counters of the numbers in them.
#[derive(Debug)]
pub(super) struct StepQueue<P> {
    steps: Vec<Step<P>>,
    /// The references of joins, leaves and recovery requests.
    pub(super) references: Counter,
    /// The numbers of contiguous runs of messages.
    pub(super) runs: Counter,
}

impl<P> Default for StepQueue<P> {
    fn default() -> Self {
        Self { steps: Vec::new(), references: Counter::default(), runs: Counter::default() }
    }
}

impl<P> StepQueue<P> {
    pub(super) fn push(&mut self, step: Step<P>) {
        self.steps.push(step);
    }

    /// Takes the steps since the last call.
    pub(super) fn take(&mut self) -> Vec<Step<P>> {
        core::mem::take(&mut self.steps)
    }

    /// Emits the channel's state.
    pub(super) fn state(&mut self, channel: &Channel<P>, reason: Reason) {
        let (state, continuity) = (channel.state(), channel.continuity());
        self.push(Step::Changed(channel.id, state, continuity, reason, channel.error.clone()));
    }

    /// Reports that messages of the channel were missed, or may have been.
    pub(super) fn gap(&mut self, channel: &mut Channel<P>, gap: Gap) {
        channel.stats.gaps += 1;
        self.push(Step::Gap(channel.id, gap));
    }

    /// Sends a leave.
    pub(super) fn leave(&mut self, channel: &Channel<P>) {
        let reference = self.references.next();
        self.push(Step::Leave { channel: channel.name.clone(), reference });
    }
}
