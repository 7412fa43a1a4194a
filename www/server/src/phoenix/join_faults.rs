//! Join failures configured by a test.

use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;
use tidewire_server_core::covers;

use crate::phoenix::join::JoinRejected;

/// One configured failure.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JoinFault {
    /// The topic, or a prefix with `*`.
    #[serde(default = "every_topic")]
    topic: String,
    /// The rejection's reason; without one the join crashes.
    reason: Option<String>,
    /// How many joins fail.
    #[serde(default = "once")]
    times: u32,
    /// How long the socket is blocked before the answer.
    #[serde(default)]
    delay_ms: u64,
    /// The code with which the socket is closed after the answer.
    close: Option<u16>,
}

fn every_topic() -> String {
    "*".into()
}

fn once() -> u32 {
    1
}

/// The configured failures.
#[derive(Debug, Default)]
pub(crate) struct JoinFaults(Mutex<Vec<JoinFault>>);

impl JoinFaults {
    pub(crate) fn add(&self, fault: JoinFault) {
        self.0.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The failure for this join, if any; it counts as used.
    pub(crate) fn take(&self, topic: &str) -> Option<JoinRejected> {
        let mut all = self.0.lock();
        let fault = all.iter_mut().find(|t| t.times > 0 && covers(&t.topic, topic))?;
        fault.times -= 1;
        let rejected = match &fault.reason {
            Some(reason) => JoinRejected::Error {
                response: json!({ "reason": reason }).to_string(),
                wait: Duration::from_millis(fault.delay_ms),
                closing: fault.close,
            },
            None => JoinRejected::Crashed,
        };
        all.retain(|fault| fault.times > 0);
        Some(rejected)
    }
}
