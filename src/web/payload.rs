//! JavaScript values as payloads: held by the core, read only where it has to, never copied.

use js_sys::{Array, JSON, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::codec;
use crate::core::payload::Payload;

/// A value as it came from `JSON.parse`, or the JSON text of one that is to be sent.
#[derive(Debug, Clone)]
pub(crate) enum JsPayload {
    /// A value.
    Value(JsValue),
    /// Its text, made when it was handed in: later changes to the value do no harm.
    Text(JsString),
}

#[wasm_bindgen]
extern "C" {
    /// The members read of every frame, by getters of their own: half the cost of `Reflect.get`.
    type Envelope;
    #[wasm_bindgen(method, getter, structural, js_name = type)]
    fn kind(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn channel(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn event(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn payload(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn id(this: &Envelope) -> JsValue;
}

impl JsPayload {
    /// The value itself; a text is parsed.
    pub(crate) fn into_value(self) -> JsValue {
        match self {
            Self::Value(value) => value,
            Self::Text(text) => codec::parse(&text).unwrap_or(JsValue::NULL),
        }
    }

    /// The JSON text.
    pub(super) fn into_text(self) -> JsString {
        match self {
            // What came from JSON or from the core can always be written again.
            Self::Value(value) => JSON::stringify(&value).unwrap_or_else(|_| "null".into()),
            Self::Text(text) => text,
        }
    }

    fn value(&self) -> JsValue {
        self.clone().into_value()
    }
}

impl Payload for JsPayload {
    fn field(&self, key: &'static str) -> Option<Self> {
        let value = self.value();
        if !value.is_object() {
            return None;
        }
        let envelope = value.unchecked_ref::<Envelope>();
        let member = match key {
            "type" => envelope.kind(),
            "channel" => envelope.channel(),
            "event" => envelope.event(),
            "payload" => envelope.payload(),
            "id" => envelope.id(),
            _ => Reflect::get(&value, &key.into()).unwrap_or(JsValue::UNDEFINED),
        };
        // JSON has no `undefined`: the member is not there.
        (!member.is_undefined()).then_some(Self::Value(member))
    }

    fn as_text(&self) -> Option<String> {
        self.value().as_string()
    }

    fn as_number(&self) -> Option<f64> {
        self.value().as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.value().as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        let value = self.value();
        let items = value.dyn_ref::<Array>()?;
        Some(items.iter().map(Self::Value).collect())
    }

    fn is_object(&self) -> bool {
        let value = self.value();
        value.is_object() && !Array::is_array(&value)
    }

    fn is_text(&self) -> bool {
        self.value().is_string()
    }

    fn text(value: &str) -> Self {
        Self::Value(value.into())
    }

    fn number(value: f64) -> Self {
        Self::Value(value.into())
    }

    fn boolean(value: bool) -> Self {
        Self::Value(value.into())
    }

    fn null() -> Self {
        Self::Value(JsValue::NULL)
    }

    fn array(items: Vec<Self>) -> Self {
        Self::Value(items.into_iter().map(Self::into_value).collect::<Array>().into())
    }

    fn object(fields: Vec<(&'static str, Self)>) -> Self {
        let object = Object::new();
        for (key, value) in fields {
            // Plain keys of our own on a fresh object: this cannot fail.
            let _ = Reflect::set(&object, &key.into(), &value.into_value());
        }
        Self::Value(object.into())
    }
}
