//! Rejection modes, restarts and shutdown.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

use crate::client::{Client, ClientEvent, within};
use crate::setup::{TestServer, http};

/// Connects as soon as the server listens again.
pub(crate) async fn connect_again(server: &TestServer) {
    within("listener", async {
        while TcpStream::connect(server.address()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn rejection_modes_reject_new_connections_and_keep_open_ones() {
    let server = TestServer::start().await;
    let mut open = server.full().await;
    let address = server.address();

    server.control("/reject", json!({ "mode": "tcp" })).await;
    assert!(Client::try_open(address, "", &[]).await.is_err());

    server.control("/reject", json!({ "mode": "handshake" })).await;
    match Client::try_open(address, "", &[]).await.err() {
        Some(Error::Http(response)) => assert_eq!(response.status(), 503),
        other => panic!("{other:?}"),
    }

    server.control("/reject", json!({ "mode": "auth" })).await;
    let mut client = Client::open(address, "", &[]).await;
    assert_eq!(client.expect("error").await["code"], "unauthorized");
    assert_eq!(client.next_event().await, ClientEvent::Closed(4001));

    server.control("/reject", json!({ "mode": "hang" })).await;
    tokio::select! {
        _ = Client::try_open(address, "", &[]) => panic!("the handshake was answered"),
        () = counted(&server, 4) => {}
    }
    server.control("/reject", json!({ "mode": "off" })).await;
    server.full().await;
    assert!(open.received_before_pong().await.is_empty());
    assert_eq!(server.shown("/stats").await["rejected"], 4);
}

async fn counted(server: &TestServer, handshakes: u64) {
    while server.shown("/stats").await["handshakesWhileRejecting"] != handshakes {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn restart_aborts_connections_stops_listening_and_keeps_logs() {
    let server = TestServer::start().await;
    let mut ann = server.user("ann").await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    let first = ann.publish("c", "m1", json!(1)).await;
    server.control("/restart", json!({ "logs": "keep", "downMs": 1_500 })).await;
    assert_eq!(ann.until_closed().await, ClientEvent::Cut);
    let rejected =
        TcpStream::connect(server.address()).await.expect_err("the server does not listen");
    assert_eq!(rejected.kind(), std::io::ErrorKind::ConnectionRefused);
    connect_again(&server).await;
    let mut ann = server.user("ann").await;
    let joined = ann.resume("c", &epoch, 0).await;
    assert_eq!((&joined["recovered"], &joined["head"]), (&json!(true), &json!(1)));
    assert_eq!(ann.payloads(1).await, [json!(1)]);
    assert_eq!(ann.publish("c", "m1", json!(1)).await, first);
}

#[tokio::test]
async fn restart_without_logs_starts_new_epochs() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    ann.publish("c", "m1", json!(1)).await;
    server.control("/restart", json!({ "logs": "lose" })).await;
    assert_eq!(ann.until_closed().await, ClientEvent::Cut);
    connect_again(&server).await;
    let mut ann = server.full().await;
    let joined = ann.resume("c", &epoch, 1).await;
    assert_eq!((&joined["recovered"], &joined["head"]), (&json!(false), &json!(0)));
    assert_ne!(joined["epoch"], epoch);
    assert_eq!(server.shown("/stats").await["opened"], 2);
}

#[tokio::test]
async fn restart_closes_half_open_connections() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    server.control("/faults", json!({ "connection": "all", "halfOpen": true })).await;
    server.control("/restart", json!({ "logs": "keep", "downMs": 1 })).await;
    assert_eq!(ann.until_closed().await, ClientEvent::Cut);
}

#[tokio::test]
async fn shutdown_sends_close_frames() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let mut base = server.base().await;
    let address = server.address();
    tokio::join!(server.server.shutdown(), async {
        assert_eq!(ann.until_closed().await, ClientEvent::Closed(1012));
        assert_eq!(base.until_closed().await, ClientEvent::Closed(1012));
    });
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn cross_origin_page_cannot_use_the_control_endpoint() {
    let server = TestServer::start().await;
    let control = server.server.control().expect("a control endpoint");
    let body = r#"{"logs":"lose"}"#;
    let head = "POST /restart HTTP/1.1\r\nOrigin: http://elsewhere.example\r\n";
    assert_eq!(http(control, head, body).await.0, 403);
}

#[tokio::test]
async fn connection_record_has_all_frames_and_the_close_code() {
    let server = TestServer::start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    let record = server.record(&ann.id()).await;
    assert_eq!((&record["user"], &record["open"]), (&json!("ann"), &json!(true)));
    assert_eq!(record["channels"], json!(["c"]));
    assert_eq!(record["received"], json!({ "auth": 1, "subscribe": 1, "ping": 1 }));
    let id = ann.id();
    ann.close(4000).await;
    within("end", async {
        while server.record(&id).await["open"] == true {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let record = server.record(&id).await;
    assert_eq!(record["closeCode"], 4000);
    assert!(record["closedAt"].as_u64() >= record["openedAt"].as_u64());
    let sent = json!({ "auth_success": 1, "subscribed": 1, "presence_state": 1, "pong": 1 });
    assert_eq!(record["sent"], sent);
}
