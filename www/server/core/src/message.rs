//! One message of a channel, and the forms in which connections receive it.

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::rejection::Rejection;

/// Bytes reserved for the envelope around a payload, so that a message received within the frame
/// limit can also be sent within it.
const ENVELOPE_BYTES: usize = 256;

/// An accepted message, as it is logged.
#[derive(Debug)]
pub struct Message {
    /// Its number in the log, from 1.
    pub seq: u64,
    /// Unique in its channel.
    pub id: String,
    /// The event's name.
    pub event: Option<String>,
    /// Any JSON.
    pub payload: Box<RawValue>,
    /// The sender's user, if known.
    pub user: Option<String>,
    /// When it was accepted, in ms since 1970.
    pub at: u64,
}

/// The form of a connection's messages, which depends on its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    envelope: bool,
    seq: bool,
}

impl Shape {
    pub(crate) fn of(features: Features) -> Self {
        Self { envelope: features.has(Feature::Envelope), seq: features.has(Feature::Seq) }
    }

    const fn index(self) -> usize {
        (self.envelope as usize) * 2 + self.seq as usize
    }
}

impl Message {
    /// This message as a frame of this shape.
    pub(crate) fn frame(&self, channel: &str, epoch: &str, shape: Shape) -> Frame {
        let mut object = Object::frame("channel_message").text("channel", channel);
        if shape.envelope {
            object = object.text("id", &self.id);
            object = if shape.seq { self.position(object, epoch) } else { object };
            object =
                object.text_if("event", self.event.as_deref()).raw("payload", self.payload.get());
            return Frame::new("channel_message", object.end());
        }
        object = object.text_if("event", self.event.as_deref());
        object = self.merge_payload(object, channel);
        if shape.seq {
            // Last, so that members of the payload cannot override them: clients order by them.
            object = self.position(object.text("id", &self.id), epoch);
        }
        Frame::new("channel_message", object.end())
    }

    /// Its approximate size in a log, in bytes.
    pub fn bytes(&self) -> usize {
        let texts = [self.id.as_str(), self.payload.get()];
        let names = [&self.event, &self.user].into_iter().flatten().map(String::len);
        size_of::<Self>() + texts.iter().map(|text| text.len()).chain(names).sum::<usize>()
    }

    fn position(&self, object: Object, epoch: &str) -> Object {
        object.number("seq", self.seq).text("epoch", epoch)
    }

    /// Merges an object's members into the frame; adds any other payload, and an object whose own
    /// `channel` is another one, as the member `payload`.
    fn merge_payload(&self, mut object: Object, channel: &str) -> Object {
        let whole = self.payload.get();
        let Ok(fields) = Fields::parse(whole) else {
            return object.raw("payload", whole);
        };
        if fields.get("channel").is_some()
            && fields.text("channel").ok().flatten().as_deref() != Some(channel)
        {
            return object.raw("payload", whole);
        }
        for (name, value) in fields.iter().filter(|(name, _)| *name != "channel") {
            object = object.raw(name, value.get());
        }
        object
    }
}

/// Rejects a message that does not fit into a frame.
pub(crate) fn check_size(
    channel: &str,
    id: &str,
    event: Option<&str>,
    payload: &RawValue,
    max: usize,
) -> Result<(), Rejection> {
    let event = event.unwrap_or_default();
    let bytes = channel.len() + id.len() + event.len() + payload.get().len();
    if bytes + ENVELOPE_BYTES > max {
        return Err(Rejection::invalid("the message is too large for one frame"));
    }
    Ok(())
}

/// The payload of a message without an envelope: all members but `channel` and the frame's type.
pub(crate) fn gather(fields: &Fields<'_>) -> Result<Box<RawValue>, Rejection> {
    let mut object = Object::new();
    for (name, value) in fields.iter() {
        let envelope = match name {
            "channel" => true,
            "type" => value.get() == "\"channel_message\"",
            _ => false,
        };
        if !envelope {
            object = object.raw(name, value.get());
        }
    }
    RawValue::from_string(object.end()).map_err(|_| Rejection::invalid("the message is not JSON"))
}

/// A message being broadcast: each form is serialized once, however many receive it.
pub(crate) struct Rendering<'a> {
    channel: &'a str,
    epoch: &'a str,
    message: Arc<Message>,
    forms: [OnceCell<Arc<Frame>>; 4],
}

impl<'a> Rendering<'a> {
    /// `verbatim` is the received text of a message without an envelope; base connections receive
    /// it unchanged.
    pub(crate) fn new(
        channel: &'a str,
        epoch: &'a str,
        message: Arc<Message>,
        verbatim: Option<Arc<str>>,
    ) -> Self {
        let forms: [OnceCell<Arc<Frame>>; 4] = Default::default();
        if let Some(text) = verbatim {
            let _ = forms[0].set(Arc::new(Frame::new("channel_message", text)));
        }
        Self { channel, epoch, message, forms }
    }

    pub(crate) fn frame(&self, shape: Shape) -> Arc<Frame> {
        let form = &self.forms[shape.index()];
        Arc::clone(
            form.get_or_init(|| Arc::new(self.message.frame(self.channel, self.epoch, shape))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(event: Option<&str>, payload: &str) -> Message {
        Message {
            seq: 7,
            id: "i".into(),
            event: event.map(Into::into),
            payload: RawValue::from_string(payload.into()).expect("JSON"),
            user: None,
            at: 0,
        }
    }

    fn text(message: &Message, features: &[&str]) -> String {
        let shape = Shape::of(Features::from_names(features.iter().copied()));
        message.frame("c", "e", shape).text.to_string()
    }

    #[test]
    fn enveloped_payload_is_a_separate_member() {
        assert_eq!(
            text(&message(Some("n"), r#"{"id":1}"#), &["subscribe", "seq", "envelope"]),
            r#"{"type":"channel_message","channel":"c","id":"i","seq":7,"epoch":"e","event":"n","payload":{"id":1}}"#
        );
    }

    #[test]
    fn object_payload_is_merged_and_others_are_wrapped() {
        assert_eq!(
            text(&message(None, r#"{"a":1,"type":"mine"}"#), &[]),
            r#"{"type":"channel_message","channel":"c","a":1,"type":"mine"}"#
        );
        assert_eq!(
            text(&message(None, "[1]"), &[]),
            r#"{"type":"channel_message","channel":"c","payload":[1]}"#
        );
    }

    #[test]
    fn payload_with_another_channel_is_not_merged() {
        assert_eq!(
            text(&message(None, r#"{"channel":"other"}"#), &[]),
            r#"{"type":"channel_message","channel":"c","payload":{"channel":"other"}}"#
        );
    }

    #[test]
    fn gathered_payload_omits_the_envelope_and_keeps_its_own_type() {
        let gathered =
            |text| gather(&Fields::parse(text).expect("an object")).expect("JSON").get().to_owned();
        assert_eq!(gathered(r#"{"type":"channel_message","channel":"c","x":1}"#), r#"{"x":1}"#);
        assert_eq!(gathered(r#"{"type":"mine","channel":"c"}"#), r#"{"type":"mine"}"#);
    }
}
