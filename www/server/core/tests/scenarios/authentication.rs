use serde_json::json;
use tidewire_server_core::limits::Limits;

use crate::harness::Harness;

#[test]
fn valid_token_is_answered_with_the_negotiated_extensions_and_the_user() {
    let mut harness = Harness::new();
    let client = harness.open();
    let wanted = ["subscribe", "seq", "ack", "unknown"];
    harness.send(client, &json!({ "type": "auth", "token": "ann", "features": wanted }));
    let frames = harness.take(client);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["type"], "auth_success");
    // `ack` needs `envelope`.
    assert_eq!(frames[0]["features"], json!(["subscribe", "seq"]));
    assert_eq!((&frames[0]["user"], &frames[0]["ackMemoryMs"]), (&json!("ann"), &json!(120_000)));
}

#[test]
fn frame_before_auth_is_rejected_and_the_connection_stays() {
    let mut harness = Harness::new();
    let client = harness.open();
    harness.send(client, &json!({ "type": "subscribe", "channel": "c", "ref": 1 }));
    assert_eq!(harness.take(client)[0]["code"], "unauthorized");
    assert_eq!(harness.close_code(client), None);
    harness.send(client, &json!({ "type": "auth", "token": null }));
    assert_eq!(harness.take_types(client), ["auth_success"]);
}

#[test]
fn rejected_token_closes_with_the_code_of_its_reason() {
    for (token, code) in [("wrong", 4001), ("banned", 4002)] {
        let mut harness = Harness::new();
        let client = harness.open();
        harness.send(client, &json!({ "type": "auth", "token": token }));
        assert_eq!(harness.take_types(client), ["error"]);
        assert_eq!(harness.close_code(client), Some(code));
    }
}

#[test]
fn connection_without_auth_in_time_is_closed() {
    let mut harness = Harness::with(Limits { auth_timeout_ms: 3_000, ..Limits::default() });
    let client = harness.open();
    harness.advance(2_999);
    assert_eq!(harness.close_code(client), None);
    harness.advance(1);
    assert_eq!(harness.close_code(client), Some(4001));
}

#[test]
fn expired_token_closes_unless_it_was_renewed() {
    let mut harness = Harness::new();
    harness.tokens_expire_at = Some(5_000);
    let (idle, renewed) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.tokens_expire_at = Some(9_000);
    harness.send(renewed, &json!({ "type": "auth", "token": "bob" }));
    assert_eq!(harness.take(renewed)[0]["expiresInMs"], 9_000);
    harness.advance(5_000);
    assert_eq!(harness.take(idle)[0]["code"], "token_expired");
    assert_eq!((harness.close_code(idle), harness.close_code(renewed)), (Some(4001), None));
    harness.advance(4_000);
    assert_eq!(harness.close_code(renewed), Some(4001));
}

#[test]
fn revoked_token_closes_at_once() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    harness.server.revoke(client, harness.now());
    harness.settle();
    assert_eq!(harness.close_code(client), Some(4001));
}

#[test]
fn new_token_of_another_user_closes() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    harness.send(client, &json!({ "type": "auth", "token": "bob" }));
    assert_eq!(harness.close_code(client), Some(4001));
}

#[test]
fn new_token_that_covers_less_ends_the_other_memberships() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    harness.subscribe(client, "news");
    harness.subscribe(client, "private");
    harness.take(client);
    harness.send(client, &json!({ "type": "auth", "token": "ann@news" }));
    let frames = harness.take(client);
    assert_eq!(frames[0]["type"], "auth_success");
    assert_eq!(
        (&frames[1]["type"], &frames[1]["channel"]),
        (&"unsubscribed".into(), &"private".into())
    );
    assert_eq!(harness.server.hub().channels_of(client), ["news"]);
}

#[test]
fn silent_peer_is_pinged_and_then_closed() {
    let mut harness = Harness::with(Limits { idle_timeout_ms: 10_000, ..Limits::default() });
    let client = harness.join_as("ann");
    harness.advance(5_000);
    assert_eq!((harness.pings(client), harness.close_code(client)), (1, None));
    harness.send(client, &json!({ "type": "ping" }));
    harness.advance(9_999);
    assert_eq!((harness.pings(client), harness.close_code(client)), (2, None));
    harness.advance(1);
    assert_eq!(harness.close_code(client), Some(1001));
}
