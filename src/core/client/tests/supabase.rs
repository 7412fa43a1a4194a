//! Supabase Realtime: the worked transcript of its protocol, and what a client of it must stand.

use serde_json::{Value, json};

use crate::core::channel::{ChannelState, Continuity, Subscription};
use crate::core::config::{Config, Protocol};
use crate::core::id::{SendId, SubscriberId};
use crate::core::io::{Event, Input};
use crate::core::link::State;
use crate::core::presence::{PresenceAction, PresenceKind};
use crate::core::testing::World;

const TOPIC: &str = "realtime:room:7";

fn filter() -> Value {
    json!({"event": "*", "schema": "public", "table": "notes", "filter": "room_id=eq.7"})
}

fn config() -> Config {
    Config {
        protocol: Protocol::Supabase,
        asks_token: true,
        heartbeat_every_ms: Some(25_000),
        ..Config::default()
    }
}

/// What the transcript's channel wants.
fn part() -> Value {
    json!({
        "presence": {"key": "u-ana", "enabled": true}, "postgres_changes": [filter()],
        "broadcast": {"ack": true, "self": false}, "private": true,
    })
}

fn wanting(params: Value) -> Subscription<Value> {
    Subscription { params: Some(params), ..Subscription::default() }
}

fn system(reference: &str, extension: &str, status: &str, message: &str) -> Value {
    json!([reference, null, TOPIC, "system",
        {"extension": extension, "status": status, "message": message, "channel": "room:7"}])
}

impl World {
    /// A world whose client has subscriber 1 on `room:7` and whose socket is open.
    fn supabase(config: Config, params: Value) -> Self {
        let mut world = Self::new(config);
        world.try_subscribe(1, "room:7", wanting(params)).expect("subscribed");
        world.answer_token(Some("J1"), None);
        world.open_socket();
        world
    }

    fn open_socket(&mut self) {
        let socket = self.socket.expect("a socket was asked for");
        self.input(Input::SocketOpened(socket));
    }

    fn next(&mut self) -> Value {
        self.sent.pop_front().expect("a frame")
    }

    fn reply(&mut self, reference: &str, status: &str, response: &Value) {
        self.receive(json!([reference, reference, TOPIC, "phx_reply",
            {"status": status, "response": response}]));
    }

    /// Answers the latest join of the transcript's channel with its filter's number.
    fn confirm(&mut self, reference: &str) {
        let mut bound = filter();
        bound["id"] = json!(48_210_334);
        self.reply(reference, "ok", &json!({"postgres_changes": [bound]}));
    }

    fn channel(&self) -> (ChannelState, Continuity) {
        let channels = self.client.channels();
        let channel = channels.get(channels.find("room:7").expect("a channel")).expect("held");
        (channel.state(), channel.continuity())
    }

    fn changes(&self) -> Vec<(Value, Vec<SubscriberId>)> {
        let change = |event: &Event<Value>| match event {
            Event::Change(_, delivery, receivers) => {
                Some((delivery.payload.clone(), receivers.clone()))
            }
            _ => None,
        };
        self.events.iter().filter_map(change).collect()
    }

    fn presences(&mut self) -> Vec<(PresenceKind, String)> {
        self.pass(100);
        let told = |event: &Event<Value>| match event {
            Event::Presence(_, changes) => Some(changes.clone()),
            _ => None,
        };
        let changes: Vec<_> = self.events.iter().filter_map(told).flatten().collect();
        self.events.retain(|event| !matches!(event, Event::Presence(..)));
        changes.into_iter().map(|change| (change.kind, change.key)).collect()
    }

    fn track(&mut self, send: u32, meta: Value) {
        let action = PresenceAction::Track { key: None, meta };
        self.client.presence(self.at(), "room:7", SendId(send), action);
        self.drain();
    }

    /// The joins sent and not yet looked at; heartbeats among them are answered.
    fn joins(&mut self) -> Vec<Value> {
        let sent: Vec<_> = self.sent.drain(..).collect();
        for beat in sent.iter().filter(|frame| frame[3] == "heartbeat") {
            self.receive(
                json!([null, beat[1], "phoenix", "phx_reply", {"status": "ok", "response": {}}]),
            );
        }
        sent.into_iter().filter(|frame| frame[3] == "phx_join").collect()
    }

    /// Gaps told so far.
    fn gaps(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Gap(..))).count()
    }

    /// Answers every join there is to answer; returns how many.
    fn confirm_all(&mut self) -> usize {
        let joins = self.joins();
        for join in &joins {
            let bound = join[4]["config"]["postgres_changes"].as_array().expect("filters").iter();
            let bound = bound.map(|filter| {
                let mut filter = filter.clone();
                filter["id"] = json!(if filter["table"] == "notes" { 1 } else { 2 });
                filter
            });
            let response = json!({"status": "ok", "response": {"postgres_changes": bound.collect::<Vec<_>>()}});
            self.receive(json!([join[0], join[1], join[2], "phx_reply", response]));
        }
        joins.len()
    }
}

