//! Which of the waiting messages may be sent now.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::entry::{Entry, Stage};
use super::message::{Ack, Others};
use crate::core::delivery_proof::DeliveryProof;
use crate::core::risk::Risk;

/// Whether a message is sent alone, so that the next loss shows whether it is the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Isolation {
    /// None is.
    Open,
    /// One is under way, or is the next one: no other is sent.
    Closed,
}

/// Admits messages in the order of their sending. One that waits makes all behind it in its channel
/// wait.
#[derive(Debug)]
pub(super) struct Admission {
    isolation: Isolation,
    in_flight: usize,
    others: Others,
    waiting: Vec<Rc<str>>,
}

impl Admission {
    /// With these messages and these other requests under way.
    pub(super) fn new<'e, P: 'e>(
        entries: impl Iterator<Item = &'e Entry<P>>,
        others: Others,
    ) -> Self {
        let mut admission =
            Self { isolation: Isolation::Open, in_flight: 0, others, waiting: Vec::new() };
        for entry in entries.filter(|entry| entry.is_in_flight()) {
            admission.in_flight += 1;
            if entry.risk == Risk::Isolated {
                admission.isolation = Isolation::Closed;
            }
        }
        admission
    }

    /// Whether a message that waits may be sent.
    pub(super) fn admits<P>(&mut self, entry: &Entry<P>, ack: Ack, proof: DeliveryProof) -> bool {
        let channel = &entry.message.channel;
        let was_sent = matches!(entry.stage, Stage::Queued { before: Some(_) });
        let mut waits = self.isolation == Isolation::Closed
            || self.waiting.contains(channel)
            || proof == DeliveryProof::NotMember
            || (was_sent && ack == Ack::Requested && proof == DeliveryProof::CatchingUp);
        let is_isolated = entry.risk == Risk::Isolated;
        if !waits && is_isolated && (self.others != Others::None || self.in_flight > 0) {
            self.isolation = Isolation::Closed;
            waits = true;
        }
        if waits || (self.others == Others::Suspect && entry.risk == Risk::Lost) {
            self.waiting.push(channel.clone());
            return false;
        }
        true
    }

    /// A message of this risk was sent, and its answer is awaited.
    pub(super) const fn sent(&mut self, risk: Risk) {
        self.in_flight += 1;
        self.isolation = match risk {
            Risk::Isolated => Isolation::Closed,
            Risk::None | Risk::Lost | Risk::Condemned => Isolation::Open,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Ack, Admission, DeliveryProof, Entry, Others, Risk, Stage};
    use crate::core::id::{Origin, SendId};
    use crate::core::outbox::OutgoingMessage;
    use crate::core::outbox::entry::{Echo, FirstSent};
    use crate::core::time::Instant;

    const FIRST: FirstSent = FirstSent { at: Instant::from_ms(0), run: None };

    fn entry(channel: &str, risk: Risk, stage: Stage) -> Entry<()> {
        let message = OutgoingMessage {
            origin: Origin::App(SendId(1)),
            channel: channel.into(),
            id: "m".to_owned(),
            event: None,
            payload: (),
            bytes: 0,
            ack: true,
            timeout_ms: None,
            ttl_ms: None,
        };
        let (expires_at, ends_at, waits_until) = (None, None, None);
        Entry { message, serial: 1, stage, risk, expires_at, ends_at, waits_until }
    }

    fn queued(channel: &str, risk: Risk) -> Entry<()> {
        entry(channel, risk, Stage::Queued { before: None })
    }

    fn in_flight(risk: Risk) -> Entry<()> {
        let (deadline, echo) = (Instant::from_ms(9), Echo::Missing);
        entry("feed", risk, Stage::Sent { first: FIRST, deadline, echo, order: 0 })
    }

    fn admission(in_flight: &[Entry<()>], others: Others) -> Admission {
        Admission::new(in_flight.iter(), others)
    }

    #[test]
    fn what_waits_keeps_all_behind_it_in_its_channel_waiting_and_no_other_channel() {
        let mut admission = admission(&[], Others::None);
        let again = entry("feed", Risk::None, Stage::Queued { before: Some(FIRST) });
        assert!(!admission.admits(&again, Ack::Requested, DeliveryProof::CatchingUp));
        assert!(!admission.admits(
            &queued("feed", Risk::None),
            Ack::Requested,
            DeliveryProof::CatchingUp
        ));
        assert!(admission.admits(
            &queued("bids", Risk::None),
            Ack::Requested,
            DeliveryProof::CatchingUp
        ));
    }

    #[test]
    fn what_was_sent_before_waits_for_its_channel_only_if_it_will_be_answered() {
        let again = entry("feed", Risk::None, Stage::Queued { before: Some(FIRST) });
        let mut admission = admission(&[], Others::None);
        assert!(admission.admits(&again, Ack::None, DeliveryProof::CatchingUp));
        assert!(!admission.admits(&again, Ack::None, DeliveryProof::NotMember));
    }

    #[test]
    fn an_isolated_message_is_sent_while_nothing_else_is_under_way_and_closes_the_rest() {
        let (isolated, other) = (queued("feed", Risk::Isolated), queued("bids", Risk::None));
        let unknown = DeliveryProof::Unknown;
        for mut busy in
            [admission(&[in_flight(Risk::None)], Others::None), admission(&[], Others::Fresh)]
        {
            assert!(
                !busy.admits(&isolated, Ack::Requested, unknown)
                    && !busy.admits(&other, Ack::Requested, unknown)
            );
        }
        let mut alone = admission(&[], Others::None);
        assert!(alone.admits(&isolated, Ack::Requested, unknown));
        alone.sent(Risk::Isolated);
        assert!(!alone.admits(&other, Ack::Requested, unknown));
        let mut under_way = admission(&[in_flight(Risk::Isolated)], Others::None);
        assert!(!under_way.admits(&other, Ack::Requested, unknown));
    }

    #[test]
    fn a_message_that_was_lost_once_waits_for_suspect_requests() {
        let lost = queued("feed", Risk::Lost);
        assert!(!admission(&[], Others::Suspect).admits(
            &lost,
            Ack::Requested,
            DeliveryProof::Unknown
        ));
        assert!(admission(&[], Others::Fresh).admits(
            &lost,
            Ack::Requested,
            DeliveryProof::Unknown
        ));
    }
}
