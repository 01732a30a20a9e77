//! Times in examples: whether a text is one, and how generated code writes it.

use crate::resolved::TypeRef;

/// A time of the spec as the generated type writes it: `2026-11-23 14:05:00` for `kst_date_time`,
/// `2026-11-23T14:05:00.5` for `civil_date_time`, without zeros at the end of the decimals. `None` if the text is no time, or
/// has a zone.
pub(crate) fn as_written(text: &str, of: TypeRef) -> Option<String> {
    let (whole, decimals) = text.split_once('.').map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    if !is_date_time(whole) {
        return None;
    }
    let is_decimals = |d: &str| (1..=9).contains(&d.len()) && d.bytes().all(|byte| byte.is_ascii_digit());
    if !decimals.is_none_or(is_decimals) {
        return None;
    }
    let decimals = decimals.unwrap_or_default().trim_end_matches('0');
    let (date, time) = (&whole[..10], &whole[11..]);
    Some(match of {
        TypeRef::CivilDateTime if decimals.is_empty() => format!("{date}T{time}"),
        TypeRef::CivilDateTime => format!("{date}T{time}.{decimals}"),
        _ => format!("{date} {time}"),
    })
}

/// `yyyy-MM-dd HH:mm:ss` with a blank or a `T`, a day and time that exist.
fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let signs = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if bytes.len() != 19 || signs.iter().any(|(at, sign)| bytes[*at] != *sign) || !matches!(bytes[10], b' ' | b'T') {
        return false;
    }
    let number = |from: usize, to: usize| {
        let digits = bytes[from..to].iter().all(u8::is_ascii_digit);
        text.get(from..to).filter(|_| digits).and_then(|part| part.parse::<u32>().ok())
    };
    let parts = [(0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19)].map(|(from, to)| number(from, to));
    let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_one_form_whatever_form_it_is_documented_in() {
        let kst = |text| as_written(text, TypeRef::KstDateTime);
        let civil = |text| as_written(text, TypeRef::CivilDateTime);
        for text in ["2026-11-23 14:05:00", "2026-11-23T14:05:00", "2026-11-23 14:05:00.0", "2026-11-23T14:05:00.519"] {
            assert_eq!(kst(text).as_deref(), Some("2026-11-23 14:05:00"), "{text}");
        }
        assert_eq!(kst("2024-02-29 23:59:59").as_deref(), Some("2024-02-29 23:59:59"));
        for (text, written) in [
            ("2021-07-28T20:10:33.298642", "2021-07-28T20:10:33.298642"),
            ("2021-07-28T20:10:33.10", "2021-07-28T20:10:33.1"),
            ("2021-07-28T20:10:33.000", "2021-07-28T20:10:33"),
            ("2021-07-28 20:10:33.5", "2021-07-28T20:10:33.5"),
        ] {
            assert_eq!(civil(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_has_a_zone_is_none() {
        for text in [
            "yesterday",
            "",
            "2026-11-23",
            "2026-02-29 00:00:00",
            "2026-13-01 00:00:00",
            "2026-11-23_14:05:00",
            "2026-11-23 24:00:00",
            "2026-11-31 00:00:00",
            "+026-11-23 14:05:00",
            "2021-07-28T20:10:33.",
            "2021-07-28T20:10:33.1234567890",
            "2021-07-28T20:10:33Z",
            "2021-07-28T20:10:33+09:00",
            "가나다라마바 ",
        ] {
            assert_eq!(as_written(text, TypeRef::KstDateTime), None, "{text}");
        }
    }
}
