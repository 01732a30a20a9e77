//! Whether a client can be what its caller wants it to be. Everything is checked before the first request, and a
//! refusal says what to do.

use crate::check::Check;
use crate::operation::{Api, Credential};
use crate::rules::TextRules;
use crate::secret::SecretText;
use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

/// Why there is no client. Never shows a credential.
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

/// Checks the credentials against what the API says about them.
pub(crate) fn check_credentials(api: &Api, credentials: &[SecretText]) -> Result<(), ConfigError> {
    if credentials.len() != api.credentials.len() {
        let names: Vec<_> = api.credentials.iter().map(|credential| credential.name).collect();
        let given = credentials.len();
        return Err(ConfigError(format!("{} needs {}, {given} credentials were given", api.title, names.join(", "))));
    }
    let mut check = Check::new();
    for (credential, value) in api.credentials.iter().zip(credentials) {
        // Copied along with the text, in most cases; it would hide what the rest of the rules look for.
        if value.expose().contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ConfigError(format!(
                "{}: {} has a blank, a line break or a control character in it; was it copied with one?",
                api.title, credential.name
            )));
        }
        // Whatever the rules say: no message about a credential shows any of it.
        let rules = TextRules { sensitive: true, min: credential.rules.min.max(1), ..*credential.rules };
        check.text(credential.name, value.expose(), &rules);
    }
    check.finish().map_err(|violations| ConfigError(format!("a credential cannot be one: {violations}")))
}

/// Where requests go.
#[derive(Debug)]
pub(crate) struct Base {
    /// The URL as it is put before each path: no slash at its end.
    pub(crate) text: String,
    /// Whether it leads to this machine.
    pub(crate) is_loopback: bool,
    /// Whether it begins with https.
    pub(crate) is_encrypted: bool,
}

impl Base {
    /// Reads a base URL. None of its text is shown in the error: people put passwords into URLs.
    pub(crate) fn read(text: &str) -> Result<Self, ConfigError> {
        let refuse = |why: &str| ConfigError(format!("the base URL cannot be used: {why}"));
        let url = Url::parse(text.trim()).map_err(|error| refuse(&error.to_string()))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refuse("it has no host"))?;
        let is_loopback = is_loopback(host);
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => return Err(refuse("plain http goes to this machine only, use https://")),
            _ => return Err(refuse("it must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("a user name or password has no place in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it must end with its path, without `?` and `#`"));
        }
        let is_encrypted = url.scheme() == "https";
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), is_loopback, is_encrypted })
    }

    /// Keeps credentials that move real money off connections that anybody on this machine can read.
    pub(crate) fn check_environment(&self, api: &Api, credentials: &[SecretText]) -> Result<(), ConfigError> {
        let is_live = |(credential, value): (&Credential, &SecretText)| {
            credential.environment(value.expose()).is_some_and(|name| name.eq_ignore_ascii_case("live"))
        };
        match api.credentials.iter().zip(credentials).find(|pair| !self.is_encrypted && is_live(*pair)) {
            Some((credential, _)) => Err(ConfigError(format!(
                "{}: {} is one for real money, and does not go over plain http; use a test one here",
                api.title, credential.name
            ))),
            None => Ok(()),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let error = Base::read(url).unwrap_err().to_string();
            assert!(error.starts_with("the base URL cannot be used: ") && !error.contains("canary"), "{url}: {error}");
        }
    }
}
