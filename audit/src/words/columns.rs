//! Determines the meaning of table columns by their heads.

use super::shape;

/// Meaning of a table column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Names of fields.
    Name,
    /// Types of fields.
    Type,
    /// Requirements of fields.
    Required,
    /// The opposite of `Required`: whether fields are optional.
    Optional,
    /// Limits of fields, alone or with other rules.
    Rules,
    /// Texts about fields or values.
    Description,
    /// Lists of the values of fields.
    Values,
    /// One value of an enumeration, or one error code, in each row.
    Code,
    /// Names of the values in a `Code` column.
    CodeName,
    Version,
    Date,
    /// Descriptions of the changes in a version.
    Change,
    Stage,
    Url,
    Method,
    Status,
    Default,
    /// Locations of parameters, such as `path` or `header`.
    Place,
    /// Content that is not compared, such as an example or a running number.
    Other,
}

/// Heads of columns in English and Korean, in lower case.
#[rustfmt::skip]
const HEADS: &[(Column, &[&str])] = &[
    (
        Column::Name,
        &[
            "name", "field", "fields", "parameter", "parameters", "param", "key", "member", "header",
            "property", "attribute", "element", "field name", "parameter name", "param name", "variable",
            "argument", "key name", "header name", "이름", "필드", "필드명", "필드 이름", "필드 명", "파라미터", "파라미터명",
            "파라미터 명", "파라미터 이름", "파라메터", "변수", "변수명", "변수 명", "매개변수", "매개변수명", "항목명", "항목 명", "키", "키값",
            "키 값", "속성", "속성명", "헤더", "헤더명", "항목", "명칭", "영문명", "필드id", "id", "인자", "요소", "멤버", "데이터명",
            "파라미터(필드)", "전문명",
        ],
    ),
    (
        Column::Type,
        &[
            "type", "data type", "datatype", "타입", "유형", "자료형", "데이터 타입", "데이터타입", "형식", "형태", "데이터형",
            "데이터 형식", "속성타입", "데이터 유형", "format", "자료 형식", "변수타입",
        ],
    ),
    (
        Column::Required,
        &[
            "required", "mandatory", "requirement", "required?", "req", "req.", "필수", "필수여부", "필수 여부", "필수값",
            "필수 값", "필수구분", "필수 구분", "필수유무", "필수 유무", "필수/선택", "필수항목", "필수?", "m/o", "o/m", "m/o/c", "y/n",
            "필수 입력", "필수입력", "presence", "선택/필수", "nullable?",
        ],
    ),
    (
        Column::Optional,
        &[
            "optional", "선택", "선택여부", "선택 여부", "optional?",
        ],
    ),
    (
        Column::Rules,
        &[
            "rules", "rule", "max length", "length", "limit", "max", "size", "maxlength", "max. length",
            "maximum length", "byte", "bytes", "길이", "크기", "최대 길이", "최대길이", "최대", "자릿수", "자리수", "사이즈", "바이트",
            "제한", "글자수", "글자 수", "최대 글자수", "데이터 길이", "constraint", "constraints", "제약", "제약조건", "규칙", "최대 크기",
            "최대크기", "max size",
        ],
    ),
    (
        Column::Description,
        &[
            "description", "explanation", "meaning", "remarks", "remark", "note", "notes", "comment",
            "comments", "details", "detail", "설명", "내용", "비고", "의미", "정의", "상세", "상세 설명", "상세설명", "세부 설명",
            "참고", "참고사항", "참고 사항", "용도", "필드 설명", "국문명", "한글명", "메시지", "메세지", "message", "desc", "desc.",
            "summary", "상세내용", "상세 내용", "에러 메시지", "오류 메시지", "원인", "사유", "설명 및 비고", "reason", "조치", "조치방법",
            "대응", "해결 방법", "값 설명", "한글 명",
        ],
    ),
    (
        Column::Values,
        &[
            "values", "value", "allowed values", "값", "허용값", "허용 값", "가능한 값", "가능값", "enum", "입력값", "사용 가능 값",
            "데이터 값", "options",
        ],
    ),
    (
        Column::CodeName,
        &[
            "code name", "label", "코드명", "코드 명", "코드 이름",
        ],
    ),
    (
        Column::Version,
        &[
            "version", "버전", "ver", "ver.",
        ],
    ),
    (
        Column::Date,
        &[
            "date", "날짜", "일자", "변경일", "변경 일자", "변경일자", "일시", "배포일", "작성일", "적용일",
        ],
    ),
    (
        Column::Change,
        &[
            "key changes", "changes", "change", "변경사항", "변경 사항", "변경 내용", "변경내용", "주요 변경사항", "변경 이력", "수정 내용",
        ],
    ),
    (
        Column::Stage,
        &[
            "stage", "environment", "환경",
        ],
    ),
    (
        Column::Url,
        &[
            "url", "base url", "host", "uri", "path", "endpoint", "주소", "도메인", "호스트", "경로", "엔드포인트", "요청 url",
        ],
    ),
    (
        Column::Method,
        &[
            "method", "http method", "메서드", "메소드", "요청 방식", "http 메서드",
        ],
    ),
    (
        Column::Status,
        &[
            "http status", "status", "status code", "http response code", "http status code", "http 상태",
            "http 상태 코드", "http 상태코드", "상태 코드", "상태코드", "http 코드", "http code", "http 응답 코드", "http 응답코드",
        ],
    ),
    (
        Column::Default,
        &[
            "default", "default value", "기본값", "기본 값", "디폴트", "디폴트값", "초기값",
        ],
    ),
    (
        Column::Place,
        &[
            "in", "location", "위치", "전달 위치", "전송 위치", "parameter type", "파라미터 타입", "파라미터 유형", "param type",
        ],
    ),
    (
        Column::Other,
        &[
            "example", "examples", "sample", "예시", "예", "예제", "샘플", "예시값", "예시 값", "no", "no.", "번호", "순번",
            "#", "순서", "sample value", "비고2", "구분", "category", "암호화", "encryption", "since", "깊이", "depth",
            "level", "레벨", "null 여부", "null 허용", "nullable",
        ],
    ),
    (
        Column::Code,
        &[
            "code", "코드", "에러코드", "에러 코드", "오류코드", "오류 코드", "결과코드", "결과 코드", "응답코드", "응답 코드", "error code",
            "코드값", "코드 값", "상태값",
        ],
    ),
];

