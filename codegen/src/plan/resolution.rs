//! Planning of the binding of replies, and of the resolution of requests with an unknown outcome. Parts that cannot be
//! planned are left out, because `lint` has reported them.

use crate::analysis::{at_list, envelope_of, is_expected_of_reply};
use crate::model::{
    Asked, BindingModel, Bound, Compare, ConditionValue, Expect, Found, InFullModel, ListState, Member, MemberKind,
    Openness, OperationModel, Own, PathStep, ResolutionPlan, ShownState, Struct, SumBound, Ty,
};
use crate::names::{camel, snake};
use crate::{resolved, spec};

/// Returns the `separators:` of a member's type: the characters that only group digits in values of the type. `None` if
/// the type has no such characters.
pub(super) fn separators(api: &resolved::Api, member: &Member) -> Option<String> {
    let (MemberKind::Value(Ty::Text(rust)) | MemberKind::List(Ty::Text(rust), _)) = &member.kind else { return None };
    api.scalars.iter().find(|scalar| camel(&scalar.name) == *rust)?.spec.separators.clone()
}

/// Plans which members of a success must agree with the request.
pub(super) fn binding(
    api: &resolved::Api,
    op: &resolved::Operation,
    request: &Struct,
    reply: &Struct,
    objects: &[Struct],
) -> BindingModel {
    let evidence = &op.spec.evidence;
    let members = InBody { objects, members: &reply.members, payload: payload(api, op) };
    let bound = |(wire, binding): (&String, &spec::Binding)| {
        let (found, member) = members.find(wire)?;
        Some(Bound {
            separators: separators(api, member),
            found,
            strict: evidence.moves_money,
            magnitude: binding.is_magnitude(),
            own: match binding {
                spec::Binding::Fixed(value) => fixed(api, member, value)?,
                binding => own(objects, &request.members, binding.field()?)?,
            },
        })
    };
    BindingModel {
        binds: evidence.binds.iter().filter_map(bound).collect(),
        sums: members.sums(&request.members, &evidence.sums, evidence.moves_money),
        environment: evidence.environment.as_ref().and_then(|name| found_at(objects, &reply.members, name)),
    }
}

/// Returns the path of the payload in a reply. Empty if the whole reply is the payload.
fn payload(api: &resolved::Api, op: &resolved::Operation) -> Vec<String> {
    envelope_of(api, op).payload.iter().flat_map(|path| path.split('.')).map(str::to_owned).collect()
}

/// Members of a reply or of a list's entry, and the path to the object that contains these members in the JSON body.
struct InBody<'a> {
    objects: &'a [Struct],
    members: &'a [Member],
    payload: Vec<String>,
}

impl<'a> InBody<'a> {
    /// Returns the member with this name or path. The path may lead into lists.
    fn find(&self, path: &str) -> Option<(Found, &'a Member)> {
        let (mut found, member) = found_in(self.objects, self.members, path)?;
        if !found.lists.is_empty() {
            found.path.splice(0..0, self.payload.iter().cloned());
        }
        Some((found, member))
    }

    /// Plans the comparison of amounts of the request with sums of members.
    fn sums(&self, request: &[Member], sums: &spec::Map<Vec<String>>, strict: bool) -> Vec<SumBound> {
        let sum = |(wire, members): (&String, &Vec<String>)| {
            let part = |name: &String| self.find(name).map(|(found, member)| (found, member.negative));
            let members = members.iter().map(part).collect::<Option<_>>()?;
            Some(SumBound { wire: wire.clone(), members, strict, own: own(self.objects, request, wire)? })
        };
        sums.iter().filter_map(sum).collect()
    }
}

/// Plans the resolution of every operation whose spec has `resolve:`.
pub(super) fn plan(api: &resolved::Api, operations: &mut [OperationModel], objects: &[Struct]) {
    let planned: Vec<_> = operations
        .iter()
        .zip(&api.operations)
        .map(|(op, planned)| {
            let recovery = &planned.spec.recovery;
            let resolve = recovery.resolve.as_ref()?;
            let with = recovery.with.as_ref()?;
            let asked = api.operations.iter().find(|other| other.id == *with)?;
            let with = operations.iter().find(|other| other.id == *with)?;
            let of_answer = InBody { objects, members: &with.reply.members, payload: payload(api, asked) };
            let own = InBody { objects, members: &op.reply.members, payload: payload(api, planned) };
            resolution(api, op, with, resolve, &of_answer, (&own, &planned.spec.evidence))
        })
        .collect();
    for (op, plan) in operations.iter_mut().zip(planned) {
        op.resolution = plan;
    }
}

