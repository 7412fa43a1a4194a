//! Whether to connect, stay connected or close, after something changed.

use super::demand::Decision;
use super::effect::{Effect, close};
use super::{Connection, Phase};
use crate::core::env::Env;
use crate::core::reason::Reason;
use crate::core::state::State;

impl Connection {
    /// Opens or closes the connection by the demand and what is possible.
    pub(super) fn evaluate(&mut self, env: &mut Env, cause: Reason) {
        match self.demand.decision() {
            // A failure lasts while the page is hidden or offline: neither ends it.
            Decision::Close(State::Paused | State::Offline, _) if self.status.is_failed() => {}
            Decision::Close(state, reason) => {
                if self.status.state() != state {
                    let code = if state == State::Paused { close::HIDDEN } else { close::NORMAL };
                    self.abandon(env, code);
                    self.disconnect_as(state, reason);
                }
            }
            Decision::StayOpen => {
                let is_disconnected = matches!(self.phase, Phase::Disconnected);
                if is_disconnected && !matches!(self.status.state(), State::Idle | State::Failed) {
                    self.disconnect_as(State::Idle, Reason::NoDemand);
                }
            }
            Decision::Connect => {
                if matches!(self.phase, Phase::Disconnected) && !self.status.is_failed() {
                    match self.backoff.pending(env.now) {
                        Some(until) => {
                            self.phase = Phase::BackingOff { until };
                            self.set_state(State::Reconnecting, cause);
                        }
                        None => self.attempt(env, cause),
                    }
                }
            }
        }
    }

    /// An event of the page: the backoff is skipped, and an open socket is probed.
    pub(super) fn retry_now(&mut self, env: &mut Env, reason: Reason) {
        self.backoff.retry_now();
        match &mut self.phase {
            Phase::Ready(session) => {
                let rtt = self.meter.round_trip().p50.unwrap_or(0);
                // A pong that was read late, after a sleep, is no evidence about the network.
                let usual = (4 * rtt).min(env.config.heartbeat_timeout_ms).max(1_500);
                let timeout = env.config.probe_timeout_ms.unwrap_or(usual);
                session.heartbeat.probe(env.now, timeout);
                self.effects.push(Effect::Ping(session.socket));
                self.replace_rejected_token(env);
            }
            _ if self.status.is_failed() => self.try_recover(env, reason),
            Phase::BackingOff { .. } if self.demand.decision() == Decision::Connect => {
                self.attempt(env, reason);
            }
            _ => {}
        }
    }

    pub(super) fn restart(&mut self, env: &mut Env, reason: Reason) {
        if self.status.is_failed() {
            self.backoff.reset();
        } else {
            self.backoff.retry_now();
        }
        let stuck = self.status.is_failed() || matches!(self.phase, Phase::BackingOff { .. });
        let idle = matches!(self.phase, Phase::Disconnected);
        if (stuck || idle) && self.demand.decision() == Decision::Connect {
            self.attempt(env, reason);
        } else {
            self.evaluate(env, reason);
        }
    }
}
