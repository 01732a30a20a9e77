//! Vocabulary of documentation, in English and Korean: types, requirements, limits, methods, labels of parts, and
//! column heads.
//!
//! All notations share this vocabulary. It contains no words of a particular API.

mod columns;
mod labels;
mod limits;

pub(crate) use columns::{Column, column, heads};
pub(crate) use labels::{Label, label};
pub(crate) use limits::{limit, limit_in_prose, limit_in_type, limit_of_rule};

use super::page::Part;

/// Meaning of a printed type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    /// A text that is a time in ISO 8601.
    IsoTime,
    /// An integer or a decimal number.
    Number,
    Boolean,
    /// An object, or any other JSON.
    Object,
    List,
}

/// Largest length of a printed type, in bytes.
const LONGEST_TYPE: usize = 48;

/// Returns the meaning of a printed type, or `None` if the text is not a type.
pub(crate) fn shape(printed: &str) -> Option<Shape> {
    if printed.len() > LONGEST_TYPE {
        return None;
    }
    let lower = printed.to_lowercase();
    let lower = lower.trim().trim_end_matches(['?', '*']).trim();
    let (word, note) = match lower.split_once('(') {
        // In `Query Parameter (String)`, the location comes before the type.
        Some((before, note)) if before.contains("parameter") || before.contains("파라미터") => {
            (note.trim_end_matches(')').trim(), "")
        }
        // `string (required)` and `string(32) | required` contain more than a type.
        Some((_, note)) if is_clear_requirement(note.trim_end_matches(')')) => return None,
        Some((_, note)) if !note.trim_end().ends_with(')') || note.contains(['(', '|']) && !note.contains("8601") => {
            return None;
        }
        Some((before, note)) => (before.trim(), note),
        None => (lower, ""),
    };
    if let Some(found) = simple_shape(word, note) {
        return Some(found);
    }
    // A type may be marked as nullable, as in `string or null`, `String | null` and `nullable string`.
    let rest = ["nullable ", "optional "].iter().find_map(|start| word.strip_prefix(start));
    let rest = rest
        .or_else(|| ["| null", "/ null", "/null", "or null", "|null"].iter().find_map(|end| word.strip_suffix(end)));
    if let Some(rest) = rest {
        return simple_shape(rest.trim(), note);
    }
    // A limit may follow the type without brackets, as in `varchar 32` and `AN20`.
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    if bare.len() < word.len() && !bare.is_empty() { simple_shape(bare, note).filter(|_| bare.len() > 1) } else { None }
}

fn simple_shape(word: &str, note: &str) -> Option<Shape> {
    let element = |open: char| word.split(open).next().unwrap_or_default();
    Some(match word {
        "string" | "text" | "str" | "varchar" | "char" | "문자열" | "문자" | "스트링" if note.contains("8601") => {
            Shape::IsoTime
        }
        "string" | "text" | "str" | "varchar" | "varchar2" | "nvarchar" | "char" | "character" | "enum" | "url"
        | "uri" | "uuid" | "email" | "문자열" | "문자" | "스트링" | "텍스트" | "열거형" | "an" | "ans"
        | "alphanumeric" | "영숫자" | "한글" | "영문" | "string enum" | "enum string" | "enum<string>" => {
            Shape::Text
        }
        "date" | "datetime" | "date-time" | "timestamp" | "iso8601" | "iso 8601" | "날짜" | "일시" | "날짜시간" => {
            Shape::IsoTime
        }
        "integer" | "int" | "long" | "short" | "number" | "numeric" | "int32" | "int64" | "decimal" | "double"
        | "float" | "bigdecimal" | "biginteger" | "bigint" | "숫자" | "정수" | "정수형" | "실수" | "숫자형" => {
            Shape::Number
        }
        "boolean" | "bool" | "불리언" | "불린" | "논리" | "논리형" | "참/거짓" | "부울" => {
            Shape::Boolean
        }
        "object" | "json" | "json object" | "jsonobject" | "map" | "dictionary" | "객체" | "오브젝트" | "제이슨"
        | "object(json)" => Shape::Object,
        "list" | "array" | "json array" | "jsonarray" | "배열" | "리스트" | "목록" => Shape::List,
        _ if word.ends_with("[]") => Shape::List,
        _ if word.contains('<') && matches!(element('<'), "list" | "array" | "set" | "배열" | "리스트") => {
            Shape::List
        }
        _ if word.contains('[') && matches!(element('['), "list" | "array" | "배열") => Shape::List,
        _ if word.starts_with("array of ") || word.starts_with("list of ") => Shape::List,
        _ if (word.ends_with("배열") || word.ends_with(" array") || word.ends_with(" list"))
            && simple_shape(
                word.trim_end_matches("배열").trim_end_matches("array").trim_end_matches("list").trim(),
                "",
            )
            .is_some() =>
        {
            Shape::List
        }
        _ => return None,
    })
}