fn resolution(
    api: &resolved::Api,
    op: &OperationModel,
    with: &OperationModel,
    resolve: &spec::Resolve,
    of_answer: &InBody<'_>,
    (of_reply, evidence): (&InBody<'_>, &spec::Evidence),
) -> Option<ResolutionPlan> {
    let request = &op.request.members;
    let InBody { objects, members: answer, .. } = *of_answer;
    let pairs: Vec<_> = resolve.ask.iter().map(|(field, from)| (field.as_str(), from.as_str())).collect();
    let ask = asked(objects, &with.request, request, &pairs)?;
    let mut expect: Vec<Expect> = resolve.expect.iter().map(|name| of_answer.expected(name)).collect::<Option<_>>()?;
    expect.extend(entry_expects(with, resolve, objects)?);
    name_apart(&mut expect, vec!["request".to_owned()]);
    let own_reply = |(n, name): (usize, &String)| {
        let compared = is_expected_of_reply(resolve, evidence, name).then_some(name)?;
        Some((n, of_reply.find(compared)?.0))
    };
    let found = |name: &str| found_at(objects, answer, name);
    let named = |name: &Option<String>| name.as_ref().and_then(|name| found(name));
    let rows = |map: &spec::Map<spec::Verdict>| map.iter().map(|(state, v)| (state.clone(), *v)).collect();
    Some(ResolutionPlan {
        question: with.request.rust.clone(),
        answer: with.reply.rust.clone(),
        ask,
        identity: identity(resolve).filter(|name| found(name).is_some()).cloned().collect(),
        state: shown_state(api, op, with, resolve, of_answer)?,
        binds: resolve
            .binds
            .iter()
            .map(|(wire, from)| {
                let (found, member) = of_answer.find(wire)?;
                Some(Compare { found, separators: separators(api, member), own: own(objects, request, from)? })
            })
            .collect::<Option<_>>()?,
        sums: of_answer.sums(request, &resolve.sums, true),
        entry_sums: entries(with, resolve, objects).map_or_else(Vec::new, |members| {
            InBody { objects, members, payload: Vec::new() }.sums(request, &resolve.entry_sums, true)
        }),
        reply_expect: resolve.expect.iter().chain(&resolve.entry_expect).enumerate().filter_map(own_reply).collect(),
        expect,
        environment: named(&resolve.environment),
        not_before: named(&resolve.not_before),
        remaining: named(&resolve.remaining),
        in_full: resolve.in_full.as_ref().and_then(|full| {
            let (remaining, whole) = (named(&resolve.remaining)?, found(&full.amount)?);
            Some(InFullModel { values: full.values.clone(), remaining, whole })
        }),
        unchanged: resolve.unchanged.iter().map(|(a, b)| Some((found(a)?, found(b)?))).collect::<Option<_>>()?,
        repeat_first: resolve.repeat_first,
        immediately: rows(&resolve.immediately),
        unanswered: rows(&resolve.unanswered),
        after_acceptance: rows(&resolve.after_acceptance),
        absent: resolve.absent.clone(),
        repeats: resolve.repeats,
        repeatable_for: resolve.repeatable_for.map(|time| time.seconds),
        repeat_needs: resolve
            .repeat_needs
            .iter()
            .map(|name| Some(member(request, name)?.rust.clone()))
            .collect::<Option<_>>()?,
        look_at: resolve.look_at.clone(),
        within: resolve.within.seconds,
    })
}

/// Plans how the state is read from the answer.
fn shown_state(
    api: &resolved::Api,
    op: &OperationModel,
    with: &OperationModel,
    resolve: &spec::Resolve,
    of_answer: &InBody<'_>,
) -> Option<ShownState> {
    let InBody { objects, members: answer, payload } = of_answer;
    let request = &op.request.members;
    match (&resolve.by, &resolve.list) {
        (Some(by), _) => Some(ShownState::Value(of_answer.find(by)?.0)),
        (None, Some(list)) => {
            let found = found_at(objects, answer, list)?;
            let entries = entries(with, resolve, objects)?;
            let own = found.path.iter().filter(|_| list != "[]");
            let path = payload.iter().chain(own).cloned().collect();
            let equal = compares(api, objects, entries, request, &resolve.entry_equal)?;
            let reversed = entry(api, objects, entries, request, &resolve.entry_reversed)?;
            let entry = entry(api, objects, entries, request, &resolve.entry)?;
            let pages = with.pages.clone().map(Box::new);
            Some(ShownState::List(ListState { found, path, entry, equal, reversed, pages }))
        }
        (None, None) => Some(ShownState::Found),
    }
}

/// Returns the members of an entry of the list under `list:`. `None` if the resolution has no such list.
fn entries<'a>(with: &OperationModel, resolve: &spec::Resolve, objects: &'a [Struct]) -> Option<&'a [Member]> {
    let (_, member) = steps(objects, &with.reply.members, resolve.list.as_ref()?)?;
    let MemberKind::List(Ty::Object(object), _) = &member.kind else { return None };
    Some(&objects.iter().find(|of| of.rust == *object)?.members)
}

