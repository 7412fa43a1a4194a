//! Recordings of running servers, replayed frame by frame: this client must encode the same frames
//! as the recorded one, and decode the frames of the server as written in `*.meaning.txt` beside
//! the recording. `UPDATE_RECORDED=1` writes these files again; check the difference before you
//! commit it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;

use serde_json::{Value, json};

use super::{Dialect, Phoenix, binary};
use crate::core::config::Serializer;
use crate::core::error::Rejection;
use crate::core::id::Counter;
use crate::core::input::BinaryFrame;
use crate::core::message::LiveCause;
use crate::core::output::{Body, Frame};
use crate::core::presence::Request;
use crate::core::protocol::frames::{Incoming, Outgoing};
use crate::core::protocol::supabase;
use crate::core::token::Token;

/// A line of a recording: a frame or an event of a socket.
enum Line {
    Sent(Value),
    SentBinary,
    Received(Value),
    ReceivedBinary(Vec<u8>),
    NotJson,
    Opened,
    Closed,
}

/// One socket of a recording, with this client's state of the protocol.
struct Peer {
    protocol: Phoenix<Value>,
    serializer: Serializer,
    dialect: Dialect,
    joins: u32,
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
    digits.chunks(2).map(|pair| byte(pair).expect("hex")).collect()
}

/// Parses a line such as `  105 A -> [...]`: the time, the socket, and the frame or event.
fn parse(line: &str) -> Option<(&str, Line)> {
    let mut fields = line.trim_start().splitn(4, ' ');
    fields.next()?.parse::<u64>().ok()?;
    let (socket, what, rest) = (fields.next()?, fields.next()?, fields.next().unwrap_or_default());
    let hex = rest.split_once("hex=").map(|(_, hex)| bytes_of(hex.trim()));
    Some((
        socket,
        match (what, hex) {
            ("->", Some(_)) => Line::SentBinary,
            ("<-", Some(bytes)) => Line::ReceivedBinary(bytes),
            ("->", None) => serde_json::from_str(rest).map_or(Line::NotJson, Line::Sent),
            ("<-", None) => serde_json::from_str(rest).map_or(Line::NotJson, Line::Received),
            ("upgrade", _) => Line::Opened,
            ("CLOSE", _) => Line::Closed,
            _ => return None,
        },
    ))
}

/// The join reference, reference, topic, event and payload of a frame of either serializer.
fn parts(frame: &Value) -> Option<[Value; 5]> {
    match frame {
        Value::Array(items) => items.clone().try_into().ok(),
        frame => {
            let part = |name: &str| frame.get(name).cloned().unwrap_or_default();
            Some([part("join_ref"), part("ref"), part("topic"), part("event"), part("payload")])
        }
    }
}

/// The JSON of a frame.
fn flat(frame: Frame<Value>) -> Value {
    let payload = match frame.body {
        Body::Payload(payload) => payload,
        Body::Wrapped(mut wrapper, payload) => {
            wrapper["payload"] = payload;
            wrapper
        }
        Body::Empty | Body::MergedIntoHead(_) | Body::Bytes(..) => {
            panic!("Phoenix has no such frames")
        }
    };
    match frame.head {
        Value::Array(mut items) => {
            items.push(payload);
            Value::Array(items)
        }
        mut head => {
            head["payload"] = payload;
            head
        }
    }
}

