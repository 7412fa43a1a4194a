//! Who types, through the whole client.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::id::SendId;
use crate::core::presence::{PresenceAction, PresenceKind};
use crate::core::testing::{ALL, World};

fn typing(world: &mut World, typing: bool) {
    if typing {
        world.client.start_typing(world.at(), "feed");
    } else {
        world.client.stop_typing(world.at(), "feed");
    }
    world.drain();
}

fn who(world: &World) -> Vec<Vec<String>> {
    let who = |event: &Event<Value>| match event {
        Event::Typing(_, who) => Some(who.clone()),
        _ => None,
    };
    world.events.iter().filter_map(who).collect()
}

fn said(who: &str, typing: bool) -> Value {
    json!({
        "type": "ephemeral", "channel": "feed", "event": "typing",
        "payload": {"who": who, "typing": typing},
    })
}

#[test]
fn typing_is_said_as_a_message_that_may_be_lost_under_the_user_s_name() {
    let mut world = World::ready(Config::default(), ALL);
    typing(&mut world, true);
    typing(&mut world, true);
    assert_eq!(world.take("ephemeral"), [said("ann", true)]);
    typing(&mut world, false);
    assert_eq!(world.take("ephemeral"), [said("ann", false)]);
}

#[test]
fn others_typing_is_told_and_is_no_message() {
    let mut world = World::ready(Config::default(), ALL);
    world.receive(said("bob", true));
    world.receive(said("ann", true));
    world.pass(6_000);
    assert_eq!(who(&world), [vec!["bob".to_owned()], vec![]]);
    assert_eq!(world.delivered(), [json!(null); 0]);
}

#[test]
fn an_ephemeral_event_of_that_name_with_another_content_is_the_app_s() {
    let mut world = World::ready(Config::default(), ALL);
    world.receive(json!({
        "type": "ephemeral", "channel": "feed", "event": "typing", "payload": {"who": 5},
    }));
    assert_eq!((world.delivered(), who(&world).len()), (vec![json!({"who": 5})], 0));
}

#[test]
fn on_a_base_server_typing_is_a_message_like_any_other() {
    let mut world = World::ready(Config::default(), &[]);
    typing(&mut world, true);
    let said = json!({
        "type": "channel_message", "channel": "feed", "event": "typing", "who": "ann", "typing": true,
    });
    assert_eq!(world.take("channel_message"), [said]);
    world.receive(json!({"channel": "feed", "event": "typing", "who": "bob", "typing": true}));
    assert_eq!(who(&world), [vec!["bob".to_owned()]]);
    world.close(1006);
    assert_eq!(who(&world).last(), Some(&vec![]), "nobody is heard any more");
}

#[test]
fn without_a_connection_nothing_is_said() {
    let mut world = World::ready(Config::default(), ALL);
    world.close(1006);
    typing(&mut world, true);
    world.pass(250);
    world.accept(ALL);
    assert_eq!(world.take("ephemeral"), [json!(null); 0]);
}

/// All that presence needs.
const PRESENT: &[&str] = &["subscribe", "envelope", "ack", "presence"];

fn track(world: &mut World, send: u32, meta: Value) {
    let action = PresenceAction::Track { key: None, meta };
    world.client.presence(world.at(), "feed", SendId(send), action);
    world.drain();
}

fn presences(world: &World) -> Vec<(PresenceKind, String)> {
    let changes = |event: &Event<Value>| match event {
        Event::Presence(_, changes) => {
            changes.iter().map(|change| (change.kind, change.key.clone())).collect()
        }
        _ => vec![],
    };
    world.events.iter().flat_map(changes).collect()
}

#[test]
fn what_is_tracked_is_tracked_again_in_every_membership_in_place_of_the_former() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    track(&mut world, 7, json!({"away": false}));
    world.accept(PRESENT);
    assert_eq!(world.take("presence"), [json!(null); 0], "not before the channel is joined");
    world.confirm_joins();
    let said = world.take("presence").pop().expect("tracked");
    assert_eq!((&said["action"], &said["meta"]), (&json!("track"), &json!({"away": false})));
    world.receive(json!({
        "type": "presence_ok", "channel": "feed", "ref": said["ref"], "key": "ann", "presence": "p1",
    }));
    assert_eq!(world.progress(SendId(7)), ["acked"]);
    world.close(1006);
    world.pass(250);
    world.accept(PRESENT);
    world.confirm_joins();
    let said = world.take("presence").pop().expect("tracked again");
    assert_eq!((&said["action"], &said["replaces"]), (&json!("track"), &json!("p1")));
}

#[test]
fn who_is_there_is_told_as_differences() {
    let mut world = World::ready(Config::default(), PRESENT);
    let bob = json!({"bob": [{"ref": "1", "away": false}]});
    world.receive(json!({"type": "presence_state", "channel": "feed", "state": bob}));
    let away = json!({"bob": [{"ref": "2", "away": true}]});
    world.receive(json!({
        "type": "presence_diff", "channel": "feed", "joins": away, "leaves": bob,
    }));
    world.pass(100);
    let of = |kind, who: &str| (kind, who.to_owned());
    assert_eq!(
        presences(&world),
        [
            of(PresenceKind::Sync, ""),
            of(PresenceKind::Join, "bob"),
            of(PresenceKind::Update, "bob")
        ]
    );
}

#[test]
fn without_the_feature_presence_is_refused_and_a_refusal_has_a_name() {
    let mut world = World::ready(Config::default(), &[]);
    track(&mut world, 7, json!({}));
    assert_eq!(world.progress(SendId(7)), ["unsupported"]);
    let mut world = World::ready(Config::default(), PRESENT);
    track(&mut world, 8, json!({}));
    let said = world.take("presence").pop().expect("tracked");
    world.receive(json!({
        "type": "error", "channel": "feed", "ref": said["ref"], "code": "forbidden", "message": "no",
    }));
    assert_eq!(world.progress(SendId(8)), ["forbidden"]);
}
