//! Tokens that the app gives. Nothing is verified: the server does that.

use alloc::boxed::Box;
use alloc::string::String;

use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;

use super::error::message_of;
use super::js::{member, settled};
use crate::core::token::{Grant, Life, Token};
use crate::web::parse;

/// Times below this are seconds since 1970, as in JWTs; above, milliseconds.
const SECONDS_BELOW: f64 = 1e11;

/// Fetches a token from `getToken`; `None` to connect without one.
///
/// # Errors
/// The message of what the app threw, or a sentence if the result is no token.
pub(super) async fn fetch(get_token: Option<&Function>) -> Result<Option<Box<Grant>>, String> {
    let Some(function) = get_token else { return Ok(None) };
    let answer = match function.call0(&JsValue::UNDEFINED) {
        Ok(answer) => settled(answer).await,
        Err(error) => Err(error),
    };
    let answer = answer.map_err(|error| message_of(&error))?;
    if answer.is_undefined() || answer.is_null() {
        return Ok(None);
    }
    let (token, expires_at) = match answer.as_string() {
        Some(token) => (Some(token), None),
        None => (member(&answer, "token").as_string(), member(&answer, "expiresAt").as_f64()),
    };
    let token = token.ok_or("getToken gave neither a string nor null nor { token }")?;
    let mut grant = grant_of(token);
    if let Some(at) = expires_at {
        grant.life.left_ms = Some(left_ms(at));
    }
    Ok(Some(grant))
}

/// A token with its claims, if it is a JWT. They only decide when to fetch another token, and whether the user
/// changed.
pub(super) fn grant_of(token: String) -> Box<Grant> {
    let claims = claims_of(&token).unwrap_or(JsValue::UNDEFINED);
    let number = |key| member(&claims, key).as_f64();
    let life = Life {
        claimed_ms: number("exp").zip(number("iat")).map(|(exp, iat)| ms(to_ms(exp) - to_ms(iat))),
        left_ms: number("exp").map(left_ms),
    };
    Box::new(Grant { life, subject: member(&claims, "sub").as_string(), token: Token::new(token) })
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn atob(base64: &str) -> Result<String, JsValue>;
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
    let text = atob(&base64).ok()?;
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
