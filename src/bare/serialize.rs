//! Serializes the app's values, and checks that JSON can represent them. The package's counterpart is
//! `serialise` in `pkg-template/src/serialize.ts`.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use js_sys::{ArrayBuffer, Function, JSON, JsString, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::invalid;
use crate::abi::text::{OBJECT, PLAIN_JSON};
use crate::core::payload::{MAX_DEPTH, MAX_VALUES, take_one};
use crate::web::{JsPayload, is_array, utf8_length};

#[wasm_bindgen]
extern "C" {
    /// `Object.prototype.toString`, such as `[object Map]`.
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call, catch)]
    pub(super) fn tag_of(value: &JsValue) -> Result<String, JsValue>;
    /// `Object.keys`
    #[wasm_bindgen(js_namespace = Object, js_name = keys, catch)]
    fn keys_of(object: &JsValue) -> Result<js_sys::Array, JsValue>;
}

/// The kind of value that contains a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// An object: undefined members are omitted.
    Object,
    /// An array, or none: undefined cannot be represented.
    List,
    /// A patch: an undefined member would not change the field.
    Patch,
}

/// The path, depth and container of the value that is being checked.
struct Location {
    path: String,
    depth: usize,
    around: Around,
    left: u32,
}

/// A message to be sent, and its size in bytes: a copy of bytes, JSON of anything else.
pub(super) fn payload_of(message: &JsValue) -> Result<(JsPayload, usize), JsValue> {
    let bytes = match message.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => Some(buffer.slice(0)),
        None if ArrayBuffer::is_view(message) => copy_of_view(message),
        None => None,
    };
    if let Some(bytes) = bytes {
        let size = bytes.byte_length() as usize;
        return Ok((JsPayload(bytes.into()), size));
    }
    let text = serialise(message, "message")?;
    let size = utf8_length(&text);
    Ok((JsPayload(text.into()), size))
}

fn copy_of_view(view: &JsValue) -> Option<ArrayBuffer> {
    let part = |key: &str| Reflect::get(view, &key.into()).ok();
    let number = |key: &str| Some(part(key)?.as_f64()? as u32);
    let (at, length) = (number("byteOffset")?, number("byteLength")?);
    let whole = part("buffer")?;
    Some(Uint8Array::new_with_byte_offset_and_length(&whole, at, length).slice(0, length).buffer())
}

/// The JSON text of an object as a payload.
pub(super) fn object_of(value: &JsValue, argument: &str) -> Result<JsPayload, JsValue> {
    let text = serialise(value, argument)?;
    if text.char_code_at(0) != f64::from(b'{') {
        return Err(invalid(&[argument, " must be ", OBJECT].concat()));
    }
    Ok(JsPayload(text.into()))
}

/// The JSON text of a value, or an `invalid_argument` that names the path of a value that JSON cannot represent.
pub(super) fn serialise(value: &JsValue, argument: &str) -> Result<JsString, JsValue> {
    let mut location =
        Location { path: argument.to_owned(), depth: 0, around: Around::List, left: MAX_VALUES };
    let text = match check(value, "", &mut location) {
        Ok(true) => JSON::stringify(value),
        Ok(false) => return Err(invalid(&[&location.path, " must be ", PLAIN_JSON].concat())),
        Err(error) => Err(error),
    };
    text.map_err(|error| {
        let message = error.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
        let message = message.map_or_else(|| "it cannot be read".to_owned(), String::from);
        invalid(&[&location.path, " must be ", PLAIN_JSON, ": ", &message].concat())
    })
}

/// Whether JSON can represent the value; exceptions of getters, `toJSON` and proxies are the error. Afterwards `location` is
/// that of the value that JSON cannot represent.
fn check(value: &JsValue, key: &str, location: &mut Location) -> Result<bool, JsValue> {
    if !take_one(&mut location.left) {
        return Ok(false);
    }
    let given =
        if value.is_object() { Reflect::get(value, &"toJSON".into())? } else { JsValue::NULL };
    let value = match given.dyn_ref::<Function>() {
        Some(to_json) => &to_json.call1(value, &key.into())?,
        None => value,
    };
    if value.is_undefined() {
        return Ok(location.around == Around::Object);
    }
    if !value.is_object() {
        let number = value.as_f64().is_some_and(f64::is_finite);
        return Ok(number || value.is_null() || value.is_string() || value.as_bool().is_some());
    }
    let is_list = is_array(value);
    if location.depth >= MAX_DEPTH || !(is_list || tag_of(value)? == "[object Object]") {
        return Ok(false);
    }
    let (length, outer) = (location.path.len(), location.around);
    location.depth += 1;
    location.around = match is_list {
        true => Around::List,
        false if location.path == "patch" => Around::Patch,
        false => Around::Object,
    };
    let mut each = |key: &JsValue, name: &str| {
        let steps = if is_list { ["[", name, "]"] } else { [".", name, ""] };
        location.path.push_str(&steps.concat());
        let carried = check(&Reflect::get(value, key)?, name, location)?;
        if carried {
            location.path.truncate(length);
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
    location.depth -= 1;
    location.around = outer;
    Ok(true)
}
