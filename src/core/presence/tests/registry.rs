//! Presence in several channels of one client.

use serde_json::{Value, json};

use super::{PresenceAction, Presences, ServerPresence, Step, on};
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::error::Code;
use crate::core::id::{ChannelId, SendId};
use crate::core::risk::{Loss, OtherCauses, Unanswered};
use crate::core::rng::Rng;
use crate::core::time::Instant;

const ROOMS: [ChannelId; 2] = [ChannelId(1), ChannelId(2)];

/// The server failed, perhaps because of a request.
const FAILED: Loss = Loss { code: 1011, unanswered: Unanswered::Other };

fn env() -> Env {
    Env { now: Instant::from_ms(0), config: Config::default(), rng: Rng::new(7) }
}

/// Connects and joins both channels.
fn join(presences: &mut Presences<Value>, env: &mut Env) {
    presences.connected(env, ServerPresence::Supported);
    for room in ROOMS {
        presences.joined(env, room);
    }
}

/// A client that tracks the same in both channels; no request was answered.
fn tracking(env: &mut Env) -> Presences<Value> {
    let mut presences = Presences::default();
    join(&mut presences, env);
    for room in ROOMS {
        let action = PresenceAction::Track { key: None, meta: on() };
        presences.act(env, room, SendId(room.0), action);
    }
    presences
}

fn references(presences: &mut Presences<Value>) -> Vec<(ChannelId, u32)> {
    let request = |step| match step {
        Step::Request { channel, reference, .. } => Some((channel, reference)),
        _ => None,
    };
    presences.take_steps().into_iter().filter_map(request).collect()
}

fn failures(presences: &mut Presences<Value>) -> Vec<(ChannelId, Code)> {
    let failure = |step| match step {
        Step::Settled(channel, _, Err(error)) => Some((channel, error.code)),
        _ => None,
    };
    presences.take_steps().into_iter().filter_map(failure).collect()
}

#[test]
fn answer_settles_the_request_of_its_own_channel() {
    let mut env = env();
    let mut presences = tracking(&mut env);
    let sent = references(&mut presences);
    assert_eq!(sent.iter().map(|(channel, _)| *channel).collect::<Vec<_>>(), ROOMS);
    let (_, second) = sent[1];
    presences.accepted(&mut env, second, Some(json!("p2")));
    assert_eq!(presences.take_steps(), [Step::Settled(ROOMS[1], SendId(ROOMS[1].0), Ok(()))]);
    assert_eq!(presences.requests(), 1);
}

#[test]
fn only_the_first_of_two_requests_at_risk_is_the_cause_of_a_loss() {
    let mut env = env();
    let mut presences = tracking(&mut env);
    for failed in [&[][..], &[(ROOMS[0], Code::Unconfirmed)][..]] {
        presences.take_steps();
        presences.lost(FAILED, OtherCauses::None);
        assert_eq!(failures(&mut presences), failed);
        presences.disconnected();
        join(&mut presences, &mut env);
        assert!(presences.has_risk());
    }
    assert_eq!(references(&mut presences).len(), 1, "the second one is sent again");
}

#[test]
fn request_fails_only_if_no_other_part_has_the_cause() {
    let mut env = env();
    let mut presences = tracking(&mut env);
    for _ in 0..5 {
        presences.lost(FAILED, OtherCauses::Possible);
        assert_eq!(failures(&mut presences), []);
        presences.disconnected();
        join(&mut presences, &mut env);
    }
}

#[test]
fn channel_that_was_left_has_no_presence_after_a_rejoin() {
    let mut env = env();
    let mut presences = tracking(&mut env);
    presences.take_steps();
    presences.left(ROOMS[0]);
    assert_eq!(failures(&mut presences), [(ROOMS[0], Code::Aborted)]);
    assert_eq!(presences.requests(), 1);
    presences.disconnected();
    join(&mut presences, &mut env);
    let sent = references(&mut presences);
    assert_eq!(sent.iter().map(|(channel, _)| *channel).collect::<Vec<_>>(), [ROOMS[1]]);
}