impl Peer {
    /// Encodes a frame that the recorded client sent; returns a note if this client does not send
    /// it.
    fn send(&mut self, frame: &Value) -> Option<&'static str> {
        let [join_ref, reference, topic, event, payload] = parts(frame)?;
        let (topic, event) = (topic.as_str()?, event.as_str()?);
        let number: u32 = reference.as_str()?.parse().ok()?;
        let channel: Rc<str> = match self.dialect {
            Dialect::Plain => topic.into(),
            Dialect::Supabase if topic == "phoenix" => topic.into(),
            Dialect::Supabase => match topic.strip_prefix(supabase::TOPIC_PREFIX) {
                Some(channel) if !channel.is_empty() => channel.into(),
                _ => return Some("never sent: no topic of a channel"),
            },
        };
        let membership =
            self.protocol.membership(&channel).map(|membership| membership.join_ref.to_string());
        let stale = join_ref.is_string() && join_ref.as_str() != membership.as_deref();
        // The reference must be that of the recorded frame.
        self.protocol.refs = Counter::at(number - 1);
        let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
        let token = Token::new(text("access_token").unwrap_or_default());
        let outgoing = match (event, self.dialect) {
            ("heartbeat", _) => Outgoing::Ping,
            ("phx_join", _) => {
                self.joins += 1;
                let params = match self.dialect {
                    Dialect::Plain => Some(payload.clone()),
                    Dialect::Supabase => payload.get("config").cloned(),
                };
                if self.dialect == Dialect::Supabase {
                    let given = payload.get("access_token").and_then(Value::as_str);
                    self.protocol.set_token(given.map(|token| Token::new(token.to_owned())));
                    if params.is_none() {
                        return self.join_anyway(&channel, number);
                    }
                }
                Outgoing::Join { channel: &channel, reference: self.joins, params, since: None }
            }
            _ if stale || membership.is_none() => return Some("never sent: this client is not in"),
            ("phx_leave", _) => Outgoing::Leave { channel: &channel, reference: 0 },
            ("access_token", Dialect::Supabase) => {
                Outgoing::Token { channel: &channel, token: &token }
            }
            ("presence", Dialect::Supabase) => {
                let request = match text("event").as_deref() {
                    Some("track") => {
                        let meta = payload.get("payload").cloned().unwrap_or_default();
                        Request::Update { meta }
                    }
                    Some("untrack") => Request::Untrack,
                    _ => return self.call_anyway(&channel, number),
                };
                Outgoing::Presence { channel: &channel, reference: number, request }
            }
            ("broadcast", Dialect::Supabase)
                if text("type").is_some()
                    && text("event").is_some()
                    && payload.get("payload").is_some() =>
            {
                let own = text("event");
                return self.compare(
                    frame,
                    Outgoing::Message {
                        channel: &channel,
                        id: Some(&number.to_string()),
                        event: own.as_deref(),
                        payload: payload["payload"].clone(),
                        bytes: 0,
                        ack: true,
                    },
                );
            }
            (_, Dialect::Supabase) => return self.call_anyway(&channel, number),
            (event, Dialect::Plain) => {
                let id = number.to_string();
                let outgoing = Outgoing::Message {
                    channel: &channel,
                    id: Some(&id),
                    event: Some(event),
                    payload: payload.clone(),
                    bytes: 0,
                    ack: true,
                };
                return self.compare(frame, outgoing);
            }
        };
        self.compare(frame, outgoing)
    }

    fn compare(&mut self, recorded: &Value, outgoing: Outgoing<'_, Value>) -> Option<&'static str> {
        let Ok(frame) = self.protocol.encode(outgoing) else {
            return Some("never sent: it cannot be");
        };
        let [mut own, mut theirs] = [flat(frame), recorded.clone()];
        for frame in [&mut own, &mut theirs] {
            match frame {
                // Some recorded frames have no `join_ref`; this client always sends it.
                Value::Array(items) => items[0] = json!(null),
                frame => {
                    frame.as_object_mut().map(|members| members.remove("join_ref"));
                }
            }
        }
        assert_eq!(own, theirs, "the sent frame differs");
        None
    }

    /// Registers a call that this client does not send, so that the server's answer is decoded.
    fn call_anyway(&mut self, channel: &Rc<str>, number: u32) -> Option<&'static str> {
        let id = number.to_string();
        let outgoing = Outgoing::Message {
            channel,
            id: Some(&id),
            event: None,
            payload: json!(null),
            bytes: 0,
            ack: true,
        };
        self.protocol.encode(outgoing).ok();
        Some("never sent like this")
    }

    fn join_anyway(&mut self, channel: &Rc<str>, _: u32) -> Option<&'static str> {
        let outgoing = Outgoing::Join { channel, reference: self.joins, params: None, since: None };
        self.protocol.encode(outgoing).ok();
        Some("never sent like this: this client always sends its options")
    }
}

fn rejection(rejection: &Rejection) -> String {
    let code = rejection.code.as_deref().unwrap_or("-");
    let again = match rejection.retryable {
        None => "",
        Some(true) => ", again",
        Some(false) => ", final",
    };
    format!("({code}{again}) {}", rejection.message)
}

