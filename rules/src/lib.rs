//! Checks of text, URLs, numbers and times.
//!
//! The generator checks the values in a spec with these functions, and generated code checks requests with them, so
//! that both accept the same values. This crate knows no API, field or message: a check takes a value and its rules,
//! and reports every broken rule.
#![warn(unreachable_pub)]

mod number;
mod text;
mod time;
mod url;
mod visible;

pub use number::{IntegerRules, NumberProblem};
pub use text::{CharacterSet, Format, TextProblem, TextRules};
pub use time::{CivilDateTime, KstDateTime, ParseTimeError};
pub use url::{is_http_url, port_warning};
pub use visible::{composed_length, is_invisible, looks_empty, name_of_invisible};
