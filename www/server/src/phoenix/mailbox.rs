//! The outgoing queue of a socket. All frames to a client pass through it, so that their order is
//! defined.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewire_server_core::limits::Limits;
use tokio::sync::mpsc;

use crate::backlog::{Backlog, Bounds};
use crate::phoenix::outgoing::{Broadcast, Outgoing};
use crate::tcp_stream::Switch;

/// A queued item.
#[derive(Debug)]
pub(crate) enum Mail {
    /// A frame to send.
    Send(Outgoing),
    /// A broadcast to one of the socket's memberships, if that still exists.
    Deliver { instance: u64, broadcast: Arc<Broadcast> },
}

/// The sending side of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    sender: mpsc::UnboundedSender<Mail>,
    gauge: Arc<Gauge>,
}

/// Measures the queue. A client that reads nothing while too much is queued is aborted.
#[derive(Debug)]
struct Gauge {
    backlog: Mutex<Backlog>,
    bounds: Bounds,
    switch: Arc<Switch>,
}

/// Senders do not wait for a client that has read nothing for this long.
const STUCK: Duration = Duration::from_millis(200);

impl Mail {
    fn bytes(&self) -> usize {
        match self {
            Self::Send(outgoing) => outgoing.bytes(),
            Self::Deliver { broadcast, .. } => broadcast.payload.bytes(),
        }
    }
}

impl Mailbox {
    pub(crate) fn new(
        switch: Arc<Switch>,
        limits: &Limits,
    ) -> (Self, mpsc::UnboundedReceiver<Mail>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let bounds = Bounds::of(limits);
        let gauge = Arc::new(Gauge { backlog: Mutex::default(), bounds, switch });
        (Self { sender, gauge }, receiver)
    }

    /// Queues an item; does nothing if the socket is closed.
    pub(crate) fn post(&self, mail: Mail) {
        let Gauge { backlog, bounds, switch } = &*self.gauge;
        let is_exceeded = {
            let mut backlog = backlog.lock();
            backlog.add(mail.bytes());
            backlog.is_exceeded(bounds, 0, switch.blocked())
        };
        if is_exceeded {
            switch.cut();
        } else {
            let _ = self.sender.send(mail);
        }
    }

    /// Records that an item was taken out.
    pub(crate) fn took(&self, mail: &Mail) {
        self.gauge.backlog.lock().remove(mail.bytes());
    }

    /// Whether the queue is so full that senders should wait.
    pub(crate) fn is_behind(&self) -> bool {
        let Gauge { backlog, bounds, switch } = &*self.gauge;
        backlog.lock().is_half_full(bounds, 0) && switch.blocked() < STUCK
    }

    /// Queues an item after a delay.
    pub(crate) fn post_later(&self, after: Duration, mail: Mail) {
        let mailbox = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            mailbox.post(mail);
        });
    }
}
