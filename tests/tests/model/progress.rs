//! Check of progress: a resolution ends if no further failure occurs.

use crate::model::mutants::Mutant;
use crate::model::procedure::Procedure;
use crate::model::state::{ACCEPTED_WITHIN, At, SHOWN_WITHIN, State, Told};
use crate::model::subject::Subject;
use pagespec_runtime::modeled::machine::Repeated;

impl<S: Subject> Procedure<S> {
    /// Continues the resolution of each visited state without further events and failures. Returns the number of
    /// resolutions that conclude and the number of those that do not. The third value is a state whose resolution must
    /// conclude but does not, if there is one.
    ///
    /// # Panics
    ///
    /// Panics if the plan lists no members under `look_at`.
    pub fn progress(&self, states: &[State<S::Service>]) -> (usize, usize, Option<State<S::Service>>) {
        assert!(!self.plan.look_at.is_empty(), "the plan lists no members under `look_at`");
        let (mut concluded, mut unknown, mut stuck) = (0, 0, None);
        for state in states.iter().filter(|state| !matches!(state.at, At::Idle | At::Calling)) {
            if self.goes_well(state).is_some() {
                concluded += 1;
                continue;
            }
            unknown += 1;
            if self.subject.must_conclude(&state.service) {
                stuck = stuck.or(Some(*state));
            }
        }
        (concluded, unknown, stuck)
    }

    fn goes_well(&self, state: &State<S::Service>) -> Option<Told> {
        let mut state = *state;
        // Messages in transit are lost.
        state.messages = Default::default();
        for _ in 0..4 * (ACCEPTED_WITHIN + SHOWN_WITHIN) {
            for _ in 0..4 {
                match state.at {
                    At::Repeat if self.subject.is_invalid(&state.service) => {
                        if self.is(Mutant::ExpiredNeverCloses) {
                            state.at = At::Wait;
                        } else {
                            self.repeated(&mut state, Repeated::Invalid);
                        }
                    }
                    At::Repeat | At::Repeating => {
                        state.at = At::Repeating;
                        let end = match self.subject.accept(&state.service, state.era()) {
                            Ok(service) => {
                                state.service = service;
                                self.ends_of_success[0].1
                            }
                            Err(code) => self.refusal(code).1,
                        };
                        self.end(&mut state, end);
                    }
                    At::Ask => {
                        let service = state.service;
                        let (_, machine, action) = self.asked(&state, &service)[0].clone();
                        state.machine = machine;
                        self.act(&mut state, &action, Some(&service));
                    }
                    At::Wait => break,
                    At::Idle | At::Calling => return Some(state.told).filter(|told| *told != Told::Unknown),
                }
            }
            state = self.tick(&state);
        }
        None
    }
}
