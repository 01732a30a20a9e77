//! Lints of conclusions that another part of the spec contradicts. The other part can be, for example, a state machine,
//! another operation, or a callback about the same states.
//!
//! The modules [`evidence`](super::evidence), [`resolution`](super::resolution) and [`confirm`](super::confirm) check
//! each conclusion on its own.

use super::comparison::of;
use super::resolution::MOST_REPEATS;
use crate::analysis::{at_list, code_of, field_at, field_in, fields_in};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::names::snake;
use crate::resolved::{Api, Callback, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{
    Advice, Binding, Confirm, EntryValue, EnumValue, Map, RecoveryClass, Resolve, StatusOutcome, Verdict,
};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    // An item that seems to be missing may be in a part of the spec that could not be read.
    if api.lost {
        return;
    }
    statuses(api, diagnostics);
    for op in &api.operations {
        let own = OwnEvidence { api, op, place: Place::top(op.file) };
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
            Confirmation { api, callback, with, confirm, place }.lint(diagnostics);
        }
    }
}

fn report(diagnostics: &mut Diagnostics, place: Place, message: String, hint: &str) {
    diagnostics.report(Lint::UnsafeConclusion, place, message).help(hint);
}

/// Checks that only a status from 400 to 499 has the outcome `rejected`.
fn statuses(api: &Api, diagnostics: &mut Diagnostics) {
    for (status, rule) in &api.spec.http_statuses {
        if !status.starts_with('4') && rule.outcome == Some(StatusOutcome::Rejected) {
            let place = Place::top(api.file).at("http_statuses").at(status).at("outcome");
            let message = format!("a service that answers {status} may have carried out the request");
            report(diagnostics, place, message, "write `outcome: unknown`");
        }
    }
}

/// Checks of `evidence:`, which describes what an operation's own replies prove.
struct OwnEvidence<'a> {
    api: &'a Api,
    op: &'a Operation,
    place: Place,
}

