//! Requests of authenticated connections: messages, membership, presence.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Operation;
use crate::application::Application as _;
use crate::clock::Now;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::hub::HubAccess;
use crate::membership::PresenceAction;
use crate::message::gather;
use crate::nesting;
use crate::position::Position;
use crate::publication::{Publication, check_event, check_id};
use crate::rejection::Rejection;
use crate::session::Session;

impl Session {
    /// Accepts a message, or rejects it with an ack or an error.
    pub(crate) fn message<H: HubAccess>(
        &mut self,
        fields: &Fields<'_>,
        text: &Arc<str>,
        features: Features,
        hub: &mut H,
        now: Now,
    ) -> Result<(), Rejection> {
        let channel = fields.text("channel")?.unwrap_or_else(|| "default".into());
        let enveloped = features.has(Feature::Envelope);
        let id = if enveloped { fields.text("id")? } else { None };
        let wants_ack = features.has(Feature::Ack) && fields.is_true("ack");
        if wants_ack && id.is_none() {
            return Err(Rejection::invalid("a message to be acknowledged needs an `id`"));
        }
        check_id(id.as_deref())?;
        let publication = if enveloped {
            self.read_enveloped(fields, &channel, id.clone())
        } else {
            self.read_merged(fields, text, &channel, hub)
        };
        let accepted =
            publication.and_then(|publication| hub.with(|hub| hub.publish(publication, now)));
        if accepted.is_ok() {
            self.accepted = Some(channel.clone());
        }
        match (accepted, id) {
            (Ok(placed), Some(id)) if wants_ack => {
                let mut ack = acknowledgement(&channel, &id).text("status", "ok");
                if features.has(Feature::Seq) {
                    ack = ack.number("seq", placed.seq);
                }
                if let Effect::Stored(row) = &placed.effect {
                    ack = ack.raw("payload", row);
                }
                self.send(Frame::new("ack", ack.end()));
            }
            (Err(rejection), Some(id)) if wants_ack => {
                let ack = acknowledgement(&channel, &id)
                    .text("status", "error")
                    .rejection(&rejection)
                    .end();
                self.send(Frame::new("ack", ack));
            }
            (Err(rejection), _) => self.send_error(&rejection, Some(&channel), None),
            (Ok(_), _) => {}
        }
        Ok(())
    }

