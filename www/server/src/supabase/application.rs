//! Realtime as an application of the Phoenix protocol.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::phoenix::{
    Adapter, Application, Broadcast, ChannelHandle, ChannelOutcome, Delivery, Engine, JoinAccepted,
    JoinRejected, JoinRequest, Malformed, Push, SocketPolicy,
};
use crate::random;
use crate::supabase::broadcast;
use crate::supabase::channel::{Channel, Presence};
use crate::supabase::join::{JoinConfig, Replay};
use crate::supabase::meter::Meter;
use crate::supabase::presence;
use crate::supabase::realtime::{PREFIX, Realtime};
use crate::supabase::system;
use crate::supabase::token::{Token, TokenFault};

/// The close code (going away) with which the real server closes a client beyond its limits.
const GOING_AWAY: u16 = 1001;

impl Realtime {
    /// Accepts or rejects a join, without the delay before a rejection.
    fn decide(
        &self,
        socket_data: &Token,
        request: &JoinRequest<'_>,
    ) -> Result<JoinAccepted<Channel>, String> {
        let name = request.topic.strip_prefix(PREFIX).unwrap_or_default();
        let settings = self.settings.lock().clone();
        if request.joined >= settings.max_channels {
            return Err("ChannelRateLimitReached: Too many channels".into());
        }
        if name.is_empty() {
            return Err("TopicNameRequired: You must provide a topic name".into());
        }
        let config = JoinConfig::parse(name, request.payload)?;
        let token = match &config.token {
            Some(text) => self.check_token(text).map_err(TokenFault::reason)?,
            None => socket_data.alive().map_err(TokenFault::reason)?.clone(),
        };
        let rights = settings.rights(name, &token.role);
        if config.private && !rights.read {
            return Err(format!(
                "Unauthorized: You do not have permissions to read from this Channel topic: {name}"
            ));
        }
        let place = Self::place(name, config.private);
        let replay = match config.replay {
            Replay::Nothing => Vec::new(),
            _ if !config.private => {
                return Err(
                    "UnableToReplayMessages: Replay is not allowed for public channels".into()
                );
            }
            Replay::Invalid => {
                return Err("UnableToReplayMessages: Replay params are not valid".into());
            }
            Replay::Since { ms, limit } => {
                self.outbox.since(&place, ms, limit).iter().map(|stored| stored.replay()).collect()
            }
        };
        let shown: Vec<&Value> = config.bindings.iter().map(|binding| &binding.shown).collect();
        let subscribes_at =
            (!shown.is_empty()).then(|| Instant::now() + settings.subscribe_delay());
        Ok(JoinAccepted {
            response: json!({ "postgres_changes": shown }).to_string(),
            place,
            receives_presence: config.presence,
            channel: Channel {
                name: name.to_owned(),
                private: config.private,
                rights,
                ack: config.ack,
                echo: config.echo,
                presence: Presence {
                    key: config.presence_key.unwrap_or_else(random::uuid),
                    enabled: config.presence,
                    calls: Meter::default(),
                },
                bindings: config.bindings.into(),
                subscribes_at,
                confirms_replication: config.confirms_replication,
                token,
                replay,
            },
        })
    }
}

impl Application for Realtime {
    /// The token of the socket.
    type SocketData = Token;
    type Channel = Channel;

    fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    fn socket_policy(&self) -> SocketPolicy {
        SocketPolicy {
            idle_timeout: Duration::from_millis(self.settings.lock().idle_timeout_ms),
            adapter: Adapter::Cowboy,
            malformed: Malformed::Ignored,
            drops_stale: false,
            user_broadcasts: true,
        }
    }

    fn join(
        &self,
        socket_data: &mut Token,
        request: &JoinRequest<'_>,
    ) -> Result<JoinAccepted<Channel>, JoinRejected> {
        if !request.topic.starts_with(PREFIX) {
            return Err(JoinRejected::Unmatched);
        }
        let (wait, most) = {
            let settings = self.settings.lock();
            (settings.join_rejection_delay(), settings.joins_per_second)
        };
        if !self.joins.lock().admit(Instant::now(), most, Duration::from_secs(1)) {
            let reason = "ClientJoinRateLimitReached: Too many joins per second";
            let response = json!({ "reason": reason }).to_string();
            return Err(JoinRejected::Error { response, wait, closing: Some(GOING_AWAY) });
        }
        self.decide(socket_data, request).map_err(|reason| JoinRejected::after(&reason, wait))
    }

    fn joined(&self, handle: &ChannelHandle, channel: &mut Channel) {
        channel.joined(self, handle);
    }

    fn receive(&self, handle: &ChannelHandle, channel: &mut Channel, push: Push) -> ChannelOutcome {
        match push.event.as_str() {
            "broadcast" => broadcast::receive(self, handle, channel, push.reference, push.body),
            "presence" => {
                presence::receive(self, handle, channel, push.reference.as_ref(), &push.body)
            }
            "access_token" => channel.set_token(self, handle, &push.body),
            // Other events have no handler and no reply.
            _ => ChannelOutcome::Continue,
        }
    }

    fn deliver(
        &self,
        handle: &ChannelHandle,
        channel: &mut Channel,
        broadcast: &Broadcast,
    ) -> Delivery {
        if &*broadcast.event == "broadcast" && !self.admit_message() {
            channel.close_with_error(handle, "Too many messages per second");
            return Delivery::Closes;
        }
        Delivery::Passes
    }

    fn due(&self, channel: &Channel) -> Option<Instant> {
        Some(channel.due())
    }

    fn wake(&self, handle: &ChannelHandle, channel: &mut Channel) -> ChannelOutcome {
        channel.wake(self, handle)
    }

    fn expire_socket(&self, socket_data: &mut Token) {
        self.revoke(socket_data);
    }

    fn expire(&self, channel: &mut Channel) {
        self.revoke(&mut channel.token);
    }

    fn drain(&self, handle: &ChannelHandle) {
        system::send_draining(handle);
    }

    fn left(&self, handle: &ChannelHandle, _: Channel) {
        self.replication.unsubscribe(handle.instance);
    }
}
