//! Redaction of bodies: shortens API keys, and removes values that the spec of Instant Onboarding marks as sensitive. A
//! body that cannot be parsed is not shown, because secrets in it cannot be located.

use crate::faults::is_gateway_page;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::fmt;
use toss_sdk::onboarding::API;

/// Member that contains an API key. The prefix of the key stays visible.
const KEY: &str = "apiKey";
/// Sensitive member that is shown, because users of a sandbox need it.
const SHOWN: &str = "applyUrl";
/// Prefixes of the API keys of Toss Pay and of Toss Payments.
const BEGINNINGS: [&str; 10] = [
    "sk_test_",
    "sk_live_",
    "test_sk_",
    "live_sk_",
    "test_ck_",
    "live_ck_",
    "test_gsk_",
    "live_gsk_",
    "test_gck_",
    "live_gck_",
];
/// A parameter of a URL counts as secret if its name contains one of these words, regardless of case.
const SECRETS: [&str; 5] = ["key", "secret", "token", "pass", "hash"];

/// Returns a redacted body.
pub(crate) fn redacted(body: &[u8]) -> String {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if text.is_empty() || is_gateway_page(text) {
        return String::from_utf8_lossy(text).into_owned();
    }
    let json = matches!(text[0], b'{' | b'[').then(|| serde_json::from_slice::<Tree>(text).ok()).flatten();
    if let Some(tree) = json {
        // This cannot fail, because members have text names.
        return serde_json::to_string(&tree.hidden()).unwrap_or_default();
    }
    let Some(pairs) = form(text) else { return format!("({} bytes that are neither JSON nor a form)", body.len()) };
    let pair = |(name, value): (String, String)| {
        let shown = hiding(&name).map_or_else(|| masked(&value), |kept| kept(&value));
        format!("{}={shown}", masked(&name))
    };
    pairs.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Parses a form. Returns `None` if the text does not look like a form.
fn form(text: &[u8]) -> Option<Vec<(String, String)>> {
    let is_plain = text.contains(&b'=') && text.iter().all(|byte| *byte >= b' ');
    let pairs: Vec<_> =
        form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']'))
    };
    (is_plain && pairs.iter().all(|(name, _)| is_name(name))).then_some(pairs)
}

/// Returns the function that redacts the value of a member with this name, or `None` if the value is shown. The prefix
/// of a key stays visible.
fn hiding(name: &str) -> Option<fn(&str) -> String> {
    let bare = name.trim().trim_end_matches("[]");
    let is = |own: &str| own.eq_ignore_ascii_case(bare);
    if is(KEY) {
        return Some(|value| format!("{}…", beginning(value)));
    }
    (!is(SHOWN) && API.sensitive.iter().any(|own| is(own))).then_some(|_| "…".to_owned())
}

fn beginning(text: &str) -> &'static str {
    BEGINNINGS.into_iter().find(|beginning| text.starts_with(beginning)).unwrap_or_default()
}

/// Shortens API keys in a text. If the text is a URL, also removes the values of its secret parameters.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, beginning)) =
        BEGINNINGS.iter().filter_map(|beginning| rest.find(beginning).map(|at| (at, beginning))).min()
    {
        out.push_str(&rest[..at + beginning.len()]);
        let key = &rest[at + beginning.len()..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '&' | ',' | ';' | '#');
        let end = key.find(ends).unwrap_or(key.len());
        if end > 0 {
            out.push('…');
        }
        rest = &key[end..];
    }
    out += rest;
    match out.split_once('?') {
        Some((address, query)) if address.contains("://") => format!("{address}?{}", without_secrets(query)),
        _ => out,
    }
}

fn without_secrets(query: &str) -> String {
    let is_secret = |name: &str| SECRETS.iter().any(|word| name.to_ascii_lowercase().contains(word));
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=…"),
        _ => parameter.to_owned(),
    });
    parameters.collect::<Vec<_>>().join("&")
}

/// JSON that keeps the order of members, and keeps duplicate members.
#[derive(Debug)]
pub(crate) enum Tree {
    Object(Vec<(String, Tree)>),
    Array(Vec<Tree>),
    Leaf(Value),
}