impl OwnEvidence<'_> {
    fn evidence(&self, diagnostics: &mut Diagnostics) {
        let (op, evidence) = (self.op, &self.op.spec.evidence);
        let place = self.place.at("evidence");
        if !evidence.moves_money || (evidence.binds.is_empty() && !evidence.repeats_nothing) {
            // Another lint reports that nothing binds a success.
            return;
        }
        let binds = |name: &String| {
            evidence.binds.values().any(|binding| binding.field() == Some(name)) || evidence.sums.contains_key(name)
        };
        if evidence.identity.is_empty() {
            let message =
                "the operation moves money, but without `identity:`, an attempt with a changed field is a new request";
            let hint = "under `identity:`, list the fields that stay the same in every attempt at the same request";
            report(diagnostics, place.at("moves_money").key(), message.into(), hint);
        }
        for (n, name) in evidence.identity.iter().enumerate() {
            if op.reply.iter().any(|field| field.wire == *name) && !binds(name) {
                let message = format!("a success repeats `{name}` of the request, but the two are not compared");
                report(diagnostics, place.at("identity").item(n), message, "add it under `binds:`");
            }
        }
        for field in op.request.iter().filter(|field| is_figure(field)) {
            // For example, `refundedAmount` counts as a repetition of `amount`.
            let repeats = |own: &Field| is_figure(own) && own.wire.to_lowercase().contains(&field.wire.to_lowercase());
            // A member with a similar name may be a different amount, such as the amount of the whole payment. In that
            // case, `doc:` of `evidence:` explains why the field of the request is not compared.
            let quoted = format!("`{}`", field.wire);
            let has_reason = evidence.doc.as_ref().is_some_and(|doc| doc.contains(&quoted));
            let mut members = fields_in(self.api, &op.reply).into_iter();
            if !binds(&field.wire) && !has_reason && members.any(|(_, member)| repeats(member)) {
                let message =
                    format!("the operation moves money, but a success may have another {quoted} than the request");
                let hint = format!(
                    "under `binds:`, add the member of the reply that repeats it, with `magnitude_of:` if it may be \
                     negative; or under `sums:`, list members that add up to it; if the reply has neither, give the \
                     reason under `doc:`, with {quoted} in backticks"
                );
                report(diagnostics, place.at("binds").key(), message, &hint);
            }
        }
        self.states_in_lists(diagnostics);
        if evidence.environment.is_none()
            && let Some(name) = environment(self.api, &op.reply)
        {
            let message = format!("the operation moves money, but `{name}` of a success may name another environment");
            report(diagnostics, place.at("moves_money").key(), message, &format!("add `environment: {name}`"));
        }
        if op.spec.recovery.class == RecoveryClass::Resend {
            self.resend(diagnostics);
        }
    }

    /// Checks that `binds:` contains each state in the entries of a list, or that `doc:` gives a reason, because the
    /// state shows whether the money was moved.
    fn states_in_lists(&self, diagnostics: &mut Diagnostics) {
        let evidence = &self.op.spec.evidence;
        let states = fields_in(self.api, &self.op.reply).into_iter().filter(|(_, field)| is_state(self.api, field));
        for (path, _) in states {
            let quoted = format!("`{path}`");
            let has_reason = evidence.doc.as_ref().is_some_and(|doc| doc.contains(&quoted));
            if at_list(&path).is_some() && !evidence.binds.contains_key(&path) && !has_reason {
                let message = format!("the operation moves money, but {quoted} of a success may be any state");
                let hint = format!(
                    "bind it to the states of a success: `{path}: {{ is: STATE }}`; if every state is a success, \
                     give the reason under `doc:`, with {quoted} in backticks"
                );
                report(diagnostics, self.place.at("evidence").at("binds").key(), message, &hint);
            }
        }
    }

    /// Checks that a request that moves money is sent again only if the service recognizes a repetition.
    fn resend(&self, diagnostics: &mut Diagnostics) {
        let recovery = &self.op.spec.recovery;
        let place = self.place.at("recovery").at("class");
        let Some(resolve) = recovery.resolve.as_ref().filter(|resolve| resolve.repeat_first) else {
            let message =
                "the operation moves money, but the spec does not state that the service recognizes a repetition";
            let hint =
                "write `ask_first`, or `repeat_first: true` under `resolve:` if each request has a number of its own";
            report(diagnostics, place, message.into(), hint);
            return;
        };
        let is_asked = |name: &&String| resolve.ask.values().any(|from| from == *name);
        if self.op.spec.evidence.identity.iter().all(|name| is_asked(&name)) {
            let message =
                "the operation moves money, but no identifier distinguishes a repetition from another request";
            report(
                diagnostics,
                place,
                message.into(),
                "add an identifier of the request under `identity:`, or write `ask_first`",
            );
        }
    }

    /// Checks that an operation is marked as moving money if a state of the payment allows the operation as an action.
    fn machine(&self, resolve: &Resolve, with: &Operation, diagnostics: &mut Diagnostics) {
        let states = states(self.api, with, resolve.by.as_ref());
        let is_action = |action: &String| {
            self.op.id.strip_prefix(action.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let is_allowed =
            states.is_some_and(|states| states.values().flat_map(|s| s.allows.iter().flatten()).any(is_action));
        // The operation counts as concerning money if its own reply and the reply to the status query both have
        // amounts.
        let has_figures = self.op.reply.iter().any(is_figure) && with.reply.iter().any(is_figure);
        if is_allowed && has_figures && !self.op.spec.evidence.moves_money {
            let message = format!("a state allows `{}`, but the operation is not marked as moving money", self.op.id);
            let hint = "add `moves_money: true` under `evidence:`, with the members that bind a success";
            report(diagnostics, self.place.at("recovery").at("resolve").at("by"), message, hint);
        }
    }
}

/// Checks of the `resolve:` of the operation `op`. The status query calls the operation `with`.
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
        self.distinguished(diagnostics);
        for (n, code) in self.resolve.absent.iter().enumerate() {
            let advice = code_of(self.api, self.with, code).map(|entry| entry.spec.advice);
            if matches!(advice, Some(Advice::AskStatus | Advice::TryLater | Advice::CheckKey | Advice::AlreadyDone)) {
                let message = format!("the advice of `{code}` contradicts the meaning \"not found\"");
                let hint = "list only codes that mean \"not found\"";
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

    /// Checks that `not_before:` is given if the status query uses a number from the caller although the service
    /// assigns a number too. Without `not_before:`, the answer may be about an earlier request with the same number.
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
                let message = format!(
                    "the answer may be about an earlier request with the same `{asked}`, because the service assigns \
                     only `{better}`"
                );
                let hint = "write the member with the time of creation under `not_before:`";
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

    /// Checks that amounts are compared with values of the request or of the caller, and not with themselves.
    fn figures(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        let is_compared = |name: &String| {
            resolve.binds.contains_key(name) || resolve.expect.contains(name) || resolve.sums.contains_key(name)
        };
        for (a, b) in &resolve.unchanged {
            if a == b {
                let message = format!("`{a}` always equals itself");
                report(diagnostics, self.place.at("unchanged").at(a), message, "write the member that it has to equal");
            }
        }
        if resolve.repeat_first
            && self.op.spec.evidence.moves_money
            && resolve.unchanged.is_empty()
            && self.has(Verdict::NotDone)
            && self.with.reply.iter().any(is_figure)
        {
            let message =
                "the operation moves money, but \"not done\" is concluded without comparing the remaining amount";
            let hint = "under `unchanged:`, add two amounts that are equal as long as nothing was done";
            report(diagnostics, self.place.clone().key(), message.into(), hint);
        }
        let is_known = |name: &String| field_in(self.api, &self.with.reply, name).is_some();
        if let Some(full) =
            resolve.in_full.as_ref().filter(|full| is_figure_of(self.api, &self.with.reply, &full.amount))
        {
            let place = self.place.at("in_full").at("amount");
            if resolve.remaining.as_ref() == Some(&full.amount) {
                let message = format!("`{}` always equals itself", full.amount);
                report(diagnostics, place, message, "write the member with the whole amount");
            } else if !is_compared(&full.amount) {
                let message = format!("`{}` is not compared with a value of the request or the caller", full.amount);
                report(diagnostics, place, message, "add it under `binds:` or `expect:`");
            }
        }
        // Another lint reports the missing member.
        let is_broken = !resolve.binds.keys().chain(&resolve.expect).all(is_known);
        let mut compared = resolve.binds.keys().chain(&resolve.expect);
        let is_unchecked = self.op.spec.evidence.moves_money
            && resolve.sums.is_empty()
            && !compared.any(|name| is_figure_of(self.api, &self.with.reply, name));
        // Another lint reports the missing comparison of an amount.
        if !self.has(Verdict::Done) || resolve.list.is_some() || is_broken || is_unchecked {
            return;
        }
        for field in self.op.request.iter().filter(|field| field.spec.mandatory && is_figure(field)) {
            let has_same = self.with.reply.iter().any(|other| other.wire == field.wire && of(other) == of(field));
            if has_same && !is_compared(&field.wire) {
                let message = format!("`done` is concluded without comparing `{}`", field.wire);
                report(diagnostics, self.place.clone().key(), message, "add it under `binds:`");
            }
        }
    }

    /// Reports an operation that moves money and has `repeats:` above 1. If the request of such an operation may be
    /// repeated, also reports each optional field that `binds:` of `evidence:` compares. Amounts and fields under
    /// `repeat_needs:` are not reported.
    fn repetitions(&self, diagnostics: &mut Diagnostics) {
        let (resolve, evidence) = (self.resolve, &self.op.spec.evidence);
        if !evidence.moves_money {
            return;
        }
        // Another lint reports numbers above `MOST_REPEATS`.
        if (2..=MOST_REPEATS).contains(&resolve.repeats) {
            let message = format!("the operation moves money, but is repeated up to {} times", resolve.repeats);
            report(diagnostics, self.place.at("repeats"), message, "write `repeats: 1`");
        }
        for name in evidence.binds.values().filter_map(Binding::field) {
            let is_optional = |field: &Field| field.wire == name && !field.spec.mandatory && !is_figure(field);
            if self.has(Verdict::Repeat)
                && self.op.request.iter().any(is_optional)
                && !resolve.repeat_needs.iter().any(|own| own == name)
            {
                let message =
                    format!("the operation moves money, but may be sent again without the identifying field `{name}`");
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
                let message = "the presence and the absence of the request's entry have the same verdict";
                let hint = "remove one of `match` and `others`";
                report(diagnostics, self.place.at(key).at("match"), message.into(), hint);
            }
        }
        let field = field_at(self.api, &self.with.reply, list);
        let Some(Kind::List(TypeRef::Object(n))) = field.map(|field| &field.kind) else { return };
        let entries = &self.api.objects[*n].fields;
        self.last_page(diagnostics);
        self.states_of_entries(entries, diagnostics);
        let is_identifier = |name: &String| field_at(self.api, entries, name).is_some_and(is_named);
        let has_identifier = entries.iter().any(is_named);
        if has_identifier && !self.resolve.entry.is_empty() && !self.resolve.entry.keys().any(is_identifier) {
            let message = "the entry is recognized without an identifier";
            report(diagnostics, self.place.at("entry").key(), message.into(), "compare an identifier of the entry");
        }
    }

    /// Checks that a missing entry proves nothing if the last page of the list cannot be recognized.
    fn last_page(&self, diagnostics: &mut Diagnostics) {
        let Some(pages) = &self.with.spec.pages else { return };
        let is_counted = pages.next == "+1" || pages.next.starts_with("last.");
        for (key, table) in self.tables() {
            if table.contains_key("others") && is_counted && pages.end.is_empty() {
                let message = "the entry may be on another page, and nothing marks the last page of the list";
                let hint = "under `end:` of `pages:`, add the member that marks the last page, or remove the state";
                report(diagnostics, self.place.at(key).at("others").key(), message.into(), hint);
            }
        }
    }

    /// Checks that `done` rests on the state of the entry, if the entry has a state and `doc:` gives no reason.
    fn states_of_entries(&self, entries: &[Field], diagnostics: &mut Diagnostics) {
        if !self.op.spec.evidence.moves_money || !self.proves("match", Verdict::Done) {
            return;
        }
        for (path, field) in fields_in(self.api, entries) {
            if is_state(self.api, field) && at_list(&path).is_none() && !self.resolve.entry.contains_key(&path) {
                let quoted = format!("`{path}`");
                if self.has_reason(&quoted) {
                    continue;
                }
                let message = format!("`done` is concluded without comparing {quoted} of the entry");
                let hint = format!(
                    "list its states under `entry:`, such as `{path}: {{ is: STATE }}`; if every state proves the \
                     effect, give the reason under `doc:` of `recovery:`, with {quoted} in backticks"
                );
                report(diagnostics, self.place.at("entry").key(), message, &hint);
            }
        }
    }

    fn has_reason(&self, quoted: &str) -> bool {
        self.op.spec.recovery.doc.as_ref().is_some_and(|doc| doc.contains(quoted))
    }

    /// Checks that `done` rests on a member that distinguishes this request from other requests about the same payment,
    /// unless `doc:` gives a reason.
    fn distinguished(&self, diagnostics: &mut Diagnostics) {
        let (resolve, evidence) = (self.resolve, &self.op.spec.evidence);
        let asked: Vec<&String> = resolve.ask.values().collect();
        let own: Vec<&String> = evidence.identity.iter().filter(|name| !asked.contains(name)).collect();
        let of_entry = resolve.entry.values().filter_map(|value| match value {
            EntryValue::Field(from) => Some(from),
            EntryValue::Fixed(_) => None,
        });
        let mut compared = of_entry.chain(resolve.entry_equal.values()).chain(resolve.binds.values());
        let has_reason = own.iter().any(|name| self.has_reason(&format!("`{name}`")));
        let [first, ..] = own.as_slice() else { return };
        if !evidence.moves_money || !self.has(Verdict::Done) || has_reason || compared.any(|from| own.contains(&from)) {
            return;
        }
        let message = format!(
            "`done` is concluded without comparing `{first}`, which distinguishes requests about the same payment"
        );
        let hint = format!(
            "under `binds:` or `entry:`, compare a member that repeats it; if the service carries out only one such \
             request, give the reason under `doc:` of `recovery:`, with `{first}` in backticks"
        );
        report(diagnostics, self.place.clone().key(), message, &hint);
    }

    /// Checks that no verdict of a state contradicts the state machine, or a callback about the same states.
    fn states(&self, diagnostics: &mut Diagnostics) {
        let Some(states) = states(self.api, self.with, self.resolve.by.as_ref()) else { return };
        for (key, table) in self.tables() {
            for word in table.iter().filter(|(_, verdict)| **verdict == Verdict::Reversed).map(|(word, _)| word) {
                let still = |end: &&&String| {
                    **end != word && (self.proves(end, Verdict::Done) || self.proves(end, Verdict::NotDone))
                };
                if let Some(end) = reached(states, [word]).iter().find(still) {
                    let message =
                        format!("`{word}` can still become `{end}`, so it does not show that the effect was reversed");
                    report(
                        diagnostics,
                        self.place.at(key).at(word),
                        message,
                        "remove the state; the service is then asked again",
                    );
                }
            }
        }
        for (callback, confirm) in confirms(self.api, self.with, self.resolve.by.as_ref()) {
            self.as_in_callback(states, &callback.id, confirm, diagnostics);
        }
    }

    fn as_in_callback(&self, states: &Map<EnumValue>, id: &str, confirm: &Confirm, diagnostics: &mut Diagnostics) {
        let refunded = reached(states, confirm.reversed.iter().flat_map(|left| &left.values));
        let is_payment =
            confirm.paid.iter().flat_map(|paid| &paid.values).any(|value| self.proves(value, Verdict::Done));
        for (key, table) in self.tables() {
            for (word, verdict) in table {
                let place = self.place.at(key).at(word);
                if *verdict == Verdict::NotDone && refunded.contains(&word) && self.op.spec.evidence.moves_money {
                    let message = format!("`{word}` follows a refund, according to `{id}`");
                    report(diagnostics, place, message, "remove the state, or make it `reversed`");
                } else if *verdict == Verdict::Done && is_payment && refunded.contains(&word) {
                    let message = format!("`{word}` follows a refund, according to `{id}`");
                    report(diagnostics, place, message, "make it `reversed`");
                } else if *verdict == Verdict::Done && is_payment && confirm.refuting_values.contains(word) {
                    let message = format!("`{word}` refutes the claim of `{id}`, so it does not prove a payment");
                    report(diagnostics, place, message, "make it `not_done` or `reversed`");
                }
            }
        }
        let Some(remaining) = self.resolve.remaining.as_ref().filter(|_| is_payment) else { return };
        for value in confirm.paid.iter().flat_map(|paid| &paid.in_full) {
            let is_named = self.resolve.in_full.as_ref().is_some_and(|full| full.values.contains(value));
            if self.proves(value, Verdict::Done) && !is_named {
                let message = format!(
                    "according to `{id}`, a payment in `{value}` may be partly refunded, but `done` does not compare \
                     the remaining amount"
                );
                report(diagnostics, self.place.at("remaining"), message, "add the state under `in_full:`");
            }
        }
        if let Some(left) = confirm.reversed.as_ref().filter(|left| left.remaining != *remaining) {
            let message = format!("the remaining amount is `{remaining}` here, but `{}` in `{id}`", left.remaining);
            report(diagnostics, self.place.at("remaining"), message, "write the same member in both places");
        }
    }
}

/// Checks of the `confirm:` of a callback. The status query calls the operation `with`.
struct Confirmation<'a> {
    api: &'a Api,
    callback: &'a Callback,
    with: &'a Operation,
    confirm: &'a Confirm,
    place: Place,
}

impl Confirmation<'_> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        self.entries(diagnostics);
        for (key, pairs) in [("equal", &confirm.equal), ("entry_equal", &confirm.entry_equal)] {
            for (name, from) in pairs.iter().filter(|(name, from)| name != from) {
                let claimed = |name: &String| self.callback.body.iter().find(|field| field.wire == *name).and_then(of);
                if claimed(name).is_some() && claimed(name) == claimed(from) {
                    let message =
                        format!("`{name}` of the answer is compared with `{from}`, although the message has `{name}`");
                    report(diagnostics, self.place.at(key).at(name), message, &format!("write `{name}: {name}`"));
                }
            }
        }
        if let Some(left) = confirm.reversed.as_ref().filter(|left| left.remaining == left.of) {
            let message = format!("`{}` always equals itself", left.of);
            let place = self.place.at("reversed").at("remaining");
            report(diagnostics, place, message, "write the member with the remaining amount");
        }
        let Some(paid) = &confirm.paid else { return };
        if !confirm.expect.contains(&paid.amount) && is_figure_of(self.api, &self.with.reply, &paid.amount) {
            let message = format!("`{}` is not compared with the caller's value", paid.amount);
            report(diagnostics, self.place.at("paid").at("amount"), message, "add it under `expect:`");
        }
        if confirm.environment.is_none()
            && let Some(name) = environment(self.api, &self.with.reply)
        {
            let message = format!("`{name}` of the answer may name another environment");
            report(diagnostics, self.place.clone().key(), message, &format!("add `environment: {name}`"));
        }
        let Some(states) = states(self.api, self.with, confirm.by.as_ref()) else { return };
        let refunded = reached(states, confirm.reversed.iter().flat_map(|left| &left.values));
        for (n, value) in paid.values.iter().enumerate() {
            let place = self.place.at("paid").at("values").item(n);
            let follows = reached(states, [value]);
            if refunded.contains(&value) {
                let message = format!("`{value}` follows a refund");
                report(diagnostics, place, message, "move it to `reversed:`, or remove it");
            } else if let Some(end) = follows.iter().find(|end| confirm.refuting_values.contains(end)) {
                let message = format!("`{value}` can still become `{end}`, which refutes the claim");
                report(diagnostics, place, message, "remove it; the service is then asked again");
            }
        }
        for (n, value) in confirm.refuting_values.iter().enumerate() {
            if refunded.contains(&value) {
                let message = format!("`{value}` follows a refund, which may be partial");
                let hint = "remove it, or move it to `reversed:`, which compares the remaining amount";
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
                let message =
                    format!("`{value}` is not final and allows no action, so the service can change it by itself");
                let place = self.place.at("reversed").at("refuting_values").item(n);
                report(diagnostics, place, message, "remove it; the service is then asked again");
            }
        }
    }

    /// Checks that each identifier of an entry is compared with the member of the message that has the same name and
    /// type, if there is such a member.
    fn entries(&self, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        let list = confirm.list.as_ref();
        let list = list.and_then(|list| field_at(self.api, &self.with.reply, list));
        let Some(Kind::List(TypeRef::Object(n))) = list.map(|field| &field.kind) else { return };
        for field in self.api.objects[*n].fields.iter().filter(|field| is_named(field)) {
            let is_claimed = |own: &&Field| own.wire == field.wire && of(own) == of(field);
            let is_compared = confirm.entry.contains_key(&field.wire) || confirm.entry_equal.contains_key(&field.wire);
            if self.callback.body.iter().find(is_claimed).is_some() && !is_compared {
                let message = format!("`{0}` of the entry is not compared with `{0}` of the message", field.wire);
                report(diagnostics, self.place.at("list"), message, "add it under `entry:` or `entry_equal:`");
            }
        }
    }
}