/// Returns the members of the answer that identify the request that the answer is about. With `not_before:`, the answer
/// may be about an older request with the same identifier. The members under `binds:` and the member under
/// `not_before:` then identify the request too.
fn identity(resolve: &spec::Resolve) -> impl Iterator<Item = &String> {
    let more = resolve.not_before.iter().flat_map(|time| resolve.binds.keys().chain([time]));
    let more = more.filter(|name| !resolve.ask.contains_key(*name));
    resolve.ask.keys().chain(more)
}

/// Plans the members of an answer whose values the caller passes.
pub(super) fn expects(objects: &[Struct], answer: &[Member], names: &[String]) -> Option<Vec<Expect>> {
    let answer = InBody { objects, members: answer, payload: Vec::new() };
    names.iter().map(|name| answer.expected(name)).collect()
}

impl InBody<'_> {
    /// Plans a member whose value the caller passes.
    fn expected(&self, name: &str) -> Option<Expect> {
        let (found, last) = self.find(name)?;
        let MemberKind::Value(of) = &last.kind else { return None };
        Some(Expect { rust: parameter(name, &found, last), found, of: of.clone(), in_entry: false })
    }
}

/// Returns the name of the parameter for a value that the caller passes. The name is the path of the member, with
/// underscores for the dots.
fn parameter(path: &str, found: &Found, member: &Member) -> String {
    // The member is not inside another member on the wire, so its own name suffices.
    if found.path.len() == 1 {
        return member.rust.clone();
    }
    let name = snake(&path.replace("[]", "").replace('.', "_"));
    let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain && name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return name;
    }
    // The wire names are not valid in Rust, so the spec has other names for them.
    let lists = found.lists.iter().map(|list| list.rust.as_str());
    lists.chain([member.rust.as_str()]).collect::<Vec<_>>().join("_")
}

/// Plans the members of the list's entry whose values the caller passes. The paths of these members begin with the name
/// of the list.
fn entry_expects(with: &OperationModel, resolve: &spec::Resolve, objects: &[Struct]) -> Option<Vec<Expect>> {
    let list = resolve.list.as_deref().filter(|list| *list != "[]");
    let expects = expects(objects, entries(with, resolve, objects).unwrap_or_default(), &resolve.entry_expect)?;
    let in_entry = |expect: Expect| {
        let wire = list.map_or(expect.found.wire.clone(), |list| format!("{list}.{}", expect.found.wire));
        Expect { in_entry: true, found: Found { wire, ..expect.found }, ..expect }
    };
    Some(expects.into_iter().map(in_entry).collect())
}

/// Makes the names of the parameters distinct. They also have to differ from `names`, the names of other parameters of
/// the same method.
pub(super) fn name_apart<'a>(expect: impl IntoIterator<Item = &'a mut Expect>, mut names: Vec<String>) {
    for expect in expect {
        while names.contains(&expect.rust) {
            expect.rust.insert_str(0, if expect.in_entry { "entry_" } else { "expected_" });
        }
        names.push(expect.rust.clone());
    }
}

pub(super) fn member<'a>(members: &'a [Member], wire: &str) -> Option<&'a Member> {
    members.iter().find(|member| member.wire == wire)
}

