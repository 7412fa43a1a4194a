//! Heartbeats: the detection of dead connections.
//!
//! A connection is dead if no frame is received within the timeout of a ping. A deadline that is
//! noticed late is not conclusive: the page was throttled or asleep, and answers may be queued
//! behind the current task. Then another ping is sent, and its deadline is conclusive.

use crate::core::reason::Reason;
use crate::core::time::{Instant, TIMER_LATE_MS};
use crate::core::timer::{Timer, TimerReason, timer};
use alloc::vec::Vec;

/// The most pings whose send times are stored; pongs to older ones are not measured.
const MAX_PENDING_PINGS: usize = 4;

/// Whether a deadline that is noticed late is conclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// It is not: another ping is sent.
    First,
    /// It is: the connection is dead.
    Second,
}

/// Whether a ping is pending.
#[derive(Debug, Clone, Copy)]
enum HeartbeatState {
    /// No ping is pending.
    Quiet { next: Option<Instant> },
    /// A ping is pending, and no frame was received since.
    Waiting { deadline: Instant, reason: Reason, chance: Chance },
}

/// What to do after a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeartbeatAction {
    /// Nothing.
    Fine,
    /// Send a ping.
    Ping,
    /// The connection is dead.
    Dead(Reason),
}

/// The liveness of one connection.
#[derive(Debug)]
pub(super) struct Heartbeat {
    every_ms: Option<u64>,
    timeout_ms: u64,
    state: HeartbeatState,
    pings: Vec<Instant>,
    /// The time added to the timeout while the server is busy.
    extra_timeout_ms: u64,
}

impl Heartbeat {
    /// The liveness of a connection that was opened now.
    #[must_use]
    pub(super) fn new(now: Instant, every_ms: Option<u64>, timeout_ms: u64) -> Self {
        Self {
            every_ms,
            timeout_ms,
            state: HeartbeatState::Quiet { next: every_ms.map(|every| now + every) },
            pings: Vec::new(),
            extra_timeout_ms: 0,
        }
    }

    /// Registers a received frame: any frame counts as an answer. Returns when the next ping is due, if that has
    /// changed.
    pub(super) fn frame_received(&mut self, now: Instant) -> Option<Instant> {
        if !matches!(self.state, HeartbeatState::Waiting { .. }) {
            return None;
        }
        let next = self.every_ms.map(|every| now + every);
        self.state = HeartbeatState::Quiet { next };
        next
    }

    /// Sets the time that is added to the timeout while the server is busy, in milliseconds.
    pub(super) const fn set_extra_timeout(&mut self, ms: u64) {
        self.extra_timeout_ms = ms;
    }

    /// Registers a pong; returns the round trip since its ping, in milliseconds.
    pub(super) fn pong_received(&mut self, now: Instant) -> Option<u64> {
        (!self.pings.is_empty()).then(|| now.duration_since(self.pings.remove(0)))
    }

    /// Registers a ping that the caller sends after a wake; its answer is due within `timeout_ms`.
    pub(super) fn probe(&mut self, now: Instant, timeout_ms: u64) {
        self.ping_sent(now, now + timeout_ms, Reason::ProbeTimeout, Chance::Second);
    }

