//! Options as the app gives them: every one checked, and named if it is wrong.
//!
//! Read by hand: with `serde-wasm-bindgen` an error could not name the option, and its
//! generated code outweighs this file many times over.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::error::invalid;
use crate::core::channel::Subscription;
use crate::core::config::{AuthMode, Config};
use crate::web::{JsPayload, Sources, address};

/// What an options object says.
pub(super) struct Options {
    pub(super) config: Config,
    pub(super) sources: Sources,
    pub(super) logs: bool,
}

/// Members of an object, with errors that name them.
struct Reader<'a> {
    object: JsValue,
    path: &'a str,
}

impl<'a> Reader<'a> {
    fn get(&self, key: &str) -> JsValue {
        if !self.object.is_object() {
            return JsValue::UNDEFINED;
        }
        Reflect::get(&self.object, &key.into()).unwrap_or(JsValue::UNDEFINED)
    }

    fn wrong(&self, key: &str, wants: &str) -> JsValue {
        invalid(&[self.path, key, " must be ", wants].concat())
    }

    /// A whole number from `min` on, if it is there.
    fn number(&self, key: &str, min: u64) -> Result<Option<u64>, JsValue> {
        let value = self.get(key);
        if value.is_undefined() {
            return Ok(None);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        match value.as_f64() {
            Some(number) if number >= min as f64 && number.is_finite() => Ok(Some(number as u64)),
            _ => {
                Err(self
                    .wrong(key, if min == 0 { "a number from 0 on" } else { "a number from 1 on" }))
            }
        }
    }

    fn set(&self, key: &str, min: u64, into: &mut u64) -> Result<(), JsValue> {
        if let Some(number) = self.number(key, min)? {
            *into = number;
        }
        Ok(())
    }

    fn set_size(&self, key: &str, into: &mut usize) -> Result<(), JsValue> {
        if let Some(number) = self.number(key, 1)? {
            *into = usize::try_from(number).unwrap_or(usize::MAX);
        }
        Ok(())
    }

    /// A group of options, or `None` where the whole group is switched off by `false`.
    fn group(&self, key: &str, path: &'a str) -> Result<Option<Self>, JsValue> {
        let value = self.get(key);
        if value == JsValue::FALSE {
            return Ok(None);
        }
        if value.is_undefined() || value.is_object() {
            return Ok(Some(Self { object: value, path }));
        }
        Err(self.wrong(key, "an object"))
    }
}

/// Reads a client's options.
pub(super) fn read(options: JsValue) -> Result<Options, JsValue> {
    if !options.is_undefined() && !options.is_object() {
        return Err(invalid("options must be an object"));
    }
    let all = Reader { object: options, path: "options." };
    let auth = match all.get("auth").as_string().as_deref() {
        None if all.get("auth").is_undefined() => AuthMode::Both,
        Some("both") => AuthMode::Both,
        Some("message") => AuthMode::Message,
        Some("subprotocol") => AuthMode::Subprotocol,
        Some("none") => AuthMode::None,
        _ => return Err(all.wrong("auth", "'both', 'message', 'subprotocol' or 'none'")),
    };
    let mut config = Config { auth, ..Config::default() };
    let protocol = all.get("protocol");
    if !protocol.is_undefined() && protocol != "tidewire" {
        return Err(all.wrong("protocol", "'tidewire'"));
    }
    all.set("connectTimeoutMs", 1, &mut config.connect_timeout_ms)?;
    all.set("lingerMs", 0, &mut config.linger_ms)?;
    all.set("idleChannelTtlMs", 0, &mut config.idle_channel_ttl_ms)?;
    all.set("ackTimeoutMs", 1, &mut config.ack_timeout_ms)?;
    all.set("joinTimeoutMs", 1, &mut config.join_timeout_ms)?;
    all.set_size("maxChannels", &mut config.max_channels)?;
    all.set_size("maxFrameBytes", &mut config.max_frame_bytes)?;
    all.set_size("rejoin", &mut config.rejoin_window)?;
    config.probe_timeout_ms = all.number("probeTimeoutMs", 1)?;

    match all.group("heartbeat", "options.heartbeat.")? {
        None => config.heartbeat_every_ms = None,
        Some(group) => {
            config.heartbeat_every_ms = group.number("everyMs", 1)?.or(config.heartbeat_every_ms);
            group.set("timeoutMs", 1, &mut config.heartbeat_timeout_ms)?;
        }
    }
    if let Some(group) = all.group("reconnect", "options.reconnect.")? {
        group.set("baseMs", 1, &mut config.reconnect_base_ms)?;
        group.set("maxMs", 1, &mut config.reconnect_max_ms)?;
        group.set("resetMs", 0, &mut config.reconnect_reset_ms)?;
        let attempts = group.number("maxAttempts", 0)?;
        config.reconnect_max_attempts = attempts.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    }
    match all.group("visibility", "options.visibility.")? {
        None => config.pause_after_ms = None,
        Some(group) if group.get("pauseAfterMs") == JsValue::FALSE => config.pause_after_ms = None,
        Some(group) => {
            config.pause_after_ms = group.number("pauseAfterMs", 0)?.or(config.pause_after_ms);
        }
    }
    if let Some(group) = all.group("queue", "options.queue.")? {
        group.set_size("maxMessages", &mut config.queue_max_messages)?;
        group.set_size("maxBytes", &mut config.queue_max_bytes)?;
    }
    if let Some(group) = all.group("refresh", "options.refresh.")? {
        group.set("percent", 1, &mut config.refresh_percent)?;
        group.set("minIntervalMs", 1, &mut config.refresh_min_interval_ms)?;
    }

    let sources = sources(&all)?;
    config.asks_token = sources.get_token.is_function();
    Ok(Options { config, sources, logs: all.get("debug").is_truthy() })
}

fn sources(all: &Reader<'_>) -> Result<Sources, JsValue> {
    let url = all.get("url");
    if let Some(text) = url.as_string()
        && address(&text).is_err()
    {
        return Err(all.wrong("url", "a WebSocket address, or a path on this host"));
    }
    let get_token = all.get("getToken");
    if !get_token.is_undefined() && !get_token.is_function() {
        return Err(all.wrong("getToken", "a function"));
    }
    let protocols = all.get("protocols");
    let protocols = match protocols.dyn_ref::<Array>() {
        Some(names) => names.iter().filter_map(|name| name.as_string()).collect(),
        None if protocols.is_undefined() => Vec::new(),
        None => return Err(all.wrong("protocols", "an array of strings")),
    };
    let params = all.get("params");
    if !params.is_undefined() && !params.is_object() {
        return Err(all.wrong("params", "an object"));
    }
    Ok(Sources { url, get_token, params, protocols })
}

/// Reads how a channel is to be taken.
pub(super) fn subscription(options: JsValue) -> Result<Subscription<JsPayload>, JsValue> {
    let reader = Reader { object: options, path: "options." };
    let ttl = reader.number("idleTtlMs", 0)?;
    let params = reader.get("params");
    Ok(Subscription {
        persistent: reader.get("persistent").is_truthy().then_some(ttl),
        params: params.is_object().then_some(JsPayload::Value(params)),
    })
}

/// How a message of the bare module is to be sent.
pub(super) struct SendOptions {
    pub(super) ack: bool,
    pub(super) ephemeral: bool,
    pub(super) event: Option<String>,
    pub(super) timeout_ms: Option<u64>,
    pub(super) ttl_ms: Option<u64>,
}

/// Reads how a message is to be sent.
pub(super) fn send_options(options: JsValue) -> Result<SendOptions, JsValue> {
    let reader = Reader { object: options, path: "options." };
    Ok(SendOptions {
        ack: reader.get("ack") != JsValue::FALSE,
        ephemeral: reader.get("ephemeral").is_truthy(),
        event: reader.get("event").as_string(),
        timeout_ms: reader.number("timeoutMs", 1)?,
        ttl_ms: reader.number("ttlMs", 0)?,
    })
}

/// The function an argument must be.
pub(super) fn function(value: JsValue, name: &str) -> Result<Function, JsValue> {
    value.dyn_into().map_err(|_| invalid(&[name, " must be a function"].concat()))
}
