//! Events of the page: visibility, freezing and resuming, network.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Event, EventTarget, VisibilityState, Window};

use crate::core::input::{Input, Network, Page};

use super::payload::JsPayload;

const DOCUMENT_EVENTS: [&str; 3] = ["visibilitychange", "freeze", "resume"];
const WINDOW_EVENTS: [&str; 4] = ["pagehide", "pageshow", "online", "offline"];

/// Listens to the page until it is dropped. One listener receives every event: each further one would
/// add a function to the wasm.
pub(super) struct PageEvents {
    window: Window,
    document: Document,
    listener: Closure<dyn FnMut(Event)>,
}

impl PageEvents {
    /// Emits the present state, then every change; without an input where nothing changes, but what is queued must be
    /// sent. `None` where there is no page.
    pub(super) fn listen(emit: impl Fn(Option<Input<JsPayload>>) + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let document = window.document()?;
        if is_hidden(&document) {
            emit(Some(Input::Page(Page::Hidden)));
        }
        if !window.navigator().on_line() {
            emit(Some(Input::Network(Network::Offline)));
        }
        let of = document.clone();
        let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let hidden = is_hidden(&of);
            emit(Some(match (event.type_().as_str(), hidden) {
                ("online", _) => Input::Network(Network::Online),
                ("offline", _) => Input::Network(Network::Offline),
                // A page that is not kept is closed with its socket, so messages sent until then are transmitted.
                ("pagehide", _) if !is_kept(&event) => return emit(None),
                ("freeze" | "pagehide", _) => Input::Page(Page::Frozen),
                ("visibilitychange", true) => Input::Page(Page::Hidden),
                ("visibilitychange", false) => Input::Page(Page::Visible),
                (_, false) => Input::Page(Page::Resumed),
                (_, true) => Input::Page(Page::ResumedHidden),
            }));
        });
        let events = Self { window, document, listener };
        events.each(|target, name, listener| {
            let _ = target.add_event_listener_with_callback(name, listener);
        });
        Some(events)
    }

    fn each(&self, act: impl Fn(&EventTarget, &str, &js_sys::Function)) {
        let listener = self.listener.as_ref().unchecked_ref();
        for name in DOCUMENT_EVENTS {
            act(&self.document, name, listener);
        }
        for name in WINDOW_EVENTS {
            act(&self.window, name, listener);
        }
    }
}

impl Drop for PageEvents {
    fn drop(&mut self) {
        self.each(|target, name, listener| {
            let _ = target.remove_event_listener_with_callback(name, listener);
        });
    }
}

/// Whether a page that is put away can be restored.
fn is_kept(event: &Event) -> bool {
    Reflect::get(event, &"persisted".into()).is_ok_and(|persisted| persisted != JsValue::FALSE)
}

fn is_hidden(document: &Document) -> bool {
    document.visibility_state() == VisibilityState::Hidden
}
