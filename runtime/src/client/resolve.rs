//! Resolves a request whose outcome is unknown: asks the service and, where that is safe, sends the request again.
//!
//! What proves what is data that generated code brings ([`ResolutionPlan`]). [`machine`] takes the decisions; this
//! module carries them out and reports the result. Every conclusion rests on evidence that names the request.

pub mod machine;
mod outcome;
mod window;

use crate::client::Core;
use crate::client::attempts::{Key, Memory, OpenRequest};
use crate::client::options::CallOptions;
use crate::error::Error;
use crate::evidence::{Context, Mismatch};
use crate::operation::Recovery;
use crate::outcome::{Advice, ErrorCode, Outcome};
use crate::raw::Raw;
use crate::reply::Reply;
use crate::request::Request;
use crate::violation::Violations;
pub use machine::Reading;
use machine::{Action, Asked, Machine, Repeated};
pub(crate) use outcome::unresolved;
pub use outcome::{Done, NotDone, Resolution, Reversed, Unresolved};
use std::time::{Duration, Instant, SystemTime};
use window::{MOST_APART, ahead, window};

/// A request whose outcome can be resolved. Generated.
pub trait Resolve: Request {
    /// The request that asks for the status.
    type Question: Request;

    /// What the caller knows in advance about a success.
    type Expected: Send + Sync;

    /// How it is resolved.
    const PLAN: &'static ResolutionPlan;

    /// The question about this request.
    ///
    /// # Errors
    ///
    /// Returns the violations if the question cannot be asked.
    fn question(&self) -> Result<Self::Question, Violations>;

    /// Checks that an answer is about this request.
    ///
    /// # Errors
    ///
    /// Returns the first member that is absent or differs.
    fn binding(&self, expected: &Self::Expected, context: &Context, answer: &Answer<Self>) -> Result<(), Mismatch>;

    /// Returns the state that an answer shows: a key of the tables of [`ResolutionPlan`].
    fn state<'a>(&'a self, answer: &'a Answer<Self>) -> &'a str;

    /// Returns how much is still in force of what the request did, where the answer says so.
    fn remaining(&self, _answer: &Answer<Self>) -> Option<i64> {
        None
    }

    /// Returns `true` if the members that a `not_done` rests on are there and agree.
    fn unchanged(&self, _answer: &Answer<Self>) -> bool {
        true
    }

    /// Returns `true` if less is in force than the state says.
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

    /// Compares the reply to a repetition with what the caller knows in advance.
    ///
    /// # Errors
    ///
    /// Returns the first member that is absent or differs.
    fn agrees(&self, _expected: &Self::Expected, _reply: &Self::Reply) -> Result<(), Mismatch> {
        Ok(())
    }

    /// Whether the request says enough to be sent again.
    fn may_repeat(&self) -> bool {
        true
    }
}

/// The answer to the question about a request.
pub type Answer<S> = <<S as Resolve>::Question as Request>::Reply;

/// How an operation is resolved: what proves what.
#[derive(Clone, Copy, Debug)]
pub struct ResolutionPlan {
    /// The same request is sent again before anything is asked, because the service recognizes it.
    pub repeat_first: bool,
    /// Verdicts by state that hold at any time.
    pub immediately: &'static [(&'static str, Verdict)],
    /// What it proves while no attempt was answered, as far as this client knows.
    pub unanswered: &'static [(&'static str, Verdict)],
    /// What it proves once no earlier attempt can be accepted any more.
    pub after_acceptance: &'static [(&'static str, Verdict)],
    /// Codes that say that there is nothing to be found. The state is `absent` then.
    pub absent: &'static [&'static str],
    /// How often the request may be sent again after asking.
    pub repeats: u32,
    /// Members of an answer that is about something else when they differ: it is asked again. Others end the resolution
    /// when they differ.
    pub identity: &'static [&'static str],
    /// Members that a person looks at when the outcome stays unknown.
    pub look_at: &'static [&'static str],
    /// The longest that a resolution may take.
    pub within: Duration,
}

/// What a state of the answer proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request took effect, and all of it is in force.
    Done,
    /// It took effect, and all or part of it has been taken back since.
    Reversed,
    /// It did not take effect, and cannot any more.
    NotDone,
    /// It did not take effect so far. Sending it again is safe.
    Repeat,
}

/// Pauses between questions grow from the first to the last of these.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(5);

