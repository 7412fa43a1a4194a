//! The handle through which the rest of the server uses one connection.

use std::collections::BTreeMap;
use std::ops::BitOrAssign;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tidewire_server_core::faults::{FaultChange, Faults};
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{Action, Admission, CloseAction, Features, TokenMark};
use tokio::sync::Notify;

use crate::counters::Counters;
use crate::outbound::Outbound;
use crate::random;
use crate::tcp_stream::Switch;

/// How many channel names of a closed connection are kept.
const REMEMBERED: usize = 20;

/// Whether the queue of a connection is so full that senders should wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Crowding {
    #[default]
    None,
    Crowded,
}

impl BitOrAssign for Crowding {
    fn bitor_assign(&mut self, other: Self) {
        if other == Self::Crowded {
            *self = Self::Crowded;
        }
    }
}

/// A connection, from its handshake on; kept after it is closed, for `GET /connections`.
#[derive(Debug)]
pub(crate) struct ConnectionHandle {
    /// A serial number, in the order of opening, from 1.
    pub(crate) number: u64,
    /// The id sent to the client.
    pub(crate) id: String,
    /// In ms since 1970.
    pub(crate) opened_at: u64,
    pub(crate) outbound: Outbound,
    pub(crate) switch: Arc<Switch>,
    attention: Notify,
    gone: Notify,
    state: Mutex<ConnectionState>,
}

/// The mutable state of a connection.
#[derive(Debug, Default)]
pub(crate) struct ConnectionState {
    pub(crate) features: Features,
    pub(crate) user: Option<String>,
    /// Identifies its token.
    mark: Option<TokenMark>,
    /// When its token is treated as expired, if that is before its expiry, as an uptime.
    revoked_at: Option<Duration>,
    pub(crate) faults: Faults,
    /// The last channels of a closed connection.
    pub(crate) channels: Vec<String>,
    pub(crate) closed: Option<Closed>,
    pub(crate) received: BTreeMap<&'static str, u64>,
    pub(crate) sent: BTreeMap<&'static str, u64>,
}

/// How and when a connection was closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closed {
    /// In ms since 1970.
    pub(crate) at: u64,
    pub(crate) code: u16,
}

impl ConnectionHandle {
    pub(crate) fn new(number: u64, now: u64, limits: &Limits, switch: Arc<Switch>) -> Self {
        Self {
            number,
            id: format!("c{number}-{}", random::token()),
            opened_at: now,
            outbound: Outbound::new(limits, Arc::clone(&switch)),
            switch,
            attention: Notify::new(),
            gone: Notify::new(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, ConnectionState> {
        self.state.lock()
    }

    pub(crate) fn features(&self) -> Features {
        self.state.lock().features
    }

    pub(crate) fn user(&self) -> Option<String> {
        self.state.lock().user.clone()
    }

    pub(crate) fn faults(&self) -> Faults {
        self.state.lock().faults
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.lock().closed.is_none()
    }

    /// When its current token is treated as expired, if it was revoked.
    pub(crate) fn revoked_at(&self) -> Option<Duration> {
        self.state.lock().revoked_at
    }

    /// Executes an action of the protocol; returns whether senders should wait.
    pub(crate) fn perform(&self, action: Action, counters: &Mutex<Counters>) -> Crowding {
        match action {
            Action::Admit(admission) => self.admit(admission),
            Action::Send(frame) => {
                if self.outbound.push(frame) {
                    return Crowding::Crowded;
                }
            }
            Action::Offer(frame) => self.outbound.offer(frame),
            Action::Replay(replay) => self.outbound.replay(replay),
            Action::Ping => self.outbound.ping(),
            Action::Close(CloseAction::Abort) => self.abort(),
            Action::Close(close_action) => self.outbound.end(close_action),
            Action::CountReceived(kind) => self.count_received(kind),
            Action::CountRejected => counters.lock().rejected += 1,
        }
        Crowding::None
    }

    fn admit(&self, admission: Admission) {
        self.switch.allow(None);
        let mut state = self.state.lock();
        state.features = admission.features;
        state.user = admission.user;
        state.mark = admission.mark;
        state.revoked_at = None;
    }

    pub(crate) fn change_faults(&self, change: &FaultChange) {
        let faults = {
            let mut state = self.state.lock();
            change.apply(&mut state.faults);
            state.faults
        };
        self.outbound.set_silent(faults.half_open);
        self.attention.notify_one();
    }

    /// Whether the connection is to be aborted after a message just accepted from it. Reading the
    /// flag clears it.
    pub(crate) fn take_drop_after_accept(&self) -> bool {
        std::mem::take(&mut self.state.lock().faults.drop_after_accept)
    }

    /// Treats the current token as expired from the uptime `at` on, and returns its mark.
    pub(crate) fn revoke(&self, at: Duration) -> Option<TokenMark> {
        let mark = {
            let mut state = self.state.lock();
            state.revoked_at = Some(at);
            state.mark
        };
        self.attention.notify_one();
        mark
    }

    /// Aborts the transport without a close frame.
    pub(crate) fn abort(&self) {
        self.switch.abort_on_drop();
        self.outbound.end(CloseAction::Abort);
    }

    /// Keeps the last channels of a closed connection.
    pub(crate) fn remember_channels(&self, mut channels: Vec<String>) {
        channels.truncate(REMEMBERED);
        self.state.lock().channels = channels;
    }

    /// Records that the connection was closed.
    pub(crate) fn close(&self, closed: Closed) {
        self.state.lock().closed = Some(closed);
        self.gone.notify_waiters();
    }

    /// Waits until the connection is closed.
    pub(crate) async fn ended(&self) {
        let gone = self.gone.notified();
        if self.is_open() {
            gone.await;
        }
    }

    /// Waits until another task has changed the connection's state.
    pub(crate) async fn attention(&self) {
        self.attention.notified().await;
    }

    pub(crate) fn count_received(&self, kind: &'static str) {
        *self.state.lock().received.entry(kind).or_default() += 1;
    }

    pub(crate) fn count_sent(&self, kind: &'static str) {
        *self.state.lock().sent.entry(kind).or_default() += 1;
    }
}
