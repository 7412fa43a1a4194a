//! The boundary between the engine and the package's TypeScript: every number and every text that both sides use. `cargo xtask abi` writes them into `pkg-template/src/generated`; `listing` (not compiled for wasm) lists them with their files.
//!
//! States, error codes, reasons, limits and defaults are defined in `src/core`.
//! This module defines what only the boundary needs: reports, requests, commands, flags and the names of options.

pub mod call;
pub mod counter;
#[cfg(not(target_arch = "wasm32"))]
pub mod listing;
pub mod option_names;
pub mod options;
pub mod report;
pub mod text;
