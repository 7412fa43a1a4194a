//! Reports errors: to listeners, to the log, and to the console if nothing handles them.

use alloc::rc::Rc;
use alloc::string::String;

use js_sys::Date;
use wasm_bindgen::prelude::*;

use super::error::custom;
use super::js::{defer, member, merged, object};
use super::options::{Logger, unknown_names};
use super::outcome::Outcome;
use super::session::Session;
use super::warnings::{Handling, Unhandled};
use crate::abi::option_names::OptionsOf;
use crate::abi::text::{MAX_WARNINGS, NO_EFFECT, PREFIX};
use crate::core::error::Code;

/// Codes of errors that the app itself caused.
const INTENDED: [&str; 2] = ["aborted", "destroyed"];

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, catch)]
    fn warn(text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = console, js_name = debug, catch)]
    fn log_debug(prefix: &str, event: &str, record: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = console, js_name = info, catch)]
    fn log_info(prefix: &str, event: &str, record: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = console, js_name = warn, catch)]
    fn log_warn(prefix: &str, event: &str, record: &JsValue) -> Result<(), JsValue>;
}

/// The severity of a log record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
}

/// The members of a log record that describe an error.
pub(super) fn details(error: &JsValue) -> JsValue {
    let of = |key: &str| member(error, key);
    object(&[
        ("error", of("code")),
        ("message", of("message")),
        ("hint", of("hint")),
        ("channel", of("channel")),
        ("cause", of("cause")),
    ])
}

fn code_of(error: &JsValue) -> String {
    member(error, "code").as_string().unwrap_or_default()
}

/// One warning per code and channel.
fn key_of(error: &JsValue, channel: Option<&str>) -> String {
    let code = code_of(error);
    channel.map_or_else(|| code.clone(), |channel| [&code, " ", channel].concat())
}

impl Session {
    /// Emits and logs an error.
    pub(super) fn report_error(self: &Rc<Self>, error: &JsValue, handling: Handling) {
        self.log(Level::Warn, "error", &details(error));
        self.emit_error(error, handling);
    }

    /// Emits an error that is logged already.
    pub(super) fn emit_error(self: &Rc<Self>, error: &JsValue, handling: Handling) {
        self.emit("error", &[error]);
        let channel = member(error, "channel").as_string();
        let key = key_of(error, channel.as_deref());
        match handling {
            Handling::Handled => self.warnings.add_known(key),
            handling => {
                self.add_unhandled(Unhandled { key, error: error.clone(), channel, handling });
            }
        }
    }

    /// Reports the failure of a send or a change, which is handled if the app handles its promise.
    pub(super) fn watch(self: &Rc<Self>, error: &JsValue, channel: &str, outcome: &Outcome) {
        if INTENDED.contains(&&*code_of(error)) {
            return;
        }
        self.log(
            Level::Warn,
            "send",
            &merged(&details(error), &object(&[("channel", channel.into())])),
        );
        self.add_unhandled(Unhandled {
            key: key_of(error, Some(channel)),
            error: error.clone(),
            channel: Some(channel.into()),
            handling: Handling::By(outcome.clone()),
        });
    }

    /// Reports unknown names of options, each once.
    pub(super) fn check_names(
        self: &Rc<Self>,
        kind: OptionsOf,
        options: &JsValue,
        channel: Option<&str>,
    ) {
        for unknown in unknown_names(options, kind) {
            let kind = kind.name();
            let key = [kind, " ", &unknown.path].concat();
            {
                let mut reported = self.warnings.names.borrow_mut();
                if reported.contains(&key) || reported.len() >= MAX_WARNINGS {
                    continue;
                }
                reported.push(key.clone());
            }
            let hint = unknown.nearest.map_or_else(
                || NO_EFFECT.into(),
                |near| ["Did you mean \"", &near, "\"?"].concat(),
            );
            let message = ["There is no ", kind, " option \"", &unknown.path, "\"."].concat();
            let error = custom(Code::InvalidArgument, &message, &hint, &JsValue::UNDEFINED);
            self.log(Level::Warn, "error", &details(&error));
            self.emit("error", &[&error]);
            let channel = channel.map(Into::into);
            self.add_unhandled(Unhandled { key, error, channel, handling: Handling::Unhandled });
        }
    }

    /// Logs, to the app's logger or with `debug` to the console.
    pub(super) fn log(&self, level: Level, event: &str, values: &JsValue) {
        let (logger, debug) = {
            let options = self.options.borrow();
            (options.logger.clone(), options.debug)
        };
        let name = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
        };
        let head = || {
            object(&[("level", name.into()), ("at", Date::now().into()), ("event", event.into())])
        };
        match logger {
            Logger::Function(logger) => self.call(Some(&logger), &[&merged(&head(), values)]),
            Logger::Console if debug => {
                let print = match level {
                    Level::Debug => log_debug,
                    Level::Info => log_info,
                    Level::Warn => log_warn,
                };
                // A page may have replaced it.
                let _ = print(PREFIX, event, &merged(&head(), values));
            }
            Logger::Console | Logger::Silent => {}
        }
    }

    fn add_unhandled(self: &Rc<Self>, unhandled: Unhandled) {
        let mut all = self.warnings.unhandled.borrow_mut();
        // The app can still add a handler in this task.
        if all.is_empty() {
            let session = self.clone();
            defer(move || session.warn_of_unhandled());
        }
        all.push(unhandled);
    }

    fn warn_of_unhandled(&self) {
        let mut due = self.warnings.unhandled.take();
        // Errors of the connection come before those of the channels that fail with it.
        due.sort_by_key(|unhandled| unhandled.channel.is_some());
        for Unhandled { key, error, channel, handling } in due {
            let is_handled = match handling {
                Handling::Handled => true,
                Handling::Unhandled => false,
                Handling::By(outcome) => outcome.is_observed(),
            };
            let is_known = self.warnings.contains(&key) || self.warnings.contains(&code_of(&error));
            let count = self.warnings.known.borrow().len();
            if is_handled || is_known || self.listeners.has("error") || count >= MAX_WARNINGS {
                continue;
            }
            self.warnings.add_known(key);
            let (logger, debug) = {
                let options = self.options.borrow();
                (options.logger.clone(), options.debug)
            };
            // A logger has received it already, and with `debug` the console has.
            if debug || !matches!(logger, Logger::Console) {
                continue;
            }
            let of = |key: &str| member(&error, key).as_string().unwrap_or_default();
            let suffix = channel.map_or_else(String::new, |channel| [" (", &channel, ")"].concat());
            let text = [PREFIX, " ", &of("code"), &suffix, ": ", &of("message"), " ", &of("hint")];
            // A page may have replaced it.
            let _ = warn(&text.concat());
        }
    }
}
