//! Inflates compressed frames.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bare/inflate.js")]
extern "C" {
    /// Whether the platform can inflate.
    #[wasm_bindgen(js_name = canInflate)]
    pub(super) fn is_available() -> bool;
    /// A promise of the text, of its beginning in an array, or of `undefined`. It never rejects.
    pub(super) fn inflate(frame: &JsValue, max_bytes: f64) -> Promise;
}
