//! The initial rows of the domains' tables.

mod all;
mod bids;
mod bills;
mod calls;
mod community;
mod flat;
mod interviews;
mod seed;

pub(super) use all::all;
pub(super) use flat::flat;
