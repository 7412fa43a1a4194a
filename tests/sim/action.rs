//! The actions of a schedule, and their text form.

use std::fmt;
use std::str::FromStr;

/// Why a text is not a schedule.
pub(crate) type Unreadable = String;

/// A field of an action, written without spaces.
trait Field: Sized {
    fn write(&self) -> String;
    fn read(keyword: &str) -> Option<Self>;
}

macro_rules! number_fields {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn write(&self) -> String {
                self.to_string()
            }
            fn read(keyword: &str) -> Option<Self> {
                keyword.parse().ok()
            }
        }
    )*};
}
number_fields!(u8, u32, u64, i64);

macro_rules! keywords {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $keyword:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// All of them.
            pub(crate) const ALL: [Self; [$($keyword),*].len()] = [$(Self::$variant),*];

            /// Its text form.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $keyword),* }
            }
        }

        impl Field for $name {
            fn write(&self) -> String {
                self.name().to_owned()
            }
            fn read(keyword: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|own| own.name() == keyword)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

keywords! {
    /// The channels.
    Topic {
        /// A channel without a table.
        A "a",
        /// Another channel without a table.
        B "b",
        /// A channel whose messages change the rows of a table.
        Table "t",
    }
}

keywords! {
    /// Whether a send requests an acknowledgement.
    Acknowledgement {
        /// An acknowledgement.
        Acked "acked",
        /// No acknowledgement.
        Plain "plain",
        /// An acknowledgement; the send expires after two seconds in the queue.
        Brief "brief",
    }
}

keywords! {
    /// How an open connection is cut as the client's next message reaches the server.
    CutOutcome {
        /// The server accepted it; no answer arrives.
        Taken "taken",
        /// It was lost in transit.
        Lost "lost",
        /// The server accepted it and then failed: 1011.
        Failed "failed",
        /// The server did not accept it because of its size: 1009.
        TooBig "too-big",
    }
}

keywords! {
    /// The code with which the server closes the connection after a message.
    Poison {
        /// 1009
        TooBig "too-big",
        /// 1011
        Failed "failed",
        /// 1006
        Gone "gone",
    }
}

keywords! {
    /// A message that the server must not send.
    Forgery {
        /// Before the connection is authenticated.
        Early "early",
        /// Without its position in the log.
        NoPosition "no-position",
    }
}

keywords! {
    /// The part that a client can read of a message that is too large for it.
    Head {
        /// The members before its payload.
        Readable "readable",
        /// Nothing.
        Unreadable "unreadable",
    }
}

keywords! {
    /// A fault of a message in transit to a client.
    Fault {
        /// It never arrives.
        Lose "lose",
        /// It arrives twice.
        Double "double",
        /// It arrives after its successor.
        Swap "swap",
    }
}

keywords! {
    /// The claims of a token about its lifetime.
    TokenClaims {
        /// The time of its issue, and that of its end.
        Whole "whole",
        /// The time of its end.
        End "end",
        /// None.
        Opaque "opaque",
    }
}

keywords! {
    /// Whether the server reports the lifetime of a token.
    LifetimeReport {
        Yes "reported",
        No "unreported",
    }
}

keywords! {
    /// Which rejected tokens a token source returns.
    Staleness {
        /// The same one each time.
        Cached "cached",
        /// Another one each time.
        Renewed "renewed",
    }
}

keywords! {
    /// A change of a row.
    Change {
        /// It is inserted.
        Insert "insert",
        /// A field of it is updated.
        Update "update",
        /// It is deleted.
        Delete "delete",
    }
}

keywords! {
    /// A collection's conflict policy.
    Policy {
        ServerWins "server-wins",
        ClientWins "client-wins",
        LastWriteWins "last-write-wins",
        Merge "merge",
        Function "function",
    }
}

keywords! {
    /// How a collection's changes are stored and its rows loaded.
    Storing {
        /// By messages; loads return the log's position.
        Channel "channel",
        /// By messages; loads return no position.
        NoPosition "no-position",
        /// By requests.
        Rest "rest",
        /// By requests; published messages do not contain the mutation's id.
        Unnamed "unnamed",
        /// By requests; neither messages contain the mutation's id nor responses the row.
        Silent "silent",
    }
}

impl Storing {
    /// Whether changes are stored by requests.
    pub(crate) const fn is_by_request(self) -> bool {
        matches!(self, Self::Rest | Self::Unnamed | Self::Silent)
    }

    /// Whether messages contain the ids of their mutations.
    pub(crate) const fn is_named(self) -> bool {
        !matches!(self, Self::Unnamed | Self::Silent)
    }
}

keywords! {
    /// Whether the server receives the version that a change is based on.
    Versions {
        Checked "checked",
        Unchecked "unchecked",
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $keyword:literal $name:ident { $($field:ident: $kind:ty),* };)*) => {
        /// One action.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Action {
            $($(#[$doc])* $name { $($field: $kind),* },)*
        }

        impl fmt::Display for Action {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name { $($field),* } => {
                        f.write_str($keyword)?;
                        $(write!(f, " {}", Field::write($field))?;)*
                        Ok(())
                    })*
                }
            }
        }

        impl FromStr for Action {
            type Err = Unreadable;

            fn from_str(text: &str) -> Result<Self, Unreadable> {
                let mut keywords = text.split_whitespace();
                let unreadable = || format!("`{text}` is no action");
                match keywords.next() {
                    $(Some($keyword) => Ok(Self::$name {
                        $($field: keywords.next().and_then(Field::read).ok_or_else(unreadable)?,)*
                    }),)*
                    _ => Err(unreadable()),
                }
            }
        }
    };
}

