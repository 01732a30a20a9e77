//! Checks of URLs that callers pass to a service.

use iri_string::types::IriStr;
use std::borrow::Cow;

/// Returns `true` if the text is an absolute URL with the scheme `http` or `https` and a host. If the URL has a port,
/// the port must be valid.
#[inline]
pub fn is_http_url(text: &str) -> bool {
    is_plain(text) || port(text).is_some()
}

/// Returns `true` for a URL of the usual form: ASCII, lower-case scheme, host name, no port, no `%`, no `#`.
///
/// This fast check accepts most URLs. A text for which it returns `false` may still be a URL.
#[inline]
fn is_plain(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let rest = rest.as_bytes();
    let host = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')).count();
    let (host, rest) = rest.split_at(host);
    let named = host.iter().any(u8::is_ascii_alphanumeric);
    let starts = matches!(rest.first(), None | Some(b'/' | b'?'));
    named && starts && rest.iter().all(|b| IN_PLAIN[usize::from(*b)])
}

/// Characters that may follow the host in a URL of the usual form.
static IN_PLAIN: [bool; 256] = {
    let (mut allowed, mut n) = ([false; 256], 0_u8);
    while n < 128 {
        allowed[n as usize] =
            n.is_ascii_alphanumeric() || matches!(n, b'+'..=b'/' | b':' | b'=' | b'?' | b'@' | b'&' | b'_' | b'~');
        n += 1;
    }
    allowed
};

/// Characters that browsers accept after the host of a URL, although the grammar requires them to be encoded.
const TOLERATED: [char; 7] = ['[', ']', '{', '}', '|', '^', '`'];

/// Returns the port of an http or https URL. A URL without a port has the default port of its scheme. Returns `None` if
/// the text is not such a URL.
fn port(text: &str) -> Option<u16> {
    // The third `/`, `?` or `#` ends the host. Tolerated characters after it are replaced, so that the grammar accepts
    // them.
    let strict: Cow<'_, str> = match text.match_indices(['/', '?', '#']).nth(2) {
        Some((path, _)) if text[path..].contains(TOLERATED) => {
            Cow::Owned([&text[..path], &text[path..].replace(TOLERATED, "_")].concat())
        }
        _ => Cow::Borrowed(text),
    };
    let url = IriStr::new(&strict).ok()?;
    let default = match url.scheme_str() {
        scheme if scheme.eq_ignore_ascii_case("https") => 443,
        scheme if scheme.eq_ignore_ascii_case("http") => 80,
        _ => return None,
    };
    let authority = url.authority_components()?;
    let port = match authority.port() {
        None | Some("") => default,
        Some(port) => port.parse().ok()?,
    };
    let named = authority.host().contains(char::is_alphanumeric) || authority.host().starts_with('[');
    (named && port != 0).then_some(port)
}

/// Returns a warning about the field `name` if the URL in this field has another port than `expected`. The service
/// might not call a port other than `expected`. Returns `None` if the text is not a URL.
pub fn port_warning(name: &'static str, url: &(impl AsRef<str> + ?Sized), expected: u16) -> Option<String> {
    let port = port(url.as_ref())?;
    (port != expected)
        .then(|| format!("{name}: the URL has port {port}; the service might not call a port other than {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[&str] = &[
        "https://shop.example",
        "http://shop.example/",
        "HTTPS://SHOP.EXAMPLE/Done?a=b&c=d#top",
        "https://shop.example:8443/x",
        "https://shop.example:/x",
        "https://user@shop.example/x",
        "https://[::1]/x",
        "https://127.0.0.1/x?y=%20",
        "https://상점.example/완료?주문=1",
        "https://shop.example?x=y",
        "https://shop.example/a[]=1|{b}",
        "https://shop.example/?items[]=1&x=`^",
    ];
    const BAD: &[&str] = &[
        "",
        "shop.example",
        "/done",
        "ftp://shop.example/",
        "https:shop.example",
        "https://",
        "https:///done",
        "https://./",
        "https://-/x",
        "https://shop.exam|ple/",
        "https://?x",
        "https://:443/",
        "https://shop example/",
        "https://shop.example/a b",
        "https://shop.example/%zz",
        "https://shop.example:99999/",
        "https://shop.example:0/",
        " https://shop.example",
        "https://shop.example/\n",
        "javascript:alert(1)",
        "https://shop.example/<x>",
    ];

    #[test]
    fn an_http_url_has_a_scheme_and_a_host() {
        for url in GOOD {
            assert!(is_http_url(url), "{url}");
        }
        for url in BAD {
            assert!(!is_http_url(url), "{url}");
        }
    }

    #[test]
    fn the_fast_check_accepts_only_urls() {
        // All texts made of up to four of these pieces.
        let pieces = ["https://", "http://", "a", ".", "-", "/", "?", "..", ":", "@", "&=", "+,~_", "%", "#", "["];
        let mut texts = vec![String::new()];
        let mut last = texts.clone();
        for _ in 0..4 {
            last = last.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
            texts.extend(last.iter().cloned());
        }
        for text in texts.iter().filter(|text| is_plain(text)) {
            assert!(port(text).is_some(), "{text}");
        }
        assert!(is_plain("https://shop.example/done?order=1"));
    }

    #[test]
    fn an_unexpected_port_causes_a_warning() {
        assert_eq!(port_warning("url", "https://shop.example/x", 443), None);
        assert_eq!(port_warning("url", &String::from("https://shop.example:443/x"), 443), None);
        assert!(
            port_warning("url", "https://shop.example:8443/x", 443).unwrap().starts_with("url: the URL has port 8443")
        );
        assert!(port_warning("url", "http://shop.example/x", 443).unwrap().contains("port 80"));
        assert_eq!(port_warning("url", "no url", 443), None);
    }
}
