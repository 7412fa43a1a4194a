//! Setup of servers for Supabase clients: settings, tables, keys.

use serde_json::{Value, json};
use tidewire_server::config::{Config, KeyKind, Policy, SupabaseSettings, TableConfig};

use super::socket::Socket;
use crate::setup::{TestServer, config_with, in_seconds, token};

/// Settings without delays.
pub(crate) fn quick() -> SupabaseSettings {
    let policy =
        |topic: &str, read, write| Policy { topic: topic.into(), roles: Vec::new(), read, write };
    SupabaseSettings {
        connect_rejection_delay_ms: 20,
        join_rejection_delay_ms: 20,
        subscribe_delay_ms: 5,
        change_delay_ms: 5,
        policies: vec![policy("priv-no", false, false), policy("priv-ro", true, false)],
        ..SupabaseSettings::default()
    }
}

/// The table of the recordings.
pub(crate) fn todos() -> TableConfig {
    let columns = json!([
        { "name": "owner", "type": "text" },
        { "name": "title", "type": "text" },
        { "name": "done", "type": "bool", "default": false },
        { "name": "data", "type": "jsonb" },
        { "name": "ts", "type": "timestamptz", "default": "now()" },
        { "name": "n", "type": "numeric" },
        { "name": "arr", "type": "int4[]" },
    ]);
    let columns = serde_json::from_value(columns).expect("columns");
    TableConfig { keys: KeyKind::Integer, columns, ..TableConfig::default() }
}

pub(crate) fn config(settings: SupabaseSettings) -> Config {
    let tables = [("todos", todos()), ("notes", TableConfig::default())];
    Config { supabase: Some(settings), ..config_with(&tables) }
}

pub(crate) async fn supabase_server() -> TestServer {
    TestServer::with(config(quick())).await
}

/// A token of this role that expires after some seconds; negative: it has expired.
pub(crate) fn key(role: &str, seconds: f64) -> String {
    token(&json!({ "role": role, "exp": in_seconds(seconds), "sub": format!("sub-{role}") }))
}

pub(crate) fn path(vsn: &str, key: &str) -> String {
    format!("/realtime/v1/websocket?apikey={key}&vsn={vsn}")
}

/// A socket of version 2 with the role `authenticated`.
pub(crate) async fn member(server: &TestServer) -> Socket {
    Socket::open(server.address(), &path("2.0.0", &key("authenticated", 600.0))).await
}

/// A join's payload.
pub(crate) fn joining(config: &Value) -> Value {
    json!({ "config": config })
}
