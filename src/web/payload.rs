//! JavaScript values as payloads: the core references them, reads them only where necessary, and never copies them.

use alloc::string::String;
use alloc::vec::Vec;
use js_sys::{Array, ArrayBuffer, Function, JSON, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::json;
use super::object::{entries, has_own, is_array, items, keys, object_of, values};
use crate::core::payload::{MAX_DEPTH, Payload, take_one};

/// A value from `JSON.parse`; or, for a message to be sent, its JSON text, made at the call, so that later
/// changes of the value have no effect.
#[derive(Debug, Clone)]
pub(crate) struct JsPayload(pub(crate) JsValue);

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
    #[wasm_bindgen(method, getter, structural)]
    fn seq(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn epoch(this: &Envelope) -> JsValue;
    /// May throw: rows that the app loaded are its own objects.
    #[wasm_bindgen(method, getter, structural, catch, js_name = toJSON)]
    fn to_json(this: &Envelope) -> Result<JsValue, JsValue>;
}

impl JsPayload {
    /// The JSON text of a value; `None` if it is no JSON. What came from JSON or from the core can be
    /// written again, unless it shows and the app has changed it.
    pub(super) fn stringify(&self) -> Option<JsString> {
        JSON::stringify(&self.0).ok().filter(|text| text.is_string())
    }

    /// The value, or the result of its `toJSON`: a date that the app loaded is compared as text.
    fn plain(&self) -> Self {
        let own = self.0.is_object().then(|| self.0.unchecked_ref::<Envelope>().to_json());
        let own = own.and_then(|own| own.ok()?.dyn_ref::<Function>()?.call0(&self.0).ok());
        own.map_or_else(|| self.clone(), Self)
    }

    /// Compares two values. The recursion is bounded by the depth of the shallower one.
    fn is_same(&self, other: &Self, depth: usize) -> bool {
        self.plain().is_same_json(&other.plain(), depth)
    }

    fn is_same_json(&self, other: &Self, depth: usize) -> bool {
        if !self.0.is_object() || !other.0.is_object() {
            return Object::is(&self.0, &other.0);
        }
        // An array's own members are its items.
        let (Ok(mine), Ok(others)) = (entries(&self.0), keys(&other.0)) else { return false };
        depth > 0
            && is_array(&self.0) == is_array(&other.0)
            && mine.length() == others.length()
            && mine.iter().all(|entry| {
                let entry: Array = entry.unchecked_into();
                let key = entry.get(0);
                has_own(&other.0, &key)
                    && Reflect::get(&other.0, &key)
                        .is_ok_and(|member| Self(entry.get(1)).is_same(&Self(member), depth - 1))
            })
    }
}

impl Payload for JsPayload {
    fn field(&self, key: &'static str) -> Option<Self> {
        if !self.0.is_object() {
            return None;
        }
        let envelope = self.0.unchecked_ref::<Envelope>();
        let member = match key {
            "type" => envelope.kind(),
            "channel" => envelope.channel(),
            "event" => envelope.event(),
            "payload" => envelope.payload(),
            "id" => envelope.id(),
            "seq" => envelope.seq(),
            "epoch" => envelope.epoch(),
            _ => Reflect::get(&self.0, &key.into()).unwrap_or(JsValue::UNDEFINED),
        };
        // JSON has no `undefined`: the member is not there.
        (!member.is_undefined()).then_some(Self(member))
    }

    fn member(&self, key: &str) -> Option<Self> {
        let key = key.into();
        if !self.0.is_object() || !has_own(&self.0, &key) {
            return None;
        }
        Reflect::get(&self.0, &key).ok().map(Self)
    }

    fn keys(&self) -> Vec<String> {
        if !self.is_object() {
            return Vec::new();
        }
        let keys = keys(&self.0).unwrap_or_default();
        keys.iter().filter_map(|key| key.as_string()).collect()
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        Some(items(&self.0)?.iter().map(Self).collect())
    }

    fn is_object(&self) -> bool {
        self.0.is_object() && !is_array(&self.0)
    }

    fn is_string(&self) -> bool {
        self.0.is_string()
    }

    fn is_bytes(&self) -> bool {
        self.0.is_instance_of::<ArrayBuffer>()
    }

    fn eq_json(&self, other: &Self) -> bool {
        self.is_same(other, MAX_DEPTH)
    }

    fn fits_within(&self, depth: usize, left: &mut u32) -> bool {
        let mut fits = |value| Self(value).fits_within(depth.wrapping_sub(1), left);
        let within = !self.0.is_object()
            || (depth > 0 && values(&self.0).is_ok_and(|values| values.iter().all(&mut fits)));
        within && take_one(left)
    }

    fn merged(&self, members: Vec<(String, Self)>) -> Self {
        let over = members
            .into_iter()
            .map(|(key, value)| JsValue::from(Array::of2(&key.into(), &value.0)));
        let own = entries(&self.0).unwrap_or_default();
        Self(object_of(&own.concat(&over.collect::<Array>())))
    }

    fn json(&self) -> String {
        self.stringify().map(String::from).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        json::parse(&text.into()).map(Self)
    }

    fn serialize(&self) -> Option<(Self, usize)> {
        let text = self.stringify()?;
        let bytes = json::utf8_length(&text);
        Some((Self(text.into()), bytes))
    }

    fn from_serialized(payload: &Self) -> Self {
        Self(json::parse(&payload.0).unwrap_or(JsValue::NULL))
    }

    fn text(value: &str) -> Self {
        Self(value.into())
    }

    fn number(value: f64) -> Self {
        Self(value.into())
    }

    fn boolean(value: bool) -> Self {
        Self(value.into())
    }

    fn null() -> Self {
        Self(JsValue::NULL)
    }

    fn array(items: Vec<Self>) -> Self {
        Self(items.into_iter().map(|item| item.0).collect::<Array>().into())
    }

    fn object(fields: Vec<(&'static str, Self)>) -> Self {
        let object = Object::new();
        for (key, value) in fields {
            // Plain keys of our own on a fresh object: this cannot fail.
            let _ = Reflect::set(&object, &key.into(), &value.0);
        }
        Self(object.into())
    }
}
