use serde_json::json;
use tidewire_server_core::limits::Limits;

use crate::world::World;

#[test]
fn valid_token_is_answered_with_the_negotiated_extensions_and_the_user() {
    let mut world = World::new();
    let client = world.open();
    let wanted = ["subscribe", "seq", "ack", "unknown"];
    world.send(client, &json!({ "type": "auth", "token": "ann", "features": wanted }));
    let frames = world.take(client);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["type"], "auth_success");
    // `ack` needs `envelope`.
    assert_eq!(frames[0]["features"], json!(["subscribe", "seq"]));
    assert_eq!((&frames[0]["user"], &frames[0]["ackMemoryMs"]), (&json!("ann"), &json!(120_000)));
}

#[test]
fn frame_before_auth_is_rejected_and_the_connection_stays() {
    let mut world = World::new();
    let client = world.open();
    world.send(client, &json!({ "type": "subscribe", "channel": "c", "ref": 1 }));
    assert_eq!(world.take(client)[0]["code"], "unauthorized");
    assert_eq!(world.close_code(client), None);
    world.send(client, &json!({ "type": "auth", "token": null }));
    assert_eq!(world.take_types(client), ["auth_success"]);
}

#[test]
fn rejected_token_closes_with_the_code_of_its_reason() {
    for (token, code) in [("wrong", 4001), ("banned", 4002)] {
        let mut world = World::new();
        let client = world.open();
        world.send(client, &json!({ "type": "auth", "token": token }));
        assert_eq!(world.take_types(client), ["error"]);
        assert_eq!(world.close_code(client), Some(code));
    }
}

#[test]
fn connection_without_auth_in_time_is_closed() {
    let mut world = World::with(Limits { auth_timeout_ms: 3_000, ..Limits::default() });
    let client = world.open();
    world.advance(2_999);
    assert_eq!(world.close_code(client), None);
    world.advance(1);
    assert_eq!(world.close_code(client), Some(4001));
}

#[test]
fn expired_token_closes_unless_another_one_came() {
    let mut world = World::new();
    world.tokens_end_at = Some(5_000);
    let (idle, renewed) = (world.join_as("ann"), world.join_as("bob"));
    world.tokens_end_at = Some(9_000);
    world.send(renewed, &json!({ "type": "auth", "token": "bob" }));
    assert_eq!(world.take(renewed)[0]["expiresInMs"], 9_000);
    world.advance(5_000);
    assert_eq!(world.take(idle)[0]["code"], "token_expired");
    assert_eq!((world.close_code(idle), world.close_code(renewed)), (Some(4001), None));
    world.advance(4_000);
    assert_eq!(world.close_code(renewed), Some(4001));
}

#[test]
fn revoked_token_closes_at_once() {
    let mut world = World::new();
    let client = world.join_as("ann");
    world.server.revoke(client, world.now());
    world.settle();
    assert_eq!(world.close_code(client), Some(4001));
}

#[test]
fn new_token_of_another_user_closes() {
    let mut world = World::new();
    let client = world.join_as("ann");
    world.send(client, &json!({ "type": "auth", "token": "bob" }));
    assert_eq!(world.close_code(client), Some(4001));
}

#[test]
fn new_token_that_covers_less_ends_the_other_memberships() {
    let mut world = World::new();
    let client = world.join_as("ann");
    world.subscribe(client, "news");
    world.subscribe(client, "private");
    world.take(client);
    world.send(client, &json!({ "type": "auth", "token": "ann@news" }));
    let frames = world.take(client);
    assert_eq!(frames[0]["type"], "auth_success");
    assert_eq!(
        (&frames[1]["type"], &frames[1]["channel"]),
        (&"unsubscribed".into(), &"private".into())
    );
    assert_eq!(world.server.hub().channels_of(client), ["news"]);
}

#[test]
fn silent_peer_is_pinged_and_then_closed() {
    let mut world = World::with(Limits { idle_timeout_ms: 10_000, ..Limits::default() });
    let client = world.join_as("ann");
    world.advance(5_000);
    assert_eq!((world.pings(client), world.close_code(client)), (1, None));
    world.send(client, &json!({ "type": "ping" }));
    world.advance(9_999);
    assert_eq!((world.pings(client), world.close_code(client)), (2, None));
    world.advance(1);
    assert_eq!(world.close_code(client), Some(1001));
}
