//! A page with one client in it, and the browser's state around the client.

use tidewire::core::client::Client;
use tidewire::core::id::SocketId;
use tidewire::core::time::Instant;

use crate::app::App;
use crate::attempts::Attempts;
use crate::network::Arrival;
use crate::server::ConnectionId;
use crate::setup::Setup;
use crate::value::Value;

/// Whether the page's code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Running {
    Yes,
    /// The machine sleeps until then.
    Asleep {
        until: u64,
    },
    /// It is frozen until it is resumed.
    Frozen,
}

/// A page.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) client: Client<Value>,
    pub(crate) app: App,
    /// How often it was opened, or its engine replaced: answers to requests of an earlier instance are dropped.
    pub(crate) instance: u32,
    /// The open socket, and its connection.
    pub(crate) socket: Option<(SocketId, ConnectionId)>,
    /// The last socket, once it is closed.
    pub(crate) closed: Option<SocketId>,
    pub(crate) running: Running,
    /// Timers fire only at multiples of this time; 0: no throttling.
    pub(crate) throttle_ms: u64,
    pub(crate) offline: bool,
    pub(crate) hidden: bool,
    /// The engine crashes in its next call, after so many outputs.
    pub(crate) trap_after: Option<u8>,
    pub(crate) up_ms: u64,
    pub(crate) down_ms: u64,
    /// Connections opened, tokens requested, and joins of each channel.
    pub(crate) opened: Attempts,
    pub(crate) token_requests: Attempts,
    pub(crate) joined: [Attempts; 3],
    /// The arrivals while the page did not run.
    pub(crate) mailbox: Vec<Arrival>,
}

/// The default latency of a frame, in milliseconds.
pub(crate) const DELAY_MS: u64 = 10;

/// The client of a tab in this instance of it.
pub(crate) fn new_client(setup: &Setup, tab: u8, instance: u32, now: u64) -> Client<Value> {
    let seed = setup.seed ^ (u64::from(tab) << 32) ^ (u64::from(instance) << 40);
    Client::new(setup.config(), seed, Instant::from_ms(now))
}

impl Tab {
    pub(crate) fn new(setup: &Setup, tab: u8, instance: u32, user: u8, now: u64) -> Self {
        Self {
            client: new_client(setup, tab, instance, now),
            app: App::new(tab, instance, user),
            instance,
            socket: None,
            closed: None,
            running: Running::Yes,
            throttle_ms: 0,
            offline: false,
            hidden: false,
            trap_after: None,
            up_ms: DELAY_MS,
            down_ms: DELAY_MS,
            opened: Attempts::default(),
            token_requests: Attempts::default(),
            joined: Default::default(),
            mailbox: Vec::new(),
        }
    }

    pub(crate) fn runs(&self) -> bool {
        self.running == Running::Yes
    }

    /// When the page's one timer fires.
    pub(crate) fn timer(&self, now: u64) -> Option<u64> {
        if !self.runs() {
            return None;
        }
        let due = self.client.poll_timeout()?.0.as_ms().max(now);
        Some(match self.throttle_ms {
            0 => due,
            throttle => due.div_ceil(throttle) * throttle,
        })
    }
}
