//! The client that generated clients wrap: checks a request, sends it, and reads the reply. Sending is the subject
//! of [`transport`](crate::transport), what a reply means of [`reply`](crate::reply).

use crate::check::Check;
use crate::config::{Base, ConfigError, check_credentials};
use crate::error::{Cause, Error, Kind, Progress};
use crate::hash::sha256_hex;
use crate::operation::{Api, Part, Segment};
use crate::outcome::{ErrorCode, Outcome};
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::reply::interpret;
use crate::request::{Query, Request, encode_body, encode_path};
use crate::rules::{Format, TextRules};
use crate::secret::SecretText;
use crate::transport::{Failed, Limits, Outgoing, Transport, url};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Calls an API. Cheap to clone; clones share connections. Its `Debug` shows no credential.
pub struct Core<C> {
    inner: Arc<Inner>,
    code: PhantomData<fn() -> C>,
}

struct Inner {
    api: &'static Api,
    base: Base,
    credentials: Vec<SecretText>,
    redactor: Redactor,
    transport: Transport,
}

impl<C> Clone for Core<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), code: PhantomData }
    }
}

impl<C> fmt::Debug for Core<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Core");
        debug.field("api", &self.inner.api.name).field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

impl<C> Core<C> {
    /// The API.
    pub fn api(&self) -> &'static Api {
        self.inner.api
    }

    /// Where requests go, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.inner.base.text
    }

    /// The credentials, in the API's order.
    pub fn credentials(&self) -> &[SecretText] {
        &self.inner.credentials
    }

    /// What is allowed but probably not meant, for a log at the start.
    pub fn warnings(&self) -> Vec<String> {
        let (given, least) = (self.inner.transport.timeout, self.inner.api.timeouts.warn_below);
        let short = (given < least).then(|| {
            format!("{given:?} per attempt is short: the service may answer after up to {least:?}, and a lost answer has to be settled")
        });
        short.into_iter().collect()
    }
}

impl<C: ErrorCode> Core<C> {
    /// Begins a client. The credentials come in the API's order.
    pub fn builder(api: &'static Api, credentials: Vec<SecretText>) -> CoreBuilder<C> {
        CoreBuilder {
            api,
            credentials,
            stage: api.default_stage,
            base_url: None,
            limits: Limits { connect: api.timeouts.connect, attempt: api.timeouts.attempt },
            application: None,
            code: PhantomData,
        }
    }

    /// Sends a request and reads its reply. Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    ///
    /// When there is no success; the error's outcome says whether the request may have taken effect.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Reply, Error<C>> {
        let started = Instant::now();
        let progress = |attempts| Progress { operation: R::OPERATION.id, attempts, elapsed: started.elapsed() };
        let outgoing =
            self.inner.prepare(request).map_err(|kind| Error::without_reply(progress(0), Outcome::NotSent, kind))?;
        // One attempt. Whether and when there is another belongs here.
        match self.inner.transport.attempt(outgoing, &self.inner.redactor).await {
            Ok(raw) => self.read(request, raw, progress(1)),
            Err(Failed { outcome, kind, status }) => {
                Err(Error::without_reply(progress(1), outcome, kind).with_status(status))
            }
        }
    }

    fn read<R: Request>(&self, request: &R, raw: Raw, progress: Progress) -> Result<R::Reply, Error<C>> {
        interpret(self.inner.api, R::OPERATION, progress, raw, || self.inner.redactor_of(request))
    }
}

impl Inner {
    fn prepare<R: Request>(&self, request: &R) -> Result<Outgoing, Kind> {
        let operation = R::OPERATION;
        request.validate().map_err(Kind::Invalid)?;
        let url = match self.transport.fixed_url(operation) {
            Some(fixed) => {
                let mut query = Query::default();
                request.query(&mut query);
                let mut url = fixed.clone();
                if !query.as_str().is_empty() {
                    url.set_query(Some(query.as_str()));
                }
                url
            }
            None => {
                check_path(request).map_err(Kind::Invalid)?;
                let mut query = Query::default();
                request.query(&mut query);
                url(&self.base, &encode_path(operation, request), query.as_str()).map_err(unsendable)?
            }
        };
        let body =
            if operation.body { Some(encode_body(request, &self.credentials).map_err(unsendable)?) } else { None };
        let headers = self.transport.hashed_headers(|parts| self.hash(parts, request));
        Ok(Outgoing { method: operation.method, url, headers, body })
    }

