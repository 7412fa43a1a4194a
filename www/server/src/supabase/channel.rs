//! One joined Realtime channel.

use std::sync::Arc;

use serde::Deserialize;
use tokio::time::Instant;

use crate::phoenix::{Body, Fate, Line, Status};
use crate::supabase::binding::Binding;
use crate::supabase::meter::Meter;
use crate::supabase::realtime::Realtime;
use crate::supabase::replication::Replication;
use crate::supabase::settings::Rights;
use crate::supabase::system::{self, Extension};
use crate::supabase::token::{Token, TokenFault};

/// Its state.
#[derive(Debug)]
pub(crate) struct Channel {
    /// Without `realtime:`.
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) rights: Rights,
    pub(crate) ack: bool,
    /// Whether it hears its own broadcasts.
    pub(crate) echo: bool,
    pub(crate) presence: Presence,
    pub(crate) bindings: Arc<[Binding]>,
    /// When the database subscription is (re)made, if it is to be.
    pub(crate) subscribes_at: Option<Instant>,
    /// Whether it wants to know that the database can send.
    pub(crate) tells_replication: bool,
    pub(crate) token: Token,
    /// Sent after the join's reply.
    pub(crate) replay: Vec<Body>,
}

/// A member's side of presence.
#[derive(Debug)]
pub(crate) struct Presence {
    pub(crate) key: String,
    /// Whether diffs are sent to it.
    pub(crate) enabled: bool,
    pub(crate) calls: Meter,
}

#[derive(Deserialize)]
struct TokenPayload {
    access_token: Option<String>,
}

impl Channel {
    /// What follows the reply to the join.
    pub(super) fn joined(&mut self, realtime: &Realtime, line: &Line) {
        if self.presence.enabled {
            let state = realtime.engine.exchange.presence_state(&line.place);
            line.push("presence_state", Body::json(state));
        }
        if self.tells_replication {
            let message = "Replication connection established";
            system::say(line, Extension::System, Status::Ok, message, &self.name);
        }
        for body in self.replay.drain(..) {
            line.push("broadcast", body);
        }
    }

    /// When something is to happen by itself.
    pub(super) fn due(&self) -> Instant {
        self.subscribes_at.map_or(self.token.expires_at, |at| at.min(self.token.expires_at))
    }

    /// That time has come.
    pub(super) fn wake(&mut self, realtime: &Realtime, line: &Line) -> Fate {
        let now = Instant::now();
        if self.token.expires_at <= now {
            return self.shut(line, &TokenFault::Expired { seconds: 0 }.message());
        }
        if self.subscribes_at.is_some_and(|at| at <= now) {
            self.subscribe(realtime, line);
        }
        Fate::Stays
    }

    /// Makes the database subscription and says whether that went well.
    fn subscribe(&mut self, realtime: &Realtime, line: &Line) {
        if !realtime.replication.is_running() {
            // Nothing is said about it: it happens when the database is back.
            let again = realtime.settings.lock().subscribe_delay();
            self.subscribes_at = Some(Instant::now() + again);
            return;
        }
        self.subscribes_at = None;
        let (status, message) = match Replication::objection(&realtime.hub, &self.bindings) {
            None => {
                realtime.replication.subscribe(line, &self.bindings);
                (Status::Ok, "Subscribed to PostgreSQL".to_owned())
            }
            Some(objection) => (Status::Error, objection),
        };
        system::say(line, Extension::Postgres, status, &message, &self.name);
    }

    /// The client pushed `access_token`, which is never answered.
    pub(super) fn renew(&mut self, realtime: &Realtime, line: &Line, body: &Body) -> Fate {
        let payload: Option<TokenPayload> =
            body.text().and_then(|text| serde_json::from_str(text).ok());
        let Some(text) = payload.and_then(|payload| payload.access_token) else {
            return Fate::Stays;
        };
        if text.starts_with("sb_") || text == self.token.text {
            return Fate::Stays;
        }
        let token = match realtime.check_token(&text) {
            Ok(token) => token,
            Err(fault) => return self.shut(line, &fault.message()),
        };
        let settings = realtime.settings.lock();
        self.rights = settings.rights(&self.name, &token.role);
        self.token = token;
        if self.private && !self.rights.read {
            let name = &self.name;
            let message =
                format!("You no longer have permission to read from this Channel topic: {name}");
            return self.shut(line, &message);
        }
        if !self.bindings.is_empty() {
            self.subscribes_at = Some(Instant::now() + settings.subscribe_delay());
        }
        Fate::Stays
    }

    /// Says why, and ends for good.
    pub(super) fn shut(&self, line: &Line, message: &str) -> Fate {
        system::say(line, Extension::System, Status::Error, message, &self.name);
        Fate::Closes
    }
}
