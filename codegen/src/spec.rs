//! Spec language: the structure of the YAML files under `spec/`, as plain structs.
//!
//! One struct per construct, without logic except for the small notations (`50 characters`, `15 s`). Unknown keys are
//! rejected everywhere. `resolve` looks up references, and `lint` checks the meaning. The JSON Schema for editors is
//! derived from these structs.

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

/// Mapping in the order of the file, which follows the order of the page.
pub type Map<T> = IndexMap<String, T>;

/// Fact that is not about a single field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Subject: `browsers`, `firewall`.
    pub about: String,
    /// The fact, in our words.
    pub says: String,
    /// Words and numbers that state the fact, as for a field. `audit` searches the section for these words, or the
    /// whole page for a fact in `api.yaml`.
    #[serde(default)]
    pub page_words: PageWords,
    /// Source of the fact.
    #[serde(default)]
    pub source: Source,
}

/// Place where the page contradicts itself, one of its examples, or other facts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// Location: `request.amount`, `reply.card.spreadOut`, `example`, `page`.
    pub at: String,
    /// Statement of the page, in our words.
    pub page_says: String,
    /// Our reading.
    pub we_read: String,
    /// Reason why this reading cannot lose money.
    pub because: Option<String>,
    /// Source of the reading: `public` or `observed`. Default: documents only.
    #[serde(default)]
    pub source: Source,
    /// Language of the pages that print this text. Default: all.
    pub language: Option<Language>,
    /// Text that the page prints instead of our reading. `audit` counts exactly this text as explained.
    pub as_printed: Option<AsPrinted>,
}

/// Text that a page prints, where it differs from our reading. `none` means that the page does not print the item. All
/// keys have to match: `{ type: boolean, max: 5 }` explains only a row with the type boolean and the limit 5.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AsPrinted {
    /// The field, value or code has no row: `none`.
    pub row: Option<Absent>,
    /// Type in the row.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// Limit in the row, without its unit.
    pub max: Option<Literal>,
    /// Whether the row is marked as mandatory.
    pub mandatory: Option<bool>,
    /// Default in the row.
    pub default: Option<Literal>,
    /// Values in the row. An empty list means that the row has none.
    pub values: Option<Vec<Literal>>,
}

/// Absence from the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// Not printed.
    None,
}

/// Source of a fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Tables and text of the page.
    #[default]
    Page,
    /// Only an example on the page.
    Example,
    /// Older public documentation of the provider, or real replies in public code.
    Public,
    /// The service itself, observed with a test key; `examples/probe` reports it.
    Observed,
    /// Our own: an invented example. Only for examples.
    Ours,
}

/// Keywords of an enumeration's values in a spec file. Published texts use these, never `Debug`.
macro_rules! spelled {
    ($($of:ident { $($value:ident => $word:literal,)* })*) => {
        $(impl $of {
            /// Returns the keyword in a spec file.
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
