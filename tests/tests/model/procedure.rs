//! Model of a caller that sends a request and resolves it, over a network that delays, loses and duplicates requests.
//! The [`Subject`] defines the request and the service. The runtime's own [`Machine`] makes each decision of a
//! resolution.

use crate::model::intern::{Interned, Labeled, distinct, leak};
use crate::model::memory::{NOW, Remembered, TICK, ticks, wall};
use crate::model::mutants::Mutant;
use crate::model::search::{self, World};
use crate::model::state::{ACCEPTED_WITHIN, At, Bounds, MESSAGES, Message, SHOWN_WITHIN, State, Told};
use crate::model::subject::Subject;
use crate::model::wire::{Body, call_end, garbled, question_end, refusals};
use pagespec_runtime::__private::{Context, Mismatch, ResolutionPlan, Resolve, Window};
use pagespec_runtime::modeled::Memory;
use pagespec_runtime::modeled::machine::{Action, Asked, Machine, Repeated};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

pub struct Procedure<S: Subject> {
    pub subject: S,
    bounds: Bounds,
    mutant: Option<Mutant>,
    pub plan: ResolutionPlan,
    conclusive: u8,
    machines: RefCell<Interned<Machine>>,
    asked: Known<Question<S>, Rc<Vec<Asking>>>,
    answers: Known<(S::Service, Option<u8>), Labeled<Asked>>,
    pub ends_of_success: Labeled<Repeated>,
    ends_of_nothing: Labeled<Repeated>,
    ends_of_decline: Labeled<Repeated>,
    refusals: RefCell<HashMap<&'static str, (&'static str, Repeated)>>,
}

/// Key of a cached result of [`Procedure::asked`]: the number of the [`Machine`], the value of [`State::not_before`],
/// and the state of the service that answers the query.
type Question<S> = (u16, Option<u8>, <S as Subject>::Service);

type Known<K, V> = RefCell<HashMap<K, V>>;

