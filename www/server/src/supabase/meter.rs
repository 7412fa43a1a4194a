//! Events counted within a moving span of time.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Counts events, and forgets those that are too long ago.
#[derive(Debug, Default)]
pub(crate) struct Meter(VecDeque<Instant>);

impl Meter {
    /// Counts an event unless there were `most` of them within the span already.
    pub(crate) fn admit(&mut self, most: usize, span: Duration) -> bool {
        let now = Instant::now();
        while self.0.front().is_some_and(|at| *at + span <= now) {
            self.0.pop_front();
        }
        let admitted = self.0.len() < most;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn there_is_room_again_when_the_first_is_long_enough_ago() {
        let (mut meter, span) = (Meter::default(), Duration::from_secs(1));
        assert!(meter.admit(2, span));
        tokio::time::advance(Duration::from_millis(600)).await;
        assert!(meter.admit(2, span) && !meter.admit(2, span));
        tokio::time::advance(Duration::from_millis(400)).await;
        assert!(meter.admit(2, span) && !meter.admit(2, span));
    }
}
