//! The domains' data after a crash.

use serde_json::{Value, json};

use crate::epochs::connect;
use crate::program::{Program, scratch};
use crate::setup::get;

async fn rows(program: &Program, channel: &str) -> Vec<Value> {
    let (status, table) = get(program.address, &format!("/tables/{channel}")).await;
    assert_eq!(status, 200, "{table}");
    table["rows"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn rows_rollups_and_seeds_are_kept_after_a_crash() {
    let directory = scratch("domains");
    let data = directory.to_str().expect("a path");
    let args = ["--domains", "--anonymous", "--publish-open", "--data", data];
    let program = Program::start(&args).await;
    let mut ann = connect(&program).await;
    for number in 1..=3 {
        let row = json!({ "row": { "body": format!("Number {number}") } });
        let ack = ann.change("comments:4", &format!("m{number}"), "insert", row).await;
        assert_eq!(ack["status"], "ok");
    }
    let channels = ["comments:4", "bill-engagement", "bills", "comments:1"];
    let mut before = Vec::new();
    for channel in channels {
        before.push(rows(&program, channel).await);
    }
    program.kill().await;
    let program = Program::start(&args).await;
    for (channel, before) in channels.iter().zip(before) {
        assert_eq!(rows(&program, channel).await, before, "{channel}");
    }
    let mut ann = connect(&program).await;
    let row = json!({ "row": { "body": "Number 4" } });
    ann.change("comments:4", "m4", "insert", row).await;
    let engagement = rows(&program, "bill-engagement").await;
    let figures = engagement.iter().find(|row| row["id"] == "4").expect("the bill");
    assert_eq!(figures["comment_count"], 4);
    program.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}
