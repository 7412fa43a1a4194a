//! The handles that have a collection open, and what is emitted to them.

use alloc::vec;
use alloc::vec::Vec;

use super::{AppRequest, MutationProgress, Step, View};
use crate::core::id::{CollectionId, Counter, MutationId, RequestId};
use crate::core::time::Instant;

/// The open handles of one collection: every one receives the views, the first one the requests.
/// Without any, the collection lingers or ends.
#[derive(Debug)]
pub(super) struct Viewers<P> {
    ids: Vec<CollectionId>,
    /// The handle that received the last load request.
    loader: CollectionId,
    /// When the collection ends, if nobody opens it.
    closes: Option<Instant>,
    requests: Counter,
    steps: Vec<Step<P>>,
}

impl<P: Clone> Viewers<P> {
    /// The one handle of a collection that was just opened.
    pub(super) fn new(id: CollectionId) -> Self {
        let requests = Counter::default();
        Self { ids: vec![id], loader: id, closes: None, requests, steps: Vec::new() }
    }

    /// Adds a handle.
    pub(super) fn attach(&mut self, id: CollectionId) {
        self.ids.push(id);
        self.closes = None;
    }

    /// Removes a handle.
    pub(super) fn detach(&mut self, id: CollectionId) {
        self.ids.retain(|viewer| *viewer != id);
    }

    /// Keeps the collection until then without a handle; `None` ends it.
    pub(super) const fn linger(&mut self, until: Option<Instant>) {
        self.closes = until;
    }

    /// Whether no handle is open.
    pub(super) const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether this handle is open.
    pub(super) fn contains(&self, id: CollectionId) -> bool {
        self.ids.contains(&id)
    }

    /// Whether this handle receives the requests.
    pub(super) fn is_first(&self, id: CollectionId) -> bool {
        self.ids.first() == Some(&id)
    }

    /// Whether a response of this handle is for this collection. Who was requested to load may be
    /// closed, and its rows are good for the others.
    pub(super) fn may_answer(&self, id: CollectionId) -> bool {
        self.contains(id) || self.loader == id
    }

    /// Whether no handle is open and the time to linger is over.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.is_empty() && self.closes.is_none_or(|at| now >= at)
    }

    /// When [`Viewers::is_expired`] becomes true.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.closes
    }

    /// Sends a request to the app.
    pub(super) fn request(&mut self, app_request: AppRequest<P>) -> RequestId {
        let request = RequestId(self.requests.next());
        match self.ids.first() {
            Some(viewer) => {
                if matches!(app_request, AppRequest::Load) {
                    self.loader = *viewer;
                }
                self.steps.push(Step::AppRequest(*viewer, request, app_request));
            }
            // Nobody is there to answer: whoever comes back opens another collection.
            None => self.closes = None,
        }
        request
    }

    /// Emits a step.
    pub(super) fn emit(&mut self, step: Step<P>) {
        self.steps.push(step);
    }

    /// Reports a change's progress to the app.
    pub(super) fn emit_progress(&mut self, mutation: MutationId, progress: MutationProgress<P>) {
        self.steps.push(Step::Mutation(mutation, progress));
    }

    /// Emits a view to every handle.
    #[inline(always)]
    pub(super) fn emit_view(&mut self, view: View<P>) {
        if let Some((last, others)) = self.ids.split_last() {
            let shown = |id: &CollectionId| Step::View(*id, view.clone());
            self.steps.extend(others.iter().map(shown));
            self.steps.push(Step::View(*last, view));
        }
    }

    /// Moves the emitted steps to the end of `steps`.
    pub(super) fn take_steps(&mut self, steps: &mut Vec<Step<P>>) {
        steps.append(&mut self.steps);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Viewers;
    use crate::core::collection::{AppRequest, CollectionStatus, Step, View};
    use crate::core::id::CollectionId;
    use crate::core::time::Instant;

    const FIRST: CollectionId = CollectionId(1);
    const SECOND: CollectionId = CollectionId(2);

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    /// The handles to which something was emitted, in order.
    fn recipients(viewers: &mut Viewers<Value>) -> Vec<CollectionId> {
        let mut steps = Vec::new();
        viewers.take_steps(&mut steps);
        let recipient = |step| match step {
            Step::View(id, _) | Step::AppRequest(id, ..) => id,
            other => panic!("{other:?}"),
        };
        steps.into_iter().map(recipient).collect()
    }

    #[test]
    fn view_with_two_handles_is_emitted_to_both() {
        let mut viewers = Viewers::new(FIRST);
        viewers.attach(SECOND);
        let status = CollectionStatus::Live;
        viewers.emit_view(View { rows: vec![], pending: vec![], status, error: None });
        assert_eq!(recipients(&mut viewers), [FIRST, SECOND]);
    }

    #[test]
    fn request_with_two_handles_is_emitted_to_the_first_under_a_new_number() {
        let mut viewers = Viewers::new(FIRST);
        viewers.attach(SECOND);
        assert_ne!(viewers.request(AppRequest::Load), viewers.request(AppRequest::Load));
        assert_eq!(recipients(&mut viewers), [FIRST, FIRST]);
    }

    #[test]
    fn response_of_a_closed_loader_is_accepted_until_another_loads() {
        let mut viewers = Viewers::<Value>::new(FIRST);
        viewers.request(AppRequest::Load);
        viewers.attach(SECOND);
        viewers.detach(FIRST);
        assert!(viewers.may_answer(FIRST) && viewers.may_answer(SECOND));
        viewers.request(AppRequest::Load);
        assert!(!viewers.may_answer(FIRST));
    }

    #[test]
    fn collection_without_handles_expires_when_the_linger_time_is_over() {
        let mut viewers = Viewers::<Value>::new(FIRST);
        viewers.detach(FIRST);
        viewers.linger(Some(at(10)));
        assert_eq!(viewers.poll_timeout(), Some(at(10)));
        assert!(!viewers.is_expired(at(9)) && viewers.is_expired(at(10)));
        viewers.attach(SECOND);
        assert!(!viewers.is_expired(at(10)));
    }

    #[test]
    fn request_without_handles_ends_the_lingering() {
        let mut viewers = Viewers::<Value>::new(FIRST);
        viewers.detach(FIRST);
        viewers.linger(Some(at(10)));
        viewers.request(AppRequest::Load);
        assert!(viewers.is_expired(at(0)));
    }
}
