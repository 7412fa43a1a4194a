//! The ids a channel has accepted.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::account::{Account, Reservation, Resource};
use crate::limits::Limits;
use crate::rejection::Rejection;

/// What accepting a message did besides relaying it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Relayed,
    /// A row was inserted or updated: the whole row, as JSON.
    Stored(Arc<str>),
    /// A row was deleted.
    Deleted,
}

impl Effect {
    /// The size of the row, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Stored(row) => row.len(),
            Self::Relayed | Self::Deleted => 0,
        }
    }
}

/// The result of an accepted id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The sender's user, if known.
    pub user: Option<Arc<str>>,
    /// The number of its message.
    pub seq: u64,
    /// How long it is remembered, in ms since 1970; longer if the log still has its message.
    pub until: u64,
    /// What accepting it did.
    pub effect: Effect,
}

/// The ids of one channel, in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct AcceptedIds {
    ids: HashMap<Arc<str>, (Accepted, Option<Reservation>)>,
    order: VecDeque<Arc<str>>,
}

/// The memory that one id uses besides the row in its ack, in bytes.
const COST: usize = 200;

/// The memory that the ids of all channels use; it determines how long new ids are remembered.
#[derive(Debug, Default)]
pub(crate) struct AckMemory {
    all: Arc<Account>,
}

impl AckMemory {
    /// How long the ids of a connection that is opened now are remembered, in ms: shorter when
    /// the memory fills up.
    pub(crate) fn offered_ms(&self, limits: &Limits) -> u64 {
        let (used, most) = (self.all.held(Resource::Ids), limits.ack_memory_bytes);
        let full = limits.effective_ack_memory_ms();
        match used {
            used if used < most / 2 => full,
            used if used < most / 4 * 3 => full / 4,
            _ => full / 16,
        }
    }

    /// The memory that the ids use, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.all.held(Resource::Ids)
    }

    /// Reserves memory for an id and the row in its ack, unless the user or all users together
    /// use too much. Announced times are kept, so memory is freed only when ids expire.
    pub(crate) fn reserve(
        &self,
        user: Option<&Arc<Account>>,
        row: usize,
        limits: &Limits,
    ) -> Result<Reservation, Rejection> {
        let bytes = COST + row;
        let is_over = |account: &Account, most| account.held(Resource::Ids) + bytes > most;
        let most = limits.ack_memory_bytes;
        if is_over(&self.all, most) || user.is_some_and(|user| is_over(user, most / 2)) {
            let message = "too many messages are still remembered";
            return Err(Rejection::rate_limited(message, 1_000));
        }
        Ok(Reservation::new(Resource::Ids, bytes, [Some(Arc::clone(&self.all)), user.cloned()]))
    }
}

impl AcceptedIds {
    pub(crate) fn get(&self, id: &str) -> Option<&Accepted> {
        self.ids.get(id).map(|(accepted, _)| accepted)
    }

    pub(crate) fn insert(
        &mut self,
        id: &str,
        accepted: Accepted,
        reservation: Option<Reservation>,
    ) {
        let id: Arc<str> = id.into();
        self.order.push_back(Arc::clone(&id));
        self.ids.insert(id, (accepted, reservation));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Removes the ids of relayed messages. The ids of changes stay, because a resent change would
    /// be applied again.
    pub(crate) fn forget_relayed(&mut self) {
        self.ids.retain(|_, (accepted, _)| accepted.effect != Effect::Relayed);
        self.order.retain(|id| self.ids.contains_key(id));
    }

    /// Removes the ids that expired before `now`, the oldest first, but none from `first` on, the
    /// number at which the log begins.
    pub(crate) fn trim(&mut self, now: u64, first: u64) {
        while let Some(id) = self.order.front() {
            let is_due =
                |(accepted, _): &(Accepted, _)| accepted.until < now && accepted.seq < first;
            if !self.ids.get(id).is_none_or(is_due) {
                break;
            }
            self.ids.remove(id);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(seq: u64, until: u64) -> Accepted {
        Accepted { user: None, seq, until, effect: Effect::Relayed }
    }

    #[test]
    fn ack_memory_filling_up_shortens_new_times_and_keeps_old_ones() {
        let limits = Limits { ack_memory_bytes: 1_000 * COST, ..Limits::default() };
        let memory = AckMemory::default();
        let users: [Arc<Account>; 3] = Default::default();
        let mut ids = AcceptedIds::default();
        let mut offers = Vec::new();
        let mut rejected = [0; 3];
        for n in 0..1_500_u64 {
            let user = (n % 3) as usize;
            offers.push(memory.offered_ms(&limits));
            match memory.reserve(Some(&users[user]), 0, &limits) {
                Ok(reservation) => {
                    ids.insert(&n.to_string(), accepted(n, 120_000), Some(reservation));
                }
                Err(rejection) => {
                    assert_eq!((rejection.code, rejection.retryable), ("rate_limited", true));
                    rejected[user] += 1;
                }
            }
        }
        offers.dedup();
        assert_eq!(offers, [120_000, 30_000, 7_500]);
        assert_eq!(rejected.iter().sum::<i32>(), 500);
        assert!((0..1_000).all(|n: u64| ids.get(&n.to_string()).is_some()), "nothing was dropped");
        ids.trim(120_001, u64::MAX);
        assert!(ids.is_empty() && memory.reserve(None, 0, &limits).is_ok());
        assert_eq!(memory.offered_ms(&limits), 120_000);
    }

    #[test]
    fn user_may_use_half_of_the_ack_memory() {
        let limits = Limits { ack_memory_bytes: 10 * COST, ..Limits::default() };
        let (memory, ann) = (AckMemory::default(), Arc::default());
        let reservations: Vec<_> =
            (0..9).map_while(|_| memory.reserve(Some(&ann), 0, &limits).ok()).collect();
        assert_eq!(reservations.len(), 5);
        assert!(memory.reserve(None, COST, &limits).is_ok(), "a row counts by its size");
        assert!(memory.reserve(None, 5 * COST, &limits).is_err());
    }

    #[test]
    fn accepted_id_is_kept_for_its_time_and_while_in_the_log() {
        let mut ids = AcceptedIds::default();
        (1..=3).for_each(|n| ids.insert(&n.to_string(), accepted(n, n * 10), None));
        ids.trim(25, 2);
        assert_eq!(["1", "2", "3"].map(|id| ids.get(id).is_some()), [false, true, true]);
        ids.trim(25, 9);
        assert_eq!(["2", "3"].map(|id| ids.get(id).is_some()), [false, true]);
    }
}
