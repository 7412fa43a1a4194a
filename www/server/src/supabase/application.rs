//! Realtime as an application of the Phoenix protocol.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::phoenix::{
    Adapter, Admission, Application, Broadcast, Conduct, Delivery, Engine, Fate, JoinRequest, Line,
    Malformed, Push, Refused,
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

/// Going away, as the real server says when it has had enough of a client.
const GOING_AWAY: u16 = 1001;

impl Realtime {
    /// What a join comes to, but for the wait before a refusal.
    fn decide(
        &self,
        guest: &Token,
        request: &JoinRequest<'_>,
    ) -> Result<Admission<Channel>, String> {
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
            None => guest.alive().map_err(TokenFault::reason)?.clone(),
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
        Ok(Admission {
            response: json!({ "postgres_changes": shown }).to_string(),
            place,
            sees_presence: config.presence,
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
                tells_replication: config.tells_replication,
                token,
                replay,
            },
        })
    }
}

impl Application for Realtime {
    /// The token of the socket.
    type Guest = Token;
    type Channel = Channel;

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn conduct(&self) -> Conduct {
        Conduct {
            idle_timeout: Duration::from_millis(self.settings.lock().idle_timeout_ms),
            adapter: Adapter::Cowboy,
            malformed: Malformed::Ignored,
            drops_stale: false,
            user_broadcasts: true,
        }
    }

    fn join(
        &self,
        guest: &mut Token,
        request: &JoinRequest<'_>,
    ) -> Result<Admission<Channel>, Refused> {
        if !request.topic.starts_with(PREFIX) {
            return Err(Refused::Unmatched);
        }
        let (wait, most) = {
            let settings = self.settings.lock();
            (settings.join_refusal_delay(), settings.joins_per_second)
        };
        if !self.joins.lock().admit(Instant::now(), most, Duration::from_secs(1)) {
            let reason = "ClientJoinRateLimitReached: Too many joins per second";
            let response = json!({ "reason": reason }).to_string();
            return Err(Refused::Error { response, wait, closing: Some(GOING_AWAY) });
        }
        self.decide(guest, request).map_err(|reason| Refused::after(&reason, wait))
    }

    fn joined(&self, line: &Line, channel: &mut Channel) {
        channel.joined(self, line);
    }

    fn receive(&self, line: &Line, channel: &mut Channel, push: Push) -> Fate {
        match push.event.as_str() {
            "broadcast" => broadcast::receive(self, line, channel, push.reference, push.body),
            "presence" => {
                presence::receive(self, line, channel, push.reference.as_ref(), &push.body)
            }
            "access_token" => channel.renew(self, line, &push.body),
            // Other events are nobody's, and nobody answers.
            _ => Fate::Stays,
        }
    }

    fn deliver(&self, line: &Line, channel: &mut Channel, broadcast: &Broadcast) -> Delivery {
        if &*broadcast.event == "broadcast" && !self.admit_message() {
            channel.shut(line, "Too many messages per second");
            return Delivery::Closes;
        }
        Delivery::Passes
    }

    fn due(&self, channel: &Channel) -> Option<Instant> {
        Some(channel.due())
    }

    fn wake(&self, line: &Line, channel: &mut Channel) -> Fate {
        channel.wake(self, line)
    }

    fn expire_guest(&self, guest: &mut Token) {
        self.revoke(guest);
    }

    fn expire(&self, channel: &mut Channel) {
        self.revoke(&mut channel.token);
    }

    fn drain(&self, line: &Line) {
        system::say_drained(line);
    }

    fn left(&self, line: &Line, _: Channel) {
        self.replication.unsubscribe(line.instance);
    }
}
