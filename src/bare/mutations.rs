//! Changes of collections that are not settled.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::outcome::Outcome;
use super::subscriber::Subscriber;
use crate::core::id::MutationId;

/// A change that is not settled.
#[derive(Debug)]
pub(super) struct PendingMutation {
    pub(super) id: MutationId,
    /// Its id on the wire.
    pub(super) text: String,
    pub(super) subscriber: Rc<Subscriber>,
    pub(super) outcome: Outcome,
    /// The object that the app received: `{ id, status, promise }`.
    pub(super) shown: JsValue,
    /// Keeps the client alive until the change is settled.
    pub(super) _client: Rc<dyn Any>,
}

impl PendingMutation {
    fn set_status(&self, status: &str) {
        // A member of our own: this cannot fail unless the app froze it.
        let _ = Reflect::set(&self.shown, &"status".into(), &status.into());
    }

    /// Settles its promise.
    pub(super) fn settle(&self, status: &str, end: Result<&JsValue, &JsValue>) {
        self.set_status(status);
        self.outcome.settle(end);
    }
}

/// The unsettled changes of one client.
#[derive(Debug, Default)]
pub(super) struct Mutations(RefCell<Vec<PendingMutation>>);

impl Mutations {
    /// Adds a change.
    pub(super) fn add(&self, mutation: PendingMutation) {
        self.0.borrow_mut().push(mutation);
    }

    /// Sets the `status` of a change.
    pub(super) fn set_status(&self, id: MutationId, status: &str) {
        if let Some(mutation) = self.0.borrow().iter().find(|mutation| mutation.id == id) {
            mutation.set_status(status);
        }
    }

    /// Removes a change.
    pub(super) fn take(&self, id: MutationId) -> Option<PendingMutation> {
        let mut mutations = self.0.borrow_mut();
        let at = mutations.iter().position(|mutation| mutation.id == id)?;
        Some(mutations.remove(at))
    }

    /// The id on the wire of an unsettled change.
    pub(super) fn text(&self, id: MutationId) -> Option<String> {
        let mutations = self.0.borrow();
        let found = mutations.iter().find(|mutation| mutation.id == id);
        found.map(|mutation| mutation.text.clone())
    }

    /// Notes that the app stores a change itself: from now on the server may have received it.
    pub(super) fn persisting(&self, text: &str) {
        // A change that is sent again after a conflict has a new id, which begins with the old one.
        let first = text.split('~').next().unwrap_or_default();
        let mutations = self.0.borrow();
        if let Some(mutation) = mutations.iter().find(|mutation| mutation.text == first) {
            mutation.set_status("sent");
        }
    }

    /// Fails all changes.
    pub(super) fn fail_all(&self, error: &JsValue) {
        for mutation in self.0.take() {
            mutation.settle("failed", Err(error));
        }
    }
}
