//! Implicit joins: where only members may send, the client joins channels while messages are queued
//! for them.

use alloc::vec::Vec;

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
        // Both only grow.
        let version = self.outbox.version() + self.channels.version();
        if core::mem::replace(&mut self.implicit_joins_of, version) == version {
            return;
        }
        let mut released = Vec::new();
        self.outbox_channels.retain(|(name, id)| {
            let is_kept = self.outbox.has_channel(name);
            if !is_kept {
                released.push(*id);
            }
            is_kept
        });
        for id in released {
            self.channels.subscriptions().release_for_outbox(&mut self.env, id);
        }
        for name in self.outbox.channels() {
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
