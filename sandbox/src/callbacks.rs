//! Callbacks on their way to the merchant: sent, and where that is documented sent again, until somebody takes them.

use crate::clock::{FURTHEST, kst};
use crate::settings::Settings;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long the merchant has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When, in Korea.
    pub at: String,
    /// What came of it.
    pub result: String,
}

/// What a callback tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Telling {
    /// A completed payment, as a form.
    ResultV1,
    /// A completed payment, in JSON.
    ResultV2,
    /// A store's completed application.
    Registration,
    /// The end of all card companies' reviews.
    CardAudit,
}

impl Telling {
    fn label(self) -> &'static str {
        match self {
            Self::ResultV1 => "application/x-www-form-urlencoded;charset=UTF-8",
            _ => "application/json;charset=UTF-8",
        }
    }

    /// Only the result callback's page speaks of sending again.
    fn is_sent_again(self) -> bool {
        matches!(self, Self::ResultV1 | Self::ResultV2)
    }

    /// The word on the wire of the control API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResultV1 => "result_v1",
            Self::ResultV2 => "result_v2",
            Self::Registration => "registration",
            Self::CardAudit => "card_audit",
        }
    }
}

/// A callback.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Its number, from 1.
    pub number: usize,
    /// What it tells of.
    pub telling: Telling,
    /// The payment's token, or the store's MID.
    pub about: String,
    /// Where it goes.
    pub url: String,
    /// What is sent.
    pub body: String,
    /// The attempts so far.
    pub attempts: Vec<Attempt>,
    /// Whether the merchant has answered 200.
    pub taken: bool,
    /// The `Auth-Hash` that goes with it, where one does.
    #[serde(skip)]
    pub(crate) hash: Option<String>,
    /// When it was sent first.
    #[serde(skip)]
    pub(crate) since: SystemTime,
    /// How many attempts of the schedule were made.
    #[serde(skip)]
    pub(crate) scheduled: usize,
}

/// Which callback: its place, in the list that was begun after so many resets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which {
    pub place: usize,
    pub resets: u64,
}

/// A callback that is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub telling: Telling,
    pub about: String,
    pub url: String,
    pub body: String,
    pub hash: Option<String>,
    /// When it came to that, if not just now.
    pub since: Option<SystemTime>,
}

/// A callback as it is kept in a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    telling: Telling,
    about: String,
    url: String,
    body: String,
    attempts: Vec<Attempt>,
    taken: bool,
    hash: Option<String>,
    since: SystemTime,
    scheduled: usize,
}

impl Delivery {
    pub(crate) fn new(number: usize, message: Message, now: SystemTime) -> Self {
        let Message { telling, about, url, body, hash, since } = message;
        let since = since.unwrap_or(now);
        Self { number, telling, about, url, body, attempts: Vec::new(), taken: false, hash, since, scheduled: 0 }
    }

    pub(crate) fn kept(&self) -> Kept {
        let Self { telling, about, url, body, attempts, taken, hash, since, scheduled, .. } = self.clone();
        Kept { telling, about, url, body, attempts, taken, hash, since, scheduled }
    }

    /// When it is to be sent next; none when nothing more is to be done.
    fn due(&self, schedule: &[Duration]) -> Option<SystemTime> {
        if self.taken {
            return None;
        }
        match self.scheduled.checked_sub(1) {
            None => Some(self.since),
            Some(n) => {
                let wait = schedule.get(n).filter(|_| self.telling.is_sent_again())?;
                Some(self.since + (*wait).min(FURTHEST))
            }
        }
    }
}

impl Kept {
    pub(crate) fn delivery(self, number: usize) -> Delivery {
        let Self { telling, about, url, body, attempts, taken, hash, since, scheduled } = self;
        Delivery { number, telling, about, url, body, attempts, taken, hash, since, scheduled }
    }
}

/// Sends a callback when it is due, and again by the schedule, until it is taken.
pub(crate) async fn deliver(world: Arc<World>, which: Which) {
    loop {
        let due = world.delivery(which).and_then(|delivery| delivery.due(&world.settings.callback_schedule));
        let Some(due) = due else { return };
        world.clock.until(due).await;
        // It may have been taken in the meantime, sent by hand.
        if world.delivery(which).is_some_and(|delivery| delivery.taken) {
            return;
        }
        send(&world, which, Some(due)).await;
    }
}

