//! The positions of channels that were removed.

use std::collections::HashMap;

use crate::position::Position;

/// The positions of removed channels, at most as many as there may be channels. A channel that is
/// not among them starts in the first epoch at 0, in which no message may have been sent before: so
/// when positions are dropped, that epoch has to be replaced.
#[derive(Debug, Default)]
pub(crate) struct Retired(HashMap<String, Position>);

/// Whether a position could be stored without dropping others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retirement {
    Kept,
    /// All of them are dropped: the first epoch has to be replaced.
    Forgotten,
}

impl Retired {
    /// Stores a removed channel's position. One that never had a message needs none.
    pub(crate) fn put(&mut self, name: String, position: Position, most: usize) -> Retirement {
        if self.0.len() >= most {
            self.0.clear();
            return Retirement::Forgotten;
        }
        self.0.insert(name, position);
        Retirement::Kept
    }

    /// Removes and returns the position at which a channel continues.
    pub(crate) fn take(&mut self, name: &str) -> Option<Position> {
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
    fn retired_position_is_taken_once_and_overflow_forgets_all() {
        let position = |seq| Position { epoch: "e".into(), seq };
        let mut retired = Retired::default();
        assert_eq!(retired.put("a".into(), position(1), 2), Retirement::Kept);
        assert_eq!(retired.put("b".into(), position(2), 2), Retirement::Kept);
        assert_eq!(retired.take("a"), Some(position(1)));
        assert_eq!(retired.take("a"), None);
        assert_eq!(retired.put("c".into(), position(3), 2), Retirement::Kept);
        assert_eq!(retired.put("d".into(), position(4), 2), Retirement::Forgotten);
        assert_eq!(["b", "c", "d"].map(|name| retired.take(name)), [None, None, None]);
    }
}
