//! Loading: all rows, joined with what the channel brings meanwhile.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::collection::Collection;
use super::incoming::Incoming;
use super::key::{is_temporary, row_fault};
use super::mutation::{Awaits, Mutation, Stage};
use super::phase::{LoadProgress, LoadReason, Loading, Phase, ReceivedChange};
use super::{AppRequest, ChangeKind, Key};
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error};
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;

impl<P: Payload> Collection<P> {
    // ----- the channel -----

    /// The channel is not joined any more.
    pub(super) const fn interrupted(&mut self) {
        if let Phase::Loading(loading) = &mut self.phase {
            loading.interrupted = true;
        }
    }

    /// The channel is joined, and its position is `place`.
    pub(super) fn ready(&mut self, env: &Env, place: Option<StreamPosition>) {
        if let Phase::Loading(loading) = &mut self.phase {
            loading.interrupted = false;
        }
        if matches!(self.phase, Phase::Waiting) {
            self.set_position(place);
            if !self.options.loads {
                self.commit_settled(env);
            }
            self.start(env, LoadReason::First);
        }
    }

    /// Messages of the channel were or may have been lost; its position is now `place`.
    pub(super) fn gap(&mut self, env: &Env, place: Option<StreamPosition>) {
        let may_have_lost = match (&self.position, &place) {
            (Some(before), Some(now)) => before.epoch != now.epoch,
            _ => true,
        };
        self.set_position(place);
        self.echoes = true;
        let reason = match self.phase.reason() {
            Some(reason @ (LoadReason::First | LoadReason::Loss)) => reason,
            _ if may_have_lost => LoadReason::Loss,
            _ => LoadReason::Again,
        };
        if !self.options.loads {
            self.commit_settled(env);
        }
        self.recent.lose_echoes();
        self.start(env, reason);
    }

    /// The app wants the rows loaded again.
    pub(super) fn reload(&mut self, env: &Env) {
        match &self.phase {
            Phase::Waiting => {}
            Phase::Loading(Loading { reason: LoadReason::Check, .. }) | Phase::Live => {
                self.start(env, LoadReason::Again);
            }
            Phase::Loading(loading) => self.start(env, loading.reason),
        }
    }

    /// A change was sent again. Rows requested before that may hold what the server
    /// made of it the first time, and lost since: of an insert that would be another row.
    pub(super) fn resent(&mut self, env: &Env) {
        if let Phase::Loading(Loading { progress, reason, .. }) = &self.phase
            && !matches!(progress, LoadProgress::RetryAt(_))
        {
            self.start(env, *reason);
        }
    }

    /// The channel was taken in up to there.
    pub(super) fn set_position(&mut self, place: Option<StreamPosition>) {
        let epoch =
            |place: &Option<StreamPosition>| place.as_ref().map(|place| place.epoch.clone());
        if epoch(&self.position) != epoch(&place) && self.position.is_some() {
            self.clear_positions();
            self.floor = None;
        }
        self.position = place;
    }

    /// The places of accepted changes mean nothing any more.
    fn clear_positions(&mut self) {
        for mutation in &mut self.mutations.0 {
            if let Stage::Accepted(accepted) = &mut mutation.stage {
                accepted.seq = None;
            }
        }
    }

    /// Whether a message is included in the rows that were loaded.
    pub(super) fn includes(&self, place: &StreamPosition) -> bool {
        let floor = self.floor.as_ref();
        floor.is_some_and(|floor| floor.epoch == place.epoch && floor.seq >= place.seq)
    }

    // ----- the app -----

    fn start(&mut self, env: &Env, reason: LoadReason) {
        self.window.changed(env.now);
        if !self.options.loads {
            self.phase = Phase::Live;
            return;
        }
        let (began, received) = (self.position.clone(), Some(Vec::new()));
        let progress = LoadProgress::Requested(self.request_rows());
        self.phase = Phase::Loading(Loading {
            reason,
            began,
            received,
            before: 0,
            interrupted: false,
            progress,
        });
    }

    /// Loads again what is shown, which is taken for right meanwhile.
    pub(super) fn check(&mut self, env: &Env) {
        let loss = self.phase.reason().filter(|reason| *reason == LoadReason::Loss);
        self.start(env, loss.unwrap_or(LoadReason::Check));
    }

    fn request_rows(&mut self) -> RequestId {
        self.loads = self.loads.wrapping_add(1);
        self.send_request(AppRequest::Load)
    }

    /// Requests the rows again if that is due.
    pub(super) fn retry_load(&mut self, env: &Env) {
        let is_due = |loading: &Loading<P>| matches!(loading.progress, LoadProgress::RetryAt(at) if env.now >= at);
        if matches!(&self.phase, Phase::Loading(loading) if is_due(loading)) {
            self.request_rows_again();
        }
    }

