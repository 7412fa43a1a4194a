//! The options of a client.

use alloc::string::String;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::read::option;
use crate::abi::text::PROJECT;
use crate::bare::address::Address;
use crate::bare::error::{from_reader, invalid};
use crate::bare::inflate;
use crate::bare::js::{copy_of, member, merged, name, object, optional_function};
use crate::core::config::{Config, ProtocolKind};
use crate::engine::config;

/// The destination of log records.
#[derive(Debug, Clone)]
pub(crate) enum Logger {
    /// To the console: unhandled warnings, and with `debug` all records.
    Console,
    /// Nowhere.
    Silent,
    /// To the app.
    Function(Function),
}

/// The options of a client that the core does not read.
#[derive(Debug, Clone)]
pub(crate) struct ClientOptions {
    /// All of them, as given.
    given: JsValue,
    pub(crate) protocol: ProtocolKind,
    pub(crate) address: Address,
    pub(crate) get_token: Option<Function>,
    pub(crate) debug: bool,
    pub(crate) logger: Logger,
}

impl ClientOptions {
    /// Reads the options of a new client.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option.
    pub(crate) fn read(given: &JsValue) -> Result<(Self, Config), JsValue> {
        let given = copy_of(given, "options")?;
        let get_token = optional_function(&member(&given, "getToken"), "options.getToken")?;
        let config = config::read(&given).map_err(from_reader)?;
        let api_key = match config.protocol {
            ProtocolKind::Supabase => {
                if !member(&given, "url").is_truthy() {
                    return Err(invalid(&["options.url must be ", PROJECT].concat()));
                }
                Some(name(&member(&given, "apiKey"), "options.apiKey")?)
            }
            _ => option::<String>(&given, "apiKey")?,
        };
        let address = Address::read(&given, &config, api_key)
            .map_err(|reason| invalid(&["options.url is ", &reason].concat()))?;
        let options = Self {
            protocol: config.protocol,
            get_token,
            debug: option(&given, "debug")?.unwrap_or_default(),
            logger: match member(&given, "logger") {
                silent if silent == JsValue::FALSE => Logger::Silent,
                logger => optional_function(&logger, "options.logger")?
                    .map_or(Logger::Console, Logger::Function),
            },
            address,
            given,
        };
        // Values that only this module can determine, passed to the engine's reader.
        let known = object(&[
            ("inflates", inflate::is_available().into()),
            ("address", options.address.known().map_or(JsValue::UNDEFINED, Into::into)),
        ]);
        let config = config::read(&merged(&options.given, &known)).map_err(from_reader)?;
        Ok((options, config))
    }

    /// These options with changes.
    ///
    /// # Errors
    /// `invalid_argument`, which names the option.
    pub(crate) fn with(&self, changes: &JsValue) -> Result<(Self, Config), JsValue> {
        Self::read(&merged(&self.given, &copy_of(changes, "options")?))
    }

    /// All of them, as given.
    pub(crate) const fn given(&self) -> &JsValue {
        &self.given
    }
}
