//! What must hold once everything is healed and has had its time.

use tidewire::core::channel::ChannelState;
use tidewire::core::error::Code;
use tidewire::core::link::State;

use super::{HONEST_FAILURE, LIVENESS, NO_GROWTH, ORDER_ONCE, QUIET, SENDS_END};
use crate::action::Topic;
use crate::app::End;
use crate::tab::Tab;
use crate::violation::Violation;
use crate::world::World;

/// What a healthy, used world must come to; each says what is still missing.
type Check = fn(&World) -> Option<String>;

const WHEN_CALM: [(&str, Check); 4] = [
    (LIVENESS, connected),
    (SENDS_END, every_send_ended),
    (HONEST_FAILURE, failures_are_honest),
    (ORDER_ONCE, everything_seen),
];

/// What is still missing in a healed world.
pub(crate) fn missing(world: &World) -> Option<Violation> {
    WHEN_CALM
        .iter()
        .find_map(|(invariant, check)| check(world).map(|seen| Violation { invariant, seen }))
}

/// What is too much in a world that nobody uses.
pub(crate) fn left_over(world: &World) -> Option<Violation> {
    const CHECKS: [(&str, Check); 2] = [(QUIET, no_socket), (NO_GROWTH, little_held)];
    CHECKS
        .iter()
        .find_map(|(invariant, check)| check(world).map(|seen| Violation { invariant, seen }))
}

fn each(world: &World, check: impl Fn(&Tab) -> Option<String>) -> Option<String> {
    world
        .tabs
        .iter()
        .enumerate()
        .find_map(|(at, tab)| check(tab).map(|seen| format!("tab {at}: {seen}")))
}

/// A client with demand is ready, and so is every channel with a subscriber.
fn connected(world: &World) -> Option<String> {
    each(world, |tab| {
        let state = tab.client.link().state();
        if tab.app.has_demand() && state != State::Ready {
            return Some(format!("it is {state:?}"));
        }
        let wanted = |topic: &&Topic| tab.app.subscribers.iter().any(|(_, held)| held == *topic);
        Topic::ALL.iter().filter(wanted).find_map(|topic| {
            let channels = tab.client.channels();
            let channel = channels.find(topic.name()).and_then(|id| channels.get(id));
            let state = channel.map(|channel| channel.state());
            (state != Some(ChannelState::Ready)).then(|| format!("{topic} is {state:?}"))
        })
    })
}

fn every_send_ended(world: &World) -> Option<String> {
    each(world, |tab| {
        let open = tab.app.sends.iter().find(|send| send.end.is_none())?;
        Some(format!("message {} on {} has not ended", open.number, open.topic))
    })
}

fn failures_are_honest(world: &World) -> Option<String> {
    const NEVER_OUT: [Code; 5] =
        [Code::Expired, Code::QueueFull, Code::Rejected, Code::NotConnected, Code::MessageTooLarge];
    each(world, |tab| {
        let lied = tab.app.sends.iter().find(|send| {
            matches!(send.end, Some(End::Failed(code)) if NEVER_OUT.contains(&code))
                && world.server.ledger.is_held(send.number)
        })?;
        Some(format!("message {} ended as {:?} and is in the log", lied.number, lied.end))
    })
}

fn everything_seen(world: &World) -> Option<String> {
    each(world, |tab| tab.app.tracks.behind(&world.server))
}

fn no_socket(world: &World) -> Option<String> {
    each(world, |tab| tab.socket.map(|_| "a socket is open that nobody wants".to_owned()))
}

/// Everything a client holds, as far as printing it shows.
fn little_held(world: &World) -> Option<String> {
    const MAX_PRINTED: usize = 100_000;
    each(world, |tab| {
        let printed = format!("{:?}", tab.client);
        if printed.contains(crate::app::SECRET) {
            return Some("its own printing tells a token".to_owned());
        }
        let channels = tab.client.channels().iter().count();
        (printed.len() > MAX_PRINTED || tab.client.queue_depth() > 0 || channels > 0).then(|| {
            let queued = tab.client.queue_depth();
            format!("{} bytes when printed, {queued} queued, {channels} channels", printed.len())
        })
    })
}
