//! Checks of the client's settings. All settings are checked before the first request.

use crate::check::Check;
use crate::check::TextRules;
use crate::operation::{Api, Credential};
use crate::secret::SecretText;
use reqwest::Url;
use rules::name_of_invisible;
use std::fmt;
use std::net::IpAddr;

/// Error for a setting that cannot be used. Its text never contains a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Checks the credentials against the API's rules.
pub(crate) fn check_credentials(api: &Api, credentials: &[SecretText]) -> Result<(), ConfigError> {
    if credentials.len() != api.credentials.len() {
        let names: Vec<_> = api.credentials.iter().map(|credential| credential.name).collect();
        let given = credentials.len();
        return Err(ConfigError(format!("{} needs {}; {given} credentials were given", api.title, names.join(", "))));
    }
    let mut check = Check::new();
    for (credential, value) in api.credentials.iter().zip(credentials).filter(|(of, _)| of.of_client) {
        // Copying mistakes are checked first. A copying mistake often breaks other rules too, but the messages about
        // these rules do not name the mistake.
        if let Some(slip) = slip(value.expose()).or_else(|| credential_slip(credential, value.expose())) {
            return Err(ConfigError(format!("{}: {} {slip}", api.title, credential.name)));
        }
        let found = check.found();
        // Messages about a broken rule never show any part of the credential, regardless of its rules.
        let rules = TextRules { sensitive: true, min: credential.rules.min.max(1), ..*credential.rules };
        check.text(credential.name, value.expose(), &rules);
        if check.found() == found
            && let Some(prefix) = misplaced_prefix(credential, value.expose())
        {
            return Err(ConfigError(format!(
                "{}: {} contains `{prefix}` but does not begin with it; was something copied in front of it, or was \
                 its case changed?",
                api.title, credential.name
            )));
        }
    }
    check.finish().map_err(|violations| ConfigError(format!("invalid credential: {violations}")))
}

/// Returns a known prefix that occurs in the middle of the credential, or at its start in other upper or lower case.
/// Such a credential would seem to belong to no environment, and the rules for live credentials would not apply to it.
fn misplaced_prefix(credential: &Credential, value: &str) -> Option<&'static str> {
    if credential.environment(value).is_some() {
        return None;
    }
    let folded = value.to_ascii_lowercase();
    let inside = |prefix: &&str| folded.contains(&prefix.to_ascii_lowercase());
    credential.environments.iter().map(|(prefix, _)| *prefix).find(inside)
}

/// Quotation marks of keyboards, word processors and input methods.
const QUOTES: [char; 19] =
    ['"', '\'', '`', '´', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '＂', '＇', '｀'];

/// Returns the problem of a setting that was copied inexactly, as the end of a sentence. The text contains no part of
/// the setting, except the code and name of an invisible character.
pub(crate) fn slip(text: &str) -> Option<String> {
    if text.contains(|c: char| (c.is_ascii() && c.is_whitespace()) || c.is_control()) {
        return Some("contains a blank, a line break or a control character; was it copied with one?".into());
    }
    let hidden = |c: char| match c {
        '\u{a0}' => Some("NO-BREAK SPACE"),
        '\u{3000}' => Some("IDEOGRAPHIC SPACE"),
        _ if c.is_whitespace() => Some("SPACE"),
        _ => name_of_invisible(c),
    };
    if let Some((c, name)) = text.chars().find_map(|c| Some((c, hidden(c)?))) {
        let code = u32::from(c);
        return Some(format!(
            "contains the invisible character U+{code:04X} {name}, probably copied from a web page or a document; type \
             the value again or copy it as plain text"
        ));
    }
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        return Some(
            "is in quotes: not every reader of .env files removes them; write the value without quotes".into(),
        );
    }
    if text.contains(|c| matches!(c, '\u{ff01}'..='\u{ff5e}')) {
        return Some("contains full-width characters, as typed with a Korean or Japanese input method".into());
    }
    let is_variable = text.strip_prefix('$').is_some_and(is_name_of_variable);
    let is_placeholder = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%", "%")];
    if is_variable
        || is_placeholder.iter().any(|(open, close)| text.len() > 1 && text.starts_with(open) && text.ends_with(close))
    {
        return Some("is a placeholder that was not replaced by its value".into());
    }
    if text
        .split_once('=')
        .is_some_and(|(name, value)| is_name_of_variable(name) && !value.trim_matches('=').is_empty())
    {
        return Some("begins with the name of its variable: give only the value after the `=`".into());
    }
    text.ends_with([',', ';']).then(|| "ends with a comma or a semicolon; was it copied with one?".into())
}

