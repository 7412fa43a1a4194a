//! The extensions of the protocol, and sets of them.

/// One extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Feature {
    Subscribe = 1,
    Seq = 2,
    Envelope = 4,
    Ack = 8,
    Presence = 16,
    Ephemeral = 32,
    Reauth = 64,
    Batch = 128,
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
pub(crate) struct Features(u16);

impl Features {
    pub(crate) const ALL: Self = Self(0x1ff);
    pub(crate) const NONE: Self = Self(0);

    /// The value of `?features=`: absent means all, `none` or nothing means none. Unknown names
    /// are passed over, as an older server would.
    pub(crate) fn from_query(value: Option<&str>) -> Self {
        value.map_or(Self::ALL, |list| Self::from_names(list.split(',').map(str::trim)))
    }

    pub(crate) fn from_names(names: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let mut set = Self::NONE;
        for name in names {
            if let Some((feature, _)) = NAMES.iter().find(|(_, n)| *n == name.as_ref()) {
                set.0 |= *feature as u16;
            }
        }
        set
    }

    pub(crate) fn has(self, feature: Feature) -> bool {
        self.0 & feature as u16 != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What both have, without the extensions whose foundation is missing from that.
    pub(crate) fn intersect(self, other: Self) -> Self {
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

    pub(crate) fn names(self) -> Vec<&'static str> {
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
