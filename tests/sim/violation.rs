//! What a run that went wrong leaves behind.

/// A broken invariant, by its name, and how it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) invariant: &'static str,
    pub(crate) seen: String,
}

/// The first violation of a run; later ones may only follow from it.
#[derive(Debug, Default)]
pub(crate) struct Verdict(Option<Violation>);

impl Verdict {
    /// Notes that an invariant does not hold.
    pub(crate) fn blame(&mut self, invariant: &'static str, seen: impl FnOnce() -> String) {
        if self.0.is_none() {
            self.0 = Some(Violation { invariant, seen: seen() });
        }
    }

    /// Notes it unless `holds`.
    pub(crate) fn demand(
        &mut self,
        holds: bool,
        invariant: &'static str,
        seen: impl FnOnce() -> String,
    ) {
        if !holds {
            self.blame(invariant, seen);
        }
    }

    /// What was noted.
    pub(crate) const fn get(&self) -> Option<&Violation> {
        self.0.as_ref()
    }
}
