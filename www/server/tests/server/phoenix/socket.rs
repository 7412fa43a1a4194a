//! A raw socket: a test sends frames and reads the received ones.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::client::{parse, unmasked, within};

pub(crate) struct Socket {
    socket: WebSocketStream<TcpStream>,
    /// The server's response to the handshake.
    pub(crate) handshake: Response<Option<Vec<u8>>>,
}

/// A received message, or the end of the connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SocketEvent {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Closed(u16),
    /// The connection ended without a close frame.
    Cut,
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Self {
        Self::try_open(address, path, &[]).await.expect("the handshake succeeds")
    }

    pub(crate) async fn try_open(
        address: SocketAddr,
        path: &str,
        protocols: &[&str],
    ) -> Result<Self, Error> {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a URL");
        if !protocols.is_empty() {
            let list = HeaderValue::from_str(&protocols.join(", ")).expect("legal");
            request.headers_mut().insert("sec-websocket-protocol", list);
        }
        let stream = TcpStream::connect(address).await?;
        let (socket, handshake) = within("handshake", client_async(request, stream)).await?;
        Ok(Self { socket, handshake })
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("the socket is open");
    }

    /// Sends texts as separate messages, in one write.
    pub(crate) async fn send_at_once(&mut self, texts: impl IntoIterator<Item = String>) {
        let bytes: Vec<u8> = texts.into_iter().flat_map(|text| unmasked(&text)).collect();
        self.socket.get_mut().write_all(&bytes).await.expect("the socket is open");
    }

    pub(crate) async fn send_binary(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).await.expect("the socket is open");
    }

    pub(crate) async fn ping(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::Ping(bytes.into())).await.expect("the socket is open");
    }

    pub(crate) async fn close(&mut self) {
        let _ = self.socket.close(None).await;
        while let Some(Ok(_)) = within("close", self.socket.next()).await {}
    }

    pub(crate) async fn next_event(&mut self) -> SocketEvent {
        loop {
            return match within("frame", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => SocketEvent::Text(text.to_string()),
                Some(Ok(Message::Binary(bytes))) => SocketEvent::Binary(bytes.to_vec()),
                Some(Ok(Message::Pong(bytes))) => SocketEvent::Pong(bytes.to_vec()),
                Some(Ok(Message::Close(frame))) => {
                    while let Some(Ok(_)) = within("end", self.socket.next()).await {}
                    SocketEvent::Closed(frame.map_or(1005, |frame| frame.code.into()))
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => SocketEvent::Cut,
            };
        }
    }

    /// Waits for the end of the connection; skips frames.
    pub(crate) async fn until_closed(&mut self) -> SocketEvent {
        loop {
            if let end @ (SocketEvent::Closed(_) | SocketEvent::Cut) = self.next_event().await {
                return end;
            }
        }
    }

    /// The next text frame of version 2.
    pub(crate) async fn next(&mut self) -> Value {
        match self.next_event().await {
            SocketEvent::Text(text) => parse(&text),
            other => panic!("a text frame was expected, not {other:?}"),
        }
    }

    /// The next text frame with this event; skips others.
    pub(crate) async fn until(&mut self, event: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame[3] == event {
                return frame;
            }
        }
    }

    /// Pushes with version 2 and a ref.
    pub(crate) async fn push(
        &mut self,
        join: &str,
        reference: &str,
        topic: &str,
        event: &str,
        payload: Value,
    ) {
        self.send(&json!([join, reference, topic, event, payload]).to_string()).await;
    }

    /// Joins, and returns the reply's payload. The ref is the topic.
    pub(crate) async fn join(&mut self, topic: &str, payload: Value) -> Value {
        self.push(topic, topic, topic, "phx_join", payload).await;
        loop {
            let frame = self.until("phx_reply").await;
            if frame[1] == topic {
                return frame[4].clone();
            }
        }
    }

    /// Sends a heartbeat; returns the frames received before its reply.
    pub(crate) async fn received_before_pong(&mut self) -> Vec<Value> {
        self.send(r#"[null,"settled","phoenix","heartbeat",{}]"#).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            if frame[1] == "settled" {
                return frames;
            }
            frames.push(frame);
        }
    }

    /// Sends a heartbeat; returns the number of messages received before its reply, including binary
    /// ones.
    pub(crate) async fn count_before_reply(&mut self) -> usize {
        self.send(r#"[null,"settled","phoenix","heartbeat",{}]"#).await;
        let mut count = 0;
        loop {
            match self.next_event().await {
                SocketEvent::Text(text) if text.contains("\"settled\"") => return count,
                SocketEvent::Text(_) | SocketEvent::Binary(_) => count += 1,
                other => panic!("a frame was expected, not {other:?}"),
            }
        }
    }
}
