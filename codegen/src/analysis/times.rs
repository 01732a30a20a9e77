//! Notations of times.

use crate::constraints::TimeNotation;
use crate::resolved::{Api, TypeRef};
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
    let pattern = spec.written.clone();
    let written = TimeFormat { pattern: &pattern, offset: 0 }.kind().map_err(|why| ("written", why, PATTERNS))?;
    match (written, &spec.zone) {
        (Written::Local, None) => Err((
            "written",
            "the notation has no offset, and no `zone:` says which it is in".into(),
            "add `zone: Asia/Seoul`, for example: without it the text means no moment",
        )),
        (Written::Local, Some(zone)) => match zone_offset(zone) {
            Some(offset) => Ok(TimeNotation { pattern, offset, written }),
            None => Err((
                "zone",
                format!("`{zone}` is no zone with one offset all year"),
                "write an offset such as `+09:00`, `UTC`, or a zone without summer time such as `Asia/Seoul`",
            )),
        },
        (_, None) => Ok(TimeNotation { pattern, offset: 0, written }),
        (_, Some(zone)) => Err(("zone", format!("the zone `{zone}` means nothing here"), NO_ZONE)),
    }
}

/// The same time or day as generated code writes it; `None` if the text is in no notation that it reads.
pub(crate) fn in_notation(notation: &TimeNotation, text: &str) -> Option<String> {
    let (format, mut written) = (notation.format(), String::new());
    match notation.written {
        Written::Date => format.write_date(format.read_date(text).ok()?, &mut written),
        _ => format.write_moment(format.read_moment(text).ok()?, &mut written),
    }
    .ok()?;
    Some(written)
}

/// The notation of a moment, if the type is one: neither a day nor anything else.
pub(crate) fn moment_notation(api: &Api, of: TypeRef) -> Option<TimeNotation> {
    match of {
        TypeRef::Instant => {
            let pattern = "yyyy-MM-dd'T'HH:mm:ss[.S]XXX".to_owned();
            Some(TimeNotation { pattern, offset: 0, written: Written::WithOffset })
        }
        // One that means nothing is reported where it stands.
        TypeRef::Time(n) => time_notation(&api.times[n].spec).ok().filter(|notation| notation.written != Written::Date),
        _ => None,
    }
}
