//! Converts text to values and back with the browser's `JSON`: payloads do not enter wasm memory.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use js_sys::{Array, ArrayBuffer, JsString, RegExp, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::TextDecoder;

use super::json::{parse, utf8_length};
use super::object::{entries, object_of};
use super::payload::JsPayload;
use crate::core::config::Config;
use crate::core::input::{BinaryFrame, FrameKind, Received};
use crate::core::output::{Body, Frame};
use crate::core::payload::Payload;
use crate::core::profile::ProtocolProfile;
use crate::core::protocol::phoenix::binary::{self, MAX_HEAD_BYTES};
use crate::core::text::concat;

#[wasm_bindgen]
extern "C" {
    /// `text.replace(pattern, by)`, which throws where the pattern would need too much of the stack.
    type Replaceable;
    #[wasm_bindgen(method, structural, catch)]
    fn replace(this: &Replaceable, pattern: &RegExp, by: &JsValue) -> Result<JsString, JsValue>;
}

/// Whether a text has more bytes than this in UTF-8. A UTF-16 unit has one to three bytes, so that the text rarely
/// has to be encoded.
fn exceeds(text: &JsString, max_bytes: u64) -> bool {
    let units = u64::from(text.length());
    units > max_bytes || units * 3 > max_bytes && utf8_length(text) as u64 > max_bytes
}

/// The length of the beginning of a too large text that is parsed, in UTF-16 units.
const HEAD_UNITS: u32 = 1_024;

/// The part of a text before its payload: the members of an object, or the items of an array,
/// up to the first that is neither a string nor a number.
fn head_of(text: &JsString) -> Option<JsPayload> {
    let plain = RegExp::new(
        r#"^\s*([{[])(?:\s*(?:"(?:[^"\\]|\\.)*"\s*:\s*)?(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)\s*,)+"#,
        "",
    );
    let found = plain.exec(&String::from(text.slice(0, HEAD_UNITS)))?;
    let head: JsString = found.get(0).unchecked_into();
    let end = if found.get(1) == "[" { "]" } else { "}" };
    let closed = head.slice(0, head.length() - 1).concat(&end.into());
    parse(&closed.into()).map(JsPayload)
}

/// A message of the socket, and its size in UTF-16 units, or bytes where it is binary.
pub(super) fn receive(data: &JsValue, config: &Config) -> (Received<JsPayload>, usize) {
    let Some(text) = data.dyn_ref::<JsString>() else {
        if let Some(bytes) =
            data.dyn_ref::<ArrayBuffer>().filter(|_| ProtocolProfile::of(config).sends_as_member())
        {
            return decode_binary(bytes, config.max_frame_bytes);
        }
        // The beginning of a text that was too large to be inflated further.
        let start = data.dyn_ref::<Array>().map(|start| start.get(0));
        let head = start.map(|start| Received::TooLarge(head_of(start.unchecked_ref())));
        return (head.unwrap_or(Received::UnexpectedBinary), 0);
    };
    let units = text.length() as usize;
    let received = if exceeds(text, config.max_frame_bytes) {
        Received::TooLarge(head_of(text))
    } else {
        let exact = config.exact_numbers && text.includes("postgres_changes", 0);
        // Only valid JSON is searched: with unterminated strings the pattern would take quadratic time.
        let value = match parse(data) {
            Some(_) if exact => quote_long_numbers(text).and_then(|text| parse(&text.into())),
            value => value,
        };
        value.map_or(Received::NotJson, |value| Received::Value(JsPayload(value)))
    };
    (received, units)
}

