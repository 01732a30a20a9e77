//! Lints of `resolve:`. Compared fields must exist and have the same type, and each state with a verdict must be able
//! to occur.
//!
//! The module also checks that each verdict rests on evidence. An error code alone, an empty list or a missing answer
//! proves nothing.

use super::comparison::{
    argument, compare, environment, every, find, find_in, fixed, is_broken, is_number, is_single, is_text_enum, of,
    own_field, single, sums, takes, weakness, whole_amount,
};
use super::types::another_type;
use crate::analysis::{
    Reduced, at_list, code_of, field_at, field_in, field_paths, field_way, is_expected_of_reply, is_final, is_supplied,
    moment_notation, moves_on, state,
};
use crate::diagnostic::{Diagnostics, suggestion};
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{EntryValue, FixedValue, Map, RecoveryClass, Resolve, Verdict};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    // A field, or its type, may be in a part of the spec that could not be read.
    if api.lost {
        return;
    }
    for op in &api.operations {
        let top = Place::top(op.file).at("recovery");
        let recovery = &op.spec.recovery;
        if let Some(resolve) = &recovery.resolve {
            let place = top.at("resolve");
            match recovery.with.as_ref().map(|with| api.operations.iter().find(|other| other.id == *with)) {
                None => {
                    diagnostics
                        .report(Lint::QueryOperation, place.key(), "there is no operation to ask")
                        .help("add `with:` and the operation that shows the outcome");
                }
                // Another lint reports the missing operation.
                Some(None) => {}
                Some(Some(with)) => ResolveLint { api, op, with, resolve, place }.lint(diagnostics),
            }
        }
        choices(op, diagnostics);
    }
    // Only the choices of the request's own fields determine its class.
    for (place, _) in api.objects.iter().flat_map(|object| &object.fields).flat_map(classes_of_choices) {
        diagnostics
            .report(Lint::MisplacedKey, place.key(), "a choice in a group cannot have a recovery class")
            .help("under `recovery:` of the operation, write a class that is strict enough for this choice");
    }
}

/// Checks that no choice makes the recovery class of a request less strict.
fn choices(op: &Operation, diagnostics: &mut Diagnostics) {
    let own = op.spec.recovery.class;
    let fields = [&op.path, &op.query, &op.headers, &op.request].into_iter().flatten();
    for (place, class) in fields.flat_map(classes_of_choices) {
        if class == RecoveryClass::Resend || class < own {
            diagnostics
                .report(Lint::Repetition, place, "a choice cannot make a request safe to send again")
                .help("write a class that is stricter than the class of the operation, or remove `recovery:`");
        }
    }
}

/// Returns the recovery class of each choice that has one, with its place.
fn classes_of_choices(field: &Field) -> impl Iterator<Item = (Place, RecoveryClass)> {
    let classes = field.spec.choices.iter().filter_map(|(name, choice)| Some((name, choice.recovery?)));
    classes.map(|(name, class)| (field.place.at("choices").at(name).at("recovery"), class))
}

/// Table of verdicts, named after the condition under which its verdicts are valid.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Immediately,
    Unanswered,
    AfterAcceptance,
}

impl When {
    fn key(self) -> &'static str {
        match self {
            Self::Immediately => "immediately",
            Self::Unanswered => "unanswered",
            Self::AfterAcceptance => "after_acceptance",
        }
    }
}

/// Largest plausible number of repetitions of one request.
pub(super) const MOST_REPEATS: u32 = 5;

/// Largest number of values that a caller of a resolution can pass. The runtime stores them as a tuple of at most 12
/// values.
const MOST_EXPECTED: usize = 12;

struct ResolveLint<'a> {
    api: &'a Api,
    op: &'a Operation,
    with: &'a Operation,
    resolve: &'a Resolve,
    place: Place,
}