    /// Returns the action that is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> HeartbeatAction {
        match self.state {
            HeartbeatState::Quiet { next: Some(next) } if now >= next => {
                let deadline = now + self.timeout_ms;
                self.ping_sent(now, deadline, Reason::HeartbeatTimeout, Chance::First);
                HeartbeatAction::Ping
            }
            HeartbeatState::Waiting { deadline, reason, chance }
                if now >= deadline + self.extra_timeout_ms =>
            {
                if now.duration_since(deadline + self.extra_timeout_ms) > TIMER_LATE_MS
                    && chance == Chance::First
                {
                    self.ping_sent(now, now + self.timeout_ms, reason, Chance::Second);
                    HeartbeatAction::Ping
                } else {
                    HeartbeatAction::Dead(reason)
                }
            }
            HeartbeatState::Quiet { .. } | HeartbeatState::Waiting { .. } => HeartbeatAction::Fine,
        }
    }

    /// When [`Heartbeat::handle_timeout`] is due.
    #[must_use]
    pub(super) fn poll_timeout(&self) -> Option<Timer> {
        match self.state {
            HeartbeatState::Quiet { next } => timer(next, TimerReason::Ping),
            HeartbeatState::Waiting { deadline, .. } => {
                timer(Some(deadline + self.extra_timeout_ms), TimerReason::Pong)
            }
        }
    }

    fn ping_sent(&mut self, now: Instant, deadline: Instant, reason: Reason, chance: Chance) {
        self.state = HeartbeatState::Waiting { deadline, reason, chance };
        if self.pings.len() == MAX_PENDING_PINGS {
            self.pings.remove(0);
        }
        self.pings.push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::{Heartbeat, HeartbeatAction};
    use crate::core::reason::Reason;
    use crate::core::time::Instant;
    use crate::core::timer::{Timer, TimerReason};

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn alive() -> Heartbeat {
        Heartbeat::new(at(0), Some(30_000), 10_000)
    }

    #[test]
    fn unanswered_ping_ends_the_connection_at_its_deadline() {
        let mut heartbeat = alive();
        assert_eq!(heartbeat.handle_timeout(at(29_999)), HeartbeatAction::Fine);
        assert_eq!(heartbeat.handle_timeout(at(30_000)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.handle_timeout(at(39_999)), HeartbeatAction::Fine);
        assert_eq!(
            heartbeat.handle_timeout(at(40_000)),
            HeartbeatAction::Dead(Reason::HeartbeatTimeout)
        );
    }

    #[test]
    fn any_frame_after_a_ping_is_an_answer() {
        let mut heartbeat = alive();
        assert_eq!(heartbeat.handle_timeout(at(30_000)), HeartbeatAction::Ping);
        heartbeat.frame_received(at(35_000));
        assert_eq!(heartbeat.handle_timeout(at(40_000)), HeartbeatAction::Fine);
        assert_eq!(heartbeat.poll_timeout(), Some(Timer::new(at(65_000), TimerReason::Ping)));
    }

    #[test]
    fn late_deadline_sends_another_ping_first() {
        let mut heartbeat = alive();
        assert_eq!(heartbeat.handle_timeout(at(30_000)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.handle_timeout(at(90_000)), HeartbeatAction::Ping);
        assert_eq!(
            heartbeat.handle_timeout(at(150_000)),
            HeartbeatAction::Dead(Reason::HeartbeatTimeout)
        );
    }

    #[test]
    fn probe_has_a_shorter_deadline() {
        let mut heartbeat = alive();
        heartbeat.probe(at(5_000), 1_500);
        assert_eq!(
            heartbeat.handle_timeout(at(6_500)),
            HeartbeatAction::Dead(Reason::ProbeTimeout)
        );
    }

    #[test]
    fn each_pong_gives_the_round_trip_of_its_ping() {
        let mut heartbeat = alive();
        heartbeat.probe(at(1_000), 1_500);
        heartbeat.probe(at(1_400), 1_500);
        assert_eq!(heartbeat.pong_received(at(1_450)), Some(450));
        assert_eq!(heartbeat.pong_received(at(1_460)), Some(60));
        assert_eq!(heartbeat.pong_received(at(1_470)), None);
    }

    #[test]
    fn only_probes_are_sent_without_an_interval() {
        let mut heartbeat = Heartbeat::new(at(0), None, 10_000);
        assert_eq!(heartbeat.poll_timeout(), None);
        heartbeat.probe(at(5), 1_500);
        heartbeat.frame_received(at(10));
        assert_eq!(heartbeat.poll_timeout(), None);
    }
}
