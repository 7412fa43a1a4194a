//! Rates and resource usage of connections and users.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::limits::Limits;
use crate::rate::Rate;
use crate::rejection::Rejection;

/// A rate-limited operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A subscribe or a join.
    Join,
    /// The creation of a channel.
    Make,
    /// A message, an ephemeral one too.
    Message,
    /// Any other request.
    Request,
    /// A token to be checked.
    Auth,
    /// A received KiB, inflated.
    Kibibyte,
}

/// A resource with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Created channels that still exist.
    Channels,
    /// Bytes of remembered ids.
    Ids,
    /// Open connections.
    Connections,
}

/// The rates and the resource usage of one connection, or of all connections of one user.
#[derive(Debug, Default)]
pub struct Account {
    rates: Mutex<[Rate; 6]>,
    held: [AtomicUsize; 3],
}

/// Who makes a request: the user, and the connection if there is one.
#[derive(Debug, Clone)]
pub struct Requester {
    /// The account of the connection.
    pub connection: Option<Arc<Account>>,
    /// The account of the user.
    pub user: Arc<Account>,
    /// How long the ids of its messages are remembered, as announced to it, in ms.
    pub announced_ms: Option<u64>,
}

/// An amount of a resource, reserved until this is dropped.
#[derive(Debug)]
pub struct Reservation {
    resource: Resource,
    amount: usize,
    owners: [Option<Arc<Account>>; 2],
}

/// The owner of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The subject of its tokens.
    User(String),
    /// A client without a token, by its address.
    Address(IpAddr),
}

/// The accounts of all users.
#[derive(Debug, Default)]
pub struct Accounts(Mutex<HashMap<Identity, Arc<Account>>>);

impl Operation {
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
    /// How much of a resource is reserved.
    pub fn held(&self, resource: Resource) -> usize {
        self.held[resource as usize].load(Ordering::Relaxed)
    }

    fn admit(&self, operation: Operation, now: Duration, per_second: u32) -> Result<(), Rejection> {
        lock(&self.rates)[operation as usize].admit(now, per_second).map_err(|wait| {
            let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            Rejection::rate_limited(
                format!("too many {} within a second", operation.name()),
                ms.max(1),
            )
        })
    }

    fn take(&self, operation: Operation, now: Duration, per_second: u32, count: u32) -> Duration {
        lock(&self.rates)[operation as usize].take(now, per_second, count)
    }

    fn is_idle(&self, now: Duration) -> bool {
        self.held.iter().all(|held| held.load(Ordering::Relaxed) == 0)
            && lock(&self.rates).iter().all(|rate| rate.is_idle(now))
    }
}

impl Requester {
    /// Counts an operation, or rejects it.
    pub fn admit(
        &self,
        operation: Operation,
        now: Duration,
        limits: &Limits,
    ) -> Result<(), Rejection> {
        let rate = operation.per_second(limits);
        if let Some(connection) = &self.connection {
            connection.admit(operation, now, rate)?;
        }
        self.user.admit(operation, now, rate.saturating_mul(limits.user_factor))
    }

    /// Counts `count` operations without rejecting any; returns how long the next one has to wait.
    pub fn take(
        &self,
        operation: Operation,
        count: u32,
        now: Duration,
        limits: &Limits,
    ) -> Duration {
        let rate = operation.per_second(limits);
        let own = self.connection.as_ref();
        let own = own.map_or(Duration::ZERO, |own| own.take(operation, now, rate, count));
        own.max(self.user.take(operation, now, rate.saturating_mul(limits.user_factor), count))
    }

    /// Counts received bytes; returns how long the next message has to wait.
    pub fn take_bytes(&self, bytes: usize, now: Duration, limits: &Limits) -> Duration {
        let count = u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
        self.take(Operation::Kibibyte, count, now, limits)
    }

    /// Counts the creation of a channel, or rejects it if too many created channels still exist.
    pub fn make(&self, now: Duration, limits: &Limits) -> Result<Reservation, Rejection> {
        let made = |account: &Account| account.held(Resource::Channels);
        if self.connection.as_ref().is_some_and(|own| made(own) >= limits.made_channels) {
            return Err(Rejection::limit("this connection has made as many channels as it may"));
        }
        if made(&self.user) >= limits.user_made_channels {
            return Err(Rejection::limit("this user has made as many channels as one may"));
        }
        self.admit(Operation::Make, now, limits)?;
        Ok(Reservation::new(
            Resource::Channels,
            1,
            [self.connection.clone(), Some(Arc::clone(&self.user))],
        ))
    }
}

