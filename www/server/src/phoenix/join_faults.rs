//! Joins that fail because a test wants them to.

use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;

use crate::channel_pattern::covers;
use crate::phoenix::join::Refused;

/// How a wanted failure looks.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JoinTrouble {
    /// The topics concerned; a prefix with `*`.
    #[serde(default = "every_topic")]
    topic: String,
    /// The refusal's reason; without one the join crashes.
    reason: Option<String>,
    /// How often.
    #[serde(default = "once")]
    times: u32,
    /// How long the socket stands still before the answer.
    #[serde(default)]
    delay_ms: u64,
    /// The code the socket is closed with after the answer.
    close: Option<u16>,
}

fn every_topic() -> String {
    "*".into()
}

fn once() -> u32 {
    1
}

/// What is wanted at present.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Mutex<Vec<JoinTrouble>>);

impl Trouble {
    pub(crate) fn add(&self, trouble: JoinTrouble) {
        self.0.lock().push(trouble);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The failure this join is to have, if any; it is used up by that.
    pub(crate) fn strike(&self, topic: &str) -> Option<Refused> {
        let mut all = self.0.lock();
        let trouble = all.iter_mut().find(|t| t.times > 0 && covers(&t.topic, topic))?;
        trouble.times -= 1;
        let refused = match &trouble.reason {
            Some(reason) => Refused::Error {
                response: json!({ "reason": reason }).to_string(),
                wait: Duration::from_millis(trouble.delay_ms),
                closing: trouble.close,
            },
            None => Refused::Crashed,
        };
        all.retain(|trouble| trouble.times > 0);
        Some(refused)
    }
}
