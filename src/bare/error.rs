//! Errors as JavaScript `Error` objects, with the members of the package's `RealtimeError`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::{JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::js::{member, object};
use crate::abi::text::{JWT, MAX_SECRETS, TOKEN};
use crate::core::error::{Code, Error};
use crate::engine::error::{invalid as plain_invalid, to_js};

/// The last tokens of a client, newest first. They are removed from all errors.
#[derive(Debug, Default)]
pub(super) struct Secrets(RefCell<Vec<String>>);

impl Secrets {
    /// Adds a token.
    pub(super) fn add(&self, token: &str) {
        let mut tokens = self.0.borrow_mut();
        if !token.is_empty() && tokens.iter().all(|known| known != token) {
            tokens.insert(0, token.to_owned());
            tokens.truncate(MAX_SECRETS);
        }
    }

    /// The text without the tokens, and without anything that looks like a JWT.
    fn redact(&self, text: &str) -> String {
        let jwt = js_sys::RegExp::new(JWT, "g");
        let safe = String::from(JsString::from(text).replace_by_pattern(&jwt, TOKEN));
        self.0.borrow().iter().fold(safe, |safe, token| safe.replace(&**token, TOKEN))
    }

    /// An error of the core.
    pub(super) fn error(&self, error: &Error) -> JsValue {
        self.named(&to_js(error))
    }

    /// An `Error` with the members of an error as the engine describes it: `{ code, message, hint, … }`.
    pub(super) fn named(&self, plain: &JsValue) -> JsValue {
        let text = |key: &str| member(plain, key).as_string().unwrap_or_default();
        let cause = member(plain, "cause");
        let redacted = |key: &str| match member(&cause, key).as_string() {
            Some(text) => self.redact(&text).into(),
            None => JsValue::UNDEFINED,
        };
        let detail = redacted("message").as_string().filter(|detail| !detail.is_empty());
        let message = match &detail {
            Some(detail) => [&text("message"), " (", detail, ")"].concat(),
            None => text("message"),
        };
        let cause = if cause.is_object() {
            object(&[("code", redacted("code")), ("message", redacted("message"))])
        } else {
            cause
        };
        make(
            &message,
            &[
                ("code", text("code").into()),
                ("hint", text("hint").into()),
                ("channel", member(plain, "channel")),
                ("retryable", member(plain, "retryable")),
                ("retryAfterMs", member(plain, "retryAfterMs")),
                ("cause", cause),
            ],
        )
    }
}

/// An error of the module itself.
pub(super) fn custom(code: Code, message: &str, hint: &str, cause: &JsValue) -> JsValue {
    make(
        message,
        &[
            ("code", code.name().into()),
            ("hint", hint.into()),
            ("retryable", code.is_retryable().into()),
            ("cause", cause.clone()),
        ],
    )
}

/// An error without details.
pub(super) fn plain(code: Code) -> JsValue {
    custom(code, code.message(), code.hint(), &JsValue::UNDEFINED)
}

/// The error for an invalid argument; `what` describes it.
pub(super) fn invalid(what: &str) -> JsValue {
    Secrets::default().named(&plain_invalid(what))
}

/// An exception of the engine's option readers, as an `Error`.
pub(super) fn from_reader(thrown: JsValue) -> JsValue {
    match thrown.is_instance_of::<js_sys::Error>() {
        true => thrown,
        false => Secrets::default().named(&thrown),
    }
}

fn make(message: &str, members: &[(&str, JsValue)]) -> JsValue {
    let error: Object = js_sys::Error::new(message).into();
    let own = |key: &str, value: &JsValue, enumerable: bool| {
        let descriptor = Object::new();
        for (part, is) in [("value", value), ("enumerable", &enumerable.into())] {
            // Plain keys of our own on a fresh object: this cannot fail.
            let _ = Reflect::set(&descriptor, &part.into(), is);
        }
        Object::define_property(&error, &key.into(), &descriptor);
    };
    own("name", &"RealtimeError".into(), false);
    for (key, value) in members {
        if !value.is_undefined() {
            own(key, value, true);
        }
    }
    error.into()
}

/// The message of a thrown value.
pub(super) fn message_of(error: &JsValue) -> String {
    let message = member(error, "message").as_string();
    message.or_else(|| error.as_string()).unwrap_or_else(|| "it threw no Error".to_owned())
}
