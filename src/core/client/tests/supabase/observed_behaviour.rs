//! Behaviour observed in running servers.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::*;
use crate::core::error::Code;
use crate::core::rng::Rng;
use crate::core::state::ErrorInForce;

#[test]
fn rejected_join_that_stalls_the_socket_keeps_the_connection_and_other_channels() {
    let mut harness = public(json!({}));
    harness.joins();
    harness.reply("1", "error", &json!({"reason": "InitializingProjectConnection: wait"}));
    harness.subscribe(2, "other");
    harness.pass(250);
    let topics: Vec<_> = harness.joins().into_iter().map(|join| join[2].clone()).collect();
    assert_eq!(topics, ["realtime:other"], "the rejected channel comes last, and alone");
    harness.pass(29_000);
    assert_eq!(harness.state(), State::Ready);
    // The server answers nothing while it delays the rejection, longer than the ping's timeout.
    harness.sent.clear();
    harness.pass(14_000);
    assert_eq!(harness.state(), State::Ready, "10 s and 5 s for the pending join");
}

#[test]
fn sends_to_a_channel_that_rejects_every_join_fail_with_its_reason() {
    let mut harness = Harness::new(open_config());
    let send = harness.send("room:7", json!({"n": 1}));
    harness.open_socket();
    harness.reply("1", "error", &json!({"reason": "Unauthorized: You do not have permissions to read from this Channel topic: room:7"}));
    assert_eq!(harness.progress(send), ["queued", "forbidden"]);
}

#[test]
fn rejection_with_a_text_only_is_parsed() {
    let mut harness = public(json!({}));
    harness.joins();
    harness.reply("1", "ok", &json!({"postgres_changes": []}));
    let send = harness.send("room:7", json!({"big": true}));
    harness.reply("2", "error", &json!("payload_size_exceeded"));
    assert_eq!(harness.progress(send), ["queued", "sent", "rejected"]);
}

#[test]
fn frames_of_other_joins_and_invalid_frames_are_dropped() {
    let mut harness = public(json!({}));
    harness.confirm_all();
    for frame in [
        json!(["9", null, TOPIC, "broadcast", {"event": "e", "payload": 1}]),
        json!([null, null, "realtime:else", "broadcast", {"event": "e", "payload": 1}]),
        json!([null, null, "room:7", "broadcast", {"event": "e", "payload": 1}]),
        json!([null, "77", TOPIC, "phx_reply", {"status": "ok", "response": {}}]),
        json!([null, null, TOPIC, "phx_reply"]),
        json!({"topic": TOPIC}),
        json!(7),
        json!([1, 2, 3, 4, 5]),
    ] {
        harness.receive(frame);
    }
    assert_eq!(harness.delivered(), Vec::<Value>::new());
    assert_eq!(harness.channel().0, ChannelState::Ready);
}

#[test]
fn presence_calls_stay_within_the_server_s_limits_and_the_last_one_is_sent() {
    let mut harness = public(json!({"presence": {"enabled": true}}));
    harness.confirm_all();
    let mut sent = 0;
    for number in 0..20 {
        harness.track(100 + number, json!({"n": number}));
        for _ in 0..10 {
            for frame in harness.sent.drain(..).collect::<Vec<_>>() {
                sent += usize::from(frame[3] == "presence");
                let payload = json!({"status": "ok", "response": {}});
                harness.receive(json!([frame[0], frame[1], frame[2], "phx_reply", payload]));
            }
            harness.pass(100);
        }
    }
    assert_eq!(sent, 5, "in 20 s");
    harness.pass(11_000);
    let last = harness.sent.iter().rfind(|frame| frame[3] == "presence").expect("one more");
    assert_eq!(last[4]["payload"], json!({"n": 19}));
}

