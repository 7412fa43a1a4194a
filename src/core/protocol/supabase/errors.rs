//! The classification of rejections. The texts are from the server
//! (`lib/realtime_web/channels/realtime_channel.ex`), the classes are this client's interpretation.

use alloc::borrow::ToOwned;

use crate::core::error::Rejection;

/// The class of a rejection, by what can make another attempt succeed.
#[derive(Debug, Clone, Copy)]
enum Class {
    /// Another token; an attempt with the same one always fails.
    Token,
    /// Nothing: the user has no permission.
    Forbidden,
    /// Nothing: the request is not valid.
    Invalid,
    /// Fewer channels or connections.
    Limit,
    /// A later attempt: a rate limit was exceeded.
    Rate,
    /// A later attempt: the server has failed.
    Retry,
}

/// The server's codes for rejections of joins and pushes. A rejection with another code, or without
/// one, is retried.
const CODES: [(&str, Class); 12] = [
    ("InvalidJWTToken", Class::Token),
    ("MalformedJWT", Class::Token),
    ("JwtSignatureError", Class::Token),
    ("JwtSignerError", Class::Token),
    ("Unauthorized", Class::Forbidden),
    ("PrivateOnly", Class::Forbidden),
    ("RealtimeDisabledForTenant", Class::Forbidden),
    ("TopicNameRequired", Class::Invalid),
    ("ChannelRateLimitReached", Class::Limit),
    ("ConnectionRateLimitReached", Class::Limit),
    ("ClientJoinRateLimitReached", Class::Rate),
    ("payload_size_exceeded", Class::Invalid),
];

/// The beginnings of the server's texts for ends of channels.
const SHUTDOWNS: [(&str, Class); 9] = [
    ("Token has expired", Class::Token),
    ("Fields `role` and `exp` are required", Class::Token),
    ("The token provided is not a valid JWT", Class::Token),
    ("You no longer have permission", Class::Forbidden),
    ("You do not have permissions", Class::Forbidden),
    ("Track message size exceeded", Class::Invalid),
    ("Too many messages per second", Class::Rate),
    ("Too many presence messages per second", Class::Rate),
    ("Client presence rate limit exceeded", Class::Rate),
];

/// The server's code for a replay that it rejected.
const REPLAY: &str = "UnableToReplayMessages";
/// The texts with that code that are permanent.
const REPLAY_FATAL: [&str; 2] =
    ["Replay params are not valid", "Replay is not allowed for public channels"];

/// The rejection of a join or push with a reason of the form `Code: text`.
#[must_use]
pub fn rejection(reason: &str) -> Rejection {
    let (code, text) = reason.split_once(':').unwrap_or((reason, ""));
    let text = text.strip_prefix(' ').unwrap_or(text);
    let class = match CODES.iter().find(|(known, _)| *known == code) {
        Some((_, class)) => *class,
        None if code == REPLAY && REPLAY_FATAL.contains(&text) => Class::Invalid,
        None => Class::Retry,
    };
    classed(class, reason)
}

/// The rejection for the message with which the server ends a channel.
#[must_use]
pub fn shutdown(message: &str) -> Rejection {
    let known = SHUTDOWNS.iter().find(|(beginning, _)| message.starts_with(beginning));
    classed(known.map_or(Class::Retry, |(_, class)| *class), message)
}

fn classed(class: Class, message: &str) -> Rejection {
    let (code, retryable) = match class {
        Class::Token => ("unauthorized", true),
        Class::Forbidden => ("forbidden", false),
        Class::Invalid => ("invalid", false),
        Class::Limit => ("limit", true),
        Class::Rate => ("rate_limited", true),
        Class::Retry => ("internal", true),
    };
    Rejection {
        code: Some(code.to_owned()),
        message: message.to_owned(),
        retryable: Some(retryable),
        retry_after_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{rejection, shutdown};

    fn class(rejection: super::Rejection) -> (String, bool) {
        (rejection.code.unwrap_or_default(), rejection.retryable == Some(true))
    }

    #[test]
    fn rejection_of_a_join_or_push_is_classified_by_its_code() {
        for (reason, code, retryable) in [
            ("InvalidJWTToken: Token has expired 3 seconds ago", "unauthorized", true),
            ("InvalidJWTToken: Fields `role` and `exp` are required in JWT", "unauthorized", true),
            ("MalformedJWT: The token provided is not a valid JWT", "unauthorized", true),
            ("JwtSignatureError: Failed to validate JWT signature", "unauthorized", true),
            ("JwtSignerError: no signer", "unauthorized", true),
            (
                "Unauthorized: You do not have permissions to read from this Channel topic: x",
                "forbidden",
                false,
            ),
            ("PrivateOnly: This project only allows private channels", "forbidden", false),
            ("TopicNameRequired: You must provide a topic name", "invalid", false),
            ("UnableToReplayMessages: Replay params are not valid", "invalid", false),
            ("UnableToReplayMessages: Replay is not allowed for public channels", "invalid", false),
            ("UnableToReplayMessages: Realtime was unable to replay messages", "internal", true),
            ("ChannelRateLimitReached: Too many channels", "limit", true),
            ("ConnectionRateLimitReached: Too many connected users", "limit", true),
            ("ClientJoinRateLimitReached: Too many joins per second", "rate_limited", true),
            ("TenantNotFound: Tenant with the given ID does not exist", "internal", true),
            ("RealtimeDisabledForTenant: off", "forbidden", false),
            ("InitializingProjectConnection: Connecting to the project database", "internal", true),
            ("RealtimeRestarting: Realtime is restarting, please standby", "internal", true),
            ("DatabaseLackOfConnections: none", "internal", true),
            ("UnknownErrorOnChannel: what", "internal", true),
            ("Unknown Error on Channel", "internal", true),
            ("payload_size_exceeded", "invalid", false),
        ] {
            assert_eq!(class(rejection(reason)), (code.to_owned(), retryable), "{reason}");
        }
    }

    #[test]
    fn end_of_a_channel_is_classified_by_its_text() {
        for (message, code, retryable) in [
            ("Token has expired 0 seconds ago", "unauthorized", true),
            ("Fields `role` and `exp` are required in JWT", "unauthorized", true),
            ("The token provided is not a valid JWT", "unauthorized", true),
            (
                "You no longer have permission to read from this Channel topic: x",
                "forbidden",
                false,
            ),
            ("You do not have permissions to read from this Channel topic: x", "forbidden", false),
            ("Track message size exceeded", "invalid", false),
            ("Too many messages per second", "rate_limited", true),
            ("Too many presence messages per second", "rate_limited", true),
            ("Client presence rate limit exceeded", "rate_limited", true),
            ("Query was cancelled, please try again", "internal", true),
            ("Node request timeout", "internal", true),
            ("Realtime was unable to connect to the project database", "internal", true),
        ] {
            assert_eq!(class(shutdown(message)), (code.to_owned(), retryable), "{message}");
        }
    }
}
