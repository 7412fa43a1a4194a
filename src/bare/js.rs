//! Reads and calls of JavaScript values.

use alloc::string::{String, ToString};
use core::future::Future;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::error::invalid;
use crate::abi::text::{FUNCTION, NAME, OBJECT};
use crate::web::entries;

pub(super) use crate::engine::config::member;
pub(super) use crate::engine::error::object;

/// The largest integer that a number holds exactly (`Number.MAX_SAFE_INTEGER`).
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Reads a non-empty string.
pub(super) fn name(value: &JsValue, argument: &str) -> Result<String, JsValue> {
    value
        .as_string()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| invalid(&[argument, " must be ", NAME].concat()))
}

/// Reads a function.
pub(super) fn function(value: &JsValue, argument: &str) -> Result<Function, JsValue> {
    let function = value.dyn_ref::<Function>().cloned();
    function.ok_or_else(|| invalid(&[argument, " must be ", FUNCTION].concat()))
}

/// Reads an optional function.
pub(super) fn optional_function(
    value: &JsValue,
    argument: &str,
) -> Result<Option<Function>, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    function(value, argument).map(Some)
}

/// The text of a key: a string, or a safe integer in decimal.
pub(super) fn key_text(value: &JsValue) -> Option<String> {
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER;
    value.as_string().or_else(|| Some(value.as_f64().filter(whole)?.to_string()))
}

/// A copy of an options object without getters; an empty one if it is not set.
pub(super) fn copy_of(options: &JsValue, argument: &str) -> Result<JsValue, JsValue> {
    if options.is_undefined() || options.is_null() {
        return Ok(Object::new().into());
    }
    let members = if options.is_object() { entries(options).ok() } else { None };
    members
        .and_then(|members| Object::from_entries(&members).ok())
        .map(JsValue::from)
        .ok_or_else(|| invalid(&[argument, " must be ", OBJECT].concat()))
}

/// The members of both objects; those of the second take precedence.
pub(super) fn merged(below: &JsValue, above: &JsValue) -> JsValue {
    let of = |object: &JsValue| entries(object).unwrap_or_default();
    // Plain objects of our own: this cannot fail.
    Object::from_entries(&of(below).concat(&of(above))).map_or(JsValue::UNDEFINED, JsValue::from)
}

/// Calls a function with these arguments.
pub(super) fn apply(function: &Function, values: &[&JsValue]) -> Result<JsValue, JsValue> {
    let values: Array = values.iter().copied().collect();
    function.apply(&JsValue::UNDEFINED, &values)
}

/// A function that removes something; calling it again does nothing more.
pub(super) fn undo(act: impl Fn() + 'static) -> Function {
    Closure::<dyn Fn()>::new(act).into_js_value().unchecked_into()
}

/// Calls a function in a separate microtask.
pub(super) fn defer(act: impl FnOnce() + 'static) {
    run(async move { act() });
}

/// Runs a future of the browser.
pub(super) fn run(future: impl Future<Output = ()> + 'static) {
    spawn_local(future);
}

/// Awaits a value that may be a promise.
pub(super) async fn settled(value: JsValue) -> Result<JsValue, JsValue> {
    // Its own `then` is called by the new promise, which catches what that throws.
    let promise = Promise::new(&mut |resolve, _| {
        let _ = resolve.call1(&JsValue::UNDEFINED, &value);
    });
    JsFuture::from(promise).await
}
