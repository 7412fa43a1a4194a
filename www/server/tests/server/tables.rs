//! Tables of channels: changes by messages, which are stored and broadcast once.

use serde_json::{Value, json};
use tidewire_server::config::{Config, KeyKind, Rule, TableConfig};
use tidewire_server::limits::Limits;

use crate::client::{Client, message};
use crate::epochs::connect;
use crate::outages::connect_again;
use crate::program::{Program, scratch};
use crate::setup::{TestServer, config_with, get, open_config, post};

#[tokio::test]
async fn change_is_stored_acknowledged_with_its_row_and_broadcast() {
    let server = TestServer::with_notes().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    let epoch = bob.subscribe("notes").await["epoch"].clone();
    let receives = async |bob: &mut Client, id: &str, event: &str, payload: Value| {
        let received = bob.until("channel_message").await;
        assert_eq!((&received["id"], &received["event"]), (&json!(id), &json!(event)));
        assert_eq!(received["payload"], payload);
    };

    let ack = ann.change("notes", "m1", "insert", json!({ "row": { "title": "one" } })).await;
    assert_eq!((&ack["status"], &ack["seq"]), (&json!("ok"), &json!(1)));
    let key = ack["payload"]["id"].clone();
    assert!(key.is_string());
    let row = json!({ "id": key, "title": "one", "version": 1 });
    assert_eq!(ack["payload"], row);
    receives(&mut bob, "m1", "insert", json!({ "row": row, "mutation": "m1" })).await;

    let patch = json!({ "row": { "id": key, "body": { "x": 1.0 } } });
    let ack = ann.change("notes", "m2", "update", patch).await;
    let row = json!({ "id": key, "title": "one", "body": { "x": 1.0 }, "version": 2 });
    assert_eq!((&ack["payload"], &ack["seq"]), (&row, &json!(2)));
    receives(&mut bob, "m2", "update", json!({ "row": row, "mutation": "m2" })).await;
    let table = json!({ "rows": [row], "position": { "epoch": epoch, "seq": 2 } });
    assert_eq!(server.table("notes").await, table);

    let ack = ann.change("notes", "m3", "delete", json!({ "key": key })).await;
    assert_eq!((&ack["status"], ack.get("payload")), (&json!("ok"), None));
    receives(&mut bob, "m3", "delete", json!({ "key": key, "mutation": "m3" })).await;
    let table = json!({ "rows": [], "position": { "epoch": epoch, "seq": 3 } });
    assert_eq!(server.table("notes").await, table);
}

#[tokio::test]
async fn resent_change_is_acknowledged_again_and_applied_once() {
    let server = TestServer::with_notes().await;
    let mut ann = server.user("ann").await;
    let first = ann.change("notes", "m1", "insert", json!({ "row": { "n": 1 } })).await;
    let key = &first["payload"]["id"];
    let patch = json!({ "row": { "id": key, "n": 2, "version": 1 } });
    let second = ann.change("notes", "m2", "update", patch.clone()).await;
    let third = ann.change("notes", "m3", "delete", json!({ "key": key })).await;
    ann.close(1000).await;
    let mut ann = server.user("ann").await;
    assert_eq!(ann.change("notes", "m1", "insert", json!({ "row": { "n": 1 } })).await, first);
    assert_eq!(ann.change("notes", "m2", "update", patch).await, second);
    assert_eq!(ann.change("notes", "m3", "delete", json!({ "key": key })).await, third);
    assert_eq!(server.table("notes").await["position"]["seq"], 3);
    let mut bob = server.user("bob").await;
    let taken = bob.change("notes", "m1", "insert", json!({ "row": {} })).await;
    assert_eq!(taken["code"], "invalid");
}

