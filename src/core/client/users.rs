//! The effects of a change of user.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::Client;
use super::identity::{TokenUser, Watermarks};
use crate::core::error::{Code, Error};
use crate::core::payload::Payload;
use crate::core::token::Grant;

impl<P: Payload> Client<P> {
    /// The server accepted a connection, or a token on it. If the user is another one, the former one's
    /// state is dropped.
    pub(super) fn identify(&mut self) {
        let user = self.accepted_user();
        if let Some(mark) = self.identity.accepted(user) {
            self.drop_former_user(mark);
        }
    }

    /// The options may have another user.
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

    /// The token alone identifies another user: the change does not wait for the server's answer.
    pub(super) fn change_user(&mut self) {
        // The former connection ends first, if it is to end.
        self.flush_effects();
        self.drop_former_user(Watermarks::ALL);
        self.identity.forget();
        self.auth_success.user = None;
    }

    /// The user by the options, else by the server, else by the token.
    fn accepted_user(&self) -> Option<String> {
        let user = self.env.config.identity.as_ref().or(self.auth_success.user.as_ref()).cloned();
        user.or_else(|| self.connection.subject().map(str::to_owned))
    }

    /// Ends everything of the former user: what was accepted up to the mark, rows, presence and
    /// positions.
    fn drop_former_user(&mut self, mark: Watermarks) {
        self.outbox.fail_until(mark.messages, &Error::new(Code::IdentityChanged));
        self.presences.identity_changed(&mut self.env, mark.presences);
        self.collections.identity_changed(&mut self.env);
        // Its received and sent state is dropped.
        self.typings.disconnected();
        self.channels.memberships().reset_positions(&mut self.env);
    }
}
