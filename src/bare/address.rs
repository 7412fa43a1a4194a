//! The address of the socket from the options; the driver adds what the protocol needs. The package's counterpart is
//! `pkg-template/src/session/socket-url.ts`.

use alloc::borrow::ToOwned;
use alloc::string::String;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::Window;

use super::error::message_of;
use super::js::{member, settled};
use crate::abi::text::NO_ADDRESS;
use crate::core::config::{Config, ProtocolKind, Serializer};
use crate::web::{Url, entries, is_array};

/// The parts of the address.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// A string, a `URL`, a function that returns either (or a promise of it), or undefined.
    url: JsValue,
    /// Query parameters, an object or undefined.
    params: JsValue,
    /// Further subprotocols, an array or undefined.
    protocols: JsValue,
    protocol: ProtocolKind,
    serializer: Serializer,
    api_key: Option<String>,
}

impl Address {
    /// Reads the options.
    ///
    /// # Errors
    /// A message, if `url` is a string that is not an address.
    pub(super) fn read(
        options: &JsValue,
        config: &Config,
        api_key: Option<String>,
    ) -> Result<Self, String> {
        let address = Self {
            url: member(options, "url"),
            params: member(options, "params"),
            protocols: member(options, "protocols"),
            protocol: config.protocol,
            serializer: config.serializer,
            api_key,
        };
        if let Some(text) = address.url.as_string() {
            address.resolve(&text)?;
        }
        Ok(address)
    }

    /// Whether a connection to this address can also be used for the other one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Object::is(&self.url, &other.url)
            && Object::is(&self.params, &other.params)
            && Object::is(&self.protocols, &other.protocols)
            && self.protocol == other.protocol
            && self.serializer == other.serializer
            && self.api_key == other.api_key
    }

    /// The address, or `None` if a function of the app returns it.
    pub(super) fn known(&self) -> Option<String> {
        if self.url.is_function() {
            return None;
        }
        Some(self.resolve(&text_of(&self.url, "/").ok()?).ok()?.href())
    }

    /// The address to connect to, and the app's own subprotocols.
    ///
    /// # Errors
    /// The message of the app's exception, or a message that contains no secret.
    pub(super) async fn fetch(&self, default_path: &str) -> Result<(Url, Array), String> {
        let given = match self.url.dyn_ref::<Function>() {
            Some(function) => {
                let given = match function.call0(&JsValue::UNDEFINED) {
                    Ok(given) => settled(given).await,
                    Err(error) => Err(error),
                };
                given.map_err(|error| message_of(&error))?
            }
            None => self.url.clone(),
        };
        let protocols = match is_array(&self.protocols) {
            true => entries(&self.protocols).map_err(|error| message_of(&error))?,
            false => Array::new(),
        };
        // A copy: the app may change its own array.
        let protocols = protocols.iter().map(|entry| Array::from(&entry).get(1)).collect();
        Ok((self.resolve(&text_of(&given, default_path)?)?, protocols))
    }

    /// Converts the app's `url` to a WebSocket address: a path on the page's host, `http(s):` or `ws(s):`.
    fn resolve(&self, given: &str) -> Result<Url, String> {
        let base = web_sys::window().as_ref().map(Window::location).and_then(|at| at.href().ok());
        let url = base
            .map_or_else(
                || web_sys::Url::new(given),
                |base| web_sys::Url::new_with_base(given, &base),
            )
            .map_err(|_| no_address(given))?;
        match url.protocol().as_str() {
            "http:" => url.set_protocol("ws:"),
            "https:" => url.set_protocol("wss:"),
            "ws:" | "wss:" => {}
            _ => return Err(no_address(given)),
        }
        // WebSocket addresses must not have a fragment.
        url.set_hash("");
        let query = url.search_params();
        if let Some(params) = self.params.dyn_ref::<Object>() {
            let thrown = |error| message_of(&error);
            for entry in entries(params).map_err(thrown)? {
                let entry: Array = entry.unchecked_into();
                let text = |at| text_of_any(&entry.get(at)).map_err(thrown);
                query.set(&text(0)?, &text(1)?);
            }
        }
        Ok(JsValue::from(url).unchecked_into())
    }
}

/// The option `url` as text; the default path if it is not set.
fn text_of(given: &JsValue, default_path: &str) -> Result<String, String> {
    if given.is_undefined() || given.is_null() {
        return Ok(default_path.to_owned());
    }
    let text = given.as_string().or_else(|| Some(given.dyn_ref::<web_sys::Url>()?.href()));
    text.ok_or_else(|| "url gave neither a string nor a URL".to_owned())
}

#[wasm_bindgen]
extern "C" {
    /// `String(value)`
    #[wasm_bindgen(js_name = String, catch)]
    fn text_of_any(value: &JsValue) -> Result<String, JsValue>;
}

/// The error for an invalid address. It contains neither its query, which may have keys and tokens, nor its password.
fn no_address(given: &str) -> String {
    let shown = given.split(['?', '#']).next().unwrap_or_default();
    let shown = match (shown.find("//"), shown.find('@')) {
        (Some(host), Some(at)) if host < at => [&shown[..host + 2], &shown[at + 1..]].concat(),
        _ => shown.to_owned(),
    };
    [NO_ADDRESS, &shown].concat()
}
