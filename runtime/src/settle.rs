//! Settling a doubt: a request got no good answer, and the caller has to know whether it took effect. How an operation
//! is settled is data; this is the procedure: send again where that is safe, ask, wait, and end with done, not done,
//! or still unknown after a bounded time.

use crate::client::Core;
use crate::error::Error;
use crate::operation::Recovery;
use crate::options::CallOptions;
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::request::Request;
use crate::violation::Violations;
use std::fmt;
use std::time::{Duration, Instant};

/// A request whose doubts can be settled. Generated.
pub trait Settle: Request {
    /// The request that asks what happened.
    type Question: Request;

    /// What the caller knows in advance about a success.
    type Expected: Send + Sync;

    /// How it is settled.
    const SETTLING: &'static Settling;

    /// The question about this request.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn question(&self) -> Result<Self::Question, Violations>;

    /// The answer in one word, of those that the tables of [`Settling`] know.
    fn word<'a>(&'a self, answer: &'a Answer<Self>) -> &'a str;

    /// The first member of the answer that is not what it must be.
    fn differs(&self, expected: &Self::Expected, answer: &Answer<Self>) -> Option<&'static str>;

    /// Whether it says enough to be sent again.
    fn may_resend(&self) -> bool {
        true
    }
}

/// The answer to the question about a request.
pub type Answer<S> = <<S as Settle>::Question as Request>::Reply;

/// How an operation is settled.
#[derive(Clone, Copy, Debug)]
pub struct Settling {
    /// The same request is sent again before anything is asked: the service recognises it.
    pub resend_first: bool,
    /// What an answer's word means at once.
    pub at_once: &'static [(&'static str, Verdict)],
    /// For how long an answer has to stay the same before `then` holds.
    pub quiet: Duration,
    /// What an answer's word means after that time.
    pub then: &'static [(&'static str, Verdict)],
    /// Codes of the question that prove that there is nothing; its word is then `absent`.
    pub absent: &'static [&'static str],
    /// Codes of a repeated request that prove that an earlier one took effect.
    pub landed: &'static [&'static str],
    /// How often the request may be sent again after asking.
    pub resends: u32,
    /// Whether a repetition that succeeds is checked by asking once more.
    pub confirm: bool,
    /// The longest that settling may take.
    pub within: Duration,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took effect.
    Done,
    /// It did not, and will not.
    NotDone,
    /// It did not; sending it again is safe.
    Resend,
}

/// What became of a request.
#[must_use]
pub enum Settled<S: Settle, C> {
    /// It took effect, once.
    Done(Done<S>),
    /// It did not take effect, and will not.
    NotDone(NotDone<S, C>),
    /// Nobody knows yet. Settle it again later; never replace it by a new request.
    Unknown(Doubt<S, C>),
}

/// The proof that a request took effect: at least one of the two.
pub struct Done<S: Settle> {
    /// The reply to the request itself, of a repetition.
    pub reply: Option<S::Reply>,
    /// What the service says when asked.
    pub found: Option<Answer<S>>,
}

/// The proof that a request did not take effect.
pub struct NotDone<S: Settle, C> {
    /// What the service says when asked.
    pub found: Option<Answer<S>>,
    /// How it refused a repetition, or the question.
    pub refusal: Option<Error<C>>,
}

/// Why a request's fate is still unknown.
pub struct Doubt<S: Settle, C> {
    /// In words.
    pub reason: String,
    /// What the service said last when asked.
    pub found: Option<Answer<S>>,
    /// The last error on the way.
    pub error: Option<Error<C>>,
}

impl<S: Settle, C> Settled<S, C> {
    /// Whether it took effect.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether it is proven that it did not take effect.
    pub fn is_not_done(&self) -> bool {
        matches!(self, Self::NotDone(_))
    }

    /// Whether it is still unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// What the service said last when asked.
    pub fn found(&self) -> Option<&Answer<S>> {
        match self {
            Self::Done(done) => done.found.as_ref(),
            Self::NotDone(not) => not.found.as_ref(),
            Self::Unknown(doubt) => doubt.found.as_ref(),
        }
    }
}

/// Shows no reply.
impl<S: Settle, C: ErrorCode> fmt::Debug for Settled<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<S: Settle, C: ErrorCode> fmt::Display for Settled<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = S::OPERATION.id;
        match self {
            Self::Done(_) => write!(f, "{operation}: done"),
            Self::NotDone(NotDone { refusal: Some(refusal), .. }) => write!(f, "{operation}: not done: {refusal}"),
            Self::NotDone(_) => write!(f, "{operation}: not done"),
            Self::Unknown(Doubt { reason, error: Some(error), .. }) => {
                write!(f, "{operation}: still unknown: {reason}: {error}")
            }
            Self::Unknown(Doubt { reason, .. }) => write!(f, "{operation}: still unknown: {reason}"),
        }
    }
}

/// Pauses between questions grow from the first to the last of these.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(3);

