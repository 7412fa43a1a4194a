//! The browser driver, the only module that uses the browser's APIs. It executes the core's outputs and makes no
//! decisions itself.

mod address;
mod clock;
mod codec;
mod driver;
mod json;
mod object;
mod page;
mod payload;
mod socket;
mod thrown;
mod timer;
mod token;

pub(crate) use address::Url;
pub(crate) use driver::{Driver, Host};
#[cfg(feature = "bare")]
pub(crate) use json::parse;
#[cfg(feature = "bare")]
pub(crate) use json::utf8_length;
#[cfg(feature = "bare")]
pub(crate) use object::entries;
pub(crate) use object::{is_array, items, member};
pub(crate) use payload::JsPayload;
pub(crate) use thrown::cause_of;
pub(crate) use token::grant_of;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
