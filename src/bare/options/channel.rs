//! The options of a channel.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use js_sys::{Array, Function};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::read::{option, wrong};
use crate::bare::error::{from_reader, invalid};
use crate::bare::js::{copy_of, member, merged, object, optional_function};
use crate::bare::serialize::serialise;
use crate::core::channel::Subscription;
use crate::core::config::ProtocolKind;
use crate::engine::config;
use crate::web::{JsPayload, items, parse};

/// Whether broadcasts are confirmed, received by the sender too, and replayed (Supabase).
#[derive(Deserialize, Serialize)]
struct Broadcast {
    #[serde(skip_serializing_if = "Option::is_none")]
    ack: Option<bool>,
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    own: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<Replay>,
}

#[derive(Deserialize, Serialize)]
struct Replay {
    since: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<f64>,
}

/// `presence` of a channel (Supabase).
#[derive(Deserialize)]
#[serde(untagged)]
enum PresenceOption {
    Enabled(bool),
    Keyed { key: Option<String> },
}

/// `presence` in the join's payload.
#[derive(Serialize)]
struct PresenceJoin {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl From<PresenceOption> for PresenceJoin {
    fn from(option: PresenceOption) -> Self {
        match option {
            PresenceOption::Enabled(enabled) => Self { enabled, key: None },
            PresenceOption::Keyed { key } => {
                Self { enabled: true, key: key.filter(|key| !key.is_empty()) }
            }
        }
    }
}

/// Which changes of a table to receive (Supabase), without `filter`, which may be an object with `build()`.
#[derive(Deserialize, Serialize)]
struct PostgresFilter {
    #[serde(default = "every_event")]
    event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    select: Option<Vec<String>>,
}

fn every_event() -> String {
    "*".to_string()
}

impl PostgresFilter {
    fn read(given: &JsValue) -> Result<Self, JsValue> {
        let given = copy_of(given, "options.postgresChanges")?;
        let read: Self = serde_wasm_bindgen::from_value(given.clone())
            .map_err(|error| wrong("postgresChanges", &error))?;
        let filter = match member(&given, "filter") {
            builder if builder.is_object() => {
                let build = member(&builder, "build").dyn_into::<Function>().map_err(|_| {
                    invalid("options.postgresChanges.filter must be a string or have build()")
                })?;
                build.call0(&builder)?
            }
            text => text,
        };
        Ok(Self { filter: filter.as_string(), ..read })
    }
}

/// The options of a channel, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct ChannelOptions {
    /// The options that are not functions: `{ persistent?, idleTtlMs?, params? }`.
    plain: JsValue,
    pub(crate) dedup_key: Option<Function>,
    pub(crate) on_error: Option<Function>,
    pub(crate) on_gap: Option<Function>,
    /// Whether the app sets explicitly whether the channel has presence (Supabase).
    pub(crate) decides_presence: bool,
    pub(crate) private: Option<bool>,
}

impl ChannelOptions {
    /// Reads them.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option, for example one of Supabase's with another protocol.
    pub(crate) fn read(given: &JsValue, protocol: ProtocolKind) -> Result<Self, JsValue> {
        let given = copy_of(given, "options")?;
        let private = option(&given, "private")?;
        let own = supabase(&given, private)?;
        let first = own.first().map(|(name, _)| *name);
        if let Some(first) = first.filter(|_| protocol != ProtocolKind::Supabase) {
            let name = if first == "postgres_changes" { "postgresChanges" } else { first };
            return Err(invalid(&["options.", name, " is for protocol: 'supabase'"].concat()));
        }
        let params = match member(&given, "params") {
            none if none.is_undefined() || none.is_null() => JsValue::UNDEFINED,
            params => {
                let text = serialise(&params, "options.params")?;
                parse(&text.into()).unwrap_or_default()
            }
        };
        let params = match own.is_empty() {
            true => params,
            false => merged(&params, &object(&own)),
        };
        let persistent = option::<bool>(&given, "persistent")? == Some(true);
        let plain = object(&[
            ("persistent", if persistent { JsValue::TRUE } else { JsValue::UNDEFINED }),
            ("idleTtlMs", member(&given, "idleTtlMs")),
            ("params", params),
        ]);
        Ok(Self {
            plain,
            dedup_key: optional_function(&member(&given, "dedupKey"), "options.dedupKey")?,
            on_error: optional_function(&member(&given, "onError"), "options.onError")?,
            on_gap: optional_function(&member(&given, "onGap"), "options.onGap")?,
            decides_presence: !member(&given, "presence").is_undefined(),
            private,
        })
    }

    /// The options in the core's form; `dedup_key` is called instead of the app's.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option.
    pub(crate) fn subscription(
        &self,
        dedup_key: Option<Function>,
    ) -> Result<Subscription<JsPayload>, JsValue> {
        let dedup_key = dedup_key.map_or(JsValue::UNDEFINED, Into::into);
        let options = merged(&self.plain, &object(&[("dedupKey", dedup_key)]));
        config::subscription(&options).map_err(from_reader)
    }

    /// A text that identifies the options: equal options give equal texts.
    pub(crate) fn identity(&self) -> String {
        let text = js_sys::JSON::stringify(&self.plain);
        text.map(String::from).unwrap_or_default()
    }
}

/// Supabase's own options, by the names of its joins.
fn supabase(
    given: &JsValue,
    private: Option<bool>,
) -> Result<Vec<(&'static str, JsValue)>, JsValue> {
    let mut own = Vec::new();
    if let Some(broadcast) = option::<Broadcast>(given, "broadcast")? {
        own.push(("broadcast", value(&broadcast)));
    }
    if let Some(presence) = option::<PresenceOption>(given, "presence")? {
        own.push(("presence", value(&PresenceJoin::from(presence))));
    }
    let changes = member(given, "postgresChanges");
    if !(changes.is_undefined() || changes.is_null()) {
        let filters = items(&changes)
            .ok_or_else(|| invalid("options.postgresChanges must be an array of filters"))?;
        let filters = filters.iter().map(|filter| Ok(value(&PostgresFilter::read(&filter)?)));
        let filters: Result<Array, JsValue> =
            filters.collect::<Result<Vec<_>, _>>().map(|all| all.into_iter().collect());
        own.push(("postgres_changes", filters?.into()));
    }
    if let Some(private) = private {
        own.push(("private", private.into()));
    }
    Ok(own)
}

fn value(of: &impl Serialize) -> JsValue {
    // Structs of texts and numbers: this cannot fail.
    of.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}
