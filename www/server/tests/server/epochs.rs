//! Crashes: with `--data` all data is kept; without it new epochs start.

use serde_json::json;

use crate::client::Client;
use crate::program::{Program, scratch};
use crate::setup::ALL;

/// An anonymous connection with all extensions.
pub(crate) async fn connect(program: &Program) -> Client {
    let mut client = Client::open(program.address, "", &[]).await;
    client.auth(None, ALL).await;
    client
}

#[tokio::test]
async fn killed_process_with_data_keeps_epochs_logs_and_accepted_ids() {
    let directory = scratch("epochs");
    let data = directory.to_str().expect("a path");
    let program = Program::start(&["--anonymous", "--data", data]).await;
    let mut ann = connect(&program).await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    let empty = ann.subscribe("empty").await["epoch"].clone();
    let mut acks = Vec::new();
    for n in 1..=20 {
        acks.push(ann.publish("c", &format!("m{n}"), json!({ "n": n })).await);
    }
    program.kill().await;

    let program = Program::start(&["--anonymous", "--data", data]).await;
    let mut ann = connect(&program).await;
    let joined = ann.resume("c", &epoch, 17).await;
    assert_eq!((&joined["recovered"], &joined["head"]), (&json!(true), &json!(20)));
    assert_eq!(ann.payloads(3).await, [json!({ "n": 18 }), json!({ "n": 19 }), json!({ "n": 20 })]);
    assert_eq!(ann.publish("c", "m7", json!({ "n": 7 })).await, acks[6]);
    assert_eq!(ann.publish("c", "m21", json!({ "n": 21 })).await["seq"], 21);
    assert_eq!(ann.resume("empty", &empty, 0).await["recovered"], true);
    program.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}

#[tokio::test]
async fn killed_process_without_data_starts_new_epochs() {
    let program = Program::start(&["--anonymous"]).await;
    let mut ann = connect(&program).await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    ann.publish("c", "m1", json!(1)).await;
    program.kill().await;
    let program = Program::start(&["--anonymous"]).await;
    let mut ann = connect(&program).await;
    let joined = ann.resume("c", &epoch, 0).await;
    assert_eq!(joined["recovered"], false);
    assert_ne!(joined["epoch"], epoch);
}

#[tokio::test]
async fn losing_the_logs_deletes_stored_logs() {
    let directory = scratch("lose");
    let data = directory.to_str().expect("a path");
    let program = Program::start(&["--anonymous", "--data", data, "--control"]).await;
    let mut ann = connect(&program).await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    ann.publish("c", "m1", json!(1)).await;
    let control = program.control.as_str().and_then(|at| at.parse().ok()).expect("an address");
    let lose = r#"{"logs":"lose","downMs":0}"#;
    assert_eq!(crate::setup::post(control, "/restart", lose).await.0, 200);
    program.kill().await;
    let program = Program::start(&["--anonymous", "--data", data]).await;
    let mut ann = connect(&program).await;
    assert_eq!(ann.resume("c", &epoch, 1).await["recovered"], false);
    program.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}
