//! Lints of `confirm:`, which compares a callback's message with the answer of an operation. Compared members must
//! exist and have the same type.

use super::comparison::{argument, find, is_broken, is_single, is_text_enum, of, takes};
use super::types::another_type;
use crate::analysis::{field_at, field_paths, is_final, is_supplied};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Callback, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Confirm, Verdict};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    // A member, or its type, may be in a part of the spec that could not be read.
    if api.lost {
        return;
    }
    for callback in &api.callbacks {
        let Some(confirm) = callback.spec.procedure() else { continue };
        let place = Place::top(callback.file).at("confirm");
        // Another lint reports the missing operation.
        if let Some(with) = api.operations.iter().find(|op| op.id == confirm.with) {
            ConfirmLint { api, callback, with, confirm, place }.lint(diagnostics);
        }
    }
}

struct ConfirmLint<'a> {
    api: &'a Api,
    callback: &'a Callback,
    with: &'a Operation,
    confirm: &'a Confirm,
    place: Place,
}

impl<'a> ConfirmLint<'a> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        self.question(diagnostics);
        let confirm = self.confirm;
        let answer = &self.with.reply;
        for (name, from) in &confirm.equal {
            self.pair("equal", name, from, answer, diagnostics);
        }
        if let Some(list) = &confirm.list {
            let place = self.place.at("list");
            match self.member(answer, list, place.clone(), diagnostics).map(|field| &field.kind) {
                Some(Kind::List(TypeRef::Object(n))) => {
                    for (key, pairs) in [("entry", &confirm.entry), ("entry_equal", &confirm.entry_equal)] {
                        for (name, from) in pairs {
                            self.pair(key, name, from, &self.api.objects[*n].fields, diagnostics);
                        }
                    }
                }
                Some(_) => {
                    diagnostics.report(Lint::MemberType, place, format!("`{list}` is not a list of groups"));
                }
                None => {}
            }
        }
        if confirm.list.is_some() == confirm.entry.is_empty() {
            diagnostics.report(Lint::KeyCombination, self.place.clone().key(), "`list` and `entry` need each other");
        }
        if confirm.list.is_none() && !confirm.entry_equal.is_empty() {
            diagnostics.report(Lint::KeyCombination, self.place.at("entry_equal").key(), "`entry_equal` needs `list`");
        }
        for (n, name) in confirm.expect.iter().enumerate() {
            let place = self.place.at("expect").item(n);
            if let Some(field) = self.member(answer, name, place.clone(), diagnostics)
                && !is_single(field)
            {
                diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a single value"));
            }
        }
        for (n, name) in confirm.known.iter().enumerate() {
            let place = self.place.at("known").item(n);
            let fields =
                [&self.with.path, &self.with.query, &self.with.headers, &self.with.request].into_iter().flatten();
            if !fields.clone().any(|field| takes(field, name).is_some()) {
                let message = format!("`{}` has no argument `{name}`", self.with.id);
                diagnostics
                    .report(Lint::QueryArgument, place.clone(), message)
                    .suggest(name, fields.map(|field| field.wire.as_str()));
            } else if let Some(field) = self.member(answer, name, place.clone(), diagnostics) {
                self.stored(name, field, place, diagnostics);
            }
        }
        self.states(diagnostics);
    }

    /// Checks that a field under `known:` has the same type in the answer, the status query and the message.
    fn stored(&self, name: &str, answer: &Field, place: Place, diagnostics: &mut Diagnostics) {
        if !is_single(answer) {
            diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a single value"));
            return;
        }
        let own = field_at(self.api, &self.callback.body, name);
        let others = [argument(self.with, name), own].into_iter().flatten();
        if let Some(other) = others.into_iter().find(|other| of(other) != of(answer) && !is_broken(other)) {
            diagnostics.report(Lint::ComparisonType, place, another_type(name, other, name, answer));
        }
    }

    fn question(&self, diagnostics: &mut Diagnostics) {
        let place = self.place.at("ask");
        let fields: Vec<&Field> =
            [&self.with.path, &self.with.query, &self.with.headers, &self.with.request].into_iter().flatten().collect();
        for (name, from) in &self.confirm.ask {
            let expected = fields.iter().find_map(|field| takes(field, name));
            let claimed = self.claimed(from, place.at(name), diagnostics);
            if expected.is_none() {
                let names = fields.iter().map(|field| field.wire.as_str());
                let message = format!("`{}` has no argument `{name}`", self.with.id);
                diagnostics.report(Lint::QueryArgument, place.at(name).key(), message).suggest(name, names);
            } else if let (Some(claimed), Some(field)) = (claimed, argument(self.with, name))
                && of(claimed) != expected
                && !is_broken(claimed)
            {
                diagnostics.report(Lint::ComparisonType, place.at(name), another_type(from, claimed, name, field));
            }
        }
        for field in fields.iter().filter(|field| field.spec.mandatory) {
            let asked = self.confirm.ask.keys().any(|name| takes(field, name).is_some());
            if !asked && !is_supplied(self.api, field) {
                let message = format!("`{}` needs `{}` too", self.with.id, field.wire);
                diagnostics.report(Lint::QueryArgument, place.clone().key(), message);
            }
        }
    }

    fn pair(&self, key: &str, name: &str, from: &str, fields: &[Field], diagnostics: &mut Diagnostics) {
        let place = self.place.at(key).at(name);
        let found = self.member(fields, name, place.clone().key(), diagnostics);
        let claimed = self.claimed(from, place.clone(), diagnostics);
        if let (Some(found), Some(claimed)) = (found, claimed)
            && of(found) != of(claimed)
            && !is_broken(found)
            && !is_broken(claimed)
        {
            diagnostics.report(Lint::ComparisonType, place, another_type(from, claimed, name, found));
        } else if found.is_some_and(|found| matches!(found.kind, Kind::List(_))) {
            diagnostics
                .report(Lint::ComparisonType, place, format!("`{name}` is a list; it is not compared as a whole"))
                .help(
                    "compare a member that has a single value, or compare members of the entries of `list:` under \
                     `entry:` or `entry_equal:`",
                );
        }
    }

    /// Checks the member with the state, and the lists of states that confirm or refute the claim.
    fn states(&self, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        for (key, name) in [("by", &confirm.by), ("environment", &confirm.environment)] {
            let Some(name) = name else { continue };
            let place = self.place.at(key);
            let field = self.member(&self.with.reply, name, place.clone(), diagnostics);
            if field.is_some_and(|field| !is_text_enum(self.api, field)) {
                diagnostics.report(Lint::MemberType, place, format!("`{name}` is not an enumeration of texts"));
            }
        }
        self.amounts(diagnostics);
        if confirm.equal.is_empty() && confirm.expect.is_empty() && confirm.entry_equal.is_empty() {
            let message = "the answer is compared with no value of the message or the caller";
            diagnostics
                .report(Lint::UnboundAnswer, self.place.clone().key(), message)
                .help("add members under `equal:`, `expect:` or `entry_equal:`");
        }
        let confirms = !confirm.confirming_values.is_empty() || confirm.paid.is_some() || confirm.reversed.is_some();
        if confirm.by.is_some() != confirms {
            let message = "`by` and the lists of confirming states need each other";
            diagnostics
                .report(Lint::KeyCombination, self.place.clone().key(), message)
                .help("write `by`, and states under `confirming_values`, `paid` or `reversed`");
        }
        let by = confirm.by.as_ref().and_then(|by| field_at(self.api, &self.with.reply, by));
        self.not_before(by, diagnostics);
        self.paid_states(diagnostics);
        self.values(by, diagnostics);
    }

    /// Checks the amounts of the answer, and the states that depend on them.
    fn amounts(&self, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        let mut figures = Vec::new();
        figures.extend(confirm.paid.as_ref().map(|paid| (self.place.at("paid").at("amount"), &paid.amount)));
        if let Some(left) = &confirm.reversed {
            let place = self.place.at("reversed");
            figures.push((place.at("remaining"), &left.remaining));
            figures.push((place.at("of"), &left.of));
        }
        for (place, name) in figures {
            let field = self.member(&self.with.reply, name, place.clone(), diagnostics);
            if field.is_some_and(|field| !matches!(field.kind, Kind::One(TypeRef::Amount(_) | TypeRef::Integer))) {
                diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a whole number")).help(
                    "use an amount in whole units; to compare a decimal, add it under `equal:` or `expect:`, and list \
                         the states under `confirming_values:`",
                );
            }
        }
        if let Some(left) = &confirm.reversed {
            for (n, value) in left.refuting_values.iter().enumerate() {
                if !left.values.contains(value) {
                    let place = self.place.at("reversed").at("refuting_values").item(n);
                    diagnostics.report(Lint::DanglingValue, place, format!("`{value}` is not in `reversed.values`"));
                }
            }
        }
        for (n, value) in confirm.paid.iter().flat_map(|paid| &paid.in_full).enumerate() {
            let place = self.place.at("paid").at("in_full").item(n);
            if confirm.paid.as_ref().is_some_and(|paid| !paid.values.contains(value)) {
                diagnostics.report(Lint::DanglingValue, place, format!("`{value}` is not in `paid.values`"));
            } else if confirm.reversed.is_none() {
                diagnostics.report(
                    Lint::KeyCombination,
                    place,
                    "`in_full` needs `reversed:` with `remaining`, the member with the remaining amount",
                );
            }
        }
    }

    /// Checks that the members under `not_before:` and `by:` have the same type, because their states are compared.
    fn not_before(&self, by: Option<&Field>, diagnostics: &mut Diagnostics) {
        let Some(name) = &self.confirm.not_before else { return };
        let place = self.place.at("not_before");
        let claimed = self.claimed(name, place.clone(), diagnostics);
        if let (Some(claimed), Some(by)) = (claimed, by)
            && of(claimed) != of(by)
            && !is_broken(claimed)
            && !is_broken(by)
        {
            diagnostics.report(Lint::ComparisonType, place, another_type(name, claimed, &by.wire, by));
        }
    }

    /// Checks the lists of states. Each state must exist and be in only one list. A state that refutes the claim must
    /// be final, because the claim could otherwise become true later.
    fn values(&self, by: Option<&Field>, diagnostics: &mut Diagnostics) {
        let confirm = self.confirm;
        let Some(Kind::One(TypeRef::Enum(n))) = by.map(|field| &field.kind) else { return };
        let values = &self.api.enums[*n].spec.values;
        let mut lists = vec![
            (self.place.at("confirming_values"), &confirm.confirming_values),
            (self.place.at("refuting_values"), &confirm.refuting_values),
        ];
        lists.extend(confirm.paid.as_ref().map(|paid| (self.place.at("paid").at("values"), &paid.values)));
        lists.extend(confirm.reversed.as_ref().map(|left| (self.place.at("reversed").at("values"), &left.values)));
        let mut seen: Vec<&String> = Vec::new();
        for (place, list) in &lists {
            for (n, state) in list.iter().enumerate() {
                if !values.contains_key(state) {
                    diagnostics
                        .report(Lint::DanglingValue, place.item(n), format!("there is no value `{state}`"))
                        .suggest(state, values.keys().map(String::as_str));
                }
                if seen.contains(&state) {
                    let message = format!("`{state}` is in two lists");
                    diagnostics
                        .report(Lint::ContradictoryState, place.item(n), message)
                        .help("remove it from one list, because each list has its own result");
                }
                seen.push(state);
            }
        }
        for (n, state) in confirm.refuting_values.iter().enumerate() {
            if is_final(self.api, by, state) == Some(false) {
                let place = self.place.at("refuting_values").item(n);
                let message = format!("`{state}` is not final, so the claim may still become true");
                diagnostics
                    .report(Lint::PrematureConclusion, place, message)
                    .help("remove it; the service is then asked again");
            }
        }
    }

    /// Checks that no state under `paid:` proves "not done" for a payment that the same status query resolves.
    fn paid_states(&self, diagnostics: &mut Diagnostics) {
        let (Some(paid), Some(by)) = (&self.confirm.paid, &self.confirm.by) else { return };
        for op in self.api.operations.iter().filter(|op| op.spec.evidence.moves_money) {
            let Some(resolve) = &op.spec.recovery.resolve else { continue };
            let asks_the_same =
                op.spec.recovery.with.as_ref() == Some(&self.with.id) && resolve.by.as_ref() == Some(by);
            // Only an operation for which a state proves `done` counts as a payment. Other operations may refund an
            // earlier payment.
            let proves_done = resolve.immediately.values().any(|verdict| *verdict == Verdict::Done);
            if !asks_the_same || !proves_done {
                continue;
            }
            for (n, value) in paid.values.iter().enumerate() {
                let verdict = resolve.immediately.get(value).or(resolve.after_acceptance.get(value));
                if matches!(verdict, Some(Verdict::NotDone | Verdict::Repeat)) {
                    let place = self.place.at("paid").at("values").item(n);
                    let message = format!("`{value}` does not mean paid: it proves \"not done\" for `{}`", op.id);
                    diagnostics
                        .report(Lint::ContradictoryState, place, message)
                        .help("list only states in which the money has arrived");
                }
            }
        }
    }

    fn member<'f>(
        &'f self,
        fields: &'f [Field],
        name: &str,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<&'f Field> {
        find(self.api, fields, name, place, diagnostics)
    }

    fn claimed(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) -> Option<&'a Field> {
        let body = field_at(self.api, &self.callback.body, name);
        let cases = self.callback.select.iter().flat_map(|select| &select.cases);
        let mut found = body.into_iter().chain(
            // If the message itself has a member with this name, the cases are searched only if the name is a dotted
            // path.
            cases
                .filter(|_| body.is_none() || name.contains('.'))
                .filter_map(|(_, n)| field_at(self.api, &self.api.objects[*n].fields, name)),
        );
        let Some(first) = found.next() else {
            diagnostics
                .report(Lint::DanglingField, place, format!("the message has no member `{name}`"))
                .suggest(name, field_paths(self.api, &self.callback.body).iter().map(String::as_str));
            return None;
        };
        if let Some(other) = found.find(|other| of(other) != of(first) && !is_broken(other) && !is_broken(first)) {
            diagnostics.report(Lint::ComparisonType, place, another_type(name, other, name, first)).help(
                "give it one type in all cases of `select:`, or remove the case with the other type, so that \
                     messages of this case are not confirmed",
            );
        }
        Some(first)
    }
}
