//! The words documentation is written in, English and Korean: types, requirements, limits, methods, labels of parts,
//! column heads.
//!
//! All notations share them. None belongs to an API.

use super::page::{Fact, Part};

/// A type as printed, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// Text that is a time in ISO 8601.
    IsoTime,
    /// A whole number, or a number of any kind.
    Number,
    /// A truth value.
    Boolean,
    /// An object, or any JSON.
    Object,
    /// A list.
    List,
}

/// No type is longer.
const LONGEST_TYPE: usize = 48;

/// What a printed type means, if it is one.
pub fn shape(printed: &str) -> Option<Shape> {
    if printed.len() > LONGEST_TYPE {
        return None;
    }
    let lower = printed.to_lowercase();
    let lower = lower.trim().trim_end_matches(['?', '*']).trim();
    let (word, note) = match lower.split_once('(') {
        // `Query Parameter (String)`: the place, then the type.
        Some((before, note)) if before.contains("parameter") || before.contains("파라미터") => {
            (note.trim_end_matches(')').trim(), "")
        }
        // `string (required)` and `string(32) | required` are more than a type.
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
    // `string or null`, `String | null`, `nullable string`.
    let rest = ["nullable ", "optional "].iter().find_map(|start| word.strip_prefix(start));
    let rest = rest
        .or_else(|| ["| null", "/ null", "/null", "or null", "|null"].iter().find_map(|end| word.strip_suffix(end)));
    if let Some(rest) = rest {
        return simple_shape(rest.trim(), note);
    }
    // `string(32)` written without brackets: `varchar 32`, `AN20`.
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

/// The limit within a printed type: `string(32)`, `VARCHAR 40`, `String (max 40)`, `AN20`.
pub fn limit_in_type(printed: &str) -> Option<String> {
    let lower = printed.to_lowercase();
    if let Some((_, note)) = lower.split_once('(') {
        let note = note.split(')').next().unwrap_or_default().trim();
        let digits = note.split(',').next().unwrap_or_default().trim();
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !note.contains(", ") {
            return Some(digits.to_owned());
        }
        return limit(note);
    }
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &lower[bare.len()..];
    let sized =
        matches!(bare.trim(), "varchar" | "varchar2" | "char" | "an" | "ans" | "string" | "문자" | "숫자" | "n" | "a");
    (!digits.is_empty() && sized).then(|| digits.to_owned())
}

/// `mandatory`, `필수`, `Y`, `✓` and their like.
pub fn requirement(word: &str) -> Option<bool> {
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

/// Whether a word can only be a requirement, wherever it stands: letters and signs need a column of their own.
pub fn is_clear_requirement(word: &str) -> bool {
    let bare: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    let plain = !matches!(
        bare.to_lowercase().as_str(),
        "true" | "false" | "always" | "must" | "예" | "있음" | "없음" | "nullable"
    );
    bare.chars().count() > 1 && plain && requirement(word).is_some()
}

/// Signs of requirements that give others their meaning: `O` beside `M` is something else than `O` beside `X`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs {
    m: bool,
    x: bool,
    filled: bool,
}

impl Signs {
    /// Those among these cells.
    pub fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
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

/// What the cells of a column of requirements mean: letters and signs have a meaning only beside the others, in the
/// column or, where it has none of them, on the page.
pub fn requirements(cells: &[&str], of_page: Signs) -> Vec<Option<bool>> {
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

/// The requirement in a cell that says more: `Y (autoExecute = true)`, `필수(카드 결제 시)`.
fn requirement_in(cell: &str) -> Option<bool> {
    let first = cell.split(['(', '\n', ',', ' ', '/']).find(|word| !word.is_empty())?;
    let whole = requirement(first)?;
    let conditional = ["조건", "conditional", "경우", " if ", " when ", "시)", "시 필수"];
    Some(whole && !conditional.iter().any(|word| cell.to_lowercase().contains(word)))
}

/// An HTTP method in capitals, in lower case.
pub fn method(word: &str) -> Option<String> {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let word = word.trim_matches(|c| "()[]'*:".contains(c));
    known.contains(&word).then(|| word.to_lowercase())
}

const UNITS: [&str; 25] = [
    "characters",
    "character",
    "chars",
    "char",
    "digits",
    "digit",
    "letters",
    "letter",
    "bytes",
    "byte",
    "items",
    "entries",
    "자리",
    "자",
    "글자",
    "바이트",
    "문자",
    "개",
    "건",
    "bytes(utf-8)",
    "byte(utf-8)",
    "자 이내",
    "자 이하",
    "자리 이내",
    "자리 이하",
];

/// The number of a limit, where a text is a limit and nothing else: `Max Length: 30`, `최대 30자`, `≤ 30`, `1~30`.
pub fn limit(text: &str) -> Option<String> {
    if text.len() > 60 {
        return None;
    }
    let lower = text.trim().trim_matches(['(', ')', '.', ' ']).to_lowercase();
    let mut rest = lower.as_str();
    let starts = [
        "max length",
        "maximum length",
        "max. length",
        "maxlength",
        "max_length",
        "max size",
        "maximum size",
        "maximum",
        "max.",
        "max",
        "up to",
        "at most",
        "no more than",
        "no longer than",
        "not exceeding",
        "within",
        "length",
        "len",
        "size",
        "<=",
        "≤",
        "~",
        "최대 길이",
        "최대길이",
        "최대 글자수",
        "최대글자수",
        "최대 크기",
        "최대",
        "길이",
        "크기",
        "자릿수",
        "글자수",
    ];
    let mut stated = false;
    if let Some(start) = starts.iter().find(|start| rest.starts_with(**start)) {
        rest = rest[start.len()..].trim_start_matches([' ', ':', '=', '.', '(', '-', '은', '는']);
        stated = true;
        // `length: max 30`.
        if let Some(again) = starts.iter().find(|start| rest.starts_with(**start)) {
            rest = rest[again.len()..].trim_start_matches([' ', ':', '=', '.', '(', '-']);
        }
    }
    let number = |text: &str| -> usize { text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len()) };
    let mut end = number(rest);
    let mut digits = &rest[..end];
    let mut after = rest[end..].trim_start();
    // `1~30`, `1 - 30자`, `1 to 30`: the second is the limit.
    if !digits.is_empty()
        && let Some(second) = ["~", "-", "–", "to ", "자 ~", "자~", "자 이상", "자 to", "characters to "]
            .iter()
            .find_map(|sign| after.strip_prefix(sign))
    {
        let second = second.trim_start();
        end = number(second);
        if end == 0 {
            return None;
        }
        digits = &second[..end];
        after = second[end..].trim_start();
        stated = true;
    }
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let ends = [
        "이내",
        "이하",
        "까지",
        "max",
        "maximum",
        "제한",
        "or less",
        "or fewer",
        "이내의",
        "입니다",
        "이하의",
        "at most",
        "(한글 포함)",
    ];
    let mut unit = after.trim_end_matches([')', '.', ' ']);
    for end in ends {
        if let Some(before) = unit.strip_suffix(end) {
            unit = before.trim_end_matches([' ', '(']);
            stated = true;
        }
    }
    let known = UNITS.contains(&unit);
    (!digits.is_empty() && digits.len() < 10 && (unit.is_empty() && stated || known)).then_some(digits)
}

/// The limit that a sentence states, with the unit that makes it one: `최대 길이는 200자입니다`, `up to 30 characters`.
pub fn limit_in_prose(text: &str, line: usize) -> Option<Fact> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // `가맹점 코드, 10자`: the limit by itself, between signs.
    let by_itself = |part: &&str| part.contains(['자', '리']) && part.chars().count() < 8;
    if let Some(digits) = text.split([',', '(', ')', '·']).map(str::trim).filter(by_itself).find_map(limit) {
        return Some(Fact { line, text: digits });
    }
    let lower = text.to_lowercase();
    let korean = ["자", "글자", "자리", "바이트", "byte", "bytes"];
    let english = ["characters", "chars", "bytes", "digits", "letters"];
    let tokens: Vec<&str> =
        lower.split(|c: char| c.is_whitespace() || "():,;~-".contains(c)).filter(|t| !t.is_empty()).collect();
    for (n, token) in tokens.iter().enumerate() {
        let end = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
        let (digits, unit) = token.split_at(end);
        if digits.is_empty() || digits.len() > 6 {
            continue;
        }
        let unit = if unit.is_empty() { tokens.get(n + 1).copied().unwrap_or_default() } else { unit };
        let after = |skip: usize| tokens.get(n + skip).copied().unwrap_or_default();
        let before: Vec<&str> = tokens[n.saturating_sub(3)..n].to_vec();
        let unit_of = |units: &[&str]| units.iter().any(|known| unit.trim_end_matches(['.', '\'']).starts_with(known));
        let ends = ["이내", "이하", "까지", "제한"];
        let korean_limit = unit_of(&korean)
            && (before.iter().any(|word| word.starts_with("최대"))
                || ends.iter().any(|end| unit.contains(end) || after(1).starts_with(end) || after(2).starts_with(end)));
        let said = before.join(" ");
        let starts = [
            "max",
            "maximum",
            "up to",
            "at most",
            "no more than",
            "no longer than",
            "within",
            "limited to",
            "maximum of",
        ];
        let english_limit = unit_of(&english)
            && starts.iter().any(|start| {
                said.ends_with(start) || said.ends_with("maximum length of") || said.ends_with("maximum length")
            });
        if korean_limit || english_limit {
            return Some(Fact { line, text: digits.to_owned() });
        }
    }
    None
}

/// The limit of a rule: `Up to 200 characters`.
pub fn limit_of_rule(rule: &str, line: usize) -> Option<Fact> {
    let fact = |text: String| Fact { line, text };
    let parts = rule.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty());
    if let Some(digits) = parts.clone().find_map(limit) {
        return Some(fact(digits));
    }
    let lower = rule.to_lowercase();
    let starts = ["up to ", "max ", "maximum ", "at most ", "no more than ", "max. ", "max length", "최대 ", "최대"];
    if let Some((_, rest)) = starts.iter().find_map(|start| lower.split_once(start)) {
        let digits: String =
            rest.chars().skip_while(|c| " :".contains(*c)).take_while(|c| c.is_ascii_digit() || *c == ',').collect();
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            return Some(fact(digits));
        }
    }
    None
}

