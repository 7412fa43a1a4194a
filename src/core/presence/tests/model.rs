//! Random operations against a model server: a client's presence converges to the server's, and the
//! emitted changes are consistent.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::{Harness, PresenceAction, PresenceChange, PresenceKind, Request};
use crate::core::error::{Code, Error};
use crate::core::rng::Rng;

/// How long the server stores the presence of a closed connection, in milliseconds.
const GRACE_MS: u64 = 5_000;

/// A frame in transit to a client.
enum Frame {
    Joined,
    Accepted(u32, Value),
    Rejected(u32),
    State(Value),
    Diff { joins: Value, leaves: Value },
}

/// A presence as the server stores it.
struct Entry {
    name: String,
    user: usize,
    /// The client whose connection it is, or when it expires.
    owner: Result<usize, u64>,
    meta: Value,
}

/// The server's state of the channel.
#[derive(Default)]
struct Server {
    entries: Vec<Entry>,
    names: u32,
}

impl Server {
    fn keyed(entries: &[Entry]) -> Value {
        let mut keyed = Map::new();
        for entry in entries {
            let metas = keyed.entry(format!("user{}", entry.user)).or_insert_with(|| json!([]));
            let mut meta = entry.meta.clone();
            meta["ref"] = json!(entry.name);
            metas.as_array_mut().expect("a list").push(meta);
        }
        Value::Object(keyed)
    }

    /// Removes the entries for which `gone` is true, and adds the `new` one; returns the diff of
    /// both.
    fn swap(&mut self, gone: impl Fn(&Entry) -> bool, new: Option<(usize, usize, Value)>) -> Frame {
        let (left, kept) = std::mem::take(&mut self.entries).into_iter().partition(gone);
        self.entries = kept;
        let left: Vec<Entry> = left;
        let leaves = Self::keyed(&left);
        let mut joins = json!({});
        if let Some((client, user, meta)) = new {
            self.names += 1;
            let name = format!("p{}", self.names);
            self.entries.push(Entry { name, user, owner: Ok(client), meta });
            joins = Self::keyed(self.entries.last().map(std::slice::from_ref).unwrap_or_default());
        }
        Frame::Diff { joins, leaves }
    }

    fn is_of(client: usize) -> impl Fn(&Entry) -> bool {
        move |entry| entry.owner == Ok(client)
    }
}

/// The presence in an app: all metas of each key.
type Shown = BTreeMap<String, Vec<Value>>;

/// Applies emitted changes as an app does, and checks that they are consistent.
fn apply(shown: &mut Shown, changes: Vec<PresenceChange<Value>>) {
    let mut keys: BTreeMap<String, Vec<PresenceChange<Value>>> = BTreeMap::new();
    for change in changes.into_iter().filter(|change| change.kind != PresenceKind::Sync) {
        keys.entry(change.key.clone()).or_default().push(change);
    }
    for (key, changes) in keys {
        let now = changes.last().expect("a change").metas.clone();
        let mut expected = shown.remove(&key).unwrap_or_default();
        let mut updated = Vec::new();
        for PresenceChange { kind, metas, changed, .. } in changes {
            assert_eq!(metas, now, "all changes of a key have its present metas");
            assert!(!changed.is_empty(), "{kind:?} of nothing");
            match kind {
                PresenceKind::Sync => {}
                PresenceKind::Join => expected.extend(changed),
                PresenceKind::Update => updated = changed,
                PresenceKind::Leave => {
                    for gone in &changed {
                        take_out(&mut expected, gone).expect("a meta that left was present");
                    }
                }
            }
        }
        assert_eq!(expected.len(), now.len(), "joins and leaves add up");
        let mut rest = now.clone();
        rest.retain(|meta| take_out(&mut expected, meta).is_none());
        assert!(rest.len() <= updated.len(), "{rest:?} changed without an update");
        for meta in &rest {
            take_out(&mut updated, meta).expect("a changed meta was updated");
        }
        if !now.is_empty() {
            shown.insert(key, now);
        }
    }
}

/// Removes one equal meta from the list.
fn take_out(list: &mut Vec<Value>, item: &Value) -> Option<Value> {
    let at = list.iter().position(|other| other == item)?;
    Some(list.remove(at))
}

/// One tab: a client, its connection, and its app's presence.
struct Tab {
    harness: Harness,
    user: usize,
    /// The frames in transit, if it is connected.
    inbox: Option<VecDeque<Frame>>,
    shown: Shown,
    /// The meta that its app tracks.
    desired: Option<Value>,
}

