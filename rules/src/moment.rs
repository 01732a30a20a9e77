//! Date-times with a UTC offset, and calendar dates. Module `time_format` has other notations. Module `time` has Korean
//! date-times, whose notation is fixed.

use crate::time_format::TimeFormat;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::SystemTime;

/// A date-time with a UTC offset, written `2026-11-23T14:05:00+09:00`. Two values are equal if they denote the same
/// moment, whatever their offsets.
#[derive(Clone, Copy)]
pub struct OffsetDateTime {
    at: Timestamp,
    offset: Offset,
}

/// A calendar date, written `2026-11-23`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(Date);

/// Error of parsing a text that is not a date-time or date in the expected notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseMomentError;

impl fmt::Display for ParseMomentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a date or a time in its documented notation")
    }
}

impl std::error::Error for ParseMomentError {}

impl OffsetDateTime {
    /// Returns the current time of this machine's clock, in UTC.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Returns the moment at a number of seconds after 1970-01-01 00:00:00 UTC, or `None` beyond the years -9999 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Some(Self { at: Timestamp::from_second(seconds).ok()?, offset: Offset::UTC })
    }

    /// Returns the moment at a number of milliseconds after 1970-01-01 00:00:00 UTC, or `None` beyond the years -9999 to 9999.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Option<Self> {
        Some(Self { at: Timestamp::from_millisecond(milliseconds).ok()?, offset: Offset::UTC })
    }

    /// Returns the seconds since 1970-01-01 00:00:00 UTC.
    pub fn unix_seconds(self) -> i64 {
        self.unix_milliseconds().div_euclid(1000)
    }

    /// Returns the milliseconds since 1970-01-01 00:00:00 UTC.
    pub fn unix_milliseconds(self) -> i64 {
        self.at.as_millisecond()
    }

    /// Returns the fraction of the second, in nanoseconds.
    pub fn nanosecond(self) -> u32 {
        self.local().subsec_nanosecond().unsigned_abs()
    }

    /// Returns the offset from UTC in seconds, positive to the east.
    pub fn offset_seconds(self) -> i32 {
        self.offset.seconds()
    }

    /// Returns the same moment with another offset, in seconds ahead of UTC. Returns `None` for an offset of more than
    /// a day.
    pub fn with_offset(self, seconds: i32) -> Option<Self> {
        Some(Self { offset: Offset::from_seconds(seconds).ok()?, ..self })
    }

    /// Converts to the system's time.
    pub fn to_system_time(self) -> SystemTime {
        SystemTime::from(self.at)
    }

    /// Returns the date at this value's own offset.
    pub fn date(self) -> CalendarDate {
        CalendarDate(self.local().date())
    }

    pub(crate) fn at(at: Timestamp, offset: Offset) -> Self {
        Self { at, offset }
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        self.at
    }

    pub(crate) fn offset(self) -> Offset {
        self.offset
    }

    fn local(self) -> DateTime {
        self.offset.to_datetime(self.at)
    }

    /// Parses the notation of RFC 3339: `2026-11-23T14:05:00+09:00`, with or without a fraction. An offset without a
    /// colon, and a blank instead of the `T`, are accepted too.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a date-time, or has no offset and therefore denotes no particular moment.
    pub fn parse(text: &str) -> Result<Self, ParseMomentError> {
        let text = text.trim();
        // The search for an offset starts after the date, because the date contains `-` too.
        let behind = text.get(10..).ok_or(ParseMomentError)?;
        let offset = match behind.find(['Z', 'z', '+', '-']).and_then(|at| behind.get(at..)) {
            Some("Z" | "z") => Offset::UTC,
            Some(offset) => offset_of(offset).ok_or(ParseMomentError)?,
            None => return Err(ParseMomentError),
        };
        let at = text.parse::<Timestamp>().map_err(|_| ParseMomentError)?;
        Ok(Self { at, offset })
    }
}

/// Parses an offset: `+09:00`, `+0900` or `+09`.
pub(crate) fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if !(digits.len() == 2 || digits.len() == 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|minutes| !minutes.is_empty()).map_or(Ok(0), str::parse).ok()?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

impl From<SystemTime> for OffsetDateTime {
    fn from(time: SystemTime) -> Self {
        // No system's clock leaves the years -9999 to 9999.
        Self { at: Timestamp::try_from(time).unwrap_or_default(), offset: Offset::UTC }
    }
}

impl FromStr for OffsetDateTime {
    type Err = ParseMomentError;

    fn from_str(text: &str) -> Result<Self, ParseMomentError> {
        Self::parse(text)
    }
}

impl fmt::Display for OffsetDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local();
        let date = local.date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())?;
        write!(f, "T{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())?;
        if self.nanosecond() > 0 {
            write!(f, ".{}", format!("{:09}", self.nanosecond()).trim_end_matches('0'))?;
        }
        match self.offset.seconds() {
            0 => f.write_str("Z"),
            seconds => f.write_str(&written_offset(seconds)),
        }
    }
}

pub(crate) fn written_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

impl fmt::Debug for OffsetDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for OffsetDateTime {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for OffsetDateTime {}

impl PartialOrd for OffsetDateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OffsetDateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl Hash for OffsetDateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.at.hash(state);
    }
}

impl serde::Serialize for OffsetDateTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl CalendarDate {
    /// Creates a date. Returns `None` if the calendar does not have it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let part = |part: u8| i8::try_from(part).ok();
        Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok().map(Self)
    }

    pub(crate) fn of(date: Date) -> Self {
        Self(date)
    }

    pub(crate) fn civil(self) -> Date {
        self.0
    }

    /// Returns the year.
    pub fn year(self) -> u16 {
        self.0.year().unsigned_abs()
    }

    /// Returns the month, starting at 1.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// Returns the day of the month, starting at 1.
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }
}

impl FromStr for CalendarDate {
    type Err = ParseMomentError;

    fn from_str(text: &str) -> Result<Self, ParseMomentError> {
        TimeFormat::DATE.parse_date(text)
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Debug for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for CalendarDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_keeps_its_offset() {
        for text in ["2022-06-08T15:40:49+09:00", "2026-11-23T14:05:00.5-03:30", "2026-11-23T14:05:00Z"] {
            assert_eq!(OffsetDateTime::parse(text).unwrap().to_string(), text);
        }
        let here = OffsetDateTime::parse("2022-06-08T15:40:49+09:00").unwrap();
        assert_eq!(here, OffsetDateTime::parse("2022-06-08T06:40:49Z").unwrap());
        assert_eq!((here.unix_seconds(), here.offset_seconds()), (1_654_670_449, 32_400));
        assert_eq!(here.with_offset(0).unwrap().to_string(), "2022-06-08T06:40:49Z");
        assert_eq!(here.date().to_string(), "2022-06-08");
        assert_eq!(OffsetDateTime::from(here.to_system_time()), here);
    }

    #[test]
    fn a_time_without_an_offset_is_no_moment() {
        for text in ["2022-06-08T15:40:49", "2022-06-08", "", "now", "2022-06-08T15:40:49+9", "2022-13-08T15:40:49Z"] {
            assert_eq!(OffsetDateTime::parse(text), Err(ParseMomentError), "{text}");
        }
    }
}
