//! Handles the events and requests of the client. Nothing is borrowed while a callback of the app runs.

use alloc::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::inflate::inflate;
use super::js::{object, run};
use super::reporter::{Level, details};
use super::session::Session;
use super::token;
use crate::core::event::Event;
use crate::core::id::{RequestId, SocketId, SubscriberId};
use crate::core::reason::Reason;
use crate::core::state::{ErrorInForce, State};
use crate::web::{Host, JsPayload};

/// Passes the driver's reports to the client, if it still exists.
#[derive(Debug)]
pub(super) struct Reports(pub(super) Weak<Session>);

impl Host for Reports {
    fn event(&self, event: Event<JsPayload>) {
        if let Some(session) = self.0.upgrade() {
            session.apply(event);
        }
    }

    fn request_address(&self, socket: SocketId, default_path: &'static str) {
        let Some(session) = self.0.upgrade() else { return };
        let (address, session) = (session.options.borrow().address.clone(), self.0.clone());
        run(async move {
            let fetched = address.fetch(default_path).await;
            // A request that the app never answers must not keep the client alive.
            if let Some(session) = session.upgrade() {
                session.driver.answer_address(socket, fetched);
            }
        });
    }

    fn request_token(&self, request: RequestId) {
        let Some(session) = self.0.upgrade() else { return };
        let (get_token, session) = (session.options.borrow().get_token.clone(), self.0.clone());
        run(async move {
            let fetched = token::fetch(get_token.as_ref()).await;
            let Some(session) = session.upgrade() else { return };
            if let Ok(Some(grant)) = &fetched {
                session.secrets.add(grant.token.reveal());
            }
            session.driver.answer_token(request, fetched);
        });
    }

    fn request_inflate(&self, request: u32, bytes: &JsValue, max_bytes: u64) {
        let Some(session) = self.0.upgrade() else { return };
        let promise = inflate(bytes, max_bytes as f64);
        run(async move {
            let text = JsFuture::from(promise).await.unwrap_or_default();
            session.driver.answer_inflate(request, &text);
        });
    }

    fn log(&self, what: &'static str, code: Option<u16>) {
        if let Some(session) = self.0.upgrade() {
            let code = code.map_or(JsValue::UNDEFINED, JsValue::from);
            session.log(Level::Debug, what, &object(&[("code", code)]));
        }
    }
}

impl Session {
    fn apply(self: &Rc<Self>, event: Event<JsPayload>) {
        match event {
            Event::State(state, reason, error, in_force) => {
                let new = error.filter(|_| in_force == ErrorInForce::New);
                let new = new.map(|error| self.secrets.error(&error));
                self.apply_state(state, reason, new.as_ref(), in_force);
            }
            Event::Quality(quality) => self.update("", |shown| shown.quality = quality),
            Event::Queue(depth) => self.update("", |shown| shown.queue_depth = depth),
            Event::RenderTick => self.emit("batch", &[]),
            Event::Error(channel, error) => {
                let error = self.secrets.error(&error);
                let is_handled = channel.is_some_and(|channel| self.notify_error(channel, &error));
                self.report_error(&error, is_handled.into());
            }
            Event::Message(channel, message) => self.deliver_message(channel, *message),
            Event::Change(channel, message, receivers) => {
                self.deliver_change(channel, *message, &receivers);
            }
            Event::System(channel, event, payload, receiver) => {
                self.deliver_system(channel, event, &payload.0, receiver);
            }
            Event::Channel(channel, state, continuity, reason, error) => {
                let error = error.map(|error| self.secrets.error(&error));
                self.apply_channel(channel, (state, continuity), reason, error.as_ref());
            }
            Event::Gap(channel, gap) => self.apply_gap(channel, &gap),
            Event::Presence(channel, changes) => self.apply_presence(channel, changes),
            Event::Typing(channel, names) => self.apply_typing(channel, &names),
            Event::Collection(id, view) => {
                if let Some(subscriber) = self.routes.find(SubscriberId(id.0)) {
                    self.apply_rows(&subscriber, view);
                }
            }
            Event::AppRequest(id, request, question) => {
                if let Some(subscriber) = self.routes.find(SubscriberId(id.0)) {
                    self.answer(&subscriber, id, request, question);
                }
            }
            Event::Mutation(mutation, progress) => self.mutation_progress(mutation, progress),
            Event::Send(send, progress) => self.send_progress(send, progress),
        }
    }

    fn apply_state(
        self: &Rc<Self>,
        state: State,
        reason: Reason,
        error: Option<&JsValue>,
        in_force: ErrorInForce,
    ) {
        let is_handled = state == State::Failed && self.is_connect_observed();
        self.update(reason.name(), |shown| {
            shown.state = state;
            match (error, in_force) {
                (Some(error), _) => shown.error = error.clone(),
                (None, ErrorInForce::Latest) => {}
                (None, _) => shown.error = JsValue::NULL,
            }
        });
        match state {
            State::Ready => self.settle_connecting(Ok(())),
            State::Failed => self.settle_connecting(Err(&self.snapshot.shown().error)),
            _ => {}
        }
        let record = object(&[("state", state.name().into()), ("reason", reason.name().into())]);
        let record =
            error.map_or(record.clone(), |error| super::js::merged(&record, &details(error)));
        self.log(if error.is_some() { Level::Warn } else { Level::Info }, "state", &record);
        if let Some(error) = error {
            self.emit_error(error, is_handled.into());
        }
    }
}