fn meaning(incoming: &Incoming<Value>) -> String {
    match incoming {
        Incoming::Joined { channel, awaits_live, reply, .. } => {
            let live = if *awaits_live { ", not live yet" } else { "" };
            let reply = reply.as_ref().map(|reply| format!(" with {reply}")).unwrap_or_default();
            format!("joined {channel}{live}{reply}")
        }
        Incoming::Live { channel, cause: LiveCause::Server } => format!("live {channel}"),
        Incoming::Live { channel, cause: LiveCause::TokenSent } => {
            format!("live {channel} with another token")
        }
        Incoming::NotLive { channel, rejection: why } => {
            format!("not live {channel} {}", rejection(why))
        }
        Incoming::System { channel, event, payload } => {
            format!("system {channel} {event} {payload}")
        }
        Incoming::Left { channel } => format!("left {channel}"),
        Incoming::Pong { .. } => "pong".to_owned(),
        Incoming::Ended { channel, rejection: why, .. } => {
            format!("ended {channel} {}", rejection(why))
        }
        Incoming::ReferenceRejected { channel, rejection: why, .. } => {
            format!("rejected {channel} {}", rejection(why))
        }
        Incoming::ChannelError { channel, rejection: why } => {
            format!("error {channel} {}", rejection(why))
        }
        Incoming::Acked { id, payload, .. } => {
            format!("acked {id} {}", payload.clone().unwrap_or_default())
        }
        Incoming::Nacked { id, rejection: why, .. } => {
            format!("rejected message {id} {}", rejection(why))
        }
        Incoming::PresenceNoted { reference, .. } => format!("presence noted {reference}"),
        Incoming::PresenceState { channel, state } => format!("presence of {channel} {state}"),
        Incoming::PresenceDiff { joins, leaves, .. } => format!("presence + {joins} - {leaves}"),
        Incoming::Message { channel, delivery } => {
            let event = delivery.event.clone().unwrap_or_default();
            let id = delivery.id.as_ref().map(|id| format!(" id {id}")).unwrap_or_default();
            format!("message {channel} {event}{id} {}", delivery.payload)
        }
        Incoming::Change { filters, delivery, .. } => {
            format!("change {} for {} filters", delivery.payload, filters.len())
        }
        Incoming::Unknown => "no frame".to_owned(),
        other => panic!("not of Phoenix: {other:?}"),
    }
}

fn replay(name: &str, dialect: Dialect, serializer: Serializer) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let recording =
        std::fs::read_to_string(folder.join(format!("{name}.txt"))).expect("a recording");
    let fresh = || Peer {
        protocol: Phoenix::new(dialect, serializer, supabase::Numbers::Parsed),
        serializer,
        dialect,
        joins: 0,
    };
    let mut peers: BTreeMap<String, Peer> = BTreeMap::new();
    let mut output = String::new();
    for line in recording.lines() {
        if line.starts_with("## ") {
            writeln!(output, "\n{line}").expect("written");
        }
        let Some((socket, event)) = parse(line) else { continue };
        let peer = peers.entry(socket.to_owned()).or_insert_with(fresh);
        let decoded = match event {
            Line::Opened => {
                *peer = fresh();
                continue;
            }
            Line::Closed => {
                peer.protocol.disconnected();
                continue;
            }
            Line::SentBinary | Line::NotJson => continue,
            Line::Sent(frame) => {
                if let Some(note) = peer.send(&frame) {
                    writeln!(output, "{socket} -> {frame}\n      {note}").expect("written");
                }
                continue;
            }
            Line::Received(frame) => {
                writeln!(output, "{socket} <- {frame}").expect("written");
                peer.protocol.decode(&frame)
            }
            Line::ReceivedBinary(bytes) => match binary::read(&bytes) {
                None => {
                    writeln!(output, "{socket} <- {} bytes", bytes.len()).expect("written");
                    vec![Incoming::Unknown]
                }
                Some(head) => {
                    let data = &bytes[head.data_at..];
                    let data = match serde_json::from_slice(data) {
                        Ok(value) if head.is_json => value,
                        _ => json!(data),
                    };
                    let meta = serde_json::from_str(&head.meta).ok();
                    writeln!(output, "{socket} <- {:?} {} {}", head.kind, head.topic, head.event)
                        .expect("written");
                    peer.protocol.decode_binary(BinaryFrame { head, data, meta })
                }
            },
        };
        for incoming in &decoded {
            writeln!(output, "      {}", meaning(incoming)).expect("written");
        }
        if decoded.is_empty() {
            writeln!(output, "      nothing").expect("written");
        }
        assert!(peer.serializer == serializer, "one serializer a recording");
    }
    let file = folder.join(format!("{name}.meaning.txt"));
    if std::env::var_os("UPDATE_RECORDED").is_some() {
        std::fs::write(&file, &output).expect("written");
    }
    let expected = std::fs::read_to_string(&file).expect("its meaning");
    for (at, (own, known)) in output.lines().zip(expected.lines()).enumerate() {
        assert_eq!(own, known, "{name}.meaning.txt, line {}", at + 1);
    }
    assert_eq!(output.lines().count(), expected.lines().count(), "{name}.meaning.txt");
}

#[test]
fn recording_of_phoenix_with_serializer_1_is_encoded_and_decoded_as_recorded() {
    replay("phoenix-v1", Dialect::Plain, Serializer::V1);
}

#[test]
fn recording_of_phoenix_with_serializer_2_is_encoded_and_decoded_as_recorded() {
    replay("phoenix-v2", Dialect::Plain, Serializer::V2);
}

#[test]
fn recording_of_supabase_with_serializer_1_is_encoded_and_decoded_as_recorded() {
    replay("supabase-v1", Dialect::Supabase, Serializer::V1);
}

#[test]
fn recording_of_supabase_with_serializer_2_is_encoded_and_decoded_as_recorded() {
    replay("supabase-v2", Dialect::Supabase, Serializer::V2);
}
