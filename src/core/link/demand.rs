//! Is a connection wanted, and may there be one now?

use crate::core::config::Config;
use crate::core::io::Page;
use crate::core::reason::Reason;
use crate::core::time::{Instant, soonest};

use super::State;

/// Who wants a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Somebody: a subscriber, an unsettled send, a `connect()`.
    Wanted,
    /// Only idle persistent channels: they keep an open connection and never open one.
    Kept,
    /// Nobody.
    Unwanted,
}

/// What the app said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Free,
    Disconnected,
    Destroyed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Visible,
    /// Hidden, and not yet for long.
    Hidden {
        since: Instant,
    },
    /// Hidden for so long that there is no connection.
    Away,
    Frozen,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Connect, and stay connected.
    Connect,
    /// Stay connected, but do not connect.
    Keep,
    /// Be in this state, without a socket.
    Rest(State, Reason),
}

/// Everything that decides whether there may be a connection.
#[derive(Debug)]
pub(super) struct Demand {
    want: Want,
    word: Word,
    sight: Sight,
    network: bool,
    linger_until: Option<Instant>,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            want: Want::Unwanted,
            word: Word::Free,
            sight: Sight::Visible,
            network: true,
            linger_until: None,
        }
    }
}

impl Demand {
    /// Notes who wants a connection now. When the last want goes, the connection lingers.
    pub(super) fn set_want(&mut self, want: Want, now: Instant, config: &Config) {
        if want == Want::Wanted {
            self.linger_until = None;
        } else if self.want == Want::Wanted && self.word == Word::Free {
            self.linger_until = Some(now + config.linger_ms);
        }
        self.want = want;
        // It may have been hidden for long while nobody cared.
        self.handle_timeout(now, config);
    }

    /// `disconnect()`: nothing connects until [`Demand::revive`].
    pub(super) fn disconnect(&mut self) {
        if self.word != Word::Destroyed {
            self.word = Word::Disconnected;
        }
        self.linger_until = None;
    }

    /// A new subscriber, send or `connect()` undoes `disconnect()`.
    pub(super) fn revive(&mut self) {
        if self.word == Word::Disconnected {
            self.word = Word::Free;
        }
    }

    /// `destroy()`: nothing undoes it.
    pub(super) fn destroy(&mut self) {
        self.word = Word::Destroyed;
    }

    /// Whether [`Demand::destroy`] was called.
    #[must_use]
    pub(super) fn is_destroyed(&self) -> bool {
        self.word == Word::Destroyed
    }

    /// Notes a change of the page; returns whether the page just came back.
    pub(super) fn page(&mut self, now: Instant, page: Page) -> bool {
        let was_away = self.sight != Sight::Visible;
        self.sight = match (page, self.sight) {
            (Page::Visible, _) | (Page::Resumed, Sight::Frozen) => Sight::Visible,
            (Page::Hidden, Sight::Visible) => Sight::Hidden { since: now },
            (Page::Hidden | Page::Resumed, sight) => sight,
            (Page::Frozen, _) => Sight::Frozen,
        };
        was_away && self.sight == Sight::Visible
    }

    /// Notes a change of the network.
    pub(super) const fn network(&mut self, up: bool) {
        self.network = up;
    }

    /// What follows from all this.
    #[must_use]
    pub(super) const fn verdict(&self) -> Verdict {
        match self.word {
            Word::Destroyed => return Verdict::Rest(State::Closed, Reason::Destroyed),
            Word::Disconnected => return Verdict::Rest(State::Idle, Reason::DisconnectCalled),
            Word::Free => {}
        }
        if matches!(self.want, Want::Unwanted) && self.linger_until.is_none() {
            return Verdict::Rest(State::Idle, Reason::NoDemand);
        }
        match self.sight {
            Sight::Frozen => return Verdict::Rest(State::Paused, Reason::Frozen),
            Sight::Away => return Verdict::Rest(State::Paused, Reason::Hidden),
            Sight::Hidden { .. } | Sight::Visible => {}
        }
        if !self.network {
            return Verdict::Rest(State::Offline, Reason::Offline);
        }
        match self.want {
            Want::Wanted => Verdict::Connect,
            Want::Kept | Want::Unwanted => Verdict::Keep,
        }
    }

