//! Sends that are not settled.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::outcome::Outcome;
use crate::core::id::SendId;

#[wasm_bindgen]
extern "C" {
    /// The app's signal.
    pub(super) type AbortSignal;
    #[wasm_bindgen(method, structural, catch, js_name = addEventListener)]
    pub(super) fn add(this: &AbortSignal, event: &str, listener: &Function) -> Result<(), JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = removeEventListener)]
    fn remove(this: &AbortSignal, event: &str, listener: &Function) -> Result<(), JsValue>;
}

/// A send that is not settled.
#[derive(Debug)]
pub(super) struct PendingSend {
    pub(super) id: SendId,
    pub(super) channel: String,
    pub(super) outcome: Outcome,
    /// The app's signal, and our listener on it.
    pub(super) signal: Option<(JsValue, Function)>,
    /// Keeps the client alive until the send is settled.
    pub(super) _client: Rc<dyn Any>,
}

impl PendingSend {
    /// Settles its promise.
    pub(super) fn settle(&self, status: &str, end: Result<&JsValue, &JsValue>) {
        if let Some((signal, listener)) = &self.signal {
            let _ = signal.unchecked_ref::<AbortSignal>().remove("abort", listener);
        }
        self.outcome.set_status(status);
        self.outcome.settle(end);
    }
}

/// The unsettled sends of one client.
#[derive(Debug, Default)]
pub(super) struct Sends(RefCell<Vec<PendingSend>>);

impl Sends {
    /// Adds a send.
    pub(super) fn add(&self, send: PendingSend) {
        self.0.borrow_mut().push(send);
    }

    /// Removes a send.
    pub(super) fn take(&self, id: SendId) -> Option<PendingSend> {
        let mut sends = self.0.borrow_mut();
        let at = sends.iter().position(|send| send.id == id)?;
        Some(sends.remove(at))
    }

    /// Sets the `status` of a send.
    pub(super) fn set_status(&self, id: SendId, status: &str) {
        if let Some(send) = self.0.borrow().iter().find(|send| send.id == id) {
            send.outcome.set_status(status);
        }
    }

    /// Fails all sends.
    pub(super) fn fail_all(&self, error: &JsValue) {
        for send in self.0.take() {
            send.settle("failed", Err(error));
        }
    }
}
