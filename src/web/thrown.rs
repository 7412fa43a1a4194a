//! What the app threw, as the core takes it.

use alloc::borrow::ToOwned;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::object::member;
use crate::core::collection::CONFLICT;
use crate::core::error::Cause;

/// The status of HTTP's "409 Conflict".
const CONFLICT_STATUS: f64 = 409.0;

/// The cause of a failure: what was thrown, with this message. Its code is its own, or [`CONFLICT`] by its `status`.
pub(crate) fn cause_of(thrown: &JsValue, message: String) -> Cause {
    let by_status = || (member(thrown, "status") == CONFLICT_STATUS).then(|| CONFLICT.to_owned());
    Cause { code: member(thrown, "code").as_string().or_else(by_status), message }
}
