//! The token source of one app, and the state of its tokens.

use std::fmt::Write;

use crate::action::{Staleness, TokenClaims};
use crate::invariants;
use crate::violations::ViolationLog;

/// The prefix of every token.
pub(crate) const SECRET: &str = "secret";

/// The suffix of tokens that the server rejects.
pub(crate) const STALE: &str = "-stale";

/// The text before the time of its end in a token.
const ENDS: &str = "-ends";

/// When a token ends, if it does.
pub(crate) fn end_of(token: &str) -> Option<u64> {
    token.split('-').find_map(|part| part.strip_prefix("ends")?.parse().ok())
}

/// The share of a token's lifetime after which a client renews it, in percent, and the minimum time
/// between two renewals: the product's defaults.
const RENEWED_AT_PERCENT: u64 = 80;
const RENEWED_AFTER_MS: u64 = 30_000;

/// The tolerance for tokens that are sent shortly after one another: the answer to the first may be
/// taken as that to the second.
const CROSSING_MS: u64 = 5_000;

/// A token with a shorter lifetime than this cannot be renewed in time: the minimum time between two
/// renewals, and the time of the answers.
const RENEWABLE_MS: u64 = RENEWED_AFTER_MS + 6_000;

/// A token, and what is known of its lifetime.
#[derive(Debug)]
pub(crate) struct Minted {
    pub(crate) text: String,
    /// The lifetime known to the app, in milliseconds from now.
    pub(crate) lifetime_ms: Option<u64>,
}

/// A token's lifetime.
#[derive(Debug, Clone, Copy, Default)]
struct TokenLifetime {
    got_at: u64,
    /// The lifetime that the app passed with it.
    lifetime_ms: Option<u64>,
    /// The actual lifetime.
    true_ms: u64,
    /// Whether it was sent, and accepted, as soon as the client had it.
    fresh: bool,
}

/// A token source.
#[derive(Debug)]
pub(crate) struct Tokens {
    given: u32,
    /// How often it will fail.
    pub(crate) failing: u8,
    /// Until when the server rejects its tokens.
    pub(crate) stale: Option<(Staleness, u64)>,
    /// How far the device's clock is ahead.
    pub(crate) clock_ahead_ms: i64,
    pub(crate) claims: TokenClaims,
    /// How old its tokens are.
    pub(crate) aged_ms: u64,
    minted: Vec<(String, TokenLifetime)>,
    /// The lifetime of the token sent last.
    used: TokenLifetime,
    /// The number of tokens sent on the connection that are not answered yet, and whether the answer to
    /// the first of them is pending.
    awaited: u32,
    first_awaited: bool,
    /// When the server accepted it, and the lifetime that it reported.
    reported: Option<(u64, u64)>,
    /// When the client last requested a renewal.
    renewed_at: Option<u64>,
    /// The rejected token that it returns each time, with [`Staleness::Cached`].
    cached: Option<String>,
    /// The token sent last.
    sent: String,
    /// Those whose rejection the client received.
    rejected: Vec<String>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            given: 0,
            failing: 0,
            stale: None,
            clock_ahead_ms: 0,
            claims: TokenClaims::Whole,
            aged_ms: 0,
            minted: Vec::new(),
            used: TokenLifetime::default(),
            awaited: 0,
            first_awaited: false,
            reported: None,
            renewed_at: None,
            cached: None,
            sent: String::new(),
            rejected: Vec::new(),
        }
    }
}

impl Tokens {
    /// A token that the server accepts, never the same twice, of the lifetime `issued_ms` (0 is unlimited).
    pub(crate) fn mint(&mut self, now: u64, issued_ms: u64, whose: (u8, u8, u32)) -> Minted {
        self.given += 1;
        let (user, tab, instance) = whose;
        let mut text = format!("{SECRET}-u{user}-{tab}-{instance}-{}", self.given);
        let true_ms = issued_ms.saturating_sub(self.aged_ms);
        let mut lifetime_ms = None;
        if issued_ms > 0 {
            let _ = write!(text, "{ENDS}{}", now + true_ms);
            // As the facade computes it: the shorter of the lifetimes by the claims and by the device's clock,
            // where that is positive. A token that was just received has not ended.
            let by_clock = i64::try_from(true_ms).unwrap_or(i64::MAX) - self.clock_ahead_ms;
            let by_clock = u64::try_from(by_clock).ok().filter(|ms| *ms > 0);
            lifetime_ms = match self.claims {
                TokenClaims::Opaque => None,
                TokenClaims::End => by_clock,
                TokenClaims::Whole => Some(by_clock.map_or(issued_ms, |ms| ms.min(issued_ms))),
            };
        }
        self.minted.push((
            text.clone(),
            TokenLifetime { got_at: now, lifetime_ms, true_ms, fresh: false },
        ));
        Minted { text, lifetime_ms }
    }

