//! Error of a call: the reason, whether the request may have taken effect, and the service's message. Its texts contain
//! no URL, header, credential or sensitive member of the request.

use crate::decode::envelope::Undecodable;
use crate::evidence::Mismatch;
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::violation::Violations;
use std::fmt;
use std::time::Duration;

/// Error of a call. Check [`outcome`](Self::outcome) first.
pub struct Error<C>(Box<ErrorDetails<C>>);

struct ErrorDetails<C> {
    operation: &'static str,
    outcome: Outcome,
    kind: Kind,
    code: Option<C>,
    /// Codes of the reply as received, in the order of [`least_certain_first`]. They may contain secrets.
    codes: Vec<String>,
    advice: Option<Advice>,
    message: Option<String>,
    http_status: Option<u16>,
    raw: Option<Raw>,
    excerpt: Option<String>,
    /// Set if the service refused the access token of the request.
    is_token_refused: bool,
    /// Set if the reply to an attempt states that the request was already done.
    says_done: bool,
    attempts: u32,
    elapsed: Duration,
}

/// Error of a library, with the text that describes it. For HTTP errors, this is the text of the innermost error.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) text: String,
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}

#[derive(Debug)]
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "without a client nothing is sent"))]
pub(crate) enum Kind {
    Invalid(Violations),
    /// A blocking client was called on a thread whose tasks it would block.
    #[cfg(feature = "blocking")]
    Misplaced,
    /// The request could not be built.
    Unsendable(Cause),
    /// There is no access token for the call. Contains the reason.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "without a client nothing is fetched"))]
    NoToken(String),
    /// Fetching the access token has left too little time to send the request.
    NoTime,
    /// The caller's gate did not allow the attempt.
    Withheld,
    Connect(Cause),
    /// There was no complete reply in time.
    Timeout(Duration),
    /// The connection broke before the reply was complete.
    Interrupted(Cause),
    TooLong(usize),
    Redirect,
    /// The service rejected the request as documented.
    Refused,
    /// The reply shows neither success nor a documented failure.
    Undocumented,
    /// The HTTP status means failure. Contains its documented meaning.
    Status(&'static str),
    /// The envelope shows success, but the HTTP status shows failure.
    Contradiction,
    Undecodable(Undecodable),
    /// The reply shows success, but a member that has to repeat a value of the request is absent or differs.
    Unbound(Mismatch),
    /// The reply is a rejection, but may be about another request.
    UnboundRefusal(Mismatch),
    /// A page of a list states its own position as the position of the next page.
    RepeatedPage,
    /// A page of a list lacks the member with the position of the next page.
    NoNextPage(&'static str),
    /// The list has more pages than this number, and the caller has set no limit.
    TooManyPages(u32),
}

/// Error codes and message of a reply.
#[derive(Default)]
pub(crate) struct Said {
    /// Codes in the order of [`least_certain_first`]. The first is the code of the error.
    pub(crate) codes: Vec<String>,
    pub(crate) message: Option<String>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) operation: &'static str,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl<C: ErrorCode> Error<C> {
    pub(crate) fn without_reply(progress: Progress, outcome: Outcome, kind: Kind) -> Self {
        Self(Box::new(ErrorDetails {
            operation: progress.operation,
            outcome,
            kind,
            code: None,
            codes: Vec::new(),
            advice: None,
            message: None,
            http_status: None,
            raw: None,
            excerpt: None,
            is_token_refused: false,
            says_done: false,
            attempts: progress.attempts,
            elapsed: progress.elapsed,
        }))
    }

    /// Creates an error from a reply. If `outcome` is a rejection, the advice for the error code may make it unknown.
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
        // A code that the spec lists is shown unchanged, even if its text contains a short secret. Any other code is
        // redacted like every text from the service. The advice is derived from the original code, so that redaction
        // cannot change the outcome.
        let operation = progress.operation;
        let code = said.codes.first().map(String::as_str);
        let is_listed = code.is_some_and(is_listed::<C>);
        inner.advice = code.map(|code| advice::<C>(operation, code).unwrap_or(Advice::Undocumented));
        inner.says_done = said.codes.iter().any(|code| advice::<C>(operation, code) == Some(Advice::AlreadyDone));
        inner.code = code.map(|code| match C::from_text(code) {
            listed if listed.is_known() => listed,
            _ => C::from_text(&redactor.message(code)),
        });
        inner.codes = said.codes;
        inner.message = said.message.map(|message| redactor.message(&message));
        inner.http_status = Some(raw.status());
        inner.excerpt = Some(redactor.excerpt(raw.body()));
        inner.raw = Some(raw);
        // A code that is listed only for other operations may mean here that the request has already taken effect.
        let is_elsewhere = inner.advice == Some(Advice::Undocumented) && is_listed;
        if outcome == Outcome::Rejected && (is_elsewhere || inner.advice.is_some_and(Advice::leaves_open)) {
            inner.outcome = Outcome::Unknown;
        }
        error
    }

