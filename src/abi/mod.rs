//! The boundary between the engine and the package's TypeScript: every number and every text that means something on
//! both sides. `cargo xtask abi` writes them into `pkg-template/src/generated`; [`listing`] says which, and where.
//!
//! What belongs to the client itself (states, error codes, reasons, limits, defaults) is written down in `src/core`.
//! Here is what only the boundary has: reports, requests, commands, flags and the names of options.

pub mod call;
#[cfg(not(target_arch = "wasm32"))]
pub mod listing;
pub mod option_names;
pub mod options;
pub mod report;
pub mod text;
