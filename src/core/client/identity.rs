//! The user of the client, and the detection of another one.

use alloc::string::String;
use core::mem::{replace, take};

use crate::core::token::Grant;

/// The user of the latest connection, from the options, the server or the token.
#[derive(Debug, Default, PartialEq, Eq)]
enum Identity {
    /// There was no connection yet.
    #[default]
    Unknown,
    /// The connection had no user.
    Anonymous,
    /// The connection had this user.
    User(String),
}

impl Identity {
    fn of(user: Option<String>) -> Self {
        user.map_or(Self::Anonymous, Self::User)
    }
}

/// The user of the app's latest token.
#[derive(Debug, Default, PartialEq, Eq)]
enum TokenSubject {
    /// There is no token.
    #[default]
    NoToken,
    /// This user (the claim `sub`).
    User(String),
    /// Unknown: the token is opaque.
    Opaque,
}

/// The number of items that each part had accepted at some time. As items are numbered from 1, it
/// is the number of the last item accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watermarks {
    pub(super) messages: u64,
    pub(super) presences: u64,
}

impl Watermarks {
    /// After all items.
    pub(super) const ALL: Self = Self { messages: u64::MAX, presences: u64::MAX };
}

/// What a token indicates about the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenUser {
    /// The token is certainly another user's.
    Other,
    /// The token may be the same user's: only the server can decide.
    MaybeSame,
}

/// The user of a client, and the detection of a change: messages of one user must not be sent as
/// another one.
#[derive(Debug, Default)]
pub(super) struct UserIdentity {
    identity: Identity,
    subject: TokenSubject,
    /// The watermarks at the latest `setToken`, until the server has accepted the token.
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

    /// Registers a call of `setToken`: if the token is of another user, items accepted before are
    /// the former user's.
    pub(super) const fn token_given(&mut self, accepted: Watermarks) {
        self.before_token = Some(accepted);
    }

    /// Whether the app set a token that the server has not accepted yet.
    pub(super) const fn awaits_given_token(&self) -> bool {
        self.before_token.is_some()
    }

    /// Sets the user of the app's latest token. `configured` is the user of the options.
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
            // The first token: no user was signed in before.
            (TokenSubject::NoToken, _) if self.identity == Identity::Unknown => false,
            // The token is of the user that the server identified without one.
            (TokenSubject::NoToken, TokenSubject::User(name)) if self.user() == Some(name) => false,
            (former, subject) => former != subject,
        };
        if differs { TokenUser::Other } else { TokenUser::MaybeSame }
    }

    /// Sets the user of a connection or a token that the server accepted. If there was another
    /// user, returns the watermarks up to which items are that user's.
    pub(super) fn accepted(&mut self, user: Option<String>) -> Option<Watermarks> {
        let mark = self.before_token.take().unwrap_or(Watermarks::ALL);
        let former = replace(&mut self.identity, Identity::of(user));
        (former != Identity::Unknown && former != self.identity).then_some(mark)
    }

    /// Sets the user of the options. Returns whether there was another one.
    pub(super) fn configured(&mut self, user: Option<String>) -> TokenUser {
        if self.identity == Identity::Unknown {
            return TokenUser::MaybeSame;
        }
        let former = replace(&mut self.identity, Identity::of(user));
        if former == self.identity { TokenUser::MaybeSame } else { TokenUser::Other }
    }

    /// Forgets the user, so that the user of the next connection counts as the first one.
    pub(super) fn forget(&mut self) {
        take(&mut self.identity);
        self.before_token = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenUser, UserIdentity, Watermarks};
    use crate::core::token::{Grant, Token, TokenLifetime};

    const MARK: Watermarks = Watermarks { messages: 3, presences: 1 };

    fn grant(subject: Option<&str>) -> Grant {
        let subject = subject.map(str::to_owned);
        Grant { token: Token::new("t".to_owned()), lifetime: TokenLifetime::default(), subject }
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
    fn token_with_another_or_no_subject_is_another_user_s() {
        assert_eq!(ann().token_received(Some(&grant(Some("bob"))), None), TokenUser::Other);
        assert_eq!(ann().token_received(None, None), TokenUser::Other);
        assert_eq!(ann().token_received(Some(&grant(Some("ann"))), None), TokenUser::MaybeSame);
    }

    #[test]
    fn opaque_token_is_identified_by_the_server() {
        let mut identity = ann();
        assert_eq!(identity.token_received(Some(&grant(None)), None), TokenUser::MaybeSame);
        identity.token_given(MARK);
        assert_eq!(identity.accepted(user("bob")), Some(MARK));
        assert_eq!(identity.user(), Some("bob"));
    }

    #[test]
    fn configured_user_does_not_change_with_the_token() {
        let other = grant(Some("bob"));
        assert_eq!(ann().token_received(Some(&other), Some("ann")), TokenUser::MaybeSame);
    }

    #[test]
    fn token_of_the_user_identified_without_one_changes_nothing() {
        let mut identity = UserIdentity::default();
        assert_eq!(identity.accepted(user("ann")), None);
        assert_eq!(identity.token_received(Some(&grant(Some("ann"))), None), TokenUser::MaybeSame);
    }

    #[test]
    fn change_of_user_without_set_token_drops_everything() {
        let mut identity = ann();
        assert_eq!(identity.accepted(None), Some(Watermarks::ALL));
        assert_eq!(identity.user(), None);
    }

    #[test]
    fn configured_user_is_another_one_only_if_there_was_one() {
        let mut identity = UserIdentity::default();
        assert_eq!(identity.configured(user("ann")), TokenUser::MaybeSame);
        let mut identity = ann();
        assert_eq!(identity.configured(user("ann")), TokenUser::MaybeSame);
        assert_eq!(identity.configured(user("bob")), TokenUser::Other);
        identity.forget();
        assert_eq!(identity.accepted(user("cat")), None);
    }
}
