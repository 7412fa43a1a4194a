//! Is a connection wanted, and may there be one now?

use crate::core::config::Config;
use crate::core::input::Page;
use crate::core::reason::Reason;
use crate::core::time::{Instant, soonest};

use crate::core::state::State;

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

/// How the page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Visible,
    /// Hidden, and not yet for long.
    Hidden {
        since: Instant,
    },
    /// Hidden for so long that there is no connection.
    Away {
        since: Instant,
    },
    /// Put away; hidden before or meanwhile, if it was.
    Frozen {
        hidden: Option<Instant>,
    },
}

impl Sight {
    /// When the page was hidden, if it is.
    const fn hidden_since(self) -> Option<Instant> {
        match self {
            Self::Visible => None,
            Self::Hidden { since } | Self::Away { since } => Some(since),
            Self::Frozen { hidden } => hidden,
        }
    }
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
    local: bool,
    linger_until: Option<Instant>,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            want: Want::Unwanted,
            word: Word::Free,
            sight: Sight::Visible,
            network: true,
            local: false,
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

    /// Notes a change of the page; returns whether the page just came back, so that there may be
    /// a connection.
    pub(super) fn page(&mut self, now: Instant, page: Page, config: &Config) -> bool {
        let before = self.sight;
        let hidden = before.hidden_since();
        self.sight = match (page, before) {
            (Page::Visible, _) | (Page::Resumed, Sight::Frozen { .. }) => Sight::Visible,
            (Page::Hidden, Sight::Visible) => Sight::Hidden { since: now },
            (Page::Hidden, Sight::Frozen { .. }) => {
                Sight::Frozen { hidden: Some(hidden.unwrap_or(now)) }
            }
            (Page::ResumedHidden, Sight::Frozen { .. } | Sight::Visible) => {
                let since = hidden.unwrap_or(now);
                let soon = now + config.connect_timeout_ms;
                // For a few seconds nothing is opened that the page in the background closes then.
                match config.pause_after_ms {
                    Some(after) if since + after <= soon => Sight::Away { since },
                    _ => Sight::Hidden { since },
                }
            }
            (Page::Hidden | Page::Resumed | Page::ResumedHidden, sight) => sight,
            (Page::Frozen, _) => Sight::Frozen { hidden },
        };
        // It may have been hidden for long before it was put away.
        self.handle_timeout(now, config);
        match self.sight {
            Sight::Visible => before != Sight::Visible,
            Sight::Hidden { .. } => matches!(before, Sight::Frozen { .. }),
            Sight::Away { .. } | Sight::Frozen { .. } => false,
        }
    }

    /// Notes a change of the network.
    pub(super) const fn network(&mut self, up: bool) {
        self.network = up;
    }

    /// Notes whether the address is on this machine: no network is needed then.
    pub(super) const fn set_local(&mut self, local: bool) {
        self.local = local;
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
            Sight::Frozen { .. } => return Verdict::Rest(State::Paused, Reason::Frozen),
            Sight::Away { .. } => return Verdict::Rest(State::Paused, Reason::Hidden),
            Sight::Hidden { .. } | Sight::Visible => {}
        }
        if !self.network && !self.local {
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
        if let Sight::Hidden { since } = self.sight
            && self.pauses_at(config).is_some_and(|at| now >= at)
        {
            self.sight = Sight::Away { since };
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
    use crate::core::input::Page;
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
        demand.page(at(1_000), Page::Hidden, &config);
        demand.page(at(3_000), Page::Hidden, &config);
        assert_eq!(rests(&mut demand, 5_999, &config), None);
        assert_eq!(rests(&mut demand, 6_000, &config), Some(State::Paused));
        assert!(demand.page(at(7_000), Page::Visible, &config));
        assert_eq!(rests(&mut demand, 7_000, &config), None);
    }

    #[test]
    fn a_frozen_page_pauses_at_once_even_where_hiding_never_does() {
        let config = Config { pause_after_ms: None, ..Config::default() };
        let mut demand = wanted();
        demand.page(at(0), Page::Hidden, &config);
        assert_eq!(rests(&mut demand, 1_000_000, &config), None);
        demand.page(at(1_000_000), Page::Frozen, &config);
        assert_eq!(rests(&mut demand, 1_000_000, &config), Some(State::Paused));
        demand.page(at(1_000_001), Page::Resumed, &config);
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

    #[test]
    fn every_order_of_page_events_ends_where_the_last_ones_say() {
        use Page::{Frozen, Hidden, Resumed, ResumedHidden, Visible};
        /// Whether there may be a connection, without a pause, with one that is long over, and
        /// with one that is far away.
        type Case = (&'static [Page], [bool; 3]);
        let cases: [Case; 12] = [
            (&[Hidden], [true, false, true]),
            (&[Hidden, Visible], [true, true, true]),
            (&[Hidden, Frozen], [false, false, false]),
            (&[Hidden, Frozen, ResumedHidden], [true, false, true]),
            (&[Hidden, Frozen, ResumedHidden, Visible], [true, true, true]),
            (&[Hidden, Frozen, Visible, Resumed], [true, true, true]),
            (&[Hidden, Frozen, Resumed], [true, true, true]),
            (&[Frozen, Hidden], [false, false, false]),
            (&[Frozen, Hidden, ResumedHidden], [true, false, true]),
            (&[Frozen, ResumedHidden], [true, false, true]),
            (&[Frozen, Frozen, Resumed, Visible], [true, true, true]),
            (&[ResumedHidden, Frozen, ResumedHidden, Frozen], [false, false, false]),
        ];
        for (pages, expected) in cases {
            for (pause, expected) in [None, Some(5_000), Some(86_400_000)].into_iter().zip(expected)
            {
                let config = Config { pause_after_ms: pause, ..Config::default() };
                let (mut demand, mut ms) = (wanted(), 0);
                for page in pages {
                    ms += 10_000;
                    let rested = rests(&mut demand, ms, &config).is_some();
                    let back = demand.page(at(ms), *page, &config);
                    let rests = rests(&mut demand, ms, &config).is_some();
                    assert!(!rested || rests || back, "{pages:?}, {pause:?}: nobody was told");
                }
                let there = rests(&mut demand, ms + 10_000, &config).is_none();
                assert_eq!(there, expected, "{pages:?}, pause {pause:?}");
            }
        }
    }

    #[test]
    fn an_address_on_this_machine_needs_no_network() {
        let config = Config::default();
        let mut demand = wanted();
        demand.network(false);
        assert_eq!(rests(&mut demand, 0, &config), Some(State::Offline));
        demand.set_local(true);
        assert_eq!(rests(&mut demand, 0, &config), None);
    }
}