/// The text with its long numbers as texts: as numbers they would lose digits. Strings are
/// skipped, whatever they contain; `None` if one contains millions of escapes, which exhausts the stack of the pattern.
fn quote_long_numbers(text: &JsString) -> Option<JsString> {
    let tokens = RegExp::new(r#"("[^"\\]*(?:\\.[^"\\]*)*")|(-?\d[\d.eE+-]{15,})"#, "g");
    let quote = |_: JsValue, string: JsValue, number: JsValue| match number.as_string() {
        Some(number) => JsValue::from(concat(&["\"", &number, "\""])),
        None => string,
    };
    let quote = Closure::<dyn Fn(JsValue, JsValue, JsValue) -> JsValue>::new(quote);
    text.unchecked_ref::<Replaceable>().replace(&tokens, quote.as_ref()).ok()
}

/// Decodes a binary frame of Phoenix: only its head is read, its data is not copied.
fn decode_binary(bytes: &ArrayBuffer, max_bytes: u64) -> (Received<JsPayload>, usize) {
    let size = bytes.byte_length() as usize;
    let length = bytes.byte_length().min(MAX_HEAD_BYTES as u32);
    let start = Uint8Array::new_with_byte_offset_and_length(bytes, 0, length).to_vec();
    let received = binary::read(&start).and_then(|head| {
        if size as u64 > max_bytes {
            if head.kind == FrameKind::Reply {
                return Some(Received::TooLarge(None));
            }
            let [topic, event] = [&head.topic, &head.event].map(|text| JsPayload::text(text));
            let items = vec![JsPayload::null(), JsPayload::null(), topic, event];
            return Some(Received::TooLarge(Some(JsPayload::array(items))));
        }
        let data = bytes.slice(head.data_at as u32);
        let data = if head.is_json { parse(&text_of(&data)?.into())? } else { data.into() };
        let meta = parse(&JsValue::from(&*head.meta)).map(JsPayload);
        let frame = BinaryFrame { head, data: JsPayload(data), meta };
        Some(Received::Binary(Box::new(frame)))
    });
    (received.unwrap_or(Received::UnexpectedBinary), size)
}

/// The text of UTF-8 bytes, made without taking them through Rust.
fn text_of(bytes: &ArrayBuffer) -> Option<String> {
    TextDecoder::new().ok()?.decode_with_buffer_source(bytes).ok()
}

/// The text of a value that the core made, which can always be serialized.
fn text_of_head(head: &JsPayload) -> JsString {
    head.stringify().unwrap_or_else(|| "{}".into())
}

/// The text of an object or array with one more member or item, of which only the text is known.
fn splice_payload(head: &JsPayload, text: &JsValue) -> JsString {
    let (join, end) = if head.is_object() { (",\"payload\":", "}") } else { (",", "]") };
    let head = text_of_head(head);
    head.slice(0, head.length() - 1).concat(&join.into()).concat(text).concat(&end.into())
}

/// A message of the socket, and its size in UTF-16 units or bytes.
pub(super) fn message(mut frames: Vec<Frame<JsPayload>>) -> (JsValue, usize) {
    if let Some(Frame { body: Body::Bytes(head, data), .. }) = frames.first() {
        let data = Uint8Array::new(&data.0);
        let length = head.len() as u32;
        let all = Uint8Array::new_with_length(length + data.length());
        all.set(&Uint8Array::from(&**head), 0);
        all.set(&data, length);
        frames.clear();
        return (all.buffer().into(), all.length() as usize);
    }
    let text = encode(frames);
    let units = text.length() as usize;
    (text.into(), units)
}

/// The text of one frame, or of an array of several.
fn encode(frames: Vec<Frame<JsPayload>>) -> JsString {
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

/// Encodes one frame; the payload is inserted as it was serialized.
fn encode_one(frame: Frame<JsPayload>) -> JsString {
    match frame.body {
        Body::Empty => text_of_head(&frame.head),
        Body::Payload(payload) => splice_payload(&frame.head, &payload.0),
        Body::Wrapped(wrapper, payload) => {
            splice_payload(&frame.head, &splice_payload(&wrapper, &payload.0).into())
        }
        // These are never combined with others: only servers without `batch` receive them.
        Body::Bytes(..) => JsString::from(""),
        Body::MergedIntoHead(payload) => {
            let members = |of: &JsPayload| entries(&of.0).unwrap_or_default();
            let all = members(&frame.head).concat(&members(&payload));
            text_of_head(&JsPayload(object_of(&all)))
        }
    }
}
