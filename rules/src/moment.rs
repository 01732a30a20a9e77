//! Moments with the offset that they are written with, days, and the notations of both. Date-times of Korea, whose notation
//! is fixed, are the subject of [`time`](crate::KstDateTime).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::SystemTime;

/// A moment, with the offset from UTC that it is written with: `2026-11-23T14:05:00+09:00`. Two are equal if they are the
/// same moment, whatever their offsets.
#[derive(Clone, Copy)]
pub struct OffsetDateTime {
    at: Timestamp,
    offset: Offset,
}

/// A day of the calendar, written `2026-11-23`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(Date);

/// A text is not in the notation of a moment or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseMomentError;

impl fmt::Display for ParseMomentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a date or a time in its documented notation")
    }
}

impl std::error::Error for ParseMomentError {}

impl OffsetDateTime {
    /// The present by this machine's clock, in UTC.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// So many seconds after 1970-01-01 00:00:00 UTC, in UTC. `None` beyond the years -9999 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Some(Self { at: Timestamp::from_second(seconds).ok()?, offset: Offset::UTC })
    }

    /// So many milliseconds after 1970-01-01 00:00:00 UTC, in UTC. `None` beyond the years -9999 to 9999.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Option<Self> {
        Some(Self { at: Timestamp::from_millisecond(milliseconds).ok()?, offset: Offset::UTC })
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub fn unix_seconds(self) -> i64 {
        self.unix_milliseconds().div_euclid(1000)
    }

    /// Milliseconds since 1970-01-01 00:00:00 UTC.
    pub fn unix_milliseconds(self) -> i64 {
        self.at.as_millisecond()
    }

    /// Nanoseconds behind the second.
    pub fn nanosecond(self) -> u32 {
        self.local().subsec_nanosecond().unsigned_abs()
    }

    /// How many seconds local time is ahead of UTC.
    pub fn offset_seconds(self) -> i32 {
        self.offset.seconds()
    }

    /// The same moment with another offset, in seconds ahead of UTC. `None` for an offset of more than a day.
    pub fn with_offset(self, seconds: i32) -> Option<Self> {
        Some(Self { offset: Offset::from_seconds(seconds).ok()?, ..self })
    }

    /// The moment on this machine's clock.
    pub fn to_system_time(self) -> SystemTime {
        SystemTime::from(self.at)
    }

    /// The day, in its own offset.
    pub fn date(self) -> CalendarDate {
        CalendarDate(self.local().date())
    }

    fn local(self) -> DateTime {
        self.offset.to_datetime(self.at)
    }

    /// Reads the notation of RFC 3339: `2026-11-23T14:05:00+09:00`, with a fraction or without. An offset without a colon,
    /// and a blank instead of the `T`, are read too.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is none, or has no offset: what moment it means is unknown then.
    pub fn parse(text: &str) -> Result<Self, ParseMomentError> {
        let text = text.trim();
        // A date alone has `-` too.
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

/// `+09:00`, `+0900` or `+09`.
fn offset_of(text: &str) -> Option<Offset> {
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

fn written_offset(seconds: i32) -> String {
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
    /// A day; `None` when the calendar has no such one.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let part = |part: u8| i8::try_from(part).ok();
        Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok().map(Self)
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.0.year().unsigned_abs()
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// The day of the month, from 1.
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

/// How a moment or a day is written: letters that stand for a part, and everything else as it is.
///
/// | letters | part |
/// | --- | --- |
/// | `yyyy`, `MM`, `dd` | year, month, day |
/// | `HH`, `mm`, `ss` | hour, minute, second |
/// | `S` to `SSSSSSSSS` | that many digits of the fraction of the second |
/// | `XXX` | the offset: `+09:00`, or `Z` |
/// | `'T'` | what stands between the quotes |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFormat<'a> {
    /// The letters.
    pub pattern: &'a str,
    /// The offset of what has none in its text, in seconds ahead of UTC.
    pub offset: i32,
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction(usize),
    Offset,
    Text(&'a str),
}

/// What a pattern writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A day.
    Date,
    /// A moment whose offset is agreed.
    Local,
    /// A moment with its offset.
    WithOffset,
}

impl<'a> TimeFormat<'a> {
    /// `2026-11-23`.
    pub const DATE: TimeFormat<'static> = TimeFormat { pattern: "yyyy-MM-dd", offset: 0 };

    /// What the pattern writes.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with a pattern that means nothing.
    pub fn kind(&self) -> Result<Written, String> {
        let parts = parts(self.pattern)?;
        let has = |part: Part<'_>| parts.contains(&part);
        for part in [Part::Year, Part::Month, Part::Day] {
            if !has(part) {
                return Err("a year, a month and a day are needed: `yyyy`, `MM` and `dd`".into());
            }
        }
        let times = [Part::Hour, Part::Minute, Part::Second].map(has);
        let is_finer = has(Part::Offset) || parts.iter().any(|part| matches!(part, Part::Fraction(_)));
        let same = |one: &Part<'_>, other: &Part<'_>| std::mem::discriminant(one) == std::mem::discriminant(other);
        for (n, part) in parts.iter().enumerate().filter(|(_, part)| !matches!(part, Part::Text(_))) {
            if parts[..n].iter().any(|before| same(before, part)) {
                return Err("a part stands in the pattern twice".into());
            }
        }
        match times {
            [false, false, false] if !is_finer => Ok(Written::Date),
            [true, true, _] if has(Part::Offset) => Ok(Written::WithOffset),
            [true, true, _] => Ok(Written::Local),
            _ => Err("a time has hours and minutes: `HH` and `mm`".into()),
        }
    }

    /// Reads a moment.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not in this notation, or if there is no such moment.
    pub fn parse_moment(&self, text: &str) -> Result<OffsetDateTime, ParseMomentError> {
        let read = Read::of(self.pattern, text, self.offset).ok_or(ParseMomentError)?;
        let at = read.offset.to_timestamp(read.local).map_err(|_| ParseMomentError)?;
        Ok(OffsetDateTime { at, offset: read.offset })
    }

    /// Reads a day.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not in this notation, or if there is no such day.
    pub fn parse_date(&self, text: &str) -> Result<CalendarDate, ParseMomentError> {
        Read::of(self.pattern, text, 0).map(|read| CalendarDate(read.local.date())).ok_or(ParseMomentError)
    }

    /// Writes a moment. What the pattern has no part for is left out.
    pub fn write_moment(&self, moment: OffsetDateTime) -> String {
        let parts = parts(self.pattern).unwrap_or_default();
        let offset = match parts.contains(&Part::Offset) {
            true => moment.offset,
            false => Offset::from_seconds(self.offset).unwrap_or(Offset::UTC),
        };
        write_parts(&parts, offset.to_datetime(moment.at), offset)
    }

    /// Writes a day.
    pub fn write_date(&self, date: CalendarDate) -> String {
        let parts = parts(self.pattern).unwrap_or_default();
        write_parts(&parts, date.0.to_datetime(Time::midnight()), Offset::UTC)
    }
}

fn parts(pattern: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let run = rest.find(|c| c != letter).unwrap_or(rest.len());
        let taken = match (letter, run) {
            ('y', 4) => (Part::Year, 4),
            ('M', 2) => (Part::Month, 2),
            ('d', 2) => (Part::Day, 2),
            ('H', 2) => (Part::Hour, 2),
            ('m', 2) => (Part::Minute, 2),
            ('s', 2) => (Part::Second, 2),
            ('S', 1..=9) => (Part::Fraction(run), run),
            ('X', 3) => (Part::Offset, 3),
            ('\'', _) => {
                let end = rest[1..].find('\'').ok_or("a quote is not closed")?;
                (Part::Text(&rest[1..=end]), end + 2)
            }
            (letter, _) if letter.is_ascii_alphabetic() => {
                return Err(format!(
                    "`{}` stands for nothing; the parts are `yyyy MM dd HH mm ss S XXX`, and letters of the text stand in \
                     single quotes",
                    &rest[..run]
                ));
            }
            _ => (Part::Text(&rest[..letter.len_utf8()]), letter.len_utf8()),
        };
        parts.push(taken.0);
        rest = &rest[taken.1..];
    }
    Ok(parts)
}

fn write_parts(parts: &[Part<'_>], local: DateTime, offset: Offset) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&match part {
            Part::Year => format!("{:04}", local.year()),
            Part::Month => format!("{:02}", local.month()),
            Part::Day => format!("{:02}", local.day()),
            Part::Hour => format!("{:02}", local.hour()),
            Part::Minute => format!("{:02}", local.minute()),
            Part::Second => format!("{:02}", local.second()),
            Part::Fraction(digits) => format!("{:09}", local.subsec_nanosecond()).chars().take(*digits).collect(),
            Part::Offset if offset.seconds() == 0 => "Z".to_owned(),
            Part::Offset => written_offset(offset.seconds()),
            Part::Text(text) => (*text).to_owned(),
        });
    }
    text
}

