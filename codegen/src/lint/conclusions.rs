//! Conclusions that contradict what the spec says elsewhere: what a state machine, another operation or a callback tells
//! about the same states, members and figures. Each rule compares two places of a spec, so that it needs no knowledge of
//! what a name means.
//!
//! What a single conclusion rests on is the subject of [`resolution`](super::resolution) and [`confirm`](super::confirm).

use super::resolution::{MOST_REPEATS, of};
use crate::diagnostic::Diagnostics;
use crate::registry::Lint;
use crate::resolved::{Api, Callback, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Advice, Confirm, EnumValue, Map, RecoveryClass, Resolve, StatusOutcome, Verdict};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    // What could not be read may have been what is compared.
    if api.lost {
        return;
    }
    statuses(api, diagnostics);
    for op in &api.operations {
        let own = Own { api, op, place: Place::top(op.file) };
        own.evidence(diagnostics);
        let recovery = &op.spec.recovery;
        let with = recovery.with.as_ref().and_then(|with| api.operations.iter().find(|other| other.id == *with));
        if let (Some(resolve), Some(with)) = (&recovery.resolve, with) {
            let place = Place::top(op.file).at("recovery").at("resolve");
            own.machine(resolve, with, diagnostics);
            Conclusions { api, op, with, resolve, place }.lint(diagnostics);
        }
    }
    for callback in &api.callbacks {
        let Some(confirm) = callback.spec.procedure() else { continue };
        if let Some(with) = api.operations.iter().find(|op| op.id == confirm.with) {
            let place = Place::top(callback.file).at("confirm");
            Confirming { api, callback, with, confirm, place }.lint(diagnostics);
        }
    }
}

fn report(diagnostics: &mut Diagnostics, place: Place, message: String, hint: &str) {
    diagnostics.report(Lint::UnsafeConclusion, place, message).help(hint);
}

/// A failing service may have done it.
fn statuses(api: &Api, diagnostics: &mut Diagnostics) {
    for (status, rule) in &api.spec.http_statuses {
        if status.starts_with('5') && rule.outcome == Some(StatusOutcome::Rejected) {
            let place = Place::top(api.file).at("http_statuses").at(status).at("outcome");
            let message = format!("a service that fails with {status} may have carried out the request");
            report(diagnostics, place, message, "write `outcome: unknown`");
        }
    }
}

/// What an operation says of itself.
struct Own<'a> {
    api: &'a Api,
    op: &'a Operation,
    place: Place,
}

