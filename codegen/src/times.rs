//! Times in examples: parsing, and the notation of generated code.

use crate::resolved::TypeRef;
use rules::{CivilDateTime, KstDateTime};

/// Returns a time of the spec in the notation of the generated type. Returns `None` if the text is not a time or has a
/// zone: generated code converts a zone, and a page with one means another type.
pub(crate) fn as_written(text: &str, of: TypeRef) -> Option<String> {
    if has_zone(text) {
        return None;
    }
    match of {
        TypeRef::CivilDateTime => CivilDateTime::parse(text).ok().map(|time| time.to_string()),
        _ => KstDateTime::parse(text).ok().map(|time| time.to_string()),
    }
}

/// Returns `true` if a zone or an offset follows the seconds.
pub(crate) fn has_zone(text: &str) -> bool {
    text.get(19..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-', '[']))
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
            "2026-02-29 00:00:00",
            "2026-13-01 00:00:00",
            "2026-11-23_14:05:00",
            "2026-11-23 24:00:00",
            "2026-11-31 00:00:00",
            "2021-07-28T20:10:33.",
            "2021-07-28T20:10:33.1234567890",
            "2021-07-28T20:10:33Z",
            "2021-07-28T20:10:33+09:00",
            "2021-07-28T20:10:33[Asia/Seoul]",
            "가나다라마바 ",
        ] {
            assert_eq!(as_written(text, TypeRef::KstDateTime), None, "{text}");
        }
    }
}
