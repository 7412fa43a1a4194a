//! Messages in their order: delivered once, missed ones fetched, lost ones told
//! (native protocol, `seq`).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::dedup::Dedup;
use super::reorder::Order;
use super::reorder::{Continuation, Due, Released, ReorderAction};
use super::{Channel, LiveStatus, Membership, Registry, Step, SubscribeMode};
use crate::core::context::Context;
use crate::core::delivery_proof::DeliveryProof;
use crate::core::id::ChannelId;
use crate::core::message::{Gap, JoinReply, Message, StreamPosition};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::state::Continuity;

impl<P: Payload> Registry<P> {
    /// A message arrived. With a place in the log it is delivered in its turn; without one the
    /// last ids are known, across connections too: what a server repeats after a rejoin.
    pub fn received(
        &mut self,
        cx: &mut Context<'_>,
        name: &str,
        message: Option<&str>,
        delivery: Box<Message<P>>,
    ) {
        let Some(id) = self.find(name) else { return };
        let explicit = matches!(self.mode, SubscribeMode::Explicit | SubscribeMode::MembersOnly);
        let Some(channel) = self.get_mut(id) else { return };
        let joined = matches!(channel.membership, Membership::Joined { .. });
        if explicit && !joined && (delivery.place.is_none() || !channel.is_member()) {
            // Of a membership that is over: what comes behind it, before the next one, is missing.
            return;
        }
        let place = delivery.place.clone();
        if let Some(place) = place {
            return self.take(cx, id, &place, Some(delivery));
        }
        if message.is_some_and(|message| channel.dedup.is_repeated(message, cx.config.dedup)) {
            return self.repeated(id);
        }
        self.deliver(cx, id, [Released::Message(delivery)].into());
    }

    /// A message of a channel arrived that is none of the protocol: it counts as none. If the
    /// answer to a request for what is missing brings it again, it is passed over.
    pub fn invalid(&mut self, cx: &mut Context<'_>, name: &str) {
        if let Some(id) = self.find_member(name)
            && let Some(channel) = self.get_mut(id)
            && channel.order.is_requested()
        {
            channel.order.noted_unusable(cx.now, false);
        }
    }

    /// A message arrived that is too large. With its place it is lost alone. Without, what is
    /// missing is asked for, which shows the message it was.
    pub fn unusable(
        &mut self,
        cx: &mut Context<'_>,
        name: Option<&str>,
        place: Option<&StreamPosition>,
    ) {
        let own = name.and_then(|name| self.find_member(name));
        let counted = own.and_then(|id| self.get(id)).map(|channel| channel.place().is_some());
        match (own, counted, place) {
            (Some(id), Some(true), Some(place)) => return self.take(cx, id, place, None),
            (Some(id), Some(false), _) => {
                return self.pass(id, Continuity::Unknown, Gap::default());
            }
            (None, ..) if name.is_some() => return,
            _ => {}
        }
        self.one_by_one = true;
        for channel in &mut self.channels {
            let joined = matches!(channel.membership, Membership::Joined { .. });
            let concerned = own.is_none_or(|own| own == channel.id);
            if joined && concerned && channel.order.position().is_some() {
                channel.order.noted_unusable(cx.now, own.is_some());
            }
        }
    }

    /// Takes in a message with its place, `None` if it cannot be delivered.
    fn take(
        &mut self,
        cx: &mut Context<'_>,
        id: ChannelId,
        place: &StreamPosition,
        message: Option<Box<Message<P>>>,
    ) {
        let Some(channel) = self.get_mut(id) else { return };
        let behind = !channel.order.is_caught_up();
        let terms = (cx.config.reorder, cx.config.join_timeout_ms);
        let mut ready = Vec::new();
        let action = channel.order.take(cx.now, place, message, terms, &mut ready);
        self.release(cx, id, behind, ready);
        match action {
            ReorderAction::Fine => {}
            ReorderAction::Repeated => self.repeated(id),
            ReorderAction::Rejoin => self.rejoin(cx, id),
        }
    }

    fn repeated(&mut self, id: ChannelId) {
        if let Some(channel) = self.get_mut(id) {
            channel.stats.duplicates += 1;
            self.steps.push(Step::Repeated);
        }
    }

