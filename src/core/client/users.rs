//! The effects of a change of user.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::Client;
use super::identity::{TokenUser, Watermarks};
use crate::core::error::{Code, Error};
use crate::core::payload::Payload;
use crate::core::token::Grant;

impl<P: Payload> Client<P> {
    /// Sets the user of a connection or a token that the server accepted. If the user is another
    /// one, the former one's state is dropped.
    pub(super) fn identify(&mut self) {
        let user = self.accepted_user();
        if let Some(mark) = self.identity.accepted(user) {
            self.drop_former_user(mark);
        }
    }

    /// Applies the user of the options after they were changed.
    pub(super) fn rename(&mut self) {
        let user = self.accepted_user();
        if self.identity.configured(user) == TokenUser::Other {
            self.drop_former_user(Watermarks::ALL);
        }
    }

    /// Sets the user of the app's latest token.
    pub(super) fn token_received(&mut self, grant: Option<&Grant>) -> TokenUser {
        self.identity.token_received(grant, self.env.config.identity.as_deref())
    }

    /// Drops the former user's state, because the token identifies another user: the change does
    /// not wait for the server's answer.
    pub(super) fn change_user(&mut self) {
        // If the former connection ends, it ends before the state is dropped.
        self.flush_effects();
        self.drop_former_user(Watermarks::ALL);
        self.identity.forget();
        self.auth_success.user = None;
    }

    /// The user from the options, else from the server, else from the token.
    fn accepted_user(&self) -> Option<String> {
        let user = self.env.config.identity.as_ref().or(self.auth_success.user.as_ref()).cloned();
        user.or_else(|| self.connection.subject().map(str::to_owned))
    }

    /// Drops the state of the former user: fails sends and presence accepted before the watermarks,
    /// and drops rows, typing and positions.
    fn drop_former_user(&mut self, mark: Watermarks) {
        self.outbox.fail_until(mark.messages, &Error::new(Code::IdentityChanged));
        self.presences.identity_changed(&mut self.env, mark.presences);
        self.collections.identity_changed(&mut self.env);
        // Typing has no other state than what a disconnect drops.
        self.typings.disconnected();
        self.channels.memberships().reset_positions(&mut self.env);
    }
}
