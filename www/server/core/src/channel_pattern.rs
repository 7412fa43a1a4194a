//! Channel patterns: `news`, or `room:*` for all names that begin with `room:`.

/// Whether a pattern covers a channel.
pub fn covers(pattern: &str, channel: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => channel.starts_with(prefix),
        None => pattern == channel,
    }
}
