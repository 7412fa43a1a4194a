//! The filters of a join, and those that a change of the database matches.

use alloc::vec;
use alloc::vec::Vec;

use super::defined::defined;
use super::names::{CHANGES_OPTION, POSTGRES_CHANGES};
use crate::core::id::FilterId;
use crate::core::payload::Payload;

/// A filter, and the server's id of it once the join is confirmed.
#[derive(Debug)]
struct Binding<P> {
    filter: P,
    id: Option<f64>,
}

/// The `postgres_changes` of a join.
#[derive(Debug)]
pub struct Bindings<P>(Vec<Binding<P>>);

impl<P> Default for Bindings<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Payload> Bindings<P> {
    /// The filters of a join with this `config`.
    pub fn requested(config: &P) -> Self {
        let filters = filters(config).into_iter();
        Self(filters.map(|filter| Binding { filter, id: None }).collect())
    }

    /// Whether there are no filters.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies the reply to the join, which contains the ids of the filters in the order of the
    /// request; some may be missing. Returns whether a report that the filters are live follows.
    pub fn confirmed(&mut self, response: &P) -> bool {
        let answers = response.field("postgres_changes").and_then(|all| all.items());
        let answers = answers.unwrap_or_default();
        for (at, binding) in self.0.iter_mut().enumerate() {
            let own = |answer: &&P| is_of(*answer, &binding.filter);
            let answer = answers.get(at).filter(own).or_else(|| answers.iter().find(own));
            binding.id = answer.and_then(|answer| answer.field("id")?.as_number());
        }
        !self.0.is_empty()
    }

    /// The filters that a change matches. The server lists the ids without regard to the event of
    /// the change, so that is compared here.
    pub fn matching(&self, payload: &P) -> Vec<FilterId> {
        let ids = payload.field("ids").and_then(|ids| ids.items()).unwrap_or_default();
        let ids: Vec<f64> = ids.iter().filter_map(P::as_number).collect();
        let kind = payload.field("data").and_then(|data| data.field("type")?.as_text());
        let wants = |filter: &P| {
            let event = filter.field("event").and_then(|event| event.as_text());
            event.is_none_or(|event| event == "*" || kind.as_deref() == Some(&*event))
        };
        let matches = |binding: &Binding<P>| {
            binding.id.is_some_and(|id| ids.contains(&id)) && wants(&binding.filter)
        };
        let mut matching = Vec::new();
        for (binding, at) in self.0.iter().zip(0..) {
            if matches(binding) {
                matching.push(FilterId(at));
            }
        }
        matching
    }
}

/// The filters of a join, or of one subscriber's part of it, in order. The default of `event` is
/// `*`. Those of the option replace those of the part's own `params`.
pub fn filters<P: Payload>(config: &P) -> Vec<P> {
    let given = config.field(CHANGES_OPTION).or_else(|| config.field(POSTGRES_CHANGES));
    let filters = given.and_then(|filters| filters.items()).unwrap_or_default();
    let all = || P::object(vec![("event", P::text("*"))]);
    filters.iter().map(|filter| all().merged(defined(filter))).collect()
}

/// Whether the answer is about this filter.
fn is_of<P: Payload>(answer: &P, filter: &P) -> bool {
    ["event", "schema", "table", "filter"].into_iter().all(|name| {
        match (answer.field(name), filter.field(name)) {
            (Some(answer), Some(filter)) => answer.eq_json(&filter),
            // The server may add members that the request did not have.
            (_, filter) => filter.is_none(),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Bindings, filters};
    use crate::core::id::FilterId;

    fn filter(event: &str, table: &str) -> Value {
        json!({"event": event, "schema": "public", "table": table})
    }

    fn with_id(id: u64, filter: &Value) -> Value {
        let mut answer = filter.clone();
        answer["id"] = id.into();
        answer
    }

    #[test]
    fn filters_of_the_option_replace_those_of_the_params() {
        let (own, raw) = (filter("INSERT", "notes"), filter("*", "bids"));
        let both = json!({"postgresChanges": [own], "postgres_changes": [raw]});
        assert_eq!(filters(&both), [own]);
        assert_eq!(filters(&json!({"postgres_changes": [raw]})), [raw]);
    }

    #[test]
    fn change_matches_the_filters_with_its_ids_and_event() {
        let [all, deletes, bids] =
            [filter("*", "notes"), filter("DELETE", "notes"), filter("*", "bids")];
        let config = json!({"postgres_changes": [all, deletes, bids]});
        let mut bindings = Bindings::requested(&config);
        let answer = [with_id(1, &all), with_id(2, &deletes), with_id(3, &bids)];
        assert!(bindings.confirmed(&json!({"postgres_changes": answer})));
        let change = |ids: Value, kind: &str| {
            bindings.matching(&json!({"ids": ids, "data": {"type": kind}}))
        };
        assert_eq!(change(json!([1, 2]), "INSERT"), [FilterId(0)]);
        assert_eq!(change(json!([1, 2]), "DELETE"), [FilterId(0), FilterId(1)]);
        assert_eq!(change(json!([9]), "DELETE"), []);
    }

    #[test]
    fn missing_filter_in_an_answer_does_not_shift_the_others() {
        let [notes, bids] = [filter("*", "notes"), filter("*", "bids")];
        let mut bindings = Bindings::requested(&json!({"postgres_changes": [notes, bids]}));
        bindings.confirmed(&json!({"postgres_changes": [with_id(3, &bids)]}));
        let change = json!({"ids": [3], "data": {"type": "INSERT"}});
        assert_eq!(bindings.matching(&change), [FilterId(1)]);
    }
}
