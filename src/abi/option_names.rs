//! The names of all options, also of those that the engine does not read: an option with another name has no effect, and
//! the app is warned.

use alloc::vec;
use alloc::vec::Vec;

use super::options::{CHANNEL, NUMBERS, OTHERS};
use crate::core::collection::ChangeKind;
use crate::core::named::named;

named! {
    /// The kinds of options.
    pub enum OptionsOf {
        /// A client's.
        Client = "client",
        /// A channel's.
        Channel = "channel",
        /// A collection's, with those of its channel.
        Collection = "collection",
        /// A send's.
        Send = "send",
    }
}

/// The names of the options within one object.
#[derive(Debug)]
pub struct Group {
    /// Where the object is: `reconnect.caps`, say; empty for the options themselves. A list counts as its items.
    pub path: &'static str,
    /// The names.
    pub names: Vec<&'static str>,
}

/// The options of a client that only its surface reads.
const SURFACE: [&str; 2] = ["debug", "logger"];

/// The members of an item of `reconnect.caps`.
const CAP: [&str; 2] = ["untilMs", "maxMs"];

/// The options of a channel that only its surface calls.
const CALLBACKS: [&str; 2] = ["onError", "onGap"];

/// The options of a collection, without those of its channel.
const COLLECTION: [(&str, &[&str]); 2] = [
    ("", &["key", "load", "persist", "conflict", "version", "sort", "limit"]),
    ("events", ChangeKind::NAMES),
];

const SEND: [&str; 6] = ["ack", "event", "timeoutMs", "ttlMs", "ephemeral", "signal"];

impl OptionsOf {
    /// All names, by the objects that they are in.
    #[must_use]
    pub fn groups(self) -> Vec<Group> {
        let mut groups = self.own_groups();
        if self == Self::Collection {
            for Group { path, names } in Self::Channel.own_groups() {
                add(&mut groups, path, &names);
            }
        }
        groups
    }

    /// The names of the options by group; of a collection without those of its channel.
    #[must_use]
    pub fn own_groups(self) -> Vec<Group> {
        let mut groups = vec![Group { path: "", names: Vec::new() }];
        match self {
            Self::Client => {
                add(&mut groups, "", &OTHERS);
                for (path, name, ..) in NUMBERS {
                    add(&mut groups, path, &[name]);
                }
                add(&mut groups, "reconnect.caps", &CAP);
                add(&mut groups, "", &SURFACE);
            }
            Self::Channel => {
                for (path, names) in &CHANNEL {
                    add(&mut groups, path, names);
                }
                add(&mut groups, "", &CALLBACKS);
            }
            Self::Collection => {
                for (path, names) in &COLLECTION {
                    add(&mut groups, path, names);
                }
            }
            Self::Send => add(&mut groups, "", &SEND),
        }
        groups
    }
}

/// Adds names to the group with this path; a new group's own name goes to the group around it.
fn add(groups: &mut Vec<Group>, path: &'static str, names: &[&'static str]) {
    if let Some(known) = groups.iter_mut().find(|known| known.path == path) {
        let new = names.iter().filter(|name| !known.names.contains(name)).collect::<Vec<_>>();
        known.names.extend(new);
        return;
    }
    let (around, name) = path.rsplit_once('.').unwrap_or(("", path));
    add(groups, around, &[name]);
    groups.push(Group { path, names: names.to_vec() });
}

#[cfg(test)]
mod tests {
    use super::OptionsOf;

    #[test]
    fn every_group_is_named_once_in_the_group_around_it() {
        for kind in OptionsOf::ALL {
            let groups = kind.groups();
            for group in &groups {
                let (around, name) = group.path.rsplit_once('.').unwrap_or(("", group.path));
                let parent = groups.iter().find(|other| other.path == around);
                let times = parent
                    .map_or(0, |other| other.names.iter().filter(|known| **known == name).count());
                assert_eq!(times, usize::from(!group.path.is_empty()), "{kind:?} {}", group.path);
            }
        }
    }
}
