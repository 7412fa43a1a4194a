//! The states in which a client receives hostile frames.

use tidewire::core::collection::EditKind;
use tidewire::core::config::ProtocolKind;
use tidewire::core::input::Received;
use tidewire::core::presence::PresenceAction;

use crate::page::Page;
use crate::phoenix;
use crate::value::{Value, object};

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// All of them, in order.
            pub(crate) const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// Its name in the corpus.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The variant with this name.
            pub(crate) fn named(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|own| own.name() == text)
            }
        }
    };
}

named! {
    /// The state of a client. Each state includes the steps of all states listed before it.
    Stage {
        /// A connection is requested; the socket is not open.
        Connecting "connecting",
        /// The socket is open, and `auth` sent.
        Authenticating "authenticating",
        /// The server accepted it; its joins are sent.
        Joining "joining",
        /// The joins are answered; the collection loads.
        Joined "joined",
        /// The collection is loaded.
        Live "live",
        /// Messages are sent and not answered.
        Sending "sending",
        /// The user's presence is tracked in a channel, unanswered, and the user types.
        Tracked "tracked",
        /// The collection has pending changes.
        Editing "editing",
        /// A message is missing, and requested.
        Gap "gap",
        /// The connection broke; the next one is open, and `auth` sent.
        Returning "returning",
        /// The server accepted it again.
        Rejoining "rejoining",
    }
}

named! {
    /// The negotiated extensions.
    Features {
        /// All.
        Full "full",
        /// All but positions.
        NoSeq "no-seq",
        /// All but acknowledgements and presence.
        NoAck "no-ack",
        /// Payloads separate from the envelope, and no memberships.
        Envelope "envelope",
        /// None.
        Base "base",
        /// A Phoenix server.
        Phoenix "phoenix",
        /// A Supabase Realtime server.
        Supabase "supabase",
    }
}

impl Features {
    /// The protocol of the client.
    pub(crate) const fn protocol(self) -> ProtocolKind {
        match self {
            Self::Phoenix => ProtocolKind::Phoenix,
            Self::Supabase => ProtocolKind::Supabase,
            _ => ProtocolKind::Tidewire,
        }
    }

    /// The parameters of the client's first channel.
    pub(crate) fn params(self) -> Option<Value> {
        let filter = object! { "event": "*", "schema": "public", "table": "todos" };
        (self == Self::Supabase).then(|| {
            object! {
                "presence": object! { "enabled": true },
                "broadcast": object! { "ack": true },
                "postgres_changes": Value::Array([filter].into()),
            }
        })
    }

    /// The `auth_success` frame with these extensions.
    fn acceptance(self) -> Value {
        let names: &[&str] = match self {
            Self::Full => {
                &["subscribe", "seq", "envelope", "ack", "presence", "ephemeral", "reauth", "batch"]
            }
            Self::NoSeq => &["subscribe", "envelope", "ack", "presence", "ephemeral", "batch"],
            Self::NoAck => &["subscribe", "seq", "envelope", "ephemeral", "reauth"],
            Self::Envelope => &["envelope", "ack"],
            Self::Base | Self::Phoenix | Self::Supabase => &[],
        };
        let features = Value::Array(names.iter().map(|name| Value::from(*name)).collect());
        object! { "type": "auth_success", "connectionId": "c1", "user": "u1", "features": features }
    }
}

impl Stage {
    /// A client in this state.
    pub(crate) fn reach(self, features: Features, seed: u64) -> Page {
        let mut page = Page::new(seed, features);
        for stage in Self::ALL.into_iter().filter(|stage| *stage <= self) {
            stage.perform(&mut page, features);
        }
        page
    }

    fn perform(self, page: &mut Page, features: Features) {
        if features.protocol() != ProtocolKind::Tidewire && self.perform_on_phoenix(page) {
            return;
        }
        match self {
            Self::Connecting => {
                page.subscribe("a");
                page.open_rows();
                page.answer_token_requests();
            }
            Self::Authenticating => page.open(),
            Self::Joining | Self::Rejoining => receive(page, features.acceptance()),
            Self::Joined => {
                for (channel, reference) in [("a", 1), ("t", 2)] {
                    let joined = object! {
                        "type": "subscribed", "channel": channel, "ref": reference,
                        "epoch": "e", "seq": 1, "head": 1, "recovered": false,
                    };
                    // A client of a base server handles it as a message.
                    receive(page, joined);
                }
            }
            Self::Live => {
                let row = |key: &str| object! { "id": key, "version": 1, "a": 1 };
                let rows = Value::Array([row("k1"), row("k2"), row("k3")].into());
                page.answer(&object! { "rows": rows, "epoch": "e", "seq": 1 });
            }
            Self::Sending => {
                page.send("a", true);
                page.send("a", true);
                page.send("b", true);
                page.send("a", false);
            }
            Self::Tracked => {
                let send = page.new_send();
                page.call(|client, now| {
                    let meta = object! { "mood": "calm" };
                    client.presence(now, "a", send, PresenceAction::Track { key: None, meta });
                });
                page.call(|client, now| client.start_typing(now, "a"));
            }
            Self::Editing => {
                page.mutate(EditKind::Insert { key: None, row: object! { "a": 2 } });
                page.mutate(EditKind::Update { key: "k1".into(), patch: object! { "a": 3 } });
                page.mutate(EditKind::Remove { key: "k2".into() });
                page.mutate(EditKind::Update { key: "tmp:c0".into(), patch: object! { "b": 4 } });
            }
            Self::Gap => {
                for channel in ["a", "t"] {
                    receive(
                        page,
                        object! {
                            "type": "channel_message", "channel": channel, "id": "s3", "seq": 3,
                            "epoch": "e", "payload": object! { "n": 3 },
                        },
                    );
                }
                page.pass(60);
            }
            Self::Returning => {
                page.cut();
                page.pass(2_000);
            }
        }
    }
}

impl Stage {
    /// Performs the steps that differ on a Phoenix server; `false` for those that do not.
    fn perform_on_phoenix(self, page: &mut Page) -> bool {
        match self {
            // Phoenix has no authentication frame and no positions.
            Self::Joining | Self::Gap => true,
            Self::Joined | Self::Rejoining => {
                for frame in std::mem::take(&mut page.sent) {
                    for reply in phoenix::replies(&frame) {
                        receive(page, reply);
                    }
                }
                true
            }
            _ => false,
        }
    }
}

fn receive(page: &mut Page, frame: Value) {
    page.receive(Received::Value(frame));
}
