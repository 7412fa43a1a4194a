//! Listeners by event.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::js::{apply, undo};
use crate::core::id::Counter;

/// A function of the app, and its event.
#[derive(Debug)]
struct Listener {
    id: u32,
    event: String,
    call: Function,
}

#[derive(Debug, Default)]
struct Entries {
    ids: Counter,
    listeners: Vec<Listener>,
}

/// Listeners by event. Nothing is borrowed while one runs.
#[derive(Debug, Default, Clone)]
pub(super) struct Listeners(Rc<RefCell<Entries>>);

impl Listeners {
    /// Adds a listener; returns the function that removes it. The same function added twice is called twice.
    pub(super) fn add(&self, event: String, call: Function) -> Function {
        let id = {
            let mut entries = self.0.borrow_mut();
            let id = entries.ids.next();
            entries.listeners.push(Listener { id, event, call });
            id
        };
        let entries = self.0.clone();
        undo(move || entries.borrow_mut().listeners.retain(|listener| listener.id != id))
    }

    /// Calls the listeners that are there at the start, except those removed meanwhile. An exception of one is passed to
    /// `report`, and does not affect the others.
    pub(super) fn emit(&self, event: &str, values: &[&JsValue], report: impl Fn(&JsValue)) {
        let present: Vec<_> = {
            let entries = self.0.borrow();
            let of = |listener: &&Listener| listener.event == event;
            entries.listeners.iter().filter(of).map(|listener| listener.id).collect()
        };
        for id in present {
            let call = {
                let entries = self.0.borrow();
                let found = entries.listeners.iter().find(|listener| listener.id == id);
                found.map(|listener| listener.call.clone())
            };
            if let Some(Err(error)) = call.map(|call| apply(&call, values)) {
                report(&error);
            }
        }
    }

    /// Whether an event has a listener.
    pub(super) fn has(&self, event: &str) -> bool {
        self.0.borrow().listeners.iter().any(|listener| listener.event == event)
    }

    /// Removes all listeners.
    pub(super) fn clear(&self) {
        self.0.borrow_mut().listeners.clear();
    }
}
