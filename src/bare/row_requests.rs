//! Requests of a collection to the app's functions.

use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::error::message_of;
use super::js::{apply, member, object, run, settled};
use super::options::RowKey;
use super::plain_copy::plain_copy;
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::abi::text::{NO_ROWS, RESOLVED, ROW_KEY, STORED_ROW};
use crate::core::collection::{AppRequest, AppResponse, Change};
use crate::core::id::{CollectionId, RequestId};
use crate::web::{JsPayload, cause_of, is_array, items};

const NONE: JsValue = JsValue::UNDEFINED;

fn value(row: Option<JsPayload>) -> JsValue {
    row.map_or(NONE, |row| row.0)
}

/// Reads the result of `load`: the rows, and their position in the channel's log.
fn rows_of(loaded: &JsValue) -> Result<AppResponse<JsPayload>, JsValue> {
    let (rows, position) = match is_array(loaded) {
        true => (loaded.clone(), NONE),
        false => (member(loaded, "rows"), member(loaded, "position")),
    };
    let rows = items(&rows)
        .ok_or_else(|| js_sys::Error::new(NO_ROWS))?
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let name = ["rows[", &at.to_string(), "]"].concat();
            plain_copy(&row, &name).map(JsPayload)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let seq = member(&position, "seq").as_f64();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    let position = member(&position, "epoch").as_string().zip(seq.map(|seq| seq as u64));
    Ok(AppResponse::Rows { rows, position })
}

/// A change to be stored, as the argument of `persist`.
fn change_of(change: Change<JsPayload>) -> JsValue {
    object(&[
        ("kind", change.kind.name().into()),
        ("key", (&*change.key).into()),
        ("row", value(change.row)),
    ])
}

async fn call(function: Option<Function>, values: Vec<JsValue>) -> Result<JsValue, JsValue> {
    let Some(function) = function else { return Ok(NONE) };
    let values: Vec<_> = values.iter().collect();
    settled(apply(&function, &values)?).await
}

impl Session {
    /// Calls the app's function for a request of a collection. An exception is passed on as the failure of the request.
    pub(super) fn answer(
        self: &Rc<Self>,
        subscriber: &Rc<Subscriber>,
        collection: CollectionId,
        request: RequestId,
        request_of_app: AppRequest<JsPayload>,
    ) {
        let Receiver::Rows(rows) = &subscriber.receiver else { return };
        let functions = &rows.functions;
        let session = self.clone();
        let reply = move |answer: Result<AppResponse<JsPayload>, JsValue>| {
            let answer = answer.map_err(|thrown| cause_of(&thrown, message_of(&thrown)));
            session.driver.with(|client, now| client.answer(now, collection, request, answer));
        };
        match request_of_app {
            AppRequest::Load => {
                let load = functions.load.clone();
                run(async move {
                    reply(call(load, Vec::new()).await.and_then(|loaded| rows_of(&loaded)));
                });
            }
            AppRequest::Persist(change) => {
                let persist = functions.persist.clone();
                self.mutations.persisting(&change.mutation);
                let context = object(&[("mutation", change.mutation.as_str().into())]);
                let values = [change_of(change), context].to_vec();
                run(async move {
                    let stored = call(persist, values).await;
                    let stored = stored.and_then(|row| plain_copy(&row, STORED_ROW));
                    reply(
                        stored.map(|row| {
                            AppResponse::Stored(row.is_object().then_some(JsPayload(row)))
                        }),
                    );
                });
            }
            AppRequest::Resolve { local, remote, base } => {
                let values = [&value(local), &remote.0, &value(base)];
                let resolved = functions.conflict.as_ref().map(|resolve| apply(resolve, &values));
                let resolved = resolved.unwrap_or(Ok(remote.0.clone()));
                let row = resolved.and_then(|row| plain_copy(&row, RESOLVED));
                reply(row.map(|row| AppResponse::Resolved(JsPayload(row))));
            }
            AppRequest::Key(row) => {
                let key = match &functions.key {
                    RowKey::Function(function) => apply(function, &[&row.0]),
                    RowKey::Field(field) => Ok(member(&row.0, field)),
                };
                let key = key.and_then(|key| plain_copy(&key, ROW_KEY));
                reply(key.map(|key| AppResponse::Key(JsPayload(key))));
            }
        }
    }
}
