use super::{Inbox, InboxAction, InboxLimits};
use crate::core::channel::recovery::{Due, HOLE_MS};
use crate::core::channel::reorder::Released;
use crate::core::id::Counter;
use crate::core::message::Completeness::{Complete, Partial};
use crate::core::message::{Gap, JoinReply, Message, StreamPosition};
use crate::core::state::Continuity;
use crate::core::time::Instant;

const LIMITS: InboxLimits = InboxLimits { reorder: 3, timeout_ms: 10_000 };

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

fn position(epoch: &str, seq: u64) -> StreamPosition {
    StreamPosition { epoch: epoch.into(), seq }
}

fn gap(from: u64, to: u64) -> Gap {
    Gap { from: Some(from), to: Some(to), epoch: Some("a".into()) }
}

/// A released item, reduced to the payload or the gap.
#[derive(Debug, PartialEq, Eq)]
enum Out {
    Message(u64),
    Recovered(u64),
    Lost(Gap),
}

fn out(released: Vec<Released<u64>>) -> Vec<Out> {
    let out = |released| match released {
        Released::Message(message) if message.recovered => Out::Recovered(message.payload),
        Released::Message(message) => Out::Message(message.payload),
        Released::Lost(gap) => Out::Lost(gap),
    };
    released.into_iter().map(out).collect()
}

struct Channel {
    inbox: Inbox<u64>,
    runs: Counter,
}

impl Channel {
    /// A channel that was joined in epoch `a` after this message, with nothing missed.
    fn joined(seq: u64) -> Self {
        let mut channel = Self { inbox: Inbox::default(), runs: Counter::default() };
        channel.begin("a", seq, seq, false);
        channel
    }

    fn begin(&mut self, epoch: &str, seq: u64, head: u64, recovered: bool) -> Vec<Out> {
        let reply = JoinReply { position: position(epoch, seq), head, recovered };
        let begun = self.inbox.begin(at(0), Some(&reply), LIMITS.timeout_ms, &mut self.runs);
        let mut all = out(begun.before);
        all.extend(begun.gap.map(Out::Lost));
        all.extend(out(begun.after));
        all
    }

    fn receive(&mut self, now: u64, seq: u64) -> (InboxAction, Vec<Out>) {
        let mut ready = Vec::new();
        let message = Some(Box::new(Message::plain(None, seq)));
        let action = self.inbox.receive(at(now), &position("a", seq), message, LIMITS, &mut ready);
        (action, out(ready))
    }
}

#[test]
fn messages_are_delivered_once_in_order() {
    let mut channel = Channel::joined(5);
    assert_eq!(channel.receive(0, 6), (InboxAction::None, vec![Out::Message(6)]));
    assert_eq!(channel.receive(0, 6), (InboxAction::Repeated, vec![]));
    assert_eq!(channel.receive(0, 8), (InboxAction::None, vec![]));
    assert_eq!(channel.receive(0, 8), (InboxAction::Repeated, vec![]));
    let both = vec![Out::Message(7), Out::Message(8)];
    assert_eq!(channel.receive(0, 7), (InboxAction::None, both));
    assert_eq!(channel.inbox.poll_timeout(), None);
}

#[test]
fn missing_messages_are_requested_and_marked_as_recovered() {
    let mut channel = Channel::joined(5);
    channel.receive(100, 8);
    assert_eq!(channel.inbox.due(at(100 + HOLE_MS)), Some(Due::Request));
    let hole = channel.inbox.hole().expect("a hole");
    assert_eq!((hole.behind, hole.to), (position("a", 5), 7));
    channel.inbox.requested(1, at(10_100));
    assert_eq!(channel.receive(200, 6), (InboxAction::None, vec![Out::Recovered(6)]));
    assert_eq!(channel.inbox.poll_timeout(), Some(at(10_200)));
    let rest = vec![Out::Recovered(7), Out::Message(8)];
    assert_eq!(channel.receive(300, 7), (InboxAction::None, rest));
    assert_eq!(channel.inbox.poll_timeout(), None);
}

#[test]
fn recovered_join_ends_after_the_missed_messages() {
    let mut channel = Channel::joined(5);
    assert_eq!(channel.begin("a", 5, 7, true), vec![]);
    assert_eq!(channel.inbox.continuity(), Continuity::Recovered);
    assert!(!channel.inbox.is_caught_up());
    assert_eq!(channel.receive(0, 6), (InboxAction::None, vec![Out::Recovered(6)]));
    assert_eq!(channel.receive(0, 7), (InboxAction::CaughtUp, vec![Out::Recovered(7)]));
    assert_eq!(channel.receive(0, 8), (InboxAction::None, vec![Out::Message(8)]));
}

#[test]
fn contiguous_run_continues_only_if_nothing_was_lost() {
    let mut channel = Channel::joined(5);
    let first = channel.inbox.run();
    channel.begin("a", 5, 5, true);
    assert_eq!(channel.inbox.run(), first);
    assert_eq!(channel.begin("a", 9, 9, false), vec![Out::Lost(gap(6, 9))]);
    assert_eq!(channel.inbox.continuity(), Continuity::Gap);
    assert_ne!(channel.inbox.run(), first);
}

