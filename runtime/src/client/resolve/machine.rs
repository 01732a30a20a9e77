//! Decisions of a resolution, without I/O: the next action, given the answers so far. The module `resolve` sends
//! requests, asks for the status and waits. An exhaustive model tests this code.
//!
//! Every conclusion needs evidence that names this request. An HTTP status, a missing answer, or an error code that
//! does not mean "not found" is never evidence. "Not done" is concluded only if no earlier attempt can take effect any
//! more. This is the case if the time for it has passed, or if the state is final.

use super::{ResolutionPlan, Verdict};
use crate::evidence::Mismatch;
use std::time::Duration;

/// Facts that generated code reads from an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Result of checking that the answer is about this request.
    pub binding: Result<(), Mismatch>,
    /// State that the answer shows: a key of the plan's tables.
    pub state: String,
    /// Amount that has not been reversed, in the unit of the request's amount.
    pub remaining: Option<i64>,
    /// Set if the members that differ from each other after the effect are present and still equal to each other. "Not
    /// done" relies on them.
    pub unchanged: bool,
    /// Set if the answer shows that a part of the amount was reversed, although the state alone does not show this.
    pub is_reduced: bool,
}

/// Time reserved for the last status query and the pause before it.
const LAST_QUESTION: Duration = Duration::from_secs(20);

/// Next action of a resolution.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Send the request again.
    Repeat,
    /// Ask for the status.
    Ask,
    /// Pause, then ask for the status or send the request again.
    Wait,
    /// The request took effect, and no part of the effect was reversed.
    Done,
    /// The request took effect, and all or part of the effect was reversed later.
    Reversed {
        /// Amount that has not been reversed, if the service states it.
        remaining: Option<i64>,
    },
    /// The request did not take effect, and can no longer take effect.
    NotDone,
    /// The outcome stays unknown, because asking again now cannot change that. Contains the reason.
    Unknown(&'static str),
}

/// Result of a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeated {
    /// The service replied with success, and the reply is about this request.
    Success,
    /// The service rejected the request as documented.
    Refused {
        /// Set if the reason does not lie in the request itself, so that the same request may be accepted later.
        later: bool,
    },
    /// The request may have been sent, but no reply proves whether it took effect.
    Unknown,
    /// The request was not sent.
    NotSent,
    /// The request cannot be sent, because it now breaks a rule (for example, a time in it has passed).
    Invalid,
}

/// Result of a status query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// The service answered.
    Answer(Reading),
    /// The service rejected the status query with a code that means "not found".
    Absent,
    /// The status query failed. A later status query may succeed.
    Failed,
    /// There cannot be an answer: the status query breaks a rule, or the credentials are refused.
    Hopeless,
}

/// State of one resolution. Times are measured from its start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// Time from which no earlier attempt can be accepted, and all accepted attempts appear in answers.
    conclusive_at: Duration,
    /// Set while no attempt was answered, as far as this client knows. Otherwise a purchaser may have seen a result.
    unanswered: bool,
    /// Number of repetitions after status queries.
    repeats: u32,
    /// Set if the request may be sent again at all.
    may_repeat: bool,
    /// Set if a repetition was rejected and the state has not changed since.
    refused: bool,
    /// Set if another repetition after a rejection was allowed although the state had not changed.
    insisted: bool,
    /// Time limit of the resolution. `None` means that there is no limit.
    deadline: Option<Duration>,
    /// State and remaining amount of the last answer.
    seen: Option<(String, Option<i64>)>,
    /// Set if the next action is to send the request again. Only for plans with `repeat_first`.
    repeat_next: bool,
}

impl Machine {
    /// Creates the state at the start of a resolution.
    ///
    /// After `conclusive_in`, no earlier attempt can be accepted any more, and all accepted attempts appear in answers.
    /// `repeats` is the number of repetitions that other resolutions of the request have sent.
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

