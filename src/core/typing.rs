//! Who is typing: said sparingly, and believed for a while only.
//!
//! On the wire it is ephemeral: any word may be lost, so what was said is said again while it
//! goes on, and what was heard expires. The times fit: a word is repeated before it expires.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::id::ChannelId;
use super::time::{Instant, earliest};

/// The name of the event on the wire.
pub const TYPING_EVENT: &str = "typing";

/// Least time between two words about one's own typing, in milliseconds.
pub const REPEAT_MS: u64 = 3_000;

/// Own typing is over when it was not started again for this long, in milliseconds.
pub const IDLE_MS: u64 = 5_000;

/// Somebody types for this long after it was last heard of, in milliseconds: longer than the
/// time between two words, by the delays of the way.
pub const EXPIRY_MS: u64 = 6_000;

/// People known to type in one channel at most; others are not told of.
pub const MAX_TYPING: usize = 100;

/// The longest name believed, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// What typing wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Say that we type, or no longer do.
    Say(ChannelId, bool),
    /// Tell who types now: all of them, sorted by name.
    Who(ChannelId, Vec<String>),
}

/// This client's own typing.
#[derive(Debug, Clone, Copy)]
enum Own {
    Silent,
    Typing { said_at: Instant, started_at: Instant },
}

impl Own {
    /// When there is something to say: that it is over, or before that, that it goes on.
    fn due(self) -> Option<Instant> {
        match self {
            Self::Silent => None,
            Self::Typing { said_at, started_at } => {
                let over = started_at + IDLE_MS;
                let again = (started_at > said_at).then(|| said_at + REPEAT_MS);
                earliest(Some(over), again)
            }
        }
    }
}

#[derive(Debug)]
struct Room {
    id: ChannelId,
    own: Own,
    /// Who types and until when that is believed, by name.
    heard: Vec<(String, Instant)>,
}

/// Typing in all channels of a client, theirs and one's own.
#[derive(Debug, Default)]
pub struct Typings {
    /// Those in which somebody types, by id.
    rooms: Vec<Room>,
    steps: Vec<Step>,
}

impl Typings {
    /// The app's user types, or still does.
    pub fn start(&mut self, now: Instant, id: ChannelId) {
        let Some(room) = self.open(id) else { return };
        let said_at = match room.own {
            Own::Typing { said_at, .. } if now < said_at + REPEAT_MS => Some(said_at),
            _ => None,
        };
        room.own = Own::Typing { said_at: said_at.unwrap_or(now), started_at: now };
        if said_at.is_none() {
            self.steps.push(Step::Say(id, true));
        }
    }

    /// The app's user stopped.
    pub fn stop(&mut self, id: ChannelId) {
        let Some(room) = self.find(id) else { return };
        if let Own::Typing { .. } = room.own {
            room.own = Own::Silent;
            self.steps.push(Step::Say(id, false));
            self.tidy();
        }
    }

    /// Somebody says to type, or to have stopped. Who is `me` is not told of.
    pub fn heard(
        &mut self,
        now: Instant,
        id: ChannelId,
        me: Option<&str>,
        who: &str,
        typing: bool,
    ) {
        if !typing {
            return self.spoke(id, who);
        }
        if me == Some(who) || who.is_empty() || who.len() > MAX_NAME_BYTES {
            return;
        }
        let Some(room) = self.open(id) else { return };
        let until = now + EXPIRY_MS;
        match room.heard.binary_search_by(|(held, _)| (**held).cmp(who)) {
            Ok(at) => {
                if let Some((_, held)) = room.heard.get_mut(at) {
                    *held = until;
                }
            }
            Err(at) if room.heard.len() < MAX_TYPING => {
                room.heard.insert(at, (who.to_owned(), until));
                self.tell(id);
            }
            Err(_) => {}
        }
    }

    /// A message of somebody arrived, or the word that they stopped: they do not type any more.
    pub fn spoke(&mut self, id: ChannelId, who: &str) {
        let Some(room) = self.find(id) else { return };
        if let Ok(at) = room.heard.binary_search_by(|(held, _)| (**held).cmp(who)) {
            room.heard.remove(at);
            self.tell(id);
            self.tidy();
        }
    }

