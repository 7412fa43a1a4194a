//! Errors as JavaScript objects: `{ code, message, hint, retryable, channel?, cause? }`.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::error::{Code, Error};

/// A plain object of these members; those that are undefined are left out.
pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in members {
        if !value.is_undefined() {
            // Plain keys of our own on a fresh object: this cannot fail.
            let _ = Reflect::set(&object, &(*key).into(), value);
        }
    }
    object.into()
}

/// An error as a JavaScript object for the facade and the bare module.
pub(crate) fn to_js(error: &Error) -> JsValue {
    let cause = error.cause.as_ref().map_or(JsValue::UNDEFINED, |cause| {
        let code = cause.code.as_deref().map_or(JsValue::UNDEFINED, JsValue::from);
        object(&[("code", code), ("message", cause.message.as_str().into())])
    });
    object(&[
        ("code", error.code.name().into()),
        ("message", error.code.message().into()),
        ("hint", error.code.hint().into()),
        ("retryable", error.retryable.into()),
        ("channel", error.channel.as_deref().map_or(JsValue::UNDEFINED, JsValue::from)),
        ("retryAfterMs", error.retry_after_ms.map_or(JsValue::UNDEFINED, |ms| (ms as f64).into())),
        ("cause", cause),
    ])
}

/// The error for an invalid argument; `what` describes it.
pub(crate) fn invalid(what: &str) -> JsValue {
    to_js(&Error::new(Code::InvalidArgument).with_cause(what))
}
