//! Ids of messages.

use alloc::string::String;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn random_values(into: &Uint8Array);
}

/// 128 random bits in hex: `crypto.randomUUID` is missing on pages without TLS.
pub(super) fn new_id() -> String {
    let bytes = Uint8Array::new_with_length(16);
    random_values(&bytes);
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.to_vec().into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
