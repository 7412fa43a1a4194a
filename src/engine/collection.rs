//! The engine's functions for collections.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::config::{member, number, subscription, wrong};
use super::encode::view;
use super::engine::{Engine, whole};
use super::error::to_js;
use crate::abi::report::RequestKind;
use crate::abi::text::TEXT;
use crate::core::collection::{
    AppResponse, ChangeKind, CollectionOptions, ConflictPolicy, Edit, EditKind, Key,
};
use crate::core::error::Cause;
use crate::core::id::{CollectionId, MutationId, RequestId, SubscriberId};
use crate::core::payload::Payload;
use crate::web::{JsPayload, cause_of};

#[wasm_bindgen]
impl Engine {
    /// Opens a collection with a subscriber of its own (both ids are made by the package); returns the channel's id.
    /// Throws an `EngineError`.
    #[wasm_bindgen(js_name = openCollection)]
    pub fn open_collection(
        &self,
        collection: u32,
        subscriber: u32,
        channel: &str,
        #[wasm_bindgen(unchecked_param_type = "object | undefined")] channel_options: JsValue,
        #[wasm_bindgen(unchecked_param_type = "EngineCollectionOptions")] options: JsValue,
    ) -> Result<u32, JsValue> {
        let (collection, subscriber) = (CollectionId(collection), SubscriberId(subscriber));
        let identity = JsPayload(channel_options.clone()).json();
        let subscription = subscription(&channel_options, self.profile())?;
        let options = read(&options, identity)?;
        self.driver
            .with(|client, now| {
                client.open_collection(now, collection, subscriber, channel, subscription, options)
            })
            .map(|id| id.0)
            .map_err(|error| to_js(&error))
    }

    /// Returns the initial state that such a collection would have, as the arguments of `Kind.Collection`; `undefined`:
    /// none is open or lingers with these options.
    #[wasm_bindgen(js_name = peekCollection)]
    pub fn peek_collection(
        &self,
        channel: &str,
        #[wasm_bindgen(unchecked_param_type = "object | undefined")] channel_options: JsValue,
        #[wasm_bindgen(unchecked_param_type = "EngineCollectionOptions")] options: JsValue,
    ) -> Result<Option<Array>, JsValue> {
        let options = read(&options, JsPayload(channel_options).json())?;
        let shown = self.driver.look(|client| client.peek_collection(channel, &options));
        Ok(shown.map(|shown| view(shown).into_iter().collect()))
    }

    /// Changes a collection by a `ChangeAction`. `text` is the JSON of the row or of the patch, `id` the change's id on the
    /// wire. Every change of its status is reported as `Kind.Mutation`.
    pub fn mutate(
        &self,
        collection: u32,
        mutation: u32,
        id: String,
        change: u32,
        key: Option<String>,
        #[wasm_bindgen(unchecked_param_type = "string | undefined")] text: JsValue,
    ) {
        let row = JsPayload::from_serialized(&JsPayload(text));
        let change = match ChangeKind::ALL.get(change as usize) {
            Some(ChangeKind::Insert) => EditKind::Insert { key, row },
            // A change without a key is applied to no row.
            Some(ChangeKind::Update) => {
                EditKind::Update { key: key.unwrap_or_default(), patch: row }
            }
            Some(ChangeKind::Remove) | None => EditKind::Remove { key: key.unwrap_or_default() },
        };
        let edit = Edit { mutation: MutationId(mutation), id, change };
        self.driver.with(|client, now| client.mutate(now, CollectionId(collection), edit));
    }

    /// Answers a `Load` request with the rows and their position in the channel's log.
    #[wasm_bindgen(js_name = answerLoad)]
    pub fn answer_load(
        &self,
        collection: u32,
        request: u32,
        rows: Array,
        epoch: Option<String>,
        seq: Option<f64>,
    ) {
        let rows = rows.iter().map(JsPayload).collect();
        let position = epoch.zip(seq.map(whole));
        self.reply(collection, request, Ok(AppResponse::Rows { rows, position }));
    }

    /// Answers any other question.
    pub fn answer(
        &self,
        collection: u32,
        request: u32,
        question: u32,
        #[wasm_bindgen(unchecked_param_type = "unknown")] value: JsValue,
    ) {
        let answer = match RequestKind::ALL.get(question as usize) {
            Some(RequestKind::Persist) => {
                AppResponse::Stored(value.is_object().then_some(JsPayload(value)))
            }
            Some(RequestKind::Resolve) => AppResponse::Resolved(JsPayload(value)),
            Some(RequestKind::Key) => AppResponse::Key(JsPayload(value)),
            Some(RequestKind::Load) | None => return,
        };
        self.reply(collection, request, Ok(answer));
    }

    /// Answers any request with what the app threw, which may have a `code` or an HTTP `status`, and its message.
    #[wasm_bindgen(js_name = answerFailed)]
    pub fn answer_failed(
        &self,
        collection: u32,
        request: u32,
        #[wasm_bindgen(unchecked_param_type = "unknown")] thrown: JsValue,
        message: String,
    ) {
        self.reply(collection, request, Err(cause_of(&thrown, message)));
    }
}

impl Engine {
    fn reply(&self, collection: u32, request: u32, answer: Result<AppResponse<JsPayload>, Cause>) {
        let (collection, request) = (CollectionId(collection), RequestId(request));
        self.driver.with(|client, now| client.answer(now, collection, request, answer));
    }
}

/// Reads the options of a collection.
fn read(options: &JsValue, identity: String) -> Result<CollectionOptions, JsValue> {
    let names = Array::from(&member(options, "events"));
    let names: Option<Vec<String>> =
        names.iter().map(|name| name.as_string().filter(|name| !name.is_empty())).collect();
    let events = names.and_then(|names| names.try_into().ok());
    let conflict = member(options, "conflict").as_f64().filter(|number| *number >= 0.0);
    let policy = conflict.and_then(|number| ConflictPolicy::ALL.get(whole(number) as usize));
    let version = member(options, "version");
    if !version.is_undefined() && !version.is_string() {
        return Err(wrong("", "version", TEXT));
    }
    let wants = "'server-wins', 'client-wins', 'last-write-wins', 'merge' or a function";
    Ok(CollectionOptions {
        key: member(options, "key").as_string().map_or(Key::Function, Key::Field),
        loads: member(options, "loads").is_truthy(),
        persists: member(options, "persists").is_truthy(),
        events: events.ok_or_else(|| wrong("", "events", "names"))?,
        policy: *policy.ok_or_else(|| wrong("", "conflict", wants))?,
        version: version.as_string(),
        limit: number(options, ("", "limit"), 1)?,
        identity,
        functions: Array::from(&member(options, "functions"))
            .iter()
            .filter_map(|number| number.as_f64().map(|number| whole(number) as u32))
            .collect(),
    })
}
