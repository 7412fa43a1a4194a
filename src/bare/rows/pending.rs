//! An optimistic change that is not settled, as the app sees it.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::JsValue;

use crate::bare::js::object;
use crate::bare::names;
use crate::core::collection::ChangeKind;

/// An optimistic change that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::bare) struct Pending {
    /// The mutation's id.
    pub(in crate::bare) id: String,
    pub(in crate::bare) key: Rc<str>,
    pub(in crate::bare) kind: ChangeKind,
}

impl Pending {
    /// `{ id, key, kind }`
    pub(super) fn to_js(&self) -> JsValue {
        object(&[
            ("id", self.id.as_str().into()),
            ("key", (&*self.key).into()),
            ("kind", names::change(self.kind).into()),
        ])
    }
}
