//! JSON by the browser's `JSON`, and the size of texts.

use js_sys::{JsString, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `JSON.parse` without taking the text through Rust; `None` is `null`. The result is optional: an import that throws
    /// would otherwise occupy an entry of the table of values permanently, and servers send texts that are not JSON.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_text(text: &JsValue) -> Result<Option<Parsed>, JsValue>;
    /// The value of a JSON text.
    type Parsed;
}

#[wasm_bindgen]
extern "C" {
    /// The platform's encoder. Texts are not taken through Rust.
    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, text: &JsString) -> Uint8Array;
}

/// The size of a text in bytes of UTF-8.
pub(crate) fn utf8_length(text: &JsString) -> usize {
    TextEncoder::new().encode(text).length() as usize
}

/// The value of a JSON text; `None` if it is invalid.
pub(crate) fn parse(text: &JsValue) -> Option<JsValue> {
    Some(parse_text(text).ok()?.map_or(JsValue::NULL, JsValue::from))
}
