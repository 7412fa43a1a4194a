//! What the app is asked for: an address before every connection, a token when one is needed.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use js_sys::{Array, Date, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Url, Window};

use crate::core::token::{Grant, Life, Token};
use crate::web::{entries, is_array, parse};

/// The path used when no `url` is configured.
const DEFAULT_PATH: &str = "/ws/realtime";
/// Times below this are seconds since 1970, as JWTs and Supabase give them; above, milliseconds.
const SECONDS_BELOW: f64 = 1e11;

/// The app's answers, constant or asked for.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// A string, a `URL`, a function that gives either (or a promise of it), or undefined.
    url: JsValue,
    /// A function that gives a token (or a promise of it), or undefined.
    get_token: JsValue,
    /// Query parameters, an object or undefined.
    params: JsValue,
    /// Further subprotocols, an array or undefined.
    protocols: JsValue,
}

impl Sources {
    /// What a client's options say.
    ///
    /// # Errors
    /// A sentence, if `url` is a string that is no address.
    pub(crate) fn of(options: &JsValue) -> Result<Self, String> {
        let member = |key: &str| Reflect::get(options, &key.into()).unwrap_or(JsValue::UNDEFINED);
        let url = member("url");
        if let Some(text) = url.as_string() {
            address_of(&text, &JsValue::UNDEFINED)?;
        }
        Ok(Self {
            url,
            get_token: member("getToken"),
            params: member("params"),
            protocols: member("protocols"),
        })
    }

    /// Whether a connection made for these serves the others too.
    pub(crate) fn same_address(&self, other: &Self) -> bool {
        Object::is(&self.url, &other.url)
            && Object::is(&self.params, &other.params)
            && Object::is(&self.protocols, &other.protocols)
    }

    /// The address to connect to, and the app's own subprotocols.
    pub(crate) async fn address(&self) -> Result<(String, Array), String> {
        let given = ask(&self.url).await?;
        let address = match given {
            given if given.is_undefined() || given.is_null() => DEFAULT_PATH.to_owned(),
            given => text_of(&given).ok_or("url gave neither a string nor a URL")?,
        };
        let protocols = match is_array(&self.protocols) {
            true => entries(&self.protocols).map_err(|error| words_of(&error))?,
            false => Array::new(),
        };
        // Copied: what it holds is the app's.
        let protocols = protocols.iter().map(|entry| Array::from(&entry).get(1)).collect();
        Ok((address_of(&address, &self.params)?, protocols))
    }

    /// A token, `None` to connect without one.
    pub(crate) async fn token(&self) -> Result<Option<Box<Grant>>, String> {
        let answer = ask(&self.get_token).await?;
        if answer.is_undefined() || answer.is_null() {
            return Ok(None);
        }
        let member = |key: &str| Reflect::get(&answer, &key.into()).unwrap_or(JsValue::UNDEFINED);
        let (token, expires_at) = match answer.as_string() {
            Some(token) => (Some(token), None),
            None => (member("token").as_string(), member("expiresAt").as_f64()),
        };
        let token = token.ok_or("getToken gave neither a string nor null nor { token }")?;
        let mut grant = grant_of(token);
        if let Some(at) = expires_at {
            grant.life.left_ms = Some(left_ms(at));
        }
        Ok(Some(grant))
    }
}

/// A constant as it is; a function's answer, awaited. The words of a failure are the app's own.
async fn ask(source: &JsValue) -> Result<JsValue, String> {
    let Some(function) = source.dyn_ref::<Function>() else {
        return Ok(source.clone());
    };
    let answer = match function.call0(&JsValue::UNDEFINED) {
        // Its own `then` is called by the new promise, which catches what that throws.
        Ok(answer) => {
            let settled = Promise::new(&mut |resolve, _| {
                let _ = resolve.call1(&JsValue::UNDEFINED, &answer);
            });
            JsFuture::from(settled).await
        }
        Err(error) => Err(error),
    };
    answer.map_err(|error| words_of(&error))
}

fn words_of(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|text| text.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "it threw no Error".to_owned())
}

fn text_of(value: &JsValue) -> Option<String> {
    value.as_string().or_else(|| Some(value.dyn_ref::<Url>()?.href()))
}

/// The WebSocket address of what the app calls one: a path on the page's host, `http(s):`, `ws(s):`.
fn address_of(given: &str, params: &JsValue) -> Result<String, String> {
    let base = web_sys::window().as_ref().map(Window::location).and_then(|at| at.href().ok());
    let url = base
        .map_or_else(|| Url::new(given), |base| Url::new_with_base(given, &base))
        .map_err(|_| format_sentence(given))?;
    match url.protocol().as_str() {
        "http:" => url.set_protocol("ws:"),
        "https:" => url.set_protocol("wss:"),
        "ws:" | "wss:" => {}
        _ => return Err(format_sentence(given)),
    }
    // A WebSocket takes no fragment.
    url.set_hash("");
    if let Some(params) = params.dyn_ref::<Object>() {
        let query = url.search_params();
        let thrown = |error| words_of(&error);
        for entry in entries(params).map_err(thrown)? {
            let entry: Array = entry.unchecked_into();
            let text = |at| text_of_any(&entry.get(at)).map_err(thrown);
            query.set(&text(0)?, &text(1)?);
        }
    }
    Ok(url.href())
}

#[wasm_bindgen]
extern "C" {
    /// `String(value)`
    #[wasm_bindgen(js_name = String, catch)]
    fn text_of_any(value: &JsValue) -> Result<String, JsValue>;
}

fn format_sentence(given: &str) -> String {
    ["not a WebSocket address: ", given].concat()
}

/// A token with what its claims say, if it is a JWT. They are not verified: they only decide
/// when to fetch another token, and whether the user changed.
pub(crate) fn grant_of(token: String) -> Box<Grant> {
    let claims = claims_of(&token).unwrap_or(JsValue::UNDEFINED);
    let claim = |key: &str| Reflect::get(&claims, &key.into()).unwrap_or(JsValue::UNDEFINED);
    let number = |key| claim(key).as_f64();
    let life = Life {
        claimed_ms: number("exp").zip(number("iat")).map(|(exp, iat)| ms(to_ms(exp) - to_ms(iat))),
        left_ms: number("exp").map(left_ms),
    };
    Box::new(Grant { life, subject: claim("sub").as_string(), token: Token::new(token) })
}

fn claims_of(token: &str) -> Option<JsValue> {
    let part = token.split('.').nth(1)?;
    let base64: String = part
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let text = web_sys::window()?.atob(&base64).ok()?;
    parse(&text.into()).filter(JsValue::is_object)
}

fn to_ms(time: f64) -> f64 {
    if time < SECONDS_BELOW { time * 1_000.0 } else { time }
}

/// From now to a time, by the device's clock.
fn left_ms(time: f64) -> i64 {
    ms(to_ms(time) - Date::now())
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
const fn ms(value: f64) -> i64 {
    value as i64
}
