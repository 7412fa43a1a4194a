//! What a collection receives: messages of its channel, replies of the server, responses of the app.

use alloc::string::String;
use alloc::vec::Vec;

use super::acceptance::Reply;
use super::change_message::ChangeMessage;
use super::collection_env::CollectionEnv;
use super::incoming::{Incoming, IncomingQueue, KeyOutcome, KeyResponse, Next};
use super::key::{key_of, row_fault};
use super::replica::Replica;
use super::{AppRequest, AppResponse, ChangeKind, Key, Step};
use crate::core::error::{Cause, Code, Error};
use crate::core::id::{MutationId, RequestId};
use crate::core::message::StreamPosition;
use crate::core::payload::{MAX_DEPTH, Payload};
use crate::core::text::concat;

/// What is wrong with a row that is not walked.
const TOO_DEEP: &str = " that is nested too deeply, is too large, or cannot be read";

/// A replica with the queue of its input, in which everything waits for the keys of its rows.
#[derive(Debug)]
pub(super) struct Input<'a, P> {
    pub(super) incoming: &'a mut IncomingQueue<P>,
    pub(super) replica: &'a mut Replica<P>,
    pub(super) env: CollectionEnv<'a, P>,
}

impl<P: Payload> Input<'_, P> {
    // ----- the channel and the server -----

    /// Receives a message of the channel, or a change of the database.
    pub(super) fn message(
        &mut self,
        position: Option<StreamPosition>,
        message: Option<ChangeMessage<P>>,
    ) {
        self.incoming.push(Incoming::Message(position, message));
        self.process();
    }

    /// Receives the acceptance of a change by the server, which may have returned the stored row.
    pub(super) fn accepted(&mut self, id: MutationId, seq: Option<u64>, row: Option<P>) {
        let mutations = &self.replica.own.rows.mutations;
        let Some(mutation) = mutations.unsettled(id).and_then(|at| mutations.get(at)) else {
            return;
        };
        let kind = mutation.kind();
        let row = row.filter(|row| row.is_object() && kind != ChangeKind::Remove);
        match row {
            Some(row) if self.env.options.key == Key::Function && kind == ChangeKind::Insert => {
                self.incoming.push(Incoming::Stored { mutation: id, seq, row, key: None });
                self.process();
            }
            row => {
                let key = row.as_ref().and_then(|row| self.env.options.key.read(row));
                self.accept(id, Reply::Stored { seq, row, key });
            }
        }
    }

    /// Receives the failure of a change on its way, or its rejection by the server.
    pub(super) fn rejected(&mut self, id: MutationId, error: Error) {
        self.replica.own.reject(&mut self.env, self.replica.loader.loads(), id, error);
    }

    /// Accepts a change that is stored, or was handed to a server that answers nothing.
    pub(super) fn accept(&mut self, id: MutationId, reply: Reply<P>) {
        self.replica.own.accept(&mut self.env, &mut self.replica.loader, id, reply);
    }

    /// Applies the queued input, as far as keys are known.
    fn process(&mut self) {
        loop {
            let loader = &self.replica.loader;
            let next = self.incoming.next(&self.env.options.key, |load| loader.is_requested(load));
            match next {
                None => return,
                Some(Next::RequestKey(row)) => {
                    let request = self.env.viewers.request(AppRequest::Key(row));
                    self.incoming.key_requested(request);
                }
                Some(Next::Apply(Incoming::Message(position, message))) => {
                    self.replica.receive(&mut self.env, position, message);
                }
                Some(Next::Apply(Incoming::Stored { mutation, seq, row, key })) => {
                    self.accept(mutation, Reply::Stored { seq, row: Some(row), key });
                }
                Some(Next::Apply(Incoming::Loaded { request, keyed, position, .. })) => {
                    self.replica.rows_loaded(&mut self.env, request, keyed, position);
                }
            }
        }
    }

    // ----- the app -----

    /// Receives a response of the app. One to no pending request is ignored.
    pub(super) fn response(&mut self, request: RequestId, response: Result<AppResponse<P>, Cause>) {
        let is_deep = |row: &P| !row.fits(MAX_DEPTH);
        let too_deep = |what: &str| Err(Cause { code: None, message: concat(&[what, TOO_DEEP]) });
        let response = match response {
            Ok(AppResponse::Rows { rows, .. }) if rows.iter().any(is_deep) => {
                too_deep("load gave a row")
            }
            Ok(AppResponse::Resolved(row)) if is_deep(&row) => too_deep("conflict gave a row"),
            response => response,
        };
        let _ = match response {
            Ok(AppResponse::Rows { rows, position }) => self.rows(request, rows, position),
            Ok(AppResponse::Stored(row)) => self.stored(request, Ok(row)),
            Ok(AppResponse::Key(key)) => self.key(request, Ok(key)),
            Ok(AppResponse::Resolved(row)) => self.decision(request, Ok(row)),
            Err(cause) => {
                self.replica.load_failed(&mut self.env, request, cause.clone())
                    || self.stored(request, Err(cause.clone()))
                    || self.key(request, Err(cause.clone()))
                    || self.decision(request, Err(cause))
            }
        };
    }

    /// Takes the app's rows. Returns whether the request was pending.
    fn rows(
        &mut self,
        request: RequestId,
        mut rows: Vec<P>,
        position: Option<(String, u64)>,
    ) -> bool {
        if !self.replica.loader.is_requested(request) {
            return false;
        }
        let key = &self.env.options.key;
        let fault = |row: &P| match key {
            _ if !row.is_object() => Some("it is no object".into()),
            Key::Field(_) if key.read(row).is_none() => key.fault_in(Some(row)),
            _ => None,
        };
        let mut faults = rows.iter().enumerate();
        let bad = faults.find_map(|(at, row)| Some(row_fault(at, &fault(row)?)));
        if let Some(cause) = bad {
            return self.replica.load_failed(&mut self.env, request, cause);
        }
        self.env.display.clear_error();
        let keyed = rows.iter().filter_map(|row| Some((key.read(row)?, row.clone()))).collect();
        match key {
            Key::Field(_) => rows.clear(),
            Key::Function => rows.reverse(),
        }
        let position = position.map(|(epoch, seq)| StreamPosition { epoch: epoch.into(), seq });
        self.incoming.push(Incoming::Loaded { request, rows, keyed, position });
        self.process();
        true
    }

    /// Takes the stored row of the app, or its failure. Returns whether the request was pending.
    fn stored(&mut self, request: RequestId, stored: Result<Option<P>, Cause>) -> bool {
        let Some(id) = self.replica.own.rows.mutations.find_by_request(request) else {
            return false;
        };
        match stored {
            Ok(Some(row)) if !row.fits(MAX_DEPTH) => {
                let message = concat(&["persist gave a row", TOO_DEEP]);
                self.rejected(id, Error::new(Code::InvalidArgument).with_cause(&message));
            }
            Ok(row) => self.accepted(id, None, row),
            Err(cause) => {
                let invalid = cause.code.as_deref() == Some(Code::InvalidArgument.name());
                let code = if invalid { Code::InvalidArgument } else { Code::Rejected };
                let mut error = Error::new(code);
                error.cause = Some(cause);
                self.rejected(id, error);
            }
        }
        true
    }

    /// Takes the app's key, or its failure. Returns whether the request was pending.
    fn key(&mut self, request: RequestId, response: Result<P, Cause>) -> bool {
        if !self.incoming.take_key_request(request) {
            return false;
        }
        let (key, fault) = match response {
            Ok(value) => match key_of(&value) {
                Some(key) => (KeyResponse::Key(key), None),
                None => (KeyResponse::Invalid, Some(self.env.options.key.fault(Some(&value)))),
            },
            // The failure is shown already.
            Err(cause) => {
                self.env.fail(Code::CallbackFailed, cause);
                (KeyResponse::Failed, None)
            }
        };
        let mutations = &self.replica.own.rows.mutations;
        let outcome = self.incoming.resolve(key, |id| mutations.key_of(id));
        match (outcome, fault) {
            (KeyOutcome::LoadFailed { request, index }, Some(fault)) => {
                let cause = row_fault(index, &fault);
                self.replica.load_failed(&mut self.env, request, cause);
            }
            (_, Some(fault)) => self.env.viewers.emit(Step::Invalid(fault)),
            (_, None) => {}
        }
        self.process();
        true
    }

    /// Takes the app's decision about a row; if it failed, the server's row shows. Returns whether
    /// the request was pending.
    fn decision(&mut self, request: RequestId, decision: Result<P, Cause>) -> bool {
        let Some(pending) = self.replica.own.decisions.take(request) else { return false };
        let row = match decision {
            Ok(row) => Some(row).filter(P::is_object),
            Err(cause) => {
                self.env.fail(Code::CallbackFailed, cause);
                None
            }
        };
        let loads = self.replica.loader.loads();
        self.replica.own.decide(&mut self.env, loads, pending, row);
        true
    }
}
