//! The steps that channels emit.

use alloc::boxed::Box;
use alloc::rc::Rc;

use crate::core::error::Error;
use crate::core::id::{ChannelId, SubscriberId};
use crate::core::message::{Gap, Message, StreamPosition};
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, Continuity};

/// A step that the registry emits.
#[derive(Debug, Clone)]
pub enum Step<P> {
    /// Send a join.
    Join {
        /// The channel.
        channel: Rc<str>,
        /// The reference the answer will contain.
        reference: u32,
        /// The app's parameters.
        params: Option<P>,
        /// The last message delivered.
        since: Option<StreamPosition>,
    },
    /// Request messages again.
    Recover {
        /// The channel.
        channel: Rc<str>,
        /// The reference the answer will contain.
        reference: u32,
        /// The message before the first one missing.
        behind: StreamPosition,
        /// The last one missing.
        to: u64,
    },
    /// Send a leave.
    Leave {
        /// The channel.
        channel: Rc<str>,
        /// The reference the answer will contain.
        reference: u32,
    },
    /// Emit a channel's state.
    Changed(ChannelId, ChannelState, Continuity, Reason, Option<Error>),
    /// Deliver a message to the channel's subscribers.
    Deliver(ChannelId, Box<Message<P>>),
    /// Deliver a message that the server itself sent to the channel's subscribers, or to one of
    /// them.
    System(ChannelId, &'static str, P, Option<SubscriberId>),
    /// Count a message that was received again.
    Repeated,
    /// Report that messages were missed, or may have been.
    Gap(ChannelId, Gap),
}

/// The event name with which the app receives the reply to a join (Phoenix).
pub(super) const JOIN_REPLY: &str = "phx_join";
