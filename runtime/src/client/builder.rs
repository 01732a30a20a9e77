//! Builder of a client. Checks all settings before the first request.

use crate::client::attempts::AttemptLog;
use crate::client::clock::{Clock, SystemClock};
use crate::client::config::{Base, ConfigError, check_credentials, slip};
use crate::client::observe::Observer;
use crate::client::options::CallOptions;
use crate::client::rate_limit::RateLimit;
use crate::client::retry::{Random, RetryBudget, RetryPolicy};
use crate::client::token::TokenCaches;
use crate::client::transport::{Limits, Transport};
use crate::client::{Core, Inner};
use crate::operation::Api;
use crate::outcome::ErrorCode;
use crate::redact::Redactor;
use crate::secret::SecretText;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// Default limits of the calls that confirm unproven messages: the burst, and the average number per second.
const CONFIRMATIONS: (u32, u32) = (50, 20);

impl<C: ErrorCode> Core<C> {
    /// Creates a builder. `credentials` are in the order of [`Api::credentials`].
    pub fn builder(api: &'static Api, credentials: Vec<SecretText>) -> CoreBuilder<C> {
        CoreBuilder { setup: Box::new(Setup::of(api, credentials)), code: PhantomData }
    }
}

/// Builder of a [`Core`]. Its `Debug` shows no credential.
#[must_use]
pub struct CoreBuilder<C> {
    setup: Box<Setup>,
    code: PhantomData<fn() -> C>,
}

/// Settings that do not depend on the API's error codes. The type has no parameters, so that it is compiled once, and
/// not in each generated crate.
struct Setup {
    api: &'static Api,
    credentials: Vec<SecretText>,
    stage: usize,
    base_url: Option<String>,
    limits: Limits,
    retries: RetryPolicy,
    application: Option<String>,
    random: Random,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
    http: Option<reqwest::ClientBuilder>,
    proxy: Option<SecretText>,
    roots: Vec<Vec<u8>>,
    confirmations: (u32, u32),
}

impl Setup {
    fn of(api: &'static Api, credentials: Vec<SecretText>) -> Self {
        let times = api.timeouts;
        Self {
            api,
            credentials,
            stage: api.default_stage,
            base_url: None,
            limits: Limits {
                connect: times.connect,
                attempt: times.attempt,
                total: times.total,
                conclusive: times.accepted_within.saturating_add(times.shown_within),
            },
            retries: RetryPolicy::standard(),
            application: None,
            random: Random::default(),
            clock: Arc::new(SystemClock),
            observer: None,
            http: None,
            proxy: None,
            roots: Vec::new(),
            confirmations: CONFIRMATIONS,
        }
    }
}

impl<C> fmt::Debug for CoreBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is not shown, because it may contain a password before it is checked.
        f.debug_struct("CoreBuilder").field("api", &self.setup.api.name).finish_non_exhaustive()
    }
}

impl<C: ErrorCode> CoreBuilder<C> {
    /// Selects a stage by its index in [`Api::stages`].
    pub fn stage(mut self, index: usize) -> Self {
        self.setup.stage = index;
        self
    }

    /// Sets a base URL instead of a stage. It may have a path. Plain http is allowed only for a loopback address.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.setup.base_url = Some(url.into());
        self
    }

    /// Sets the time limit for connecting.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.setup.limits.connect = timeout;
        self
    }

    /// Sets the time limit of one attempt, from connecting to the end of the reply.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.setup.limits.attempt = timeout;
        self
    }

    /// Sets the time limit of a call with all its attempts and pauses.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.setup.limits.total = timeout;
        self
    }

    /// Sets how long after an attempt its effect can still appear. This is the sum of two durations. The first is how
    /// long the service may take to accept the request. The second is how long an accepted request may be missing from
    /// the answers to status queries. Before this time has passed, the absence of an effect proves nothing.
    pub fn conclusive_after(mut self, time: Duration) -> Self {
        self.setup.limits.conclusive = time;
        self
    }

    /// Sets how often and how soon a request is sent again.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.setup.retries = policy;
        self
    }

    /// Adds the name of the application to the user agent.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.setup.application = Some(name.into());
        self
    }

    /// Sets the observer of attempts and calls.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.setup.observer = Some(observer);
        self
    }

    /// Limits the calls that confirm unproven messages to `burst` calls in a row, and `per_second` calls on average.
    /// The defaults are 50 and 20. All clones of the client share the limit. Messages with a text that most senders of
    /// forged messages do not know, such as a secret of the order, have priority.
    pub fn confirmations(mut self, burst: u32, per_second: u32) -> Self {
        self.setup.confirmations = (burst, per_second);
        self
    }

    /// Sets another clock, for tests in virtual time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.setup.clock = clock;
        self
    }

    /// Sets another source of random pauses, for reproducible tests.
    pub fn random(mut self, random: Random) -> Self {
        self.setup.random = random;
        self
    }

    /// Sets the URL of a proxy, such as `http://user:password@proxy.example:3128`. By default, the client uses the
    /// proxy that environment variables such as `HTTPS_PROXY` specify. Requests to a loopback address never use a
    /// proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.setup.proxy = Some(SecretText::from(url.into()));
        self
    }

    /// Adds trusted root certificates, in PEM.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.setup.roots.push(pem.into());
        self
    }

    /// Sets the HTTP client to build on. For safety, `build` overrides some settings of `http`. The client then follows
    /// no redirects and has no hidden retries. It needs TLS 1.2 or newer with a valid certificate, and uses plain http
    /// only for a loopback address. Each request has its own connection. This builder's connect timeout replaces that
    /// of `http`. The client's own headers replace the headers of `http` that have the same names.
    pub fn http_client(mut self, http: reqwest::ClientBuilder) -> Self {
        self.setup.http = Some(http);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Returns an error if a credential or another setting cannot be used. The message gives the reason.
    pub fn build(self) -> Result<Core<C>, ConfigError> {
        let inner = self.setup.build()?;
        Ok(Core { inner: Arc::new(inner), options: CallOptions::new(), gate: None, code: PhantomData })
    }
}

