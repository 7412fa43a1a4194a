//! Moments as databases write them.

use crate::clock::now_ms;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Microseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    pub(crate) fn now() -> Self {
        Self::of_ms(now_ms())
    }

    /// From milliseconds since 1970.
    pub(crate) fn of_ms(ms: u64) -> Self {
        Self(i64::try_from(ms).unwrap_or(i64::MAX / 1_000) * 1_000)
    }

    /// So many days later.
    pub(crate) fn in_days(self, days: u8) -> Self {
        Self(self.0 + i64::from(days) * DAY)
    }

    /// Whole seconds since an earlier moment.
    pub(crate) fn seconds_since(self, earlier: Self) -> i64 {
        ((self.0 - earlier.0) / SECOND).max(0)
    }

    /// Reads `2026-11-21T00:48:40.890626+00:00` and its shorter forms; without a zone it is UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if matches!(text, "now" | "now()") {
            return Some(Self::now());
        }
        let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
        let mut date = date.splitn(3, '-').map(str::parse::<i64>);
        let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
        let (time, zone) = time.split_at(zone_at);
        let (hours, rest) = time.trim().split_once(':')?;
        let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
        let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
        if !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
            return None;
        }
        let of_day = (hours * 3_600 + minutes * 60) * SECOND + micros(seconds)?;
        Some(Self(days_before(year, month, day) * DAY + of_day - offset(zone)?))
    }

    /// `2026-11-21T00:48:40.890626+00:00`, as a row's value.
    pub(crate) fn iso(self) -> String {
        let (head, micros) = self.parts();
        let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
        format!("{head}{}+00:00", fraction.trim_end_matches('0'))
    }

    /// `2026-11-21T00:48:40.890Z`, as a commit's.
    pub(crate) fn iso_ms(self) -> String {
        let (head, micros) = self.parts();
        format!("{head}.{:03}Z", micros / 1_000)
    }

    fn parts(self) -> (String, i64) {
        let (year, month, day) = date_of(self.0.div_euclid(DAY));
        let of_day = self.0.rem_euclid(DAY);
        let seconds = of_day / SECOND;
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let head = format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}");
        (head, of_day % SECOND)
    }
}

/// `40.890626` in microseconds.
fn micros(seconds: &str) -> Option<i64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole: i64 = whole.parse().ok().filter(|s| (0..61).contains(s))?;
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(whole * SECOND + digits.parse::<i64>().ok()?)
}

/// `+02`, `+0200`, `+02:00`, `Z` or nothing, in microseconds.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None | Some('Z' | 'z') => return Some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = (digits.get(..2)?, digits.get(2..4).unwrap_or("0"));
    let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    Some(sign * minutes * 60 * SECOND)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. The year begins in March here, so
/// that the leap day is its last.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_in_utc() {
        for (text, iso) in [
            ("2026-11-21T00:48:40.890626+00:00", "2026-11-21T00:48:40.890626+00:00"),
            ("2026-11-21 02:48:40.5+02", "2026-11-21T00:48:40.5+00:00"),
            ("2024-02-29", "2024-02-29T00:00:00+00:00"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
            ("2000-03-01T00:00:00-01:30", "2000-03-01T01:30:00+00:00"),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::iso).as_deref(), Some(iso), "{text}");
        }
        for wrong in ["", "soon", "2026-13-01", "2026-11-21T25:00", "21.11.2026"] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_commit_is_told_in_milliseconds() {
        assert_eq!(Timestamp::of_ms(1_772_446_530_123).iso_ms(), "2026-03-02T10:15:30.123Z");
    }
}
