//! Tokens stay where they belong.

use std::fmt::{Debug, Write};

use super::NO_TOKEN_TOLD;
use crate::tokens::SECRET;
use crate::violation::Verdict;

/// No token is in what is told: neither in words, nor when it is printed.
pub(crate) fn stay_secret(told: &impl Debug, verdict: &mut Verdict) {
    let mut text = String::new();
    let printed = write!(text, "{told:?}");
    verdict.demand(printed.is_ok() && !text.contains(SECRET), NO_TOKEN_TOLD, || text);
}