#[test]
fn buffered_messages_of_the_former_epoch_are_delivered_before_another_epoch() {
    let mut channel = Channel::joined(5);
    channel.receive(0, 8);
    let mut ready = Vec::new();
    let message = Some(Box::new(Message::plain(None, 1)));
    let action = channel.inbox.receive(at(0), &position("b", 1), message, LIMITS, &mut ready);
    assert_eq!((action, ready.len()), (InboxAction::Rejoin, 0));
    let lost = Gap { from: None, to: Some(1), epoch: Some("b".into()) };
    assert_eq!(channel.begin("b", 1, 1, false), vec![Out::Message(8), Out::Lost(lost)]);
}

#[test]
fn full_buffer_causes_a_rejoin_unless_a_recovery_is_pending() {
    let mut channel = Channel::joined(0);
    for seq in [3, 4, 5] {
        assert_eq!(channel.receive(0, seq).0, InboxAction::None);
    }
    assert_eq!(channel.receive(0, 6).0, InboxAction::Rejoin);
    channel.inbox.requested(1, at(10_000));
    assert_eq!(channel.receive(0, 6).0, InboxAction::None);
}

#[test]
fn recovery_skips_as_many_messages_as_were_unreadable() {
    let mut channel = Channel::joined(5);
    channel.receive(0, 7);
    channel.inbox.requested(1, at(10_000));
    channel.inbox.unusable_received(at(10));
    let mut ready = Vec::new();
    let action = channel.inbox.recovered(at(20), 1, Complete, &mut ready);
    assert_eq!(action, InboxAction::None);
    assert_eq!(out(ready), [Out::Lost(gap(6, 6)), Out::Message(7)]);
}

#[test]
fn messages_missing_from_a_recovery_are_requested_again_and_then_cause_a_rejoin() {
    let mut channel = Channel::joined(5);
    channel.receive(0, 7);
    let mut ready = Vec::new();
    for reference in 0..2 {
        channel.inbox.requested(reference, at(10_000));
        let action = channel.inbox.recovered(at(20), reference, Complete, &mut ready);
        assert_eq!(action, InboxAction::None);
        assert_eq!(channel.inbox.poll_timeout(), Some(at(20 + HOLE_MS)));
    }
    channel.inbox.requested(2, at(10_000));
    assert_eq!(channel.inbox.recovered(at(20), 2, Complete, &mut ready), InboxAction::Rejoin);
    channel.inbox.requested(3, at(10_000));
    assert_eq!(channel.inbox.recovered(at(20), 3, Partial, &mut ready), InboxAction::Rejoin);
}

#[test]
fn messages_that_no_join_recovers_become_a_gap() {
    let mut channel = Channel::joined(5);
    channel.receive(0, 7);
    let mut ready = Vec::new();
    for _ in 0..3 {
        assert_eq!(channel.inbox.rejoin(&mut ready), None);
    }
    let lost = Gap { from: Some(6), to: None, epoch: Some("a".into()) };
    assert_eq!(channel.inbox.rejoin(&mut ready), Some(lost));
    assert_eq!(out(ready), [Out::Message(7)]);
    assert_eq!(channel.inbox.position(), None);
    assert_eq!(channel.begin("a", 20, 20, false), vec![]);
    assert_eq!(channel.inbox.continuity(), Continuity::Gap);
}

#[test]
fn unreadable_message_becomes_a_gap_in_order() {
    let mut channel = Channel::joined(5);
    let mut ready = Vec::new();
    let action = channel.inbox.receive(at(0), &position("a", 6), None, LIMITS, &mut ready);
    assert_eq!((action, out(ready)), (InboxAction::None, vec![Out::Lost(gap(6, 6))]));
}

#[test]
fn head_of_the_log_reveals_missing_messages() {
    let mut channel = Channel::joined(5);
    assert_eq!(channel.inbox.head_received(at(0), &position("a", 5)), InboxAction::None);
    assert_eq!(channel.inbox.poll_timeout(), None);
    assert_eq!(channel.inbox.head_received(at(0), &position("a", 7)), InboxAction::None);
    assert_eq!(channel.inbox.due(at(HOLE_MS)), Some(Due::Request));
    assert_eq!(channel.inbox.head_received(at(0), &position("b", 1)), InboxAction::Rejoin);
}

#[test]
fn messages_without_positions_are_delivered_on_arrival() {
    let mut inbox = Inbox::<u64>::default();
    let mut runs = Counter::default();
    let begun = inbox.begin(at(0), None, LIMITS.timeout_ms, &mut runs);
    assert_eq!((begun.gap, inbox.continuity()), (None, Continuity::Fresh));
    let begun = inbox.begin(at(0), None, LIMITS.timeout_ms, &mut runs);
    assert_eq!((begun.gap, inbox.continuity()), (Some(Gap::default()), Continuity::Unknown));
    assert!(!inbox.is_repeated("m1", 8) && inbox.is_repeated("m1", 8));
}
