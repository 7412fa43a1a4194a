//! Creation of a client.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;

use super::error::Secrets;
use super::listeners::Listeners;
use super::mutations::Mutations;
use super::options::ClientOptions;
use super::reports::Reports;
use super::routes::Routes;
use super::sends::Sends;
use super::session::{Intent, Session};
use super::snapshot::{Shown, Snapshot};
use super::warnings::Warnings;
use crate::core::state::Quality;
use crate::engine::start;

impl Session {
    /// Creates a client with these options.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option.
    pub(super) fn new(options: &JsValue) -> Result<Rc<Self>, JsValue> {
        let (options, config) = ClientOptions::read(options)?;
        let session = Rc::new_cyclic(|me| {
            let driver = start(config, Box::new(Reports(me.clone())));
            let state = driver.look(|client| client.connection().state());
            Self {
                driver,
                options: RefCell::new(options),
                listeners: Listeners::default(),
                warnings: Warnings::default(),
                secrets: Secrets::default(),
                routes: Routes::default(),
                sends: Sends::default(),
                mutations: Mutations::default(),
                snapshot: Snapshot::new(Shown {
                    state,
                    quality: Quality::Offline,
                    error: JsValue::NULL,
                    queue_depth: 0,
                }),
                ids: RefCell::default(),
                connecting: RefCell::default(),
                intent: RefCell::new(Intent::None),
                destroyed: Cell::new(false),
            }
        });
        session.check_client_names();
        Ok(session)
    }
}
