//! The end of a schedule: all faults are removed, the clients reach a correct state, and then all
//! demand ends.

use tidewire::core::input::{Input, Page};

use crate::harness::Harness;
use crate::invariants::{ROWS_AGREE, quiescence};
use crate::tab::{DELAY_MS, Running};
use crate::violations::Violation;

/// How long the clients may take to reach a correct state without faults, in milliseconds: a ping and
/// its timeout, a backoff at its cap, a join that timed out and its own backoff.
const SETTLE_MS: u64 = 150_000;

/// How much longer it may take where the server rejected tokens: a backoff's longest delay.
const REJECTED_EXTRA_MS: u64 = 300_000;

/// How long the renewal of tokens is checked, at most, in milliseconds.
const RENEWALS_MS: u64 = 125_000;

/// The interval of the checks meanwhile, in milliseconds.
const POLL_MS: u64 = 200;

/// How long clients may take to close their connections, in milliseconds: the linger time of the
/// channels, and that of the connection.
const RELEASE_MS: u64 = 2_200;

impl Harness {
    /// Removes all faults, waits, and returns the first violation.
    pub(crate) fn settle(&mut self) -> Result<(), Violation> {
        self.heal();
        let rejected = self.tabs.iter().any(|tab| tab.app.tokens.had_rejections());
        let until = self.now + SETTLE_MS + if rejected { REJECTED_EXTRA_MS } else { 0 };
        let mut reloads_at = Some(self.now + SETTLE_MS / 2);
        loop {
            self.pass(POLL_MS);
            self.check_violations()?;
            match quiescence::missing(self) {
                None => break,
                Some(Violation { invariant: ROWS_AGREE, .. })
                    if self.needs_reload()
                        && reloads_at.take_if(|at| self.now >= *at).is_some() =>
                {
                    self.reload_all();
                }
                Some(violation) if self.now >= until => return Err(violation),
                Some(_) => {}
            }
        }
        self.renew_all()?;
        self.release();
        self.pass(RELEASE_MS);
        self.check_violations()?;
        quiescence::left_over(self).map_or(Ok(()), Err)
    }

    /// Checks that without faults no token ends on an open connection whose client can know its end.
    fn renew_all(&mut self) -> Result<(), Violation> {
        if self.setup.token_lifetime_ms == 0 {
            return Ok(());
        }
        let can_know = |at: &usize| self.tabs[*at].app.tokens.knows_the_end();
        self.renewing = (0..self.tabs.len()).filter(can_know).collect();
        self.pass(self.setup.token_lifetime_ms.min(RENEWALS_MS));
        self.renewing.clear();
        self.check_violations()
    }

    /// Whether collections may have rows that only a load can correct. Without acknowledgements they
    /// cannot detect that a change was lost or rejected. Without positions they cannot distinguish a
    /// message that was accepted again, after the server had lost it, from one that is repeated.
    fn needs_reload(&self) -> bool {
        let profile = self.setup.profile;
        !profile.has_acks()
            || (!profile.has_seq() && self.server.message_records.has_accepted_again())
    }

    /// Returns the first violation so far.
    pub(crate) fn check_violations(&self) -> Result<(), Violation> {
        self.server.violations.get().cloned().map_or(Ok(()), Err)
    }

    /// Removes all faults, and makes every page run, visible and online.
    fn heal(&mut self) {
        self.server.heal();
        self.cut_outcomes.fill(None);
        self.faults.iter_mut().for_each(Vec::clear);
        for at in 0..self.tabs.len() {
            let tab = &mut self.tabs[at];
            (tab.up_ms, tab.down_ms) = (DELAY_MS, DELAY_MS);
            tab.throttle_ms = 0;
            tab.trap_after = None;
            tab.hidden = false;
            tab.app.tokens.heal();
            tab.app.failing_requests = 0;
            if let Running::Asleep { until } = &mut tab.running {
                *until = self.now;
            }
            self.wake(at);
            self.resume(at);
            self.with_client(at, |client, now| {
                client.handle_input(now, Input::Page(Page::Visible));
            });
            if self.tabs[at].offline {
                self.online(at);
            }
            if self.tabs[at].app.disconnected {
                self.connect(at);
            }
        }
        self.deliver_out();
    }

    fn reload_all(&mut self) {
        for at in 0..self.tabs.len() {
            self.reload(at);
        }
    }

    /// Ends all demand.
    fn release(&mut self) {
        for at in 0..self.tabs.len() {
            self.close(at);
            for (subscriber, _) in std::mem::take(&mut self.tabs[at].app.subscribers) {
                self.unsubscribe(at, subscriber);
            }
            if std::mem::take(&mut self.tabs[at].app.connect_requested) {
                self.with_client(at, |client, now| client.disconnect(now));
            }
        }
    }
}
