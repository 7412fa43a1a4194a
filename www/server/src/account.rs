//! What connections and users have done lately, and what they hold.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::limits::Limits;
use crate::rate::Rate;
use crate::refusal::Refusal;

/// What there is a rate for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A subscribe or a join.
    Join,
    /// A channel that did not exist.
    Make,
    /// A message, an ephemeral one too.
    Message,
    /// Whatever else a frame may ask for.
    Request,
    /// A token to be checked.
    Auth,
    /// A KiB that came, inflated.
    Kibibyte,
}

/// Something of which one may hold only so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Good {
    /// Channels it made that still exist.
    Channels,
    /// Bytes of remembered ids.
    Ids,
    Connections,
}

/// The account of one connection, or of one user over all connections.
#[derive(Debug, Default)]
pub(crate) struct Account {
    rates: Mutex<[Rate; 6]>,
    held: [AtomicUsize; 3],
}

/// Who does something: the user, and the connection if it is done over one.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub(crate) connection: Option<Arc<Account>>,
    pub(crate) user: Arc<Account>,
    /// For how long it was promised that its messages' ids are remembered, in ms.
    pub(crate) promised_ms: Option<u64>,
}

/// Something held, until it is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    good: Good,
    amount: usize,
    holders: [Option<Arc<Account>>; 2],
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    User(String),
    /// Whoever has no token, by where they come from.
    Address(IpAddr),
}

/// The accounts of all users.
#[derive(Debug, Default)]
pub(crate) struct Accounts(Mutex<HashMap<Identity, Arc<Account>>>);

impl Deed {
    fn per_second(self, limits: &Limits) -> u32 {
        match self {
            Self::Join => limits.joins_per_second,
            Self::Make => limits.made_channels_per_second,
            Self::Message => limits.messages_per_second,
            Self::Request => limits.requests_per_second,
            Self::Auth => limits.auths_per_second,
            Self::Kibibyte => (limits.bytes_per_second >> 10).max(1),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Join => "subscribes",
            Self::Make => "new channels",
            Self::Message => "messages",
            Self::Request => "requests",
            Self::Auth => "auth frames",
            Self::Kibibyte => "bytes",
        }
    }
}

impl Account {
    /// How much of this is held.
    pub(crate) fn held(&self, good: Good) -> usize {
        self.held[good as usize].load(Ordering::Relaxed)
    }

    fn admit(&self, deed: Deed, now: Duration, per_second: u32) -> Result<(), Refusal> {
        self.rates.lock()[deed as usize].admit(now, per_second).map_err(|wait| {
            let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            Refusal::rate_limited(format!("too many {} within a second", deed.name()), ms.max(1))
        })
    }

    fn take(&self, deed: Deed, now: Duration, per_second: u32, count: u32) -> Duration {
        self.rates.lock()[deed as usize].take(now, per_second, count)
    }

    fn is_idle(&self, now: Duration) -> bool {
        self.held.iter().all(|held| held.load(Ordering::Relaxed) == 0)
            && self.rates.lock().iter().all(|rate| rate.is_idle(now))
    }
}

impl Party {
    /// Counts a deed, or refuses it.
    pub(crate) fn admit(&self, deed: Deed, now: Duration, limits: &Limits) -> Result<(), Refusal> {
        let rate = deed.per_second(limits);
        if let Some(connection) = &self.connection {
            connection.admit(deed, now, rate)?;
        }
        self.user.admit(deed, now, rate.saturating_mul(limits.user_factor))
    }

    /// Counts so many deeds in any case; how long the next one has to wait.
    pub(crate) fn take(&self, deed: Deed, count: u32, now: Duration, limits: &Limits) -> Duration {
        let rate = deed.per_second(limits);
        let own = self.connection.as_ref();
        let own = own.map_or(Duration::ZERO, |own| own.take(deed, now, rate, count));
        own.max(self.user.take(deed, now, rate.saturating_mul(limits.user_factor), count))
    }

    /// The same for what came, by its size.
    pub(crate) fn take_bytes(&self, bytes: usize, now: Duration, limits: &Limits) -> Duration {
        let count = u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
        self.take(Deed::Kibibyte, count, now, limits)
    }

