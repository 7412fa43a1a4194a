//! What is kept is bounded.

use serde_json::{Value, json};

use super::{Bench, options};
use crate::core::collection::CollectionOptions;

#[test]
fn beyond_the_limit_the_oldest_rows_go_but_none_with_a_pending_change() {
    let limited = CollectionOptions { limit: Some(3), ..options() };
    let mut bench = Bench::live(limited, json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]));
    bench.update("a", json!({"n": 1}));
    for id in ["d", "e"] {
        bench.message("insert", json!({"row": {"id": id}}));
    }
    bench.pass(100);
    assert_eq!(bench.keys(), ["a", "d", "e"]);
    bench.message("update", json!({"row": {"id": "b", "n": 1}}));
    bench.pass(100);
    assert_eq!(bench.keys(), ["a", "d", "e"], "a row that was let go does not come back in parts");
}

#[test]
fn a_load_is_cut_to_the_limit() {
    let rows = (0..10).map(|id| json!({"id": id})).collect::<Value>();
    let mut bench = Bench::new(CollectionOptions { limit: Some(4), ..options() });
    bench.ready();
    bench.load(rows);
    assert_eq!(bench.keys(), ["6", "7", "8", "9"]);
}

#[test]
fn settled_changes_leave_only_so_much_behind() {
    let mut bench = Bench::live(options(), json!([]));
    for n in 0..1_000 {
        let insert = if n % 2 == 0 {
            let insert = bench.insert(json!({}));
            bench.accept(insert, None, Some(json!({"id": n})));
            insert
        } else {
            let insert = bench.insert_as(&n.to_string(), json!({"id": n}));
            bench.hand_over(insert);
            insert
        };
        assert_eq!(bench.outcome(insert).len(), 1);
        let removal = bench.remove(&n.to_string());
        bench.hand_over(removal);
        bench.views.clear();
    }
    bench.pass(60_000);
    let (mutations, memories, keys) = bench.collections.sizes();
    assert!(keys <= 64, "{keys}");
    assert!(mutations <= 64 && memories <= 256 + 64, "{mutations} {memories}");
}