#[test]
fn presence_calls_stay_within_the_server_s_limit_for_any_latency() {
    // The latency of each direction is between 0 and `jitter`, drawn by the seed.
    for (seed, jitter) in [(1, 0), (2, 40), (3, 200), (4, 800), (5, 2_500)] {
        let mut rng = Rng::new(seed);
        let mut harness = public(json!({"presence": {"enabled": true}}));
        harness.confirm_all();
        let (mut up, mut down, mut arrived) = (VecDeque::new(), VecDeque::new(), Vec::new());
        for tick in 0..30_000 {
            if tick % 40 == 0 {
                harness.track(1_000 + tick, json!({ "n": tick }));
            }
            let now = harness.now;
            // Frames arrive in order.
            for frame in harness.sent.drain(..) {
                let at = now + rng.up_to(jitter);
                let behind = up.back().map_or(0, |(at, _): &(u64, Value)| *at);
                up.push_back((at.max(behind), frame));
            }
            while let Some((at, frame)) = up.pop_front_if(|(at, _)| *at <= now) {
                if frame[3] == "presence" {
                    arrived.push(at);
                }
                let payload = json!({"status": "ok", "response": {}});
                down.push_back((
                    at + rng.up_to(jitter),
                    json!([frame[0], frame[1], frame[2], "phx_reply", payload]),
                ));
            }
            while let Some((_, reply)) = down.pop_front_if(|(at, _)| *at <= now) {
                harness.receive(reply);
            }
            harness.pass(10);
        }
        assert!(arrived.len() > 30, "{}: the budget is used", arrived.len());
        for calls in arrived.windows(6) {
            assert!(calls[5] - calls[0] > 30_000, "jitter {jitter}: {calls:?}");
        }
    }
}

#[test]
fn sixth_presence_call_is_delayed_by_the_window_and_a_margin() {
    for (rtt, margin) in [(0, 250), (100, 250), (400, 800)] {
        let mut harness = public(json!({"presence": {"enabled": true}}));
        harness.confirm_all();
        harness.pass(30_000);
        let beat = harness.next();
        assert_eq!(beat[3], "heartbeat");
        harness.pass(rtt);
        let ok = json!({"status": "ok", "response": {}});
        harness.receive(json!([null, beat[1], "phoenix", "phx_reply", ok]));
        let (mut first, mut sixth) = (None, None);
        for number in 0..350 {
            harness.track(100 + number, json!({ "n": number }));
            for frame in harness.sent.drain(..).collect::<Vec<_>>() {
                if frame[3] == "presence" {
                    first = first.or(Some(harness.now));
                    sixth = Some(harness.now);
                }
                harness.receive(json!([frame[0], frame[1], frame[2], "phx_reply", ok]));
            }
            if sixth > first.map(|first| first + 20_000) {
                break;
            }
            harness.pass(100);
        }
        let waited = sixth.expect("a call") - first.expect("a call");
        assert!((30_000 + margin..30_200 + margin).contains(&waited), "{rtt}: {waited}");
    }
}