/// Returns the groups on a path, and the member at its end. The path is a wire name, or a dotted path through objects.
/// An included group is not a step of the path, but is among the returned groups.
pub(super) fn steps<'a>(
    objects: &'a [Struct],
    members: &'a [Member],
    path: &str,
) -> Option<(Vec<PathStep>, &'a Member)> {
    let group = |name: &str| objects.iter().find(|object| object.rust == name);
    let through = |of: &str, step: PathStep, rest: &str| {
        let (steps, last) = steps(objects, &group(of)?.members, rest)?;
        Some((std::iter::once(step).chain(steps).collect(), last))
    };
    if let Some(found) = member(members, path) {
        return Some((Vec::new(), found));
    }
    let nested = path.split_once('.').and_then(|(name, rest)| {
        let found = member(members, name)?;
        let rust = found.rust.clone();
        match &found.kind {
            MemberKind::Value(Ty::Object(of)) => {
                let always = found.always || found.plain;
                through(of, PathStep { rust, always }, rest)
            }
            MemberKind::Nested(of) => through(of, PathStep { rust, always: true }, rest),
            _ => None,
        }
    });
    nested.or_else(|| {
        members.iter().find_map(|found| {
            let MemberKind::Include(of) = &found.kind else { return None };
            through(of, PathStep { rust: found.rust.clone(), always: true }, path)
        })
    })
}

/// Finds a member of an answer by its wire name.
pub(super) fn found(members: &[Member], wire: &str) -> Option<Found> {
    found_at(&[], members, wire)
}

/// Finds a member of an answer by its wire name or dotted path.
pub(super) fn found_at(objects: &[Struct], members: &[Member], path: &str) -> Option<Found> {
    let (groups, member) = steps(objects, members, path)?;
    // If an amount has `negative:`, its field in Rust contains the signed value, and the name of the field begins with
    // `signed_`.
    let rust = if member.negative { format!("signed_{}", member.rust) } else { member.rust.clone() };
    let before = path.strip_suffix(member.wire.as_str()).unwrap_or_default().trim_end_matches('.');
    let names = before.split('.').filter(|name| !name.is_empty()).map(str::to_owned);
    let names = names.chain([member.wire.clone()]).collect();
    Some(Found { wire: path.to_owned(), lists: Vec::new(), path: names, groups, rust, always: member.always })
}

/// Returns the member at a path, as [`found_at`] does. The path may also lead into lists.
fn found_in<'a>(objects: &'a [Struct], members: &'a [Member], path: &str) -> Option<(Found, &'a Member)> {
    let Some((list, rest)) = at_list(path) else {
        return Some((found_at(objects, members, path)?, steps(objects, members, path)?.1));
    };
    let outer = found_at(objects, members, list)?;
    let (_, of) = steps(objects, members, list)?;
    let MemberKind::List(Ty::Object(of), _) = &of.kind else { return None };
    let entries = &objects.iter().find(|object| object.rust == *of)?.members;
    let (inner, member) = found_in(objects, entries, rest)?;
    let before = outer.path.iter().filter(|_| list != "[]").cloned().chain(["[]".to_owned()]);
    let path_of = before.chain(inner.path).collect();
    let lists = std::iter::once(outer).chain(inner.lists).collect();
    Some((Found { wire: path.to_owned(), lists, path: path_of, ..inner }, member))
}

/// Plans the fields of a status query, each of which is filled from a field of the request.
fn asked(objects: &[Struct], question: &Struct, request: &[Member], ask: &[(&str, &str)]) -> Option<Vec<Asked>> {
    let mut asked_fields = Vec::new();
    let mut groups: Vec<&str> = Vec::new();
    for (field, from) in ask {
        if let Some(setter) = setter(question, field) {
            asked_fields.push(Asked::Own { setter, own: own_at(objects, request, from)? });
            continue;
        }
        let (name, _) = field.split_once('.')?;
        if groups.contains(&name) {
            continue;
        }
        groups.push(name);
        let MemberKind::Value(Ty::Object(of)) = &member(&question.members, name)?.kind else { return None };
        let object = objects.iter().find(|object| object.rust == *of)?;
        let inner = |(field, from): &(&'_ str, &'_ str)| {
            let (group, rest) = field.split_once('.')?;
            (group == name).then(|| (rest.to_owned(), (*from).to_owned()))
        };
        let inner: Vec<(String, String)> = ask.iter().filter_map(inner).collect();
        let inner: Vec<(&str, &str)> = inner.iter().map(|(field, from)| (field.as_str(), from.as_str())).collect();
        let setter = member(&question.members, name)?.rust.clone();
        asked_fields.push(Asked::Group { setter, of: of.clone(), ask: asked(objects, object, request, &inner)? });
    }
    Some(asked_fields)
}

/// Returns the name of the builder's method that sets a field. The field may be one of several alternatives.
pub(super) fn setter(request: &Struct, wire: &str) -> Option<String> {
    let takes = |member: &&Member| match &member.kind {
        MemberKind::OneOf(of) => of.choices.iter().any(|choice| choice.wire == wire),
        _ => member.wire == wire,
    };
    request.members.iter().find(takes).map(|member| member.rust.clone())
}

