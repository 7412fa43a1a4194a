//! Sends messages and presence.

use alloc::rc::Rc;
use alloc::string::ToString;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::error::custom;
use super::id::new_id;
use super::js::{member, undo};
use super::options::{Delivery, SendOptions};
use super::outcome::Outcome;
use super::sends::{AbortSignal, PendingSend};
use super::serialize::payload_of;
use super::session::Session;
use crate::abi::text::CANCELLED;
use crate::core::error::Code;
use crate::core::event::SendProgress;
use crate::core::id::{Origin, SendId};
use crate::core::outbox::OutgoingMessage;
use crate::core::presence::PresenceAction;
use crate::engine::sink::ack;
use crate::web::JsPayload;

impl Session {
    /// Sends a message.
    ///
    /// # Errors
    /// `invalid_argument`, `destroyed`; all other errors are those of the promise.
    pub(super) fn send(
        self: &Rc<Self>,
        channel: &str,
        message: &JsValue,
        options: SendOptions,
    ) -> Result<Promise, JsValue> {
        self.check_alive()?;
        let (payload, bytes) = payload_of(message)?;
        let id = new_id();
        let (send, promise) = self.add_send(channel, &id, options.signal.clone());
        let aborted = options.signal.is_some_and(|signal| member(&signal, "aborted").is_truthy());
        if aborted {
            let error =
                custom(Code::Aborted, "The send was cancelled.", CANCELLED, &JsValue::UNDEFINED);
            if let Some(send) = self.sends.take(send) {
                send.settle("failed", Err(&error));
            }
            return Ok(promise);
        }
        let acks_by_default = self.driver.look(|client| client.profile().acks_by_default());
        let message = OutgoingMessage {
            origin: Origin::App(send),
            channel: channel.into(),
            id,
            event: options.event,
            bytes,
            payload,
            ack: options.ack.unwrap_or(acks_by_default),
            timeout_ms: options.timeout_ms,
            ttl_ms: options.ttl_ms,
        };
        self.driver.with(|client, now| match options.delivery {
            Delivery::Ephemeral => client.send_ephemeral(now, &message),
            Delivery::Queued => client.send(now, message),
        });
        Ok(promise)
    }

    /// Changes this client's presence in a channel.
    ///
    /// # Errors
    /// `destroyed`.
    pub(super) fn act(
        self: &Rc<Self>,
        channel: &str,
        action: PresenceAction<JsPayload>,
    ) -> Result<Promise, JsValue> {
        self.check_alive()?;
        let (send, promise) = self.add_send(channel, &new_id(), None);
        self.driver.with(|client, now| client.presence(now, channel, send, action));
        Ok(promise)
    }

    fn add_send(
        self: &Rc<Self>,
        channel: &str,
        id: &str,
        signal: Option<JsValue>,
    ) -> (SendId, Promise) {
        let send = SendId(self.next_id());
        let outcome = Outcome::sent(id);
        let promise = outcome.promise();
        let signal = signal.map(|signal| {
            let session = Rc::downgrade(self);
            let listener = undo(move || {
                if let Some(session) = session.upgrade() {
                    session.driver.with(|client, now| client.cancel(now, send));
                }
            });
            let _ = signal.unchecked_ref::<AbortSignal>().add("abort", &listener);
            (signal, listener)
        });
        let channel = channel.to_string();
        let entry = PendingSend { id: send, channel, outcome, signal, _client: self.clone() };
        self.sends.add(entry);
        (send, promise)
    }

    /// Applies the progress of a send.
    pub(super) fn send_progress(self: &Rc<Self>, id: SendId, progress: SendProgress<JsPayload>) {
        match progress {
            SendProgress::Queued => self.sends.set_status(id, "queued"),
            SendProgress::Sent => self.sends.set_status(id, "sent"),
            SendProgress::Failed(error) => {
                let Some(send) = self.sends.take(id) else { return };
                let error = self.secrets.error(&error);
                send.settle("failed", Err(&error));
                self.watch(&error, &send.channel, &send.outcome);
            }
            settled @ (SendProgress::SentUnconfirmed | SendProgress::Acked { .. }) => {
                let Some(send) = self.sends.take(id) else { return };
                let confirmed = matches!(settled, SendProgress::Acked { .. });
                let status = if confirmed { "acked" } else { "sent" };
                send.settle(status, Ok(&ack(settled)));
            }
        }
    }
}
