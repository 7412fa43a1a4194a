//! The list of the generated TypeScript files and their content.
//!
//! Every fact is defined once. A number, a table of names or a text that the package needs and Rust has is listed here, and no
//! other file of the package defines it. A string literal that TypeScript checks against a generated union type
//! (`state === 'ready'`, `new RealtimeError('aborted', …)`) is a use of a fact, not another copy of it: renaming the name
//! here makes the type check fail there. The same goes for the members of an options interface, which must be the
//! generated names. `tests/js/boundary.test.ts` finds tables and numbers that are defined again.

use super::call::{Command, PresenceAction, SendFlag};
use super::options;
use super::report::{Kind, MessageFlag, RequestKind, SendStatus};
use crate::core::collection::{ChangeKind, CollectionStatus, ConflictPolicy, TEMPORARY};
use crate::core::config::{AuthMode, Config, ProtocolKind, Serializer};
use crate::core::error::Code;
use crate::core::named::Member;
use crate::core::payload::{MAX_DEPTH, MAX_VALUES};
use crate::core::presence::PresenceKind;
use crate::core::protocol::supabase::POSTGRES_CHANGES;
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, Continuity, ErrorInForce, Quality, State};
use alloc::vec;
use alloc::vec::Vec;

/// A file of the folder `pkg-template/src/generated`.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// The description of its content.
    pub about: &'static str,
    /// Its exports.
    pub items: Vec<Item>,
}

/// One export.
#[derive(Debug)]
pub struct Item {
    /// Its name.
    pub name: &'static str,
    /// The lines of its description.
    pub about: &'static [&'static str],
    /// Its value.
    pub value: Value,
}