    /// Lets time do its part: lingering ends, a hidden page counts as away.
    pub(super) fn handle_timeout(&mut self, now: Instant, config: &Config) {
        self.linger_until = self.linger_until.filter(|until| now < *until);
        if self.pauses_at(config).is_some_and(|at| now >= at) {
            self.sight = Sight::Away;
        }
    }

    /// When [`Demand::handle_timeout`] is due.
    #[must_use]
    pub(super) fn poll_timeout(&self, config: &Config) -> Option<Instant> {
        soonest(self.linger_until, self.pauses_at(config))
    }

    fn pauses_at(&self, config: &Config) -> Option<Instant> {
        match self.sight {
            Sight::Hidden { since } if self.want != Want::Unwanted => {
                config.pause_after_ms.map(|after| since + after)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Demand, State, Verdict, Want};
    use crate::core::config::Config;
    use crate::core::io::Page;
    use crate::core::time::Instant;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn rests(demand: &mut Demand, ms: u64, config: &Config) -> Option<State> {
        demand.handle_timeout(at(ms), config);
        match demand.verdict() {
            Verdict::Rest(state, _) => Some(state),
            Verdict::Connect | Verdict::Keep => None,
        }
    }

    fn wanted() -> Demand {
        let mut demand = Demand::default();
        demand.set_want(Want::Wanted, at(0), &Config::default());
        demand
    }

    #[test]
    fn nobody_wants_a_connection_at_first() {
        assert_eq!(rests(&mut Demand::default(), 0, &Config::default()), Some(State::Idle));
    }

    #[test]
    fn the_connection_lingers_a_second_after_the_last_want() {
        let config = Config::default();
        let mut demand = wanted();
        demand.set_want(Want::Unwanted, at(100), &config);
        assert_eq!(demand.poll_timeout(&config), Some(at(1_100)));
        assert_eq!(rests(&mut demand, 1_099, &config), None);
        assert_eq!(rests(&mut demand, 1_100, &config), Some(State::Idle));
        assert_eq!(demand.poll_timeout(&config), None);
    }

    #[test]
    fn hiding_pauses_after_the_delay_and_not_a_moment_earlier() {
        let config = Config::default();
        let mut demand = wanted();
        demand.page(at(1_000), Page::Hidden);
        demand.page(at(3_000), Page::Hidden);
        assert_eq!(rests(&mut demand, 5_999, &config), None);
        assert_eq!(rests(&mut demand, 6_000, &config), Some(State::Paused));
        assert!(demand.page(at(7_000), Page::Visible));
        assert_eq!(rests(&mut demand, 7_000, &config), None);
    }

    #[test]
    fn a_frozen_page_pauses_at_once_even_where_hiding_never_does() {
        let config = Config { pause_after_ms: None, ..Config::default() };
        let mut demand = wanted();
        demand.page(at(0), Page::Hidden);
        assert_eq!(rests(&mut demand, 1_000_000, &config), None);
        demand.page(at(1_000_000), Page::Frozen);
        assert_eq!(rests(&mut demand, 1_000_000, &config), Some(State::Paused));
        demand.page(at(1_000_001), Page::Resumed);
        assert_eq!(rests(&mut demand, 1_000_001, &config), None);
    }

    #[test]
    fn only_a_new_want_undoes_disconnect_and_nothing_undoes_destroy() {
        let config = Config::default();
        let mut demand = wanted();
        demand.disconnect();
        assert_eq!(rests(&mut demand, 0, &config), Some(State::Idle));
        demand.revive();
        assert_eq!(rests(&mut demand, 0, &config), None);
        demand.destroy();
        demand.revive();
        assert_eq!(rests(&mut demand, 0, &config), Some(State::Closed));
    }
}
