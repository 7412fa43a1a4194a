//! Decodes incoming frames, whose content may be any JSON.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::names::{CLOSE, ERROR, PRESENCE_DIFF, PRESENCE_STATE, REPLY};
use super::{Call, Dialect, Phoenix};
use crate::core::config::Serializer;
use crate::core::error::Rejection;
use crate::core::input::{BinaryFrame, BinaryHead, FrameKind};
use crate::core::message::Message;
use crate::core::payload::Payload;
use crate::core::protocol::frames::Incoming;
use crate::core::protocol::supabase::{self, BROADCAST};

/// The parts of a frame.
#[derive(Debug)]
struct Parts<P> {
    join_ref: Option<String>,
    reference: Option<String>,
    topic: String,
    event: String,
    payload: P,
    /// The `meta` of a binary frame.
    meta: Option<P>,
}

impl<P: Payload> Parts<P> {
    fn of(frame: &P) -> Option<Self> {
        let [join_ref, reference, topic, event, payload] = match frame.items() {
            Some(items) => <[P; 5]>::try_from(items).ok()?.map(Some),
            None => [
                frame.field("join_ref"),
                frame.field("ref"),
                frame.field("topic"),
                frame.field("event"),
                frame.field("payload"),
            ],
        };
        let text = |value: Option<P>| value.and_then(|value| value.as_text());
        Some(Self {
            join_ref: text(join_ref).filter(|join_ref| !join_ref.is_empty()),
            reference: text(reference),
            topic: text(topic)?,
            event: text(event)?,
            payload: payload?,
            meta: None,
        })
    }
}

impl<P: Payload> Phoenix<P> {
    /// Decodes a text frame into incoming frames, in order.
    pub fn decode(&mut self, frame: &P) -> Vec<Incoming<P>> {
        match Parts::of(frame) {
            Some(parts) => self.dispatch(parts),
            None => vec![Incoming::Unknown],
        }
    }

    /// The channel of a message that begins with these items, if it is one.
    #[must_use]
    pub fn channel_of(&self, head: &P) -> Option<String> {
        let [_, _, topic, event] = <[P; 4]>::try_from(head.items()?).ok()?;
        let topic = topic.as_text().filter(|_| event.as_text().as_deref() != Some(REPLY))?;
        match self.dialect {
            Dialect::Plain => Some(topic),
            Dialect::Supabase => topic.strip_prefix(supabase::TOPIC_PREFIX).map(String::from),
        }
    }

    /// Decodes a binary frame.
    pub fn decode_binary(&mut self, frame: BinaryFrame<P>) -> Vec<Incoming<P>> {
        let BinaryFrame { head, data, meta } = frame;
        let BinaryHead { kind, join_ref, reference, topic, event, .. } = head;
        let (event, payload) = match kind {
            FrameKind::Push | FrameKind::Broadcast => (event, data),
            FrameKind::Reply => {
                let members = vec![("status", P::text(&event)), ("response", data)];
                (String::from(REPLY), P::object(members))
            }
            FrameKind::UserBroadcast => {
                let members = vec![("event", P::text(&event)), ("payload", data)];
                (String::from(BROADCAST), P::object(members))
            }
        };
        self.dispatch(Parts { join_ref, reference, topic, event, payload, meta })
    }

    fn dispatch(&mut self, parts: Parts<P>) -> Vec<Incoming<P>> {
        let mut out = Vec::new();
        match (&*parts.event, &parts.reference) {
            // Without a reference it is a message with this event name.
            (REPLY, Some(_)) => self.reply(&parts, &mut out),
            _ => self.unsolicited(parts, &mut out),
        }
        out
    }

    /// Decodes a reply. Replies to calls that are no longer pending are ignored.
    fn reply(&mut self, parts: &Parts<P>, out: &mut Vec<Incoming<P>>) {
        let reference = parts.reference.as_ref().and_then(|reference| reference.parse().ok());
        let Some((reference, call)) =
            reference.and_then(|reference| Some((reference, self.take_call(reference)?)))
        else {
            return;
        };
        let is_ok = parts.payload.field("status").and_then(|status| status.as_text());
        let is_ok = is_ok.as_deref() == Some("ok");
        let response = parts.payload.field("response").unwrap_or_else(P::null);
        let incoming = match call {
            Call::Heartbeat => Incoming::Pong { heads: Vec::new() },
            Call::Leave { channel } => Incoming::Left { channel: (*channel).into() },
            Call::Join { channel, reference: join_reference } => {
                let latest =
                    self.membership(&channel).filter(|membership| membership.join_ref == reference);
                let Some(latest) = latest else { return };
                if is_ok {
                    let awaits_live = latest.bindings.confirmed(&response);
                    Incoming::Joined {
                        channel: (*channel).into(),
                        reference: join_reference,
                        start: None,
                        awaits_live,
                        reply: (self.dialect == Dialect::Plain).then_some(response),
                    }
                } else {
                    self.forget(&channel);
                    self.rejected(&channel, join_reference, &response)
                }
            }
            Call::Presence { reference, .. } if is_ok => {
                Incoming::PresenceNoted { reference, presence: None }
            }
            Call::Presence { channel, reference } => self.rejected(&channel, reference, &response),
            Call::Message { channel, id } if is_ok => {
                let channel = (*channel).into();
                Incoming::Acked { channel, id, seq: None, payload: Some(response) }
            }
            Call::Message { channel, id } => {
                let rejection = self.rejection(&response);
                Incoming::Nacked { channel: (*channel).into(), id, rejection }
            }
        };
        out.push(incoming);
    }

