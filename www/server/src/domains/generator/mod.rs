//! Simulated traffic in the domains: simulated users act in channels that have members.
//!
//! The acts depend on a seed, on which channels have members, and on the contents of the tables; a
//! call that was ringing before a restart is continued.

mod act;
mod bids;
mod bills;
mod calls;
mod community;
mod domain_view;
mod interviews;
mod notifications;
mod pick;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{MissedTickBehavior, interval};

use crate::domains::generator::act::Act;
use crate::domains::generator::domain_view::DomainView;
use crate::hub::Hub;

/// The simulated acts of a domain.
struct Domain {
    /// How frequent the acts are, relative to the other domains.
    weight: u32,
    /// The prefixes of the channels, of which at least one must have members.
    channels: &'static [&'static str],
    /// The next acts, if any. All but the first are made later.
    act: fn(&mut Rng, &DomainView<'_>) -> Vec<Act>,
}

impl Domain {
    /// Whether one of its channels has members.
    fn is_joined(&self, view: &DomainView<'_>) -> bool {
        self.channels.iter().any(|prefix| !view.joined(prefix).is_empty())
    }
}

const DOMAINS: &[Domain] = &[
    Domain { weight: 5, channels: &["calls:", "campaigns"], act: calls::act },
    Domain { weight: 2, channels: &["bids:"], act: bids::act },
    Domain {
        weight: 3,
        channels: &["comments:", "votes:", "experts", "moderation"],
        act: community::act,
    },
    Domain {
        weight: 2,
        channels: &["interviews:", "interview-notes:", "interview-replies:"],
        act: interviews::act,
    },
    Domain { weight: 3, channels: &["bill:", "bills", "bill-engagement"], act: bills::act },
    Domain { weight: 1, channels: &["notifications:"], act: notifications::act },
];

/// Generates the acts, and queues those that are to be made later.
#[derive(Debug)]
struct Generator {
    random: Rng,
    queued: VecDeque<Act>,
}

impl Generator {
    fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed), queued: VecDeque::new() }
    }

    /// The next act, if a channel of a domain has members. Random numbers are drawn only then, so
    /// that the sequence of acts does not depend on how long there were no members.
    fn next(&mut self, view: &DomainView<'_>) -> Option<Act> {
        while let Some(act) = self.queued.pop_front() {
            if view.is_joined(&act.channel) {
                return Some(act);
            }
        }
        if DOMAINS.iter().all(|domain| !domain.is_joined(view)) {
            return None;
        }
        let weighted: Vec<&Domain> = DOMAINS
            .iter()
            .flat_map(|domain| std::iter::repeat_n(domain, domain.weight as usize))
            .collect();
        // Domains without members are drawn too, so that the rate of one domain does not depend on
        // the members of the others.
        let domain = self.random.choice(weighted)?;
        if !domain.is_joined(view) {
            return None;
        }
        let mut acts = (domain.act)(&mut self.random, view).into_iter();
        let first = acts.next();
        self.queued.extend(acts);
        first
    }
}

/// Makes `per_second` acts a second, for as long as the server runs.
pub(crate) async fn run(hub: Arc<Hub>, per_second: f64, seed: u64) {
    let mut generator = Generator::new(seed);
    let mut ticks = interval(Duration::from_secs_f64(1.0 / per_second));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(act) = generator.next(&DomainView::of(&hub)) {
            // A change may be rejected because it conflicts with a newer one. Later acts do not
            // depend on it.
            let _ = act.perform(&hub);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::{Derivations, declare};
    use crate::tables::{Catalog, Feed};
    use crate::timestamp::Timestamp;
    use crate::triggers::ChangeTrigger;
    use tidewire_server_core::limits::Limits;

    fn hub() -> Hub {
        let mut tables = std::collections::BTreeMap::new();
        declare(&mut tables).expect("well-formed");
        let limits = Limits::default();
        let catalog = Catalog::new(tables, &limits).expect("rows that meet the rules");
        let trigger: Box<dyn ChangeTrigger> = Box::<Derivations>::default();
        Hub::new(limits, catalog, Arc::default(), None, Feed::new().0, Some(trigger))
            .expect("a hub")
    }

    const CHANNELS: &[&str] = &[
        "calls:1",
        "bids:1",
        "comments:1",
        "votes:1",
        "experts",
        "moderation",
        "interviews:1",
        "interview-notes:interview-1",
        "interview-replies:interview-1",
        "bill:1",
        "bills",
        "notifications:ann",
    ];

    /// The next acts as text, without the parts that differ between runs: generated keys and times.
    fn acts(seed: u64, count: usize) -> Vec<String> {
        let (hub, mut generator) = (hub(), Generator::new(seed));
        let shown = |act: &Act| {
            let text = format!("{act:?}");
            let parts = text.split(['"', ' ', ',']);
            let is_fixed = |part: &&str| part.len() < 24 && Timestamp::parse(part).is_none();
            parts.filter(is_fixed).collect::<Vec<_>>().join(" ")
        };
        (0..count)
            .filter_map(|_| {
                let act = generator.next(&DomainView::joined_by(&hub, CHANNELS))?;
                act.perform(&hub).ok()?;
                Some(shown(&act))
            })
            .collect()
    }

    #[test]
    fn generator_with_the_same_seed_makes_the_same_acts() {
        assert_eq!(acts(7, 300), acts(7, 300));
        assert_ne!(acts(7, 20), acts(8, 20));
    }

    #[test]
    fn generator_acts_in_every_joined_channel_without_rejections() {
        let (hub, mut generator) = (hub(), Generator::new(1));
        for _ in 0..1_500 {
            let view = DomainView::joined_by(&hub, CHANNELS);
            let Some(act) = generator.next(&view) else { continue };
            act.perform(&hub).unwrap_or_else(|rejection| panic!("{rejection:?} {act:?}"));
        }
        let published = hub.counters().publishes;
        for channel in CHANNELS {
            assert!(published.get(channel).is_some_and(|count| count > 5), "{channel}");
        }
        let beyond: Vec<_> = published
            .names()
            .filter(|channel| !CHANNELS.contains(channel))
            .filter(|channel| !matches!(*channel, "campaigns" | "bill-engagement"))
            .filter(|channel| !channel.starts_with("bill:"))
            .collect();
        assert!(beyond.is_empty(), "{beyond:?}");
    }

    #[test]
    fn ticks_before_the_first_member_do_not_change_the_sequence() {
        let hub = hub();
        let first_act = |empty_ticks: usize| {
            let mut generator = Generator::new(7);
            let empty = DomainView::joined_by(&hub, &[]);
            assert!((0..empty_ticks).all(|_| generator.next(&empty).is_none()));
            let view = DomainView::joined_by(&hub, &["comments:3"]);
            let act = std::iter::repeat_with(|| generator.next(&view)).flatten().next();
            (act.map(|act| act.channel), generator.random.u64(..))
        };
        assert_eq!(first_act(0), first_act(50));
    }

    #[test]
    fn generator_without_members_makes_no_act() {
        let (hub, mut generator) = (hub(), Generator::new(1));
        let elsewhere = DomainView::joined_by(&hub, &["news", "project:1"]);
        assert!((0..100).all(|_| generator.next(&elsewhere).is_none()));
    }
}
