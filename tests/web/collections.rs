//! Collections with functions of the app.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, Listener, get, js_with, outcome, string_of, text};
use crate::page;

/// A collection on `board`, joined. `options` is an expression, in which `c` is the recorder's callback.
async fn opened(options: &str, recorder: &Listener) -> (Harness, page::FakeSocket, JsValue) {
    let (client, socket, _listener) = Harness::ready("batchMs: 0", r#""envelope","ack""#).await;
    let options = js_with(&format!("((c) => ({options}))(b)"), &client, recorder.callback());
    let rows = js_with("a.collection('board', b)", &client, &options);
    page::advance(1).await;
    (client, socket, rows)
}

fn items(rows: &JsValue) -> String {
    text(&get(rows, "items"))
}

#[wasm_bindgen_test]
async fn rows_are_keyed_and_sorted_by_the_app_s_functions() {
    let options = "{ key: (row) => row.slug, sort: (a, b) => b.rank - a.rank,
        load: async () => [{ slug: 'a', rank: 1 }, { slug: 'b', rank: 2 }] }";
    let (_client, _socket, rows) = opened(options, &Listener::new()).await;
    assert_eq!(items(&rows), r#"[{"slug":"b","rank":2},{"slug":"a","rank":1}]"#);
    assert_eq!(text(&js_with("a.get('a')", &rows, &rows)), r#"{"slug":"a","rank":1}"#);
    let before = get(&rows, "items");
    assert!(js_sys::Object::is(&before, &get(&js_with("a.getSnapshot()", &rows, &rows), "items")));
}

#[wasm_bindgen_test]
async fn a_load_that_fails_is_reported_to_its_collection_and_called_again() {
    let listener = Listener::new();
    let options = "{ onError: c, load: ((n) => async () => {
        if (!n++) throw new Error('no rows today'); return [{ id: 'a' }]; })(0) }";
    let (_client, _socket, rows) = opened(options, &listener).await;
    assert_eq!(string_of(&listener.value(0, 0), "code"), "load_failed");
    assert!(string_of(&listener.value(0, 0), "message").contains("no rows today"));
    page::advance(5_000).await;
    assert_eq!(
        (items(&rows).as_str(), text(&get(&rows, "error")).as_str()),
        (r#"[{"id":"a"}]"#, "null")
    );
}

#[wasm_bindgen_test]
async fn a_change_that_the_app_fails_to_store_is_rolled_back_with_its_code() {
    let options =
        "{ load: () => [{ id: 'a', title: 'one' }], persist: async (change, { mutation }) => {
        c(change, mutation); throw Object.assign(new Error('not today'), { code: 'closed' }); } }";
    let listener = Listener::new();
    let (_client, _socket, rows) = opened(options, &listener).await;
    let mutation = js_with("a.update('a', { title: 'two' })", &rows, &rows);
    assert_eq!(items(&rows), r#"[{"id":"a","title":"two"}]"#);
    assert!(js_with("a.isPending('a')", &rows, &rows).is_truthy());
    let error = outcome(get(&mutation, "promise").unchecked_into()).await.expect_err("rejected");
    page::advance(1).await;
    assert_eq!(listener.texts(), [r#"{"kind":"update","key":"a","row":{"id":"a","title":"two"}}"#]);
    assert_eq!(listener.value(0, 1), get(&mutation, "id"));
    assert_eq!(string_of(&get(&error, "cause"), "code"), "closed");
    assert_eq!(
        (items(&rows), string_of(&mutation, "status")),
        (r#"[{"id":"a","title":"one"}]"#.into(), "failed".into())
    );
}

#[wasm_bindgen_test]
async fn a_conflict_is_resolved_by_the_app_s_function() {
    let options = "{ load: () => [{ id: 'a', n: 1 }], persist: () => new Promise(() => {}),
        conflict: (local, remote, base) => { c([local.n, remote.n, base.n]); return { ...remote, n: local.n + remote.n }; } }";
    let listener = Listener::new();
    let (_client, socket, rows) = opened(options, &listener).await;
    js_with("a.update('a', { n: 2 })", &rows, &rows);
    socket.receive(
        r#"{"type":"channel_message","channel":"board","event":"update","id":"m","payload":{"row":{"id":"a","n":10}}}"#,
    );
    page::advance(5).await;
    assert_eq!(listener.texts().last().map(String::as_str), Some("[2,10,1]"));
    assert_eq!(items(&rows), r#"[{"id":"a","n":12}]"#);
}

#[wasm_bindgen_test]
async fn invalid_arguments_of_a_collection_throw_synchronously() {
    let (client, _socket, rows) = opened("{}", &Listener::new()).await;
    let code = |expression: &str| {
        let tried = format!("(() => {{ try {{ {expression} }} catch (e) {{ return e.code }} }})()");
        js_with(&tried, &client, &rows).as_string()
    };
    for expression in [
        "a.collection('x', { key: '' })",
        "a.collection('x', { conflict: 'mine' })",
        "a.collection('x', { limit: 0 })",
        "a.collection('x', { sort: 'asc' })",
        "b.insert(7)",
        "b.update('a', { title: undefined })",
        "b.update('', {})",
        "b.remove(1.5)",
    ] {
        assert_eq!(code(expression).as_deref(), Some("invalid_argument"), "{expression}");
    }
    let released = js_with("(b.release(), b.insert({ id: 'z' }).promise)", &client, &rows);
    let error = outcome(released.unchecked_into()).await.expect_err("it was released");
    assert_eq!(string_of(&error, "code"), "aborted");
}
