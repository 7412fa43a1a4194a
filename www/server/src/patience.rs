//! How long a sender waits for the readers of a channel.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::clock::uptime;
use crate::hub::Hub;

/// The most that is waited at once.
const MOST: Duration = Duration::from_secs(1);

/// The part of the time that is spent on waiting when readers are always behind.
const SHARE: u32 = 10;

/// A sender's patience: a second, which comes back slowly. Readers that are behind are waited for,
/// so that a burst closes none of them, but no reader holds a sender up for long.
#[derive(Debug)]
pub(crate) struct Patience {
    left: Duration,
    at: Duration,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { left: MOST, at: Duration::ZERO }
    }

    /// Waits until every reader of the channel has room, or patience is at its end.
    pub(crate) async fn wait(&mut self, hub: &Hub, channel: &str) {
        self.wait_while(|| hub.is_behind(channel)).await;
    }

    /// Waits for as long as somebody is behind, or until patience is at its end.
    pub(crate) async fn wait_while(&mut self, is_behind: impl Fn() -> bool) {
        tokio::task::yield_now().await;
        let start = uptime();
        let room = async {
            while is_behind() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        let _ = timeout(self.left_at(start), room).await;
        self.spend(uptime().saturating_sub(start));
    }

    /// What is left at this time.
    fn left_at(&mut self, now: Duration) -> Duration {
        self.left = (self.left + now.saturating_sub(self.at) / SHARE).min(MOST);
        self.at = now;
        self.left
    }

    fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_comes_back_slowly_and_never_grows_beyond_a_second() {
        let mut patience = Patience::new();
        assert_eq!(patience.left_at(Duration::from_secs(100)), MOST);
        patience.spend(MOST);
        assert_eq!(patience.left_at(Duration::from_secs(100)), Duration::ZERO);
        assert_eq!(patience.left_at(Duration::from_secs(101)), Duration::from_millis(100));
        assert_eq!(patience.left_at(Duration::from_secs(900)), MOST);
    }
}
