//! Resolves a request whose outcome is unknown: asks the service and, where that is safe, sends the request again.
//!
//! Here, an *answer* is the reply to a status query about the request. Generated code describes as data what each
//! answer proves ([`ResolutionPlan`]). [`machine`] makes the decisions. This module carries them out and reports the
//! result. Every conclusion rests on evidence that names the request.

pub mod machine;
mod resolution;
mod window;

use crate::client::Core;
use crate::client::attempts::{Memory, OpenRequest, RequestIdentity};
use crate::client::options::CallOptions;
use crate::error::Error;
use crate::evidence::{Context, Mismatch};
use crate::operation::Recovery;
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::raw::Raw;
use crate::reply::{Reply, asks_to_wait};
use crate::request::Request;
use crate::violation::Violations;
pub use machine::Reading;
use machine::{Action, Asked, Machine, Repeated};
pub(crate) use resolution::unresolved;
pub use resolution::{Done, NotDone, Resolution, Reversed, Unresolved};
use std::time::{Duration, Instant, SystemTime};
use window::{MOST_APART, ahead, window};

/// Request whose outcome can be resolved. Generated.
pub trait Resolve: Request {
    /// Status query about the request.
    type Question: Request;

    /// Values that the caller knows in advance, with which replies and answers are compared.
    type Expected: Send + Sync;

    /// Description of how requests of this type are resolved.
    const PLAN: &'static ResolutionPlan;

    /// Returns the status query about this request.
    ///
    /// # Errors
    ///
    /// Returns the violations if the status query breaks a rule.
    fn question(&self) -> Result<Self::Question, Violations>;

    /// Checks that an answer is about this request.
    ///
    /// # Errors
    ///
    /// Returns the mismatch of the first member that does not prove this.
    fn binding(&self, expected: &Self::Expected, context: &Context, answer: &Answer<Self>) -> Result<(), Mismatch>;

    /// Returns the state that an answer shows: a key of the tables in [`ResolutionPlan`].
    fn state<'a>(&'a self, answer: &'a Answer<Self>) -> &'a str;

    /// Returns the amount that has not been reversed, if the answer contains it.
    fn remaining(&self, _answer: &Answer<Self>) -> Option<i64> {
        None
    }

    /// Returns `true` if certain members are present and still equal to each other. These members differ from each
    /// other after the effect, such as the price and the remaining amount. A conclusion that the request did not take
    /// effect relies on them.
    fn unchanged(&self, _answer: &Answer<Self>) -> bool {
        true
    }

    /// Returns `true` if the answer shows that a part of the amount was reversed, although the state alone does not
    /// show this.
    fn is_reduced(&self, _answer: &Answer<Self>) -> bool {
        false
    }

    /// Reads the evidence from an answer.
    fn read(&self, expected: &Self::Expected, context: &Context, answer: &Answer<Self>) -> Reading {
        Reading {
            binding: self.binding(expected, context, answer),
            state: self.state(answer).to_owned(),
            remaining: self.remaining(answer),
            unchanged: self.unchanged(answer),
            is_reduced: self.is_reduced(answer),
        }
    }

    /// Compares the reply to a repetition with the values that the caller knows in advance.
    ///
    /// # Errors
    ///
    /// Returns the mismatch of the first member that does not prove this.
    fn agrees(&self, _expected: &Self::Expected, _reply: &Self::Reply) -> Result<(), Mismatch> {
        Ok(())
    }

    /// Returns `true` if the request has the members that a repetition needs.
    fn may_repeat(&self) -> bool {
        true
    }
}

/// Answer to the status query about a request.
pub type Answer<S> = <<S as Resolve>::Question as Request>::Reply;

