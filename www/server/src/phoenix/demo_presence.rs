//! `presence:*`: whoever joins is present.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::phoenix::application::Fate;
use crate::phoenix::channel_handle::Line;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join::JoinRequest;
use crate::phoenix::outgoing::Status;
use crate::phoenix::topics::Exchange;
use crate::random;

/// One member of a gathering.
#[derive(Debug)]
pub(crate) struct Gathering {
    key: String,
    meta: String,
}

#[derive(Deserialize)]
struct JoinPayload<'a> {
    key: Option<String>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

impl Gathering {
    /// The key is the join's, else the user's, else one of its own.
    pub(super) fn join(user: Option<&str>, request: &JoinRequest<'_>) -> Self {
        let wish: Option<JoinPayload<'_>> = serde_json::from_str(request.payload).ok();
        let (key, meta) = wish.map_or((None, None), |wish| (wish.key, wish.meta));
        Self {
            key: key.or_else(|| user.map(ToOwned::to_owned)).unwrap_or_else(random::token),
            meta: meta.map_or("{}", RawValue::get).to_owned(),
        }
    }

    /// The own diff comes before the state, as it does from the real server.
    pub(super) fn joined(&self, line: &Line, exchange: &Exchange) {
        // Who finds no room is a member all the same, and not shown.
        if exchange.check_room(&line.place, line.instance, &self.key, &self.meta).is_ok() {
            exchange.track(&line.place, line.instance, &self.key, &self.meta);
        }
        // By the mailbox too, so that it stays behind the diff.
        line.push("presence_state", Body::json(exchange.presence_state(&line.place)));
    }

    pub(super) fn receive(&mut self, line: &Line, exchange: &Exchange, push: Push) -> Fate {
        match (push.event.as_str(), push.body.text()) {
            ("update", Some(meta)) => {
                match exchange.check_room(&line.place, line.instance, &self.key, meta) {
                    Ok(()) => {
                        line.reply(push.reference, Status::Ok, Body::json("{}"));
                        exchange.track(&line.place, line.instance, &self.key, meta);
                    }
                    Err(refusal) => {
                        line.reply(push.reference, Status::Error, Body::refusal(&refusal));
                    }
                }
                Fate::Stays
            }
            _ => Fate::Crashes,
        }
    }
}
