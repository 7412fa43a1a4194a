//! Implicit joins: where only members may send, the client joins channels while messages are queued
//! for them.

use super::Client;
use crate::core::outbox::InFlight;
use crate::core::payload::Payload;

impl<P: Payload> Client<P> {
    /// Joins the channels that have queued messages and no subscriber, and releases those without
    /// queued messages.
    pub(super) fn update_implicit_joins(&mut self) {
        if !self.profile().sends_as_member()
            || (self.outbox.is_empty() && self.outbox_channels.is_empty())
        {
            return;
        }
        let wanted = self.outbox.channels();
        let is_over = |open: &(_, _)| !wanted.contains(&open.0);
        while let Some(at) = self.outbox_channels.iter().position(is_over) {
            let (_, id) = self.outbox_channels.remove(at);
            self.channels.subscriptions().release_for_outbox(&mut self.env, id);
        }
        for name in wanted {
            let channel = self.channels.find(&name).and_then(|id| self.channels.get(id));
            if channel.is_some_and(|channel| channel.subscribers() > 0) {
                continue;
            }
            match self.channels.subscriptions().keep_open_for_outbox(&mut self.env, &name) {
                Ok(id) => self.outbox_channels.push((name, id)),
                Err(error) => self.outbox.fail_in(&name, &error, InFlight::Unanswered),
            }
        }
    }
}
