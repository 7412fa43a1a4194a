//! `presence:*`: every member is present.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::phoenix::application::ChannelOutcome;
use crate::phoenix::channel_handle::ChannelHandle;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join::JoinRequest;
use crate::phoenix::outgoing::Status;
use crate::phoenix::topics::Topics;
use crate::random;

/// One present member.
#[derive(Debug)]
pub(crate) struct DemoPresence {
    key: String,
    meta: String,
}

#[derive(Deserialize)]
struct JoinPayload<'a> {
    key: Option<String>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

impl DemoPresence {
    /// Reads the presence of a join: the key is the payload's, else the user, else random.
    pub(super) fn join(user: Option<&str>, request: &JoinRequest<'_>) -> Self {
        let payload: Option<JoinPayload<'_>> = serde_json::from_str(request.payload).ok();
        let (key, meta) = payload.map_or((None, None), |payload| (payload.key, payload.meta));
        Self {
            key: key.or_else(|| user.map(ToOwned::to_owned)).unwrap_or_else(random::token),
            meta: meta.map_or("{}", RawValue::get).to_owned(),
        }
    }

    /// Sends the member's own diff before the state, as the real server does.
    pub(super) fn joined(&self, handle: &ChannelHandle, topics: &Topics) {
        // A member beyond the limit is not shown as present.
        if topics.check_room(&handle.place, handle.instance, &self.key, &self.meta).is_ok() {
            topics.track(&handle.place, handle.instance, &self.key, &self.meta);
        }
        // Sent through the mailbox too, so that it follows the diff.
        handle.push("presence_state", Body::json(topics.presence_state(&handle.place)));
    }

    pub(super) fn receive(
        &mut self,
        handle: &ChannelHandle,
        topics: &Topics,
        push: Push,
    ) -> ChannelOutcome {
        match (push.event.as_str(), push.body.text()) {
            ("update", Some(meta)) => {
                match topics.check_room(&handle.place, handle.instance, &self.key, meta) {
                    Ok(()) => {
                        handle.reply(push.reference, Status::Ok, Body::json("{}"));
                        topics.track(&handle.place, handle.instance, &self.key, meta);
                    }
                    Err(rejection) => {
                        handle.reply(push.reference, Status::Error, Body::rejection(&rejection));
                    }
                }
                ChannelOutcome::Continue
            }
            _ => ChannelOutcome::Crash,
        }
    }
}
