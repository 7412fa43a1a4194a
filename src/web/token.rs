//! Reads the app's tokens and their claims. They are not verified, which is the server's task: claims only
//! determine when another token is fetched, and whether the user has changed.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;

use js_sys::Date;
use wasm_bindgen::prelude::*;

use super::json::parse;
use super::object::member;
use crate::core::token::{Grant, Token, TokenLifetime};

/// Times below this are seconds since 1970, as in JWTs and in sessions of Supabase; above, milliseconds.
const SECONDS_BELOW: f64 = 1e11;

#[wasm_bindgen]
extern "C" {
    /// Decodes base64; throws if it is invalid.
    #[wasm_bindgen(catch)]
    fn atob(base64: &str) -> Result<JsValue, JsValue>;
}

/// Reads the value that `getToken` returned: a string, `{ token, expiresAt? }`, or null for none.
///
/// # Errors
/// A message, if it is none of these.
pub(crate) fn grant_of(given: &JsValue) -> Result<Option<Box<Grant>>, String> {
    if given.is_undefined() || given.is_null() {
        return Ok(None);
    }
    let token = given.as_string().or_else(|| member(given, "token").as_string());
    let token =
        token.ok_or_else(|| "getToken gave neither a string nor null nor { token }".to_owned())?;
    let claims = claims_of(&token);
    let claim = |key| member(&claims, key);
    let (exp, iat) = (claim("exp").as_f64(), claim("iat").as_f64());
    let end = member(given, "expiresAt").as_f64().or(exp);
    let lifetime = TokenLifetime {
        claimed_ms: exp.zip(iat).map(|(exp, iat)| whole(to_ms(exp) - to_ms(iat))),
        left_ms: end.map(|end| whole(to_ms(end) - Date::now())),
    };
    Ok(Some(Box::new(Grant {
        lifetime,
        subject: claim("sub").as_string(),
        token: Token::new(token),
    })))
}

/// The claims of a JWT; of an opaque token undefined.
fn claims_of(token: &str) -> JsValue {
    let (mut base64, mut part) = (String::new(), 0);
    for byte in token.bytes() {
        match byte {
            b'.' => part += 1,
            _ if part != 1 => {}
            b'-' => base64.push('+'),
            b'_' => base64.push('/'),
            other => base64.push(char::from(other)),
        }
    }
    let text = atob(&base64).unwrap_or(JsValue::UNDEFINED);
    parse(&text).unwrap_or(JsValue::UNDEFINED)
}

fn to_ms(time: f64) -> f64 {
    if time < SECONDS_BELOW { time * 1_000.0 } else { time }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
const fn whole(ms: f64) -> i64 {
    ms as i64
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use js_sys::{Date, JSON};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{String, ToOwned, grant_of};
    use crate::web::object;

    const HOUR: f64 = 3_600_000.0;

    #[wasm_bindgen]
    extern "C" {
        fn btoa(text: &str) -> String;
    }

    /// The claims of a JWT with these times, from now in milliseconds, as the URL-safe alphabet has them.
    fn jwt(iat: Option<f64>, exp: Option<f64>) -> JsValue {
        let time = |name: &str, ms: Option<f64>| {
            let seconds = (ms? + Date::now()) / 1_000.0;
            Some([",\"", name, "\":", &seconds.to_string()].concat())
        };
        let times = [time("iat", iat), time("exp", exp)].map(Option::unwrap_or_default).concat();
        let claims = btoa(&["{\"sub\":\"~~ann??\"", &times, "}"].concat());
        let claims = claims.replace('+', "-").replace('/', "_").replace('=', "");
        ["e30.", &claims, ".s"].concat().into()
    }

    /// Both readings of a token's lifetime, to a second, and its user.
    fn read(given: &JsValue) -> (Option<i64>, Option<i64>, Option<String>) {
        let grant = grant_of(given).ok().flatten().expect("a token");
        let rounded = |ms: i64| (ms + 500).div_euclid(1_000) * 1_000;
        (grant.lifetime.claimed_ms.map(rounded), grant.lifetime.left_ms.map(rounded), grant.subject)
    }

    #[wasm_bindgen_test]
    fn a_jwt_has_its_life_by_both_clocks_and_its_user() {
        let ann = Some("~~ann??".to_owned());
        let whole = (Some(3_600_000), Some(3_600_000), ann.clone());
        assert_eq!(read(&jwt(Some(0.0), Some(HOUR))), whole);
        let ended = (Some(3_600_000), Some(-7_200_000), ann.clone());
        assert_eq!(read(&jwt(Some(-3.0 * HOUR), Some(-2.0 * HOUR))), ended);
        assert_eq!(read(&jwt(None, Some(HOUR))), (None, Some(3_600_000), ann.clone()));
        assert_eq!(read(&jwt(Some(0.0), None)), (None, None, ann));
    }

    #[wasm_bindgen_test]
    fn an_opaque_token_has_the_end_that_the_app_gives() {
        assert_eq!(read(&"opaque".into()), (None, None, None));
        for (unit, until) in [(1.0, HOUR), (1_000.0, -HOUR)] {
            let end = ((Date::now() + until) / unit).to_string();
            let given = JSON::parse(&["{\"token\":\"opaque\",\"expiresAt\":", &end, "}"].concat());
            let left = read(&given.unwrap_or_default()).1;
            assert_eq!(left, Some(if until > 0.0 { 3_600_000 } else { -3_600_000 }));
        }
    }

    #[wasm_bindgen_test]
    fn nothing_is_no_token_and_anything_else_a_failure() {
        for none in [JsValue::UNDEFINED, JsValue::NULL] {
            assert_eq!(grant_of(&none).ok(), Some(None));
        }
        for wrong in [JsValue::TRUE, 7.into(), object::object_of(&js_sys::Array::new())] {
            assert!(grant_of(&wrong).is_err());
        }
    }
}
