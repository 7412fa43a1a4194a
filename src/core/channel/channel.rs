//! A channel: its membership at the server, and the app's interest in it.

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

/// The membership of the client in a channel, at the server.
#[derive(Debug, Clone)]
pub enum Membership {
    /// No membership; the join is queued.
    Absent,
    /// The join was sent.
    Joining {
        /// The reference of the answer.
        reference: u32,
        /// When the answer is overdue.
        deadline: Instant,
        /// Whether a membership on this connection is valid until then.
        member: bool,
    },
    /// Joined. On a base server: messages are received.
    Joined {
        /// The reference of the membership; `None` on a base server.
        reference: Option<u32>,
        /// Whether the requested subscription is live.
        live_status: LiveStatus,
    },
    /// The leave was sent; the channel has no subscriber.
    Leaving {
        /// When the record is dropped without an answer.
        until: Instant,
    },
    /// The server rejected the join, or ended the membership.
    Failed {
        /// When the join is retried; `None` is never.
        retry_at: Option<Instant>,
    },
}

/// Whether the requested subscription of a channel is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// It is live.
    Live,
    /// The server has not reported it yet (Supabase: the database subscription).
    Pending,
    /// It was live, and the server reported that it no longer is.
    Lost,
}

/// The app's interest in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// It has subscribers.
    Subscribed,
    /// The last subscriber has just left; another one may follow.
    Lingering {
        /// When the channel is left.
        until: Instant,
    },
    /// Persistent and idle.
    IdlePersistent {
        /// When the channel is left.
        evict_at: Instant,
    },
    /// None: the channel is being left.
    None,
}

/// The state of a channel.
#[derive(Debug)]
pub struct Channel<P> {
    pub(super) id: ChannelId,
    pub(super) name: Rc<str>,
    pub(super) membership: Membership,
    pub(super) interest: Interest,
    pub(super) subscribers: u32,
    pub(super) idle_ttl_ms: Option<u64>,
    /// The parameters of its subscribers. Those of the last subscriber stay after it has left.
    pub(super) params: Vec<SubscriberParams<P>>,
    /// When the membership began, while there is one.
    pub(super) in_since: Option<Instant>,
    /// When the last membership ended: the client was certainly joined until then.
    pub(super) left_at: Option<Instant>,
    /// The parameters of the last join.
    pub(super) joined_params: Option<P>,
    /// The filters in these parameters.
    pub(super) joined_filters: Vec<P>,
    /// The server application's reply to the last join (Phoenix).
    pub(super) reply: Option<P>,
    pub(super) dedup_key: Option<P>,
    pub(super) error: Option<Error>,
    pub(super) backoff: Backoff,
    /// The receiving side: position, order, missing messages.
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

    /// Whether messages were missed at the last join or since.
    #[must_use]
    pub const fn continuity(&self) -> Continuity {
        self.inbox.continuity()
    }

    /// The error since the last join.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The error with which it failed, if permanently.
    #[must_use]
    pub fn failure(&self) -> Option<&Error> {
        self.error().filter(|_| self.state() == ChannelState::Failed)
    }

    /// Whether the server has confirmed its membership.
    pub(super) const fn is_joined(&self) -> bool {
        matches!(self.membership, Membership::Joined { .. })
    }

    /// Whether the server may send messages of it.
    pub(super) const fn is_member(&self) -> bool {
        matches!(
            self.membership,
            Membership::Joined { .. } | Membership::Joining { member: true, .. }
        )
    }

    /// Whether an answer of the server, or missed messages, are pending.
    pub(super) fn is_requesting(&self) -> bool {
        match self.membership {
            Membership::Joining { .. } => true,
            Membership::Joined { .. } => self.inbox.poll_timeout().is_some(),
            _ => false,
        }
    }

    /// The function that derives ids of messages, where the protocol has none.
    #[must_use]
    pub const fn dedup_key(&self) -> Option<&P> {
        self.dedup_key.as_ref()
    }

    /// The position of the last message delivered, where messages have positions.
    #[must_use]
    pub const fn position(&self) -> Option<&StreamPosition> {
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

    /// Ends the membership, if there is one. If it lasted long enough, the failure count is reset;
    /// returns whether it was.
    pub(super) fn note_membership(&mut self, now: Instant, reset_ms: u64) -> bool {
        let Some(since) = self.in_since.take() else { return false };
        self.left_at = Some(now);
        let lasted = now.duration_since(since) >= reset_ms;
        if lasted {
            self.backoff.reset();
        }
        lasted
    }

    /// The priority of its queued join, if any. `stall_ms`: how long a rejected join
    /// delays everything else on its connection.
    pub(super) fn join_priority(&self, stall_ms: Option<u64>) -> Option<JoinPriority> {
        if !matches!(self.membership, Membership::Absent) {
            return None;
        }
        let is_isolated =
            self.risk == Risk::Isolated || stall_ms.is_some() && self.backoff.failures() > 0;
        match (self.interest, is_isolated) {
            (Interest::Subscribed, false) => Some(JoinPriority::Subscribed),
            (Interest::Subscribed, true) => Some(JoinPriority::IsolatedSubscribed),
            (Interest::IdlePersistent { .. }, false) => Some(JoinPriority::Idle),
            (Interest::IdlePersistent { .. }, true) => Some(JoinPriority::IsolatedIdle),
            (Interest::Lingering { .. } | Interest::None, _) => None,
        }
    }

    /// The next deadline of its interest or its membership.
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

    /// The parameters of its subscribers.
    pub(super) fn wanted_params(&self) -> impl DoubleEndedIterator<Item = &P> {
        self.params.iter().map(|wanted| &wanted.params)
    }

    /// Whether the requested subscription is live, as far as the server reports it.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !matches!(
            self.membership,
            Membership::Joined { live_status: LiveStatus::Pending | LiveStatus::Lost, .. }
        )
    }

    /// Whether it has no subscriber. It may still be joined.
    pub(super) const fn is_idle(&self) -> bool {
        self.subscribers == 0
    }
}
