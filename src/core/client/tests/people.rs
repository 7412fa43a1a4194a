//! Who types, through the whole client.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::io::Event;
use crate::core::testing::{ALL, World};

fn typing(world: &mut World, typing: bool) {
    world.client.typing(world.at(), "feed", typing);
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
