//! The native protocol: JSON objects with a `type`, of the base protocol and its extensions.
//!
//! On a base server every frame with a `channel` is a message of that channel, whatever its type.
//! The frames of an extension are recognised only on a connection that negotiated it, so that a
//! server without it can relay frames of the same shape.

use crate::core::auth_success::{AuthSuccess, Features};
use crate::core::error::{Code, Rejection};
use crate::core::message::{Completeness, JoinReply, Message, StreamPosition};
use crate::core::output::{Body, Frame};
use crate::core::payload::Payload;
use crate::core::presence::Request;
use crate::core::protocol::frames::{Incoming, Outgoing};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The channel of a message without a channel.
pub const DEFAULT_CHANNEL: &str = "default";

/// The type of a message of a channel, unless the message has its own type.
pub const CHANNEL_MESSAGE: &str = "channel_message";

/// The extensions that this client supports, as listed in the `auth` frame.
pub const OFFERED: [&str; 8] =
    ["subscribe", "seq", "envelope", "ack", "presence", "ephemeral", "reauth", "batch"];
/// The extension that is also listed if the driver can decompress messages.
pub const INFLATES: &str = "deflate";
/// The approximate size of a frame without its payload, in bytes.
pub const ENVELOPE_BYTES: usize = 256;

/// The types that a message merged into a base frame must not have.
const CONTROL_TYPES: [&str; 19] = [
    "auth",
    "auth_success",
    "error",
    "ping",
    "pong",
    "subscribe",
    "subscribed",
    "unsubscribe",
    "unsubscribed",
    "recover",
    "recovered",
    "ack",
    "presence",
    "presence_ok",
    "presence_state",
    "presence_diff",
    "ephemeral",
    "batch",
    "deflate",
];

/// Decodes a frame, whose content may be any JSON.
pub fn decode<P: Payload>(frame: &P, features: Features) -> Incoming<P> {
    if !frame.is_object() {
        return Incoming::Unknown;
    }
    let kind = text(frame, "type").unwrap_or_default();
    let channel = text(frame, "channel");
    match (kind.as_str(), channel) {
        ("auth_success", None) => Incoming::AuthSuccess(auth_success(frame)),
        ("error", None) => Incoming::ServerError(rejection(frame)),
        ("ping", None) => Incoming::Ping,
        ("pong", None) => Incoming::Pong { heads: heads(frame, features) },
        (CHANNEL_MESSAGE, None) => message(frame, DEFAULT_CHANNEL.to_owned(), &kind, features),
        (_, None) => Incoming::Unknown,
        (_, Some(channel)) => match control(frame, &kind, &channel, features) {
            Some(incoming) => incoming,
            None => message(frame, channel, &kind, features),
        },
    }
}

/// Decodes a frame of an extension about a channel; `None` if the extension was not negotiated.
fn control<P: Payload>(
    frame: &P,
    kind: &str,
    channel: &str,
    features: Features,
) -> Option<Incoming<P>> {
    let negotiated = match kind {
        "subscribed" | "unsubscribed" | "error" => features.subscribe,
        "recovered" => features.seq,
        "ack" => features.ack,
        "ephemeral" => features.ephemeral,
        "presence_ok" | "presence_state" | "presence_diff" => features.presence,
        _ => false,
    };
    if !negotiated {
        return None;
    }
    let channel = channel.to_owned();
    let reference = whole(frame, "ref").and_then(|whole| u32::try_from(whole).ok());
    let part = |key| frame.field(key).unwrap_or_else(P::null);
    Some(match (kind, reference) {
        ("subscribed", Some(reference)) => Incoming::Joined {
            channel,
            reference,
            start: if features.seq { start(frame) } else { None },
            awaits_live: false,
            reply: None,
        },
        ("error", Some(reference)) => {
            Incoming::ReferenceRejected { channel, reference, rejection: rejection(frame) }
        }
        ("error", None) => Incoming::ChannelError { channel, rejection: rejection(frame) },
        ("unsubscribed", Some(reference)) if frame.field("code").is_some() => {
            Incoming::Ended { channel, reference, rejection: rejection(frame) }
        }
        ("unsubscribed", _) => Incoming::Left { channel },
        ("recovered", Some(reference)) => {
            let complete = frame.field("complete").and_then(|value| value.as_bool());
            let completeness = match complete {
                Some(true) => Completeness::Complete,
                _ => Completeness::Partial,
            };
            Incoming::Recovered { channel, reference, completeness }
        }
        ("ack", _) => match text(frame, "id") {
            None => Incoming::Unknown,
            Some(id) if text(frame, "status").as_deref() == Some("ok") => {
                let (seq, payload) = (whole(frame, "seq"), frame.field("payload"));
                Incoming::Acked { channel, id, seq, payload }
            }
            Some(id) => Incoming::Nacked { channel, id, rejection: rejection(frame) },
        },
        ("ephemeral", _) => Incoming::Ephemeral {
            channel,
            delivery: Box::new(Message::plain(
                frame.field("event").filter(P::is_string),
                part("payload"),
            )),
        },
        ("presence_ok", Some(reference)) => {
            Incoming::PresenceNoted { reference, presence: frame.field("presence") }
        }
        ("presence_state", _) => Incoming::PresenceState { channel, state: part("state") },
        ("presence_diff", _) => {
            Incoming::PresenceDiff { channel, joins: part("joins"), leaves: part("leaves") }
        }
        _ => Incoming::Unknown,
    })
}

