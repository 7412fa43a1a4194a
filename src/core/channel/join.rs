//! Memberships: paced joins, the server's answers to them, and tries again.

use alloc::vec::Vec;

use super::{Channel, Continuity, Membership, Registry, Route, Step, Want};
use crate::core::context::Context;
use crate::core::error::{Code, Error, Refusal};
use crate::core::id::ChannelId;
use crate::core::reason::Reason;

impl<P: Clone> Registry<P> {
    /// The server confirmed a join.
    pub fn joined(&mut self, cx: &mut Context<'_>, name: &str, reference: u32) {
        let Some(id) = self.joining(name, reference) else {
            return;
        };
        self.settle(id, Some(reference));
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
                    self.settle(id, None);
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
        let reference = self.references.next();
        channel.membership =
            Membership::Joining { reference, deadline: cx.now + cx.config.join_timeout_ms };
        let (channel, params) = (channel.name.clone(), channel.params.clone());
        self.steps.push(Step::Join { channel, reference, params });
        true
    }

    /// The channel is in. Without positions, a second membership cannot say what it missed.
    pub(super) fn settle(&mut self, id: ChannelId, reference: Option<u32>) {
        let Some(channel) = self.get_mut(id) else {
            return;
        };
        channel.membership = Membership::Joined { reference };
        channel.error = None;
        channel.backoff.reset();
        channel.stats.joins += 1;
        let again = channel.stats.joins > 1;
        if again {
            channel.continuity = Continuity::Unknown;
            channel.stats.gaps += 1;
        }
        self.tell(id, Reason::Joined);
        if again {
            self.steps.push(Step::Gap(id));
        }
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
