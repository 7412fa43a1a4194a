//! Errors as values: a stable code, a description, and a hint for the developer.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::ops::{Deref, DerefMut};

macro_rules! codes {
    ($($name:ident $text:literal $retryable:literal: $message:literal, $hint:literal;)*) => {
        /// The codes of errors that the engine emits. The facade has further ones.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {$(
            #[doc = $message]
            $name,
        )*}

        impl Code {
            /// The stable name, `RealtimeError.code`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The description of the error, a sentence.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }

            /// The hint: what the developer can do.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint,)* }
            }

            /// Whether the same operation can succeed later. A server's rejection may override it.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)* }
            }

            /// All codes, as (name, retryable, message, hint).
            pub const TABLE: &'static [(&'static str, bool, &'static str, &'static str)] =
                &[$(($text, $retryable, $message, $hint),)*];
        }
    };
}

codes! {
    ConnectRefused "connect_refused" true:
        "The WebSocket could not be opened.",
        "Check the url, connect-src of the page's Content-Security-Policy, that the server runs and accepts this origin, and a proxy's upgrade rules. Browsers hide the cause; the network panel may show it.";
    ConnectTimeout "connect_timeout" true:
        "The connection was not open and authenticated in time.",
        "Check that the server answers the auth frame with auth_success; raise connectTimeoutMs for slow networks.";
    ConnectionLost "connection_lost" true:
        "The connection was lost.",
        "Nothing to do: it is opened again with backoff.";
    HeartbeatTimeout "heartbeat_timeout" true:
        "The server stopped answering.",
        "Nothing to do: it is opened again. If it recurs, check that the server answers ping with pong.";
    TokenFailed "token_failed" true:
        "getToken failed.",
        "Its own error is the cause. It is called again with backoff; return null to connect without a token.";
    UrlFailed "url_failed" true:
        "The url option gave no WebSocket address.",
        "Return a ws:, wss:, http: or https: address, or a path on the page's host.";
    AuthDenied "auth_denied" false:
        "The server rejected the token.",
        "Sign in again and call setToken(token), or let getToken return a fresh token. The rejected one is never sent again.";
    ServerError "server_error" true:
        "The server reported an error.",
        "The cause contains the server's code and message.";
    GaveUp "gave_up" false:
        "Every attempt to connect failed.",
        "It starts again with new demand, when the page is shown or online again, or with connect(). Leave reconnect.maxAttempts unset to never give up.";
    InvalidFrame "invalid_frame" true:
        "The server sent a message that is not a frame of the protocol.",
        "It was dropped and counted in getMetrics().invalidFrames. Frames are JSON objects within maxFrameBytes.";
    InvalidArgument "invalid_argument" false:
        "An argument is not valid.",
        "The cause names it.";
    ChannelLimit "channel_limit" false:
        "maxChannels channels are open and in use.",
        "Unsubscribe from some, or raise maxChannels.";
    JoinTimeout "join_timeout" true:
        "The server did not answer the join in time.",
        "It is tried again with backoff; raise joinTimeoutMs if the server is known to be slow.";
    Unauthorized "unauthorized" false:
        "The server requires a valid token for this channel.",
        "Sign in, then call setToken(token).";
    Forbidden "forbidden" false:
        "The server forbids this.",
        "Check what this user may do on the server.";
    NotFound "not_found" false:
        "The server has no such channel.",
        "Check the channel's name.";
    Limit "limit" true:
        "A limit of the server is reached.",
        "Release channels that are not needed; it is tried again later.";
    RateLimited "rate_limited" true:
        "A rate limit of the server is exceeded.",
        "Nothing to do: it is tried again after the delay that the server requested.";
    Invalid "invalid" false:
        "The server does not accept this.",
        "The cause contains the server's code and message.";
    Internal "internal" true:
        "The server failed to do this.",
        "It is tried again with backoff; see the server's logs.";
    ChannelClosed "channel_closed" true:
        "The server ended the membership of this channel.",
        "The cause contains the server's code and message.";
    QueueFull "queue_full" true:
        "Too many messages wait to be sent.",
        "Wait until some are settled, or raise queue.maxMessages and queue.maxBytes.";
    Expired "expired" true:
        "The message waited longer than its ttlMs, its timeoutMs, or ackTimeoutMs for its channel.",
        "Send it again if it still matters.";
    AckTimeout "ack_timeout" true:
        "The server did not acknowledge the message in time.",
        "It may have been accepted. Send it again only if doing it twice is harmless.";
    Unconfirmed "unconfirmed" true:
        "The connection was lost before the server answered, and the outcome can no longer be determined.",
        "The message may have been accepted. Compare with the server's state before sending it again.";
    Rejected "rejected" false:
        "The server rejected the message.",
        "The cause contains the server's code and message.";
    Aborted "aborted" false:
        "The send was aborted by its signal.",
        "If it had been written to the socket already, the server may still accept it.";
    Destroyed "destroyed" false:
        "The client was destroyed.",
        "Make a new one with createRealtimeClient().";
    NotConnected "not_connected" true:
        "An ephemeral message is never queued, and there is no connection.",
        "Send it when the client is ready, or without ephemeral.";
    MessageTooLarge "message_too_large" false:
        "The message is larger than the server, or queue.maxBytes, allows.",
        "Split it, or store the data elsewhere and send a reference.";
    InvalidMessage "invalid_message" false:
        "This server's protocol cannot encode the message.",
        "A base server merges the message into the frame: send an object whose type is none of the protocol's. Bytes go to Phoenix and Supabase only, with serializer 2.0.0.";
    IdentityChanged "identity_changed" false:
        "Another user signed in before the message was settled.",
        "Send it again as the new user if that is meant.";
    Unsupported "unsupported" false:
        "The server has no such feature.",
        "Do without it, or use a server that lists the feature in its auth_success frame.";
    DependencyFailed "dependency_failed" false:
        "The insert of the row this change was made to failed.",
        "Insert the row again, then change it; the error of the insert has the cause.";
    LoadFailed "load_failed" true:
        "A collection's load failed.",
        "Its own error is the cause. It is tried again with backoff; the former rows stay shown.";
    CallbackFailed "callback_failed" false:
        "A callback of the app threw.",
        "Its exception is the cause. Other callbacks are not affected.";
}

