//! What comes from the channel, from a load or from a settled insert, in order.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::Key;
use super::change_message::ChangeMessage;
use super::loading::KeyedRows;
use crate::core::id::{MutationId, RequestId};
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;

/// Input that is applied once the keys of its rows are known.
#[derive(Debug)]
pub(super) enum Incoming<P> {
    /// A message of the channel, which may be none of this collection's.
    Message(Option<StreamPosition>, Option<ChangeMessage<P>>),
    /// The stored row of an insert.
    Stored { mutation: MutationId, seq: Option<u64>, row: P, key: Option<Rc<str>> },
    /// A load.
    Loaded {
        request: RequestId,
        /// The rows whose keys are not known yet, last one first.
        rows: Vec<P>,
        keyed: KeyedRows<P>,
        position: Option<StreamPosition>,
    },
}

impl<P: Payload> Incoming<P> {
    /// A row whose key has to be requested from the app before this can be applied.
    fn row_without_key(&self) -> Option<&P> {
        match self {
            Self::Message(_, Some(ChangeMessage { key: None, row, .. })) => row.as_ref(),
            Self::Stored { key: None, row, .. } => Some(row),
            Self::Loaded { rows, .. } => rows.last(),
            Self::Message(..) | Self::Stored { .. } => None,
        }
    }
}

/// What is to be done with the first input.
#[derive(Debug)]
pub(super) enum Next<P> {
    /// The key of this row is requested from the app: [`IncomingQueue::key_requested`].
    RequestKey(P),
    /// It is applied.
    Apply(Incoming<P>),
}

/// The app's response to the request for a key.
#[derive(Debug)]
pub(super) enum KeyResponse {
    /// The key.
    Key(Rc<str>),
    /// It gave something that is no key.
    Invalid,
    /// It failed.
    Failed,
}

/// What follows from a key, or from the lack of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyOutcome {
    /// The first input is processed, with the key or without it.
    Applied,
    /// The load of this request is over: the row at this index has no usable key.
    LoadFailed { request: RequestId, index: usize },
}

/// The input of a collection in its order. It waits while the app determines the key of a row.
#[derive(Debug)]
pub(super) struct IncomingQueue<P> {
    inputs: Vec<Incoming<P>>,
    /// The pending request for the key of the first row.
    key_request: Option<RequestId>,
}

impl<P> Default for IncomingQueue<P> {
    fn default() -> Self {
        Self { inputs: Vec::new(), key_request: None }
    }
}

impl<P: Payload> IncomingQueue<P> {
    /// Appends an input.
    pub(super) fn push(&mut self, input: Incoming<P>) {
        self.inputs.push(input);
    }

    /// What is to be done next; `None` if there is nothing, or a key is awaited. `is_requested` is
    /// whether the rows of a load are still wanted: those of another one need no keys.
    #[inline(always)]
    pub(super) fn next(
        &mut self,
        key: &Key,
        is_requested: impl Fn(RequestId) -> bool,
    ) -> Option<Next<P>> {
        if self.key_request.is_some() {
            return None;
        }
        let first = self.inputs.first()?;
        let is_outdated =
            matches!(first, Incoming::Loaded { request, .. } if !is_requested(*request));
        let requests_key = *key == Key::Function && !is_outdated;
        match first.row_without_key().filter(|_| requests_key) {
            Some(row) => Some(Next::RequestKey(row.clone())),
            None => Some(Next::Apply(self.inputs.remove(0))),
        }
    }

    /// Waits for the response to this request for a key.
    pub(super) const fn key_requested(&mut self, request: RequestId) {
        self.key_request = Some(request);
    }

    /// Ends the wait for a key. Returns whether it was for this request.
    pub(super) fn take_key_request(&mut self, request: RequestId) -> bool {
        self.key_request.take_if(|pending| *pending == request).is_some()
    }

    /// Gives the first row its key. The stored row of an insert without one keeps the key that
    /// `former` has of the change.
    #[inline(always)]
    pub(super) fn resolve(
        &mut self,
        response: KeyResponse,
        former: impl FnOnce(MutationId) -> Option<Rc<str>>,
    ) -> KeyOutcome {
        if matches!(response, KeyResponse::Invalid)
            && let Some(Incoming::Loaded { request, keyed, .. }) = self.inputs.first()
        {
            let (request, index) = (*request, keyed.len());
            self.inputs.remove(0);
            return KeyOutcome::LoadFailed { request, index };
        }
        let resolved = match response {
            KeyResponse::Key(key) => Some(key),
            KeyResponse::Invalid | KeyResponse::Failed => None,
        };
        match self.inputs.first_mut() {
            // Without a key it is unknown what a message changed.
            Some(Incoming::Message(_, message)) => match (message.as_mut(), resolved) {
                (Some(message), Some(resolved)) => message.key = Some(resolved),
                _ => *message = None,
            },
            Some(Incoming::Stored { mutation, key, .. }) => {
                *key = resolved.or_else(|| former(*mutation));
            }
            Some(Incoming::Loaded { rows, keyed, .. }) => {
                keyed.extend(rows.pop().and_then(|row| Some((resolved?, row))));
            }
            None => {}
        }
        KeyOutcome::Applied
    }

