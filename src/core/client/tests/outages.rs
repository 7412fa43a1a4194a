//! Reconnects after an outage: their times, and the distribution of the attempts of many clients.

use serde_json::json;

use crate::core::config::{AuthMode, Config, ProtocolKind};
use crate::core::testing::{ALL, Harness};

const CLIENTS: u64 = 10_000;

/// The lengths of the outages, in milliseconds.
const OUTAGES: [u64; 11] =
    [500, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 30_000, 60_000, 300_000];

/// After outages of at least this length, the attempts must be spread, in milliseconds.
const SPREAD_FROM_MS: u64 = 5_000;

fn config(protocol: ProtocolKind) -> Config {
    // Without pings, connection attempts are the only events.
    Config { protocol, heartbeat_every_ms: None, ..Config::default() }
}

/// A client with an open connection and one joined channel.
fn connected(config: Config, seed: u64) -> Harness {
    let mut harness = Harness::seeded(config, seed);
    harness.subscribe(1, "feed");
    serve(&mut harness);
    harness
}

/// The server's frames of a successful attempt, including the answer to the join.
fn serve(harness: &mut Harness) {
    match harness.client.config().protocol {
        ProtocolKind::Tidewire => {
            harness.accept(ALL);
            assert_eq!(harness.confirm_joins(), ["feed"]);
        }
        protocol => {
            harness.open_socket();
            let topic = if protocol == ProtocolKind::Phoenix { "feed" } else { "realtime:feed" };
            let join = harness.sent.pop_back().expect("a join");
            assert_eq!((&join[2], &join[3]), (&json!(topic), &json!("phx_join")));
            let answer = json!({"status": "ok", "response": {"postgres_changes": []}});
            harness.receive(json!([join[0], join[1], topic, "phx_reply", answer]));
        }
    }
}

/// Advances time until there is an attempt.
fn await_attempt(harness: &mut Harness) {
    while harness.socket.is_none() {
        let due = harness.client.poll_timeout().expect("an attempt is due").0.as_ms();
        harness.pass(due - harness.now);
    }
}

/// The times of a client's attempts after it lost a long-lived connection, up to the first attempt
/// at `until_ms` or later: milliseconds since the loss. No attempt succeeds.
fn attempts(protocol: ProtocolKind, seed: u64, until_ms: u64) -> Vec<u64> {
    let mut harness = connected(config(protocol), seed);
    harness.pass(60_000);
    harness.close(1006);
    let (lost, mut attempts) = (harness.now, Vec::new());
    while attempts.last().is_none_or(|last| *last < until_ms) {
        await_attempt(&mut harness);
        attempts.push(harness.now - lost);
        harness.close(1006);
    }
    attempts
}

/// The distribution of many clients' attempts after an outage.
struct Return {
    median_ms: u64,
    /// The share of the arrivals of the first two seconds in the busiest tenth of a second.
    busiest: f64,
    /// The share of all attempts in the first quarter of a second.
    first: f64,
}

#[expect(clippy::cast_precision_loss, reason = "no more than the number of clients")]
fn returned(clients: &[Vec<u64>], outage_ms: u64) -> Return {
    let wait = |attempts: &Vec<u64>| attempts.iter().find_map(|at| at.checked_sub(outage_ms));
    let mut waits: Vec<u64> = clients.iter().filter_map(wait).collect();
    assert_eq!(waits.len(), clients.len());
    waits.sort_unstable();
    let before = |ms: u64| waits.partition_point(|wait| *wait < ms);
    let busiest = (0..=1_900).map(|from| before(from + 100) - before(from)).max().unwrap_or(0);
    Return {
        median_ms: waits[waits.len() / 2],
        busiest: busiest as f64 / before(2_000) as f64,
        first: before(250) as f64 / waits.len() as f64,
    }
}

