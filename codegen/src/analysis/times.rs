//! Notations of times.

use crate::constraints::TimeNotation;
use crate::resolved::{Api, TypeRef};
use crate::spec::TimeSpec;
use rules::{TimeFormat, Written, zone_offset};

/// Problem of a notation: the wrong key, what is wrong with it, and what to do.
type Problem = (&'static str, String, &'static str);

const PATTERNS: &str = "write a pattern such as `yyyyMMddHHmmss`, or `unix_seconds` or `unix_milliseconds`";

/// Returns the notation of a named time.
///
/// # Errors
///
/// Returns the problem if the pattern or its zone is wrong.
pub(crate) fn time_notation(spec: &TimeSpec) -> Result<TimeNotation, Problem> {
    let written = kind("written", &spec.written)?;
    let offset = match (written, &spec.zone) {
        (Written::Local, zone) => offset("written", zone.as_deref())?,
        (_, None) => 0,
        (_, Some(zone)) => return Err(needless(zone)),
    };
    Ok(TimeNotation { pattern: spec.written.clone(), offset, written })
}

/// Returns the notation of a computed time.
///
/// # Errors
///
/// Returns the problem if the pattern or its zone is wrong.
pub(crate) fn now_notation(now: &str, zone: Option<&str>) -> Result<TimeNotation, Problem> {
    let written = kind("now", now)?;
    let offset = match (written, zone) {
        (Written::Number, Some(zone)) => return Err(needless(zone)),
        (Written::Number | Written::WithOffset, None) => 0,
        (_, zone) => offset("now", zone)?,
    };
    Ok(TimeNotation { pattern: now.to_owned(), offset, written })
}

fn kind(key: &'static str, pattern: &str) -> Result<Written, Problem> {
    TimeFormat { pattern, offset: 0 }.kind().map_err(|why| (key, why, PATTERNS))
}

/// Returns the offset of a zone in seconds. `key` has a notation that needs one.
fn offset(key: &'static str, zone: Option<&str>) -> Result<i32, Problem> {
    let Some(zone) = zone else {
        return Err((
            key,
            "the notation has no offset, and no `zone:` says which it is in".into(),
            "add `zone: Asia/Seoul`, for example: without it the text means no moment",
        ));
    };
    zone_offset(zone).ok_or_else(|| {
        (
            "zone",
            format!("`{zone}` is no zone with one offset all year"),
            "write an offset such as `+09:00`, `UTC`, or a zone without summer time such as `Asia/Seoul`",
        )
    })
}

fn needless(zone: &str) -> Problem {
    ("zone", format!("the zone `{zone}` means nothing here"), "leave it out: the notation says it all")
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
