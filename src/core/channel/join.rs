//! Memberships: paced joins, the server's answers to them, and tries again.

use alloc::vec::Vec;

use super::{Channel, Membership, Registry, Route, Step, Want};
use crate::core::context::Context;
use crate::core::error::{Code, Error, Refusal};
use crate::core::id::ChannelId;
use crate::core::reason::Reason;
use crate::core::wire::Start;

impl<P: Clone> Registry<P> {
    /// The server confirmed a join.
    pub fn joined(
        &mut self,
        cx: &mut Context<'_>,
        name: &str,
        reference: u32,
        start: Option<&Start>,
    ) {
        let Some(id) = self.joining(name, reference) else {
            return;
        };
        self.settle(cx, id, Some(reference), start);
        self.pump(cx);
    }

    /// The server refused a join.
    pub fn refused(&mut self, cx: &mut Context<'_>, name: &str, reference: u32, refusal: Refusal) {
        if let Some(id) = self.joining(name, reference) {
            let error = Error::from_refusal(refusal, Code::Internal);
            self.fail(cx, id, Reason::JoinRefused, error);
            self.pump(cx);
        }
    }

    /// The server ended a membership by itself.
    pub fn ended(&mut self, cx: &mut Context<'_>, name: &str, reference: u32, refusal: Refusal) {
        let Some(id) = self.find(name) else { return };
        let current = self.get(id).is_some_and(|channel| {
            matches!(channel.membership, Membership::Joined { reference: Some(held) } if held == reference)
        });
        if current {
            let error = Error::from_refusal(refusal, Code::ChannelClosed);
            self.fail(cx, id, Reason::EndedByServer, error);
            self.pump(cx);
        }
    }

    /// The server confirmed a leave. Its reference is not needed: a leave is answered in order,
    /// and a channel taken again has a record of its own.
    pub fn left(&mut self, name: &str) {
        if let Some(at) = self.channels.iter().position(|channel| {
            &*channel.name == name && matches!(channel.membership, Membership::Leaving { .. })
        }) {
            self.channels.remove(at);
        }
    }

    pub(super) fn joining(&self, name: &str, reference: u32) -> Option<ChannelId> {
        let channel = self.get(self.find(name)?)?;
        match channel.membership {
            Membership::Joining { reference: held, .. } if held == reference => Some(channel.id),
            _ => None,
        }
    }

    /// Starts as many joins as may be under way, channels with subscribers first.
    pub(super) fn pump(&mut self, cx: &Context<'_>) {
        match self.route {
            Route::Down => {}
            Route::Local => {
                let absent = |c: &&Channel<P>| matches!(c.membership, Membership::Absent);
                let ids: Vec<_> = self.iter().filter(absent).map(|c| c.id).collect();
                for id in ids {
                    self.settle(cx, id, None, None);
                }
            }
            Route::Membership => {
                let under_way =
                    |c: &&Channel<P>| matches!(c.membership, Membership::Joining { .. });
                let mut free = cx
                    .config
                    .rejoin_window
                    .saturating_sub(self.channels.iter().filter(under_way).count() as u64);
                for wanted in [true, false] {
                    for at in 0..self.channels.len() {
                        if free == 0 {
                            return;
                        }
                        if self.start_join(cx, at, wanted) {
                            free -= 1;
                        }
                    }
                }
            }
        }
    }

    pub(super) fn start_join(&mut self, cx: &Context<'_>, at: usize, wanted: bool) -> bool {
        let Some(channel) = self.channels.get_mut(at) else {
            return false;
        };
        let turn = match channel.want {
            Want::Wanted => wanted,
            Want::Parked { .. } => !wanted,
            Want::Lingering { .. } | Want::Unwanted => false,
        };
        if !turn || !matches!(channel.membership, Membership::Absent) {
            return false;
        }
        self.join(cx, at);
        true
    }

    /// Asks for a membership; a second one replaces the first.
    pub(super) fn join(&mut self, cx: &Context<'_>, at: usize) {
        let reference = self.references.next();
        let Some(channel) = self.channels.get_mut(at) else { return };
        channel.membership =
            Membership::Joining { reference, deadline: cx.now + cx.config.join_timeout_ms };
        self.steps.push(Step::Join {
            channel: channel.name.clone(),
            reference,
            params: channel.params.clone(),
            since: channel.order.position().cloned(),
        });
    }

    pub(super) fn fail(
        &mut self,
        cx: &mut Context<'_>,
        id: ChannelId,
        reason: Reason,
        error: Error,
    ) {
        let range = cx.backoff_range();
        let Some(at) = self.position(id) else { return };
        let Some(channel) = self.channels.get_mut(at) else {
            return;
        };
        let retry_at = error
            .retryable
            .then(|| channel.backoff.fail(cx.now, range, error.retry_after_ms, cx.rng));
        channel.membership = Membership::Failed { retry_at };
        channel.stats.errors += 1;
        channel.error = Some(error.on(&channel.name));
        self.tell(id, reason);
    }
}
