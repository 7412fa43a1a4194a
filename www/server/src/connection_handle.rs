//! The handle through which the rest of the server uses one connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::auth::{Grant, TokenMark};
use crate::faults::{FaultChange, Faults};
use crate::features::Features;
use crate::limits::Limits;
use crate::outbound::{CloseAction, Outbound};
use crate::random;
use crate::tcp_stream::Switch;

/// A connection, from its handshake on; kept after its end for `GET /connections`.
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
    pub(crate) grant: Grant,
    /// When its token is treated as expired, if before its time.
    pub(crate) revoked_at: Option<Instant>,
    pub(crate) faults: Faults,
    pub(crate) channels: Vec<String>,
    pub(crate) closed: Option<Closed>,
    pub(crate) received: BTreeMap<&'static str, u64>,
    pub(crate) sent: BTreeMap<&'static str, u64>,
}

/// How and when it ended.
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

    pub(crate) fn allows(&self, channel: &str) -> bool {
        self.state.lock().grant.allows(channel)
    }

    pub(crate) fn user(&self) -> Option<String> {
        self.state.lock().grant.user.clone()
    }

    pub(crate) fn faults(&self) -> Faults {
        self.state.lock().faults
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.lock().closed.is_none()
    }

    /// When the connection's token expires or was revoked.
    pub(crate) fn expires_at(&self) -> Option<Instant> {
        let state = self.state.lock();
        state.grant.expires_at.into_iter().chain(state.revoked_at).min()
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

    /// Whether the connection is to be cut after a message just accepted from it. Reading the flag
    /// clears it.
    pub(crate) fn take_drop_after_accept(&self) -> bool {
        std::mem::take(&mut self.state.lock().faults.drop_after_accept)
    }

    /// Treats the current token as expired from `at` on, and returns its mark.
    pub(crate) fn revoke(&self, at: Instant) -> Option<TokenMark> {
        let mark = {
            let mut state = self.state.lock();
            state.revoked_at = Some(at);
            state.grant.mark
        };
        self.attention.notify_one();
        mark
    }

    /// Cuts the transport without a close frame.
    pub(crate) fn abort(&self) {
        self.switch.abort_on_drop();
        self.outbound.end(CloseAction::Abort);
    }

    /// Records the end.
    pub(crate) fn close(&self, closed: Closed) {
        self.state.lock().closed = Some(closed);
        self.gone.notify_waiters();
    }

    /// Waits for the end.
    pub(crate) async fn ended(&self) {
        let gone = self.gone.notified();
        if self.is_open() {
            gone.await;
        }
    }

    /// Waits until something about the connection was changed from outside.
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
