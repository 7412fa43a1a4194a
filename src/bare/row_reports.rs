//! Handles the core's events of collections.

use alloc::rc::Rc;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::rows::{CHANGE, Pending, Rows};
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use super::view::View;
use crate::core::collection::View as RowsView;
use crate::web::JsPayload;

impl Session {
    /// Applies a view of a collection.
    pub(super) fn apply_rows(self: &Rc<Self>, subscriber: &Subscriber, view: RowsView<JsPayload>) {
        let Receiver::Rows(rows) = &subscriber.receiver else { return };
        let error = view.error.as_ref().map_or(JsValue::NULL, |error| self.secrets.error(error));
        let pending = view
            .pending
            .iter()
            .filter_map(|change| {
                let id = self.mutations.text(change.mutation)?;
                Some(Pending { id, key: change.key.clone(), kind: change.kind })
            })
            .collect::<Vec<_>>();
        let report = |thrown: &JsValue| self.report(thrown, CHANGE);
        if rows.apply(&subscriber.view(), view, error.clone(), pending, report) {
            let on_error = subscriber.options.on_error.as_ref();
            self.call(on_error, &[&error]);
            self.report_error(&error, on_error.is_some().into());
        }
    }

    /// Updates the state of the channel in a collection's snapshot.
    pub(super) fn refresh_rows(&self, rows: &Rows, channel: &View) {
        rows.refresh(channel, |thrown| self.report(thrown, CHANGE));
    }
}
