//! Requests of authenticated connections: messages, membership, presence.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Operation;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::membership::{Position, PresenceAction};
use crate::message::gather;
use crate::nesting;
use crate::publication::{Publication, check_event, check_id};
use crate::rejection::Rejection;
use crate::session::Session;
use crate::tables::Change;

impl Session {
    /// Accepts a message, or rejects it by an ack or an error.
    pub(crate) fn message(
        &mut self,
        fields: &Fields<'_>,
        text: &Utf8Bytes,
        features: Features,
    ) -> Result<(), Rejection> {
        let channel = fields.text("channel")?.unwrap_or_else(|| "default".into());
        let enveloped = features.has(Feature::Envelope);
        let id = if enveloped { fields.text("id")? } else { None };
        let wants_ack = features.has(Feature::Ack) && fields.is_true("ack");
        if wants_ack && id.is_none() {
            return Err(Rejection::invalid("a message to be acknowledged needs an `id`"));
        }
        check_id(id.as_deref())?;
        let accepted = self.read_message(fields, text, enveloped, &channel, id.clone());
        let accepted = accepted.and_then(|publication| self.app_state.hub.publish(publication));
        if let Ok(placed) = &accepted {
            if placed.crowded {
                self.crowded = Some(channel.clone());
            }
            self.pay_for(placed.took);
        }
        // Nothing queued since has been written: this task does that too.
        if accepted.is_ok() && self.connection.take_drop_after_accept() {
            self.connection.abort();
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
                self.connection.outbound.push(Frame::new("ack", ack.end()));
            }
            (Err(rejection), Some(id)) if wants_ack => {
                let ack = acknowledgement(&channel, &id)
                    .text("status", "error")
                    .rejection(&rejection)
                    .end();
                self.connection.outbound.push(Frame::new("ack", ack));
            }
            (Err(rejection), _) => self.send_error(&rejection, Some(&channel), None),
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
    ) -> Result<Publication<'a>, Rejection> {
        if !self.connection.allows(channel) {
            return Err(Rejection::forbidden("this user may not send to this channel"));
        }
        let (user, requester) = (self.connection.user(), Some(&self.requester));
        if enveloped {
            let payload = fields.get("payload").map_or_else(null, ToOwned::to_owned);
            let event = fields.text("event")?;
            let verbatim = None;
            return Ok(Publication { channel, id, event, payload, user, verbatim, requester });
        }
        let payload = gather(fields)?;
        if let Some(event) = self.change_in(fields, channel) {
            // Without an id the sender could not identify it, and a change must not be made twice.
            let id = fields.text("mutation")?;
            return Ok(Publication {
                channel,
                id,
                event: Some(event),
                payload,
                user,
                verbatim: None,
                requester,
            });
        }
        let verbatim = Some(text.clone());
        Ok(Publication { channel, id: None, event: None, payload, user, verbatim, requester })
    }

    /// The event of a message in spread form, if it changes a table.
    fn change_in(&self, fields: &Fields<'_>, channel: &str) -> Option<String> {
        let kind = fields.text("type").ok().flatten();
        let event = fields.text("event").ok().flatten()?;
        let changes = kind.as_deref() == Some("channel_message")
            && Change::is_named(&event)
            && self.app_state.hub.has_table(channel);
        changes.then_some(event)
    }

    /// Handles a frame of an extension.
    pub(crate) fn request(&mut self, kind: &str, fields: &Fields<'_>) -> Result<(), Rejection> {
        let reference = fields.reference()?;
        let reference = reference.as_deref();
        let Some(channel) = fields.text("channel")? else {
            let rejection = Rejection::invalid("`channel` is missing");
            self.send_error(&rejection, None, reference);
            return Ok(());
        };
        let hub = &self.app_state.hub;
        let done = match kind {
            "subscribe" => self.admit(Operation::Join).and_then(|()| {
                let since = read_since(fields)?;
                hub.subscribe(
                    &self.connection,
                    &channel,
                    reference,
                    since.as_ref(),
                    &self.requester,
                )
            }),
            "unsubscribe" => {
                hub.unsubscribe(&self.connection, &channel, reference);
                Ok(())
            }
            "recover" => self.admit(Operation::Request).and_then(|()| {
                let (epoch, range) = read_range(fields)?;
                hub.recover(&self.connection, &channel, reference, &epoch, range)
            }),
            "presence" => self.admit(Operation::Request).and_then(|()| {
                hub.presence(&self.connection, &channel, reference, read_presence(fields)?)
            }),
            _ => self.broadcast_ephemeral(&channel, fields),
        };
        if let Err(rejection) = done {
            self.send_error(&rejection, Some(&channel), reference);
        }
        Ok(())
    }

    fn broadcast_ephemeral(&self, channel: &str, fields: &Fields<'_>) -> Result<(), Rejection> {
        if !self.connection.allows(channel) {
            return Err(Rejection::forbidden("this user may not send to this channel"));
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
        self.app_state.hub.broadcast_ephemeral(Some(&self.connection), channel, &frame)
    }
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
        // A new ref takes the place of the connection's own, which is what an update is.
        Some("update") => Ok(PresenceAction::Track { meta, replaces: None }),
        Some("untrack") => Ok(PresenceAction::Untrack),
        _ => Err(Rejection::invalid("`action` is track, update or untrack")),
    }
}
