//! Limits of rows and of memory.

use serde_json::{Value, json};

use super::{Harness, options};
use crate::core::collection::CollectionOptions;

#[test]
fn oldest_rows_are_dropped_at_the_limit_unless_pending() {
    let limited = CollectionOptions { limit: Some(3), ..options() };
    let mut harness = Harness::live(limited, json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]));
    harness.update("a", json!({"n": 1}));
    for id in ["d", "e"] {
        harness.message("insert", json!({"row": {"id": id}}));
    }
    harness.pass(100);
    assert_eq!(harness.keys(), ["a", "d", "e"]);
    harness.message("update", json!({"row": {"id": "b", "n": 1}}));
    harness.pass(100);
    assert_eq!(
        harness.keys(),
        ["a", "d", "e"],
        "a row that was let go does not come back in parts"
    );
}

#[test]
fn load_is_truncated_to_the_limit() {
    let rows = (0..10).map(|id| json!({"id": id})).collect::<Value>();
    let mut harness = Harness::new(CollectionOptions { limit: Some(4), ..options() });
    harness.ready();
    harness.load(rows);
    assert_eq!(harness.keys(), ["6", "7", "8", "9"]);
}

#[test]
fn memory_of_settled_changes_is_bounded() {
    let mut harness = Harness::live(options(), json!([]));
    for n in 0..1_000 {
        let insert = if n % 2 == 0 {
            let insert = harness.insert(json!({}));
            harness.accept(insert, None, Some(json!({"id": n})));
            insert
        } else {
            let insert = harness.insert_as(&n.to_string(), json!({"id": n}));
            harness.send_unconfirmed(insert);
            insert
        };
        assert_eq!(harness.outcome(insert).len(), 1);
        let removal = harness.remove(&n.to_string());
        harness.send_unconfirmed(removal);
        harness.views.clear();
    }
    harness.pass(60_000);
    let (mutations, memories, keys) = harness.collections.sizes();
    assert!(keys <= 64, "{keys}");
    assert!(mutations <= 64 && memories <= 256 + 64, "{mutations} {memories}");
}