    /// Returns the service's codes and message, for an error that replaces this one.
    #[cfg(feature = "client")]
    pub(crate) fn said(&self) -> Said {
        Said { codes: self.0.codes.clone(), message: self.0.message.clone() }
    }

    /// Returns the error code of the reply. If the reply has several codes, returns the one that leaves the outcome
    /// least certain.
    pub fn code(&self) -> Option<&C> {
        self.0.code.as_ref()
    }

    /// Returns all error codes of the reply, as received. They may contain secrets.
    #[cfg(feature = "client")]
    pub(crate) fn codes(&self) -> &[String] {
        &self.0.codes
    }

    /// Returns the advice for the error code in a reply of this operation, or `None` if the reply has no code.
    ///
    /// If the [`outcome`](Self::outcome) is unknown, the advice is to ask for the status, and not to send the request
    /// again, regardless of the code.
    pub fn advice(&self) -> Option<Advice> {
        Some(self.0.advice?.with_outcome(self.0.outcome))
    }

    /// Returns the advice for the error code alone, regardless of the outcome.
    #[cfg(feature = "client")]
    pub(crate) fn advice_of_code(&self) -> Option<Advice> {
        self.0.advice
    }
}

/// Returns `true` if the spec lists the code for replies of this operation.
pub(crate) fn is_known<C: ErrorCode>(operation: &str, code: &str) -> bool {
    advice::<C>(operation, code).is_some()
}

/// Sorts the codes of a reply, least certain first. The first codes mean that the request was already done. Then come
/// other codes that leave the outcome open, codes that the spec does not list for this operation, and the rest. A reply
/// rejects a request only if all its codes do.
pub(crate) fn least_certain_first<C: ErrorCode>(operation: &str, mut codes: Vec<String>) -> Vec<String> {
    codes.sort_by_key(|code| match advice::<C>(operation, code) {
        Some(Advice::AlreadyDone) => 0,
        Some(advice) if advice.leaves_open() => 1,
        None => 2,
        Some(_) => 3,
    });
    codes
}

/// Returns `true` if the spec lists the code for replies of any operation.
pub(crate) fn is_listed<C: ErrorCode>(code: &str) -> bool {
    as_listed::<C>(code).is_known()
}

/// Returns the advice for a code in a reply of this operation. Returns `None` if the spec does not list the code for
/// this operation.
fn advice<C: ErrorCode>(operation: &str, code: &str) -> Option<Advice> {
    as_listed::<C>(code).advice_in(operation)
}

