//! What authenticated connections ask for: messages, membership, presence.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Deed;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::membership::{Position, PresenceAction};
use crate::message::gather;
use crate::nesting;
use crate::publication::{Publication, check_event, check_id};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::tables::Change;

impl Session {
    /// Accepts a message, or refuses it by an ack or an error.
    pub(crate) fn message(
        &mut self,
        fields: &Fields<'_>,
        text: &Utf8Bytes,
        features: Features,
    ) -> Result<(), Refusal> {
        let channel = fields.text("channel")?.unwrap_or_else(|| "default".into());
        let enveloped = features.has(Feature::Envelope);
        let id = if enveloped { fields.text("id")? } else { None };
        let wants_ack = features.has(Feature::Ack) && fields.is_true("ack");
        if wants_ack && id.is_none() {
            return Err(Refusal::invalid("a message to be acknowledged needs an `id`"));
        }
        check_id(id.as_deref())?;
        let accepted = self.read_message(fields, text, enveloped, &channel, id.clone());
        let accepted = accepted.and_then(|publication| self.shared.hub.publish(publication));
        if let Ok(placed) = &accepted {
            if placed.crowded {
                self.crowded = Some(channel.clone());
            }
            self.pay_for(placed.took);
        }
        // Nothing that was queued since has been written: this task does that too.
        if accepted.is_ok() && self.link.take_drop_after_accept() {
            self.link.abort();
            return Ok(());
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
                self.link.outbound.push(Frame::new("ack", ack.end()));
            }
            (Err(refusal), Some(id)) if wants_ack => {
                let ack =
                    acknowledgement(&channel, &id).text("status", "error").refusal(&refusal).end();
                self.link.outbound.push(Frame::new("ack", ack));
            }
            (Err(refusal), _) => self.complain(&refusal, Some(&channel), None),
            (Ok(_), _) => {}
        }
        Ok(())
    }

    fn read_message<'a>(
        &'a self,
        fields: &Fields<'_>,
        text: &Utf8Bytes,
        enveloped: bool,
        channel: &'a str,
        id: Option<String>,
    ) -> Result<Publication<'a>, Refusal> {
        if !self.link.allows(channel) {
            return Err(Refusal::forbidden("this user may not send to this channel"));
        }
        let (user, party) = (self.link.user(), Some(&self.party));
        if enveloped {
            let payload = fields.get("payload").map_or_else(null, ToOwned::to_owned);
            let event = fields.text("event")?;
            let verbatim = None;
            return Ok(Publication { channel, id, event, payload, user, verbatim, party });
        }
        let payload = gather(fields)?;
        if let Some(event) = self.change_in(fields, channel) {
            // The sender has no other name for it, and a change twice made is a wrong one.
            let id = fields.text("mutation")?;
            return Ok(Publication {
                channel,
                id,
                event: Some(event),
                payload,
                user,
                verbatim: None,
                party,
            });
        }
        let verbatim = Some(text.clone());
        Ok(Publication { channel, id: None, event: None, payload, user, verbatim, party })
    }

    /// The event of a message in spread form, if it changes a table.
    fn change_in(&self, fields: &Fields<'_>, channel: &str) -> Option<String> {
        let kind = fields.text("type").ok().flatten();
        let event = fields.text("event").ok().flatten()?;
        let changes = kind.as_deref() == Some("channel_message")
            && Change::is_named(&event)
            && self.shared.hub.has_table(channel);
        changes.then_some(event)
    }

    /// Does what a frame of an extension asks for.
    pub(crate) fn request(&mut self, kind: &str, fields: &Fields<'_>) -> Result<(), Refusal> {
        let reference = fields.reference()?;
        let reference = reference.as_deref();
        let Some(channel) = fields.text("channel")? else {
            let refusal = Refusal::invalid("`channel` is missing");
            self.complain(&refusal, None, reference);
            return Ok(());
        };
        let hub = &self.shared.hub;
        let done = match kind {
            "subscribe" => self.admit(Deed::Join).and_then(|()| {
                let since = read_since(fields)?;
                hub.subscribe(&self.link, &channel, reference, since.as_ref(), &self.party)
            }),
            "unsubscribe" => {
                hub.unsubscribe(&self.link, &channel, reference);
                Ok(())
            }
            "recover" => self.admit(Deed::Request).and_then(|()| {
                let (epoch, range) = read_range(fields)?;
                hub.recover(&self.link, &channel, reference, &epoch, range)
            }),
            "presence" => self.admit(Deed::Request).and_then(|()| {
                hub.presence(&self.link, &channel, reference, read_presence(fields)?)
            }),
            _ => self.pass(&channel, fields),
        };
        if let Err(refusal) = done {
            self.complain(&refusal, Some(&channel), reference);
        }
        Ok(())
    }

    fn pass(&self, channel: &str, fields: &Fields<'_>) -> Result<(), Refusal> {
        if !self.link.allows(channel) {
            return Err(Refusal::forbidden("this user may not send to this channel"));
        }
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
        self.shared.hub.pass(Some(&self.link), channel, &frame)
    }
}

fn acknowledgement(channel: &str, id: &str) -> Object {
    Object::frame("ack").text("channel", channel).text("id", id)
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

fn read_since(fields: &Fields<'_>) -> Result<Option<Position>, Refusal> {
    let Some(since) = fields.get("since").filter(|value| value.get() != "null") else {
        return Ok(None);
    };
    let since = Fields::parse(since.get())
        .map_err(|_| Refusal::invalid("`since` is {\"epoch\":E,\"seq\":N}"))?;
    match (since.text("epoch")?, since.number("seq")?) {
        (Some(epoch), Some(seq)) => Ok(Some(Position { epoch, seq })),
        _ => Err(Refusal::invalid("`since` is {\"epoch\":E,\"seq\":N}")),
    }
}

fn read_range(fields: &Fields<'_>) -> Result<(String, (u64, u64)), Refusal> {
    match (fields.text("epoch")?, fields.number("from")?, fields.number("to")?) {
        (Some(epoch), Some(from), Some(to)) => Ok((epoch, (from, to))),
        _ => Err(Refusal::invalid("recovering needs `epoch`, `from` and `to`")),
    }
}

fn read_presence<'a>(fields: &Fields<'a>) -> Result<PresenceAction<'a>, Refusal> {
    let meta = fields.get("meta").filter(|value| value.get() != "null");
    nesting::check_value("`meta`", meta)?;
    match fields.text("action")?.as_deref() {
        Some("track") => Ok(PresenceAction::Track { meta, replaces: fields.text("replaces")? }),
        // A new ref takes the place of the connection's own, which is what an update is.
        Some("update") => Ok(PresenceAction::Track { meta, replaces: None }),
        Some("untrack") => Ok(PresenceAction::Untrack),
        _ => Err(Refusal::invalid("`action` is track, update or untrack")),
    }
}
