//! Client that generated clients wrap: checks a request, sends it, retries where that is safe, and reads the reply.
//!
//! [`transport`] makes one attempt, [`retry`] decides whether to make another attempt, and [`reply`](crate::reply)
//! interprets the reply.

pub(crate) mod attempts;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;
pub(crate) mod builder;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod gate;
pub(crate) mod observe;
pub(crate) mod options;
pub(crate) mod pages;
mod prepare;
pub(crate) mod rate_limit;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod token;
mod transport;

use crate::client::attempts::{AttemptLog, Ended, Keeps, RequestIdentity, UnderWay};
use crate::client::clock::{Clock, time_of_day, within};
use crate::client::config::Base;
use crate::client::gate::Gate;
use crate::client::observe::{Event, Observer, attempt_span, call_span};
use crate::client::options::CallOptions;
use crate::client::prepare::Token;
use crate::client::rate_limit::RateLimit;
use crate::client::retry::{Random, RetryBudget, RetryPolicy, may_send_again, retry_after};
use crate::client::token::{TokenCaches, says_expired};
use crate::client::transport::{Failed, Limits, Outgoing, StatusSeen, Transport};
use crate::compute::TokenRule;
use crate::error::{Cause, Error, Kind, Progress, Said};
use crate::evidence::Comparison;
use crate::operation::{Api, Operation, Recovery};
use crate::outcome::{ErrorCode, Outcome};
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::reply::{interpret, with_raw};
use crate::request::{Request, Typed};
use crate::secret::SecretText;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tracing::Instrument;

/// Client of an API. Cheap to clone; clones share the retry budget and the log of attempts. Its `Debug` shows no
/// credential.
pub struct Core<C> {
    pub(crate) inner: Arc<Inner>,
    pub(crate) options: CallOptions,
    /// Gate that is called before each attempt at the gate's operation. `None` without an outbox.
    pub(crate) gate: Option<Arc<dyn Gate>>,
    pub(crate) code: PhantomData<fn() -> C>,
}

pub(crate) struct Inner {
    pub(crate) api: &'static Api,
    pub(crate) base: Base,
    pub(crate) credentials: Vec<SecretText>,
    pub(crate) redactor: Redactor,
    pub(crate) transport: Transport,
    pub(crate) limits: Limits,
    pub(crate) retries: RetryPolicy,
    pub(crate) budget: RetryBudget,
    pub(crate) random: Random,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) confirmations: RateLimit,
    pub(crate) attempts: AttemptLog,
    pub(crate) tokens: TokenCaches,
}

impl<C> Clone for Core<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), options: self.options, gate: self.gate.clone(), code: PhantomData }
    }
}

impl<C> fmt::Debug for Core<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Core");
        debug.field("api", &self.inner.api.name).field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

impl<C> Core<C> {
    /// Returns the description of the API.
    pub fn api(&self) -> &'static Api {
        self.inner.api
    }

    /// Returns the base URL, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.inner.base.text
    }

    /// Returns the credentials, in the order of [`Api::credentials`].
    pub fn credentials(&self) -> &[SecretText] {
        &self.inner.credentials
    }

    /// Returns a client whose calls use `options`. A setting that `options` does not contain keeps the value of this
    /// client.
    pub fn with(&self, options: CallOptions) -> Self {
        let options = options.or(self.options);
        Self { inner: self.inner.clone(), options, gate: self.gate.clone(), code: PhantomData }
    }

    /// Returns the same client with a gate that is called before each attempt at the gate's operation.
    #[cfg(feature = "outbox")]
    pub(crate) fn gated(mut self, gate: Arc<dyn Gate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Returns `true` if the service replied to an earlier attempt that the request was already done, according to the
    /// options.
    #[cfg(feature = "outbox")]
    pub(crate) fn reports_already_done(&self) -> bool {
        self.options.already_done
    }

    /// Returns warnings about settings that are allowed but probably not intended. Log them at startup.
    pub fn warnings(&self) -> Vec<String> {
        let (given, least) = (self.attempt_limit(), self.inner.api.timeouts.warn_below);
        let short = (given < least).then(|| {
            format!(
                "{given:?} per attempt is short: the service may take up to {least:?} to answer, and a call that times \
                 out has an unknown outcome"
            )
        });
        short.into_iter().collect()
    }

    /// Returns the environment of the first credential whose prefix indicates an environment.
    pub(crate) fn environment(&self) -> Option<&'static str> {
        let pairs = self.inner.api.credentials.iter().zip(&self.inner.credentials);
        pairs.filter_map(|(credential, value)| credential.environment(value.expose())).next()
    }

    /// Returns the time of day, according to the clock of this client.
    pub fn wall_clock(&self) -> SystemTime {
        time_of_day(&*self.inner.clock)
    }

    fn attempt_limit(&self) -> Duration {
        self.options.attempt.unwrap_or(self.inner.limits.attempt)
    }

    fn total_limit(&self) -> Duration {
        self.options.total.unwrap_or(self.inner.limits.total)
    }
}

