//! Whether there is demand for a connection, and whether one is possible now.

use crate::core::config::{Config, ServerHost};
use crate::core::input::{Network, Page};
use crate::core::reason::Reason;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, earliest, timer};

use crate::core::state::State;

/// The demand for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A subscriber, an unsettled send, or a `connect()`.
    Connect,
    /// Only idle persistent channels: they keep an open connection and never open one.
    KeepOpen,
    /// None.
    None,
}

/// Why the demand is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// New demand, which ends the effect of `disconnect()`.
    NewDemand,
    /// Anything else.
    Other,
}

/// The effect of the app's last call of `connect()`, `disconnect()` or `destroy()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AppIntent {
    Auto,
    Disconnected,
    Destroyed,
}

/// The visibility of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageVisibility {
    Visible,
    /// Hidden for less than `pause_after_ms`.
    Hidden {
        since: Instant,
    },
    /// Hidden for longer: there is no connection.
    Away {
        since: Instant,
    },
    /// Frozen. `hidden`: when it was hidden, if it is.
    Frozen {
        hidden: Option<Instant>,
    },
}

impl PageVisibility {
    /// When the page was hidden, if it is.
    const fn hidden_since(self) -> Option<Instant> {
        match self {
            Self::Visible => None,
            Self::Hidden { since } | Self::Away { since } => Some(since),
            Self::Frozen { hidden } => hidden,
        }
    }
}

/// Whether there may be a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Connect, and stay connected.
    Connect,
    /// Stay connected, but do not connect.
    StayOpen,
    /// Close the connection, and change to this state.
    Close(State, Reason),
}

/// Everything that decides whether there may be a connection.
#[derive(Debug)]
pub(super) struct DemandState {
    demand: Demand,
    intent: AppIntent,
    visibility: PageVisibility,
    network: Network,
    host: ServerHost,
    linger_until: Option<Instant>,
}

impl Default for DemandState {
    fn default() -> Self {
        Self {
            demand: Demand::None,
            intent: AppIntent::Auto,
            visibility: PageVisibility::Visible,
            network: Network::Online,
            host: ServerHost::Remote,
            linger_until: None,
        }
    }
}

impl DemandState {
    /// Sets the demand. When it ends, the connection lingers.
    pub(super) fn set_demand(&mut self, demand: Demand, now: Instant, config: &Config) {
        if demand == Demand::Connect {
            self.linger_until = None;
        } else if self.demand == Demand::Connect && self.intent == AppIntent::Auto {
            self.linger_until = Some(now + config.linger_ms);
        }
        self.demand = demand;
        // The page may have been hidden for longer than the delay while there was no demand.
        self.handle_timeout(now, config);
    }

    /// Applies `disconnect()`: there is no connection until [`DemandState::revive`].
    pub(super) fn disconnect(&mut self) {
        if self.intent != AppIntent::Destroyed {
            self.intent = AppIntent::Disconnected;
        }
        self.linger_until = None;
    }

    /// Ends the effect of `disconnect()`, because of a new subscriber, send or `connect()`.
    pub(super) fn revive(&mut self) {
        if self.intent == AppIntent::Disconnected {
            self.intent = AppIntent::Auto;
        }
    }

    /// Applies `destroy()`, which is permanent.
    pub(super) fn destroy(&mut self) {
        self.intent = AppIntent::Destroyed;
    }

    /// Whether [`DemandState::destroy`] was called.
    #[must_use]
    pub(super) fn is_destroyed(&self) -> bool {
        self.intent == AppIntent::Destroyed
    }

