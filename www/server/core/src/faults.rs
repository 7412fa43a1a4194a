//! Faults of one connection's outgoing messages: loss, duplication, delay, reordering.

use std::collections::VecDeque;
use std::time::Duration;

use crate::frame::Frame;

/// A reordered message is sent without its successor after this long.
const REORDER_PATIENCE: Duration = Duration::from_millis(200);

/// The active faults. The default is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Faults {
    /// Keep the socket open, send nothing, ignore what is received.
    pub half_open: bool,
    /// The time by which messages are delayed.
    pub delay: Duration,
    /// The probability that a message is sent twice.
    pub duplicate: f64,
    /// The probability that a message changes places with its successor.
    pub reorder: f64,
    /// The probability that a message is lost.
    pub lose: f64,
    /// The probability that an `ack` is lost.
    pub lose_acks: f64,
    /// Abort the connection after the next message accepted from it, before anything is sent.
    pub drop_after_accept: bool,
    /// The seed of the random numbers, which is combined with the connection's number.
    pub seed: u64,
}

/// Changes of [`Faults`]; absent members leave theirs unchanged.
#[derive(Debug, Clone, Copy, Default)]
pub struct FaultChange {
    /// Ends all faults first.
    pub clear: bool,
    /// See [`Faults::half_open`].
    pub half_open: Option<bool>,
    /// See [`Faults::delay`].
    pub delay: Option<Duration>,
    /// See [`Faults::duplicate`].
    pub duplicate: Option<f64>,
    /// See [`Faults::reorder`].
    pub reorder: Option<f64>,
    /// See [`Faults::lose`].
    pub lose: Option<f64>,
    /// See [`Faults::lose_acks`].
    pub lose_acks: Option<f64>,
    /// See [`Faults::drop_after_accept`].
    pub drop_after_accept: Option<bool>,
    /// See [`Faults::seed`].
    pub seed: Option<u64>,
}

impl FaultChange {
    /// Applies the changes.
    pub fn apply(&self, faults: &mut Faults) {
        if self.clear {
            *faults = Faults::default();
        }
        faults.half_open = self.half_open.unwrap_or(faults.half_open);
        faults.delay = self.delay.unwrap_or(faults.delay);
        faults.duplicate = self.duplicate.unwrap_or(faults.duplicate);
        faults.reorder = self.reorder.unwrap_or(faults.reorder);
        faults.lose = self.lose.unwrap_or(faults.lose);
        faults.lose_acks = self.lose_acks.unwrap_or(faults.lose_acks);
        faults.drop_after_accept = self.drop_after_accept.unwrap_or(faults.drop_after_accept);
        faults.seed = self.seed.unwrap_or(faults.seed);
    }
}

/// Applies faults to outgoing frames, and queues delayed ones. Times are uptimes.
#[derive(Debug)]
pub struct Shaper {
    random: fastrand::Rng,
    seed: u64,
    connection: u64,
    late: VecDeque<(Duration, Frame)>,
    swapped: Option<(Duration, Frame)>,
}

impl Shaper {
    /// A shaper without delayed frames. `connection` is the connection's number: each connection
    /// has other random numbers, otherwise each would lose the same messages as the first.
    #[must_use]
    pub fn new(connection: u64) -> Self {
        Self {
            random: random(0, connection),
            seed: 0,
            connection,
            late: VecDeque::new(),
            swapped: None,
        }
    }

    /// Processes an outgoing frame and appends the frames to send now to `out`. Faults apply to
    /// `channel_message` only, and `lose_acks` to `ack`; other frames are sent unchanged.
    pub fn admit(&mut self, frame: Frame, faults: &Faults, now: Duration, out: &mut Vec<Frame>) {
        if self.seed != faults.seed {
            self.seed = faults.seed;
            self.random = random(faults.seed, self.connection);
        }
        if frame.kind != "channel_message" {
            let lost = frame.kind == "ack" && self.chance(faults.lose_acks);
            out.extend((!lost).then_some(frame));
            return;
        }
        if self.chance(faults.lose) {
            return;
        }
        let copies = if self.chance(faults.duplicate) { 2 } else { 1 };
        if self.swapped.is_none() && self.chance(faults.reorder) {
            self.swapped = Some((now + REORDER_PATIENCE, frame));
            return;
        }
        for _ in 0..copies {
            self.send(frame.clone(), faults.delay, now, out);
        }
        if let Some((_, earlier)) = self.swapped.take() {
            self.send(earlier, faults.delay, now, out);
        }
    }

