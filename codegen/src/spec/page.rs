//! Description of the page that a spec transcribes: its sections, its languages, and the words to search for on it.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// Section of the page that a file transcribes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Heading or number of the section. A heading is in the API's page language.
    pub section: String,
    /// Headings of the section on pages in other languages: `{ ko: 결제 생성 }`.
    #[serde(default)]
    pub headings: IndexMap<Language, String>,
    /// Name of the page that contains the section, such as `refunds`, if several pages document one API. All sections
    /// of that page have the same `document`.
    pub document: Option<String>,
    /// Version or date of the page, if the page states one.
    pub version: Option<String>,
}

/// Language of a page.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
    /// Japanese.
    Ja,
    /// Chinese.
    Zh,
}

impl Language {
    /// All languages.
    pub const ALL: [Language; 4] = [Language::En, Language::Ko, Language::Ja, Language::Zh];

    /// Returns the language code, such as `ko`. Specs and `lang` attributes contain this code.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
            Language::Ja => "ja",
            Language::Zh => "zh",
        }
    }

    /// Returns the English name of the language.
    pub fn name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::Ko => "Korean",
            Language::Ja => "Japanese",
            Language::Zh => "Chinese",
        }
    }

    /// Returns the language with this code. `None` for any other text.
    pub fn of_code(code: &str) -> Option<Self> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// Words and numbers that state a rule on the page. A plain list such as `[60 minutes]` is for pages in the API's page
/// language. A mapping has one list for each language. Its key `any` contains the words that are the same in all
/// languages: `{ any: ["60"], en: [minutes], ko: [분] }`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageWords {
    /// Lists of words, in the order of the file.
    pub lists: Vec<(WordsOf, Vec<String>)>,
}

/// Pages on which words are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordsOf {
    /// Pages in the API's page language.
    Page,
    /// All pages.
    Any,
    /// Pages in this language.
    Language(Language),
}

impl WordsOf {
    /// Returns the key of the list of words if `page_words:` is a mapping, or `None` if it is a plain list.
    pub fn key(self) -> Option<&'static str> {
        match self {
            WordsOf::Page => None,
            WordsOf::Any => Some("any"),
            WordsOf::Language(language) => Some(language.code()),
        }
    }

    /// Returns `true` if the words are searched for on a page in the language `page`. `of_api` is the page language of
    /// the API.
    pub fn concerns(self, page: Language, of_api: Language) -> bool {
        match self {
            WordsOf::Page => page == of_api,
            WordsOf::Any => true,
            WordsOf::Language(language) => page == language,
        }
    }
}

impl PageWords {
    /// Returns `true` if there are no words.
    pub fn is_empty(&self) -> bool {
        self.lists.iter().all(|(_, words)| words.is_empty())
    }
}

const LANGUAGES: &str = "`any`, `en`, `ko`, `ja` or `zh`";

impl<'de> Deserialize<'de> for PageWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = PageWords;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of words such as `[60 minutes]`, or lists by language such as `{ any: [\"60\"], ko: [분] }`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PageWords, A::Error> {
                let mut words = Vec::new();
                while let Some(text) = seq.next_element::<String>()? {
                    words.push(text);
                }
                Ok(PageWords { lists: vec![(WordsOf::Page, words)] })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PageWords, A::Error> {
                let mut lists = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    let of = match (key.as_str(), Language::of_code(&key)) {
                        ("any", _) => WordsOf::Any,
                        (_, Some(language)) => WordsOf::Language(language),
                        (_, None) => {
                            let message = format!("`{key}` is not a language; write {LANGUAGES}");
                            return Err(serde::de::Error::custom(message));
                        }
                    };
                    lists.push((of, map.next_value::<Vec<String>>()?));
                }
                Ok(PageWords { lists })
            }
        }
        deserializer.deserialize_any(Words)
    }
}

impl JsonSchema for PageWords {
    fn schema_name() -> Cow<'static, str> {
        "PageWords".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let list = serde_json::json!({ "type": "array", "items": { "type": "string" } });
        let languages = std::iter::once("any").chain(Language::ALL.into_iter().map(Language::code));
        let properties: serde_json::Map<String, serde_json::Value> =
            languages.map(|key| (key.to_owned(), list.clone())).collect();
        json_schema!({
            "description": "Words and numbers that state a rule on the page: a list, or lists by language.",
            "anyOf": [list, { "type": "object", "properties": properties, "additionalProperties": false }]
        })
    }
}