    /// Records a change of the page; returns whether a connection has become possible.
    pub(super) fn page(&mut self, now: Instant, page: Page, config: &Config) -> bool {
        let before = self.visibility;
        let hidden = before.hidden_since();
        self.visibility = match (page, before) {
            (Page::Visible, _) | (Page::Resumed, PageVisibility::Frozen { .. }) => {
                PageVisibility::Visible
            }
            (Page::Hidden, PageVisibility::Visible) => PageVisibility::Hidden { since: now },
            (Page::Hidden, PageVisibility::Frozen { .. }) => {
                PageVisibility::Frozen { hidden: Some(hidden.unwrap_or(now)) }
            }
            (Page::ResumedHidden, PageVisibility::Frozen { .. } | PageVisibility::Visible) => {
                let since = hidden.unwrap_or(now);
                let soon = now + config.connect_timeout_ms;
                // A connection that would be paused within the connect timeout is not opened.
                match config.pause_after_ms {
                    Some(after) if since + after <= soon => PageVisibility::Away { since },
                    _ => PageVisibility::Hidden { since },
                }
            }
            (Page::Hidden | Page::Resumed | Page::ResumedHidden, visibility) => visibility,
            (Page::Frozen, _) => PageVisibility::Frozen { hidden },
        };
        // The page may have been hidden for longer than the delay before it was frozen.
        self.handle_timeout(now, config);
        match self.visibility {
            PageVisibility::Visible => before != PageVisibility::Visible,
            PageVisibility::Hidden { .. } => matches!(before, PageVisibility::Frozen { .. }),
            PageVisibility::Away { .. } | PageVisibility::Frozen { .. } => false,
        }
    }

    /// Sets whether there is a network.
    pub(super) const fn set_network(&mut self, network: Network) {
        self.network = network;
    }

    /// Sets the host of the address.
    pub(super) const fn set_server_host(&mut self, host: ServerHost) {
        self.host = host;
    }

    /// The decision from the app's calls, the demand, the page and the network.
    #[must_use]
    pub(super) const fn decision(&self) -> Decision {
        match self.intent {
            AppIntent::Destroyed => return Decision::Close(State::Closed, Reason::Destroyed),
            AppIntent::Disconnected => {
                return Decision::Close(State::Idle, Reason::DisconnectCalled);
            }
            AppIntent::Auto => {}
        }
        if matches!(self.demand, Demand::None) && self.linger_until.is_none() {
            return Decision::Close(State::Idle, Reason::NoDemand);
        }
        match self.visibility {
            PageVisibility::Frozen { .. } => return Decision::Close(State::Paused, Reason::Frozen),
            PageVisibility::Away { .. } => return Decision::Close(State::Paused, Reason::Hidden),
            PageVisibility::Hidden { .. } | PageVisibility::Visible => {}
        }
        if matches!((self.network, self.host), (Network::Offline, ServerHost::Remote)) {
            return Decision::Close(State::Offline, Reason::Offline);
        }
        match self.demand {
            Demand::Connect => Decision::Connect,
            Demand::KeepOpen | Demand::None => Decision::StayOpen,
        }
    }

    /// Handles the ends of the linger time and of the delay of a hidden page.
    pub(super) fn handle_timeout(&mut self, now: Instant, config: &Config) {
        self.linger_until = self.linger_until.filter(|until| now < *until);
        if let PageVisibility::Hidden { since } = self.visibility
            && self.pauses_at(config).is_some_and(|at| now >= at)
        {
            self.visibility = PageVisibility::Away { since };
        }
    }

    /// When [`DemandState::handle_timeout`] is due.
    #[must_use]
    pub(super) fn poll_timeout(&self, config: &Config) -> Option<Timer> {
        let linger = timer(self.linger_until, TimerReason::ConnectionLinger);
        earliest(linger, timer(self.pauses_at(config), TimerReason::HiddenPause))
    }

