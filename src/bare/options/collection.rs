//! The options of a collection.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use js_sys::{Function, WeakMap};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::channel::ChannelOptions;
use super::read::option;
use crate::bare::error::{from_reader, invalid};
use crate::bare::js::{copy_of, member, name, optional_function};
use crate::core::collection::{CollectionOptions, ConflictPolicy, KEY_FIELD, Key};
use crate::engine::config::number;

/// How a row's key is read.
#[derive(Debug, Clone)]
pub(crate) enum RowKey {
    /// It is in this field.
    Field(String),
    /// The app's function returns it.
    Function(Function),
}

/// The app's functions of a collection.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    pub(crate) key: RowKey,
    pub(crate) load: Option<Function>,
    pub(crate) persist: Option<Function>,
    pub(crate) conflict: Option<Function>,
    pub(crate) sort: Option<Function>,
}

/// The conflict policies that have a name.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Policy {
    ServerWins,
    ClientWins,
    LastWriteWins,
    Merge,
}

impl From<Policy> for ConflictPolicy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::ServerWins => Self::ServerWins,
            Policy::ClientWins => Self::ClientWins,
            Policy::LastWriteWins => Self::LastWriteWins,
            Policy::Merge => Self::Merge,
        }
    }
}

/// The names of the events that carry changes.
#[derive(Deserialize, Default)]
struct Events {
    insert: Option<String>,
    update: Option<String>,
    delete: Option<String>,
}

/// Reads the options of a collection.
///
/// # Errors
/// `invalid_argument`, which names the option.
pub(crate) fn collection_options(
    given: &JsValue,
    channel: &ChannelOptions,
) -> Result<(Functions, CollectionOptions), JsValue> {
    let given = copy_of(given, "options")?;
    let of = |key: &str| member(&given, key);
    let key = match of("key") {
        none if none.is_undefined() => RowKey::Field(KEY_FIELD.to_owned()),
        key => match key.dyn_ref::<Function>() {
            Some(function) => RowKey::Function(function.clone()),
            None => RowKey::Field(name(&key, "options.key")?),
        },
    };
    let functions = Functions {
        load: optional_function(&of("load"), "options.load")?,
        persist: optional_function(&of("persist"), "options.persist")?,
        conflict: of("conflict").dyn_into().ok(),
        sort: optional_function(&of("sort"), "options.sort")?,
        key,
    };
    let policy = match &functions.conflict {
        Some(_) => ConflictPolicy::Function,
        None => option::<Policy>(&given, "conflict")?.map_or(ConflictPolicy::DEFAULT, Into::into),
    };
    let events = option::<Events>(&given, "events")?.unwrap_or_default();
    let event = |given: Option<String>, usual: &str| match given {
        Some(name) if name.is_empty() => Err(invalid("options.events must be names")),
        given => Ok(given.unwrap_or_else(|| usual.to_owned())),
    };
    let options = CollectionOptions {
        key: match &functions.key {
            RowKey::Field(field) => Key::Field(field.clone()),
            RowKey::Function(_) => Key::Function,
        },
        loads: functions.load.is_some(),
        persists: functions.persist.is_some(),
        events: [
            event(events.insert, "insert")?,
            event(events.update, "update")?,
            event(events.delete, "delete")?,
        ],
        policy,
        version: option(&given, "version")?,
        limit: number(&given, ("", "limit"), 1).map_err(from_reader)?,
        identity: channel.identity(),
        functions: numbers(&functions, channel),
    };
    Ok((functions, options))
}

/// The identities of the functions, in a fixed order; 0 for none.
fn numbers(functions: &Functions, channel: &ChannelOptions) -> Vec<u32> {
    let key = match &functions.key {
        RowKey::Field(_) => None,
        RowKey::Function(function) => Some(function),
    };
    let all = [
        key,
        functions.load.as_ref(),
        functions.persist.as_ref(),
        functions.conflict.as_ref(),
        channel.dedup_key.as_ref(),
    ];
    all.into_iter().map(|function| function.map_or(0, number_of)).collect()
}

thread_local! {
    static NUMBERS: WeakMap = WeakMap::new();
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// A number that identifies a function.
fn number_of(function: &Function) -> u32 {
    NUMBERS.with(|numbers| {
        let known = numbers.get(function).as_f64();
        if let Some(number) = known {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "see below"
            )]
            return number as u32;
        }
        let number = LAST.get() + 1;
        LAST.set(number);
        numbers.set(function, &number.into());
        number
    })
}
