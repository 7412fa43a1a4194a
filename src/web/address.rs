//! The address of the socket: the options' address, with what the protocol needs.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use crate::core::config::Config;
use crate::core::protocol::address::{query, socket_path};

#[wasm_bindgen]
extern "C" {
    /// The platform's parsed address. A separate binding, in which strings that are only passed on cannot cause errors.
    #[derive(Clone, Debug)]
    pub(crate) type Url;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn href(this: &Url) -> String;
    #[wasm_bindgen(method, getter)]
    fn pathname(this: &Url) -> String;
    #[wasm_bindgen(method, setter)]
    fn set_pathname(this: &Url, path: &str);
    #[wasm_bindgen(method, getter, js_name = searchParams)]
    fn search_params(this: &Url) -> SearchParams;

    type SearchParams;
    #[wasm_bindgen(method)]
    fn set(this: &SearchParams, name: &str, value: &str);
}

/// Adds the path and the query parameters that the protocol needs.
pub(super) fn complete(url: &Url, config: &Config) {
    url.set_pathname(&socket_path(config.protocol, &url.pathname()));
    for (name, value) in query(config) {
        url.search_params().set(name, value);
    }
}

#[cfg(test)]
mod tests {
    use js_sys::JsString;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{Url, complete};
    use crate::core::config::{Config, ProtocolKind};

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = URL)]
        type ParsedUrl;
        #[wasm_bindgen(constructor, js_class = "URL")]
        fn new(given: &str) -> ParsedUrl;
    }

    fn completed(protocol: ProtocolKind, given: &str) -> JsString {
        let url = JsValue::from(ParsedUrl::new(given)).unchecked_into::<Url>();
        complete(&url, &Config { protocol, api_key: Some("k+y".into()), ..Config::default() });
        url.href().into()
    }

    #[wasm_bindgen_test]
    fn an_address_gets_the_path_and_the_query_of_its_protocol() {
        let native = completed(ProtocolKind::Tidewire, "wss://x.test/live?a=b");
        assert_eq!(native, "wss://x.test/live?a=b");
        let phoenix = completed(ProtocolKind::Phoenix, "wss://x.test/socket?vsn=1&a=b");
        assert_eq!(phoenix, "wss://x.test/socket/websocket?vsn=2.0.0&a=b");
        let supabase = completed(ProtocolKind::Supabase, "wss://ref.supabase.co");
        assert_eq!(supabase, "wss://ref.supabase.co/realtime/v1/websocket?vsn=2.0.0&apikey=k%2By");
    }
}
