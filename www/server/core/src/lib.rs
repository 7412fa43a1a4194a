//! The native protocol of tidewire from the server's side, without IO.
//!
//! It uses no socket, clock, thread or database. A driver passes in events, with the time: a
//! connection was opened, sent a message, was closed; a token was checked; the time of
//! [`Hub::poll_timeout`] or [`Session::poll_timeout`] is reached; the server itself publishes
//! something. It returns [`Output`]s and [`Action`]s: frames to send, a connection to close.
//! Random numbers are drawn from a [`Randomness`], times are [`Now`].
//!
//! - A [`Session`] is the state of one connection: what it may do, its rates, the frames it sent
//!   that are not processed yet. It is used by one caller at a time.
//! - The [`Hub`] is the state that all connections share: channels, their members, presence.
//!   [`HubAccess`] gives sessions access to it, one operation at a time, so that a driver with
//!   several threads parses frames outside of its lock.
//! - A [`Storage`] has the logs, the accepted ids, the positions and the presence.
//!   [`MemoryStorage`] keeps them in memory.
//! - An [`Application`] has state that changes with the messages of some channels.
//! - [`account`] has the rates and the resource usage of connections and users. Accounts are shared
//!   by sessions and by other usage that a driver counts for a user, and are thread-safe.
//! - A [`Server`] combines a hub and its sessions for a single-threaded driver: tests, or a page.
//!
//! [`faults`] simulate a bad network for tests: a [`Server`] applies them itself, another driver
//! passes its outgoing frames through a [`faults::Shaper`]. The driver limits the queue of a slow
//! reader, because the core cannot know what has been sent.
//!
//! # Asynchronous storages
//!
//! [`Storage`] is synchronous on purpose. A message may be broadcast only after it is stored, every
//! member must receive the messages of a channel in the order of their numbers, and a joining
//! member must receive each message either with the recovery or as a new one. All three are
//! guaranteed because a storage returns before the hub does anything else. With asynchronous
//! results, each guarantee would need a queue of pending operations for every channel and every
//! connection, even for storages in memory and SQLite, which return at once.
//!
//! The trait is designed so that a remote storage (Redis or Valkey Streams) is possible: one
//! command or script of such a storage can execute each operation atomically, such as "append
//! unless the id is known, and return the number" or "read the messages after a position". No
//! operation returns a reference into the storage, and [`Append`] contains all that a command
//! needs. There are two ways to add one. A driver with its own threads may run each hub operation
//! in a task that blocks; nothing else changes. Otherwise [`Appended`] gets a variant for "pending":
//! between a storage's result and the outputs the hub only applies the change, so that the rest
//! of an operation is small enough to be kept until the result is passed in; a [`Session`] already
//! waits in the same way for [`Session::authenticate`].

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