impl<'a> ResolveLint<'a> {
    fn lint(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        self.question(diagnostics);
        let entries = self.state_source(diagnostics);
        for (name, from) in &resolve.binds {
            self.pair("binds", name, from, Some(&self.with.reply), diagnostics);
        }
        for (name, value) in &resolve.entry {
            match value {
                EntryValue::Field(from) => self.pair("entry", name, from, entries, diagnostics),
                EntryValue::Fixed(value) => self.fixed("entry", name, value, entries, diagnostics),
            }
        }
        for (name, value) in &resolve.entry_reversed {
            match value {
                EntryValue::Field(from) => self.pair("entry_reversed", name, from, entries, diagnostics),
                EntryValue::Fixed(value) => self.fixed("entry_reversed", name, value, entries, diagnostics),
            }
        }
        for (name, from) in &resolve.entry_equal {
            self.pair("entry_equal", name, from, entries, diagnostics);
        }
        sums(self.api, self.op, (&resolve.sums, Some(&self.with.reply)), &self.place.at("sums"), diagnostics);
        sums(self.api, self.op, (&resolve.entry_sums, entries), &self.place.at("entry_sums"), diagnostics);
        let of_entries = [
            ("entry_sums", resolve.entry_sums.is_empty()),
            ("entry_equal", resolve.entry_equal.is_empty()),
            ("entry_expect", resolve.entry_expect.is_empty()),
            ("entry_reversed", resolve.entry_reversed.is_empty()),
        ];
        for (key, _) in of_entries.into_iter().filter(|(_, is_absent)| resolve.list.is_none() && !is_absent) {
            let message = format!("`{key}` needs `list`");
            diagnostics.report(Lint::KeyCombination, self.place.at(key).key(), message);
        }
        self.expected("expect", &resolve.expect, Some(&self.with.reply), diagnostics);
        self.expected("entry_expect", &resolve.entry_expect, entries, diagnostics);
        if resolve.expect.len() + resolve.entry_expect.len() > MOST_EXPECTED {
            let message = format!("the caller of a resolution can pass at most {MOST_EXPECTED} values");
            diagnostics
                .report(Lint::KeyCombination, self.place.at("expect").key(), message)
                .help("compare members with fields of the request under `binds:`");
        }
        for (n, name) in resolve.repeat_needs.iter().enumerate() {
            let place = self.place.at("repeat_needs").item(n);
            every(self.op, name, &place, diagnostics);
            if let Some(field) = own_field(self.api, self.op, name, place.clone(), diagnostics)
                && field.spec.mandatory
            {
                diagnostics.report(
                    Lint::Repetition,
                    place,
                    format!("`{name}` is mandatory, so a repetition always has it"),
                );
            }
        }
        for (n, code) in resolve.absent.iter().enumerate() {
            let known = || self.api.codes.iter().map(|own| own.code.as_str());
            if code_of(self.api, self.with, code).is_none() {
                let place = self.place.at("absent").item(n);
                diagnostics
                    .report(Lint::DanglingCode, place, format!("`{}` has no code `{code}`", self.with.id))
                    .suggest(code, known());
            }
        }
        for (n, name) in resolve.look_at.iter().enumerate() {
            self.answer(name, self.place.at("look_at").item(n), diagnostics);
        }
        self.figures(diagnostics);
        environment(self.api, &self.with.reply, resolve.environment.as_ref(), &self.place, diagnostics);
        self.words(diagnostics);
        self.conclusions(diagnostics);
    }

