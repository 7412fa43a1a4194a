//! Randomness, which the driver passes in.

use std::fmt::Write as _;

/// A source of random bits, from which epochs, message ids and presence refs are made. A public
/// server needs a cryptographically secure one.
pub trait Randomness: Send {
    /// The next 96 bits.
    fn bits(&mut self) -> [u8; 12];

    /// The next 96 bits, as 24 hexadecimal digits.
    fn token(&mut self) -> String {
        let mut text = String::with_capacity(24);
        for byte in self.bits() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// A predictable sequence for tests (SplitMix64).
#[derive(Debug, Clone)]
pub struct SeededRandomness(u64);

impl SeededRandomness {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Randomness for SeededRandomness {
    fn bits(&mut self) -> [u8; 12] {
        let mut bits = [0; 12];
        bits[..8].copy_from_slice(&self.next().to_le_bytes());
        bits[8..].copy_from_slice(&self.next().to_le_bytes()[..4]);
        bits
    }
}