/// Returns `true` if the values of a field are the states of a state machine.
fn is_state(api: &Api, field: &Field) -> bool {
    match field.kind {
        Kind::One(TypeRef::Enum(n)) => api.enums[n].spec.values.values().any(|value| value.next.is_some()),
        _ => false,
    }
}

/// Returns the states of a member of an answer. `None` if they are not the states of a state machine.
fn states<'a>(api: &'a Api, with: &Operation, by: Option<&String>) -> Option<&'a Map<EnumValue>> {
    let field = field_in(api, &with.reply, by?)?;
    let Kind::One(TypeRef::Enum(n)) = field.kind else { return None };
    Some(&api.enums[n].spec.values).filter(|values| values.values().any(|value| value.next.is_some()))
}

/// Returns the given states, and all states that can follow them.
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

/// Returns the callbacks whose `confirm:` has this operation under `with:` and this member under `by:`.
fn confirms<'a>(api: &'a Api, with: &Operation, by: Option<&String>) -> Vec<(&'a Callback, &'a Confirm)> {
    let of = |callback: &'a Callback| {
        let confirm = callback.spec.procedure()?;
        let is_same = confirm.with == with.id && confirm.by.as_ref() == by;
        is_same.then_some((callback, confirm))
    };
    api.callbacks.iter().filter_map(of).collect()
}