/// Checks and prints the distribution for 10,000 clients after each outage.
#[expect(clippy::print_stdout, reason = "the figures are the report of `-- --nocapture outages`")]
fn assert_spread(protocol: ProtocolKind, outages: &[u64]) {
    let longest = outages.iter().copied().max().expect("an outage");
    let clients: Vec<_> = (0..CLIENTS).map(|seed| attempts(protocol, seed, longest)).collect();
    for outage_ms in outages {
        let Return { median_ms, busiest, first } = returned(&clients, *outage_ms);
        println!(
            "{protocol:?}: after {outage_ms} ms: median {median_ms} ms, busiest 100 ms {:.1} %, first 250 ms {:.1} %",
            busiest * 100.0,
            first * 100.0
        );
        if *outage_ms >= SPREAD_FROM_MS {
            assert!(busiest <= 0.15, "{busiest} within 100 ms after {outage_ms} ms");
        }
        if (1_500..=7_000).contains(outage_ms) {
            assert!(median_ms <= 800, "{median_ms} ms after {outage_ms} ms");
        }
    }
}

#[test]
fn reconnects_of_ten_thousand_clients_are_prompt_and_spread_for_any_outage() {
    assert_spread(ProtocolKind::Tidewire, &OUTAGES);
}

#[test]
fn phoenix_reconnects_of_ten_thousand_clients_are_prompt_and_spread() {
    assert_spread(ProtocolKind::Phoenix, &OUTAGES[..7]);
}

#[test]
fn supabase_reconnects_of_ten_thousand_clients_are_prompt_and_spread() {
    assert_spread(ProtocolKind::Supabase, &OUTAGES[..7]);
}

/// The time from the server's return until the channel is joined, for a client with this seed.
fn away(config: Config, seed: u64, outage_ms: u64) -> u64 {
    let mut harness = connected(config, seed);
    harness.pass(60_000);
    let back = harness.now + outage_ms;
    harness.close(1006);
    loop {
        await_attempt(&mut harness);
        if harness.now >= back {
            serve(&mut harness);
            return harness.now - back;
        }
        harness.close(1006);
    }
}

#[test]
fn channel_is_rejoined_when_the_connection_is_ready_for_every_protocol() {
    for protocol in [ProtocolKind::Tidewire, ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        for seed in 0..200 {
            let wait = away(config(protocol), seed, 5_000);
            assert!(wait <= 2_000, "{protocol:?}, seed {seed}: {wait} ms");
        }
    }
}

#[test]
fn cuts_in_quick_succession_are_one_outage_with_a_short_next_delay() {
    for auth in [AuthMode::Both, AuthMode::None] {
        for seed in 0..200 {
            let config = Config { auth, ..config(ProtocolKind::Tidewire) };
            let mut harness = Harness::seeded(config, seed);
            harness.subscribe(1, "feed");
            let began = harness.now;
            for _ in 0..20 {
                await_attempt(&mut harness);
                match auth {
                    AuthMode::None => harness.open_socket(),
                    _ => harness.accept(ALL),
                }
                harness.pass(10);
                harness.close(1006);
            }
            let cut = harness.now;
            await_attempt(&mut harness);
            // Twenty delays of at most 2 s may exceed the first half minute.
            let cap = if cut - began < 30_000 { 2_000 } else { 5_000 };
            assert!(harness.now - cut <= cap, "seed {seed}: {} ms", harness.now - cut);
        }
    }
}

#[test]
fn outage_ends_with_a_lasting_connection_even_if_the_timer_is_late() {
    for (up_ms, longest_ms) in [(4_999, 5_000), (5_000, 250)] {
        let longest = (0..300).map(|seed| {
            let mut harness = connected(config(ProtocolKind::Tidewire), seed);
            for _ in 0..40 {
                harness.close(1006);
                await_attempt(&mut harness);
            }
            serve(&mut harness);
            // The timer at which the outage ends does not fire.
            harness.now += up_ms;
            let cut = harness.now;
            harness.close(1006);
            await_attempt(&mut harness);
            harness.now - cut
        });
        let longest = longest.max().expect("some");
        assert!(longest > longest_ms * 8 / 10 && longest <= longest_ms, "{up_ms}: {longest} ms");
    }
}