#[test]
fn the_worked_transcript() {
    let mut world = World::supabase(config(), part());
    assert_eq!(world.opened, [None], "the token is in no subprotocol");
    let joined_with = json!({"config": part(), "access_token": "J1"});
    assert_eq!(world.next(), json!(["1", "1", TOPIC, "phx_join", joined_with]));
    world.confirm("1");
    assert_eq!(world.channel(), (ChannelState::Joined, Continuity::Fresh), "not live yet");
    world.receive(json!(["1", null, TOPIC, "presence_state", {}]));
    world.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(world.channel(), (ChannelState::Ready, Continuity::Fresh));

    world.pass(25_000);
    assert_eq!(world.next(), json!([null, "2", "phoenix", "heartbeat", {}]));
    world.receive(json!([null, "2", "phoenix", "phx_reply", {"status": "ok", "response": {}}]));

    let change = json!({"ids": [48_210_334], "data": {
        "type": "UPDATE", "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
        "columns": [{"name": "id", "type": "int8"}, {"name": "room_id", "type": "int4"}],
        "record": {"id": 91, "room_id": 7}, "old_record": {"id": 91}, "errors": null,
    }});
    world.receive(json!([null, null, TOPIC, "postgres_changes", change]));
    let shaped = json!({
        "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
        "eventType": "UPDATE", "new": {"id": 91, "room_id": 7}, "old": {"id": 91}, "errors": null,
    });
    assert_eq!(world.changes(), [(shaped, vec![SubscriberId(1)])]);

    let mut message = world.message("room:7", json!({"n": 1}));
    message.event = Some("typed".to_owned());
    let send = world.push(message);
    let broadcast = json!({"type": "broadcast", "event": "typed", "payload": {"n": 1}});
    assert_eq!(world.next(), json!(["1", "3", TOPIC, "broadcast", broadcast]));
    world.receive(json!(["1", "3", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(world.progress(send), ["queued", "sent", "acked"]);

    world.track(90, json!({"name": "Ana"}));
    let track = json!({"type": "presence", "event": "track", "payload": {"name": "Ana"}});
    assert_eq!(world.next(), json!(["1", "4", TOPIC, "presence", track]));
    world.receive(json!(["1", "4", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    world.receive(json!([null, null, TOPIC, "presence_diff",
        {"joins": {"u-ana": {"metas": [{"name": "Ana", "phx_ref": "F9aQ"}]}}, "leaves": {}}]));
    assert_eq!(world.progress(SendId(90)), ["acked"]);
    assert_eq!(
        world.presences(),
        [(PresenceKind::Sync, String::new()), (PresenceKind::Join, "u-ana".to_owned())]
    );

    world.client.set_token(world.at(), Some(crate::core::testing::grant("J2", None)));
    world.drain();
    assert_eq!(world.next(), json!(["1", "5", TOPIC, "access_token", {"access_token": "J2"}]));
    world.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));

    world.receive(json!(["1", "1", TOPIC, "phx_error", {"reason": "channel_crash"}]));
    assert_eq!(world.channel().0, ChannelState::Joining);
    world.pass(250);
    let joined_with = json!({"config": part(), "access_token": "J2"});
    let joins = world.joins();
    assert_eq!(joins.first(), Some(&json!(["6", "6", TOPIC, "phx_join", joined_with])));
    world.reply(
        "6",
        "error",
        &json!({"reason": "InitializingProjectConnection: Connecting to the project database"}),
    );
    world.pass(500);
    assert_eq!(world.joins().first().map(|join| join[0].clone()), Some(json!("7")));
    world.confirm("7");
    world.receive(
        json!(["7", null, TOPIC, "presence_state", {"u-bo": {"metas": [{"phx_ref": "F9aZ"}]}}]),
    );
    assert_eq!(world.next(), json!(["7", "8", TOPIC, "presence", track]), "tracked again");
    world.receive(json!(["7", "8", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    world.receive(json!([null, null, TOPIC, "presence_diff",
        {"joins": {"u-ana": {"metas": [{"name": "Ana", "phx_ref": "F9b1"}]}}, "leaves": {}}]));
    world.receive(system("7", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(world.channel(), (ChannelState::Ready, Continuity::Unknown));

    world.unsubscribe(1);
    world.pass(1_000);
    assert_eq!(world.next(), json!(["7", "9", TOPIC, "phx_leave", {}]));
}

fn open_config() -> Config {
    Config { protocol: Protocol::Supabase, max_channels: 200, ..Config::default() }
}

/// A world without tokens whose client has subscriber 1 on `room:7`, and whose socket is open.
fn public(params: Value) -> World {
    let mut world = World::new(open_config());
    world.try_subscribe(1, "room:7", wanting(params)).expect("subscribed");
    world.open_socket();
    world
}

#[test]
fn a_channel_ended_for_its_token_comes_back_with_a_fresh_one() {
    let mut world = World::supabase(config(), part());
    world.joins();
    world.confirm("1");
    world.receive(system("1", "system", "error", "Token has expired 3 seconds ago"));
    world.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(world.channel().0, ChannelState::Joining, "not given up");
    world.pass(0);
    world.answer_token(Some("J2"), None);
    let joins = world.joins();
    assert_eq!(joins[0][4]["access_token"], "J2");
    assert_eq!(joins.len(), 1);
}

#[test]
fn without_anybody_to_ask_for_a_token_an_expired_one_is_final() {
    let mut world = public(part());
    world.joins();
    world.reply(
        "1",
        "error",
        &json!({"reason": "InvalidJWTToken: Token has expired 3 seconds ago"}),
    );
    assert_eq!(world.channel().0, ChannelState::Failed);
}

#[test]
fn the_close_of_a_join_that_was_replaced_is_dropped() {
    let mut world = public(part());
    world.joins();
    world.confirm("1");
    let more = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "bids"}]});
    world.try_subscribe(2, "room:7", wanting(more)).expect("subscribed");
    let join = world.joins().remove(0);
    assert_eq!(
        (&join[0], join[4]["config"]["postgres_changes"].as_array().map(Vec::len)),
        (&json!("2"), Some(2))
    );
    world.reply("2", "ok", &json!({"postgres_changes": []}));
    world.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(world.channel().0, ChannelState::Joined);
    assert_eq!(world.channel().1, Continuity::Unknown, "nothing proves that nothing was missed");
    assert_eq!(world.gaps(), 1);
}

#[test]
fn two_components_have_their_own_filters_and_one_that_goes_leaves_the_other() {
    let filter = |table: &str| json!({"event": "*", "schema": "public", "table": table});
    let mut world = public(json!({"postgres_changes": [filter("notes")]}));
    world.confirm_all();
    world
        .try_subscribe(2, "room:7", wanting(json!({"postgres_changes": [filter("bids")]})))
        .expect("subscribed");
    assert_eq!(world.confirm_all(), 1, "one join for both");
    let change = |id: u32| {
        json!([null, null, TOPIC, "postgres_changes",
        {"ids": [id], "data": {"type": "INSERT", "record": {"id": id}}}])
    };
    world.receive(change(1));
    world.receive(change(2));
    let receivers: Vec<_> = world.changes().into_iter().map(|(_, to)| to).collect();
    assert_eq!(receivers, [[SubscriberId(1)], [SubscriberId(2)]]);
    world.unsubscribe(2);
    world.pass(5_000);
    assert_eq!(world.joins().len(), 0, "nothing is joined again to have less");
    world.receive(change(2));
    world.receive(change(1));
    let receivers: Vec<_> = world.changes().into_iter().skip(2).map(|(_, to)| to).collect();
    assert_eq!(receivers, [vec![], vec![SubscriberId(1)]]);
}

#[test]
fn who_comes_while_the_channel_is_being_joined_is_served_by_the_next_join() {
    let mut world = public(json!({}));
    let more = json!({"postgres_changes": [filter()]});
    world.try_subscribe(2, "room:7", wanting(more)).expect("subscribed");
    let join = world.joins().remove(0);
    assert_eq!(join[4]["config"]["postgres_changes"], json!([]));
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    let join = world.joins().remove(0);
    assert_eq!(join[4]["config"]["postgres_changes"], json!([filter()]));
    assert_eq!(world.channel().0, ChannelState::Joining);
}

#[test]
fn a_refused_join_that_stalls_the_socket_kills_no_connection_and_starves_no_other_channel() {
    let mut world = public(json!({}));
    world.joins();
    world.reply("1", "error", &json!({"reason": "InitializingProjectConnection: wait"}));
    world.subscribe(2, "other");
    world.pass(250);
    let topics: Vec<_> = world.joins().into_iter().map(|join| join[2].clone()).collect();
    assert_eq!(topics, ["realtime:other"], "what was refused comes last, and alone");
    world.pass(29_000);
    assert_eq!(world.state(), State::Ready);
    // Nothing comes back while the server holds the socket: the ping waits longer than its time.
    world.sent.clear();
    world.pass(14_000);
    assert_eq!(world.state(), State::Ready, "10 s and 5 s for the join that is out");
}

#[test]
fn a_hundred_channels_are_joined_no_faster_than_the_server_allows_after_a_cut_too() {
    let mut world = World::new(open_config());
    for number in 0..100 {
        world.subscribe(number + 1, &format!("room:{number}"));
    }
    let mut started: Vec<u64> = Vec::new();
    for _ in 0..2 {
        world.open_socket();
        for _ in 0..300 {
            started.extend(std::iter::repeat_n(world.now, world.confirm_all()));
            world.pass(10);
        }
        let ready =
            world.client.channels().iter().filter(|each| each.state() == ChannelState::Ready);
        assert_eq!(ready.count(), 100);
        world.close(1006);
        world.pass(300);
    }
    assert_eq!(started.len(), 200);
    for window in started.windows(100) {
        assert!(
            window[99] - window[0] > 1_000,
            "a hundred joins within {} ms",
            window[99] - window[0]
        );
    }
}

#[test]
fn a_send_without_a_subscriber_joins_for_as_long_as_it_needs() {
    let mut world = World::new(open_config());
    let send = world.send("room:7", json!({"n": 1}));
    world.open_socket();
    assert_eq!(world.next()[3], "phx_join");
    assert!(world.sent.is_empty(), "nothing is said before the join is confirmed");
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    assert_eq!(world.next()[4]["payload"], json!({"n": 1}));
    world.reply("2", "ok", &json!({}));
    assert_eq!(world.progress(send), ["queued", "sent", "acked"]);
    world.pass(1_000);
    assert_eq!(world.next()[3], "phx_leave");
}

#[test]
fn what_was_to_be_said_in_a_channel_that_lets_nobody_in_fails_with_its_reason() {
    let mut world = World::new(open_config());
    let send = world.send("room:7", json!({"n": 1}));
    world.open_socket();
    world.reply("1", "error", &json!({"reason": "Unauthorized: You do not have permissions to read from this Channel topic: room:7"}));
    assert_eq!(world.progress(send), ["queued", "forbidden"]);
}

#[test]
fn a_refusal_that_is_a_bare_text_is_understood() {
    let mut world = public(json!({}));
    world.joins();
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    let send = world.send("room:7", json!({"big": true}));
    world.reply("2", "error", &json!("payload_size_exceeded"));
    assert_eq!(world.progress(send), ["queued", "sent", "rejected"]);
}

#[test]
fn what_was_said_and_not_answered_before_the_connection_went_is_not_said_again() {
    let mut world = public(json!({}));
    world.joins();
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    let send = world.send("room:7", json!({"n": 1}));
    world.close(1006);
    world.pass(1_000);
    world.open_socket();
    world.confirm_all();
    assert_eq!(world.progress(send), ["queued", "sent", "queued", "unconfirmed"]);
}

#[test]
fn broadcasts_come_with_their_own_event_and_payload_and_replayed_ones_once() {
    let mut world = public(json!({}));
    world.confirm_all();
    let said = |meta: Option<Value>| {
        let mut payload = json!({"type": "broadcast", "event": "pos", "payload": {"x": 1}});
        if let Some(meta) = meta {
            payload["meta"] = meta;
        }
        json!([null, null, TOPIC, "broadcast", payload])
    };
    world.receive(said(None));
    world.receive(said(Some(json!({"id": "a", "replayed": true}))));
    world.receive(said(Some(json!({"id": "a"}))));
    assert_eq!(world.delivered(), [json!({"x": 1}), json!({"x": 1})]);
}

#[test]
fn everything_that_is_not_this_join_s_or_no_frame_is_dropped() {
    let mut world = public(json!({}));
    world.confirm_all();
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
        world.receive(frame);
    }
    assert_eq!(world.delivered(), Vec::<Value>::new());
    assert_eq!(world.channel().0, ChannelState::Ready);
}

#[test]
fn presence_is_tracked_within_the_server_s_limits_and_the_last_word_comes_through() {
    let mut world = public(json!({"presence": {"enabled": true}}));
    world.confirm_all();
    let mut said = 0;
    for number in 0..20 {
        world.track(100 + number, json!({"n": number}));
        for _ in 0..10 {
            for frame in world.sent.drain(..).collect::<Vec<_>>() {
                said += usize::from(frame[3] == "presence");
                let payload = json!({"status": "ok", "response": {}});
                world.receive(json!([frame[0], frame[1], frame[2], "phx_reply", payload]));
            }
            world.pass(100);
        }
    }
    assert_eq!(said, 5, "in 20 s");
    world.pass(11_000);
    let last = world.sent.iter().rfind(|frame| frame[3] == "presence").expect("one more");
    assert_eq!(last[4]["payload"], json!({"n": 19}));
}

#[test]
fn a_join_that_is_not_answered_in_time_is_taken_back() {
    let mut world = public(json!({}));
    world.sent.clear();
    world.pass(10_000);
    assert_eq!(world.next(), json!(["1", "2", TOPIC, "phx_leave", {}]));
    world.receive(json!(["1", "1", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(world.channel().0, ChannelState::Joining, "too late");
}