    /// Delivers what became deliverable; `behind`: before, something that was missed was missing.
    fn release(&mut self, cx: &Context<'_>, id: ChannelId, behind: bool, ready: Vec<Released<P>>) {
        self.deliver(cx, id, ready);
        if behind && self.get(id).is_some_and(|channel| channel.order.is_caught_up()) {
            self.emit_state(id, Reason::Recovered);
        }
    }

    /// Messages of a channel were lost, and what follows them is not.
    fn pass(&mut self, id: ChannelId, continuity: Continuity, gap: Gap) {
        let run = self.runs.next();
        let Some(channel) = self.get_mut(id) else { return };
        channel.continuity = continuity;
        channel.contiguous_run = run;
        self.emit_state(id, Reason::PassedOver);
        self.missed(id, gap);
    }

    /// The server told where the logs of channels end.
    pub fn heads(&mut self, cx: &mut Context<'_>, heads: &[(String, StreamPosition)]) {
        for (name, head) in heads {
            let Some(id) = self.find(name) else { continue };
            let Some(channel) = self.get_mut(id) else { continue };
            if channel.order.head_received(cx.now, head) == ReorderAction::Rejoin {
                self.rejoin(cx, id);
            }
        }
    }

    /// The server has answered a `recover`.
    pub fn recovered(&mut self, cx: &mut Context<'_>, name: &str, reference: u32, complete: bool) {
        let Some(id) = self.find_member(name) else { return };
        let Some(channel) = self.get_mut(id) else { return };
        let behind = !channel.order.is_caught_up();
        let mut ready = Vec::new();
        let answer = (reference, complete);
        let action = channel.order.answered(cx.now, answer, &mut ready);
        self.release(cx, id, behind, ready);
        if action == ReorderAction::Rejoin {
            self.rejoin(cx, id);
        }
    }

    /// What the channel of this name can say about a message sent earlier.
    #[must_use]
    pub fn delivery_proof(&self, name: &str) -> DeliveryProof {
        let channel = self.find(name).and_then(|id| self.get(id));
        if self.mode == SubscribeMode::MembersOnly {
            let is_member =
                |channel: &Channel<P>| matches!(channel.membership, Membership::Joined { .. });
            return if channel.is_some_and(is_member) {
                DeliveryProof::Unknown
            } else {
                DeliveryProof::NotMember
            };
        }
        let Some(channel) = channel else { return DeliveryProof::Unknown };
        let counted = channel.order.position().is_some();
        match channel.membership {
            Membership::Joined { .. } if counted && channel.order.is_caught_up() => {
                DeliveryProof::CaughtUp { run: channel.contiguous_run }
            }
            Membership::Joined { .. } | Membership::Absent | Membership::Joining { .. }
                if counted =>
            {
                DeliveryProof::CatchingUp
            }
            _ => DeliveryProof::Unknown,
        }
    }

    /// Another user: nothing of what the former one had counts.
    pub fn reset_positions(&mut self, cx: &mut Context<'_>) {
        for at in 0..self.channels.len() {
            let Some(channel) = self.channels.get_mut(at) else { return };
            channel.order = Order::default();
            channel.dedup = Dedup::default();
            channel.continuity = Continuity::Fresh;
            channel.left_at = None;
            let id = channel.id;
            if matches!(channel.membership, Membership::Joined { reference: Some(_), .. }) {
                self.join(cx, at);
            }
            self.emit_state(id, Reason::IdentityChanged);
        }
    }