/// The value of an export.
#[derive(Debug)]
pub enum Value {
    /// An enum whose values are the members' numbers.
    Numbers(&'static [Member]),
    /// An enum whose values are bits.
    Bits(&'static [Member]),
    /// An array of the members' names, by their numbers.
    Names(&'static [Member]),
    /// A type: one of the names, each with its description.
    Union(Vec<(&'static str, &'static str)>),
    /// An object with the names by their codes; the second text is the type of the names.
    Codes(Vec<(u16, &'static str)>, &'static str),
    /// A number.
    Number(u64),
    /// A text.
    Text(&'static str),
    /// Names of options, by group.
    Options(Vec<OptionGroup>),
}

/// The options of a group; no name is the options object itself.
#[derive(Debug)]
pub struct OptionGroup {
    /// Its name.
    pub name: &'static str,
    /// Its options.
    pub options: Vec<&'static str>,
}

/// An option that is a number, with its default if there is one.
#[derive(Debug)]
pub struct NumberOption {
    /// The name of its group; empty for the options object itself.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its default.
    pub default: Option<u64>,
}

/// The options that are numbers.
#[must_use]
pub fn number_options() -> Vec<NumberOption> {
    let mut config = Config::default();
    let numbers = options::NUMBERS.iter().map(|(group, name, _, place)| NumberOption {
        group,
        name,
        default: match place {
            options::Setter::Always(setter) => Some(*setter(&mut config)),
            options::Setter::Optional(setter) => *setter(&mut config),
        },
    });
    numbers.collect()
}

/// All generated files.
#[must_use]
pub fn files() -> Vec<File> {
    vec![types(), facade(), engine()]
}

fn types() -> File {
    File {
        name: "types.ts",
        about: "Types of the engine's names. They cost nothing at run time.",
        items: vec![
            union("State", State::ABOUT, State::MEMBERS),
            union("Quality", Quality::ABOUT, Quality::MEMBERS),
            union("ChannelState", ChannelState::ABOUT, ChannelState::MEMBERS),
            union("Continuity", Continuity::ABOUT, Continuity::MEMBERS),
            union("SentStatus", SendStatus::ABOUT, SendStatus::MEMBERS),
            union("ServerProtocol", ProtocolKind::ABOUT, ProtocolKind::MEMBERS),
            union("SerializerVersion", Serializer::ABOUT, Serializer::MEMBERS),
            union("AuthMode", AuthMode::ABOUT, AuthMode::MEMBERS),
            union("ChangeKind", ChangeKind::ABOUT, ChangeKind::MEMBERS),
            union("ConflictPolicy", ConflictPolicy::ABOUT, ConflictPolicy::MEMBERS),
            union("PresenceEvent", PresenceKind::ABOUT, PresenceKind::MEMBERS),
            Item {
                name: "EngineErrorCode",
                about: &["The codes of the engine's errors."],
                value: Value::Union(
                    Code::TABLE.iter().map(|(name, _, message, _)| (*name, *message)).collect(),
                ),
            },
            Item {
                name: "Reason",
                about: &["Why a state changed."],
                value: Value::Union(
                    Reason::TABLE.iter().map(|(_, name, meaning)| (*name, *meaning)).collect(),
                ),
            },
        ],
    }
}

fn facade() -> File {
    let config = Config::default();
    File {
        name: "facade.ts",
        about: "What the facade needs. It is loaded with the page, so its size is limited.",
        items: vec![
            numbers("PresenceAction", PresenceAction::ABOUT, PresenceAction::MEMBERS),
            numbers("ChangeAction", ChangeKind::ABOUT, ChangeKind::MEMBERS),
            number("MAX_DEPTH", &["The deepest nesting of a payload."], MAX_DEPTH as u64),
            number("MAX_VALUES", &["The most values in a payload."], MAX_VALUES.into()),
            number(
                "QUEUE_MAX_MESSAGES",
                &["The default of the option `queue.maxMessages`."],
                config.queue_max_messages,
            ),
            number(
                "QUEUE_MAX_BYTES",
                &["The default of the option `queue.maxBytes`."],
                config.queue_max_bytes,
            ),
            text(
                "TEMPORARY_KEY",
                &["The prefix of a row's key until the row is stored."],
                TEMPORARY,
            ),
            text(
                "POSTGRES_CHANGES",
                &["The event of database changes (Supabase)."],
                POSTGRES_CHANGES,
            ),
        ],
    }
}

fn engine() -> File {
    File {
        name: "engine.ts",
        about: "What is loaded with the engine.",
        items: vec![
            numbers("Kind", Kind::ABOUT, Kind::MEMBERS),
            numbers("RequestKind", RequestKind::ABOUT, RequestKind::MEMBERS),
            numbers("Command", Command::ABOUT, Command::MEMBERS),
            numbers("ErrorInForce", ErrorInForce::ABOUT, ErrorInForce::MEMBERS),
            bits("SendFlag", SendFlag::ABOUT, SendFlag::MEMBERS),
            bits("MessageFlag", MessageFlag::ABOUT, MessageFlag::MEMBERS),
            numbers("PresenceKind", PresenceKind::ABOUT, PresenceKind::MEMBERS),
            numbers("ConflictNumber", ConflictPolicy::ABOUT, ConflictPolicy::MEMBERS),
            names("STATES", State::ABOUT, State::MEMBERS),
            names("QUALITIES", Quality::ABOUT, Quality::MEMBERS),
            names("CHANNEL_STATES", ChannelState::ABOUT, ChannelState::MEMBERS),
            names("CONTINUITIES", Continuity::ABOUT, Continuity::MEMBERS),
            names("SEND_STATUSES", SendStatus::ABOUT, SendStatus::MEMBERS),
            names("COLLECTION_STATUSES", CollectionStatus::ABOUT, CollectionStatus::MEMBERS),
            names("CHANGES", ChangeKind::ABOUT, ChangeKind::MEMBERS),
            names("CONFLICTS", ConflictPolicy::ABOUT, ConflictPolicy::MEMBERS),
            names("PRESENCE_EVENTS", PresenceKind::ABOUT, PresenceKind::MEMBERS),
            Item {
                name: "REASONS",
                about: &["Why a state changed, by code."],
                value: Value::Codes(
                    Reason::TABLE.iter().map(|(code, name, _)| (*code, *name)).collect(),
                    "Reason",
                ),
            },
            Item {
                name: "CLIENT_OPTIONS",
                about: &["The options of a client that the engine reads."],
                value: Value::Options(client_options()),
            },
            Item {
                name: "CHANNEL_OPTIONS",
                about: &["The options of a channel that the engine reads."],
                value: Value::Options(
                    options::CHANNEL
                        .iter()
                        .map(|(name, options)| OptionGroup { name, options: options.to_vec() })
                        .collect(),
                ),
            },
        ],
    }
}

fn client_options() -> Vec<OptionGroup> {
    let mut groups = vec![OptionGroup { name: "", options: options::OTHERS.to_vec() }];
    for (group, option, ..) in &options::NUMBERS {
        match groups.iter_mut().find(|known| known.name == *group) {
            Some(known) => known.options.push(option),
            None => groups.push(OptionGroup { name: group, options: vec![option] }),
        }
    }
    groups
}

fn union(name: &'static str, about: &'static [&'static str], members: &'static [Member]) -> Item {
    let named = members.iter().filter(|member| !member.name.is_empty());
    let described =
        named.map(|member| (member.name, member.docs.first().map_or("", |doc| doc.trim())));
    Item { name, about, value: Value::Union(described.collect()) }
}

const fn numbers(
    name: &'static str,
    about: &'static [&'static str],
    members: &'static [Member],
) -> Item {
    Item { name, about, value: Value::Numbers(members) }
}

const fn bits(
    name: &'static str,
    about: &'static [&'static str],
    members: &'static [Member],
) -> Item {
    Item { name, about, value: Value::Bits(members) }
}

const fn names(
    name: &'static str,
    about: &'static [&'static str],
    members: &'static [Member],
) -> Item {
    Item { name, about, value: Value::Names(members) }
}

const fn number(name: &'static str, about: &'static [&'static str], value: u64) -> Item {
    Item { name, about, value: Value::Number(value) }
}

const fn text(name: &'static str, about: &'static [&'static str], value: &'static str) -> Item {
    Item { name, about, value: Value::Text(value) }
}
