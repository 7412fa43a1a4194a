//! The token source of one app, and what became of its tokens.

use crate::action::Staleness;
use crate::invariants;
use crate::violation::Verdict;

/// How every token begins.
pub(crate) const SECRET: &str = "secret";

/// How tokens end that the server refuses.
pub(crate) const STALE: &str = "-stale";

/// A token source.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    given: u32,
    /// How often it will fail.
    pub(crate) failing: u8,
    /// Until when its tokens are of a kind that the server refuses.
    pub(crate) stale: Option<(Staleness, u64)>,
    /// The one that it gives again and again meanwhile.
    cached: Option<String>,
    /// The token sent last.
    sent: String,
    /// Those that the server refused, and the client was told.
    refused: Vec<String>,
}

impl Tokens {
    /// A token that the server takes, never the same twice.
    pub(crate) fn next(&mut self, user: u8, tab: u8, life: u32) -> String {
        self.given += 1;
        format!("{SECRET}-u{user}-{tab}-{life}-{}", self.given)
    }

    /// What the source gives now, as it has `good` ones.
    pub(crate) fn fetch(&mut self, now: u64, good: String) -> String {
        match self.stale.filter(|(_, until)| now < *until) {
            None => {
                self.cached = None;
                good
            }
            Some((Staleness::Renewed, _)) => good + STALE,
            Some((Staleness::Cached, _)) => self.cached.get_or_insert_with(|| good + STALE).clone(),
        }
    }

    /// The client sends a token.
    pub(crate) fn sent(&mut self, token: &str, verdict: &mut Verdict) {
        let again = self.refused.iter().any(|refused| refused == token);
        verdict.demand(!again, invariants::REFUSED_ONCE, || {
            format!("a token is sent again that was refused, {} were", self.refused.len())
        });
        token.clone_into(&mut self.sent);
    }

    /// The client is told that the server refused its token.
    pub(crate) fn refused(&mut self) {
        self.refused.push(std::mem::take(&mut self.sent));
    }

    /// The next engine of the page knows of no refusal.
    pub(crate) fn engine_replaced(&mut self) {
        self.refused.clear();
    }

    /// It works from now on.
    pub(crate) fn heal(&mut self) {
        self.failing = 0;
        self.stale = None;
    }

    /// Whether any token was refused so far.
    pub(crate) fn had_refusals(&self) -> bool {
        !self.refused.is_empty()
    }
}
