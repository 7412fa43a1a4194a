//! The `config` of a join, merged from the options of all subscribers of the channel.

use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

use super::defined::{defined, is_null};
use super::filters;
use super::names::{BROADCAST, CHANGES_OPTION, POSTGRES_CHANGES, PRESENCE};
use crate::core::payload::Payload;

/// The options of a channel that only this protocol has.
const OPTIONS: [&str; 4] = [BROADCAST, PRESENCE, CHANGES_OPTION, "private"];

/// The first option of this protocol that is set among the options of a channel.
pub fn set_option<P: Payload>(options: &P) -> Option<&'static str> {
    let is_set = |option: &&str| options.member(option).is_some_and(|value| !is_null(&value));
    OPTIONS.into_iter().find(is_set)
}

/// One subscriber's part of a join: its `params`, which are members of [`config`], overwritten by
/// its options, which are converted to such members.
pub fn part<P: Payload>(options: &P) -> P {
    let params = options.field("params").unwrap_or_else(|| P::object(Vec::new()));
    let mut own = defined(options);
    for (_, presence) in own.iter_mut().filter(|(name, _)| name == PRESENCE) {
        *presence = presence_part(presence);
    }
    params.merged(own)
}

/// The member `presence` for the option of this name, a boolean, or an object, which enables
/// presence.
fn presence_part<P: Payload>(option: &P) -> P {
    let is_enabled = option.is_object() || is_true(Some(option.clone()));
    option.merged(vec![("enabled".to_owned(), P::boolean(is_enabled))])
}

/// The `config` of a join for the parts of all subscribers. Members that cannot be merged (`self`,
/// a presence key) are those of the last one.
pub fn config<P: Payload>(parts: &[P]) -> P {
    let mut broadcast = P::object(vec![("ack", P::boolean(true)), ("self", P::boolean(false))]);
    let mut presence = P::object(vec![("key", P::text(""))]);
    let (mut has_presence, mut is_private) = (false, false);
    let mut filters: Vec<P> = Vec::new();
    for part in parts {
        if let Some(own) = part.field(BROADCAST) {
            broadcast = broadcast.merged(defined(&own));
        }
        if let Some(own) = part.field(PRESENCE) {
            has_presence |= is_true(own.field("enabled"));
            presence = presence.merged(defined(&own));
        }
        is_private |= is_true(part.field("private"));
        for filter in filters::filters(part) {
            if !filters.iter().any(|known| known.eq_json(&filter)) {
                filters.push(filter);
            }
        }
    }
    let enabled = vec![("enabled".to_owned(), P::boolean(has_presence))];
    P::object(vec![
        (BROADCAST, broadcast),
        (PRESENCE, presence.merged(enabled)),
        (POSTGRES_CHANGES, P::array(filters)),
        ("private", P::boolean(is_private)),
    ])
}

fn is_true<P: Payload>(value: Option<P>) -> bool {
    value.and_then(|value| value.as_bool()) == Some(true)
}

/// Whether the server acknowledges broadcasts after a join with this `config`.
pub fn acks<P: Payload>(config: &P) -> bool {
    let ack = config.field(BROADCAST).and_then(|broadcast| broadcast.field("ack")?.as_bool());
    ack == Some(true)
}

/// How long before the end of the last membership a replay begins, in milliseconds, because clocks
/// may differ and a dead connection is detected late. Messages received twice are dropped by their
/// ids.
const REPLAY_MARGIN_MS: u64 = 60_000;

/// The `config` of another join after a membership that ended at `until_ms` (milliseconds since
/// 1970): the replay begins later, because its number of messages is limited and earlier ones were
/// received already.
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

/// Whether a join with `joined` has all that `wanted` requests; it may have more filters.
pub fn covers<P: Payload>(joined: &P, wanted: &P) -> bool {
    let same = |name| match (joined.field(name), wanted.field(name)) {
        (Some(joined), Some(wanted)) => joined.eq_json(&wanted),
        (joined, wanted) => joined.is_none() && wanted.is_none(),
    };
    let presence =
        |of: &P| of.field(PRESENCE).and_then(|presence| presence.field("enabled")?.as_bool());
    let filters =
        |of: &P| of.field("postgres_changes").and_then(|of| of.items()).unwrap_or_default();
    let joined_filters = filters(joined);
    (same(PRESENCE) || presence(wanted) == Some(false))
        && same(BROADCAST)
        && same("private")
        && filters(wanted)
            .iter()
            .all(|filter| joined_filters.iter().any(|joined| joined.eq_json(filter)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{config, covers, part, replay_from, set_option};

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
    fn each_option_of_a_channel_is_converted_to_a_member_of_the_join() {
        let todos = json!({"event": "*", "schema": "public", "table": "todos"});
        let some = json!({"event": "DELETE", "filter": "id=eq.1", "select": ["id"]});
        for (options, member, expected) in [
            (json!({"private": true}), "private", json!(true)),
            (
                json!({"broadcast": {"ack": false, "self": null, "replay": {"since": 5, "limit": null}}}),
                "broadcast",
                json!({"ack": false, "self": false, "replay": {"since": 5}}),
            ),
            (json!({"presence": true}), "presence", json!({"key": "", "enabled": true})),
            (json!({"presence": false}), "presence", json!({"key": "", "enabled": false})),
            (json!({"presence": null}), "presence", json!({"key": "", "enabled": false})),
            (json!({"presence": {}}), "presence", json!({"key": "", "enabled": true})),
            (
                json!({"presence": {"key": "ann"}}),
                "presence",
                json!({"key": "ann", "enabled": true}),
            ),
            (
                json!({"postgresChanges": [
                    {"schema": "public", "table": "todos", "filter": null},
                    some,
                ]}),
                "postgres_changes",
                json!([todos, some]),
            ),
            (
                json!({"presence": {"key": "ann", "enabled": false}}),
                "presence",
                json!({"key": "ann", "enabled": true}),
            ),
            (
                json!({"params": {"presence": {"key": "ann"}}}),
                "presence",
                json!({"key": "ann", "enabled": false}),
            ),
            (json!({"params": {"private": true}}), "private", json!(true)),
            (json!({"params": {"private": false}, "private": true}), "private", json!(true)),
            (
                json!({"params": {"presence": {"enabled": false, "key": "ann"}}}),
                "presence",
                json!({"key": "ann", "enabled": false}),
            ),
        ] {
            assert_eq!(config(&[part(&options)])[member], expected, "{options}");
        }
    }

    #[test]
    fn option_of_this_protocol_is_found_unless_it_is_null() {
        for (options, first) in [
            (json!({"params": {"private": true}, "private": null}), None),
            (json!({"private": false}), Some("private")),
            (json!({"private": true, "postgresChanges": []}), Some("postgresChanges")),
        ] {
            assert_eq!(set_option(&options), first, "{options}");
        }
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
        let presence = config(&[json!({"presence": {"enabled": true}})]);
        assert!(covers(&both, &one) && covers(&presence, &config::<Value>(&[])));
        assert!(!covers(&one, &both) && !covers(&one, &presence));
    }
}
