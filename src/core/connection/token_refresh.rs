//! The renewal of a connection's token.

use crate::core::id::RequestId;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, timer};

/// The state of the renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RefreshState {
    /// The token's expiry is unknown, or there is no source of another one.
    Never,
    /// Another one is requested at this time.
    Due(Instant),
    /// Another one was requested.
    FetchingToken { request: RequestId, deadline: Instant },
    /// The new token was sent to the server.
    Reauthenticating { deadline: Instant },
}

/// What to do after a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefreshAction {
    /// Nothing.
    None,
    /// Request a token from the app.
    Fetch,
    /// Report that the app did not answer; the token is requested again later.
    FetchTimedOut,
    /// End the connection: the server did not answer to the new token.
    ReauthenticationTimedOut,
}

/// Renews the token of one connection before it expires.
#[derive(Debug)]
pub(super) struct TokenRefresh(RefreshState);

impl TokenRefresh {
    /// The renewal of a token at this time; `None` is never.
    pub(super) fn new(due: Option<Instant>) -> Self {
        Self(due.map_or(RefreshState::Never, RefreshState::Due))
    }

    /// Whether no renewal is pending.
    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self.0, RefreshState::Due(_) | RefreshState::Never)
    }

    /// Whether a renewal is planned, and not pending.
    pub(super) const fn is_planned(&self) -> bool {
        matches!(self.0, RefreshState::Due(_))
    }

    /// Whether the app's answer to this request is pending.
    pub(super) fn is_fetching(&self, awaited: RequestId) -> bool {
        matches!(self.0, RefreshState::FetchingToken { request, .. } if request == awaited)
    }

    /// Plans the next renewal.
    pub(super) const fn plan(&mut self, at: Instant) {
        self.0 = RefreshState::Due(at);
    }

    /// Marks a token as requested from the app with this request.
    pub(super) const fn fetching(&mut self, request: RequestId, deadline: Instant) {
        self.0 = RefreshState::FetchingToken { request, deadline };
    }

    /// Marks the new token as sent to the server.
    pub(super) const fn reauthenticating(&mut self, deadline: Instant) {
        self.0 = RefreshState::Reauthenticating { deadline };
    }

    /// Applies the acceptance of the new token, if one was sent; its renewal is due at this time.
    pub(super) fn accepted(&mut self, due: Option<Instant>) {
        if matches!(self.0, RefreshState::Reauthenticating { .. }) {
            *self = Self::new(due);
        }
    }

    /// Returns the action that is due. If the app's answer is overdue, the token is requested again
    /// in `retry_ms`.
    pub(super) fn handle_timeout(&mut self, now: Instant, retry_ms: u64) -> RefreshAction {
        match self.0 {
            RefreshState::Due(at) if now >= at => RefreshAction::Fetch,
            RefreshState::FetchingToken { deadline, .. } if now >= deadline => {
                self.plan(now + retry_ms);
                RefreshAction::FetchTimedOut
            }
            RefreshState::Reauthenticating { deadline } if now >= deadline => {
                RefreshAction::ReauthenticationTimedOut
            }
            _ => RefreshAction::None,
        }
    }

    /// When [`TokenRefresh::handle_timeout`] is due.
    pub(super) fn poll_timeout(&self) -> Option<Timer> {
        match self.0 {
            RefreshState::Never => None,
            RefreshState::Due(at) => timer(Some(at), TimerReason::TokenRefresh),
            RefreshState::FetchingToken { deadline, .. } => {
                timer(Some(deadline), TimerReason::TokenFetch)
            }
            RefreshState::Reauthenticating { deadline } => {
                timer(Some(deadline), TimerReason::Reauthentication)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RefreshAction, TokenRefresh};
    use crate::core::id::RequestId;
    use crate::core::time::Instant;
    use crate::core::timer::{Timer, TimerReason};

    const RETRY_MS: u64 = 30_000;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn token_without_expiry_is_never_replaced() {
        let mut refresh = TokenRefresh::new(None);
        assert!(refresh.is_waiting() && !refresh.is_planned());
        assert_eq!(refresh.poll_timeout(), None);
        assert_eq!(refresh.handle_timeout(at(u64::MAX), RETRY_MS), RefreshAction::None);
    }

    #[test]
    fn due_token_is_fetched_sent_and_planned_again_when_accepted() {
        let mut refresh = TokenRefresh::new(Some(at(80)));
        assert_eq!(refresh.poll_timeout(), Some(Timer::new(at(80), TimerReason::TokenRefresh)));
        assert_eq!(refresh.handle_timeout(at(79), RETRY_MS), RefreshAction::None);
        assert_eq!(refresh.handle_timeout(at(80), RETRY_MS), RefreshAction::Fetch);
        refresh.fetching(RequestId(1), at(180));
        assert!(refresh.is_fetching(RequestId(1)) && !refresh.is_fetching(RequestId(2)));
        assert_eq!(refresh.poll_timeout(), Some(Timer::new(at(180), TimerReason::TokenFetch)));
        refresh.accepted(Some(at(500)));
        assert!(refresh.is_fetching(RequestId(1)), "nothing was sent that can be accepted");
        refresh.reauthenticating(at(190));
        assert_eq!(
            refresh.poll_timeout(),
            Some(Timer::new(at(190), TimerReason::Reauthentication))
        );
        refresh.accepted(Some(at(500)));
        assert_eq!(refresh.poll_timeout(), Some(Timer::new(at(500), TimerReason::TokenRefresh)));
    }

    #[test]
    fn unanswered_token_request_is_repeated_later() {
        let mut refresh = TokenRefresh::new(Some(at(0)));
        refresh.fetching(RequestId(1), at(100));
        assert_eq!(refresh.handle_timeout(at(100), RETRY_MS), RefreshAction::FetchTimedOut);
        assert_eq!(
            refresh.poll_timeout(),
            Some(Timer::new(at(100 + RETRY_MS), TimerReason::TokenRefresh))
        );
        assert!(!refresh.is_fetching(RequestId(1)), "a late answer is ignored");
    }

    #[test]
    fn unanswered_token_ends_the_connection() {
        let mut refresh = TokenRefresh::new(None);
        refresh.reauthenticating(at(100));
        assert_eq!(refresh.handle_timeout(at(99), RETRY_MS), RefreshAction::None);
        let timed_out = refresh.handle_timeout(at(100), RETRY_MS);
        assert_eq!(timed_out, RefreshAction::ReauthenticationTimedOut);
    }
}
