//! The invariants of a run without faults, after the time to settle, and without demand.

use tidewire::core::error::Code;
use tidewire::core::state::{ChannelState, State};

use super::{
    FAILURE_CAUSE, IDLE_CLOSES, LIVENESS, NO_GROWTH, NO_TOKEN_LEAKED, ORDER_ONCE, PRESENCE_AGREES,
    PRESENCE_KEPT, ROWS_AGREE, SENDS_END, TYPING_ENDS,
};
use crate::action::Topic;
use crate::app::{Content, End};
use crate::harness::Harness;
use crate::tab::Tab;
use crate::tokens::SECRET;
use crate::violations::{Violation, counts};

/// A check of the whole run; describes the first violation.
type Check = fn(&Harness) -> Option<String>;

const WITH_DEMAND: [(&str, Check); 8] = [
    (LIVENESS, connected),
    (SENDS_END, every_send_ended),
    (FAILURE_CAUSE, failures_have_their_cause),
    (ORDER_ONCE, everything_seen),
    (PRESENCE_AGREES, same_presence),
    (PRESENCE_KEPT, own_presence_shown),
    (TYPING_ENDS, nobody_types),
    (ROWS_AGREE, same_rows),
];

/// Returns the first check that fails while there is demand.
pub(crate) fn missing(harness: &Harness) -> Option<Violation> {
    first_violation(&WITH_DEMAND, harness)
}

/// Returns the first check that fails once all demand has ended.
pub(crate) fn left_over(harness: &Harness) -> Option<Violation> {
    const CHECKS: [(&str, Check); 3] = [
        (IDLE_CLOSES, no_socket),
        (NO_GROWTH, state_is_small),
        (NO_TOKEN_LEAKED, no_token_printed),
    ];
    first_violation(&CHECKS, harness)
}

fn first_violation(checks: &[(&'static str, Check)], harness: &Harness) -> Option<Violation> {
    checks
        .iter()
        .filter(|(invariant, _)| counts(invariant))
        .find_map(|(invariant, check)| check(harness).map(|seen| Violation { invariant, seen }))
}

fn each(harness: &Harness, check: impl Fn(&Tab) -> Option<String>) -> Option<String> {
    harness
        .tabs
        .iter()
        .enumerate()
        .find_map(|(at, tab)| check(tab).map(|seen| format!("tab {at}: {seen}")))
}

/// A client with demand is ready, and so is every channel with a subscriber.
fn connected(harness: &Harness) -> Option<String> {
    each(harness, |tab| {
        let state = tab.client.connection().state();
        if tab.app.has_demand() && state != State::Ready {
            return Some(format!("it is {state:?}"));
        }
        Topic::ALL.into_iter().filter(|topic| tab.app.wants(*topic)).find_map(|topic| {
            let channels = tab.client.channels();
            let channel = channels.find(topic.name()).and_then(|id| channels.get(id));
            let state = channel.map(|channel| channel.state());
            (state != Some(ChannelState::Ready)).then(|| format!("{topic} is {state:?}"))
        })
    })
}

fn every_send_ended(harness: &Harness) -> Option<String> {
    each(harness, |tab| {
        let app = &tab.app;
        let open = app.sends.iter().chain(&app.changes).find(|send| send.end.is_none())?;
        Some(format!("{:?} on {} has not ended", open.content, open.topic))
    })
}

fn failures_have_their_cause(harness: &Harness) -> Option<String> {
    const NEVER_OUT: [Code; 5] =
        [Code::Expired, Code::QueueFull, Code::Rejected, Code::NotConnected, Code::MessageTooLarge];
    each(harness, |tab| {
        let wrong = tab.app.sends.iter().find(|send| {
            matches!(send.end, Some(End::Failed(code)) if NEVER_OUT.contains(&code))
                && matches!(send.content, Content::Message(n) if harness.server.message_records.is_known_in_log(n))
        })?;
        Some(format!("{:?} ended as {:?} and is in the log", wrong.content, wrong.end))
    })
}

fn everything_seen(harness: &Harness) -> Option<String> {
    each(harness, |tab| tab.app.tracks.behind(&harness.server))
}

fn same_presence(harness: &Harness) -> Option<String> {
    if !harness.setup.profile.has_ids() {
        return None;
    }
    each(harness, |tab| {
        Topic::ALL.into_iter().filter(|topic| tab.app.wants(*topic)).find_map(|topic| {
            let (seen, there) =
                (tab.app.presence_model.seen(topic), harness.server.channel(topic).present.shown());
            (seen != there).then(|| format!("on {topic} it has {seen:?}, the server has {there:?}"))
        })
    })
}

fn own_presence_shown(harness: &Harness) -> Option<String> {
    each(harness, |tab| {
        Topic::ALL.into_iter().find_map(|topic| {
            let own = tab.app.presence_model.shows(topic)?;
            let (_, connection) = tab.socket?;
            let shown = harness.server.channel(topic).present.of(connection);
            (shown != Some(own)).then(|| format!("on {topic} it shows {shown:?}, not {own:?}"))
        })
    })
}

fn nobody_types(harness: &Harness) -> Option<String> {
    each(harness, |tab| tab.app.presence_model.typist())
}

fn same_rows(harness: &Harness) -> Option<String> {
    each(harness, |tab| tab.app.collection_model.as_ref()?.differs(&harness.server))
}

fn no_socket(harness: &Harness) -> Option<String> {
    each(harness, |tab| tab.socket.map(|_| "a socket is open without demand".to_owned()))
}

/// The memory of a client, as far as its debug output shows it.
fn state_is_small(harness: &Harness) -> Option<String> {
    const MAX_PRINTED: usize = 100_000;
    each(harness, |tab| {
        let printed = format!("{:?}", tab.client);
        let channels = tab.client.channels().iter().count();
        (printed.len() > MAX_PRINTED || tab.client.queue_depth() > 0 || channels > 0).then(|| {
            let queued = tab.client.queue_depth();
            format!("{} bytes when printed, {queued} queued, {channels} channels", printed.len())
        })
    })
}

/// The debug output of a client does not contain its token.
fn no_token_printed(harness: &Harness) -> Option<String> {
    each(harness, |tab| {
        let leaks = format!("{:?}", tab.client).contains(SECRET);
        leaks.then(|| "its debug output contains a token".to_owned())
    })
}
