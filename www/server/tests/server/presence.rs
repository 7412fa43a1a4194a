//! Presence and ephemeral messages.

use serde_json::{Value, json};
use tidewire_server::config::Config;
use tidewire_server::limits::Limits;

use crate::client::Client;
use crate::setup::{TestServer, open_config};

async fn track(client: &mut Client, meta: Value, replaces: Option<&Value>) -> Value {
    let frame = json!({
        "type": "presence", "channel": "c", "ref": "p", "action": "track",
        "key": "somebody else", "meta": meta, "replaces": replaces,
    });
    client.send(frame).await;
    client.until("presence_ok").await
}

async fn server_with_grace(grace_ms: u64) -> TestServer {
    let limits = Limits { presence_grace_ms: grace_ms, ..Limits::default() };
    TestServer::with(Config { limits, ..open_config() }).await
}

#[tokio::test]
async fn presence_state_follows_subscribe_and_is_keyed_by_user() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    ann.subscribe("c").await;
    assert_eq!(ann.expect("presence_state").await["state"], json!({}));
    let tracked = track(&mut ann, json!({ "at": "desk", "ref": "forged" }), None).await;
    assert_eq!((&tracked["key"], &tracked["ref"]), (&json!("ann"), &json!("p")));
    let shown = json!({ "ann": [{ "ref": tracked["presence"], "at": "desk" }] });
    let diff = ann.expect("presence_diff").await;
    assert_eq!((&diff["joins"], &diff["leaves"]), (&shown, &json!({})));
    bob.subscribe("c").await;
    assert_eq!(bob.expect("presence_state").await["state"], shown);
}

#[tokio::test]
async fn update_is_one_diff_and_untrack_is_immediate() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    ann.subscribe("c").await;
    let old = track(&mut ann, json!({ "n": 1 }), None).await["presence"].clone();
    bob.subscribe("c").await;
    let update = json!({ "type": "presence", "channel": "c", "ref": 2, "action": "update", "meta": { "n": 2 } });
    ann.send(update).await;
    let new = ann.until("presence_ok").await["presence"].clone();
    let diff = bob.until("presence_diff").await;
    assert_eq!(diff["joins"], json!({ "ann": [{ "ref": new, "n": 2 }] }));
    assert_eq!(diff["leaves"], json!({ "ann": [{ "ref": old, "n": 1 }] }));
    ann.send(json!({ "type": "presence", "channel": "c", "ref": 3, "action": "untrack" })).await;
    assert_eq!(bob.until("presence_diff").await["leaves"]["ann"][0]["ref"], new);
}

#[tokio::test]
async fn reconnect_within_the_grace_period_sends_no_leave() {
    let server = server_with_grace(60_000).await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    ann.subscribe("c").await;
    let old = track(&mut ann, json!({}), None).await["presence"].clone();
    bob.subscribe("c").await;
    bob.received_before_pong().await;
    ann.close(4000).await;
    let mut ann = server.user("ann").await;
    ann.subscribe("c").await;
    let new = track(&mut ann, json!({}), Some(&old)).await["presence"].clone();
    let diff = bob.expect("presence_diff").await;
    assert_eq!(diff["joins"]["ann"][0]["ref"], new);
    assert_eq!(diff["leaves"]["ann"][0]["ref"], old);
    assert!(bob.received_before_pong().await.is_empty());
}

#[tokio::test]
async fn presence_ends_after_the_grace_period() {
    let server = server_with_grace(50).await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    bob.subscribe("c").await;
    ann.subscribe("c").await;
    let old = track(&mut ann, json!({}), None).await["presence"].clone();
    assert_eq!(bob.until("presence_diff").await["joins"]["ann"][0]["ref"], old);
    ann.close(1000).await;
    let diff = bob.expect("presence_diff").await;
    assert_eq!((&diff["joins"], &diff["leaves"]["ann"][0]["ref"]), (&json!({}), &old));
}

#[tokio::test]
async fn presence_of_another_user_cannot_be_replaced() {
    let server = server_with_grace(60_000).await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    ann.subscribe("c").await;
    let anns = track(&mut ann, json!({}), None).await["presence"].clone();
    bob.subscribe("c").await;
    track(&mut bob, json!({}), Some(&anns)).await;
    assert_eq!(bob.until("presence_diff").await["leaves"], json!({}));
}

#[tokio::test]
async fn anonymous_presence_key_is_the_connection_id() {
    let server = TestServer::start().await;
    let mut client = server.full().await;
    client.subscribe("c").await;
    assert_eq!(track(&mut client, json!({}), None).await["key"], client.id());
}

#[tokio::test]
async fn presence_needs_a_subscription_and_an_object() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    for (joined, meta) in [(false, json!({})), (true, json!([1])), (true, json!("x"))] {
        if joined {
            ann.subscribe("c").await;
            ann.received_before_pong().await;
        }
        let frame = json!({ "type": "presence", "channel": "c", "ref": 9, "action": "track", "meta": meta });
        ann.send(frame).await;
        let error = ann.expect("error").await;
        assert_eq!((&error["ref"], &error["code"]), (&json!(9), &json!("invalid")));
    }
}

#[tokio::test]
async fn ephemeral_message_is_received_by_the_others_and_not_logged() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    let mut base = server.base().await;
    ann.subscribe("c").await;
    bob.subscribe("c").await;
    ann.received_before_pong().await;
    let typing = json!({ "type": "ephemeral", "channel": "c", "event": "typing", "payload": { "who": "ann" } });
    ann.send(typing.clone()).await;
    assert_eq!(bob.until("ephemeral").await, typing);
    assert!(
        ann.received_before_pong().await.is_empty() && base.received_before_pong().await.is_empty()
    );
    assert_eq!(server.shown("/log?channel=c").await["head"], 0);
}
