//! Checks of text, URLs, numbers and times.
//!
//! The generator uses them to judge the values in a spec, and generated code to judge requests, so that a value that one
//! of them accepts is accepted by the other. Nothing here knows an API, a field or a message: a check gets a value and
//! its rules, and reports what is wrong.
#![warn(unreachable_pub)]

mod decimal;
mod encoding;
mod moment;
mod money;
mod number;
mod text;
mod time;
mod time_format;
mod url;
mod visible;

pub use decimal::{Decimal, ParseDecimalError};
pub use encoding::TextEncoding;
pub use moment::{CalendarDate, OffsetDateTime, ParseMomentError};
pub use money::{Currency, Money};
pub use number::{IntegerRules, NumberProblem};
pub use text::{CharacterSet, Format, TextProblem, TextRules};
pub use time::{CivilDateTime, KstDateTime, ParseTimeError};
pub use time_format::{TimeFormat, Written, zone_offset};
pub use url::{is_http_url, port_warning};
pub use visible::{composed_length, is_invisible, looks_empty, name_of_invisible};
