//! Scenarios of the whole client in virtual time.

mod before_ready;
mod channels;
mod collections;
mod connect_refused;
mod connection;
mod connection_ending_messages;
mod error_recovery;
mod growth;
mod identity;
mod invalid_frames;
mod liveness;
mod memberships;
mod message_heads;
pub(in crate::core) mod nesting;
mod outages;
mod oversize;
mod phoenix;
mod presence;
mod recorded_frames;
mod recovery;
mod render_ticks;
mod send_outcomes;
mod sending;
mod settlement;
mod supabase;
mod token_lifetime;
mod tokens;