/// Description of how the requests of an operation are resolved: what each answer proves.
#[derive(Clone, Copy, Debug)]
pub struct ResolutionPlan {
    /// Set if the same request is sent again before the first status query, because the service recognizes a
    /// repetition.
    pub repeat_first: bool,
    /// Verdicts, by state, that hold at any time.
    pub immediately: &'static [(&'static str, Verdict)],
    /// Verdicts, by state, that hold while no attempt can have received a reply that reports success, as far as this
    /// client knows. At least one attempt of this client must be known.
    pub unanswered: &'static [(&'static str, Verdict)],
    /// Verdicts, by state, that hold once no earlier attempt can be accepted any more.
    pub after_acceptance: &'static [(&'static str, Verdict)],
    /// Error codes of the status query that mean "not found". The state is then `absent`.
    pub absent: &'static [&'static str],
    /// Largest number of repetitions after status queries.
    pub repeats: u32,
    /// How long after the first attempt the service recognizes a repetition. `None` means that there is no limit.
    pub repeatable_for: Option<Duration>,
    /// Members that identify the subject of an answer. If one of them differs, the answer is about something else. The
    /// service is then asked again, until no earlier attempt can take effect any more. A difference in another member
    /// ends the resolution.
    pub identity: &'static [&'static str],
    /// Members that a person has to look at if the outcome stays unknown.
    pub look_at: &'static [&'static str],
    /// Longest duration of a resolution, unless [`CallOptions::resolve_timeout`] sets another one.
    pub within: Duration,
}

/// Conclusion from the state of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request took effect, and no part of the effect was reversed.
    Done,
    /// The request took effect, and all or part of the effect was reversed later.
    Reversed,
    /// The request did not take effect, and can no longer take effect.
    NotDone,
    /// The request has not taken effect so far. Sending it again is safe.
    Repeat,
}

/// First pause between status queries. Each further pause is twice as long as the previous pause, up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// Reason why the outcome stays unknown although the service shows no effect.
const ALREADY_DONE: &str = "the service replied that the request was already done, but shows no effect";

impl<C: ErrorCode> Core<C> {
    /// Resolves a request whose outcome is unknown, and sends it again where that is safe.
    ///
    /// Resolutions of the same request by clones of one client wait for each other and share the number of repetitions.
    /// If one of them finds that the request is not done, the others do not send it. Clients in other processes share
    /// nothing, so let one process at a time resolve a request.
    pub async fn resolve<S: Resolve>(&self, request: &S, expected: &S::Expected) -> Resolution<S, C> {
        let question = match request.question() {
            Ok(question) => question,
            Err(violations) => return unresolved::<S, C>(format!("the status query is invalid: {violations}"), None),
        };
        let Some(key) = RequestIdentity::of(request) else {
            return unresolved::<S, C>("the request cannot be serialized".to_owned(), None);
        };
        let started = self.inner.clock.now();
        let within = self.options.resolve.unwrap_or(S::PLAN.within);
        let open = self.inner.attempts.open(key, started);
        let turn = open.turn();
        let Some(_turn) = crate::client::clock::within(&self.inner.clock, within, turn.lock()).await else {
            return unresolved::<S, C>("another resolution of the same request is still under way".to_owned(), None);
        };
        open.note(Memory::resolve);
        let remembered = || {
            let now = self.inner.clock.now();
            let memory = open.memory(now);
            (memory, memory.attempts(self.options.attempted, self.wall_clock(), now).1)
        };
        let (mut memory, mut last_ago) = remembered();
        // One status query is enough only if no recent attempt is known. The caller may know of an attempt that was
        // made after the conclusion and may still be accepted.
        if memory.is_called_off && last_ago.is_none_or(|ago| ago >= self.inner.limits.conclusive) {
            if let Some(resolution) = self.ask_again(request, expected, &question, &open).await {
                return resolution;
            }
            (memory, last_ago) = remembered();
        }
        let conclusive_in = self.inner.limits.conclusive.saturating_sub(last_ago.unwrap_or_default());
        let begun = self.inner.clock.now();
        let may_repeat = !memory.is_called_off
            && request.recovery() != Recovery::Never
            && request.may_repeat()
            && self.is_recognized::<S>(&open, within)
            && (!S::PLAN.repeat_first || request.recovery() == Recovery::Resend);
        // Another process may have received a reply to an attempt.
        let is_unanswered = memory.is_unanswered() && self.options.attempted.is_none();
        let deadline = started.checked_add(within);
        let repeats = memory.repeats.max(self.options.repeated.unwrap_or_default());
        let machine = Machine::new(S::PLAN, conclusive_in, is_unanswered, repeats, may_repeat)
            .until(deadline.map(|deadline| deadline.saturating_duration_since(begun)));
        let procedure = Procedure {
            core: self,
            request,
            expected,
            question,
            begun,
            mark: open.mark(),
            deadline,
            open: &open,
            machine,
            refusal: None,
            reply: None,
            found: None,
            error: None,
            differs: None,
        };
        procedure.run().await
    }

