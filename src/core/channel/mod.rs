//! One channel: what the server has of it, and what we want of it.
//!
//! The two are independent, so that every pair can be reached: a channel may be wanted while
//! the server still processes its leaving, or lingering while its join is under way.

#[expect(clippy::module_inception, reason = "the file of the type that the folder is about")]
mod channel;
mod dedup;
mod filters;
mod holders;
mod inbox;
mod join;
mod join_queue;
mod join_rate;
mod receive;
mod recovery;
mod registry;
mod reorder;
mod stats;
mod step;
mod subscribe;
mod subscription;
mod table;

pub use channel::{Channel, Interest, LiveStatus, Membership};
pub use join_rate::NewToken;
pub use registry::Registry;
pub use stats::Stats;
pub use step::Step;
pub use subscription::{Persistence, SubscribeMode, Subscription};
