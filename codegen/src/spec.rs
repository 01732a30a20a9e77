//! Spec language: the structs that the YAML files of a spec are parsed into.
//!
//! Each construct of the language is a struct or an enum, and an unknown key is an error. Parsing checks only the
//! notation of values such as `50 characters` and `15 s`. `resolve` looks up references, and `lint` checks the meaning.
//!
//! The JSON Schema for editors and the reference of the language contain the documentation of these structs. The
//! documentation is therefore written for authors of specs.

mod addresses;
mod api;
mod callback;
mod computed;
mod field;
mod notation;
mod operation;
mod page;
mod recovery;
mod types;

pub use addresses::Addresses;
pub use api::*;
pub use callback::*;
pub use computed::*;
pub use field::*;
pub use notation::{Duration, Limit, Literal, Literals, Sends, Unit};
pub use operation::*;
pub use page::{Language, Page, PageWords, WordsOf};
pub use recovery::*;
pub use types::*;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Mapping that keeps the order of its entries in the file.
pub type Map<T> = IndexMap<String, T>;

/// Fact that is not about a single field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Subject of the fact, such as `browsers` or `firewall`.
    pub about: String,
    /// The fact, in our words.
    pub says: String,
    /// Words and numbers of the page that state the fact, in the notation of the `page_words` of a field. For a note in
    /// the file of an operation or a callback, `audit` searches the section of that operation or callback. For any
    /// other note, it searches the whole page.
    #[serde(default)]
    pub page_words: PageWords,
    /// Source of the fact.
    #[serde(default)]
    pub source: Source,
}

/// Contradiction or gap in the page: the page contradicts itself or other facts, or leaves something open.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// Subject of the quirk: a field such as `request.amount` or `reply.card.spreadOut`, a type such as `type.Bank`,
    /// `example`, or `page` for the whole page.
    pub at: String,
    /// The statement of the page, in our words.
    pub page_says: String,
    /// The reading that the spec follows, in our words.
    pub we_read: String,
    /// Reason for this reading, such as why it cannot lose money.
    pub because: Option<String>,
    /// Source of the reading: `public` or `observed`. Default: the page.
    #[serde(default)]
    pub source: Source,
    /// Language of the pages to which the quirk applies. Default: all languages.
    pub language: Option<Language>,
    /// Text that the page prints instead of our reading. `audit` counts a difference between page and spec as explained
    /// only if the page prints this text.
    pub as_printed: Option<AsPrinted>,
}

/// Text that a page prints and that differs from our reading. Under `type`, `max` and `default`, the value `none` means
/// that the page prints no type, limit or default. Each key explains only differences in its own attribute. For
/// example, `max` explains a different limit, but not a different type. A quirk with `at: page` concerns only the
/// fields for which all keys match. For example, `{ type: boolean, max: 5 }` concerns only boolean fields with the
/// printed limit 5.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AsPrinted {
    /// Set to `none` if the page has no row for the field, the value or the error code.
    pub row: Option<Absent>,
    /// Type that the page prints.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// Limit that the page prints, without the unit.
    pub max: Option<Literal>,
    /// Whether the page prints that the field is mandatory.
    pub mandatory: Option<bool>,
    /// Default that the page prints.
    pub default: Option<Literal>,
    /// Values that the page prints. An empty list means that the page prints none.
    pub values: Option<Vec<Literal>>,
}

/// Keyword for an item that the page does not print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// The page does not print the item.
    None,
}

/// Source of a fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The tables and the text of the page.
    #[default]
    Page,
    /// Only an example on the page. The tables and the text of the page do not state the fact.
    Example,
    /// Older public documentation of the provider, or real replies in public code.
    Public,
    /// Replies of the service to requests with a test key. `examples/probe` reports such observations.
    Observed,
    /// Our own invention. Only an example can have this source.
    Ours,
}

impl Source {
    /// Returns a sentence that states the source in the generated documentation. Returns `None` if the source is `page`
    /// or `ours`.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Page | Self::Ours => None,
            Self::Example => Some("The page mentions this only in an example."),
            Self::Public => Some("Not on the page, but in other public material."),
            Self::Observed => Some("Not on the page, but observed in replies of the service."),
        }
    }
}

/// Adds the method `as_str` to enumerations of the spec language. Generated documents contain the keywords of the
/// language, and never the `Debug` text of a value.
macro_rules! spelled {
    ($($of:ident { $($value:ident => $word:literal,)* })*) => {
        $(impl $of {
            /// Returns the keyword of this value in a spec file.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        })*
    };
}

spelled! {
    Method { Get => "get", Post => "post", Put => "put", Patch => "patch", Delete => "delete", }
    RecoveryClass { Resend => "resend", AskFirst => "ask_first", Never => "never", }
    Verdict { Done => "done", Reversed => "reversed", NotDone => "not_done", Repeat => "repeat", }
    Encoding { Json => "json", Form => "form", Query => "query", }
    Format { HttpUrl => "http_url", PathSegment => "path_segment", }
    Generated { Uuid => "uuid", }
    Coding { Text => "text", Integer => "integer", }
    StatusOutcome { Rejected => "rejected", Unknown => "unknown", }
    Sensitivity { Public => "public", Personal => "personal", Secret => "secret", }
    Source { Page => "page", Example => "example", Ours => "ours", Public => "public", Observed => "observed", }
    Advice {
        FixRequest => "fix_request",
        CheckKey => "check_key",
        TryLater => "try_later",
        AskStatus => "ask_status",
        AlreadyDone => "already_done",
        TellPurchaser => "tell_purchaser",
    }
}