/// Reaction to one answer: the label of the answer, the number of the [`Machine`] after the answer, and the next action
/// of the machine.
type Asking = (&'static str, u16, Action);

impl<S: Subject> Procedure<S> {
    pub fn new(subject: S, bounds: Bounds, mutant: Option<Mutant>) -> Self {
        let (request, expected, good) = (subject.request(), subject.expected(), subject.success());
        let end = |body: &Body| (leak(&body.label), call_end(mutant, &request, &expected, body));
        let nothing: Vec<_> = garbled(&good, S::BINDING, S::MOVES_MONEY).iter().map(end).collect();
        let mut success = nothing.clone();
        success.insert(0, end(&Body::json("success", &good)));
        let declined = refusals().iter().map(end).collect();
        Self {
            plan: plan_of::<S>(mutant),
            conclusive: match mutant {
                Some(Mutant::ConclusiveAtOnce) => 0,
                Some(Mutant::LagIgnored) => ACCEPTED_WITHIN,
                _ => ACCEPTED_WITHIN + SHOWN_WITHIN,
            },
            ends_of_success: distinct(success),
            ends_of_nothing: distinct(nothing),
            ends_of_decline: distinct(declined),
            subject,
            bounds,
            mutant,
            machines: RefCell::default(),
            asked: RefCell::default(),
            answers: RefCell::default(),
            refusals: RefCell::default(),
        }
    }

    pub fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    fn conclusive_time(&self) -> Duration {
        TICK * u32::from(self.conclusive)
    }

    // ---- the caller -------------------------------------------------------------------------------------------------

    fn caller(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        match state.at {
            At::Idle => self.idle(state, out),
            At::Calling | At::Repeating => self.in_call(state, out),
            At::Repeat => self.repeat(state, out),
            At::Ask => self.ask(state, out),
            At::Wait => {
                let mut over = *state;
                over.conclude(Told::Unknown);
                out.push(("the resolution's time is over: unknown", over));
            }
        }
        let has_sent = state.calls < self.bounds.calls;
        if state.restarts > 0 && has_sent && state.told != Told::Rejected {
            out.push(("the process restarts", self.restarted(state)));
        }
    }

    fn idle(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        let is_open = matches!(state.told, Told::Nothing | Told::Unknown);
        let may_call = is_open && !(S::IS_CREATION && (state.is_later_process || state.pages > 0));
        if state.calls > 0 && may_call && !self.subject.is_invalid(&state.service) {
            let mut next = *state;
            next.calls -= 1;
            next.told = Told::Nothing;
            next.memory.change(Memory::sent);
            if next.send(true, S::COPIES) {
                out.push(("the caller sends the request", next));
            }
        }
        // A further resolution may begin after any result of an earlier resolution, because the further resolution may
        // have waited until the earlier resolution ended.
        let has_sent = state.calls < self.bounds.calls;
        if state.resolutions > 0 && has_sent && state.told != Told::Rejected {
            let mut next = *state;
            next.resolutions -= 1;
            let stored = state.stored.map(|(first, last, _)| (wall(first), wall(last)));
            let (_, ago) = state.memory.memory().attempts(stored, NOW.1, NOW.0);
            let is_over = ago.is_none_or(|ago| ago >= self.conclusive_time());
            if state.memory.is_called_off && is_over && !self.is(Mutant::CalledOffIgnored) {
                return self.ask_again(&next, out);
            }
            self.begin(&mut next);
            out.push(("a resolution begins", next));
        }
    }

    /// Adds the steps of a resolution after an earlier resolution has concluded "not done". The second resolution only
    /// queries the service, and does not send the request.
    fn ask_again(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        let first = state.memory.attempt.map(|(first, _)| first).filter(|_| S::IS_CREATION);
        for produced in [&state.service, &state.replica] {
            for (label, asked) in self.answers(produced, first) {
                let mut next = *state;
                next.is_remembered =
                    !matches!(&asked, Asked::Answer(answer) if answer.binding.is_ok() && answer.state != "A_NEW_ONE");
                let action = Machine::asked_after_not_done(&self.plan, asked);
                self.act(&mut next, &action, Some(produced));
                next.is_remembered = false;
                out.push((label, next));
            }
        }
    }

    fn begin(&self, state: &mut State<S::Service>) {
        state.memory.change(Memory::resolve);
        let memory = state.memory.memory();
        let stored = state.stored.map(|(first, last, _)| (wall(first), wall(last)));
        let own = if self.is(Mutant::StoredTimesReplaceOwn) && stored.is_some() { Memory::default() } else { memory };
        let (first, ago) = own.attempts(stored, NOW.1, NOW.0);
        let conclusive_in = self.conclusive_time().saturating_sub(ago.unwrap_or_default());
        let repeats = if self.is(Mutant::RepeatsPerResolution) { 0 } else { memory.repeats };
        let is_unanswered = memory.is_unanswered() || (self.is(Mutant::AnswersForgotten) && S::IS_CREATION);
        let may_repeat = !memory.is_called_off || self.is(Mutant::CalledOffIgnored);
        let machine = Machine::new(&self.plan, conclusive_in, is_unanswered, repeats, may_repeat);
        state.told = Told::Nothing;
        state.not_before = first.filter(|_| S::IS_CREATION).map(|at| ticks(NOW.1.duration_since(at).unwrap()));
        let action = machine.next();
        state.machine = self.machines.borrow_mut().number(machine);
        self.act(state, &action, None);
    }

    /// Carries out an action of the machine. `answer` is the state of the service that the last answer shows, or `None`
    /// if the action does not follow an answer.
    pub fn act(&self, state: &mut State<S::Service>, action: &Action, answer: Option<&S::Service>) {
        match action {
            Action::Repeat => state.at = At::Repeat,
            Action::Ask => state.at = At::Ask,
            Action::Wait => state.at = At::Wait,
            Action::Done => self.conclude(state, Told::Done, answer),
            Action::Reversed { .. } => self.conclude(state, Told::Reversed, answer),
            Action::NotDone => self.conclude(state, Told::NotDone, answer),
            Action::Unknown(_) => state.conclude(Told::Unknown),
        }
    }

    fn repeat(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        let mut unsent = *state;
        self.repeated(&mut unsent, Repeated::NotSent);
        out.push(("there is no connection for the repetition", unsent));
        let mut next = *state;
        if state.memory.is_called_off {
            next.wrong = Some("a request that is not done is not sent by another resolution");
        }
        if self.subject.is_invalid(&state.service) {
            if self.is(Mutant::ExpiredNeverCloses) {
                next.at = At::Wait;
            } else {
                self.repeated(&mut next, Repeated::Invalid);
            }
            out.push(("the repetition now breaks a rule, and is not sent", next));
            return;
        }
        if !self.plan.repeat_first {
            next.repetitions += 1;
            if !self.is(Mutant::DroppedCallForgotten) {
                next.memory.change(|memory| memory.repeats += 1);
            }
            if !S::IS_CREATION && state.messages.iter().any(Message::can_arrive) {
                next.wrong = Some("an execution is repeated only when no earlier attempt can be accepted");
            }
            let allowed = self.plan.repeats;
            if !S::IS_CREATION && u32::from(next.repetitions) > allowed {
                next.wrong = Some("an execution is repeated at most once");
            }
        }
        if next.send(false, S::COPIES) {
            out.push(("the resolution sends the request again", next));
        }
    }

    pub fn repeated(&self, state: &mut State<S::Service>, how: Repeated) {
        let mut machine = self.machines.borrow().get(state.machine).clone();
        let now = Duration::ZERO;
        let action = match how {
            Repeated::Success if self.is(Mutant::SuccessIsLost) => {
                machine.repeated(&self.plan, now, self.conclusive_time(), Repeated::Unknown)
            }
            _ => machine.repeated(&self.plan, now, self.conclusive_time(), how),
        };
        let repeats = if self.is(Mutant::RepeatsPerResolution) { 0 } else { machine.repeats() };
        state.memory.change(|memory| memory.repeats = repeats);
        state.machine = self.machines.borrow_mut().number(machine);
        let action = match how {
            Repeated::Refused { .. } if self.is(Mutant::RefusalProvesNotDone) => Action::NotDone,
            _ => action,
        };
        if how == Repeated::Success && action != Action::Done {
            state.wrong = Some("a success that matches the repeated request is reported");
        }
        state.at = At::Ask;
        self.act(state, &action, None);
    }

    fn ask(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        for produced in [&state.service, &state.replica] {
            for (label, machine, action) in self.asked(state, produced).iter() {
                let mut next = State { machine: *machine, ..*state };
                self.act(&mut next, action, Some(produced));
                out.push((label, next));
            }
            if state.service == state.replica {
                break;
            }
        }
    }

    /// Returns the different reactions of the machine to the possible answers of the service. The first entry is the
    /// reaction to the true answer.
    pub fn asked(&self, state: &State<S::Service>, produced: &S::Service) -> Rc<Vec<Asking>> {
        let key = (state.machine, state.not_before, *produced);
        if let Some(known) = self.asked.borrow().get(&key) {
            return known.clone();
        }
        let mut all: Vec<Asking> = Vec::new();
        for (label, asked) in self.answers(produced, state.not_before) {
            let mut machine = self.machines.borrow().get(state.machine).clone();
            let action = match machine.asked(&self.plan, Duration::ZERO, asked) {
                Action::Unknown(_) => Action::Unknown(""),
                action => action,
            };
            let machine = self.machines.borrow_mut().number(machine);
            if all.iter().all(|(_, number, known)| (*number, known) != (machine, &action)) {
                all.push((label, machine, action));
            }
        }
        let known = Rc::new(all);
        self.asked.borrow_mut().insert(key, known.clone());
        known
    }

    /// Reports a verdict to the caller. The verdict is checked here, because the state of the service changes later.
    fn conclude(&self, state: &mut State<S::Service>, told: Told, answer: Option<&S::Service>) {
        let subject = &self.subject;
        state.conclude(told);
        let wrong = match told {
            Told::Done | Told::Reversed if !subject.is_in_effect(&state.service) => "done means that the effect exists",
            Told::Done if answer.is_some_and(|answer| subject.is_reversed(answer)) => {
                "done means that the effect is not reversed"
            }
            Told::NotDone
                if state.own_effect(subject) || (subject.is_in_effect(&state.replica) && !state.is_remembered) =>
            {
                "not done means that the request did not take effect"
            }
            Told::NotDone if subject.is_under_way(&state.service) => {
                "not done means that the request is not in progress"
            }
            Told::NotDone if state.is_acceptable(subject) => "not done means that no attempt can be accepted any more",
            _ => "",
        };
        if !wrong.is_empty() {
            state.wrong = Some(wrong);
        }
        if told == Told::NotDone {
            state.memory.change(Memory::call_off);
        }
    }

    // ---- calls ------------------------------------------------------------------------------------------------------

    fn in_call(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        for (label, end) in &self.ends_of_nothing {
            let mut next = *state;
            self.end(&mut next, *end);
            out.push((label, next));
        }
        if let Some(awaited) = state.messages.iter().position(|message| message.is_awaited && !message.is_accepted) {
            for (label, end) in &self.ends_of_decline {
                let mut next = *state;
                next.messages[awaited].copies = 0;
                self.end(&mut next, *end);
                out.push((label, next));
            }
        }
        let mut dropped = *state;
        dropped.at = At::Idle;
        dropped.told = Told::Nothing;
        dropped.awaited_no_more();
        if !self.is(Mutant::DroppedCallForgotten) {
            dropped.memory.change(|memory| memory.unknown(wall(state.era()), NOW.0));
        }
        out.push(("the caller drops the future during the call", dropped));
    }

    /// Ends an attempt, which belongs to a call or to a resolution.
    pub fn end(&self, state: &mut State<S::Service>, how: Repeated) {
        state.awaited_no_more();
        let (mut is_open, began) = (false, wall(state.era()));
        match how {
            // The client records nothing about a request whose outcome was never unknown.
            Repeated::Success if state.memory == Remembered::default() => {}
            Repeated::Success => state.memory.change(|memory| _ = memory.answered(true, began, NOW.0)),
            Repeated::Refused { .. } => state.memory.change(|memory| is_open = memory.answered(false, began, NOW.0)),
            _ => state.memory.change(|memory| memory.unknown(began, NOW.0)),
        }
        if how == Repeated::Success && S::IS_CREATION {
            state.pages += 1;
        }
        if state.at == At::Repeating {
            return self.repeated(state, how);
        }
        match how {
            Repeated::Success => self.conclude(state, Told::Done, None),
            Repeated::Refused { .. } if !is_open || self.is(Mutant::SecondCallRejects) => {
                state.conclude(Told::Rejected)
            }
            _ => state.conclude(Told::Unknown),
        }
    }

    fn restarted(&self, state: &State<S::Service>) -> State<S::Service> {
        let mut next = *state;
        next.restarts -= 1;
        next.awaited_no_more();
        next.conclude(Told::Nothing);
        next.memory = Remembered::default();
        next.repetitions = 0;
        next.has_sent = false;
        next.is_later_process = true;
        next.stored = next.stored.map(|(first, _, last)| (first, last, last));
        next
    }

    // ---- the network and the service --------------------------------------------------------------------------------

    fn network(&self, state: &State<S::Service>, out: &mut Steps<S>) {
        for index in 0..MESSAGES {
            let message = state.messages[index];
            if !message.can_arrive() || (index > 0 && message == state.messages[index - 1]) {
                continue;
            }
            let mut next = *state;
            next.messages[index].copies -= 1;
            if let Some(service) = self.subject.accept_slowly(&state.service) {
                let mut slow = State { service, ..next };
                slow.messages[index].is_accepted = true;
                out.push(("the service begins to carry the request out", slow));
            }
            match self.subject.accept(&state.service, state.era()) {
                Ok(service) => {
                    next.service = service;
                    next.messages[index].is_accepted = true;
                    out.push(("the service accepts the request", next));
                    for (label, end) in self.ends_of_success.iter().filter(|_| message.is_awaited) {
                        let mut answered = next;
                        self.end(&mut answered, *end);
                        out.push((label, answered));
                    }
                }
                Err(code) => {
                    if !message.is_accepted {
                        next.messages[index].copies = 0;
                    }
                    out.push(("the service refuses the request", next));
                    if message.is_awaited && !message.is_accepted {
                        let (label, end) = self.refusal(code);
                        self.end(&mut next, end);
                        out.push((label, next));
                    }
                }
            }
        }
    }

    pub fn refusal(&self, code: &'static str) -> (&'static str, Repeated) {
        *self.refusals.borrow_mut().entry(code).or_insert_with(|| {
            let (body, request, expected) = (Body::refusal(code), self.subject.request(), self.subject.expected());
            (leak(&body.label), call_end(self.mutant, &request, &expected, &body))
        })
    }

    pub fn tick(&self, state: &State<S::Service>) -> State<S::Service> {
        let mut next = *state;
        for message in &mut next.messages {
            message.left = message.left.saturating_sub(1);
        }
        next.memory.age(self.conclusive);
        next.stored = next.stored.map(|(first, last, true_last)| {
            (first, (last + 1).min(self.conclusive), (true_last + 1).min(self.conclusive))
        });
        next.replica = next.service;
        if matches!(next.at, At::Repeat | At::Repeating | At::Ask | At::Wait) {
            // The times in the machine are relative to the current time, so they change with each tick.
            let machine = self.machines.borrow().get(next.machine).clone().rebased(TICK);
            next.machine = self.machines.borrow_mut().number(machine);
        }
        match next.at {
            At::Calling | At::Repeating => self.end(&mut next, Repeated::Unknown),
            At::Wait => {
                let action = self.machines.borrow().get(next.machine).next();
                self.act(&mut next, &action, None);
            }
            _ => {}
        }
        self.normalize(&mut next);
        next
    }

    /// Resets messages that can have no further effect, so that states which differ only in them are equal.
    fn normalize(&self, state: &mut State<S::Service>) {
        let is_final = self.subject.is_final(&state.service);
        for message in &mut state.messages {
            let cannot_arrive = message.left == 0 || message.copies == 0 || is_final;
            if cannot_arrive && !message.is_awaited {
                *message = Message::default();
            }
        }
        state.messages.sort_unstable();
    }

    /// Returns `true` if no further step can break a property.
    fn is_over(&self, state: &State<S::Service>) -> bool {
        if state.at != At::Idle || state.resolutions > 0 || (state.calls > 0 && state.told != Told::Rejected) {
            return false;
        }
        let may_still_break = matches!(state.told, Told::Rejected | Told::NotDone)
            && (self.subject.is_under_way(&state.service) || state.messages.iter().any(Message::can_arrive));
        !may_still_break
    }

    /// Returns the possible answers of a service in this state, as the generated code reads them.
    fn answers(&self, service: &S::Service, not_before: Option<u8>) -> Labeled<Asked> {
        let key = (*service, not_before);
        if let Some(known) = self.answers.borrow().get(&key) {
            return known.clone();
        }
        let (request, expected) = (self.subject.request(), self.subject.expected());
        let environment = (!self.is(Mutant::ModeIgnored)).then_some(crate::model::wire::ENVIRONMENT);
        // The times of the model are too coarse for an upper bound of the creation time. Scripted tests cover payments
        // that are created after the last attempt.
        let ever = wall(0) + Duration::from_secs(1 << 32);
        let window = not_before.map(|ago| Window::Between(wall(ago), ever)).unwrap_or_default();
        let context = Context { environment, window };
        let read = |body: &Body| {
            let mut asked = question_end(self.mutant, &request, &expected, &context, body);
            if let Asked::Answer(reading) = &mut asked {
                let is_skipped = self.is(Mutant::BindingSkipped)
                    || (self.is(Mutant::CreatedTimeSkipped)
                        && reading.binding.is_err_and(|mismatch: Mismatch| mismatch.member() == "createdTs"));
                if is_skipped {
                    reading.binding = Ok(());
                }
            }
            (leak(&body.label), asked)
        };
        let known = distinct(self.subject.answers(service).iter().map(read).collect());
        self.answers.borrow_mut().insert(key, known.clone());
        known
    }
}

type Steps<S> = Vec<(&'static str, State<<S as Subject>::Service>)>;

impl<S: Subject> World for Procedure<S> {
    type State = State<S::Service>;

    fn starts(&self) -> Vec<(&'static str, Self::State)> {
        let stores: &[bool] = if self.bounds.stores { &[false, true] } else { &[false] };
        let start = |service: S::Service, stores: bool| State {
            service,
            replica: service,
            messages: Default::default(),
            at: At::Idle,
            machine: 0,
            memory: Remembered::default(),
            eras: 0,
            has_sent: false,
            not_before: None,
            stored: None,
            stores,
            attempts: self.bounds.attempts,
            calls: self.bounds.calls,
            resolutions: self.bounds.resolutions,
            restarts: self.bounds.restarts,
            repetitions: 0,
            is_later_process: false,
            pages: 0,
            told: Told::Nothing,
            is_remembered: false,
            wrong: None,
        };
        let services = self.subject.starts();
        services
            .into_iter()
            .flat_map(|(label, service)| stores.iter().map(move |s| (label, start(service, *s))))
            .collect()
    }

    fn steps(&self, state: &Self::State, steps: &mut Vec<(&'static str, Self::State)>) {
        if self.is_over(state) {
            return;
        }
        self.caller(state, steps);
        self.network(state, steps);
        let mut events = Vec::new();
        self.subject.events(&state.service, &mut events);
        for (label, service) in events {
            steps.push((label, State { service, ..*state }));
        }
        if !matches!(state.at, At::Ask | At::Repeat) {
            steps.push((search::TICK, self.tick(state)));
        }
        for (_, state) in steps {
            self.normalize(state);
        }
    }

    fn broken(&self, state: &Self::State) -> Option<&'static str> {
        let applied = self.subject.applied(&state.service);
        state.wrong.or(match state.told {
            _ if applied > 1 && !S::IS_CREATION => Some("a request takes effect at most once"),
            _ if state.pages > 1 => Some("at most one checkout page of a creation is shown"),
            // After a restart, there may be attempts of the earlier process besides the rejected one.
            Told::Rejected if applied > 0 && !state.is_later_process => {
                Some("rejected means that the request did not take effect")
            }
            Told::NotDone if applied > 0 => Some("a request that is not done takes no effect later"),
            _ => None,
        })
    }
}

fn plan_of<S: Subject>(mutant: Option<Mutant>) -> ResolutionPlan {
    use pagespec_runtime::__private::Verdict;
    let mut plan = *<S::Request as Resolve>::PLAN;
    let mut immediately = plan.immediately.to_vec();
    match mutant {
        Some(Mutant::ReversedIsDone) => {
            for (_, verdict) in immediately.iter_mut().filter(|(_, verdict)| *verdict == Verdict::Reversed) {
                *verdict = Verdict::Done;
            }
        }
        Some(Mutant::RepeatsEarly) => immediately.push(("PAY_APPROVED", Verdict::Repeat)),
        _ => {}
    }
    plan.immediately = Vec::leak(immediately);
    plan
}