    /// The connection is gone, or its user: nothing will be heard, and nothing said counts.
    pub fn disconnected(&mut self) {
        for room in core::mem::take(&mut self.rooms) {
            if !room.heard.is_empty() {
                self.steps.push(Step::Who(room.id, Vec::new()));
            }
        }
    }

    /// The channel was left, and is no more.
    pub fn left(&mut self, id: ChannelId) {
        self.rooms.retain(|room| room.id != id);
    }

    /// What is to be done since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step> {
        core::mem::take(&mut self.steps)
    }

    /// When [`Typings::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.rooms.iter().fold(None, |due, room| {
            let heard = room.heard.iter().map(|(_, until)| *until).min();
            earliest(due, earliest(heard, room.own.due()))
        })
    }

    /// Says what is due of our own, and forgets whoever was not heard of again.
    pub fn handle_timeout(&mut self, now: Instant) {
        let mut fewer = Vec::new();
        for room in &mut self.rooms {
            if room.own.due().is_some_and(|due| now >= due)
                && let Own::Typing { started_at, .. } = room.own
            {
                let goes_on = now < started_at + IDLE_MS;
                room.own =
                    if goes_on { Own::Typing { said_at: now, started_at } } else { Own::Silent };
                self.steps.push(Step::Say(room.id, goes_on));
            }
            let before = room.heard.len();
            room.heard.retain(|(_, until)| now < *until);
            if room.heard.len() < before {
                fewer.push(room.id);
            }
        }
        for id in fewer {
            self.tell(id);
        }
        self.tidy();
    }

    fn find(&mut self, id: ChannelId) -> Option<&mut Room> {
        let at = self.rooms.binary_search_by_key(&id, |room| room.id).ok()?;
        self.rooms.get_mut(at)
    }

    fn open(&mut self, id: ChannelId) -> Option<&mut Room> {
        let at = self.rooms.partition_point(|room| room.id < id);
        if self.rooms.get(at).is_none_or(|room| room.id != id) {
            self.rooms.insert(at, Room { id, own: Own::Silent, heard: Vec::new() });
        }
        self.rooms.get_mut(at)
    }

    fn tell(&mut self, id: ChannelId) {
        if let Some(room) = self.find(id) {
            let who = room.heard.iter().map(|(who, _)| who.clone()).collect();
            self.steps.push(Step::Who(id, who));
        }
    }

    fn tidy(&mut self) {
        self.rooms.retain(|room| matches!(room.own, Own::Typing { .. }) || !room.heard.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPIRY_MS, IDLE_MS, MAX_TYPING, REPEAT_MS, Step, Typings};
    use crate::core::id::ChannelId;
    use crate::core::time::Instant;

    const ROOM: ChannelId = ChannelId(1);

    const fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn who(names: &[&str]) -> Step {
        Step::Who(ROOM, names.iter().map(|name| (*name).to_owned()).collect())
    }

    fn hear(typings: &mut Typings, ms: u64, name: &str) {
        typings.heard(at(ms), ROOM, Some("me"), name, true);
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
    fn a_burst_of_keys_is_said_once_and_over_when_no_key_follows() {
        let mut typings = Typings::default();
        for ms in [0, 10, 200] {
            typings.start(at(ms), ROOM);
        }
        assert_eq!(typings.take_steps(), [Step::Say(ROOM, true)]);
        assert_eq!(
            run(&mut typings, 60_000),
            [(REPEAT_MS, Step::Say(ROOM, true)), (200 + IDLE_MS, Step::Say(ROOM, false)),]
        );
    }

    #[test]
    fn a_single_key_is_not_said_again() {
        let mut typings = Typings::default();
        typings.start(at(0), ROOM);
        typings.take_steps();
        assert_eq!(run(&mut typings, 60_000), [(IDLE_MS, Step::Say(ROOM, false))]);
    }

    #[test]
    fn whoever_types_on_never_expires_on_the_other_side() {
        let (mut ours, mut theirs) = (Typings::default(), Typings::default());
        let mut told = Vec::new();
        for ms in 0..30_000 {
            // A key every 4.9 s: as slow as typing can be without being over.
            if ms % 4_900 == 0 {
                ours.start(at(ms), ROOM);
            }
            ours.handle_timeout(at(ms));
            for step in ours.take_steps() {
                let Step::Say(_, typing) = step else { panic!("{step:?}") };
                theirs.heard(at(ms), ROOM, None, "ann", typing);
            }
            theirs.handle_timeout(at(ms));
            told.extend(theirs.take_steps());
        }
        assert_eq!(told, [who(&["ann"])]);
    }

    #[test]
    fn stop_is_said_only_after_a_start() {
        let mut typings = Typings::default();
        typings.stop(ROOM);
        assert_eq!(typings.take_steps(), []);
        typings.start(at(0), ROOM);
        typings.stop(ROOM);
        typings.stop(ROOM);
        assert_eq!(typings.take_steps(), [Step::Say(ROOM, true), Step::Say(ROOM, false)]);
        assert_eq!(typings.poll_timeout(), None);
    }

    #[test]
    fn the_names_are_told_sorted_and_only_when_they_change() {
        let mut typings = Typings::default();
        for name in ["cid", "ann", "ann", "cid", "ben"] {
            hear(&mut typings, 0, name);
        }
        assert_eq!(
            typings.take_steps(),
            [who(&["cid"]), who(&["ann", "cid"]), who(&["ann", "ben", "cid"])]
        );
    }

    #[test]
    fn one_s_own_name_and_no_name_are_never_told() {
        let mut typings = Typings::default();
        hear(&mut typings, 0, "me");
        hear(&mut typings, 0, "");
        assert_eq!(typings.take_steps(), []);
        assert_eq!(typings.poll_timeout(), None);
    }

    #[test]
    fn each_expires_by_itself_and_being_heard_again_puts_it_off() {
        let mut typings = Typings::default();
        hear(&mut typings, 0, "ann");
        hear(&mut typings, 0, "ben");
        hear(&mut typings, 1_000, "ben");
        typings.take_steps();
        assert_eq!(
            run(&mut typings, 60_000),
            [(EXPIRY_MS, who(&["ben"])), (1_000 + EXPIRY_MS, who(&[]))]
        );
    }

    #[test]
    fn a_message_of_somebody_ends_their_typing() {
        let mut typings = Typings::default();
        hear(&mut typings, 0, "ann");
        hear(&mut typings, 0, "ben");
        typings.take_steps();
        typings.spoke(ROOM, "ann");
        typings.spoke(ROOM, "ann");
        typings.heard(at(1), ROOM, None, "ben", false);
        assert_eq!(typings.take_steps(), [who(&["ben"]), who(&[])]);
    }

    #[test]
    fn a_lost_connection_clears_the_names_and_typing_is_said_again_after_it() {
        let mut typings = Typings::default();
        hear(&mut typings, 0, "ann");
        typings.start(at(0), ROOM);
        typings.take_steps();
        typings.disconnected();
        assert_eq!(typings.take_steps(), [who(&[])]);
        assert_eq!(typings.poll_timeout(), None);
        typings.start(at(500), ROOM);
        assert_eq!(typings.take_steps(), [Step::Say(ROOM, true)]);
    }

    #[test]
    fn a_channel_that_was_left_is_forgotten() {
        let mut typings = Typings::default();
        hear(&mut typings, 0, "ann");
        typings.start(at(0), ROOM);
        typings.take_steps();
        typings.left(ROOM);
        assert_eq!(run(&mut typings, 60_000), []);
    }

    #[test]
    fn a_flood_of_names_does_not_grow_without_bound() {
        let mut typings = Typings::default();
        for n in 0..10 * MAX_TYPING {
            hear(&mut typings, 0, &n.to_string());
        }
        hear(&mut typings, 0, &"x".repeat(1_000_000));
        assert_eq!(typings.take_steps().len(), MAX_TYPING);
    }
}