/// Plans how a field of the request is read for a comparison. The field may be one of several alternatives.
fn own(objects: &[Struct], request: &[Member], wire: &str) -> Option<Own> {
    let choice = |member: &Member| match &member.kind {
        MemberKind::OneOf(of) => {
            let choice = of.choices.iter().find(|choice| choice.wire == wire)?;
            Some(Own::Choice { field: member.rust.clone(), of: of.rust.clone(), variant: choice.variant.clone() })
        }
        _ => None,
    };
    match member(request, wire) {
        Some(member) => Some(match (&member.kind, member.plain, member.none_is_null) {
            (MemberKind::List(..), plain, _) => Own::AnyOf(member.rust.clone(), !plain),
            (_, true, _) => Own::Plain(member.rust.clone()),
            (_, false, true) => Own::Null(member.rust.clone()),
            (_, false, false) => Own::Optional(member.rust.clone()),
        }),
        None => request.iter().find_map(choice).or_else(|| Some(Own::Inside(own_at(objects, request, wire)?))),
    }
}

/// Finds a field of the request by its wire name or dotted path. `lint` checks that the field is mandatory.
fn own_at(objects: &[Struct], request: &[Member], path: &str) -> Option<Found> {
    let (_, last) = steps(objects, request, path)?;
    Some(Found { always: last.plain, ..found_at(objects, request, path)? })
}

fn compares(
    api: &resolved::Api,
    objects: &[Struct],
    of: &[Member],
    request: &[Member],
    pairs: &spec::Map<String>,
) -> Option<Vec<Compare>> {
    pairs
        .iter()
        .map(|(wire, from)| {
            let (_, last) = steps(objects, of, wire)?;
            let own = own(objects, request, from)?;
            Some(Compare { found: found_at(objects, of, wire)?, separators: separators(api, last), own })
        })
        .collect()
}

/// Plans the comparisons that identify an entry of a list.
fn entry(
    api: &resolved::Api,
    objects: &[Struct],
    of: &[Member],
    request: &[Member],
    pairs: &spec::Map<spec::EntryValue>,
) -> Option<Vec<Compare>> {
    let compare = |(wire, value): (&String, &spec::EntryValue)| {
        let (_, last) = steps(objects, of, wire)?;
        let own = match value {
            spec::EntryValue::Field(from) => own(objects, request, from)?,
            spec::EntryValue::Fixed(value) => fixed(api, last, value)?,
        };
        Some(Compare { found: found_at(objects, of, wire)?, separators: separators(api, last), own })
    };
    pairs.iter().map(compare).collect()
}

/// Plans the comparison of a member with fixed values, which are the same for every request.
fn fixed(api: &resolved::Api, member: &Member, value: &spec::FixedValue) -> Option<Own> {
    let values = value.is.0.iter().map(|value| fixed_value(api, member, value)).collect::<Option<_>>()?;
    Some(Own::Fixed { values, unknown: unknown_variant(member) })
}

/// Returns the enumeration of a member, and its variant for values that the spec does not list. `None` if there is no
/// such variant.
fn unknown_variant(member: &Member) -> Option<(String, &'static str)> {
    match &member.kind {
        MemberKind::Value(Ty::Enum { rust, openness: Openness::Open, .. }) => Some((rust.clone(), "Unknown")),
        MemberKind::Value(Ty::Enum { rust, openness: Openness::Other, .. }) => Some((rust.clone(), "Other")),
        _ => None,
    }
}

/// Converts a literal to a value of the member's type. `None` if the member's enumeration does not list the value, or
/// if the literal is a text and the member is not an enumeration.
fn fixed_value(api: &resolved::Api, member: &Member, value: &spec::Literal) -> Option<ConditionValue> {
    Some(match (value, &member.kind) {
        (value, MemberKind::Value(Ty::Enum { rust, .. })) => {
            let definition = api.enums.iter().find(|of| camel(&of.name) == *rust)?;
            let wire = value.to_string();
            let name = definition.spec.values.get(&wire)?.name.clone().unwrap_or(wire);
            ConditionValue::Variant(rust.clone(), camel(&name))
        }
        (spec::Literal::Bool(value), _) => ConditionValue::Bool(*value),
        (spec::Literal::Integer(value), _) => ConditionValue::Integer(*value),
        (spec::Literal::Text(_), _) => return None,
    })
}
