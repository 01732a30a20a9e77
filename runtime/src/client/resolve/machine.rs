//! The decisions of a resolution, without any I/O: what to do next, given what has been seen so far. The driver in
//! the module `resolve` sends, asks and waits; an exhaustive model drives the same code.
//!
//! The rule behind all decisions: a conclusion needs evidence that names this request. A code, a status line or silence
//! is never evidence by itself, and "not applied" holds only once no earlier attempt can be accepted any more.

use super::{ResolutionPlan, Verdict};
use crate::evidence::Mismatch;
use std::time::Duration;

/// What the generated code reads from the answer of the operation that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Whether the answer is about this request.
    pub binding: Result<(), Mismatch>,
    /// The state that the answer shows: a key of the plan's tables.
    pub state: String,
    /// What is still in force of what the request did, in the amount's unit.
    pub remaining: Option<i64>,
    /// Whether the members that a `not_done` rests on are there and agree.
    pub unchanged: bool,
    /// Whether less is in force than the state says: part of it has been taken back.
    pub is_reduced: bool,
}

/// How long the last question of a resolution and the pause before it may take.
const LAST_QUESTION: Duration = Duration::from_secs(20);

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Send the request again.
    Repeat,
    /// Ask for the status.
    Ask,
    /// Wait a moment, then ask, or send again.
    Wait,
    /// The request took effect, and all of it is in force.
    Done,
    /// The request took effect, and all or part of it has been taken back.
    Reversed {
        /// What is left, where the service says so.
        remaining: Option<i64>,
    },
    /// The request did not take effect, and cannot any more.
    NotDone,
    /// Nothing more can be found out by asking now.
    Unknown(&'static str),
}

/// How a repetition of the request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeated {
    /// The service said success, in a reply that is bound to the request.
    Success,
    /// The service refused it as documented; `later` when it says that another time may do.
    Refused {
        /// Whether the refusal is about the moment and not about the request.
        later: bool,
    },
    /// It may have been sent, and no bound answer came.
    Unknown,
    /// It was not sent.
    NotSent,
    /// It cannot be sent: it breaks a rule by now.
    Invalid,
}

/// How a question ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// An answer.
    Answer(Reading),
    /// The question was refused with a code that says that there is nothing.
    Absent,
    /// No answer this time.
    Failed,
    /// No answer at any time: the question breaks a rule, or the credentials are refused.
    Hopeless,
}

/// The state of one resolution. Times are measured from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// From here on no earlier attempt can be accepted, and what was accepted shows in answers.
    conclusive_at: Duration,
    /// No attempt was answered, as far as this client knows. Only then its result cannot have been shown to a purchaser.
    unanswered: bool,
    /// How often the request was sent again after asking.
    repeats: u32,
    /// Whether the request may be sent again at all.
    may_repeat: bool,
    /// Whether a repetition was refused, and nothing has changed since.
    refused: bool,
    /// Whether a refused repetition was made once more although no change was seen.
    insisted: bool,
    /// When the resolution ends.
    deadline: Option<Duration>,
    /// What the last answer said: its state, and what is left.
    seen: Option<(String, Option<i64>)>,
    /// Whether the next step of an idempotent request is to send it.
    repeat_next: bool,
}

impl Machine {
    /// The beginning of a resolution.
    ///
    /// `conclusive_in` is how long it still takes until no earlier attempt can be accepted and what was accepted shows;
    /// `repeats` how often the request was sent again before by other resolutions of it.
    pub fn new(
        plan: &ResolutionPlan,
        conclusive_in: Duration,
        unanswered: bool,
        repeats: u32,
        may_repeat: bool,
    ) -> Self {
        Self {
            conclusive_at: conclusive_in,
            unanswered,
            repeats,
            may_repeat,
            refused: false,
            insisted: false,
            deadline: None,
            seen: None,
            repeat_next: plan.repeat_first && may_repeat,
        }
    }