/// Returns the meaning of each column if the cells are column heads, otherwise `None`. A row about a field may contain
/// the same words, such as `required`. A row with a type therefore counts as column heads only if it is `marked` as
/// such.
pub(crate) fn heads(cells: &[String], marked: bool) -> Option<Vec<Option<Column>>> {
    let found: Vec<Option<Column>> = cells.iter().map(|cell| column(cell)).collect();
    let known = found.iter().flatten().count();
    let states_a_type = cells.iter().skip(1).any(|cell| shape(cell).is_some() && column(cell).is_none());
    let is_head = if marked { known > 0 } else { known >= 2 && !states_a_type };
    is_head.then_some(found)
}

/// Returns the meaning of a column, by its head.
pub(crate) fn column(head: &str) -> Option<Column> {
    if head.len() > 60 {
        return None;
    }
    let lower = head.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let text = lower.trim().trim_matches(|c| "*':.".contains(c)).trim();
    if let Some(found) = column_of(text) {
        return Some(found);
    }
    // A head may have several parts, as in `이름 (Name)`, `타입(길이)`, `Type / Length` and `필수여부(Y/N)`.
    if let Some((before, inside)) = text.split_once('(') {
        return column_of(before.trim()).or_else(|| column_of(inside.trim_end_matches(')').trim()));
    }
    text.split(['/', ',', '|']).map(str::trim).find_map(column_of)
}

fn column_of(text: &str) -> Option<Column> {
    if let Some((column, _)) = HEADS.iter().find(|(_, heads)| heads.contains(&text)) {
        return Some(*column);
    }
    if text.ends_with("name") && text.len() > 4 {
        return Some(Column::CodeName);
    }
    text.ends_with("code").then_some(Column::Code)
}
