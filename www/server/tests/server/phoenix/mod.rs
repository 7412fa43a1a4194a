//! Phoenix Channels and the Supabase subset, tested over raw sockets.

mod accounts;
mod database;
mod limits;
mod phoenix_recordings;
mod presence;
mod private;
mod recording;
mod rest;
mod socket;
mod sockets;
mod supabase_recordings;
mod supabase_setup;
mod tokens;

pub(crate) use socket::Socket;
pub(crate) use supabase_setup::{joining, key, path, quick};
