//! Tokens stay where they belong.

use std::fmt::{Debug, Write};

use super::NO_TOKEN_LEAKED;
use crate::tokens::SECRET;
use crate::violations::ViolationLog;

/// No token is in what is told: neither in words, nor when it is printed.
pub(crate) fn ensure_secret(value: &impl Debug, violations: &mut ViolationLog) {
    let mut text = String::new();
    let printed = write!(text, "{value:?}");
    violations.ensure(printed.is_ok() && !text.contains(SECRET), NO_TOKEN_LEAKED, || text);
}