/// What begins with this line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Rows of a part.
    Part(Part),
    /// Method and URL.
    Endpoint,
    /// Method and URL, and then samples.
    Definition,
    /// Sample code.
    Sample,
    /// HTTP statuses.
    Statuses,
    /// Error codes.
    Codes,
    /// Something of the answer that no spec has, such as its headers.
    Other,
}

/// No label is longer.
const LONGEST_LABEL: usize = 60;

const REQUEST: [&str; 7] = ["request", "requests", "요청", "input", "입력", "호출", "req"];
const REPLY: [&str; 10] =
    ["response", "responses", "reply", "응답", "output", "출력", "결과", "반환", "returns", "res"];
const HEADER: [&str; 3] = ["header", "headers", "헤더"];
const PART: [&str; 31] = [
    "parameter",
    "parameters",
    "param",
    "params",
    "body",
    "query",
    "field",
    "fields",
    "payload",
    "attributes",
    "arguments",
    "파라미터",
    "파라메터",
    "매개변수",
    "변수",
    "본문",
    "바디",
    "필드",
    "항목",
    "쿼리",
    "인자",
    "페이로드",
    "전문",
    "path",
    "경로",
    "properties",
    "members",
    "속성",
    "파라미터명",
    "스트링",
    "인수",
];
const BESIDE: [&str; 37] = [
    "api",
    "명세",
    "명세서",
    "정보",
    "목록",
    "규격",
    "정의",
    "상세",
    "설명",
    "spec",
    "specification",
    "list",
    "details",
    "detail",
    "of",
    "the",
    "및",
    "and",
    "구성",
    "table",
    "내용",
    "json",
    "data",
    "데이터",
    "schema",
    "스키마",
    "option",
    "optional",
    "options",
    "옵션",
    "선택",
    "required",
    "필수",
    "string",
    "form",
    "object",
    "values",
];
const SAMPLE: [&str; 11] =
    ["example", "examples", "sample", "samples", "예시", "예제", "샘플", "snippet", "curl", "예", "예문"];
