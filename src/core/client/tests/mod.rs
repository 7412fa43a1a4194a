//! Scenarios, named for behaviour, in virtual time.

mod channels;
mod connection;
mod hostile;
mod liveness;
mod sending;
mod tokens;
