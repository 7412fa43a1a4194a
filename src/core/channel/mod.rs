//! Channels: the membership of each at the server, and the app's interest in it.
//!
//! The two are independent, and every combination is possible: a channel may have subscribers while
//! the server still processes its leave, or may be lingering while its join is pending.

#[expect(clippy::module_inception, reason = "the file of the type that the folder is about")]
mod channel;
mod dedup;
mod delivery;
mod filters;
mod holders;
mod inbox;
mod join_queue;
mod join_rate;
mod memberships;
mod receiver;
mod recovery;
mod registry;
mod reorder;
mod replies;
mod stats;
mod step;
mod step_queue;
mod subscription;
mod subscriptions;
mod table;

pub use channel::{Channel, Interest, LiveStatus, Membership};
pub use join_rate::NewToken;
pub use registry::Registry;
pub use stats::Stats;
pub use step::Step;
pub use subscription::{Persistence, SubscribeMode, Subscription};
