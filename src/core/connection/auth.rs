//! The tokens: which one is used next, which were rejected, and when another one is fetched.

use crate::core::backoff::Backoff;
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::profile::ProtocolProfile;
use crate::core::time::Instant;
use crate::core::token::{Grant, Token};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

/// The number of consecutive rejections after which the connection fails: after the first one,
/// another token is fetched.
const DENIALS: u32 = 2;

/// The longest delay before another token is requested after a rejection, in milliseconds.
const FETCH_AGAIN_MAX_MS: u64 = 300_000;

/// The number of rejected tokens that are remembered.
const MAX_REJECTED_TOKENS: usize = 8;

/// The source of the next connection's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Use this token, or none.
    Use(Option<Box<Grant>>),
    /// Fetch a token from the app.
    FetchToken,
    /// None: the only token was rejected.
    Denied,
}

/// The token of `setToken` that the next connection uses.
#[derive(Debug, Clone, Default)]
enum GivenToken {
    /// None was set.
    #[default]
    None,
    /// This token; `None` connects without one.
    Given(Option<Box<Grant>>),
}

/// The latest rejected token.
#[derive(Debug, Default)]
enum RejectedToken {
    /// None, or a connection with a later token was stable since.
    #[default]
    None,
    /// This token; `None` is a connection without one.
    Rejected(Option<Token>),
}

/// The tokens of a client.
#[derive(Debug, Default)]
pub(super) struct Auth {
    /// The token of `setToken`. With a source of tokens (`getToken`) it is used once, without one
    /// for every connection.
    given: GivenToken,
    current: Option<Box<Grant>>,
    /// The latest rejected token, until a connection with a later one was stable.
    rejected: RejectedToken,
    /// The rejected tokens, the latest last. They are never sent again.
    rejected_tokens: Vec<Token>,
    /// Consecutive rejections.
    denials: u32,
    /// Whether the token in use was rejected, where the connection stays open.
    current_rejected: bool,
    /// The backoff of token requests, while the app has only rejected tokens.
    backoff: Backoff,
}

impl Auth {
    /// Sets the token of the next connection (`setToken`). A rejected token is not used again.
    pub(super) fn give(&mut self, grant: Option<Box<Grant>>) {
        self.given = GivenToken::Given(grant);
        self.denials = 0;
    }

    /// Resets the count of rejections, for an attempt that the app requested.
    pub(super) fn reset_denials(&mut self) {
        self.denials = 0;
    }

    /// Returns the source of the next connection's token.
    pub(super) fn next(&mut self, config: &Config) -> Next {
        let given =
            if config.has_token_source { mem::take(&mut self.given) } else { self.given.clone() };
        let next = match given {
            GivenToken::None => None,
            GivenToken::Given(grant) => Some(self.try_out(grant)),
        };
        match next {
            Some(Next::Denied) | None if config.has_token_source => Next::FetchToken,
            Some(next) => next,
            None => self.try_out(None),
        }
    }

    /// Makes a token the one in use, unless it was rejected before.
    pub(super) fn try_out(&mut self, grant: Option<Box<Grant>>) -> Next {
        let token = grant.as_ref().map(|grant| &grant.token);
        if self.is_rejected(token) {
            return Next::Denied;
        }
        self.current.clone_from(&grant);
        self.current_rejected = false;
        Next::Use(grant)
    }

    /// Registers that the server rejected the token in use; returns whether another one is fetched.
    pub(super) fn denied(&mut self, config: &Config) -> bool {
        if config.has_token_source {
            self.given = GivenToken::None;
        }
        let token = self.current.take().map(|grant| grant.token);
        // Without a token and without a source, the server rejected something else, such as a
        // cookie.
        self.rejected = RejectedToken::None;
        if token.is_some() || config.has_token_source {
            self.reject(token);
        }
        self.denials += 1;
        config.has_token_source && self.denials < DENIALS
    }

    fn is_rejected(&self, token: Option<&Token>) -> bool {
        matches!(&self.rejected, RejectedToken::Rejected(rejected) if rejected.as_ref() == token)
            || token.is_some_and(|token| self.rejected_tokens.contains(token))
    }

    fn reject(&mut self, token: Option<Token>) {
        if let Some(token) = token.clone().filter(|token| !self.rejected_tokens.contains(token)) {
            if self.rejected_tokens.len() == MAX_REJECTED_TOKENS {
                self.rejected_tokens.remove(0);
            }
            self.rejected_tokens.push(token);
        }
        self.rejected = RejectedToken::Rejected(token);
    }

    /// Whether there is a token that must not be sent again.
    pub(super) const fn has_rejected(&self) -> bool {
        matches!(self.rejected, RejectedToken::Rejected(_))
    }

    /// Registers that the token in use was rejected, but the connection stays open. Returns when
    /// another one may be requested.
    pub(super) fn mark_rejected(&mut self, env: &mut Env) -> Instant {
        let token = self.current.as_ref().map(|grant| grant.token.clone());
        if token.is_some() || env.config.has_token_source {
            self.current_rejected = true;
            self.reject(token);
        }
        let at = self.backoff.pending(env.now).unwrap_or(env.now);
        self.fetch_again_at(env);
        at
    }

