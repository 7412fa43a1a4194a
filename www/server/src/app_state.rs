//! What every connection and endpoint shares.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::account::{Accounts, Deed, Party};
use crate::auth::{Grant, Keys, TokenMark};
use crate::clock::{now_ms, uptime};
use crate::config::PublishAccess;
use crate::connection_handle::Link;
use crate::faults::{FaultChange, Faults};
use crate::hub::Hub;
use crate::limits::Limits;
use crate::listener::{GateControl, Peer};
use crate::outbound::Ending;
use crate::phoenix::Playground;
use crate::refusal::Refusal;
use crate::stats::Stats;
use crate::supabase::Realtime;
use crate::tcp_stream::Switch;

/// The parts of a running server.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) publish: PublishAccess,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) phoenix: Arc<Playground>,
    pub(crate) supabase: Arc<Realtime>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) gate: Arc<GateControl>,
    pub(crate) accounts: Accounts,
    /// What future connections start with.
    pub(crate) arrivals: Mutex<Arrivals>,
    revoked: Mutex<HashSet<TokenMark>>,
    numbers: AtomicU64,
}

/// Faults and endings for connections still to come.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    pub(crate) faults: Faults,
    pub(crate) ending: Option<Ending>,
}

impl Shared {
    pub(crate) fn new(
        limits: Limits,
        publish: PublishAccess,
        keys: Arc<Keys>,
        hub: Arc<Hub>,
        phoenix: Playground,
        supabase: Realtime,
        gate: Arc<GateControl>,
    ) -> Self {
        let stats = Arc::clone(&hub.stats);
        Self {
            limits,
            publish,
            keys,
            hub,
            phoenix: Arc::new(phoenix),
            supabase: Arc::new(supabase),
            stats,
            gate,
            accounts: Accounts::default(),
            arrivals: Mutex::default(),
            revoked: Mutex::default(),
            numbers: AtomicU64::new(1),
        }
    }

    /// Registers a connection that has just been opened.
    pub(crate) fn open(&self, switch: Arc<Switch>) -> Arc<Link> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let link = Arc::new(Link::new(number, now_ms(), &self.limits, switch));
        // Held while registering, so that a fault set meanwhile is missed by neither side.
        let arrivals = self.arrivals.lock();
        self.stats.opened(&link);
        let faults = arrivals.faults;
        link.change_faults(&FaultChange {
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
        match &arrivals.ending {
            Some(Ending::Abort) => link.abort(),
            Some(ending) => link.outbound.end(ending.clone()),
            None => {}
        }
        link
    }

    /// Who makes an HTTP request that changes something, if that is not too many already.
    pub(crate) fn visitor(&self, peer: &Peer, user: Option<&str>) -> Result<Party, Refusal> {
        let party = Party {
            connection: None,
            user: self.accounts.of(user, peer.address),
            promised_ms: None,
        };
        party.admit(Deed::Message, uptime(), &self.limits)?;
        Ok(party)
    }

    /// Checks a token, and that it was not declared expired.
    pub(crate) fn check_token(&self, token: Option<&str>) -> Result<Grant, Refusal> {
        let grant = self.keys.check(token)?;
        match grant.mark {
            Some(mark) if self.revoked.lock().contains(&mark) => Err(Refusal::token_expired()),
            _ => Ok(grant),
        }
    }

    /// Declares the present token of a connection expired from `at` on; nobody gets in with it
    /// any more.
    pub(crate) fn revoke(&self, link: &Link, at: Instant) {
        if let Some(mark) = link.revoke(at) {
            self.revoked.lock().insert(mark);
        }
    }
}
