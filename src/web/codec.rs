//! Text into values and back, by the engine's own `JSON`: nothing of a payload enters wasm memory.

use alloc::vec::Vec;
use js_sys::{Array, JsString, Object};
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

/// The own members of an object.
pub(super) fn entries(object: &JsValue) -> Array {
    Object::entries(object.unchecked_ref::<Object>())
}

/// An object of these members, the last of a name counting. They are defined: assigning would let
/// `__proto__` set a prototype.
pub(super) fn object_of(entries: &Array) -> JsPayload {
    JsPayload(Object::from_entries(entries).map_or(JsValue::NULL, JsValue::from))
}

/// The text of one frame, or of an array of several.
pub(super) fn encode(frames: Vec<Frame<JsPayload>>) -> JsString {
    let many = frames.len() > 1;
    let mut text: JsString = if many { "[" } else { "" }.into();
    for (at, frame) in frames.into_iter().enumerate() {
        if at > 0 {
            text = text.concat(&",".into());
        }
        text = text.concat(&encode_one(frame).into());
    }
    if many { text.concat(&"]".into()) } else { text }
}

/// The user's part is spliced in as it was serialised.
fn encode_one(frame: Frame<JsPayload>) -> JsString {
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
            object_of(&entries(&frame.head.0).concat(&entries(&payload.0))).stringify()
        }
    }
}
