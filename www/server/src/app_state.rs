//! The state that connections and endpoints share.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tidewire_server_core::account::{Accounts, Operation, Requester};
use tidewire_server_core::faults::{FaultChange, Faults};
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{CloseAction, Grant, Rejection, TokenMark};

use crate::auth::Keys;
use crate::clock::{now_ms, uptime};
use crate::config::PublishAccess;
use crate::connection_handle::ConnectionHandle;
use crate::hub::Hub;
use crate::listener::{ListenerControl, Peer};
use crate::stats::Stats;
use crate::tcp_stream::Switch;

/// The parts of a running server.
pub(crate) struct AppState {
    pub(crate) limits: Limits,
    pub(crate) publish: PublishAccess,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) listener: Arc<ListenerControl>,
    pub(crate) accounts: Arc<Accounts>,
    /// The faults and close actions that new connections start with.
    pub(crate) future_connections: Mutex<FutureConnections>,
    revoked: Mutex<HashSet<TokenMark>>,
    numbers: AtomicU64,
}

/// Faults and close actions for connections that are opened later.
#[derive(Debug, Default)]
pub(crate) struct FutureConnections {
    pub(crate) faults: Faults,
    pub(crate) close_action: Option<CloseAction>,
}

impl AppState {
    pub(crate) fn new(
        limits: Limits,
        publish: PublishAccess,
        keys: Arc<Keys>,
        hub: Arc<Hub>,
        listener: Arc<ListenerControl>,
    ) -> Self {
        let stats = Arc::clone(&hub.stats);
        Self {
            limits,
            publish,
            keys,
            hub,
            stats,
            listener,
            accounts: Arc::default(),
            future_connections: Mutex::default(),
            revoked: Mutex::default(),
            numbers: AtomicU64::new(1),
        }
    }

    /// Registers a new connection.
    pub(crate) fn open(&self, switch: Arc<Switch>) -> Arc<ConnectionHandle> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(ConnectionHandle::new(number, now_ms(), &self.limits, switch));
        // Locked while registering, so that a fault set at the same time is applied exactly once.
        let future_connections = self.future_connections.lock();
        self.stats.opened(&connection);
        self.hub.register(&connection);
        let faults = future_connections.faults;
        connection.change_faults(&FaultChange {
            clear: false,
            half_open: Some(faults.half_open),
            delay: Some(faults.delay),
            duplicate: Some(faults.duplicate),
            reorder: Some(faults.reorder),
            lose: Some(faults.lose),
            lose_acks: Some(faults.lose_acks),
            drop_after_accept: Some(faults.drop_after_accept),
            seed: Some(faults.seed),
        });
        match &future_connections.close_action {
            Some(CloseAction::Abort) => connection.abort(),
            Some(close_action) => connection.outbound.end(close_action.clone()),
            None => {}
        }
        connection
    }

    /// The requester of an HTTP request that changes something; counts the request towards its rate.
    pub(crate) fn http_requester(
        &self,
        peer: &Peer,
        user: Option<&str>,
    ) -> Result<Requester, Rejection> {
        let requester = Requester {
            connection: None,
            user: self.accounts.of(user, peer.address),
            announced_ms: None,
        };
        requester.admit(Operation::Message, uptime(), &self.limits)?;
        Ok(requester)
    }

    /// Checks a token, and that it was not revoked.
    pub(crate) fn check_token(&self, token: Option<&str>) -> Result<Grant, Rejection> {
        let grant = self.keys.check(token)?;
        match grant.mark {
            Some(mark) if self.revoked.lock().contains(&mark) => Err(Rejection::token_expired()),
            _ => Ok(grant),
        }
    }

    /// Revokes the current token of a connection from the uptime `at` on; the token is no longer
    /// accepted.
    pub(crate) fn revoke(&self, connection: &ConnectionHandle, at: Duration) {
        if let Some(mark) = connection.revoke(at) {
            self.revoked.lock().insert(mark);
        }
    }
}
