//! Backpressure: how long a sender waits for the readers of a channel.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::clock::uptime;
use crate::hub::Hub;

/// The longest single wait.
const MOST: Duration = Duration::from_secs(1);

/// One in this many parts of the time is spent waiting if readers are always behind.
const SHARE: u32 = 10;

/// A sender's budget for waiting: a second, which refills slowly. It waits for readers that are
/// behind, so that a burst closes none of them, but no reader blocks a sender for long.
#[derive(Debug)]
pub(crate) struct BackpressureBudget {
    left: Duration,
    at: Duration,
}

impl BackpressureBudget {
    pub(crate) fn new() -> Self {
        Self { left: MOST, at: Duration::ZERO }
    }

    /// Waits until every reader of the channel has room, or the budget is spent.
    pub(crate) async fn wait(&mut self, hub: &Hub, channel: &str) {
        self.wait_while(|| hub.is_behind(channel)).await;
    }

    /// Waits while a reader is behind, or until the budget is spent.
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

    /// The remaining budget at this time.
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
    fn backpressure_budget_refills_slowly_up_to_a_second() {
        let mut budget = BackpressureBudget::new();
        assert_eq!(budget.left_at(Duration::from_secs(100)), MOST);
        budget.spend(MOST);
        assert_eq!(budget.left_at(Duration::from_secs(100)), Duration::ZERO);
        assert_eq!(budget.left_at(Duration::from_secs(101)), Duration::from_millis(100));
        assert_eq!(budget.left_at(Duration::from_secs(900)), MOST);
    }
}
