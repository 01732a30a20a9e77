//! Exhaustive model of money and unknown outcomes: the runtime's own decisions and the generated tables, against a
//! service and a network with every possible behavior, in every order.
//!
//! Time passes in ticks of 15 s. A request is accepted within 60 s (4 ticks) of its sending and shown within 15 s (one
//! tick) of its acceptance. States contain ages instead of times, so runs have no last tick. The numbers of calls,
//! resolutions and restarts are bounded. Searches print their bounds and counts with `--nocapture`.
//!
//! Not modeled: a gateway that forwards the reply to a copy of an accepted request, rejections of another request (each
//! request has its own connection), refunds in progress that fail, settlement, calls in progress during a resolution of
//! the same request in another task, and times shorter than a tick.

mod budget;
mod callback;
mod create;
mod execute;
mod intern;
mod memory;
mod mutants;
mod payment;
mod procedure;
mod progress;
mod refund;
mod search;
mod state;
mod stores;
mod subject;
mod window;
mod wire;

use mutants::Mutant;
use procedure::Procedure;
use search::{World, search};
use state::Bounds;
use subject::Subject;

/// Largest number of states in a regular test.
const MOST: usize = 2_000_000;

/// One process, which calls twice and resolves once.
const TWO_CALLS: Bounds = Bounds { attempts: 2, calls: 2, resolutions: 1, restarts: 0, stores: false };
/// One process, which calls once and resolves twice.
const TWO_RESOLUTIONS: Bounds = Bounds { attempts: 2, calls: 1, resolutions: 2, ..TWO_CALLS };
/// A restart at any time. The caller may have stored the times of attempts.
const RESTARTED: Bounds = Bounds { calls: 1, restarts: 1, stores: true, ..TWO_CALLS };

/// Visits every state of an unmodified world.
fn holds<S: Subject>(name: &str, subject: S, bounds: Bounds) {
    let (world, began) = (Procedure::new(subject, bounds, None), std::time::Instant::now());
    let found = search(&world, MOST);
    if let Some(counterexample) = &found.counterexample {
        counterexample.print(name);
        panic!("{name}: {}", counterexample.property);
    }
    let (concluded, unknown, stuck) = world.progress(&found.visited);
    eprintln!(
        "{name}: {bounds:?}: {} states, {} steps, {:?}; all well from there: {concluded} conclude, {unknown} unknown",
        found.states,
        found.steps,
        began.elapsed(),
    );
    if let Some(state) = stuck {
        panic!("{name}: no conclusion though all is well: {state:?}");
    }
}

/// Visits every state of a smaller unmodified world.
fn stands<W: World>(name: &str, world: &W) {
    let found = search(world, MOST);
    if let Some(counterexample) = &found.counterexample {
        counterexample.print(name);
        panic!("{name}: {}", counterexample.property);
    }
    eprintln!("{name}: {} states, {} steps", found.states, found.steps);
}

/// Searches for the property that a mutant breaks, and prints the story.
fn falls<W: World>(name: &str, world: &W, mutant: Mutant) {
    let found = search(world, MOST);
    let Some(counterexample) = found.counterexample else { panic!("{name}: {mutant:?} is not noticed") };
    let steps = counterexample.story.len() - 1;
    counterexample.print(&format!("{mutant:?} in {name}: {steps} steps, {} states", found.states));
}

fn breaks<S: Subject>(name: &str, subject: S, bounds: Bounds, mutant: Mutant) {
    falls(name, &Procedure::new(subject, bounds, Some(mutant)), mutant);
}

#[test]
fn refunds_are_resolved_rightly() {
    holds("refund", refund::Refund, Bounds { resolutions: 2, ..TWO_CALLS });
    holds("refund", refund::Refund, Bounds { attempts: 3, resolutions: 1, ..TWO_RESOLUTIONS });
    holds("refund", refund::Refund, Bounds { stores: false, ..RESTARTED });
}

#[test]
fn executions_are_resolved_rightly() {
    holds("execute", execute::Execute, Bounds { attempts: 3, resolutions: 2, ..TWO_CALLS });
    holds("execute", execute::Execute, Bounds { attempts: 3, resolutions: 2, restarts: 2, ..RESTARTED });
}

#[test]
fn creations_are_resolved_rightly() {
    holds("create", create::Create, TWO_CALLS);
    holds("create", create::Create, Bounds { attempts: 3, ..TWO_RESOLUTIONS });
    holds("create", create::Create, RESTARTED);
}

#[test]
fn callbacks_and_returns_are_judged_rightly() {
    stands("callbacks and returns", &callback::Callbacks { mutant: None });
}

#[test]
fn registrations_are_judged_rightly() {
    for is_deletion in [false, true] {
        stands("stores", &stores::Stores { mutant: None, is_deletion });
    }
    stands("registration callbacks", &stores::Registrations { mutant: None });
}

#[test]
fn forged_claims_never_starve_genuine_ones() {
    stands("budget", &budget::Budget { mutant: None });
}

#[test]
fn a_request_that_the_service_may_have_forgotten_is_not_repeated() {
    stands("window of repetitions", &window::Repetitions::new(None));
}

/// One test per mutant, so that none hides another.
macro_rules! mutants {
    ($($name:ident: $world:expr, $mutant:ident;)*) => {
        $(#[test]
        fn $name() {
            let name = stringify!($name);
            #[allow(clippy::redundant_closure_call, reason = "the world is chosen by a closure")]
            ($world)(name, Mutant::$mutant);
        })*
    };
}

