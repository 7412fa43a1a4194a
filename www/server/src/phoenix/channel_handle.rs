//! The handle of a joined channel, for applications, and the channel's place.

use std::sync::Arc;
use std::time::Duration;

use crate::phoenix::frame::Body;
use crate::phoenix::mailbox::{Mail, Mailbox};
use crate::phoenix::outgoing::{Outgoing, Reply, ServerPush, Status};

/// Identifies a channel's members: the topic of the frames, and whether the channel is private.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) topic: Arc<str>,
    pub(crate) realm: Realm,
}

/// Public and private channels of one topic never receive each other's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Realm {
    Public,
    Private,
}

/// A handle for sending to a joined channel's member.
#[derive(Debug)]
pub(crate) struct ChannelHandle {
    pub(crate) place: Place,
    /// Identifies this join.
    pub(crate) instance: u64,
    pub(crate) join_ref: Option<String>,
    pub(crate) mailbox: Mailbox,
}

impl Place {
    pub(crate) fn public(topic: &str) -> Self {
        Self { topic: topic.into(), realm: Realm::Public }
    }
}

impl ChannelHandle {
    /// Answers a push.
    pub(crate) fn reply(&self, reference: Option<String>, status: Status, response: Body) {
        self.mailbox.post(Mail::Send(self.answer(reference, status, response)));
    }

    /// Answers a push after a while.
    pub(crate) fn reply_later(&self, after: Duration, reference: Option<String>, response: Body) {
        let answer = self.answer(reference, Status::Ok, response);
        self.mailbox.post_later(after, Mail::Send(answer));
    }

    /// Pushes to this member only.
    pub(crate) fn push(&self, event: &str, payload: Body) {
        self.mailbox.post(Mail::Send(Outgoing::Push(ServerPush {
            join_ref: self.join_ref.clone(),
            reference: None,
            topic: Arc::clone(&self.place.topic),
            event: event.into(),
            payload,
        })));
    }

    fn answer(&self, reference: Option<String>, status: Status, response: Body) -> Outgoing {
        Outgoing::Reply(Reply {
            join_ref: self.join_ref.clone(),
            reference,
            topic: Arc::clone(&self.place.topic),
            status,
            response,
        })
    }
}
