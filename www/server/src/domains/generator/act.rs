//! Actions of the simulated users.

use std::sync::Arc;

use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tidewire_server_core::Publication;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::{Frame, Object};

use crate::hub::Hub;

/// One action in a channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    pub(super) channel: String,
    pub(super) action: Action,
}

/// The kind of an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// A message, which may be a change if the channel has a table.
    Publish { event: &'static str, payload: Value },
    /// The start or end of typing.
    Type { who: &'static str, typing: bool },
}

impl Act {
    pub(super) fn publish(channel: impl Into<String>, event: &'static str, payload: Value) -> Self {
        Self { channel: channel.into(), action: Action::Publish { event, payload } }
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

    /// This act, between the start and the end of typing in a channel.
    pub(super) fn after_typing(self, channel: &str, who: &'static str) -> Vec<Self> {
        let types =
            |typing| Self { channel: channel.to_owned(), action: Action::Type { who, typing } };
        vec![types(true), self, types(false)]
    }

    pub(super) fn perform(&self, hub: &Hub) -> Result<(), Rejection> {
        match &self.action {
            Action::Publish { event, payload } => {
                let payload = to_raw_value(payload)
                    .map_err(|_| Rejection::internal("the act cannot be sent"))?;
                let publication = Publication {
                    channel: &self.channel,
                    id: None,
                    event: Some((*event).to_owned()),
                    payload,
                    user: None,
                    verbatim: None,
                    requester: None,
                };
                hub.publish(publication).map(drop)
            }
            Action::Type { who, typing } => {
                let typing_payload = Object::new().text("who", who).bool("typing", *typing).end();
                let text = Object::frame("ephemeral")
                    .text("channel", &self.channel)
                    .text("event", "typing")
                    .raw("payload", &typing_payload)
                    .end();
                hub.broadcast_ephemeral(&self.channel, &Arc::new(Frame::new("ephemeral", text)))
            }
        }
    }
}
