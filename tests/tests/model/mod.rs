//! Exhaustive model of requests that move money and whose outcome may be unknown. The tests visit every modeled
//! behavior of the service and the network, in every order. They show that the client never reports a wrong outcome and
//! never moves money twice. The runtime and the generated tables make all decisions of the client. Only the service and
//! the network are modeled.
//!
//! Time passes in ticks of 15 s. The service accepts a request at most 60 s (4 ticks) after the client sent it. At the
//! latest 15 s (one tick) after the acceptance, every query shows the effect. States contain ages instead of times, so
//! the number of ticks is not bounded. The numbers of calls, resolutions and restarts are bounded. With `--nocapture`,
//! each test prints the number of visited states.
//!
//! The model does not cover:
//!
//! - refunds in progress that fail, settlement, and times shorter than a tick
//! - a gateway that sends a request twice, and returns the refusal of the second copy after the service has accepted
//!   the first copy
//! - a call in another task during the resolution of the same request
//!
//! Every rejection is a reply to the modeled request, because each request has its own connection.

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

/// Largest number of states that a search may visit.
const MOST: usize = 2_000_000;

/// Bounds for one process, which makes two calls and one resolution.
const TWO_CALLS: Bounds = Bounds { attempts: 2, calls: 2, resolutions: 1, restarts: 0, stores: false };
/// Bounds for one process, which makes one call and two resolutions.
const TWO_RESOLUTIONS: Bounds = Bounds { attempts: 2, calls: 1, resolutions: 2, ..TWO_CALLS };
/// Bounds for one call and one resolution, with a restart at any time. The caller may have stored the times of
/// attempts.
const RESTARTED: Bounds = Bounds { calls: 1, restarts: 1, stores: true, ..TWO_CALLS };

/// Visits every state of an unmodified [`Procedure`]. Checks that no state breaks a property, and that every resolution
/// that must conclude does so.
fn holds<S: Subject>(name: &str, subject: S, bounds: Bounds) {
    let (world, began) = (Procedure::new(subject, bounds, None), std::time::Instant::now());
    let found = search(&world, MOST);
    if let Some(counterexample) = &found.counterexample {
        counterexample.print(name);
        panic!("{name}: broken property: {}", counterexample.property);
    }
    let (concluded, unknown, stuck) = world.progress(&found.visited);
    eprintln!(
        "{name}: {bounds:?}: {} states, {} steps, {:?}; without failures: {concluded} conclude, {unknown} unknown",
        found.states,
        found.steps,
        began.elapsed(),
    );
    if let Some(state) = stuck {
        panic!("{name}: the resolution does not conclude even without further failures: {state:?}");
    }
}

/// Visits every state of an unmodified model other than [`Procedure`]. Checks that no state breaks a property.
fn stands<W: World>(name: &str, world: &W) {
    let found = search(world, MOST);
    if let Some(counterexample) = &found.counterexample {
        counterexample.print(name);
        panic!("{name}: broken property: {}", counterexample.property);
    }
    eprintln!("{name}: {} states, {} steps", found.states, found.steps);
}

/// Checks that a mutant breaks a property, and prints the steps that lead to the broken property.
fn falls<W: World>(name: &str, world: &W, mutant: Mutant) {
    let found = search(world, MOST);
    let Some(counterexample) = found.counterexample else { panic!("{name}: {mutant:?} is not detected") };
    let steps = counterexample.story.len() - 1;
    counterexample.print(&format!("{mutant:?} in {name}: {steps} steps, {} states", found.states));
}

fn breaks<S: Subject>(name: &str, subject: S, bounds: Bounds, mutant: Mutant) {
    falls(name, &Procedure::new(subject, bounds, Some(mutant)), mutant);
}

#[test]
fn refunds_are_resolved_correctly() {
    holds("refund", refund::Refund, Bounds { resolutions: 2, ..TWO_CALLS });
    holds("refund", refund::Refund, Bounds { attempts: 3, resolutions: 1, ..TWO_RESOLUTIONS });
    holds("refund", refund::Refund, Bounds { stores: false, ..RESTARTED });
}

#[test]
fn executions_are_resolved_correctly() {
    holds("execute", execute::Execute, Bounds { attempts: 3, resolutions: 2, ..TWO_CALLS });
    holds("execute", execute::Execute, Bounds { attempts: 3, resolutions: 2, restarts: 2, ..RESTARTED });
}