impl Reservation {
    /// Reserves an amount for each of the owners.
    #[must_use]
    pub fn new(resource: Resource, amount: usize, owners: [Option<Arc<Account>>; 2]) -> Self {
        for owner in owners.iter().flatten() {
            owner.held[resource as usize].fetch_add(amount, Ordering::Relaxed);
        }
        Self { resource, amount, owners }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        for owner in self.owners.iter().flatten() {
            owner.held[self.resource as usize].fetch_sub(self.amount, Ordering::Relaxed);
        }
    }
}

impl Accounts {
    /// The account of a user, or of an address where there is none.
    pub fn of(&self, user: Option<&str>, address: IpAddr) -> Arc<Account> {
        let identity = user.map_or(Identity::Address(address), |user| Identity::User(user.into()));
        Arc::clone(lock(&self.0).entry(identity).or_default())
    }

    /// Removes the accounts that are not in use, without reservations and recent operations.
    pub fn sweep(&self, now: Duration) {
        lock(&self.0).retain(|_, account| Arc::strong_count(account) > 1 || !account.is_idle(now));
    }

    /// How many accounts there are.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.0).len()
    }
}

/// Locks a mutex. Poisoning is ignored, because no code in this file panics while it has a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const NOW: Duration = Duration::from_secs(9);

    fn requester(accounts: &Accounts, user: &str) -> Requester {
        Requester {
            connection: Some(Arc::default()),
            user: accounts.of(Some(user), HERE),
            announced_ms: None,
        }
    }

    #[test]
    fn connection_and_user_rates_are_separate() {
        let limits = Limits { joins_per_second: 10, user_factor: 2, ..Limits::default() };
        let accounts = Accounts::default();
        let requesters = [(); 3].map(|()| requester(&accounts, "ann"));
        let joins = |requester: &Requester| {
            (0..99).filter(|_| requester.admit(Operation::Join, NOW, &limits).is_ok()).count()
        };
        assert_eq!(
            requesters.each_ref().map(joins),
            [10, 10, 0],
            "two connections' worth together"
        );
        assert_eq!(joins(&requester(&accounts, "bob")), 10);
        let rejection = requesters[0].admit(Operation::Join, NOW, &limits).expect_err("too many");
        assert_eq!((rejection.code, rejection.retryable), ("rate_limited", true));
        assert!(rejection.retry_after_ms.is_some_and(|ms| (1..=1_000).contains(&ms)));
    }

    #[test]
    fn created_channel_counts_until_it_is_removed() {
        let rates = Limits { made_channels_per_second: u32::MAX, ..Limits::default() };
        let limits = Limits { made_channels: 2, user_made_channels: 3, ..rates };
        let accounts = Accounts::default();
        let [first, second] = [(); 2].map(|()| requester(&accounts, "ann"));
        let one = first.make(NOW, &limits).expect("room");
        let _two = first.make(NOW, &limits).expect("room");
        assert_eq!(first.make(NOW, &limits).expect_err("full").code, "limit");
        let _three = second.make(NOW, &limits).expect("room");
        assert_eq!(second.make(NOW, &limits).expect_err("the user is full").code, "limit");
        drop(one);
        assert!(second.make(NOW, &limits).is_ok());
    }

    #[test]
    fn unused_idle_accounts_are_removed() {
        let accounts = Accounts::default();
        let limits = Limits::default();
        let ann = requester(&accounts, "ann");
        ann.admit(Operation::Auth, NOW, &limits).expect("room");
        accounts.sweep(NOW + Duration::from_secs(60));
        assert_eq!(accounts.count(), 1, "it is used");
        drop(ann);
        accounts.sweep(NOW);
        assert_eq!(accounts.count(), 1, "a new connection must not reset the rates");
        accounts.sweep(NOW + Duration::from_secs(60));
        assert_eq!(accounts.count(), 0);
    }
}
