//! One client: its driver, its options, and its subscribers, sends and listeners.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::error::{self, Secrets, custom, invalid};
use super::js::apply;
use super::listeners::Listeners;
use super::mutations::Mutations;
use super::options::ClientOptions;
use super::outcome::Outcome;
use super::routes::Routes;
use super::sends::Sends;
use super::snapshot::{Shown, Snapshot};
use super::warnings::Warnings;
use crate::abi::option_names::OptionsOf;
use crate::abi::text::{CANCELLED, SEE_CAUSE, THREW};
use crate::core::config::Reconnect;
use crate::core::error::Code;
use crate::core::id::Counter;
use crate::core::state::{Quality, State};
use crate::engine::sink::report;
use crate::web::{Driver, grant_of};

const NONE: &JsValue = &JsValue::UNDEFINED;

/// Whether the app called `connect()` without a later `disconnect()`.
#[derive(Debug)]
pub(super) enum Intent {
    None,
    /// It did: this keeps the client alive, even if the app drops it.
    Connect(#[expect(dead_code, reason = "keeps it alive")] Rc<Session>),
}

/// One client.
pub(super) struct Session {
    pub(super) driver: Rc<Driver>,
    pub(super) options: RefCell<ClientOptions>,
    pub(super) listeners: Listeners,
    pub(super) warnings: Warnings,
    pub(super) secrets: Secrets,
    pub(super) routes: Routes,
    pub(super) sends: Sends,
    pub(super) mutations: Mutations,
    pub(super) snapshot: Snapshot,
    pub(super) ids: RefCell<Counter>,
    /// The promises that `connect()` returned, until the client is ready or has failed.
    pub(super) connecting: RefCell<Vec<Outcome>>,
    pub(super) intent: RefCell<Intent>,
    /// Calls of a destroyed client throw.
    pub(super) destroyed: Cell<bool>,
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session").field("snapshot", &self.snapshot).finish_non_exhaustive()
    }
}

impl Drop for Session {
    /// Destroys a client whose handles the app has dropped: its socket would stay open forever.
    fn drop(&mut self) {
        self.driver.leave_page();
        self.driver.with(|client, now| client.destroy(now));
    }
}

impl Session {
    /// A number that is unique in the client.
    pub(super) fn next_id(&self) -> u32 {
        self.ids.borrow_mut().next()
    }

    /// Changes the given options; the others are kept.
    pub(super) fn configure(self: &Rc<Self>, changes: &JsValue) -> Result<(), JsValue> {
        self.check_alive()?;
        let (options, config) = self.options.borrow().with(changes)?;
        let reconnect = match self.options.borrow().address.is_same(&options.address) {
            true => Reconnect::IfNeeded,
            false => Reconnect::Always,
        };
        self.options.replace(options);
        self.check_client_names();
        self.driver.with(|client, now| client.configure(now, config, reconnect));
        Ok(())
    }

    /// Reports names of client options that do not exist.
    pub(super) fn check_client_names(self: &Rc<Self>) {
        let given = self.options.borrow().given().clone();
        self.check_names(OptionsOf::Client, &given, None);
    }

    /// Throws `destroyed` after `destroy()`.
    pub(super) fn check_alive(&self) -> Result<(), JsValue> {
        match self.destroyed.get() {
            true => Err(destroyed()),
            false => Ok(()),
        }
    }

    /// The state of the connection.
    pub(super) fn state(&self) -> State {
        self.snapshot.shown().state
    }

    /// Listens to an event of the client.
    pub(super) fn on(&self, event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        self.check_alive()?;
        let event = super::js::name(event, "event")?;
        Ok(self.listeners.add(event, super::js::function(listener, "listener")?))
    }

    /// Emits an event of the client.
    pub(super) fn emit(&self, event: &str, values: &[&JsValue]) {
        self.listeners.emit(event, values, |thrown| self.report(thrown, event));
    }

    /// Calls one of the app's functions, if there is one; what it throws is reported.
    pub(super) fn call(&self, function: Option<&Function>, values: &[&JsValue]) {
        if let Some(Err(thrown)) = function.map(|function| apply(function, values)) {
            self.report(&thrown, "");
        }
    }

