//! Notations of date-times and dates: patterns of letters, and the offsets of time zones.

use crate::moment::{CalendarDate, OffsetDateTime, ParseMomentError, offset_of, written_offset};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Pattern of a date-time or date. Letters stand for a part, and all other characters for themselves.
///
/// | letters | part |
/// | --- | --- |
/// | `yyyy`, `MM`, `dd` | year, month, day |
/// | `HH`, `mm`, `ss` | hour, minute, second |
/// | `S` to `SSSSSSSSS` | the fraction of the second, with that many digits |
/// | `XXX` | the offset: `+09:00`, or `Z` |
/// | `'T'` | the text between the quotes |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFormat<'a> {
    /// The pattern itself.
    pub pattern: &'a str,
    /// UTC offset of a text that contains none, in seconds.
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

/// Kind of value that a pattern can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A date.
    Date,
    /// A date-time without an offset in its text. The offset is agreed upon.
    Local,
    /// A date-time with its offset.
    WithOffset,
}

impl<'a> TimeFormat<'a> {
    /// `2026-11-23`.
    pub const DATE: TimeFormat<'static> = TimeFormat { pattern: "yyyy-MM-dd", offset: 0 };

    /// Returns the kind of value that the pattern writes.
    ///
    /// # Errors
    ///
    /// Returns a description of the problem if the pattern is invalid.
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
                return Err("the pattern contains a part twice".into());
            }
        }
        match times {
            [false, false, false] if !is_finer => Ok(Written::Date),
            [true, true, _] if has(Part::Offset) => Ok(Written::WithOffset),
            [true, true, _] => Ok(Written::Local),
            _ => Err("a time needs hours and minutes: `HH` and `mm`".into()),
        }
    }

    /// Parses a date-time.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not match the pattern, or if there is no such date-time.
    pub fn parse_moment(&self, text: &str) -> Result<OffsetDateTime, ParseMomentError> {
        let read = Read::of(self.pattern, text, self.offset).ok_or(ParseMomentError)?;
        let at = read.offset.to_timestamp(read.local).map_err(|_| ParseMomentError)?;
        Ok(OffsetDateTime::at(at, read.offset))
    }

    /// Parses a date.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not match the pattern, or if there is no such date.
    pub fn parse_date(&self, text: &str) -> Result<CalendarDate, ParseMomentError> {
        Read::of(self.pattern, text, 0).map(|read| CalendarDate::of(read.local.date())).ok_or(ParseMomentError)
    }

    /// Writes a date-time. Parts that the pattern lacks are omitted.
    pub fn write_moment(&self, moment: OffsetDateTime) -> String {
        let parts = parts(self.pattern).unwrap_or_default();
        let offset = match parts.contains(&Part::Offset) {
            true => moment.offset(),
            false => Offset::from_seconds(self.offset).unwrap_or(Offset::UTC),
        };
        write_parts(&parts, offset.to_datetime(moment.timestamp()), offset)
    }

    /// Writes a date.
    pub fn write_date(&self, date: CalendarDate) -> String {
        let parts = parts(self.pattern).unwrap_or_default();
        write_parts(&parts, date.civil().to_datetime(Time::midnight()), Offset::UTC)
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
                    "`{}` is not a part; the parts are `yyyy MM dd HH mm ss S XXX`, and other letters need single quotes",
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

/// Values of a pattern's parts in a text.
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

/// Returns the UTC offset of a time zone in seconds, if the zone has had a single offset for as long as payment APIs
/// exist. An offset such as `+09:00` counts as a zone too. Returns `None` for a zone with daylight saving time, because
/// its texts can denote two moments.
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