/// What a text says in the parts of a pattern.
struct Read {
    local: DateTime,
    offset: Offset,
}

impl Read {
    fn of(pattern: &str, text: &str, offset: i32) -> Option<Self> {
        let (mut rest, mut offset) = (text.trim(), Offset::from_seconds(offset).ok()?);
        let (mut date, mut time, mut nanos) = ([0_i16, 1, 1], [0_i8; 3], 0_i32);
        for part in parts(pattern).ok()? {
            let mut digits = |count: usize| -> Option<i32> {
                let (digits, behind) = rest.split_at_checked(count)?;
                rest = behind;
                digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
            };
            match part {
                Part::Year => date[0] = i16::try_from(digits(4)?).ok()?,
                Part::Month => date[1] = i16::try_from(digits(2)?).ok()?,
                Part::Day => date[2] = i16::try_from(digits(2)?).ok()?,
                Part::Hour => time[0] = i8::try_from(digits(2)?).ok()?,
                Part::Minute => time[1] = i8::try_from(digits(2)?).ok()?,
                Part::Second => time[2] = i8::try_from(digits(2)?).ok()?,
                Part::Fraction(count) => {
                    nanos = digits(count)?.checked_mul(10_i32.pow(u32::try_from(9 - count).ok()?))?
                }
                Part::Offset => {
                    let taken = if rest.starts_with(['Z', 'z']) { 1 } else { rest.len().min(6) };
                    let (text, behind) = rest.split_at_checked(taken)?;
                    offset = if taken == 1 { Offset::UTC } else { offset_of(text)? };
                    rest = behind;
                }
                Part::Text(text) => rest = rest.strip_prefix(text)?,
            }
        }
        if !rest.is_empty() {
            return None;
        }
        let date = Date::new(date[0], i8::try_from(date[1]).ok()?, i8::try_from(date[2]).ok()?).ok()?;
        let time = Time::new(time[0], time[1], time[2], nanos).ok()?;
        Some(Self { local: date.to_datetime(time), offset })
    }
}

