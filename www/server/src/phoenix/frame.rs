//! Frames that clients send.

use std::sync::Arc;

use axum::body::Bytes;
use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::{Fields, Object};
use tidewire_server_core::nesting;

use crate::phoenix::vsn::Vsn;

/// The longest topic and event, in bytes.
pub(crate) const MAX_NAME: usize = 256;

/// The longest ref, in bytes.
const MAX_REF: usize = 128;

/// The name of the payload in a rejection.
const PAYLOAD: &str = "the payload";

/// A client's frame.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) join_ref: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) topic: String,
    pub(crate) event: String,
    pub(crate) body: Body,
}

/// The payload of a frame. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// JSON text, exactly as it was received.
    Json(Arc<str>),
    Binary(Bytes),
    /// A user's broadcast in a binary frame (kinds 3 and 4).
    User(UserBroadcast),
}

/// The contents of a binary user broadcast.
#[derive(Debug, Clone)]
pub(crate) struct UserBroadcast {
    pub(crate) event: Arc<str>,
    pub(crate) encoding: Encoding,
    pub(crate) payload: Bytes,
    /// A JSON object, from the server only.
    pub(crate) meta: Option<Arc<str>>,
}

/// The encoding of a user broadcast's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Raw,
    Json,
}

/// The error of a frame that cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MalformedFrame;

impl Body {
    /// JSON text as a body.
    pub(crate) fn json(text: impl Into<Arc<str>>) -> Self {
        Self::Json(text.into())
    }

    /// A rejection as the response of a reply.
    pub(crate) fn rejection(rejection: &Rejection) -> Self {
        Self::json(
            Object::new().text("code", rejection.code).text("reason", &rejection.message).end(),
        )
    }

    /// The JSON text, if the payload is JSON.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Json(text) => Some(text),
            Self::Binary(_) | Self::User(_) => None,
        }
    }

    /// The size of the payload, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
            Self::User(user) => user.payload.len(),
        }
    }

    /// Rejects JSON that is nested too deeply.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        match self {
            Self::Json(text) => nesting::check(PAYLOAD, text),
            Self::User(UserBroadcast { encoding: Encoding::Json, payload, .. }) => {
                nesting::check(PAYLOAD, &String::from_utf8_lossy(payload))
            }
            Self::Binary(_) | Self::User(_) => Ok(()),
        }
    }
}

