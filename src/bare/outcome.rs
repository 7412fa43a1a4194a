//! Promises that are returned to the app, and the functions that settle them.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::js::{apply, member};

#[wasm_bindgen(module = "/src/bare/outcome.js")]
extern "C" {
    #[wasm_bindgen(js_name = outcome)]
    fn make_outcome() -> Array;
    #[wasm_bindgen(js_name = sent)]
    fn make_sent(id: &str) -> Array;
}

/// A promise that is not settled yet.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    promise: Promise,
    resolve: Function,
    reject: Function,
}

impl Outcome {
    /// A plain promise.
    pub(super) fn new() -> Self {
        Self::of(&make_outcome())
    }

    /// A promise that is a `Sent` as well.
    pub(super) fn sent(id: &str) -> Self {
        Self::of(&make_sent(id))
    }

    fn of(parts: &Array) -> Self {
        Self {
            promise: parts.get(0).unchecked_into(),
            resolve: parts.get(1).unchecked_into(),
            reject: parts.get(2).unchecked_into(),
        }
    }

    /// The promise that is returned to the app.
    pub(super) fn promise(&self) -> Promise {
        self.promise.clone()
    }

    /// Whether the app handles it.
    pub(super) fn is_observed(&self) -> bool {
        member(&self.promise, "isObserved").is_truthy()
    }

    /// Sets the member `status`.
    pub(super) fn set_status(&self, status: &str) {
        // A member of our own: this cannot fail unless the app froze it.
        let _ = Reflect::set(&self.promise, &"status".into(), &status.into());
    }

    /// Settles it. The functions of a promise do not throw.
    pub(super) fn settle(&self, end: Result<&JsValue, &JsValue>) {
        let _ = match end {
            Ok(value) => apply(&self.resolve, &[value]),
            Err(error) => apply(&self.reject, &[error]),
        };
    }
}
