//! The list of the generated TypeScript files and their content.
//!
//! Every fact is defined once. A number, a table of names or a text that the package needs and Rust has is listed here, and no
//! other file of the package defines it. A string literal that TypeScript checks against a generated union type
//! (`state === 'ready'`, `new RealtimeError('aborted', …)`) is a use of a fact, not another copy of it: renaming the name
//! here makes the type check fail there. The same goes for the members of an options interface, which must be the
//! generated names. `tests/js/boundary.test.ts` finds tables and numbers that are defined again.

use super::call::{Command, PresenceAction, SendFlag};
use super::counter::{ChannelCounter, Metric, RoundTripTime};
use super::option_names::{Group, OptionsOf};
use super::options;
use super::report::{Kind, MessageFlag, RequestKind, SendStatus};
use super::text;
use crate::core::collection::{ChangeKind, CollectionStatus, ConflictPolicy, KEY_FIELD, TEMPORARY};
use crate::core::config::{AuthMode, Config, ProtocolKind, Serializer};
use crate::core::error::Code;
use crate::core::message_head::{FrameShape, Receipt};
use crate::core::named::Member;
use crate::core::outbox::MAX_IDS;
use crate::core::payload::{MAX_DEPTH, MAX_VALUES};
use crate::core::presence::PresenceKind;
use crate::core::profile::{CONTROL_EVENTS, OFFERED_IN};
use crate::core::protocol::address;
use crate::core::protocol::native::{CHANNEL_MESSAGE, DEFAULT_CHANNEL};
use crate::core::protocol::supabase::{POSTGRES_CHANGES, TOPIC_PREFIX};
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, Continuity, ErrorInForce, Quality, State};
use crate::core::typing;
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
    /// A set of texts.
    Set(&'static [&'static str]),
    /// A type: one of the names, each with its description.
    Union(Vec<(&'static str, &'static str)>),
    /// An object with the names by their codes; the second text is the type of the names.
    Codes(Vec<(u16, &'static str)>, &'static str),
    /// A number.
    Number(u64),
    /// A text.
    Text(&'static str),
    /// An enum whose values are texts: the identifier, the text, its description.
    Texts(Vec<(&'static str, &'static str, &'static str)>),
    /// A regular expression.
    Pattern(&'static str),
    /// Names of options, by group.
    Options(Vec<Group>),
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
            union("OptionsOf", OptionsOf::ABOUT, OptionsOf::MEMBERS),
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
            Item { name: "Text", about: &["Texts of the calls."], value: Value::Texts(calls()) },
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
            text("KEY_FIELD", &["The field that has a row's key by default."], KEY_FIELD),
            text(
                "TEMPORARY_KEY",
                &["The prefix of a row's key until the row is stored."],
                TEMPORARY,
            ),
            Item {
                name: "Supabase",
                about: &["Names of Supabase Realtime."],
                value: Value::Texts(vec![
                    ("PostgresChanges", POSTGRES_CHANGES, "The event of database changes."),
                    ("TopicPrefix", TOPIC_PREFIX, "What the topics of channels begin with."),
                ]),
            },
            Item {
                name: "Native",
                about: &["Names of the native protocol."],
                value: Value::Texts(vec![
                    (
                        "ChannelMessage",
                        CHANNEL_MESSAGE,
                        "The type of a channel's message, unless it has its own.",
                    ),
                    (
                        "DefaultChannel",
                        DEFAULT_CHANNEL,
                        "The channel of a message that names none.",
                    ),
                ]),
            },
            Item {
                name: "RegistryName",
                about: &["Parts of the channels' names in the registry of the older API."],
                value: Value::Texts(text::REGISTRY.to_vec()),
            },
            number(
                "TYPING_EXPIRY_MS",
                &["How long received typing is valid, in milliseconds."],
                typing::EXPIRY_MS,
            ),
            number(
                "MAX_TYPING",
                &["The most users known to type in one channel; others are not reported."],
                typing::MAX_TYPING as u64,
            ),
        ],
    }
}

fn engine() -> File {
    File {
        name: "engine.ts",
        about: "What is loaded with the engine.",
        items: vec![
            Item {
                name: "SessionText",
                about: &["Texts of what runs with the engine."],
                value: Value::Texts(text::SESSION.to_vec()),
            },
            number(
                "MAX_WARNINGS",
                &[
                    "The most warnings that are kept to print none twice, and the most that are printed.",
                ],
                text::MAX_WARNINGS as u64,
            ),
            number(
                "DEFAULT_CONFLICT",
                &["The number of the default policy for conflicts."],
                ConflictPolicy::DEFAULT as u64,
            ),
            number(
                "MAX_SECRETS",
                &["How many tokens of a client are redacted."],
                text::MAX_SECRETS as u64,
            ),
            Item {
                name: "JWT",
                about: &["What is redacted because it looks like a JWT."],
                value: Value::Pattern(text::JWT),
            },
            Item {
                name: "CONTROL_EVENTS",
                about: &["The events of frames whose heads are not read."],
                value: Value::Set(&CONTROL_EVENTS),
            },
            text(
                "DEFAULT_AUTH",
                &["The default of the option `auth`."],
                Config::default().auth.name(),
            ),
            Item {
                name: "OFFERED_IN",
                about: &[
                    "The values of the option `auth` with which the native protocol offers the token as a subprotocol.",
                ],
                value: Value::Set(&OFFERED_IN),
            },
            text(
                "TOKEN_SUBPROTOCOL",
                &["The subprotocol that is offered before the token itself (native protocol)."],
                address::JWT,
            ),
            text(
                "NATIVE_PATH",
                &["The path on the page's host without the option `url` (native protocol)."],
                address::default_path(ProtocolKind::Tidewire),
            ),
            number(
                "MAX_FRAME_BYTES",
                &["The default of the option `maxFrameBytes`."],
                Config::default().max_frame_bytes,
            ),
            number(
                "MAX_OWN_IDS",
                &["How many ids of sends are remembered after these are settled."],
                MAX_IDS as u64,
            ),
            numbers("FrameShape", FrameShape::ABOUT, FrameShape::MEMBERS),
            numbers("Receipt", Receipt::ABOUT, Receipt::MEMBERS),
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
            names("METRICS", Metric::ABOUT, Metric::MEMBERS),
            names("ROUND_TRIP_TIMES", RoundTripTime::ABOUT, RoundTripTime::MEMBERS),
            names("CHANNEL_COUNTERS", ChannelCounter::ABOUT, ChannelCounter::MEMBERS),
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
                about: &["The names of a client's options."],
                value: Value::Options(client_options()),
            },
            Item {
                name: "CHANNEL_OPTIONS",
                about: &["The names of a channel's options."],
                value: Value::Options(OptionsOf::Channel.groups()),
            },
            Item {
                name: "COLLECTION_OPTIONS",
                about: &["The names of a collection's options, without those of its channel."],
                value: Value::Options(OptionsOf::Collection.own_groups()),
            },
            Item {
                name: "SEND_OPTIONS",
                about: &["The names of a send's options."],
                value: Value::Options(OptionsOf::Send.groups()),
            },
        ],
    }
}

fn calls() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut texts = text::CALLS.to_vec();
    texts.push(("Destroyed", Code::Destroyed.message(), "The message after `destroy()`."));
    texts
}

fn client_options() -> Vec<Group> {
    let mut groups = OptionsOf::Client.groups();
    // The package's alone: the bare module is the engine.
    groups[0].names.push("wasm");
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
