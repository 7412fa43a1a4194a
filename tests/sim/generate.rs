//! Drawing a schedule from a seed.

use crate::action::{
    Acknowledgement, Action, Change, CutOutcome, Fault, Forgery, Head, LifetimeReport, Poison,
    Policy, Staleness, Storing, TokenClaims, Topic, Versions,
};
use crate::rng::Rng;
use crate::schedule::Schedule;
use crate::setup::{Profile, Setup};

/// The kinds of actions that a schedule may have. Each is enabled in about half of the schedules: with
/// fewer kinds, combinations of the enabled ones are more frequent.
#[derive(Debug, Clone, Copy)]
struct ActionKinds {
    cuts: bool,
    faults: bool,
    pages: bool,
    sleeps: bool,
    crashes: bool,
    clocks: bool,
    engine_crashes: bool,
    tokens: bool,
    server: bool,
    rejections: bool,
    session: bool,
    presence: bool,
    rows: bool,
    poison: bool,
}

/// The schedule of a seed.
pub(crate) fn draw(seed: u64) -> Schedule {
    let mut rng = Rng::new(seed);
    let profile = match rng.below(10) {
        0 | 1 => Profile::NoSeq,
        2 => Profile::NoAck,
        3 => Profile::Base,
        _ => Profile::Full,
    };
    let setup = Setup {
        seed,
        profile,
        tabs: 1 + rng.below(3) as u8,
        token_lifetime_ms: rng.of(&[0, 0, 0, 0, 0, 40_000, 40_000, 3_600_000]),
        ack_memory_ms: rng.of(&[120_000, 120_000, 2_000]),
        echo_first: rng.one_in(2),
    };
    let mut on = || rng.one_in(2);
    let kinds = ActionKinds {
        cuts: on(),
        faults: on(),
        pages: on(),
        sleeps: on(),
        crashes: on(),
        clocks: on(),
        engine_crashes: on(),
        tokens: on(),
        server: on(),
        rejections: on(),
        session: on(),
        presence: on(),
        rows: on(),
        poison: on(),
    };
    let length = 40 + rng.below(80);
    let mut actions = Vec::new();
    for tab in 0..setup.tabs {
        actions.push(Action::Subscribe { tab, topic: Topic::A });
    }
    for tab in (0..setup.tabs).filter(|_| kinds.clocks && setup.token_lifetime_ms > 0) {
        actions.extend(draw_clock(&mut rng, &setup, tab));
    }
    for tab in (0..setup.tabs).filter(|_| kinds.rows) {
        let policy = rng.of(&Policy::ALL);
        let (storing, versions) = (rng.of(&Storing::ALL), rng.of(&Versions::ALL));
        actions.push(Action::Open { tab, policy, storing, versions });
    }
    while (actions.len() as u64) < length {
        let drawn = draw_action(&mut rng, &setup, kinds);
        actions.extend(drawn);
        if !rng.one_in(3) {
            actions.push(Action::Wait { ms: draw_wait(&mut rng) });
        }
    }
    Schedule { setup, actions }
}

fn draw_wait(rng: &mut Rng) -> u64 {
    let bound = rng.of(&[5, 30, 30, 100, 300, 1_000, 3_000, 12_000, 40_000]);
    rng.below(bound)
}