#[test]
fn creations_are_resolved_correctly() {
    holds("create", create::Create, TWO_CALLS);
    holds("create", create::Create, Bounds { attempts: 3, ..TWO_RESOLUTIONS });
    holds("create", create::Create, RESTARTED);
}

#[test]
fn callbacks_and_returns_are_confirmed_correctly() {
    stands("callbacks and returns", &callback::Callbacks { mutant: None });
}

#[test]
fn registrations_are_resolved_and_confirmed_correctly() {
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

/// Defines one test for each mutant, so that a failure of one test does not hide the others.
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
    detects_that_a_refused_repetition_proves_not_done: in_refund, RefusalProvesNotDone;
    detects_that_a_used_refund_number_proves_done: in_refund, DuplicateProvesDone;
    detects_that_an_unbound_reply_makes_a_refund_done: in_refund, BindingSkipped;
    detects_that_an_unbound_reply_makes_an_execution_done: in_execute, BindingSkipped;
    detects_that_an_unbound_status_confirms_a_callback: in_callbacks, BindingSkipped;
    detects_that_a_status_line_alone_rejects_a_refund: in_refund, StatusLineRejects;
    detects_that_a_status_line_alone_rejects_an_execution: in_execute, StatusLineRejects;
    detects_that_a_refused_query_refutes_a_callback: in_callbacks, RefusedQuestionRefutes;
    detects_that_an_absent_member_refutes_a_callback: in_callbacks, AbsentMemberRefutes;
    detects_that_a_partial_refund_refutes_a_callback: in_callbacks, PartialRefundRefutes;
    detects_that_a_refunded_payment_counts_as_done: in_execute, ReversedIsDone;
    detects_that_an_older_payment_counts_as_the_created_one: in_create, CreatedTimeSkipped;
    detects_that_each_resolution_repeats_an_execution: in_execute, RepeatsPerResolution;
    detects_that_forged_claims_use_up_the_rate_limit:
        |name, mutant| falls(name, &budget::Budget { mutant: Some(mutant) }, mutant), NoShareForFamiliar;
    detects_that_an_empty_list_proves_a_deletion: in_deletion, EmptyListProves;
    detects_that_unreadable_entries_prove_a_deletion: in_deletion, UnreadableEntriesDropped;
    detects_that_an_entry_of_another_shop_counts: in_registrations, OtherShopCounts;
    detects_that_a_missing_credential_refutes_a_registration: in_registrations, MissingCredentialRefutes;
    detects_that_an_earlier_state_confirms_a_return: in_callbacks, ReturnRunsAhead;
    detects_that_a_bound_success_is_dropped: in_execute, SuccessIsLost;
    detects_that_the_mode_of_a_payment_is_ignored: in_create, ModeIgnored;
    detects_a_conclusion_before_the_acceptance_period_ends: in_refund, ConclusiveAtOnce;
    detects_a_conclusion_from_an_answer_that_lags: in_refund, LagIgnored;
    detects_an_execution_that_is_repeated_too_early: in_execute, RepeatsEarly;
    detects_a_repetition_after_another_resolution_concluded_not_done: in_refund_of_three_attempts, CalledOffIgnored;
    detects_that_a_dropped_call_is_not_recorded: in_execute_called_twice, DroppedCallForgotten;
    detects_that_a_dropped_repetition_is_not_recorded: in_execute, DroppedCallForgotten;
    detects_that_stored_times_replace_the_times_of_the_client: in_execute_with_stored_times, StoredTimesReplaceOwn;
    detects_that_a_second_call_is_rejected_while_the_first_is_unknown: in_refund_called_twice, SecondCallRejects;
    detects_that_a_second_checkout_page_is_shown: in_create, AnswersForgotten;
    detects_a_repetition_after_the_service_has_forgotten_the_number: in_repetitions, RepeatableForever;
    detects_a_repetition_that_is_accepted_after_the_number_is_forgotten: in_repetitions, AcceptedLater;
}

#[test]
fn detects_an_expired_creation_that_is_never_concluded() {
    let world = Procedure::new(create::Create, RESTARTED, Some(Mutant::ExpiredNeverCloses));
    let found = search(&world, MOST);
    assert!(found.counterexample.is_none());
    let state = world.progress(&found.visited).2.expect("a resolution that never ends");
    eprintln!("ExpiredNeverCloses: the resolution never ends: {state:?}");
}
