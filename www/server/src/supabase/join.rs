//! The parameters of a join.

use serde_json::{Map, Value};

use crate::supabase::binding::Binding;

/// The maximum and default number of messages of a replay.
const REPLAY_LIMIT: u64 = 25;

/// The most database changes one channel may request.
const MOST_BINDINGS: usize = 100;

/// A join's config.
#[derive(Debug)]
pub(crate) struct JoinConfig {
    pub(crate) ack: bool,
    pub(crate) echo: bool,
    pub(crate) replay: Replay,
    pub(crate) confirms_replication: bool,
    pub(crate) presence_key: Option<String>,
    pub(crate) presence: bool,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) private: bool,
    /// The channel's own token.
    pub(crate) token: Option<String>,
}

/// Which older messages are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replay {
    Nothing,
    Since {
        ms: u64,
        limit: usize,
    },
    /// The request cannot be parsed.
    Invalid,
}

impl JoinConfig {
    /// Parses the payload of a join of the channel `name`.
    pub(crate) fn parse(name: &str, payload: &str) -> Result<Self, String> {
        let payload: Map<String, Value> = serde_json::from_str(payload).unwrap_or_default();
        let token = ["access_token", "user_token"]
            .iter()
            .find_map(|field| payload.get(*field).and_then(Value::as_str))
            .filter(|token| !token.is_empty() && !token.starts_with("sb_"))
            .map(ToOwned::to_owned);
        let Some(config) = payload.get("config") else {
            return Ok(Self { bindings: vec![Binding::of_topic(name)], token, ..Self::bare() });
        };
        let broadcast = section(config, "broadcast")?;
        let presence = section(config, "presence")?;
        let wanted = config.get("postgres_changes").and_then(Value::as_array);
        if wanted.is_some_and(|wanted| wanted.len() > MOST_BINDINGS) {
            return Err(format!("TooManyBindings: at most {MOST_BINDINGS} postgres_changes"));
        }
        let bindings: Result<_, String> = wanted
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(|options| Binding::parse(options).ok_or_else(unmatched_clause))
            .collect();
        Ok(Self {
            ack: broadcast.is_some_and(|b| truth(b.get("ack"))),
            echo: broadcast.is_some_and(|b| truth(b.get("self"))),
            replay: broadcast.and_then(|b| b.get("replay")).map_or(Replay::Nothing, Replay::parse),
            confirms_replication: broadcast.is_some_and(|b| truth(b.get("replication_ready"))),
            presence_key: presence
                .and_then(|p| p.get("key")?.as_str())
                .filter(|key| !key.is_empty())
                .map(ToOwned::to_owned),
            presence: presence.is_some_and(|p| truth(p.get("enabled"))),
            bindings: bindings?,
            private: truth(config.get("private")),
            token,
        })
    }

    fn bare() -> Self {
        Self {
            ack: false,
            echo: false,
            replay: Replay::Nothing,
            confirms_replication: false,
            presence_key: None,
            presence: false,
            bindings: Vec::new(),
            private: false,
            token: None,
        }
    }
}

impl Replay {
    fn parse(options: &Value) -> Self {
        let Some(ms) = options.get("since").and_then(Value::as_u64) else {
            return Self::Invalid;
        };
        let limit = options.get("limit").and_then(Value::as_u64).unwrap_or(REPLAY_LIMIT);
        Self::Since { ms, limit: limit.clamp(1, REPLAY_LIMIT) as usize }
    }
}

/// A section of the config, which must be an object if present.
fn section<'a>(config: &'a Value, name: &str) -> Result<Option<&'a Map<String, Value>>, String> {
    match config.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(section)) => Ok(Some(section)),
        Some(_) => Err("UnknownErrorOnChannel: no function clause matching in Access.get/3".into()),
    }
}

fn unmatched_clause() -> String {
    "UnknownErrorOnChannel: no function clause matching".into()
}

/// Whether a value is `true` or `"true"`.
fn truth(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(flag)) => flag == "true",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(payload: &str) -> JoinConfig {
        JoinConfig::parse("room:7", payload).expect("a config")
    }

    #[test]
    fn missing_or_invalid_join_settings_use_defaults() {
        let config = parsed(r#"{"config":{"private":"perhaps","broadcast":{"ack":"true"}}}"#);
        assert!(config.ack && !config.echo && !config.private && !config.presence);
        assert_eq!(config.replay, Replay::Nothing);
    }

    #[test]
    fn replay_is_limited_and_requires_since() {
        let replay = |text: &str| {
            parsed(&format!(r#"{{"config":{{"broadcast":{{"replay":{text}}}}}}}"#)).replay
        };
        assert_eq!(replay(r#"{"since":5,"limit":900}"#), Replay::Since { ms: 5, limit: 25 });
        assert_eq!(replay(r#"{"since":5,"limit":0}"#), Replay::Since { ms: 5, limit: 1 });
        assert_eq!(replay("null"), Replay::Invalid);
    }

    #[test]
    fn join_with_too_many_bindings_is_rejected() {
        let filters_of = |count: usize| {
            let bindings = vec![r#"{"event":"*","schema":"public"}"#; count].join(",");
            JoinConfig::parse("r", &format!(r#"{{"config":{{"postgres_changes":[{bindings}]}}}}"#))
        };
        assert!(filters_of(MOST_BINDINGS).is_ok());
        assert!(
            filters_of(MOST_BINDINGS + 1).expect_err("rejected").starts_with("TooManyBindings")
        );
    }

    #[test]
    fn project_key_is_not_a_token() {
        assert_eq!(parsed(r#"{"access_token":"sb_publishable_x"}"#).token, None);
        assert_eq!(parsed(r#"{"user_token":"a.b.c"}"#).token.as_deref(), Some("a.b.c"));
    }

    #[test]
    fn config_section_that_is_not_an_object_is_an_error() {
        let wrong = JoinConfig::parse("r", r#"{"config":{"broadcast":"x"}}"#);
        assert!(wrong.expect_err("rejected").starts_with("UnknownErrorOnChannel"));
    }
}
