//! Checks of texts, URLs, numbers and times, and types for decimal numbers, money and times.
//!
//! The generator checks the values in a spec with these functions, and generated code checks requests with them, so
//! that both accept the same values. A check takes a value and its rules, and reports broken rules as data. The caller
//! composes the messages. The crate contains nothing about a particular API.
#![warn(unreachable_pub)]

mod decimal;
mod encoding;
mod moment;
mod money;
mod number;
mod text;
mod time_format;
mod url;
mod visible;

pub use decimal::{Decimal, ParseDecimalError};
pub use encoding::TextEncoding;
pub use moment::{CalendarDate, OffsetDateTime, ParseMomentError};
pub use money::{Currency, Money};
pub use number::{IntegerRules, NumberProblem};
pub use text::{CharacterSet, Format, TextProblem, TextRules};
pub use time_format::{TimeFormat, Written, zone_offset};
pub use url::{is_http_url, port_warning};
pub use visible::{composed_length, is_invisible, looks_empty, name_of_invisible};
