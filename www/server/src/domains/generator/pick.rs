//! Random choices.

use fastrand::Rng;

/// A random element of a list that is not empty.
pub(super) fn one_of<T: Copy>(random: &mut Rng, all: &[T]) -> T {
    all[random.usize(..all.len())]
}