/// Converts a text on the wire to an error code. Blanks around the text are ignored. A text in lower or mixed case
/// matches a code that the spec lists in capitals.
fn as_listed<C: ErrorCode>(code: &str) -> C {
    let exact = C::from_text(code.trim());
    if exact.is_known() { exact } else { C::from_text(&code.trim().to_ascii_uppercase()) }
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

    /// Sets the number of attempts and the duration of the call.
    pub(crate) fn ends(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// Converts the error of a call to the error of another call. The other call needed the result of the failed call,
    /// so the other call sent nothing. The error code is kept.
    pub(crate) fn instead_of(mut self, operation: &'static str, kind: Kind) -> Self {
        (self.0.operation, self.0.outcome, self.0.kind) = (operation, Outcome::NotSent, kind);
        (self.0.attempts, self.0.message, self.0.says_done) = (0, None, false);
        self
    }

    /// Notes that the service refused the access token of the request, unless the error code has a meaning that is not
    /// about credentials.
    pub(crate) fn refuses_token(mut self) -> Self {
        self.0.is_token_refused = matches!(self.0.advice, None | Some(Advice::CheckKey | Advice::Undocumented));
        self
    }

    /// Replaces the kind, because the next attempt could not be prepared, for example because there is no new token.
    /// The outcome, code and HTTP status of the last attempt are kept.
    pub(crate) fn without_another(mut self, renewed: Self) -> Self {
        self.0.kind = match renewed.0.kind {
            kind @ (Kind::NoToken(_) | Kind::Unsendable(_) | Kind::NoTime) => kind,
            other => Kind::NoToken(other.to_string()),
        };
        self
    }

    /// Notes that the reply to an earlier attempt states that the request was already done.
    pub(crate) fn after_saying_done(mut self) -> Self {
        self.0.says_done = true;
        self
    }

    /// Makes the outcome unknown, because an earlier attempt may have taken effect.
    pub(crate) fn with_unknown_outcome(mut self) -> Self {
        self.0.outcome = Outcome::Unknown;
        self
    }
}

impl<C> Error<C> {
    /// Returns the operation that was called.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Returns the outcome: whether the request took effect.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Returns the HTTP status, if it was received.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns the message of the service without secrets, on one line and limited in length.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the reply as received. It may contain secrets: do not log it.
    pub fn raw(&self) -> Option<&Raw> {
        self.0.raw.as_ref()
    }

    /// Returns an excerpt of the reply's body: at most 1 KiB, on one line, without secrets and sensitive members.
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// Returns the number of attempts, including one that a gate did not allow; 0 if there was none.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the duration of the call.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Returns `true` if there was no complete reply in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout(..))
    }

    /// Returns `true` if the last attempt sent nothing, because its connection failed. An earlier attempt may have been
    /// sent. If that attempt may have taken effect, the [`outcome`](Self::outcome) is unknown.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect(_))
    }

    /// Returns `true` if the caller's [`Gate`](crate::Gate) did not allow an attempt.
    #[cfg(feature = "client")]
    pub fn is_withheld(&self) -> bool {
        matches!(self.0.kind, Kind::Withheld)
    }

    /// Returns `true` if the reply could not be read.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Undecodable(_))
    }

    /// Returns the mismatch if a member shows that the reply is, or may be, about another request.
    pub fn mismatch(&self) -> Option<Mismatch> {
        match self.0.kind {
            Kind::Unbound(mismatch) | Kind::UnboundRefusal(mismatch) => Some(mismatch),
            _ => None,
        }
    }

    /// Returns `true` if the request breaks a rule; see [`violations`](Self::violations).
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.0.kind, Kind::Invalid(_))
    }

    /// Returns `true` if the request was not carried out, and the reason does not lie in the request itself. Examples
    /// of such reasons are the connection, the credentials, the access token, and the load of the service. The same
    /// request may be accepted later.
    ///
    /// Returns `false` if the outcome is unknown.
    pub fn may_be_accepted_later(&self) -> bool {
        match self.0.outcome {
            Outcome::NotSent => !self.is_invalid_request(),
            Outcome::Rejected => {
                self.is_about_credentials()
                    || self.0.advice == Some(Advice::TryLater)
                    || self.0.http_status == Some(429)
            }
            Outcome::Unknown => false,
        }
    }

    /// Returns `true` if the service replied to an attempt that the request was already done. The advice for a code of
    /// that reply is [`AlreadyDone`](Advice::AlreadyDone).
    ///
    /// If another process resolves the request, set `CallOptions::already_done` there.
    pub fn says_already_done(&self) -> bool {
        self.0.says_done
    }

    /// Returns `true` if the service refused the credentials or the access token, or if there is no token.
    pub(crate) fn is_about_credentials(&self) -> bool {
        self.0.is_token_refused
            || matches!(self.0.kind, Kind::NoToken(_))
            || self.0.advice == Some(Advice::CheckKey)
            || self.0.http_status == Some(401)
    }

    /// Returns the rules that the request breaks.
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
                "a blocking client in an async runtime: use the async client, or `may_block` in `spawn_blocking`",
            ),
            Self::Unsendable(cause) => write!(f, "the request cannot be built: {}", cause.text),
            Self::NoToken(why) => write!(f, "no access token for the call: {why}"),
            Self::NoTime => f.write_str("fetching the access token left too little time to send the request"),
            Self::Withheld => {
                f.write_str("the caller could not record the attempt, or is no longer allowed to send the request")
            }
            Self::Connect(cause) => write!(f, "no connection: {}", cause.text),
            Self::Timeout(limit) => write!(f, "no complete reply within {limit:?}"),
            Self::Interrupted(cause) => write!(f, "the connection broke before the reply was complete: {}", cause.text),
            Self::TooLong(limit) => write!(f, "the reply is longer than {limit} bytes"),
            Self::Redirect => f.write_str("the reply is a redirect, and redirects are not followed"),
            Self::Refused => f.write_str("refused"),
            Self::Undocumented => f.write_str("the reply shows neither success nor a documented failure"),
            Self::Status("") => f.write_str("the HTTP status shows failure"),
            Self::Status(means) => f.write_str(means),
            Self::Contradiction => f.write_str("the reply shows success, but its HTTP status shows failure"),
            Self::Undecodable(why) => why.fmt(f),
            Self::RepeatedPage => f.write_str("the page names itself as the next page"),
            Self::NoNextPage(name) => {
                write!(f, "the page lacks `{name}`, the position of the next page; entries may be missing")
            }
            Self::TooManyPages(most) => {
                write!(
                    f,
                    "the list has more than {most} pages; continue at its position, or set a limit with `at_most_pages`"
                )
            }
            Self::Unbound(Mismatch::Absent(name)) => {
                write!(f, "the reply shows success without `{name}`, which would prove that it is about this request")
            }
            Self::Unbound(Mismatch::NotPositive(name)) => write!(
                f,
                "the reply shows success, but its `{name}` is 0 or less, which does not prove that it is about this \
                 request"
            ),
            Self::Unbound(Mismatch::Differs(name) | Mismatch::Undated(name) | Mismatch::ClocksApart(name)) => {
                write!(f, "the reply does not show the success of this request: its `{name}` has another value")
            }
            Self::UnboundRefusal(Mismatch::Absent(name) | Mismatch::NotPositive(name)) => {
                write!(f, "the reply shows a refusal with an unclear `{name}`, so it may be about another request")
            }
            Self::UnboundRefusal(Mismatch::Differs(name) | Mismatch::Undated(name) | Mismatch::ClocksApart(name)) => {
                write!(f, "the reply does not show the refusal of this request: its `{name}` has another value")
            }
        }
    }
}

