//! Tests of the browser driver in a real browser, on a page whose sockets, clock and events they
//! control. Run by `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]

mod collections;
mod complete;
mod connecting;
mod harness;
mod legacy;
mod messages;
mod numbers;
mod options;
mod page;
mod page_events;
mod reentrancy;
mod sending;
mod timing;
mod tokens;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