    /// Returns `true` if the service recognizes every repetition that a resolution of the duration `within` can send.
    fn is_recognized<S: Resolve>(&self, open: &OpenRequest, within: Duration) -> bool {
        let wall = self.wall_clock();
        let first_at = self.first_at(open, wall).into_iter().chain(open.identity_first_at()).min();
        let age = first_at.and_then(|first| wall.duration_since(first).ok());
        machine::is_recognized(S::PLAN, age, within, self.inner.limits.conclusive)
    }

    /// Returns the time of day of the first known attempt.
    fn first_at(&self, open: &OpenRequest, wall: SystemTime) -> Option<SystemTime> {
        let stored = self.options.attempted.map(|(a, b)| a.min(b));
        let own = open.dates(wall, self.inner.limits.conclusive).first_at;
        [own, stored].into_iter().flatten().min()
    }

    /// Asks once more about a request that was found to be not done. Another process may have caused the effect since.
    /// Never sends the request, because the caller may have replaced it by another request.
    ///
    /// Returns `None` if the request was sent meanwhile, because the answer may be older than that attempt.
    async fn ask_again<S: Resolve>(
        &self,
        request: &S,
        expected: &S::Expected,
        question: &S::Question,
        open: &OpenRequest,
    ) -> Option<Resolution<S, C>> {
        let (mark, asked_wall) = (open.mark(), self.wall_clock());
        let found = self.call(question).await.ok();
        if open.was_sent_since(mark) {
            return None;
        }
        let asked = match &found {
            Some(answer) => {
                let context = self.context(open, answer.as_raw(), asked_wall);
                Asked::Answer(request.read(expected, &context, answer))
            }
            None => Asked::Failed,
        };
        Some(match (Machine::asked_after_not_done(S::PLAN, asked), found) {
            (Action::Done, found) => Resolution::Done(Done { reply: None, found }),
            (Action::Reversed { remaining }, Some(found)) => Resolution::Reversed(Reversed { remaining, found }),
            (Action::Unknown(reason), found) => {
                let (reason, look_at) = (reason.to_owned(), S::PLAN.look_at);
                Resolution::Unknown(Unresolved { reason, look_at, found, error: None })
            }
            (_, found) if self.options.already_done => {
                let (reason, look_at) = (ALREADY_DONE.to_owned(), S::PLAN.look_at);
                Resolution::Unknown(Unresolved { reason, look_at, found, error: None })
            }
            (_, found) => Resolution::NotDone(NotDone { found, refusal: None }),
        })
    }

    /// Returns the values to compare an answer with. `asked` is the time of the status query, by this machine's clock.
    fn context(&self, open: &OpenRequest, answer: &Raw, asked: SystemTime) -> Context {
        let (now, wall) = (self.inner.clock.now(), self.wall_clock());
        let conclusive = self.inner.limits.conclusive;
        let (_, last_ago) = open.memory(now).attempts(self.options.attempted, wall, now);
        let dates = open.dates(wall, conclusive);
        let sent = self.first_at(open, wall).zip(last_ago.and_then(|ago| wall.checked_sub(ago)));
        let window = window(sent, dates.others_until, conclusive, ahead(answer.header("date"), asked));
        Context { environment: self.environment(), window }
    }

    /// Resolves many requests, at most `parallel` at a time. Returns the results in the order of the requests.
    pub async fn resolve_many<S: Resolve>(
        &self,
        open: Vec<(S, S::Expected)>,
        parallel: usize,
    ) -> Vec<Resolution<S, C>> {
        use futures_util::StreamExt;
        futures_util::stream::iter(open)
            .map(|(request, expected)| async move { self.resolve(&request, &expected).await })
            .buffered(parallel.max(1))
            .collect()
            .await
    }
}

