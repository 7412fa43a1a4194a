//! What the collections want done.

use alloc::rc::Rc;
use alloc::string::String;

use super::edit::MutationProgress;
use super::request::AppRequest;
use super::view::View;
use crate::core::id::{CollectionId, MutationId, RequestId};

/// What the collections want done.
#[derive(Debug, Clone)]
pub enum Step<P> {
    /// Send a change, with an acknowledgement where there are any.
    Send {
        /// The change; what becomes of the message is told under this number.
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
    /// Give up sending this change: nobody wants to hear of it any more.
    Cancel(MutationId),
    /// Ask the app.
    AppRequest(CollectionId, RequestId, AppRequest<P>),
    /// Tell the app what became of a change.
    Mutation(MutationId, MutationProgress<P>),
    /// Count a message whose row has no usable key, for this reason. It was dropped.
    Invalid(String),
    /// Tell the app what shows.
    View(CollectionId, View<P>),
}
