//! The connection's state, error and quality grade, as reported to the app.

use alloc::vec::Vec;

use super::effect::Effect;
use crate::core::error::Error;
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};

/// The connection's state, the error in force and the grade. Every change is emitted as an effect.
#[derive(Debug)]
pub(super) struct Status {
    state: State,
    /// The error in force, until the connection has recovered.
    error: Option<Error>,
    quality: Quality,
}

impl Default for Status {
    fn default() -> Self {
        Self { state: State::Idle, error: None, quality: Quality::Offline }
    }
}

impl Status {
    pub(super) const fn state(&self) -> State {
        self.state
    }

    /// The error in force.
    pub(super) const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Whether it failed permanently.
    pub(super) fn is_failed(&self) -> bool {
        self.state == State::Failed
    }

    /// Changes the state without an error.
    pub(super) fn set(&mut self, state: State, reason: Reason, effects: &mut Vec<Effect>) {
        if !state.keeps_error() {
            self.error = None;
        }
        self.state = state;
        effects.push(Effect::State(state, reason, None));
    }

    /// Changes the state without an error, unless it is in that state already.
    pub(super) fn set_once(&mut self, state: State, reason: Reason, effects: &mut Vec<Effect>) {
        if self.state != state {
            self.set(state, reason, effects);
        }
    }

    /// Changes to a state without a connection, because of an error.
    pub(super) fn set_for(
        &mut self,
        state: State,
        reason: Reason,
        error: Error,
        effects: &mut Vec<Effect>,
    ) {
        self.error = Some(error.clone());
        self.state = state;
        effects.push(Effect::State(state, reason, Some(error)));
        self.set_quality(Quality::Offline, effects);
    }

    /// Sets the grade; an unchanged one is not emitted.
    pub(super) fn set_quality(&mut self, quality: Quality, effects: &mut Vec<Effect>) {
        if quality != self.quality {
            self.quality = quality;
            effects.push(Effect::Quality(quality));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, Status};
    use crate::core::error::{Code, Error};
    use crate::core::reason::Reason;
    use crate::core::state::{Quality, State};

    #[test]
    fn error_stays_until_the_connection_is_ready_or_disconnected() {
        for (next, expected) in [
            (State::Reconnecting, true),
            (State::Authenticating, true),
            (State::Ready, false),
            (State::Idle, false),
            (State::Offline, false),
        ] {
            let (mut status, mut effects) = (Status::default(), Vec::new());
            let error = Error::new(Code::ConnectionLost);
            status.set_for(State::Reconnecting, Reason::ConnectionLost, error, &mut effects);
            status.set(next, Reason::Retry, &mut effects);
            assert_eq!(status.error().is_some(), expected, "{next:?}");
        }
    }

    #[test]
    fn error_resets_the_quality_and_an_equal_grade_is_not_reported_again() {
        let (mut status, mut effects) = (Status::default(), Vec::new());
        for quality in [Quality::Good, Quality::Good] {
            status.set_quality(quality, &mut effects);
        }
        let error = Error::new(Code::ConnectionLost);
        status.set_for(State::Reconnecting, Reason::ConnectionLost, error, &mut effects);
        let grades = effects.iter().filter_map(|effect| match effect {
            Effect::Quality(quality) => Some(*quality),
            _ => None,
        });
        assert_eq!(grades.collect::<Vec<_>>(), [Quality::Good, Quality::Offline]);
    }
}
