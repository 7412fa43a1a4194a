//! Order, recovery and gaps on a server with `seq`.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::id::ChannelId;
use crate::core::message::Gap;
use crate::core::state::{ChannelState, Continuity};
use crate::core::testing::{Harness, SEQ};

/// A config without pings, so that the connection stays open while time passes.
fn without_pings() -> Config {
    Config { heartbeat_every_ms: None, ..Config::default() }
}

fn started(epoch: &str, seq: u64, head: u64, recovered: bool, join: &Value) -> Value {
    json!({
        "type": "subscribed", "channel": join["channel"], "ref": join["ref"],
        "epoch": epoch, "seq": seq, "head": head, "recovered": recovered,
    })
}

fn message(epoch: &str, seq: u64) -> Value {
    json!({
        "type": "channel_message", "channel": "feed", "id": format!("{epoch}{seq}"),
        "epoch": epoch, "seq": seq, "payload": seq,
    })
}

/// A client on `feed`, at position 10 of epoch `e`.
fn joined(config: Config) -> Harness {
    let mut harness = Harness::new(config);
    harness.subscribe(1, "feed");
    harness.accept(SEQ);
    begin(&mut harness, "e", 10, 10, false);
    harness
}

/// Answers the join; returns the position it requested.
fn begin(harness: &mut Harness, epoch: &str, seq: u64, head: u64, recovered: bool) -> Value {
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(started(epoch, seq, head, recovered, &join));
    join["since"].clone()
}

fn receive(harness: &mut Harness, seqs: impl IntoIterator<Item = u64>) {
    for seq in seqs {
        harness.receive(message("e", seq));
    }
}

fn reconnect(harness: &mut Harness) {
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
}

fn received(harness: &Harness) -> Vec<u64> {
    harness.delivered().iter().map(|payload| payload.as_u64().expect("a number")).collect()
}

fn gaps(harness: &Harness) -> Vec<Gap> {
    let gap = |event: &Event<Value>| match event {
        Event::Gap(_, gap) => Some(gap.clone()),
        _ => None,
    };
    harness.events.iter().filter_map(gap).collect()
}

fn state(harness: &Harness) -> (ChannelState, Continuity) {
    let channel = harness.client.channels().get(ChannelId(1)).expect("the channel");
    (channel.state(), channel.continuity())
}

#[test]
fn duplicate_message_is_delivered_once() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [11, 11, 12, 11, 12]);
    assert_eq!(received(&harness), [11, 12]);
    assert_eq!(harness.client.traffic().duplicates, 3);
}

#[test]
fn messages_out_of_order_are_reordered() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [13, 12]);
    assert_eq!(received(&harness), [0; 0]);
    receive(&mut harness, [11]);
    assert_eq!(received(&harness), [11, 12, 13]);
    harness.pass(60_000);
    assert!(harness.take("recover").is_empty(), "nothing was missing any more");
}

#[test]
fn only_missing_messages_are_requested_within_50_ms() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [14, 16]);
    harness.pass(50);
    let requested = harness.take("recover").pop().expect("a request");
    assert_eq!(
        (&requested["epoch"], &requested["from"], &requested["to"]),
        (&json!("e"), &json!(11), &json!(13))
    );
    receive(&mut harness, [11, 12, 13]);
    assert_eq!(received(&harness), [11, 12, 13, 14]);
    harness.receive(
        json!({"type": "recovered", "channel": "feed", "ref": requested["ref"], "complete": true}),
    );
    harness.pass(50);
    let requested = harness.take("recover").pop().expect("the second hole");
    assert_eq!((&requested["from"], &requested["to"]), (&json!(15), &json!(15)));
    receive(&mut harness, [15]);
    assert_eq!(received(&harness), [11, 12, 13, 14, 15, 16]);
    assert_eq!(
        (gaps(&harness), state(&harness)),
        (vec![], (ChannelState::Ready, Continuity::Fresh))
    );
}

