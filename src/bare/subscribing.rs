//! Subscribes to channels.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::Cell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::error::invalid;
use super::options::ChannelOptions;
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::abi::text::{NAME, NO_DEDUP_KEY};
use crate::core::client::Client;
use crate::core::id::{CollectionId, SubscriberId};
use crate::core::state::ChannelState;

impl Session {
    /// Subscribes to a channel.
    ///
    /// # Errors
    /// `invalid_argument`, `channel_limit`, `destroyed`.
    pub(super) fn open(
        self: &Rc<Self>,
        channel: String,
        options: ChannelOptions,
        receiver: Receiver,
    ) -> Result<Rc<Subscriber>, JsValue> {
        self.check_alive()?;
        if channel.is_empty() {
            return Err(invalid(&["channel must be ", NAME].concat()));
        }
        let dedup_key = options.dedup_key.clone().map(|key| self.reporting_key(key));
        let profile = self.driver.look(Client::profile);
        let subscription = options.subscription(dedup_key, profile)?;
        let id = SubscriberId(self.next_id());
        let subscriber = Rc::new(Subscriber::new(id, channel, options, receiver));
        let joined = self.driver.with(|client, now| {
            let channel = &subscriber.channel;
            let joined = match &subscriber.receiver {
                Receiver::Rows(rows) => client.open_collection(
                    now,
                    CollectionId(id.0),
                    id,
                    channel,
                    subscription,
                    rows.core_options(),
                ),
                _ => client.subscribe(now, id, channel, subscription),
            };
            if let Ok(route) = &joined {
                // It is registered before the first event about it.
                self.routes.join(self.clone(), *route, &subscriber);
            }
            joined
        });
        joined.map_err(|error| self.secrets.error(&error))?;
        let view = subscriber.view();
        if let Receiver::Rows(rows) = &subscriber.receiver {
            self.refresh_rows(rows, &view);
        }
        if view.state == ChannelState::Failed && !view.error.is_null() {
            // The channel failed before this subscriber joined: no report follows.
            self.call(subscriber.options.on_error.as_ref(), &[&view.error]);
        }
        Ok(subscriber)
    }

    /// Ends a subscription; does nothing if it has ended.
    pub(super) fn close(self: &Rc<Self>, subscriber: &Subscriber) {
        if !subscriber.leave() {
            return;
        }
        self.routes.remove(subscriber.id);
        let id = subscriber.id;
        self.driver.with(|client, now| match subscriber.receiver {
            Receiver::Rows(_) => client.close_collection(now, CollectionId(id.0)),
            _ => client.unsubscribe(now, id),
        });
    }

    /// A `dedupKey` that does not throw: without a key the message is delivered. A key that is not a string is reported
    /// once.
    fn reporting_key(self: &Rc<Self>, key: Function) -> Function {
        let session = Rc::downgrade(self);
        let reported = Cell::new(false);
        let reporting = move |message: JsValue| -> JsValue {
            let Some(session) = session.upgrade() else { return JsValue::UNDEFINED };
            match key.call1(&JsValue::UNDEFINED, &message) {
                Ok(text) if text.is_string() => text,
                Ok(_) => {
                    if !reported.replace(true) {
                        session.report_error(&invalid(NO_DEDUP_KEY), false.into());
                    }
                    JsValue::UNDEFINED
                }
                Err(thrown) => {
                    session.report(&thrown, "");
                    JsValue::UNDEFINED
                }
            }
        };
        Closure::<dyn Fn(JsValue) -> JsValue>::new(reporting).into_js_value().unchecked_into()
    }
}