    /// The same, for a resolution that ends after `deadline`: an idempotent request is not sent again when no time would
    /// be left for a conclusion.
    pub fn until(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// A question about a request that was found to be not done has ended. Nothing is sent for it any more; what shows may
    /// be the doing of another process since.
    pub fn asked_after_not_done(plan: &ResolutionPlan, how: Asked) -> Action {
        let Asked::Answer(Reading { binding: Ok(()), state, remaining, unchanged, is_reduced }) = how else {
            return Action::NotDone;
        };
        let find = |table: &[(&str, Verdict)]| table.iter().find(|(known, _)| *known == state).map(|(_, v)| *v);
        match find(plan.immediately).or_else(|| find(plan.after_acceptance)).or_else(|| find(plan.unanswered)) {
            Some(Verdict::Done) if !is_reduced => Action::Done,
            Some(Verdict::Done | Verdict::Reversed) => Action::Reversed { remaining },
            Some(Verdict::NotDone | Verdict::Repeat) if unchanged => Action::NotDone,
            _ => Action::Unknown("it was found to be not done, and the service shows something else since"),
        }
    }

    /// How often the request was sent again, with what other resolutions did.
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// When a conclusion can rest on what is not there, from the beginning of the resolution.
    pub fn conclusive_at(&self) -> Duration {
        self.conclusive_at
    }

    /// The same state with times measured from `by` later on, so that a model does not need to distinguish such states.
    #[doc(hidden)]
    pub fn rebased(mut self, by: Duration) -> Self {
        self.conclusive_at = self.conclusive_at.saturating_sub(by);
        self.deadline = self.deadline.map(|deadline| deadline.saturating_sub(by));
        self
    }

    /// Notes an attempt that something else than this resolution made, `at` so long after its beginning.
    pub fn attempted(&mut self, at: Duration, conclusive_after: Duration) {
        if !at.is_zero() {
            self.conclusive_at = self.conclusive_at.max(at.saturating_add(conclusive_after));
        }
    }

    /// Notes that an attempt may have been answered: its result may have been shown to a purchaser.
    pub fn answered(&mut self) {
        self.unanswered = false;
    }

    /// What to do first, and after each wait.
    pub fn next(&self) -> Action {
        if self.repeat_next { Action::Repeat } else { Action::Ask }
    }

    /// A repetition has ended. `now` is the time at its end, `conclusive_after` how long after an attempt its effect can
    /// still appear.
    pub fn repeated(
        &mut self,
        plan: &ResolutionPlan,
        now: Duration,
        conclusive_after: Duration,
        how: Repeated,
    ) -> Action {
        self.repeat_next = false;
        match how {
            Repeated::Success => return Action::Done,
            Repeated::NotSent => {
                self.repeat_next = plan.repeat_first;
                return Action::Wait;
            }
            Repeated::Invalid => {
                self.may_repeat = false;
                return Action::Ask;
            }
            Repeated::Refused { .. } | Repeated::Unknown => {}
        }
        // Whatever the answer was: what has been sent may be delivered once more on the way.
        self.conclusive_at = self.conclusive_at.max(now.saturating_add(conclusive_after));
        if !plan.repeat_first {
            self.repeats += 1;
        }
        self.refused = matches!(how, Repeated::Refused { .. });
        let may_help = how != (Repeated::Refused { later: false }) && self.leaves_time(now, conclusive_after);
        self.repeat_next = plan.repeat_first && may_help;
        Action::Ask
    }

    /// Whether a conclusion is possible in time after another repetition. Where none is possible anyway, repeating is all
    /// that can help.
    fn leaves_time(&self, now: Duration, conclusive_after: Duration) -> bool {
        let last = |deadline: Duration| deadline.checked_sub(conclusive_after.saturating_add(LAST_QUESTION));
        self.deadline.and_then(last).is_none_or(|last| now < last)
    }

    /// A question has ended. `asked_at` is the time at which it was sent.
    pub fn asked(&mut self, plan: &ResolutionPlan, asked_at: Duration, how: Asked) -> Action {
        let reading = match how {
            Asked::Answer(reading) => reading,
            Asked::Absent => Reading {
                binding: Ok(()),
                state: "absent".to_owned(),
                remaining: None,
                unchanged: true,
                is_reduced: false,
            },
            Asked::Failed => return Action::Wait,
            Asked::Hopeless => return Action::Unknown("the question is refused, and asking again cannot help"),
        };
        let is_conclusive = asked_at >= self.conclusive_at;
        match reading.binding {
            Ok(()) => {}
            Err(Mismatch::Absent(_)) => return Action::Wait,
            // What lags may still show the one that is meant.
            Err(Mismatch::Differs(name)) if plan.identity.contains(&name) && !is_conclusive => return Action::Wait,
            Err(Mismatch::Differs(name)) if plan.identity.contains(&name) => {
                return Action::Unknown("the service shows another one");
            }
            Err(Mismatch::Differs(_)) => return Action::Unknown("the answer differs from the request"),
            Err(Mismatch::Undated(_) | Mismatch::ClocksApart(_)) => {
                return Action::Unknown("the service shows one, which may be another");
            }
        }
        let now_seen = Some((reading.state.clone(), reading.remaining));
        let find = |table: &[(&str, Verdict)]| table.iter().find(|(state, _)| *state == reading.state).map(|(_, v)| *v);
        // What refused the last repetition may be over. It may have been over before the first question, too: when the
        // state proves nothing even now that no attempt can be accepted any more, the request is sent once more.
        let has_changed = self.seen.is_some() && self.seen != now_seen;
        let may_have_changed = !self.insisted && is_conclusive && !is_in_a_table(plan, &reading);
        if self.refused && (has_changed || may_have_changed) {
            self.refused = false;
            self.insisted |= !has_changed;
            self.repeat_next = plan.repeat_first && self.may_repeat;
        }
        self.seen = now_seen;
        if let Some(verdict) = find(plan.immediately) {
            return self.conclude(plan, verdict, &reading, false);
        }
        if is_conclusive && let Some(verdict) = find(plan.after_acceptance) {
            return self.conclude(plan, verdict, &reading, true);
        }
        match find(plan.unanswered) {
            Some(verdict) if self.unanswered => self.conclude(plan, verdict, &reading, false),
            _ => Action::Wait,
        }
    }

    fn conclude(&self, plan: &ResolutionPlan, verdict: Verdict, reading: &Reading, is_conclusive: bool) -> Action {
        match verdict {
            Verdict::Done if reading.is_reduced => Action::Reversed { remaining: reading.remaining },
            Verdict::Done => Action::Done,
            Verdict::Reversed => Action::Reversed { remaining: reading.remaining },
            // A figure that has moved, or is not there, may be this request's doing. A final state needs no figures.
            Verdict::NotDone if is_conclusive && !reading.unchanged => Action::Wait,
            Verdict::NotDone => Action::NotDone,
            Verdict::Repeat => {
                let may_repeat = self.may_repeat && self.repeats < plan.repeats && !self.refused;
                match (may_repeat, is_conclusive) {
                    (true, _) => Action::Repeat,
                    // Not applied by any attempt so far, and no attempt is left that could.
                    (false, true) => Action::NotDone,
                    (false, false) => Action::Wait,
                }
            }
        }
    }
}

/// Whether the answer can prove anything, now or later.
fn is_in_a_table(plan: &ResolutionPlan, reading: &Reading) -> bool {
    let mut tables = [plan.immediately, plan.unanswered, plan.after_acceptance].into_iter().flatten();
    reading.unchanged && tables.any(|(state, _)| *state == reading.state)
}
