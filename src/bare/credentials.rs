//! What the app is asked for: an address before every connection, a token when one is needed.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Window;

use crate::core::token::Grant;
use crate::web::{Url, entries, grant_of, is_array};

/// The app's answers, constant or asked for.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// A string, a `URL`, a function that gives either (or a promise of it), or undefined.
    url: JsValue,
    /// A function that gives a token (or a promise of it), or undefined.
    get_token: JsValue,
    /// Query parameters, an object or undefined.
    params: JsValue,
    /// Further subprotocols, an array or undefined.
    protocols: JsValue,
}

impl Sources {
    /// What a client's options say.
    ///
    /// # Errors
    /// A sentence, if `url` is a string that is no address.
    pub(crate) fn of(options: &JsValue) -> Result<Self, String> {
        let member = |key: &str| Reflect::get(options, &key.into()).unwrap_or(JsValue::UNDEFINED);
        let url = member("url");
        if let Some(text) = url.as_string() {
            address_of(&text, &JsValue::UNDEFINED)?;
        }
        Ok(Self {
            url,
            get_token: member("getToken"),
            params: member("params"),
            protocols: member("protocols"),
        })
    }

    /// Whether a connection made for these serves the others too.
    pub(crate) fn same_address(&self, other: &Self) -> bool {
        Object::is(&self.url, &other.url)
            && Object::is(&self.params, &other.params)
            && Object::is(&self.protocols, &other.protocols)
    }

    /// The address to connect to, and the app's own subprotocols.
    pub(crate) async fn address(&self, default_path: &str) -> Result<(Url, Array), String> {
        let given = ask(&self.url).await?;
        let address = match given {
            given if given.is_undefined() || given.is_null() => default_path.to_owned(),
            given => text_of(&given).ok_or("url gave neither a string nor a URL")?,
        };
        let protocols = match is_array(&self.protocols) {
            true => entries(&self.protocols).map_err(|error| words_of(&error))?,
            false => Array::new(),
        };
        // Copied: what it holds is the app's.
        let protocols = protocols.iter().map(|entry| Array::from(&entry).get(1)).collect();
        Ok((address_of(&address, &self.params)?, protocols))
    }

    /// A token, `None` to connect without one.
    pub(crate) async fn token(&self) -> Result<Option<Box<Grant>>, String> {
        let answer = ask(&self.get_token).await?;
        grant_of(&answer)
    }
}

/// A constant as it is; a function's answer, awaited. The words of a failure are the app's own.
async fn ask(source: &JsValue) -> Result<JsValue, String> {
    let Some(function) = source.dyn_ref::<Function>() else {
        return Ok(source.clone());
    };
    let answer = match function.call0(&JsValue::UNDEFINED) {
        // Its own `then` is called by the new promise, which catches what that throws.
        Ok(answer) => {
            let settled = Promise::new(&mut |resolve, _| {
                let _ = resolve.call1(&JsValue::UNDEFINED, &answer);
            });
            JsFuture::from(settled).await
        }
        Err(error) => Err(error),
    };
    answer.map_err(|error| words_of(&error))
}

fn words_of(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|text| text.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "it threw no Error".to_owned())
}

fn text_of(value: &JsValue) -> Option<String> {
    value.as_string().or_else(|| Some(value.dyn_ref::<web_sys::Url>()?.href()))
}

/// The WebSocket address of what the app calls one: a path on the page's host, `http(s):`, `ws(s):`.
fn address_of(given: &str, params: &JsValue) -> Result<Url, String> {
    let base = web_sys::window().as_ref().map(Window::location).and_then(|at| at.href().ok());
    let url = base
        .map_or_else(|| web_sys::Url::new(given), |base| web_sys::Url::new_with_base(given, &base))
        .map_err(|_| format_sentence(given))?;
    match url.protocol().as_str() {
        "http:" => url.set_protocol("ws:"),
        "https:" => url.set_protocol("wss:"),
        "ws:" | "wss:" => {}
        _ => return Err(format_sentence(given)),
    }
    // A WebSocket takes no fragment.
    url.set_hash("");
    if let Some(params) = params.dyn_ref::<Object>() {
        let query = url.search_params();
        let thrown = |error| words_of(&error);
        for entry in entries(params).map_err(thrown)? {
            let entry: Array = entry.unchecked_into();
            let text = |at| text_of_any(&entry.get(at)).map_err(thrown);
            query.set(&text(0)?, &text(1)?);
        }
    }
    Ok(JsValue::from(url).unchecked_into())
}

#[wasm_bindgen]
extern "C" {
    /// `String(value)`
    #[wasm_bindgen(js_name = String, catch)]
    fn text_of_any(value: &JsValue) -> Result<String, JsValue>;
}

fn format_sentence(given: &str) -> String {
    ["not a WebSocket address: ", given].concat()
}
