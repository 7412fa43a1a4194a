//! Typing indicators: sent at a limited rate, and valid for a limited time.
//!
//! They are ephemeral messages, any of which may be lost. Therefore typing is sent again while it
//! continues, before it expires for the receivers, and received typing expires.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::id::ChannelId;
use super::time::{Instant, earliest};

/// The event name of typing messages.
pub const TYPING_EVENT: &str = "typing";

/// The shortest time between two messages that the user is typing, in milliseconds.
pub const REPEAT_MS: u64 = 3_000;

/// The time after the last [`Typings::start`] at which the user's own typing ends, in milliseconds.
pub const IDLE_MS: u64 = 5_000;

/// The time for which received typing is valid, in milliseconds: longer than the time between two
/// messages, because of network delays.
pub const EXPIRY_MS: u64 = 6_000;

/// The most typing users stored for one channel; others are not reported.
pub const MAX_TYPING: usize = 100;

/// The longest accepted name, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Whether a user is typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypingState {
    /// The user has started or continues.
    Typing,
    /// The user has stopped.
    Stopped,
}

/// A step that typing emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send the typing state of this client's user.
    Send(ChannelId, TypingState),
    /// Emit the names of all typing users, sorted.
    Typers(ChannelId, Vec<String>),
}

/// This client's own typing.
#[derive(Debug, Clone, Copy)]
enum LocalTyping {
    Idle,
    Typing { sent_at: Instant, started_at: Instant },
}

impl LocalTyping {
    /// When the next message is due: that the user has stopped, or before that, that the user
    /// continues.
    fn due(self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Typing { sent_at, started_at } => {
                let over = started_at + IDLE_MS;
                let again = (started_at > sent_at).then(|| sent_at + REPEAT_MS);
                earliest(Some(over), again)
            }
        }
    }
}

/// Typing in one channel.
#[derive(Debug)]
struct ChannelTyping {
    id: ChannelId,
    local: LocalTyping,
    /// The names of typing users, sorted, and when each expires.
    typers: Vec<(String, Instant)>,
}

/// Typing in all channels of a client, by other users and its own.
#[derive(Debug, Default)]
pub struct Typings {
    /// The channels with a typing user, sorted by id.
    channels: Vec<ChannelTyping>,
    steps: Vec<Step>,
}

impl Typings {
    /// Registers that the app's user is typing.
    pub fn start(&mut self, now: Instant, id: ChannelId) {
        let Some(channel) = self.open(id) else { return };
        let sent_at = match channel.local {
            LocalTyping::Typing { sent_at, .. } if now < sent_at + REPEAT_MS => Some(sent_at),
            _ => None,
        };
        channel.local = LocalTyping::Typing { sent_at: sent_at.unwrap_or(now), started_at: now };
        if sent_at.is_none() {
            self.steps.push(Step::Send(id, TypingState::Typing));
        }
    }

    /// Registers that the app's user has stopped typing.
    pub fn stop(&mut self, id: ChannelId) {
        let Some(channel) = self.find(id) else { return };
        if let LocalTyping::Typing { .. } = channel.local {
            channel.local = LocalTyping::Idle;
            self.steps.push(Step::Send(id, TypingState::Stopped));
            self.remove_idle();
        }
    }

    /// Registers that a user is typing. The user `me` is not reported.
    pub fn received(&mut self, now: Instant, id: ChannelId, me: Option<&str>, who: &str) {
        if me == Some(who) || who.is_empty() || who.len() > MAX_NAME_BYTES {
            return;
        }
        let Some(channel) = self.open(id) else { return };
        let until = now + EXPIRY_MS;
        match channel.typers.binary_search_by(|(known, _)| (**known).cmp(who)) {
            Ok(at) => {
                if let Some((_, known)) = channel.typers.get_mut(at) {
                    *known = until;
                }
            }
            Err(at) if channel.typers.len() < MAX_TYPING => {
                channel.typers.insert(at, (who.to_owned(), until));
                self.emit_typers(id);
            }
            Err(_) => {}
        }
    }

    /// Ends the typing of a user who has sent a message or stopped.
    pub fn clear(&mut self, id: ChannelId, who: &str) {
        let Some(channel) = self.find(id) else { return };
        if let Ok(at) = channel.typers.binary_search_by(|(known, _)| (**known).cmp(who)) {
            channel.typers.remove(at);
            self.emit_typers(id);
            self.remove_idle();
        }
    }

