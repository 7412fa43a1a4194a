//! Scenarios, named for behaviour, in virtual time.

mod batches;
mod channels;
mod connect_refused;
mod connection;
pub(in crate::core) mod deep;
mod early;
mod endings;
mod healing;
mod hostile;
mod hostile_wires;
mod identity;
mod liveness;
mod memberships;
mod outages;
mod oversize;
mod people;
mod phoenix;
mod poison;
mod recovery;
mod rows;
mod sending;
mod settling;
mod supabase;
mod token_life;
mod tokens;