    /// Reports an exception of a callback to the `error` listeners; without any, or if one of these threw, as uncaught.
    pub(super) fn report(&self, thrown: &JsValue, event: &str) {
        if event == "error" || !self.listeners.has("error") {
            report(thrown);
            return;
        }
        let error = custom(Code::CallbackFailed, THREW, SEE_CAUSE, thrown);
        self.emit("error", &[&error]);
    }

    /// Changes the snapshot, and emits what changed in it.
    pub(super) fn update(&self, reason: &str, act: impl FnOnce(&mut Shown)) {
        let Some((before, after)) = self.snapshot.change(act) else { return };
        if before.state != after.state {
            let error = Some(&after.error).filter(|error| !error.is_null());
            let change = super::js::object(&[
                ("from", before.state.name().into()),
                ("reason", reason.into()),
                ("error", error.cloned().unwrap_or_default()),
            ]);
            self.emit("state", &[&after.state.name().into(), &change]);
        }
        if before.quality != after.quality {
            self.emit("quality", &[&after.quality.name().into()]);
        }
        if before.queue_depth != after.queue_depth {
            self.emit("queue", &[&(after.queue_depth as f64).into()]);
        }
        self.emit("change", &[&self.snapshot.object()]);
    }

    /// Connects; the promise settles when the client is ready or has failed.
    pub(super) fn connect(self: &Rc<Self>) -> Promise {
        let outcome = Outcome::new();
        let promise = outcome.promise();
        if self.destroyed.get() {
            outcome.settle(Err(&destroyed()));
            return promise;
        }
        self.intent.replace(Intent::Connect(self.clone()));
        match self.state() {
            State::Ready => outcome.settle(Ok(NONE)),
            _ => self.connecting.borrow_mut().push(outcome),
        }
        self.driver.with(|client, now| client.connect(now));
        promise
    }

    /// Whether the app handles the promise of a `connect()`.
    pub(super) fn is_connect_observed(&self) -> bool {
        self.connecting.borrow().iter().any(Outcome::is_observed)
    }

    /// Settles the promises of all pending `connect()` calls.
    pub(super) fn settle_connecting(&self, end: Result<(), &JsValue>) {
        for outcome in self.connecting.take() {
            outcome.settle(match end {
                Ok(()) => Ok(NONE),
                Err(error) => Err(error),
            });
        }
    }

    /// Closes the connection until there is new demand.
    pub(super) fn disconnect(&self) -> Result<(), JsValue> {
        self.check_alive()?;
        self.driver.with(|client, now| client.disconnect(now));
        let aborted =
            custom(Code::Aborted, "connect() was cancelled.", CANCELLED, &JsValue::UNDEFINED);
        self.settle_connecting(Err(&aborted));
        // This may be the last reference to the client.
        drop(self.intent.replace(Intent::None));
        Ok(())
    }

    /// Destroys the client permanently.
    pub(super) fn destroy(&self) {
        if self.destroyed.replace(true) {
            return;
        }
        self.driver.leave_page();
        self.driver.with(|client, now| client.destroy(now));
        // Within a callback the client's own event would be emitted after the listeners are removed.
        self.update("destroyed", |shown| {
            shown.state = State::Closed;
            shown.quality = Quality::Offline;
            shown.queue_depth = 0;
        });
        self.settle_connecting(Err(&destroyed()));
        self.sends.fail_all(&destroyed());
        self.mutations.fail_all(&destroyed());
        for subscriber in self.routes.take_all() {
            subscriber.leave();
        }
        self.listeners.clear();
        drop(self.intent.replace(Intent::None));
    }

    /// Sets a new token, or none.
    pub(super) fn set_token(&self, token: &JsValue) -> Result<(), JsValue> {
        self.check_alive()?;
        let token = match token.as_string() {
            Some(token) => Some(token).filter(|token| !token.is_empty()),
            None if token.is_null() || token.is_undefined() => None,
            None => return Err(invalid("token must be a string or null")),
        };
        if let Some(token) = &token {
            self.secrets.add(token);
        }
        let grant = grant_of(&token.map_or(JsValue::UNDEFINED, Into::into)).unwrap_or_default();
        self.driver.with(|client, now| client.set_token(now, grant));
        Ok(())
    }
}

/// The error of every call after `destroy()`.
pub(super) fn destroyed() -> JsValue {
    error::plain(Code::Destroyed)
}
