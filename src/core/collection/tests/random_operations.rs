//! Seeded random operations against a model server: in the end all views equal the server's rows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::{FEED, Harness, ROWS, conflict, options, position};
use crate::core::collection::{
    AppRequest, AppResponse, Change, ChangeKind, CollectionOptions, ConflictPolicy, Key,
    MutationProgress,
};
use crate::core::error::{Cause, Code, Error};
use crate::core::id::{MutationId, RequestId};
use crate::core::message::StreamPosition;
use crate::core::rng::Rng;

type Rows = BTreeMap<String, Value>;

/// A message of the log.
#[derive(Clone)]
struct LogEntry {
    event: &'static str,
    payload: Value,
    id: String,
}

/// A change in transit to the server, and the route of its answer.
struct Request {
    back: Back,
    id: String,
    kind: ChangeKind,
    key: Option<String>,
    row: Value,
}

#[derive(Clone, Copy)]
enum Back {
    Ack(MutationId),
    Answer(RequestId),
}

enum Reply {
    Stored(Back, Option<u64>, Value),
    Rejected(Back, bool),
}

/// The options drawn from the seed.
struct Settings {
    acks: bool,
    positions: bool,
    gaps: bool,
    /// Whether loads return a position.
    counted: bool,
    /// Whether the server compares versions.
    strict: bool,
    /// Whether messages contain mutation ids, where the app stores the changes.
    named: bool,
    persists: bool,
}

struct Simulation {
    harness: Harness,
    dice: Rng,
    settings: Settings,
    rows: Rows,
    /// The rows after each message of the log.
    history: Vec<Rows>,
    log: Vec<LogEntry>,
    delivered: usize,
    requests: VecDeque<Request>,
    replies: VecDeque<Reply>,
    /// The last load request, and the end of the log at that time.
    pending_load: Option<(RequestId, usize)>,
    /// Whether loads are up to date and do not fail.
    calm: bool,
    ids: u32,
    edits: Vec<MutationId>,
    /// The tags of rows inserted without a key.
    inserted: BTreeSet<String>,
    /// The rows that were never removed, with the changes that inserted them.
    alive: BTreeMap<String, MutationId>,
    checked: usize,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut dice = Rng::new(seed);
        let policies = [
            ConflictPolicy::ServerWins,
            ConflictPolicy::ClientWins,
            ConflictPolicy::LastWriteWins,
            ConflictPolicy::Merge,
            ConflictPolicy::Function,
        ];
        let acks = dice.up_to(3) > 0;
        let strict = acks && dice.up_to(1) == 0;
        let options = CollectionOptions {
            key: if dice.up_to(3) == 0 { Key::Function } else { Key::Field("id".into()) },
            persists: acks && dice.up_to(2) == 0,
            policy: policies[usize::try_from(seed % 5).expect("small")],
            version: strict.then(|| "v".into()),
            ..options()
        };
        let positions = acks && dice.up_to(3) > 0;
        let gaps = dice.up_to(1) == 0;
        let counted = positions && dice.up_to(2) > 0;
        let named = !options.persists || dice.up_to(1) == 0;
        let persists = options.persists;
        let mut harness = Harness::new(options);
        let at = position(0);
        harness.with(|collections, env| collections.ready(env, FEED, positions.then_some(&at)));
        Self {
            harness,
            dice,
            settings: Settings { acks, positions, gaps, counted, strict, named, persists },
            rows: Rows::new(),
            history: vec![Rows::new()],
            log: Vec::new(),
            delivered: 0,
            requests: VecDeque::new(),
            replies: VecDeque::new(),
            pending_load: None,
            calm: false,
            ids: 0,
            edits: Vec::new(),
            alive: BTreeMap::new(),
            inserted: BTreeSet::new(),
            checked: 0,
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.dice.up_to(99) < percent
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let last = of.len().checked_sub(1)? as u64;
        of.get(usize::try_from(self.dice.up_to(last)).expect("small")).cloned()
    }

    // ----- the server -----

