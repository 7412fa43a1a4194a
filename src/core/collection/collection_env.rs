//! What the parts of a collection are lent with every call.

use alloc::rc::Rc;

use super::display::Display;
use super::viewers::Viewers;
use super::{CollectionOptions, MutationProgress};
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error};
use crate::core::id::MutationId;
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// The environment of a collection's parts: the client's, the options, and where outputs go.
#[derive(Debug)]
pub(super) struct CollectionEnv<'a, P> {
    pub(super) client: &'a mut Env,
    /// The channel's name.
    pub(super) name: &'a Rc<str>,
    pub(super) options: &'a CollectionOptions,
    pub(super) viewers: &'a mut Viewers<P>,
    pub(super) display: &'a mut Display,
}

impl<P: Payload> CollectionEnv<'_, P> {
    /// The time of the call.
    pub(super) const fn now(&self) -> Instant {
        self.client.now
    }

    /// Until when an answer, or an echo, is awaited.
    pub(super) fn deadline(&self) -> Instant {
        self.client.now + self.client.config.ack_timeout_ms
    }

    /// Schedules a view, since the server changed something.
    pub(super) fn changed(&mut self) {
        self.display.changed(self.client.now);
    }

    /// Reports a change's progress to the app.
    pub(super) fn emit_progress(&mut self, mutation: MutationId, progress: MutationProgress<P>) {
        self.viewers.emit_progress(mutation, progress);
    }

    /// Reports that a change failed to the app.
    pub(super) fn emit_failure(&mut self, mutation: MutationId, error: Error) {
        let failed = MutationProgress::Failed(error.with_channel(self.name));
        self.viewers.emit_progress(mutation, failed);
    }

    /// Shows the failure of a function of the app until the next good load.
    pub(super) fn fail(&mut self, code: Code, cause: Cause) {
        let mut error = Error::new(code).with_channel(self.name);
        error.cause = Some(cause);
        self.display.fail(self.client.now, error);
    }
}
