//! The membership of this client in one channel, with its request in flight.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::outbound::PendingAction;
use super::target::Desired;
use crate::core::time::Instant;

/// A request in flight.
#[derive(Debug)]
pub(super) struct InFlight<P> {
    /// The reference that the answer contains.
    pub(super) reference: u32,
    /// When the answer is overdue.
    pub(super) deadline: Instant,
    /// The requested presence; `None` for an untrack.
    pub(super) desired: Option<Rc<Desired<P>>>,
    /// The actions that the answer settles.
    pub(super) actions: Vec<PendingAction>,
}

/// The membership of the channel.
#[derive(Debug)]
pub(super) enum Membership<P> {
    /// The channel is not joined.
    Out {
        /// When the actions that wait for the join fail, if there is a connection.
        expires_at: Option<Instant>,
    },
    /// The channel is joined.
    In {
        /// When the next request may be sent; `None`: there is nothing to send.
        due: Option<Instant>,
        /// The request in flight, one at most. Later actions wait, and only the last one is sent.
        in_flight: Option<InFlight<P>>,
    },
}

impl<P> Membership<P> {
    /// No membership, and no deadline.
    pub(super) const OUT: Self = Self::Out { expires_at: None };

    /// The request in flight.
    pub(super) const fn in_flight(&self) -> Option<&InFlight<P>> {
        match self {
            Self::Out { .. } => None,
            Self::In { in_flight, .. } => in_flight.as_ref(),
        }
    }

    /// The request in flight, mutable.
    pub(super) const fn in_flight_mut(&mut self) -> Option<&mut InFlight<P>> {
        match self {
            Self::Out { .. } => None,
            Self::In { in_flight, .. } => in_flight.as_mut(),
        }
    }

    /// Removes and returns the request in flight.
    pub(super) const fn take_in_flight(&mut self) -> Option<InFlight<P>> {
        match self {
            Self::Out { .. } => None,
            Self::In { in_flight, .. } => in_flight.take(),
        }
    }

    /// Whether a request is to be sent after the one in flight.
    pub(super) const fn has_next(&self) -> bool {
        matches!(self, Self::In { due: Some(_), .. })
    }

    /// Schedules the next request of this membership.
    pub(super) const fn schedule(&mut self, at: Option<Instant>) {
        if let Self::In { due, .. } = self {
            *due = at;
        }
    }

    /// Extends the deadlines of answers by the time in which the page slept.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        match self {
            Self::Out { expires_at } => *expires_at = expires_at.map(|at| at + slept_ms),
            Self::In { in_flight: Some(in_flight), .. } => {
                in_flight.deadline = in_flight.deadline + slept_ms;
            }
            Self::In { in_flight: None, .. } => {}
        }
    }

    /// The next deadline.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Out { expires_at } => *expires_at,
            Self::In { in_flight: Some(in_flight), .. } => Some(in_flight.deadline),
            Self::In { due, in_flight: None } => *due,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InFlight, Membership};
    use crate::core::time::Instant;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn requesting() -> Membership<()> {
        let in_flight =
            InFlight { reference: 7, deadline: at(10), desired: None, actions: Vec::new() };
        Membership::In { due: Some(at(5)), in_flight: Some(in_flight) }
    }

    #[test]
    fn answer_is_due_before_the_next_request() {
        let mut membership = requesting();
        assert_eq!(membership.poll_timeout(), Some(at(10)));
        assert_eq!(membership.take_in_flight().map(|each| each.reference), Some(7));
        assert!(membership.take_in_flight().is_none());
        assert_eq!(membership.poll_timeout(), Some(at(5)));
        assert!(membership.has_next());
        membership.schedule(None);
        assert_eq!(membership.poll_timeout(), None);
    }

    #[test]
    fn sleep_extends_the_time_of_the_answer_and_not_of_the_next_request() {
        let mut membership = requesting();
        membership.extend_deadlines(100);
        assert_eq!(membership.poll_timeout(), Some(at(110)));
        membership.take_in_flight();
        assert_eq!(membership.poll_timeout(), Some(at(5)));
    }

    #[test]
    fn request_is_not_scheduled_without_a_membership() {
        let mut membership = Membership::<()>::OUT;
        membership.schedule(Some(at(5)));
        assert!(!membership.has_next());
        assert_eq!(membership.poll_timeout(), None);
        assert!(membership.in_flight().is_none());
    }
}
