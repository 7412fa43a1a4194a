//! The removal of `null` members from objects.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::payload::Payload;

/// The members of an object without those that are `null`, at any depth, because the server rejects
/// some of them.
pub(super) fn defined<P: Payload>(object: &P) -> Vec<(String, P)> {
    let members = object.keys().into_iter().filter_map(|key| {
        let value = object.member(&key).filter(|value| !is_null(value))?;
        let value = match value.is_object() {
            true => P::object(Vec::new()).merged(defined(&value)),
            false => value,
        };
        Some((key, value))
    });
    members.collect()
}

/// Whether a value is `null`.
pub(super) fn is_null<P: Payload>(value: &P) -> bool {
    value.eq_json(&P::null())
}
