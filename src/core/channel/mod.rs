//! One channel: what the server has of it, and what we want of it.
//!
//! The two are independent, so that every pair can be reached: a channel may be wanted while
//! the server still processes its leaving, or lingering while its join is under way.

#[expect(clippy::module_inception, reason = "the file of the type that the folder is about")]
mod channel;
mod dedup;
mod join;
mod join_rate;
mod receive;
mod registry;
mod reorder;
mod stats;

pub use channel::{Channel, Interest, LiveStatus, Membership};
pub use registry::{Registry, Step, SubscribeMode, Subscription};
pub use stats::Stats;
