//! Typing indicators: sent at a limited rate, and valid for a limited time.
//!
//! They are ephemeral messages: any of them may be lost, so typing is sent again while it
//! goes on, and received typing expires. It is repeated before it expires.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::id::ChannelId;
use super::time::{Instant, earliest};

/// The name of the event on the wire.
pub const TYPING_EVENT: &str = "typing";

/// Least time between two messages about the user's own typing, in milliseconds.
pub const REPEAT_MS: u64 = 3_000;

/// Own typing is over when it was not started again for this long, in milliseconds.
pub const IDLE_MS: u64 = 5_000;

/// Received typing is valid for this long, in milliseconds: longer than the
/// time between two messages, by the network's delays.
pub const EXPIRY_MS: u64 = 6_000;

/// The most users known to type in one channel; others are not reported.
pub const MAX_TYPING: usize = 100;

/// The longest accepted name, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Whether a user types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypingState {
    /// The user types, or still does.
    Typing,
    /// The user stopped.
    Stopped,
}

/// A step that typing emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send the state of this user's typing.
    Send(ChannelId, TypingState),
    /// Emit who types now: all of them, sorted by name.
    Typers(ChannelId, Vec<String>),
}

/// This client's own typing.
#[derive(Debug, Clone, Copy)]
enum LocalTyping {
    Idle,
    Typing { sent_at: Instant, started_at: Instant },
}

impl LocalTyping {
    /// When the next message is due: that it is over, or before that, that it goes on.
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
    /// Who types and until when that is valid, by name.
    typers: Vec<(String, Instant)>,
}

/// Typing in all channels of a client, theirs and one's own.
#[derive(Debug, Default)]
pub struct Typings {
    /// Those in which somebody types, by id.
    channels: Vec<ChannelTyping>,
    steps: Vec<Step>,
}

impl Typings {
    /// The app's user types, or still does.
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

    /// The app's user stopped.
    pub fn stop(&mut self, id: ChannelId) {
        let Some(channel) = self.find(id) else { return };
        if let LocalTyping::Typing { .. } = channel.local {
            channel.local = LocalTyping::Idle;
            self.steps.push(Step::Send(id, TypingState::Stopped));
            self.remove_idle();
        }
    }

    /// A user types, or still does. The user `me` is not reported.
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

    /// A user sent a message, or stopped typing: they do not type any more.
    pub fn clear(&mut self, id: ChannelId, who: &str) {
        let Some(channel) = self.find(id) else { return };
        if let Ok(at) = channel.typers.binary_search_by(|(known, _)| (**known).cmp(who)) {
            channel.typers.remove(at);
            self.emit_typers(id);
            self.remove_idle();
        }
    }

    /// The connection is gone, or its user changed: all typing is cleared.
    pub fn disconnected(&mut self) {
        for channel in core::mem::take(&mut self.channels) {
            if !channel.typers.is_empty() {
                self.steps.push(Step::Typers(channel.id, Vec::new()));
            }
        }
    }

    /// The channel was left: its state is removed.
    pub fn left(&mut self, id: ChannelId) {
        self.channels.retain(|channel| channel.id != id);
    }

    /// What is to be done since the last call, in order.
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
        let mut fewer = Vec::new();
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
                fewer.push(channel.id);
            }
        }
        for id in fewer {
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

    /// Fires the timer exactly when due; returns what was to be done, and when.
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
        let (mut ours, mut theirs) = (Typings::default(), Typings::default());
        let mut emitted = Vec::new();
        for ms in 0..30_000 {
            // A key every 4.9 s: as slow as typing can be without being over.
            if ms % 4_900 == 0 {
                ours.start(at(ms), ROOM);
            }
            ours.handle_timeout(at(ms));
            for step in ours.take_steps() {
                assert_eq!(step, Step::Send(ROOM, TypingState::Typing));
                theirs.received(at(ms), ROOM, None, "ann");
            }
            theirs.handle_timeout(at(ms));
            emitted.extend(theirs.take_steps());
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
    fn a_channel_that_was_left_is_forgotten() {
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