impl Tab {
    fn new(user: usize) -> Self {
        Self { harness: Harness::new(), user, inbox: None, shown: Shown::new(), desired: None }
    }

    /// Applies the emitted changes to the app's presence.
    fn apply_changes(&mut self) {
        for changes in self.harness.changes.drain(..) {
            apply(&mut self.shown, changes);
        }
    }
}

struct ModelChannel {
    server: Server,
    tabs: Vec<Tab>,
    rng: Rng,
    now: u64,
    /// Whether the server sometimes rejects requests.
    moody: bool,
}

impl ModelChannel {
    fn new(seed: u64) -> Self {
        // Two tabs of one user, three of others.
        let tabs = [0, 0, 1, 2, 3].map(Tab::new).into();
        let moody = seed % 2 == 1;
        Self { server: Server::default(), tabs, rng: Rng::new(seed), now: 0, moody }
    }

    fn draw(&mut self, max: u64) -> usize {
        usize::try_from(self.rng.up_to(max)).expect("small")
    }

    fn publish(&mut self, diff: &Frame) {
        let Frame::Diff { joins, leaves } = diff else { return };
        for inbox in self.tabs.iter_mut().filter_map(|tab| tab.inbox.as_mut()) {
            inbox.push_back(Frame::Diff { joins: joins.clone(), leaves: leaves.clone() });
        }
    }

    /// Handles the tab's requests as the server.
    fn receive_frame(&mut self, at: usize) {
        let user = self.tabs[at].user;
        for (reference, request) in std::mem::take(&mut self.tabs[at].harness.sent) {
            let rejects = self.moody && self.rng.up_to(9) == 0;
            let diff = match request {
                _ if rejects => None,
                Request::Update { meta } => {
                    let known = self.server.entries.iter().any(Server::is_of(at));
                    known.then(|| self.server.swap(Server::is_of(at), Some((at, user, meta))))
                }
                Request::Track { meta, replaces, .. } => {
                    let former = |entry: &Entry| {
                        let named = replaces.as_ref().is_some_and(|name| *name == *entry.name);
                        Server::is_of(at)(entry) || (named && entry.user == user)
                    };
                    Some(self.server.swap(former, Some((at, user, meta))))
                }
                Request::Untrack => Some(self.server.swap(Server::is_of(at), None)),
            };
            let answer = match &diff {
                None => Frame::Rejected(reference),
                Some(_) => {
                    let entry = self.server.entries.iter().find(|entry| entry.owner == Ok(at));
                    Frame::Accepted(reference, entry.map_or(Value::Null, |e| json!(e.name)))
                }
            };
            self.tabs[at].inbox.as_mut().expect("connected").push_back(answer);
            if let Some(diff) = diff {
                self.publish(&diff);
            }
        }
    }

    fn deliver(&mut self, at: usize) {
        let Some(frame) = self.tabs[at].inbox.as_mut().and_then(VecDeque::pop_front) else {
            return;
        };
        let harness = &mut self.tabs[at].harness;
        match frame {
            Frame::Joined => harness.join(),
            Frame::State(state) => harness.state(state),
            Frame::Diff { joins, leaves } => harness.diff(joins, leaves),
            Frame::Accepted(reference, name) => {
                harness.call(|presences, env| presences.accepted(env, reference, Some(name)));
            }
            Frame::Rejected(reference) => {
                let error = Error::new(Code::RateLimited);
                harness.call(|presences, env| presences.rejected(env, reference, error));
            }
        }
        self.receive_frame(at);
    }

    fn connect(&mut self, at: usize) {
        if self.tabs[at].inbox.is_some() {
            return;
        }
        self.tabs[at].harness.connect();
        let state = Server::keyed(&self.server.entries);
        self.tabs[at].inbox = Some([Frame::Joined, Frame::State(state)].into());
    }

