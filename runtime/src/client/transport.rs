//! One attempt at one request over HTTP. Other modules build the request, decide about retries and interpret the reply.

use crate::client::config::{Base, ConfigError};
use crate::error::{Cause, Kind};
use crate::operation::{Api, BodyFormat, Header, HeaderValue, Method, Operation, Segment};
use crate::outcome::Outcome;
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::secret::SecretText;
use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue as Value};
use reqwest::{Client, Url};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// Largest size of a reply in bytes. The replies of the known APIs are much shorter.
const LIMIT: usize = 8 * 1024 * 1024;

/// HTTP client of one API, and all data that is the same for every request.
pub(crate) struct Transport {
    client: Client,
    /// URL of each operation whose path has no parameters and no credentials, by the operation's index. The URLs have
    /// no query.
    fixed: Vec<Option<Url>>,
    /// Headers that are computed for each request: name, index of the value, prefix.
    computed: Vec<(HeaderName, usize, &'static str)>,
    /// `Some(true)` if the API's own headers set the content type of forms. `None` if they set no content type.
    default_is_form: Option<bool>,
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Time limits of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
    /// How long after an attempt its effect can still appear.
    pub(crate) conclusive: Duration,
}

/// Request as it is sent. Clones share the body, which is wiped when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// Values that were computed for this request and must not be shown.
    pub(crate) secrets: Arc<[SecretText]>,
    /// Generation of the access token in the request, if there is one.
    pub(crate) token: Option<u64>,
}

/// Attempt without a complete reply.
pub(crate) struct Failed {
    pub(crate) outcome: Outcome,
    pub(crate) kind: Kind,
}

/// HTTP status of an attempt, available as soon as it arrives.
#[derive(Default)]
pub(crate) struct StatusSeen(AtomicU16);

impl StatusSeen {
    pub(crate) fn get(&self) -> Option<u16> {
        Some(self.0.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }
}

impl Transport {
    pub(crate) fn new(
        api: &'static Api,
        base: &Base,
        credentials: &[SecretText],
        application: Option<&str>,
        limits: Limits,
        client: reqwest::ClientBuilder,
    ) -> Result<Self, ConfigError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, Value::from_static("application/json"));
        headers.insert(header::USER_AGENT, user_agent(api, application)?);
        let mut computed = Vec::new();
        for header in api.headers {
            let name = HeaderName::from_bytes(header.name.as_bytes())
                .map_err(|_| ConfigError::new(format!("`{}` is not a valid header name", header.name)))?;
            if let HeaderValue::Computed { index, prefix } = header.value {
                computed.push((name, index, prefix));
            } else {
                headers.insert(name, header_value(api, header, credentials)?);
            }
        }
        let default_is_form =
            headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes().starts_with(FORM.as_bytes()));
        let mut client = client
            .default_headers(headers)
            // A reply must not decide which host receives a request that moves money.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // The operation decides about retries, not the HTTP library.
            .retry(reqwest::retry::never())
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .https_only(!base.text.starts_with("http://"))
            // Each request has its own connection. On a shared connection, a late reply of a gateway could be taken for
            // the reply to the next request. Many rejections contain nothing that would reveal the mix-up.
            .pool_max_idle_per_host(0)
            // Bodies and headers contain secrets.
            .connection_verbose(false)
            .tls_danger_accept_invalid_certs(false)
            .tls_danger_accept_invalid_hostnames(false)
            .connect_timeout(limits.connect.min(limits.attempt));
        if base.is_loopback {
            // Plain http is meant only for this machine. A proxy could run on another machine, and a resolver could map
            // the name `localhost` to another machine.
            let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
            client = client.no_proxy().resolve_to_addrs("localhost", &here);
        }
        if !base.is_encrypted {
            // Without redirects and proxies no connection uses https, so certificates are not needed. Small containers
            // often have no certificates.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|error| not_built(&innermost(&error.without_url())))?;
        let mut fixed = vec![None; api.operations.len()];
        for operation in api.operations {
            if let (Some(slot), Some(path)) = (fixed.get_mut(operation.index), fixed_path(operation)) {
                *slot = Some(url(base, &path, "")?);
            }
        }
        Ok(Self { client, fixed, computed, default_is_form })
    }

    /// Returns the URL of an operation, or `None` if its path has parameters or credentials.
    pub(crate) fn fixed_url(&self, operation: &Operation) -> Option<&Url> {
        self.fixed.get(operation.index)?.as_ref()
    }

    pub(crate) fn computed_headers(&self) -> &[(HeaderName, usize, &'static str)] {
        &self.computed
    }

    /// Returns the content type to add for a body. Returns `None` if there is no body, or if the API's own headers
    /// already set the right content type.
    pub(crate) fn content_type(&self, body: BodyFormat) -> Option<Value> {
        let is_form = body == BodyFormat::Form;
        let fits = self.default_is_form == Some(is_form);
        (body.is_some() && !fits).then(|| Value::from_static(if is_form { FORM } else { JSON }))
    }

    /// Sends a request once and reads the complete reply.
    pub(crate) async fn attempt(
        &self,
        outgoing: Outgoing,
        redactor: &Redactor,
        seen: &StatusSeen,
    ) -> Result<Raw, Failed> {
        let mut request = reqwest::Request::new(method(outgoing.method), outgoing.url);
        *request.headers_mut() = outgoing.headers;
        *request.body_mut() = outgoing.body.map(Into::into);
        let mut reply = match self.client.execute(request).await {
            Ok(reply) => reply,
            Err(error) => return Err(failed(error, seen, redactor)),
        };
        let status = reply.status().as_u16();
        seen.0.store(status, Ordering::Relaxed);
        let too_long = || Failed { outcome: Outcome::Unknown, kind: Kind::TooLong(LIMIT) };
        let announced = usize::try_from(reply.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > LIMIT {
            return Err(too_long());
        }
        let mut body = Vec::with_capacity(announced);
        loop {
            match reply.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LIMIT => return Err(too_long()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(failed(error, seen, redactor)),
            }
        }
        let headers = reply.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Ok(Raw::from_parts(status, headers, body))
    }
}

/// Derives from an error whether the request was sent. Only a failed connection, or a request that could not be built,
/// proves that nothing was sent.
fn failed(error: reqwest::Error, seen: &StatusSeen, redactor: &Redactor) -> Failed {
    let error = error.without_url();
    let (is_connect, is_builder) = (error.is_connect(), error.is_builder());
    let mut text = redactor.message(&innermost(&error));
    if text.contains("UnknownIssuer") {
        // The proxy or the servers of a company often have a certificate of a private issuer.
        text.push_str("; give the issuer's certificate to `root_certificates`, or set SSL_CERT_FILE to its path");
    }
    let cause = Cause { text, source: Box::new(error) };
    let before = seen.get().is_none();
    let (outcome, kind) = if before && is_builder {
        (Outcome::NotSent, Kind::Unsendable(cause))
    } else if before && is_connect {
        (Outcome::NotSent, Kind::Connect(cause))
    } else {
        (Outcome::Unknown, Kind::Interrupted(cause))
    };
    Failed { outcome, kind }
}

/// Creates the error for an HTTP client that cannot be built.
fn not_built(why: &str) -> ConfigError {
    // The platform's verifier reports missing certificates only as text. A test in an environment without certificates
    // checks that the text is still the same.
    if why.contains("No CA certificates") {
        let set = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| std::env::var_os(name).is_some());
        let why = match set {
            Some(name) => format!("none were found at the path in {name}"),
            None => "this machine has none".to_owned(),
        };
        return ConfigError::new(format!(
            "https needs CA certificates, and {why}: install them (the package `ca-certificates` on most systems), set \
             the environment variable SSL_CERT_FILE or SSL_CERT_DIR to the path of certificates in PEM, or give them \
             to `root_certificates`"
        ));
    }
    ConfigError::new(format!("the HTTP client cannot be set up: {why}"))
}

