//! Hostile clients.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::mutate::{damage, deep, event, name, one, value};
use crate::client::{deflate, within};

/// The protocol and version that a client uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Native,
    Phoenix1,
    Phoenix2,
    Supabase1,
    Supabase2,
}

pub(super) const FAMILIES: [Family; 5] =
    [Family::Native, Family::Phoenix1, Family::Phoenix2, Family::Supabase1, Family::Supabase2];

/// The result: the number of rejections, and how the connection ended, if it did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) rejections: usize,
    pub(super) code: Option<u16>,
    /// Whether it ended without a close frame.
    pub(super) is_cut: bool,
}

type Socket = WebSocketStream<TcpStream>;

/// Sends hostile frames, the last of which has to be rejected, and reads all answers.
pub(super) async fn attack(
    address: SocketAddr,
    family: Family,
    seed: u64,
    frames: usize,
) -> Outcome {
    let mut rng = Rng::with_seed(seed);
    let mut socket = open(address, family, &mut rng).await;
    let mut outcome = Outcome::default();
    for _ in 0..frames {
        let message = message(family, &mut rng);
        // Sometimes the client does not read for a while.
        let read_time = Duration::from_millis(if rng.u8(..4) == 0 { 5 } else { 0 });
        let is_sent = within("room", socket.send(message)).await.is_ok();
        while let Ok(received) = tokio::time::timeout(read_time, socket.next()).await {
            if !outcome.note(received) {
                break;
            }
        }
        if !is_sent || outcome.has_ended() {
            // Closing the connection is a valid response; the client reconnects.
            socket = open(address, family, &mut rng).await;
            outcome = Outcome { rejections: outcome.rejections, ..Outcome::default() };
        }
    }
    if rng.u8(..4) == 0 {
        // Not a WebSocket frame.
        let noise: Vec<u8> = (0..rng.usize(1..5_000)).map(|_| rng.u8(..)).collect();
        let _ = socket.get_mut().write_all(&noise).await;
    } else {
        let _ = socket.send(Message::text(rejected(family))).await;
    }
    let before = outcome.rejections;
    while outcome.rejections == before {
        let received = tokio::time::timeout(Duration::from_secs(20), socket.next()).await;
        let Ok(received) = received else {
            // The noise may be parsed as the start of a long frame.
            let _ = socket.get_mut().shutdown().await;
            continue;
        };
        if !outcome.note(received) {
            break;
        }
    }
    outcome
}

impl Outcome {
    fn has_ended(&self) -> bool {
        self.code.is_some() || self.is_cut
    }

    /// Records what was received; returns whether more can be.
    fn note(&mut self, received: Option<Result<Message, Error>>) -> bool {
        match received {
            Some(Ok(Message::Text(text))) => {
                let is_rejection =
                    ["\"code\":\"", "\"status\":\"error\"", "phx_error", "phx_close"];
                self.rejections += usize::from(is_rejection.iter().any(|part| text.contains(part)));
                true
            }
            Some(Ok(Message::Close(frame))) => {
                self.code = Some(frame.map_or(1005, |frame| frame.code.into()));
                false
            }
            Some(Ok(_)) => true,
            Some(Err(_)) | None => {
                self.is_cut = true;
                false
            }
        }
    }
}

/// Opens a connection and sends its first frames.
async fn open(address: SocketAddr, family: Family, rng: &mut Rng) -> Socket {
    let path = match family {
        // Without packing, so that received frames are plain text.
        Family::Native => {
            "/ws/realtime?features=subscribe,seq,envelope,ack,presence,ephemeral,reauth"
        }
        Family::Phoenix1 => "/socket/websocket?vsn=1.0.0",
        Family::Phoenix2 => "/socket/websocket?vsn=2.0.0",
        Family::Supabase1 => "/realtime/v1/websocket?apikey=any&vsn=1.0.0",
        Family::Supabase2 => "/realtime/v1/websocket?apikey=any&vsn=2.0.0",
    };
    let request = format!("ws://{address}{path}").into_client_request().expect("a URL");
    let stream = TcpStream::connect(address).await.expect("connects");
    let handshake = within("handshake", client_async(request, stream)).await;
    let (mut socket, _) = handshake.expect("the handshake succeeds");
    for text in opening(family, rng) {
        let _ = socket.send(Message::text(text)).await;
    }
    socket
}

fn topics(family: Family) -> &'static [&'static str] {
    match family {
        Family::Supabase1 | Family::Supabase2 => &["realtime:room", "realtime:mine"],
        _ => &["room:1", "echo:1", "presence:1"],
    }
}

/// The first frames, so that later ones are processed.
fn opening(family: Family, rng: &mut Rng) -> Vec<String> {
    if family == Family::Native {
        let all = crate::setup::ALL;
        let features: Vec<_> = all.iter().filter(|_| rng.u8(..6) > 0).collect();
        let auth = json!({ "type": "auth", "features": features }).to_string();
        let subscribe = r#"{"type":"subscribe","channel":"room","ref":1}"#.to_owned();
        return if rng.u8(..8) == 0 { vec![subscribe, auth] } else { vec![auth, subscribe] };
    }
    let join = |topic: &&str| {
        push(family, ["\"1\"", "\"1\"", &json!(topic).to_string(), "\"phx_join\"", "{}"])
    };
    topics(family).iter().map(join).collect()
}