fn draw_action(rng: &mut Rng, setup: &Setup, kinds: ActionKinds) -> Option<Action> {
    let tab = rng.below(u64::from(setup.tabs)) as u8;
    let topic = draw_topic(rng);
    Some(match rng.below(30) {
        0..4 => Action::Send { tab, topic, acknowledgement: draw_acknowledgement(rng) },
        4..6 => Action::Publish { topic },
        6..8 => Action::Subscribe { tab, topic },
        8 => Action::Unsubscribe { tab, topic },
        9 => Action::Delay { tab, up_ms: draw_delay(rng), down_ms: draw_delay(rng) },
        10..12 if kinds.cuts => draw_cut(rng, tab),
        12 if kinds.faults && setup.profile.has_ids() => draw_fault(rng, setup, tab),
        13 if kinds.pages => draw_page(rng, tab),
        14 if kinds.sleeps => Action::Sleep { tab, ms: rng.of(&[1_500, 7_000, 60_000, 200_000]) },
        15 if kinds.crashes && rng.one_in(3) => Action::Crash { tab },
        15 if kinds.engine_crashes && rng.one_in(2) => {
            Action::Trap { tab, outputs: draw_outputs(rng) }
        }
        16 if kinds.clocks && setup.token_lifetime_ms > 0 && rng.one_in(4) => {
            let drawn = draw_clock(rng, setup, tab);
            rng.of(&drawn)
        }
        16 if kinds.tokens => draw_token(rng, setup, tab),
        17 if kinds.server => draw_server(rng, tab, topic),
        18 if kinds.rejections => draw_rejection(rng, tab, topic),
        19 if kinds.session => draw_session(rng, tab, topic),
        20..22 if kinds.presence => match rng.below(6) {
            0..3 => Action::Track { tab, topic },
            3 => Action::Update { tab, topic },
            4 => Action::Untrack { tab, topic },
            _ => Action::Type { tab, topic },
        },
        22..28 if kinds.rows => draw_rows(rng, tab),
        28..30 if kinds.poison => draw_poison(rng, setup, tab, topic),
        _ => return None,
    })
}

/// A device's clock, and the lifetimes of its tokens.
fn draw_clock(rng: &mut Rng, setup: &Setup, tab: u8) -> [Action; 3] {
    const HOUR_MS: i64 = 3_600_000;
    let ahead_ms = rng.of(&[0, 5_000, 20_000, 2 * HOUR_MS, -20_000, -HOUR_MS, -24 * HOUR_MS]);
    let old = setup.token_lifetime_ms.saturating_sub(40_000);
    [
        Action::Clock { tab, ahead_ms },
        Action::TokenLifetimes {
            tab,
            claims: rng.of(&TokenClaims::ALL),
            report: rng.of(&LifetimeReport::ALL),
        },
        Action::Aged { tab, ms: rng.of(&[0, old / 2, old]) },
    ]
}

/// The number of outputs of a call after which the engine crashes: most calls have few.
fn draw_outputs(rng: &mut Rng) -> u8 {
    rng.of(&[0, 1, 1, 2, 3, 5, 20])
}

fn draw_topic(rng: &mut Rng) -> Topic {
    rng.of(&[Topic::A, Topic::A, Topic::A, Topic::B])
}

fn draw_acknowledgement(rng: &mut Rng) -> Acknowledgement {
    rng.of(&[
        Acknowledgement::Acked,
        Acknowledgement::Acked,
        Acknowledgement::Acked,
        Acknowledgement::Plain,
        Acknowledgement::Brief,
    ])
}

fn draw_delay(rng: &mut Rng) -> u64 {
    rng.of(&[1, 10, 50, 200, 1_000])
}

/// An invalid message. Without positions a client cannot detect that one is missing.
fn draw_poison(rng: &mut Rng, setup: &Setup, tab: u8, topic: Topic) -> Action {
    match rng.below(if setup.profile.has_seq() { 4 } else { 2 }) {
        0 => Action::SendPoison { tab, topic, poison: rng.of(&Poison::ALL) },
        1 => Action::Forge { tab, topic, forgery: Forgery::Early },
        2 => Action::Forge { tab, topic, forgery: Forgery::NoPosition },
        _ => Action::PublishLarge { topic, head: rng.of(&Head::ALL) },
    }
}

fn draw_cut(rng: &mut Rng, tab: u8) -> Action {
    match rng.below(6) {
        0 | 1 => Action::Cut { tab },
        2 | 3 => Action::CutAtSend { tab, outcome: rng.of(&CutOutcome::ALL) },
        4 => Action::HalfOpen { tab },
        _ => rng.of(&[Action::Offline { tab }, Action::Online { tab }]),
    }
}