/// Returns `true` if the text has the form of an environment variable's name, such as `SHOP_URL`.
fn is_name_of_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Returns a problem that only a credential can have, as the end of a sentence.
fn credential_slip(credential: &Credential, text: &str) -> Option<String> {
    if let Some((n, c)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
        let masks = ['\u{2022}', '\u{25cf}', '\u{2026}', '\u{2217}', '\u{22ef}'];
        if masks.contains(&c) {
            return Some(MASKED.into());
        }
        return Some(format!(
            "has the character U+{:04X} at position {}, which only looks like a letter or digit of ASCII; type the value \
             again or copy it as plain text",
            u32::from(c),
            n + 1
        ));
    }
    if text.contains("***") || text.contains("...") {
        return Some(MASKED.into());
    }
    if text.contains('\\') {
        return Some("contains a backslash; is it an escape such as `\\n` that was not interpreted?".into());
    }
    if ["null", "undefined", "None", "nil"].contains(&text) {
        return Some("is a program's notation for an unset value, such as `null`".into());
    }
    let is_bare = credential.environments.iter().any(|(prefix, _)| *prefix == text);
    is_bare.then(|| "consists only of its prefix; the rest is missing".into())
}

const MASKED: &str = "is masked or abbreviated, as dashboards and logs show it; copy the whole value";

/// Base URL of a client.
#[derive(Debug)]
pub(crate) struct Base {
    /// URL before each path, without a slash at the end.
    pub(crate) text: String,
    pub(crate) is_loopback: bool,
    pub(crate) is_encrypted: bool,
}

impl Base {
    /// Parses a base URL. The error shows no part of it, because a URL may contain a password.
    pub(crate) fn read(text: &str) -> Result<Self, ConfigError> {
        let refuse = |why: &str| ConfigError(format!("the base URL cannot be used: {why}"));
        let text = text.trim();
        if text.is_empty() {
            return Err(refuse("it is empty"));
        }
        if let Some(slip) = slip(text) {
            return Err(refuse(&format!("it {slip}")));
        }
        let url = match Url::parse(text) {
            // `localhost:8080` parses as a URL with the scheme `localhost`.
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            _ if !text.contains("://") => return Err(refuse(without_scheme(text))),
            Ok(_) => return Err(refuse("it must begin with https://")),
            Err(error) => return Err(refuse(&error.to_string())),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refuse("it has no host"))?;
        let is_loopback = is_loopback(host);
        match url.scheme() {
            "https" | "http" if matches!(host, "http" | "https") => return Err(refuse("it has `://` twice")),
            "https" => {}
            "http" if is_loopback => {}
            "http" if matches!(host, "0.0.0.0" | "[::]") => {
                return Err(refuse(
                    "0.0.0.0 and [::] are for listening; a client calls http://127.0.0.1 or http://[::1]",
                ));
            }
            _ => return Err(refuse("plain http is allowed only for this machine; use https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it must not have a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it must end with its path, without `?` and `#`"));
        }
        let is_encrypted = url.scheme() == "https";
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), is_loopback, is_encrypted })
    }

    /// Returns an error for live credentials with an unencrypted connection, because other programs on this machine
    /// could read them.
    pub(crate) fn check_environment(&self, api: &Api, credentials: &[SecretText]) -> Result<(), ConfigError> {
        let is_live = |(credential, value): (&Credential, &SecretText)| {
            credential.environment(value.expose()).is_some_and(|name| name.eq_ignore_ascii_case("live"))
        };
        match api.credentials.iter().zip(credentials).find(|pair| !self.is_encrypted && is_live(*pair)) {
            Some((credential, _)) => Err(ConfigError(format!(
                "{}: {} is a live credential and must not be sent over plain http; use a test credential or https",
                api.title, credential.name
            ))),
            None => Ok(()),
        }
    }
}

