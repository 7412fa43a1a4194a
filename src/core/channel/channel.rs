//! A channel: its membership, and what is wanted of it.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::filters::SubscriberParams;
use super::inbox::Inbox;
use super::join_queue::JoinPriority;
use super::stats::Stats;
use super::subscription::SubscribeMode;
use crate::core::backoff::Backoff;
use crate::core::error::Error;
use crate::core::id::ChannelId;
use crate::core::message::StreamPosition;
use crate::core::risk::Risk;
use crate::core::state::{ChannelState, Continuity};
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, earliest, timer};

/// What the server has of a channel.
#[derive(Debug, Clone)]
pub enum Membership {
    /// Nothing; it is joined when its turn comes.
    Absent,
    /// The join was sent.
    Joining {
        /// The reference the answer bears.
        reference: u32,
        /// When the answer is overdue.
        deadline: Instant,
        /// Whether a membership on this connection is in force until then.
        member: bool,
    },
    /// We are in. On a base server: messages flow.
    Joined {
        /// The reference of the membership; `None` on a base server.
        reference: Option<u32>,
        /// Whether what was asked for flows.
        live_status: LiveStatus,
    },
    /// The leave was sent; nobody wants the channel.
    Leaving {
        /// When the record is dropped without an answer.
        until: Instant,
    },
    /// The server refused.
    Failed {
        /// When it is tried again; `None` is never.
        retry_at: Option<Instant>,
    },
}

/// Whether what was asked of a channel flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// It does.
    Live,
    /// The server has yet to say so (Supabase: its subscription at the database).
    Pending,
    /// It did, and the server said that it no longer does.
    Lost,
}

/// What we want of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// It has subscribers.
    Subscribed,
    /// The last subscriber just left; it may come back.
    Lingering {
        /// When the channel is left.
        until: Instant,
    },
    /// Persistent and idle.
    IdlePersistent {
        /// When the channel is left.
        evict_at: Instant,
    },
    /// It is being left.
    None,
}

/// A channel with all that is known of it.
#[derive(Debug)]
pub struct Channel<P> {
    pub(super) id: ChannelId,
    pub(super) name: Rc<str>,
    pub(super) membership: Membership,
    pub(super) interest: Interest,
    pub(super) subscribers: u32,
    pub(super) idle_ttl_ms: Option<u64>,
    /// What its subscribers want it to be joined with. What the last one of them wanted stays.
    pub(super) params: Vec<SubscriberParams<P>>,
    /// When the membership began, while there is one.
    pub(super) in_since: Option<Instant>,
    /// When it was in last, for sure.
    pub(super) left_at: Option<Instant>,
    /// What it was joined with last.
    pub(super) joined_params: Option<P>,
    /// The filters among that.
    pub(super) joined_filters: Vec<P>,
    /// What the server's app answered to the last join (Phoenix).
    pub(super) reply: Option<P>,
    pub(super) dedup_key: Option<P>,
    pub(super) error: Option<Error>,
    pub(super) backoff: Backoff,
    /// Its messages.
    pub(super) inbox: Inbox<P>,
    pub(super) stats: Stats,
    /// What losses of connections indicate about its joins.
    pub(super) risk: Risk,
    /// Its position at the last of these losses.
    pub(super) lost_at: Option<StreamPosition>,
}

