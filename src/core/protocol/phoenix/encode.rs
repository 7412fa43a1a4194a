//! Encodes outgoing frames.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::names::JOIN;
use super::{Call, Dialect, Membership, Phoenix, binary};
use crate::core::config::Serializer;
use crate::core::error::Code;
use crate::core::message::LiveCause;
use crate::core::output::{Body, Frame};
use crate::core::payload::Payload;
use crate::core::presence::Request;
use crate::core::protocol::frames::Outgoing;
use crate::core::protocol::native::ENVELOPE_BYTES;
use crate::core::protocol::phoenix::presence::PresenceTracker;
use crate::core::protocol::supabase::{self, Bindings};

/// The event of a message without an event.
const DEFAULT_EVENT: &str = "message";

/// The members of a frame before its payload.
struct Address<'a> {
    join_ref: Option<u32>,
    reference: Option<u32>,
    topic: &'a str,
    event: &'a str,
}

impl<P: Payload> Phoenix<P> {
    /// Encodes a frame of this protocol.
    ///
    /// # Errors
    /// `not_connected` for a frame that only a member may send; `unsupported` for one that the
    /// protocol does not have; `invalid_message` for a payload that cannot be encoded.
    pub fn encode(&mut self, outgoing: Outgoing<'_, P>) -> Result<Frame<P>, Code> {
        match outgoing {
            Outgoing::Ping => {
                let reference = Some(self.call(Call::Heartbeat));
                let (topic, event) = ("phoenix", "heartbeat");
                self.control(&Address { join_ref: None, reference, topic, event }, &empty())
            }
            Outgoing::Join { channel, reference, params, .. } => {
                self.join(channel, reference, params)
            }
            Outgoing::Leave { channel, .. } => {
                let joined = self.forget(channel).ok_or(Code::NotConnected)?;
                let reference = Some(self.call(Call::Leave { channel: channel.clone() }));
                let (join_ref, event) = (Some(joined.join_ref), "phx_leave");
                let topic = &self.topic(channel);
                self.control(&Address { join_ref, reference, topic, event }, &empty())
            }
            Outgoing::Message { channel, id, event, payload, bytes, ack } => {
                let id = id.filter(|_| ack);
                let call = |channel: &Rc<str>| {
                    id.map(|id| Call::Message { channel: channel.clone(), id: id.into() })
                };
                self.push(channel, call, event.unwrap_or(DEFAULT_EVENT), payload, bytes)
            }
            Outgoing::Ephemeral { channel, event, payload, bytes } => {
                self.push(channel, |_| None, event.unwrap_or(DEFAULT_EVENT), payload, bytes)
            }
            Outgoing::Presence { channel, reference, request } => {
                self.show(channel, reference, request)
            }
            Outgoing::Token { channel, token } => {
                let is_new = self.is_new;
                let membership = self.membership(channel).ok_or(Code::NotConnected)?;
                if is_new {
                    membership.live_cause = LiveCause::TokenSent;
                }
                let join_ref = Some(membership.join_ref);
                let reference = Some(self.refs.next());
                let (topic, event) = (&self.topic(channel), "access_token");
                let payload = P::object(vec![(event, P::text(token.reveal()))]);
                self.control(&Address { join_ref, reference, topic, event }, &payload)
            }
            Outgoing::Auth { .. } | Outgoing::Pong | Outgoing::Recover { .. } => {
                Err(Code::Unsupported)
            }
        }
    }

    fn join(
        &mut self,
        channel: &Rc<str>,
        reference: u32,
        params: Option<P>,
    ) -> Result<Frame<P>, Code> {
        let join_ref = self.call(Call::Join { channel: channel.clone(), reference });
        let (payload, bindings, answers) = match self.dialect {
            Dialect::Plain => (params.unwrap_or_else(empty), Bindings::default(), true),
            Dialect::Supabase => {
                let config = params.unwrap_or_else(|| supabase::config(&[]));
                let (bindings, answers) = (Bindings::requested(&config), supabase::acks(&config));
                let mut members = vec![("config", config)];
                let token = self.token.as_ref();
                members.extend(token.map(|token| ("access_token", P::text(token.reveal()))));
                (P::object(members), bindings, answers)
            }
        };
        self.forget(channel);
        self.memberships.push(Membership {
            channel: channel.clone(),
            join_ref,
            reference,
            presence: PresenceTracker::default(),
            bindings,
            answers,
            live_cause: LiveCause::Server,
            close_rejection: None,
        });
        let (topic, event) = (&self.topic(channel), JOIN);
        let refs = Some(join_ref);
        self.control(&Address { join_ref: refs, reference: refs, topic, event }, &payload)
    }