    fn pauses_at(&self, config: &Config) -> Option<Instant> {
        match self.visibility {
            PageVisibility::Hidden { since } if self.demand != Demand::None => {
                config.pause_after_ms.map(|after| since + after)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Demand, DemandState, State};
    use crate::core::config::{Config, ServerHost};
    use crate::core::input::{Network, Page};
    use crate::core::time::Instant;
    use crate::core::timer::{Timer, TimerReason};

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn closed_state(demand: &mut DemandState, ms: u64, config: &Config) -> Option<State> {
        demand.handle_timeout(at(ms), config);
        match demand.decision() {
            Decision::Close(state, _) => Some(state),
            Decision::Connect | Decision::StayOpen => None,
        }
    }

    fn demanded() -> DemandState {
        let mut demand = DemandState::default();
        demand.set_demand(Demand::Connect, at(0), &Config::default());
        demand
    }

    #[test]
    fn demand_is_none_at_first() {
        assert_eq!(
            closed_state(&mut DemandState::default(), 0, &Config::default()),
            Some(State::Idle)
        );
    }

    #[test]
    fn connection_lingers_a_second_after_the_last_demand() {
        let config = Config::default();
        let mut demand = demanded();
        demand.set_demand(Demand::None, at(100), &config);
        assert_eq!(
            demand.poll_timeout(&config),
            Some(Timer::new(at(1_100), TimerReason::ConnectionLinger))
        );
        assert_eq!(closed_state(&mut demand, 1_099, &config), None);
        assert_eq!(closed_state(&mut demand, 1_100, &config), Some(State::Idle));
        assert_eq!(demand.poll_timeout(&config), None);
    }

    #[test]
    fn hidden_page_pauses_exactly_after_the_delay() {
        let config = Config::default();
        let mut demand = demanded();
        demand.page(at(1_000), Page::Hidden, &config);
        demand.page(at(3_000), Page::Hidden, &config);
        assert_eq!(closed_state(&mut demand, 5_999, &config), None);
        assert_eq!(closed_state(&mut demand, 6_000, &config), Some(State::Paused));
        assert!(demand.page(at(7_000), Page::Visible, &config));
        assert_eq!(closed_state(&mut demand, 7_000, &config), None);
    }

    #[test]
    fn frozen_page_pauses_at_once_even_if_hiding_never_pauses() {
        let config = Config { pause_after_ms: None, ..Config::default() };
        let mut demand = demanded();
        demand.page(at(0), Page::Hidden, &config);
        assert_eq!(closed_state(&mut demand, 1_000_000, &config), None);
        demand.page(at(1_000_000), Page::Frozen, &config);
        assert_eq!(closed_state(&mut demand, 1_000_000, &config), Some(State::Paused));
        demand.page(at(1_000_001), Page::Resumed, &config);
        assert_eq!(closed_state(&mut demand, 1_000_001, &config), None);
    }

    #[test]
    fn only_new_demand_undoes_disconnect_and_nothing_undoes_destroy() {
        let config = Config::default();
        let mut demand = demanded();
        demand.disconnect();
        assert_eq!(closed_state(&mut demand, 0, &config), Some(State::Idle));
        demand.revive();
        assert_eq!(closed_state(&mut demand, 0, &config), None);
        demand.destroy();
        demand.revive();
        assert_eq!(closed_state(&mut demand, 0, &config), Some(State::Closed));
    }

    #[test]
    fn page_events_in_any_order_end_in_the_state_of_the_last_one() {
        use Page::{Frozen, Hidden, Resumed, ResumedHidden, Visible};
        /// Events, and whether a connection is possible after them: without a delay, with one that
        /// is over, and with one that ends later.
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
                let (mut demand, mut ms) = (demanded(), 0);
                for page in pages {
                    ms += 10_000;
                    let was_closed = closed_state(&mut demand, ms, &config).is_some();
                    let back = demand.page(at(ms), *page, &config);
                    let closed_state = closed_state(&mut demand, ms, &config).is_some();
                    assert!(
                        !was_closed || closed_state || back,
                        "{pages:?}, {pause:?}: no change was reported"
                    );
                }
                let is_possible = closed_state(&mut demand, ms + 10_000, &config).is_none();
                assert_eq!(is_possible, expected, "{pages:?}, pause {pause:?}");
            }
        }
    }

    #[test]
    fn loopback_address_needs_no_network() {
        let config = Config::default();
        let mut demand = demanded();
        demand.set_network(Network::Offline);
        assert_eq!(closed_state(&mut demand, 0, &config), Some(State::Offline));
        demand.set_server_host(ServerHost::Local);
        assert_eq!(closed_state(&mut demand, 0, &config), None);
    }
}
