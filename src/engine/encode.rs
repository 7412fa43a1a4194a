//! What the core emits about collections and presence, as JavaScript values. Mirrored by `pkg-template/src/session/engine-abi.ts`.

use alloc::vec::Vec;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::error::{object, to_js};
use crate::core::collection::{AppRequest, Change, ChangeKind, View};
use crate::core::payload::Payload;
use crate::core::presence::PresenceChange;
use crate::web::JsPayload;

/// Names of the kinds of changes, as the app is asked to store them.
const CHANGES: [&str; 3] = ["insert", "update", "delete"];

/// Numbers of the questions (`AppRequest`).
pub(super) mod asked {
    pub(crate) const LOAD: u32 = 0;
    pub(crate) const PERSIST: u32 = 1;
    pub(crate) const RESOLVE: u32 = 2;
    pub(crate) const KEY: u32 = 3;
}

/// What a collection shows, as the sink takes it.
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

/// How a mutation ended well: `{ confirmed, row? }`.
pub(super) fn stored(row: Option<JsPayload>, confirmed: bool) -> JsValue {
    object(&[("confirmed", confirmed.into()), ("row", row.map_or(JsValue::UNDEFINED, |row| row.0))])
}

/// A question's number, and what it is about.
pub(super) fn question(question: AppRequest<JsPayload>) -> (u32, [JsValue; 3]) {
    const NONE: JsValue = JsValue::UNDEFINED;
    let value = |row: Option<JsPayload>| row.map_or(NONE, |row| row.0);
    match question {
        AppRequest::Load => (asked::LOAD, [NONE; 3]),
        AppRequest::Persist(change) => (asked::PERSIST, [persisted(change), NONE, NONE]),
        AppRequest::Resolve { local, remote, base } => {
            (asked::RESOLVE, [value(local), remote.0, value(base)])
        }
        AppRequest::Key(row) => (asked::KEY, [row.0, NONE, NONE]),
    }
}

/// A change to be stored: `{ kind, key, row?, mutation }`.
fn persisted(change: Change<JsPayload>) -> JsValue {
    let [insert, update, remove] = CHANGES;
    let kind = match change.kind {
        ChangeKind::Insert => insert,
        ChangeKind::Update => update,
        ChangeKind::Remove => remove,
    };
    object(&[
        ("kind", kind.into()),
        ("key", (&*change.key).into()),
        ("row", change.row.map_or(JsValue::UNDEFINED, |row| row.0)),
        ("mutation", change.mutation.into()),
    ])
}

/// Differences of who is there: `{ kind, key, metas, changed }[]`.
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
