//! What one client has reported, and what nobody has handled yet.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::outcome::Outcome;
use crate::abi::text::MAX_WARNINGS;

/// Whether the app has received an error by other means than an `error` listener.
#[derive(Debug)]
pub(super) enum Handling {
    /// It has: an `onError`, say.
    Handled,
    /// It has not.
    Unhandled,
    /// It has if it handles this promise.
    By(Outcome),
}

impl From<bool> for Handling {
    fn from(is_handled: bool) -> Self {
        if is_handled { Self::Handled } else { Self::Unhandled }
    }
}

/// An error that may still be handled in this task.
#[derive(Debug)]
pub(super) struct Unhandled {
    /// Errors with the same key are one warning.
    pub(super) key: String,
    pub(super) error: JsValue,
    pub(super) channel: Option<String>,
    pub(super) handling: Handling,
}

/// What one client has reported.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    /// Keys of the errors that were printed, or handled by a channel's `onError`.
    pub(super) known: RefCell<Vec<String>>,
    /// Names of options that were reported.
    pub(super) names: RefCell<Vec<String>>,
    pub(super) unhandled: RefCell<Vec<Unhandled>>,
}

impl Warnings {
    /// Whether an error was printed or handled.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.known.borrow().iter().any(|known| known == key)
    }

    /// Notes that an error was printed or handled.
    pub(super) fn add_known(&self, key: String) {
        let mut known = self.known.borrow_mut();
        if known.len() < MAX_WARNINGS && !known.contains(&key) {
            known.push(key);
        }
    }
}