    fn rejected(&self, channel: &Rc<str>, reference: u32, response: &P) -> Incoming<P> {
        let rejection = self.rejection(response);
        Incoming::ReferenceRejected { channel: (**channel).into(), reference, rejection }
    }

    /// The rejection in a response with the status `error`: an object with a `reason`, or a string.
    fn rejection(&self, response: &P) -> Rejection {
        let reason = response.field("reason").and_then(|reason| reason.as_text());
        let Some(reason) = reason.or_else(|| response.as_text()) else {
            let message = if is_empty(response) { String::new() } else { response.json() };
            return Rejection { message, ..Rejection::default() };
        };
        match self.dialect {
            Dialect::Supabase => supabase::rejection(&reason),
            Dialect::Plain => plain_rejection(reason),
        }
    }

    /// Decodes a push of the server. Those of former joins are dropped. Control frames are
    /// recognised by the references of their kind, because an application may broadcast events of
    /// any name.
    fn unsolicited(&mut self, parts: Parts<P>, out: &mut Vec<Incoming<P>>) {
        let Parts { join_ref, reference, topic, event, payload, meta } = parts;
        let (dialect, numbers) = (self.dialect, self.numbers);
        let channel = match dialect {
            Dialect::Plain => Some(&*topic),
            Dialect::Supabase => topic.strip_prefix(supabase::TOPIC_PREFIX),
        };
        // At the end of a join `ref` is the `join_ref`; a server of 1.0.0 sends no other reference
        // to it.
        let ends = reference.is_some() && matches!(&*event, CLOSE | ERROR);
        // Whether it is a push to this client alone, and not a broadcast: frames of 1.0.0 do not
        // show that.
        let to_one = join_ref.is_some() || self.serializer == Serializer::V1;
        let named = join_ref.or(reference.filter(|_| ends));
        let Some(membership) = channel.and_then(|channel| self.membership(channel)) else { return };
        if named.is_some_and(|named| named.parse() != Ok(membership.join_ref)) {
            return;
        }
        let channel = String::from(&*membership.channel);
        match &*event {
            _ if ends => {
                let crashed = event == ERROR;
                let Some(membership) = self.forget(&channel) else { return };
                let reason = payload.field("reason").and_then(|reason| reason.as_text());
                let rejection = membership.close_rejection.unwrap_or_else(|| Rejection {
                    message: reason.unwrap_or(event),
                    // A channel that an application closes is not joined again; one of Supabase is.
                    retryable: Some(crashed || dialect == Dialect::Supabase),
                    ..Rejection::default()
                });
                let reference = membership.reference;
                out.push(Incoming::Ended { channel, reference, rejection });
            }
            PRESENCE_STATE if to_one => {
                membership.presence.state(&channel, &payload, out);
                shown(dialect, channel, PRESENCE_STATE, payload, out);
            }
            PRESENCE_DIFF => {
                membership.presence.diff(&channel, &payload, out);
                shown(dialect, channel, PRESENCE_DIFF, payload, out);
            }
            supabase::SYSTEM if dialect == Dialect::Supabase => {
                let cause = (!membership.bindings.is_empty()).then_some(&mut membership.live_cause);
                membership.close_rejection = supabase::system(channel, payload, cause, out);
            }
            supabase::POSTGRES_CHANGES if dialect == Dialect::Supabase => {
                let filters = membership.bindings.matching(&payload);
                let (delivery, change) = supabase::change(&payload, numbers);
                let delivery = Box::new(delivery);
                out.push(Incoming::Change { channel, filters, change, delivery });
            }
            BROADCAST if dialect == Dialect::Supabase => {
                // In a text frame to all members `meta` is from the sender, and not from the
                // server.
                let meta = meta.or_else(|| payload.field("meta").filter(|_| to_one));
                let delivery = Box::new(supabase::broadcast(&payload, meta.as_ref()));
                out.push(Incoming::Message { channel, delivery });
            }
            _ => {
                let delivery = Box::new(Message::plain(Some(P::text(&event)), payload));
                out.push(Incoming::Message { channel, delivery });
            }
        }
    }
}

/// Adds the presence frame as a server message, because an app on Phoenix may read it itself.
fn shown<P>(
    dialect: Dialect,
    channel: String,
    event: &'static str,
    payload: P,
    out: &mut Vec<Incoming<P>>,
) {
    if dialect == Dialect::Plain {
        out.push(Incoming::System { channel, event, payload });
    }
}

/// Whether a response is empty.
fn is_empty<P: Payload>(response: &P) -> bool {
    response.eq_json(&P::null()) || (response.is_object() && response.keys().is_empty())
}

/// The rejection for a reason of Phoenix itself or of the server's application. An unknown reason
/// is the code, and can be retried.
fn plain_rejection(reason: String) -> Rejection {
    let code = match &*reason {
        "unmatched topic" => "not_found",
        "too many channels joined" => "limit",
        _ => &reason,
    };
    let code = (!code.is_empty()).then(|| code.into());
    Rejection { code, message: reason, ..Rejection::default() }
}
