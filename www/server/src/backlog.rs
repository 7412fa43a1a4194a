//! The amount queued for one reader, and its bounds.

use std::time::Duration;

use tidewire_server_core::limits::Limits;

/// The cost of a queued frame besides its text, in bytes.
const OVERHEAD: usize = 64;

/// Bounds of a backlog.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    /// How long a reader beyond these bounds may read nothing.
    pub(crate) patience: Duration,
    /// Beyond this many bytes a reader is disconnected even if it reads.
    pub(crate) most_bytes: usize,
}

/// The amount queued for one reader.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    frames: usize,
    bytes: usize,
}

impl Bounds {
    pub(crate) fn of(limits: &Limits) -> Self {
        let most_bytes = limits.outbound_bytes.saturating_mul(4);
        Self {
            frames: limits.outbound_frames,
            bytes: limits.outbound_bytes,
            patience: Duration::from_millis(limits.slow_reader_ms),
            most_bytes: most_bytes.saturating_add(limits.max_frame_bytes),
        }
    }
}

impl Backlog {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes + OVERHEAD;
    }

    pub(crate) fn remove(&mut self, bytes: usize) {
        self.frames = self.frames.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes + OVERHEAD);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether the queue, with `held` more frames, is so full that senders should wait.
    pub(crate) fn is_half_full(&self, bounds: &Bounds, held: usize) -> bool {
        self.frames + held > bounds.frames / 2 || self.bytes > bounds.bytes / 2
    }

    /// Whether the reader is to be disconnected: more is queued than allowed and it has read nothing
    /// for too long, `blocked` being that time; or far too much is queued. A burst alone is allowed.
    pub(crate) fn is_exceeded(&self, bounds: &Bounds, held: usize, blocked: Duration) -> bool {
        let is_over = self.frames + held > bounds.frames || self.bytes > bounds.bytes;
        is_over && blocked >= bounds.patience || self.bytes > bounds.most_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        frames: 10,
        bytes: 10_000,
        patience: Duration::from_millis(500),
        most_bytes: 40_000,
    };

    fn backlog(frames: usize, bytes: usize) -> Backlog {
        let mut backlog = Backlog::default();
        (0..frames).for_each(|_| backlog.add(bytes));
        backlog
    }

    fn is_exceeded(backlog: &Backlog, ms: u64) -> bool {
        backlog.is_exceeded(&BOUNDS, 0, Duration::from_millis(ms))
    }

    #[test]
    fn burst_does_not_exceed_the_backlog_of_an_active_reader() {
        assert!(!is_exceeded(&backlog(200, 1), 0) && !is_exceeded(&backlog(200, 1), 499));
        assert!(is_exceeded(&backlog(11, 1), 500), "by count");
        assert!(is_exceeded(&backlog(3, 5_000), 500), "by bytes");
        assert!(!is_exceeded(&backlog(10, 1), 60_000), "within the bounds it may be slow");
    }

    #[test]
    fn backlog_far_over_the_limit_is_exceeded_at_once() {
        assert!(is_exceeded(&backlog(8, 5_000), 0));
        assert!(is_exceeded(&backlog(700, 0), 0), "an empty frame counts too");
    }

    #[test]
    fn removed_frames_reduce_the_backlog() {
        let mut queue = backlog(6, 1_000);
        assert!(queue.is_half_full(&BOUNDS, 0));
        queue.remove(1_000);
        queue.remove(1_000);
        assert!(!queue.is_half_full(&BOUNDS, 0) && queue.is_half_full(&BOUNDS, 2));
        queue.clear();
        assert!(!queue.is_half_full(&BOUNDS, 0));
    }
}