const ENDPOINT: [&str; 15] = [
    "endpoint",
    "endpoints",
    "url",
    "uri",
    "urls",
    "엔드포인트",
    "주소",
    "method",
    "메서드",
    "메소드",
    "http",
    "도메인",
    "방식",
    "방법",
    "end-point",
];
const ERROR: [&str; 8] = ["error", "errors", "에러", "오류", "에러코드", "오류코드", "실패", "failure"];
const CODE: [&str; 4] = ["code", "codes", "코드", "코드표"];
const STATUS: [&str; 4] = ["status", "상태", "response", "응답"];

/// The label a line is, if it is one: all of its words are those of labels.
pub fn label(line: &str) -> Option<Label> {
    if line.len() > LONGEST_LABEL || line.split_whitespace().count() > 7 || line.ends_with('.') {
        return None;
    }
    let lower = line.to_lowercase();
    let text = lower.trim_start_matches(|c: char| c.is_ascii_digit() || "().#- ■●▶◆□○•*※".contains(c));
    let text = text.trim_end_matches([':', ' ', '*']);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "()[]/|,·&".contains(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.len() > 6 {
        return None;
    }
    if text == "definition" {
        return Some(Label::Definition);
    }
    let has = |of: &[&str]| words.iter().any(|word| of.contains(word));
    let only = |of: &[&[&str]]| words.iter().all(|word| of.iter().any(|of| of.contains(word)));
    // `HTTP 응답 코드`: a sentence may begin with these words too.
    if words[0] == "http" && words.len() <= 4 && has(&STATUS) && (has(&CODE) || has(&["codes", "status"])) {
        return Some(Label::Statuses);
    }
    if has(&SAMPLE)
        && only(&[
            &SAMPLE,
            &REQUEST,
            &REPLY,
            &PART,
            &BESIDE,
            &CODE,
            &HEADER,
            &["callback", "콜백", "call", "usage", "코드"],
        ])
    {
        return Some(Label::Sample);
    }
    if has(&ERROR)
        && only(&[&ERROR, &CODE, &REPLY, &BESIDE])
        && (has(&CODE) || has(&["에러코드", "오류코드"]) || words.len() == 1)
    {
        return Some(Label::Codes);
    }
    if has(&CODE) && has(&REPLY) && only(&[&CODE, &REPLY, &BESIDE]) {
        return Some(Label::Codes);
    }
    if has(&ENDPOINT) && only(&[&ENDPOINT, &REQUEST, &BESIDE]) {
        return (!matches!(text, "http" | "방식" | "방법")).then_some(Label::Endpoint);
    }
    if !only(&[&REQUEST, &REPLY, &HEADER, &PART, &BESIDE, &["callback", "콜백"]]) {
        return None;
    }
    if has(&HEADER) {
        return Some(if has(&REPLY) { Label::Other } else { Label::Part(Part::Header) });
    }
    if has(&REPLY) {
        return Some(Label::Part(Part::Reply));
    }
    // A single word of the last list is any word.
    let weak = ["path", "항목", "경로", "변수", "속성", "query", "쿼리", "파라미터명", "스트링", "members"];
    let strong = |word: &&&str| PART.contains(word) && (words.len() > 1 || !weak.contains(word));
    (has(&REQUEST) || words.iter().any(|word| strong(&word))).then_some(Label::Part(Part::Request))
}

/// What a column of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A field's name.
    Name,
    /// A field's type.
    Type,
    /// Whether a field is mandatory.
    Required,
    /// Whether a field is optional.
    Optional,
    /// A field's limit, in a table of its own or beside the rest.
    Rules,
    /// Text about a field or value.
    Description,
    /// Values of a field.
    Values,
    /// A value.
    Code,
    /// A value's name.
    CodeName,
    /// A version.
    Version,
    /// A date.
    Date,
    /// What changed.
    Change,
    /// A stage.
    Stage,
    /// A URL.
    Url,
    /// A method.
    Method,
    /// An HTTP status.
    Status,
    /// A default.
    Default,
    /// Where a parameter goes: path, query, header, body.
    Place,
    /// An example, a running number and the like: nothing to compare.
    Other,
}

