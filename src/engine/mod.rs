//! The wasm-bindgen surface of the npm package: it passes numbers, strings and JavaScript values, and makes no decisions.

#![expect(
    clippy::needless_pass_by_value,
    missing_debug_implementations,
    reason = "what JavaScript calls takes what JavaScript has, and is described in its terms"
)]

mod collection;
pub(crate) mod config;
mod encode;
#[expect(clippy::module_inception, reason = "the file of the type that the folder is about")]
mod engine;
pub(crate) mod error;
mod frame;
mod presence;
pub(crate) mod sink;
pub(crate) mod stats;

pub use engine::Engine;
#[cfg(feature = "bare")]
pub(crate) use engine::start;

use wasm_bindgen::prelude::*;

/// Runs when the module starts.
#[wasm_bindgen(start)]
fn begin() {
    // Release builds omit it: its formatting code is large, and the facade reports traps.
    #[cfg(all(debug_assertions, feature = "bare"))]
    console_error_panic_hook::set_once();
}