    /// Checks the members of the answer that are times or amounts.
    fn figures(&self, diagnostics: &mut Diagnostics) {
        let of = |field: &Field| match field.kind {
            Kind::One(of) => Some(of),
            _ => None,
        };
        if let Some(name) = &self.resolve.not_before {
            let place = self.place.at("not_before");
            if let Some(field) = self.answer(name, place.clone(), diagnostics)
                && !of(field)
                    .and_then(|of| moment_notation(self.api, of))
                    .is_some_and(|time| time.format().has_seconds())
            {
                diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a time with seconds"));
            }
        }
        if let Some(name) = &self.resolve.remaining {
            let place = self.place.at("remaining");
            if let Some(field) = self.answer(name, place.clone(), diagnostics)
                && !matches!(of(field), Some(TypeRef::Amount(_) | TypeRef::Integer))
            {
                diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a number"));
            }
        }
        if let Some(full) = &self.resolve.in_full {
            let place = self.place.at("in_full");
            if self.resolve.remaining.is_none() {
                diagnostics.report(Lint::KeyCombination, place.clone().key(), "`in_full` needs `remaining`");
            }
            if let Some(field) = self.answer(&full.amount, place.at("amount"), diagnostics)
                && !matches!(of(field), Some(TypeRef::Amount(_) | TypeRef::Integer))
            {
                diagnostics.report(Lint::MemberType, place.at("amount"), format!("`{}` is not a number", full.amount));
            }
            for (n, word) in full.values.iter().enumerate() {
                if self.resolve.immediately.get(word).or(self.resolve.after_acceptance.get(word))
                    != Some(&Verdict::Done)
                {
                    let place = place.at("values").item(n);
                    diagnostics.report(
                        Lint::DanglingValue,
                        place,
                        format!("`{word}` does not have the verdict `done`"),
                    );
                }
            }
        }
        for (a, b) in &self.resolve.unchanged {
            let place = self.place.at("unchanged").at(a);
            let first = self.answer(a, place.clone().key(), diagnostics);
            let second = self.answer(b, place.clone(), diagnostics);
            compare(first, second, b, a, &place, diagnostics);
        }
    }

    /// Checks that the status query has all mandatory arguments, and that mandatory fields of the request fill them.
    fn question(&self, diagnostics: &mut Diagnostics) {
        let place = self.place.at("ask");
        let fields: Vec<&Field> =
            [&self.with.path, &self.with.query, &self.with.headers, &self.with.request].into_iter().flatten().collect();
        for (name, from) in &self.resolve.ask {
            let expected = fields.iter().find_map(|field| takes(field, name));
            let expected = expected.or_else(|| field_at(self.api, &self.with.request, name).and_then(of));
            let own = own_field(self.api, self.op, from, place.at(name), diagnostics);
            every(self.op, from, &place.at(name), diagnostics);
            match (expected, own) {
                (None, _) => {
                    let plain = self.with.path.iter().chain(&self.with.query).map(|field| field.wire.clone());
                    let names: Vec<String> = plain.chain(field_paths(self.api, &self.with.request)).collect();
                    diagnostics
                        .report(
                            Lint::QueryArgument,
                            place.at(name).key(),
                            format!("`{}` has no argument `{name}`", self.with.id),
                        )
                        .suggest(name, names.iter().map(String::as_str));
                }
                (Some(expected), Some(own)) if Some(expected) != of(own) && !is_broken(own) => {
                    let message = match argument(self.with, name) {
                        Some(found) => another_type(from, own, name, found),
                        None => format!("`{from}` has another type than `{name}`"),
                    };
                    diagnostics.report(Lint::ComparisonType, place.at(name), message);
                }
                (_, Some(own)) => {
                    if let Some(why) = weakness(own) {
                        diagnostics.report(Lint::QueryArgument, place.at(name), format!("`{from}` {why}"));
                    }
                }
                _ => {}
            }
        }
        for field in fields.iter().filter(|field| field.spec.mandatory) {
            self.needs(field, &field.wire, &place, diagnostics);
        }
    }

    /// Checks that a mandatory field of the status query is filled. If `ask:` fills the fields of an object one by one,
    /// checks that all mandatory fields of the object are filled.
    fn needs(&self, field: &Field, path: &str, place: &Place, diagnostics: &mut Diagnostics) {
        let inside = format!("{path}.");
        let asked = |name: &String| name == path || takes(field, name).is_some();
        if self.resolve.ask.keys().any(asked) || is_supplied(self.api, field) {
            return;
        }
        match field.kind {
            Kind::One(TypeRef::Object(n)) if self.resolve.ask.keys().any(|name| name.starts_with(&inside)) => {
                for field in self.api.objects[n].fields.iter().filter(|field| field.spec.mandatory) {
                    self.needs(field, &format!("{inside}{}", field.wire), place, diagnostics);
                }
            }
            _ => {
                let message = format!("`{}` needs `{path}` too", self.with.id);
                diagnostics.report(Lint::QueryArgument, place.clone().key(), message);
            }
        }
    }

