//! Notations of date-times and dates: patterns of letters, and the offsets of time zones.

use crate::moment::{CalendarDate, OffsetDateTime, ParseMomentError, iso, offset_of, written_offset};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use std::fmt;
use std::str::FromStr;

/// Pattern of a date-time or date. Latin letters denote a part of the date-time, as in this table. Except for quotes
/// and brackets, all other characters are literal.
///
/// | letters | part |
/// | --- | --- |
/// | `yyyy`, `MM`, `dd` | year, month, day |
/// | `HH`, `mm`, `ss` | hour, minute, second |
/// | `S` to `SSSSSSSSS` | that many digits of the fraction of the second |
/// | `[.S]` | a point and the digits of the fraction; nothing if the fraction is zero |
/// | `XXX` | the offset: `+09:00`, or `Z` |
/// | `'T'` | the text between the quotes |
///
/// The patterns `unix_seconds` and `unix_milliseconds` denote the number of seconds or milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFormat<'a> {
    /// The pattern itself.
    pub pattern: &'a str,
    /// UTC offset, in seconds, of a text that contains no offset.
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
    AnyFraction,
    Offset,
    Text(&'a str),
}

/// Kind of value that a pattern describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A date.
    Date,
    /// A date-time without an offset in its text. The offset of the notation applies.
    Local,
    /// A date-time with its offset.
    WithOffset,
    /// A moment, as a number of seconds or milliseconds since 1970.
    Number,
}

const SECONDS: &str = "unix_seconds";
const MILLISECONDS: &str = "unix_milliseconds";

impl<'a> TimeFormat<'a> {
    /// The notation `2026-11-23`.
    pub const DATE: TimeFormat<'static> = TimeFormat { pattern: "yyyy-MM-dd", offset: 0 };

    /// Returns the kind of value that the pattern describes.
    ///
    /// # Errors
    ///
    /// Returns a description of the problem if the pattern is invalid.
    pub fn kind(&self) -> Result<Written, String> {
        if self.is_number() {
            return Ok(Written::Number);
        }
        let parts = Parts(self.pattern).collect::<Result<Vec<_>, _>>().map_err(|problem| problem.to_string())?;
        let has = |part: Part<'_>| parts.contains(&part);
        for part in [Part::Year, Part::Month, Part::Day] {
            if !has(part) {
                return Err("a year, a month and a day are needed: `yyyy`, `MM` and `dd`".into());
            }
        }
        let times = [Part::Hour, Part::Minute, Part::Second].map(has);
        let fractions = parts.iter().filter(|part| matches!(part, Part::Fraction(_) | Part::AnyFraction)).count();
        let same = |one: &Part<'_>, other: &Part<'_>| std::mem::discriminant(one) == std::mem::discriminant(other);
        for (n, part) in parts.iter().enumerate().filter(|(_, part)| !matches!(part, Part::Text(_))) {
            if parts[..n].iter().any(|before| same(before, part)) || fractions > 1 {
                return Err("the pattern contains a part twice".into());
            }
        }
        match times {
            [false, false, false] if fractions == 0 && !has(Part::Offset) => Ok(Written::Date),
            [true, true, _] if has(Part::Offset) => Ok(Written::WithOffset),
            [true, true, _] => Ok(Written::Local),
            _ => Err("a time needs hours and minutes: `HH` and `mm`".into()),
        }
    }

    /// Returns `true` if values in this notation are numbers.
    pub fn is_number(&self) -> bool {
        matches!(self.pattern, SECONDS | MILLISECONDS)
    }

    /// Returns `true` if the text of a moment in this notation contains its seconds.
    pub fn has_seconds(&self) -> bool {
        self.is_number() || self.has(Part::Second)
    }

    fn has(&self, part: Part<'_>) -> bool {
        Parts(self.pattern).any(|own| own == Ok(part))
    }

    /// Reads a moment in exactly this notation. For `XXX`, also accepts an offset such as `+0900`, `+09` or `z`.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not match the pattern, or if there is no such date-time.
    pub fn parse_moment(&self, text: &str) -> Result<OffsetDateTime, ParseMomentError> {
        if self.is_number() {
            let number = text.parse().map_err(|_| ParseMomentError)?;
            let moment = match self.pattern {
                SECONDS => OffsetDateTime::from_unix_seconds(number),
                _ => OffsetDateTime::from_unix_milliseconds(number),
            };
            return moment.ok_or(ParseMomentError);
        }
        let (local, offset) = read(self.pattern, text, self.offset).ok_or(ParseMomentError)?;
        Ok(OffsetDateTime::of(local, offset))
    }