impl<C: ErrorCode> Core<C> {
    /// Sends a request and reads its reply. Needs a tokio runtime with I/O and time enabled.
    ///
    /// The future may be dropped at any time. A request that was sent by then may still take effect. No further attempt
    /// is made.
    ///
    /// # Errors
    ///
    /// Returns an error if the call does not succeed. The outcome of the error states whether the request may have
    /// taken effect.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Reply, Error<C>> {
        self.call_and_note(request, false).await
    }

    /// Sends a request and reads its reply, like [`call`](Self::call). However, a rejection keeps its outcome even if
    /// an earlier call of the request may have taken effect. Only resolutions use this method, because they check
    /// earlier attempts themselves.
    pub(crate) async fn call_once_more<R: Request>(&self, request: &R) -> Result<R::Reply, Error<C>> {
        self.call_and_note(request, true).await
    }

    /// Sends a request, reads its reply, and records the result in the attempt log. An error gets an unknown outcome if
    /// an earlier attempt may have taken effect, unless `is_resolution` is set.
    async fn call_and_note<R: Request>(&self, request: &R, is_resolution: bool) -> Result<R::Reply, Error<C>> {
        let mut reply = None;
        let checked = self.inner.check(request);
        // The attempt log needs only requests that an operation can resolve.
        let key = R::OPERATION.resolve_with.and_then(|_| RequestIdentity::of(request));
        let (attempts, keeps) = (&self.inner.attempts, Keeps::of(R::OPERATION));
        let sent = key.filter(|_| checked.is_ok());
        let mut under_way = sent.map(|key| attempts.begin(key, self.wall_clock(), &*self.inner.clock, keeps));
        let kept = under_way.as_ref().map(UnderWay::kept).unwrap_or_default();
        let mut prepare = |token: Option<&Token>| self.inner.prepare(&Typed(request), token, &kept);
        let mut read = |raw: Raw, sent: &Outgoing| {
            let progress = Progress { operation: R::OPERATION.id, attempts: 1, elapsed: Duration::ZERO };
            let mut read = None;
            let redactor = || self.inner.redactor_of(request, &sent.secrets);
            let unbound = |kind, said, raw| Error::with_reply(progress, Outcome::Unknown, kind, said, raw, &redactor());
            let raw = match interpret(self.inner.api, R::OPERATION, progress, raw, &redactor, &mut read) {
                Ok(raw) => raw,
                // A rejection may name a payment. If it names a payment other than the payment of the request,
                // it does not reject this request. The number of entries in lists is not compared.
                Err(error) => {
                    let compare = Comparison::refusal(self.environment());
                    let mismatch = read.and_then(|named| request.bind(&compare, &named).err());
                    return Err(match (mismatch, error.raw()) {
                        (Some(mismatch), Some(raw)) if error.outcome() == Outcome::Rejected => {
                            unbound(Kind::UnboundRefusal(mismatch), error.said(), raw.clone())
                        }
                        _ => error,
                    });
                }
            };
            let success = with_raw(read, raw.clone());
            if let Err(mismatch) = request.bind(&Comparison::success(self.environment()), &success) {
                return Err(unbound(Kind::Unbound(mismatch), Said::default(), raw));
            }
            reply = Some(success);
            Ok(())
        };
        // If `CallOptions::attempted` is set, there were earlier attempts that this client may not know of.
        let is_attempted = R::OPERATION.resolve_with.is_some() && self.options.attempted.is_some();
        let mut end = |failed: Option<&Error<C>>| {
            let ended = match failed.map(Error::outcome) {
                None => Ended::Success,
                Some(Outcome::Rejected) => Ended::Refused,
                Some(Outcome::NotSent) => Ended::NotSent,
                Some(Outcome::Unknown) if failed.is_some_and(Error::says_already_done) => Ended::AlreadyDone,
                Some(Outcome::Unknown) => Ended::Unknown,
            };
            let is_open = match under_way.take() {
                Some(under_way) => under_way.end(ended),
                None => key.is_some_and(|key| attempts.is_open(&key, keeps)),
            };
            !is_resolution && (is_open || is_attempted)
        };
        self.send(R::OPERATION, request.recovery(), checked, &mut prepare, &mut read, &mut end).await?;
        // `send` succeeds only after `read` has stored a reply, so this error does not occur.
        reply.ok_or_else(|| self.nothing(R::OPERATION, Kind::Undocumented, Outcome::Unknown))
    }

    fn nothing(&self, operation: &Operation, kind: Kind, outcome: Outcome) -> Error<C> {
        let progress = Progress { operation: operation.id, attempts: 0, elapsed: Duration::ZERO };
        Error::without_reply(progress, outcome, kind)
    }

    /// Makes a call. `end` is called with the error of the call, if there is one, and returns `true` if the outcome of
    /// this error is unknown. This method does not depend on the request type, so that it is not compiled again for each
    /// type.
    async fn send(
        &self,
        operation: &'static Operation,
        recovery: Recovery,
        checked: Result<(), Kind>,
        prepare: &mut Prepare<'_>,
        read: &mut Read<'_, C>,
        end: &mut End<'_, C>,
    ) -> Result<(), Error<C>> {
        let (inner, api) = (&*self.inner, self.inner.api.name);
        let started = inner.clock.now();
        let span = call_span(api, operation.id);
        let result = match checked {
            Ok(()) => self.attempts(operation, recovery, prepare, started, read).instrument(span.clone()).await,
            Err(kind) => Err(self.nothing(operation, kind, Outcome::NotSent)),
        };
        let elapsed = inner.since(started);
        let result = result.map_err(|error| {
            let attempts = error.attempts();
            error.ends(attempts, elapsed)
        });
        let is_unknown = end(result.as_ref().err());
        let result = result.map_err(|error| if is_unknown { error.with_unknown_outcome() } else { error });
        let event = match &result {
            Ok((attempts, status)) => Event::success(api, operation.id, *attempts, *status, elapsed),
            Err(error) => Event::failure(api, error, error.attempts(), elapsed, None),
        };
        event.end_call(&span);
        if let Some(observer) = &inner.observer {
            observer.call(&event);
        }
        result.map(|_| ())
    }

    /// Sends the request until it succeeds, or until no further attempt is safe or allowed. Returns the number of
    /// attempts and the HTTP status of the last one.
    async fn attempts(
        &self,
        operation: &'static Operation,
        recovery: Recovery,
        prepare: &mut Prepare<'_>,
        started: Instant,
        read: &mut Read<'_, C>,
    ) -> Result<(u32, u16), Error<C>> {
        let inner = &*self.inner;
        let rule = self.token_rule(operation);
        let mut outgoing = self.outgoing(operation, rule, None, started, prepare).await?;
        let mut earlier = Earlier { is_unknown: false, says_done: false, refusal: None };
        let mut is_renewed = false;
        let mut attempt = 1;
        loop {
            let began = inner.clock.now();
            let span = attempt_span(operation.id, attempt);
            let result = self.attempt(operation, &outgoing, started, read).instrument(span.clone()).await;
            let elapsed = inner.since(began);
            let lapsed = rule.filter(|rule| result.as_ref().is_err_and(|error| says_expired(rule, error)));
            let result = result.map_err(|error| if lapsed.is_some() { error.refuses_token() } else { error });
            let pause = match &result {
                Ok(_) => None,
                // A service that rejects the token has not carried out the request. If the reply nevertheless leaves
                // the outcome unknown, only a request that is safe to resend is sent again.
                Err(error) if lapsed.is_some() && !is_renewed => {
                    let may = error.outcome() == Outcome::Rejected || recovery == Recovery::Resend;
                    may.then_some(Duration::ZERO)
                }
                Err(error) => self.pause(recovery, error, attempt, started),
            };
            if let (Some(rule), None, Some(generation)) = (lapsed, pause, outgoing.token) {
                inner.tokens.forget(rule, generation);
            }
            let event = match &result {
                Ok(status) => Event::success(inner.api.name, operation.id, attempt, *status, elapsed),
                Err(error) => Event::failure(inner.api.name, error, attempt, elapsed, pause),
            };
            event.end_attempt(&span);
            if let Some(observer) = &inner.observer {
                observer.attempt(&event);
            }
            match (result, pause) {
                (Ok(status), _) => {
                    inner.budget.refill();
                    return Ok((attempt, status));
                }
                (Err(error), Some(pause)) => {
                    if !pause.is_zero() || lapsed.is_none() {
                        inner.clock.sleep(pause).await;
                    }
                    let refused_token = lapsed.and(outgoing.token);
                    is_renewed |= lapsed.is_some();
                    if lapsed.is_some() || inner.differs_each_time() {
                        // If the next attempt cannot be prepared, for example because there is no new token, this
                        // attempt was the last one.
                        outgoing = match self.outgoing(operation, rule, refused_token, started, prepare).await {
                            Ok(renewed) => renewed,
                            Err(renewed) => {
                                let error = earlier.conclude(error.without_another(renewed));
                                return Err(error.ends(attempt, Duration::ZERO));
                            }
                        };
                    }
                    earlier.note(error);
                    attempt += 1;
                }
                (Err(error), None) => return Err(earlier.conclude(error).ends(attempt, Duration::ZERO)),
            }
        }
    }

    /// Returns the request as it is sent, with a token if the operation needs one. `lapsed` is the generation of a
    /// token that the service has rejected.
    async fn outgoing(
        &self,
        operation: &'static Operation,
        rule: Option<&'static TokenRule>,
        lapsed: Option<u64>,
        started: Instant,
        prepare: &mut Prepare<'_>,
    ) -> Result<Outgoing, Error<C>> {
        let refused = |kind| self.nothing(operation, kind, Outcome::NotSent);
        let Some(rule) = rule else { return prepare(None).map_err(refused) };
        let token = self.token(operation, rule, lapsed, self.time_left(started)).await?;
        // If fetching the token has used up the time, the request is not sent. Its attempt could time out while
        // connecting, and its outcome would then count as unknown.
        if self.time_left(started) <= self.inner.limits.connect.min(self.total_limit() / 2) {
            return Err(self.nothing(operation, Kind::NoTime, Outcome::NotSent));
        }
        prepare(Some(&token)).map_err(refused)
    }

    /// Makes one attempt within the remaining time. Returns the HTTP status of a success.
    async fn attempt(
        &self,
        operation: &'static Operation,
        outgoing: &Outgoing,
        started: Instant,
        read: &mut Read<'_, C>,
    ) -> Result<u16, Error<C>> {
        let inner = &*self.inner;
        let gate = self.gate.as_ref().filter(|gate| gate.operation() == operation.id);
        if let Some(gate) = gate
            && gate.before_attempt().await.is_err()
        {
            return Err(self.nothing(operation, Kind::Withheld, Outcome::NotSent));
        }
        let limit = self.attempt_limit().min(self.time_left(started));
        let seen = StatusSeen::default();
        let exchange = inner.transport.attempt(outgoing.clone(), &inner.redactor, &seen);
        let failed = match within(&inner.clock, limit, exchange).await {
            Some(Ok(raw)) => {
                let status = raw.status();
                let result = read(raw, outgoing);
                if let (Some(gate), true) = (gate, result.as_ref().is_err_and(Error::says_already_done)) {
                    gate.after_already_done().await;
                }
                return result.map(|()| status);
            }
            Some(Err(failed)) => failed,
            None => Failed { outcome: Outcome::Unknown, kind: Kind::Timeout(limit) },
        };
        Err(self.nothing(operation, failed.kind, failed.outcome).with_status(seen.get()))
    }

    /// Returns the time until the limit of a call.
    fn time_left(&self, started: Instant) -> Duration {
        self.total_limit().saturating_sub(self.inner.since(started))
    }

    /// Returns the pause before the next attempt, or `None` if there is no further attempt. A further attempt has to be
    /// safe, and the retry policy, the time limit, `Retry-After` and the client's retry budget have to allow it.
    fn pause(&self, recovery: Recovery, error: &Error<C>, attempt: u32, started: Instant) -> Option<Duration> {
        let inner = &*self.inner;
        if !may_send_again(recovery, error) {
            return None;
        }
        let policy = self.options.retries.unwrap_or(inner.retries);
        let mut pause = policy.pause(attempt, &inner.random)?;
        let asked = error.raw().and_then(|raw| raw.header("retry-after"));
        let now = || jiff::Timestamp::try_from(self.wall_clock()).ok();
        if let Some(asked) = asked.and_then(|header| retry_after(header, now()?)) {
            if asked > RetryPolicy::LONGEST_RETRY_AFTER {
                return None;
            }
            pause = pause.max(asked);
        }
        let left = self.time_left(started);
        // After the pause, more time than the connect timeout must remain. Otherwise the attempt could time out while
        // connecting. Its outcome would then count as unknown, although nothing was sent.
        let enough = pause.saturating_add(inner.limits.connect) < left;
        (enough && inner.budget.take()).then_some(pause)
    }
}