fn in_refund(name: &str, mutant: Mutant) {
    breaks(name, refund::Refund, TWO_RESOLUTIONS, mutant);
}

fn in_refund_of_three_attempts(name: &str, mutant: Mutant) {
    breaks(name, refund::Refund, Bounds { attempts: 3, ..TWO_RESOLUTIONS }, mutant);
}

fn in_refund_called_twice(name: &str, mutant: Mutant) {
    breaks(name, refund::Refund, TWO_CALLS, mutant);
}

fn in_execute(name: &str, mutant: Mutant) {
    breaks(name, execute::Execute, Bounds { attempts: 3, ..TWO_RESOLUTIONS }, mutant);
}

fn in_execute_called_twice(name: &str, mutant: Mutant) {
    breaks(name, execute::Execute, TWO_CALLS, mutant);
}

fn in_execute_with_stored_times(name: &str, mutant: Mutant) {
    breaks(name, execute::Execute, Bounds { stores: true, ..TWO_RESOLUTIONS }, mutant);
}

fn in_create(name: &str, mutant: Mutant) {
    breaks(name, create::Create, RESTARTED, mutant);
}

fn in_callbacks(name: &str, mutant: Mutant) {
    falls(name, &callback::Callbacks { mutant: Some(mutant) }, mutant);
}

fn in_deletion(name: &str, mutant: Mutant) {
    falls(name, &stores::Stores { mutant: Some(mutant), is_deletion: true }, mutant);
}

fn in_registrations(name: &str, mutant: Mutant) {
    falls(name, &stores::Registrations { mutant: Some(mutant) }, mutant);
}

fn in_repetitions(name: &str, mutant: Mutant) {
    falls(name, &window::Repetitions::new(Some(mutant)), mutant);
}

mutants! {
    without_1_a_refused_repetition_would_prove_not_done: in_refund, RefusalProvesNotDone;
    without_2_a_used_number_would_prove_done: in_refund, DuplicateProvesDone;
    without_3_an_unbound_refund_would_be_done: in_refund, BindingSkipped;
    without_3_an_unbound_execution_would_be_done: in_execute, BindingSkipped;
    without_3_an_unbound_status_would_confirm: in_callbacks, BindingSkipped;
    without_4_a_status_line_would_reject_a_refund: in_refund, StatusLineRejects;
    without_4_a_status_line_would_reject_an_execution: in_execute, StatusLineRejects;
    without_5_a_refused_question_would_refute: in_callbacks, RefusedQuestionRefutes;
    without_5_an_absent_member_would_refute: in_callbacks, AbsentMemberRefutes;
    without_5_a_partial_refund_would_refute: in_callbacks, PartialRefundRefutes;
    without_6_a_refunded_payment_would_be_done: in_execute, ReversedIsDone;
    without_7_an_older_payment_would_be_taken: in_create, CreatedTimeSkipped;
    without_8_each_resolution_would_execute: in_execute, RepeatsPerResolution;
    without_9_forged_claims_would_starve_genuine_ones:
        |name, mutant| falls(name, &budget::Budget { mutant: Some(mutant) }, mutant), NoShareForFamiliar;
    without_10_an_empty_list_would_prove_deletion: in_deletion, EmptyListProves;
    without_10_entries_that_cannot_be_read_would_prove_deletion: in_deletion, UnreadableEntriesDropped;
    without_10_another_shops_entry_would_count: in_registrations, OtherShopCounts;
    without_10_a_missing_credential_would_refute: in_registrations, MissingCredentialRefutes;
    without_11_a_return_would_run_ahead: in_callbacks, ReturnRunsAhead;
    without_11_a_bound_success_would_be_lost: in_execute, SuccessIsLost;
    without_11_the_mode_would_be_ignored: in_create, ModeIgnored;
    without_its_time_a_conclusion_would_be_wrong: in_refund, ConclusiveAtOnce;
    without_time_for_lag_a_conclusion_would_be_wrong: in_refund, LagIgnored;
    without_waiting_an_execution_would_be_sent_beside_another: in_execute, RepeatsEarly;
    without_the_other_verdict_a_waiting_resolution_would_refund: in_refund_of_three_attempts, CalledOffIgnored;
    without_a_trace_a_dropped_call_would_be_forgotten: in_execute_called_twice, DroppedCallForgotten;
    without_a_trace_a_dropped_repetition_would_be_made_again: in_execute, DroppedCallForgotten;
    without_own_times_stored_ones_would_conclude_too_early: in_execute_with_stored_times, StoredTimesReplaceOwn;
    without_an_unknown_outcome_a_second_call_would_reject: in_refund_called_twice, SecondCallRejects;
    without_the_answers_a_second_page_would_be_shown: in_create, AnswersForgotten;
    without_the_window_a_forgotten_request_would_take_effect_again: in_repetitions, RepeatableForever;
    without_time_for_acceptance_the_window_would_end_too_late: in_repetitions, AcceptedLater;
}

#[test]
fn without_11_an_expired_creation_would_never_close() {
    let world = Procedure::new(create::Create, RESTARTED, Some(Mutant::ExpiredNeverCloses));
    let found = search(&world, MOST);
    assert!(found.counterexample.is_none());
    let state = world.progress(&found.visited).2.expect("a resolution that never ends");
    eprintln!("ExpiredNeverCloses: stuck for ever: {state:?}");
}