/// Returns the URL of a path below a base URL.
pub(crate) fn url(base: &Base, path: &str, query: &str) -> Result<Url, ConfigError> {
    let mark = if query.is_empty() { "" } else { "?" };
    Url::parse(&[&base.text, path, mark, query].concat())
        .map_err(|error| ConfigError::new(format!("invalid path: {error}")))
}

fn fixed_path(operation: &Operation) -> Option<String> {
    let literal = |segment: &Segment| match segment {
        Segment::Literal(text) => Some(*text),
        Segment::Parameter(_) | Segment::Credential(_) => None,
    };
    operation.path.iter().map(literal).collect()
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn user_agent(api: &Api, application: Option<&str>) -> Result<Value, ConfigError> {
    let own = api.user_agent;
    let Some(application) = application else { return Ok(Value::from_static(own)) };
    Value::try_from(format!("{own} {application}")).ok().filter(|value| value.to_str().is_ok()).ok_or_else(|| {
        ConfigError::new("the application's name contains characters that are not allowed in an HTTP header")
    })
}

fn header_value(api: &Api, header: &Header, credentials: &[SecretText]) -> Result<Value, ConfigError> {
    let (text, name, is_secret) = match header.value {
        HeaderValue::Credential { index, prefix } => {
            let secret = credentials.get(index).map(SecretText::expose).unwrap_or_default();
            let name = api.credentials.get(index).map_or(header.name, |credential| credential.name);
            (SecretText::from([prefix, secret].concat()), name, true)
        }
        HeaderValue::Constant(text) => (SecretText::from(text), header.name, api.is_sensitive(header.name)),
        // Computed for each request.
        HeaderValue::Computed { .. } => (SecretText::default(), header.name, true),
    };
    let refused = || {
        ConfigError::new(format!(
            "{}: {name} contains characters that are not allowed in an HTTP header; was it copied with a blank or a line break?",
            api.title
        ))
    };
    // Checked here, because a server would trim blanks at the ends, and the HTTP library accepts non-ASCII characters.
    if text.expose().trim() != text.expose() || !text.expose().is_ascii() {
        return Err(refused());
    }
    let mut value = Value::from_str(text.expose()).map_err(|_| refused())?;
    value.set_sensitive(is_secret);
    Ok(value)
}

/// Returns the innermost error text, because the outer errors only wrap it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