    fn read_enveloped<'a>(
        &'a self,
        fields: &Fields<'_>,
        channel: &'a str,
        id: Option<String>,
    ) -> Result<Publication<'a>, Rejection> {
        self.check_send(channel)?;
        let payload = fields.get("payload").map_or_else(null, ToOwned::to_owned);
        let event = fields.text("event")?;
        Ok(Publication { id, event, ..self.publication(channel, payload) })
    }

    fn read_merged<'a, H: HubAccess>(
        &'a self,
        fields: &Fields<'_>,
        text: &Arc<str>,
        channel: &'a str,
        hub: &mut H,
    ) -> Result<Publication<'a>, Rejection> {
        self.check_send(channel)?;
        let publication = self.publication(channel, gather(fields)?);
        if let Some(event) = change_in(fields, channel, hub) {
            // Without an id the sender could not identify it, and a resent change would be applied
            // twice.
            let id = fields.text("mutation")?;
            return Ok(Publication { id, event: Some(event), ..publication });
        }
        Ok(Publication { verbatim: Some(Arc::clone(text)), ..publication })
    }

    fn publication<'a>(&'a self, channel: &'a str, payload: Box<RawValue>) -> Publication<'a> {
        Publication {
            channel,
            id: None,
            event: None,
            payload,
            user: self.grant.user.clone(),
            verbatim: None,
            requester: Some(&self.requester),
        }
    }

    fn check_send(&self, channel: &str) -> Result<(), Rejection> {
        if self.grant.allows(channel) {
            return Ok(());
        }
        Err(Rejection::forbidden("this user may not send to this channel"))
    }

    /// Handles a frame of an extension.
    pub(crate) fn request<H: HubAccess>(
        &mut self,
        kind: &str,
        fields: &Fields<'_>,
        hub: &mut H,
        now: Now,
    ) -> Result<(), Rejection> {
        let reference = fields.reference()?;
        let reference = reference.as_deref();
        let Some(channel) = fields.text("channel")? else {
            let rejection = Rejection::invalid("`channel` is missing");
            self.send_error(&rejection, None, reference);
            return Ok(());
        };
        let (name, number, requester) = (channel.as_str(), self.number, &self.requester);
        let done = match kind {
            "subscribe" => self.admit(Operation::Join, now).and_then(|()| {
                let since = read_since(fields)?;
                let since = since.as_ref();
                hub.with(|hub| hub.subscribe(number, name, reference, since, requester, now))
            }),
            "unsubscribe" => {
                hub.with(|hub| hub.unsubscribe(number, name, reference));
                Ok(())
            }
            "recover" => self.admit(Operation::Request, now).and_then(|()| {
                let (epoch, range) = read_range(fields)?;
                hub.with(|hub| hub.recover(number, name, reference, &epoch, range))
            }),
            "presence" => self.admit(Operation::Request, now).and_then(|()| {
                let action = read_presence(fields)?;
                hub.with(|hub| hub.presence(number, name, reference, action))
            }),
            _ => self.broadcast_ephemeral(name, fields, hub),
        };
        if let Err(rejection) = done {
            self.send_error(&rejection, Some(&channel), reference);
        }
        Ok(())
    }

    fn broadcast_ephemeral<H: HubAccess>(
        &self,
        channel: &str,
        fields: &Fields<'_>,
        hub: &mut H,
    ) -> Result<(), Rejection> {
        self.check_send(channel)?;
        let event = fields.text("event")?;
        check_event(event.as_deref())?;
        let payload = fields.get("payload");
        nesting::check_value("the payload", payload)?;
        let text = Object::frame("ephemeral")
            .text("channel", channel)
            .text_if("event", event.as_deref())
            .raw("payload", payload.map_or("null", RawValue::get))
            .end();
        let frame = Arc::new(Frame::new("ephemeral", text));
        hub.with(|hub| hub.broadcast_ephemeral(Some(self.number), channel, &frame))
    }
}

/// The event of a message without an envelope, if it is a change.
fn change_in<H: HubAccess>(fields: &Fields<'_>, channel: &str, hub: &mut H) -> Option<String> {
    let kind = fields.text("type").ok().flatten();
    let event = fields.text("event").ok().flatten()?;
    let is_change = kind.as_deref() == Some("channel_message")
        && hub.with(|hub| hub.application().is_change(channel, &event));
    is_change.then_some(event)
}

fn acknowledgement(channel: &str, id: &str) -> Object {
    Object::frame("ack").text("channel", channel).text("id", id)
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

fn read_since(fields: &Fields<'_>) -> Result<Option<Position>, Rejection> {
    let Some(since) = fields.get("since").filter(|value| value.get() != "null") else {
        return Ok(None);
    };
    let since = Fields::parse(since.get())
        .map_err(|_| Rejection::invalid("`since` is {\"epoch\":E,\"seq\":N}"))?;
    match (since.text("epoch")?, since.number("seq")?) {
        (Some(epoch), Some(seq)) => Ok(Some(Position { epoch, seq })),
        _ => Err(Rejection::invalid("`since` is {\"epoch\":E,\"seq\":N}")),
    }
}

fn read_range(fields: &Fields<'_>) -> Result<(String, (u64, u64)), Rejection> {
    match (fields.text("epoch")?, fields.number("from")?, fields.number("to")?) {
        (Some(epoch), Some(from), Some(to)) => Ok((epoch, (from, to))),
        _ => Err(Rejection::invalid("recovering needs `epoch`, `from` and `to`")),
    }
}

fn read_presence<'a>(fields: &Fields<'a>) -> Result<PresenceAction<'a>, Rejection> {
    let meta = fields.get("meta").filter(|value| value.get() != "null");
    nesting::check_value("`meta`", meta)?;
    match fields.text("action")?.as_deref() {
        Some("track") => Ok(PresenceAction::Track { meta, replaces: fields.text("replaces")? }),
        // An update replaces the connection's entry by one with a new ref.
        Some("update") => Ok(PresenceAction::Track { meta, replaces: None }),
        Some("untrack") => Ok(PresenceAction::Untrack),
        _ => Err(Rejection::invalid("`action` is track, update or untrack")),
    }
}
