//! Delivers messages and reports of channels to their subscribers.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Array, Date, Map};
use wasm_bindgen::prelude::*;

use super::js::{defer, member, merged, object};
use super::listeners::Listeners;
use super::reporter::{Level, details};
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::core::id::{ChannelId, SubscriberId};
use crate::core::message::{Gap, Message};
use crate::core::payload::Payload;
use crate::core::presence::PresenceChange;
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, Continuity};
use crate::engine::sink::{gap as gap_members, report, whole};
use crate::web::JsPayload;

/// The event of listeners of all messages.
const ALL: &str = "*";
/// The event of listeners of database changes.
const CHANGES: &str = crate::core::protocol::supabase::POSTGRES_CHANGES;
/// The event of listeners of typing.
pub(super) const TYPING: &str = "typing";

/// The event of a managed channel's error handlers; no message has this event.
pub(super) const MANAGED_ERROR: &str = "";

/// The event of a managed channel's handlers of messages with this `type`.
pub(super) fn managed_event(kind: &str) -> String {
    [".", kind].concat()
}

fn value(payload: Option<JsPayload>) -> JsValue {
    payload.map_or(JsValue::UNDEFINED, |payload| payload.0)
}

impl Session {
    fn meta(
        &self,
        channel: ChannelId,
        message: &Message<JsPayload>,
        kind: Option<&str>,
    ) -> JsValue {
        let position = message.position.as_ref();
        object(&[
            ("channel", self.routes.name(channel).into()),
            ("event", value(message.event.clone())),
            ("kind", kind.map_or(JsValue::UNDEFINED, JsValue::from)),
            ("id", value(message.id.clone())),
            ("seq", position.map_or(JsValue::UNDEFINED, |position| whole(position.seq))),
            (
                "epoch",
                position.map_or(JsValue::UNDEFINED, |position| JsValue::from(&*position.epoch)),
            ),
            ("receivedAt", Date::now().into()),
            ("own", message.own.into()),
            ("recovered", message.recovered.into()),
        ])
    }

    /// Delivers a message of a client.
    pub(super) fn deliver_message(&self, channel: ChannelId, message: Message<JsPayload>) {
        let meta = self.meta(channel, &message, None);
        let event = message.event.as_ref().and_then(Payload::as_text);
        let event = event.filter(|event| event != ALL && !message.reserved);
        let events = event.as_deref().map_or_else(|| [ALL].to_vec(), |event| [event, ALL].to_vec());
        self.deliver(channel, [&message.payload.0, &meta], &events, |_| true);
        self.emit("message", &[&message.payload.0, &meta]);
    }

    /// Delivers a database change to these subscribers.
    pub(super) fn deliver_change(
        &self,
        channel: ChannelId,
        message: Message<JsPayload>,
        receivers: &[SubscriberId],
    ) {
        let meta = self.meta(channel, &message, Some("change"));
        self.deliver(channel, [&message.payload.0, &meta], &[CHANGES, ALL], |subscriber| {
            receivers.contains(&subscriber.id)
        });
        self.emit("message", &[&message.payload.0, &meta]);
    }

    /// Delivers a message that the server itself sent to all handles, or to the one that was opened later.
    pub(super) fn deliver_system(
        self: &Rc<Self>,
        channel: ChannelId,
        event: &'static str,
        payload: &JsValue,
        receiver: Option<SubscriberId>,
    ) {
        let message = Message::plain(Some(JsPayload(event.into())), JsPayload(payload.clone()));
        let meta = self.meta(channel, &message, Some("system"));
        let (session, payload) = (self.clone(), payload.clone());
        let deliver = move || {
            session.deliver(channel, [&payload, &meta], &[event], |subscriber| {
                let is_handle = matches!(subscriber.receiver, Receiver::Handle { .. });
                is_handle && receiver.is_none_or(|receiver| subscriber.id == receiver)
            });
        };
        match receiver {
            // A new handle has no listeners yet.
            Some(_) => defer(deliver),
            None => deliver(),
        }
    }

    fn deliver(
        &self,
        channel: ChannelId,
        values: [&JsValue; 2],
        events: &[&str],
        accepts: impl Fn(&Subscriber) -> bool,
    ) {
        for subscriber in self.routes.present(channel) {
            // An earlier callback may have ended it.
            if !subscriber.is_open() || !accepts(&subscriber) {
                continue;
            }
            match &subscriber.receiver {
                Receiver::Callback(callback) => self.call(callback.as_ref(), &values),
                Receiver::Changes(callback) if events.first() == Some(&CHANGES) => {
                    self.call(Some(callback), &values);
                }
                Receiver::Handle { messages, .. } => {
                    for event in events {
                        messages.emit(event, &values, |thrown| self.report(thrown, event));
                    }
                }
                Receiver::Managed(handlers) => self.deliver_managed(handlers, values[0]),
                Receiver::Changes(_) | Receiver::Rows(_) => {}
            }
        }
    }

