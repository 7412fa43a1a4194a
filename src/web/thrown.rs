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

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use wasm_bindgen_test::wasm_bindgen_test;

    use super::cause_of;

    #[wasm_bindgen_test]
    fn code_of_a_rejection_is_its_own_or_conflict_by_its_status() {
        for (thrown, code) in [
            ("({ status: 409 })", Some("conflict")),
            ("({ status: 500 })", None),
            ("({ code: 'conflict' })", Some("conflict")),
            ("({ code: 'forbidden', status: 409 })", Some("forbidden")),
            ("({ code: 7 })", None),
            ("null", None),
            ("new Proxy({}, { get() { throw 1; } })", None),
        ] {
            let value = js_sys::eval(thrown).expect("a value");
            assert_eq!(cause_of(&value, String::new()).code.as_deref(), code, "{thrown}");
        }
    }
}
