//! Whether JSON can carry what the app hands to the bare module unchanged. The package's counterpart is
//! `serialise` in `pkg-template/src/serialize.ts`.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use js_sys::{Function, JSON, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::payload::{MAX_DEPTH, MAX_VALUES, take_one};
use crate::engine::error::invalid;
use crate::web::is_array;

#[wasm_bindgen]
extern "C" {
    /// `Object.prototype.toString`: `[object Map]`, say.
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call, catch)]
    fn tag_of(value: &JsValue) -> Result<String, JsValue>;
    /// `Object.keys`
    #[wasm_bindgen(js_namespace = Object, js_name = keys, catch)]
    fn keys_of(object: &JsValue) -> Result<js_sys::Array, JsValue>;
}

/// Where a value is, and what is around it.
struct Place {
    path: String,
    depth: usize,
    is_in_list: bool,
    left: u32,
}

/// The JSON text of a value, or an `invalid_argument` that names the place of what JSON cannot carry.
pub(super) fn serialise(value: &JsValue, argument: &str) -> Result<JsString, JsValue> {
    let mut place =
        Place { path: argument.to_owned(), depth: 0, is_in_list: true, left: MAX_VALUES };
    let text = match check(value, "", &mut place) {
        Ok(true) => JSON::stringify(value),
        Ok(false) => return Err(invalid(&[&place.path, " must be plain JSON"].concat())),
        Err(error) => Err(error),
    };
    text.map_err(|error| {
        let words = error.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
        let words = words.map_or_else(|| "it cannot be read".to_owned(), String::from);
        invalid(&[&place.path, " must be plain JSON: ", &words].concat())
    })
}

/// Whether JSON carries the value; what a getter, a `toJSON` or a proxy throws is the error. The place is left at
/// what it does not carry.
fn check(value: &JsValue, key: &str, place: &mut Place) -> Result<bool, JsValue> {
    if !take_one(&mut place.left) {
        return Ok(false);
    }
    let given =
        if value.is_object() { Reflect::get(value, &"toJSON".into())? } else { JsValue::NULL };
    let value = match given.dyn_ref::<Function>() {
        Some(to_json) => &to_json.call1(value, &key.into())?,
        None => value,
    };
    if value.is_undefined() {
        return Ok(!place.is_in_list);
    }
    if !value.is_object() {
        let number = value.as_f64().is_some_and(f64::is_finite);
        return Ok(number || value.is_null() || value.is_string() || value.as_bool().is_some());
    }
    let is_list = is_array(value);
    if place.depth >= MAX_DEPTH || !(is_list || tag_of(value)? == "[object Object]") {
        return Ok(false);
    }
    let (length, outer) = (place.path.len(), place.is_in_list);
    place.depth += 1;
    place.is_in_list = is_list;
    let mut each = |key: &JsValue, name: &str| {
        let steps = if is_list { ["[", name, "]"] } else { [".", name, ""] };
        place.path.push_str(&steps.concat());
        let carried = check(&Reflect::get(value, key)?, name, place)?;
        if carried {
            place.path.truncate(length);
        }
        Ok::<_, JsValue>(carried)
    };
    if is_list {
        let count = Reflect::get(value, &"length".into())?.as_f64().unwrap_or_default();
        let mut at = 0.0;
        while at < count {
            if !each(&at.into(), &at.to_string())? {
                return Ok(false);
            }
            at += 1.0;
        }
    } else {
        for key in keys_of(value.unchecked_ref::<Object>())? {
            if !each(&key, &key.as_string().unwrap_or_default())? {
                return Ok(false);
            }
        }
    }
    place.depth -= 1;
    place.is_in_list = outer;
    Ok(true)
}
