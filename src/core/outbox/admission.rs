//! The admission of queued messages: which of them may be sent now.

use alloc::vec::Vec;

use super::entry::{Entry, Stage};
use super::message::{Ack, Others};
use crate::core::delivery_proof::DeliveryProof;
use crate::core::risk::Risk;
use crate::core::slots::fnv1a;

/// Whether a message is sent alone, so that a loss then proves that it is the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Isolation {
    /// No message is sent alone.
    Open,
    /// One is in flight, or is the next one: no other message is sent.
    Closed,
}

/// Whether a message is sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admit {
    Now,
    /// It waits until requests that may have ended a connection are answered.
    AfterRisk,
    /// It waits until its channel is joined or has recovered missed messages.
    AfterChannel,
}

/// Admits messages in order. A message that waits delays all later ones of its channel.
#[derive(Debug)]
pub(super) struct Admission {
    isolation: Isolation,
    in_flight: usize,
    others: Others,
    /// The hashes of the channels in which a message waits, sorted, and what it waits for.
    waiting: Vec<(u64, Admit)>,
}

impl Admission {
    /// An admission with so many messages in flight, so many of them sent alone, and these other pending
    /// requests.
    pub(super) const fn new(in_flight: usize, isolated: usize, others: Others) -> Self {
        let isolation = if isolated > 0 { Isolation::Closed } else { Isolation::Open };
        Self { isolation, in_flight, others, waiting: Vec::new() }
    }

    /// Whether a queued message may be sent. To be called in order.
    pub(super) fn admit<P>(&mut self, entry: &Entry<P>, ack: Ack, proof: DeliveryProof) -> Admit {
        let channel = fnv1a(&entry.message.channel);
        let was_sent = matches!(entry.stage, Stage::Queued { before: Some(_) });
        let is_isolated = entry.risk == Risk::Isolated;
        let is_busy = self.others != Others::None || self.in_flight > 0;
        let before = self.waiting.binary_search_by_key(&channel, |(waiting, _)| *waiting);
        let admit = if self.isolation == Isolation::Closed {
            return Admit::AfterRisk;
        } else if let Some((_, admit)) = before.ok().and_then(|at| self.waiting.get(at)) {
            return *admit;
        } else if proof == DeliveryProof::NotMember
            || (was_sent && ack == Ack::Requested && proof == DeliveryProof::CatchingUp)
        {
            Admit::AfterChannel
        } else if is_isolated && is_busy {
            self.isolation = Isolation::Closed;
            Admit::AfterRisk
        } else if self.others == Others::AtRisk && entry.risk == Risk::Lost {
            Admit::AfterRisk
        } else {
            return Admit::Now;
        };
        if let Err(at) = before {
            self.waiting.insert(at, (channel, admit));
        }
        admit
    }

    /// Counts a message of this risk that was sent and whose answer is pending.
    pub(super) const fn sent(&mut self, risk: Risk) {
        self.in_flight += 1;
        self.isolation = match risk {
            Risk::Isolated => Isolation::Closed,
            Risk::None | Risk::Lost | Risk::Cause => Isolation::Open,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Ack, Admission, Admit, DeliveryProof, Entry, Others, Risk, Stage};
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
        let isolated = in_flight.iter().filter(|entry| entry.risk == Risk::Isolated).count();
        Admission::new(in_flight.len(), isolated, others)
    }

    #[test]
    fn waiting_message_delays_later_ones_of_its_channel_and_no_other_channel() {
        let mut admission = admission(&[], Others::None);
        let mut admit = |entry| admission.admit(&entry, Ack::Requested, DeliveryProof::CatchingUp);
        let again = entry("feed", Risk::None, Stage::Queued { before: Some(FIRST) });
        assert_eq!(admit(again), Admit::AfterChannel);
        assert_eq!(admit(queued("feed", Risk::None)), Admit::AfterChannel);
        assert_eq!(admit(queued("bids", Risk::None)), Admit::Now);
    }

    #[test]
    fn message_sent_before_waits_for_recovery_only_if_an_ack_is_requested() {
        let again = entry("feed", Risk::None, Stage::Queued { before: Some(FIRST) });
        let mut admission = admission(&[], Others::None);
        assert_eq!(admission.admit(&again, Ack::None, DeliveryProof::CatchingUp), Admit::Now);
        assert_eq!(
            admission.admit(&again, Ack::None, DeliveryProof::NotMember),
            Admit::AfterChannel
        );
    }

    #[test]
    fn isolated_message_is_sent_only_without_pending_requests_and_delays_all_others() {
        let (isolated, other) = (queued("feed", Risk::Isolated), queued("bids", Risk::None));
        let admit = |admission: &mut Admission, entry| {
            admission.admit(entry, Ack::Requested, DeliveryProof::Unknown)
        };
        for mut busy in
            [admission(&[in_flight(Risk::None)], Others::None), admission(&[], Others::Fresh)]
        {
            assert_eq!(admit(&mut busy, &isolated), Admit::AfterRisk);
            assert_eq!(admit(&mut busy, &other), Admit::AfterRisk);
        }
        let mut alone = admission(&[], Others::None);
        assert_eq!(admit(&mut alone, &isolated), Admit::Now);
        alone.sent(Risk::Isolated);
        assert_eq!(admit(&mut alone, &other), Admit::AfterRisk);
        let mut under_way = admission(&[in_flight(Risk::Isolated)], Others::None);
        assert_eq!(admit(&mut under_way, &other), Admit::AfterRisk);
    }

    #[test]
    fn message_lost_once_waits_for_requests_at_risk_and_delays_later_ones_of_its_channel() {
        let admit = |admission: &mut Admission, entry| {
            admission.admit(entry, Ack::Requested, DeliveryProof::Unknown)
        };
        let (lost, next) = (queued("feed", Risk::Lost), queued("feed", Risk::None));
        let mut at_risk = admission(&[], Others::AtRisk);
        assert_eq!(admit(&mut at_risk, &lost), Admit::AfterRisk);
        assert_eq!(admit(&mut at_risk, &next), Admit::AfterRisk);
        assert_eq!(admit(&mut admission(&[], Others::Fresh), &lost), Admit::Now);
    }
}
