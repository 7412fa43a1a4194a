//! An optimistic change that is not settled, as the app receives it.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::JsValue;

use crate::bare::js::object;
use crate::core::collection::ChangeKind;

/// An optimistic change that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    /// The mutation's id.
    pub(crate) id: String,
    pub(crate) key: Rc<str>,
    pub(crate) kind: ChangeKind,
}

impl Pending {
    /// `{ id, key, kind }`
    pub(super) fn to_js(&self) -> JsValue {
        object(&[
            ("id", self.id.as_str().into()),
            ("key", (&*self.key).into()),
            ("kind", self.kind.name().into()),
        ])
    }
}
