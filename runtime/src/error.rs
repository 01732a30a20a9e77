//! The one error type of a call: what happened, whether the request may have taken effect, and what the service
//! said. Nothing it prints has a URL, a header, a credential or a sensitive member in it.

use crate::decode::envelope::Undecodable;
use crate::evidence::Mismatch;
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::violation::Violations;
use std::fmt;
use std::time::Duration;

/// Why a call failed. See [`outcome`](Self::outcome) first.
pub struct Error<C>(Box<Inner<C>>);

struct Inner<C> {
    operation: &'static str,
    outcome: Outcome,
    kind: Kind,
    code: Option<C>,
    advice: Option<Advice>,
    message: Option<String>,
    http_status: Option<u16>,
    raw: Option<Raw>,
    excerpt: Option<String>,
    attempts: u32,
    elapsed: Duration,
}

/// Another library's error, with its innermost reason in words.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) text: String,
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}

/// What happened. The order of the words in `Display` is decided there.
#[derive(Debug)]
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "without a client nothing is sent"))]
pub(crate) enum Kind {
    /// The request breaks a rule.
    Invalid(Violations),
    /// A blocking client was called where waiting would keep tasks from running.
    #[cfg(feature = "blocking")]
    Misplaced,
    /// The request could not be put on the wire.
    Unsendable(Cause),
    /// There is no token to call with; why, in words.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "without a client nothing is fetched"))]
    NoToken(String),
    /// The caller has not let it be sent.
    Withheld,
    /// No connection.
    Connect(Cause),
    /// No complete reply in time.
    Timeout(Duration),
    /// The connection broke.
    Interrupted(Cause),
    /// The reply is longer than anything the service has to say.
    TooLong(usize),
    /// The reply sends the caller elsewhere.
    Redirect,
    /// The service said no, as documented.
    Refused,
    /// Neither the value for success nor that for failure.
    Undocumented,
    /// An HTTP status that says failure; the words that the description has for it.
    Status(&'static str),
    /// Success by the envelope, failure by the HTTP status.
    Contradiction,
    /// The reply could not be read.
    Undecodable(Undecodable),
    /// The reply says success, and nothing binds it to the request.
    Unbound(Mismatch),
    /// A page of a list says that the next one begins where it begins itself.
    RepeatedPage,
    /// A page of a list lacks the member that says where the next one begins.
    NoNextPage(&'static str),
}

/// What a service said about a failure.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

/// How far a call came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) operation: &'static str,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl<C: ErrorCode> Error<C> {
    /// An error without a reply.
    pub(crate) fn without_reply(progress: Progress, outcome: Outcome, kind: Kind) -> Self {
        Self(Box::new(Inner {
            operation: progress.operation,
            outcome,
            kind,
            code: None,
            advice: None,
            message: None,
            http_status: None,
            raw: None,
            excerpt: None,
            attempts: progress.attempts,
            elapsed: progress.elapsed,
        }))
    }

    /// An error from a reply. The code's advice can only make the outcome less certain.
    pub(crate) fn with_reply(
        progress: Progress,
        outcome: Outcome,
        kind: Kind,
        said: Said,
        raw: Raw,
        redactor: &Redactor,
    ) -> Self {
        let mut error = Self::without_reply(progress, outcome, kind);
        let inner = &mut *error.0;
        // The code is a text of the service too, and unknown ones are kept.
        // What it means is judged by what came: a secret that happens to stand in it must not change the outcome.
        inner.advice = said.code.as_deref().map(advice::<C>);
        inner.code = said.code.map(|code| C::from_text(&redactor.message(&code)));
        inner.message = said.message.map(|message| redactor.message(&message));
        inner.http_status = Some(raw.status());
        inner.excerpt = Some(redactor.excerpt(raw.body()));
        inner.raw = Some(raw);
        if outcome == Outcome::Rejected && inner.advice.is_some_and(Advice::leaves_open) {
            inner.outcome = Outcome::Unknown;
        }
        error
    }

    /// What the service said, for an error that replaces this one.
    #[cfg(feature = "client")]
    pub(crate) fn said(&self) -> Said {
        Said { code: self.0.code.as_ref().map(|code| code.as_text().to_owned()), message: self.0.message.clone() }
    }

    /// A documented refusal that says that it was done before, for a request that the service would have recognized: then
    /// another request did it.
    #[cfg(feature = "client")]
    pub(crate) fn by_another(mut self) -> Self {
        let inner = &mut *self.0;
        if inner.advice == Some(Advice::AlreadyDone) && matches!(inner.kind, Kind::Refused) {
            inner.outcome = Outcome::Rejected;
        }
        self
    }

    /// The code that the service gave.
    pub fn code(&self) -> Option<&C> {
        self.0.code.as_ref()
    }

    /// What to do about the code; `None` without one.
    pub fn advice(&self) -> Option<Advice> {
        self.0.advice
    }
}

/// Whether the spec has the code. Blanks and lower case do not make another one.
pub(crate) fn is_known<C: ErrorCode>(code: &str) -> bool {
    C::from_text(code).is_known() || C::from_text(&code.trim().to_ascii_uppercase()).is_known()
}

/// Blanks and lower case do not make another code.
fn advice<C: ErrorCode>(code: &str) -> Advice {
    let exact = C::from_text(code).advice();
    if exact.leaves_open() { exact } else { C::from_text(&code.trim().to_ascii_uppercase()).advice() }
}

#[cfg(feature = "client")]
impl<C> Error<C> {
    pub(crate) fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.http_status = status;
        self
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The error of a call that is over: how often it was tried, and how long it took.
    pub(crate) fn ends(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// The error of another call that this one needed first: nothing was sent for this one. Its code stays.
    pub(crate) fn instead_of(mut self, operation: &'static str, kind: Kind) -> Self {
        (self.0.operation, self.0.outcome, self.0.kind) = (operation, Outcome::NotSent, kind);
        (self.0.attempts, self.0.message) = (0, None);
        self
    }

    /// An earlier attempt may have taken effect, whatever this one says.
    pub(crate) fn after_a_doubt(mut self) -> Self {
        self.0.outcome = Outcome::Unknown;
        self
    }
}

impl<C> Error<C> {
    /// The operation that was called.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Whether the request took effect.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// The HTTP status, if there was a reply.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// What the service said in words, on one line, bounded, without secrets.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The reply as it came. It can have secrets in it: do not log it.
    pub fn raw(&self) -> Option<&Raw> {
        self.0.raw.as_ref()
    }