    /// Drops all input.
    pub(super) fn clear(&mut self) {
        self.inputs.clear();
        self.key_request = None;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Incoming, IncomingQueue, KeyOutcome, KeyResponse, Next};
    use crate::core::collection::change_message::ChangeMessage;
    use crate::core::collection::{ChangeKind, Key};
    use crate::core::id::{MutationId, RequestId};

    const KEY: RequestId = RequestId(1);
    const LOAD: RequestId = RequestId(2);

    fn message() -> Incoming<Value> {
        let (kind, row) = (ChangeKind::Update, Some(json!({ "a": 1 })));
        Incoming::Message(None, Some(ChangeMessage { kind, key: None, row, ids: [None, None] }))
    }

    fn loaded(rows: Vec<Value>) -> Incoming<Value> {
        Incoming::Loaded { request: LOAD, rows, keyed: vec![], position: None }
    }

    /// A queue that has requested the key of this input's first row.
    fn requested(input: Incoming<Value>) -> IncomingQueue<Value> {
        let mut queue = IncomingQueue::default();
        queue.push(input);
        let next = queue.next(&Key::Function, |_| true);
        assert!(matches!(next, Some(Next::RequestKey(_))), "{next:?}");
        queue.key_requested(KEY);
        queue
    }

    /// The input that is applied next.
    fn applied(queue: &mut IncomingQueue<Value>) -> Incoming<Value> {
        match queue.next(&Key::Function, |_| true) {
            Some(Next::Apply(input)) => input,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn input_behind_one_whose_key_is_requested_waits() {
        let mut queue = requested(message());
        queue.push(Incoming::Message(None, None));
        assert!(queue.next(&Key::Function, |_| true).is_none());
        assert!(!queue.take_key_request(LOAD) && queue.take_key_request(KEY));
        queue.resolve(KeyResponse::Key("1".into()), |_| None);
        let Incoming::Message(_, Some(first)) = applied(&mut queue) else { panic!("no message") };
        assert_eq!(first.key.as_deref(), Some("1"));
        assert!(matches!(applied(&mut queue), Incoming::Message(_, None)));
    }

    #[test]
    fn message_with_an_invalid_key_changes_nothing() {
        for response in [KeyResponse::Invalid, KeyResponse::Failed] {
            let mut queue = requested(message());
            queue.take_key_request(KEY);
            assert_eq!(queue.resolve(response, |_| None), KeyOutcome::Applied);
            assert!(matches!(applied(&mut queue), Incoming::Message(_, None)));
        }
    }

    #[test]
    fn load_with_an_invalid_key_fails_and_names_the_row() {
        let mut queue = requested(loaded(vec![json!({ "b": 1 }), json!({ "a": 1 })]));
        queue.take_key_request(KEY);
        queue.resolve(KeyResponse::Key("1".into()), |_| None);
        queue.next(&Key::Function, |_| true);
        let outcome = queue.resolve(KeyResponse::Invalid, |_| None);
        assert_eq!(outcome, KeyOutcome::LoadFailed { request: LOAD, index: 1 });
        assert!(queue.next(&Key::Function, |_| true).is_none());
    }

    #[test]
    fn rows_of_an_outdated_load_need_no_keys() {
        let mut queue = IncomingQueue::default();
        queue.push(loaded(vec![json!({})]));
        let next = queue.next(&Key::Function, |_| false);
        assert!(matches!(next, Some(Next::Apply(Incoming::Loaded { .. }))), "{next:?}");
    }

    #[test]
    fn stored_row_without_a_key_keeps_that_of_its_change() {
        let (mutation, row) = (MutationId(3), json!({}));
        let mut queue = requested(Incoming::Stored { mutation, seq: None, row, key: None });
        queue.take_key_request(KEY);
        let former = |id: MutationId| Some(format!("former of {}", id.0).into());
        queue.resolve(KeyResponse::Failed, former);
        let Incoming::Stored { key, .. } = applied(&mut queue) else { panic!("no stored row") };
        assert_eq!(key.as_deref(), Some("former of 3"));
    }

    #[test]
    fn cleared_queue_awaits_no_key() {
        let mut queue = requested(message());
        queue.clear();
        assert!(!queue.take_key_request(KEY) && queue.next(&Key::Function, |_| true).is_none());
    }
}
