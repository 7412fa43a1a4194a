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
    /// At least so many numbers, all of them [`NONE`].
    pub(super) fn new(len: usize) -> Self {
        Self(vec![NONE; 2 * len.next_power_of_two()])
    }

    /// How many numbers there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len() / 2
    }

    /// The smallest number.
    pub(super) fn min(&self) -> u64 {
        self.0.get(1).copied().unwrap_or(NONE)
    }

    /// Sets one number, in logarithmic time.
    pub(super) fn set(&mut self, at: usize, mut number: u64) {
        let mut node = self.len() + at;
        while let Some(known) = self.0.get_mut(node) {
            if *known == number || node == 0 {
                return;
            }
            *known = number;
            if node > 1
                && let Some(sibling) = self.0.get(node ^ 1)
            {
                number = number.min(*sibling);
            }
            node /= 2;
        }
    }

    /// The first index from this one on whose number is at most `limit`, in logarithmic time.
    pub(super) fn next(&self, from: usize, limit: u64) -> Option<usize> {
        let width = self.len();
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
        minima = Minima::new(list.len());
        for _ in 0..3_000 {
            let at = rng.up_to(69) as usize;
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