/// Results of the earlier attempts of a call.
struct Earlier<C> {
    /// Set if an earlier attempt may have taken effect.
    is_unknown: bool,
    /// Set if the reply to an earlier attempt states that the request was already done.
    says_done: bool,
    /// Error of the last attempt that the service rejected.
    refusal: Option<Error<C>>,
}

impl<C: ErrorCode> Earlier<C> {
    fn note(&mut self, error: Error<C>) {
        self.says_done |= error.says_already_done();
        match error.outcome() {
            Outcome::Unknown => self.is_unknown = true,
            Outcome::Rejected => self.refusal = Some(error),
            Outcome::NotSent => {}
        }
    }

    /// Returns the error of the call, given the error of its last attempt. If an earlier attempt reached the service,
    /// the call does not count as "not sent", even if its last attempt was not sent.
    fn conclude(self, last: Error<C>) -> Error<C> {
        let last = if self.says_done { last.after_saying_done() } else { last };
        match self.refusal {
            _ if self.is_unknown => last.with_unknown_outcome(),
            Some(refusal) if last.outcome() == Outcome::NotSent => refusal,
            _ => last,
        }
    }
}

/// Function that reads and stores the reply to a sent request.
type Read<'a, C> = dyn FnMut(Raw, &Outgoing) -> Result<(), Error<C>> + Send + 'a;

/// Function that records the end of a call, given its error. Returns `true` if the outcome of the error is unknown.
type End<'a, C> = dyn FnMut(Option<&Error<C>>) -> bool + Send + 'a;

/// Function that prepares a request for sending, with a token if the operation needs one.
type Prepare<'a> = dyn FnMut(Option<&Token>) -> Result<Outgoing, Kind> + Send + 'a;

impl Inner {
    fn since(&self, start: Instant) -> Duration {
        self.clock.now().saturating_duration_since(start)
    }
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> Kind {
    // `error` is a `serde_json::Error` or a `ConfigError`. The texts of these errors contain no values of the request.
    Kind::Unsendable(Cause { text: error.to_string(), source: Box::new(error) })
}