/// What the columns of a table hold, by a row that may be its head. A row of a field has words of heads, too, such as
/// `required`: one that states a type is no head unless it is `marked` as one.
pub fn heads(cells: &[String], marked: bool) -> Option<Vec<Option<Column>>> {
    let found: Vec<Option<Column>> = cells.iter().map(|cell| column(cell)).collect();
    let known = found.iter().flatten().count();
    let states_a_type = cells.iter().skip(1).any(|cell| shape(cell).is_some() && column(cell).is_none());
    let is_head = if marked { known > 0 } else { known >= 2 && !states_a_type };
    is_head.then_some(found)
}

/// What a column is, by its head.
pub fn column(head: &str) -> Option<Column> {
    if head.len() > 60 {
        return None;
    }
    let lower = head.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let text = lower.trim().trim_matches(|c| "*':.".contains(c)).trim();
    if let Some(found) = column_of(text) {
        return Some(found);
    }
    // `이름 (Name)`, `타입(길이)`, `Type / Length`, `필수여부(Y/N)`.
    if let Some((before, inside)) = text.split_once('(') {
        return column_of(before.trim()).or_else(|| column_of(inside.trim_end_matches(')').trim()));
    }
    text.split(['/', ',', '|']).map(str::trim).find_map(column_of)
}