    /// Applies a change; returns the stored row, or whether there is a conflict.
    fn apply(
        &mut self,
        id: &str,
        kind: ChangeKind,
        key: Option<String>,
        row: &Value,
    ) -> Result<Value, bool> {
        let event = match kind {
            ChangeKind::Insert => "insert",
            ChangeKind::Update => "update",
            ChangeKind::Remove => "delete",
        };
        let key = match key {
            Some(key) => key,
            None => {
                self.ids += 1;
                self.ids.to_string()
            }
        };
        let known = self.rows.get(&key).cloned();
        let (stored, emitted) = match (kind, known) {
            (ChangeKind::Insert, None) => {
                let mut stored = row.clone();
                stored["id"] = key.clone().into();
                stored["v"] = 1.into();
                (Some(stored.clone()), json!({"row": stored}))
            }
            (ChangeKind::Insert, Some(_)) => return Err(true),
            (_, None) => return Err(false),
            (ChangeKind::Update, Some(known)) => {
                if self.settings.strict
                    && row.get("v").is_some_and(|version| *version != known["v"])
                {
                    return Err(true);
                }
                let mut patch = row.clone();
                patch["id"] = key.clone().into();
                patch["v"] = (known["v"].as_u64().expect("a version") + 1).into();
                let mut stored = known;
                for (field, value) in patch.as_object().expect("an object") {
                    stored[field] = value.clone();
                }
                let emitted = if self.chance(50) { stored.clone() } else { patch };
                (Some(stored), json!({"row": emitted}))
            }
            (ChangeKind::Remove, Some(known)) => {
                if let Some(tag) = known["tag"].as_str() {
                    self.alive.remove(tag);
                }
                (None, json!({"key": key}))
            }
        };
        match &stored {
            Some(row) => self.rows.insert(key, row.clone()),
            None => self.rows.remove(&key),
        };
        let mut payload = emitted;
        if self.settings.named {
            payload["mutation"] = id.into();
        }
        let id = if self.settings.named { id.into() } else { format!("r{}", self.log.len()) };
        self.log.push(LogEntry { event, payload, id });
        self.history.push(self.rows.clone());
        Ok(stored.unwrap_or(Value::Null))
    }

    fn foreign(&mut self) {
        let id = format!("f{}", self.log.len());
        let keys: Vec<_> = self.rows.keys().cloned().collect();
        let n = self.dice.up_to(9);
        let field = if self.chance(50) { "x" } else { "y" };
        let _ = match (self.dice.up_to(5), self.pick(&keys)) {
            (0, _) | (_, None) => self.apply(&id, ChangeKind::Insert, None, &json!({"x": n})),
            (1, Some(key)) => self.apply(&id, ChangeKind::Remove, Some(key), &Value::Null),
            (_, Some(key)) => {
                let mut patch = json!({});
                patch[field] = n.into();
                self.apply(&id, ChangeKind::Update, Some(key), &patch)
            }
        };
    }

    /// The server processes the next change.
    fn process(&mut self) {
        let Some(Request { back, id, kind, key, row }) = self.requests.pop_front() else { return };
        let denied = self.settings.acks && self.chance(15);
        let outcome = if denied { Err(false) } else { self.apply(&id, kind, key, &row) };
        if self.settings.acks {
            let seq = self.settings.positions.then_some(self.log.len() as u64);
            let includes_row = self.chance(70);
            self.replies.push_back(match outcome {
                Ok(row) => Reply::Stored(back, seq, if includes_row { row } else { Value::Null }),
                Err(conflict) => Reply::Rejected(back, conflict),
            });
        }
    }

    fn reply(&mut self) {
        let Some(reply) = self.replies.pop_front() else { return };
        self.harness.with(|collections, env| match reply {
            Reply::Stored(Back::Ack(id), seq, row) => collections.accepted(env, id, seq, Some(row)),
            Reply::Stored(Back::Answer(request), _, row) => {
                let row = Some(row).filter(|row| !row.is_null());
                collections.answer(env, ROWS, request, Ok(AppResponse::Stored(row)));
            }
            Reply::Rejected(Back::Ack(id), true) => collections.rejected(env, id, conflict()),
            Reply::Rejected(Back::Ack(id), false) => {
                collections.rejected(env, id, Error::new(Code::Rejected));
            }
            Reply::Rejected(Back::Answer(request), conflict) => {
                let code = Some(if conflict { "conflict" } else { "denied" }.into());
                let cause = Cause { code, message: String::new() };
                collections.answer(env, ROWS, request, Err(cause));
            }
        });
    }

    fn deliver(&mut self) {
        let Some(LogEntry { event, payload, id }) = self.log.get(self.delivered).cloned() else {
            return;
        };
        self.delivered += 1;
        let at = self.settings.positions.then(|| position(self.delivered as u64));
        let id = self.settings.acks.then_some(&*id);
        self.harness.deliver(event, payload, id, at);
    }

