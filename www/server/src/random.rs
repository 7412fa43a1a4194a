//! Random ids.

use parking_lot::Mutex;
use tidewire_server_core::Randomness;

use crate::clock::now_ms;

/// The system's random source, for the protocol's core.
pub(crate) struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn bits(&mut self) -> [u8; 12] {
        let mut bytes = [0u8; 12];
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        bytes
    }
}

/// 96 bits from the system, as 24 hexadecimal digits.
///
/// # Panics
/// When the system has no random source, because ids and keys would not be safe.
pub(crate) fn token() -> String {
    SystemRandomness.token()
}

/// Like [`token`], but the first half is the time, so that a later one sorts after an earlier one.
pub(crate) fn sortable() -> String {
    static LAST: Mutex<u64> = Mutex::new(0);
    let time = {
        let mut last = LAST.lock();
        *last = now_ms().max(*last + 1);
        *last
    };
    format!("{time:012x}{}", token().get(12..).unwrap_or_default())
}

/// 256 bits from the system, for a signing key.
pub(crate) fn key() -> Vec<u8> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.to_vec()
}

/// A random UUID.
pub(crate) fn uuid() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    // Version 4, and the variant of RFC 9562.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
