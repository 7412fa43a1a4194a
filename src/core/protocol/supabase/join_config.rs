//! What a channel is joined with: what all its subscribers want of it, together.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::names::BROADCAST;
use crate::core::payload::Payload;

/// The `config` of a join that serves all these parts, each one subscriber's. Of what only one
/// can decide (`self`, a presence key) the last one decides.
pub fn config<P: Payload>(parts: &[P]) -> P {
    let group = |name| parts.iter().filter_map(move |part: &P| part.field(name));
    let merged = |name, first: P| group(name).fold(first, |all, own: P| all.merged(defined(&own)));
    let yes = |value: Option<P>| value.and_then(|value| value.as_bool()) == Some(true);
    let broadcast = P::object(vec![("ack", P::boolean(true)), ("self", P::boolean(false))]);
    let enabled = group("presence").any(|own| yes(own.field("enabled")));
    let presence = merged("presence", P::object(vec![("key", P::text(""))]))
        .merged(vec![("enabled".to_owned(), P::boolean(enabled))]);
    let mut filters: Vec<P> = Vec::new();
    for filter in group("postgres_changes").filter_map(|own| own.items()).flatten() {
        if !filters.iter().any(|known| known.eq_json(&filter)) {
            filters.push(filter);
        }
    }
    let private = parts.iter().any(|part| yes(part.field("private")));
    P::object(vec![
        (BROADCAST, merged(BROADCAST, broadcast)),
        ("presence", presence),
        ("postgres_changes", P::array(filters)),
        ("private", P::boolean(private)),
    ])
}

/// Whether whoever is joined with this gets answers to broadcasts.
pub fn acks<P: Payload>(config: &P) -> bool {
    let ack = config.field(BROADCAST).and_then(|broadcast| broadcast.field("ack")?.as_bool());
    ack == Some(true)
}

/// How far before the end of the last membership a replay begins, in milliseconds: the clocks may
/// differ, and a dead connection is noticed late. What comes twice is known by its id.
const REPLAY_MARGIN_MS: u64 = 60_000;

/// The same for a member until then (milliseconds since 1970): what was replayed or received
/// before is not requested again, so that the few messages a replay has room for are new ones.
pub fn replay_from<P: Payload>(config: &P, until_ms: u64) -> P {
    let replay = || {
        let broadcast = config.field(BROADCAST)?;
        let replay = broadcast.field("replay")?;
        let since = replay.field("since")?.as_number()?;
        let from = until_ms.saturating_sub(REPLAY_MARGIN_MS) as f64;
        let since = ("since".to_owned(), P::number(since.max(from)));
        let replay = ("replay".to_owned(), replay.merged(vec![since]));
        Some(config.merged(vec![(BROADCAST.to_owned(), broadcast.merged(vec![replay]))]))
    };
    replay().unwrap_or_else(|| config.clone())
}

/// Whether a join with `joined` has everything that `wanted` requests: filters may be left over.
pub fn covers<P: Payload>(joined: &P, wanted: &P) -> bool {
    let same = |name| match (joined.field(name), wanted.field(name)) {
        (Some(joined), Some(wanted)) => joined.eq_json(&wanted),
        (joined, wanted) => joined.is_none() && wanted.is_none(),
    };
    let presence =
        |of: &P| of.field("presence").and_then(|presence| presence.field("enabled")?.as_bool());
    let filters =
        |of: &P| of.field("postgres_changes").and_then(|of| of.items()).unwrap_or_default();
    let joined_filters = filters(joined);
    (same("presence") || presence(wanted) == Some(false))
        && same(BROADCAST)
        && same("private")
        && filters(wanted)
            .iter()
            .all(|filter| joined_filters.iter().any(|joined| joined.eq_json(filter)))
}

/// The members that are not `null`: the server rejects some where they are.
fn defined<P: Payload>(object: &P) -> Vec<(String, P)> {
    let null = P::null();
    let members = object.keys().into_iter().filter_map(|key| {
        let value = object.member(&key).filter(|value| !value.eq_json(&null))?;
        Some((key, value))
    });
    members.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{config, covers, replay_from};

    fn filter(table: &str) -> Value {
        json!({"event": "*", "schema": "public", "table": table})
    }

    #[test]
    fn join_config_without_options_uses_defaults() {
        let expected = json!({
            "broadcast": {"ack": true, "self": false}, "presence": {"key": "", "enabled": false},
            "postgres_changes": [], "private": false,
        });
        assert_eq!(config::<Value>(&[]), expected);
    }

    #[test]
    fn join_config_has_each_filter_once_and_every_subscriber_s_options() {
        let parts = [
            json!({"postgres_changes": [filter("notes")], "presence": {"key": "ann", "enabled": true}}),
            json!({"postgres_changes": [filter("bids"), filter("notes")], "private": true}),
            json!({"broadcast": {"self": true}, "presence": {"enabled": false, "key": null}}),
        ];
        let merged = config(&parts);
        assert_eq!(merged["postgres_changes"], json!([filter("notes"), filter("bids")]));
        assert_eq!(merged["presence"], json!({"key": "ann", "enabled": true}));
        assert_eq!(merged["broadcast"], json!({"ack": true, "self": true}));
        assert_eq!(merged["private"], true);
    }

    #[test]
    fn replay_begins_a_minute_before_the_end_of_the_last_membership_and_not_before_its_option() {
        let since = |config: &Value| config["broadcast"]["replay"]["since"].clone();
        let wanted = config(&[json!({"broadcast": {"replay": {"since": 1_000_000, "limit": 5}}})]);
        let later = replay_from(&wanted, 2_000_000);
        assert_eq!(
            (since(&later), &later["broadcast"]["replay"]["limit"]),
            (json!(1_940_000), &json!(5))
        );
        assert_eq!(since(&replay_from(&wanted, 1_030_000)), 1_000_000);
        let none = config::<Value>(&[]);
        assert_eq!(replay_from(&none, 2_000_000), none);
    }

    #[test]
    fn join_covers_subsets_of_its_options_and_nothing_else() {
        let both = config(&[json!({"postgres_changes": [filter("notes"), filter("bids")]})]);
        let one = config(&[json!({"postgres_changes": [filter("bids")]})]);
        let seen = config(&[json!({"presence": {"enabled": true}})]);
        assert!(covers(&both, &one) && covers(&seen, &config::<Value>(&[])));
        assert!(!covers(&one, &both) && !covers(&one, &seen));
    }
}