    /// What can be shown of the reply's body: at most 1 KiB, sensitive members replaced.
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// How often the request was sent, or tried to; 0 when it was not even tried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Whether no complete reply came in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout(..))
    }

    /// Whether there was no connection, so that nothing was sent.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect(_))
    }

    /// Whether the caller's [`Gate`](crate::Gate) has kept it from being sent.
    #[cfg(feature = "client")]
    pub fn is_withheld(&self) -> bool {
        matches!(self.0.kind, Kind::Withheld)
    }

    /// Whether a reply came that could not be read.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Undecodable(_))
    }

    /// The member that shows that the reply is not about this request: it is absent, or has another value.
    pub fn mismatch(&self) -> Option<Mismatch> {
        match self.0.kind {
            Kind::Unbound(mismatch) => Some(mismatch),
            _ => None,
        }
    }

    /// Whether the request breaks a rule; see [`violations`](Self::violations).
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.0.kind, Kind::Invalid(_))
    }

    /// The rules that the request breaks.
    pub fn violations(&self) -> Option<&Violations> {
        match &self.0.kind {
            Kind::Invalid(violations) => Some(violations),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violations) => write!(f, "the request breaks a rule: {violations}"),
            #[cfg(feature = "blocking")]
            Self::Misplaced => f.write_str(
                "a blocking client inside an async runtime: use the async client, or `may_block` inside `spawn_blocking`",
            ),
            Self::Unsendable(cause) => write!(f, "the request cannot be written: {}", cause.text),
            Self::NoToken(why) => write!(f, "there is no token to call with: {why}"),
            Self::Withheld => f.write_str("withheld by the caller, who could not record the attempt or has lost the request"),
            Self::Connect(cause) => write!(f, "no connection: {}", cause.text),
            Self::Timeout(limit) => write!(f, "no complete reply within {limit:?}"),
            Self::Interrupted(cause) => write!(f, "the connection broke before the reply was complete: {}", cause.text),
            Self::TooLong(limit) => write!(f, "the reply is longer than {limit} bytes"),
            Self::Redirect => f.write_str("the reply points elsewhere, and redirects are not followed"),
            Self::Refused => f.write_str("refused"),
            Self::Undocumented => f.write_str("the reply says neither success nor a documented failure"),
            Self::Status("") => f.write_str("the HTTP status says failure"),
            Self::Status(means) => f.write_str(means),
            Self::Contradiction => f.write_str("the reply says success, its HTTP status says failure"),
            Self::Undecodable(why) => why.fmt(f),
            Self::RepeatedPage => f.write_str("the page says that the next one begins where it begins itself"),
            Self::NoNextPage(name) => {
                write!(f, "the page has no `{name}` that says where the next one begins, so that entries may be missing")
            }
            Self::Unbound(Mismatch::Absent(name)) => {
                write!(f, "the reply says success without `{name}`, which would show that it is about this request")
            }
            Self::Unbound(
                Mismatch::Differs(name) | Mismatch::Undated(name) | Mismatch::ClocksApart(name),
            ) => {
                write!(f, "the reply is about another request: its `{name}` is not the one that was sent")
            }
        }
    }
}

