//! Delivery: what a channel's inbox releases is counted and emitted as steps.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::channel::{Channel, LiveStatus, Membership};
use super::inbox::{Beginning, InboxAction, InboxLimits};
use super::reorder::Released;
use super::step::Step;
use super::step_queue::StepQueue;
use crate::core::env::Env;
use crate::core::message::{Completeness, Gap, JoinReply, Message, StreamPosition};
use crate::core::reason::Reason;
use crate::core::state::Continuity;

/// Whether a channel has to be joined again from its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Rejoin {
    Needed,
    NotNeeded,
}

/// One channel, and the queue that receives its steps.
#[derive(Debug)]
pub(super) struct Delivery<'a, P> {
    pub(super) channel: &'a mut Channel<P>,
    pub(super) out: &'a mut StepQueue<P>,
}

impl<P> Delivery<'_, P> {
    /// The same view, borrowed for one call.
    const fn by_ref(&mut self) -> Delivery<'_, P> {
        Delivery { channel: self.channel, out: self.out }
    }

    /// Begins a membership: delivers what was buffered before it, then emits the state and the gap,
    /// then delivers what follows the new position.
    pub(super) fn begin(
        mut self,
        env: &Env,
        reference: Option<u32>,
        start: Option<&JoinReply>,
        live_status: LiveStatus,
    ) {
        let timeout_ms = env.config.join_timeout_ms;
        self.channel.membership = Membership::Joined { reference, live_status };
        self.channel.in_since = Some(env.now);
        self.channel.error = None;
        self.channel.stats.joins += 1;
        let Beginning { before, gap, after } =
            self.channel.inbox.begin(env.now, start, timeout_ms, &mut self.out.runs);
        self.by_ref().deliver(env, before);
        self.out.state(self.channel, Reason::Joined);
        if let Some(gap) = gap {
            self.out.gap(self.channel, gap);
        }
        self.by_ref().deliver(env, after);
    }

    /// Receives a message with its position, `None` if it cannot be delivered.
    pub(super) fn receive(
        mut self,
        env: &Env,
        position: &StreamPosition,
        message: Option<Box<Message<P>>>,
    ) -> Rejoin {
        let limits =
            InboxLimits { reorder: env.config.reorder, timeout_ms: env.config.join_timeout_ms };
        let mut ready = Vec::new();
        let action = self.channel.inbox.receive(env.now, position, message, limits, &mut ready);
        self.by_ref().apply(env, action, ready)
    }

    /// Applies the answer to a request for missing messages.
    pub(super) fn recovered(
        mut self,
        env: &Env,
        reference: u32,
        completeness: Completeness,
    ) -> Rejoin {
        let mut ready = Vec::new();
        let action = self.channel.inbox.recovered(env.now, reference, completeness, &mut ready);
        self.by_ref().apply(env, action, ready)
    }

    /// Delivers the released messages, then performs the action.
    fn apply(mut self, env: &Env, action: InboxAction, ready: Vec<Released<P>>) -> Rejoin {
        self.by_ref().deliver(env, ready);
        match action {
            InboxAction::None => {}
            InboxAction::CaughtUp => self.out.state(self.channel, Reason::Recovered),
            InboxAction::Repeated => self.by_ref().repeated(),
            InboxAction::Rejoin => return Rejoin::Needed,
        }
        Rejoin::NotNeeded
    }

    /// Delivers messages, and reports the lost ones between them.
    pub(super) fn deliver(mut self, env: &Env, released: Vec<Released<P>>) {
        for released in released {
            match released {
                Released::Lost(gap) => self.by_ref().skip(Continuity::Gap, gap),
                Released::Message(message) => {
                    let stats = &mut self.channel.stats;
                    stats.received += 1;
                    stats.recovered += u64::from(message.recovered);
                    stats.last_accessed_at = env.now;
                    self.out.push(Step::Deliver(self.channel.id, message));
                }
            }
        }
    }

    /// Counts and reports a message that was received again.
    pub(super) fn repeated(self) {
        self.channel.stats.duplicates += 1;
        self.out.push(Step::Repeated);
    }

    /// Begins a new run of messages after lost ones, and emits the state and the gap.
    pub(super) fn skip(self, continuity: Continuity, gap: Gap) {
        self.channel.inbox.lost(continuity, &mut self.out.runs);
        self.out.state(self.channel, Reason::PassedOver);
        self.out.gap(self.channel, gap);
    }

    /// Drops the position, if there is one, and reports the gap. Returns whether there was one.
    pub(super) fn give_up(mut self, env: &Env) -> bool {
        let mut ready = Vec::new();
        let gap = self.channel.inbox.give_up(&mut ready);
        self.by_ref().lose(env, ready, gap)
    }

    /// Prepares another join for missing messages; after too many of them, the position is dropped
    /// and the gap reported.
    pub(super) fn rejoin(mut self, env: &Env) {
        let mut ready = Vec::new();
        let gap = self.channel.inbox.rejoin(&mut ready);
        self.by_ref().lose(env, ready, gap);
    }

    fn lose(mut self, env: &Env, ready: Vec<Released<P>>, gap: Option<Gap>) -> bool {
        self.by_ref().deliver(env, ready);
        let is_lost = gap.is_some();
        if let Some(gap) = gap {
            self.out.gap(self.channel, gap);
        }
        is_lost
    }
}

