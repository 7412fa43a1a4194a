//! No event contains a token.

use std::fmt::{Debug, Write};

use super::NO_TOKEN_LEAKED;
use crate::tokens::SECRET;
use crate::violations::ViolationLog;

/// Checks that the debug output of a value does not contain a token.
pub(crate) fn ensure_secret(value: &impl Debug, violations: &mut ViolationLog) {
    let mut text = String::new();
    let printed = write!(text, "{value:?}");
    violations.ensure(printed.is_ok() && !text.contains(SECRET), NO_TOKEN_LEAKED, || text);
}
