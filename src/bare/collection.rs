//! The handle that `client.collection(channel, options)` returns.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::error::invalid;
use super::js::{apply, function, key_text, member};
use super::options::{ChannelOptions, RowKey, collection_options};
use super::rows::{CHANGE, Rows};
use super::serialize::object_of;
use super::session::Session;
use super::subscriber::{Receiver, Subscriber};
use crate::abi::option_names::OptionsOf;
use crate::core::collection::EditKind;
use crate::core::id::CollectionId;
use crate::core::payload::Payload;
use crate::web::JsPayload;

/// The rows of one channel. Its types are those of the interface `Collection` in `types.d.ts`.
#[wasm_bindgen(skip_typescript)]
pub struct Collection {
    session: Rc<Session>,
    subscriber: Rc<Subscriber>,
    rows: Rc<Rows>,
}

impl Collection {
    pub(super) fn open(
        session: &Rc<Session>,
        channel: String,
        options: &JsValue,
    ) -> Result<Self, JsValue> {
        session.check_names(OptionsOf::Collection, options, Some(&channel));
        let on_channel = ChannelOptions::read(options)?;
        let (functions, core) = collection_options(options, &on_channel)?;
        let rows = Rc::new(Rows::new(functions, core));
        let subscriber = session.open(channel, on_channel, Receiver::Rows(rows.clone()))?;
        Ok(Self { session: session.clone(), subscriber, rows })
    }

    fn shown(&self, key: &str) -> JsValue {
        member(&self.rows.snapshot(), key)
    }
}

/// A row's key: a non-empty string, or a safe integer.
fn key(value: &JsValue) -> Result<String, JsValue> {
    let key = key_text(value).filter(|key| !key.is_empty());
    key.ok_or_else(|| invalid("key must be a non-empty string or a safe integer"))
}

#[wasm_bindgen]
impl Collection {
    #[wasm_bindgen(getter)]
    pub fn channel(&self) -> String {
        self.subscriber.channel.clone()
    }

    #[wasm_bindgen(getter)]
    pub fn items(&self) -> JsValue {
        self.shown("items")
    }

    #[wasm_bindgen(getter, js_name = isLoading)]
    pub fn is_loading(&self) -> JsValue {
        self.shown("isLoading")
    }

    #[wasm_bindgen(getter)]
    pub fn error(&self) -> JsValue {
        self.shown("error")
    }

    #[wasm_bindgen(getter)]
    pub fn pending(&self) -> JsValue {
        self.shown("pending")
    }

    #[wasm_bindgen(getter)]
    pub fn continuity(&self) -> JsValue {
        self.shown("continuity")
    }

    pub fn get(&self, key: &JsValue) -> JsValue {
        key_text(key).map_or(JsValue::UNDEFINED, |key| self.rows.get(&key))
    }

    #[wasm_bindgen(js_name = isPending)]
    pub fn is_pending(&self, key: &JsValue) -> bool {
        key_text(key).is_some_and(|key| self.rows.is_pending(&key))
    }

    #[wasm_bindgen(js_name = getSnapshot)]
    pub fn get_snapshot(&self) -> JsValue {
        self.rows.snapshot()
    }

    /// There is one event, `change`.
    pub fn on(&self, _event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        Ok(self.rows.listeners.add(CHANGE.to_owned(), function(listener, "listener")?))
    }

    pub fn insert(&self, row: &JsValue) -> Result<JsValue, JsValue> {
        let text = object_of(row, "row")?;
        let given = match &self.rows.functions.key {
            RowKey::Field(field) => member(row, field),
            RowKey::Function(function) => apply(function, &[row])?,
        };
        // Without a key the server assigns one.
        let key = if given.is_undefined() { None } else { Some(key(&given)?) };
        let change = EditKind::Insert { key, row: JsPayload::from_serialized(&text) };
        self.session.mutate(&self.subscriber, change)
    }

    pub fn update(&self, key: &JsValue, patch: &JsValue) -> Result<JsValue, JsValue> {
        let patch = JsPayload::from_serialized(&object_of(patch, "patch")?);
        let change = EditKind::Update { key: self::key(key)?, patch };
        self.session.mutate(&self.subscriber, change)
    }

    pub fn remove(&self, key: &JsValue) -> Result<JsValue, JsValue> {
        self.session.mutate(&self.subscriber, EditKind::Remove { key: self::key(key)? })
    }

    pub fn reload(&self) -> Result<(), JsValue> {
        self.session.check_alive()?;
        let collection = CollectionId(self.subscriber.id.0);
        self.session.driver.with(|client, now| client.reload(now, collection));
        Ok(())
    }

    pub fn release(&self) {
        self.rows.listeners.clear();
        self.session.close(&self.subscriber);
    }
}
