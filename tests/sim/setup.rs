//! The fixed part of a schedule: the server's features, the clients, their options.

use std::fmt;
use std::str::FromStr;

use tidewire::core::config::Config;

use crate::action::Unreadable;

/// Which extensions the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// All of them.
    Full,
    /// All but `seq`.
    NoSeq,
    /// All but `ack`.
    NoAck,
    /// None.
    Base,
}

impl Profile {
    /// All of them, with their text forms.
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Full, "full"),
        (Self::NoSeq, "no-seq"),
        (Self::NoAck, "no-ack"),
        (Self::Base, "base"),
    ];

    /// The extensions of a server like this.
    pub(crate) const fn features(self) -> &'static [&'static str] {
        match self {
            Self::Full => {
                &["subscribe", "seq", "envelope", "ack", "presence", "ephemeral", "reauth", "batch"]
            }
            Self::NoSeq => {
                &["subscribe", "envelope", "ack", "presence", "ephemeral", "reauth", "batch"]
            }
            Self::NoAck => {
                &["subscribe", "seq", "envelope", "presence", "ephemeral", "reauth", "batch"]
            }
            Self::Base => &[],
        }
    }

    /// Whether messages have positions in a log.
    pub(crate) const fn has_seq(self) -> bool {
        matches!(self, Self::Full | Self::NoAck)
    }

    /// Whether messages are acknowledged.
    pub(crate) const fn has_acks(self) -> bool {
        matches!(self, Self::Full | Self::NoSeq)
    }

    /// Whether messages have ids.
    pub(crate) const fn has_ids(self) -> bool {
        !matches!(self, Self::Base)
    }
}

/// The fixed part of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setup {
    /// The seed of the clients' jitter.
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    pub(crate) tabs: u8,
    /// The lifetime of tokens, in milliseconds; 0 is unlimited. They are fetched and refreshed.
    pub(crate) token_lifetime_ms: u64,
    /// How long the server remembers accepted ids, in milliseconds.
    pub(crate) ack_memory_ms: u64,
    /// Whether the server sends the echo of a message before its acknowledgement.
    pub(crate) echo_first: bool,
}

impl Setup {
    /// The options of every client. All others are the product's defaults.
    pub(crate) fn config(&self) -> Config {
        Config { has_token_source: true, ..Config::default() }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, profile, tabs, token_lifetime_ms, ack_memory_ms, echo_first } = self;
        let named = Profile::NAMES.iter().find(|(known, _)| known == profile);
        let profile = named.map_or("", |(_, name)| name);
        let first = if *echo_first { "echo" } else { "ack" };
        write!(
            f,
            "seed {seed} {profile} tabs {tabs} token {token_lifetime_ms} memory {ack_memory_ms} {first} first"
        )
    }
}

impl FromStr for Setup {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let unreadable = || format!("`{text}` is no setup");
        let ["seed", seed, profile, "tabs", tabs, "token", token, "memory", memory, first, "first"] =
            *fields.as_slice()
        else {
            return Err(unreadable());
        };
        let number = |text: &str| text.parse().map_err(|_| unreadable());
        let profile = Profile::NAMES.iter().find(|(_, name)| *name == profile);
        Ok(Self {
            seed: number(seed)?,
            profile: profile.ok_or_else(unreadable)?.0,
            tabs: tabs.parse().map_err(|_| unreadable())?,
            token_lifetime_ms: number(token)?,
            ack_memory_ms: number(memory)?,
            echo_first: first == "echo",
        })
    }
}