    fn lose(&mut self) {
        self.delivered = self.log.len();
        let at: Option<StreamPosition> =
            self.settings.positions.then(|| position(self.delivered as u64));
        self.harness.with(|collections, env| collections.gap(env, FEED, at.as_ref()));
    }

    // ----- the app -----

    fn edit(&mut self) {
        let shown: Vec<_> = self
            .harness
            .views
            .last()
            .map(|view| {
                view.rows.iter().map(|row| (row.key.to_string(), row.row.clone())).collect()
            })
            .unwrap_or_default();
        let n = self.dice.up_to(9);
        let tag = format!("t{}", self.harness.edits);
        let row = json!({"x": n, "y": 0, "tag": tag});
        let field = if self.chance(50) { "x" } else { "y" };
        let edit = match (self.dice.up_to(9), self.pick(&shown)) {
            (0..3, _) | (_, None) => {
                self.inserted.insert(tag.clone());
                let edit = self.harness.insert(row);
                self.alive.insert(tag, edit);
                edit
            }
            (3, _) => {
                let mut row = row;
                row["id"] = format!("own{tag}").into();
                let edit = self.harness.insert_as(&format!("own{tag}"), row);
                self.alive.insert(tag, edit);
                edit
            }
            (4, Some((key, row))) => {
                if let Some(tag) = row["tag"].as_str() {
                    self.alive.remove(tag);
                }
                self.harness.remove(&key)
            }
            (_, Some((key, row))) => {
                let mut patch = json!({});
                patch[field] = n.into();
                if self.harness.policy == ConflictPolicy::LastWriteWins {
                    patch["v"] = (row["v"].as_u64().unwrap_or(0) + self.dice.up_to(1)).into();
                }
                self.harness.update(&key, patch)
            }
        };
        self.edits.push(edit);
    }

    /// Takes the collection's outputs, and answers the requests that need no time.
    fn collect(&mut self) {
        for sent in std::mem::take(&mut self.harness.sent) {
            let key = |value: &Value| value.as_str().map(str::to_owned);
            let (kind, row) = match &*sent.event {
                "insert" => (ChangeKind::Insert, sent.payload["row"].clone()),
                "update" => (ChangeKind::Update, sent.payload["row"].clone()),
                _ => (ChangeKind::Remove, Value::Null),
            };
            let key = key(&sent.payload["key"]).or_else(|| key(&row["id"]));
            let back = Back::Ack(sent.mutation);
            assert!(!key.as_ref().is_some_and(|key| key.starts_with("tmp:")), "{sent:?}");
            self.requests.push_back(Request { back, id: sent.id, kind, key, row });
            if !self.settings.acks {
                self.harness.send_unconfirmed(sent.mutation);
            }
        }
        let is_load = |app_request: &AppRequest<Value>| matches!(app_request, AppRequest::Load);
        if let Some((request, _)) =
            self.harness.requests.iter().rfind(|(_, app_request)| is_load(app_request))
            && self.pending_load.is_none_or(|(pending, _)| pending != *request)
        {
            self.pending_load = Some((*request, self.log.len()));
        }
        let Some(at) =
            self.harness.requests.iter().position(|(_, app_request)| !is_load(app_request))
        else {
            return self.check();
        };
        let (request, app_request) = self.harness.requests.remove(at);
        match app_request {
            AppRequest::Load => {}
            AppRequest::Persist(Change { kind, key, row, mutation, .. }) => {
                let back = Back::Answer(request);
                let key = Some(key.to_string()).filter(|key| !key.starts_with("tmp:"));
                let row = row.unwrap_or_default();
                self.requests.push_back(Request { back, id: mutation, kind, key, row });
            }
            AppRequest::Key(row) => {
                let key = row["id"].clone();
                self.harness.answer(request, AppResponse::Key(key));
            }
            AppRequest::Resolve { local, remote, base } => {
                let mut row = remote;
                row["x"] = local.expect("a row")["x"].clone();
                assert!(base.is_some());
                self.harness.answer(request, AppResponse::Resolved(row));
            }
        }
        self.collect();
    }