#[test]
fn delivery_continues_after_the_last_message_on_reconnect() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [11, 12, 14]);
    reconnect(&mut harness);
    assert_eq!(begin(&mut harness, "e", 12, 15, true), json!({"epoch": "e", "seq": 12}));
    assert_eq!(
        state(&harness),
        (ChannelState::Joined, Continuity::Recovered),
        "missed messages are pending"
    );
    receive(&mut harness, [13, 14, 15, 16]);
    assert_eq!(received(&harness), [11, 12, 13, 14, 15, 16]);
    assert_eq!(
        (gaps(&harness), state(&harness)),
        (vec![], (ChannelState::Ready, Continuity::Recovered))
    );
    let recovered = |event: &Event<Value>| match event {
        Event::Message(_, delivery) => Some(delivery.recovered),
        _ => None,
    };
    let marks: Vec<_> = harness.events.iter().filter_map(recovered).collect();
    assert_eq!(marks, [false, false, true, false, true, false], "14 was received live");
    assert_eq!(harness.client.traffic().recovered, 2);
}

#[test]
fn server_restart_with_its_log_causes_no_gap() {
    let mut harness = joined(without_pings());
    harness.close(1012);
    harness.pass(250);
    harness.accept(SEQ);
    begin(&mut harness, "e", 10, 10, true);
    assert_eq!(
        (gaps(&harness), state(&harness)),
        (vec![], (ChannelState::Ready, Continuity::Recovered))
    );
}

#[test]
fn gap_is_emitted_after_the_buffered_messages() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [12]);
    reconnect(&mut harness);
    begin(&mut harness, "e", 20, 20, false);
    receive(&mut harness, [21]);
    assert_eq!(received(&harness), [12, 21]);
    let gap = Gap { from: Some(11), to: Some(20), epoch: Some("e".into()) };
    assert_eq!(
        (gaps(&harness), state(&harness)),
        (vec![gap], (ChannelState::Ready, Continuity::Gap))
    );
    let order = harness.events.iter().filter_map(|event| match event {
        Event::Message(..) => Some("message"),
        Event::Gap(..) => Some("gap"),
        _ => None,
    });
    let order = order.collect::<Vec<_>>();
    assert_eq!(order, ["message", "gap", "message"]);
}

#[test]
fn another_epoch_is_a_gap_after_the_buffered_messages_of_the_former() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [12]);
    reconnect(&mut harness);
    begin(&mut harness, "f", 3, 3, false);
    harness.receive(message("f", 4));
    assert_eq!(received(&harness), [12, 4]);
    assert_eq!(gaps(&harness), [Gap { from: None, to: Some(3), epoch: Some("f".into()) }]);
}

#[test]
fn lost_last_message_is_detected_by_the_next_pong() {
    let mut harness = joined(Config::default());
    harness.pass(30_000);
    assert_eq!(harness.take("ping").len(), 1);
    harness.receive(json!({"type": "pong", "heads": {"feed": {"epoch": "e", "seq": 12}, "x": 1}}));
    harness.pass(50);
    let requested = harness.take("recover").pop().expect("a request");
    assert_eq!((&requested["from"], &requested["to"]), (&json!(11), &json!(12)));
}

#[test]
fn message_of_another_epoch_causes_a_rejoin_from_the_position() {
    let mut harness = joined(without_pings());
    harness.receive(message("f", 1));
    assert_eq!(state(&harness).0, ChannelState::Joining);
    harness.receive(message("f", 2));
    assert_eq!(begin(&mut harness, "f", 2, 2, false), json!({"epoch": "e", "seq": 10}));
    assert_eq!(harness.take("subscribe").len(), 0, "once");
    assert_eq!((received(&harness), gaps(&harness).len()), (vec![], 1));
}

#[test]
fn jump_beyond_the_bounded_buffer_causes_a_rejoin_from_the_position() {
    let mut harness = joined(Config { reorder: 4, ..without_pings() });
    receive(&mut harness, 12..=40);
    assert_eq!(begin(&mut harness, "e", 10, 40, true), json!({"epoch": "e", "seq": 10}));
    receive(&mut harness, 11..=40);
    assert_eq!(received(&harness), (11..=40).collect::<Vec<_>>());
    assert_eq!(gaps(&harness), []);
}

#[test]
fn unanswered_recovery_causes_a_rejoin_from_the_position() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [12]);
    harness.pass(50);
    assert_eq!(harness.take("recover").len(), 1);
    harness.pass(10_000);
    assert_eq!(begin(&mut harness, "e", 10, 12, true)["seq"], 10);
    receive(&mut harness, [11]);
    assert_eq!(received(&harness), [11, 12]);
}

#[test]
fn incomplete_recovery_ends_in_a_gap() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [13]);
    harness.pass(50);
    let requested = harness.take("recover").pop().expect("a request");
    harness.receive(
        json!({"type": "recovered", "channel": "feed", "ref": requested["ref"], "complete": false}),
    );
    begin(&mut harness, "e", 13, 13, false);
    assert_eq!(received(&harness), [13]);
    assert_eq!(gaps(&harness), [Gap { from: Some(11), to: Some(13), epoch: Some("e".into()) }]);
}

