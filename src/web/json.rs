//! JSON by the engine's own `JSON`, and the size of its texts.

use js_sys::{JsString, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `JSON.parse` without taking the text through Rust; `None` is `null`. Optional, since an import that throws
    /// would else leave the slot of its result in the table of values for good: servers send texts that are no JSON.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_text(text: &JsValue) -> Result<Option<Parsed>, JsValue>;
    /// What a JSON text holds.
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

/// The value of a JSON text; `None` if it is none.
pub(crate) fn parse(text: &JsValue) -> Option<JsValue> {
    Some(parse_text(text).ok()?.map_or(JsValue::NULL, JsValue::from))
}
