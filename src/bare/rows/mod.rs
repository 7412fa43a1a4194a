//! The rows of a collection, as the app receives them.

mod pending;
mod shown;

use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::{Array, Function, Map};
use wasm_bindgen::prelude::*;

use super::js::member;
use super::listeners::Listeners;
use super::options::Functions;
use super::view::View;
use crate::core::collection::{CollectionOptions, CollectionStatus, View as RowsView};
use crate::web::JsPayload;
use shown::Shown;

pub(super) use pending::Pending;

/// The event of listeners of a collection.
pub(super) const CHANGE: &str = "change";

/// The last view of the core.
#[derive(Debug)]
struct Reported {
    status: CollectionStatus,
    /// Why loading failed: an `Error`, or null.
    error: JsValue,
    by_key: Map,
}

/// The rows of a collection.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) functions: Functions,
    pub(super) listeners: Listeners,
    options: CollectionOptions,
    reported: RefCell<Reported>,
    shown: RefCell<Shown>,
}

impl Rows {
    /// Rows that are not loaded yet.
    pub(super) fn new(functions: Functions, options: CollectionOptions) -> Self {
        Self {
            functions,
            options,
            listeners: Listeners::default(),
            reported: RefCell::new(Reported {
                status: CollectionStatus::Loading,
                error: JsValue::NULL,
                by_key: Map::new(),
            }),
            shown: RefCell::new(Shown::loading()),
        }
    }

    /// The options for the core.
    pub(super) fn core_options(&self) -> CollectionOptions {
        self.options.clone()
    }

    /// The snapshot: the same object until something in it changes.
    pub(super) fn snapshot(&self) -> JsValue {
        self.shown.borrow().object()
    }

    /// The row with this key; undefined if there is none.
    pub(super) fn get(&self, key: &str) -> JsValue {
        self.reported.borrow().by_key.get(&key.into())
    }

    /// Whether a change of this row is pending.
    pub(super) fn is_pending(&self, key: &str) -> bool {
        self.shown.borrow().pending().iter().any(|change| &*change.key == key)
    }

    /// Applies a view of the core; returns whether its error is a new one. Exceptions of the app's functions are passed to
    /// `report`.
    pub(super) fn apply(
        &self,
        channel: &View,
        view: RowsView<JsPayload>,
        error: JsValue,
        pending: Vec<Pending>,
        report: impl Fn(&JsValue),
    ) -> bool {
        let is_new = {
            let mut reported = self.reported.borrow_mut();
            reported.status = view.status;
            let is_new = !is_same_error(&error, &reported.error);
            if is_new {
                reported.error = error.clone();
            }
            reported.by_key = Map::new();
            for row in &view.rows {
                reported.by_key.set(&(&*row.key).into(), &row.row.0);
            }
            is_new && !error.is_null()
        };
        let rows: Array = view.rows.into_iter().map(|row| row.row.0).collect();
        if let Some(sort) = &self.functions.sort
            && let Err(thrown) = rows.unchecked_ref::<Sortable>().sort(sort)
        {
            // The rows stay in the order of their keys.
            report(&thrown);
        }
        self.show(channel, Some(rows), Some(pending), report);
        is_new
    }

    /// Updates the snapshot from the channel's state.
    pub(super) fn refresh(&self, channel: &View, report: impl Fn(&JsValue)) {
        self.show(channel, None, None, report);
    }

    /// Removes a settled change from `pending`, even if its row has not been received yet.
    pub(super) fn settled(&self, id: &str, channel: &View, report: impl Fn(&JsValue)) {
        let pending = {
            let shown = self.shown.borrow();
            shown.pending().iter().filter(|change| change.id != id).cloned().collect()
        };
        self.show(channel, None, Some(pending), report);
    }

    fn show(
        &self,
        channel: &View,
        rows: Option<Array>,
        pending: Option<Vec<Pending>>,
        report: impl Fn(&JsValue),
    ) {
        let (is_loading, load_error) = {
            let reported = self.reported.borrow();
            (reported.status == CollectionStatus::Loading, reported.error.clone())
        };
        let has_failed = !channel.error.is_null();
        let error = if has_failed { channel.error.clone() } else { load_error };
        let is_loading = is_loading && !has_failed;
        let next = {
            let shown = self.shown.borrow();
            shown.next(rows, pending, is_loading, error, channel.continuity)
        };
        let Some(next) = next else { return };
        let object = next.object();
        self.shown.replace(next);
        self.listeners.emit(CHANGE, &[&object], report);
    }
}

#[wasm_bindgen]
extern "C" {
    /// `rows.sort(by)`
    type Sortable;
    #[wasm_bindgen(method, structural, catch)]
    fn sort(this: &Sortable, by: &Function) -> Result<JsValue, JsValue>;
}

/// Whether two errors, or null, have the same code and message.
fn is_same_error(a: &JsValue, b: &JsValue) -> bool {
    member(a, "code") == member(b, "code") && member(a, "message") == member(b, "message")
}