impl<C: ErrorCode> fmt::Display for Error<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: {}: ", inner.operation, inner.outcome)?;
        // A refusal says nothing that the code does not say better.
        let said = inner.code.is_some() || inner.message.is_some();
        if !said || !matches!(inner.kind, Kind::Refused) {
            write!(f, "{}", inner.kind)?;
            if said {
                f.write_str(": ")?;
            }
        }
        if let Some(code) = &inner.code {
            f.write_str(code.as_text())?;
        }
        if let Some(message) = &inner.message {
            let gap = if inner.code.is_some() { " " } else { "" };
            write!(f, "{gap}\"{message}\"")?;
        }
        let mut before = " (";
        if let Some(status) = inner.http_status {
            write!(f, "{before}HTTP {status}")?;
            before = ", ";
        }
        if inner.attempts > 0 {
            let attempts = if inner.attempts == 1 { "attempt" } else { "attempts" };
            write!(f, "{before}{} {attempts}, {} ms", inner.attempts, inner.elapsed.as_millis())?;
            before = ", ";
        }
        if before == ", " { f.write_str(")") } else { Ok(()) }
    }
}

/// As safe as `Display`, and as complete.
impl<C: ErrorCode> fmt::Debug for Error<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("operation", &inner.operation)
            .field("outcome", &inner.outcome)
            .field("what", &inner.kind.to_string())
            .field("code", &inner.code.as_ref().map(C::as_text))
            .field("message", &inner.message)
            .field("http_status", &inner.http_status)
            .field("attempts", &inner.attempts)
            .field("elapsed", &inner.elapsed)
            .finish_non_exhaustive()
    }
}

impl<C: ErrorCode> std::error::Error for Error<C> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Invalid(violations) => Some(violations),
            Kind::Undecodable(why) => Some(why),
            Kind::Unsendable(cause) | Kind::Connect(cause) | Kind::Interrupted(cause) => Some(&*cause.source),
            _ => None,
        }
    }
}