    /// Checks the member under `by:` or the list under `list:`, which determines the state. Returns the fields of the
    /// entries of `list:`.
    fn state_source(&self, diagnostics: &mut Diagnostics) -> Option<&'a [Field]> {
        let resolve = self.resolve;
        if let Some(by) = &resolve.by {
            let place = self.place.at("by");
            if resolve.list.is_some() {
                diagnostics.report(Lint::KeyCombination, place.clone().key(), "`by` and `list` exclude each other");
            }
            let field = find_in(self.api, &self.with.reply, by, place.clone(), diagnostics);
            if field.is_some_and(|field| !is_text_enum(self.api, field)) {
                diagnostics.report(Lint::MemberType, place, format!("`{by}` is not an enumeration of texts"));
            }
        }
        let list = resolve.list.as_ref()?;
        let place = self.place.at("list");
        let field = self.answer(list, place.clone(), diagnostics)?;
        let Kind::List(TypeRef::Object(n)) = field.kind else {
            diagnostics.report(Lint::MemberType, place, format!("`{list}` is not a list of groups"));
            return None;
        };
        Some(&self.api.objects[n].fields)
    }

    /// Checks that two compared fields exist and have the same type.
    fn pair(&self, key: &str, name: &str, from: &str, fields: Option<&'a [Field]>, diagnostics: &mut Diagnostics) {
        let place = self.place.at(key).at(name);
        let find = if key == "binds" { find_in } else { find };
        let found = fields.and_then(|fields| find(self.api, fields, name, place.clone().key(), diagnostics));
        let own = own_field(self.api, self.op, from, place.clone(), diagnostics);
        compare(found, own, from, name, &place, diagnostics);
        if key == "binds" {
            single(found, own, from, &place, diagnostics);
            whole_amount(found, name, &place, diagnostics);
        }
    }

    /// Checks that a member of an entry can have each of the fixed values.
    fn fixed(
        &self,
        key: &str,
        name: &str,
        value: &FixedValue,
        fields: Option<&'a [Field]>,
        diagnostics: &mut Diagnostics,
    ) {
        let place = self.place.at(key).at(name);
        let field = fields.and_then(|fields| find(self.api, fields, name, place.clone().key(), diagnostics));
        fixed(self.api, name, value, field, &place, diagnostics);
    }

    /// Checks the members whose values the caller passes. Each must be a single value, and must be listed only once.
    fn expected(&self, key: &str, names: &[String], fields: Option<&'a [Field]>, diagnostics: &mut Diagnostics) {
        for (n, name) in names.iter().enumerate() {
            let place = self.place.at(key).item(n);
            let find = if key == "expect" { find_in } else { find };
            let field = fields.and_then(|fields| find(self.api, fields, name, place.clone(), diagnostics));
            if names[..n].contains(name) {
                diagnostics.report(Lint::KeyCombination, place, format!("`{name}` is listed twice"));
            } else if field.is_some_and(|field| !is_single(field)) {
                diagnostics.report(Lint::MemberType, place, format!("`{name}` is not a single value"));
            } else if let (Some(field), Some(own)) = (field, field_in(self.api, &self.op.reply, name))
                && of(own) != of(field)
                && !is_broken(own)
                && is_expected_of_reply(self.resolve, &self.op.spec.evidence, name)
            {
                // The value from the caller is also compared with the reply to the request itself.
                let message = format!("`{name}` has another type in the reply of `{}`", self.op.id);
                diagnostics
                    .report(Lint::ComparisonType, place, message)
                    .help("give both the same type, because the caller passes one value");
            }
        }
    }

    fn answer(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) -> Option<&'a Field> {
        find(self.api, &self.with.reply, name, place, diagnostics)
    }

    fn tables(&self) -> [(When, &'a Map<Verdict>); 3] {
        let resolve = self.resolve;
        [
            (When::Immediately, &resolve.immediately),
            (When::Unanswered, &resolve.unanswered),
            (When::AfterAcceptance, &resolve.after_acceptance),
        ]
    }

    /// Checks that every state can occur, and that its verdict can be carried out.
    fn words(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        let words = self.possible_words();
        for (when, table) in self.tables() {
            for (word, verdict) in table {
                let place = self.place.at(when.key()).at(word);
                if let Some(words) = &words
                    && !words.iter().any(|known| known == word)
                {
                    diagnostics
                        .report(Lint::DanglingValue, place.clone().key(), format!("no answer has the state `{word}`"))
                        .help_if(
                            suggestion(word, words.iter().map(String::as_str))
                                .or_else(|| Some(format!("possible: {}", words.join(", ")))),
                        );
                }
                if *verdict == Verdict::Repeat && resolve.repeats == 0 && !resolve.repeat_first {
                    diagnostics
                        .report(Lint::Repetition, place.clone(), "`repeat` needs `repeats:`")
                        .help("write the number of repetitions under `repeats:`");
                }
                let class = self.op.spec.recovery.class;
                if *verdict == Verdict::Repeat && class == RecoveryClass::Never {
                    diagnostics.report(Lint::Repetition, place, "the class `never` does not allow `repeat`");
                } else if *verdict == Verdict::Repeat && class == RecoveryClass::Resend && resolve.repeat_first {
                    diagnostics
                        .report(Lint::Repetition, place, "with `repeat_first`, no state needs the verdict `repeat`")
                        .help("remove the state, or write `not_done` under `after_acceptance`");
                }
            }
        }
        // With `repeat_first` and without `list`, no verdict is needed, because the reply to a repetition may resolve
        // the request.
        let is_reduced = resolve.list.is_some() || !resolve.repeat_first;
        if is_reduced && self.tables().iter().all(|(_, table)| table.is_empty()) {
            diagnostics
                .report(
                    Lint::KeyCombination,
                    self.place.clone().key(),
                    "no state has a verdict, so no answer resolves a request",
                )
                .help("give states a verdict under `immediately:`, `unanswered:` or `after_acceptance:`");
        }
        let reverses = self.tables().iter().any(|(_, table)| table.values().any(|v| *v == Verdict::Reversed));
        if resolve.remaining.is_some() && !reverses && !resolve.repeat_first {
            let message = "`remaining` needs a state with the verdict `reversed`, or `repeat_first`";
            diagnostics.report(Lint::KeyCombination, self.place.at("remaining").key(), message);
        }
        if resolve.repeat_first && self.op.spec.recovery.class != RecoveryClass::Resend {
            let place = self.place.at("repeat_first");
            diagnostics.report(
                Lint::Repetition,
                place,
                "only an operation of the class `resend` can have `repeat_first`",
            );
        }
    }

    /// Checks that every conclusion rests on evidence.
    fn conclusions(&self, diagnostics: &mut Diagnostics) {
        self.bound_answer(diagnostics);
        self.reversal(diagnostics);
        self.compared_amount(diagnostics);
        self.repetitions(diagnostics);
        self.acceptance(diagnostics);
        for (when, table) in self.tables() {
            for (word, verdict) in table {
                let place = self.place.at(when.key()).at(word);
                if let Some((lint, message, hint)) = self.objection(when, word, *verdict) {
                    diagnostics.report(lint, place, message).help(hint);
                }
            }
        }
    }

    /// Returns the members of an entry that are compared with fields of the request. Excludes members with fixed
    /// values, because these do not distinguish this request from others.
    fn own_entry(&self) -> impl Iterator<Item = &'a String> {
        let is_own = |own: &EntryValue| matches!(own, EntryValue::Field(_));
        self.resolve.entry.iter().filter(move |(_, own)| is_own(own)).map(|(name, _)| name)
    }

    /// Checks that `binds:` compares the answer with at least one mandatory field of the request. An answer whose
    /// entries are compared with fields of the request needs no `binds:`.
    fn bound_answer(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        if self.own_entry().next().is_some() {
            return;
        }
        if resolve.binds.is_empty() {
            let message = "no member binds the answer to this request";
            diagnostics
                .report(Lint::UnboundAnswer, self.place.clone().key(), message)
                .help("under `binds:`, add members of the answer, each with the field that it repeats");
            return;
        }
        let is_certain = |from: &String| {
            let plain = [&self.op.path, &self.op.query, &self.op.headers];
            let plain = plain.into_iter().flatten().find(|field| field.wire == *from);
            let way = plain.map(|field| vec![field]).or_else(|| field_way(self.api, &self.op.request, from));
            way.is_some_and(|way| way.iter().all(|field| field.spec.mandatory))
        };
        if !resolve.binds.values().any(is_certain) {
            let message = "all fields that bind the answer are optional in the request";
            diagnostics
                .report(Lint::UnboundAnswer, self.place.at("binds").key(), message)
                .help("also bind a mandatory field");
        }
    }

    /// Checks that `done` rests on an amount if the operation moves money.
    fn compared_amount(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        let proves_done = self.tables().iter().any(|(_, table)| table.values().any(|v| *v == Verdict::Done));
        if !self.op.spec.evidence.moves_money || !proves_done {
            return;
        }
        // Another lint reports a missing member.
        let is_figure = |name: &String| field_in(self.api, &self.with.reply, name).is_none_or(is_number);
        let entries = resolve.list.as_ref().and_then(|list| field_at(self.api, &self.with.reply, list));
        let entries = entries.and_then(|list| match list.kind {
            Kind::List(TypeRef::Object(n)) => Some(&self.api.objects[n].fields),
            _ => None,
        });
        let is_entry_figure = |name: &String| {
            let field = entries.and_then(|fields| field_at(self.api, fields, name));
            field.is_some_and(is_number)
        };
        let mut compared = self.own_entry().chain(resolve.entry_equal.keys()).chain(&resolve.entry_expect);
        let has_sum = !resolve.sums.is_empty() || !resolve.entry_sums.is_empty();
        if !has_sum && !resolve.binds.keys().chain(&resolve.expect).any(is_figure) && !compared.any(is_entry_figure) {
            let message = "the operation moves money, but `done` is concluded without comparing an amount";
            diagnostics
                .report(Lint::UncheckedAmount, self.place.clone().key(), message)
                .help("compare an amount under `binds:`, or let the caller pass it under `expect:`");
        }
    }

    /// Checks how often, and for how long, a resolution sends the request again.
    fn repetitions(&self, diagnostics: &mut Diagnostics) {
        let resolve = self.resolve;
        if resolve.repeats > MOST_REPEATS {
            let message = format!("`repeats` is {}, but may be at most {MOST_REPEATS}", resolve.repeats);
            diagnostics.report(Lint::Repetition, self.place.at("repeats"), message);
        } else if resolve.repeats > 0 && resolve.repeat_first {
            diagnostics
                .report(Lint::Repetition, self.place.at("repeats"), "`repeats` does not limit `repeat_first`")
                .help("remove one of them; with `repeat_first`, only `within` and `repeatable_for` limit repetitions");
        }
        let Some(time) = resolve.repeatable_for else { return };
        let place = self.place.at("repeatable_for");
        // The service may accept the last repetition, and show its effect, after the end of the resolution.
        let times = &self.api.spec.timeouts;
        let (accepted, shown) =
            (times.accepted_within.map_or(60, |time| time.seconds), times.shown_within.map_or(15, |time| time.seconds));
        let needed = resolve.within.seconds + accepted + shown;
        if resolve.repeats == 0 && !resolve.repeat_first {
            let message = "`repeatable_for` needs `repeat_first` or `repeats`";
            diagnostics.report(Lint::KeyCombination, place.key(), message);
        } else if time.seconds <= needed {
            let message = "`repeatable_for` is too short: it must be longer than the sum of `within`, \
                           `accepted_within` and `shown_within`";
            diagnostics
                .report(Lint::Repetition, place, message)
                .help("write a shorter `within`, or do not repeat the request");
        }
    }

    /// Checks the time limits within which the service accepts an attempt and shows its effect.
    fn acceptance(&self, diagnostics: &mut Diagnostics) {
        let times = &self.api.spec.timeouts;
        if times.accepted_within.is_some_and(|accepted| accepted.seconds < times.attempt.seconds) {
            let message = "`accepted_within` is shorter than `attempt`";
            diagnostics
                .report(Lint::AcceptanceWindow, self.place.clone().key(), message)
                .help("write an `accepted_within` of at least `attempt`, under `timeouts:` in the API's file");
        }
        let is_known = times.accepted_within.is_some() && times.shown_within.is_some();
        if !self.resolve.after_acceptance.is_empty() && !is_known {
            let message = "`after_acceptance` needs `accepted_within` and `shown_within`";
            diagnostics
                .report(Lint::AcceptanceWindow, self.place.at("after_acceptance").key(), message)
                .help("add `accepted_within` and `shown_within` under `timeouts:` in the API's file");
        }
    }

    /// Checks that at least one member under `entry_reversed:` is compared with a field of the request.
    fn reversal(&self, diagnostics: &mut Diagnostics) {
        let reversal = &self.resolve.entry_reversed;
        if !reversal.is_empty() && !reversal.values().any(|own| matches!(own, EntryValue::Field(_))) {
            let message = "no member under `entry_reversed:` is compared with a field of the request";
            diagnostics
                .report(Lint::UnboundAnswer, self.place.at("entry_reversed").key(), message)
                .help("add a member of the entry that repeats a field of the request, such as `orderNo: orderNo`");
        }
    }

    /// Returns the reason why a state does not prove its verdict, and the correction.
    fn objection(&self, when: When, word: &str, verdict: Verdict) -> Option<(Lint, String, String)> {
        let is_conclusion = verdict != Verdict::Repeat;
        match (Reduced::of(word, self.resolve), verdict) {
            (Reduced::Empty, _) => Some((
                Lint::InconclusiveAnswer,
                "an empty list proves nothing: it may come from a replica that lags behind".into(),
                "remove the state; the outcome stays unknown, and a person checks the members in `look_at:`".into(),
            )),
            (Reduced::Absent, Verdict::NotDone) if when == When::AfterAcceptance => None,
            (_, Verdict::Repeat) if when == When::Unanswered && !self.is_recognized() => Some((
                Lint::PrematureConclusion,
                "the operation moves money, and an earlier attempt may still be accepted, so a repetition could \
                 move the money twice"
                    .into(),
                "move the state to `after_acceptance`; if the service recognizes a repetition, add \
                 `repeatable_for:`, or write the class `resend` with `repeat_first: true` and remove the state"
                    .into(),
            )),
            (Reduced::Absent, Verdict::Repeat) if when != When::Immediately => None,
            (Reduced::Absent, _) => Some((
                Lint::InconclusiveAnswer,
                "an error code alone proves nothing: the effect may still appear".into(),
                "write `not_done` under `after_acceptance`, or `repeat` there or under `unanswered`".into(),
            )),
            (Reduced::Reversed, verdict) if verdict != Verdict::Reversed => Some((
                Lint::InconclusiveAnswer,
                "the state `reversed` means that the request took effect, but was reversed later".into(),
                "write `reversed: reversed`".into(),
            )),
            (Reduced::Others, _) if when != When::AfterAcceptance => Some((
                Lint::PrematureConclusion,
                "a missing entry proves nothing while an earlier attempt can still be accepted".into(),
                "move the state to `after_acceptance`".into(),
            )),
            (Reduced::Match | Reduced::Found, Verdict::NotDone) if when != When::AfterAcceptance => Some((
                Lint::PrematureConclusion,
                "the current state may still change: an earlier attempt may be accepted later".into(),
                "move the state to `after_acceptance`".into(),
            )),
            _ if when == When::Unanswered && is_conclusion => Some((
                Lint::InconclusiveAnswer,
                "the absence of an answer proves nothing".into(),
                "move the state to `immediately` or `after_acceptance`".into(),
            )),
            (_, Verdict::NotDone) if when == When::Immediately && !self.is_final(word) => Some((
                Lint::PrematureConclusion,
                format!("`{word}` is not final: an earlier attempt may still be accepted"),
                "move the state to `after_acceptance`".into(),
            )),
            (_, Verdict::NotDone | Verdict::Reversed) if when == When::Immediately && self.is_of_entries() => Some((
                Lint::PrematureConclusion,
                "an earlier attempt may still be accepted, which adds an entry to the list".into(),
                "move the state to `after_acceptance`".into(),
            )),
            (_, Verdict::Repeat) if when == When::Immediately => Some((
                Lint::PrematureConclusion,
                "a repetition could cause the effect twice, because an earlier attempt may still be accepted".into(),
                "move the state to `after_acceptance`".into(),
            )),
            (_, Verdict::NotDone | Verdict::Repeat) if self.moves_on(word) => Some((
                Lint::PrematureConclusion,
                format!("`{word}` is not final and allows no action, so the service can change it by itself"),
                "remove the state; the service is then asked again".into(),
            )),
            (_, Verdict::Done) => self.may_end_otherwise(word).map(|end| {
                (
                    Lint::PrematureConclusion,
                    format!("`{word}` can still become `{end}`, which proves \"not done\""),
                    "remove the state; the service is then asked again".into(),
                )
            }),
            _ => None,
        }
    }

    /// Returns `true` if a repetition moves no money a second time while an earlier attempt may still be accepted. This
    /// is the case if the operation moves no money, or if the spec states that the service recognizes a repetition.
    fn is_recognized(&self) -> bool {
        let recovery = &self.op.spec.recovery;
        !self.op.spec.evidence.moves_money
            || recovery.class == RecoveryClass::Resend
            || self.resolve.repeatable_for.is_some()
    }

    /// Returns the definition of a state of the member under `by:`.
    fn state(&self, word: &str) -> Option<&'a crate::spec::EnumValue> {
        let by = self.resolve.by.as_ref()?;
        state(self.api, field_in(self.api, &self.with.reply, by), word)
    }

    /// Returns `true` if `by:` names a member in the entries of a list. Even if the states of all entries are final,
    /// the list can get another entry.
    fn is_of_entries(&self) -> bool {
        self.resolve.by.as_ref().is_some_and(|by| at_list(by).is_some())
    }

    fn moves_on(&self, word: &str) -> bool {
        self.state(word).is_some_and(moves_on)
    }

    /// Returns a state that can directly follow the given state and has the verdict `not_done`.
    fn may_end_otherwise(&self, word: &str) -> Option<&'a String> {
        let is_not_done =
            |end: &&String| self.tables().iter().any(|(_, table)| table.get(*end) == Some(&Verdict::NotDone));
        self.state(word)?.next.iter().flatten().find(is_not_done)
    }

    /// Returns `true` if a state of the member under `by:` is final. Also returns `true` for an unknown state, which
    /// another lint reports.
    fn is_final(&self, word: &str) -> bool {
        let field = self.resolve.by.as_ref().and_then(|by| field_in(self.api, &self.with.reply, by));
        is_final(self.api, field, word).unwrap_or(true)
    }

    fn possible_words(&self) -> Option<Vec<String>> {
        let mut words: Vec<String> = match (&self.resolve.by, &self.resolve.list) {
            (Some(by), _) => match field_in(self.api, &self.with.reply, by)?.kind {
                Kind::One(TypeRef::Enum(n)) => self.api.enums[n].spec.values.keys().cloned().collect(),
                _ => return None,
            },
            (None, Some(_)) => {
                let reversed = (!self.resolve.entry_reversed.is_empty()).then_some("reversed");
                ["match", "others", "empty"].into_iter().chain(reversed).map(str::to_owned).collect()
            }
            (None, None) => vec!["found".to_owned()],
        };
        if !self.resolve.absent.is_empty() {
            words.push("absent".to_owned());
        }
        Some(words)
    }
}