#[tokio::test]
async fn invalid_change_is_rejected_and_not_broadcast() {
    let forbid = Some("bad".into());
    let rule = Rule { field: "title".into(), max_length: Some(5), forbid, ..Rule::default() };
    let notes = TableConfig {
        rules: vec![rule],
        rows: vec![json!({ "id": "a", "title": "first" })],
        ..TableConfig::default()
    };
    let server = TestServer::with(config_with(&[("notes", notes)])).await;
    let mut ann = server.full().await;
    for (event, payload, code) in [
        ("insert", json!({ "row": [1] }), "invalid"),
        ("insert", json!({}), "invalid"),
        ("insert", json!(7), "invalid"),
        ("insert", json!({ "row": { "id": "a" } }), "conflict"),
        ("insert", json!({ "row": { "id": 7 } }), "conflict"),
        ("insert", json!({ "row": { "id": [] } }), "invalid"),
        ("insert", json!({ "row": { "title": "so long" } }), "invalid"),
        ("insert", json!({ "row": { "title": "a BAD" } }), "invalid"),
        ("update", json!({ "row": { "title": "x" } }), "invalid"),
        ("update", json!({ "row": { "id": "b", "title": "x" } }), "not_found"),
        ("update", json!({ "row": { "id": "a", "version": 2 } }), "conflict"),
        ("update", json!({ "row": { "id": "a", "version": "1" } }), "invalid"),
        ("update", json!({ "row": { "id": "a", "title": "so long" } }), "invalid"),
        ("delete", json!({ "key": "b" }), "not_found"),
        ("delete", json!({ "row": { "id": "a" } }), "invalid"),
    ] {
        let ack = ann.change("notes", "m", event, payload.clone()).await;
        assert_eq!((&ack["status"], &ack["code"]), (&json!("error"), &json!(code)), "{payload}");
        assert_eq!(ack["retryable"], false);
        assert!(ack["message"].as_str().is_some_and(|m| m.len() > 10), "{ack}");
    }
    assert_eq!(server.shown("/log?channel=notes").await["head"], 0);
    // Five letters, which are more bytes; fields without a rule may have any value.
    let row = json!({ "row": { "id": "a", "title": "éééééé"[2..], "body": "so bad" } });
    assert_eq!(ann.change("notes", "m", "update", row).await["status"], "ok");
}

#[tokio::test]
async fn sender_may_choose_a_free_key_and_generated_numbers_are_unique() {
    let issues = TableConfig { keys: KeyKind::Integer, ..TableConfig::default() };
    let server = TestServer::with(config_with(&[("issues", issues)])).await;
    let mut ann = server.full().await;
    let chosen = ann.change("issues", "m0", "insert", json!({ "row": { "id": "mine" } })).await;
    assert_eq!(chosen["payload"], json!({ "id": "mine", "version": 1 }));
    for (id, number) in [("m1", 1), ("m2", 2)] {
        let ack = ann.change("issues", id, "insert", json!({ "row": { "id": null } })).await;
        assert_eq!(ack["payload"], json!({ "id": number, "version": 1 }));
    }
    ann.change("issues", "m3", "delete", json!({ "key": 2 })).await;
    let ack = ann.change("issues", "m4", "insert", json!({ "row": {} })).await;
    assert_eq!(ack["payload"]["id"], 3);
}

#[tokio::test]
async fn rows_are_in_insertion_order_and_the_table_is_limited() {
    let limits = Limits { table_rows: 3, table_bytes: 400, ..Limits::default() };
    let tables = config_with(&[("notes", TableConfig::default())]).tables;
    let server = TestServer::with(Config { limits, tables, ..open_config() }).await;
    let mut ann = server.full().await;
    for n in 1..=3 {
        ann.change("notes", &format!("m{n}"), "insert", json!({ "row": { "n": n } })).await;
    }
    let rows = server.table("notes").await["rows"].clone();
    assert_eq!((&rows[0]["n"], &rows[1]["n"], &rows[2]["n"]), (&json!(1), &json!(2), &json!(3)));
    let full = ann.change("notes", "m4", "insert", json!({ "row": { "n": 4 } })).await;
    assert_eq!((&full["code"], &full["retryable"]), (&json!("limit"), &json!(false)));
    let large = json!({ "row": { "id": rows[0]["id"], "text": "x".repeat(400) } });
    assert_eq!(ann.change("notes", "m5", "update", large).await["code"], "limit");
    ann.change("notes", "m6", "delete", json!({ "key": rows[0]["id"] })).await;
    let ack = ann.change("notes", "m4", "insert", json!({ "row": { "n": 4 } })).await;
    assert_eq!(ack["status"], "ok");
}

