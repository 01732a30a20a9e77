//! Plans the binding of replies and the resolution of outcomes: the fields of two operations to compare. `lint` has
//! reported everything that cannot be planned.

use crate::analysis::envelope_of;
use crate::model::{
    BindingModel, Bound, Compare, Expect, Found, InFullModel, Member, MemberKind, OperationModel, Own, ResolutionPlan,
    ShownState, Struct, Ty,
};
use crate::names::camel;
use crate::{resolved, spec};

/// Returns the characters that only group digits in a member's type.
pub(super) fn separators(api: &resolved::Api, member: &Member) -> Option<String> {
    let (MemberKind::Value(Ty::Text(rust)) | MemberKind::List(Ty::Text(rust), _)) = &member.kind else { return None };
    api.scalars.iter().find(|scalar| camel(&scalar.name) == *rust)?.spec.separators.clone()
}

/// Plans the binding of a reply.
pub(super) fn binding(
    api: &resolved::Api,
    request: &Struct,
    reply: &Struct,
    evidence: &spec::Evidence,
) -> BindingModel {
    let bound = |(wire, binding): (&String, &spec::Binding)| {
        Some(Bound {
            separators: separators(api, member(&reply.members, wire)?),
            found: found(&reply.members, wire)?,
            strict: evidence.moves_money,
            magnitude: binding.is_magnitude(),
            own: own(&request.members, binding.field())?,
        })
    };
    BindingModel {
        binds: evidence.binds.iter().filter_map(bound).collect(),
        environment: evidence.environment.as_ref().and_then(|name| found(&reply.members, name)),
    }
}

