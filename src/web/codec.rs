//! Text into values and back, by the engine's own `JSON`: nothing of a payload enters wasm memory.

use js_sys::{Array, JSON, JsString, Object};
use wasm_bindgen::prelude::*;

use super::payload::JsPayload;
use crate::core::io::{Body, Frame, Received};

#[wasm_bindgen]
extern "C" {
    /// `JSON.parse` without taking the text through Rust.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_text(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// The value of a JSON text; `None` if it is none.
pub(super) fn parse(text: &JsValue) -> Option<JsValue> {
    parse_text(text).ok()
}

/// A message of the socket, and its size in UTF-16 units.
pub(super) fn receive(data: &JsValue, max_units: u64) -> (Received<JsPayload>, usize) {
    let Some(text) = data.dyn_ref::<JsString>() else { return (Received::Binary, 0) };
    let units = text.length() as usize;
    let received = if units as u64 > max_units {
        Received::TooLarge
    } else {
        parse(data).map_or(Received::NotJson, |value| Received::Value(JsPayload(value)))
    };
    (received, units)
}

fn entries(object: &JsPayload) -> Array {
    Object::entries(object.0.unchecked_ref())
}

/// A new object: the members of `object`, and those of these entries over them. `fromEntries`
/// defines members; assigning would let `__proto__` set a prototype.
pub(super) fn join(object: &JsPayload, over: &Array) -> JsValue {
    let all: Array = entries(object).concat(over);
    Object::from_entries(&all).map_or(JsValue::NULL, JsValue::from)
}

/// The text of a frame. The user's part is spliced in as it was serialised.
pub(super) fn encode(frame: Frame<JsPayload>) -> JsString {
    match frame.body {
        Body::Empty => frame.head.stringify(),
        Body::Payload(payload) => {
            let head = frame.head.stringify();
            head.slice(0, head.length() - 1)
                .concat(&",\"payload\":".into())
                .concat(&payload.0)
                .concat(&"}".into())
        }
        Body::Spread(payload) => {
            let spread = join(&frame.head, &entries(&payload));
            JSON::stringify(&spread).unwrap_or_else(|_| "null".into())
        }
    }
}
