//! Is the other side there? Judged by evidence only.
//!
//! A connection is dead when a ping that was really sent went unanswered for its time, and no
//! other frame came either. A deadline that is noticed late accuses nobody: the page was
//! throttled or asleep, and answers may lie unread behind this very task. It is asked once
//! more then; the second deadline counts.

use crate::core::reason::Reason;
use crate::core::time::{Instant, TIMER_LATE_MS};
use crate::core::timer::{Timer, TimerReason, timer};
use alloc::vec::Vec;

/// Pings whose pongs are awaited at most; older ones give no round trip.
const PINGS_KEPT: usize = 4;

/// Which deadline of a ping it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// If it is noticed late, the page may have slept: another ping is sent.
    First,
    /// It decides.
    Second,
}

#[derive(Debug, Clone, Copy)]
enum HeartbeatState {
    /// No ping is out.
    Quiet { next: Option<Instant> },
    /// A ping is out, and no frame came since.
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
    /// How much longer than its time an answer may take at present.
    extra_timeout_ms: u64,
}

impl Heartbeat {
    /// A connection that is alive now.
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

    /// Any frame is life.
    pub(super) fn frame_received(&mut self, now: Instant) {
        if matches!(self.state, HeartbeatState::Waiting { .. }) {
            self.state = HeartbeatState::Quiet { next: self.every_ms.map(|every| now + every) };
        }
    }

    /// An answer may take so much longer than its time, in milliseconds: the server is at
    /// something else.
    pub(super) const fn set_extra_timeout(&mut self, ms: u64) {
        self.extra_timeout_ms = ms;
    }

    /// A pong; returns the round trip of the ping it answers, in milliseconds.
    pub(super) fn pong_received(&mut self, now: Instant) -> Option<u64> {
        (!self.pings.is_empty()).then(|| now.duration_since(self.pings.remove(0)))
    }

    /// Asks at once, after a wake: an answer is due within `timeout_ms`. The caller sends a ping.
    pub(super) fn probe(&mut self, now: Instant, timeout_ms: u64) {
        self.ping_sent(now, now + timeout_ms, Reason::ProbeTimeout, Chance::Second);
    }

    /// Says what the time means.
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
        if self.pings.len() == PINGS_KEPT {
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
    fn an_unanswered_ping_kills_at_its_deadline_and_not_before() {
        let mut heart = alive();
        assert_eq!(heart.handle_timeout(at(29_999)), HeartbeatAction::Fine);
        assert_eq!(heart.handle_timeout(at(30_000)), HeartbeatAction::Ping);
        assert_eq!(heart.handle_timeout(at(39_999)), HeartbeatAction::Fine);
        assert_eq!(
            heart.handle_timeout(at(40_000)),
            HeartbeatAction::Dead(Reason::HeartbeatTimeout)
        );
    }

    #[test]
    fn any_frame_after_the_ping_is_life() {
        let mut heart = alive();
        assert_eq!(heart.handle_timeout(at(30_000)), HeartbeatAction::Ping);
        heart.frame_received(at(35_000));
        assert_eq!(heart.handle_timeout(at(40_000)), HeartbeatAction::Fine);
        assert_eq!(heart.poll_timeout(), Some(Timer::new(at(65_000), TimerReason::Ping)));
    }

    #[test]
    fn a_throttled_page_asks_again_before_it_accuses() {
        let mut heart = alive();
        assert_eq!(heart.handle_timeout(at(30_000)), HeartbeatAction::Ping);
        assert_eq!(heart.handle_timeout(at(90_000)), HeartbeatAction::Ping);
        assert_eq!(
            heart.handle_timeout(at(150_000)),
            HeartbeatAction::Dead(Reason::HeartbeatTimeout)
        );
    }

    #[test]
    fn a_probe_kills_sooner() {
        let mut heart = alive();
        heart.probe(at(5_000), 1_500);
        assert_eq!(heart.handle_timeout(at(6_500)), HeartbeatAction::Dead(Reason::ProbeTimeout));
    }

    #[test]
    fn each_pong_measures_its_own_ping() {
        let mut heart = alive();
        heart.probe(at(1_000), 1_500);
        heart.probe(at(1_400), 1_500);
        assert_eq!(heart.pong_received(at(1_450)), Some(450));
        assert_eq!(heart.pong_received(at(1_460)), Some(60));
        assert_eq!(heart.pong_received(at(1_470)), None);
    }

    #[test]
    fn without_an_interval_only_probes_ping() {
        let mut heart = Heartbeat::new(at(0), None, 10_000);
        assert_eq!(heart.poll_timeout(), None);
        heart.probe(at(5), 1_500);
        heart.frame_received(at(10));
        assert_eq!(heart.poll_timeout(), None);
    }
}
