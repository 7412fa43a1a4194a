//! Names and families of names: `news`, or `room:*` for all that begin with `room:`.

/// Whether a channel is meant by a pattern.
pub(crate) fn covers(pattern: &str, channel: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => channel.starts_with(prefix),
        None => pattern == channel,
    }
}
