//! What a browser sees: the checkout page for purchasers, the sales slip, the signup page for shops' owners, and the
//! dashboard for engineers. Everything
//! that comes from outside is escaped; scripts and styles come from here alone.

mod checkout;
mod dashboard;
mod signup;
mod words;

use crate::http::{Sent, header, respond};
use crate::world::World;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue, LOCATION, REFERRER_POLICY};
use hyper::http::request::Parts;
use hyper::{Method, Response};
use toss_sdk::runtime::__private::{hex_equal, sha256_hex};
use words::Words;

const STYLE: &str = include_str!("pages/style.css");
const SCRIPT: &str = include_str!("pages/dashboard.js");

/// Answers a browser.
pub(crate) fn answer(world: &World, head: &Parts, body: &[u8]) -> Response<Sent> {
    let query = head.uri.query().unwrap_or_default();
    let words = Words::wanted(query, header(&head.headers, ACCEPT_LANGUAGE));
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/sandbox/health") => respond(200, "application/json", "{\"status\":\"ok\"}\n"),
        (&Method::GET, "/") => page(dashboard::whole(world), Forms::Here),
        (&Method::GET, "/sandbox/fragment") => page(dashboard::fragment(world), Forms::Here),
        (&Method::GET, "/sandbox/style.css") => respond(200, "text/css", STYLE),
        (&Method::GET, "/sandbox/dashboard.js") => respond(200, "text/javascript", SCRIPT),
        (&Method::GET, "/sales-slip") => checkout::sales_slip(world, words, query),
        (method, path) => match (path.strip_prefix("/checkout/"), path.strip_prefix("/signup/")) {
            (Some(token), _) if *method == Method::GET => checkout::show(world, words, token),
            (Some(token), _) => checkout::decide(world, words, token, body),
            (_, Some(key)) if *method == Method::GET => signup::show(world, words, key),
            (_, Some(key)) => signup::decide(world, words, key, body),
            _ => respond(404, "text/plain", "There is nothing here. The dashboard is at /.\n"),
        },
    }
}

const HTML: &str = "text/html; charset=utf-8";

/// Where the forms of a page may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forms {
    /// To the sandbox alone.
    Here,
    /// Anywhere. A form of the checkout page ends with a redirect to the shop, which may send the browser on to addresses
    /// that nobody knows here. Browsers hold each of them against the policy of the page with the form.
    Anywhere,
}

/// A page.
fn page(html: String, forms: Forms) -> Response<Sent> {
    let mut response = respond(200, HTML, html);
    let policy = match forms {
        Forms::Here => {
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'; form-action 'self'"
        }
        // Without `form-action`: no list of sources has schemes of apps in it.
        Forms::Anywhere => {
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        }
    };
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A page with this title that says one thing.
fn message(words: &Words, title: &str, status: u16, text: &str) -> Response<Sent> {
    let body = format!("<main class=\"checkout\"><p class=\"message\">{}</p></main>\n", escaped(text));
    let mut response = page(framed(words.language, title, "", &body), Forms::Here);
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// A page with this title that says why a form's wish cannot be done, and leads back to the form.
fn refusal(words: &Words, title: &str, why: &str) -> Response<Sent> {
    let (why, back) = (escaped(why), words.back);
    let body = format!(
        "<main class=\"checkout\"><p class=\"message\">{why}</p><p><a href=\"?lang={}\">{back}</a></p></main>\n",
        words.language
    );
    let mut response = page(framed(words.language, title, "", &body), Forms::Here);
    *response.status_mut() = hyper::StatusCode::CONFLICT;
    response
}

/// The scheme, host and port of an address, for a page's policy.
fn origin(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    let origin = url.has_host().then(|| url.origin().ascii_serialization())?;
    // Anything else would end the policy's list, or begin another one.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/-_[]".contains(&byte);
    origin.bytes().all(is_plain).then_some(origin)
}

/// What a form is sealed with, so that no other page can send it.
fn seal(world: &World, of: &str) -> String {
    sha256_hex(&[&world.seal, of])
}

/// Whether a form is sealed like this.
fn is_sealed(world: &World, of: &str, given: &str) -> bool {
    hex_equal(&seal(world, of), given)
}

/// Sends the browser elsewhere.
fn redirect(url: &str) -> Response<Sent> {
    let mut response = respond(303, "text/plain", "");
    // What a header cannot have is encoded, as a browser would.
    let encoded = reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), Into::into);
    if let Ok(url) = HeaderValue::from_str(&encoded) {
        response.headers_mut().insert(LOCATION, url);
    }
    response
}

/// Text as it may stand in HTML, in an attribute too.
fn escaped(text: &str) -> String {
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

/// An amount as people write it.
fn won(amount: i64) -> String {
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

/// The frame of every page.
fn framed(language: &str, title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"/sandbox/style.css\">{head}</head>\n<body>\n{body}</body>\n</html>\n",
        escaped(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(escaped(r#"<a href='x' id="y">&"#), "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;");
    }

    #[test]
    fn amounts_have_commas() {
        assert_eq!([won(0), won(999), won(1_000), won(-9_999_999)].join(" "), "0 999 1,000 -9,999,999");
    }
}
