//! The snapshot of a collection.

use alloc::vec::Vec;

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::pending::Pending;
use crate::bare::js::object;
use crate::core::state::Continuity;

/// The content of a collection's snapshot.
#[derive(Debug)]
pub(super) struct Shown {
    /// The array that the app has, and the rows in it: the app could change the array.
    items: JsValue,
    rows: Vec<JsValue>,
    list: JsValue,
    pending: Vec<Pending>,
    is_loading: bool,
    error: JsValue,
    continuity: Continuity,
    object: JsValue,
}

impl Shown {
    /// The snapshot before anything is loaded.
    pub(super) fn loading() -> Self {
        Self {
            items: Array::new().into(),
            rows: Vec::new(),
            list: Array::new().into(),
            pending: Vec::new(),
            is_loading: true,
            error: JsValue::NULL,
            continuity: Continuity::Fresh,
            object: JsValue::UNDEFINED,
        }
        .frozen()
    }

    /// The object that the app receives.
    pub(super) fn object(&self) -> JsValue {
        self.object.clone()
    }

    /// The changes that are not settled.
    pub(super) fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// The next snapshot, `None` if it equals this one. Arguments that are `None` leave their part unchanged.
    pub(super) fn next(
        &self,
        rows: Option<Array>,
        pending: Option<Vec<Pending>>,
        is_loading: bool,
        error: JsValue,
        continuity: Continuity,
    ) -> Option<Self> {
        let rows = rows.map(|items| (items.to_vec(), items));
        let rows = rows.filter(|(rows, _)| {
            rows.len() != self.rows.len()
                || rows.iter().zip(&self.rows).any(|(a, b)| !Object::is(a, b))
        });
        let pending = pending.filter(|pending| *pending != self.pending);
        let is_same = rows.is_none()
            && pending.is_none()
            && is_loading == self.is_loading
            && error == self.error
            && continuity == self.continuity;
        if is_same {
            return None;
        }
        let (rows, items) = match rows {
            Some((rows, items)) => (rows, items.into()),
            None => (self.rows.clone(), self.items.clone()),
        };
        let (pending, list) = match pending {
            Some(pending) => {
                let list = pending.iter().map(Pending::to_js).collect::<Array>();
                (pending, list.into())
            }
            None => (self.pending.clone(), self.list.clone()),
        };
        let object = JsValue::UNDEFINED;
        Some(Self { items, rows, list, pending, is_loading, error, continuity, object }.frozen())
    }

    fn frozen(self) -> Self {
        let object = object(&[
            ("items", self.items.clone()),
            ("isLoading", self.is_loading.into()),
            ("error", self.error.clone()),
            ("pending", self.list.clone()),
            ("continuity", self.continuity.name().into()),
        ]);
        let object = Object::freeze(object.unchecked_ref::<Object>()).into();
        Self { object, ..self }
    }
}
