//! The control endpoint's `/churn`, which fills a table and changes its rows.

use serde_json::json;

use super::start;
use crate::setup::{TestServer, config_with, post};

#[tokio::test]
async fn churn_fills_a_table_and_then_changes_its_rows() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("calls:7").await;
    let churn = json!({ "channel": "calls:7", "perSecond": 200, "seconds": 0.5, "rows": 60 });
    let done = server.control("/churn", churn).await;
    assert_eq!(done, json!({ "rows": 60, "changes": 100 }));
    let table = server.table("calls:7").await;
    assert_eq!(table["rows"].as_array().expect("rows").len(), 60);
    assert_eq!(table["position"]["seq"], 160);
    let received = ann.payloads(160).await;
    assert!(received.iter().skip(60).all(|payload| payload["row"]["version"].as_u64() > Some(1)));
    let again = json!({ "channel": "calls:7", "perSecond": 100, "seconds": 0.1, "rows": 10 });
    assert_eq!(server.control("/churn", again).await["rows"], 60);
}

#[tokio::test]
async fn every_domain_table_accepts_sample_rows() {
    let server = start().await;
    for (_, channel, _, _) in super::collections() {
        let churn = json!({ "channel": channel, "perSecond": 500, "seconds": 0.1, "rows": 30 });
        let done = server.control("/churn", churn).await;
        assert_eq!(done["rows"], 30, "{channel}");
        assert!(done["changes"].as_u64() > Some(0), "{channel}");
    }
}

#[tokio::test]
async fn churn_works_without_columns_and_fails_without_a_table() {
    let server = TestServer::with(config_with(&[("notes", Default::default())])).await;
    let churn = json!({ "channel": "notes", "perSecond": 100, "seconds": 0.1, "rows": 3 });
    assert_eq!(server.control("/churn", churn).await, json!({ "rows": 3, "changes": 10 }));
    let control = server.server.control().expect("there is a control endpoint");
    let churn = json!({ "channel": "room", "perSecond": 1, "seconds": 1 }).to_string();
    assert_eq!(post(control, "/churn", &churn).await.0, 404);
}
