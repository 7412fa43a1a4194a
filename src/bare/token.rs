//! Tokens of the app's `getToken`. They are not verified, which is the server's task.

use alloc::boxed::Box;
use alloc::string::String;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::error::message_of;
use super::js::settled;
use crate::core::token::Grant;
use crate::web::grant_of;

/// Fetches a token from `getToken`; `None` to connect without one.
///
/// # Errors
/// The message of the app's exception, or a message if the result is not a token.
pub(super) async fn fetch(get_token: Option<&Function>) -> Result<Option<Box<Grant>>, String> {
    let Some(function) = get_token else { return Ok(None) };
    let answer = match function.call0(&JsValue::UNDEFINED) {
        Ok(answer) => settled(answer).await,
        Err(error) => Err(error),
    };
    let answer = answer.map_err(|error| message_of(&error))?;
    grant_of(&answer)
}
