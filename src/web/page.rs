//! What the page tells of itself: seen or hidden, put away and back, with a network or without.

use wasm_bindgen::prelude::*;
use web_sys::{Document, EventTarget, VisibilityState, Window};

use crate::core::io::Page;

/// A change of the page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Page(Page),
    Network(bool),
}

struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut()>,
}

/// Listens to the page until it is dropped.
pub(super) struct PageEvents {
    listeners: Vec<Listener>,
}

impl PageEvents {
    /// Tells how things stand, then every change.
    pub(super) fn listen(tell: impl Fn(Change) + Clone + 'static) -> Self {
        let mut events = Self { listeners: Vec::new() };
        let Some(window) = web_sys::window() else {
            return events;
        };
        let Some(document) = window.document() else {
            return events;
        };
        if is_hidden(&document) {
            tell(Change::Page(Page::Hidden));
        }
        if !is_online(&window) {
            tell(Change::Network(false));
        }

        let seen = {
            let document = document.clone();
            move || {
                if is_hidden(&document) { Page::Hidden } else { Page::Visible }
            }
        };
        // A page may come back in the background; then `visibilitychange` brings it back later.
        let back = {
            let document = document.clone();
            move || (!is_hidden(&document)).then_some(Page::Resumed)
        };
        events.on(&document, "visibilitychange", {
            let tell = tell.clone();
            move || tell(Change::Page(seen()))
        });
        for (target, event) in
            [(AsRef::<EventTarget>::as_ref(&document), "resume"), (window.as_ref(), "pageshow")]
        {
            let (tell, back) = (tell.clone(), back.clone());
            events.on(target, event, move || {
                if let Some(page) = back() {
                    tell(Change::Page(page));
                }
            });
        }
        for (target, event) in
            [(AsRef::<EventTarget>::as_ref(&document), "freeze"), (window.as_ref(), "pagehide")]
        {
            let tell = tell.clone();
            events.on(target, event, move || tell(Change::Page(Page::Frozen)));
        }
        for event in ["online", "offline"] {
            let (tell, up) = (tell.clone(), event == "online");
            events.on(&window, event, move || tell(Change::Network(up)));
        }
        events
    }

    fn on(&mut self, target: &EventTarget, event: &'static str, hear: impl FnMut() + 'static) {
        let closure = Closure::<dyn FnMut()>::new(hear);
        let heard =
            target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        if heard.is_ok() {
            self.listeners.push(Listener { target: target.clone(), event, closure });
        }
    }
}

impl Drop for PageEvents {
    fn drop(&mut self) {
        for Listener { target, event, closure } in &self.listeners {
            let _ =
                target.remove_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        }
    }
}

fn is_hidden(document: &Document) -> bool {
    document.visibility_state() == VisibilityState::Hidden
}

fn is_online(window: &Window) -> bool {
    window.navigator().on_line()
}
