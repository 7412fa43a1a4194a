//! Rows put together and compared by their members.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::payload::Payload;

/// The row with the members of the patch.
pub(super) fn merge<P: Payload>(row: &P, patch: &P) -> P {
    row.merged(members(patch, |_| true))
}

/// The members of an object that `wanted` names.
pub(super) fn members<P: Payload>(of: &P, wanted: impl Fn(&str) -> bool) -> Vec<(String, P)> {
    let member = |key: String| of.member(&key).map(|value| (key, value));
    of.keys().into_iter().filter(|key| wanted(key)).filter_map(member).collect()
}

/// Whether an object has every member of `part`, and that has any.
pub(super) fn contains<P: Payload>(row: &P, part: &P) -> bool {
    let keys = part.keys();
    let has = |key: &String| match (row.member(key), part.member(key)) {
        (Some(there), Some(wanted)) => there.eq_json(&wanted),
        _ => false,
    };
    !keys.is_empty() && keys.iter().all(has)
}
