//! The decision about a row that the app is requested to make.

use super::AppRequest;
use super::conflict::Undecided;
use super::viewers::Viewers;
use crate::core::id::{MutationId, RequestId};
use crate::core::payload::Payload;

/// A decision that was requested from the app.
#[derive(Debug)]
pub(super) struct PendingDecision<P> {
    request: RequestId,
    pub(super) mutation: MutationId,
    /// The server's row that it is about.
    pub(super) remote: P,
}

/// The decisions about rows that both sides changed, one at a time.
#[derive(Debug)]
pub(super) struct Decisions<P> {
    pending: Option<PendingDecision<P>>,
}

impl<P> Default for Decisions<P> {
    fn default() -> Self {
        Self { pending: None }
    }
}

impl<P: Payload> Decisions<P> {
    /// Requests a decision about a row from the app, unless one is pending.
    pub(super) fn request(&mut self, viewers: &mut Viewers<P>, undecided: Undecided<P>) {
        if self.pending.is_some() {
            return;
        }
        let Undecided { mutation, local, remote, base } = undecided;
        let local = Some(local);
        let request = viewers.request(AppRequest::Resolve { local, remote: remote.clone(), base });
        self.pending = Some(PendingDecision { request, mutation, remote });
    }

    /// Whether a decision is pending: no view is emitted until it is made.
    pub(super) const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Ends the wait for the decision of this request, and returns what it is about.
    pub(super) fn take(&mut self, request: RequestId) -> Option<PendingDecision<P>> {
        self.pending.take_if(|pending| pending.request == request)
    }

    /// Gives up the pending decision.
    pub(super) fn clear(&mut self) {
        self.pending = None;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Decisions, Undecided};
    use crate::core::collection::testing::{Surroundings, options};
    use crate::core::collection::{AppRequest, Step};
    use crate::core::id::{MutationId, RequestId};

    fn undecided(mutation: u64) -> Undecided<Value> {
        let (local, remote) = (json!({ "a": 1 }), json!({ "a": 2 }));
        Undecided { mutation: MutationId(mutation as _), local, remote, base: None }
    }

    /// The request that was emitted.
    fn request(surroundings: &mut Surroundings) -> Option<RequestId> {
        match surroundings.steps().as_slice() {
            [] => None,
            [Step::AppRequest(_, request, AppRequest::Resolve { .. })] => Some(*request),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn second_decision_is_requested_after_the_first_is_made() {
        let (mut surroundings, mut decisions) =
            (Surroundings::new(options()), Decisions::default());
        decisions.request(surroundings.at(0).viewers, undecided(1));
        let first = request(&mut surroundings).expect("a request");
        decisions.request(surroundings.at(0).viewers, undecided(2));
        assert!(request(&mut surroundings).is_none() && decisions.is_pending());
        assert_eq!(decisions.take(first).map(|made| made.mutation), Some(MutationId(1)));
        assert!(!decisions.is_pending() && decisions.take(first).is_none());
        decisions.request(surroundings.at(0).viewers, undecided(2));
        assert!(request(&mut surroundings).is_some_and(|second| second != first));
    }

    #[test]
    fn cleared_decision_is_not_awaited() {
        let (mut surroundings, mut decisions) =
            (Surroundings::new(options()), Decisions::default());
        decisions.request(surroundings.at(0).viewers, undecided(1));
        let first = request(&mut surroundings).expect("a request");
        decisions.clear();
        assert!(decisions.take(first).is_none() && !decisions.is_pending());
    }
}