    /// Appends the frames that are due to `out`.
    pub fn release(&mut self, now: Duration, out: &mut Vec<Frame>) {
        while self.late.front().is_some_and(|(due, _)| *due <= now) {
            out.extend(self.late.pop_front().map(|(_, frame)| frame));
        }
        if let Some((_, frame)) = self.swapped.take_if(|(due, _)| *due <= now) {
            self.send(frame, Duration::ZERO, now, out);
        }
    }

    /// When the next frame is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        let late = self.late.front().map(|(due, _)| *due);
        let swapped = self.swapped.as_ref().map(|(due, _)| *due);
        late.into_iter().chain(swapped).min()
    }

    /// How many frames are delayed.
    #[must_use]
    pub fn held(&self) -> usize {
        self.late.len() + usize::from(self.swapped.is_some())
    }

    fn send(&mut self, frame: Frame, delay: Duration, now: Duration, out: &mut Vec<Frame>) {
        // A shorter delay than before must not reorder frames that are still delayed.
        let due = self.late.back().map_or(now + delay, |(last, _)| (now + delay).max(*last));
        if due <= now && self.late.is_empty() {
            out.push(frame);
        } else {
            self.late.push_back((due, frame));
        }
    }

    // Draws a random number only for an active fault, so that one does not shift another's sequence.
    fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.f64() < probability
    }
}

/// The random numbers of one connection under one seed.
fn random(seed: u64, connection: u64) -> fastrand::Rng {
    // The multiplier (2^64 divided by the golden ratio) keeps neighbouring numbers far apart.
    fastrand::Rng::with_seed(seed ^ connection.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Frame {
        Frame::new("channel_message", text.to_owned())
    }

    fn admit(shaper: &mut Shaper, faults: &Faults, now: Duration, names: &[&str]) -> String {
        let mut out = Vec::new();
        names.iter().for_each(|name| shaper.admit(message(name), faults, now, &mut out));
        texts(&out)
    }

    fn texts(out: &[Frame]) -> String {
        out.iter().map(|f| f.text.to_string()).collect::<Vec<_>>().join("")
    }

    #[test]
    fn fault_with_probability_one_always_applies() {
        let now = Duration::ZERO;
        let mut shaper = Shaper::new(1);
        let lose = Faults { lose: 1.0, ..Faults::default() };
        assert_eq!(admit(&mut shaper, &lose, now, &["a", "b"]), "");
        let duplicate = Faults { duplicate: 1.0, ..Faults::default() };
        assert_eq!(admit(&mut shaper, &duplicate, now, &["a", "b"]), "aabb");
        let reorder = Faults { reorder: 1.0, ..Faults::default() };
        assert_eq!(admit(&mut shaper, &reorder, now, &["a", "b", "c", "d"]), "badc");
    }

    #[test]
    fn reordered_message_without_a_successor_is_sent_alone() {
        let now = Duration::ZERO;
        let mut shaper = Shaper::new(1);
        let reorder = Faults { reorder: 1.0, ..Faults::default() };
        assert_eq!(admit(&mut shaper, &reorder, now, &["a"]), "");
        let due = shaper.next_due().expect("a delayed frame");
        let mut out = Vec::new();
        shaper.release(due, &mut out);
        assert_eq!(texts(&out), "a");
    }

    #[test]
    fn removed_delay_keeps_order() {
        let now = Duration::ZERO;
        let mut shaper = Shaper::new(1);
        let slow = Faults { delay: Duration::from_secs(1), ..Faults::default() };
        assert_eq!(admit(&mut shaper, &slow, now, &["a"]), "");
        assert_eq!(admit(&mut shaper, &Faults::default(), now, &["b"]), "");
        let mut out = Vec::new();
        shaper.release(now + Duration::from_secs(1), &mut out);
        assert_eq!(texts(&out), "ab");
    }

    #[test]
    fn fault_sequence_depends_on_the_seed_and_on_the_connection() {
        let now = Duration::ZERO;
        let run = |connection, seed| {
            let lose = Faults { lose: 0.5, seed, ..Faults::default() };
            let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
            admit(&mut Shaper::new(connection), &lose, now, &names)
        };
        assert_eq!(run(1, 1), run(1, 1));
        assert_ne!(run(1, 1), run(1, 2));
        assert_ne!(run(1, 1), run(2, 1));
    }
}
