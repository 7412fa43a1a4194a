//! Minimizing a failing run.

use crate::run::Run;

/// The name of the violated invariant: the text before the first colon.
fn name(seen: &str) -> &str {
    seen.split(':').next().unwrap_or(seen)
}

/// Removes steps as long as the same invariant fails.
pub(crate) fn shrink(run: &Run, seen: String) -> (Run, String) {
    let (mut shortest, mut seen) = (run.clone(), seen);
    loop {
        let before = shortest.steps.len();
        let mut at = 0;
        while at < shortest.steps.len() {
            let mut shorter = shortest.clone();
            shorter.steps.remove(at);
            match shorter.perform() {
                Err(now) if name(&now) == name(&seen) => (shortest, seen) = (shorter, now),
                _ => at += 1,
            }
        }
        if shortest.steps.len() == before {
            return (shortest, seen);
        }
    }
}