impl Tree {
    fn hidden(self) -> Self {
        match self {
            Self::Object(members) => Self::Object(members.into_iter().map(member).collect()),
            Self::Array(items) => Self::Array(items.into_iter().map(Self::hidden).collect()),
            Self::Leaf(Value::String(text)) => Self::Leaf(Value::String(masked(&text))),
            other => other,
        }
    }
}

fn member((name, value): (String, Tree)) -> (String, Tree) {
    let value = match (hiding(&name), value) {
        // Null is not a secret.
        (None, value) => value.hidden(),
        (Some(_), Tree::Leaf(Value::Null)) => Tree::Leaf(Value::Null),
        (Some(kept), Tree::Leaf(Value::String(text))) => Tree::Leaf(Value::String(kept(&text))),
        (Some(_), _) => Tree::Leaf(Value::String("…".to_owned())),
    };
    (masked(&name), value)
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
            Self::Array(items) => items.serialize(serializer),
            Self::Leaf(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Object(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Tree::Array(items))
            }

            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Leaf(text.into()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::Null))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn keys_are_shortened_in_every_position_and_notation() {
        for (body, shown) in [
            (r#"{"apiKey":"sk_test_abcdef","a":1}"#, r#"{"apiKey":"sk_test_…","a":1}"#),
            (r#"{ "apiKey" : "sk_test_a,b}c d" , "apiKey":"second" }"#, r#"{"apiKey":"sk_test_…","apiKey":"…"}"#),
            (r#"{"apiKey":"sk\u005ftest\u005fabc"}"#, r#"{"apiKey":"sk_test_…"}"#),
            (r#"{"apiKey":["sk_test_abc"],"b":"see sk_live_abc, too"}"#, r#"{"apiKey":"…","b":"see sk_live_…, too"}"#),
            ("orderNo=1&apiKey=sk%5Ftest%5Fabc", "orderNo=1&apiKey=sk_test_…"),
            ("api%4Bey=my+own+secret&a=%ea%b0%80", "apiKey=…&a=가"),
            (r#"{"apiKey":"test_sk_abcdef"}"#, r#"{"apiKey":"test_sk_…"}"#),
            (r#"{"apiKey":"sk_test_abc"#, "(22 bytes that are neither JSON nor a form)"),
            ("sk_test_abc", "(11 bytes that are neither JSON nor a form)"),
            (r#"[{"shopContactName":"Kim","x":"="}"#, "(34 bytes that are neither JSON nor a form)"),
            (r#"<a b="sk_test_abc"/>"#, "(20 bytes that are neither JSON nor a form)"),
            ("APIKEY=secret&apiKey[]=secret", "APIKEY=…&apiKey[]=…"),
            (
                r#"{"APIKEY ":"secret","cb":"http://h/p?id=1&my_secret=x&t=sk_test_abc#f"}"#,
                r#"{"APIKEY ":"…","cb":"http://h/p?id=1&my_secret=…&t=sk_test_…#f"}"#,
            ),
            ("\u{feff}{\"apiKey\":\"x\"}", r#"{"apiKey":"…"}"#),
        ] {
            assert_eq!(redacted(body.as_bytes()), shown, "{body}");
        }
    }

    #[test]
    fn sensitive_members_of_a_store_are_hidden_regardless_of_their_type() {
        let body = r#"{"result":[{"mertKey":"abc","shopContactName":["Kim"],"shopContactEmail":7,"applyUrl":"http://x/1",
            "clientKey":null,"mid":"m"}]}"#;
        let shown = r#"{"result":[{"mertKey":"…","shopContactName":"…","shopContactEmail":"…","applyUrl":"http://x/1","clientKey":null,"mid":"m"}]}"#;
        assert_eq!(redacted(body.as_bytes()), shown);
        assert_eq!(redacted("shopContactName=Kim&shopName=Haneul".as_bytes()), "shopContactName=…&shopName=Haneul");
    }

    #[test]
    fn other_content_is_unchanged() {
        for body in [r#"{"orderNo":"task_12345","b":[1,2.5,true,null,"desk_lamp"]}"#, "", "a=1&b="] {
            assert_eq!(redacted(body.as_bytes()), body);
        }
    }
}