/// A fault of the network. Without positions a client cannot detect that a message was lost or late.
fn draw_fault(rng: &mut Rng, setup: &Setup, tab: u8) -> Action {
    let fault = if setup.profile.has_seq() { rng.of(&Fault::ALL) } else { Fault::Double };
    Action::InjectFault { tab, fault }
}

fn draw_page(rng: &mut Rng, tab: u8) -> Action {
    match rng.below(6) {
        0 | 1 => Action::Hide { tab, throttle_ms: rng.of(&[0, 1_000, 60_000]) },
        2 | 3 => Action::Show { tab },
        4 => Action::Freeze { tab },
        _ => Action::Resume { tab },
    }
}

fn draw_token(rng: &mut Rng, setup: &Setup, tab: u8) -> Action {
    match rng.below(7) {
        6 => Action::Stale {
            tab,
            staleness: rng.of(&Staleness::ALL),
            ms: rng.of(&[500, 2_500, 20_000, 200_000]),
        },
        0 => Action::Deny { tab, times: 1 + rng.below(2) as u8 },
        1 => Action::NoToken { tab, times: 1 + rng.below(3) as u8 },
        2 | 3 => Action::Renew { tab },
        // Users other than those that the tabs start with.
        _ => Action::Become { tab, user: setup.tabs + rng.below(2) as u8 },
    }
}

fn draw_server(rng: &mut Rng, tab: u8, topic: Topic) -> Action {
    let retry_ms = rng.of(&[0, 500, 5_000]);
    match rng.below(8) {
        0 | 1 => Action::Trim { topic, keep: rng.below(4) as u8 },
        2 => Action::Restart { down_ms: rng.of(&[0, 300, 4_000]), lost: 0 },
        3 => Action::Restart { down_ms: rng.of(&[0, 300, 4_000]), lost: 1 + rng.below(4) as u8 },
        4 | 5 => Action::End { tab, topic, retry_ms },
        _ => Action::ThrowOut { tab, retry_ms },
    }
}

fn draw_rejection(rng: &mut Rng, tab: u8, topic: Topic) -> Action {
    let times = 1 + rng.below(2) as u8;
    match rng.below(6) {
        5 => {
            let (times, after_ms) = (rng.of(&[2, 10, 250]), rng.of(&[0, 1, 50, 200]));
            Action::BriefJoins { tab, topic, times, after_ms }
        }
        0 | 1 => Action::RejectJoins { tab, times, retry_ms: rng.of(&[0, 200, 3_000]) },
        2 | 3 => Action::RejectSends { tab, times },
        _ => Action::LateAcks { ms: rng.of(&[50, 1_000, 12_000]) },
    }
}

fn draw_session(rng: &mut Rng, tab: u8, topic: Topic) -> Action {
    match rng.below(5) {
        0 => Action::Cancel { tab },
        1 => Action::Connect { tab },
        2 => Action::Disconnect { tab },
        3 => Action::Hint { tab, topic },
        _ => Action::Unsubscribe { tab, topic },
    }
}

fn draw_rows(rng: &mut Rng, tab: u8) -> Action {
    let nth = rng.below(4) as u8;
    match rng.below(16) {
        0..2 => Action::Open {
            tab,
            policy: rng.of(&Policy::ALL),
            storing: rng.of(&Storing::ALL),
            versions: rng.of(&Versions::ALL),
        },
        2 if rng.one_in(3) => Action::Close { tab },
        3 if rng.one_in(2) => Action::Reload { tab },
        4 if rng.one_in(2) => Action::NoRest { tab, times: 1 + rng.below(2) as u8 },
        5 => Action::InsertAs { tab, key: rng.below(2) as u8 },
        6..9 => Action::ServerEdit { change: rng.of(&Change::ALL), nth },
        9..11 => Action::Edit { tab, change: Change::Insert, nth },
        11..14 => Action::Edit { tab, change: Change::Update, nth },
        _ => Action::Edit { tab, change: rng.of(&Change::ALL), nth },
    }
}
