//! Collections alone, in virtual time, with a scripted server and app.

mod confirmation;
mod conflicts;
mod keys;
mod limits;
mod loading;
mod persistence;
mod random_operations;
mod rejections;
mod sharing;
mod unidentified_messages;
mod views;

use serde_json::Value;

use super::{
    AppRequest, AppResponse, CollectionOptions, Collections, ConflictPolicy, Edit, EditKind, Key,
    MutationProgress, Step, View,
};
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error};
use crate::core::id::{ChannelId, CollectionId, MutationId, RequestId};
use crate::core::message::{Message, StreamPosition};
use crate::core::rng::Rng;
use crate::core::time::Instant;

const ROWS: CollectionId = CollectionId(1);
const OTHER: CollectionId = CollectionId(2);
const FEED: ChannelId = ChannelId(1);

/// A message that a collection sent.
#[derive(Debug, Clone)]
struct Sending {
    mutation: MutationId,
    id: String,
    event: String,
    payload: Value,
}

/// Collections with all their outputs.
struct Harness {
    collections: Collections<Value>,
    policy: ConflictPolicy,
    env: Env,
    now: u64,
    sent: Vec<Sending>,
    requests: Vec<(RequestId, AppRequest<Value>)>,
    emitted: Vec<(MutationId, MutationProgress<Value>)>,
    cancelled: Vec<MutationId>,
    faults: Vec<String>,
    views: Vec<View<Value>>,
    requests_to_others: Vec<(RequestId, AppRequest<Value>)>,
    other_views: Vec<View<Value>>,
    seq: u64,
    edits: u32,
}

fn options() -> CollectionOptions {
    CollectionOptions {
        key: Key::Field("id".into()),
        loads: true,
        persists: false,
        events: ["insert", "update", "delete"].map(Into::into),
        policy: ConflictPolicy::ServerWins,
        version: None,
        limit: None,
        identity: String::new(),
        functions: Vec::new(),
    }
}

fn with_policy(policy: ConflictPolicy) -> CollectionOptions {
    CollectionOptions { policy, version: Some("v".into()), ..options() }
}

fn position(seq: u64) -> StreamPosition {
    StreamPosition { epoch: "e".into(), seq }
}

fn conflict() -> Error {
    let mut error = Error::new(Code::Rejected);
    error.cause = Some(Cause { code: Some("conflict".into()), message: "It has changed.".into() });
    error
}

impl Harness {
    fn new(options: CollectionOptions) -> Self {
        let policy = options.policy;
        let mut harness = Self {
            collections: Collections::default(),
            policy,
            env: Env { now: Instant::from_ms(0), config: Config::default(), rng: Rng::new(7) },
            now: 0,
            sent: Vec::new(),
            requests: Vec::new(),
            emitted: Vec::new(),
            cancelled: Vec::new(),
            faults: Vec::new(),
            views: Vec::new(),
            requests_to_others: Vec::new(),
            other_views: Vec::new(),
            seq: 0,
            edits: 0,
        };
        harness.with(|collections, env| collections.open(env, ROWS, FEED, &"feed".into(), options));
        harness
    }

    /// A harness whose collection has loaded these rows; the throttling window is over.
    fn live(options: CollectionOptions, rows: Value) -> Self {
        let mut harness = Self::new(options);
        harness.ready();
        harness.load(rows);
        harness.pass(1_000);
        harness.views.clear();
        harness
    }

    fn with(&mut self, what: impl FnOnce(&mut Collections<Value>, &mut Env)) {
        self.env.now = Instant::from_ms(self.now);
        what(&mut self.collections, &mut self.env);
        for step in self.collections.take_steps() {
            match step {
                Step::Send { mutation, channel, id, event, payload, bytes } => {
                    assert_eq!((&*channel, bytes), ("feed", payload.to_string().len()));
                    self.sent.push(Sending { mutation, id, event, payload });
                }
                Step::Invalid(fault) => self.faults.push(fault),
                Step::Cancel(mutation) => self.cancelled.push(mutation),
                Step::AppRequest(ROWS, request, app_request) => {
                    self.requests.push((request, app_request));
                }
                Step::AppRequest(_, request, app_request) => {
                    self.requests_to_others.push((request, app_request));
                }
                Step::Mutation(mutation, progress) => self.emitted.push((mutation, progress)),
                Step::View(ROWS, view) => self.views.push(view),
                Step::View(OTHER, view) => self.other_views.push(view),
                Step::View(..) => {}
            }
        }
    }

