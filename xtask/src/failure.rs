//! The error of a command: one sentence for the user.

use std::fmt;

/// What went wrong and, where it is known, what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure described by a whole sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Turns a foreign error into a sentence that names what was attempted.
pub(crate) trait OrFail<T> {
    /// `attempt` completes "Could not …".
    fn or_fail(self, attempt: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, attempt: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("Could not {attempt}: {error}.")))
    }
}
