//! How far the server's rows are known.

/// How far the server's rows are known, as values that decide what becomes of accepted changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowsProgress {
    /// Load requests so far.
    pub(super) loads: u32,
    /// The last message of the channel's log that the rows include; `None` where messages have no
    /// positions.
    pub(super) reached: Option<u64>,
    /// What a load under way, or to come, may still lack.
    pub(super) awaited: Awaited,
}

/// The messages that may be missing in the rows until these are loaded, though the channel is past
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// None: the rows are live.
    Nothing,
    /// Those up to this number.
    UpTo(u64),
    /// All of them.
    Everything,
}

impl RowsProgress {
    /// Whether messages have positions.
    pub(super) const fn is_counted(self) -> bool {
        self.reached.is_some()
    }

    /// Whether no load is under way or to come.
    pub(super) fn is_live(self) -> bool {
        self.awaited == Awaited::Nothing
    }

    /// Whether the message of this number, though past, is not among the rows before they are
    /// loaded.
    pub(super) const fn awaits(self, seq: u64) -> bool {
        match self.awaited {
            Awaited::Nothing => false,
            Awaited::UpTo(last) => seq <= last,
            Awaited::Everything => true,
        }
    }
}
