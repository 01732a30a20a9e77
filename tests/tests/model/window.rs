//! Model of a request that the service recognizes by its number only for the time `repeatable_for`. A later copy takes
//! effect again. The caller sends the request once, and may resolve it at any time, also in a new process. The model
//! shows that the request takes effect at most once.

use crate::model::intern::Interned;
use crate::model::memory::TICK;
use crate::model::mutants::Mutant;
use crate::model::search::{self, World};
use crate::model::state::{ACCEPTED_WITHIN, SHOWN_WITHIN};
use pagespec_runtime::__private::{ResolutionPlan, Resolve};
use pagespec_runtime::modeled::machine::{Action, Asked, Machine, Repeated, is_recognized};
use std::cell::RefCell;
use std::time::Duration;
use toss_sdk::pay::RefundPayment;

/// Number of ticks after the first attempt in which the service recognizes a repetition.
const RECOGNIZED: u8 = 16;
/// Largest number of ticks that a resolution takes.
const WITHIN: u8 = 4;
/// Largest age in ticks. Nothing changes any more at this age.
const OLD: u8 = RECOGNIZED + WITHIN + ACCEPTED_WITHIN + 2;

pub struct Repetitions {
    mutant: Option<Mutant>,
    plan: ResolutionPlan,
    machines: RefCell<Interned<Machine>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Ticks since the first attempt. `None` before the first attempt.
    age: Option<u8>,
    /// Set if the process knows the time of the first attempt.
    is_known: bool,
    /// Number of ticks in which each copy in transit can still be accepted, including the current tick.
    in_transit: [u8; 2],
    applied: u8,
    resolutions: u8,
    resolving: Option<Resolving>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Resolving {
    /// Ticks until the time limit of the resolution.
    left: u8,
    machine: u16,
    next: Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Next {
    Repeat,
    Ask,
    Wait,
}

fn time(ticks: u8) -> Duration {
    TICK * u32::from(ticks)
}

const CONCLUSIVE: u8 = ACCEPTED_WITHIN + SHOWN_WITHIN;

impl Repetitions {
    pub fn new(mutant: Option<Mutant>) -> Self {
        let repeatable_for = Some(time(RECOGNIZED));
        let plan = ResolutionPlan { repeatable_for, within: time(WITHIN), ..*RefundPayment::PLAN };
        Self { mutant, plan, machines: RefCell::default() }
    }

    fn begin(&self, state: &State) -> State {
        let age = state.age.filter(|_| state.is_known).map(time);
        let accepted = if self.mutant == Some(Mutant::AcceptedLater) { Duration::ZERO } else { time(CONCLUSIVE) };
        let may_repeat = self.mutant == Some(Mutant::RepeatableForever)
            || is_recognized(&self.plan, age, self.plan.within, accepted);
        let machine = Machine::new(&self.plan, time(CONCLUSIVE), false, 0, may_repeat).until(Some(self.plan.within));
        let action = machine.next();
        let mut next = State { resolutions: state.resolutions - 1, ..*state };
        self.act(&mut next, WITHIN, machine, &action);
        next
    }

    fn act(&self, state: &mut State, left: u8, machine: Machine, action: &Action) {
        let next = match action {
            Action::Repeat => Next::Repeat,
            Action::Ask => Next::Ask,
            Action::Wait => Next::Wait,
            _ => {
                state.resolving = None;
                return;
            }
        };
        let machine = self.machines.borrow_mut().number(machine);
        state.resolving = Some(Resolving { left, machine, next });
    }

    fn resolve(&self, state: &State, resolving: Resolving, steps: &mut Vec<(&'static str, State)>) {
        let mut machine = self.machines.borrow().get(resolving.machine).clone();
        let mut repeated = |state: State, how, label| {
            let (mut state, mut machine) = (state, machine.clone());
            let action = machine.repeated(&self.plan, Duration::ZERO, time(CONCLUSIVE), how);
            self.act(&mut state, resolving.left, machine, &action);
            steps.push((label, state));
        };
        match resolving.next {
            Next::Repeat => {
                repeated(*state, Repeated::NotSent, "there is no connection for the repetition");
                let mut sent = *state;
                if let Some(slot) = sent.in_transit.iter_mut().find(|left| **left == 0) {
                    *slot = ACCEPTED_WITHIN + 1;
                    repeated(sent, Repeated::Unknown, "the resolution sends the request again");
                }
            }
            Next::Ask => {
                let action = machine.asked(&self.plan, Duration::ZERO, Asked::Failed);
                let mut next = *state;
                self.act(&mut next, resolving.left, machine, &action);
                steps.push(("the query has no answer", next));
            }
            Next::Wait => {}
        }
    }

    fn tick(&self, state: &State) -> State {
        let mut next = *state;
        next.age = state.age.map(|age| (age + 1).min(OLD));
        next.in_transit = state.in_transit.map(|left| left.saturating_sub(1));
        next.in_transit.sort_unstable();
        next.resolving = None;
        if let Some(Resolving { left, machine, next: Next::Wait }) = state.resolving
            && left > 1
        {
            let machine = self.machines.borrow().get(machine).clone().rebased(TICK);
            let action = machine.next();
            self.act(&mut next, left - 1, machine, &action);
        }
        next
    }
}

impl World for Repetitions {
    type State = State;

    fn starts(&self) -> Vec<(&'static str, State)> {
        let start =
            State { age: None, is_known: false, in_transit: [0; 2], applied: 0, resolutions: 2, resolving: None };
        vec![("a request", start)]
    }

    fn steps(&self, state: &State, steps: &mut Vec<(&'static str, State)>) {
        match (state.age, state.resolving) {
            (None, _) => {
                let in_transit = [0, ACCEPTED_WITHIN + 1];
                steps.push((
                    "the caller sends the request",
                    State { age: Some(0), is_known: true, in_transit, ..*state },
                ));
                return;
            }
            (_, Some(resolving)) => self.resolve(state, resolving, steps),
            (_, None) if state.resolutions > 0 => steps.push(("a resolution begins", self.begin(state))),
            _ => {}
        }
        if state.is_known {
            steps.push(("the process restarts", State { is_known: false, resolving: None, ..*state }));
        }
        for (slot, _) in state.in_transit.iter().enumerate().filter(|(_, left)| **left > 0) {
            let mut next = *state;
            next.in_transit[slot] = 0;
            if state.applied == 0 || state.age.is_some_and(|age| age > RECOGNIZED) {
                next.applied += 1;
            }
            steps.push(("the service accepts the request", next));
        }
        if !matches!(state.resolving, Some(Resolving { next: Next::Repeat | Next::Ask, .. })) {
            steps.push((search::TICK, self.tick(state)));
        }
    }

    fn broken(&self, state: &State) -> Option<&'static str> {
        (state.applied > 1).then_some("a request takes effect at most once")
    }
}
