//! Notations of times.

use crate::model::TimeNotation;
use crate::spec::TimeSpec;
use rules::{TimeFormat, Written, zone_offset};

/// How a time is written.
///
/// # Errors
///
/// Returns the key that is wrong, what is wrong with it, and what to do.
pub(crate) fn time_notation(spec: &TimeSpec) -> Result<TimeNotation, (&'static str, String, &'static str)> {
    const PATTERNS: &str = "write a pattern such as `yyyyMMddHHmmss`, or `unix_seconds` or `unix_milliseconds`";
    const NO_ZONE: &str = "leave it out: the notation says it all";
    let without_zone = |notation: TimeNotation| match &spec.zone {
        None => Ok(notation),
        Some(zone) => Err(("zone", format!("the zone `{zone}` means nothing here"), NO_ZONE)),
    };
    match spec.written.as_str() {
        "unix_seconds" => return without_zone(TimeNotation::UnixSeconds),
        "unix_milliseconds" => return without_zone(TimeNotation::UnixMilliseconds),
        _ => {}
    }
    let pattern = spec.written.clone();
    let kind = TimeFormat { pattern: &pattern, offset: 0 }.kind();
    match kind.map_err(|why| ("written", why, PATTERNS))? {
        Written::Date => without_zone(TimeNotation::Day(pattern)),
        Written::WithOffset => without_zone(TimeNotation::Moment(pattern, 0)),
        Written::Local => match &spec.zone {
            None => Err((
                "written",
                "the notation has no offset, and no `zone:` says which it is in".into(),
                "add `zone: Asia/Seoul`, for example: without it the text means no moment",
            )),
            Some(zone) => match zone_offset(zone) {
                Some(offset) => Ok(TimeNotation::Moment(pattern, offset)),
                None => Err((
                    "zone",
                    format!("`{zone}` is no zone with one offset all year"),
                    "write an offset such as `+09:00`, `UTC`, or a zone without summer time such as `Asia/Seoul`",
                )),
            },
        },
    }
}

/// A text in the notation as generated code writes it; `None` if it is in another one.
pub(crate) fn in_notation(notation: &TimeNotation, text: &str) -> Option<String> {
    match notation {
        TimeNotation::Moment(pattern, offset) => {
            let format = TimeFormat { pattern, offset: *offset };
            format.parse_moment(text).ok().map(|moment| format.write_moment(moment))
        }
        TimeNotation::Day(pattern) => {
            let format = TimeFormat { pattern, offset: 0 };
            format.parse_date(text).ok().map(|date| format.write_date(date))
        }
        TimeNotation::UnixSeconds | TimeNotation::UnixMilliseconds => {
            text.parse::<i64>().ok().map(|number| number.to_string())
        }
    }
}
