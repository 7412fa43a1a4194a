//! Copies of values that the app's functions return, so that no getter or proxy runs while the core reads them. The
//! package's counterpart is `pkg-template/src/session/plain-copy.ts`.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::js::{member, object};
use super::serialize::{serialise, tag_of};
use crate::web::{entries, items};

/// A copy without getters and proxies, with the same prototypes.
///
/// # Errors
/// `invalid_argument` if JSON cannot carry the value: it could be neither compared nor sent.
pub(super) fn plain_copy(value: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    if !value.is_object() {
        return Ok(value.clone());
    }
    serialise(value, name)?;
    copy_of(value)
}

/// Getters, traps of a proxy and a `toJSON` of the app run once, here; the copy keeps the result of `toJSON`. What the
/// platform makes and has a `toJSON` (a date, an address) is not copied.
fn copy_of(value: &JsValue) -> Result<JsValue, JsValue> {
    if !value.is_object() {
        return Ok(value.clone());
    }
    if let Some(items) = items(value) {
        let copies = Array::new();
        for item in items {
            copies.push(&copy_of(&item)?);
        }
        return Ok(copies.into());
    }
    let to_json = member(value, "toJSON").dyn_into::<Function>().ok();
    if to_json.is_some() && tag_of(value)? != "[object Object]" {
        return Ok(value.clone());
    }
    let members = Array::new();
    for entry in entries(value)? {
        let entry: Array = entry.unchecked_into();
        members.push(&Array::of2(&entry.get(0), &copy_of(&entry.get(1))?));
    }
    let copy = Object::from_entries(&members)?;
    if let Some(to_json) = to_json {
        let json = copy_of(&to_json.call1(value, &"".into())?)?;
        let constant = Closure::<dyn Fn() -> JsValue>::new(move || json.clone());
        let descriptor = object(&[("value", constant.into_js_value())]);
        Object::define_property(&copy, &"toJSON".into(), descriptor.unchecked_ref());
    }
    let prototype = Object::get_prototype_of(value);
    if !Object::is(&prototype, &Object::get_prototype_of(&Object::new())) {
        Object::set_prototype_of(&copy, &prototype);
    }
    Ok(copy.into())
}
