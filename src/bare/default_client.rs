//! The default client of this module.

use alloc::rc::Rc;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::session::Session;

thread_local! {
    static DEFAULT: RefCell<Option<Rc<Session>>> = const { RefCell::new(None) };
}

/// The default client, created with its first use.
pub(super) fn default_session() -> Result<Rc<Session>, JsValue> {
    if let Some(session) = DEFAULT.with_borrow(Clone::clone) {
        return Ok(session);
    }
    let session = Session::new(&JsValue::UNDEFINED)?;
    DEFAULT.set(Some(session.clone()));
    Ok(session)
}