impl Own<'_> {
    fn evidence(&self, diagnostics: &mut Diagnostics) {
        let (op, evidence) = (self.op, &self.op.spec.evidence);
        let place = self.place.at("evidence");
        if !evidence.moves_money || evidence.binds.is_empty() {
            // Another rule says that nothing binds a success.
            return;
        }
        let binds = |name: &String| evidence.binds.values().any(|binding| binding.field() == name);
        if evidence.identity.is_empty() {
            let message = "money moves, and nothing names what is done: a changed detail makes another request of it";
            let hint = "name the fields under `identity:` that stay the same whenever the same thing is tried";
            report(diagnostics, place.at("moves_money").key(), message.into(), hint);
        }
        for (n, name) in evidence.identity.iter().enumerate() {
            if op.reply.iter().any(|field| field.wire == *name) && !binds(name) {
                let message = format!("a success repeats `{name}`, and is not compared with it");
                report(diagnostics, place.at("identity").item(n), message, "name it under `binds:`");
            }
        }
        for field in op.request.iter().filter(|field| field.spec.mandatory && is_figure(field)) {
            // `refundedAmount` beside `amount`.
            let repeats = |own: &Field| is_figure(own) && own.wire.to_lowercase().contains(&field.wire.to_lowercase());
            if !binds(&field.wire) && op.reply.iter().any(repeats) {
                let message = format!("money moves, and a success may be about another `{}`", field.wire);
                let hint = "bind the member of the reply that repeats it, with `magnitude_of:` if it may be negative";
                report(diagnostics, place.at("binds").key(), message, hint);
            }
        }
        if evidence.environment.is_none()
            && let Some(name) = environment(self.api, &op.reply)
        {
            let message = format!("money moves, and `{name}` of a success may name another environment");
            report(diagnostics, place.at("moves_money").key(), message, &format!("add `environment: {name}`"));
        }
        if op.spec.recovery.class == RecoveryClass::Resend {
            self.resend(diagnostics);
        }
    }

    /// What moves money is sent again only where the service recognizes it.
    fn resend(&self, diagnostics: &mut Diagnostics) {
        let recovery = &self.op.spec.recovery;
        let place = self.place.at("recovery").at("class");
        let Some(resolve) = recovery.resolve.as_ref().filter(|resolve| resolve.repeat_first) else {
            let message = "money moves, and nothing says that the service recognizes a repetition";
            let hint =
                "write `ask_first`, or `repeat_first: true` under `resolve:` if each request has a number of its own";
            report(diagnostics, place, message.into(), hint);
            return;
        };
        let is_asked = |name: &&String| resolve.ask.values().any(|from| from == *name);
        if self.op.spec.evidence.identity.iter().all(|name| is_asked(&name)) {
            let message = "money moves, and no number of the request's own tells a repetition from another request";
            report(diagnostics, place, message.into(), "name that number under `identity:`, or write `ask_first`");
        }
    }

    /// An action that a state of a payment allows moves its money.
    fn machine(&self, resolve: &Resolve, with: &Operation, diagnostics: &mut Diagnostics) {
        let states = states(self.api, with, resolve.by.as_ref());
        let is_action = |action: &String| {
            self.op.id.strip_prefix(action.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let is_allowed =
            states.is_some_and(|states| states.values().flat_map(|s| s.allows.iter().flatten()).any(is_action));
        // An action that answers with a figure and asks about figures is about money.
        let has_figures = self.op.reply.iter().any(is_figure) && with.reply.iter().any(is_figure);
        if is_allowed && has_figures && !self.op.spec.evidence.moves_money {
            let message = format!("a state allows `{}`, and the spec does not say that money moves", self.op.id);
            let hint = "add `moves_money: true` under `evidence:`, with what binds a success";
            report(diagnostics, self.place.at("recovery").at("resolve").at("by"), message, hint);
        }
    }
}

/// How a request is resolved.
struct Conclusions<'a> {
    api: &'a Api,
    op: &'a Operation,
    with: &'a Operation,
    resolve: &'a Resolve,
    place: Place,
}

