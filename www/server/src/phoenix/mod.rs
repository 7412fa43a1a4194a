//! Phoenix Channels: the socket, its channels and their topics, and an application for testing
//! them.
//!
//! This module implements the protocol. The behaviour of topics is defined by an [`Application`]:
//! the [`DemoApp`] of this module, or the Supabase subset.

mod application;
mod channel_handle;
pub(crate) mod control;
mod demo_app;
mod demo_presence;
mod echo;
mod frame;
mod handshake;
mod join;
mod join_faults;
mod mailbox;
mod outgoing;
mod registry;
mod roster;
mod settings;
mod socket;
mod socket_frames;
mod state;
mod throttle;
mod topics;
mod vsn;

pub(crate) use application::{
    Application, ChannelOutcome, Delivery, Engine, Malformed, SocketPolicy,
};
pub(crate) use channel_handle::{ChannelHandle, Place, Realm};
pub(crate) use demo_app::DemoApp;
pub(crate) use frame::{Body, Encoding, MAX_NAME, Push, UserBroadcast};
pub(crate) use handshake::{Visit, open, rejected_by_switch, upgrade};
pub(crate) use join::{JoinAccepted, JoinRejected, JoinRequest};
pub(crate) use mailbox::{Mail, Mailbox};
pub(crate) use outgoing::{Broadcast, Status, user_payload};
pub(crate) use registry::Command;
pub use settings::{Adapter, PhoenixSettings};
pub(crate) use state::PhoenixState;
pub(crate) use vsn::Vsn;
