//! Texts.

use alloc::string::String;

/// Concatenates texts. The standard library's `concat` for any kind of slices is 1 KB of the engine.
#[must_use]
pub fn concat(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}