impl<'a> Conclusions<'a> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        self.figures(diagnostics);
        self.repetitions(diagnostics);
        self.list(diagnostics);
        for (n, code) in self.resolve.absent.iter().enumerate() {
            let entry = self.api.codes.iter().find(|entry| entry.code == *code);
            let advice = entry.map(|entry| entry.spec.advice);
            if matches!(advice, Some(Advice::AskStatus | Advice::TryLater | Advice::CheckKey | Advice::AlreadyDone)) {
                let message = format!("`{code}` does not say that there is nothing: its advice is another one");
                let hint = "name only codes that say that there is no such thing";
                report(diagnostics, self.place.at("absent").item(n), message, hint);
            }
        }
        if self.resolve.environment.is_none()
            && let Some(name) = environment(self.api, &self.with.reply)
        {
            let message = format!("`{name}` of the answer may name another environment");
            report(diagnostics, self.place.clone().key(), message, &format!("add `environment: {name}`"));
        }
        self.earlier(diagnostics);
        self.states(diagnostics);
    }

    /// A question by a number that the caller makes may find what an earlier request made.
    fn earlier(&self, diagnostics: &mut Diagnostics) {
        let alternatives = self.with.request.iter().filter_map(|field| match &field.kind {
            Kind::OneOf(choices) => Some(choices),
            _ => None,
        });
        let assigned = |field: &&Field| self.op.reply.iter().any(|own| own.wire == field.wire && of(own) == of(field));
        let own = |field: &&Field| self.op.request.iter().any(|own| own.wire == field.wire);
        for choices in alternatives {
            let asked = choices.iter().find(|field| self.resolve.ask.contains_key(&field.wire));
            let better = choices.iter().find(|field| assigned(field) && !own(field));
            if let (Some(asked), Some(better)) = (asked, better)
                && self.has(Verdict::Done)
                && self.resolve.not_before.is_none()
            {
                let (asked, better) = (&asked.wire, &better.wire);
                let message =
                    format!("the answer to `{asked}` may be about an earlier one: the reply assigns `{better}`");
                let hint = "name the member with the time of creation under `not_before:`";
                report(diagnostics, self.place.at("ask").at(asked), message, hint);
            }
        }
    }

    fn tables(&self) -> [(&'static str, &'a Map<Verdict>); 3] {
        let resolve = self.resolve;
        [
            ("immediately", &resolve.immediately),
            ("unanswered", &resolve.unanswered),
            ("after_acceptance", &resolve.after_acceptance),
        ]
    }

    fn proves(&self, word: &str, verdict: Verdict) -> bool {
        self.tables().iter().any(|(_, table)| table.get(word) == Some(&verdict))
    }

    fn has(&self, verdict: Verdict) -> bool {
        self.tables().iter().any(|(_, table)| table.values().any(|own| *own == verdict))
    }

    /// Amounts are compared with what the request says or the caller states, and never with themselves.
    fn figures(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        let is_compared = |name: &String| resolve.binds.contains_key(name) || resolve.expect.contains(name);
        for (a, b) in &resolve.unchanged {
            if a == b {
                let message = format!("`{a}` always equals itself");
                report(diagnostics, self.place.at("unchanged").at(a), message, "name the member it has to equal");
            }
        }
        if resolve.repeat_first
            && self.op.spec.evidence.moves_money
            && resolve.unchanged.is_empty()
            && self.has(Verdict::NotDone)
            && self.with.reply.iter().any(is_figure)
        {
            let message = "money moves, and \"not done\" is concluded without looking at what is left";
            let hint = "name two figures under `unchanged:` that are equal as long as nothing was done";
            report(diagnostics, self.place.clone().key(), message.into(), hint);
        }
        let is_known = |name: &String| self.with.reply.iter().any(|field| field.wire == *name);
        if let Some(full) = resolve.in_full.as_ref().filter(|full| is_figure_of(&self.with.reply, &full.amount)) {
            let place = self.place.at("in_full").at("amount");
            if resolve.remaining.as_ref() == Some(&full.amount) {
                let message = format!("`{}` always equals itself", full.amount);
                report(diagnostics, place, message, "name the member with the whole amount");
            } else if !is_compared(&full.amount) {
                let message = format!("`{}` is not compared with what the request or the caller says", full.amount);
                report(diagnostics, place, message, "name it under `binds:` or `expect:`");
            }
        }
        // Another rule says that there is no such member.
        let is_broken = !resolve.binds.keys().chain(&resolve.expect).all(is_known);
        let mut compared = resolve.binds.keys().chain(&resolve.expect);
        let is_unchecked =
            self.op.spec.evidence.moves_money && !compared.any(|name| is_figure_of(&self.with.reply, name));
        // Another rule says that no amount is looked at.
        if !self.has(Verdict::Done) || resolve.list.is_some() || is_broken || is_unchecked {
            return;
        }
        for field in self.op.request.iter().filter(|field| field.spec.mandatory && is_figure(field)) {
            let has_same = self.with.reply.iter().any(|other| other.wire == field.wire && of(other) == of(field));
            if has_same && !is_compared(&field.wire) {
                let message = format!("`done` is concluded without looking at `{}`", field.wire);
                report(diagnostics, self.place.clone().key(), message, "name it under `binds:`");
            }
        }
    }

    /// What moves money is tried once more at the most, and with everything that names it.
    fn repetitions(&self, diagnostics: &mut Diagnostics) {
        let (resolve, evidence) = (self.resolve, &self.op.spec.evidence);
        if !evidence.moves_money {
            return;
        }
        // More than that is the subject of another rule.
        if (2..=MOST_REPEATS).contains(&resolve.repeats) {
            let message = format!("money moves, and it is tried {} more times", resolve.repeats);
            report(diagnostics, self.place.at("repeats"), message, "write `repeats: 1`");
        }
        for name in evidence.binds.values().map(|binding| binding.field()) {
            let is_optional = |field: &Field| field.wire == name && !field.spec.mandatory && !is_figure(field);
            if self.has(Verdict::Repeat)
                && self.op.request.iter().any(is_optional)
                && !resolve.repeat_needs.iter().any(|own| own == name)
            {
                let message = format!("money moves, and it may be sent again without `{name}`, which names it");
                report(diagnostics, self.place.clone().key(), message, &format!("add `{name}` under `repeat_needs:`"));
            }
        }
    }

    fn list(&self, diagnostics: &mut Diagnostics) {
        let Some(list) = &self.resolve.list else { return };
        for (key, table) in self.tables() {
            if let (Some(own), Some(others)) = (table.get("match"), table.get("others"))
                && own == others
            {
                let message = "an entry of the request's own proves the same as that there is none";
                let hint = "leave one of `match` and `others` out";
                report(diagnostics, self.place.at(key).at("match"), message.into(), hint);
            }
        }
        let field = self.with.reply.iter().find(|field| field.wire == *list);
        let Some(Kind::List(TypeRef::Object(n))) = field.map(|field| &field.kind) else { return };
        let entries = &self.api.objects[*n].fields;
        let is_identifier = |name: &String| entries.iter().any(|field| field.wire == *name && is_named(field));
        let has_identifier = entries.iter().any(is_named);
        if has_identifier && !self.resolve.entry.is_empty() && !self.resolve.entry.keys().any(is_identifier) {
            let message = "an entry is recognized by nothing that identifies it";
            report(diagnostics, self.place.at("entry").key(), message.into(), "compare an identifier of the entry");
        }
    }

    /// States prove what the state machine, and the callbacks about the same thing, say of them.
    fn states(&self, diagnostics: &mut Diagnostics) {
        let Some(states) = states(self.api, self.with, self.resolve.by.as_ref()) else { return };
        for (key, table) in self.tables() {
            for word in table.iter().filter(|(_, verdict)| **verdict == Verdict::Reversed).map(|(word, _)| word) {
                let still = |end: &&&String| {
                    **end != word && (self.proves(end, Verdict::Done) || self.proves(end, Verdict::NotDone))
                };
                if let Some(end) = reached(states, [word]).iter().find(still) {
                    let message = format!("`{word}` can still become `{end}`: nothing was taken back");
                    report(
                        diagnostics,
                        self.place.at(key).at(word),
                        message,
                        "leave the word out; it is asked about again",
                    );
                }
            }
        }
        for (callback, confirm) in confirms(self.api, self.with, self.resolve.by.as_ref()) {
            self.as_in_callback(states, &callback.id, confirm, diagnostics);
        }
    }

    fn as_in_callback(&self, states: &Map<EnumValue>, id: &str, confirm: &Confirm, diagnostics: &mut Diagnostics) {
        let given_back = reached(states, confirm.reversed.iter().flat_map(|left| &left.values));
        let is_payment =
            confirm.paid.iter().flat_map(|paid| &paid.values).any(|value| self.proves(value, Verdict::Done));
        for (key, table) in self.tables() {
            for (word, verdict) in table {
                let place = self.place.at(key).at(word);
                if *verdict == Verdict::NotDone && given_back.contains(&word) && self.op.spec.evidence.moves_money {
                    let message = format!("`{word}` comes after money was given back, as `{id}` says");
                    report(diagnostics, place, message, "leave the word out, or make it `reversed`");
                } else if *verdict == Verdict::Done && is_payment && given_back.contains(&word) {
                    let message = format!("`{word}` comes after money was given back, as `{id}` says");
                    report(diagnostics, place, message, "make it `reversed`");
                } else if *verdict == Verdict::Done && is_payment && confirm.refuting_values.contains(word) {
                    let message = format!("`{word}` refutes `{id}`: there is no payment");
                    report(diagnostics, place, message, "make it `not_done` or `reversed`");
                }
            }
        }
        let Some(remaining) = self.resolve.remaining.as_ref().filter(|_| is_payment) else { return };
        for value in confirm.paid.iter().flat_map(|paid| &paid.in_full) {
            let is_named = self.resolve.in_full.as_ref().is_some_and(|full| full.values.contains(value));
            if self.proves(value, Verdict::Done) && !is_named {
                let message = format!("less may be left in `{value}`, as `{id}` says, and `done` does not look at it");
                report(diagnostics, self.place.at("remaining"), message, "name the state under `in_full:`");
            }
        }
        if let Some(left) = confirm.reversed.as_ref().filter(|left| left.remaining != *remaining) {
            let message = format!("`{remaining}` is what is left here, and `{}` in `{id}`", left.remaining);
            report(diagnostics, self.place.at("remaining"), message, "name the same member in both places");
        }
    }
}

