//! Passes the client's events and requests to one JavaScript function.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::mem;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::encode;
use super::error::{object, to_js};
use crate::abi::report::{Kind, MessageFlag, SendStatus};
use crate::core::collection::MutationProgress;
use crate::core::error::Error;
use crate::core::event::{Event, SendProgress};
use crate::core::id::{RequestId, SocketId};
use crate::core::message::Gap;
use crate::core::message_head::FrameShape;
use crate::core::state::ErrorInForce;
use crate::web::{Host, JsPayload};

#[wasm_bindgen]
extern "C" {
    /// The sink, called with its arguments directly, without an array.
    #[derive(Debug)]
    type SinkFunction;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call(
        this: &SinkFunction,
        receiver: &JsValue,
        kind: u8,
        subject: u32,
        a: &JsValue,
        b: &JsValue,
        c: &JsValue,
        d: &JsValue,
        e: &JsValue,
        f: &JsValue,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_for_listener(
        this: &SinkFunction,
        receiver: &JsValue,
        kind: u8,
        socket: u32,
        shape: u8,
    ) -> Result<Function, JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_for_sends(
        this: &SinkFunction,
        receiver: &JsValue,
        kind: u8,
        status: u8,
        sends: &[u32],
    ) -> Result<(), JsValue>;

    /// Reports an exception as the browser reports an uncaught one.
    #[wasm_bindgen(js_name = reportError, catch)]
    fn report_error(error: &JsValue) -> Result<(), JsValue>;
}

/// Reports an exception of a callback, so that other callbacks are not affected.
pub(crate) fn report(error: &JsValue) {
    // Browsers before 2022 have no reportError; then the exception is not reported.
    let _ = report_error(error);
}

/// Passes events to a JavaScript function.
#[derive(Debug)]
pub(crate) struct Sink {
    function: SinkFunction,
    /// The sends with a new status that is not reported yet: most often many have the same, so that one call does.
    noted: RefCell<Noted>,
}

/// Sends that have the same new status.
#[derive(Debug)]
struct Noted {
    status: SendStatus,
    sends: Vec<u32>,
}

const NONE: &JsValue = &JsValue::UNDEFINED;

impl Sink {
    pub(crate) fn new(function: Function) -> Self {
        let noted = Noted { status: SendStatus::Queued, sends: Vec::new() };
        Self { function: function.unchecked_into(), noted: RefCell::new(noted) }
    }

    fn call(&self, kind: Kind, subject: u32, values: [&JsValue; 6]) {
        self.report_sends();
        let [a, b, c, d, e, f] = values;
        // The sink catches exceptions of the app's listeners; any other exception is a defect of the sink.
        if let Err(error) = self.function.call(NONE, kind as u8, subject, a, b, c, d, e, f) {
            report(&error);
        }
    }

    fn send(&self, send: u32, progress: SendProgress<JsPayload>) {
        let (status, outcome) = match progress {
            SendProgress::Queued => return self.note(SendStatus::Queued, send),
            SendProgress::Sent => return self.note(SendStatus::Sent, send),
            SendProgress::SentUnconfirmed => return self.note(SendStatus::Acked, send),
            SendProgress::Failed(error) => (SendStatus::Failed, to_js(&error)),
            settled @ SendProgress::Acked { .. } => (SendStatus::Acked, ack(settled)),
        };
        self.call(Kind::Send, send, [&(status as u32).into(), &outcome, NONE, NONE, NONE, NONE]);
    }

    /// Notes the new status of a send, without an outcome, for [`Sink::report_sends`].
    fn note(&self, status: SendStatus, send: u32) {
        if self.noted.borrow().status != status {
            self.report_sends();
            self.noted.borrow_mut().status = status;
        }
        self.noted.borrow_mut().sends.push(send);
    }

    fn mutation(&self, mutation: u32, progress: MutationProgress<JsPayload>) {
        let (status, outcome) = match progress {
            MutationProgress::Sent => (SendStatus::Sent, JsValue::UNDEFINED),
            MutationProgress::Failed(error) => (SendStatus::Failed, to_js(&error)),
            MutationProgress::Confirmed { row, confirmed } => {
                (SendStatus::Acked, encode::stored(row, confirmed))
            }
        };
        self.call(
            Kind::Mutation,
            mutation,
            [&(status as u32).into(), &outcome, NONE, NONE, NONE, NONE],
        );
    }
}

/// The outcome of a send that did not fail: `{ confirmed, seq?, payload? }`.
pub(crate) fn ack(progress: SendProgress<JsPayload>) -> JsValue {
    match progress {
        SendProgress::Acked { seq, payload } => object(&[
            ("confirmed", true.into()),
            ("seq", seq.map_or(JsValue::UNDEFINED, whole)),
            ("payload", payload.map_or(JsValue::UNDEFINED, |payload| payload.0)),
        ]),
        _ => object(&[("confirmed", false.into())]),
    }
}

/// A gap: `{ from?, to?, epoch? }`.
pub(crate) fn gap(gap: &Gap) -> JsValue {
    object(&[
        ("from", gap.from.map_or(JsValue::UNDEFINED, whole)),
        ("to", gap.to.map_or(JsValue::UNDEFINED, whole)),
        ("epoch", gap.epoch.as_ref().map_or(JsValue::UNDEFINED, text)),
    ])
}

/// A position as a number; positions are far below the limit of exact integers.
pub(crate) fn whole(number: u64) -> JsValue {
    (number as f64).into()
}

fn text(text: &Rc<str>) -> JsValue {
    (&**text).into()
}

fn optional(error: Option<&Error>) -> JsValue {
    error.map_or(JsValue::UNDEFINED, to_js)
}

fn value(payload: Option<JsPayload>) -> JsValue {
    payload.map_or(JsValue::UNDEFINED, |payload| payload.0)
}

impl Host for Sink {
    fn event(&self, event: Event<JsPayload>) {
        match event {
            Event::State(state, reason, error, in_force) => {
                // The latest error was passed to the package already.
                let new = error.filter(|_| in_force == ErrorInForce::New);
                let (reason, error) = (reason.code().into(), optional(new.as_ref()));
                let in_force = (in_force as u32).into();
                self.call(
                    Kind::State,
                    state as u32,
                    [&reason, &error, &in_force, NONE, NONE, NONE],
                );
            }
            Event::Quality(quality) => {
                self.call(Kind::Quality, quality as u32, [NONE; 6]);
            }
            Event::Error(channel, error) => {
                let channel = channel.map_or(0, |id| id.0);
                self.call(Kind::Error, channel, [&to_js(&error), NONE, NONE, NONE, NONE, NONE]);
            }
            Event::Message(channel, delivery) => {
                let flag = |is, flag: MessageFlag| if is { flag.bit() } else { 0 };
                let flags = flag(delivery.own, MessageFlag::Own)
                    | flag(delivery.recovered, MessageFlag::Recovered)
                    | flag(delivery.reserved, MessageFlag::Reserved);
                let (event, id) = (value(delivery.event), value(delivery.id));
                let (seq, epoch) = delivery
                    .position
                    .map_or((JsValue::UNDEFINED, JsValue::UNDEFINED), |position| {
                        (whole(position.seq), text(&position.epoch))
                    });
                let payload = delivery.payload.0;
                self.call(
                    Kind::Message,
                    channel.0,
                    [&payload, &event, &id, &seq, &epoch, &flags.into()],
                );
            }
            Event::Change(channel, delivery, receivers) => {
                let (event, id) = (value(delivery.event), value(delivery.id));
                let receivers: Array = receivers.iter().map(|each| JsValue::from(each.0)).collect();
                let payload = delivery.payload.0;
                self.call(Kind::Change, channel.0, [&payload, &event, &id, &receivers, NONE, NONE]);
            }
            Event::System(channel, event, payload, receiver) => {
                let receiver = receiver.map_or(0, |id| id.0);
                let values = [&payload.0, &event.into(), &receiver.into(), NONE, NONE, NONE];
                self.call(Kind::System, channel.0, values);
            }
            Event::Channel(channel, state, continuity, reason, error) => self.call(
                Kind::Channel,
                channel.0,
                [
                    &(state as u32).into(),
                    &(continuity as u32).into(),
                    &optional(error.as_ref()),
                    &reason.code().into(),
                    NONE,
                    NONE,
                ],
            ),
            Event::Gap(channel, lost) => {
                self.call(Kind::Gap, channel.0, [&gap(&lost), NONE, NONE, NONE, NONE, NONE]);
            }
            Event::Collection(id, view) => {
                let [a, b, c, d, e, f] = &encode::view(view);
                self.call(Kind::Collection, id.0, [a, b, c, d, e, f]);
            }
            Event::Mutation(mutation, progress) => self.mutation(mutation.0, progress),
            Event::AppRequest(id, request, question) => {
                let (question, [a, b, c]) = &encode::question(question);
                let values = [&request.0.into(), &(*question as u32).into(), a, b, c, NONE];
                self.call(Kind::AppRequest, id.0, values);
            }
            Event::Presence(channel, changes) => {
                let changes = encode::changes(changes);
                self.call(Kind::Presence, channel.0, [&changes, NONE, NONE, NONE, NONE, NONE]);
            }
            Event::Typing(channel, names) => {
                let names: Array = names.iter().map(JsValue::from).collect();
                self.call(Kind::Typing, channel.0, [&names, NONE, NONE, NONE, NONE, NONE]);
            }
            Event::Send(send, progress) => self.send(send.0, progress),
            Event::Queue(depth) => {
                let depth = u32::try_from(depth).unwrap_or(u32::MAX);
                self.call(Kind::Queue, depth, [NONE; 6]);
            }
            Event::RenderTick => self.call(Kind::RenderTick, 0, [NONE; 6]),
        }
    }

    fn report_sends(&self) -> bool {
        let (status, sends) = {
            let mut noted = self.noted.borrow_mut();
            (noted.status, mem::take(&mut noted.sends))
        };
        let any = !sends.is_empty();
        if any
            && let Err(error) =
                self.function.call_for_sends(NONE, Kind::Sends as u8, status as u8, &sends)
        {
            report(&error);
        }
        any
    }

    fn request_address(&self, socket: SocketId, default_path: &'static str) {
        self.call(Kind::UrlRequest, socket.0, [&default_path.into(), NONE, NONE, NONE, NONE, NONE]);
    }

    fn request_token(&self, request: RequestId) {
        self.call(Kind::TokenRequest, request.0, [NONE; 6]);
    }

    fn request_inflate(&self, request: u32, bytes: &JsValue, max_bytes: u64) {
        self.call(
            Kind::InflateRequest,
            request,
            [bytes, &whole(max_bytes), NONE, NONE, NONE, NONE],
        );
    }

    fn message_listener(&self, socket: SocketId, shape: FrameShape) -> Option<Function> {
        self.function
            .call_for_listener(NONE, Kind::MessageListener as u8, socket.0, shape as u8)
            .ok()
    }

    fn log(&self, what: &'static str, code: Option<u16>) {
        let code = code.map_or(JsValue::UNDEFINED, JsValue::from);
        self.call(Kind::Log, 0, [&what.into(), &code, NONE, NONE, NONE, NONE]);
    }
}
