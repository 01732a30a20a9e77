//! Dates and times in Korea (UTC+9, no daylight saving time).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, offset};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KOREA: Offset = offset(9);

/// 1970-01-01 00:00:00 UTC, as Korean time.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 9, 0, 0, 0);
/// First and last second of the years 0 to 9999, the years that four digits can write. The last one is also the limit
/// of the library.
const FIRST: DateTime = DateTime::constant(0, 1, 1, 0, 0, 0, 0);
const LAST: DateTime = DateTime::constant(9999, 12, 31, 23, 59, 59, 0);

/// Date and time in Korea with a precision of one second, written `2026-11-23 14:05:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KstDateTime(DateTime);

/// Date and time in Korea with fractions of a second, written `2021-07-28T20:10:33.298642`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDateTime(DateTime);

/// Error of parsing a text that is not a date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTimeError;

impl fmt::Display for ParseTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a date and time such as 2026-11-23 14:05:00")
    }
}

impl std::error::Error for ParseTimeError {}

impl KstDateTime {
    /// Returns the current time of this machine's clock.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Parses `2026-11-23 14:05:00`. Accepts a `T` between date and time, drops a fraction of a second, and converts a
    /// time with `Z` or an offset to Korean time.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a date and time.
    pub fn parse(text: &str) -> Result<Self, ParseTimeError> {
        match plain(text) {
            Some(time) => Ok(time),
            None => Ok(Self(to_seconds(parse(text)?))),
        }
    }

    /// Adds minutes; a negative number subtracts. Saturates at the first and last time that this type can represent.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self::from_unix_seconds(self.unix_seconds().saturating_add(minutes.saturating_mul(60)))
    }
}

impl CivilDateTime {
    /// Returns the current time of this machine's clock.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Parses `2021-07-28T20:10:33.298642`. Accepts a blank between date and time, and converts a time with `Z` or an
    /// offset to Korean time.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a date and time.
    pub fn parse(text: &str) -> Result<Self, ParseTimeError> {
        parse(text).map(Self)
    }

    /// Returns the fraction of the second, in nanoseconds.
    pub fn nanosecond(self) -> u32 {
        self.0.subsec_nanosecond().unsigned_abs()
    }
}

/// Methods that both types share.
macro_rules! date_time {
    ($name:ident) => {
        impl $name {
            /// Creates a date and time. Returns `None` if the calendar or the clock does not have it.
            pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
                let part = |part: u8| i8::try_from(part).ok();
                let date = Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()?;
                let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
                Some(Self(date.to_datetime(time)))
            }

            /// Converts from seconds since 1970-01-01 00:00:00 UTC. Saturates at the first and last time that this type
            /// can represent.
            pub fn from_unix_seconds(seconds: i64) -> Self {
                Self(at(seconds, 0))
            }

            /// Returns the number of seconds since 1970-01-01 00:00:00 UTC.
            pub fn unix_seconds(self) -> i64 {
                // The fraction is dropped first, because it would be rounded towards 1970.
                to_seconds(self.0).duration_since(EPOCH).as_secs()
            }

            /// Converts to the system's time.
            pub fn to_system_time(self) -> SystemTime {
                let seconds = self.unix_seconds();
                let whole = Duration::from_secs(seconds.unsigned_abs());
                // Every system's clock can represent 1970, but some cannot represent much earlier times.
                let whole = if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
                let whole = whole.unwrap_or(UNIX_EPOCH);
                whole + Duration::from_nanos(u64::from(self.0.subsec_nanosecond().unsigned_abs()))
            }

            /// Returns the year.
            pub fn year(self) -> u16 {
                self.0.year().unsigned_abs()
            }

            /// Returns the month, 1 to 12.
            pub fn month(self) -> u8 {
                self.0.month().unsigned_abs()
            }

            /// Returns the day of the month, starting at 1.
            pub fn day(self) -> u8 {
                self.0.day().unsigned_abs()
            }

            /// Returns the hour, 0 to 23.
            pub fn hour(self) -> u8 {
                self.0.hour().unsigned_abs()
            }

            /// Returns the minute, 0 to 59.
            pub fn minute(self) -> u8 {
                self.0.minute().unsigned_abs()
            }

            /// Returns the second, 0 to 59.
            pub fn second(self) -> u8 {
                self.0.second().unsigned_abs()
            }
        }

        impl FromStr for $name {
            type Err = ParseTimeError;

            fn from_str(text: &str) -> Result<Self, ParseTimeError> {
                Self::parse(text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

date_time!(KstDateTime);
date_time!(CivilDateTime);

impl From<SystemTime> for KstDateTime {
    fn from(time: SystemTime) -> Self {
        Self(at(since_epoch(time).0, 0))
    }
}

impl From<SystemTime> for CivilDateTime {
    fn from(time: SystemTime) -> Self {
        let (seconds, nanos) = since_epoch(time);
        Self(at(seconds, nanos))
    }
}

impl From<KstDateTime> for CivilDateTime {
    fn from(time: KstDateTime) -> Self {
        Self(time.0)
    }
}

impl From<CivilDateTime> for KstDateTime {
    fn from(time: CivilDateTime) -> Self {
        Self(to_seconds(time.0))
    }
}

fn to_seconds(time: DateTime) -> DateTime {
    time.with().subsec_nanosecond(0).build().unwrap_or(time)
}

/// Returns the whole seconds since 1970-01-01 00:00:00 UTC, and the nanoseconds beyond them.
fn since_epoch(time: SystemTime) -> (i64, u32) {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).map_or(i64::MIN, |seconds| -seconds);
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanos => (seconds.saturating_sub(1), 1_000_000_000 - nanos),
            }
        }
    }
}

