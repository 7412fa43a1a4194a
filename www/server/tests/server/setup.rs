//! Servers, tokens and plain HTTP for the tests.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tidewire_server::Server;
use tidewire_server::config::{Config, KeyConfig, KeyMaterial, PublishAccess, TableConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, within};

pub(crate) const SECRET: &[u8] = b"a secret for the tests only";

/// The configuration of a server that accepts anonymous clients and tokens signed with [`SECRET`], and
/// has a control endpoint.
pub(crate) fn open_config() -> Config {
    Config {
        port: 0,
        keys: vec![KeyConfig { kid: None, material: KeyMaterial::Hs256(SECRET.to_vec()) }],
        anonymous: true,
        publish: PublishAccess::Open,
        control: Some(0),
        ..Config::default()
    }
}

pub(crate) struct TestServer {
    pub(crate) server: Server,
}

/// The open configuration, with a table for each channel of these patterns.
pub(crate) fn config_with(tables: &[(&str, TableConfig)]) -> Config {
    let tables = tables.iter().map(|(pattern, table)| ((*pattern).to_owned(), table.clone()));
    Config { tables: tables.collect(), ..open_config() }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(open_config()).await
    }

    /// A server with a table for `notes`.
    pub(crate) async fn with_notes() -> Self {
        Self::with(config_with(&[("notes", TableConfig::default())])).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self { server: Server::start(config).await.expect("the server starts") }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// An anonymous connection with all extensions.
    pub(crate) async fn full(&self) -> Client {
        let mut client = Client::open(self.address(), "", &[]).await;
        client.auth(None, ALL).await;
        client
    }

    /// An anonymous connection to a base server.
    pub(crate) async fn base(&self) -> Client {
        let mut client = Client::open(self.address(), "?features=none", &[]).await;
        client.auth(None, &[]).await;
        client
    }

    /// A connection of this user with all extensions.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let mut client = Client::open(self.address(), "", &[]).await;
        client.auth(Some(&token(&json!({ "sub": name, "exp": in_seconds(600.0) }))), ALL).await;
        client
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let control = self.server.control().expect("there is a control endpoint");
        let (status, answer) = post(control, path, &body.to_string()).await;
        assert_eq!(status, 200, "{path} {answer}");
        answer
    }

    pub(crate) async fn shown(&self, path: &str) -> Value {
        get(self.server.control().expect("there is a control endpoint"), path).await.1
    }

    /// The rows of a channel's table and their position.
    pub(crate) async fn table(&self, channel: &str) -> Value {
        self.shown(&format!("/table?channel={channel}")).await
    }

    /// The control endpoint's record of one connection.
    pub(crate) async fn record(&self, id: &str) -> Value {
        let all = self.shown("/connections").await;
        let found = all.as_array().expect("a list").iter().find(|c| c["id"] == id).cloned();
        found.expect("a recorded connection")
    }
}

pub(crate) const ALL: &[&str] =
    &["subscribe", "seq", "envelope", "ack", "presence", "ephemeral", "reauth", "batch", "deflate"];

pub(crate) fn in_seconds(seconds: f64) -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() + seconds
}

/// A token signed with [`SECRET`].
pub(crate) fn token(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET);
    encode(&Header::new(Algorithm::HS256), claims, &key).expect("signs")
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, Value) {
    http(address, &format!("GET {path} HTTP/1.1\r\n"), "").await
}

pub(crate) async fn post(address: SocketAddr, path: &str, body: &str) -> (u16, Value) {
    http(address, &format!("POST {path} HTTP/1.1\r\n"), body).await
}

/// Makes an HTTP request; `head` is its first line and its headers.
pub(crate) async fn http(address: SocketAddr, head: &str, body: &str) -> (u16, Value) {
    let (status, _, body) = raw_http(address, head, body).await;
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

/// Makes an HTTP request; returns the status, the headers and the body.
pub(crate) async fn raw_http(address: SocketAddr, head: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let length = body.len();
    let request = format!(
        "{head}Host: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    within("an answer", stream.read_to_end(&mut answer)).await.expect("reads");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, head.to_lowercase(), body.to_owned())
}