    /// Reads a moment that a service has sent. Accepts this notation and the notation of ISO 8601, which is also
    /// unambiguous. Ignores white space around the text. Drops the parts of an ISO 8601 text that this notation does
    /// not have.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is in neither notation. Also returns an error if an ISO 8601 text has no offset,
    /// and this notation is a number or has an offset in each text.
    pub fn read_moment(&self, text: &str) -> Result<OffsetDateTime, ParseMomentError> {
        let text = text.trim();
        if let Ok(moment) = self.parse_moment(text) {
            return Ok(moment);
        }
        let (local, offset) = iso(text).ok_or(ParseMomentError)?;
        let default_offset = (!self.is_number() && !self.has(Part::Offset)).then(|| self.own_offset());
        let offset = offset.or(default_offset).ok_or(ParseMomentError)?;
        Ok(self.fit(OffsetDateTime::of(local, offset)))
    }

    /// Returns the moment at the offset of this notation. If the pattern has an offset, the moment keeps its own
    /// offset. Seconds and digits of the fraction that the notation cannot express become zero.
    pub fn fit(&self, moment: OffsetDateTime) -> OffsetDateTime {
        let moment = match !self.is_number() && self.has(Part::Offset) {
            true => moment,
            false => moment.at_offset(self.own_offset()),
        };
        let local = moment.local();
        let nanos = local.subsec_nanosecond();
        let kept = Parts(self.pattern).find_map(|part| match part {
            Ok(Part::Fraction(digits)) => Some(nanos - nanos % ten_to(9 - digits)),
            Ok(Part::AnyFraction) => Some(nanos),
            _ => None,
        });
        let kept = if self.pattern == MILLISECONDS { nanos - nanos % ten_to(6) } else { kept.unwrap_or(0) };
        let second = if self.has_seconds() { local.second() } else { 0 };
        // The fields come from a valid time, or are 0.
        let local = local.with().second(second).subsec_nanosecond(kept).build().unwrap_or(local);
        OffsetDateTime::of(local, moment.offset())
    }

    /// Returns the moment at a number of seconds since 1970. Saturates at the first and last moment of the years 0 to
    /// 9999.
    pub fn at_unix_seconds(&self, seconds: i64) -> OffsetDateTime {
        self.fit(OffsetDateTime::saturating(SignedDuration::from_secs(seconds), self.own_offset()))
    }

    /// Reads a date in exactly this notation.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not match the pattern, or if there is no such date.
    pub fn parse_date(&self, text: &str) -> Result<CalendarDate, ParseMomentError> {
        let (local, _) = read(self.pattern, text, 0).ok_or(ParseMomentError)?;
        Ok(CalendarDate::of(local.date()))
    }

    /// Reads a date that a service has sent. Accepts this notation and the form `2026-11-23`, which is also
    /// unambiguous. Ignores white space around the text.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is in neither notation, or if there is no such date.
    pub fn read_date(&self, text: &str) -> Result<CalendarDate, ParseMomentError> {
        let text = text.trim();
        self.parse_date(text).or_else(|_| TimeFormat::DATE.parse_date(text))
    }

    /// Writes a moment. Omits the parts that the pattern does not have.
    ///
    /// # Errors
    ///
    /// Returns an error only if `to` returns one.
    pub fn write_moment(&self, moment: OffsetDateTime, to: &mut dyn fmt::Write) -> fmt::Result {
        match self.pattern {
            SECONDS => write!(to, "{}", moment.unix_seconds()),
            MILLISECONDS => write!(to, "{}", moment.unix_milliseconds()),
            pattern => {
                let moment = if self.has(Part::Offset) { moment } else { moment.at_offset(self.own_offset()) };
                write(pattern, moment.local(), moment.offset(), to)
            }
        }
    }

    /// Writes a date.
    ///
    /// # Errors
    ///
    /// Returns an error only if `to` returns one.
    pub fn write_date(&self, date: CalendarDate, to: &mut dyn fmt::Write) -> fmt::Result {
        write(self.pattern, date.civil().to_datetime(Time::midnight()), Offset::UTC, to)
    }