impl Code {
    /// The code of a server's rejection by its name; `None` for an unknown name.
    #[must_use]
    pub fn from_server(name: &str) -> Option<Self> {
        [
            Self::Unauthorized,
            Self::Forbidden,
            Self::NotFound,
            Self::Limit,
            Self::RateLimited,
            Self::Invalid,
            Self::Internal,
        ]
        .into_iter()
        .find(|code| code.name() == name)
    }
}

/// The cause of an error: the server's code and message, or the message of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The server's code, if it sent one.
    pub code: Option<String>,
    /// The message.
    pub message: String,
}

/// An error. It is boxed because results that contain it are moved often, and errors are rare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorDetails>);

impl Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

/// The fields of an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDetails {
    /// The stable code.
    pub code: Code,
    /// The channel in which it occurred.
    pub channel: Option<Rc<str>>,
    /// The cause, if known.
    pub cause: Option<Cause>,
    /// Whether the same operation can succeed later.
    pub retryable: bool,
    /// The server's retry delay, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Error {
    /// An error of this code, without channel and cause.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self(Box::new(ErrorDetails {
            code,
            channel: None,
            cause: None,
            retryable: code.is_retryable(),
            retry_after_ms: None,
        }))
    }

    /// This error with a channel.
    #[must_use]
    pub fn with_channel(mut self, channel: &Rc<str>) -> Self {
        self.channel = Some(channel.clone());
        self
    }

    /// This error with a message as its cause.
    #[must_use]
    pub fn with_cause(mut self, message: &str) -> Self {
        self.cause = Some(Cause { code: None, message: message.to_owned() });
        self
    }

    /// The error of a rejection. Its code is `fallback` if the server's one is unknown.
    #[must_use]
    pub fn from_rejection(rejection: Rejection, fallback: Code) -> Self {
        let code = rejection.code.as_deref().and_then(Code::from_server).unwrap_or(fallback);
        let mut error = Self::new(code);
        error.retryable = rejection.retryable.unwrap_or(error.retryable);
        error.retry_after_ms = rejection.retry_after_ms;
        error.cause = Some(Cause { code: rejection.code, message: rejection.message });
        error
    }
}

/// An error reply of the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rejection {
    /// The server's code.
    pub code: Option<String>,
    /// The server's message.
    pub message: String,
    /// Whether the same operation can succeed later, if the server sent that.
    pub retryable: Option<bool>,
    /// The server's retry delay, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

#[cfg(test)]
mod tests {
    use crate::core::testing::single_spaced;

    use super::{Code, Error, Rejection};

    #[test]
    fn documented_codes_equal_the_table() {
        let page = single_spaced(include_str!("../../docs/errors.md"));
        for (name, retryable, message, hint) in Code::TABLE {
            let retry = if *retryable { "yes" } else { "no" };
            let row = format!("| `{name}` | {retry} | {message} {hint} |");
            assert!(page.contains(&row), "docs/errors.md lacks the row\n{row}");
        }
    }

    #[test]
    fn retryable_of_the_server_overrides_the_table() {
        let rejection = Rejection {
            code: Some("limit".into()),
            retryable: Some(false),
            ..Rejection::default()
        };
        let error = Error::from_rejection(rejection, Code::Internal);
        assert_eq!((error.code, error.retryable), (Code::Limit, false));
    }

    #[test]
    fn unknown_code_is_kept_as_the_cause() {
        let rejection = Rejection { code: Some("price_too_low".into()), ..Rejection::default() };
        let error = Error::from_rejection(rejection, Code::Rejected);
        assert_eq!(error.code, Code::Rejected);
        let code = error.cause.as_ref().and_then(|cause| cause.code.as_deref());
        assert_eq!(code, Some("price_too_low"));
    }
}