/// Plans the resolution of every operation that has one.
pub(super) fn plan(api: &resolved::Api, operations: &mut [OperationModel], objects: &[Struct]) {
    let planned: Vec<_> = operations
        .iter()
        .zip(&api.operations)
        .map(|(op, planned)| {
            let recovery = &planned.spec.recovery;
            let resolve = recovery.resolve.as_ref()?;
            let with = recovery.with.as_ref()?;
            let asked = api.operations.iter().find(|other| other.id == *with)?;
            // Where the payload of the answer stands.
            let payload = envelope_of(api, asked).payload.iter().flat_map(|path| path.split('.'));
            let payload: Vec<String> = payload.map(str::to_owned).collect();
            resolution(api, op, operations.iter().find(|other| other.id == *with)?, resolve, objects, &payload)
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
    objects: &[Struct],
    payload: &[String],
) -> Option<ResolutionPlan> {
    let request = &op.request.members;
    let answer = &with.reply.members;
    let ask = resolve
        .ask
        .iter()
        .map(|(field, from)| Some((setter(&with.request, field)?, member(request, from)?.rust.clone())))
        .collect::<Option<_>>()?;
    let expect = expects(answer, &resolve.expect)?;
    let own_reply = |(n, name): (usize, &String)| Some((n, found(&op.reply.members, name)?));
    let named = |name: &Option<String>| name.as_ref().and_then(|name| found(answer, name));
    let rows = |map: &spec::Map<spec::Verdict>| map.iter().map(|(state, v)| (state.clone(), *v)).collect();
    Some(ResolutionPlan {
        question: with.request.rust.clone(),
        answer: with.reply.rust.clone(),
        ask,
        identity: identity(resolve).filter(|name| member(answer, name).is_some()).cloned().collect(),
        state: shown_state(api, op, with, resolve, (objects, payload))?,
        binds: compares(api, answer, request, &resolve.binds)?,
        reply_expect: resolve.expect.iter().enumerate().filter_map(own_reply).collect(),
        expect,
        environment: named(&resolve.environment),
        not_before: named(&resolve.not_before),
        remaining: named(&resolve.remaining),
        in_full: resolve.in_full.as_ref().and_then(|full| {
            let (remaining, whole) = (named(&resolve.remaining)?, found(answer, &full.amount)?);
            Some(InFullModel { values: full.values.clone(), remaining, whole })
        }),
        unchanged: resolve
            .unchanged
            .iter()
            .map(|(a, b)| Some((found(answer, a)?, found(answer, b)?)))
            .collect::<Option<_>>()?,
        repeat_first: resolve.repeat_first,
        immediately: rows(&resolve.immediately),
        unanswered: rows(&resolve.unanswered),
        after_acceptance: rows(&resolve.after_acceptance),
        absent: resolve.absent.clone(),
        repeats: resolve.repeats,
        repeat_needs: resolve
            .repeat_needs
            .iter()
            .map(|name| Some(member(request, name)?.rust.clone()))
            .collect::<Option<_>>()?,
        look_at: resolve.look_at.clone(),
        within: resolve.within.seconds,
    })
}

/// Returns the location of the state in the answer.
fn shown_state(
    api: &resolved::Api,
    op: &OperationModel,
    with: &OperationModel,
    resolve: &spec::Resolve,
    (objects, payload): (&[Struct], &[String]),
) -> Option<ShownState> {
    let (request, answer) = (&op.request.members, &with.reply.members);
    match (&resolve.by, &resolve.list) {
        (Some(by), _) => {
            let member = member(answer, by)?;
            Some(ShownState::Value { rust: member.rust.clone(), always: member.always })
        }
        (None, Some(list)) => {
            let member = member(answer, list)?;
            let MemberKind::List(Ty::Object(object), _) = &member.kind else { return None };
            let entries = &objects.iter().find(|of| of.rust == *object)?.members;
            let path = payload.iter().cloned().chain((list != "[]").then(|| list.clone())).collect();
            Some(ShownState::List {
                rust: member.rust.clone(),
                path,
                entry: compares(api, entries, request, &resolve.entry)?,
            })
        }
        (None, None) => Some(ShownState::Found),
    }
}

/// Returns the members that identify the subject of an answer. If an older subject of the same name may be found, this
/// includes every compared member.
fn identity(resolve: &spec::Resolve) -> impl Iterator<Item = &String> {
    let more = resolve.not_before.iter().flat_map(|time| resolve.binds.keys().chain([time]));
    let more = more.filter(|name| !resolve.ask.contains_key(*name));
    resolve.ask.keys().chain(more)
}

/// Returns the members whose values the caller passes.
pub(super) fn expects(answer: &[Member], names: &[String]) -> Option<Vec<Expect>> {
    let expect = |name: &String| {
        let member = member(answer, name)?;
        let MemberKind::Value(of) = &member.kind else { return None };
        Some(Expect { wire: name.clone(), rust: member.rust.clone(), of: of.clone(), always: member.always })
    };
    names.iter().map(expect).collect()
}

/// Returns a member by its name on the wire.
pub(super) fn member<'a>(members: &'a [Member], wire: &str) -> Option<&'a Member> {
    members.iter().find(|member| member.wire == wire)
}

/// Returns a member of an answer by its name on the wire.
pub(super) fn found(members: &[Member], wire: &str) -> Option<Found> {
    let member = member(members, wire)?;
    // The field of a negative amount keeps its sign, so its name begins with `signed_`.
    let rust = if member.negative { format!("signed_{}", member.rust) } else { member.rust.clone() };
    Some(Found { wire: wire.to_owned(), rust, always: member.always })
}

/// Returns the builder's method for a field, which may be one of several alternatives.
pub(super) fn setter(request: &Struct, wire: &str) -> Option<String> {
    let takes = |member: &&Member| match &member.kind {
        MemberKind::OneOf(of) => of.choices.iter().any(|choice| choice.wire == wire),
        _ => member.wire == wire,
    };
    request.members.iter().find(takes).map(|member| member.rust.clone())
}

/// Returns a field of the request, which may be one of several alternatives.
fn own(request: &[Member], wire: &str) -> Option<Own> {
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
        None => request.iter().find_map(choice),
    }
}

fn compares(api: &resolved::Api, of: &[Member], request: &[Member], pairs: &spec::Map<String>) -> Option<Vec<Compare>> {
    pairs
        .iter()
        .map(|(wire, from)| {
            let found = member(of, wire)?;
            let own = own(request, from)?;
            let separators = separators(api, found);
            Some(Compare { wire: wire.clone(), rust: found.rust.clone(), always: found.always, separators, own })
        })
        .collect()
}