/// How a callback is confirmed.
struct Confirming<'a> {
    api: &'a Api,
    callback: &'a Callback,
    with: &'a Operation,
    confirm: &'a Confirm,
    place: Place,
}

impl Confirming<'_> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        self.entries(diagnostics);
        for (key, pairs) in [("equal", &confirm.equal), ("entry_equal", &confirm.entry_equal)] {
            for (name, from) in pairs.iter().filter(|(name, from)| name != from) {
                let claimed = |name: &String| self.callback.body.iter().find(|field| field.wire == *name).and_then(of);
                if claimed(name).is_some() && claimed(name) == claimed(from) {
                    let message =
                        format!("`{name}` of the answer is compared with `{from}`, and the message has `{name}`");
                    report(diagnostics, self.place.at(key).at(name), message, &format!("write `{name}: {name}`"));
                }
            }
        }
        if let Some(left) = confirm.reversed.as_ref().filter(|left| left.remaining == left.of) {
            let message = format!("`{}` always equals itself", left.of);
            let place = self.place.at("reversed").at("remaining");
            report(diagnostics, place, message, "name the member that says how much is left");
        }
        let Some(paid) = &confirm.paid else { return };
        if !confirm.expect.contains(&paid.amount) && is_figure_of(&self.with.reply, &paid.amount) {
            let message = format!("`{}` is not compared with what the caller knows of the order", paid.amount);
            report(diagnostics, self.place.at("paid").at("amount"), message, "name it under `expect:`");
        }
        if confirm.environment.is_none()
            && let Some(name) = environment(self.api, &self.with.reply)
        {
            let message = format!("`{name}` of the answer may name another environment");
            report(diagnostics, self.place.clone().key(), message, &format!("add `environment: {name}`"));
        }
        let Some(states) = states(self.api, self.with, confirm.by.as_ref()) else { return };
        let given_back = reached(states, confirm.reversed.iter().flat_map(|left| &left.values));
        for (n, value) in paid.values.iter().enumerate() {
            let place = self.place.at("paid").at("values").item(n);
            let follows = reached(states, [value]);
            if given_back.contains(&value) {
                let message = format!("`{value}` comes after money was given back");
                report(diagnostics, place, message, "name it under `reversed:`, or leave it out");
            } else if let Some(end) = follows.iter().find(|end| confirm.refuting_values.contains(end)) {
                let message = format!("`{value}` can still become `{end}`, which refutes");
                report(diagnostics, place, message, "leave it out; the message is asked about again");
            }
        }
        for (n, value) in confirm.refuting_values.iter().enumerate() {
            if given_back.contains(&value) {
                let message = format!("`{value}` comes after money was given back, perhaps only a part of it");
                let hint = "leave it out, or name it under `reversed:`, which looks at what is left";
                report(diagnostics, self.place.at("refuting_values").item(n), message, hint);
            }
        }
        for (n, value) in confirm.reversed.iter().flat_map(|left| &left.refuting_values).enumerate() {
            let state = states.get(value);
            let moves_on = state.is_some_and(|state| {
                state.next.as_ref().is_some_and(|next| !next.is_empty())
                    && state.allows.as_ref().is_some_and(Vec::is_empty)
            });
            if moves_on {
                let message = format!("`{value}` moves on by itself: no action is allowed in it, and it is not final");
                let place = self.place.at("reversed").at("refuting_values").item(n);
                report(diagnostics, place, message, "leave it out; the message is asked about again");
            }
        }
    }

    /// What names an entry, and stands in the message too, is compared.
    fn entries(&self, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        let list = confirm.list.as_ref();
        let list = list.and_then(|list| self.with.reply.iter().find(|field| field.wire == *list));
        let Some(Kind::List(TypeRef::Object(n))) = list.map(|field| &field.kind) else { return };
        for field in self.api.objects[*n].fields.iter().filter(|field| is_named(field)) {
            let is_claimed = |own: &&Field| own.wire == field.wire && of(own) == of(field);
            let is_compared = confirm.entry.contains_key(&field.wire) || confirm.entry_equal.contains_key(&field.wire);
            if self.callback.body.iter().find(is_claimed).is_some() && !is_compared {
                let message = format!("the message and the entry have `{}`, and it is not compared", field.wire);
                report(diagnostics, self.place.at("list"), message, "name it under `entry:` or `entry_equal:`");
            }
        }
    }
}