fn column_of(text: &str) -> Option<Column> {
    Some(match text {
        "name"
        | "field"
        | "fields"
        | "parameter"
        | "parameters"
        | "param"
        | "key"
        | "member"
        | "header"
        | "property"
        | "attribute"
        | "element"
        | "field name"
        | "parameter name"
        | "param name"
        | "variable"
        | "argument"
        | "key name"
        | "header name"
        | "이름"
        | "필드"
        | "필드명"
        | "필드 이름"
        | "필드 명"
        | "파라미터"
        | "파라미터명"
        | "파라미터 명"
        | "파라미터 이름"
        | "파라메터"
        | "변수"
        | "변수명"
        | "변수 명"
        | "매개변수"
        | "매개변수명"
        | "항목명"
        | "항목 명"
        | "키"
        | "키값"
        | "키 값"
        | "속성"
        | "속성명"
        | "헤더"
        | "헤더명"
        | "항목"
        | "명칭"
        | "영문명"
        | "필드id"
        | "id"
        | "인자"
        | "요소"
        | "멤버"
        | "데이터명"
        | "파라미터(필드)"
        | "전문명" => Column::Name,
        "type" | "data type" | "datatype" | "타입" | "유형" | "자료형" | "데이터 타입" | "데이터타입" | "형식"
        | "형태" | "데이터형" | "데이터 형식" | "속성타입" | "데이터 유형" | "format" | "자료 형식" | "변수타입" => {
            Column::Type
        }
        "required" | "mandatory" | "requirement" | "required?" | "req" | "req." | "필수" | "필수여부" | "필수 여부"
        | "필수값" | "필수 값" | "필수구분" | "필수 구분" | "필수유무" | "필수 유무" | "필수/선택" | "필수항목"
        | "필수?" | "m/o" | "o/m" | "m/o/c" | "y/n" | "필수 입력" | "필수입력" | "presence" | "선택/필수"
        | "nullable?" => Column::Required,
        "optional" | "선택" | "선택여부" | "선택 여부" | "optional?" => Column::Optional,
        "rules" | "rule" | "max length" | "length" | "limit" | "max" | "size" | "maxlength" | "max. length"
        | "maximum length" | "byte" | "bytes" | "길이" | "크기" | "최대 길이" | "최대길이" | "최대" | "자릿수"
        | "자리수" | "사이즈" | "바이트" | "제한" | "글자수" | "글자 수" | "최대 글자수" | "데이터 길이"
        | "constraint" | "constraints" | "제약" | "제약조건" | "규칙" | "최대 크기" | "최대크기" | "max size" => {
            Column::Rules
        }
        "description" | "explanation" | "meaning" | "remarks" | "remark" | "note" | "notes" | "comment"
        | "comments" | "details" | "detail" | "설명" | "내용" | "비고" | "의미" | "정의" | "상세" | "상세 설명"
        | "상세설명" | "세부 설명" | "참고" | "참고사항" | "참고 사항" | "용도" | "필드 설명" | "국문명" | "한글명"
        | "메시지" | "메세지" | "message" | "desc" | "desc." | "summary" | "상세내용" | "상세 내용" | "에러 메시지"
        | "오류 메시지" | "원인" | "사유" | "설명 및 비고" | "reason" | "조치" | "조치방법" | "대응" | "해결 방법"
        | "값 설명" | "한글 명" => Column::Description,
        "values" | "value" | "allowed values" | "값" | "허용값" | "허용 값" | "가능한 값" | "가능값" | "enum"
        | "입력값" | "사용 가능 값" | "데이터 값" | "options" => Column::Values,
        "code name" | "label" | "코드명" | "코드 명" | "코드 이름" => Column::CodeName,
        "version" | "버전" | "ver" | "ver." => Column::Version,
        "date" | "날짜" | "일자" | "변경일" | "변경 일자" | "변경일자" | "일시" | "배포일" | "작성일" | "적용일" => {
            Column::Date
        }
        "key changes"
        | "changes"
        | "change"
        | "변경사항"
        | "변경 사항"
        | "변경 내용"
        | "변경내용"
        | "주요 변경사항"
        | "변경 이력"
        | "수정 내용" => Column::Change,
        "stage" | "environment" | "환경" => Column::Stage,
        "url" | "base url" | "host" | "uri" | "path" | "endpoint" | "주소" | "도메인" | "호스트" | "경로"
        | "엔드포인트" | "요청 url" => Column::Url,
        "method" | "http method" | "메서드" | "메소드" | "요청 방식" | "http 메서드" => Column::Method,
        "http status" | "status" | "status code" | "http response code" | "http status code" | "http 상태"
        | "http 상태 코드" | "http 상태코드" | "상태 코드" | "상태코드" | "http 코드" | "http code"
        | "http 응답 코드" | "http 응답코드" => Column::Status,
        "default" | "default value" | "기본값" | "기본 값" | "디폴트" | "디폴트값" | "초기값" => {
            Column::Default
        }
        "in"
        | "location"
        | "위치"
        | "전달 위치"
        | "전송 위치"
        | "parameter type"
        | "파라미터 타입"
        | "파라미터 유형"
        | "param type" => Column::Place,
        "example" | "examples" | "sample" | "예시" | "예" | "예제" | "샘플" | "예시값" | "예시 값" | "no" | "no."
        | "번호" | "순번" | "#" | "순서" | "sample value" | "비고2" | "구분" | "category" | "암호화" | "encryption"
        | "since" | "깊이" | "depth" | "level" | "레벨" | "null 여부" | "null 허용" | "nullable" => {
            Column::Other
        }
        "code" | "코드" | "에러코드" | "에러 코드" | "오류코드" | "오류 코드" | "결과코드" | "결과 코드"
        | "응답코드" | "응답 코드" | "error code" | "코드값" | "코드 값" | "상태값" => Column::Code,
        text if text.ends_with("name") && text.len() > 4 => Column::CodeName,
        text if text.ends_with("code") => Column::Code,
        _ => return None,
    })
}