#[test]
fn messages_that_the_server_never_recovers_become_a_gap_after_limited_requests() {
    let mut harness = joined(without_pings());
    receive(&mut harness, [12]);
    let mut frames = 0;
    for _ in 0..200 {
        harness.pass(1_000);
        for requested in harness.take("recover") {
            frames += 1;
            let answer = json!({"type": "recovered", "channel": "feed", "ref": requested["ref"], "complete": true});
            harness.receive(answer);
        }
        for join in harness.take("subscribe") {
            frames += 1;
            let recovers = !join["since"].is_null();
            harness.receive(started("e", if recovers { 10 } else { 12 }, 12, recovers, &join));
        }
    }
    assert!(frames < 30, "{frames}");
    assert_eq!(received(&harness), [12]);
    assert_eq!(gaps(&harness), [Gap { from: Some(11), to: None, epoch: Some("e".into()) }]);
    assert_eq!(state(&harness), (ChannelState::Ready, Continuity::Gap));
    receive(&mut harness, [13]);
    assert_eq!(received(&harness), [12, 13]);
}

#[test]
fn messages_received_during_a_rejoin_do_not_move_the_position_back() {
    let mut harness = joined(Config { reorder: 1, ..without_pings() });
    receive(&mut harness, [12, 13]);
    let join = harness.take("subscribe").pop().expect("joined again");
    receive(&mut harness, [11, 12, 13]);
    harness.receive(started("e", 10, 13, true, &join));
    receive(&mut harness, [11, 12, 13, 14]);
    assert_eq!(received(&harness), [11, 12, 13, 14]);
    assert_eq!((gaps(&harness), state(&harness).0), (vec![], ChannelState::Ready));
}

#[test]
fn partial_recovery_is_requested_again() {
    let mut harness = joined(without_pings());
    reconnect(&mut harness);
    begin(&mut harness, "e", 10, 13, true);
    receive(&mut harness, [11]);
    harness.pass(10_000);
    assert_eq!(begin(&mut harness, "e", 11, 13, true), json!({"epoch": "e", "seq": 11}));
    receive(&mut harness, [12, 13]);
    assert_eq!((received(&harness), state(&harness).0), (vec![11, 12, 13], ChannelState::Ready));
}

#[test]
fn time_asleep_does_not_count_against_a_recovery() {
    let mut harness = joined(without_pings());
    reconnect(&mut harness);
    begin(&mut harness, "e", 10, 11, true);
    harness.sleep(11_500);
    assert_eq!(harness.take("subscribe").len(), 0);
}

#[test]
fn another_user_joins_without_a_position() {
    let mut harness = joined(without_pings());
    harness.close(1006);
    harness.pass(250);
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": SEQ, "user": "bob"}));
    assert_eq!(begin(&mut harness, "e", 50, 50, false), Value::Null);
    assert_eq!((gaps(&harness), state(&harness).1), (vec![], Continuity::Fresh));
}

#[test]
fn reconnect_to_a_server_that_lost_seq_is_a_gap() {
    let mut harness = joined(without_pings());
    harness.close(1006);
    harness.pass(250);
    harness.accept(&["subscribe", "envelope"]);
    harness.confirm_joins();
    assert_eq!((gaps(&harness), state(&harness).1), (vec![Gap::default()], Continuity::Unknown));
    harness.receive(json!({"type": "channel_message", "channel": "feed", "id": "x", "payload": 7}));
    assert_eq!(received(&harness), [7]);
}

#[test]
fn negotiated_batch_is_processed_in_order() {
    let frames =
        || json!([message("e", 11), {"type": "ping"}, message("e", 12), [message("e", 13)]]);
    let mut harness = joined(without_pings());
    harness.receive(frames());
    assert_eq!(received(&harness), [0; 0]);
    let mut harness = Harness::new(without_pings());
    harness.subscribe(1, "feed");
    harness.accept(&["subscribe", "seq", "envelope", "batch"]);
    begin(&mut harness, "e", 10, 10, false);
    harness.receive(frames());
    assert_eq!((received(&harness), harness.take("pong").len()), (vec![11, 12], 1));
    assert_eq!(harness.client.traffic().invalid_frames, 1, "an array in an array is no frame");
}