/// Returns the correction for a URL without a scheme.
fn without_scheme(text: &str) -> &'static str {
    if text.starts_with("http//") || text.starts_with("https//") {
        return "it lacks the colon after its scheme: begin it with http:// or https://";
    }
    if text.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()) {
        return "an IPv6 address needs a scheme and brackets, such as http://[::1]:8080";
    }
    let host = Url::parse(&format!("http://{}", text.trim_start_matches('/')));
    match host.ok().and_then(|url| url.host_str().map(is_loopback)) {
        Some(true) => "it has no scheme: begin it with http://",
        _ => "it has no scheme: begin it with https://, or with http:// if it leads to this machine",
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        Base::read(url).unwrap_err().to_string()
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for url in [
            "https://api.example",
            "http://127.0.0.1:8080",
            "http://127.9.9.9/",
            "http://[::1]:1",
            "http://LOCALHOST/x/",
        ] {
            let base = Base::read(url).unwrap();
            assert_eq!(base.is_loopback, url.starts_with("http:"), "{url}");
            assert!(!base.text.ends_with('/'), "{}", base.text);
        }
        for url in [
            "http://api.example",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::ffff:127.0.0.1]/",
            "ftp://127.0.0.1/",
            "api.example",
            "",
            "https://canary:canary@api.example/",
            "http://canary@127.0.0.1/",
            "https://api.example/?canary",
            "https://api.example/#canary",
            "https://canary canary/",
        ] {
            let error = refused(url);
            assert!(error.starts_with("the base URL cannot be used: ") && !error.contains("canary"), "{url}: {error}");
        }
    }

    #[test]
    fn the_error_for_a_base_url_without_a_scheme_names_the_scheme() {
        for url in
            ["localhost:8080", "localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1/base", "//localhost:8080"]
        {
            assert_eq!(refused(url), "the base URL cannot be used: it has no scheme: begin it with http://", "{url}");
        }
        for url in ["api.example", "api.example:443", "api.example/v2", "//api.example", "pay.shop.example:443/x"] {
            assert!(refused(url).contains("it has no scheme: begin it with https://"), "{url}: {}", refused(url));
        }
        assert!(refused("http//localhost:8080").contains("lacks the colon"));
        assert!(refused("::1").contains("http://[::1]:8080"));
        assert!(refused("http://0.0.0.0:8080").contains("http://127.0.0.1"));
        assert!(refused("https://https://api.example").contains("twice"));
    }

    #[test]
    fn errors_name_the_characters_that_were_copied_with_a_base_url() {
        for (url, cause) in [
            ("\"https://api.example\"", "in quotes"),
            ("'http://localhost:8080'", "in quotes"),
            ("https://api.example\u{201d}", "in quotes"),
            ("https://api\u{200b}.example", "U+200B ZERO WIDTH SPACE"),
            ("\u{feff}https://api.example", "U+FEFF BYTE ORDER MARK"),
            ("https://api.exam\u{ad}ple", "U+00AD SOFT HYPHEN"),
            ("https://api.example/\u{a0}x", "U+00A0 NO-BREAK SPACE"),
            ("https://api.\nexample", "a line break"),
            ("https://api. example", "a blank"),
            ("https：//api.example", "full-width"),
            ("SHOP_URL=https://api.example", "name of its variable"),
            ("${SHOP_URL}", "placeholder"),
            ("$SHOP_URL", "placeholder"),
            ("http://localhost:8080,", "comma"),
            ("  ", "it is empty"),
        ] {
            assert!(refused(url).contains(cause), "{url:?}: {}", refused(url));
        }
        // Blanks and line breaks around a URL are ignored.
        assert_eq!(Base::read(" https://api.example/v2/ \r\n").unwrap().text, "https://api.example/v2");
    }
}
