//! The smallest of many numbers, kept while single ones change.

use alloc::vec;
use alloc::vec::Vec;

/// No number: it is larger than all others.
pub(super) const NONE: u64 = u64::MAX;

/// A tournament tree. The second half of the nodes are the numbers, and each node before them is the smaller
/// one of its two children: those of node `n` are the nodes `2n` and `2n + 1`, and the root is node 1.
#[derive(Debug, Default)]
pub(super) struct Minima(Vec<u64>);

impl Minima {
    /// The smallest number.
    pub(super) fn min(&self) -> u64 {
        self.0.get(1).copied().unwrap_or(NONE)
    }

    /// Sets one number, in logarithmic time. All are [`NONE`] at first.
    pub(super) fn set(&mut self, at: usize, number: u64) {
        let mut width = self.0.len() / 2;
        if at >= width {
            if number == NONE {
                return;
            }
            let former = core::mem::take(&mut self.0);
            self.0 = vec![NONE; 2 * (at + 1).next_power_of_two()];
            for (at, number) in former.into_iter().skip(width).enumerate() {
                self.set(at, number);
            }
            width = self.0.len() / 2;
        }
        let (mut node, mut least) = (width + at, number);
        while let Some(known) = self.0.get_mut(node).filter(|known| node > 0 && **known != least) {
            *known = least;
            if node > 1 {
                least = least.min(self.0.get(node ^ 1).copied().unwrap_or(NONE));
            }
            node /= 2;
        }
    }

    /// The first index from this one on whose number is at most `limit`, in logarithmic time.
    pub(super) fn next(&self, from: usize, limit: u64) -> Option<usize> {
        let width = self.0.len() / 2;
        if from >= width {
            return None;
        }
        let mut node = width + from;
        while *self.0.get(node)? > limit {
            // The largest subtree that begins at the next number.
            node += 1;
            if node.is_power_of_two() {
                return None;
            }
            node >>= node.trailing_zeros();
        }
        while node < width {
            node *= 2;
            node += usize::from(*self.0.get(node)? > limit);
        }
        Some(node - width)
    }
}

#[cfg(test)]
mod tests {
    use super::{Minima, NONE};
    use crate::core::rng::Rng;

    #[test]
    fn minimum_and_the_next_small_number_are_those_of_a_search_of_the_whole_list() {
        let mut rng = Rng::new(7);
        let (mut minima, mut list) = (Minima::default(), vec![NONE; 70]);
        assert_eq!((minima.min(), minima.next(0, 5)), (NONE, None));
        for round in 0_u64..3_000 {
            // It grows with time.
            let at = rng.up_to((round / 40).min(69)) as usize;
            let number = if rng.up_to(2) == 0 { NONE } else { rng.up_to(50) };
            minima.set(at, number);
            list[at] = number;
            assert_eq!(minima.min(), list.iter().copied().min().expect("not empty"));
            let (from, limit) = (rng.up_to(72) as usize, rng.up_to(50));
            let next = list.iter().enumerate().skip(from).find(|(_, number)| **number <= limit);
            assert_eq!(minima.next(from, limit), next.map(|(at, _)| at));
        }
    }
}