/// A push in the format of its version.
fn push(family: Family, [join, reference, topic, event, payload]: [&str; 5]) -> String {
    if matches!(family, Family::Phoenix1 | Family::Supabase1) {
        format!(
            r#"{{"topic":{topic},"event":{event},"payload":{payload},"ref":{reference},"join_ref":{join}}}"#
        )
    } else {
        format!("[{join},{reference},{topic},{event},{payload}]")
    }
}

fn message(family: Family, rng: &mut Rng) -> Message {
    let text = if family == Family::Native { native(rng) } else { phoenix(family, rng) };
    let bytes = damage(rng, text);
    match rng.u8(..12) {
        0 => Message::binary(deflate(&bytes)),
        1 => Message::binary(binary(rng)),
        2 => Message::Ping(bytes.into_iter().take(125).collect()),
        // Invalid UTF-8 is sent as a binary message, which the server has to reject.
        _ => String::from_utf8(bytes)
            .map_or_else(|wrong| Message::binary(wrong.into_bytes()), Message::text),
    }
}

fn native(rng: &mut Rng) -> String {
    if rng.u8(..10) > 0 {
        return frame(rng);
    }
    let frames: Vec<_> = (0..rng.usize(..30)).map(|_| frame(rng)).collect();
    format!("[{}]", frames.join(","))
}

fn frame(rng: &mut Rng) -> String {
    let kind = one(
        rng,
        &[
            "auth",
            "ping",
            "pong",
            "subscribe",
            "unsubscribe",
            "recover",
            "presence",
            "ephemeral",
            "channel_message",
            "channel_message",
            "channel_message",
            "ack",
            "auth_success",
            "unknown type",
        ],
    );
    let mut frame = format!(r#"{{"type":{},"channel":{}"#, json!(kind), json!(name(rng)));
    for _ in 0..rng.usize(..7) {
        let member = match rng.u8(..14) {
            0 => format!(r#""id":{}"#, json!(format!("m{}", rng.u16(..)))),
            1 => r#""ack":true"#.to_owned(),
            2 => format!(r#""event":{}"#, json!(event(rng))),
            3..=5 => format!(r#""payload":{}"#, value(rng)),
            6 => format!(r#""meta":{}"#, value(rng)),
            7 => format!(r#""ref":{}"#, value(rng)),
            8 => format!(r#""since":{{"epoch":"e","seq":{}}}"#, rng.u64(..)),
            9 => {
                format!(r#""action":{}"#, json!(one(rng, &["track", "update", "untrack", "dance"])))
            }
            10 => format!(r#""epoch":"e","from":{},"to":{}"#, rng.u64(..), rng.u64(..)),
            11 => format!(r#""token":{}"#, value(rng)),
            12 => format!(r#""features":{}"#, value(rng)),
            _ => format!("{}:{}", json!(name(rng)), value(rng)),
        };
        frame.push(',');
        frame.push_str(&member);
    }
    frame + "}"
}

fn phoenix(family: Family, rng: &mut Rng) -> String {
    let text = |text: String| json!(text).to_string();
    let topic = if rng.u8(..3) == 0 { name(rng) } else { one(rng, topics(family)).to_owned() };
    let join = if rng.u8(..4) == 0 { value(rng) } else { "\"1\"".to_owned() };
    let reference = if rng.u8(..6) == 0 { value(rng) } else { "\"7\"".to_owned() };
    let payload = match rng.u8(..6) {
        0 => format!(
            r#"{{"type":"broadcast","event":{},"payload":{}}}"#,
            text(event(rng)),
            value(rng)
        ),
        1 => format!(r#"{{"event":"track","payload":{}}}"#, value(rng)),
        2 => format!(
            r#"{{"config":{{"broadcast":{},"presence":{},"postgres_changes":{}}}}}"#,
            value(rng),
            value(rng),
            value(rng)
        ),
        3 => format!(r#"{{"ms":{}}}"#, rng.u64(..)),
        _ => value(rng),
    };
    push(family, [&join, &reference, &text(topic), &text(event(rng)), &payload])
}

/// A random kind of binary frame with random bytes.
fn binary(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = vec![rng.u8(..6)];
    bytes.extend((0..rng.usize(..300)).map(|_| if rng.bool() { rng.u8(..12) } else { rng.u8(..) }));
    bytes
}

/// A frame that every server has to reject.
fn rejected(family: Family) -> String {
    let deep = deep(20_000);
    if family == Family::Native {
        return format!(
            r#"{{"type":"channel_message","channel":"room","id":"last","ack":true,"payload":{deep}}}"#
        );
    }
    push(family, ["\"1\"", "\"last\"", "\"room:1\"", "\"moved\"", &deep])
}
