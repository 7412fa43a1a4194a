//! The options of a send.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::read::option;
use crate::bare::error::from_reader;
use crate::bare::js::{copy_of, function, member};
use crate::engine::config::number;

/// How a message is sent.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Queued until it can be sent.
    Queued,
    /// Sent at once or not at all.
    Ephemeral,
}

/// The options of a send.
#[derive(Debug)]
pub(crate) struct SendOptions {
    /// `None`: the protocol's default.
    pub(crate) ack: Option<bool>,
    pub(crate) event: Option<String>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) ttl_ms: Option<u64>,
    pub(crate) delivery: Delivery,
    /// The app's `AbortSignal`.
    pub(crate) signal: Option<JsValue>,
}

impl SendOptions {
    /// Reads them.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option.
    pub(crate) fn read(given: &JsValue) -> Result<Self, JsValue> {
        let given = copy_of(given, "options")?;
        let time = |key| number(&given, ("", key), 0).map_err(from_reader);
        let signal = match member(&given, "signal") {
            none if none.is_undefined() || none.is_null() => None,
            signal => {
                function(&member(&signal, "addEventListener"), "options.signal.addEventListener")?;
                Some(signal)
            }
        };
        let ephemeral = option(&given, "ephemeral")? == Some(true);
        Ok(Self {
            ack: option(&given, "ack")?,
            event: option(&given, "event")?,
            timeout_ms: time("timeoutMs")?,
            ttl_ms: time("ttlMs")?,
            delivery: if ephemeral { Delivery::Ephemeral } else { Delivery::Queued },
            signal,
        })
    }
}