impl Push {
    /// Rejects names and values that exceed the server's limits.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let names = [("`topic`", &self.topic), ("`event`", &self.event)];
        for (what, name) in names {
            if name.len() > MAX_NAME {
                return Err(Rejection::invalid(format!("{what} has at most {MAX_NAME} bytes")));
            }
        }
        for reference in [&self.reference, &self.join_ref].into_iter().flatten() {
            if reference.len() > MAX_REF {
                return Err(Rejection::invalid(format!("a ref has at most {MAX_REF} bytes")));
            }
        }
        self.body.check()
    }

    /// Parses a text frame.
    pub(crate) fn text(text: &str, vsn: Vsn) -> Result<Self, MalformedFrame> {
        match vsn {
            Vsn::V1 => Self::object(text).ok_or(MalformedFrame),
            Vsn::V2 => Self::array(text),
        }
    }

    fn object(text: &str) -> Option<Self> {
        let fields = Fields::parse(text).ok()?;
        fields.get("ref")?;
        Some(Self {
            join_ref: fields.text("join_ref").ok()?,
            reference: fields.text("ref").ok()?,
            topic: fields.text("topic").ok()??,
            event: fields.text("event").ok()??,
            body: Body::json(fields.get("payload")?.get()),
        })
    }

    fn array(text: &str) -> Result<Self, MalformedFrame> {
        type Parts<'a> = (Option<String>, Option<String>, String, String, &'a RawValue);
        let (join_ref, reference, topic, event, payload): Parts<'_> =
            serde_json::from_str(text).map_err(|_| MalformedFrame)?;
        Ok(Self { join_ref, reference, topic, event, body: Body::json(payload.get()) })
    }

    /// Parses a binary frame: a push or, with `user_broadcasts`, kind 3.
    pub(crate) fn binary(
        bytes: &Bytes,
        vsn: Vsn,
        user_broadcasts: bool,
    ) -> Result<Self, MalformedFrame> {
        match (vsn, bytes.first()) {
            (Vsn::V2, Some(0)) => Self::plain(bytes).ok_or(MalformedFrame),
            (Vsn::V2, Some(3)) if user_broadcasts => Self::user(bytes).ok_or(MalformedFrame),
            _ => Err(MalformedFrame),
        }
    }

    fn plain(bytes: &Bytes) -> Option<Self> {
        let [join_ref, reference, topic, event] = *bytes.get(1..5)? else { return None };
        let mut strings = Strings { bytes, at: 5 };
        Some(Self {
            // An empty ref is not null here, so that it matches no join.
            join_ref: Some(strings.take(join_ref)?),
            reference: Some(strings.take(reference)?),
            topic: strings.take(topic)?,
            event: strings.take(event)?,
            body: Body::Binary(strings.rest()),
        })
    }

    fn user(bytes: &Bytes) -> Option<Self> {
        let [join_ref, reference, topic, event, meta, encoding] = *bytes.get(1..7)? else {
            return None;
        };
        let mut strings = Strings { bytes, at: 7 };
        let join_ref = strings.take(join_ref)?;
        let reference = strings.take(reference)?;
        let topic = strings.take(topic)?;
        let event = strings.take(event)?.into();
        // A client's metadata about its own message is ignored.
        strings.take(meta)?;
        let encoding = if encoding == 0 { Encoding::Raw } else { Encoding::Json };
        let payload = strings.rest();
        Some(Self {
            join_ref: Some(join_ref).filter(|text| !text.is_empty()),
            reference: Some(reference).filter(|text| !text.is_empty()),
            topic,
            event: "broadcast".into(),
            body: Body::User(UserBroadcast { event, encoding, payload, meta: None }),
        })
    }
}

/// The strings that follow a binary frame's header, without separators.
struct Strings<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl Strings<'_> {
    fn take(&mut self, length: u8) -> Option<String> {
        let end = self.at + usize::from(length);
        let text = std::str::from_utf8(self.bytes.get(self.at..end)?).ok()?.to_owned();
        self.at = end;
        Some(text)
    }

    fn rest(&self) -> Bytes {
        self.bytes.slice(self.at..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v1_and_v2_frames_parse_to_the_same_push() {
        let one = r#"{"topic":"t","event":"e","payload":{"n":1.50},"ref":"2","join_ref":"1"}"#;
        let two = r#"["1","2","t","e",{"n":1.50}]"#;
        for (text, vsn) in [(one, Vsn::V1), (two, Vsn::V2)] {
            let push = Push::text(text, vsn).expect("a frame");
            assert_eq!(
                (push.join_ref.as_deref(), push.reference.as_deref()),
                (Some("1"), Some("2"))
            );
            assert_eq!((push.topic.as_str(), push.event.as_str()), ("t", "e"));
            assert_eq!(push.body.text(), Some(r#"{"n":1.50}"#));
        }
    }

    #[test]
    fn v1_frame_requires_all_four_members() {
        assert!(
            Push::text(r#"{"topic":"t","event":"e","payload":{},"ref":null}"#, Vsn::V1).is_ok()
        );
        for text in [r#"{"topic":"t","event":"e","payload":{}}"#, "[1,2]", "not json"] {
            assert_eq!(Push::text(text, Vsn::V1).err(), Some(MalformedFrame), "{text}");
        }
    }

    #[test]
    fn truncated_binary_frame_is_malformed() {
        let whole = Bytes::from_static(b"\x03\x01\x01\x01\x01\x00\x01jrte{}");
        let push = Push::binary(&whole, Vsn::V2, true).expect("a frame");
        assert!(
            matches!(push.body, Body::User(user) if &*user.event == "e" && user.payload == "{}")
        );
        assert!(Push::binary(&whole, Vsn::V2, false).is_err());
        for end in 0..11 {
            assert!(Push::binary(&whole.slice(..end), Vsn::V2, true).is_err(), "{end}");
        }
    }
}