    fn hash(&self, parts: &[Part], request: &impl Request) -> String {
        let text = |part: &Part| match part {
            Part::Credential(index) => self.credentials.get(*index).map_or("", SecretText::expose).to_owned(),
            Part::Path(name) => request.parameter(name).to_owned(),
        };
        let texts: Vec<SecretText> = parts.iter().map(|part| text(part).into()).collect();
        sha256_hex(&texts.iter().map(SecretText::expose).collect::<Vec<_>>())
    }

    /// The redactor, which also knows the hashes that prove the caller in this request.
    fn redactor_of(&self, request: &impl Request) -> Redactor {
        let hashes = self.transport.hashed_parts().map(|parts| self.hash(parts, request).into());
        let mut query = Query::default();
        request.query(&mut query);
        self.redactor
            .with(hashes.chain(self.redactor.values_of(request)).chain(self.redactor.values_in(query.as_str())))
    }
}

/// Refuses path parameters that would name another resource, whatever the field's own rules are: a URL's parser
/// takes `..` away, together with the segment before it.
fn check_path<R: Request>(request: &R) -> Result<(), crate::violation::Violations> {
    const SEGMENT: TextRules = TextRules { format: Some(Format::PathSegment), sensitive: true, ..TextRules::NONE };
    let mut check = Check::new();
    for segment in R::OPERATION.path {
        if let Segment::Parameter(name) = segment {
            check.text(name, request.parameter(name), &SEGMENT);
        }
    }
    check.finish()
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> Kind {
    // Both errors that come here are made of fixed texts and names.
    Kind::Unsendable(Cause { text: error.to_string(), source: Box::new(error) })
}

/// Configures a [`Core`]. Its `Debug` shows no credential.
#[must_use]
pub struct CoreBuilder<C> {
    api: &'static Api,
    credentials: Vec<SecretText>,
    stage: usize,
    base_url: Option<String>,
    limits: Limits,
    application: Option<String>,
    code: PhantomData<fn() -> C>,
}

impl<C> fmt::Debug for CoreBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL has not been checked yet: it may have a password in it.
        f.debug_struct("CoreBuilder").field("api", &self.api.name).finish_non_exhaustive()
    }
}

impl<C: ErrorCode> CoreBuilder<C> {
    /// Sends requests to this stage, by its place in the API's list.
    pub fn stage(mut self, index: usize) -> Self {
        self.stage = index;
        self
    }

    /// Sends requests to this URL instead of a stage's. It may have a path. Plain http only to this machine.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// How long to wait for a connection.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect = timeout;
        self
    }

    /// How long one attempt may take, from connecting to the end of the reply.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.limits.attempt = timeout;
        self
    }

    /// Names the application in the user agent.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.application = Some(name.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// When a credential or another setting cannot be used; the message says why.
    pub fn build(self) -> Result<Core<C>, ConfigError> {
        let Self { api, credentials, stage, base_url, limits, application, code } = self;
        check_credentials(api, &credentials)?;
        if limits.connect.is_zero() || limits.attempt.is_zero() {
            return Err(ConfigError::new("a timeout of nothing lets no request through"));
        }
        let base = match (&base_url, api.stages.get(stage)) {
            (Some(url), _) => Base::read(url)?,
            (None, Some(stage)) => Base::read(stage.base_url)?,
            (None, None) => return Err(ConfigError::new(format!("{} has no stage number {stage}", api.title))),
        };
        let transport = Transport::new(api, &base, &credentials, application.as_deref(), limits)?;
        let redactor = Redactor::of(api, credentials.clone());
        Ok(Core { inner: Arc::new(Inner { api, base, credentials, redactor, transport }), code })
    }
}