struct Procedure<'a, S: Resolve, C> {
    core: &'a Core<C>,
    request: &'a S,
    expected: &'a S::Expected,
    question: S::Question,
    begun: Instant,
    /// Counter of the attempt log at the time of the last status query.
    mark: u64,
    deadline: Option<Instant>,
    open: &'a OpenRequest,
    machine: Machine,
    /// Last rejection of a repetition. A rejection that states that the request was already done takes precedence.
    refusal: Option<Error<C>>,
    reply: Option<S::Reply>,
    found: Option<Answer<S>>,
    error: Option<Error<C>>,
    /// Member that shows that an answer or a reply is not about this request.
    differs: Option<Mismatch>,
}

impl<S: Resolve, C: ErrorCode> Procedure<'_, S, C> {
    async fn run(mut self) -> Resolution<S, C> {
        let mut pause = FIRST_PAUSE;
        let mut action = self.machine.next();
        loop {
            self.notice_other_attempts();
            action = match action {
                // Another call has sent the request since the last status query, so the answer may be out of date.
                Action::Repeat if !S::PLAN.repeat_first && self.open.was_sent_since(self.mark) => Action::Wait,
                Action::Repeat => self.repeat().await,
                Action::Ask => self.ask().await,
                Action::Wait => {
                    // The pause does not extend beyond the time at which a conclusion becomes possible, because the
                    // next status query may be the last one.
                    let conclusive = self.machine.conclusive_at().saturating_sub(self.passed());
                    let pause_now = if conclusive.is_zero() { pause } else { pause.min(conclusive) };
                    if pause_now >= self.left() {
                        return self.unknown("the time limit of the resolution has passed").await;
                    }
                    self.core.inner.clock.sleep(pause_now).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                    self.machine.next()
                }
                Action::Done => {
                    return Resolution::Done(Done { reply: self.reply.take(), found: self.found.take() });
                }
                Action::Reversed { remaining } => match self.found.take() {
                    Some(found) => return Resolution::Reversed(Reversed { remaining, found }),
                    // This verdict comes from an answer, so `found` is always set.
                    None => return self.unknown("it was reversed").await,
                },
                Action::NotDone if self.open.has_succeeded() => {
                    return self.unknown("the service reported success but shows no effect").await;
                }
                Action::NotDone if self.open.says_done() || self.core.options.already_done => {
                    return self.unknown(ALREADY_DONE).await;
                }
                // Another call has sent the request meanwhile, or is sending it.
                Action::NotDone if !self.open.call_off(self.mark) => Action::Wait,
                Action::NotDone => {
                    let refusal = self.refusal.take().or(self.error.take());
                    return Resolution::NotDone(NotDone { found: self.found.take(), refusal });
                }
                Action::Unknown(reason) => return self.unknown(reason).await,
            };
        }
    }

    /// Notes attempts by other calls of the client and its clones. These attempts postpone a conclusion as much as
    /// attempts of this resolution.
    fn notice_other_attempts(&mut self) {
        let now = self.core.inner.clock.now();
        // The result of another call may have been shown to the purchaser.
        if self.open.memory(now).may_be_answered {
            self.machine.answered();
        }
        if let Some(last) = self.open.last_attempt(now) {
            let at = last.saturating_duration_since(self.begun);
            self.machine.attempted(at, self.core.inner.limits.conclusive);
        }
    }

    fn passed(&self) -> Duration {
        self.core.inner.clock.now().saturating_duration_since(self.begun)
    }

    fn left(&self) -> Duration {
        let now = self.core.inner.clock.now();
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now))
    }

    /// Returns a client whose calls are limited to the remaining time.
    fn caller(&self) -> Core<C> {
        let inner = &self.core.inner;
        let total = self.core.options.total.unwrap_or(inner.limits.total);
        self.core.with(CallOptions::new().total_timeout(total.min(self.left())))
    }

    async fn repeat(&mut self) -> Action {
        if !S::PLAN.repeat_first {
            // The repetition is counted before it is sent, because the resolution may be dropped meanwhile.
            let repeats = self.machine.repeats() + 1;
            self.open.note(|memory| memory.repeats = repeats);
        }
        let how = match self.caller().call_once_more(self.request).await {
            Ok(reply) => match self.request.agrees(self.expected, &reply) {
                Ok(()) => {
                    self.reply = Some(reply);
                    Repeated::Success
                }
                Err(mismatch) => {
                    self.differs = Some(mismatch);
                    Repeated::Unknown
                }
            },
            Err(error) => {
                let how = match error.outcome() {
                    Outcome::NotSent if error.is_invalid_request() => Repeated::Invalid,
                    Outcome::NotSent => Repeated::NotSent,
                    Outcome::Rejected => Repeated::Refused { later: error.may_be_accepted_later() },
                    // Another repetition would get the same reply. Only the answer to a status query can resolve the
                    // request.
                    Outcome::Unknown if self.request.recovery() == Recovery::Resend && error.says_already_done() => {
                        Repeated::Refused { later: false }
                    }
                    Outcome::Unknown => Repeated::Unknown,
                };
                let says_done = self.refusal.as_ref().is_some_and(Error::says_already_done);
                if error.says_already_done() || (matches!(how, Repeated::Refused { .. }) && !says_done) {
                    self.refusal = Some(error);
                } else {
                    self.error = Some(error);
                }
                how
            }
        };
        let action = self.machine.repeated(S::PLAN, self.passed(), self.core.inner.limits.conclusive, how);
        let repeats = self.machine.repeats();
        self.open.note(|memory| memory.repeats = repeats);
        action
    }

    async fn ask(&mut self) -> Action {
        self.mark = self.open.mark();
        let (asked_at, asked_wall) = (self.passed(), self.core.wall_clock());
        let asked = match self.caller().call(&self.question).await {
            Ok(answer) => {
                let context = self.core.context(self.open, answer.as_raw(), asked_wall);
                let reading = self.request.read(self.expected, &context, &answer);
                self.differs = reading.binding.err();
                self.found = Some(answer);
                Asked::Answer(reading)
            }
            Err(error) => {
                // An HTTP status that asks to wait may come from a gateway that did not forward the status query.
                let is_answered = error.outcome() == Outcome::Rejected
                    && !error.may_be_accepted_later()
                    && !error.http_status().is_some_and(asks_to_wait);
                let asked = if is_answered && says_only(&error, S::PLAN.absent) {
                    Asked::Absent
                } else if error.is_invalid_request() || error.advice_of_code() == Some(Advice::CheckKey) {
                    Asked::Hopeless
                } else {
                    Asked::Failed
                };
                self.error = Some(error);
                asked
            }
        };
        self.machine.asked(S::PLAN, asked_at, asked)
    }

    /// Ends the resolution without a conclusion. The result contains the last answer of the service, if there is one.
    async fn unknown(mut self, reason: &str) -> Resolution<S, C> {
        if self.found.is_none() && !self.left().is_zero() {
            self.found = self.caller().call(&self.question).await.ok();
        }
        let reason = match self.differs {
            Some(Mismatch::Differs(name)) => format!("{name} differs from the expected value; {reason}"),
            Some(Mismatch::Absent(name)) => format!("{name} is absent or unreadable; {reason}"),
            Some(Mismatch::NotPositive(name)) => format!("{name} is 0 or less, which proves nothing; {reason}"),
            Some(Mismatch::Undated(name)) => format!(
                "{name} proves nothing, because it is not known when the request was first sent: pass the \
                 stored times to `CallOptions::attempted`; {reason}"
            ),
            Some(Mismatch::ClocksApart(name)) => format!(
                "{name} proves nothing, because this machine's clock and the service's are more than {} min \
                 apart: correct this machine's clock; {reason}",
                MOST_APART.as_secs() / 60
            ),
            None => reason.to_owned(),
        };
        let error = self.refusal.take().or(self.error.take());
        Resolution::Unknown(Unresolved { reason, look_at: S::PLAN.look_at, found: self.found.take(), error })
    }
}

/// Returns `true` if the error has codes and all of them are in `codes`. Any other code may report a temporary problem.
/// The service may then not have looked for the request.
fn says_only<C: ErrorCode>(error: &Error<C>, codes: &[&str]) -> bool {
    let is_one = |code: &String| codes.iter().any(|own| code.trim().eq_ignore_ascii_case(own));
    !error.codes().is_empty() && error.codes().iter().all(is_one)
}