fn at(seconds: i64, nanos: u32) -> DateTime {
    // Nanoseconds are less than 1,000,000,000, so they fit.
    let nanos = i32::try_from(nanos).unwrap_or_default();
    // The faster way. The library's timestamps end some hours before its dates.
    if let Ok(moment) = Timestamp::new(seconds, nanos) {
        return KOREA.to_datetime(moment).max(FIRST);
    }
    let after = SignedDuration::new(seconds, nanos);
    match EPOCH.checked_add(after) {
        Ok(time) => time.max(FIRST),
        Err(_) if seconds < 0 => FIRST,
        Err(_) => LAST,
    }
}

/// Parses the documented form without the library's general parser. That parser is slower, and a reply contains several
/// times.
fn plain(text: &str) -> Option<KstDateTime> {
    let text: &[u8; 19] = text.as_bytes().try_into().ok()?;
    let signs = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    if signs.iter().any(|(at, sign)| text[*at] != *sign) {
        return None;
    }
    let two = |at: usize| {
        let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| tens * 10 + ones)
    };
    let year = u16::from(two(0)?) * 100 + u16::from(two(2)?);
    KstDateTime::new(year, two(5)?, two(8)?, two(11)?, two(14)?, two(17)?)
}

fn parse(text: &str) -> Result<DateTime, ParseTimeError> {
    let text = text.trim();
    // `2026-11-23T14:05` is the shortest accepted form: a date alone is not a time.
    let (Some(date), Some(time)) = (text.get(..10), text.get(10..)) else { return Err(ParseTimeError) };
    if time.len() < 6 || !date.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(ParseTimeError);
    }
    let parsed = if time.contains(['Z', 'z', '+', '-']) {
        text.parse::<Timestamp>().ok().map(|moment| KOREA.to_datetime(moment))
    } else {
        text.parse::<DateTime>().ok()
    };
    parsed.filter(|time| *time >= FIRST).ok_or(ParseTimeError)
}

/// Writes `yyyy-MM-dd?HH:mm:ss` in ASCII.
fn digits(time: DateTime, between: u8) -> [u8; 19] {
    let mut out = *b"0000-00-00 00:00:00";
    out[10] = between;
    let mut two = |at: usize, value: u16| {
        out[at] += (value / 10 % 10) as u8;
        out[at + 1] += (value % 10) as u8;
    };
    let year = time.year().unsigned_abs();
    two(0, year / 100);
    two(2, year % 100);
    for (at, part) in [(5, time.month()), (8, time.day()), (11, time.hour()), (14, time.minute()), (17, time.second())]
    {
        two(at, u16::from(part.unsigned_abs()));
    }
    out
}

impl fmt::Display for KstDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&digits(self.0, b' ')).unwrap_or_default())
    }
}

impl fmt::Display for CivilDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&digits(self.0, b'T')).unwrap_or_default())?;
        match self.nanosecond() {
            0 => Ok(()),
            nanos => write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0')),
        }
    }
}

impl serde::Serialize for KstDateTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&digits(self.0, b' ')).unwrap_or_default())
    }
}