#[test]
fn unanswered_join_is_left_after_the_timeout() {
    let mut harness = public(json!({}));
    harness.sent.clear();
    harness.pass(10_000);
    assert_eq!(harness.next(), json!(["1", "2", TOPIC, "phx_leave", {}]));
    harness.receive(json!(["1", "1", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(harness.channel().0, ChannelState::Joining, "too late");
}

/// A harness without tokens whose channel is joined.
fn joined() -> Harness {
    let mut harness = public(json!({}));
    harness.confirm_all();
    harness
}

#[test]
fn every_close_by_the_server_is_followed_by_a_reconnect() {
    // The causes: idle, a frame too large, a drain, no close frame, `disconnect`.
    for code in [1000, 1009, 1012, 1006, 1001] {
        let mut harness = joined();
        let send = harness.send("room:7", json!({"n": 1}));
        harness.close(code);
        assert_eq!(harness.channel().0, ChannelState::Joining);
        harness.pass(500);
        harness.open_socket();
        harness.confirm_all();
        assert_eq!(harness.channel(), (ChannelState::Ready, Continuity::Unknown), "{code}");
        assert_eq!(harness.gaps(), 1);
        let outcome = if code == 1009 { "message_too_large" } else { "unconfirmed" };
        assert_eq!(harness.progress(send).last(), Some(&outcome), "{code}: never sent twice");
    }
}

#[test]
fn channel_over_the_limit_is_joined_when_another_one_leaves() {
    let mut harness = public(json!({}));
    harness.joins();
    harness.reply("1", "error", &json!({"reason": "ChannelRateLimitReached: Too many channels"}));
    let channel = |harness: &Harness| {
        let channels = harness.client.channels();
        let id = channels.find("room:7").expect("a channel");
        channels.get(id).expect("a channel").state()
    };
    assert_eq!(channel(&harness), ChannelState::Joining);
    harness.pass(500);
    assert_eq!(harness.confirm_all(), 1);
    assert_eq!(channel(&harness), ChannelState::Ready);
}

#[test]
fn channel_ended_for_a_rate_limit_is_rejoined_and_reports_a_gap() {
    for message in ["Too many messages per second", "Client presence rate limit exceeded"] {
        let mut harness = joined();
        harness.receive(system("1", "system", "error", message));
        harness.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
        harness.pass(500);
        harness.confirm_all();
        assert_eq!(harness.channel(), (ChannelState::Ready, Continuity::Unknown), "{message}");
        assert_eq!(harness.gaps(), 1);
    }
}

#[test]
fn unanswered_broadcast_with_ack_times_out() {
    let mut harness = joined();
    let send = harness.send("room:7", json!({"n": 1}));
    harness.pass(10_000);
    assert_eq!(harness.progress(send), ["queued", "sent", "ack_timeout"]);
}

#[test]
fn broadcast_of_invalid_json_affects_nothing_else() {
    let mut harness = joined();
    let socket = harness.socket.expect("open");
    for received in [Received::NotJson, Received::UnexpectedBinary, Received::TooLarge(None)] {
        harness.input(Input::SocketFrame(socket, received, 9));
    }
    assert_eq!(harness.channel().0, ChannelState::Ready);
    assert_eq!(harness.client.traffic().invalid_frames, 3);
}

#[test]
fn failed_table_subscription_is_an_error_and_the_channel_stays_joined() {
    let mut harness = public(json!({"postgres_changes": [filter()]}));
    harness.confirm_all();
    harness.receive(system("1", "postgres_changes", "error", "Unable to subscribe to changes"));
    assert_eq!(harness.channel().0, ChannelState::Joined, "it is not live");
    let emitted = harness.events.iter().any(|event| matches!(event, Event::Error(Some(_), _)));
    assert!(emitted, "the app is notified");
    harness.receive(json!([null, null, TOPIC, "broadcast", {"event": "pos", "payload": {"x": 1}}]));
    assert!(harness.delivered().contains(&json!({"x": 1})));
    // The server retries by itself, and reports it.
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(harness.channel().0, ChannelState::Ready);
}

#[test]
fn join_always_has_a_config_so_the_topic_is_not_parsed_as_a_table() {
    let mut harness = Harness::new(open_config());
    harness.subscribe(1, "room:7");
    harness.open_socket();
    let expected = json!({
        "broadcast": {"ack": true, "self": false}, "presence": {"key": "", "enabled": false},
        "postgres_changes": [], "private": false,
    });
    assert_eq!(harness.joins()[0][4]["config"], expected);
}

#[test]
fn rejected_joins_are_paced_and_later_channels_are_joined() {
    let mut harness = public(json!({}));
    harness.subscribe(2, "second");
    harness.subscribe(3, "third");
    let joins = harness.joins();
    assert_eq!(joins.len(), 3);
    let reply = |join: &Value, status: &str, response: Value| json!([join[0], join[1], join[2], "phx_reply", {"status": status, "response": response}]);
    let rejection = json!({"reason": "UnknownErrorOnChannel: no"});
    for join in &joins[..2] {
        harness.pass(5_000);
        harness.receive(reply(join, "error", rejection.clone()));
    }
    harness.pass(5_000);
    harness.receive(reply(&joins[2], "ok", json!({"postgres_changes": []})));
    let channels = harness.client.channels();
    let third = channels.get(channels.find("third").expect("a channel")).expect("a channel");
    assert_eq!(third.state(), ChannelState::Ready, "after 15 s, on the same connection");
    assert_eq!(harness.closed, Vec::<u16>::new());
}

#[test]
fn rejected_connection_is_reported_and_next_attempt_fetches_another_token() {
    let mut harness = Harness::new(Config { has_token_source: true, ..open_config() });
    harness.subscribe(1, "room:7");
    harness.answer_token(Some("J1"), None);
    harness.pass(2_000);
    harness.close(1006);
    let rejected = harness.events.iter().any(|event| match event {
        Event::State(State::Reconnecting, _, Some(error), ErrorInForce::New) => {
            error.code == Code::ConnectRefused
        }
        _ => false,
    });
    assert!(rejected);
    harness.pass(500);
    assert_eq!(harness.token_requests, 2);
}

#[test]
fn unavailable_database_causes_no_rejoin() {
    let mut harness = public(json!({"postgres_changes": [filter()]}));
    harness.confirm_all();
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    harness.pass(24_000);
    let send = harness.send("room:7", json!({"n": 1}));
    let sent = harness.next();
    harness
        .receive(json!([sent[0], sent[1], TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(harness.progress(send), ["queued", "sent", "acked"], "broadcasts are not affected");
    let change = json!({"ids": [1], "data": {"type": "INSERT", "record": {"id": 1}}});
    harness.receive(json!([null, null, TOPIC, "postgres_changes", change]));
    assert_eq!((harness.changes().len(), harness.gaps()), (1, 0));
    assert_eq!(harness.channel(), (ChannelState::Ready, Continuity::Fresh));
    assert_eq!(harness.joins().len(), 0);
}