#[cfg(test)]
mod tests {
    use super::super::channel::{Channel, LiveStatus};
    use super::super::step::Step;
    use super::super::step_queue::StepQueue;
    use super::{Delivery, Rejoin};
    use crate::core::config::Config;
    use crate::core::env::Env;
    use crate::core::id::ChannelId;
    use crate::core::message::{JoinReply, Message, StreamPosition};
    use crate::core::rng::Rng;
    use crate::core::time::Instant;

    const NOW: Instant = Instant::from_ms(5);

    struct Harness {
        channel: Channel<u8>,
        out: StepQueue<u8>,
        env: Env,
    }

    impl Harness {
        /// A channel that is joined at this position.
        fn joined_at(seq: u64) -> Self {
            let channel = Channel::new(ChannelId(1), "notes".into(), NOW);
            let env = Env { now: NOW, config: Config::default(), rng: Rng::new(1) };
            let mut harness = Self { channel, out: StepQueue::default(), env };
            let reply = JoinReply { position: position("a", seq), head: seq, recovered: false };
            harness.call(|delivery, env| {
                delivery.begin(env, Some(1), Some(&reply), LiveStatus::Live);
            });
            harness.out.take();
            harness
        }

        fn call<R>(&mut self, call: impl FnOnce(Delivery<'_, u8>, &Env) -> R) -> R {
            call(Delivery { channel: &mut self.channel, out: &mut self.out }, &self.env)
        }

        fn receive(&mut self, epoch: &str, seq: u64) -> Rejoin {
            let message = Box::new(Message::plain(None, 0));
            self.call(|delivery, env| delivery.receive(env, &position(epoch, seq), Some(message)))
        }

        /// The names of the steps since the last call.
        fn steps(&mut self) -> Vec<&'static str> {
            let name = |step| match step {
                Step::Deliver(..) => "deliver",
                Step::Repeated => "repeated",
                Step::Gap(..) => "gap",
                Step::Changed(..) => "state",
                _ => "other",
            };
            self.out.take().into_iter().map(name).collect()
        }
    }

    fn position(epoch: &str, seq: u64) -> StreamPosition {
        StreamPosition { epoch: epoch.into(), seq }
    }

    #[test]
    fn messages_are_delivered_once_and_counted() {
        let mut harness = Harness::joined_at(3);
        for seq in [4, 5, 5] {
            assert_eq!(harness.receive("a", seq), Rejoin::NotNeeded);
        }
        assert_eq!(harness.steps(), ["deliver", "deliver", "repeated"]);
        let stats = harness.channel.stats();
        assert_eq!((stats.received, stats.duplicates, stats.gaps), (2, 1, 0));
    }

    #[test]
    fn message_of_another_epoch_needs_a_rejoin() {
        let mut harness = Harness::joined_at(3);
        assert_eq!(harness.receive("b", 1), Rejoin::Needed);
        assert!(harness.steps().is_empty());
    }

    #[test]
    fn position_that_is_given_up_delivers_what_was_buffered_and_reports_one_gap() {
        let mut harness = Harness::joined_at(3);
        assert_eq!(harness.receive("a", 6), Rejoin::NotNeeded);
        assert!(harness.steps().is_empty(), "messages before it are missing");
        assert!(harness.call(|delivery, env| delivery.give_up(env)));
        assert!(harness.steps().contains(&"gap"));
        assert!(!harness.call(|delivery, env| delivery.give_up(env)), "there is no position");
        assert!(harness.steps().is_empty());
    }
}
