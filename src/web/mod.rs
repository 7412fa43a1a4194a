//! The browser: the only place that touches it. It carries out what the core decides, and
//! decides nothing itself.

mod clock;
mod codec;
mod driver;
mod page;
mod payload;
mod socket;
mod source;
mod timer;

pub(crate) use driver::{Driver, Listener};
pub(crate) use payload::JsPayload;
pub(crate) use source::{Sources, address, grant_of};