/// The states that a member of an answer tells, where they are a state machine.
fn states<'a>(api: &'a Api, with: &Operation, by: Option<&String>) -> Option<&'a Map<EnumValue>> {
    let field = with.reply.iter().find(|field| Some(&field.wire) == by)?;
    let Kind::One(TypeRef::Enum(n)) = field.kind else { return None };
    Some(&api.enums[n].spec.values).filter(|values| values.values().any(|value| value.next.is_some()))
}

/// The states that some states can become, and these themselves.
fn reached<'a>(states: &'a Map<EnumValue>, from: impl IntoIterator<Item = &'a String>) -> Vec<&'a String> {
    let mut reached: Vec<&String> = Vec::new();
    let mut open: Vec<&String> = from.into_iter().collect();
    while let Some(state) = open.pop() {
        if !reached.contains(&state) {
            reached.push(state);
            open.extend(states.get(state).and_then(|state| state.next.as_ref()).into_iter().flatten());
        }
    }
    reached
}

/// The callbacks that are confirmed by the same member of the same operation.
fn confirms<'a>(api: &'a Api, with: &Operation, by: Option<&String>) -> Vec<(&'a Callback, &'a Confirm)> {
    let of = |callback: &'a Callback| {
        let confirm = callback.spec.procedure()?;
        let is_same = confirm.with == with.id && confirm.by.as_ref() == by;
        is_same.then_some((callback, confirm))
    };
    api.callbacks.iter().filter_map(of).collect()
}

