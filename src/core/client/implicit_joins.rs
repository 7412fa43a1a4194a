//! Where only members may send, whoever sends is one: for as long as messages wait.

use super::{Client, context};
use crate::core::channel::Subscription;
use crate::core::context::Context;
use crate::core::id::SubscriberId;
use crate::core::payload::Payload;

impl<P: Payload> Client<P> {
    /// Takes the channels in which something is to be sent and that nobody has, and gives back
    /// those in which nothing is any more.
    pub(super) fn hold_channels(&mut self) {
        if !self.profile().sends_as_member() || (self.outbox.is_empty() && self.senders.is_empty())
        {
            return;
        }
        let wanted = self.outbox.channels();
        let over = |held: &(_, _)| !wanted.contains(&held.0);
        while let Some(at) = self.senders.iter().position(over) {
            let (_, subscriber) = self.senders.remove(at);
            self.channels.unsubscribe(context!(self), subscriber);
        }
        for name in wanted {
            let held = self.channels.find(&name).and_then(|id| self.channels.get(id));
            if held.is_some_and(|channel| channel.subscribers() > 0) {
                continue;
            }
            let highest = self.senders.iter().map(|(_, SubscriberId(number))| *number).max();
            let subscriber =
                SubscriberId(highest.map_or(SubscriberId::OWN_FROM, |number| number + 1));
            let subscription = Subscription::default();
            match self.channels.subscribe(context!(self), subscriber, &name, subscription) {
                Ok(_) => self.senders.push((name, subscriber)),
                Err(error) => self.outbox.fail_in(&name, &error, false),
            }
        }
    }
}