actions! {
    /// Time passes.
    "wait" Wait { ms: u64 };

    // The app.
    /// Another subscriber subscribes to a channel.
    "subscribe" Subscribe { tab: u8, topic: Topic };
    /// The latest subscriber of a channel unsubscribes.
    "unsubscribe" Unsubscribe { tab: u8, topic: Topic };
    /// A message is sent.
    "send" Send { tab: u8, topic: Topic, acknowledgement: Acknowledgement };
    /// A message is sent after which the server closes the connection, each time.
    "poison" SendPoison { tab: u8, topic: Topic, poison: Poison };
    /// A message is sent that may be lost.
    "hint" Hint { tab: u8, topic: Topic };
    /// The user's presence is tracked in a channel, or tracked again with another meta.
    "track" Track { tab: u8, topic: Topic };
    /// The meta of the user's presence is updated.
    "update" Update { tab: u8, topic: Topic };
    /// The user's presence is untracked.
    "untrack" Untrack { tab: u8, topic: Topic };
    /// The user types.
    "type" Type { tab: u8, topic: Topic };
    /// A collection is opened; one that was open is closed.
    "open" Open { tab: u8, policy: Policy, storing: Storing, versions: Versions };
    /// It is closed.
    "close" Close { tab: u8 };
    /// A change is made in it, to the row of this number.
    "edit" Edit { tab: u8, change: Change, nth: u8 };
    /// A row with a key chosen by the app is inserted.
    "insert-as" InsertAs { tab: u8, key: u8 };
    /// It is loaded again.
    "reload" Reload { tab: u8 };
    /// The app's next requests for rows and changes fail.
    "no-rest" NoRest { tab: u8, times: u8 };
    /// The server changes the row of this number itself.
    "server-edit" ServerEdit { change: Change, nth: u8 };
    /// The latest unsettled send is canceled.
    "cancel" Cancel { tab: u8 };
    /// `connect()`.
    "connect" Connect { tab: u8 };
    /// `disconnect()`.
    "disconnect" Disconnect { tab: u8 };
    /// A new token of the same user.
    "renew" Renew { tab: u8 };
    /// Another user signs in.
    "become" Become { tab: u8, user: u8 };

    // The page.
    /// It is hidden, and its timers fire only at multiples of this time.
    "hide" Hide { tab: u8, throttle_ms: u64 };
    /// It is visible, with timers that fire in time.
    "show" Show { tab: u8 };
    /// It is frozen: nothing runs.
    "freeze" Freeze { tab: u8 };
    /// It runs again.
    "resume" Resume { tab: u8 };
    /// The machine sleeps for this long, then wakes.
    "sleep" Sleep { tab: u8, ms: u64 };
    /// It is closed abruptly and opened again.
    "crash" Crash { tab: u8 };
    /// The client's engine crashes within its next call, after so many of the call's outputs, and
    /// the page replaces it.
    "trap" Trap { tab: u8, outputs: u8 };

    // The network.
    /// The latency of frames to the server (up) and from it (down).
    "delay" Delay { tab: u8, up_ms: u64, down_ms: u64 };
    /// The connection breaks; everything in transit is lost.
    "cut" Cut { tab: u8 };
    /// The connection breaks at the next message of the client.
    "cut-at-send" CutAtSend { tab: u8, outcome: CutOutcome };
    /// Nothing arrives any more in either direction, and neither side is notified.
    "half-open" HalfOpen { tab: u8 };
    /// There is no network, and the page is notified.
    "offline" Offline { tab: u8 };
    /// There is a network again, and the page is notified.
    "online" Online { tab: u8 };
    /// The next message to this client has this fault.
    "fault" InjectFault { tab: u8, fault: Fault };

    // The server.
    /// It publishes a message itself.
    "publish" Publish { topic: Topic };
    /// It publishes a message that is too large for the clients.
    "publish-large" PublishLarge { topic: Topic, head: Head };
    /// It sends a client an invalid message, on its connections or on its next one.
    "forge" Forge { tab: u8, topic: Topic, forgery: Forgery };
    /// Its log drops all but the newest messages.
    "trim" Trim { topic: Topic, keep: u8 };
    /// It is down for this long, and its log lost this many of each channel's newest messages.
    "restart" Restart { down_ms: u64, lost: u8 };
    /// It ends a membership, to be joined again after the time given.
    "end" End { tab: u8, topic: Topic, retry_ms: u64 };
    /// It ends the client's next memberships of a channel, each so long after its join.
    "brief-joins" BriefJoins { tab: u8, topic: Topic, times: u8, after_ms: u64 };
    /// It rejects the client's next joins.
    "reject-joins" RejectJoins { tab: u8, times: u8, retry_ms: u64 };
    /// It rejects the client's next messages.
    "reject-sends" RejectSends { tab: u8, times: u8 };
    /// From now on it acknowledges messages this much later than it publishes them.
    "late-acks" LateAcks { ms: u64 };
    /// It rejects the client's next tokens.
    "deny" Deny { tab: u8, times: u8 };
    /// It reports an error and closes the connection, to be opened again after the time given.
    "throw-out" ThrowOut { tab: u8, retry_ms: u64 };

    // The app's token source.
    /// It fails this many times.
    "no-token" NoToken { tab: u8, times: u8 };
    /// For this long the server rejects its tokens.
    "stale" Stale { tab: u8, staleness: Staleness, ms: u64 };
    /// The device's clock is wrong: ahead by this long, or behind if the number is negative.
    "clock" Clock { tab: u8, ahead_ms: i64 };
    /// What the tokens contain about their lifetime, and whether the server reports it from the next
    /// connection on.
    "token-lifetime" TokenLifetimes { tab: u8, claims: TokenClaims, report: LifetimeReport };
    /// From now on its tokens are this old when the client gets them.
    "aged" Aged { tab: u8, ms: u64 };
}

impl Action {
    /// Shorter variants to try while a failing schedule is minimized.
    pub(crate) fn shorter(self) -> Vec<Self> {
        let less = |ms: u64| [0, 1, ms / 10, ms / 2].into_iter().filter(move |less| *less < ms);
        match self {
            Self::Wait { ms } => less(ms).map(|ms| Self::Wait { ms }).collect(),
            Self::Sleep { tab, ms } => less(ms).map(|ms| Self::Sleep { tab, ms }).collect(),
            Self::Restart { down_ms, lost } => {
                less(down_ms).map(|down_ms| Self::Restart { down_ms, lost }).collect()
            }
            Self::Delay { tab, up_ms, down_ms } => less(up_ms)
                .map(|up_ms| Self::Delay { tab, up_ms, down_ms })
                .chain(less(down_ms).map(|down_ms| Self::Delay { tab, up_ms, down_ms }))
                .collect(),
            Self::LateAcks { ms } => less(ms).map(|ms| Self::LateAcks { ms }).collect(),
            Self::Stale { tab, staleness, ms } => {
                less(ms).map(|ms| Self::Stale { tab, staleness, ms }).collect()
            }
            _ => Vec::new(),
        }
    }
}
