//! One joined Realtime channel.

use std::sync::Arc;

use serde::Deserialize;
use tokio::time::Instant;

use crate::phoenix::{Body, ChannelHandle, ChannelOutcome, Status};
use crate::supabase::binding::Binding;
use crate::supabase::meter::Meter;
use crate::supabase::realtime::Realtime;
use crate::supabase::replication::Replication;
use crate::supabase::settings::Rights;
use crate::supabase::system::{self, Extension};
use crate::supabase::token::{Token, TokenFault};

/// The state of a joined channel.
#[derive(Debug)]
pub(crate) struct Channel {
    /// The name without the prefix `realtime:`.
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) rights: Rights,
    pub(crate) ack: bool,
    /// Whether it receives its own broadcasts.
    pub(crate) echo: bool,
    pub(crate) presence: Presence,
    pub(crate) bindings: Arc<[Binding]>,
    /// When the database subscription is to be made or renewed, if it is.
    pub(crate) subscribes_at: Option<Instant>,
    /// Whether it requested a message when the database can send.
    pub(crate) confirms_replication: bool,
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
    /// Sends the messages that follow the reply to the join.
    pub(super) fn joined(&mut self, realtime: &Realtime, handle: &ChannelHandle) {
        if self.presence.enabled {
            let state = realtime.engine.topics.presence_state(&handle.place);
            handle.push("presence_state", Body::json(state));
        }
        if self.confirms_replication {
            let message = "Replication connection established";
            system::send(handle, Extension::System, Status::Ok, message, &self.name);
        }
        for body in self.replay.drain(..) {
            handle.push("broadcast", body);
        }
    }

    /// When [`Channel::wake`] is to be called.
    pub(super) fn due(&self) -> Instant {
        self.subscribes_at.map_or(self.token.expires_at, |at| at.min(self.token.expires_at))
    }

    /// Processes what is due: the token's expiry, or the database subscription.
    pub(super) fn wake(&mut self, realtime: &Realtime, handle: &ChannelHandle) -> ChannelOutcome {
        let now = Instant::now();
        if self.token.expires_at <= now {
            return self.close_with_error(handle, &TokenFault::Expired { seconds: 0 }.message());
        }
        if self.subscribes_at.is_some_and(|at| at <= now) {
            self.subscribe(realtime, handle);
        }
        ChannelOutcome::Continue
    }

    /// Makes the database subscription and sends the result.
    fn subscribe(&mut self, realtime: &Realtime, handle: &ChannelHandle) {
        if !realtime.replication.is_running() {
            // No message is sent: the subscription is retried until the database is running.
            let again = realtime.settings.lock().subscribe_delay();
            self.subscribes_at = Some(Instant::now() + again);
            return;
        }
        self.subscribes_at = None;
        let (status, message) = match Replication::rejection_reason(&realtime.hub, &self.bindings) {
            None => {
                realtime.replication.subscribe(handle, &self.bindings);
                (Status::Ok, "Subscribed to PostgreSQL".to_owned())
            }
            Some(rejection_reason) => (Status::Error, rejection_reason),
        };
        system::send(handle, Extension::Postgres, status, &message, &self.name);
    }

    /// Handles the client's push `access_token`, which has no reply.
    pub(super) fn set_token(
        &mut self,
        realtime: &Realtime,
        handle: &ChannelHandle,
        body: &Body,
    ) -> ChannelOutcome {
        let payload: Option<TokenPayload> =
            body.text().and_then(|text| serde_json::from_str(text).ok());
        let Some(text) = payload.and_then(|payload| payload.access_token) else {
            return ChannelOutcome::Continue;
        };
        if text.starts_with("sb_") || text == self.token.text {
            return ChannelOutcome::Continue;
        }
        let token = match realtime.check_token(&text) {
            Ok(token) => token,
            Err(fault) => return self.close_with_error(handle, &fault.message()),
        };
        let settings = realtime.settings.lock();
        self.rights = settings.rights(&self.name, &token.role);
        self.token = token;
        if self.private && !self.rights.read {
            let name = &self.name;
            let message =
                format!("You no longer have permission to read from this Channel topic: {name}");
            return self.close_with_error(handle, &message);
        }
        if !self.bindings.is_empty() {
            self.subscribes_at = Some(Instant::now() + settings.subscribe_delay());
        }
        ChannelOutcome::Continue
    }

    /// Sends the reason and closes the channel.
    pub(super) fn close_with_error(&self, handle: &ChannelHandle, message: &str) -> ChannelOutcome {
        system::send(handle, Extension::System, Status::Error, message, &self.name);
        ChannelOutcome::Close
    }
}
