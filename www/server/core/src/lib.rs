//! The native protocol of tidewire from the server's side, without IO.
//!
//! Nothing in here knows a socket, a clock, a thread or a database. A driver passes in what
//! happens, with the time: a connection opens, sends a message, closes; a token was checked; the
//! time of [`Hub::poll_timeout`] or [`Session::poll_timeout`] has come; the server itself publishes
//! something. What has to be done comes out as [`Output`]s and [`Action`]s: frames to send, a
//! connection to close. Random numbers come from a [`Randomness`], times are [`Now`].
//!
//! - A [`Session`] is the state of one connection: what it may do, its rates, the frames it sent
//!   that are not processed yet. It is used by one caller at a time.
//! - The [`Hub`] is what all connections share: channels, their members, who is present.
//!   [`HubAccess`] lends it to sessions, one operation at a time, so that a driver with several
//!   threads parses frames outside of its lock.
//! - A [`Storage`] has the logs, the accepted ids, the positions and the presence. One in memory is
//!   here: [`MemoryStorage`].
//! - An [`Application`] has state that changes with the messages of some channels.
//! - [`account`] has the rates and amounts of connections and users. Accounts are shared by sessions and
//!   by whatever else a driver counts for a user, and may be used from several threads.
//! - A [`Server`] puts a hub and its sessions together for a driver that does one thing at a time:
//!   tests, or a page.
//!
//! [`faults`] are what tests need of a bad network: a [`Server`] has them, another driver passes what
//! it sends through a [`faults::Shaper`]. The bound on what is queued for a slow reader is the
//! driver's: only it knows what has been sent.
//!
//! # Storages that answer later
//!
//! [`Storage`] is synchronous on purpose. A message may be broadcast only after it is stored, every
//! member must receive the messages of a channel in the order of their numbers, and whoever joins
//! must get each message either with the recovery or as a new one. All three hold because a storage
//! answers before the hub does anything else; with answers as inputs each would need a queue of
//! waiting operations for every channel and every connection, which storages in memory and SQLite,
//! whose answers are there at once, would pay for as well.
//!
//! What a remote storage (Redis or Valkey Streams) needs is in the shape of the trait: each
//! operation is one intent that one command or script of such a storage carries out atomically:
//! "append unless the id is known, and return the number", "read what follows a position". None
//! returns a reference into the storage, and [`Append`] carries all that a command needs. Two ways
//! lead there. A driver may give each hub operation to a task that may wait, which is all the change
//! there is if its threads are its own. Otherwise [`Appended`] gets a variant for "not yet": the
//! hub does nothing between a storage's answer and the outputs that follow from it but apply the
//! change, so that what is left of an operation is small enough to be kept until the answer comes
//! in; a [`Session`] already waits in the same way for [`Session::authenticate`].

#![forbid(unsafe_code)]

mod accepted;
pub mod account;
mod application;
mod authentication;
mod channel;
mod channel_pattern;
mod clock;
pub mod codec;
mod connection;
pub mod faults;
mod features;
pub mod frame;
mod grant;
mod hub;
mod inspection;
pub mod limits;
mod log;
mod membership;
mod memory;
mod message;
pub mod nesting;
mod output;
mod position;
mod presence;
mod publication;
mod publishing;
mod random;
mod rate;
mod rejection;
mod request;
mod retired;
mod server;
mod session;
mod storage;
mod tally;
mod timer;

pub use accepted::{Accepted, Effect};
pub use application::{Application, DerivedMessage, RelayOnly};
pub use channel_pattern::covers;
pub use clock::Now;
pub use features::{Feature, Features};
pub use grant::{Grant, TokenMark};
pub use hub::{ChannelCounters, Hub, HubAccess, Logs};
pub use log::ChannelLog;
pub use memory::{MemoryStorage, Staged, Staging};
pub use message::Message;
pub use output::{Action, Admission, CloseAction, Output, Replay};
pub use position::Position;
pub use presence::{Diff, Owner};
pub use publication::{Placed, Publication, check_name};
pub use random::{Randomness, SeededRandomness};
pub use rejection::Rejection;
pub use server::{Server, ServerOutput};
pub use session::{Opening, Received, Session, Step};
pub use storage::{Append, Appended, Closed, Retention, Storage, StorageError};
pub use tally::Tally;
pub use timer::Timer;
