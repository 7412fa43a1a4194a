//! The state of a client, as an immutable object.

use core::cell::RefCell;

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::js::object;
use crate::core::state::{Quality, State};

/// The content of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) state: State,
    pub(super) quality: Quality,
    /// An `Error`, or null.
    pub(super) error: JsValue,
    pub(super) queue_depth: usize,
}

/// The snapshot of one client: an object that stays the same until something in it changes.
#[derive(Debug)]
pub(super) struct Snapshot {
    shown: RefCell<Shown>,
    object: RefCell<JsValue>,
}

impl Snapshot {
    /// Creates a snapshot with this content.
    pub(super) fn new(shown: Shown) -> Self {
        let object = RefCell::new(frozen(&shown));
        Self { shown: RefCell::new(shown), object }
    }

    /// The content.
    pub(super) fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    /// The object that the app receives.
    pub(super) fn object(&self) -> JsValue {
        self.object.borrow().clone()
    }

    /// Changes the content. Returns the former and the new content, or `None` if they are equal.
    pub(super) fn change(&self, act: impl FnOnce(&mut Shown)) -> Option<(Shown, Shown)> {
        let before = self.shown();
        let mut after = before.clone();
        act(&mut after);
        if before == after {
            return None;
        }
        self.object.replace(frozen(&after));
        self.shown.replace(after.clone());
        Some((before, after))
    }
}

fn frozen(shown: &Shown) -> JsValue {
    let object = object(&[
        ("state", shown.state.name().into()),
        ("quality", shown.quality.name().into()),
        ("error", shown.error.clone()),
        ("queueDepth", (shown.queue_depth as f64).into()),
    ]);
    Object::freeze(object.unchecked_ref::<Object>()).into()
}
