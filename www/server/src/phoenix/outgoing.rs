//! Frames that are sent to clients.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::ws::Message;
use tidewire_server_core::frame::{Object, quote};

use crate::phoenix::frame::{Body, Encoding, UserBroadcast};
use crate::phoenix::vsn::Vsn;

/// A frame to one socket.
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    Reply(Reply),
    Push(ServerPush),
    Broadcast(Arc<Broadcast>),
    /// Any text, which need not be a valid frame.
    Raw(String),
}

/// The answer to a client's push.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) join_ref: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) topic: Arc<str>,
    pub(crate) status: Status,
    pub(crate) response: Body,
}

/// Whether a push succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Error,
}

/// A push to one member of a channel.
#[derive(Debug, Clone)]
pub(crate) struct ServerPush {
    pub(crate) join_ref: Option<String>,
    /// The join's ref, for `phx_close` and `phx_error` only.
    pub(crate) reference: Option<String>,
    pub(crate) topic: Arc<str>,
    pub(crate) event: Arc<str>,
    pub(crate) payload: Body,
}

/// A broadcast to all members of a channel, without a `join_ref`.
#[derive(Debug)]
pub(crate) struct Broadcast {
    pub(crate) topic: Arc<str>,
    pub(crate) event: Arc<str>,
    pub(crate) payload: Body,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

impl Outgoing {
    /// Its approximate size, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Reply(reply) => reply.response.bytes(),
            Self::Push(push) => push.payload.bytes(),
            Self::Broadcast(broadcast) => broadcast.payload.bytes(),
            Self::Raw(text) => text.len(),
        }
    }

    /// The WebSocket message; `None` if this version cannot encode it.
    pub(crate) fn encode(&self, vsn: Vsn) -> Option<Message> {
        match self {
            Self::Reply(reply) => reply.encode(vsn),
            Self::Push(push) => push.encode(vsn),
            Self::Broadcast(broadcast) => broadcast.encode(vsn),
            Self::Raw(text) => Some(Message::Text(text.as_str().into())),
        }
    }
}

impl Reply {
    fn encode(&self, vsn: Vsn) -> Option<Message> {
        let (join_ref, reference) = (self.join_ref.as_deref(), self.reference.as_deref());
        match (&self.response, vsn) {
            (Body::Json(response), _) => {
                let payload = Object::new()
                    .text("status", self.status.name())
                    .raw("response", response)
                    .end();
                Some(text(vsn, join_ref, reference, &self.topic, "phx_reply", &payload))
            }
            (Body::Binary(data), Vsn::V2) => {
                let strings = [
                    join_ref.unwrap_or_default(),
                    reference.unwrap_or_default(),
                    &self.topic,
                    self.status.name(),
                ];
                Some(binary(1, &strings, &[], data))
            }
            (Body::Binary(_) | Body::User(_), _) => None,
        }
    }
}

impl ServerPush {
    fn encode(&self, vsn: Vsn) -> Option<Message> {
        let (join_ref, reference) = (self.join_ref.as_deref(), self.reference.as_deref());
        match (&self.payload, vsn) {
            (Body::Json(payload), _) => {
                Some(text(vsn, join_ref, reference, &self.topic, &self.event, payload))
            }
            (Body::Binary(data), Vsn::V2) => {
                let strings = [join_ref.unwrap_or_default(), &self.topic, &self.event];
                Some(binary(0, &strings, &[], data))
            }
            (Body::User(user), vsn) => user.encode(vsn, &self.topic),
            (Body::Binary(_), Vsn::V1) => None,
        }
    }
}

impl Broadcast {
    fn encode(&self, vsn: Vsn) -> Option<Message> {
        match (&self.payload, vsn) {
            (Body::Json(payload), _) => {
                Some(text(vsn, None, None, &self.topic, &self.event, payload))
            }
            (Body::Binary(data), Vsn::V2) => {
                Some(binary(2, &[&self.topic, &self.event], &[], data))
            }
            (Body::User(user), vsn) => user.encode(vsn, &self.topic),
            (Body::Binary(_), Vsn::V1) => None,
        }
    }
}