/// Whether a text by itself says something about a field: its type, its requirement or its limit.
pub fn is_attribute(text: &str) -> bool {
    text.len() < 40 && (shape(text).is_some() || is_clear_requirement(text) || limit(text).is_some())
}

/// Whether a heading is about a message that the service sends.
pub fn is_callback(heading: &str) -> bool {
    let lower = heading.to_lowercase();
    ["callback", "webhook", "콜백", "웹훅", "notification", "노티", "통지", "알림"]
        .iter()
        .any(|word| lower.contains(word))
}

/// The part that a column of places names.
pub fn place(text: &str) -> Option<Part> {
    let lower = text.trim().to_lowercase();
    Some(match lower.as_str() {
        "header" | "headers" | "헤더" => Part::Header,
        "path" | "query" | "body" | "form" | "formdata" | "cookie" | "경로" | "쿼리" | "본문" | "바디"
        | "query string" | "request body" => Part::Request,
        _ => return None,
    })
}

/// An HTTP status, or a class of them: `200`, `50x`, `xxx`.
pub fn is_status(word: &str) -> bool {
    let [a, b, c] = word.as_bytes() else { return false };
    let digit = |c: &u8| c.is_ascii_digit() || *c == b'x' || *c == b'X';
    (matches!(a, b'1'..=b'5') || a.eq_ignore_ascii_case(&b'x')) && digit(b) && digit(c)
}

/// A name such as `orderNo`, `order_no` or `descriptions[].mid`.
pub fn is_name(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '[' || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c))
}