    /// The channel is in.
    pub(super) fn settle(
        &mut self,
        cx: &Context<'_>,
        id: ChannelId,
        reference: Option<u32>,
        start: Option<&JoinReply>,
        live_status: LiveStatus,
    ) {
        let run = self.runs.next();
        let Some(channel) = self.get_mut(id) else {
            return;
        };
        channel.membership = Membership::Joined { reference, live_status };
        channel.in_since = Some(cx.now);
        channel.error = None;
        channel.stats.joins += 1;
        let mut before = Vec::new();
        let follows = channel.order.begin(start, &mut before);
        let mut behind = Vec::new();
        if let Some(start) = start {
            let until = cx.now + cx.config.join_timeout_ms;
            channel.order.follow(start.head, until, &mut behind);
        }
        let (continuity, gap) = match follows {
            Continuation::Fresh => (Continuity::Fresh, None),
            Continuation::Recovered => (Continuity::Recovered, None),
            Continuation::Gap(gap) => (Continuity::Gap, Some(gap)),
            Continuation::Reported => (Continuity::Gap, None),
            Continuation::Unknown => (Continuity::Unknown, Some(Gap::default())),
        };
        channel.continuity = continuity;
        if continuity != Continuity::Recovered {
            channel.contiguous_run = run;
        }
        self.deliver(cx, id, before);
        self.emit_state(id, Reason::Joined);
        if let Some(gap) = gap {
            self.missed(id, gap);
        }
        self.deliver(cx, id, behind);
    }

    /// Asks for what is missing, where the time has come.
    pub(super) fn look_for_holes(&mut self, cx: &mut Context<'_>) {
        for at in 0..self.channels.len() {
            let Some(channel) = self.channels.get(at) else { return };
            if !matches!(channel.membership, Membership::Joined { .. }) {
                continue;
            }
            let id = channel.id;
            match channel.order.due(cx.now) {
                None => {}
                Some(Due::Rejoin) => self.rejoin(cx, id),
                Some(Due::Ask { behind, to }) => {
                    // So that it is known in whose answer something cannot be taken.
                    let waits = self.one_by_one
                        && self.channels.iter().any(|each| each.order.is_requested());
                    let Some(channel) = self.channels.get_mut(at) else { return };
                    if waits {
                        channel.order.ask_later(cx.now);
                        continue;
                    }
                    let reference = self.references.next();
                    channel.order.requested(reference, cx.now + cx.config.join_timeout_ms);
                    let channel = channel.name.clone();
                    self.steps.push(Step::Recover { channel, reference, behind, to });
                }
            }
        }
    }

    /// Joins anew for the sake of what is missing, unless that is under way: at once, but with
    /// backoff where the membership before was no lasting one either.
    fn rejoin(&mut self, cx: &mut Context<'_>, id: ChannelId) {
        let Some(at) = self.position(id) else { return };
        let Some(channel) = self.channels.get_mut(at) else { return };
        if !matches!(channel.membership, Membership::Joined { .. }) {
            return;
        }
        let mut ready = Vec::new();
        let gap = channel.order.rejoin(&mut ready);
        self.deliver(cx, id, ready);
        if let Some(gap) = gap {
            self.missed(id, gap);
        }
        let Some(channel) = self.channels.get_mut(at) else { return };
        let is_first = channel.note_membership(cx.now, cx.config.reconnect_reset_ms)
            || channel.backoff.failures() == 0;
        let retry_at = channel.backoff.fail(cx, None);
        if is_first {
            self.join(cx, at);
        } else {
            channel.membership = Membership::Failed { retry_at: Some(retry_at) };
        }
        self.emit_state(id, Reason::Recovering);
    }

    /// Forgets a channel's place, if it has one, and reports what is lost by that.
    pub(super) fn give_up(&mut self, cx: &Context<'_>, id: ChannelId) -> bool {
        let Some(channel) = self.get_mut(id) else { return false };
        let mut ready = Vec::new();
        let Some(gap) = channel.order.give_up(&mut ready) else { return false };
        self.deliver(cx, id, ready);
        self.missed(id, gap);
        true
    }

    pub(super) fn missed(&mut self, id: ChannelId, gap: Gap) {
        if let Some(channel) = self.get_mut(id) {
            channel.stats.gaps += 1;
        }
        self.steps.push(Step::Gap(id, gap));
    }

    fn deliver(&mut self, cx: &Context<'_>, id: ChannelId, released: Vec<Released<P>>) {
        for released in released {
            match released {
                Released::Lost(gap) => self.pass(id, Continuity::Gap, gap),
                Released::Message(message) => {
                    if let Some(channel) = self.get_mut(id) {
                        channel.stats.received += 1;
                        channel.stats.recovered += u64::from(message.recovered);
                        channel.stats.last_accessed_at = cx.now;
                    }
                    self.steps.push(Step::Deliver(id, message));
                }
            }
        }
    }
}
