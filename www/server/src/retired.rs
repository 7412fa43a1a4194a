//! Channels that went away, and where they stood.

use std::collections::HashMap;

/// A place in a channel's log: its epoch and its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) epoch: String,
    pub(crate) head: u64,
}

/// Where channels stood when they went away, for as many as there may be channels. A channel that
/// is not among them begins in the first epoch at 0, which no other message may have had: so when
/// some are forgotten that epoch has to be another one.
#[derive(Debug, Default)]
pub(crate) struct Retired(HashMap<String, Stand>);

/// Whether a channel could be put away without forgetting others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retirement {
    Kept,
    /// All of them are forgotten: the first epoch has to be renewed.
    Forgotten,
}

impl Retired {
    /// Puts a channel away. One that never had a message needs no place.
    pub(crate) fn put(&mut self, name: String, stand: Stand, most: usize) -> Retirement {
        if self.0.len() >= most {
            self.0.clear();
            return Retirement::Forgotten;
        }
        self.0.insert(name, stand);
        Retirement::Kept
    }

    /// Where a channel goes on that comes back.
    pub(crate) fn take(&mut self, name: &str) -> Option<Stand> {
        self.0.remove(name)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_comes_back_once_and_all_go_when_there_are_too_many() {
        let stand = |head| Stand { epoch: "e".into(), head };
        let mut retired = Retired::default();
        assert_eq!(retired.put("a".into(), stand(1), 2), Retirement::Kept);
        assert_eq!(retired.put("b".into(), stand(2), 2), Retirement::Kept);
        assert_eq!(retired.take("a"), Some(stand(1)));
        assert_eq!(retired.take("a"), None);
        assert_eq!(retired.put("c".into(), stand(3), 2), Retirement::Kept);
        assert_eq!(retired.put("d".into(), stand(4), 2), Retirement::Forgotten);
        assert_eq!(["b", "c", "d"].map(|name| retired.take(name)), [None, None, None]);
    }
}