    /// Clears all typing, because the connection has ended or its user changed.
    pub fn disconnected(&mut self) {
        for channel in core::mem::take(&mut self.channels) {
            if !channel.typers.is_empty() {
                self.steps.push(Step::Typers(channel.id, Vec::new()));
            }
        }
    }

    /// Removes the state of a channel that was left.
    pub fn left(&mut self, id: ChannelId) {
        self.channels.retain(|channel| channel.id != id);
    }

    /// Takes the steps since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step> {
        core::mem::take(&mut self.steps)
    }

    /// When [`Typings::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.channels.iter().fold(None, |due, channel| {
            let expiry = channel.typers.iter().map(|(_, until)| *until).min();
            earliest(due, earliest(expiry, channel.local.due()))
        })
    }

    /// Sends what is due, and removes users whose typing expired.
    pub fn handle_timeout(&mut self, now: Instant) {
        let mut changed = Vec::new();
        for channel in &mut self.channels {
            if channel.local.due().is_some_and(|due| now >= due)
                && let LocalTyping::Typing { started_at, .. } = channel.local
            {
                let (local, state) = if now < started_at + IDLE_MS {
                    (LocalTyping::Typing { sent_at: now, started_at }, TypingState::Typing)
                } else {
                    (LocalTyping::Idle, TypingState::Stopped)
                };
                channel.local = local;
                self.steps.push(Step::Send(channel.id, state));
            }
            let before = channel.typers.len();
            channel.typers.retain(|(_, until)| now < *until);
            if channel.typers.len() < before {
                changed.push(channel.id);
            }
        }
        for id in changed {
            self.emit_typers(id);
        }
        self.remove_idle();
    }

    fn find(&mut self, id: ChannelId) -> Option<&mut ChannelTyping> {
        let at = self.channels.binary_search_by_key(&id, |channel| channel.id).ok()?;
        self.channels.get_mut(at)
    }

    fn open(&mut self, id: ChannelId) -> Option<&mut ChannelTyping> {
        let at = self.channels.partition_point(|channel| channel.id < id);
        if self.channels.get(at).is_none_or(|channel| channel.id != id) {
            self.channels
                .insert(at, ChannelTyping { id, local: LocalTyping::Idle, typers: Vec::new() });
        }
        self.channels.get_mut(at)
    }

    fn emit_typers(&mut self, id: ChannelId) {
        if let Some(channel) = self.find(id) {
            let who = channel.typers.iter().map(|(who, _)| who.clone()).collect();
            self.steps.push(Step::Typers(id, who));
        }
    }

    fn remove_idle(&mut self) {
        self.channels.retain(|channel| {
            matches!(channel.local, LocalTyping::Typing { .. }) || !channel.typers.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPIRY_MS, IDLE_MS, MAX_TYPING, REPEAT_MS, Step, TypingState, Typings};
    use crate::core::id::ChannelId;
    use crate::core::time::Instant;

    const ROOM: ChannelId = ChannelId(1);

    const fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn who(names: &[&str]) -> Step {
        Step::Typers(ROOM, names.iter().map(|name| (*name).to_owned()).collect())
    }

    fn receive(typings: &mut Typings, ms: u64, name: &str) {
        typings.received(at(ms), ROOM, Some("me"), name);
    }

    /// Fires the timer exactly when due; returns the steps with their times.
    fn run(typings: &mut Typings, until: u64) -> Vec<(u64, Step)> {
        let mut all = Vec::new();
        while let Some(due) = typings.poll_timeout().filter(|due| *due <= at(until)) {
            typings.handle_timeout(due);
            all.extend(typings.take_steps().into_iter().map(|step| (due.as_ms(), step)));
        }
        all
    }

    #[test]
    fn burst_of_keys_is_sent_once_and_ends_when_no_key_follows() {
        let mut typings = Typings::default();
        for ms in [0, 10, 200] {
            typings.start(at(ms), ROOM);
        }
        assert_eq!(typings.take_steps(), [Step::Send(ROOM, TypingState::Typing)]);
        assert_eq!(
            run(&mut typings, 60_000),
            [
                (REPEAT_MS, Step::Send(ROOM, TypingState::Typing)),
                (200 + IDLE_MS, Step::Send(ROOM, TypingState::Stopped)),
            ]
        );
    }

    #[test]
    fn single_key_is_not_sent_again() {
        let mut typings = Typings::default();
        typings.start(at(0), ROOM);
        typings.take_steps();
        assert_eq!(run(&mut typings, 60_000), [(IDLE_MS, Step::Send(ROOM, TypingState::Stopped))]);
    }

    #[test]
    fn continued_typing_never_expires_for_others() {
        let (mut sender, mut receiver) = (Typings::default(), Typings::default());
        let mut emitted = Vec::new();
        for ms in 0..30_000 {
            // A key every 4.9 s, the slowest typing that does not end.
            if ms % 4_900 == 0 {
                sender.start(at(ms), ROOM);
            }
            sender.handle_timeout(at(ms));
            for step in sender.take_steps() {
                assert_eq!(step, Step::Send(ROOM, TypingState::Typing));
                receiver.received(at(ms), ROOM, None, "ann");
            }
            receiver.handle_timeout(at(ms));
            emitted.extend(receiver.take_steps());
        }
        assert_eq!(emitted, [who(&["ann"])]);
    }

    #[test]
    fn stop_is_sent_only_after_a_start() {
        let mut typings = Typings::default();
        typings.stop(ROOM);
        assert_eq!(typings.take_steps(), []);
        typings.start(at(0), ROOM);
        typings.stop(ROOM);
        typings.stop(ROOM);
        assert_eq!(
            typings.take_steps(),
            [Step::Send(ROOM, TypingState::Typing), Step::Send(ROOM, TypingState::Stopped)]
        );
        assert_eq!(typings.poll_timeout(), None);
    }

    #[test]
    fn names_are_emitted_sorted_and_only_when_they_change() {
        let mut typings = Typings::default();
        for name in ["cid", "ann", "ann", "cid", "ben"] {
            receive(&mut typings, 0, name);
        }
        assert_eq!(
            typings.take_steps(),
            [who(&["cid"]), who(&["ann", "cid"]), who(&["ann", "ben", "cid"])]
        );
    }

    #[test]
    fn own_name_and_empty_name_are_never_emitted() {
        let mut typings = Typings::default();
        receive(&mut typings, 0, "me");
        receive(&mut typings, 0, "");
        assert_eq!(typings.take_steps(), []);
        assert_eq!(typings.poll_timeout(), None);
    }

    #[test]
    fn each_name_expires_and_is_extended_when_received_again() {
        let mut typings = Typings::default();
        receive(&mut typings, 0, "ann");
        receive(&mut typings, 0, "ben");
        receive(&mut typings, 1_000, "ben");
        typings.take_steps();
        assert_eq!(
            run(&mut typings, 60_000),
            [(EXPIRY_MS, who(&["ben"])), (1_000 + EXPIRY_MS, who(&[]))]
        );
    }

    #[test]
    fn message_ends_the_typing_of_its_sender() {
        let mut typings = Typings::default();
        receive(&mut typings, 0, "ann");
        receive(&mut typings, 0, "ben");
        typings.take_steps();
        typings.clear(ROOM, "ann");
        typings.clear(ROOM, "ann");
        typings.clear(ROOM, "ben");
        assert_eq!(typings.take_steps(), [who(&["ben"]), who(&[])]);
    }

    #[test]
    fn lost_connection_clears_the_names_and_typing_is_sent_again_after_it() {
        let mut typings = Typings::default();
        receive(&mut typings, 0, "ann");
        typings.start(at(0), ROOM);
        typings.take_steps();
        typings.disconnected();
        assert_eq!(typings.take_steps(), [who(&[])]);
        assert_eq!(typings.poll_timeout(), None);
        typings.start(at(500), ROOM);
        assert_eq!(typings.take_steps(), [Step::Send(ROOM, TypingState::Typing)]);
    }

    #[test]
    fn channel_that_was_left_emits_no_steps() {
        let mut typings = Typings::default();
        receive(&mut typings, 0, "ann");
        typings.start(at(0), ROOM);
        typings.take_steps();
        typings.left(ROOM);
        assert_eq!(run(&mut typings, 60_000), []);
    }

    #[test]
    fn number_of_typing_names_is_limited() {
        let mut typings = Typings::default();
        for n in 0..10 * MAX_TYPING {
            receive(&mut typings, 0, &n.to_string());
        }
        receive(&mut typings, 0, &"x".repeat(1_000_000));
        assert_eq!(typings.take_steps().len(), MAX_TYPING);
    }
}
