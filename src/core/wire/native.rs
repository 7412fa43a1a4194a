//! The native protocol: JSON objects with a `type`, base and extensions.
//!
//! On a base server every frame with a `channel` is a message of that channel, whatever its
//! type. An extension's frames mean something only on a connection that agreed to it, so a
//! server without it can relay frames of the same shape unharmed.

use super::{Accepted, Features, Incoming, Outgoing};
use crate::core::error::{Code, Refusal};
use crate::core::io::{Body, Delivery, Frame};
use crate::core::payload::Payload;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;

/// The channel of a message that names none.
const DEFAULT_CHANNEL: &str = "default";

/// The extensions this client understands, as the `auth` frame offers them.
pub const OFFERED: [&str; 5] = ["subscribe", "envelope", "ack", "reauth", "ephemeral"];

/// Types that a message spread over a base frame must not take.
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

/// Understands a frame. Everything of it is the server's word: nothing is assumed.
pub fn decode<P: Payload>(frame: &P, features: Features) -> Incoming<P> {
    if !frame.is_object() {
        return Incoming::Unknown;
    }
    let kind = text(frame, "type").unwrap_or_default();
    let channel = text(frame, "channel");
    match (kind.as_str(), channel) {
        ("auth_success", None) => Incoming::Accepted(accepted(frame)),
        ("error", None) => Incoming::Refused(refusal(frame)),
        ("ping", None) => Incoming::Ping,
        ("pong", None) => Incoming::Pong,
        ("channel_message", None) => message(frame, DEFAULT_CHANNEL.to_owned(), &kind, features),
        (_, None) => Incoming::Unknown,
        (_, Some(channel)) => match control(frame, &kind, &channel, features) {
            Some(incoming) => incoming,
            None => message(frame, channel, &kind, features),
        },
    }
}

/// An extension's frame about a channel, if the connection agreed to the extension.
fn control<P: Payload>(
    frame: &P,
    kind: &str,
    channel: &str,
    features: Features,
) -> Option<Incoming<P>> {
    let channel = channel.to_owned();
    match kind {
        "subscribed" if features.subscribe => {
            Some(match number(frame, "ref").and_then(reference) {
                Some(reference) => Incoming::Joined { channel, reference },
                None => Incoming::Unknown,
            })
        }
        "error" if features.subscribe => Some(match number(frame, "ref").and_then(reference) {
            Some(reference) => {
                Incoming::JoinRefused { channel, reference, refusal: refusal(frame) }
            }
            None => Incoming::ChannelError { channel, refusal: refusal(frame) },
        }),
        "unsubscribed" if features.subscribe => {
            Some(match (frame.field("code"), number(frame, "ref").and_then(reference)) {
                (Some(_), Some(reference)) => {
                    Incoming::Ended { channel, reference, refusal: refusal(frame) }
                }
                _ => Incoming::Left { channel },
            })
        }
        "ack" if features.ack => Some(match text(frame, "id") {
            None => Incoming::Unknown,
            Some(id) if text(frame, "status").as_deref() == Some("ok") => Incoming::Acked {
                channel,
                id,
                seq: number(frame, "seq"),
                payload: frame.field("payload"),
            },
            Some(id) => Incoming::Nacked { channel, id, refusal: refusal(frame) },
        }),
        "ephemeral" if features.ephemeral => Some(Incoming::Message {
            channel,
            delivery: Delivery {
                payload: frame.field("payload").unwrap_or_else(P::null),
                event: frame.field("event").filter(P::is_text),
                id: None,
                own: false,
            },
        }),
        _ => None,
    }
}

fn message<P: Payload>(frame: &P, channel: String, kind: &str, features: Features) -> Incoming<P> {
    let event = frame.field("event").filter(P::is_text);
    let delivery = if features.envelope && kind == "channel_message" {
        Delivery {
            payload: frame.field("payload").unwrap_or_else(P::null),
            event,
            id: frame.field("id").filter(P::is_text),
            own: false,
        }
    } else {
        // A base message is the frame itself; its own type is the only event it may have.
        let own_type = || frame.field("type").filter(|_| kind != "channel_message");
        Delivery {
            payload: frame.clone(),
            event: event.or_else(own_type).filter(P::is_text),
            id: None,
            own: false,
        }
    };
    Incoming::Message { channel, delivery }
}