    /// Advances time, with a timer that fires exactly when due.
    fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(due) =
            self.collections.poll_timeout().map(Instant::as_ms).filter(|due| *due <= end)
        {
            self.now = self.now.max(due);
            self.with(|collections, env| collections.handle_timeout(env));
            let next = self.collections.poll_timeout().map(Instant::as_ms);
            assert!(next.is_none_or(|next| next > self.now), "a timer that is due for ever");
        }
        self.now = end;
    }

    // ----- the app -----

    fn edit(&mut self, change: EditKind<Value>) -> MutationId {
        self.edits += 1;
        let mutation = MutationId(self.edits);
        let edit = Edit { mutation, id: format!("m{}", self.edits), change };
        self.with(|collections, env| collections.mutate(env, ROWS, edit));
        mutation
    }

    /// Inserts a row whose key the server assigns.
    fn insert(&mut self, row: Value) -> MutationId {
        self.edit(EditKind::Insert { key: None, row })
    }

    /// Inserts a row with its own key.
    fn insert_as(&mut self, key: &str, row: Value) -> MutationId {
        self.edit(EditKind::Insert { key: Some(key.into()), row })
    }

    fn update(&mut self, key: &str, patch: Value) -> MutationId {
        self.edit(EditKind::Update { key: key.into(), patch })
    }

    fn remove(&mut self, key: &str) -> MutationId {
        self.edit(EditKind::Remove { key: key.into() })
    }

    /// Takes the one pending request.
    fn take_request(&mut self) -> (RequestId, AppRequest<Value>) {
        assert_eq!(self.requests.len(), 1, "one question: {:?}", self.requests);
        self.requests.remove(0)
    }

    fn answer(&mut self, request: RequestId, answer: AppResponse<Value>) {
        self.with(|collections, env| collections.answer(env, ROWS, request, Ok(answer)));
    }

    fn fail_request(&mut self) {
        let (request, _) = self.take_request();
        let cause = Cause { code: None, message: "It broke.".into() };
        self.with(|collections, env| collections.answer(env, ROWS, request, Err(cause)));
    }

    /// Answers the pending load, without a position.
    fn load(&mut self, rows: Value) {
        self.load_from(rows, None);
    }

    fn load_at(&mut self, rows: Value, seq: u64) {
        self.load_from(rows, Some(("e".into(), seq)));
    }

    fn load_from(&mut self, rows: Value, position: Option<(String, u64)>) {
        let (request, app_request) = self.take_request();
        assert!(matches!(app_request, AppRequest::Load), "{app_request:?}");
        let Value::Array(rows) = rows else { panic!("rows are an array") };
        self.answer(request, AppResponse::Rows { rows, position });
    }

    /// Answers the pending key request with the row's `name`.
    fn respond_key(&mut self) {
        let (request, app_request) = self.take_request();
        let AppRequest::Key(row) = app_request else { panic!("{app_request:?}") };
        self.answer(request, AppResponse::Key(row["name"].clone()));
    }

    // ----- the server -----

    fn ready(&mut self) {
        let at = position(self.seq);
        self.with(|collections, env| collections.ready(env, FEED, Some(&at)));
    }

    fn gap(&mut self, seq: u64) {
        self.seq = seq;
        self.with(|collections, env| collections.gap(env, FEED, Some(&position(seq))));
    }

    /// The next message of the channel.
    fn message(&mut self, event: &str, payload: Value) {
        self.echo(event, payload, None);
    }

    /// The next message of the channel, with an id.
    fn echo(&mut self, event: &str, payload: Value, id: Option<&str>) {
        self.seq += 1;
        let position = Some(position(self.seq));
        self.deliver(event, payload, id, position);
    }

    fn deliver(
        &mut self,
        event: &str,
        payload: Value,
        id: Option<&str>,
        position: Option<StreamPosition>,
    ) {
        let delivery = Message {
            payload,
            event: Some(event.into()),
            id: id.map(Into::into),
            position,
            recovered: false,
            own: false,
            reserved: false,
        };
        self.with(|collections, env| collections.deliver(env, FEED, &delivery));
    }

    fn accept(&mut self, mutation: MutationId, seq: Option<u64>, row: Option<Value>) {
        self.with(|collections, env| collections.accepted(env, mutation, seq, row));
    }

    fn send_unconfirmed(&mut self, mutation: MutationId) {
        self.with(|collections, env| collections.sent_unconfirmed(env, mutation));
    }

    fn reject(&mut self, mutation: MutationId, error: Error) {
        self.with(|collections, env| collections.rejected(env, mutation, error));
    }

    // ----- observations -----

    /// The rows of the last view.
    fn rows(&self) -> Value {
        let view = self.views.last().expect("a view");
        view.rows.iter().map(|row| row.row.clone()).collect()
    }

    /// Whether no request, message or timer is pending.
    fn is_idle(&self) -> bool {
        self.requests.is_empty()
            && self.sent.is_empty()
            && self.collections.poll_timeout().is_none()
    }

    fn keys(&self) -> Vec<String> {
        let view = self.views.last().expect("a view");
        view.rows.iter().map(|row| row.key.to_string()).collect()
    }

    fn pending(&self) -> usize {
        self.views.last().expect("a view").pending.len()
    }

    /// The outcome of a change, as a short text.
    fn outcome(&self, mutation: MutationId) -> Vec<&'static str> {
        let of = self.emitted.iter().filter(|(id, _)| *id == mutation);
        of.map(|(_, progress)| match progress {
            MutationProgress::Sent => "sent",
            MutationProgress::Confirmed { confirmed: true, .. } => "confirmed",
            MutationProgress::Confirmed { confirmed: false, .. } => "handed over",
            MutationProgress::Failed(error) => error.code.name(),
        })
        .collect()
    }

    /// Takes the payloads that were sent.
    fn payloads(&mut self) -> Vec<Value> {
        self.sent.drain(..).map(|sending| sending.payload).collect()
    }
}