    fn load(&mut self) {
        // The app may still answer a request that was repeated.
        let Some((request, _)) = self.harness.requests.pop() else { return };
        let requested_at = self.pending_load.map_or(0, |(_, at)| at);
        if !self.calm && self.chance(20) {
            let cause = Cause { code: None, message: "down".into() };
            return self
                .harness
                .with(|collections, env| collections.answer(env, ROWS, request, Err(cause)));
        }
        let head = self.log.len();
        let counted = self.settings.counted;
        let oldest = if self.calm {
            head
        } else if counted {
            head.saturating_sub(4)
        } else {
            requested_at
        };
        let range = (head - oldest) as u64;
        let seq = head - usize::try_from(self.dice.up_to(range)).expect("small");
        let rows = self.history[seq].values().cloned().collect();
        let position = counted.then(|| ("e".into(), seq as u64));
        self.harness.answer(request, AppResponse::Rows { rows, position });
    }

    fn step(&mut self) {
        match self.dice.up_to(99) {
            0..18 => self.edit(),
            18..33 => self.foreign(),
            33..53 => self.process(),
            53..68 => self.reply(),
            68..86 => self.deliver(),
            86..92 => self.load(),
            92 => self.harness.with(|collections, env| collections.reload(env, ROWS)),
            93 if self.settings.gaps => self.lose(),
            _ => {
                let ms = self.dice.up_to(400);
                self.harness.pass(ms);
            }
        }
        self.collect();
    }

    /// Checks the invariants of every view.
    fn check(&mut self) {
        for view in &self.harness.views[self.checked..] {
            let keys: BTreeSet<_> = view.rows.iter().map(|row| row.key.clone()).collect();
            assert_eq!(keys.len(), view.rows.len(), "a key twice: {view:?}");
        }
        self.checked = self.harness.views.len();
        let Some(view) = self.harness.views.last() else { return };
        let tags: Vec<_> = view.rows.iter().filter_map(|row| row.row["tag"].as_str()).collect();
        let distinct: BTreeSet<_> = tags.iter().collect();
        if self.settings.persists {
            for tag in tags.iter().filter(|tag| self.inserted.contains(**tag)) {
                let rows = view.rows.iter().filter(|row| row.row["tag"] == **tag);
                // A row that others changed before it was loaded has another content.
                let as_inserted = |row: &Value| row["v"] == 1;
                let (unstored, stored): (Vec<_>, Vec<_>) =
                    rows.partition(|row| row.key.starts_with("tmp:"));
                let twice = !unstored.is_empty() && stored.iter().any(|row| as_inserted(&row.row));
                assert!(!twice, "{tag} twice: {view:?}");
            }
        }
        if self.settings.gaps || !self.settings.counted {
            return;
        }
        assert_eq!(distinct.len(), tags.len(), "a row twice: {view:?}");
        for (tag, edit) in &self.alive {
            let failed = self.harness.emitted.iter().any(|(id, progress)| {
                id == edit && matches!(progress, MutationProgress::Failed(_))
            });
            assert!(failed || tags.contains(&&**tag), "{tag} ({edit:?}) does not show: {view:?}");
        }
    }

    fn settle(&mut self) {
        self.calm = true;
        // First everything in transit arrives, then timers fire.
        for ms in [vec![10; 200], vec![300; 1_000]].concat() {
            self.process();
            self.collect();
            self.deliver();
            self.collect();
            self.reply();
            self.collect();
            self.load();
            self.collect();
            self.harness.pass(ms);
            self.collect();
            let under_way = self.requests.len() + self.replies.len();
            if under_way == 0 && self.delivered == self.log.len() && self.harness.is_idle() {
                return;
            }
        }
    }
}

fn run(seed: u64) {
    let mut simulation = Simulation::new(seed);
    for _ in 0..250 {
        simulation.step();
    }
    simulation.settle();
    for edit in &simulation.edits {
        assert_eq!(simulation.harness.outcome(*edit).len(), 1, "{edit:?} is settled once");
    }
    let view = simulation.harness.views.last().expect("a view");
    assert!(view.pending.is_empty(), "{:?}", view.pending);
    let shown: Rows = view.rows.iter().map(|row| (row.key.to_string(), row.row.clone())).collect();
    assert_eq!(shown, simulation.rows);
    assert_eq!(simulation.harness.collections.poll_timeout(), None);
}

#[test]
fn collection_converges_to_the_server_s_rows() {
    for seed in 0..400 {
        let outcome = std::panic::catch_unwind(|| run(seed));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}