fn accepted<P: Payload>(frame: &P) -> Accepted {
    let named = frame.field("features").and_then(|list| list.items()).unwrap_or_default();
    let has = |name: &str| named.iter().any(|item| item.as_text().as_deref() == Some(name));
    let envelope = has("envelope");
    let whole = |key| number(frame, key).and_then(milliseconds);
    Accepted {
        features: Features {
            subscribe: has("subscribe"),
            envelope,
            // `ack` needs `envelope`: without it there is no id to answer.
            ack: envelope && has("ack"),
            reauth: has("reauth"),
            ephemeral: has("ephemeral"),
        },
        heartbeat_ms: whole("heartbeatMs").filter(|ms| *ms > 0),
        expires_in_ms: whole("expiresInMs"),
        max_frame_bytes: whole("maxFrameBytes").filter(|bytes| *bytes > 0),
        ack_memory_ms: whole("ackMemoryMs"),
        user: text(frame, "user"),
    }
}

fn refusal<P: Payload>(frame: &P) -> Refusal {
    Refusal {
        code: text(frame, "code"),
        message: text(frame, "message").unwrap_or_default(),
        retryable: frame.field("retryable").and_then(|value| value.as_bool()),
        retry_after_ms: number(frame, "retryAfterMs").and_then(milliseconds),
    }
}

/// Says something in this protocol.
///
/// # Errors
/// `invalid_message` if a base frame cannot carry the message.
pub fn encode<P: Payload>(outgoing: Outgoing<'_, P>, features: Features) -> Result<Frame<P>, Code> {
    let kind = |name| ("type", P::text(name));
    let control = |fields| Frame { head: P::object(fields), body: Body::Empty };
    Ok(match outgoing {
        Outgoing::Ping => control(vec![kind("ping")]),
        Outgoing::Pong => control(vec![kind("pong")]),
        Outgoing::Auth { token, client } => control(vec![
            kind("auth"),
            ("token", token.map_or_else(P::null, |token| P::text(token.reveal()))),
            ("client", P::text(client)),
            ("features", P::array(OFFERED.iter().map(|name| P::text(name)).collect())),
        ]),
        Outgoing::Join { channel, reference, params } => {
            let mut fields = vec![
                kind("subscribe"),
                ("channel", P::text(channel)),
                ("ref", P::number(f64::from(reference))),
            ];
            fields.extend(params.map(|params| ("options", params)));
            control(fields)
        }
        Outgoing::Leave { channel, reference } => control(vec![
            kind("unsubscribe"),
            ("channel", P::text(channel)),
            ("ref", P::number(f64::from(reference))),
        ]),
        Outgoing::Message { channel, id, event, payload, ack } => {
            let mut fields = vec![kind("channel_message"), ("channel", P::text(channel))];
            if features.envelope {
                fields.push(("id", P::text(id)));
            }
            fields.extend(event.map(|event| ("event", P::text(event))));
            if ack {
                fields.push(("ack", P::boolean(true)));
            }
            let body =
                if features.envelope { Body::Payload(payload) } else { spread(&payload, channel)? };
            Frame { head: P::object(fields), body }
        }
        Outgoing::Ephemeral { channel, event, payload } => {
            let mut fields = vec![kind("ephemeral"), ("channel", P::text(channel))];
            fields.extend(event.map(|event| ("event", P::text(event))));
            Frame { head: P::object(fields), body: Body::Payload(payload) }
        }
    })
}

/// A base server gets the message's own members over the envelope's, last.
fn spread<P: Payload>(payload: &P, channel: &str) -> Result<Body<P>, Code> {
    let payload = payload.unsent();
    let control = text(&payload, "type").is_some_and(|kind| CONTROL_TYPES.contains(&&*kind));
    let elsewhere =
        payload.field("channel").is_some_and(|own| own.as_text().as_deref() != Some(channel));
    if !payload.is_object() || control || elsewhere {
        return Err(Code::InvalidMessage);
    }
    Ok(Body::Spread(payload))
}

fn text<P: Payload>(frame: &P, key: &'static str) -> Option<String> {
    frame.field(key)?.as_text()
}

fn number<P: Payload>(frame: &P, key: &'static str) -> Option<f64> {
    frame.field(key)?.as_number()
}

/// A duration or size as the server gave it; nonsense (negative, fractional, endless) is none.
fn milliseconds(value: f64) -> Option<u64> {
    const MAX: f64 = 9_007_199_254_740_991.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    (0.0..=MAX).contains(&value).then_some(value as u64)
}

fn reference(value: f64) -> Option<u32> {
    milliseconds(value).and_then(|whole| u32::try_from(whole).ok())
}