impl<C: ErrorCode> Core<C> {
    /// Finds out what became of a request whose answer was lost, and completes it where that is safe.
    pub async fn settle<S: Settle>(&self, request: &S, expected: &S::Expected) -> Settled<S, C> {
        let question = match request.question() {
            Ok(question) => question,
            Err(violations) => {
                let reason = format!("the question cannot be asked: {violations}");
                return Settled::Unknown(Doubt { reason, found: None, error: None });
            }
        };
        let started = self.inner.clock.now();
        let within = self.options.settle.unwrap_or(S::SETTLING.within);
        let procedure = Procedure {
            core: self,
            request,
            expected,
            question,
            started,
            within,
            resends: 0,
            landed: false,
            refusal: None,
            found: None,
            error: None,
            seen: None,
        };
        procedure.run().await
    }

    /// Settles many requests, at most so many at the same time. The results come in the order of the requests.
    pub async fn reconcile<S: Settle>(&self, open: Vec<(S, S::Expected)>, at_once: usize) -> Vec<Settled<S, C>> {
        use futures_util::StreamExt;
        futures_util::stream::iter(open)
            .map(|(request, expected)| async move { self.settle(&request, &expected).await })
            .buffered(at_once.max(1))
            .collect()
            .await
    }
}

struct Procedure<'a, S: Settle, C> {
    core: &'a Core<C>,
    request: &'a S,
    expected: &'a S::Expected,
    question: S::Question,
    started: Instant,
    within: Duration,
    /// How often the request was sent again after asking.
    resends: u32,
    /// The service has said that an earlier request took effect.
    landed: bool,
    /// How the service refused the last repetition.
    refusal: Option<Error<C>>,
    found: Option<Answer<S>>,
    error: Option<Error<C>>,
    /// The last answer's word, and since when it is the same.
    seen: Option<(String, Instant)>,
}

/// What to do next.
enum Step<S: Settle, C> {
    End(Settled<S, C>),
    /// Ask again, at once.
    Ask,
    Wait,
}