    fn disconnect(&mut self, at: usize) {
        if self.tabs[at].inbox.take().is_none() {
            return;
        }
        // Frames in transit are lost with it.
        self.tabs[at].harness.sent.clear();
        self.tabs[at].harness.disconnect();
        let until = self.now + GRACE_MS;
        for entry in self.server.entries.iter_mut().filter(|entry| entry.owner == Ok(at)) {
            entry.owner = Err(until);
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now += ms;
        let now = self.now;
        let over = |entry: &Entry| entry.owner.is_err_and(|until| now >= until);
        if self.server.entries.iter().any(over) {
            let diff = self.server.swap(over, None);
            self.publish(&diff);
        }
        for at in 0..self.tabs.len() {
            self.tabs[at].harness.pass(ms);
            self.tabs[at].apply_changes();
            self.receive_frame(at);
        }
    }

    fn act(&mut self, at: usize) {
        let meta = json!({"n": self.draw(5)});
        let tab = &mut self.tabs[at];
        let action = match self.rng.up_to(4) {
            0 => PresenceAction::Untrack,
            1 | 2 => PresenceAction::Update { meta: meta.clone() },
            _ => PresenceAction::Track { key: None, meta: meta.clone() },
        };
        tab.desired = (!matches!(action, PresenceAction::Untrack)).then_some(meta);
        tab.harness.act(action);
        // Otherwise the request is still in transit, and may be lost with the connection.
        if self.rng.up_to(2) > 0 {
            self.receive_frame(at);
        }
    }

    fn deliver_all(&mut self, at: usize) {
        while self.tabs[at].inbox.as_ref().is_some_and(|inbox| !inbox.is_empty()) {
            self.deliver(at);
        }
    }

    fn step(&mut self) {
        let at = self.draw(4);
        match self.rng.up_to(19) {
            0 => self.disconnect(at),
            1 | 2 => self.connect(at),
            3 => {
                let ms = self.rng.up_to(6_000);
                self.pass(ms);
            }
            4 | 5 => {
                let ms = self.rng.up_to(150);
                self.pass(ms);
            }
            6..=9 => self.act(at),
            _ => self.deliver(at),
        }
    }

    /// Settles everything: connects all tabs, delivers all frames, and ends all grace periods.
    fn settle(&mut self) {
        for _ in 0..5 {
            for at in 0..self.tabs.len() {
                self.connect(at);
                self.deliver_all(at);
            }
            // In small steps, so that an answer queued here does not time out in the client.
            for _ in 0..GRACE_MS / 500 {
                self.pass(500);
                for at in 0..self.tabs.len() {
                    self.deliver_all(at);
                }
            }
        }
    }

    fn check(&self, seed: u64) {
        let mut present = Shown::new();
        for entry in &self.server.entries {
            present.entry(format!("user{}", entry.user)).or_default().push(entry.meta.clone());
        }
        let sorted = |mut shown: Shown| {
            shown.values_mut().for_each(|metas| metas.sort_by_key(Value::to_string));
            shown
        };
        let present = sorted(present);
        for (at, tab) in self.tabs.iter().enumerate() {
            let shown = sorted(tab.shown.clone());
            assert_eq!(shown, present, "seed {seed}: tab {at} shows another state");

            let mut sends: Vec<_> = tab.harness.settled.iter().map(|(send, _)| send.0).collect();
            sends.sort_unstable();
            let all: Vec<_> = (1..=tab.harness.sends).collect();
            assert_eq!(sends, all, "seed {seed}: every action of tab {at} is settled once");
            if !self.moody {
                let own: Vec<_> =
                    self.server.entries.iter().filter(|entry| entry.owner == Ok(at)).collect();
                assert_eq!(
                    own.first().map(|entry| &entry.meta),
                    tab.desired.as_ref(),
                    "seed {seed}"
                );
                assert!(own.len() < 2, "seed {seed}: it is present once");
            }
        }
    }
}

#[test]
fn presence_converges_to_the_server_s_state() {
    for seed in 0..200 {
        let mut room = ModelChannel::new(seed);
        for _ in 0..400 {
            room.step();
        }
        room.settle();
        room.check(seed);
    }
}

#[test]
fn reconnect_within_the_grace_period_emits_no_leave() {
    let mut room = ModelChannel::new(0);
    for at in [0, 2] {
        room.connect(at);
    }
    room.tabs[0].harness.track(json!({"n": 1}));
    room.settle();
    room.tabs[2].harness.changes.clear();
    room.disconnect(0);
    room.pass(GRACE_MS - 1);
    room.connect(0);
    room.deliver_all(0);
    room.pass(2 * GRACE_MS);
    room.deliver_all(2);
    room.tabs[2].harness.pass(1_000);
    assert_eq!(room.tabs[2].harness.emitted(), [""; 0]);
    assert_eq!(room.server.entries.len(), 1);
}
