//! A client without protocol logic: a test sends its frames and reads the received ones.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Waits for a future, and fails the test with a message after a timeout.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, future).await.unwrap_or_else(|_| panic!("timeout: no {what}"))
}

pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    frames: VecDeque<Value>,
    /// The answer to `auth`.
    pub(crate) auth_success: Value,
    /// The number of received batches.
    pub(crate) batches: usize,
    /// The number of received compressed messages.
    pub(crate) deflated: usize,
}

/// A received frame, or the end of the connection.
#[derive(Debug, PartialEq)]
pub(crate) enum ClientEvent {
    Frame(Value),
    Closed(u16),
    /// The connection ended without a close frame.
    Cut,
}

impl Client {
    pub(crate) async fn open(address: SocketAddr, query: &str, protocols: &[&str]) -> Self {
        Self::try_open(address, query, protocols).await.expect("the handshake succeeds")
    }

    pub(crate) async fn try_open(
        address: SocketAddr,
        query: &str,
        protocols: &[&str],
    ) -> Result<Self, Error> {
        let url = format!("ws://{address}/ws/realtime{query}");
        let mut request = url.into_client_request().expect("a URL");
        if !protocols.is_empty() {
            let list = HeaderValue::from_str(&protocols.join(", ")).expect("legal");
            request.headers_mut().insert("sec-websocket-protocol", list);
        }
        Self::over(TcpStream::connect(address).await?, request).await
    }

    /// Opens a connection with a small receive buffer.
    pub(crate) async fn open_narrow(address: SocketAddr) -> Self {
        let request = format!("ws://{address}/ws/realtime").into_client_request().expect("a URL");
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a size");
        let stream = socket.connect(address).await.expect("connects");
        Self::over(stream, request).await.expect("the handshake succeeds")
    }

    async fn over(stream: TcpStream, request: Request) -> Result<Self, Error> {
        let (socket, _) = within("handshake", client_async(request, stream)).await?;
        let frames = VecDeque::new();
        Ok(Self { socket, frames, auth_success: Value::Null, batches: 0, deflated: 0 })
    }

    /// Authenticates, and keeps the answer in `auth_success`.
    pub(crate) async fn auth(&mut self, token: Option<&str>, features: &[&str]) {
        self.send(json!({ "type": "auth", "token": token, "features": features })).await;
        self.auth_success = self.next().await;
        assert_eq!(self.auth_success["type"], "auth_success", "{}", self.auth_success);
    }

    pub(crate) fn id(&self) -> String {
        self.auth_success["connectionId"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("the connection is open");
    }

    /// Sends texts as separate messages, in one write.
    pub(crate) async fn send_at_once(&mut self, texts: impl IntoIterator<Item = String>) {
        self.try_send_at_once(texts).await.expect("the connection is open");
    }

    pub(crate) async fn try_send_at_once(
        &mut self,
        texts: impl IntoIterator<Item = String>,
    ) -> std::io::Result<()> {
        let bytes: Vec<u8> = texts.into_iter().flat_map(|text| unmasked(&text)).collect();
        self.send_raw(&bytes).await
    }

    /// Sends bytes that need not be a valid message.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.socket.get_mut().write_all(bytes).await
    }

