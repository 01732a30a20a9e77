//! Labels of the parts of a section, such as `Request parameters`, `응답`, `Error codes`.

use crate::page::Part;

/// Content that follows a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Rows of this part.
    Part(Part),
    /// Method and URL.
    Endpoint,
    /// Method and URL, followed by samples.
    Definition,
    /// Sample code.
    Sample,
    /// HTTP statuses.
    Statuses,
    /// Error codes.
    Codes,
    /// Content that specs do not describe, such as the headers of a reply.
    Other,
}

/// Largest length of a label, in bytes.
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

/// Returns the label in a line, or `None` if the line also contains words that labels do not have.
pub(crate) fn label(line: &str) -> Option<Label> {
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
    // A label such as `HTTP 응답 코드` counts only if it has at most four words, because a sentence may begin with the same
    // words.
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
    // A word in `weak` is not a label by itself.
    let weak = ["path", "항목", "경로", "변수", "속성", "query", "쿼리", "파라미터명", "스트링", "members"];
    let strong = |word: &&&str| PART.contains(word) && (words.len() > 1 || !weak.contains(word));
    (has(&REQUEST) || words.iter().any(|word| strong(&word))).then_some(Label::Part(Part::Request))
}
