//! The spec language: what a YAML file under `spec/` may say, as plain structs.
//!
//! One struct a construct, no logic beyond reading the small notations (`50 characters`, `15 s`).
//! Unknown keys are refused everywhere. What the words refer to is looked up in `resolve`; whether they make
//! sense together is decided in `lint`. The JSON Schema for editors is derived from these structs.

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

/// An ordered mapping, in the order of the file, which is the order of the page.
pub type Map<T> = IndexMap<String, T>;

/// A fact that concerns no single field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it is about: `browsers`, `firewall`.
    pub about: String,
    /// The fact, in our words.
    pub says: String,
    /// Words and numbers of the section that carry it, as those of a field. In `api.yaml`: of the whole page.
    #[serde(default)]
    pub page_words: PageWords,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// A place where the page contradicts itself, its example or common sense.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// Where: `request.amount`, `reply.card.spreadOut`, `example`, `page`.
    pub at: String,
    /// What the page says, in our words.
    pub page_says: String,
    /// How we read it.
    pub we_read: String,
    /// Why that reading loses no money.
    pub because: Option<String>,
    /// What the reading rests on: on documents alone when absent, or `public`, or `observed`.
    #[serde(default)]
    pub source: Source,
    /// The language of the pages that print this. Absent: all.
    pub language: Option<Language>,
    /// What the page prints there instead of what we read. `audit` takes exactly this for explained.
    pub as_printed: Option<AsPrinted>,
}

/// What a page prints where we read something else. `none` stands for what is not printed. Every key has to fit:
/// `{ type: boolean, max: 5 }` explains the limit 5 of booleans and of nothing else.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AsPrinted {
    /// The field, value or code has no row of its own: `none`.
    pub row: Option<Absent>,
    /// The type in the row.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// The limit in the row, without its unit.
    pub max: Option<Literal>,
    /// Whether the row says that it is mandatory.
    pub mandatory: Option<bool>,
    /// The default the row states.
    pub default: Option<Literal>,
    /// The values the row lists; an empty list for none.
    pub values: Option<Vec<Literal>>,
}

/// What is not on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// It is not there.
    None,
}

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The page's tables and text.
    #[default]
    Page,
    /// Only an example on the page.
    Example,
    /// The provider's older public documentation, or real replies seen in public code.
    Public,
    /// The service itself, seen with a test key; `examples/probe` reports it.
    Observed,
    /// Nobody else: an example that was made up. Only examples can be.
    Ours,
}

/// Names of an enumeration's values, as a spec file spells them. What is published goes by these, never by `Debug`.
macro_rules! spelled {
    ($($of:ident { $($value:ident => $word:literal,)* })*) => {
        $(impl $of {
            /// The word in a spec file.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn a_spelling_is_what_a_spec_file_has() {
                $($(
                    let read: $of = serde_yaml::from_str($word).expect("the word is one of the language");
                    assert_eq!(read, $of::$value);
                )*)*
            }
        }
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