    /// Returns a regular expression that matches every text in this notation. The result has no meaning for
    /// `unix_seconds` and `unix_milliseconds`.
    pub fn regular_expression(&self) -> String {
        let mut expression = String::from("^");
        for part in Parts(self.pattern).flatten() {
            match part {
                Part::Year => expression.push_str(r"\d{4}"),
                Part::Fraction(digits) => expression.push_str(&format!(r"\d{{{digits}}}")),
                Part::AnyFraction => expression.push_str(r"(\.\d{1,9})?"),
                Part::Offset => expression.push_str(r"(Z|[+-]\d{2}:\d{2})"),
                Part::Text(text) => {
                    for c in text.chars() {
                        if c.is_ascii_punctuation() && !matches!(c, '-' | ':' | ',' | '/' | '_') {
                            expression.push('\\');
                        }
                        expression.push(c);
                    }
                }
                Part::Month | Part::Day | Part::Hour | Part::Minute | Part::Second => expression.push_str(r"\d{2}"),
            }
        }
        expression.push('$');
        expression
    }

    fn own_offset(&self) -> Offset {
        // Zones have offsets of less than a day.
        Offset::from_seconds(self.offset).unwrap_or(Offset::UTC)
    }
}

/// Reason why a pattern is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem<'a> {
    OpenQuote,
    Bracket,
    Letters(&'a str),
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote => f.write_str("a quote is not closed"),
            Self::Bracket => f.write_str("only `[.S]` is allowed in brackets, for an optional fraction"),
            Self::Letters(letters) => write!(
                f,
                "`{letters}` is not a part; the parts are `yyyy MM dd HH mm ss S XXX`, and other letters need single quotes"
            ),
        }
    }
}

/// Iterator over the parts of a pattern. It ends after the first error.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Result<Part<'a>, Problem<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0;
        let letter = *rest.as_bytes().first()?;
        let (part, taken) = if letter.is_ascii_alphabetic() {
            let run = rest.bytes().take_while(|byte| *byte == letter).count();
            let part = match (letter, run) {
                (b'y', 4) => Part::Year,
                (b'M', 2) => Part::Month,
                (b'd', 2) => Part::Day,
                (b'H', 2) => Part::Hour,
                (b'm', 2) => Part::Minute,
                (b's', 2) => Part::Second,
                (b'S', 1..=9) => Part::Fraction(run),
                (b'X', 3) => Part::Offset,
                _ => return self.fail(Problem::Letters(&rest[..run])),
            };
            (part, run)
        } else {
            match letter {
                b'[' if rest.starts_with("[.S]") => (Part::AnyFraction, 4),
                b'[' | b']' => return self.fail(Problem::Bracket),
                b'\'' => match rest[1..].find('\'') {
                    Some(end) => (Part::Text(&rest[1..=end]), end + 2),
                    None => return self.fail(Problem::OpenQuote),
                },
                _ => {
                    let length = rest.chars().next().map_or(1, char::len_utf8);
                    (Part::Text(&rest[..length]), length)
                }
            }
        };
        self.0 = &rest[taken..];
        Some(Ok(part))
    }
}

impl<'a> Parts<'a> {
    /// Returns an error, and ends the iteration.
    fn fail(&mut self, problem: Problem<'a>) -> Option<Result<Part<'a>, Problem<'a>>> {
        self.0 = "";
        Some(Err(problem))
    }
}

/// Buffer that collects the text of a time. `to` then usually receives the whole text in a single call.
struct Line<'a> {
    to: &'a mut dyn fmt::Write,
    bytes: [u8; 32],
    length: usize,
}

impl Line<'_> {
    fn byte(&mut self, byte: u8) -> fmt::Result {
        if self.length == self.bytes.len() {
            self.flush()?;
        }
        self.bytes[self.length] = byte;
        self.length += 1;
        Ok(())
    }

    /// Writes the last `count` digits of a number, with leading zeros.
    fn digits(&mut self, number: impl Into<i32>, count: usize) -> fmt::Result {
        let number = number.into().unsigned_abs();
        (0..count).rev().try_for_each(|n| {
            // A digit is less than 10.
            let digit = number / 10_u32.pow(u32::try_from(n).unwrap_or(0)) % 10;
            self.byte(b'0' + u8::try_from(digit).unwrap_or(0))
        })
    }

    fn text(&mut self, text: &str) -> fmt::Result {
        if text.is_ascii() {
            return text.bytes().try_for_each(|byte| self.byte(byte));
        }
        self.flush()?;
        self.to.write_str(text)
    }

    fn flush(&mut self) -> fmt::Result {
        // All bytes are ASCII.
        let text = std::str::from_utf8(&self.bytes[..self.length]).map_err(|_| fmt::Error)?;
        self.length = 0;
        self.to.write_str(text)
    }
}