fn position<P: Payload>(frame: &P) -> Option<StreamPosition> {
    Some(StreamPosition { epoch: text(frame, "epoch")?.into(), seq: whole(frame, "seq")? })
}

fn start<P: Payload>(frame: &P) -> Option<JoinReply> {
    let position = position(frame)?;
    let head = whole(frame, "head").unwrap_or(position.seq);
    let recovered = frame.field("recovered").and_then(|value| value.as_bool());
    Some(JoinReply { head, recovered: recovered == Some(true), position })
}

fn heads<P: Payload>(frame: &P, features: Features) -> Vec<(String, StreamPosition)> {
    let Some(heads) = frame.field("heads").filter(|_| features.seq) else { return Vec::new() };
    let head = |name: String| Some((heads.member(&name).as_ref().and_then(position)?, name));
    heads.keys().into_iter().filter_map(head).map(|(position, name)| (name, position)).collect()
}

fn message<P: Payload>(frame: &P, channel: String, kind: &str, features: Features) -> Incoming<P> {
    let event = frame.field("event").filter(P::is_string);
    let delivery = if features.envelope && kind == CHANNEL_MESSAGE {
        Message {
            id: frame.field("id").filter(P::is_string),
            position: if features.seq { position(frame) } else { None },
            ..Message::plain(event, frame.field("payload").unwrap_or_else(P::null))
        }
    } else {
        // A base message is the frame itself; its own type is the only event it may have.
        let own_type = || frame.field("type").filter(|_| kind != CHANNEL_MESSAGE);
        Message::plain(event.or_else(own_type).filter(P::is_string), frame.clone())
    };
    Incoming::Message { channel, delivery: Box::new(delivery) }
}

fn auth_success<P: Payload>(frame: &P) -> AuthSuccess {
    let names = frame.field("features").and_then(|list| list.items()).unwrap_or_default();
    let has = |name: &str| names.iter().any(|item| item.as_text().as_deref() == Some(name));
    let envelope = has("envelope");
    let subscribe = has("subscribe");
    AuthSuccess {
        features: Features {
            subscribe,
            envelope,
            // `ack` needs `envelope`: without it there is no id to answer.
            ack: envelope && has("ack"),
            reauth: has("reauth"),
            ephemeral: has("ephemeral"),
            // Positions and presence belong to a membership, and ids to the envelope.
            seq: subscribe && envelope && has("seq"),
            presence: subscribe && has("presence"),
            batch: has("batch"),
            deflate: has(INFLATES),
        },
        heartbeat_ms: number(frame, "heartbeatMs").filter(|ms| *ms > 0),
        expires_in_ms: number(frame, "expiresInMs"),
        max_frame_bytes: number(frame, "maxFrameBytes").filter(|bytes| *bytes > 0),
        ack_memory_ms: number(frame, "ackMemoryMs"),
        user: text(frame, "user"),
        connection: text(frame, "connectionId"),
    }
}

fn rejection<P: Payload>(frame: &P) -> Rejection {
    Rejection {
        code: text(frame, "code"),
        message: text(frame, "message").unwrap_or_default(),
        retryable: frame.field("retryable").and_then(|value| value.as_bool()),
        retry_after_ms: number(frame, "retryAfterMs"),
    }
}

