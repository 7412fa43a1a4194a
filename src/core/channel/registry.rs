//! All channels of a client: their subscribers, joins and leaves.

use alloc::vec::Vec;

use super::channel::{Channel, Interest, Membership};
use super::holders::Holders;
use super::join_queue::JoinQueue;
use super::join_rate::NewToken;
use super::step::Step;
use super::subscription::SubscribeMode;
use super::table::ChannelTable;
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, Counter};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::risk::Risk;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, earliest, timer};

/// The channels of a client. It composes state machines that do not use each other.
#[derive(Debug)]
pub struct Registry<P> {
    pub(super) table: ChannelTable<P>,
    pub(super) holders: Holders,
    pub(super) queue: JoinQueue,
    pub(super) mode: SubscribeMode,
    /// The references of joins, leaves and recovery requests.
    pub(super) references: Counter,
    /// The numbers of contiguous runs of messages.
    pub(super) runs: Counter,
    /// Whether missing messages are requested in one channel at a time.
    pub(super) requests_in: RequestsIn,
    pub(super) steps: Vec<Step<P>>,
}

/// In how many channels missing messages are requested at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestsIn {
    /// In any number.
    AllChannels,
    /// In one: a frame of this connection could not be read, and the answer has to show of which
    /// channel it was.
    OneChannel,
}

impl<P> Default for Registry<P> {
    fn default() -> Self {
        Self {
            table: ChannelTable::default(),
            holders: Holders::default(),
            queue: JoinQueue::default(),
            mode: SubscribeMode::Disconnected,
            references: Counter::default(),
            runs: Counter::default(),
            requests_in: RequestsIn::AllChannels,
            steps: Vec::new(),
        }
    }
}

impl<P: Payload> Registry<P> {
    // ----- getters -----

    /// The channels, oldest first, without those being left.
    pub fn iter(&self) -> impl Iterator<Item = &Channel<P>> {
        self.table.in_use()
    }

