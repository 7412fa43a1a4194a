//! The reasons of state changes of the connection and the channels, documented in
//! `docs/reasons.md`.

macro_rules! reasons {
    ($($code:literal $name:ident $text:literal: $doc:literal;)*) => {
        /// The reason of a state change. Codes and names are stable: logs and tools may rely on
        /// them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Reason {$(
            #[doc = $doc]
            $name = $code,
        )*}

        impl Reason {
            /// The stable name, as in `on('state')` and in logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The stable number.
            #[must_use]
            pub const fn code(self) -> u16 {
                self as u16
            }

            /// All reasons, as (code, name, meaning).
            pub const TABLE: &'static [(u16, &'static str, &'static str)] =
                &[$(($code, $text, $doc),)*];
        }
    };
}

reasons! {
    100 Created "created": "The client was created.";
    101 Demand "demand": "A subscriber, a send or `connect()` needs a connection.";
    102 NoDemand "no_demand": "The last subscriber left and nothing is unsettled.";
    103 DisconnectCalled "disconnect_called": "`disconnect()` was called.";
    104 Destroyed "destroyed": "`destroy()` was called.";
    110 Hidden "hidden": "The page has been hidden for `visibility.pauseAfterMs`.";
    111 Visible "visible": "The page became visible.";
    112 Frozen "frozen": "The page was frozen or unloaded (`freeze`, `pagehide`).";
    113 Resumed "resumed": "The page was resumed after it was frozen or unloaded (`resume`, `pageshow`).";
    114 Offline "offline": "The browser reports that there is no network.";
    115 Online "online": "The browser reports that there is a network again.";
    200 Opened "opened": "The socket is open; the authentication exchange begins.";
    201 Authenticated "authenticated": "The server accepted the connection.";
    202 TokenChanged "token_changed": "A new token requires a new connection (close 4003).";
    203 Retry "retry": "The wait before the next attempt is over.";
    204 Reconfigured "reconfigured": "Options changed that need a new connection.";
    300 ConnectRefused "connect_refused": "The socket closed before it was open.";
    301 ConnectTimeout "connect_timeout": "Not open and authenticated within `connectTimeoutMs`.";
    302 ConnectionLost "connection_lost": "The open socket was closed by the server or the network.";
    303 HeartbeatTimeout "heartbeat_timeout": "A ping was not answered, and no other frame was received.";
    304 ProbeTimeout "probe_timeout": "After a wake the socket did not answer within `probeTimeoutMs`.";
    305 TokenFailed "token_failed": "`getToken` threw, rejected or did not answer in time.";
    306 ReauthTimeout "reauth_timeout": "The server did not answer a new token on the open connection.";
    307 UrlFailed "url_failed": "`url` threw, rejected or returned no WebSocket address.";
    308 ServerError "server_error": "The server reported an error and ended the connection; retryable.";
    400 AuthDenied "auth_denied": "The server rejected the token, and there is no other one to try.";
    401 Forbidden "forbidden": "The server forbids this user to connect.";
    402 GaveUp "gave_up": "`reconnect.maxAttempts` attempts failed in a row.";
    403 ServerFatal "server_fatal": "The server reported an error that is not retryable.";
    500 Joining "joining": "The channel is being joined.";
    501 Joined "joined": "The server confirmed the membership, or a base server needs none.";
    502 ConnectionDown "connection_down": "The connection has ended; the channel is joined again on the next one.";
    503 JoinRefused "join_refused": "The server rejected the join.";
    504 JoinTimeout "join_timeout": "No answer to the join within `joinTimeoutMs`.";
    505 EndedByServer "ended_by_server": "The server ended the membership.";
    506 Released "released": "The last subscriber left and the linger time is over.";
    507 Evicted "evicted": "Left because `maxChannels` was reached: it was the least recently used idle channel.";
    508 IdleExpired "idle_expired": "A persistent channel was idle for `idleChannelTtlMs`.";
    509 Recovered "recovered": "Everything missed has been delivered.";
    510 Recovering "recovering": "Messages are missing: the channel is joined again from its position.";
    511 Live "live": "The server reported that the channel's database subscription is active.";
    512 NotLive "not_live": "The server reported that the channel's database subscription failed: changes may be missed until `live`.";
    513 PassedOver "passed_over": "A message that is too large or invalid was skipped.";
    514 IdentityChanged "identity_changed": "Another user signed in, or the user signed out: the former one's state is dropped.";
}

#[cfg(test)]
mod tests {
    use crate::core::testing::single_spaced;

    use super::Reason;

    #[test]
    fn documented_reasons_equal_the_table() {
        let page = single_spaced(include_str!("../../docs/reasons.md"));
        for (code, name, meaning) in Reason::TABLE {
            let row = format!("| {code} | `{name}` | {meaning} |");
            assert!(page.contains(&row), "docs/reasons.md lacks the row\n{row}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains("| `"));
        assert_eq!(rows.count(), Reason::TABLE.len(), "docs/reasons.md has a row of no reason");
    }
}
