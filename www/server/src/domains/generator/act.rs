//! What somebody does.

use std::sync::Arc;

use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::frame::{Frame, Object};
use crate::hub::Hub;
use crate::publication::Publication;
use crate::refusal::Refusal;

/// One thing done in a channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    pub(super) channel: String,
    pub(super) deed: Deed,
}

/// A thing to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// A message; where there is a table it may be a change.
    Publish { event: &'static str, payload: Value },
    /// Begins or ends typing.
    Type { who: &'static str, typing: bool },
}

impl Act {
    pub(super) fn publish(channel: impl Into<String>, event: &'static str, payload: Value) -> Self {
        Self { channel: channel.into(), deed: Deed::Publish { event, payload } }
    }

    pub(super) fn insert(channel: impl Into<String>, row: &Value) -> Self {
        Self::publish(channel, "insert", json!({ "row": row }))
    }

    pub(super) fn update(channel: impl Into<String>, row: &Value) -> Self {
        Self::publish(channel, "update", json!({ "row": row }))
    }

    pub(super) fn delete(channel: impl Into<String>, row: &Value) -> Self {
        Self::publish(channel, "delete", json!({ "key": row["id"] }))
    }

    /// This, between a beginning and an end of typing in a channel.
    pub(super) fn after_typing(self, channel: &str, who: &'static str) -> Vec<Self> {
        let types = |typing| Self { channel: channel.to_owned(), deed: Deed::Type { who, typing } };
        vec![types(true), self, types(false)]
    }

    pub(super) fn perform(&self, hub: &Hub) -> Result<(), Refusal> {
        match &self.deed {
            Deed::Publish { event, payload } => {
                let payload = to_raw_value(payload)
                    .map_err(|_| Refusal::internal("the act cannot be told"))?;
                let publication = Publication {
                    channel: &self.channel,
                    id: None,
                    event: Some((*event).to_owned()),
                    payload,
                    user: None,
                    verbatim: None,
                    party: None,
                };
                hub.publish(publication).map(drop)
            }
            Deed::Type { who, typing } => {
                let said = Object::new().text("who", who).bool("typing", *typing).end();
                let text = Object::frame("ephemeral")
                    .text("channel", &self.channel)
                    .text("event", "typing")
                    .raw("payload", &said)
                    .end();
                hub.pass(None, &self.channel, &Arc::new(Frame::new("ephemeral", text)))
            }
        }
    }
}
