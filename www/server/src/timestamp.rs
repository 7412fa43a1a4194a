//! Timestamps in the formats of databases.

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use crate::clock::now_ms;

/// A timestamp with a resolution of 1 µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(jiff::Timestamp);

impl Timestamp {
    pub(crate) fn now() -> Self {
        Self::of_ms(now_ms())
    }

    /// Converts milliseconds since 1970.
    pub(crate) fn of_ms(ms: u64) -> Self {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        Self(jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX))
    }

    /// The timestamp `days` days later.
    pub(crate) fn in_days(self, days: u8) -> Self {
        let later = self.0.checked_add(SignedDuration::from_hours(24 * i64::from(days)));
        Self(later.unwrap_or(jiff::Timestamp::MAX))
    }

    /// Whole seconds since an earlier timestamp.
    pub(crate) fn seconds_since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_secs().max(0)
    }

    /// Parses `2026-11-21T00:48:40.890626+00:00` and its shorter forms; without a zone it is UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if matches!(text, "now" | "now()") {
            return Some(Self::now());
        }
        let pieces = Pieces::parse(text).ok()?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        let local = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
        let at = offset.to_timestamp(local).ok()?;
        jiff::Timestamp::from_microsecond(at.as_microsecond()).ok().map(Self)
    }

    /// Formats it as a row's value: `2026-11-21T00:48:40.890626+00:00`.
    pub(crate) fn iso(self) -> String {
        self.0.display_with_offset(Offset::UTC).to_string()
    }

    /// Formats it as a commit's timestamp: `2026-11-21T00:48:40.890Z`.
    pub(crate) fn iso_ms(self) -> String {
        format!("{:.3}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsed_timestamp_is_written_in_utc() {
        for (text, iso) in [
            ("2026-11-21T00:48:40.890626+00:00", "2026-11-21T00:48:40.890626+00:00"),
            ("2026-11-21 02:48:40.5+02", "2026-11-21T00:48:40.5+00:00"),
            ("2024-02-29", "2024-02-29T00:00:00+00:00"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
            ("2000-03-01T00:00:00-01:30", "2000-03-01T01:30:00+00:00"),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::iso).as_deref(), Some(iso), "{text}");
        }
        for wrong in ["", "soon", "2026-13-01", "2026-02-30", "2026-11-21T25:00", "21.11.2026"] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn commit_timestamp_has_milliseconds() {
        assert_eq!(Timestamp::of_ms(1_772_446_530_123).iso_ms(), "2026-03-02T10:15:30.123Z");
    }
}
