//! Moments with their UTC offset, and calendar dates, in the notation of RFC 3339. The module `time_format` has other
//! notations.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Date and time of the Unix epoch, in UTC.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// First and last local time of the years 0 to 9999. These years have at most four digits.
const FIRST: DateTime = DateTime::constant(0, 1, 1, 0, 0, 0, 0);
const LAST: DateTime = DateTime::constant(9999, 12, 31, 23, 59, 59, 999_999_999);

/// A moment with its offset from UTC: `2026-11-23T14:05:00+09:00`. Two values are equal if they are the same moment,
/// even with different offsets.
///
/// The value contains the local time, because timestamps of the library `jiff` end before the last day of the year
/// 9999.
#[derive(Clone, Copy)]
pub struct OffsetDateTime {
    local: DateTime,
    offset: Offset,
}

/// A calendar date, such as `2026-11-23`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(Date);

/// Error for a text that is not a date-time or a date in the expected notation.
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

    /// Creates a moment from its local date and time, and its offset in seconds ahead of UTC. Returns `None` if there
    /// is no such date, time or offset.
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8, offset: i32) -> Option<Self> {
        let part = |part: u8| i8::try_from(part).ok();
        let date = CalendarDate::new(year, month, day)?;
        let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
        Some(Self { local: date.0.to_datetime(time), offset: Offset::from_seconds(offset).ok()? })
    }

    /// Returns the moment at a number of seconds after 1970-01-01 00:00:00 UTC, or `None` beyond the years 0 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Self::within_years(SignedDuration::from_secs(seconds))
    }

    /// Returns the moment at a number of milliseconds after 1970-01-01 00:00:00 UTC, or `None` beyond the years 0 to
    /// 9999.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Option<Self> {
        Self::within_years(SignedDuration::from_millis(milliseconds))
    }

    /// Returns the whole seconds since 1970-01-01 00:00:00 UTC, rounded down.
    pub fn unix_seconds(self) -> i64 {
        let since = self.since_epoch();
        since.as_secs() - i64::from(since.subsec_nanos() < 0)
    }

    /// Returns the whole milliseconds since 1970-01-01 00:00:00 UTC, rounded down.
    pub fn unix_milliseconds(self) -> i64 {
        self.unix_seconds() * 1000 + i64::from(self.nanosecond() / 1_000_000)
    }

    /// Returns the fraction of the second, in nanoseconds.
    pub fn nanosecond(self) -> u32 {
        self.local.subsec_nanosecond().unsigned_abs()
    }

    /// Returns the offset from UTC in seconds, positive to the east.
    pub fn offset_seconds(self) -> i32 {
        self.offset.seconds()
    }

    /// Returns the same moment with another offset, in seconds ahead of UTC. Returns `None` for an offset of 26 hours
    /// or more. Saturates at the first and last local time of the years 0 to 9999.
    pub fn with_offset(self, seconds: i32) -> Option<Self> {
        Some(self.at_offset(Offset::from_seconds(seconds).ok()?))
    }

    /// Adds minutes; a negative number subtracts. Saturates at the first and last moment of the years 0 to 9999.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        let later = self.since_epoch().saturating_add(SignedDuration::from_secs(minutes.saturating_mul(60)));
        Self::saturating(later, self.offset)
    }

    /// Converts to the system's time. A moment that the system cannot represent becomes 1970-01-01 00:00:00 UTC.
    pub fn to_system_time(self) -> SystemTime {
        let since = self.since_epoch();
        let apart = since.unsigned_abs();
        // Every system's clock can represent 1970, but some cannot represent much earlier or later times.
        let time = if since.is_negative() { UNIX_EPOCH.checked_sub(apart) } else { UNIX_EPOCH.checked_add(apart) };
        time.unwrap_or(UNIX_EPOCH)
    }

    /// Returns the date at this offset.
    pub fn date(self) -> CalendarDate {
        CalendarDate(self.local.date())
    }

    /// Returns the year at this offset.
    pub fn year(self) -> u16 {
        self.local.year().unsigned_abs()
    }

    /// Returns the month, 1 to 12.
    pub fn month(self) -> u8 {
        self.local.month().unsigned_abs()
    }

    /// Returns the day of the month, starting at 1.
    pub fn day(self) -> u8 {
        self.local.day().unsigned_abs()
    }

    /// Returns the hour, 0 to 23.
    pub fn hour(self) -> u8 {
        self.local.hour().unsigned_abs()
    }

    /// Returns the minute, 0 to 59.
    pub fn minute(self) -> u8 {
        self.local.minute().unsigned_abs()
    }

    /// Returns the second, 0 to 59.
    pub fn second(self) -> u8 {
        self.local.second().unsigned_abs()
    }

    pub(crate) fn of(local: DateTime, offset: Offset) -> Self {
        Self { local, offset }
    }

    pub(crate) fn offset(self) -> Offset {
        self.offset
    }

    pub(crate) fn local(self) -> DateTime {
        self.local
    }

    pub(crate) fn at_offset(self, offset: Offset) -> Self {
        match self.offset == offset {
            true => self,
            false => Self::saturating(self.since_epoch(), offset),
        }
    }

    fn since_epoch(self) -> SignedDuration {
        // Years have four digits and offsets are short, so this cannot overflow.
        self.local.duration_since(EPOCH) - SignedDuration::from_secs(i64::from(self.offset.seconds()))
    }

    fn within_years(since: SignedDuration) -> Option<Self> {
        Some(Self::saturating(since, Offset::UTC)).filter(|moment| moment.since_epoch() == since)
    }

    /// Returns the moment at a duration after 1970-01-01 00:00:00 UTC. Saturates at the first and last moment of the
    /// years 0 to 9999.
    pub(crate) fn saturating(since: SignedDuration, offset: Offset) -> Self {
        let local = since.saturating_add(SignedDuration::from_secs(i64::from(offset.seconds())));
        let end = if since.is_negative() { FIRST } else { LAST };
        Self { local: EPOCH.checked_add(local).map_or(end, |local| local.max(FIRST)), offset }
    }

    /// Parses the notation of RFC 3339: `2026-11-23T14:05:00+09:00`, with or without a fraction. Also accepts, for
    /// example, white space around the text, a blank instead of the `T`, a time without seconds, and an offset such as
    /// `+0900` or `+09`.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a date-time, or has no offset and therefore denotes no particular moment.
    pub fn parse(text: &str) -> Result<Self, ParseMomentError> {
        match iso(text) {
            Some((local, Some(offset))) => Ok(Self { local, offset }),
            _ => Err(ParseMomentError),
        }
    }
}

