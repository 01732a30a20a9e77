//! Sends one callback over HTTP.

use super::delivery::Delivery;
use crate::settings::Settings;
use std::fmt;
use std::io;
use std::time::Duration;

/// Timeout of the merchant's answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP client for callbacks, with restrictions on the addresses that it may call.
#[derive(Debug)]
pub(crate) struct Sender {
    http: reqwest::Client,
    anywhere: bool,
    /// The sandbox's own port, which is never called on this machine.
    own_port: u16,
}

/// Error of a callback that was not sent or not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SendError {
    InvalidUrl,
    OwnPort,
    OtherMachine,
    /// The request failed. Contains the reason.
    Failed(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidUrl => "not sent: this is not a valid URL",
            Self::OwnPort => "not sent: this is the URL of the sandbox itself",
            Self::OtherMachine => {
                "not sent: the sandbox calls only this machine; --callbacks-anywhere allows other machines"
            }
            Self::Failed(why) => why,
        })
    }
}

impl Sender {
    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Returns an error if the certificates of the settings cannot be read.
    pub(crate) fn new(settings: &Settings, own_port: u16) -> io::Result<Self> {
        Ok(Self { http: client(settings)?, anywhere: settings.callbacks_anywhere, own_port })
    }

    /// Sends a callback once, and returns the HTTP status of the answer.
    pub(super) async fn send(&self, delivery: &Delivery) -> Result<u16, SendError> {
        check_target(&delivery.url, self.anywhere, self.own_port)?;
        let mut request = self.http.post(&delivery.url).timeout(TIMEOUT);
        request = request.header("content-type", delivery.kind.media_type());
        if let Some(hash) = &delivery.hash {
            request = request.header("Auth-Hash", hash);
        }
        match request.body(delivery.body.clone()).send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(SendError::Failed(failure(&error))),
        }
    }
}

fn client(settings: &Settings) -> io::Result<reqwest::Client> {
    let builder = || {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        http.tls_danger_accept_invalid_certs(settings.danger_accept_any_callback_certificate)
    };
    let trusted = reqwest::Certificate::from_pem_bundle(&settings.callback_certificates).unwrap_or_default();
    if trusted.is_empty() && !settings.callback_certificates.is_empty() {
        let why = "the certificates for callbacks: expected PEM (-----BEGIN CERTIFICATE-----), found none";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let merged = builder().tls_certs_merge(trusted.clone()).build();
    // Callbacks over http are possible even on a machine without certificates.
    merged.or_else(|_| builder().tls_certs_only(trusted).build()).map_err(io::Error::other)
}

fn failure(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    let mut innermost: &dyn std::error::Error = error;
    let mut is_refused = false;
    while let Some(source) = innermost.source() {
        innermost = source;
        let io = innermost.downcast_ref::<io::Error>();
        is_refused |= io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused);
    }
    // The error itself contains the URL, which may contain secrets.
    let why =
        if std::error::Error::source(error).is_some() { innermost.to_string() } else { "unknown reason".to_owned() };
    if is_refused {
        return "no server listens there (connection refused)".into();
    }
    if let Some(hint) = certificate_hint(&why) {
        return format!("the certificate is not accepted: {why}; {hint}");
    }
    if why.contains("InvalidContentType") {
        return "the server does not use TLS; use a URL with http://".into();
    }
    if error.is_connect() { format!("no connection: {why}") } else { format!("the connection broke: {why}") }
}

/// Returns a remedy for a rejected certificate, according to the verifier's message. Returns `None` for other errors.
fn certificate_hint(why: &str) -> Option<&'static str> {
    if !why.starts_with("invalid peer certificate") {
        return None;
    }
    let hints = [
        (
            "CaUsedAsEndEntity",
            "it is an authority's (CA:TRUE); create a certificate with -addext basicConstraints=critical,CA:FALSE",
        ),
        (
            "not valid for",
            "create one with -addext subjectAltName=DNS:localhost,IP:127.0.0.1, or use a host name of the certificate",
        ),
        ("expired", "create a new certificate"),
        ("not valid yet", "compare this machine's clock with the certificate's dates"),
    ];
    let known = hints.into_iter().find(|(part, _)| why.contains(part)).map(|(_, hint)| hint);
    Some(known.unwrap_or("--callback-certificate FILE trusts your own certificate"))
}

/// Checks that a callback may be sent to a URL. The URL must be on this machine, unless other machines are allowed. The
/// sandbox's own port on this machine is never allowed, because the control API would accept the callback as a request.
fn check_target(url: &str, anywhere: bool, own_port: u16) -> Result<(), SendError> {
    let Ok(url) = reqwest::Url::parse(url) else { return Err(SendError::InvalidUrl) };
    let is_here = is_loopback(url.host_str().unwrap_or_default());
    if is_here && url.port_or_known_default() == Some(own_port) {
        return Err(SendError::OwnPort);
    }
    if anywhere || is_here { Ok(()) } else { Err(SendError::OtherMachine) }
}

/// Returns `true` if a host is `localhost` or a loopback address. Other names are not resolved.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_stay_on_this_machine() {
        for url in ["http://127.0.0.1:9/x", "http://localhost/", "https://[::1]:4/"] {
            assert_eq!(check_target(url, false, 8080), Ok(()), "{url}");
        }
        for url in ["http://127.0.0.1.evil.example/", "http://10.0.0.1/", "http://0.0.0.0/", "nothing"] {
            assert!(check_target(url, false, 8080).is_err(), "{url}");
        }
        assert_eq!(check_target("https://shop.example/", true, 8080), Ok(()));
        for url in ["http://127.0.0.1:8080/sandbox/v1/reset", "http://localhost:8080/", "http://[::1]:8080/"] {
            assert!(check_target(url, true, 8080).is_err(), "{url} must be rejected as the sandbox itself");
        }
    }
}