/// The offset of a zone that has had one offset since all payment APIs: in seconds ahead of UTC. `+09:00` is such a zone,
/// too. `None` for a zone with summer time, whose texts can mean two moments.
pub fn zone_offset(zone: &str) -> Option<i32> {
    let hours = match zone {
        "UTC" | "Etc/UTC" | "Z" => 0,
        "Asia/Seoul" | "Asia/Tokyo" => 9,
        "Asia/Shanghai" | "Asia/Taipei" | "Asia/Hong_Kong" | "Asia/Singapore" | "Asia/Manila" => 8,
        "Asia/Bangkok" | "Asia/Jakarta" | "Asia/Ho_Chi_Minh" => 7,
        offset => return offset_of(offset).map(Offset::seconds),
    };
    Some(hours * 3600)
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

    #[test]
    fn a_notation_of_its_own_is_read_and_written() {
        let seoul = zone_offset("Asia/Seoul").unwrap();
        for (pattern, text, seconds) in [
            ("yyyyMMddHHmmss", "20261123140500", 1_795_410_300),
            ("yyyy-MM-dd HH:mm:ss", "2026-11-23 14:05:00", 1_795_410_300),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-11-23T14:05:00+09:00", 1_795_410_300),
            ("dd.MM.yyyy HH:mm", "23.11.2026 14:05", 1_795_410_300),
            ("yyyyMMddHHmmssSSS", "20261123140500250", 1_795_410_300),
        ] {
            let format = TimeFormat { pattern, offset: seoul };
            let moment = format.parse_moment(text).unwrap();
            assert_eq!(moment.unix_seconds(), seconds, "{pattern}");
            assert_eq!(format.write_moment(moment), text);
        }
        let format = TimeFormat { pattern: "yyyyMMddHHmmss", offset: seoul };
        for text in ["2026112314050", "202611231405000", "20261323140500", "2026112314050a", "", "가나다라마바사"]
        {
            assert!(format.parse_moment(text).is_err(), "{text}");
        }
        let date = TimeFormat { pattern: "yyyyMMdd", offset: 0 };
        assert_eq!(date.write_date(date.parse_date("20240229").unwrap()), "20240229");
        assert!(date.parse_date("20230229").is_err());
        assert_eq!(CalendarDate::new(2024, 2, 29).unwrap().to_string(), "2024-02-29");
    }

    #[test]
    fn a_pattern_says_what_it_writes() {
        let kind = |pattern| TimeFormat { pattern, offset: 0 }.kind();
        assert_eq!(kind("yyyyMMdd"), Ok(Written::Date));
        assert_eq!(kind("yyyyMMddHHmmss"), Ok(Written::Local));
        assert_eq!(kind("yyyy-MM-dd'T'HH:mm:ssXXX"), Ok(Written::WithOffset));
        for pattern in ["", "yyyy-MM", "yyyyMMddHH", "yyyyMMddhhmmss", "yyyyMMddyyyy", "yyyyMMdd'T", "yyyyMMddTHHmm"] {
            assert!(kind(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn zones_without_summer_time_have_an_offset() {
        assert_eq!(zone_offset("+09:00"), Some(32_400));
        assert_eq!(zone_offset("UTC"), Some(0));
        assert_eq!(zone_offset("America/New_York"), None);
    }
}