impl serde::Serialize for CivilDateTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_writes_is_read_and_written_alike() {
        for text in ["2026-11-23 14:05:00", "2016-02-29 23:59:59", "0001-01-01 00:00:00", "9999-12-31 23:59:59"] {
            assert_eq!(KstDateTime::parse(text).unwrap().to_string(), text);
            assert_eq!(Ok(plain(text).unwrap().0), parse(text), "both ways of reading agree");
        }
        for text in ["2021-07-28T20:10:33.298642", "2021-07-28T20:10:33", "2021-07-28T20:10:33.000000001"] {
            assert_eq!(CivilDateTime::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_spellings_are_read_too() {
        for (text, expected) in [
            ("2026-11-23T14:05:00", "2026-11-23 14:05:00"),
            ("2026-11-23 14:05:00.987", "2026-11-23 14:05:00"),
            ("2026-11-23T05:05:00Z", "2026-11-23 14:05:00"),
            ("2026-11-23T05:05:00.5+00:00", "2026-11-23 14:05:00"),
            ("2026-11-23 14:05:00+09:00", "2026-11-23 14:05:00"),
            ("2026-11-23 20:05:00-03:00", "2026-11-24 08:05:00"),
            (" 2026-11-23 14:05 ", "2026-11-23 14:05:00"),
        ] {
            assert_eq!(KstDateTime::parse(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-23",
            "2026-13-01 00:00:00",
            "2026-02-29 00:00:00",
            "yesterday at noon",
            "가나다라마바사아자차",
            "2026-11-\u{7f}z 14:00:00",
            "zzzz-zz-zz zz:zz:zz",
        ] {
            assert!(KstDateTime::parse(text).is_err(), "{text}");
        }
        assert!(KstDateTime::new(2025, 2, 29, 0, 0, 0).is_none());
        assert!(KstDateTime::new(2026, 1, 1, 24, 0, 0).is_none());
    }

    #[test]
    fn korea_is_nine_hours_ahead() {
        let epoch = KstDateTime::from_unix_seconds(0);
        assert_eq!(epoch.to_string(), "1970-01-01 09:00:00");
        assert_eq!(epoch.unix_seconds(), 0);
        assert_eq!(epoch.to_system_time(), UNIX_EPOCH);
        assert_eq!(KstDateTime::from(UNIX_EPOCH), epoch);
        assert_eq!(epoch.plus_minutes(-600).to_string(), "1969-12-31 23:00:00");
        let before = CivilDateTime::from(UNIX_EPOCH - Duration::from_millis(1));
        assert_eq!(before.to_string(), "1970-01-01T08:59:59.999");
        assert_eq!(before.to_system_time(), UNIX_EPOCH - Duration::from_millis(1));
    }

    #[test]
    fn beyond_the_calendar_the_nearest_moment_is_taken() {
        assert_eq!(KstDateTime::from_unix_seconds(i64::MAX).year(), 9999);
        assert_eq!(KstDateTime::from_unix_seconds(i64::MIN).year(), 0);
        assert_eq!(KstDateTime::from_unix_seconds(0).plus_minutes(i64::MAX).year(), 9999);
        for end in [i64::MIN, i64::MAX] {
            let end = KstDateTime::from_unix_seconds(end);
            assert_eq!(KstDateTime::from_unix_seconds(end.unix_seconds()), end);
            assert_eq!(KstDateTime::parse(&end.to_string()), Ok(end));
        }
        // The last timestamp of the library lies in this range.
        let last = Timestamp::MAX.as_second();
        for second in [-1, 0, 1, 3_600, 61_199].map(|after| last + after) {
            assert_eq!(KstDateTime::from_unix_seconds(second).unix_seconds(), second);
            let time = UNIX_EPOCH + Duration::new(second.unsigned_abs(), 999_999_999);
            assert_eq!(
                (KstDateTime::from(time).unix_seconds(), CivilDateTime::from(time).to_system_time()),
                (second, time)
            );
        }
        assert_eq!(KstDateTime::from(UNIX_EPOCH - Duration::from_millis(1)).unix_seconds(), -1);
    }

    #[test]
    fn the_parts_can_be_read() {
        let time = KstDateTime::new(2026, 11, 23, 14, 5, 9).unwrap();
        assert_eq!(
            (time.year(), time.month(), time.day(), time.hour(), time.minute(), time.second()),
            (2026, 11, 23, 14, 5, 9)
        );
    }
}