    /// Whether the token in use was rejected.
    pub(super) const fn is_current_rejected(&self) -> bool {
        self.current_rejected
    }

    /// Returns when a token is requested again after the app had no other one, unless an event
    /// triggers the request before.
    pub(super) fn fetch_again_at(&mut self, env: &mut Env) -> Instant {
        self.backoff.fail_within(env, FETCH_AGAIN_MAX_MS)
    }

    /// Resets the counts of rejections, because the connection is stable: its token is valid.
    pub(super) fn mark_stable(&mut self) {
        if !self.current_rejected {
            self.rejected = RejectedToken::None;
            self.denials = 0;
            self.backoff.reset();
        }
    }

    /// Whether the grant is the token in use.
    #[must_use]
    pub(super) fn is_current(&self, grant: Option<&Grant>) -> bool {
        self.current.as_ref().map(|current| &current.token) == grant.map(|grant| &grant.token)
    }

    /// The user of the token in use.
    #[must_use]
    pub(super) fn subject(&self) -> Option<&str> {
        self.current.as_ref().and_then(|grant| grant.subject.as_deref())
    }

    /// When to renew a token received at `now`: after the configured share of its lifetime, and not
    /// before the minimum interval. The wall clock is not used.
    #[must_use]
    pub(super) fn refresh_at(
        &self,
        now: Instant,
        server_ms: Option<u64>,
        config: &Config,
    ) -> Option<Instant> {
        // Phoenix uses a token only when a connection is opened.
        if !config.has_token_source || !ProtocolProfile::of(config).renews_tokens() {
            return None;
        }
        let lifetime =
            server_ms.or(self.current.as_ref().and_then(|grant| grant.lifetime.known_ms()))?;
        let wait = lifetime.saturating_mul(config.refresh_percent) / 100;
        Some(now + wait.max(config.refresh_min_interval_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::{Auth, Next};
    use crate::core::config::Config;
    use crate::core::time::Instant;
    use crate::core::token::{Grant, Token, TokenLifetime};

    fn grant(text: &str) -> Option<Box<Grant>> {
        Some(Box::new(Grant {
            token: Token::new(text.to_owned()),
            lifetime: TokenLifetime { claimed_ms: Some(100_000), left_ms: None },
            subject: None,
        }))
    }

    fn fetching() -> Config {
        Config { has_token_source: true, ..Config::default() }
    }

    #[test]
    fn rejected_token_is_not_retried_and_a_fresh_one_is_tried_once() {
        let mut auth = Auth::default();
        assert_eq!(auth.try_out(grant("a")), Next::Use(grant("a")));
        assert!(auth.denied(&fetching()));
        assert_eq!(auth.next(&fetching()), Next::FetchToken);
        assert_eq!(auth.try_out(grant("a")), Next::Denied);
        assert_eq!(auth.try_out(grant("b")), Next::Use(grant("b")));
        assert!(!auth.denied(&fetching()));
    }

    #[test]
    fn rejected_token_stays_rejected_after_another_one() {
        let mut auth = Auth::default();
        assert_eq!(auth.try_out(grant("a")), Next::Use(grant("a")));
        auth.denied(&fetching());
        for good in ["b", "c"] {
            assert_eq!(auth.try_out(grant(good)), Next::Use(grant(good)));
            auth.mark_stable();
        }
        assert_eq!(auth.try_out(grant("a")), Next::Denied);
        auth.give(grant("a"));
        assert_eq!(auth.next(&fetching()), Next::FetchToken);
        // A connection without a token may be accepted at another time.
        assert_eq!(auth.try_out(None), Next::Use(None));
        auth.denied(&fetching());
        assert_eq!(auth.try_out(None), Next::Denied);
        assert_eq!(auth.try_out(grant("d")), Next::Use(grant("d")));
        auth.mark_stable();
        assert_eq!(auth.try_out(None), Next::Use(None));
    }

    #[test]
    fn rejection_without_a_source_is_final_until_set_token() {
        let (mut auth, config) = (Auth::default(), Config::default());
        auth.give(grant("a"));
        assert_eq!(auth.next(&config), Next::Use(grant("a")));
        assert!(!auth.denied(&config));
        assert_eq!(auth.next(&config), Next::Denied);
        auth.give(grant("b"));
        assert_eq!(auth.next(&config), Next::Use(grant("b")));
        assert_eq!(auth.next(&config), Next::Use(grant("b")));
    }

    #[test]
    fn set_token_is_used_once_if_there_is_a_source() {
        let mut auth = Auth::default();
        auth.give(grant("a"));
        assert_eq!(auth.next(&fetching()), Next::Use(grant("a")));
        assert_eq!(auth.next(&fetching()), Next::FetchToken);
    }

    #[test]
    fn refresh_is_at_80_percent_of_the_lifetime_and_at_most_every_half_minute() {
        let mut auth = Auth::default();
        let _ = auth.try_out(grant("a"));
        let at = |server| auth.refresh_at(Instant::from_ms(0), server, &fetching());
        assert_eq!(at(None), Some(Instant::from_ms(80_000)));
        assert_eq!(at(Some(200_000)), Some(Instant::from_ms(160_000)));
        assert_eq!(at(Some(10_000)), Some(Instant::from_ms(30_000)));
    }
}