impl<S: Settle, C: ErrorCode> Procedure<'_, S, C> {
    async fn run(mut self) -> Settled<S, C> {
        let mut pause = FIRST_PAUSE;
        loop {
            let step = if S::SETTLING.resend_first && self.request.recovery() == Recovery::Resend && !self.landed {
                self.repeat().await
            } else {
                self.ask().await
            };
            match step {
                Step::End(settled) => return settled,
                Step::Ask => {}
                Step::Wait => {
                    if pause >= self.left() {
                        return self.doubt("the time for settling it is over").await;
                    }
                    self.core.inner.clock.sleep(pause).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
        }
    }

    fn left(&self) -> Duration {
        self.within.saturating_sub(self.core.inner.clock.now().saturating_duration_since(self.started))
    }

    /// The client, with what is left of the time.
    fn caller(&self) -> Core<C> {
        let inner = &self.core.inner;
        let total = self.core.options.total.unwrap_or(inner.limits.total);
        self.core.with(CallOptions::new().total_timeout(total.min(self.left())))
    }

    /// Sends a request again that the service recognises.
    async fn repeat(&mut self) -> Step<S, C> {
        let error = match self.caller().call(self.request).await {
            Ok(reply) => return self.succeeded(reply),
            Err(error) => error,
        };
        self.landed = says(&error, S::SETTLING.landed);
        if self.landed {
            self.error = Some(error);
            return Step::Ask;
        }
        let is_known = error.code().is_some_and(C::is_known);
        match (error.outcome(), error.advice()) {
            // Had an earlier one taken effect, this one would have been answered with its result. A code that nobody
            // knows, or one about the caller, may have come before the service had looked.
            (Outcome::Rejected, Some(Advice::FixRequest | Advice::TellPurchaser)) if is_known => {
                Step::End(Settled::NotDone(NotDone { found: None, refusal: Some(error) }))
            }
            (Outcome::Rejected, advice) if advice != Some(Advice::TryLater) => {
                self.error = Some(error);
                Step::End(self.doubt("the repetition is refused, which proves nothing about the first").await)
            }
            (Outcome::NotSent, _) if error.is_invalid_request() => {
                self.error = Some(error);
                Step::End(self.doubt("the request cannot be repeated").await)
            }
            (_, Some(Advice::AlreadyDone)) => {
                self.error = Some(error);
                Step::End(self.doubt("it was done before, by this request or by another").await)
            }
            _ => {
                self.error = Some(error);
                Step::Wait
            }
        }
    }

    fn succeeded(&mut self, reply: S::Reply) -> Step<S, C> {
        Step::End(Settled::Done(Done { reply: Some(reply), found: self.found.take() }))
    }

    /// Asks once, and does what the answer says.
    async fn ask(&mut self) -> Step<S, C> {
        let word = match self.caller().call(&self.question).await {
            Ok(answer) => {
                let differs = self.request.differs(self.expected, &answer);
                let word = self.request.word(&answer).to_owned();
                self.found = Some(answer);
                if let Some(name) = differs {
                    let reason = format!("{name} is not what it must be; this may be another request's");
                    return Step::End(self.doubt(&reason).await);
                }
                word
            }
            Err(error) if says(&error, S::SETTLING.absent) => {
                self.error = Some(error);
                "absent".to_owned()
            }
            Err(error) => {
                let now_is_useless = error.is_invalid_request() || error.advice() == Some(Advice::CheckKey);
                self.error = Some(error);
                self.seen = None;
                return if now_is_useless {
                    Step::End(self.doubt("the question is refused").await)
                } else {
                    Step::Wait
                };
            }
        };
        match self.verdict(word) {
            Some(Verdict::Done) => Step::End(Settled::Done(Done { reply: None, found: self.found.take() })),
            Some(Verdict::NotDone) => {
                let refusal = self.refusal.take().or(self.error.take());
                Step::End(Settled::NotDone(NotDone { found: self.found.take(), refusal }))
            }
            Some(Verdict::Resend) => self.resend().await,
            None => Step::Wait,
        }
    }

    /// What an answer means, given for how long it is the same.
    fn verdict(&mut self, word: String) -> Option<Verdict> {
        let settling = S::SETTLING;
        let find = |table: &[(&str, Verdict)]| table.iter().find(|(own, _)| *own == word).map(|(_, verdict)| *verdict);
        let now = self.core.inner.clock.now();
        let since = match &self.seen {
            Some((seen, since)) if *seen == word => *since,
            _ => now,
        };
        let quiet = now.saturating_duration_since(since) >= settling.quiet;
        let verdict = find(settling.at_once).or_else(|| find(settling.then).filter(|_| quiet));
        // Where the tables say nothing at all, the service's own word counts.
        let landed = self.landed && settling.at_once.is_empty() && settling.then.is_empty();
        self.seen = Some((word, since));
        if landed { Some(Verdict::Done) } else { verdict }
    }

    /// Sends the request again, as often as that is allowed.
    async fn resend(&mut self) -> Step<S, C> {
        if let Some(refusal) = self.refusal.take() {
            // Nothing has changed since the repetition was refused: neither of them took effect.
            return Step::End(Settled::NotDone(NotDone { found: self.found.take(), refusal: Some(refusal) }));
        }
        if self.resends >= S::SETTLING.resends {
            return Step::Wait;
        }
        if self.request.recovery() == Recovery::Never || !self.request.may_resend() {
            return Step::End(self.doubt("it says too little to be sent again by itself").await);
        }
        let error = match self.caller().call(self.request).await {
            Ok(reply) if S::SETTLING.confirm => {
                self.resends = S::SETTLING.resends;
                return self.confirm(reply).await;
            }
            Ok(reply) => return self.succeeded(reply),
            Err(error) => error,
        };
        // What was not sent does not count.
        self.resends += u32::from(error.outcome() != Outcome::NotSent);
        self.seen = None;
        if says(&error, S::SETTLING.landed) {
            self.landed = true;
            self.error = Some(error);
            return Step::Ask;
        }
        if error.outcome() == Outcome::Rejected && error.advice() != Some(Advice::TryLater) {
            self.refusal = Some(error);
            return Step::Ask;
        }
        self.error = Some(error);
        Step::Wait
    }

    /// A repetition has succeeded; whether with the right values, and whether the service says so too, is asked.
    async fn confirm(&mut self, reply: S::Reply) -> Step<S, C> {
        self.landed = true;
        match self.caller().call(&self.question).await {
            Ok(answer) => match self.request.differs(self.expected, &answer) {
                None => {
                    let word = self.request.word(&answer).to_owned();
                    match self.verdict(word) {
                        Some(Verdict::Done) => {
                            Step::End(Settled::Done(Done { reply: Some(reply), found: Some(answer) }))
                        }
                        // It may need a while to show.
                        _ => {
                            self.found = Some(answer);
                            Step::Wait
                        }
                    }
                }
                Some(name) => {
                    self.found = Some(answer);
                    let reason = format!("{name} is not what it must be");
                    Step::End(self.doubt(&reason).await)
                }
            },
            Err(error) => {
                self.error = Some(error);
                Step::Wait
            }
        }
    }

    /// The end without a proof. What the service says when asked goes with it.
    async fn doubt(&mut self, reason: &str) -> Settled<S, C> {
        if self.found.is_none() && !self.left().is_zero() {
            self.found = self.caller().call(&self.question).await.ok();
        }
        Settled::Unknown(Doubt { reason: reason.to_owned(), found: self.found.take(), error: self.error.take() })
    }
}

fn says<C: ErrorCode>(error: &Error<C>, codes: &[&str]) -> bool {
    error.code().is_some_and(|code| codes.iter().any(|own| code.as_text().trim().eq_ignore_ascii_case(own)))
}
