//! The APIs of the older systems, on the default client.

use js_sys::{Array, Promise};
use tidewire::bare::{
    ChannelManager, channel_manager, channel_registry, realtime_client, use_realtime_channel,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Client, Listener, URL, get, js, js_with, outcome, string_of, text};
use crate::page::{self, FakeSocket};

/// The default client on a fresh page. Idle persistent channels of earlier tests have expired.
fn default_client() -> Client {
    page::fresh();
    let client = Client::of(realtime_client().expect("options are optional"));
    client.configure(&js(&format!("{{ url: '{URL}' }}"))).expect("valid options");
    client
}

/// Restores the initial state of the default client.
async fn retire(client: &Client) {
    page::advance(1_800_000 + 2_000).await;
    client.disconnect();
    page::advance(2_000).await;
    assert_eq!((client.metric("channelCount"), page::armed()), (0.0, 0));
}

async fn accepted(features: &str) -> FakeSocket {
    let socket = page::socket().await;
    socket.accept(features);
    socket
}

fn references(stats: &JsValue) -> Vec<(String, f64)> {
    let channels: Array = get(stats, "channels").unchecked_into();
    let of = |stats: JsValue| {
        (string_of(&stats, "key"), get(&stats, "referenceCount").as_f64().unwrap_or(f64::NAN))
    };
    channels.iter().map(of).collect()
}

