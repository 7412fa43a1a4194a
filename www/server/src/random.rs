//! Names nobody can guess.

/// 96 bits from the system, as 24 hexadecimal digits.
///
/// # Panics
/// When the system has no randomness, without which nothing here is safe.
pub(crate) fn token() -> String {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    hex(&bytes)
}

/// 256 bits from the system, for a signing key.
pub(crate) fn key() -> Vec<u8> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.to_vec()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
