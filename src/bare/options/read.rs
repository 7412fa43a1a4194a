//! Reads single options by serde.

use alloc::string::ToString;

use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::bare::error::invalid;
use crate::bare::js::member;

/// Reads an option; none if it is undefined or null.
///
/// # Errors
/// `invalid_argument`, which names it.
pub(super) fn option<T: DeserializeOwned>(
    options: &JsValue,
    key: &str,
) -> Result<Option<T>, JsValue> {
    serde_wasm_bindgen::from_value(member(options, key)).map_err(|error| wrong(key, &error))
}

/// The error for an option that serde cannot read.
fn wrong(key: &str, error: &serde_wasm_bindgen::Error) -> JsValue {
    invalid(&["options.", key, ": ", &error.to_string()].concat())
}
