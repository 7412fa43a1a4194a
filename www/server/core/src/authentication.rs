//! The authentication of a connection.

use std::sync::Arc;

use crate::account::{Operation, Reservation, Resource};
use crate::clock::Now;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::grant::Grant;
use crate::hub::HubAccess;
use crate::output::{Action, CloseAction};
use crate::rejection::Rejection;
use crate::session::{Phase, Session, Step};
use crate::storage::Storage as _;

impl Session {
    /// Processes a frame of a connection that is not authenticated.
    pub(crate) fn receive_early(
        &mut self,
        kind: &str,
        fields: &Fields<'_>,
        now: Now,
    ) -> Result<Step, Rejection> {
        match kind {
            "auth" => {
                self.count("auth");
                let wanted: Vec<String> = fields
                    .get("features")
                    .and_then(|list| serde_json::from_str(list.get()).ok())
                    .unwrap_or_default();
                let wanted = Features::from_names(wanted.iter().map(String::as_str));
                Ok(self.check_token(fields, Phase::Authenticating(wanted)))
            }
            "ping" => {
                self.count("ping");
                self.slow_down(Operation::Request, now);
                self.pong(None);
                Ok(Step::Done)
            }
            "pong" => Ok(Step::Done),
            _ => Err(Rejection::unauthorized("the first frame is `auth`")),
        }
    }

    pub(crate) fn reauthenticate(
        &mut self,
        fields: &Fields<'_>,
        features: Features,
    ) -> Result<Step, Rejection> {
        if !features.has(Feature::Reauth) {
            return Err(Rejection::invalid("this connection is authenticated already"));
        }
        Ok(self.check_token(fields, Phase::Reauthenticating(features)))
    }

    /// Requests a check of the frame's token or, if it has none, of the handshake's.
    fn check_token(&mut self, fields: &Fields<'_>, meanwhile: Phase) -> Step {
        match fields.text("token") {
            Ok(token) => {
                self.phase = meanwhile;
                let token = token.or_else(|| self.token.clone());
                Step::Authenticate(token.filter(|token| !token.is_empty()))
            }
            Err(rejection) => {
                self.reject_auth(&rejection);
                Step::Done
            }
        }
    }

    /// Processes the result of the token check that [`Session::step`] requested. Does nothing if
    /// none was requested.
    pub fn authenticate<H: HubAccess>(
        &mut self,
        checked: Result<Grant, Rejection>,
        hub: &mut H,
        now: Now,
    ) {
        match self.phase {
            Phase::Authenticating(wanted) => {
                self.phase = Phase::Unauthenticated;
                match checked {
                    Ok(grant) => self.enter(grant, wanted, hub, now),
                    Err(rejection) => self.reject_auth(&rejection),
                }
            }
            Phase::Reauthenticating(features) => {
                self.phase = Phase::Ready(features);
                match checked {
                    Ok(grant) if grant.user == self.grant.user => {
                        self.grant = grant.clone();
                        self.revoked_at = None;
                        let (number, answer) = (self.number, self.auth_success(features, now));
                        hub.with(|hub| hub.readmit(number, grant, answer));
                    }
                    // Presence and accepted ids are the user's: another one needs another
                    // connection.
                    Ok(_) => self
                        .reject_auth(&Rejection::unauthorized("the new token is another user's")),
                    Err(rejection) => self.reject_auth(&rejection),
                }
            }
            Phase::Unauthenticated | Phase::Ready(_) => {}
        }
    }

    fn enter<H: HubAccess>(&mut self, grant: Grant, wanted: Features, hub: &mut H, now: Now) {
        let user = self.accounts.of(grant.user.as_deref(), self.address);
        if user.held(Resource::Connections) >= self.limits.user_connections {
            let rejection = Rejection::limit("this user has as many connections as one may");
            self.outputs.push_back(Action::CountRejected);
            return self.close(CloseAction::rejected(1013, &rejection));
        }
        self.slot =
            Some(Reservation::new(Resource::Connections, 1, [Some(Arc::clone(&user)), None]));
        self.requester.user = user;
        self.grant = grant.clone();
        let features = self.offered.intersect(wanted);
        self.phase = Phase::Ready(features);
        hub.with(|hub| {
            self.requester.announced_ms = Some(hub.storage().offered_ack_memory_ms());
            hub.admit(self.number, &self.id, features, grant, self.auth_success(features, now));
        });
    }

    fn reject_auth(&mut self, rejection: &Rejection) {
        self.outputs.push_back(Action::CountRejected);
        let code = if rejection.code == "forbidden" { 4002 } else { 4001 };
        self.close(CloseAction::rejected(code, rejection));
    }

    fn auth_success(&self, features: Features, now: Now) -> Frame {
        let mut answer = Object::frame("auth_success").text("connectionId", &self.id);
        if !features.is_empty() {
            let names = features.names().join("\",\"");
            answer = answer
                .raw("features", &format!("[\"{names}\"]"))
                .number("heartbeatMs", self.limits.heartbeat_ms)
                .number("maxFrameBytes", self.limits.max_frame_bytes as u64)
                .number("ackMemoryMs", self.requester.announced_ms.unwrap_or_default());
            if let Some(ms) = self.grant.expires_in_ms(now.uptime) {
                answer = answer.number("expiresInMs", ms);
            }
            answer = answer.text_if("user", self.grant.user.as_deref());
        }
        Frame::new("auth_success", answer.end())
    }
}