/// Reads a date-time such as `2026-11-23T14:05`, and its offset if it has one. Seconds and a fraction are optional, and
/// a blank may replace the `T`.
pub(crate) fn iso(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let text = text.trim();
    // The offset is searched for after the date, because a date contains `-` too.
    let behind = text.get(10..).filter(|time| time.len() >= 6)?;
    let (local, offset) = match behind.find(['Z', 'z', '+', '-']).and_then(|at| text.split_at_checked(10 + at)) {
        Some((local, "Z" | "z")) => (local, Some(Offset::UTC)),
        Some((local, offset)) => (local, Some(offset_of(offset)?)),
        None => (text, None),
    };
    if !local.starts_with(|c: char| c.is_ascii_digit()) || local.ends_with(']') {
        return None;
    }
    local.parse::<DateTime>().ok().map(|local| (local, offset))
}

/// Reads an offset: `+09:00`, `+0900` or `+09`.
pub(crate) fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, Some(minutes)),
        None if digits.len() == 4 => digits.split_at_checked(2).map(|(hours, minutes)| (hours, Some(minutes)))?,
        None => (digits, None),
    };
    let number = |text: &str| match text.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(i32::from(tens - b'0') * 10 + i32::from(ones - b'0')),
        _ => None,
    };
    let (hours, minutes) = (number(hours)?, minutes.map_or(Some(0), number).filter(|minutes| *minutes < 60)?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

impl From<SystemTime> for OffsetDateTime {
    fn from(time: SystemTime) -> Self {
        let since = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => signed(after),
            Err(before) => -signed(before.duration()),
        };
        Self::saturating(since, Offset::UTC)
    }
}

/// Converts a duration. A duration of more than 292 billion years becomes 292 billion years.
fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

impl From<OffsetDateTime> for SystemTime {
    fn from(moment: OffsetDateTime) -> Self {
        moment.to_system_time()
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
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())?;
        write!(f, "T{:02}:{:02}:{:02}", self.hour(), self.minute(), self.second())?;
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
        self.since_epoch() == other.since_epoch()
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
        self.since_epoch().cmp(&other.since_epoch())
    }
}

impl Hash for OffsetDateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.since_epoch().hash(state);
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
    fn a_time_without_an_offset_is_an_error() {
        for text in ["2022-06-08T15:40:49", "2022-06-08", "", "now", "2022-06-08T15:40:49+9", "2022-13-08T15:40:49Z"] {
            assert_eq!(OffsetDateTime::parse(text), Err(ParseMomentError), "{text}");
        }
    }

    #[test]
    fn an_offset_has_two_digits_for_hours_and_two_for_minutes() {
        let parse = |offset: &str| OffsetDateTime::parse(&format!("2022-06-08T15:40:49{offset}"));
        for (offset, seconds) in [("+09:00", 32_400), ("+0900", 32_400), ("+09", 32_400), ("-03:30", -12_600)] {
            assert_eq!(parse(offset).map(OffsetDateTime::offset_seconds), Ok(seconds), "{offset}");
        }
        for offset in ["+0:9", "+09:0", "+9:00", "+090:0", "+:0900", "+09:75", "+0960", "+0:9:0:0", "+09:", "+ 9:00"] {
            assert_eq!(parse(offset), Err(ParseMomentError), "{offset}");
        }
    }
}