/// Returns 10 to a power of at most 9.
fn ten_to(digits: usize) -> i32 {
    (0..digits.min(9)).fold(1, |power, _| power * 10)
}

fn write(pattern: &str, local: DateTime, offset: Offset, to: &mut dyn fmt::Write) -> fmt::Result {
    let mut line = Line { to, bytes: [0; 32], length: 0 };
    for part in Parts(pattern).flatten() {
        match part {
            Part::Year => line.digits(local.year(), 4)?,
            Part::Month => line.digits(local.month(), 2)?,
            Part::Day => line.digits(local.day(), 2)?,
            Part::Hour => line.digits(local.hour(), 2)?,
            Part::Minute => line.digits(local.minute(), 2)?,
            Part::Second => line.digits(local.second(), 2)?,
            Part::Fraction(digits) => line.digits(local.subsec_nanosecond() / ten_to(9 - digits), digits)?,
            Part::AnyFraction => match local.subsec_nanosecond() {
                0 => {}
                nanos => line.text(&format!(".{}", format!("{nanos:09}").trim_end_matches('0')))?,
            },
            Part::Offset if offset.seconds() == 0 => line.byte(b'Z')?,
            Part::Offset => line.text(&written_offset(offset.seconds()))?,
            Part::Text(text) => line.text(text)?,
        }
    }
    line.flush()
}

/// Removes `count` digits from the beginning of a text, and returns the number that they form.
fn digits_of(text: &mut &[u8], count: usize) -> Option<i32> {
    let (digits, behind) = text.split_at_checked(count)?;
    *text = behind;
    digits.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0')))
}

/// Reads the local time and the offset from a text with this pattern. If the text has no offset, the offset is
/// `default_offset`.
fn read(pattern: &str, text: &str, default_offset: i32) -> Option<(DateTime, Offset)> {
    match read_fixed(pattern.as_bytes(), text.as_bytes()) {
        Fixed::Read([year, month, day, hour, minute, second]) => {
            let narrow = |number: i16| i8::try_from(number).ok();
            let date = Date::new(year, narrow(month)?, narrow(day)?).ok()?;
            let time = Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, 0).ok()?;
            Some((date.to_datetime(time), Offset::from_seconds(default_offset).ok()?))
        }
        Fixed::NoMatch => None,
        Fixed::Variable => read_variable(pattern, text, default_offset),
    }
}

/// Result of the fast path, `read_fixed`.
enum Fixed {
    /// Year, month, day, hour, minute and second.
    Read([i16; 6]),
    NoMatch,
    /// The pattern has a fraction or an offset, so the general path has to read the text.
    Variable,
}

/// Fast path of `read` for a pattern without a fraction and without an offset, in one pass over pattern and text. Speed
/// matters here, because a reply may contain many date-times. The benchmark `cargo bench -p tests --bench wire`
/// measures it.
fn read_fixed(pattern: &[u8], text: &[u8]) -> Fixed {
    let (mut values, mut at, mut is_quoted) = ([0_i16; 6], 0, false);
    for &letter in pattern {
        let part = match letter {
            b'\'' => {
                is_quoted = !is_quoted;
                continue;
            }
            _ if is_quoted => None,
            b'y' => Some(0),
            b'M' => Some(1),
            b'd' => Some(2),
            b'H' => Some(3),
            b'm' => Some(4),
            b's' => Some(5),
            b'S' | b'X' | b'[' => return Fixed::Variable,
            _ => None,
        };
        let Some(&byte) = text.get(at) else { return Fixed::NoMatch };
        at += 1;
        match part {
            // A pattern has four letters for a year and two for each other part, so this cannot overflow.
            Some(part) if byte.is_ascii_digit() => {
                values[part] = values[part].wrapping_mul(10).wrapping_add(i16::from(byte - b'0'));
            }
            None if byte == letter => {}
            _ => return Fixed::NoMatch,
        }
    }
    if at == text.len() { Fixed::Read(values) } else { Fixed::NoMatch }
}

