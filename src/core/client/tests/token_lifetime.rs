//! The lifetime of a token for any error of the device's clock.

use serde_json::json;

use crate::core::config::Config;
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::testing::{ALL, Harness};
use crate::core::token::{Grant, Token, TokenLifetime};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The kind of token that an app passes.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A JWT with `exp` and `iat`.
    Jwt,
    /// A JWT without `iat`.
    NoIat,
    /// `{ token, expiresAt }` with an opaque token.
    ExpiresAt,
    /// An opaque token alone.
    Opaque,
}

/// A token as a driver reads it: issued `age_ms` ago for an hour, on a device whose clock is ahead
/// by this time.
fn lifetime(kind: Kind, age_ms: i64, ahead_ms: i64) -> TokenLifetime {
    let left_ms = Some(HOUR - age_ms - ahead_ms);
    match kind {
        Kind::Jwt => TokenLifetime { claimed_ms: Some(HOUR), left_ms },
        Kind::NoIat | Kind::ExpiresAt => TokenLifetime { claimed_ms: None, left_ms },
        Kind::Opaque => TokenLifetime::default(),
    }
}

#[test]
fn lifetime_is_the_shortest_positive_one_or_unknown() {
    let ms = |ms: i64| u64::try_from(ms).ok();
    for (kind, age_ms, ahead_ms, expected) in [
        (Kind::Jwt, 0, 0, ms(HOUR)),
        (Kind::Jwt, HOUR - 36_000, 0, ms(36_000)),
        (Kind::Jwt, 0, 2 * HOUR, ms(HOUR)),
        (Kind::Jwt, 0, HOUR, ms(HOUR)),
        (Kind::Jwt, 0, 30 * MINUTE, ms(30 * MINUTE)),
        (Kind::Jwt, 0, -DAY, ms(HOUR)),
        // It has expired, or the clock is ahead: these cannot be distinguished.
        (Kind::Jwt, 2 * HOUR, 0, ms(HOUR)),
        (Kind::NoIat, 0, 0, ms(HOUR)),
        (Kind::NoIat, HOUR - 36_000, 0, ms(36_000)),
        (Kind::NoIat, 0, 2 * HOUR, None),
        (Kind::NoIat, HOUR, 0, None),
        (Kind::NoIat, 0, -DAY, ms(HOUR + DAY)),
        (Kind::ExpiresAt, 0, 0, ms(HOUR)),
        (Kind::ExpiresAt, 0, 2 * HOUR, None),
        (Kind::ExpiresAt, 0, -DAY, ms(HOUR + DAY)),
        (Kind::Opaque, 0, 0, None),
    ] {
        let known = lifetime(kind, age_ms, ahead_ms).known_ms();
        assert_eq!(known, expected, "{kind:?}, {age_ms} ms old, {ahead_ms} ms ahead");
    }
}

#[test]
fn extreme_claims_give_an_unknown_or_unlimited_lifetime() {
    for (claimed_ms, left_ms, expected) in [
        (Some(i64::MIN), Some(i64::MIN), None),
        (Some(i64::MAX), None, Some(i64::MAX.unsigned_abs())),
        (Some(i64::MAX), Some(1), Some(1)),
        (Some(0), Some(0), None),
    ] {
        let lifetime = TokenLifetime { claimed_ms, left_ms };
        assert_eq!(lifetime.known_ms(), expected, "{lifetime:?}");
        let mut harness = connected(Server::Silent, |_| lifetime, ALL).0;
        harness.pass(1_000);
        assert_eq!(harness.state(), State::Ready);
    }
}

/// How a server treats lifetimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    /// It reports the lifetime of a token, and closes connections whose token has expired.
    ReportsLifetime,
    /// It only closes them.
    Ends,
    /// It does neither.
    Silent,
}

/// Connects with a token that was just issued; returns the client and the token's number.
fn connected(
    server: Server,
    lifetime: impl Fn(u64) -> TokenLifetime,
    features: &[&str],
) -> (Harness, u32) {
    let config = Config { has_token_source: true, heartbeat_every_ms: None, ..Config::default() };
    let mut harness = Harness::new(config);
    harness.subscribe(1, "feed");
    give(&mut harness, 0, lifetime(0));
    accept(&mut harness, server, features);
    (harness, 0)
}

