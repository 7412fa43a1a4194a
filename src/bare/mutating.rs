//! Optimistic changes of collections.

use alloc::rc::Rc;
use alloc::string::ToString;

use wasm_bindgen::prelude::*;

use super::error::custom;
use super::id::new_id;
use super::js::object;
use super::mutations::PendingMutation;
use super::outcome::Outcome;
use super::rows::CHANGE;
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::abi::text::{OPEN_AGAIN, RELEASED};
use crate::core::collection::{Edit, EditKind, MutationProgress};
use crate::core::error::Code;
use crate::core::id::{CollectionId, MutationId};
use crate::web::JsPayload;

impl Session {
    /// Changes a collection; returns the `Mutation`.
    ///
    /// # Errors
    /// `destroyed`.
    pub(super) fn mutate(
        self: &Rc<Self>,
        subscriber: &Rc<Subscriber>,
        change: EditKind<JsPayload>,
    ) -> Result<JsValue, JsValue> {
        self.check_alive()?;
        let (id, text, outcome) = (MutationId(self.next_id()), new_id(), Outcome::new());
        let shown = object(&[
            ("id", text.as_str().into()),
            ("status", "pending".into()),
            ("promise", outcome.promise().into()),
        ]);
        let mutation = PendingMutation {
            id,
            text: text.clone(),
            subscriber: subscriber.clone(),
            outcome,
            shown: shown.clone(),
            _client: self.clone(),
        };
        if !subscriber.is_open() {
            let error = custom(Code::Aborted, RELEASED, OPEN_AGAIN, &JsValue::UNDEFINED);
            mutation.settle("failed", Err(&error));
            return Ok(shown);
        }
        self.mutations.add(mutation);
        let edit = Edit { mutation: id, id: text, change };
        let collection = CollectionId(subscriber.id.0);
        self.driver.with(|client, now| client.mutate(now, collection, edit));
        Ok(shown)
    }

    /// Applies the progress of a change.
    pub(super) fn mutation_progress(
        self: &Rc<Self>,
        id: MutationId,
        progress: MutationProgress<JsPayload>,
    ) {
        match progress {
            MutationProgress::Sent => self.mutations.set_status(id, "sent"),
            MutationProgress::Confirmed { row, confirmed } => {
                let Some(mutation) = self.mutations.take(id) else { return };
                let stored = object(&[
                    ("confirmed", confirmed.into()),
                    ("row", row.map_or(JsValue::UNDEFINED, |row| row.0)),
                ]);
                let status = if confirmed { "confirmed" } else { "sent" };
                mutation.settle(status, Ok(&stored));
                self.rows_settled(&mutation);
            }
            MutationProgress::Failed(error) => {
                let Some(mutation) = self.mutations.take(id) else { return };
                let error = self.secrets.error(&error);
                mutation.settle("failed", Err(&error));
                self.rows_settled(&mutation);
                let channel = mutation.subscriber.channel.to_string();
                self.watch(&error, &channel, &mutation.outcome);
            }
        }
    }

    /// Removes a settled change from the pending changes of its collection.
    fn rows_settled(&self, mutation: &PendingMutation) {
        if let Receiver::Rows(rows) = &mutation.subscriber.receiver {
            let view = mutation.subscriber.view();
            rows.settled(&mutation.text, &view, |thrown| self.report(thrown, CHANGE));
        }
    }
}