/// Sends a callback once: when it was due, even if the clock has jumped beyond that moment, or now.
pub(crate) async fn send(world: &World, which: Which, due: Option<SystemTime>) {
    let Some(delivery) = world.delivery(which) else { return };
    let at = kst(due.unwrap_or_else(|| world.clock.now())).to_string();
    let own = world.base_url.rsplit(':').next().and_then(|port| port.parse().ok());
    let result = match may_go_to(&delivery.url, world.settings.callbacks_anywhere, own) {
        Ok(()) => post(world, &delivery).await,
        Err(why) => Err(why),
    };
    let taken = result == Ok(200);
    let result = match result {
        Ok(status) => format!("HTTP {status}"),
        Err(why) => why,
    };
    world.tell_delivery(which, |own| {
        own.attempts.push(Attempt { at, result });
        own.taken |= taken;
        own.scheduled += usize::from(due.is_some());
    });
}

async fn post(world: &World, delivery: &Delivery) -> Result<u16, String> {
    let mut request = world.http.post(&delivery.url).timeout(PATIENCE);
    request = request.header("content-type", delivery.telling.label());
    if let Some(hash) = &delivery.hash {
        request = request.header("Auth-Hash", hash);
    }
    match request.body(delivery.body.clone()).send().await {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => Err(failure(&error)),
    }
}

/// The client that sends callbacks.
///
/// # Errors
///
/// Returns an error if the certificates of the settings cannot be read.
pub(crate) fn client(settings: &Settings) -> io::Result<reqwest::Client> {
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
    // A machine may have no certificates of its own. Callbacks over http go out all the same.
    merged.or_else(|_| builder().tls_certs_only(trusted).build()).map_err(io::Error::other)
}

/// What failed, in words and in those of the part that it failed in.
fn failure(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut innermost: &dyn std::error::Error = error;
    let mut is_refused = false;
    while let Some(source) = innermost.source() {
        innermost = source;
        let io = innermost.downcast_ref::<io::Error>();
        is_refused |= io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused);
    }
    // The error itself names the URL, which may have secrets in it.
    let why =
        if std::error::Error::source(error).is_some() { innermost.to_string() } else { "no reason given".to_owned() };
    if is_refused {
        return "nobody listens there (connection refused)".into();
    }
    if let Some(hint) = certificate_hint(&why) {
        return format!("the certificate is not accepted: {why}; {hint}");
    }
    if why.contains("InvalidContentType") {
        return "what listens there does not speak TLS; its URL begins with http://".into();
    }
    if error.is_connect() { format!("no connection: {why}") } else { format!("the connection broke off: {why}") }
}

/// What to do about a certificate that is not accepted, by the verifier's words; `None` if it is about something else.
fn certificate_hint(why: &str) -> Option<&'static str> {
    if !why.starts_with("invalid peer certificate") {
        return None;
    }
    let hints = [
        (
            "CaUsedAsEndEntity",
            "it is an authority's (CA:TRUE); make one with -addext basicConstraints=critical,CA:FALSE",
        ),
        (
            "not valid for",
            "make one with -addext subjectAltName=DNS:localhost,IP:127.0.0.1, or call the name that it has",
        ),
        ("expired", "make a new one"),
        ("not valid yet", "compare this machine's clock with the certificate's dates"),
    ];
    let known = hints.into_iter().find(|(part, _)| why.contains(part)).map(|(_, hint)| hint);
    Some(known.unwrap_or("--callback-certificate FILE trusts one of your own"))
}

/// Whether a callback may be sent there: to this machine, unless more is allowed, and never to the sandbox's own port,
/// whose control API would take it for an order.
fn may_go_to(url: &str, anywhere: bool, own: Option<u16>) -> Result<(), String> {
    let Ok(url) = reqwest::Url::parse(url) else { return Err("this is no URL".into()) };
    let is_here = is_loopback(url.host_str().unwrap_or_default());
    if is_here && own.is_some() && url.port_or_known_default() == own {
        return Err("not sent: this is the sandbox itself".into());
    }
    if anywhere || is_here {
        return Ok(());
    }
    Err("not sent: the sandbox calls this machine only; --callbacks-anywhere allows more".into())
}

/// Whether a host is this machine, by its notation alone.
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
            assert_eq!(may_go_to(url, false, Some(8080)), Ok(()), "{url}");
        }
        for url in ["http://127.0.0.1.evil.example/", "http://10.0.0.1/", "http://0.0.0.0/", "nothing"] {
            assert!(may_go_to(url, false, Some(8080)).is_err(), "{url}");
        }
        assert_eq!(may_go_to("https://shop.example/", true, Some(8080)), Ok(()));
        for url in ["http://127.0.0.1:8080/sandbox/v1/reset", "http://localhost:8080/", "http://[::1]:8080/"] {
            assert!(may_go_to(url, true, Some(8080)).is_err(), "{url} is the sandbox itself");
        }
    }
}