    pub(crate) async fn send_binary(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).await.expect("the connection is open");
    }

    pub(crate) async fn send_deflated(&mut self, text: &str) {
        self.send_binary(deflate(text.as_bytes())).await;
    }

    pub(crate) async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        let _ = self.socket.close(Some(frame)).await;
        while let Some(Ok(_)) = within("close", self.socket.next()).await {}
    }

    /// The next frame, of any type.
    pub(crate) async fn next(&mut self) -> Value {
        match self.next_event().await {
            ClientEvent::Frame(frame) => frame,
            other => panic!("a frame was expected, not {other:?}"),
        }
    }

    /// The next frame, which must be of this type.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next frame of this type; skips others.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    pub(crate) async fn next_event(&mut self) -> ClientEvent {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return ClientEvent::Frame(frame);
            }
            match within("frame", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => self.take(&text),
                Some(Ok(Message::Binary(bytes))) => {
                    self.deflated += 1;
                    let text = inflate(&bytes);
                    self.take(&text);
                }
                Some(Ok(Message::Close(frame))) => {
                    while let Some(Ok(_)) = within("end", self.socket.next()).await {}
                    return ClientEvent::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return ClientEvent::Cut,
            }
        }
    }

    /// Waits for the end of the connection; skips frames.
    pub(crate) async fn until_closed(&mut self) -> ClientEvent {
        loop {
            match self.next_event().await {
                ClientEvent::Frame(_) => {}
                end => return end,
            }
        }
    }

    /// Sends a ping; returns the frames received before the pong.
    pub(crate) async fn received_before_pong(&mut self) -> Vec<Value> {
        self.send(json!({ "type": "ping" })).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "pong" {
                return frames;
            }
            frames.push(frame);
        }
    }

    /// Subscribes, and returns the answer.
    pub(crate) async fn subscribe(&mut self, channel: &str) -> Value {
        self.send(json!({ "type": "subscribe", "channel": channel, "ref": channel })).await;
        self.until("subscribed").await
    }

    /// Subscribes from a position on, and returns the answer.
    pub(crate) async fn resume(&mut self, channel: &str, epoch: &Value, seq: u64) -> Value {
        let since = json!({ "epoch": epoch, "seq": seq });
        let frame = json!({ "type": "subscribe", "channel": channel, "ref": 1, "since": since });
        self.send(frame).await;
        self.until("subscribed").await
    }

    /// Sends a message to be acknowledged, and returns the ack.
    pub(crate) async fn publish(&mut self, channel: &str, id: &str, payload: Value) -> Value {
        self.send(message(channel, id, &payload)).await;
        loop {
            let ack = self.until("ack").await;
            if ack["id"] == id {
                return ack;
            }
        }
    }

    /// Changes the table of a channel, and returns the ack.
    pub(crate) async fn change(
        &mut self,
        channel: &str,
        id: &str,
        event: &str,
        payload: Value,
    ) -> Value {
        let mut frame = message(channel, id, &payload);
        frame["event"] = event.into();
        self.send(frame).await;
        self.until("ack").await
    }

    /// The payloads of the next `count` messages.
    pub(crate) async fn payloads(&mut self, count: usize) -> Vec<Value> {
        let mut payloads = Vec::new();
        while payloads.len() < count {
            payloads.push(self.until("channel_message").await["payload"].clone());
        }
        payloads
    }

    fn take(&mut self, text: &str) {
        match parse(text) {
            Value::Array(frames) => {
                self.batches += 1;
                self.frames.extend(frames);
            }
            frame => self.frames.push_back(frame),
        }
    }
}

/// A text message as bytes, with a mask of zeros, which leaves the text unchanged.
pub(crate) fn unmasked(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81];
    match text.len() {
        length @ ..126 => bytes.push(0x80 | length as u8),
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(text.as_bytes());
    bytes
}

/// A message to be acknowledged.
pub(crate) fn message(channel: &str, id: &str, payload: &Value) -> Value {
    json!({ "type": "channel_message", "channel": channel, "id": id, "ack": true, "payload": payload })
}

/// Parses JSON text. Values beyond the parser's nesting limit become null, and lone surrogates, which
/// JavaScript can send and receive, become U+FFFD. The fuzzer's number that is too large for the parser, and infinite in
/// JavaScript, becomes a smaller one.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let text = without_lone_surrogates(&shallow(text)).replace("e999", "e99");
        serde_json::from_str(&text).expect("JSON")
    })
}

/// The text with every escaped lone surrogate replaced by `\ufffd`.
fn without_lone_surrogates(text: &str) -> String {
    let unit = |rest: &str| {
        let digits = rest.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut paired, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        paired.push_str(before);
        let length = match unit(escape) {
            Some(0xd800..=0xdbff)
                if matches!(escape.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) =>
            {
                12
            }
            Some(0xd800..=0xdfff) => {
                paired.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            _ => 2,
        };
        let (escape, after) = escape.split_at(length);
        paired.push_str(escape);
        rest = after;
    }
    paired + rest
}

/// The text with every array and object deeper than 100 replaced by `null`.
fn shallow(text: &str) -> String {
    let mut cut = String::new();
    let (mut depth, mut in_string, mut is_escaped) = (0, false, false);
    for letter in text.chars() {
        let opens = !in_string && matches!(letter, '[' | '{');
        depth += usize::from(opens);
        match (depth > 100, opens && depth == 101) {
            (false, _) => cut.push(letter),
            (true, true) => cut.push_str("null"),
            (true, false) => {}
        }
        depth -= usize::from(!in_string && matches!(letter, ']' | '}'));
        in_string ^= letter == '"' && !is_escaped;
        is_escaped = in_string && letter == '\\' && !is_escaped;
    }
    cut
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    let mut encoder = flate2::write::DeflateEncoder::new(vec![1], level);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory")
}

fn inflate(bytes: &[u8]) -> String {
    assert_eq!(bytes[0], 1);
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&bytes[1..]).read_to_string(&mut text).expect("DEFLATE");
    text
}