    /// Encodes a message of the app.
    fn push(
        &mut self,
        channel: &str,
        call: impl Fn(&Rc<str>) -> Option<Call>,
        event: &str,
        payload: P,
        bytes: usize,
    ) -> Result<Frame<P>, Code> {
        let membership = self.membership(channel).ok_or(Code::NotConnected)?;
        let (join_ref, call) = (membership.join_ref, call(&membership.channel));
        let reference = match call {
            Some(call) => self.call(call),
            None => self.refs.next(),
        };
        let topic = &self.topic(channel);
        if payload.is_bytes() {
            return self.push_bytes(join_ref, reference, topic, event, payload, bytes);
        }
        let reference = Some(reference);
        let (event, body) = match self.dialect {
            Dialect::Plain => (event, Body::Payload(payload)),
            Dialect::Supabase => {
                let broadcast = vec![("type", P::text("broadcast")), ("event", P::text(event))];
                ("broadcast", Body::Wrapped(P::object(broadcast), payload))
            }
        };
        let join_ref = Some(join_ref);
        let head = self.head(&Address { join_ref, reference, topic, event });
        Ok(Frame { head, body, bytes: bytes + ENVELOPE_BYTES })
    }

    /// Encodes a message of bytes, as a binary frame.
    fn push_bytes(
        &self,
        join_ref: u32,
        reference: u32,
        topic: &str,
        event: &str,
        payload: P,
        bytes: usize,
    ) -> Result<Frame<P>, Code> {
        let write = match self.dialect {
            Dialect::Plain => binary::push,
            Dialect::Supabase => binary::broadcast,
        };
        let head = (self.serializer == Serializer::V2)
            .then(|| write(&decimal(join_ref), &decimal(reference), topic, event))
            .flatten()
            .ok_or(Code::InvalidMessage)?;
        let bytes = bytes + head.len();
        Ok(Frame { head: P::null(), body: Body::Bytes(head, payload), bytes })
    }

    /// Encodes a presence request.
    fn show(
        &mut self,
        channel: &Rc<str>,
        reference: u32,
        request: Request<P>,
    ) -> Result<Frame<P>, Code> {
        if self.dialect == Dialect::Plain {
            return Err(Code::Unsupported);
        }
        let join_ref = Some(self.membership(channel).ok_or(Code::NotConnected)?.join_ref);
        let call = Call::Presence { channel: channel.clone(), reference };
        let (reference, topic, event) = (Some(self.call(call)), &self.topic(channel), "presence");
        let (action, meta) = match request {
            // The key is a parameter of the join, and a second `track` is an update.
            Request::Track { meta, .. } | Request::Update { meta } => ("track", Some(meta)),
            Request::Untrack => ("untrack", None),
        };
        let mut members = vec![("type", P::text(event)), ("event", P::text(action))];
        members.extend(meta.map(|meta| ("payload", meta)));
        let payload = P::object(members);
        self.control(&Address { join_ref, reference, topic, event }, &payload)
    }

    /// The topic of a channel.
    pub(super) fn topic(&self, channel: &str) -> String {
        let mut topic = String::from(match self.dialect {
            Dialect::Plain => "",
            Dialect::Supabase => supabase::TOPIC_PREFIX,
        });
        topic.push_str(channel);
        topic
    }

    fn control(&self, address: &Address<'_>, payload: &P) -> Result<Frame<P>, Code> {
        let (body, bytes) = payload.serialize().ok_or(Code::InvalidMessage)?;
        let head = self.head(address);
        Ok(Frame { head, body: Body::Payload(body), bytes: bytes + ENVELOPE_BYTES })
    }

    fn head(&self, address: &Address<'_>) -> P {
        let Address { join_ref, reference, topic, event } = *address;
        let name = |reference: Option<u32>| {
            reference.map_or_else(P::null, |reference| P::text(&decimal(reference)))
        };
        let (join_ref, reference) = (name(join_ref), name(reference));
        let (topic, event) = (P::text(topic), P::text(event));
        match self.serializer {
            Serializer::V2 => P::array(vec![join_ref, reference, topic, event]),
            Serializer::V1 => P::object(vec![
                ("join_ref", join_ref),
                ("ref", reference),
                ("topic", topic),
                ("event", event),
            ]),
        }
    }
}

fn empty<P: Payload>() -> P {
    P::object(Vec::new())
}

/// The decimal digits of a reference. The formatting of the standard library would add kilobytes to
/// the wasm.
fn decimal(number: u32) -> String {
    let mut digits = match number / 10 {
        0 => String::new(),
        rest => decimal(rest),
    };
    digits.extend(char::from_digit(number % 10, 10));
    digits
}
