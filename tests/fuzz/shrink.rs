//! Minimizes a failing run.

use crate::run::Run;

/// The name of the violated invariant: the text before the first colon.
fn name(violation: &str) -> &str {
    violation.split(':').next().unwrap_or(violation)
}

/// Removes steps as long as the same invariant fails.
pub(crate) fn shrink(run: &Run, violation: String) -> (Run, String) {
    let (mut shortest, mut violation) = (run.clone(), violation);
    loop {
        let before = shortest.steps.len();
        let mut at = 0;
        while at < shortest.steps.len() {
            let mut shorter = shortest.clone();
            shorter.steps.remove(at);
            match shorter.perform() {
                Err(now) if name(&now) == name(&violation) => {
                    (shortest, violation) = (shorter, now);
                }
                _ => at += 1,
            }
        }
        if shortest.steps.len() == before {
            return (shortest, violation);
        }
    }
}
