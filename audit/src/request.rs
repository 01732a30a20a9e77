//! Reads requests. The method and the URL of a request may be in one line or in two lines, with or without labels.

use super::words;

/// Method and target of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The method, in lower case.
    pub method: String,
    /// Scheme and host, if printed.
    pub base: Option<String>,
    /// Path, or the name of the field that contains the URL, such as `resultCallback`.
    pub target: String,
}

/// Result of reading a line.
#[derive(Debug)]
pub(crate) enum Read {
    /// The line belongs to no request.
    Nothing,
    /// The line is the method or the URL of a request.
    Part,
    /// The line completes a request. Contains the number of the request's first line.
    Request(usize, Request),
}

/// Request of which at most the method or the URL was read so far.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    method: Option<(usize, String)>,
    target: Option<(usize, String)>,
}

impl Pending {
    /// Reads a line. If a request is `awaited`, a URL counts as the URL of this request even without a label.
    pub(crate) fn read(&mut self, line: usize, text: &str, awaited: bool) -> Read {
        if let Some(found) = in_line(text) {
            *self = Pending::default();
            return Read::Request(line, found);
        }
        let (key, value) = named(text);
        let word = value.split_whitespace().next().unwrap_or_default();
        let alone = value.split_whitespace().count() == 1;
        if let Some(method) = words::method(word).filter(|_| alone && key != RequestKey::Url) {
            return match self.target.take().and_then(|(at, target)| Some((at, of(word, &target)?))) {
                Some((at, found)) => Read::Request(at, found),
                None => {
                    self.method = Some((line, method));
                    Read::Part
                }
            };
        }
        let is_url = word.contains("://") || word.starts_with('/') && word.len() > 1;
        if let Some((at, method)) = self.method.take()
            && let Some(found) =
                of(&method.to_uppercase(), word).filter(|_| key != RequestKey::Method && (is_url || alone))
        {
            return Read::Request(at, found);
        }
        if is_url && (key == RequestKey::Url || awaited && alone) {
            self.target = Some((line, word.to_owned()));
            return Read::Part;
        }
        Read::Nothing
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RequestKey {
    None,
    Method,
    Url,
}

/// Splits `Method: POST`, `요청 URL https://…` into label and value.
fn named(text: &str) -> (RequestKey, &str) {
    let methods = [
        "http method",
        "http 메서드",
        "http 메소드",
        "request method",
        "요청 방식",
        "요청 메서드",
        "요청 메소드",
        "호출 방식",
        "method",
        "메서드",
        "메소드",
        "방식",
        "http",
    ];
    let urls = [
        "request url",
        "endpoint url",
        "api url",
        "요청 url",
        "요청 주소",
        "호출 url",
        "api 주소",
        "endpoint",
        "엔드포인트",
        "url",
        "uri",
        "path",
        "주소",
        "경로",
    ];
    let lower = text.to_lowercase();
    for (of, keys) in [(RequestKey::Method, methods.as_slice()), (RequestKey::Url, urls.as_slice())] {
        for key in keys {
            if let Some(rest) = lower.strip_prefix(key)
                && rest.starts_with([' ', ':', '|', '\t'])
                && let Some(value) = text.get(text.len() - rest.len()..)
            {
                return (of, value.trim_start_matches([' ', ':', '|', '-']));
            }
        }
    }
    (RequestKey::None, text)
}

/// Reads a request in one line: `POST https://…`, `[GET] /v1/payments`.
pub(crate) fn in_line(text: &str) -> Option<Request> {
    let text = named(text).1;
    let mut parts = text.split_whitespace();
    let first = parts.next()?;
    let method = words::method(first)?;
    let mut second = parts.next()?;
    if matches!(second, ":" | "|" | "-" | "→") {
        second = parts.next()?;
    }
    of(&method.to_uppercase(), second)
}

/// Reads a request in a heading, which may also have a title: `POST /v1/payments`, `결제 생성 (POST /v1/payments)`.
pub(crate) fn in_heading(text: &str) -> Option<Request> {
    if let Some(found) = in_line(text).filter(|found| found.base.is_some() || found.target.starts_with('/')) {
        return Some(found);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).find_map(|pair| {
        words::method(pair[0])?;
        of(pair[0], pair[1].trim_end_matches(')')).filter(|found| found.base.is_some() || found.target.starts_with('/'))
    })
}

/// Creates a request from a method and a URL or path. Returns `None` if one of them is not valid.
pub(crate) fn of(method: &str, target: &str) -> Option<Request> {
    let method = words::method(method)?;
    let target = target.trim_matches(|c| "'*,;<>".contains(c));
    let (base, target) = match target.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            (Some(format!("{scheme}://{host}")), path.to_owned())
        }
        None => (None, target.to_owned()),
    };
    // `POST` may also begin a sentence.
    if base.is_none() && !target.starts_with('/') && !words::is_name(&target) {
        return None;
    }
    Some(Request { method, base, target })
}
