//! The application of `/socket/websocket`: topics for testing the protocol.
//!
//! `echo:*` answers, pushes, closes and crashes on request; `presence:*` shows the present members;
//! `room:*` broadcasts every event.

use std::sync::Arc;

use parking_lot::Mutex;
use tidewire_server_core::limits::Limits;

use crate::phoenix::application::{Application, ChannelOutcome, Engine, Malformed, SocketPolicy};
use crate::phoenix::channel_handle::ChannelHandle;
use crate::phoenix::channel_handle::Place;
use crate::phoenix::demo_presence::DemoPresence;
use crate::phoenix::echo;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join::{JoinAccepted, JoinRejected, JoinRequest};
use crate::phoenix::outgoing::Status;
use crate::phoenix::settings::PhoenixSettings;

/// The application's state.
#[derive(Debug)]
pub(crate) struct DemoApp {
    engine: Arc<Engine>,
    pub(crate) settings: Mutex<PhoenixSettings>,
}

/// The user of a socket.
#[derive(Debug)]
pub(crate) struct DemoUser {
    pub(crate) user: Option<String>,
}

/// A joined topic.
#[derive(Debug)]
pub(crate) enum Topic {
    Echo,
    Presence(DemoPresence),
    Room,
}

impl DemoApp {
    pub(crate) fn new(settings: PhoenixSettings, limits: &Limits) -> Self {
        Self { engine: Arc::new(Engine::new(limits)), settings: Mutex::new(settings) }
    }
}

impl Application for DemoApp {
    type SocketData = DemoUser;
    type Channel = Topic;

    fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    fn socket_policy(&self) -> SocketPolicy {
        let settings = self.settings.lock();
        SocketPolicy {
            idle_timeout: std::time::Duration::from_millis(settings.idle_timeout_ms),
            adapter: settings.adapter,
            malformed: Malformed::Closes,
            drops_stale: true,
            user_broadcasts: false,
        }
    }

    fn join(
        &self,
        demo_user: &mut DemoUser,
        request: &JoinRequest<'_>,
    ) -> Result<JoinAccepted<Topic>, JoinRejected> {
        let (family, _) = request.topic.split_once(':').ok_or(JoinRejected::Unmatched)?;
        if !matches!(family, "echo" | "presence" | "room") {
            return Err(JoinRejected::Unmatched);
        }
        if request.joined >= self.settings.lock().max_channels {
            return Err(JoinRejected::with_reason("too many channels joined"));
        }
        let (channel, response) = match family {
            "echo" => (Topic::Echo, echo::join(request)?),
            "presence" => (
                Topic::Presence(DemoPresence::join(demo_user.user.as_deref(), request)),
                "{}".to_owned(),
            ),
            _ => (Topic::Room, "{}".to_owned()),
        };
        let place = Place::public(request.topic);
        Ok(JoinAccepted { response, place, receives_presence: true, channel })
    }

    fn joined(&self, handle: &ChannelHandle, channel: &mut Topic) {
        if let Topic::Presence(presence) = channel {
            presence.joined(handle, &self.engine.topics);
        }
    }

    fn receive(&self, handle: &ChannelHandle, channel: &mut Topic, push: Push) -> ChannelOutcome {
        let topics = &self.engine.topics;
        match channel {
            Topic::Echo => echo::receive(handle, topics, push),
            Topic::Presence(presence) => presence.receive(handle, topics, push),
            Topic::Room => {
                topics.broadcast(&handle.place, &push.event, push.body, None);
                handle.reply(push.reference, Status::Ok, Body::json("{}"));
                ChannelOutcome::Continue
            }
        }
    }
}