    /// Makes a channel, unless too many were made and are still there.
    pub(crate) fn make(&self, now: Duration, limits: &Limits) -> Result<Hold, Refusal> {
        let made = |account: &Account| account.held(Good::Channels);
        if self.connection.as_ref().is_some_and(|own| made(own) >= limits.made_channels) {
            return Err(Refusal::limit("this connection has made as many channels as it may"));
        }
        if made(&self.user) >= limits.user_made_channels {
            return Err(Refusal::limit("this user has made as many channels as one may"));
        }
        self.admit(Deed::Make, now, limits)?;
        Ok(Hold::new(Good::Channels, 1, [self.connection.clone(), Some(Arc::clone(&self.user))]))
    }
}

impl Hold {
    pub(crate) fn new(good: Good, amount: usize, holders: [Option<Arc<Account>>; 2]) -> Self {
        for holder in holders.iter().flatten() {
            holder.held[good as usize].fetch_add(amount, Ordering::Relaxed);
        }
        Self { good, amount, holders }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for holder in self.holders.iter().flatten() {
            holder.held[self.good as usize].fetch_sub(self.amount, Ordering::Relaxed);
        }
    }
}

impl Accounts {
    /// The account of a user, or of an address where there is none.
    pub(crate) fn of(&self, user: Option<&str>, address: IpAddr) -> Arc<Account> {
        let identity = user.map_or(Identity::Address(address), |user| Identity::User(user.into()));
        Arc::clone(self.0.lock().entry(identity).or_default())
    }

    /// Forgets the accounts that are not in use, hold nothing and have no recent deeds.
    pub(crate) fn sweep(&self, now: Duration) {
        self.0.lock().retain(|_, account| Arc::strong_count(account) > 1 || !account.is_idle(now));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const NOW: Duration = Duration::from_secs(9);

    fn party(accounts: &Accounts, user: &str) -> Party {
        Party {
            connection: Some(Arc::default()),
            user: accounts.of(Some(user), HERE),
            promised_ms: None,
        }
    }

    #[test]
    fn a_connection_and_its_user_have_their_own_rates() {
        let limits = Limits { joins_per_second: 10, user_factor: 2, ..Limits::default() };
        let accounts = Accounts::default();
        let parties = [(); 3].map(|()| party(&accounts, "ann"));
        let joins = |party: &Party| {
            (0..99).filter(|_| party.admit(Deed::Join, NOW, &limits).is_ok()).count()
        };
        assert_eq!(parties.each_ref().map(joins), [10, 10, 0], "two connections' worth together");
        assert_eq!(joins(&party(&accounts, "bob")), 10);
        let refusal = parties[0].admit(Deed::Join, NOW, &limits).expect_err("too many");
        assert_eq!((refusal.code, refusal.retryable), ("rate_limited", true));
        assert!(refusal.retry_after_ms.is_some_and(|ms| (1..=1_000).contains(&ms)));
    }

    #[test]
    fn what_is_made_counts_until_it_is_gone() {
        let rates = Limits { made_channels_per_second: u32::MAX, ..Limits::default() };
        let limits = Limits { made_channels: 2, user_made_channels: 3, ..rates };
        let accounts = Accounts::default();
        let [first, second] = [(); 2].map(|()| party(&accounts, "ann"));
        let one = first.make(NOW, &limits).expect("room");
        let _two = first.make(NOW, &limits).expect("room");
        assert_eq!(first.make(NOW, &limits).expect_err("full").code, "limit");
        let _three = second.make(NOW, &limits).expect("room");
        assert_eq!(second.make(NOW, &limits).expect_err("the user is full").code, "limit");
        drop(one);
        assert!(second.make(NOW, &limits).is_ok());
    }

    #[test]
    fn accounts_are_forgotten_when_they_are_unused_and_idle() {
        let accounts = Accounts::default();
        let limits = Limits::default();
        let ann = party(&accounts, "ann");
        ann.admit(Deed::Auth, NOW, &limits).expect("room");
        accounts.sweep(NOW + Duration::from_secs(60));
        assert_eq!(accounts.len(), 1, "it is used");
        drop(ann);
        accounts.sweep(NOW);
        assert_eq!(accounts.len(), 1, "a new connection would begin anew");
        accounts.sweep(NOW + Duration::from_secs(60));
        assert_eq!(accounts.len(), 0);
    }
}
