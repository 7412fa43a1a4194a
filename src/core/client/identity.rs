//! For which user the client acts, and when that becomes another one.

use alloc::string::String;
use core::mem::{replace, take};

use crate::core::token::Grant;

/// The user of the latest connection, by the options, the server or the token.
#[derive(Debug, Default, PartialEq, Eq)]
enum Identity {
    /// There was no connection yet.
    #[default]
    Unknown,
    /// It had no user.
    Anonymous,
    /// This one.
    User(String),
}

impl Identity {
    fn of(user: Option<String>) -> Self {
        user.map_or(Self::Anonymous, Self::User)
    }
}

/// Whom the app's latest token names.
#[derive(Debug, Default, PartialEq, Eq)]
enum TokenSubject {
    /// There is no token.
    #[default]
    NoToken,
    /// This user (`sub`).
    User(String),
    /// Nobody: the token is opaque.
    Opaque,
}

/// Up to where the parts had accepted things, each in its own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watermarks {
    pub(super) messages: u64,
    pub(super) presences: u64,
}

impl Watermarks {
    /// Everything.
    pub(super) const ALL: Self = Self { messages: u64::MAX, presences: u64::MAX };
}

/// What a token indicates about the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenUser {
    /// It is certainly another user's.
    Other,
    /// It may be the same user's: only the server knows.
    MaybeSame,
}

/// The user of a client. Another user's messages are not sent in this one's name.
#[derive(Debug, Default)]
pub(super) struct UserIdentity {
    identity: Identity,
    subject: TokenSubject,
    /// What was accepted before the latest `setToken`: the former user's.
    before_token: Option<Watermarks>,
}

impl UserIdentity {
    /// The user's name.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.identity {
            Identity::User(user) => Some(user),
            Identity::Unknown | Identity::Anonymous => None,
        }
    }

    /// The app calls `setToken`: what was accepted until then is the former user's, if the token
    /// is another one's.
    pub(super) const fn token_given(&mut self, accepted: Watermarks) {
        self.before_token = Some(accepted);
    }

    /// Whether the app gave a token that the server has not accepted yet.
    pub(super) const fn awaits_given_token(&self) -> bool {
        self.before_token.is_some()
    }

    /// Notes whom the app's latest token names. `configured` is the user that the options name.
    pub(super) fn token_received(
        &mut self,
        grant: Option<&Grant>,
        configured: Option<&str>,
    ) -> TokenUser {
        let subject = match grant {
            None => TokenSubject::NoToken,
            Some(grant) => grant.subject.clone().map_or(TokenSubject::Opaque, TokenSubject::User),
        };
        let former = replace(&mut self.subject, subject);
        let differs = match (&former, &self.subject) {
            _ if configured.is_some() => false,
            (_, TokenSubject::Opaque) | (TokenSubject::Opaque, TokenSubject::User(_)) => false,
            // The first token of all, before which nobody was signed in.
            (TokenSubject::NoToken, _) if self.identity == Identity::Unknown => false,
            // Whom the server knew without a token.
            (TokenSubject::NoToken, TokenSubject::User(name)) if self.user() == Some(name) => false,
            (former, subject) => former != subject,
        };
        if differs { TokenUser::Other } else { TokenUser::MaybeSame }
    }

    /// The server accepted a connection, or a token on it, of this user. Returns up to where
    /// everything is a former user's, if it was another one's.
    pub(super) fn accepted(&mut self, user: Option<String>) -> Option<Watermarks> {
        let mark = self.before_token.take().unwrap_or(Watermarks::ALL);
        let former = replace(&mut self.identity, Identity::of(user));
        (former != Identity::Unknown && former != self.identity).then_some(mark)
    }

    /// The options name this user. Returns whether there was another one.
    pub(super) fn configured(&mut self, user: Option<String>) -> TokenUser {
        if self.identity == Identity::Unknown {
            return TokenUser::MaybeSame;
        }
        let former = replace(&mut self.identity, Identity::of(user));
        if former == self.identity { TokenUser::MaybeSame } else { TokenUser::Other }
    }

    /// The former user is signed out: the next connection has the first user.
    pub(super) fn forget(&mut self) {
        take(&mut self.identity);
        self.before_token = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenUser, UserIdentity, Watermarks};
    use crate::core::token::{Grant, Life, Token};

    const MARK: Watermarks = Watermarks { messages: 3, presences: 1 };

    fn grant(subject: Option<&str>) -> Grant {
        let subject = subject.map(str::to_owned);
        Grant { token: Token::new("t".to_owned()), life: Life::default(), subject }
    }

    fn user(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    /// An identity that was connected as Ann with a token that names her.
    fn ann() -> UserIdentity {
        let mut identity = UserIdentity::default();
        assert_eq!(identity.token_received(Some(&grant(Some("ann"))), None), TokenUser::MaybeSame);
        assert_eq!(identity.accepted(user("ann")), None, "the first user is no other one");
        identity
    }

    #[test]
    fn a_token_that_names_another_user_or_none_is_another_user_s() {
        assert_eq!(ann().token_received(Some(&grant(Some("bob"))), None), TokenUser::Other);
        assert_eq!(ann().token_received(None, None), TokenUser::Other);
        assert_eq!(ann().token_received(Some(&grant(Some("ann"))), None), TokenUser::MaybeSame);
    }

    #[test]
    fn an_opaque_token_is_decided_by_the_server() {
        let mut identity = ann();
        assert_eq!(identity.token_received(Some(&grant(None)), None), TokenUser::MaybeSame);
        identity.token_given(MARK);
        assert_eq!(identity.accepted(user("bob")), Some(MARK));
        assert_eq!(identity.user(), Some("bob"));
    }

    #[test]
    fn a_user_that_the_options_name_does_not_change_with_the_token() {
        let other = grant(Some("bob"));
        assert_eq!(ann().token_received(Some(&other), Some("ann")), TokenUser::MaybeSame);
    }

    #[test]
    fn a_token_of_whom_the_server_knew_without_one_changes_nothing() {
        let mut identity = UserIdentity::default();
        assert_eq!(identity.accepted(user("ann")), None);
        assert_eq!(identity.token_received(Some(&grant(Some("ann"))), None), TokenUser::MaybeSame);
    }

    #[test]
    fn without_a_given_token_everything_is_the_former_user_s() {
        let mut identity = ann();
        assert_eq!(identity.accepted(None), Some(Watermarks::ALL));
        assert_eq!(identity.user(), None);
    }

    #[test]
    fn options_name_another_user_only_where_there_was_one() {
        let mut identity = UserIdentity::default();
        assert_eq!(identity.configured(user("ann")), TokenUser::MaybeSame);
        let mut identity = ann();
        assert_eq!(identity.configured(user("ann")), TokenUser::MaybeSame);
        assert_eq!(identity.configured(user("bob")), TokenUser::Other);
        identity.forget();
        assert_eq!(identity.accepted(user("cat")), None);
    }
}
