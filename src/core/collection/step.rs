//! Steps that collections emit.

use alloc::rc::Rc;
use alloc::string::String;

use super::edit::MutationProgress;
use super::request::AppRequest;
use super::view::View;
use crate::core::id::{CollectionId, MutationId, RequestId};

/// Steps that collections emit.
#[derive(Debug, Clone)]
pub enum Step<P> {
    /// Send a change, with an acknowledgement where there are any.
    Send {
        /// The change; the message's progress is reported under this number.
        mutation: MutationId,
        /// The channel.
        channel: Rc<str>,
        /// The id of the message. A change that is sent again bears another one.
        id: String,
        /// The event's name.
        event: String,
        /// What is sent.
        payload: P,
        /// Its size in bytes of JSON.
        bytes: usize,
    },
    /// Cancel sending this change.
    Cancel(MutationId),
    /// Send a request to the app.
    AppRequest(CollectionId, RequestId, AppRequest<P>),
    /// Report a change's progress to the app.
    Mutation(MutationId, MutationProgress<P>),
    /// Count a message whose row has no usable key, for this reason. It was dropped.
    Invalid(String),
    /// Emit a View.
    View(CollectionId, View<P>),
}
