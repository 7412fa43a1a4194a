//! Reads of JavaScript values that may throw: a getter or a proxy of the app's is run by them. Exceptions are
//! caught, since they would leave the client borrowed permanently.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::payload::MAX_VALUES;

#[wasm_bindgen]
extern "C" {
    /// `Object.entries`
    #[wasm_bindgen(js_namespace = Object, js_name = entries, catch)]
    pub(crate) fn entries(object: &JsValue) -> Result<Array, JsValue>;
    /// `Object.values`
    #[wasm_bindgen(js_namespace = Object, js_name = values, catch)]
    pub(super) fn values(object: &JsValue) -> Result<Array, JsValue>;
    /// `Object.keys`
    #[wasm_bindgen(js_namespace = Object, js_name = keys, catch)]
    pub(super) fn keys(object: &JsValue) -> Result<Array, JsValue>;
    /// `Object.hasOwn`
    #[wasm_bindgen(js_namespace = Object, js_name = hasOwn, catch)]
    fn has(object: &JsValue, key: &JsValue) -> Result<bool, JsValue>;
    /// `Array.isArray`, which throws for a revoked proxy.
    #[wasm_bindgen(js_namespace = Array, js_name = isArray, catch)]
    fn array(value: &JsValue) -> Result<bool, JsValue>;
}

/// A member of an object; undefined if there is none, or it cannot be read.
pub(crate) fn member(object: &JsValue, key: &str) -> JsValue {
    if object.is_object() {
        Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
    } else {
        JsValue::UNDEFINED
    }
}

/// Whether an object has this member of its own.
pub(super) fn has_own(object: &JsValue, key: &JsValue) -> bool {
    has(object, key) == Ok(true)
}

/// Whether a value is an array.
pub(crate) fn is_array(value: &JsValue) -> bool {
    array(value) == Ok(true)
}

/// The items of an array, in an array of our own: a proxy may throw when its items are read. `None` as well where there
/// are more than any payload may hold: the table of values is finite.
pub(crate) fn items(value: &JsValue) -> Option<Array> {
    if !is_array(value) {
        return None;
    }
    values(value).ok().filter(|items| items.length() <= MAX_VALUES)
}

/// An object of these members, the last of a name counting. They are defined: assigning would let
/// `__proto__` set a prototype.
pub(super) fn object_of(entries: &Array) -> JsValue {
    Object::from_entries(entries).map_or(JsValue::NULL, JsValue::from)
}