/// Returns the name of the member that names the environment. An enumeration of two or more values counts as this
/// member if all its values are environments under `prefixes:` of the credentials' types.
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

/// Returns `true` if there is a member with this name that counts as an amount.
fn is_figure_of(api: &Api, fields: &[Field], name: &str) -> bool {
    field_in(api, fields, name).is_some_and(is_figure)
}

/// Returns `true` if the field counts as an amount of money. This is the case if its type is an amount or `decimal`, or
/// if it has `currency:`. An integer with a name such as `totalAmount` counts as an amount too.
fn is_figure(field: &Field) -> bool {
    match field.kind {
        Kind::One(TypeRef::Amount(_) | TypeRef::Decimal) => true,
        Kind::One(TypeRef::Integer) => field.spec.currency.is_some() || names_an_amount(&field.wire),
        _ => field.spec.currency.is_some(),
    }
}

/// Returns `true` for a name such as `totalAmount`, `amt` or `unit_price`, and `false` for `feeRate` and `price_code`.
fn names_an_amount(wire: &str) -> bool {
    const AMOUNTS: [&str; 8] = ["amount", "amt", "price", "fee", "cost", "balance", "money", "charge"];
    const OTHERS: [&str; 10] = ["rate", "ratio", "percent", "code", "type", "count", "no", "number", "id", "version"];
    let name = snake(wire);
    let words: Vec<&str> = name.split('_').collect();
    let is_other = words.last().is_some_and(|last| OTHERS.contains(last));
    !is_other && words.iter().any(|word| AMOUNTS.contains(word) || word.ends_with("amount"))
}

/// Returns `true` if the type of the field is a named scalar, such as an order number or a token.
fn is_named(field: &Field) -> bool {
    matches!(field.kind, Kind::One(TypeRef::Scalar(_)))
}
