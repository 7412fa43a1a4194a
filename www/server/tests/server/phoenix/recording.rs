//! Replays recordings of real servers against this one: sends the recorded frames of the clients, and
//! expects the recorded frames of the server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::socket::{Socket, SocketEvent};

/// A line of a recording.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    Scenario(String),
    Opened(char),
    Sent(char, Frame),
    SocketEvent(char, Frame),
    Closed(char, u16),
    Pong(char, Vec<u8>),
    /// Any other line, unchanged.
    Note(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    Text(String),
    Binary(Vec<u8>),
}

/// Reads a recording of the repository.
pub(super) fn read(name: &str) -> Vec<Line> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/recorded").join(name);
    let text = std::fs::read_to_string(path).expect("the recording is there");
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

fn parse(line: &str) -> Line {
    if let Some(scenario) = line.strip_prefix("## ") {
        return Line::Scenario(scenario.to_owned());
    }
    let (_, rest) = line.trim().split_once(' ').expect("a time");
    let note = || Line::Note(rest.to_owned());
    let Some((client, rest)) = rest.split_once(' ') else { return note() };
    let mut letters = client.chars();
    let (Some(client), None) = (letters.next(), letters.next()) else { return note() };
    match rest.split_once(' ').unwrap_or((rest, "")) {
        ("upgrade", _) => Line::Opened(client),
        ("->", frame) => Line::Sent(client, parse_frame(frame)),
        ("<-", frame) => match frame.strip_prefix("PONG ") {
            Some(bytes) => Line::Pong(client, unhex(bytes)),
            None => Line::SocketEvent(client, parse_frame(frame)),
        },
        ("CLOSE", how) => {
            let code = how.split(' ').next().and_then(|code| code.parse().ok());
            Line::Closed(client, code.expect("a code"))
        }
        _ => note(),
    }
}

fn parse_frame(text: &str) -> Frame {
    match text.strip_prefix("BIN ") {
        Some(bytes) => {
            let hex = bytes.split_once("hex=").map_or(bytes, |(_, hex)| hex);
            Frame::Binary(unhex(hex.split(' ').next().unwrap_or_default()))
        }
        None => Frame::Text(text.to_owned()),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digit =
        |at| u8::from_str_radix(text.get(at..at + 2).expect("two digits"), 16).expect("hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// Whether frames have to be received in the recorded order, or in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Kept,
    Free,
}

/// The clients of a recording.
pub(super) struct Clients {
    address: SocketAddr,
    order: Order,
    /// A heartbeat, in the version of the recording.
    heartbeat: &'static str,
    sockets: BTreeMap<char, Player>,
    /// The ids that this server generated, by those of the recording.
    numbers: BTreeMap<String, String>,
}

struct Player {
    socket: Socket,
    /// Frames received before they were expected.
    early: Vec<Value>,
}

impl Clients {
    pub(super) fn new(address: SocketAddr, vsn: &str, order: Order) -> Self {
        let heartbeat = match vsn {
            "1.0.0" => r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"end"}"#,
            _ => r#"[null,"end","phoenix","heartbeat",{}]"#,
        };
        Self { address, order, heartbeat, sockets: BTreeMap::new(), numbers: BTreeMap::new() }
    }

    pub(super) async fn open(&mut self, client: char, path: &str) {
        let socket = Socket::open(self.address, path).await;
        self.sockets.insert(client, Player { socket, early: Vec::new() });
    }

    pub(super) fn socket(&mut self, client: char) -> &mut Socket {
        &mut self.sockets.get_mut(&client).expect("the client is there").socket
    }

    pub(super) async fn send(&mut self, client: char, frame: &Frame) {
        match frame {
            Frame::Text(text) => self.socket(client).send(text).await,
            Frame::Binary(bytes) => self.socket(client).send_binary(bytes.clone()).await,
        }
    }

    /// Waits until a frame like the recorded one is received.
    pub(super) async fn expect(&mut self, client: char, recorded: &Frame) {
        let wanted = plain(recorded);
        let player = self.sockets.get_mut(&client).expect("the client is there");
        loop {
            let found = player
                .early
                .iter()
                .position(|received| is_match(&wanted, received, &mut self.numbers));
            if let Some(at) = found {
                player.early.remove(at);
                return;
            }
            let unexpected = player.early.first().filter(|_| self.order == Order::Kept);
            assert!(
                unexpected.is_none(),
                "{client}: {wanted}\n was expected, not\n {unexpected:?}"
            );
            let received = match player.socket.next_event().await {
                SocketEvent::Text(text) => plain(&Frame::Text(text)),
                SocketEvent::Binary(bytes) => plain(&Frame::Binary(bytes)),
                other => panic!("{client}: {wanted}\n was expected, not {other:?}"),
            };
            player.early.push(received);
        }
    }

    /// Ends the replay: the remaining clients are open and have received no unexpected frame.
    pub(super) async fn finish(mut self) {
        for (client, player) in &mut self.sockets {
            player.socket.send(self.heartbeat).await;
            loop {
                let received = match player.socket.next_event().await {
                    SocketEvent::Text(text) => plain(&Frame::Text(text)),
                    other => panic!("{client}: {other:?} was received at the end"),
                };
                if received["ref"] == "end" || received[1] == "end" {
                    break;
                }
                player.early.push(received);
            }
            assert!(player.early.is_empty(), "{client}: never expected: {:?}", player.early);
        }
    }

    pub(super) async fn ends(&mut self, client: char) -> SocketEvent {
        let mut player = self.sockets.remove(&client).expect("the client is there");
        assert!(player.early.is_empty(), "{client}: never expected: {:?}", player.early);
        player.socket.next_event().await
    }

    pub(super) fn dismiss(&mut self, client: char) {
        self.sockets.remove(&client);
    }
}

/// A frame as a value, without the parts that differ between runs.
fn plain(frame: &Frame) -> Value {
    let mut value = match frame {
        Frame::Text(text) => serde_json::from_str(text).expect("JSON"),
        Frame::Binary(bytes) => {
            let tight: String = bytes
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>()
                .replace(": ", ":")
                .replace(", ", ",");
            json!({ "binary": tight })
        }
    };
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let members = std::mem::take(object);
            *object = members.into_iter().map(masked).collect::<Map<_, _>>();
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) => *text = without_uuids(text),
        _ => {}
    }
}