    /// What the source returns now; `good` where it is not stale.
    pub(crate) fn fetch(&mut self, now: u64, good: Minted) -> Minted {
        let text = match self.stale.filter(|(_, until)| now < *until) {
            None => {
                self.cached = None;
                return good;
            }
            Some((Staleness::Renewed, _)) => good.text + STALE,
            Some((Staleness::Cached, _)) => {
                self.cached.get_or_insert_with(|| good.text + STALE).clone()
            }
        };
        Minted { text, ..good }
    }

    /// The server accepted a token, and may have reported its lifetime. Of tokens sent one after the
    /// other the first answer counts.
    pub(crate) fn accepted(&mut self, now: u64, lifetime_ms: Option<u64>) {
        self.awaited = self.awaited.saturating_sub(1);
        if !std::mem::take(&mut self.first_awaited) {
            return;
        }
        self.reported = lifetime_ms.map(|ms| (now, ms));
        self.renewed_at = None;
        self.used.fresh = now <= self.used.got_at + CROSSING_MS;
    }

    /// A client whose connection is ready requests another token.
    pub(crate) fn renewing(&mut self, now: u64, violations: &mut ViolationLog) {
        let TokenLifetime { got_at, lifetime_ms, .. } = self.used;
        let known = self.reported.or_else(|| Some((got_at, lifetime_ms?)));
        let first = known.map(|(from, lifetime)| {
            from + (lifetime * RENEWED_AT_PERCENT / 100).max(RENEWED_AFTER_MS)
        });
        // Once it is due it is requested repeatedly, with a pause.
        let pause = self.renewed_at.replace(now).map_or(0, |last| last + RENEWED_AFTER_MS);
        let in_time = first.is_some_and(|first| now + CROSSING_MS >= first && now >= pause);
        violations.ensure(in_time, invariants::CALM_RENEWAL, || {
            format!("a token of {known:?} ms is renewed after {} ms", now - got_at)
        });
    }

    /// A connection is opened: its token is not renewed but fetched.
    pub(crate) const fn connecting(&mut self) {
        (self.awaited, self.first_awaited) = (0, false);
        (self.renewed_at, self.reported) = (None, None);
    }

    /// Whether the client can know in time when its token ends, and has not yet requested another
    /// without success.
    pub(crate) fn knows_the_end(&self) -> bool {
        let TokenLifetime { lifetime_ms, true_ms, fresh, .. } = self.used;
        let known = lifetime_ms.is_some_and(|lifetime| lifetime <= true_ms);
        let never_requested = self.renewed_at.is_none();
        fresh
            && never_requested
            && true_ms >= RENEWABLE_MS
            && self.reported.map_or(known, |(_, ms)| ms >= RENEWABLE_MS)
    }

    /// The client offers a token with a connection, or sends it on one.
    pub(crate) fn offered(&self, token: &str, violations: &mut ViolationLog) {
        let again = self.rejected.iter().any(|rejected| rejected == token);
        violations.ensure(!again, invariants::REJECTED_ONCE, || {
            format!("a token is sent again that was rejected; {} were", self.rejected.len())
        });
    }

    /// The client sends a token.
    pub(crate) fn sent(&mut self, token: &str, violations: &mut ViolationLog) {
        self.offered(token, violations);
        token.clone_into(&mut self.sent);
        self.first_awaited |= self.awaited == 0;
        self.awaited += 1;
        let minted = self.minted.iter().rev().find(|(text, _)| text == token);
        self.used = minted.map(|(_, lifetime)| *lifetime).unwrap_or_default();
    }

    /// The client received the rejection of its token.
    pub(crate) fn rejected(&mut self) {
        self.rejected.push(std::mem::take(&mut self.sent));
    }

    /// A replacement engine has received no rejection.
    pub(crate) fn engine_replaced(&mut self) {
        self.rejected.clear();
    }

    /// Removes the faults of the source. The clock stays wrong.
    pub(crate) fn heal(&mut self) {
        self.failing = 0;
        self.stale = None;
    }

    /// Whether any token was rejected so far.
    pub(crate) fn had_rejections(&self) -> bool {
        !self.rejected.is_empty()
    }
}
