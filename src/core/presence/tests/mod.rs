//! Presence without the rest of the client, with a scripted server.

mod failures;
mod members;
mod memberships;
mod model;
mod registry;
mod requests;
mod users;

use serde_json::{Value, json};

use super::{
    PresenceAction, PresenceChange, PresenceKind, Presences, Request, ServerPresence, Step,
};
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, SendId};
use crate::core::rng::Rng;
use crate::core::time::Instant;

const ROOM: ChannelId = ChannelId(1);

/// The presence of one client, in virtual time.
struct Harness {
    presences: Presences<Value>,
    env: Env,
    now: u64,
    sends: u32,
    /// The request not yet taken, with its reference.
    sent: Vec<(u32, Request<Value>)>,
    /// The actions settled so far: `ok` or the error's code.
    settled: Vec<(SendId, &'static str)>,
    errors: Vec<Code>,
    /// The emitted changes not yet taken, one list per event.
    changes: Vec<Vec<PresenceChange<Value>>>,
}

impl Harness {
    fn new() -> Self {
        Self {
            presences: Presences::default(),
            env: Env { now: Instant::from_ms(0), config: Config::default(), rng: Rng::new(7) },
            now: 0,
            sends: 0,
            sent: Vec::new(),
            settled: Vec::new(),
            errors: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// A client whose channel is joined, on a server with presence.
    fn joined() -> Self {
        let mut harness = Self::new();
        harness.rejoin();
        harness
    }

    fn call<R>(&mut self, call: impl FnOnce(&mut Presences<Value>, &mut Env) -> R) -> R {
        self.env.now = Instant::from_ms(self.now);
        let result = call(&mut self.presences, &mut self.env);
        for step in self.presences.take_steps() {
            match step {
                Step::Request { channel: ROOM, reference, request } => {
                    self.sent.push((reference, request));
                }
                Step::Settled(ROOM, send, outcome) => {
                    let result = outcome.map_or_else(|error| error.code.name(), |()| "ok");
                    self.settled.push((send, result));
                }
                Step::Error(ROOM, error) => self.errors.push(error.code),
                Step::Changes(ROOM, changes) => self.changes.push(changes),
                other => panic!("of another channel: {other:?}"),
            }
        }
        result
    }

    fn connect(&mut self) {
        self.call(|presences, env| presences.connected(env, ServerPresence::Supported));
    }

    fn join(&mut self) {
        self.call(|presences, env| presences.joined(env, ROOM));
    }

    fn rejoin(&mut self) {
        self.connect();
        self.join();
    }

    fn disconnect(&mut self) {
        self.call(|presences, _| presences.disconnected());
    }

    fn act(&mut self, action: PresenceAction<Value>) -> SendId {
        self.sends += 1;
        let send = SendId(self.sends);
        self.call(|presences, env| presences.act(env, ROOM, send, action));
        send
    }

    fn track(&mut self, meta: Value) -> SendId {
        self.act(PresenceAction::Track { key: None, meta })
    }

    fn update(&mut self, meta: Value) -> SendId {
        self.act(PresenceAction::Update { meta })
    }

    fn untrack(&mut self) -> SendId {
        self.act(PresenceAction::Untrack)
    }

    /// Takes the request that was sent; at most one.
    fn request(&mut self) -> Option<Request<Value>> {
        assert!(self.sent.len() < 2, "sent {:?}", self.sent);
        self.sent.last().map(|(_, request)| request.clone())
    }

    /// Accepts the request as the server.
    fn accept(&mut self, presence: Value) {
        let (reference, _) = self.sent.pop().expect("something was sent");
        self.call(|presences, env| presences.accepted(env, reference, Some(presence)));
    }

    fn reject(&mut self, code: Code) {
        let (reference, _) = self.sent.pop().expect("something was sent");
        self.call(|presences, env| presences.rejected(env, reference, Error::new(code)));
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that it takes a literal")]
    fn state(&mut self, state: Value) {
        self.call(|presences, env| presences.state(env, ROOM, &state));
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that it takes a literal")]
    fn diff(&mut self, joins: Value, leaves: Value) {
        self.call(|presences, env| presences.diff(env, ROOM, &joins, &leaves));
    }

    /// Advances time, with a timer that fires exactly when due.
    fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(due) =
            self.presences.poll_timeout().map(|due| due.at().as_ms()).filter(|due| *due <= end)
        {
            self.now = self.now.max(due);
            self.call(|presences, env| presences.handle_timeout(env));
        }
        self.now = end;
    }

    /// Takes the emitted changes, as `kind key changed / all`.
    fn emitted(&mut self) -> Vec<String> {
        let line = |change: PresenceChange<Value>| match change.kind {
            PresenceKind::Sync => "sync".to_owned(),
            kind => {
                let (changed, metas) = (Value::from(change.changed), Value::from(change.metas));
                format!("{kind:?} {} {changed} / {metas}", change.key)
            }
        };
        self.changes.drain(..).flatten().map(line).collect()
    }
}

/// A first or only `track` request.
fn track(meta: Value) -> Option<Request<Value>> {
    Some(Request::Track { key: None, meta, replaces: None })
}

/// A `track` request that replaces a former presence.
fn take_over(meta: Value, replaces: Value) -> Option<Request<Value>> {
    Some(Request::Track { key: None, meta, replaces: Some(replaces) })
}

const fn update(meta: Value) -> Option<Request<Value>> {
    Some(Request::Update { meta })
}

fn on() -> Value {
    json!({"status": "on"})
}

fn busy() -> Value {
    json!({"status": "busy"})
}
