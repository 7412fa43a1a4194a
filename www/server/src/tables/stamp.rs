//! Columns that the server fills in.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tidewire_server_core::frame::quote;

use crate::timestamp::Timestamp;

/// The longest name of a person, in characters.
const MAX_NAME: usize = 64;

/// A column's value that the server writes. Values sent by a user are ignored; changes without a
/// user, such as those of the server itself and of `/publish`, may set it, except [`Stamp::Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stamp {
    /// When the row was created.
    Created,
    /// When it was last changed.
    Updated,
    /// The user who created it.
    User,
    /// The user who created it, as an object: the default's members, with the user as `id`, and with
    /// the `name` that the user sends, or the capitalized user.
    Person,
    /// The part of the channel's name after the first colon.
    Scope,
    /// A value that the server derives.
    Server,
}

/// Whether missing columns are filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Missing columns have their defaults: the row is new.
    Defaults,
    /// Missing columns are not changed.
    Nothing,
}

/// The origin of a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// The channel it was sent to.
    pub(crate) channel: &'a str,
    /// The user who sent it, if known.
    pub(crate) user: Option<&'a str>,
}

impl Origin<'_> {
    fn scope(&self) -> &str {
        self.channel.split_once(':').map_or("", |(_, scope)| scope)
    }
}

impl Stamp {
    /// The value to write, as JSON; `None` leaves the column unchanged, or with its default in a new
    /// row.
    pub(super) fn value(
        self,
        default: Option<&Value>,
        given: Option<&RawValue>,
        fill: Fill,
        origin: &Origin<'_>,
    ) -> Option<String> {
        let set = given.filter(|_| origin.user.is_none()).map(|value| value.get().to_owned());
        let now = || quote(&Timestamp::now().iso());
        match (self, fill, origin.user) {
            (Self::Scope, Fill::Defaults, _) => Some(quote(origin.scope())),
            (Self::Scope, Fill::Nothing, _) => None,
            (Self::Updated, _, _) | (Self::Created, Fill::Defaults, _) => {
                set.or_else(|| Some(now()))
            }
            (Self::User, Fill::Defaults, Some(user)) => Some(quote(user)),
            (Self::Person, Fill::Defaults, Some(user)) => Some(person(default, given, user)),
            _ => set,
        }
    }
}

fn person(default: Option<&Value>, given: Option<&RawValue>, user: &str) -> String {
    let given: Value =
        given.and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default();
    let name = given["name"].as_str().map(str::trim).filter(|name| !name.is_empty());
    let name = name.map_or_else(|| capitalised(user), |name| name.chars().take(MAX_NAME).collect());
    let mut person = default.filter(|value| value.is_object()).cloned().unwrap_or_default();
    person["id"] = user.into();
    person["name"] = name.into();
    person.to_string()
}

fn capitalised(user: &str) -> String {
    let mut letters = user.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).take(MAX_NAME).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stamped(stamp: Stamp, given: &str, fill: Fill, user: Option<&str>) -> Option<Value> {
        let given = RawValue::from_string(given.into()).expect("JSON");
        let origin = Origin { channel: "comments:7:a", user };
        let person = json!({ "id": null, "name": null, "expert": false });
        let default = (stamp == Stamp::Person).then_some(person);
        let value = stamp.value(default.as_ref(), Some(&given), fill, &origin)?;
        Some(serde_json::from_str(&value).expect("JSON"))
    }

    #[test]
    fn user_value_for_a_stamped_column_is_ignored() {
        let ann = Some("ann");
        for (stamp, expected) in [
            (Stamp::User, Some(json!("ann"))),
            (Stamp::Scope, Some(json!("7:a"))),
            (Stamp::Person, Some(json!({ "id": "ann", "name": "Ann", "expert": false }))),
            (Stamp::Server, None),
        ] {
            let forged = r#"{"id":"bob","expert":true}"#;
            assert_eq!(stamped(stamp, forged, Fill::Defaults, ann), expected, "{stamp:?}");
            assert_eq!(stamped(stamp, forged, Fill::Nothing, ann), None, "{stamp:?}");
        }
        let named = stamped(Stamp::Person, r#"{"name":"Ann B."}"#, Fill::Defaults, ann);
        assert_eq!(named.expect("a person")["name"], "Ann B.");
    }

    #[test]
    fn server_values_are_kept_except_the_scope() {
        for stamp in [Stamp::Created, Stamp::Updated, Stamp::User, Stamp::Person, Stamp::Server] {
            for fill in [Fill::Defaults, Fill::Nothing] {
                assert_eq!(stamped(stamp, "7", fill, None), Some(json!(7)), "{stamp:?}");
            }
        }
        assert_eq!(stamped(Stamp::Scope, "7", Fill::Defaults, None), Some(json!("7:a")));
        assert_eq!(stamped(Stamp::Scope, "7", Fill::Nothing, None), None);
    }
}