fn masked((key, mut value): (String, Value)) -> (String, Value) {
    mask(&mut value);
    let value = match key.as_str() {
        "phx_ref" | "phx_ref_prev" | "commit_timestamp" | "ts" => "…".into(),
        _ => value,
    };
    (without_uuids(&key), value)
}

fn without_uuids(text: &str) -> String {
    let mut text = text.to_owned();
    let is_uuid = |part: &str| {
        part.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
    };
    let mut at = 0;
    while let Some(part) = text.get(at..at + 36) {
        if is_uuid(part) {
            text.replace_range(at..at + 36, "UUID");
        }
        at += 1;
        while at < text.len() && !text.is_char_boundary(at) {
            at += 1;
        }
    }
    text
}

/// Whether two values are equal, apart from numbers in `id` and `ids`, which have to be mapped
/// consistently.
fn is_match(recorded: &Value, received: &Value, numbers: &mut BTreeMap<String, String>) -> bool {
    let mut mapped = numbers.clone();
    let is_equal = compare(recorded, received, "", &mut mapped);
    if is_equal {
        *numbers = mapped;
    }
    is_equal
}

fn compare(
    recorded: &Value,
    received: &Value,
    key: &str,
    numbers: &mut BTreeMap<String, String>,
) -> bool {
    match (recorded, received) {
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len()
                && one.iter().all(|(k, v)| two.get(k).is_some_and(|w| compare(v, w, k, numbers)))
        }
        (Value::Array(one), Value::Array(two)) if key == "ids" => {
            // The ids are in ascending order, which differs for other numbers.
            let translated = one.iter().map(|id| numbers.get(&id.to_string()).cloned());
            let mut translated: Vec<_> = translated.map(Option::unwrap_or_default).collect();
            let mut ids: Vec<_> = two.iter().map(ToString::to_string).collect();
            translated.sort();
            ids.sort();
            translated == ids
        }
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(v, w)| compare(v, w, key, numbers))
        }
        (Value::Number(one), Value::Number(two)) if key == "id" => {
            *numbers.entry(one.to_string()).or_insert_with(|| two.to_string()) == two.to_string()
        }
        _ => recorded == received,
    }
}
