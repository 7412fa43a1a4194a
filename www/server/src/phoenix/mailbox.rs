//! What waits for a socket. Whatever a client is to see passes through here, so that everything
//! has one order.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::phoenix::outgoing::{Broadcast, Outgoing};
use crate::wire::Switch;

/// More than this waiting means that the client reads too slowly: it is cut.
const ROOM: usize = 8_192;

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
    sender: mpsc::Sender<Mail>,
    switch: Arc<Switch>,
}

impl Mailbox {
    pub(crate) fn new(switch: Arc<Switch>) -> (Self, mpsc::Receiver<Mail>) {
        let (sender, receiver) = mpsc::channel(ROOM);
        (Self { sender, switch }, receiver)
    }

    /// Posts; a closed socket takes nothing any more.
    pub(crate) fn post(&self, mail: Mail) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(mail) {
            self.switch.cut();
        }
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