    fn request_rows_again(&mut self) {
        let progress = LoadProgress::Requested(self.request_rows());
        let Phase::Loading(loading) = &mut self.phase else { return };
        loading.progress = progress;
        if loading.received.is_none() {
            loading.received = Some(Vec::new());
            loading.began = self.position.clone();
        }
        loading.before = loading.received.as_ref().map_or(0, Vec::len);
        loading.interrupted = false;
    }

    fn retry_load_later(&mut self, env: &mut Env) {
        let at = self.backoff.fail(env, None);
        if let Phase::Loading(loading) = &mut self.phase {
            loading.progress = LoadProgress::RetryAt(at);
        }
    }

    /// The app's load failed. Returns whether the request was pending.
    pub(super) fn load_failed(&mut self, env: &mut Env, request: RequestId, cause: Cause) -> bool {
        let requested = self.is_requested(request);
        if requested {
            let mut error = Error::new(Code::LoadFailed).with_channel(&self.name);
            error.cause = Some(cause);
            self.error = Some(error);
            self.window.changed(env.now);
            self.retry_load_later(env);
            self.show_recorded();
        }
        requested
    }

    /// Shows the new rows that were held back until a load: that may take long now.
    fn show_recorded(&mut self) {
        let Phase::Loading(loading) = &mut self.phase else { return };
        if loading.reason != LoadReason::Loss {
            return;
        }
        loading.reason = LoadReason::Again;
        for ReceivedChange { kind, key, row, .. } in loading.received.clone().unwrap_or_default() {
            self.apply(kind, &key, row);
        }
        self.trim();
    }

    /// Takes the app's rows. Returns whether the request was pending.
    pub(super) fn rows(
        &mut self,
        env: &mut Env,
        request: RequestId,
        mut rows: Vec<P>,
        position: Option<(String, u64)>,
    ) -> bool {
        let requested = self.is_requested(request);
        if requested {
            let fault = |row: &P| match &self.options.key {
                _ if !row.is_object() => Some("it is no object".into()),
                Key::Field(field) if self.key(row).is_none() => {
                    Some(self.options.key.fault(row.member(field).as_ref()))
                }
                _ => None,
            };
            let mut faults = rows.iter().enumerate();
            let bad = faults.find_map(|(at, row)| Some(row_fault(at, &fault(row)?)));
            if let Some(cause) = bad {
                return self.load_failed(env, request, cause);
            }
            self.error = None;
            let keyed = rows.iter().filter_map(|row| Some((self.key(row)?, row.clone()))).collect();
            match self.options.key {
                Key::Field(_) => rows.clear(),
                Key::Function => rows.reverse(),
            }
            let position = position.map(|(epoch, seq)| StreamPosition { epoch: epoch.into(), seq });
            self.incoming.push(Incoming::Loaded { request, rows, keyed, position });
            self.process_incoming(env);
        }
        requested
    }

    /// Whether the response to this request is pending.
    pub(super) fn is_requested(&self, request: RequestId) -> bool {
        matches!(&self.phase, Phase::Loading(Loading { progress: LoadProgress::Requested(requested), .. })
            if *requested == request)
    }

    /// The rows of a load with their keys.
    pub(super) fn loaded(
        &mut self,
        env: &mut Env,
        request: RequestId,
        rows: Vec<(Rc<str>, P)>,
        position: Option<StreamPosition>,
    ) {
        if !self.is_requested(request) {
            return;
        }
        let Phase::Loading(loading) = &mut self.phase else { return };
        // A position in another log than the channel's is ignored.
        let here = |place: &StreamPosition, there: &Option<StreamPosition>| {
            there.as_ref().is_some_and(|there| there.epoch == place.epoch)
        };
        let position = position.filter(|place| here(place, &self.position));
        let (Some(_), false) = (
            &loading.received,
            position
                .as_ref()
                .zip(loading.began.as_ref())
                .is_some_and(|(place, began)| place.epoch == began.epoch && place.seq < began.seq),
        ) else {
            // Changes between these rows and the first received one are missing.
            return self.retry_load_later(env);
        };
        if position.is_none() && loading.is_inconsistent() {
            return self.request_rows_again();
        }
        let until = Some(env.now + env.config.ack_timeout_ms);
        loading.progress = LoadProgress::Received(rows, position, until);
        self.catch_up(env);
    }