impl<C: ErrorCode> Core<C> {
    /// Resolves a request whose outcome is unknown, and completes it where that is safe.
    ///
    /// Resolutions of the same request by clones of one client wait for each other, share how often it was sent again,
    /// and end alike: what was found to be not done is not sent by another one. Clients in other processes do not know
    /// of each other: let one process at a time resolve a request.
    pub async fn resolve<S: Resolve>(&self, request: &S, expected: &S::Expected) -> Resolution<S, C> {
        let question = match request.question() {
            Ok(question) => question,
            Err(violations) => return unresolved::<S, C>(format!("the question cannot be asked: {violations}"), None),
        };
        let Some(key) = Key::of(request) else {
            return unresolved::<S, C>("the request cannot be written".to_owned(), None);
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
        // An attempt of another process, of which the caller knows, may have come after the conclusion.
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
            && (!S::PLAN.repeat_first || request.recovery() == Recovery::Resend);
        // An attempt of another process may have been answered there.
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

    /// Asks once more about a request that was found to be not done, and never sends it, because the caller may have sent
    /// another request in its place. Another process may have brought the effect about since.
    ///
    /// Returns `None` if the request was sent meanwhile: then the answer may be from before that.
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
            (_, found) => Resolution::NotDone(NotDone { found, refusal: None }),
        })
    }

    /// What an answer is compared with. `asked` is when the question was sent, by the own clock.
    fn context(&self, open: &OpenRequest, answer: &Raw, asked: SystemTime) -> Context {
        let (now, wall) = (self.inner.clock.now(), self.wall_clock());
        let conclusive = self.inner.limits.conclusive;
        let (_, last_ago) = open.memory(now).attempts(self.options.attempted, wall, now);
        let dates = open.dates(wall, conclusive);
        let stored = self.options.attempted.map(|(a, b)| a.min(b));
        let first_at = [dates.first_at, stored].into_iter().flatten().min();
        let sent = first_at.zip(last_ago.and_then(|ago| wall.checked_sub(ago)));
        let window = window(sent, dates.others_until, conclusive, ahead(answer.header("date"), asked));
        Context { environment: self.environment(), window }
    }

    /// Resolves many requests, at most `parallel` at the same time. The results come in the order of the requests.
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
    /// What was known of other calls when the last question was sent.
    mark: u64,
    deadline: Option<Instant>,
    open: &'a OpenRequest,
    machine: Machine,
    /// How the service refused the last repetition.
    refusal: Option<Error<C>>,
    reply: Option<S::Reply>,
    found: Option<Answer<S>>,
    error: Option<Error<C>>,
    /// The member that shows that an answer or a reply is not about this request.
    differs: Option<Mismatch>,
}

impl<S: Resolve, C: ErrorCode> Procedure<'_, S, C> {
    async fn run(mut self) -> Resolution<S, C> {
        let mut pause = FIRST_PAUSE;
        let mut action = self.machine.next();
        loop {
            self.notice_other_attempts();
            action = match action {
                // What another user of the client sends may be accepted before this.
                Action::Repeat if !S::PLAN.repeat_first && self.open.was_sent_since(self.mark) => Action::Wait,
                Action::Repeat => self.repeat().await,
                Action::Ask => self.ask().await,
                Action::Wait => {
                    // No longer than until a conclusion is possible: the next question may be the last one.
                    let conclusive = self.machine.conclusive_at().saturating_sub(self.passed());
                    let pause_now = if conclusive.is_zero() { pause } else { pause.min(conclusive) };
                    if pause_now >= self.left() {
                        return self.unknown("the time for resolving it is over").await;
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
                    // The verdict was read from an answer, which is kept.
                    None => return self.unknown("it was taken back").await,
                },
                Action::NotDone if self.open.has_succeeded() => {
                    return self.unknown("the service said success, and shows that nothing was done").await;
                }
                // Another user of the client has sent it meanwhile, or is sending it.
                Action::NotDone if !self.open.call_off(self.mark) => Action::Wait,
                Action::NotDone => {
                    let refusal = self.refusal.take().or(self.error.take());
                    return Resolution::NotDone(NotDone { found: self.found.take(), refusal });
                }
                Action::Unknown(reason) => return self.unknown(reason).await,
            };
        }
    }

    /// Attempts that other users of the client make beside this resolution can be accepted as long as its own.
    fn notice_other_attempts(&mut self) {
        let now = self.core.inner.clock.now();
        // Another user of the client may have shown a result to the purchaser.
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

    /// The client, with what is left of the time.
    fn caller(&self) -> Core<C> {
        let inner = &self.core.inner;
        let total = self.core.options.total.unwrap_or(inner.limits.total);
        self.core.with(CallOptions::new().total_timeout(total.min(self.left())))
    }

    async fn repeat(&mut self) -> Action {
        if !S::PLAN.repeat_first {
            // Counted before it is sent: the resolution may be dropped meanwhile.
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
                    Outcome::Rejected => Repeated::Refused { later: error.advice() == Some(Advice::TryLater) },
                    Outcome::Unknown => Repeated::Unknown,
                };
                if matches!(how, Repeated::Refused { .. }) {
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
                let asked = if says(&error, S::PLAN.absent) && error.outcome() == Outcome::Rejected {
                    Asked::Absent
                } else if error.is_invalid_request() || error.advice() == Some(Advice::CheckKey) {
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

    /// The end without evidence. What the service says when asked goes with it.
    async fn unknown(mut self, reason: &str) -> Resolution<S, C> {
        if self.found.is_none() && !self.left().is_zero() {
            self.found = self.caller().call(&self.question).await.ok();
        }
        let reason = match self.differs {
            Some(Mismatch::Differs(name)) => format!("{name} is not what it must be; {reason}"),
            Some(Mismatch::Absent(name)) => format!("{name} is not there or cannot be read; {reason}"),
            Some(Mismatch::Undated(name)) => format!(
                "{name} proves nothing, because it is not known when the request was first sent: give \
                 `CallOptions::attempted` what was stored; {reason}"
            ),
            Some(Mismatch::ClocksApart(name)) => format!(
                "{name} proves nothing, because the clocks of this machine and of the service are more than {} min \
                 apart: set this one; {reason}",
                MOST_APART.as_secs() / 60
            ),
            None => reason.to_owned(),
        };
        let error = self.refusal.take().or(self.error.take());
        Resolution::Unknown(Unresolved { reason, look_at: S::PLAN.look_at, found: self.found.take(), error })
    }
}

fn says<C: ErrorCode>(error: &Error<C>, codes: &[&str]) -> bool {
    error.code().is_some_and(|code| codes.iter().any(|own| code.as_text().trim().eq_ignore_ascii_case(own)))
}
