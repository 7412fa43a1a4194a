//! The driver's only timer.
//!
//! It does not use gloo-timers. That needs std, which the npm package's engine is built without, makes a
//! new closure each time it is set, and throws through the client where a page's own `setTimeout` throws. If only the bare
//! module used it (2.6 KB, 1.0 KB with gzip), the tests of the driver would use another timer than the
//! package.

use core::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;

use crate::core::time::Instant;

/// The longest delay that `setTimeout` supports; a longer one would fire at once.
const MAX_DELAY_MS: u64 = 0x7fff_ffff;

#[wasm_bindgen]
extern "C" {
    // Pages replace them (fake timers, zones), and then they may throw.
    #[wasm_bindgen(js_name = setTimeout, catch)]
    pub(super) fn set_timeout(tick: &JsValue, delay_ms: i32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = clearTimeout, catch)]
    fn clear_timeout(handle: &JsValue) -> Result<(), JsValue>;
}

/// A timeout that is set again only when its deadline changes.
pub(super) struct Timer {
    tick: Closure<dyn FnMut()>,
    due: Cell<Option<Instant>>,
    handle: RefCell<JsValue>,
}

impl Timer {
    /// A timer that calls `tick`, which begins with [`Timer::fired`].
    pub(super) fn new(tick: impl FnMut() + 'static) -> Self {
        Self { tick: Closure::new(tick), due: Cell::new(None), handle: RefCell::default() }
    }

    /// Sets the deadline; replaces the former one.
    pub(super) fn arm(&self, now: Instant, due: Option<Instant>) {
        if self.due.replace(due) == due {
            return;
        }
        let _ = clear_timeout(&self.handle.borrow());
        if let Some(at) = due {
            let delay = at.duration_since(now).min(MAX_DELAY_MS) as i32;
            self.handle.replace(set_timeout(self.tick.as_ref(), delay).unwrap_or_default());
        }
    }

    /// Notes that the timeout has fired.
    pub(super) fn fired(&self) {
        self.due.set(None);
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let _ = clear_timeout(&self.handle.borrow());
    }
}
