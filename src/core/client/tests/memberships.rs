//! Memberships that end soon after the join: backoff for every kind of end.

use serde_json::{Value, json};

use crate::core::config::{Config, ProtocolKind};
use crate::core::testing::{ALL, Harness, SEQ};

/// How a membership ends soon after it began.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Native: `unsubscribed`.
    Unsubscribed,
    /// Native: a message has another epoch than the join's answer.
    OtherEpoch,
    /// Phoenix: the channel's process crashes.
    Crash,
    /// Supabase: a limit of the tenant is exceeded.
    TooManyMessages,
}

const ENDS: [End; 4] = [End::Unsubscribed, End::OtherEpoch, End::Crash, End::TooManyMessages];

impl End {
    const fn protocol(self) -> ProtocolKind {
        match self {
            Self::Unsubscribed | Self::OtherEpoch => ProtocolKind::Tidewire,
            Self::Crash => ProtocolKind::Phoenix,
            Self::TooManyMessages => ProtocolKind::Supabase,
        }
    }

    fn connected(self) -> Harness {
        let config =
            Config { protocol: self.protocol(), heartbeat_every_ms: None, ..Config::default() };
        let mut harness = Harness::new(config);
        harness.subscribe(1, "feed");
        match self {
            Self::Unsubscribed => harness.accept(ALL),
            Self::OtherEpoch => harness.accept(SEQ),
            Self::Crash | Self::TooManyMessages => harness.open_socket(),
        }
        harness
    }

    /// Answers the join that was sent, if any.
    fn join(self, harness: &mut Harness) -> Option<Value> {
        let is_join = |frame: &Value| frame["type"] == "subscribe" || frame[3] == "phx_join";
        let join = harness.sent.iter().find(|frame| is_join(frame)).cloned();
        harness.sent.clear();
        join
    }

    fn confirm(self, harness: &mut Harness, join: &Value) {
        harness.receive(match self {
            Self::Unsubscribed => {
                json!({"type": "subscribed", "channel": "feed", "ref": join["ref"]})
            }
            Self::OtherEpoch => json!({
                "type": "subscribed", "channel": "feed", "ref": join["ref"],
                "epoch": "e", "seq": 10, "head": 10, "recovered": true,
            }),
            Self::Crash | Self::TooManyMessages => json!([join[0], join[1], join[2], "phx_reply",
                {"status": "ok", "response": {"postgres_changes": []}}]),
        });
    }

    fn apply(self, harness: &mut Harness, join: &Value) {
        match self {
            Self::Unsubscribed => harness.receive(json!({
                "type": "unsubscribed", "channel": "feed", "ref": join["ref"],
                "code": "channel_closed", "retryable": true,
            })),
            Self::OtherEpoch => harness.receive(json!({
                "type": "channel_message", "channel": "feed", "id": "m", "epoch": "other",
                "seq": 3, "payload": 1,
            })),
            Self::Crash => harness.receive(json!([join[0], join[1], "feed", "phx_error", {}])),
            Self::TooManyMessages => {
                harness.receive(json!([join[0], null, join[2], "system", {
                    "extension": "system", "status": "error", "channel": "feed",
                    "message": "Too many messages per second",
                }]));
                harness.receive(json!([join[0], join[1], join[2], "phx_close", {}]));
            }
        }
    }

    /// The number of joins in this time if every membership lasts `up_ms`.
    fn joins(self, up_ms: u64, within_ms: u64) -> usize {
        let mut harness = self.connected();
        let (mut joins, mut ends): (usize, Option<(u64, Value)>) = (0, None);
        while harness.now < within_ms {
            if let Some(join) = self.join(&mut harness) {
                joins += 1;
                self.confirm(&mut harness, &join);
                ends = Some((harness.now + up_ms, join));
            }
            if let Some((_, join)) = ends.take_if(|(at, _)| harness.now >= *at) {
                self.apply(&mut harness, &join);
            }
            harness.pass(10);
        }
        joins
    }
}

#[test]
fn channel_that_ends_soon_after_every_join_is_joined_with_backoff() {
    for end in ENDS {
        let (minute, next) = (end.joins(50, 60_000), end.joins(50, 600_000));
        assert!((10..=60).contains(&minute), "{end:?}: {minute} joins in the first minute");
        let later = next - minute;
        assert!((18..=80).contains(&later), "{end:?}: {later} joins in the next nine");
    }
}

#[test]
fn channel_that_lasted_is_rejoined_within_the_first_backoff_range() {
    for end in ENDS {
        // Each membership lasts the 5 s after which the failure count resets, and 250 ms follow.
        let joins = end.joins(5_000, 600_000);
        assert!((115..=120).contains(&joins), "{end:?}: {joins} joins in ten minutes");
    }
}

#[test]
fn new_connection_joins_at_once_channels_that_did_not_last() {
    for end in ENDS {
        let mut harness = end.connected();
        for _ in 0..8 {
            let join = loop {
                if let Some(join) = end.join(&mut harness) {
                    break join;
                }
                harness.pass(10);
            };
            end.confirm(&mut harness, &join);
            end.apply(&mut harness, &join);
        }
        harness.close(1006);
        while harness.socket.is_none() {
            harness.pass(10);
        }
        match end {
            End::Unsubscribed => harness.accept(ALL),
            End::OtherEpoch => harness.accept(SEQ),
            End::Crash | End::TooManyMessages => harness.open_socket(),
        }
        assert!(end.join(&mut harness).is_some(), "{end:?}");
    }
}
