//! The extensions of the protocol, and sets of them.

/// One extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Feature {
    /// Explicit membership of channels.
    Subscribe = 1,
    /// Numbered messages, and recovery of missed ones.
    Seq = 2,
    /// Payloads separate from the envelope.
    Envelope = 4,
    /// Acknowledged messages.
    Ack = 8,
    /// Presence of members.
    Presence = 16,
    /// Messages that are not logged.
    Ephemeral = 32,
    /// New tokens on an open connection.
    Reauth = 64,
    /// Several frames in one message of the transport.
    Batch = 128,
    /// Compressed messages of the transport.
    Deflate = 256,
}

const NAMES: [(Feature, &str); 9] = [
    (Feature::Subscribe, "subscribe"),
    (Feature::Seq, "seq"),
    (Feature::Envelope, "envelope"),
    (Feature::Ack, "ack"),
    (Feature::Presence, "presence"),
    (Feature::Ephemeral, "ephemeral"),
    (Feature::Reauth, "reauth"),
    (Feature::Batch, "batch"),
    (Feature::Deflate, "deflate"),
];

/// A set of extensions. The empty set is a base server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features(u16);

impl Features {
    /// Every extension.
    pub const ALL: Self = Self(0x1ff);
    /// No extension.
    pub const NONE: Self = Self(0);

    /// The value of `?features=`: absent means all, `none` or nothing means none. Unknown names
    /// are ignored, as by an older server.
    pub fn from_query(value: Option<&str>) -> Self {
        value.map_or(Self::ALL, |list| Self::from_names(list.split(',').map(str::trim)))
    }

    /// The extensions of these names; unknown ones are ignored.
    pub fn from_names(names: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let mut set = Self::NONE;
        for name in names {
            if let Some((feature, _)) = NAMES.iter().find(|(_, n)| *n == name.as_ref()) {
                set.0 |= *feature as u16;
            }
        }
        set
    }

    /// Whether the extension is in the set.
    pub fn has(self, feature: Feature) -> bool {
        self.0 & feature as u16 != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The extensions in both sets, without those whose dependency is not in both.
    pub fn intersect(self, other: Self) -> Self {
        let mut set = Self(self.0 & other.0);
        for (feature, needs) in [
            (Feature::Seq, Feature::Subscribe),
            (Feature::Presence, Feature::Subscribe),
            (Feature::Ack, Feature::Envelope),
        ] {
            if !set.has(needs) {
                set.0 &= !(feature as u16);
            }
        }
        set
    }

    /// The names of the extensions.
    pub fn names(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(f, _)| self.has(*f)).map(|(_, name)| *name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_query_restricts_and_none_is_empty() {
        assert_eq!(Features::from_query(None), Features::ALL);
        assert!(Features::from_query(Some("none")).is_empty());
        assert_eq!(Features::from_query(Some("subscribe,seq")).names(), ["subscribe", "seq"]);
    }

    #[test]
    fn extension_without_its_dependency_is_not_negotiated() {
        let offered = Features::from_names(["seq", "ack", "presence", "reauth"]);
        assert_eq!(offered.intersect(Features::ALL).names(), ["reauth"]);
    }
}
