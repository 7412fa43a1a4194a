//! Reads and checks the app's options; errors name the option.
//!
//! They are read by a table: `serde-wasm-bindgen` needs std, which the npm package's engine is built
//! without, and its errors could not name the option.

use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::error::invalid;
use crate::abi::options::{GROUPS, NUMBERS, SWITCHABLE, Setter};
use crate::abi::text::{FROM_ZERO, FUNCTION, OBJECT, TEXT};
use crate::core::channel::{Persistence, Subscription};
use crate::core::config::{AuthMode, Config, ProtocolKind, Serializer, ServerHost};
use crate::core::profile::ProtocolProfile;
use crate::core::text::concat;
pub(crate) use crate::web::member;
use crate::web::{JsPayload, is_array, items};

/// Time between two heartbeats on Supabase, as in realtime-js, in milliseconds.
const SUPABASE_HEARTBEAT_MS: u64 = 25_000;

/// Reads an option that is one of these names; `None` if it is not set.
fn choose(
    options: &JsValue,
    key: &str,
    names: &[&str],
    wants: &str,
) -> Result<Option<usize>, JsValue> {
    let given = member(options, key);
    let at = names.iter().position(|name| given == *name);
    if at.is_none() && !given.is_undefined() { Err(wrong("", key, wants)) } else { Ok(at) }
}

/// The error for an option that is not what it must be.
pub(crate) fn wrong(group: &str, key: &str, wants: &str) -> JsValue {
    let dot = if group.is_empty() { "" } else { "." };
    invalid(&concat(&["options.", group, dot, key, " must be ", wants]))
}

/// Reads a number of at least `least`; `None` if it is not set.
pub(crate) fn number(
    object: &JsValue,
    (group, key): (&str, &str),
    least: u64,
) -> Result<Option<u64>, JsValue> {
    let value = member(object, key);
    if value.is_undefined() {
        return Ok(None);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    match value.as_f64() {
        Some(number) if number >= least as f64 && number.is_finite() => Ok(Some(number as u64)),
        _ => Err(wrong(group, key, if least == 0 { FROM_ZERO } else { "a number from 1 on" })),
    }
}

/// Reads `reconnect.caps`, sorted by age; the last one may have no end.
fn caps(options: &JsValue, into: &mut Vec<(u64, u64)>) -> Result<(), JsValue> {
    let given = member(&member(options, "reconnect"), "caps");
    if given.is_undefined() {
        return Ok(());
    }
    let error = || wrong("reconnect", "caps", "an array of { untilMs, maxMs }, by untilMs");
    let given = items(&given).ok_or_else(error)?;
    into.clear();
    for cap in given {
        let endless = member(&cap, "untilMs").as_f64() == Some(f64::INFINITY);
        let until = if endless { None } else { number(&cap, ("reconnect.caps", "untilMs"), 1)? };
        let until = until.unwrap_or(u64::MAX);
        let max = number(&cap, ("reconnect.caps", "maxMs"), 1)?.ok_or_else(error)?;
        if into.last().is_some_and(|(before, _)| *before >= until) {
            return Err(error());
        }
        into.push((until, max));
    }
    Ok(())
}

/// Checks the types of the options that are not numbers, and of the groups of options.
fn check_kinds(options: &JsValue) -> Result<(), JsValue> {
    for group in GROUPS {
        let value = member(options, group);
        let switchable = SWITCHABLE.contains(&group);
        let off = switchable && value == JsValue::FALSE;
        if !(value.is_undefined() || value.is_object() || off) {
            return Err(wrong("", group, OBJECT));
        }
    }
    let is = |key: &str, kind: fn(&JsValue) -> bool, wants| match member(options, key) {
        value if value.is_undefined() || kind(&value) => Ok(()),
        _ => Err(wrong("", key, wants)),
    };
    is("getToken", JsValue::is_function, FUNCTION)?;
    is("params", JsValue::is_object, OBJECT)?;
    is("identity", JsValue::is_string, TEXT)?;
    is("protocols", is_array, "an array of strings")
}

/// Reads a client's options.
pub(crate) fn read(options: &JsValue) -> Result<Config, JsValue> {
    if !options.is_undefined() && !options.is_object() {
        return Err(invalid("options must be an object"));
    }
    check_kinds(options)?;
    let mut config = Config {
        has_token_source: member(options, "getToken").is_function(),
        api_key: member(options, "apiKey").as_string(),
        identity: member(options, "identity").as_string(),
        inflates: member(options, "inflates").is_truthy(),
        server_host: ["address", "url"]
            .into_iter()
            .filter_map(|key| member(options, key).as_string())
            .map(|url| ServerHost::of(&url))
            .find(|host| *host == ServerHost::Local)
            .unwrap_or(ServerHost::Remote),
        exact_numbers: member(options, "exactNumbers").is_truthy(),
        ..Config::default()
    };
    for (group, key, least, setter) in &NUMBERS {
        let object = if group.is_empty() { options.clone() } else { member(options, group) };
        // `heartbeat: false`, `visibility: false` and `visibility: { pauseAfterMs: false }`.
        let off = object == JsValue::FALSE || member(&object, key) == JsValue::FALSE;
        match setter {
            Setter::Optional(setter) if off => *setter(&mut config) = None,
            Setter::Optional(setter) => {
                if let Some(value) = number(&object, (group, key), *least)? {
                    *setter(&mut config) = Some(value);
                }
            }
            Setter::Always(setter) => {
                if let Some(value) = number(&object, (group, key), *least)? {
                    *setter(&mut config) = value;
                }
            }
        }
    }
    caps(options, &mut config.reconnect_caps)?;
    let wants = "'both', 'message', 'subprotocol' or 'none'";
    if let Some(at) = choose(options, "auth", AuthMode::NAMES, wants)? {
        config.auth = AuthMode::ALL[at];
    }
    let wants = "'tidewire', 'phoenix' or 'supabase'";
    if let Some(at) = choose(options, "protocol", ProtocolKind::NAMES, wants)? {
        config.protocol = ProtocolKind::ALL[at];
    }
    if let Some(at) = choose(options, "vsn", Serializer::NAMES, "'1.0.0' or '2.0.0'")? {
        config.serializer = Serializer::ALL[at];
    }
    let beats = member(&member(options, "heartbeat"), "everyMs");
    if config.protocol == ProtocolKind::Supabase
        && config.heartbeat_every_ms.is_some()
        && beats.is_undefined()
    {
        config.heartbeat_every_ms = Some(SUPABASE_HEARTBEAT_MS);
    }
    Ok(config)
}

/// Reads the options of a channel. They are a copy that the surface made by JSON, except `dedupKey`.
pub(crate) fn subscription(
    options: &JsValue,
    profile: ProtocolProfile,
) -> Result<Subscription<JsPayload>, JsValue> {
    let ttl = number(options, ("", "idleTtlMs"), 0)?;
    let requested = profile.requested_params(&JsPayload(options.clone()));
    let foreign = |option| wrong("", option, "left out: it is for protocol: 'supabase'");
    let params = requested.map_err(foreign)?;
    let dedup_key = member(options, "dedupKey");
    Ok(Subscription {
        persistence: match ttl {
            _ if !member(options, "persistent").is_truthy() => Persistence::Transient,
            None => Persistence::Persistent,
            Some(ms) => Persistence::PersistentFor(ms),
        },
        params,
        dedup_key: dedup_key.is_function().then_some(JsPayload(dedup_key)),
    })
}
