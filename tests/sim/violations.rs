//! The record of a run's violation of an invariant.

use std::sync::OnceLock;

/// The only invariant that is checked, if there is one.
static ONLY: OnceLock<String> = OnceLock::new();

/// Restricts the checks to one invariant.
pub(crate) fn count_only(invariant: &str) {
    let first = ONLY.set(invariant.to_owned());
    debug_assert!(first.is_ok(), "it is set once");
}

/// Whether this invariant is checked.
pub(crate) fn counts(invariant: &str) -> bool {
    ONLY.get().is_none_or(|only| only == invariant)
}

/// The name of a violated invariant, and a description of the violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) invariant: &'static str,
    pub(crate) seen: String,
}

/// The first violation of a run; later ones may only follow from it.
#[derive(Debug, Default)]
pub(crate) struct ViolationLog(Option<Violation>);

impl ViolationLog {
    /// Records a violation, if it is the first one.
    pub(crate) fn fail(&mut self, invariant: &'static str, seen: impl FnOnce() -> String) {
        if self.0.is_none() && counts(invariant) {
            self.0 = Some(Violation { invariant, seen: seen() });
        }
    }

    /// Records a violation unless `holds`.
    pub(crate) fn ensure(
        &mut self,
        holds: bool,
        invariant: &'static str,
        seen: impl FnOnce() -> String,
    ) {
        if !holds {
            self.fail(invariant, seen);
        }
    }

    /// The first violation, if there is one.
    pub(crate) const fn get(&self) -> Option<&Violation> {
        self.0.as_ref()
    }
}