    /// Calls the handlers of a message's own `type`. An exception is passed to the error handlers, if there are any.
    fn deliver_managed(&self, handlers: &Listeners, message: &JsValue) {
        let kind = member(message, "type").as_string().unwrap_or_default();
        handlers.emit(&managed_event(&kind), &[message], |thrown| {
            if handlers.has(MANAGED_ERROR) {
                handlers.emit(MANAGED_ERROR, &[thrown], report);
            } else {
                self.report(thrown, "");
            }
        });
    }

    /// Applies the state of a channel.
    pub(super) fn apply_channel(
        self: &Rc<Self>,
        channel: ChannelId,
        (state, continuity): (ChannelState, Continuity),
        reason: Reason,
        error: Option<&JsValue>,
    ) {
        let error_or_null = error.cloned().unwrap_or(JsValue::NULL);
        self.routes.change(channel, |view| {
            view.state = state;
            view.continuity = continuity;
            view.error = error_or_null.clone();
        });
        for subscriber in self.routes.present(channel) {
            if let Receiver::Rows(rows) = &subscriber.receiver {
                self.refresh_rows(rows, &subscriber.view());
            }
        }
        let is_handled = error.is_some_and(|error| self.notify_error(channel, error));
        let status = object(&[
            ("channel", self.routes.name(channel).into()),
            ("state", state.name().into()),
            ("continuity", continuity.name().into()),
            ("reason", reason.name().into()),
            ("error", error_or_null),
        ]);
        let record = error.map_or_else(|| status.clone(), |error| merged(&status, &details(error)));
        let level = if error.is_some() { Level::Warn } else { Level::Info };
        self.log(level, "channel", &record);
        self.emit("channel", &[&status]);
        if let Some(error) = error {
            self.emit_error(error, is_handled.into());
        }
        if state == ChannelState::Left {
            self.routes.forget(channel);
        }
    }

    /// Calls the `onError` of a channel's subscribers; returns whether there was one.
    pub(super) fn notify_error(&self, channel: ChannelId, error: &JsValue) -> bool {
        let present = self.routes.present(channel);
        let mut is_handled = false;
        for subscriber in &present {
            if let Receiver::Managed(handlers) = &subscriber.receiver {
                is_handled |= handlers.has(MANAGED_ERROR);
                handlers.emit(MANAGED_ERROR, &[error], report);
            }
            is_handled |= subscriber.options.on_error.is_some();
            self.call(subscriber.options.on_error.as_ref(), &[error]);
        }
        is_handled
    }

    /// Reports that messages of a channel were lost.
    pub(super) fn apply_gap(&self, channel: ChannelId, lost: &Gap) {
        let name = object(&[("channel", self.routes.name(channel).into())]);
        let gap = merged(&gap_members(lost), &name);
        for subscriber in self.routes.present(channel) {
            self.call(subscriber.options.on_gap.as_ref(), &[&gap]);
        }
        self.emit("gap", &[&gap]);
    }

    /// Applies changes of a channel's presence.
    pub(super) fn apply_presence(
        &self,
        channel: ChannelId,
        changes: Vec<PresenceChange<JsPayload>>,
    ) {
        let changes: Vec<_> = changes
            .into_iter()
            .map(|change| {
                let metas = (JsPayload::array(change.metas).0, JsPayload::array(change.changed).0);
                (change.kind.name(), change.key, metas)
            })
            .collect();
        self.routes.change(channel, |view| {
            let state = Map::new();
            view.presence.for_each(&mut |metas, key| {
                state.set(&key, &metas);
            });
            for (_, key, (metas, _)) in changes.iter().filter(|(kind, ..)| *kind != "sync") {
                let key = JsValue::from(key.as_str());
                if metas.unchecked_ref::<Array>().length() == 0 {
                    state.delete(&key);
                } else {
                    state.set(&key, metas);
                }
            }
            view.presence = state;
        });
        for (kind, key, (metas, changed)) in &changes {
            match *kind {
                "sync" => self.notify(channel, kind, &[]),
                _ => self.notify(channel, kind, &[&key.as_str().into(), metas, changed]),
            }
        }
    }

    /// Applies a change of a channel's typing members.
    pub(super) fn apply_typing(&self, channel: ChannelId, names: &[String]) {
        let who: Array = names.iter().map(JsValue::from).collect();
        self.routes.change(channel, |view| view.who = who.clone());
        self.notify(channel, TYPING, &[&who]);
    }

    fn notify(&self, channel: ChannelId, event: &str, values: &[&JsValue]) {
        for subscriber in self.routes.present(channel) {
            if let Receiver::Handle { activity, .. } = &subscriber.receiver {
                activity.emit(event, values, |thrown| self.report(thrown, event));
            }
        }
    }
}
