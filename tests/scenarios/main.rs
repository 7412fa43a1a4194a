//! Runs the scenarios in `data/` with the bare module against the reference server.
//! `tests/e2e/specs/scenarios.spec.ts` runs them with the npm package. They need a server, which `cargo xtask scenarios`
//! starts.

#![cfg(target_arch = "wasm32")]

use js_sys::{Object, Promise, Reflect};
use tidewire::bare::RealtimeClient;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/scenarios/player.js")]
extern "C" {
    fn play(scenario: &str, environment: &JsValue) -> Promise;
}

/// Returns the environment of the player: the module's constructor of clients, and the server's addresses.
fn environment() -> JsValue {
    let create = |options: JsValue| -> Result<JsValue, JsValue> {
        RealtimeClient::new(options, JsValue::UNDEFINED).map(Into::into)
    };
    let create = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(create);
    let origin = option_env!("TIDEWIRE_SCENARIO_ORIGIN");
    let control = option_env!("TIDEWIRE_SCENARIO_CONTROL");
    let (Some(origin), Some(control)) = (origin, control) else {
        panic!("there is no server: run `cargo xtask scenarios`");
    };
    let environment = Object::new();
    for (key, value) in [
        ("createClient", create.into_js_value()),
        ("origin", origin.into()),
        ("control", control.into()),
    ] {
        Reflect::set(&environment, &key.into(), &value).expect("a new object is extensible");
    }
    environment.into()
}

async fn run(scenario: &str) {
    if let Err(error) = JsFuture::from(play(scenario, &environment())).await {
        let message = error.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
        panic!("{}", message.map_or_else(|| format!("{error:?}"), String::from));
    }
}

macro_rules! scenarios {
    ($($name:ident $file:literal;)*) => {$(
        #[wasm_bindgen_test]
        #[ignore = "needs a server: cargo xtask scenarios"]
        async fn $name() {
            run(include_str!(concat!("data/", $file, ".json"))).await;
        }
    )*};
}

scenarios! {
    ack_and_rejection "ack-and-rejection";
    bad_arguments "bad-arguments";
    collection "collection";
    collection_persist "collection-persist";
    collection_rollback "collection-rollback";
    delivery_with_cuts "delivery-with-cuts";
    gap_after_trimmed_log "gap-after-trimmed-log";
    listeners "listeners";
    own_messages "own-messages";
    pause_and_resume "pause-and-resume";
    phoenix_messages "phoenix-messages";
    phoenix_presence "phoenix-presence";
    phoenix_rejections "phoenix-rejections";
    presence "presence";
    queued_sends "queued-sends";
    supabase_broadcast "supabase-broadcast";
    supabase_changes "supabase-changes";
    supabase_presence "supabase-presence";
    typing "typing";
}
