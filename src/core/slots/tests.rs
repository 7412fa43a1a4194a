//! Lists of many items, compared with a plain vector.

use super::{Counted, Facts, Slots};
use crate::core::rng::Rng;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason};

#[derive(Debug, Clone, Copy)]
struct Item {
    key: u64,
    deadline_ms: Option<u64>,
    rank: Option<u8>,
}

impl Counted for Item {
    type Context = ();

    fn facts(&self, (): ()) -> Facts {
        let deadline =
            self.deadline_ms.map(|ms| Timer::new(Instant::from_ms(ms), TimerReason::Ack));
        Facts { deadline, rank: self.rank, counts: u16::from(self.key.is_multiple_of(2)) }
    }
}

/// Few different hashes, so that many items have the same one.
fn hash(key: u64) -> u64 {
    key % 5
}

fn item(rng: &mut Rng, key: u64) -> Item {
    let deadline_ms = (rng.up_to(2) > 0).then(|| rng.up_to(1_000));
    let rank = (rng.up_to(2) > 0).then(|| rng.up_to(3) as u8);
    Item { key, deadline_ms, rank }
}

/// Compares everything that the list reports with a walk of the vector.
fn compare(slots: &mut Slots<Item>, list: &[(u32, Item)], now: u64) {
    assert_eq!(slots.len(), list.len());
    let keys: Vec<u64> = slots.iter().map(|item| item.key).collect();
    assert_eq!(keys, list.iter().map(|(_, item)| item.key).collect::<Vec<_>>());
    let even = list.iter().filter(|(_, item)| item.key.is_multiple_of(2)).count();
    assert_eq!(slots.count(0), even);
    let due = list.iter().filter_map(|(_, item)| item.deadline_ms).min();
    assert_eq!(slots.poll_timeout().map(|timer| timer.at().as_ms()), due);
    let key_at = |slots: &Slots<Item>, at: usize| slots.get(at).map(|item| item.key);
    let (mut from, mut found) = (0, Vec::new());
    while let Some(at) = slots.next_due(from, Instant::from_ms(now)) {
        found.extend(key_at(slots, at));
        from = at + 1;
    }
    let is_due = |item: &Item| item.deadline_ms.is_some_and(|ms| ms <= now);
    let due = list.iter().filter(|(_, item)| is_due(item)).map(|(_, item)| item.key);
    assert_eq!(found, due.collect::<Vec<_>>());
    let first = slots.first_waiting().and_then(|(rank, at)| Some((rank, key_at(slots, at)?)));
    let waiting = list.iter().filter_map(|(_, item)| Some((item.rank?, item.key)));
    let lowest = waiting.min_by_key(|(rank, _)| *rank);
    assert_eq!(first, lowest.map(|(rank, key)| (rank as usize, key)));
    for (id, item) in list {
        let at = slots.position(*id).expect("an index");
        assert_eq!(key_at(slots, at), Some(item.key));
        assert_eq!(slots.find(hash(item.key), |other| other.key == item.key), Some(at));
    }
}

#[test]
fn list_is_that_of_a_vector_while_items_are_added_changed_and_removed() {
    let mut rng = Rng::new(11);
    let mut slots = Slots::<Item>::default();
    let mut list: Vec<(u32, Item)> = Vec::new();
    let mut removed = Vec::new();
    for step in 0..4_000_u64 {
        // The list grows and shrinks in turn.
        let grows = step / 500 % 2 == 0;
        let choice = rng.up_to(9);
        if list.is_empty() || choice < if grows { 6 } else { 2 } {
            let new = item(&mut rng, step);
            list.push((slots.next_id(), new));
            slots.push(hash(step), Box::new(new));
        } else {
            let index = rng.up_to(list.len() as u64 - 1) as usize;
            let (id, known) = list[index];
            let at = slots.position(id).expect("an index");
            if choice < 7 {
                let changed = item(&mut rng, known.key);
                list[index].1 = changed;
                *slots.get_mut(at).expect("an item") = changed;
            } else {
                list.remove(index);
                assert_eq!(slots.remove(at).map(|item| item.key), Some(known.key));
                assert!(slots.remove(at).is_none(), "it is removed already");
                removed.push(id);
            }
        }
        if step % 7 == 0 {
            compare(&mut slots, &list, rng.up_to(1_000));
        }
    }
    for id in removed {
        let item = slots.position(id).and_then(|at| slots.get(at));
        assert!(item.is_none(), "ids are not used again");
    }
}

#[test]
fn list_of_65_536_items_reports_its_last_one() {
    let mut slots = Slots::<Item>::default();
    for key in 0..65_536 {
        slots.push(key, Box::new(Item { key, deadline_ms: Some(70_000 - key), rank: Some(1) }));
    }
    assert_eq!((slots.len(), slots.count(0)), (65_536, 32_768));
    let last = slots.next_due(0, Instant::from_ms(70_000 - 65_535));
    assert_eq!(last, Some(65_535));
    for at in 0..65_535 {
        slots.remove(at);
    }
    assert_eq!(slots.first_waiting(), Some((1, 65_535)));
    slots.push(1, Box::new(Item { key: 65_536, deadline_ms: None, rank: Some(0) }));
    assert_eq!(slots.indices(), 0..2);
    assert_eq!((slots.position(65_536), slots.position(65_537)), (Some(0), Some(1)));
    assert_eq!(slots.first_waiting(), Some((0, 1)));
}