/// Encodes a frame of this protocol.
///
/// # Errors
/// `invalid_message` if the message cannot be merged into a base frame, or is bytes; `unsupported`
/// for a token.
pub fn encode<P: Payload>(outgoing: Outgoing<'_, P>, features: Features) -> Result<Frame<P>, Code> {
    let kind = |name| ("type", P::text(name));
    let control =
        |fields| Frame { head: P::object(fields), body: Body::Empty, bytes: ENVELOPE_BYTES };
    let number = |whole: u64| P::number(whole as f64);
    Ok(match outgoing {
        Outgoing::Ping => control(vec![kind("ping")]),
        Outgoing::Pong => control(vec![kind("pong")]),
        Outgoing::Auth { token, client, inflates } => {
            let offered = OFFERED.iter().chain(inflates.then_some(&INFLATES));
            control(vec![
                kind("auth"),
                ("token", token.map_or_else(P::null, |token| P::text(token.reveal()))),
                ("client", P::text(client)),
                ("features", P::array(offered.map(|name| P::text(name)).collect())),
            ])
        }
        Outgoing::Join { channel, reference, params, since } => {
            let mut fields = request("subscribe", channel, reference);
            fields.extend(params.map(|params| ("options", params)));
            fields.extend(since.map(|position| {
                let since =
                    vec![("epoch", P::text(&position.epoch)), ("seq", number(position.seq))];
                ("since", P::object(since))
            }));
            control(fields)
        }
        Outgoing::Recover { channel, reference, behind, to } => {
            let mut fields = request("recover", channel, reference);
            fields.push(("epoch", P::text(&behind.epoch)));
            fields.push(("from", number(behind.seq + 1)));
            fields.push(("to", number(to)));
            control(fields)
        }
        Outgoing::Presence { channel, reference, request: wanted } => {
            let mut fields = request("presence", channel, reference);
            let (action, key, meta, replaces) = match wanted {
                Request::Track { key, meta, replaces } => ("track", key, Some(meta), replaces),
                Request::Update { meta } => ("update", None, Some(meta), None),
                Request::Untrack => ("untrack", None, None, None),
            };
            fields.push(("action", P::text(action)));
            fields.extend(key.map(|key| ("key", P::text(&key))));
            fields.extend(meta.map(|meta| ("meta", meta)));
            fields.extend(replaces.map(|presence| ("replaces", presence)));
            control(fields)
        }
        Outgoing::Leave { channel, reference } => {
            control(request("unsubscribe", channel, reference))
        }
        // A new token is sent in an `auth` frame.
        Outgoing::Token { .. } => return Err(Code::Unsupported),
        Outgoing::Message { payload, .. } | Outgoing::Ephemeral { payload, .. }
            if payload.is_bytes() =>
        {
            return Err(Code::InvalidMessage);
        }
        Outgoing::Message { channel, id, event, payload, bytes, ack } => {
            let mut fields = vec![kind(CHANNEL_MESSAGE), ("channel", P::text(channel))];
            if features.envelope {
                fields.extend(id.map(|id| ("id", P::text(id))));
            }
            fields.extend(event.map(|event| ("event", P::text(event))));
            if ack {
                fields.push(("ack", P::boolean(true)));
            }
            let body =
                if features.envelope { Body::Payload(payload) } else { spread(&payload, channel)? };
            Frame { head: P::object(fields), body, bytes: bytes + ENVELOPE_BYTES }
        }
        Outgoing::Ephemeral { channel, event, payload, bytes } => {
            let mut fields = vec![kind("ephemeral"), ("channel", P::text(channel))];
            fields.extend(event.map(|event| ("event", P::text(event))));
            let body = Body::Payload(payload);
            Frame { head: P::object(fields), body, bytes: bytes + ENVELOPE_BYTES }
        }
    })
}

/// The members of every request about a channel.
fn request<P: Payload>(kind: &str, channel: &str, reference: u32) -> Vec<(&'static str, P)> {
    vec![
        ("type", P::text(kind)),
        ("channel", P::text(channel)),
        ("ref", P::number(f64::from(reference))),
    ]
}

/// The body of a message to a base server: its members are merged into the envelope, after those of
/// the envelope.
fn spread<P: Payload>(payload: &P, channel: &str) -> Result<Body<P>, Code> {
    let payload = P::from_serialized(payload);
    let control = text(&payload, "type").is_some_and(|kind| CONTROL_TYPES.contains(&&*kind));
    let elsewhere =
        payload.field("channel").is_some_and(|own| own.as_text().as_deref() != Some(channel));
    if !payload.is_object() || control || elsewhere {
        return Err(Code::InvalidMessage);
    }
    Ok(Body::MergedIntoHead(payload))
}

fn text<P: Payload>(frame: &P, key: &'static str) -> Option<String> {
    frame.field(key)?.as_text()
}

/// A duration or size of the server; invalid numbers (negative, infinite) are `None`.
fn number<P: Payload>(frame: &P, key: &'static str) -> Option<u64> {
    const MAX: f64 = 9_007_199_254_740_991.0;
    let value = frame.field(key)?.as_number()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    (0.0..=MAX).contains(&value).then_some(value as u64)
}

/// A whole number; fractions are `None`.
fn whole<P: Payload>(frame: &P, key: &'static str) -> Option<u64> {
    let number = number(frame, key)?;
    #[expect(clippy::float_cmp, reason = "whole numbers of this size are exact")]
    (frame.field(key)?.as_number()? == number as f64).then_some(number)
}