fn give(harness: &mut Harness, number: u32, lifetime: TokenLifetime) {
    let request = harness.requested.take().expect("a request");
    let token = Token::new(format!("t{number}"));
    harness
        .input(Input::Token(request, Ok(Some(Box::new(Grant { token, lifetime, subject: None })))));
}

fn accept(harness: &mut Harness, server: Server, features: &[&str]) {
    harness.open();
    let mut answer = json!({"type": "auth_success", "connectionId": "c", "features": features});
    if server == Server::ReportsLifetime {
        answer["expiresInMs"] = json!(HOUR);
    }
    harness.receive(answer);
    harness.confirm_joins();
}

/// Runs eight hours with tokens of an hour. Returns the number of token requests, of connections
/// opened, and of connections that the server closed because the token had expired.
fn eight_hours(kind: Kind, ahead_ms: i64, server: Server, features: &[&str]) -> (u32, usize, u32) {
    let (mut harness, mut number) = connected(server, |_| lifetime(kind, 0, ahead_ms), features);
    let (mut ends_at, mut ended) = (harness.now + HOUR.unsigned_abs(), 0);
    while harness.now < 8 * HOUR.unsigned_abs() {
        let next = harness.client.poll_timeout().map_or(u64::MAX, |(due, _)| due.as_ms());
        let next = next.min(if server == Server::Silent { u64::MAX } else { ends_at });
        harness.pass(next.clamp(harness.now + 1, harness.now + HOUR.unsigned_abs()) - harness.now);
        if harness.state() == State::Ready && server != Server::Silent && harness.now >= ends_at {
            (ended, ends_at) = (ended + 1, u64::MAX);
            harness.close(4001);
        }
        if harness.requested.is_some() {
            number += 1;
            give(&mut harness, number, lifetime(kind, 0, ahead_ms));
            ends_at = harness.now + HOUR.unsigned_abs();
            if harness.state() != State::Ready {
                accept(&mut harness, server, features);
            } else if !harness.take("auth").is_empty() {
                let mut answer = json!({"type": "auth_success", "connectionId": "c"});
                if server == Server::ReportsLifetime {
                    answer["expiresInMs"] = json!(HOUR);
                }
                harness.receive(answer);
            }
        }
    }
    (harness.token_requests, harness.opened.len(), ended)
}

#[test]
fn wrong_clock_does_not_cause_repeated_renewals_or_reconnects() {
    for features in [ALL, &["subscribe"]] {
        for server in [Server::ReportsLifetime, Server::Ends, Server::Silent] {
            for kind in [Kind::Jwt, Kind::ExpiresAt, Kind::Opaque] {
                for ahead_ms in [0, 2 * HOUR, HOUR, HOUR - 1_000, -HOUR, -DAY, 400 * DAY] {
                    let (requested, opened, ended) = eight_hours(kind, ahead_ms, server, features);
                    let case = format!("{kind:?}, {ahead_ms} ms ahead, {server:?}, {features:?}");
                    // A clock that leaves one second of the lifetime requests as often as allowed.
                    let most = if ahead_ms == HOUR - 1_000 && server != Server::ReportsLifetime {
                        970
                    } else {
                        22
                    };
                    assert!(requested <= most, "{case}: requested {requested} times");
                    let reconnects = opened <= usize::try_from(most).expect("small");
                    assert!(reconnects, "{case}: {opened} connections");
                    if server == Server::ReportsLifetime
                        || (matches!(kind, Kind::Jwt) && server == Server::Ends)
                    {
                        assert_eq!(ended, 0, "{case}: it was renewed in time");
                    }
                }
            }
        }
    }
}

#[test]
fn clock_change_causes_at_most_one_token_request() {
    for jump_ms in [2 * HOUR, DAY] {
        let (mut harness, _) = connected(Server::Silent, |_| lifetime(Kind::Jwt, 0, 0), ALL);
        harness.pass(MINUTE.unsigned_abs());
        // The driver treats a clock set forward as sleep.
        harness.now += jump_ms.unsigned_abs();
        harness.input(Input::Woke);
        harness.receive(json!({"type": "pong"}));
        harness.pass(0);
        assert_eq!(harness.token_requests, 2);
        give(&mut harness, 1, lifetime(Kind::Jwt, 0, jump_ms));
        harness.receive(json!({"type": "auth_success", "connectionId": "c"}));
        harness.pass(40 * MINUTE.unsigned_abs());
        assert_eq!((harness.token_requests, harness.opened.len()), (2, 1));
    }
}