/// General path of `read`, which supports all parts of a pattern.
fn read_variable(pattern: &str, text: &str, default_offset: i32) -> Option<(DateTime, Offset)> {
    let (mut rest, mut offset) = (text.as_bytes(), Offset::from_seconds(default_offset).ok()?);
    let (mut date, mut time, mut nanos) = ([0_i16, 1, 1], [0_i8; 3], 0_i32);
    for part in Parts(pattern) {
        let mut digits = |count| digits_of(&mut rest, count);
        match part.ok()? {
            Part::Year => date[0] = i16::try_from(digits(4)?).ok()?,
            Part::Month => date[1] = i16::try_from(digits(2)?).ok()?,
            Part::Day => date[2] = i16::try_from(digits(2)?).ok()?,
            Part::Hour => time[0] = i8::try_from(digits(2)?).ok()?,
            Part::Minute => time[1] = i8::try_from(digits(2)?).ok()?,
            Part::Second => time[2] = i8::try_from(digits(2)?).ok()?,
            Part::Fraction(count) => nanos = digits(count)?.checked_mul(ten_to(9 - count))?,
            Part::AnyFraction => {
                if let Some(fraction) = rest.strip_prefix(b".") {
                    rest = fraction;
                    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    let count = (1..=9).contains(&count).then_some(count)?;
                    nanos = digits_of(&mut rest, count)?.checked_mul(ten_to(9 - count))?;
                }
            }
            Part::Offset => {
                let taken = if rest.starts_with(b"Z") || rest.starts_with(b"z") { 1 } else { rest.len().min(6) };
                let (text, behind) = rest.split_at_checked(taken)?;
                offset = if taken == 1 { Offset::UTC } else { offset_of(std::str::from_utf8(text).ok()?)? };
                rest = behind;
            }
            Part::Text(text) => rest = rest.strip_prefix(text.as_bytes())?,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let date = Date::new(date[0], i8::try_from(date[1]).ok()?, i8::try_from(date[2]).ok()?).ok()?;
    let time = Time::new(time[0], time[1], time[2], nanos).ok()?;
    Some((date.to_datetime(time), offset))
}

/// Returns the UTC offset of a time zone in seconds. The known zones are UTC and zones in East and Southeast Asia that
/// have had a single offset in this century. An offset such as `+09:00` counts as a zone too. Returns `None` for any
/// other zone. In a zone with daylight saving time, a local time can denote two moments.
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

impl FromStr for CalendarDate {
    type Err = ParseMomentError;

    fn from_str(text: &str) -> Result<Self, ParseMomentError> {
        TimeFormat::DATE.read_date(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn the_fast_path_reads_the_same_as_the_general_path() {
        let patterns =
            ["yyyyMMddHHmmss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "dd.MM.yyyy HH시mm", "yyyyMMdd"];
        let texts = [
            "20261123094501",
            "2026-11-23 09:45:01",
            "2026-11-23T09:45:01",
            "23.11.2026 09시45",
            "20261123",
            "2026-13-01 00:00:00",
            "2026-02-30 00:00:00",
            "2026-11-23 24:00:00",
        ];
        let mut read = 0;
        for (pattern, text) in patterns.iter().flat_map(|pattern| texts.map(|text| (*pattern, text))) {
            // Each text unchanged, and with each character removed, doubled, or replaced.
            let places: Vec<(usize, char)> = text.char_indices().collect();
            let changed = places.iter().flat_map(|&(at, c)| {
                let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
                [String::new(), format!("{c}{c}"), "x".into(), "9".into(), "-".into(), "가".into()]
                    .map(|other| format!("{before}{other}{after}"))
            });
            for text in std::iter::once(text.to_owned()).chain(changed) {
                let expected = read_variable(pattern, &text, 32_400);
                assert_eq!(super::read(pattern, &text, 32_400), expected, "{pattern} {text}");
                read += usize::from(expected.is_some());
            }
        }
        assert!(read > 30, "{read}");
    }

    const KOREA: i32 = 32_400;
    const SECONDS: TimeFormat<'static> = TimeFormat { pattern: "yyyy-MM-dd HH:mm:ss", offset: KOREA };
    const FRACTIONS: TimeFormat<'static> = TimeFormat { pattern: "yyyy-MM-dd'T'HH:mm:ss[.S]", offset: KOREA };

    fn written(format: TimeFormat<'_>, moment: OffsetDateTime) -> String {
        let mut text = String::new();
        format.write_moment(moment, &mut text).unwrap();
        text
    }

    #[test]
    fn notations_are_read_and_written() {
        let seoul = zone_offset("Asia/Seoul").unwrap();
        for (pattern, text, seconds) in [
            ("yyyyMMddHHmmss", "20261123140500", 1_795_410_300),
            ("yyyy-MM-dd HH:mm:ss", "2026-11-23 14:05:00", 1_795_410_300),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-11-23T14:05:00+09:00", 1_795_410_300),
            ("dd.MM.yyyy HH:mm", "23.11.2026 14:05", 1_795_410_300),
            ("yyyyMMddHHmmssSSS", "20261123140500250", 1_795_410_300),
            ("yyyy-MM-dd'T'HH:mm:ss[.S]", "2026-11-23T14:05:00.298642", 1_795_410_300),
            ("yyyy-MM-dd'T'HH:mm:ss[.S]", "2026-11-23T14:05:00", 1_795_410_300),
            ("unix_seconds", "1795410300", 1_795_410_300),
            ("unix_milliseconds", "1795410300250", 1_795_410_300),
        ] {
            let format = TimeFormat { pattern, offset: seoul };
            let moment = format.parse_moment(text).unwrap();
            assert_eq!(moment.unix_seconds(), seconds, "{pattern}");
            assert_eq!(written(format, moment), text);
            assert_eq!(format.read_moment(text), Ok(moment));
        }
        let format = TimeFormat { pattern: "yyyyMMddHHmmss", offset: seoul };
        for text in ["2026112314050", "202611231405000", "20261323140500", "2026112314050a", "", "가나다라마바사"]
        {
            assert!(format.parse_moment(text).is_err(), "{text}");
        }
        let date = TimeFormat { pattern: "yyyyMMdd", offset: 0 };
        let mut day = String::new();
        date.write_date(date.parse_date("20240229").unwrap(), &mut day).unwrap();
        assert_eq!(day, "20240229");
        assert!(date.parse_date("20230229").is_err());
        assert_eq!(CalendarDate::new(2024, 2, 29).unwrap().to_string(), "2024-02-29");
    }

    #[test]
    fn each_pattern_has_a_kind() {
        let kind = |pattern| TimeFormat { pattern, offset: 0 }.kind();
        assert_eq!(kind("yyyyMMdd"), Ok(Written::Date));
        assert_eq!(kind("yyyyMMddHHmmss"), Ok(Written::Local));
        assert_eq!(kind("yyyy-MM-dd'T'HH:mm:ssXXX"), Ok(Written::WithOffset));
        assert_eq!(kind("yyyy-MM-dd'T'HH:mm:ss[.S]"), Ok(Written::Local));
        assert_eq!(kind("unix_seconds"), Ok(Written::Number));
        for pattern in [
            "",
            "yyyy-MM",
            "yyyyMMddHH",
            "yyyyMMddhhmmss",
            "yyyyMMddyyyy",
            "yyyyMMdd'T",
            "yyyyMMddTHHmm",
            "yyyyMMddHHmmss[.SSS]",
            "yyyyMMddHHmmssS[.S]",
        ] {
            assert!(kind(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn zones_without_summer_time_have_an_offset() {
        assert_eq!(zone_offset("+09:00"), Some(32_400));
        assert_eq!(zone_offset("UTC"), Some(0));
        assert_eq!(zone_offset("America/New_York"), None);
    }

    #[test]
    fn iso_8601_is_read_too() {
        for (text, expected) in [
            ("2026-11-23T14:05:00", "2026-11-23 14:05:00"),
            ("2026-11-23 14:05:00.987", "2026-11-23 14:05:00"),
            ("2026-11-23T05:05:00Z", "2026-11-23 14:05:00"),
            ("2026-11-23T05:05:00.5+00:00", "2026-11-23 14:05:00"),
            ("2026-11-23 14:05:00+09:00", "2026-11-23 14:05:00"),
            ("2026-11-23 20:05:00-03:00", "2026-11-24 08:05:00"),
            (" 2026-11-23 14:05 ", "2026-11-23 14:05:00"),
        ] {
            assert_eq!(written(SECONDS, SECONDS.read_moment(text).unwrap()), expected, "{text}");
        }
        for text in [
            "",
            "2026-11-23",
            "2026-13-01 00:00:00",
            "2026-02-29 00:00:00",
            "2026-11-23 24:00:00",
            "2026-11-23T14:05:00[Asia/Seoul]",
            "yesterday at noon",
            "가나다라마바사아자차",
            "2026-11-\u{7f}z 14:00:00",
            "zzzz-zz-zz zz:zz:zz",
        ] {
            assert!(SECONDS.read_moment(text).is_err(), "{text}");
        }
        // A text without an offset is ambiguous if the notation has no zone.
        for pattern in ["unix_seconds", "yyyyMMddHHmmssXXX"] {
            let format = TimeFormat { pattern, offset: 0 };
            assert!(format.read_moment("2026-11-23T14:05:00").is_err(), "{pattern}");
            assert_eq!(format.read_moment("2026-11-23T14:05:00+09:00").unwrap().unix_seconds(), 1_795_410_300);
        }
    }

    #[test]
    fn a_moment_is_reduced_to_the_precision_of_the_notation() {
        let moment = OffsetDateTime::parse("2021-07-28T11:10:33.298642Z").unwrap();
        for (pattern, text) in [
            ("yyyy-MM-dd HH:mm:ss", "2021-07-28 20:10:33"),
            ("yyyy-MM-dd'T'HH:mm:ss[.S]", "2021-07-28T20:10:33.298642"),
            ("yyyyMMddHHmm", "202107282010"),
            ("yyyyMMddHHmmssSS", "2021072820103329"),
            ("unix_milliseconds", "1627470633298"),
        ] {
            let format = TimeFormat { pattern, offset: KOREA };
            assert_eq!(written(format, moment), text);
            assert_eq!(format.parse_moment(text), Ok(format.fit(moment)), "{pattern}");
        }
        let epoch = SECONDS.fit(UNIX_EPOCH.into());
        assert_eq!(written(SECONDS, epoch), "1970-01-01 09:00:00");
        assert_eq!(written(SECONDS, epoch.plus_minutes(-600)), "1969-12-31 23:00:00");
        let before = UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(written(FRACTIONS, before.into()), "1970-01-01T08:59:59.999");
        assert_eq!(OffsetDateTime::from(before).to_system_time(), before);
        assert_eq!(SECONDS.fit(before.into()).unix_seconds(), -1);
    }

    #[test]
    fn moments_beyond_the_calendar_saturate() {
        assert_eq!(written(SECONDS, SECONDS.at_unix_seconds(i64::MAX)), "9999-12-31 23:59:59");
        assert_eq!(written(SECONDS, SECONDS.at_unix_seconds(i64::MIN)), "0000-01-01 00:00:00");
        assert_eq!(SECONDS.at_unix_seconds(0).plus_minutes(i64::MAX).year(), 9999);
        for end in [i64::MIN, i64::MAX] {
            let end = SECONDS.at_unix_seconds(end);
            assert_eq!(SECONDS.at_unix_seconds(end.unix_seconds()), end);
            assert_eq!(SECONDS.parse_moment(&written(SECONDS, end)), Ok(end));
        }
        let last = SECONDS.at_unix_seconds(i64::MAX);
        assert_eq!(OffsetDateTime::from(last.to_system_time()), last);
        assert_eq!(OffsetDateTime::from_unix_seconds(i64::MAX), None);
        // `jiff::Timestamp` ends within this range.
        let last = jiff::Timestamp::MAX.as_second();
        for second in [-1, 0, 1, 3_600, 61_199].map(|after| last + after) {
            assert_eq!(SECONDS.at_unix_seconds(second).unix_seconds(), second);
        }
    }

    #[test]
    fn a_notation_has_a_regular_expression() {
        let expression = |pattern| TimeFormat { pattern, offset: 0 }.regular_expression();
        assert_eq!(expression("yyyy-MM-dd HH:mm:ss"), r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$");
        assert_eq!(expression("yyyyMMdd'T'HHmmss[.S]"), r"^\d{4}\d{2}\d{2}T\d{2}\d{2}\d{2}(\.\d{1,9})?$");
        assert_eq!(expression("dd.MM.yyyy HH:mmXXX"), r"^\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$");
    }
}