impl<C: ErrorCode> Error<C> {
    /// Writes the error without the operation and the outcome.
    pub(crate) fn write_reason(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        // For a rejection, the code and message say more than the kind.
        let said = inner.code.is_some() || inner.message.is_some();
        if !said || !matches!(inner.kind, Kind::Refused) {
            write!(f, "{}", inner.kind)?;
            if said {
                f.write_str(": ")?;
            }
        }
        if let Some(code) = &inner.code {
            f.write_str(code.as_text())?;
            if inner.advice == Some(Advice::Undocumented) {
                f.write_str(" (not documented)")?;
            }
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

impl<C: ErrorCode> fmt::Display for Error<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.0.operation, self.0.outcome)?;
        self.write_reason(f)
    }
}

/// Shows the same content as `Display`, which is safe to log.
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
            #[cfg(feature = "blocking")]
            Kind::Misplaced => None,
            Kind::NoToken(_)
            | Kind::NoTime
            | Kind::Withheld
            | Kind::Timeout(_)
            | Kind::TooLong(_)
            | Kind::Redirect
            | Kind::Refused
            | Kind::Undocumented
            | Kind::Status(_)
            | Kind::Contradiction
            | Kind::Unbound(_)
            | Kind::UnboundRefusal(_)
            | Kind::RepeatedPage
            | Kind::NoNextPage(_)
            | Kind::TooManyPages(_) => None,
        }
    }
}