/// Returns `true` for `mandatory`, `필수`, `Y`, `✓` and similar words, and `false` for words that mean optional. Other
/// words state no requirement.
pub(crate) fn requirement(word: &str) -> Option<bool> {
    let lower = word.trim().to_lowercase();
    let signs = |c: char| "()[]<>*'.,:;!".contains(c) || c.is_whitespace();
    let bare = lower.trim_matches(signs);
    Some(match bare {
        "mandatory" | "required" | "require" | "y" | "yes" | "o" | "m" | "true" | "필수" | "필수값" | "필수입력"
        | "필수 입력" | "필수 값" | "필수항목" | "필수 항목" | "예" | "있음" | "must" | "r" | "req" | "always" => {
            true
        }
        "optional"
        | "n"
        | "no"
        | "x"
        | "c"
        | "false"
        | "선택"
        | "선택값"
        | "선택 값"
        | "선택입력"
        | "선택항목"
        | "옵션"
        | "옵셔널"
        | "조건부"
        | "조건부 필수"
        | "조건부필수"
        | "조건 필수"
        | "조건필수"
        | "비필수"
        | "아니오"
        | "아니요"
        | "없음"
        | "conditional"
        | "conditionally required"
        | "not required"
        | "not mandatory"
        | "conditional required"
        | "recommended"
        | "권장"
        | "opt"
        | "선택적"
        | "필수 아님"
        | "required if"
        | "nullable" => false,
        "" if lower.trim() == "*" => true,
        _ => match bare.chars().next()? {
            '✓' | '✔' | '☑' | '✅' | '●' | '◎' | '◉' | '⬤' | '■' | '★' | '√' | 'ｏ' | '○' | '◯' | '〇' | '⭕'
            | 'ㅇ'
                if bare.chars().count() == 1 =>
            {
                true
            }
            '✗' | '✕' | '✘' | '✖' | '×' | '❌' | '☐' | '□' | '☆' | '△' | '▲' | '-' | '–' | '—' | '·'
                if bare.chars().count() == 1 =>
            {
                false
            }
            _ => return None,
        },
    })
}

/// Returns `true` if a word states a requirement in any column. Single letters and signs, such as `Y`, do so only
/// in a column of requirements.
pub(crate) fn is_clear_requirement(word: &str) -> bool {
    let bare: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    let plain = !matches!(
        bare.to_lowercase().as_str(),
        "true" | "false" | "always" | "must" | "예" | "있음" | "없음" | "nullable"
    );
    bare.chars().count() > 1 && plain && requirement(word).is_some()
}

/// Signs that occur in columns of requirements. The meaning of `O` depends on the other signs: beside `M` it means
/// optional, beside `X` it means mandatory. An empty circle beside a filled sign means optional.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signs {
    m: bool,
    x: bool,
    filled: bool,
}

impl Signs {
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Signs::default();
        for cell in cells {
            match cell.trim() {
                "M" | "m" => found.m = true,
                "X" | "x" => found.x = true,
                "●" | "◉" | "■" | "★" | "⬤" => found.filled = true,
                _ => {}
            }
        }
        found
    }
}

/// Returns the requirement in each cell of a column of requirements. The meaning of a letter or sign depends on the
/// other signs in the column, or else on the signs of the whole page, `of_page`.
pub(crate) fn requirements(cells: &[&str], of_page: Signs) -> Vec<Option<bool>> {
    let own = Signs::of(cells.iter().copied());
    let signs = if own.m || own.x { own } else { of_page };
    let m_and_o = signs.m && !signs.x;
    let filled = own.filled || of_page.filled;
    cells
        .iter()
        .map(|cell| match cell.trim() {
            "O" | "o" if m_and_o => Some(false),
            "○" | "◯" | "〇" if filled => Some(false),
            "" => Some(false),
            cell => Some(requirement(cell).or_else(|| requirement_in(cell)).unwrap_or(false)),
        })
        .collect()
}

/// Reads the requirement at the start of a cell with more text, such as `Y (autoExecute = true)` or `필수(카드 결제 시)`. A
/// requirement with a condition counts as optional.
fn requirement_in(cell: &str) -> Option<bool> {
    let first = cell.split(['(', '\n', ',', ' ', '/']).find(|word| !word.is_empty())?;
    let whole = requirement(first)?;
    let conditional = ["조건", "conditional", "경우", " if ", " when ", "시)", "시 필수"];
    Some(whole && !conditional.iter().any(|word| cell.to_lowercase().contains(word)))
}

/// Returns the HTTP method in lower case, if the word is a method in capitals.
pub(crate) fn method(word: &str) -> Option<String> {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let word = word.trim_matches(|c| "()[]'*:".contains(c));
    known.contains(&word).then(|| word.to_lowercase())
}

/// Returns `true` if a text is a type, a requirement or a limit.
pub(crate) fn is_attribute(text: &str) -> bool {
    text.len() < 40 && (shape(text).is_some() || is_clear_requirement(text) || limit(text).is_some())
}

/// Returns `true` if a heading is about a callback.
pub(crate) fn is_callback(heading: &str) -> bool {
    let lower = heading.to_lowercase();
    ["callback", "webhook", "콜백", "웹훅", "notification", "노티", "통지", "알림"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Returns the part for parameters in a location such as `header` or `query`.
pub(crate) fn place(text: &str) -> Option<Part> {
    let lower = text.trim().to_lowercase();
    Some(match lower.as_str() {
        "header" | "headers" | "헤더" => Part::Header,
        "path" | "query" | "body" | "form" | "formdata" | "cookie" | "경로" | "쿼리" | "본문" | "바디"
        | "query string" | "request body" => Part::Request,
        _ => return None,
    })
}

/// Returns `true` for an HTTP status such as `200`, or a class of statuses such as `50x` or `xxx`.
pub(crate) fn is_status(word: &str) -> bool {
    let [a, b, c] = word.as_bytes() else { return false };
    let digit = |c: &u8| c.is_ascii_digit() || *c == b'x' || *c == b'X';
    (matches!(a, b'1'..=b'5') || a.eq_ignore_ascii_case(&b'x')) && digit(b) && digit(c)
}

/// Returns `true` for a name such as `orderNo`, `order_no` or `descriptions[].mid`.
pub(crate) fn is_name(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '[' || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c))
}
