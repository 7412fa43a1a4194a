//! Binary frames of serializer 2.0.0 (`serializer.js`; kinds 3 and 4: supabase/realtime's
//! `v2_serializer.ex`): the kind, the lengths of the texts in one byte each, the texts, and the
//! data.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::core::input::{BinaryHead, FrameKind};

/// The size of the longest header, in bytes: a kind, seven lengths and flags, five texts.
pub const MAX_HEAD_BYTES: usize = 8 + 5 * 255;

/// Reads the header of a frame; `None` if it is not a valid frame of a known kind.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<BinaryHead> {
    let (kind, texts) = match bytes.first()? {
        // A push of the server has no `ref`.
        0 => (FrameKind::Push, 3),
        1 => (FrameKind::Reply, 4),
        2 => (FrameKind::Broadcast, 2),
        4 => (FrameKind::UserBroadcast, 3),
        _ => return None,
    };
    let encoded = usize::from(kind == FrameKind::UserBroadcast);
    let mut at = 1 + texts + encoded;
    let mut read = Vec::new();
    for length in bytes.get(1..=texts)? {
        let end = at + usize::from(*length);
        read.push(core::str::from_utf8(bytes.get(at..end)?).ok()?.to_owned());
        at = end;
    }
    let is_json = encoded == 1 && *bytes.get(1 + texts)? != 0;
    let mut next = read.into_iter();
    let mut text = || next.next().unwrap_or_default();
    let some = |text: String| (!text.is_empty()).then_some(text);
    let join_ref =
        matches!(kind, FrameKind::Push | FrameKind::Reply).then(&mut text).and_then(some);
    let reference = (kind == FrameKind::Reply).then(&mut text).and_then(some);
    let (topic, event, meta) = (text(), text(), text());
    Some(BinaryHead { kind, join_ref, reference, topic, event, meta, is_json, data_at: at })
}

/// The header of a push of this client; `None` if a text is longer than 255 bytes.
#[must_use]
pub fn push(join_ref: &str, reference: &str, topic: &str, event: &str) -> Option<Vec<u8>> {
    write(&[0], &[join_ref, reference, topic, event], &[])
}

/// The header of a broadcast of bytes of this client (Supabase); `None` if a text is longer than
/// 255 bytes.
#[must_use]
pub fn broadcast(join_ref: &str, reference: &str, topic: &str, event: &str) -> Option<Vec<u8>> {
    write(&[3], &[join_ref, reference, topic, event, ""], &[0])
}

fn write(kind: &[u8], texts: &[&str], encoding: &[u8]) -> Option<Vec<u8>> {
    let mut head = kind.to_owned();
    for text in texts {
        head.push(u8::try_from(text.len()).ok()?);
    }
    head.extend_from_slice(encoding);
    for text in texts {
        head.extend_from_slice(text.as_bytes());
    }
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::{broadcast, push, read};
    use crate::core::input::{BinaryHead, FrameKind};

    fn frame(head: &[u8], texts: &str) -> Vec<u8> {
        [head, texts.as_bytes()].concat()
    }

    #[test]
    fn each_kind_is_decoded_by_its_lengths() {
        let head = read(&frame(&[0, 1, 6, 6], "3echo:1pushed\x01\x02")).expect("a push");
        assert_eq!((head.kind, head.join_ref.as_deref()), (FrameKind::Push, Some("3")));
        assert_eq!((&*head.topic, &*head.event, head.data_at), ("echo:1", "pushed", 17));

        let head = read(&frame(&[1, 1, 2, 6, 2], "324echo:1okdata")).expect("a reply");
        assert_eq!((head.kind, head.reference.as_deref()), (FrameKind::Reply, Some("24")));
        assert_eq!((&*head.topic, &*head.event, head.data_at), ("echo:1", "ok", 16));

        let head = read(&frame(&[2, 6, 5], "echo:1shout!")).expect("a broadcast");
        assert_eq!((head.kind, &*head.event, head.join_ref), (FrameKind::Broadcast, "shout", None));

        let head = read(&frame(&[4, 15, 5, 9, 1], "realtime:room:7typed{\"id\":\"a\"}{}"));
        let expected = BinaryHead {
            kind: FrameKind::UserBroadcast,
            join_ref: None,
            reference: None,
            topic: "realtime:room:7".to_owned(),
            event: "typed".to_owned(),
            meta: "{\"id\":\"a\"".to_owned(),
            is_json: true,
            data_at: 34,
        };
        assert_eq!(head, Some(expected));
    }

    #[test]
    fn truncated_unknown_or_non_text_frames_are_invalid() {
        for bytes in
            [&[][..], &[0], &[3, 0, 0, 0, 0, 0, 0], &[9, 1], &[2, 1, 9, b'a'], &[2, 1, 0, 0xFF]]
        {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn encoded_frame_has_its_lengths_and_too_long_text_is_rejected() {
        assert_eq!(push("1", "2", "t", "e"), Some(frame(&[0, 1, 1, 1, 1], "12te")));
        let text = broadcast("1", "3", "realtime:room:7", "typed");
        assert_eq!(text, Some(frame(&[3, 1, 1, 15, 5, 0, 0], "13realtime:room:7typed")));
        assert_eq!(push("1", "2", &"x".repeat(256), "e"), None);
    }
}