impl UserBroadcast {
    fn encode(&self, vsn: Vsn, topic: &str) -> Option<Message> {
        match (vsn, self.encoding) {
            (Vsn::V2, encoding) => {
                let meta = self.meta.as_deref().unwrap_or_default();
                let encoding = u8::from(encoding == Encoding::Json);
                Some(binary(4, &[topic, &self.event, meta], &[encoding], &self.payload))
            }
            (Vsn::V1, Encoding::Json) => {
                // Inserted without validation, as by the real server.
                let payload = String::from_utf8_lossy(&self.payload);
                let payload = user_payload(&self.event, &payload, self.meta.as_deref());
                Some(text(vsn, None, None, topic, "broadcast", &payload))
            }
            (Vsn::V1, Encoding::Raw) => None,
        }
    }
}

/// The payload of the event `broadcast` with this inner payload, which is JSON text.
pub(crate) fn user_payload(event: &str, payload: &str, meta: Option<&str>) -> String {
    let object =
        Object::new().text("type", "broadcast").text("event", event).raw("payload", payload);
    match meta {
        Some(meta) => object.raw("meta", meta).end(),
        None => object.end(),
    }
}

fn text(
    vsn: Vsn,
    join_ref: Option<&str>,
    reference: Option<&str>,
    topic: &str,
    event: &str,
    payload: &str,
) -> Message {
    let nullable = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quote);
    let text = match vsn {
        Vsn::V1 => Object::new()
            .text("topic", topic)
            .text("event", event)
            .raw("payload", payload)
            .raw("ref", &nullable(reference))
            .end(),
        Vsn::V2 => format!(
            "[{},{},{},{},{payload}]",
            nullable(join_ref),
            nullable(reference),
            quote(topic),
            quote(event)
        ),
    };
    Message::Text(text.into())
}

/// A binary frame. Strings are truncated to 255 bytes, the most that the format allows.
fn binary(kind: u8, strings: &[&str], after_lengths: &[u8], data: &Bytes) -> Message {
    let strings: Vec<&[u8]> = strings.iter().map(|s| &s.as_bytes()[..s.len().min(255)]).collect();
    let mut bytes = vec![kind];
    bytes.extend(strings.iter().map(|s| u8::try_from(s.len()).unwrap_or(u8::MAX)));
    bytes.extend(after_lengths);
    strings.iter().for_each(|s| bytes.extend(*s));
    bytes.extend(data);
    Message::Binary(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(encoding: Encoding) -> Outgoing {
        let payload = Bytes::from_static(b"{\"x\":3}");
        let user = UserBroadcast { event: "pos".into(), encoding, payload, meta: None };
        Outgoing::Broadcast(Arc::new(Broadcast {
            topic: "realtime:r".into(),
            event: "broadcast".into(),
            payload: Body::User(user),
        }))
    }

    #[test]
    fn user_broadcast_is_binary_in_v2_and_json_or_dropped_in_v1() {
        let Some(Message::Binary(bytes)) = user(Encoding::Json).encode(Vsn::V2) else {
            panic!("a binary frame")
        };
        assert_eq!(&bytes[..], b"\x04\x0a\x03\x00\x01realtime:rpos{\"x\":3}");
        let Some(Message::Text(text)) = user(Encoding::Json).encode(Vsn::V1) else {
            panic!("a text frame")
        };
        assert!(text.contains(r#""payload":{"type":"broadcast","event":"pos","payload":{"x":3}}"#));
        assert!(user(Encoding::Raw).encode(Vsn::V1).is_none());
    }

    #[test]
    fn v1_frames_have_no_join_ref() {
        let push = Outgoing::Push(ServerPush {
            join_ref: Some("1".into()),
            reference: None,
            topic: "t".into(),
            event: "e".into(),
            payload: Body::json("{}"),
        });
        let text = |vsn| match push.encode(vsn) {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(text(Vsn::V1), r#"{"topic":"t","event":"e","payload":{},"ref":null}"#);
        assert_eq!(text(Vsn::V2), r#"["1",null,"t","e",{}]"#);
    }
}
