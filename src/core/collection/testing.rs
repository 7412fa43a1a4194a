//! What the unit tests of a collection's parts share.

use alloc::rc::Rc;

use serde_json::Value;

use super::collection_env::CollectionEnv;
use super::display::Display;
use super::viewers::Viewers;
use super::{CollectionOptions, ConflictPolicy, Key, Step};
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::id::CollectionId;
use crate::core::message::StreamPosition;
use crate::core::rng::Rng;
use crate::core::time::Instant;

/// The options of a collection with default names whose rows the app loads.
pub(super) fn options() -> CollectionOptions {
    CollectionOptions {
        key: Key::Field("id".into()),
        loads: true,
        persists: false,
        events: ["insert", "update", "delete"].map(Into::into),
        policy: ConflictPolicy::ServerWins,
        version: None,
        limit: None,
        identity: String::new(),
        functions: Vec::new(),
    }
}

/// A position in the log `e`.
pub(super) fn position(seq: u64) -> StreamPosition {
    StreamPosition { epoch: "e".into(), seq }
}

/// All that a part is lent.
pub(super) struct Surroundings {
    pub(super) client: Env,
    pub(super) options: CollectionOptions,
    name: Rc<str>,
    viewers: Viewers<Value>,
    display: Display,
}

impl Surroundings {
    pub(super) fn new(options: CollectionOptions) -> Self {
        let config = Config::default();
        Self {
            client: Env { now: Instant::from_ms(0), config, rng: Rng::new(7) },
            options,
            name: "feed".into(),
            viewers: Viewers::new(CollectionId(1)),
            display: Display::new(),
        }
    }

    /// The environment at a time in milliseconds.
    pub(super) fn at(&mut self, now: u64) -> CollectionEnv<'_, Value> {
        self.client.now = Instant::from_ms(now);
        let Self { client, options, name, viewers, display } = self;
        CollectionEnv { client, name, options, viewers, display }
    }

    /// The steps emitted since the last call.
    pub(super) fn steps(&mut self) -> Vec<Step<Value>> {
        let mut steps = Vec::new();
        self.viewers.take_steps(&mut steps);
        steps
    }
}