    /// Sets the time limit of the resolution. With `repeat_first`, each repetition after the first must leave enough
    /// time for a conclusion. This rule does not apply if the time limit is too short for any conclusion, or if the
    /// reason for the last rejection may no longer exist.
    pub fn until(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Returns the action after a status query about a request that was found to be not done. The request is never sent
    /// again. If the request took effect after all, another process has sent it since.
    pub fn asked_after_not_done(plan: &ResolutionPlan, how: Asked) -> Action {
        let Asked::Answer(Reading { binding: Ok(()), state, remaining, unchanged, is_reduced }) = how else {
            return Action::NotDone;
        };
        let find = |table: &[(&str, Verdict)]| table.iter().find(|(known, _)| *known == state).map(|(_, v)| *v);
        match find(plan.immediately).or_else(|| find(plan.after_acceptance)).or_else(|| find(plan.unanswered)) {
            Some(Verdict::Done) if !is_reduced => Action::Done,
            Some(Verdict::Done | Verdict::Reversed) => Action::Reversed { remaining },
            Some(Verdict::NotDone | Verdict::Repeat) if unchanged => Action::NotDone,
            _ => Action::Unknown("the request was found to be not done, but the service now shows another state"),
        }
    }

    /// Returns the number of repetitions, including those of other resolutions.
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// Returns the time from which an absent effect is conclusive, measured from the start of the resolution.
    pub fn conclusive_at(&self) -> Duration {
        self.conclusive_at
    }

    /// Returns the same state, with its times measured from a start that is later by `by`. A model uses this to merge
    /// equal states.
    #[doc(hidden)]
    pub fn rebased(mut self, by: Duration) -> Self {
        self.conclusive_at = self.conclusive_at.saturating_sub(by);
        self.deadline = self.deadline.map(|deadline| deadline.saturating_sub(by));
        self
    }

    /// Notes an attempt by another call. `at` is the end of the attempt, measured from the start of this resolution.
    /// `conclusive_after` is how long after an attempt its effect can still appear.
    pub fn attempted(&mut self, at: Duration, conclusive_after: Duration) {
        if !at.is_zero() {
            self.conclusive_at = self.conclusive_at.max(at.saturating_add(conclusive_after));
        }
    }

    /// Notes that an attempt may have been answered, so that a purchaser may have seen the result.
    pub fn answered(&mut self) {
        self.unanswered = false;
    }

    /// Returns the first action, and the action after each pause.
    pub fn next(&self) -> Action {
        if self.repeat_next { Action::Repeat } else { Action::Ask }
    }

    /// Notes the end of a repetition at `now`, and returns the next action. `conclusive_after` is how long after an
    /// attempt its effect can still appear.
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
        // A rejection postpones the conclusion too, because the network may deliver a sent request a second time.
        self.conclusive_at = self.conclusive_at.max(now.saturating_add(conclusive_after));
        if !plan.repeat_first {
            self.repeats += 1;
        }
        self.refused = matches!(how, Repeated::Refused { .. });
        let may_help = how != (Repeated::Refused { later: false }) && self.leaves_time(now, conclusive_after);
        self.repeat_next = plan.repeat_first && may_help;
        Action::Ask
    }

    /// Returns `true` if another repetition leaves enough time for a conclusion. Also returns `true` if the time limit
    /// is too short for any conclusion, because only a repetition can help then.
    fn leaves_time(&self, now: Duration, conclusive_after: Duration) -> bool {
        let last = |deadline: Duration| deadline.checked_sub(conclusive_after.saturating_add(LAST_QUESTION));
        self.deadline.and_then(last).is_none_or(|last| now < last)
    }

    /// Notes the result of a status query that was sent at `asked_at`, and returns the next action.
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
            Asked::Hopeless => {
                return Action::Unknown("the status query is invalid or refused, and sending it again cannot help");
            }
        };
        let is_conclusive = asked_at >= self.conclusive_at;
        match reading.binding {
            Ok(()) => {}
            Err(Mismatch::Absent(_) | Mismatch::NotPositive(_)) => return Action::Wait,
            // The answer may come from older data, and a later answer may be about this request.
            Err(Mismatch::Differs(name)) if plan.identity.contains(&name) && !is_conclusive => return Action::Wait,
            Err(Mismatch::Differs(name)) if plan.identity.contains(&name) => {
                return Action::Unknown("the answer is about another request");
            }
            Err(Mismatch::Differs(_)) => return Action::Unknown("the answer differs from the request"),
            Err(Mismatch::Undated(_) | Mismatch::ClocksApart(_)) => {
                return Action::Unknown("the answer may be about another request");
            }
        }
        let now_seen = Some((reading.state.clone(), reading.remaining));
        let find = |table: &[(&str, Verdict)]| table.iter().find(|(state, _)| *state == reading.state).map(|(_, v)| *v);
        // The reason for the last rejection may no longer exist if the state has changed. The state may also have
        // changed before the first status query. If the state still proves nothing at a conclusive time, the request
        // may therefore be sent once more.
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
            // A member that has changed or is absent may show an effect of this request. Only the verdicts in
            // `after_acceptance` need these members.
            Verdict::NotDone if is_conclusive && !reading.unchanged => Action::Wait,
            Verdict::NotDone => Action::NotDone,
            Verdict::Repeat if is_conclusive && !reading.unchanged => Action::Wait,
            Verdict::Repeat => {
                let may_repeat = self.may_repeat && self.repeats < plan.repeats && !self.refused;
                match (may_repeat, is_conclusive) {
                    (true, _) => Action::Repeat,
                    // No attempt has taken effect, and none can be accepted any more.
                    (false, true) => Action::NotDone,
                    (false, false) => Action::Wait,
                }
            }
        }
    }
}

/// Returns `true` if the service recognizes every repetition of a resolution that begins now and takes `within`. The
/// service may accept the last repetition up to `conclusive_after` later. `age` is the time since the first attempt. If
/// `age` is `None`, the first attempt may be too long ago, so the result is `false` if the plan has a limit.
pub fn is_recognized(
    plan: &ResolutionPlan,
    age: Option<Duration>,
    within: Duration,
    conclusive_after: Duration,
) -> bool {
    let Some(limit) = plan.repeatable_for else { return true };
    age.is_some_and(|age| age.saturating_add(within).saturating_add(conclusive_after) <= limit)
}

/// Returns `true` if the answer can prove something, now or later.
fn is_in_a_table(plan: &ResolutionPlan, reading: &Reading) -> bool {
    let mut tables = [plan.immediately, plan.unanswered, plan.after_acceptance].into_iter().flatten();
    reading.unchanged && tables.any(|(state, _)| *state == reading.state)
}
