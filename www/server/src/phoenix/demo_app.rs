//! The application behind `/socket/websocket`: topics to try the protocol with.
//!
//! `echo:*` answers, pushes, ends and crashes as it is told; `presence:*` shows who is there;
//! `room:*` passes every event on.

use parking_lot::Mutex;

use crate::limits::Limits;
use crate::phoenix::application::{Application, Conduct, Engine, Fate, Malformed};
use crate::phoenix::channel_handle::Line;
use crate::phoenix::channel_handle::Place;
use crate::phoenix::demo_presence::Gathering;
use crate::phoenix::echo;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join::{Admission, JoinRequest, Refused};
use crate::phoenix::outgoing::Status;
use crate::phoenix::settings::PhoenixSettings;

/// The application's state.
#[derive(Debug)]
pub(crate) struct Playground {
    engine: Engine,
    pub(crate) settings: Mutex<PhoenixSettings>,
}

/// Who is at a socket.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) user: Option<String>,
}

/// A joined topic.
#[derive(Debug)]
pub(crate) enum Topic {
    Echo,
    Presence(Gathering),
    Room,
}

impl Playground {
    pub(crate) fn new(settings: PhoenixSettings, limits: &Limits) -> Self {
        Self { engine: Engine::new(limits), settings: Mutex::new(settings) }
    }
}

impl Application for Playground {
    type Guest = Visitor;
    type Channel = Topic;

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn conduct(&self) -> Conduct {
        let settings = self.settings.lock();
        Conduct {
            idle_timeout: std::time::Duration::from_millis(settings.idle_timeout_ms),
            adapter: settings.adapter,
            malformed: Malformed::Closes,
            drops_stale: true,
            user_broadcasts: false,
        }
    }

    fn join(
        &self,
        visitor: &mut Visitor,
        request: &JoinRequest<'_>,
    ) -> Result<Admission<Topic>, Refused> {
        let (family, _) = request.topic.split_once(':').ok_or(Refused::Unmatched)?;
        if !matches!(family, "echo" | "presence" | "room") {
            return Err(Refused::Unmatched);
        }
        if request.joined >= self.settings.lock().max_channels {
            return Err(Refused::because("too many channels joined"));
        }
        let (channel, response) = match family {
            "echo" => (Topic::Echo, echo::join(request)?),
            "presence" => (
                Topic::Presence(Gathering::join(visitor.user.as_deref(), request)),
                "{}".to_owned(),
            ),
            _ => (Topic::Room, "{}".to_owned()),
        };
        let place = Place::public(request.topic);
        Ok(Admission { response, place, sees_presence: true, channel })
    }

    fn joined(&self, line: &Line, channel: &mut Topic) {
        if let Topic::Presence(gathering) = channel {
            gathering.joined(line, &self.engine.exchange);
        }
    }

    fn receive(&self, line: &Line, channel: &mut Topic, push: Push) -> Fate {
        let exchange = &self.engine.exchange;
        match channel {
            Topic::Echo => echo::receive(line, exchange, push),
            Topic::Presence(gathering) => gathering.receive(line, exchange, push),
            Topic::Room => {
                exchange.broadcast(&line.place, &push.event, push.body, None);
                line.reply(push.reference, Status::Ok, Body::json("{}"));
                Fate::Stays
            }
        }
    }
}