    /// Takes in rows that waited, if nothing needs it any more.
    pub(super) fn catch_up(&mut self, env: &Env) {
        let Phase::Loading(loading) = &mut self.phase else { return };
        let LoadProgress::Received(rows, place, until) = &mut loading.progress else { return };
        let is_there =
            |place: &StreamPosition| self.position.as_ref().is_none_or(|at| at.seq >= place.seq);
        let awaits = match place {
            Some(place) if is_there(place) => Awaits::ReplyTo { loads: self.loads },
            Some(_) => Awaits::Message,
            None => Awaits::Reply,
        };
        until.take_if(|until| env.now >= *until);
        if self.mutations.awaits_key(awaits, until.is_none()) {
            return;
        }
        let (rows, place) = (core::mem::take(rows), place.clone());
        self.install(env, rows, place);
    }

    /// Replaces the server's rows by these, with the later changes received meanwhile.
    fn install(&mut self, env: &Env, rows: Vec<(Rc<str>, P)>, position: Option<StreamPosition>) {
        let Phase::Loading(loading) = core::mem::replace(&mut self.phase, Phase::Live) else {
            return;
        };
        let mut received = loading.received.unwrap_or_default();
        if position.is_none() {
            received.drain(..loading.before.min(received.len()));
        }
        self.floor = position;
        let landed = self.match_inserts(&rows);
        let mutations = &self.mutations;
        let is_observed = |key: &str| received.iter().any(|received| &*received.key == key);
        self.table.replace(rows, |key| mutations.affects(key) || is_observed(key));
        for ReceivedChange { place, kind, key, row } in received {
            if !place.is_some_and(|place| self.includes(&place)) {
                self.apply(kind, &key, row);
            }
        }
        for mutation in landed {
            self.after_inclusion(env, &mutation);
        }
        self.trim();
        self.drop_included(env, loading.reason);
        self.backoff.reset();
        self.window.changed(env.now);
        if self.is_ambiguous() {
            self.start(env, LoadReason::Again);
        }
        self.send_next_all(env);
    }

    /// Matches new loaded rows with equal inserts that have no key yet, where messages
    /// need not name their changes; an accepted insert also matches a row that was not
    /// equal before. Returns the inserts that had been accepted.
    fn match_inserts(&mut self, rows: &[(Rc<str>, P)]) -> Vec<Mutation<P>> {
        let mut landed = Vec::new();
        let mut at = 0;
        while let Some(insert) = self.mutations.0.get(at).filter(|_| self.options.persists) {
            at += 1;
            let is_new = |key: &str| {
                !self.mutations.affects(key)
                    && match self.table.server(key) {
                        None => true,
                        // What others made of the row, before it was first seen, was lost.
                        Some(known) => {
                            let said_so =
                                insert.matches_change(ChangeKind::Insert, key, Some(known));
                            insert.is_settled() && !said_so
                        }
                    }
            };
            let same = |(key, row): &&(Rc<str>, P)| {
                is_temporary(&insert.key)
                    && insert.matches_change(ChangeKind::Insert, key, Some(row))
                    && is_new(key)
            };
            let Some((key, _)) = rows.iter().find(same) else { continue };
            let former = insert.key.clone();
            self.rename_key(&former, key);
            if let Some(Mutation { stage: Stage::Sent(sent), .. }) =
                self.mutations.0.get_mut(at - 1)
            {
                sent.observed = true;
            } else {
                at -= 1;
                landed.push(self.mutations.0.remove(at));
            }
        }
        landed
    }

    /// Whether a change was accepted while these rows were on their way, and nothing will show
    /// whether they hold it, or something newer: rows requested from now on do.
    fn is_ambiguous(&self) -> bool {
        let late = |mutation: &Mutation<P>| match &mutation.stage {
            Stage::Accepted(accepted) => accepted.loads == self.loads,
            _ => false,
        };
        self.position.is_none() && self.mutations.0.iter().any(late)
    }

    /// Changes accepted before the load was requested are in it. Where messages have places, the
    /// rows may be of an older copy, and the channel brings what they lack.
    fn drop_included(&mut self, env: &Env, reason: LoadReason) {
        let continues = matches!(reason, LoadReason::Again | LoadReason::Check);
        let (loads, counted) = (self.loads, self.floor.is_some());
        let deadline = env.now + env.config.ack_timeout_ms;
        let (table, recent) = (&mut self.table, &mut self.recent);
        self.mutations.0.retain_mut(|mutation| {
            let Stage::Accepted(accepted) = &mut mutation.stage else { return true };
            if counted {
                accepted.drop_at.get_or_insert(deadline);
                return true;
            }
            table.mark_dirty(&mutation.key);
            let stays = accepted.loads == loads;
            // The channel may still bring its message, which is older than the rows then.
            if !stays && (accepted.seq.is_some() || continues) {
                recent.expect(mutation, deadline);
            }
            stays
        });
    }
}