/// The member that names the environment: an enumeration of those that the beginnings of credentials stand for.
fn environment<'a>(api: &Api, fields: &'a [Field]) -> Option<&'a String> {
    let of = |name: &String| api.scalars.iter().find(|scalar| scalar.name == *name);
    let credentials = api.spec.credentials.values().filter_map(|credential| of(&credential.of));
    let names: Vec<&String> = credentials.flat_map(|scalar| scalar.spec.prefixes.values()).collect();
    let is_environment = |field: &&Field| {
        let Kind::One(TypeRef::Enum(n)) = field.kind else { return false };
        let values = &api.enums[n].spec.values;
        values.len() > 1 && values.keys().all(|value| names.iter().any(|name| name.eq_ignore_ascii_case(value)))
    };
    fields.iter().find(is_environment).map(|field| &field.wire)
}

/// Whether a member, by its name, is an amount.
fn is_figure_of(fields: &[Field], name: &String) -> bool {
    fields.iter().any(|field| field.wire == *name && is_figure(field))
}

fn is_figure(field: &Field) -> bool {
    matches!(field.kind, Kind::One(TypeRef::Won)) || field.spec.currency.is_some()
}

/// Whether its type is a named text: an identifier or a key.
fn is_named(field: &Field) -> bool {
    matches!(field.kind, Kind::One(TypeRef::Scalar(_)))
}
