//! Random choices.

use fastrand::Rng;

/// One of these; there is at least one.
pub(super) fn one_of<T: Copy>(random: &mut Rng, all: &[T]) -> T {
    all[random.usize(..all.len())]
}
