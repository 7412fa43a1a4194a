//! The permissions of a token.

use std::sync::Arc;
use std::time::Duration;

use crate::channel_pattern::covers;

/// What a connection may do, and until when. The driver creates it from a verified token.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// The token's subject; none for a connection without a token.
    pub user: Option<String>,
    /// When the token expires, as an uptime.
    pub expires_at: Option<Duration>,
    /// The channels it is limited to, as names or prefixes with `*`; none is no limit.
    pub channels: Option<Vec<String>>,
    /// Prefixes of channels of one user: the rest of the name is the user who may use it.
    pub personal: Arc<[String]>,
    /// Identifies this token without storing it.
    pub mark: Option<TokenMark>,
}

/// A keyed hash of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenMark(pub u64);

impl Grant {
    /// Whether it allows the use of a channel.
    #[must_use]
    pub fn allows(&self, channel: &str) -> bool {
        let is_covered = |patterns: &Vec<String>| patterns.iter().any(|p| covers(p, channel));
        self.channels.as_ref().is_none_or(is_covered) && !self.is_of_another(channel)
    }

    fn is_of_another(&self, channel: &str) -> bool {
        let mut owners = self.personal.iter().filter_map(|p| channel.strip_prefix(p.as_str()));
        owners.any(|owner| self.user.as_deref() != Some(owner))
    }

    /// How long the token is still valid at this uptime, in ms.
    pub(crate) fn expires_in_ms(&self, uptime: Duration) -> Option<u64> {
        let left = self.expires_at?.saturating_sub(uptime);
        Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_pattern_is_a_name_or_a_prefix() {
        let grant =
            Grant { channels: Some(vec!["news".into(), "room:*".into()]), ..Grant::default() };
        assert!(grant.allows("news") && grant.allows("room:1"));
        assert!(!grant.allows("newsroom") && !grant.allows("rooms"));
        assert!(Grant::default().allows("anything"));
    }

    #[test]
    fn personal_channel_is_allowed_for_its_user_only() {
        let personal: Arc<[String]> = Arc::new(["inbox:".to_owned()]);
        let ann = Grant { user: Some("ann".into()), personal, ..Grant::default() };
        let nobody = Grant { user: None, ..ann.clone() };
        assert!(ann.allows("inbox:ann") && ann.allows("inbox") && ann.allows("news"));
        assert!(!ann.allows("inbox:bob") && !ann.allows("inbox:"));
        assert!(!nobody.allows("inbox:ann") && nobody.allows("news"));
    }
}