    /// The id of the channel of this name, unless it is being left.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ChannelId> {
        self.table.find(name)
    }

    /// The same, if messages of it can arrive on this connection.
    #[must_use]
    pub fn find_member(&self, name: &str) -> Option<ChannelId> {
        self.find(name).filter(|id| self.get(*id).is_some_and(Channel::is_member))
    }

    /// Whether each message of the channel has to contain its position in the log.
    #[must_use]
    pub fn requires_position(&self, name: &str) -> bool {
        let channel = self.find(name).and_then(|id| self.get(id));
        channel.is_some_and(|channel| channel.position().is_some())
    }

    /// The channel of this id.
    #[must_use]
    pub fn get(&self, id: ChannelId) -> Option<&Channel<P>> {
        self.table.get(id)
    }

    /// Subscribers and handles together, and the channels that the outbox keeps open.
    #[must_use]
    pub const fn subscriber_count(&self) -> usize {
        self.holders.len()
    }

    /// Whether an idle persistent channel keeps an open connection.
    #[must_use]
    pub fn has_idle_persistent(&self) -> bool {
        let is_idle = |c: &Channel<P>| matches!(c.interest, Interest::IdlePersistent { .. });
        self.table.iter().any(is_idle)
    }

    /// Takes the steps since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step<P>> {
        core::mem::take(&mut self.steps)
    }

    /// When [`Registry::handle_timeout`] is due, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timer> {
        let connected = self.mode != SubscribeMode::Disconnected;
        let queued = self.queue.poll_timeout().filter(|_| connected);
        let queued = timer(queued, TimerReason::JoinRate);
        let channels = self.table.iter();
        channels.fold(queued, |due, channel| earliest(due, channel.poll_timeout(self.mode)))
    }

    // ----- the connection -----

    /// Messages can be exchanged; joins begin.
    pub fn connected(&mut self, env: &mut Env, mode: SubscribeMode) {
        self.mode = mode;
        self.queue.rate.token_replaced(NewToken::Fetched);
        for channel in self.table.iter_mut() {
            // Another connection can have another token.
            let unauthorized =
                channel.error.as_ref().is_some_and(|error| error.code == Code::Unauthorized);
            let again = |at| channel.risk == Risk::None || env.now >= at;
            match channel.membership {
                Membership::Failed { retry_at } if retry_at.map_or(unauthorized, again) => {
                    channel.membership = Membership::Absent;
                }
                _ => {}
            }
        }
        self.pump(env);
    }

    /// The connection is gone: so are all memberships.
    pub fn disconnected(&mut self, now: Instant, config: &Config) {
        self.mode = SubscribeMode::Disconnected;
        self.requests_in = RequestsIn::AllChannels;
        let mut changed = Vec::new();
        for channel in self.table.iter_mut() {
            let before = channel.state();
            channel.inbox.disconnected();
            channel.note_membership(now, config.reconnect_reset_ms);
            if !matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
            }
            if channel.interest != Interest::None && channel.state() != before {
                changed.push(channel.id);
            }
        }
        self.table.retain(|channel| channel.interest != Interest::None);
        for id in changed {
            self.emit_state(id, Reason::ConnectionDown);
        }
    }

    /// No channel can be joined until [`Registry::unblock_joins`]: those that are not joined fail
    /// with the error, and so does each that is added meanwhile.
    pub fn block_joins(&mut self, reason: Reason, error: &Error) {
        self.queue.block(reason, error.clone());
        let mut failed = Vec::new();
        for channel in self.table.iter_mut() {
            if matches!(channel.membership, Membership::Absent | Membership::Failed { .. })
                && channel.interest != Interest::None
            {
                channel.membership = Membership::Failed { retry_at: None };
                channel.error = Some(error.clone().with_channel(&channel.name));
                failed.push(channel.id);
            }
        }
        for id in failed {
            self.emit_state(id, reason);
        }
    }

    /// Channels can be joined again.
    pub fn unblock_joins(&mut self) {
        if !self.queue.unblock() {
            return;
        }
        let mut freed = Vec::new();
        for channel in self.table.iter_mut() {
            if matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
                channel.error = None;
                freed.push(channel.id);
            }
        }
        for id in freed {
            self.emit_state(id, Reason::Joining);
        }
    }

    /// With another token rejected joins are retried, including permanently rejected ones.
    pub fn retry_failed(&mut self, env: &mut Env, token: NewToken) {
        self.queue.rate.token_replaced(token);
        self.unblock_joins();
        for channel in self.table.iter_mut() {
            if matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
            }
        }
        self.pump(env);
    }

    /// A message was written to the socket.
    pub fn sent(&mut self, now: Instant, name: &str) {
        if let Some(id) = self.find(name)
            && let Some(channel) = self.table.get_mut(id)
        {
            channel.stats.sent += 1;
            channel.stats.last_accessed_at = now;
        }
    }

    // ----- time -----

    /// Extends the deadlines of answers by the time in which the page slept.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for channel in self.table.iter_mut() {
            channel.inbox.extend_deadlines(slept_ms);
            if let Membership::Joining { deadline, .. } = &mut channel.membership {
                *deadline = *deadline + slept_ms;
            }
        }
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        let mut leave = Vec::new();
        let mut overdue = Vec::new();
        for channel in self.table.iter_mut() {
            match channel.interest {
                Interest::Lingering { until } if env.now >= until => {
                    leave.push((channel.id, Reason::Released));
                    continue;
                }
                Interest::IdlePersistent { evict_at } if env.now >= evict_at => {
                    leave.push((channel.id, Reason::IdleExpired));
                    continue;
                }
                _ => {}
            }
            match channel.membership {
                Membership::Joining { deadline, .. } if env.now >= deadline => {
                    overdue.push(channel.id);
                }
                Membership::Failed { retry_at: Some(at) } if env.now >= at => {
                    channel.membership = Membership::Absent;
                }
                _ => {}
            }
        }
        for (id, reason) in leave {
            self.leave(env, id, reason);
        }
        for id in overdue {
            if let Some(channel) = self.get(id).filter(|_| self.mode == SubscribeMode::MembersOnly)
            {
                // The server may still confirm the join.
                let channel = channel.name.clone();
                let reference = self.references.next();
                self.steps.push(Step::Leave { channel, reference });
            }
            self.fail(env, id, Reason::JoinTimeout, Error::new(Code::JoinTimeout));
        }
        self.table
            .retain(|c| !matches!(c.membership, Membership::Leaving { until } if env.now >= until));
        self.request_missing(env);
        self.pump(env);
    }

    pub(super) fn emit_state(&mut self, id: ChannelId, reason: Reason) {
        let Some(channel) = self.table.get(id) else { return };
        let (state, continuity) = (channel.state(), channel.continuity());
        self.steps.push(Step::Changed(id, state, continuity, reason, channel.error.clone()));
    }
}
