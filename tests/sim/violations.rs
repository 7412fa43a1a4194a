//! What a run that went wrong leaves behind.

use std::sync::OnceLock;

/// The one invariant that counts, if only one does.
static ONLY: OnceLock<String> = OnceLock::new();

/// From now on only this invariant counts.
pub(crate) fn count_only(invariant: &str) {
    let first = ONLY.set(invariant.to_owned());
    debug_assert!(first.is_ok(), "it is set once");
}

/// Whether a violation of this invariant counts.
pub(crate) fn counts(invariant: &str) -> bool {
    ONLY.get().is_none_or(|only| only == invariant)
}

/// A broken invariant, by its name, and how it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) invariant: &'static str,
    pub(crate) seen: String,
}

/// The first violation of a run; later ones may only follow from it.
#[derive(Debug, Default)]
pub(crate) struct ViolationLog(Option<Violation>);

impl ViolationLog {
    /// Notes that an invariant does not hold.
    pub(crate) fn fail(&mut self, invariant: &'static str, seen: impl FnOnce() -> String) {
        if self.0.is_none() && counts(invariant) {
            self.0 = Some(Violation { invariant, seen: seen() });
        }
    }

    /// Notes it unless `holds`.
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

    /// What was noted.
    pub(crate) const fn get(&self) -> Option<&Violation> {
        self.0.as_ref()
    }
}
