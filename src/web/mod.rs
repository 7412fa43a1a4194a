//! The browser: the only place that touches it. It carries out what the core decides, and
//! decides nothing itself.

mod clock;
mod codec;
mod driver;
mod object;
mod page;
mod payload;
mod socket;
#[cfg(feature = "bare")]
mod source;
mod timer;

pub(crate) use codec::utf8_length;
pub(crate) use driver::{Driver, Host};
pub(crate) use object::{is_array, items};
pub(crate) use payload::JsPayload;
#[cfg(feature = "bare")]
pub(crate) use source::{Sources, grant_of};
