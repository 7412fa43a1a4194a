//! Messages sent from the database: stored, and replayed to private channels.

use std::sync::Arc;

use parking_lot::Mutex;
use tidewire_server_core::frame::Object;

use crate::clock::now_ms;
use crate::phoenix::{Body, Encoding, Place, UserBroadcast};
use crate::random;

/// Messages beyond this many are removed, the oldest first.
const KEPT: usize = 1_000;

/// A message sent by the database.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    pub(crate) id: String,
    pub(crate) event: Arc<str>,
    /// JSON text.
    pub(crate) payload: String,
    at: u64,
}

/// All messages sent by the database, in the order of sending.
#[derive(Debug, Default)]
pub(crate) struct Outbox(Mutex<Vec<Stored>>);

impl Stored {
    pub(crate) fn new(place: Place, event: &str, payload: String) -> Self {
        Self { place, id: random::uuid(), event: event.into(), payload, at: now_ms() }
    }

    /// The payload with which it is broadcast.
    pub(crate) fn broadcast(&self) -> Body {
        Body::User(UserBroadcast {
            event: Arc::clone(&self.event),
            encoding: Encoding::Json,
            payload: self.payload.clone().into(),
            meta: Some(Object::new().text("id", &self.id).end().into()),
        })
    }

    /// The payload with which it is replayed: text, and marked as replayed.
    pub(crate) fn replay(&self) -> Body {
        let meta = Object::new().text("id", &self.id).bool("replayed", true).end();
        let object = Object::new().text("type", "broadcast").text("event", &self.event);
        Body::json(object.raw("payload", &self.payload).raw("meta", &meta).end())
    }
}

impl Outbox {
    pub(crate) fn store(&self, stored: Stored) {
        let mut all = self.0.lock();
        let beyond = (all.len() + 1).saturating_sub(KEPT);
        all.drain(..beyond);
        all.push(stored);
    }

    /// The newest messages of a place after a time (ms since 1970), oldest first.
    pub(crate) fn since(&self, place: &Place, since: u64, limit: usize) -> Vec<Stored> {
        let all = self.0.lock();
        let found = all.iter().filter(|stored| stored.place == *place && stored.at > since);
        let mut newest: Vec<Stored> = found.rev().take(limit).cloned().collect();
        newest.reverse();
        newest
    }
}