impl Setup {
    fn build(self) -> Result<Inner, ConfigError> {
        let Self { api, credentials, limits, .. } = self;
        check_credentials(api, &credentials)?;
        if limits.conclusive.is_zero() {
            return Err(ConfigError::new(
                "conclusive_after: must be more than zero, because a missing effect would otherwise count as proof \
                 immediately; give the time in which the effect of an attempt can appear",
            ));
        }
        for (name, limit) in [("connect", limits.connect), ("attempt", limits.attempt), ("total", limits.total)] {
            if limit.is_zero() {
                return Err(ConfigError::new(format!("the {name} timeout: must be more than zero")));
            }
        }
        let base = match (&self.base_url, api.stages.get(self.stage)) {
            (Some(url), _) => Base::read(url)?,
            (None, Some(stage)) => Base::read(stage.base_url)?,
            (None, None) => {
                return Err(ConfigError::new(format!("{} has no stage number {}", api.title, self.stage)));
            }
        };
        base.check_environment(api, &credentials)?;
        let http = with_proxy(self.http.unwrap_or_default(), self.proxy.as_ref())?;
        let http = with_roots(http, &self.roots)?;
        let transport = Transport::new(api, &base, &credentials, self.application.as_deref(), limits, http)?;
        let redactor = Redactor::of(api, credentials.clone());
        Ok(Inner {
            api,
            base,
            credentials,
            redactor,
            transport,
            limits,
            retries: self.retries,
            budget: RetryBudget::full(),
            random: self.random,
            clock: self.clock,
            observer: self.observer,
            confirmations: RateLimit::new(self.confirmations.0, self.confirmations.1),
            attempts: AttemptLog::default(),
            tokens: TokenCaches::new(api),
        })
    }
}

/// Adds the proxy. Errors do not show the URL of the proxy, because it may contain a password.
fn with_proxy(http: reqwest::ClientBuilder, url: Option<&SecretText>) -> Result<reqwest::ClientBuilder, ConfigError> {
    let Some(url) = url else { return Ok(http) };
    if let Some(slip) = slip(url.expose().trim()) {
        return Err(ConfigError::new(format!("the proxy's address {slip}")));
    }
    let proxy = reqwest::Proxy::all(url.expose().trim())
        .map_err(|_| ConfigError::new("the proxy's address is not a URL such as http://proxy.example:3128"))?;
    Ok(http.proxy(proxy))
}

fn with_roots(mut http: reqwest::ClientBuilder, roots: &[Vec<u8>]) -> Result<reqwest::ClientBuilder, ConfigError> {
    for pem in roots {
        let certificates = reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default();
        if certificates.is_empty() {
            return Err(ConfigError::new(match pem.as_slice() {
                // A certificate in DER begins with the tag of a sequence and a length of two bytes.
                [0x30, 0x82, ..] => "the root certificates: expected PEM, found DER; run `openssl x509 -inform der`",
                text if text.len() < 1024 && !text.contains(&b'\n') => {
                    "the root certificates: expected PEM, found a single line; give the content of the file, not its path"
                }
                _ => "the root certificates: no certificate in PEM found",
            }));
        }
        for certificate in certificates {
            http = http.add_root_certificate(certificate);
        }
    }
    Ok(http)
}
