//! The options of a channel.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::read::option;
use crate::abi::text::OBJECT;
use crate::bare::error::{from_reader, invalid};
use crate::bare::js::{copy_of, function, member, merged, object, optional_function};
use crate::bare::serialize::serialise;
use crate::core::channel::Subscription;
use crate::core::profile::ProtocolProfile;
use crate::engine::config;
use crate::web::{JsPayload, items, parse};

/// The options of a channel, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct ChannelOptions {
    /// Those without a function, as JSON values.
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
    /// `invalid_argument`, which names the option.
    pub(crate) fn read(given: &JsValue) -> Result<Self, JsValue> {
        let given = copy_of(given, "options")?;
        let persistent = option::<bool>(&given, "persistent")? == Some(true);
        let private = option(&given, "private")?;
        let plain = object(&[
            ("persistent", if persistent { JsValue::TRUE } else { JsValue::UNDEFINED }),
            ("idleTtlMs", member(&given, "idleTtlMs")),
            ("params", plain(&member(&given, "params"), "params")?),
            ("broadcast", plain(&object_of(&given, "broadcast")?, "broadcast")?),
            ("presence", plain(&presence(&given)?, "presence")?),
            ("postgresChanges", plain(&filters(&given)?, "postgresChanges")?),
            ("private", private.map_or(JsValue::UNDEFINED, Into::into)),
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
        profile: ProtocolProfile,
    ) -> Result<Subscription<JsPayload>, JsValue> {
        let dedup_key = dedup_key.map_or(JsValue::UNDEFINED, Into::into);
        let options = merged(&self.plain, &object(&[("dedupKey", dedup_key)]));
        config::subscription(&options, profile).map_err(from_reader)
    }

    /// A text that identifies the options: equal options give equal texts.
    pub(crate) fn identity(&self) -> String {
        let text = js_sys::JSON::stringify(&self.plain);
        text.map(String::from).unwrap_or_default()
    }
}

/// A copy of an option's value, which JSON can carry; undefined for none.
fn plain(value: &JsValue, option: &str) -> Result<JsValue, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(JsValue::UNDEFINED);
    }
    let text = serialise(value, &["options.", option].concat())?;
    Ok(parse(&text.into()).unwrap_or_default())
}

/// An option that is an object, or not set.
fn object_of(given: &JsValue, option: &str) -> Result<JsValue, JsValue> {
    match member(given, option) {
        value if value.is_undefined() || value.is_null() || value.is_object() => Ok(value),
        _ => Err(invalid(&["options.", option, " must be ", OBJECT].concat())),
    }
}

/// Whether the channel has presence, or its key there.
fn presence(given: &JsValue) -> Result<JsValue, JsValue> {
    match member(given, "presence") {
        enabled if enabled.as_bool().is_some() => Ok(enabled),
        _ => object_of(given, "presence"),
    }
}

/// The filters for database changes, with the texts that their builders return.
fn filters(given: &JsValue) -> Result<JsValue, JsValue> {
    let given = member(given, "postgresChanges");
    if given.is_undefined() || given.is_null() {
        return Ok(JsValue::UNDEFINED);
    }
    let filters = items(&given).filter(|filters| filters.iter().all(|filter| filter.is_object()));
    let filters =
        filters.ok_or_else(|| invalid("options.postgresChanges must be an array of filters"))?;
    let built: Result<Vec<_>, _> = filters.iter().map(|filter| with_text(&filter)).collect();
    Ok(built?.into_iter().collect::<Array>().into())
}

/// A filter whose `filter` is a text, if it is a builder: an object with `build()`.
fn with_text(given: &JsValue) -> Result<JsValue, JsValue> {
    let builder = member(given, "filter");
    if !builder.is_object() {
        return Ok(given.clone());
    }
    let build = function(&member(&builder, "build"), "options.postgresChanges.filter.build")?;
    Ok(merged(given, &object(&[("filter", build.call0(&builder)?)])))
}