#[wasm_bindgen_test]
async fn use_realtime_channel_subscribes_on_the_default_client() {
    let client = default_client();
    let listener = Listener::new();
    let stop =
        use_realtime_channel("room", js("{}"), listener.callback().into()).expect("subscribed");
    let socket = accepted("").await;
    assert_eq!(socket.url(), URL);
    socket.receive(r#"{"type":"channel_message","channel":"room","n":1}"#);
    assert_eq!(listener.texts(), [r#"{"type":"channel_message","channel":"room","n":1}"#]);
    assert!(client.is_ready(), "all callers share one client");
    stop.call0(&JsValue::UNDEFINED).expect("never throws");
    page::advance(1_000).await;
    assert_eq!(socket.closed_with(), Some(1000));
    let wrong = use_realtime_channel("room", JsValue::NULL, js("7")).expect_err("no function");
    assert_eq!(string_of(&wrong, "code"), "invalid_argument");
    retire(&client).await;
}

#[wasm_bindgen_test]
async fn the_registry_counts_channels_by_company_and_project() {
    let client = default_client();
    let registry = channel_registry().expect("the default client");
    let project = || Some("7".to_owned());
    assert_eq!(
        registry.get_or_create_channel("a", project()).expect("accepted"),
        "company-a-project-7"
    );
    assert_eq!(
        registry.get_or_create_channel("a", project()).expect("accepted"),
        "company-a-project-7"
    );
    assert_eq!(registry.get_or_create_channel("a", None).expect("accepted"), "company-a");
    let stats = registry.get_channel_stats();
    assert_eq!(get(&stats, "totalChannels").as_f64(), Some(2.0));
    assert_eq!(
        references(&stats),
        [("company-a-project-7".into(), 2.0), ("company-a".into(), 1.0)]
    );
    assert_eq!(text(&stats), text(&client.get_channel_stats()));

    let socket = accepted("").await;
    registry.release_channel("a", project());
    registry.release_channel("nobody", None);
    assert_eq!(references(&registry.get_channel_stats())[0].1, 1.0);
    registry.close_all_channels();
    registry.release_channel("a", project());
    let idle = references(&registry.get_channel_stats());
    assert_eq!(idle, [("company-a-project-7".into(), 0.0), ("company-a".into(), 0.0)]);
    page::fire_early();
    assert_eq!(socket.closed_with(), None, "idle persistent channels keep an open socket open");
    retire(&client).await;
}

#[wasm_bindgen_test]
async fn the_registry_keeps_a_channel_for_half_an_hour() {
    let client = default_client();
    client.configure(&js(&format!("{{ url: '{URL}', heartbeat: false }}"))).expect("valid options");
    let registry = channel_registry().expect("the default client");
    registry.get_or_create_channel("b", None).expect("accepted");
    let socket = accepted("").await;
    registry.release_channel("b", None);
    page::advance(1_799_999).await;
    assert_eq!((client.metric("channelCount"), socket.closed_with()), (1.0, None));
    page::advance(1).await;
    assert_eq!(client.metric("channelCount"), 0.0);
    page::advance(1_000).await;
    assert_eq!(socket.closed_with(), Some(1000));
    retire(&client).await;
}

fn channel(manager: &ChannelManager, config: &str) -> JsValue {
    manager.get_channel(js(config)).expect("valid options").into()
}

#[wasm_bindgen_test]
async fn a_managed_channel_routes_messages_by_their_own_type() {
    let client = default_client();
    let manager = channel_manager().expect("the default client");
    let room = channel(&manager, "{ name: 'room' }");
    page::settle().await;
    assert!(page::sockets().is_empty(), "nothing is joined before its subscribe()");
    let state = || text(&js_with("a.getState()", &room, &room));
    let expected = |connected, subscribed, subscribing| {
        format!(
            r#"{{"isConnected":{connected},"isSubscribed":{subscribed},"isSubscribing":{subscribing},"error":null}}"#
        )
    };
    assert_eq!(state(), expected(false, false, false));

    let (notes, others) = (Listener::new(), Listener::new());
    let stop = js_with("a.on('note', b)", &room, notes.callback());
    js_with("a.on('other', b)", &room, others.callback());
    js_with("[a.subscribe(), a.subscribe()]", &room, &room);
    assert_eq!(state(), expected(false, false, true));
    let socket = accepted("").await;
    assert_eq!(state(), expected(true, true, false));
    assert_eq!(client.metric("subscriberCount"), 1.0);

    socket.receive(r#"{"type":"note","channel":"room","text":"hi"}"#);
    assert_eq!((notes.count(), others.count()), (1, 0));
    js_with("a()", &stop, &stop);
    socket.receive(r#"{"type":"note","channel":"room","text":"ho"}"#);
    assert_eq!(notes.count(), 1);

    let sent: Promise = js_with("a.send({ type: 'note', text: 'mine' })", &room, &room).into();
    assert_eq!(socket.last_sent(), r#"{"type":"note","channel":"room","text":"mine"}"#);
    outcome(sent).await.expect("transmitted");

    js_with("[a.unsubscribe(), a.unsubscribe()]", &room, &room);
    socket.receive(r#"{"type":"other","channel":"room"}"#);
    assert_eq!((others.count(), client.metric("subscriberCount")), (0, 0.0));
    retire(&client).await;
}

#[wasm_bindgen_test]
async fn managed_channel_without_a_name_is_rejected() {
    let client = default_client();
    let manager = channel_manager().expect("the default client");
    for config in ["undefined", "{}", "{ name: '' }", "{ name: 7 }"] {
        let error = manager.get_channel(js(config)).map(drop).expect_err(config);
        assert_eq!(string_of(&error, "code"), "invalid_argument", "{config}");
        assert!(text(&error).contains("name"));
    }
    retire(&client).await;
}

#[wasm_bindgen_test]
async fn managed_channel_s_throwing_handler_affects_no_other_and_may_unsubscribe() {
    let client = default_client();
    let manager = channel_manager().expect("the default client");
    let room = channel(&manager, "{ name: 'room', ack: true }");
    let listener = Listener::new();
    js_with(
        "[a.on('note', () => { throw new Error('mine') }), a.on('note', b)]",
        &room,
        listener.callback(),
    );
    js_with("a.on('note', () => a.unsubscribe())", &room, &room);
    js_with("a.subscribe()", &room, &room);
    let socket = accepted("").await;
    socket.receive(r#"{"type":"note","channel":"room"}"#);
    socket.receive(r#"{"type":"note","channel":"room"}"#);
    assert_eq!(listener.count(), 1);
    page::settle().await;
    assert_eq!(page::reported().len(), 1, "{:?}", page::reported());
    retire(&client).await;
}
