//! The address of the socket by protocol: its path, its query, and the subprotocols that offer a
//! token.
//!
//! Phoenix appends the transport to the path of the socket, and the query has `vsn`
//! (`assets/js/phoenix/socket.js`). Supabase has the socket below the address of the project, and
//! `apikey` in the query (`RealtimeClient` of realtime-js). The native protocol adds nothing.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::phoenix::{SUBPROTOCOL, bearer};
use crate::core::config::{Config, ProtocolKind};
use crate::core::text::concat;
use crate::core::token::Token;

/// The last segment of the path of a Phoenix socket: the transport.
const TRANSPORT: &str = "/websocket";
/// The path of the socket below the address of a Supabase project.
const SUPABASE_MOUNT: &str = "/realtime/v1";
/// The subprotocol that is offered before the token itself (native protocol, "Base").
pub const JWT: &str = "jwt";

/// The path on the page's host that is used if the options have no address.
#[must_use]
pub const fn default_path(protocol: ProtocolKind) -> &'static str {
    match protocol {
        ProtocolKind::Tidewire => "/ws/realtime",
        ProtocolKind::Phoenix => "/socket",
        // It is not used: the options must have an address.
        ProtocolKind::Supabase => "/",
    }
}

/// The path of the socket, if the address in the options has the path `given`.
#[must_use]
pub fn socket_path(protocol: ProtocolKind, given: &str) -> String {
    let mount = given.trim_end_matches('/');
    let (below, transport) = match protocol {
        ProtocolKind::Tidewire => return given.to_owned(),
        _ if mount.ends_with(TRANSPORT) => ("", ""),
        ProtocolKind::Supabase if !mount.ends_with(SUPABASE_MOUNT) => (SUPABASE_MOUNT, TRANSPORT),
        ProtocolKind::Supabase | ProtocolKind::Phoenix => ("", TRANSPORT),
    };
    concat(&[mount, below, transport])
}

/// The query parameters that the protocol needs, names and values. They replace those with the same
/// name in the address of the options.
#[must_use]
pub fn query(config: &Config) -> Vec<(&'static str, &str)> {
    let mut query = Vec::new();
    if config.protocol != ProtocolKind::Tidewire {
        query.push(("vsn", config.serializer.name()));
    }
    if config.protocol == ProtocolKind::Supabase {
        query.push(("apikey", config.api_key.as_deref().unwrap_or_default()));
    }
    query
}

/// The subprotocols that offer a token: a constant one, and the one that contains the token.
#[must_use]
pub fn subprotocols(protocol: ProtocolKind, token: &Token) -> (&'static str, String) {
    match protocol {
        ProtocolKind::Phoenix => (SUBPROTOCOL, bearer(token)),
        ProtocolKind::Tidewire | ProtocolKind::Supabase => (JWT, token.reveal().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{query, socket_path};
    use crate::core::config::{Config, ProtocolKind, Serializer};

    #[test]
    fn native_path_is_not_changed() {
        for path in ["/ws/realtime", "/live/", "/"] {
            assert_eq!(socket_path(ProtocolKind::Tidewire, path), path);
        }
    }

    #[test]
    fn phoenix_path_ends_with_the_transport() {
        for (path, socket) in [
            ("/socket", "/socket/websocket"),
            ("/live/", "/live/websocket"),
            ("/", "/websocket"),
            ("/socket/websocket", "/socket/websocket"),
            ("/socket/websocket//", "/socket/websocket"),
        ] {
            assert_eq!(socket_path(ProtocolKind::Phoenix, path), socket);
        }
    }

    #[test]
    fn supabase_path_is_below_that_of_the_project() {
        for (path, socket) in [
            ("/", "/realtime/v1/websocket"),
            ("/behind", "/behind/realtime/v1/websocket"),
            ("/realtime/v1", "/realtime/v1/websocket"),
            ("/socket/websocket", "/socket/websocket"),
        ] {
            assert_eq!(socket_path(ProtocolKind::Supabase, path), socket);
        }
    }

    #[test]
    fn query_has_the_serializer_and_with_supabase_the_key() {
        let mut config = Config { api_key: Some("k".into()), ..Config::default() };
        assert_eq!(query(&config), []);
        config.protocol = ProtocolKind::Phoenix;
        config.serializer = Serializer::V1;
        assert_eq!(query(&config), [("vsn", "1.0.0")]);
        config.protocol = ProtocolKind::Supabase;
        config.serializer = Serializer::V2;
        assert_eq!(query(&config), [("vsn", "2.0.0"), ("apikey", "k")]);
    }
}
