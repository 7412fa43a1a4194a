//! Packing of frames into WebSocket messages, and unpacking: batches and compression.

use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::features::{Feature, Features};
use crate::frame::Frame;
use crate::rejection::Rejection;

/// The first byte of a compressed message.
const DEFLATE: u8 = 1;
/// The most frames a client may send as one message.
pub(crate) const MAX_BATCH: usize = 10_000;
/// A batch is closed when it has this many bytes.
const BATCH_BYTES: usize = 64 << 10;

/// A message of the transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// A frame, or a batch of them.
    Text(Arc<str>),
    /// The same, compressed.
    Binary(Vec<u8>),
}

/// Packs frames, in order, with the negotiated extensions.
pub fn pack(frames: &[Frame], features: Features, deflate_from: usize, out: &mut Vec<Packet>) {
    let mut rest = frames;
    while let Some(first) = rest.first() {
        let count = if features.has(Feature::Batch) { group(rest) } else { 1 };
        let (now, later) = rest.split_at(count);
        rest = later;
        let text = if count == 1 {
            first.text.clone()
        } else {
            let texts: Vec<&str> = now.iter().map(|frame| &*frame.text).collect();
            format!("[{}]", texts.join(",")).into()
        };
        let plain = !features.has(Feature::Deflate) || is_sent_alone(first);
        if plain || text.len() < deflate_from {
            out.push(Packet::Text(text));
        } else {
            out.push(Packet::Binary(deflate(&text)));
        }
    }
}

/// Parses a batch into its frames.
pub(crate) fn unpack(text: &str) -> Result<Vec<Arc<str>>, Rejection> {
    let Batch(frames) = serde_json::from_str(text).map_err(|_| {
        Rejection::invalid(format!("a batch is a JSON array of at most {MAX_BATCH} frames"))
    })?;
    Ok(frames)
}

/// A JSON array that is not parsed beyond [`MAX_BATCH`] values.
struct Batch(Vec<Arc<str>>);

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Frames;
        impl<'de> Visitor<'de> for Frames {
            type Value = Vec<Arc<str>>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "an array of at most {MAX_BATCH} frames")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut frames = Vec::new();
                while let Some(frame) = seq.next_element::<&RawValue>()? {
                    if frames.len() == MAX_BATCH {
                        return Err(serde::de::Error::invalid_length(MAX_BATCH + 1, &self));
                    }
                    frames.push(frame.get().into());
                }
                Ok(frames)
            }
        }
        deserializer.deserialize_seq(Frames).map(Batch)
    }
}

/// How many of the first frames are sent as one message, at least one.
fn group(frames: &[Frame]) -> usize {
    let mut bytes = 0;
    let fitting = frames.iter().take_while(|frame| {
        bytes += frame.text.len() + 1;
        bytes <= BATCH_BYTES && !is_sent_alone(frame)
    });
    fitting.count().max(1)
}

/// Whether a frame is never packed: the answer that negotiates packing cannot be packed itself.
fn is_sent_alone(frame: &Frame) -> bool {
    frame.kind == "auth_success"
}

fn deflate(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(vec![DEFLATE], Compression::fast());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.expect("writing into memory does not fail")
}

/// Inflates a compressed message, to at most `max` bytes.
pub(crate) fn inflate(bytes: &[u8], max: usize) -> Result<String, Rejection> {
    let Some((&DEFLATE, compressed)) = bytes.split_first() else {
        return Err(Rejection::invalid("a binary message starts with the byte 1"));
    };
    let mut text = Vec::new();
    DeflateDecoder::new(compressed)
        .take(max as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|_| Rejection::invalid("the message is not raw DEFLATE"))?;
    if text.len() > max {
        return Err(Rejection::invalid("the message inflates beyond the frame limit"));
    }
    String::from_utf8(text).map_err(|_| Rejection::invalid("the message is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(frames: &[Frame], features: &[&str]) -> Vec<Packet> {
        let mut out = Vec::new();
        pack(frames, Features::from_names(features.iter().copied()), 64, &mut out);
        out
    }

    #[test]
    fn frames_are_batched_only_when_negotiated() {
        let frames = [Frame::new("pong", "{}"), Frame::new("pong", "{}")];
        assert_eq!(packed(&frames, &[]).len(), 2);
        assert_eq!(packed(&frames, &["batch"]), [Packet::Text("[{},{}]".into())]);
    }

    #[test]
    fn negotiation_answer_is_never_packed() {
        let frames = [Frame::new("auth_success", "{\"a\":1}"), Frame::new("pong", "{}")];
        let out = packed(&frames, &["batch", "deflate"]);
        assert_eq!(out, [Packet::Text("{\"a\":1}".into()), Packet::Text("{}".into())]);
    }

    #[test]
    fn batch_parsing_stops_at_the_frame_limit() {
        let batch = |count: usize| format!("[{}]", vec!["1"; count].join(","));
        assert_eq!(unpack(&batch(MAX_BATCH)).map(|frames| frames.len()), Ok(MAX_BATCH));
        for text in [batch(MAX_BATCH + 1), batch(1_000_000), "[".into(), "[1,]".into()] {
            assert_eq!(unpack(&text).map_err(|rejection| rejection.code), Err("invalid"));
        }
    }

    #[test]
    fn inflation_stops_at_the_limit() {
        let text = "x".repeat(10_000);
        let out = packed(&[Frame::new("pong", text.clone())], &["deflate"]);
        let [Packet::Binary(bytes)] = &out[..] else { panic!("{out:?}") };
        assert!(bytes.len() < 200);
        assert_eq!(inflate(bytes, 10_000).expect("fits"), text);
        assert_eq!(inflate(bytes, 9_999).expect_err("too large").code, "invalid");
        assert!(inflate(&bytes[1..], 10_000).is_err() && inflate(&[1, 0xff, 0xff], 9).is_err());
    }
}
