//! The options of a send.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::read::option;
use crate::bare::error::from_reader;
use crate::bare::js::{copy_of, function, member};
use crate::core::config::ProtocolKind;
use crate::engine::config::number;

/// How a message is sent.
#[derive(Debug)]
pub(in crate::bare) enum Delivery {
    /// Queued until it can be sent.
    Queued,
    /// Now or never.
    Ephemeral,
}

/// The options of a send.
#[derive(Debug)]
pub(in crate::bare) struct SendOptions {
    pub(in crate::bare) ack: bool,
    pub(in crate::bare) event: Option<String>,
    pub(in crate::bare) timeout_ms: Option<u64>,
    pub(in crate::bare) ttl_ms: Option<u64>,
    pub(in crate::bare) delivery: Delivery,
    /// The app's `AbortSignal`.
    pub(in crate::bare) signal: Option<JsValue>,
}

impl SendOptions {
    /// Reads them.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option.
    pub(in crate::bare) fn read(given: &JsValue, protocol: ProtocolKind) -> Result<Self, JsValue> {
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
            // Many servers of Phoenix do not reply.
            ack: option(&given, "ack")?.unwrap_or(protocol != ProtocolKind::Phoenix),
            event: option(&given, "event")?,
            timeout_ms: time("timeoutMs")?,
            ttl_ms: time("ttlMs")?,
            delivery: if ephemeral { Delivery::Ephemeral } else { Delivery::Queued },
            signal,
        })
    }
}
