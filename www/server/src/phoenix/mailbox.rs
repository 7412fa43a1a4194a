//! What waits for a socket. Whatever a client is to see passes through here, so that everything
//! has one order.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::backlog::{Backlog, Bounds};
use crate::limits::Limits;
use crate::phoenix::outgoing::{Broadcast, Outgoing};
use crate::tcp_stream::Switch;

/// Something for a socket.
#[derive(Debug)]
pub(crate) enum Mail {
    /// To be sent as it is.
    Send(Outgoing),
    /// A broadcast to one of its memberships, if that is still there.
    Deliver { instance: u64, broadcast: Arc<Broadcast> },
}

/// Where to put it.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    sender: mpsc::UnboundedSender<Mail>,
    gauge: Arc<Gauge>,
}

/// How full it is. A client that takes nothing while too much waits is cut.
#[derive(Debug)]
struct Gauge {
    backlog: Mutex<Backlog>,
    bounds: Bounds,
    switch: Arc<Switch>,
}

/// A client that took nothing for this long is not waited for.
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

    /// Posts; a closed socket takes nothing any more.
    pub(crate) fn post(&self, mail: Mail) {
        let Gauge { backlog, bounds, switch } = &*self.gauge;
        let is_hopeless = {
            let mut backlog = backlog.lock();
            backlog.add(mail.bytes());
            backlog.is_hopeless(bounds, 0, switch.blocked())
        };
        if is_hopeless {
            switch.cut();
        } else {
            let _ = self.sender.send(mail);
        }
    }

    /// Notes that this was taken out.
    pub(crate) fn took(&self, mail: &Mail) {
        self.gauge.backlog.lock().remove(mail.bytes());
    }

    /// Whether so much waits that a sender had better wait too.
    pub(crate) fn is_behind(&self) -> bool {
        let Gauge { backlog, bounds, switch } = &*self.gauge;
        backlog.lock().is_half_full(bounds, 0) && switch.blocked() < STUCK
    }

    /// Posts after a while.
    pub(crate) fn post_later(&self, after: Duration, mail: Mail) {
        let mailbox = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            mailbox.post(mail);
        });
    }
}
