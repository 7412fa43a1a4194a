//! What the parts of a channel handle share: its subscriptions and listeners.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::js::{copy_of, object, undo};
use super::listeners::Listeners;
use super::options::ChannelOptions;
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::abi::option_names::OptionsOf;
use crate::core::config::ProtocolKind;

/// Whether this channel has presence, which Supabase sends only if the join enables it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PresenceJoin {
    /// The first use of presence enables it.
    ByUse,
    /// It is enabled, the app has set it explicitly, or the protocol always has presence.
    Decided,
}

/// What the parts of a handle share.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) session: Rc<Session>,
    pub(super) subscriber: Rc<Subscriber>,
    pub(super) messages: Listeners,
    pub(super) activity: Listeners,
    presence: Cell<PresenceJoin>,
    /// Further subscriptions of this handle (presence, database changes), until it is released.
    further: RefCell<Vec<Rc<Subscriber>>>,
}

impl Handle {
    /// Opens a handle.
    pub(super) fn open(
        session: &Rc<Session>,
        channel: String,
        options: &JsValue,
    ) -> Result<Rc<Self>, JsValue> {
        session.check_names(OptionsOf::Channel, options, Some(&channel));
        let protocol = session.options.borrow().protocol;
        let options = ChannelOptions::read(options)?;
        let is_decided = options.decides_presence || protocol != ProtocolKind::Supabase;
        let (messages, activity) = (Listeners::default(), Listeners::default());
        let receiver = Receiver::Handle { messages: messages.clone(), activity: activity.clone() };
        let subscriber = session.open(channel, options, receiver)?;
        Ok(Rc::new(Self {
            session: session.clone(),
            subscriber,
            messages,
            activity,
            presence: Cell::new(if is_decided {
                PresenceJoin::Decided
            } else {
                PresenceJoin::ByUse
            }),
            further: RefCell::default(),
        }))
    }

    /// The name of its channel.
    pub(super) fn channel(&self) -> &str {
        &self.subscriber.channel
    }

    /// Enables presence, unless the app has set it explicitly.
    pub(super) fn ensure_presence(&self, key: Option<&str>) -> Result<(), JsValue> {
        if self.presence.replace(PresenceJoin::Decided) == PresenceJoin::Decided {
            return Ok(());
        }
        let presence = match key.filter(|key| !key.is_empty()) {
            Some(key) => object(&[("key", key.into())]),
            None => JsValue::TRUE,
        };
        self.subscribe(&[("presence", presence)], Receiver::Callback(None)).map(drop)
    }

    /// Subscribes once more with these options, until the handle is released.
    fn subscribe(
        &self,
        options: &[(&str, JsValue)],
        receiver: Receiver,
    ) -> Result<Option<Rc<Subscriber>>, JsValue> {
        if !self.subscriber.is_open() {
            return Ok(None);
        }
        let own = object(options);
        if self.subscriber.options.private == Some(true) {
            // A plain object of our own: this cannot fail.
            let _ = js_sys::Reflect::set(&own, &"private".into(), &JsValue::TRUE);
        }
        let options = ChannelOptions::read(&own)?;
        let subscriber = self.session.open(self.channel().to_owned(), options, receiver)?;
        self.further.borrow_mut().push(subscriber.clone());
        Ok(Some(subscriber))
    }

    /// Subscribes to database changes until the function that it returns is called.
    pub(super) fn on_changes(
        self: &Rc<Self>,
        filter: &JsValue,
        callback: Function,
    ) -> Result<Function, JsValue> {
        let filter = copy_of(filter, "filter")?;
        let filters = [("postgresChanges", Array::of1(&filter).into())];
        let subscriber = self.subscribe(&filters, Receiver::Changes(callback))?;
        let handle = self.clone();
        Ok(undo(move || {
            if let Some(subscriber) = &subscriber {
                handle.further.borrow_mut().retain(|other| other.id != subscriber.id);
                handle.session.close(subscriber);
            }
        }))
    }

    /// Ends all its subscriptions.
    pub(super) fn release(&self) {
        self.messages.clear();
        self.activity.clear();
        for subscriber in self.further.take() {
            self.session.close(&subscriber);
        }
        self.session.close(&self.subscriber);
    }
}
