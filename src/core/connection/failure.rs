//! A failed connection: its cause, and the events that can end the failure.

use alloc::borrow::ToOwned;

use super::auth::Auth;
use super::effect::close;
use crate::core::config::Config;
use crate::core::error::{Cause, Code, Error, Rejection};
use crate::core::reason::Reason;

/// What can end a failure, besides `connect()` and `setToken()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Remedy {
    /// Nothing.
    #[default]
    Nothing,
    /// New demand, or an event of the page.
    Demand,
    /// Another token: one is requested at these events, and with backoff in between.
    Token,
}

/// The latest failure.
#[derive(Debug, Default)]
pub(super) struct Failure {
    remedy: Remedy,
    /// The rejection of the latest token, reported again if there is no other one.
    rejection: Option<(Reason, Error)>,
}

impl Failure {
    /// What can end it.
    pub(super) const fn remedy(&self) -> Remedy {
        self.remedy
    }

    /// Stores the rejection of a token with this close code; returns the reason and the error.
    pub(super) fn token_rejected(&mut self, code: u16, rejection: Rejection) -> (Reason, Error) {
        let (code, reason) = if code == close::FORBIDDEN {
            (Code::Forbidden, Reason::Forbidden)
        } else {
            (Code::AuthDenied, Reason::AuthDenied)
        };
        let mut error = Error::new(code);
        error.cause = Some(Cause { code: rejection.code, message: rejection.message });
        self.rejection = Some((reason, error.clone()));
        (reason, error)
    }

    /// The reason and error of a failure because the only token was rejected before.
    pub(super) fn denial(&self) -> (Reason, Error) {
        let unknown = || (Reason::AuthDenied, Error::new(Code::AuthDenied));
        self.rejection.clone().unwrap_or_else(unknown)
    }

    /// Stores a failure with this reason; returns what can end it.
    pub(super) fn failed(&mut self, reason: Reason, config: &Config, auth: &Auth) -> Remedy {
        self.remedy = match reason {
            Reason::AuthDenied | Reason::Forbidden if config.has_token_source => Remedy::Token,
            Reason::AuthDenied | Reason::Forbidden if auth.has_rejected() => Remedy::Nothing,
            Reason::ServerFatal => Remedy::Nothing,
            _ => Remedy::Demand,
        };
        self.remedy
    }
}

/// The error after the last attempt that `reconnect.maxAttempts` allows.
pub(super) fn gave_up(last: &Error) -> Error {
    let mut error = Error::new(Code::GaveUp);
    let code = Some(last.code.name().to_owned());
    error.cause = Some(Cause { code, message: last.code.message().to_owned() });
    error
}

#[cfg(test)]
mod tests {
    use super::{Auth, Failure, Remedy, close};
    use crate::core::config::Config;
    use crate::core::error::{Code, Rejection};
    use crate::core::reason::Reason;

    #[test]
    fn rejected_token_is_reported_again_with_its_cause() {
        let mut failure = Failure::default();
        assert_eq!(failure.denial().1.code, Code::AuthDenied, "before any rejection");
        let rejection = Rejection { message: "banned".to_owned(), ..Rejection::default() };
        failure.token_rejected(close::FORBIDDEN, rejection);
        let (reason, error) = failure.denial();
        assert_eq!((reason, error.code), (Reason::Forbidden, Code::Forbidden));
        assert_eq!(error.cause.as_ref().map(|cause| &*cause.message), Some("banned"));
    }

    #[test]
    fn remedy_depends_on_the_reason_and_on_a_source_of_tokens() {
        let (mut failure, auth) = (Failure::default(), Auth::default());
        let mut config = Config { has_token_source: true, ..Config::default() };
        assert_eq!(failure.failed(Reason::AuthDenied, &config, &auth), Remedy::Token);
        config.has_token_source = false;
        assert_eq!(failure.failed(Reason::AuthDenied, &config, &auth), Remedy::Demand);
        assert_eq!(failure.failed(Reason::GaveUp, &config, &auth), Remedy::Demand);
        assert_eq!(failure.failed(Reason::ServerFatal, &config, &auth), Remedy::Nothing);
        assert_eq!(failure.remedy(), Remedy::Nothing);
    }
}
