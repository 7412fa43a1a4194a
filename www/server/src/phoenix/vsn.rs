//! The two versions of the serializer.

/// The serializer version of one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vsn {
    /// Objects; frames of the server have no `join_ref`.
    V1,
    /// Arrays of five elements, and binary frames.
    V2,
}

impl Vsn {
    /// Parses the query's `vsn`: a full version; absent or empty means 1.0.0.
    pub(crate) fn parse(requested: Option<&str>) -> Option<Self> {
        let Some(requested) = requested.filter(|requested| !requested.is_empty()) else {
            return Some(Self::V1);
        };
        let numbers: Option<Vec<u64>> =
            requested.split('.').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some([1, 0, _]) => Some(Self::V1),
            Some([2, 0, _]) => Some(Self::V2),
            _ => None,
        }
    }

    /// The version as written in a query.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V1 => "1.0.0",
            Self::V2 => "2.0.0",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vsn_accepts_full_v1_and_v2_versions_only() {
        assert_eq!(Vsn::parse(None), Some(Vsn::V1));
        assert_eq!(Vsn::parse(Some("1.0.0")), Some(Vsn::V1));
        assert_eq!(Vsn::parse(Some("2.0.0")), Some(Vsn::V2));
        for rejected in ["3.0.0", "abc", "2", "2.0", "2.1.0", "2.0.0.0"] {
            assert_eq!(Vsn::parse(Some(rejected)), None, "{rejected}");
        }
    }
}