#[tokio::test]
async fn events_without_a_table_change_are_relayed() {
    let server = TestServer::with_notes().await;
    let mut ann = server.full().await;
    ann.subscribe("notes").await;
    ann.subscribe("room").await;
    ann.change("notes", "m1", "moved", json!({ "row": 1 })).await;
    ann.change("room", "m2", "insert", json!({ "row": 1 })).await;
    ann.publish("notes", "m3", json!({ "row": { "id": "a" } })).await;
    let logs = (server.shown("/log?channel=notes").await, server.shown("/log?channel=room").await);
    for entry in [&logs.0["entries"][0], &logs.1["entries"][0]] {
        assert_eq!(entry["payload"], json!({ "row": 1 }));
    }
    let table = server.table("notes").await;
    assert_eq!((&table["rows"], &table["position"]["seq"]), (&json!([]), &json!(2)));
    let control = server.server.control().expect("a control endpoint");
    assert_eq!(get(control, "/table?channel=room").await.0, 404);
}

#[tokio::test]
async fn each_channel_of_a_pattern_has_its_own_table() {
    let server = TestServer::with(config_with(&[("board:*", TableConfig::default())])).await;
    let mut ann = server.full().await;
    ann.change("board:1", "m1", "insert", json!({ "row": { "id": "a" } })).await;
    let other = ann.change("board:2", "m1", "insert", json!({ "row": { "id": "a" } })).await;
    assert_eq!((&other["status"], &other["seq"]), (&json!("ok"), &json!(1)));
    ann.change("board:2", "m2", "delete", json!({ "key": "a" })).await;
    assert_eq!(server.table("board:1").await["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.table("board:2").await["rows"], json!([]));
}

#[tokio::test]
async fn base_connection_changes_tables_and_receives_merged_messages() {
    let server = TestServer::with_notes().await;
    let (mut base, mut full) = (server.base().await, server.full().await);
    full.subscribe("notes").await;
    let frame = json!({ "type": "channel_message", "channel": "notes", "event": "insert",
        "row": { "id": "a", "title": "one" }, "mutation": "b1" });
    base.send(frame.clone()).await;
    let row = json!({ "id": "a", "title": "one", "version": 1 });
    assert_eq!(
        base.next().await,
        json!({ "type": "channel_message", "channel": "notes", "event": "insert",
            "row": row, "mutation": "b1" })
    );
    let received = full.until("channel_message").await;
    assert_eq!((&received["event"], &received["id"]), (&json!("insert"), &json!("b1")));
    assert_eq!(received["payload"], json!({ "row": row, "mutation": "b1" }));
    base.send(frame).await;
    assert!(base.received_before_pong().await.is_empty());

    full.change("notes", "m1", "delete", json!({ "key": "a" })).await;
    assert_eq!(
        base.next().await,
        json!({ "type": "channel_message", "channel": "notes", "event": "delete",
            "key": "a", "mutation": "m1" })
    );
    base.send(
        json!({ "type": "channel_message", "channel": "notes", "event": "update", "row": {} }),
    )
    .await;
    assert_eq!(base.expect("error").await["code"], "invalid");
    // A message with another type is not a change.
    let own = json!({ "type": "mine", "channel": "notes", "event": "insert", "row": {} });
    base.send(own.clone()).await;
    assert_eq!(base.next().await, own);
}

#[tokio::test]
async fn rows_and_position_are_consistent() {
    let server = TestServer::with_notes().await;
    let mut ann = server.full().await;
    for n in 1..=200 {
        let mut frame = message("notes", &format!("m{n}"), &json!({ "row": { "n": n } }));
        frame["event"] = "insert".into();
        ann.send(frame).await;
    }
    let mut seq = 0;
    while seq < 200 {
        let table = server.table("notes").await;
        seq = table["position"]["seq"].as_u64().expect("a seq");
        assert_eq!(table["rows"].as_array().map(Vec::len), usize::try_from(seq).ok());
    }
}

#[tokio::test]
async fn losing_the_logs_keeps_tables_and_their_accepted_ids() {
    let server = TestServer::with_notes().await;
    let mut ann = server.user("ann").await;
    let epoch = ann.subscribe("notes").await["epoch"].clone();
    let first = ann.change("notes", "m1", "insert", json!({ "row": { "n": 1 } })).await;
    server.control("/restart", json!({ "logs": "lose" })).await;
    connect_again(&server).await;
    let table = server.table("notes").await;
    assert_ne!(table["position"]["epoch"], epoch);
    assert_eq!(table["rows"], json!([first["payload"]]));
    let mut ann = server.user("ann").await;
    assert_eq!(ann.resume("notes", &epoch, 1).await["recovered"], false);
    assert_eq!(ann.change("notes", "m1", "insert", json!({ "row": { "n": 1 } })).await, first);
    assert_eq!(server.table("notes").await, table);
}

async fn table(program: &Program) -> Value {
    get(program.address, "/tables/notes").await.1
}

#[tokio::test]
async fn killed_process_with_data_keeps_rows_position_and_acks() {
    let directory = scratch("tables");
    let data = directory.to_str().expect("a path");
    let flags = ["--anonymous", "--publish-open", "--table", "notes", "--data", data];
    let program = Program::start(&flags).await;
    let mut ann = connect(&program).await;
    let mut acks = Vec::new();
    for n in 1..=3 {
        let row = json!({ "row": { "n": n } });
        acks.push(ann.change("notes", &format!("m{n}"), "insert", row).await);
    }
    let deleted =
        ann.change("notes", "m4", "delete", json!({ "key": acks[1]["payload"]["id"] })).await;
    let before = table(&program).await;
    assert_eq!(before["rows"].as_array().map(Vec::len), Some(2));
    program.kill().await;

    let program = Program::start(&flags).await;
    assert_eq!(table(&program).await, before);
    let mut ann = connect(&program).await;
    let again = json!({ "row": { "n": 2 } });
    assert_eq!(ann.change("notes", "m2", "insert", again).await, acks[1]);
    let again = json!({ "key": acks[1]["payload"]["id"] });
    assert_eq!(ann.change("notes", "m4", "delete", again).await, deleted);
    assert_eq!(table(&program).await, before);
    program.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}

#[tokio::test]
async fn crash_keeps_rows_and_messages_consistent() {
    let directory = scratch("torn");
    let data = directory.to_str().expect("a path");
    let flags = ["--anonymous", "--publish-open", "--table", "notes", "--data", data];
    let program = Program::start(&flags).await;
    let mut ann = connect(&program).await;
    let keep_inserting = async {
        for n in 1.. {
            let mut frame = message("notes", &format!("m{n}"), &json!({ "row": { "n": n } }));
            frame["event"] = "insert".into();
            ann.send(frame).await;
            // 50 messages are always in flight.
            if n > 50 {
                ann.until("ack").await;
            }
        }
    };
    let many =
        async { while table(&program).await["rows"].as_array().map_or(0, Vec::len) < 100 {} };
    tokio::select! {
        () = keep_inserting => {}
        () = many => {}
    }
    program.kill().await;
    let program = Program::start(&flags).await;
    let table = table(&program).await;
    let seq = table["position"]["seq"].as_u64().expect("a seq");
    assert!(seq >= 100);
    assert_eq!(table["rows"].as_array().map(Vec::len), usize::try_from(seq).ok());
    program.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}

#[tokio::test]
async fn demo_notes_are_seeded_and_boards_are_empty() {
    let server = TestServer::with(Config { demo: true, ..open_config() }).await;
    let notes = server.table("notes").await;
    assert_eq!(get(server.address(), "/demo/notes").await.1, notes);
    assert_eq!(notes["rows"][0]["id"], "note-1");
    assert_eq!((&notes["rows"][3]["version"], &notes["rows"][4]), (&json!(1), &Value::Null));
    assert_eq!(server.table("board:x").await["rows"], json!([]));
    let mut ann = server.full().await;
    let edit = json!({ "row": { "id": "note-1", "title": "Something forbidden" } });
    assert_eq!(ann.change("notes", "m1", "update", edit).await["code"], "invalid");
    let body = json!({ "channel": "notes", "event": "delete", "payload": { "key": "note-1" } });
    assert_eq!(post(server.address(), "/publish", &body.to_string()).await.0, 200);
    assert_eq!(server.table("notes").await["rows"][0]["id"], "note-2");
}
