//! Notations of times.

use crate::constraints::TimeNotation;
use crate::resolved::{Api, TypeRef};
use crate::spec::TimeSpec;
use rules::{TimeFormat, Written, zone_offset};

/// Problem of a notation: the YAML key at which the problem is reported, the message, and the hint.
type NotationProblem = (&'static str, String, &'static str);

const PATTERNS: &str = "write a pattern such as `yyyyMMddHHmmss`, or `unix_seconds` or `unix_milliseconds`";

/// Returns the notation of a type under `times:`.
///
/// # Errors
///
/// Returns an error if the pattern or the zone is invalid, if a necessary zone is missing, or if the zone has no
/// effect.
pub(crate) fn time_notation(spec: &TimeSpec) -> Result<TimeNotation, NotationProblem> {
    let written = kind("written", &spec.written)?;
    let offset = match (written, &spec.zone) {
        (Written::Local, zone) => offset("written", zone.as_deref())?,
        (_, None) => 0,
        (_, Some(zone)) => return Err(needless(zone)),
    };
    Ok(TimeNotation { pattern: spec.written.clone(), offset, written })
}

/// Returns the notation of a computed value that contains the present time (`now:`).
///
/// # Errors
///
/// Returns an error if the pattern or the zone is invalid, if a necessary zone is missing, or if the zone has no
/// effect.
pub(crate) fn now_notation(now: &str, zone: Option<&str>) -> Result<TimeNotation, NotationProblem> {
    let written = kind("now", now)?;
    let offset = match (written, zone) {
        (Written::Number, Some(zone)) => return Err(needless(zone)),
        (Written::Number | Written::WithOffset, None) => 0,
        (_, zone) => offset("now", zone)?,
    };
    Ok(TimeNotation { pattern: now.to_owned(), offset, written })
}

fn kind(key: &'static str, pattern: &str) -> Result<Written, NotationProblem> {
    TimeFormat { pattern, offset: 0 }.kind().map_err(|why| (key, why, PATTERNS))
}

/// Returns the offset of a zone from UTC, in seconds. If the zone is missing, the problem is reported at `key`, the key
/// of the notation.
fn offset(key: &'static str, zone: Option<&str>) -> Result<i32, NotationProblem> {
    let Some(zone) = zone else {
        return Err((
            key,
            "the notation has no offset, and `zone:` is missing".into(),
            "add the time zone, such as `zone: Asia/Seoul`",
        ));
    };
    zone_offset(zone).ok_or_else(|| {
        (
            "zone",
            format!("`{zone}` is not a time zone with one offset all year"),
            "write an offset such as `+09:00`, `UTC`, or a time zone without summer time such as `Asia/Seoul`",
        )
    })
}

fn needless(zone: &str) -> NotationProblem {
    ("zone", format!("`zone: {zone}` has no effect here"), "remove `zone:`, because the notation needs none")
}

/// Rewrites a time or a day as generated code writes it in this notation. Returns `None` if generated code cannot read
/// the text.
pub(crate) fn in_notation(notation: &TimeNotation, text: &str) -> Option<String> {
    let (format, mut written) = (notation.format(), String::new());
    match notation.written {
        Written::Date => format.write_date(format.read_date(text).ok()?, &mut written),
        _ => format.write_moment(format.read_moment(text).ok()?, &mut written),
    }
    .ok()?;
    Some(written)
}

/// Returns the notation of a type whose values are moments in time. Returns `None` for days and all other types.
pub(crate) fn moment_notation(api: &Api, of: TypeRef) -> Option<TimeNotation> {
    match of {
        TypeRef::Instant => {
            let pattern = "yyyy-MM-dd'T'HH:mm:ss[.S]XXX".to_owned();
            Some(TimeNotation { pattern, offset: 0, written: Written::WithOffset })
        }
        // `lint` reports an invalid notation.
        TypeRef::Time(n) => time_notation(&api.times[n].spec).ok().filter(|notation| notation.written != Written::Date),
        _ => None,
    }
}