impl<P> Channel<P> {
    /// A channel that was just subscribed to.
    pub(super) fn new(id: ChannelId, name: Rc<str>, now: Instant) -> Self {
        Self {
            id,
            name,
            membership: Membership::Absent,
            interest: Interest::Subscribed,
            subscribers: 0,
            idle_ttl_ms: None,
            params: Vec::new(),
            joined_params: None,
            joined_filters: Vec::new(),
            in_since: None,
            reply: None,
            left_at: None,
            dedup_key: None,
            error: None,
            backoff: Backoff::default(),
            inbox: Inbox::default(),
            stats: Stats::new(now),
            risk: Risk::None,
            lost_at: None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &Rc<str> {
        &self.name
    }

    /// Its subscribers and handles.
    #[must_use]
    pub const fn subscribers(&self) -> u32 {
        self.subscribers
    }

    /// Whether anything was missed.
    #[must_use]
    pub const fn continuity(&self) -> Continuity {
        self.inbox.continuity()
    }

    /// What is wrong, since it was joined last.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Why it failed, if it did for good.
    #[must_use]
    pub fn failure(&self) -> Option<&Error> {
        self.error().filter(|_| self.state() == ChannelState::Failed)
    }

    /// Whether the server has confirmed its membership.
    pub(super) const fn is_joined(&self) -> bool {
        matches!(self.membership, Membership::Joined { .. })
    }

    /// Whether messages of it can come.
    pub(super) const fn is_member(&self) -> bool {
        matches!(
            self.membership,
            Membership::Joined { .. } | Membership::Joining { member: true, .. }
        )
    }

    /// Whether the server owes it an answer, or what it missed.
    pub(super) fn is_requesting(&self) -> bool {
        match self.membership {
            Membership::Joining { .. } => true,
            Membership::Joined { .. } => self.inbox.poll_timeout().is_some(),
            _ => false,
        }
    }

    /// What gives its messages their ids where the wire does not.
    #[must_use]
    pub const fn dedup_key(&self) -> Option<&P> {
        self.dedup_key.as_ref()
    }

    /// The last message delivered, where messages have places.
    #[must_use]
    pub const fn place(&self) -> Option<&StreamPosition> {
        self.inbox.position()
    }

    /// Its counters.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Its state, as the app sees it.
    #[must_use]
    pub fn state(&self) -> ChannelState {
        match (&self.membership, self.interest) {
            (_, Interest::None) | (Membership::Leaving { .. }, _) => ChannelState::Left,
            (Membership::Joined { live_status: LiveStatus::Live, .. }, _)
                if self.inbox.is_caught_up() =>
            {
                ChannelState::Ready
            }
            (Membership::Joined { .. }, _) => ChannelState::Joined,
            (Membership::Failed { retry_at: None }, _) => ChannelState::Failed,
            _ => ChannelState::Joining,
        }
    }

    /// The membership ends, if there is one: it was in until now. If it lasted long enough,
    /// earlier failures are forgotten; returns whether it did.
    pub(super) fn note_membership(&mut self, now: Instant, reset_ms: u64) -> bool {
        let Some(since) = self.in_since.take() else { return false };
        self.left_at = Some(now);
        let lasted = now.duration_since(since) >= reset_ms;
        if lasted {
            self.backoff.reset();
        }
        lasted
    }

    /// With which priority it waits to be joined, if it does. `stall_ms`: how long a rejected join
    /// delays everything else on its connection.
    pub(super) fn join_priority(&self, stall_ms: Option<u64>) -> Option<JoinPriority> {
        if !matches!(self.membership, Membership::Absent) {
            return None;
        }
        let is_suspect =
            self.risk == Risk::Isolated || stall_ms.is_some() && self.backoff.failures() > 0;
        match (self.interest, is_suspect) {
            (Interest::Subscribed, false) => Some(JoinPriority::Subscribed),
            (Interest::Subscribed, true) => Some(JoinPriority::SuspectSubscribed),
            (Interest::IdlePersistent { .. }, false) => Some(JoinPriority::Idle),
            (Interest::IdlePersistent { .. }, true) => Some(JoinPriority::SuspectIdle),
            (Interest::Lingering { .. } | Interest::None, _) => None,
        }
    }

    /// When its interest or its membership has something due.
    pub(super) fn poll_timeout(&self, mode: SubscribeMode) -> Option<Timer> {
        let interest = match self.interest {
            Interest::Lingering { until } => timer(Some(until), TimerReason::ChannelLinger),
            Interest::IdlePersistent { evict_at } => {
                timer(Some(evict_at), TimerReason::IdleEviction)
            }
            Interest::Subscribed | Interest::None => None,
        };
        let membership = match self.membership {
            Membership::Joining { deadline, .. } => timer(Some(deadline), TimerReason::Join),
            Membership::Leaving { until } => timer(Some(until), TimerReason::Leave),
            Membership::Failed { retry_at } if mode != SubscribeMode::Disconnected => {
                timer(retry_at, TimerReason::Rejoin)
            }
            Membership::Joined { .. } => {
                timer(self.inbox.poll_timeout(), TimerReason::MissingMessages)
            }
            Membership::Absent | Membership::Failed { .. } => None,
        };
        earliest(interest, membership)
    }

    /// What its subscribers want it to be joined with.
    pub(super) fn wanted_params(&self) -> impl DoubleEndedIterator<Item = &P> {
        self.params.iter().map(|wanted| &wanted.params)
    }

    /// Whether what was asked for flows, as far as the server says such things.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !matches!(
            self.membership,
            Membership::Joined { live_status: LiveStatus::Pending | LiveStatus::Lost, .. }
        )
    }

    /// Nobody uses it, though it may still be joined.
    pub(super) const fn is_idle(&self) -> bool {
        self.subscribers == 0
    }
}
