//! A well-behaved server: after the fuzz steps the client must work with it.

use tidewire::core::collection::CollectionStatus;
use tidewire::core::config::ProtocolKind;
use tidewire::core::input::{Input, Page as Visibility, Received};
use tidewire::core::state::{ChannelState, State};

use crate::harness::Features;
use crate::page::{Page, ROWS};
use crate::phoenix;
use crate::value::{Value, object};

/// The time limit for a client to become ready, in virtual milliseconds: a ping and its timeout, a
/// backoff at its cap, a join that timed out, an answer that was never sent.
const SETTLE_MS: u64 = 150_000;

/// How long it may take to close the connection.
const RELEASE_MS: u64 = 3_000;

/// The interval at which the server reads the frames that were sent, in virtual milliseconds.
const POLL_MS: u64 = 20;

/// The extensions of this server: all.
const FEATURES: [&str; 8] =
    ["subscribe", "seq", "envelope", "ack", "presence", "ephemeral", "reauth", "batch"];

/// The keys of the table.
const KEYS: [&str; 2] = ["g1", "g2"];

/// Connects the client to a good server, and panics with a message unless all its functions work.
pub(crate) fn ensure_usable(page: &mut Page) {
    // An app can recover from any state like this: set another token, connect, subscribe again.
    page.cut();
    page.call(|client, now| client.handle_input(now, Input::Page(Visibility::Visible)));
    let grant = page.grant();
    page.call(|client, now| client.set_token(now, Some(grant)));
    let subscriber = page.subscribe("fresh");
    page.call(|client, now| client.connect(now));
    serve(page, SETTLE_MS);
    page.call(|client, now| client.reload(now, ROWS));
    serve(page, SETTLE_MS);

    assert_eq!(page.client.connection().state(), State::Ready, "usable");
    for name in ["fresh", "a", "t"] {
        let channels = page.client.channels();
        let channel = channels.find(name).and_then(|id| channels.get(id));
        let state = channel.map(|channel| channel.state());
        // A channel that the server rejected permanently stays failed until it is subscribed to again.
        let rejected = name != "fresh" && state == Some(ChannelState::Failed);
        assert!(rejected || state == Some(ChannelState::Ready), "usable: {name} is {state:?}");
        if name == "t" && !rejected {
            ensure_table_shown(page);
        }
    }
    page.delivered.clear();
    let message = match page.features.protocol() {
        ProtocolKind::Tidewire => object! {
            "type": "channel_message", "channel": "fresh", "id": "good", "seq": 1, "epoch": "good",
            "payload": "good morning",
        },
        ProtocolKind::Phoenix => phoenix::message("fresh", "good morning"),
        ProtocolKind::Supabase => phoenix::broadcast_message("fresh", "good morning"),
    };
    page.receive(Received::Value(message));
    let delivered: Vec<_> = page.delivered.drain(..).map(|delivery| delivery.payload).collect();
    assert_eq!(delivered, ["good morning".into()], "usable");
    let send = page.send("fresh", true);
    serve(page, 1_000);
    assert!(page.has_ended(send), "usable: a send is not answered");
    let first_unended = page.first_unended();
    assert!(first_unended.is_none(), "sends-end: {first_unended:?}");
    page.ensure_no_token_in_debug_output();

    page.call(|client, now| client.unsubscribe(now, subscriber));
    page.call(|client, now| client.disconnect(now));
    serve(page, RELEASE_MS);
    assert_eq!(page.socket, None, "quiet: a connection without demand");
}

fn ensure_table_shown(page: &Page) {
    let view = page.view.as_ref();
    let shown: Vec<_> = view.iter().flat_map(|view| &view.rows).map(|row| &*row.key).collect();
    assert_eq!(shown, KEYS, "rows-agree: {view:?}");
    let live =
        view.is_some_and(|view| view.status == CollectionStatus::Live && view.pending.is_empty());
    assert!(live, "rows-agree: {view:?}");
}

/// Advances time, and answers everything.
fn serve(page: &mut Page, ms: u64) {
    let until = page.now + ms;
    while page.now < until {
        loop {
            page.answer_token_requests();
            page.open();
            let sent = std::mem::take(&mut page.sent);
            let answers: Vec<_> = sent.iter().flat_map(answers).collect();
            let requests = page.requests.len();
            for answer in &answers {
                page.receive(Received::Value(answer.clone()));
            }
            for _ in 0..requests {
                page.answer(&table(page.features));
            }
            if answers.is_empty() && requests == 0 && page.tokens.is_empty() {
                break;
            }
        }
        // Nothing happens until the next timer fires.
        let due = page.client.poll_timeout().map_or(until, |(due, _)| due.as_ms());
        page.pass(due.saturating_sub(page.now).clamp(POLL_MS, until - page.now.min(until - 1)));
    }
}

fn table(features: Features) -> Value {
    let rows = KEYS.map(|key| object! { "id": key, "version": 1 });
    let rows = object! { "rows": Value::Array(rows.into()) };
    match features.protocol() {
        ProtocolKind::Tidewire => {
            rows.merged([("epoch".into(), "good".into()), ("seq".into(), Value::from(0))])
        }
        ProtocolKind::Phoenix | ProtocolKind::Supabase => rows,
    }
}

/// The replies to a frame.
fn answers(frame: &Value) -> Vec<Value> {
    match frame {
        Value::Array(_) => phoenix::replies(frame),
        frame => answer(frame).into_iter().collect(),
    }
}

/// The answer to a frame.
fn answer(frame: &Value) -> Option<Value> {
    let kind = frame.text_of("type")?;
    let reply = |kind: &str| {
        let part = |key: &str| frame.get(key).cloned().unwrap_or(Value::Null);
        object! { "type": kind, "channel": part("channel"), "ref": part("ref") }
    };
    let position = || {
        [
            ("epoch".into(), Value::from("good")),
            ("seq".into(), Value::from(0)),
            ("head".into(), Value::from(0)),
            ("recovered".into(), Value::from(false)),
        ]
    };
    Some(match &**kind {
        "auth" => {
            let features = Value::Array(FEATURES.iter().map(|name| Value::from(*name)).collect());
            object! { "type": "auth_success", "features": features, "user": "u1" }
        }
        "ping" => object! { "type": "pong" },
        "subscribe" => reply("subscribed").merged(position()),
        "unsubscribe" => reply("unsubscribed"),
        "recover" => reply("recovered").merged([("complete".into(), Value::from(true))]),
        "presence" => reply("presence_ok").merged([("presence".into(), Value::from("x"))]),
        "channel_message" if frame.get("ack").is_some() => {
            let id = frame.get("id").cloned().unwrap_or(Value::Null);
            reply("ack").merged([("id".into(), id), ("status".into(), Value::from("ok"))])
        }
        _ => return None,
    })
}
