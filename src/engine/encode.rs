//! What the core emits about collections and presence, as JavaScript values.

use alloc::vec::Vec;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::error::{object, to_js};
use crate::abi::report::RequestKind;
use crate::core::collection::{AppRequest, Change, View};
use crate::core::payload::Payload;
use crate::core::presence::PresenceChange;
use crate::web::JsPayload;

/// A view of a collection, as the sink's arguments.
pub(super) fn view(view: View<JsPayload>) -> [JsValue; 6] {
    let key = |key: &str| JsValue::from(key);
    let keys: Array = view.rows.iter().map(|row| key(&row.key)).collect();
    let rows: Array = view.rows.into_iter().map(|row| row.row.0).collect();
    let pending: Array =
        view.pending.iter().map(|change| JsValue::from(change.mutation.0)).collect();
    let pending_keys: Array = view.pending.iter().map(|change| key(&change.key)).collect();
    let error = view.error.as_ref().map_or(JsValue::UNDEFINED, to_js);
    let status = (view.status as u32).into();
    [rows.into(), keys.into(), pending.into(), pending_keys.into(), status, error]
}

/// The result of a successful mutation: `{ confirmed, row? }`.
pub(super) fn stored(row: Option<JsPayload>, confirmed: bool) -> JsValue {
    object(&[("confirmed", confirmed.into()), ("row", row.map_or(JsValue::UNDEFINED, |row| row.0))])
}

/// The kind of a request, and its arguments.
pub(super) fn question(question: AppRequest<JsPayload>) -> (RequestKind, [JsValue; 3]) {
    const NONE: JsValue = JsValue::UNDEFINED;
    let value = |row: Option<JsPayload>| row.map_or(NONE, |row| row.0);
    match question {
        AppRequest::Load => (RequestKind::Load, [NONE; 3]),
        AppRequest::Persist(change) => (RequestKind::Persist, persisted(change)),
        AppRequest::Resolve { local, remote, base } => {
            (RequestKind::Resolve, [value(local), remote.0, value(base)])
        }
        AppRequest::Key(row) => (RequestKind::Key, [row.0, NONE, NONE]),
    }
}

/// A change to be stored: `{ kind, key, row? }`, its id for this attempt, and its number.
fn persisted(change: Change<JsPayload>) -> [JsValue; 3] {
    let what = object(&[
        ("kind", change.kind.name().into()),
        ("key", (&*change.key).into()),
        ("row", change.row.map_or(JsValue::UNDEFINED, |row| row.0)),
    ]);
    [what, change.mutation.into(), change.number.0.into()]
}

/// Changes of presence: `{ kind, key, metas, changed }[]`.
pub(super) fn changes(changes: Vec<PresenceChange<JsPayload>>) -> Array {
    changes
        .into_iter()
        .map(|change| {
            object(&[
                ("kind", (change.kind as u8).into()),
                ("key", change.key.into()),
                ("metas", JsPayload::array(change.metas).0),
                ("changed", JsPayload::array(change.changed).0),
            ])
        })
        .collect()
}
