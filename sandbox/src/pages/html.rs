//! Building blocks of pages: the frame, escaping, and responses with security policies.

use crate::response::{ResponseBody, respond};
use hyper::Response;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue, LOCATION, REFERRER_POLICY};

const MEDIA_TYPE: &str = "text/html; charset=utf-8";

/// Targets of a page's forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forms {
    /// Only the sandbox.
    Here,
    /// Any address. After a form of the checkout page is sent, the browser is redirected to the shop, and the shop may
    /// redirect it to unknown addresses. Browsers check each redirect against the policy of the page with the form.
    Anywhere,
}

/// Returns a response that contains a page.
pub(super) fn page(html: String, forms: Forms) -> Response<ResponseBody> {
    let mut response = respond(200, MEDIA_TYPE, html);
    let policy = match forms {
        Forms::Here => {
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'; form-action 'self'"
        }
        // There is no `form-action`, because its list of sources cannot contain the URL schemes of all apps.
        Forms::Anywhere => {
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        }
    };
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

pub(super) fn framed(language: &str, title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"/sandbox/style.css\">{head}</head>\n<body>\n{body}</body>\n</html>\n",
        escaped(title)
    )
}

/// Returns the scheme, host and port of a URL.
pub(super) fn origin(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    url.has_host().then(|| url.origin().ascii_serialization())
}

pub(super) fn redirect(url: &str) -> Response<ResponseBody> {
    let mut response = respond(303, "text/plain", "");
    // Characters that are not allowed in a header are encoded, as by a browser.
    let encoded = reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), Into::into);
    if let Ok(url) = HeaderValue::from_str(&encoded) {
        response.headers_mut().insert(LOCATION, url);
    }
    response
}

/// Escapes text for HTML, attributes included.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Formats an amount with commas.
pub(super) fn won(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if amount < 0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_is_escaped() {
        assert_eq!(escaped(r#"<a href='x' id="y">&"#), "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;");
    }

    #[test]
    fn amounts_have_commas() {
        assert_eq!([won(0), won(999), won(1_000), won(-9_999_999)].join(" "), "0 999 1,000 -9,999,999");
    }
}
