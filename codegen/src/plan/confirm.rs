//! Planning of the confirmation of messages: the status query to the service, and the comparison of the message with
//! the answer. Parts that cannot be planned are left out, because `lint` has reported them.

use super::resolution::{expects, found_at, member, name_apart, separators, setter, steps};
use crate::analysis::field_at;
use crate::model::{
    Ask, ClaimRoute, Claimed, Confirming, ConfirmingList, Found, Known, LeftModel, Member, MemberKind, NotBefore,
    OperationModel, PaidModel, Pair, PathStep, Struct, Ty, UnionType,
};
use crate::names::snake;
use crate::resolved::{self, Kind, TypeRef};
use crate::spec;

/// Message of a callback, the union of the members that another member selects, and all groups of the API.
pub(super) struct Message<'a> {
    body: &'a Struct,
    select: Option<&'a UnionType>,
    objects: &'a [Struct],
    /// Paths under `confirm:`, each with the name of the method that returns the member if it is nested in a group.
    methods: Vec<(&'a str, String)>,
}

impl<'a> Message<'a> {
    pub(super) fn new(
        body: &'a Struct,
        select: Option<&'a UnionType>,
        objects: &'a [Struct],
        confirm: Option<&'a spec::Confirm>,
    ) -> Self {
        let mut methods: Vec<(&str, String)> = Vec::new();
        for path in confirm.into_iter().flat_map(claimed_paths) {
            let mut method = format!("claimed_{}", snake(path));
            // Paths such as `a.b_c` and `a_b.c` would have the same method.
            while methods.iter().any(|(other, taken)| *other != path && *taken == method) {
                method.push('_');
            }
            methods.push((path, method));
        }
        Self { body, select, objects, methods }
    }

    /// Finds a member of the message by its name or dotted path.
    fn claimed(&self, path: &str) -> Option<Claimed> {
        match member(&self.body.members, path) {
            Some(member) => Some(Claimed { rust: member.rust.clone(), nested: false }),
            None => self.route(path).map(|route| Claimed { rust: route.method, nested: true }),
        }
    }

    /// Returns the type of the member with this name or dotted path. `None` if the member is not a single value.
    fn type_of(&self, path: &str) -> Option<Ty> {
        match member(&self.body.members, path).map(|member| &member.kind) {
            Some(MemberKind::Value(of)) => Some(of.clone()),
            Some(_) => None,
            None => self.route(path).map(|route| route.of),
        }
    }

    /// Plans the method that returns the member at a dotted path inside a group. `None` if `path` is the name of a
    /// member of the message itself, or if no group contains the member.
    fn route(&self, path: &str) -> Option<ClaimRoute> {
        if member(&self.body.members, path).is_some() {
            return None;
        }
        let (_, method) = self.methods.iter().find(|(known, _)| *known == path)?;
        let (mut of, mut ways) = (None, Vec::new());
        if let Some((steps, found)) = self.steps(&self.body.members, path) {
            of = Some(found);
            ways.push((None, steps));
        }
        for (union, case) in self.select.iter().flat_map(|union| union.cases.iter().map(move |case| (union, case))) {
            let members = &self.objects.iter().find(|object| object.rust == case.group)?.members;
            if let Some((steps, found)) = self.steps(members, path) {
                of = Some(found);
                ways.push((Some((union.rust.clone(), case.variant.clone())), steps));
            }
        }
        Some(ClaimRoute { method: method.clone(), of: of?, ways })
    }

    /// Returns the members on a dotted path, including the last member, and the type of the last member.
    fn steps(&self, members: &[Member], path: &str) -> Option<(Vec<PathStep>, Ty)> {
        let (mut steps, last) = steps(self.objects, members, path)?;
        let MemberKind::Value(of) = &last.kind else { return None };
        steps.push(PathStep { rust: last.rust.clone(), always: last.always });
        Some((steps, of.clone()))
    }
}

/// Returns the names and paths of the members of the message that are compared with an answer, or sent in the status
/// query.
fn claimed_paths(confirm: &spec::Confirm) -> impl Iterator<Item = &str> {
    let lists = [&confirm.ask, &confirm.equal, &confirm.entry, &confirm.entry_equal];
    let lists = lists.into_iter().flat_map(|pairs| pairs.values());
    lists.chain(&confirm.not_before).chain(&confirm.expect).map(String::as_str)
}

/// Plans the confirmation of one message. `None` if the spec describes no confirmation.
pub(super) fn plan(
    api: &resolved::Api,
    message: &Message<'_>,
    confirm: Option<&spec::Confirm>,
    operations: &[OperationModel],
    objects: &[Struct],
) -> Option<Confirming> {
    let confirm = confirm?;
    let with = operations.iter().find(|op| op.id == confirm.with)?;
    let answer = &with.reply.members;
    let found = |name: &str| found_at(objects, answer, name);
    let ask = confirm
        .ask
        .iter()
        .map(|(field, from)| {
            Some(Ask {
                setter: setter(&with.request, field)?,
                member: message.claimed(from)?,
                of: message.type_of(from)?,
                wire: from.clone(),
                known: confirm.known.iter().position(|known| known == from),
                answer: found(field),
            })
        })
        .collect::<Option<_>>()?;
    let list = match &confirm.list {
        None => None,
        Some(list) => Some(confirming_list(api, message, answer, (list, confirm), objects)?),
    };
    let named = |name: &Option<String>| name.as_ref().and_then(|name| found(name));
    let claimed = |name: &String| message.claimed(name);
    let known = |name: &String| known(message, with, name);
    let known: Vec<Known> = confirm.known.iter().map(known).collect::<Option<_>>()?;
    let mut expect = expects(objects, answer, &confirm.expect)?;
    let others = known.iter().map(|known| known.parameter.clone());
    name_apart(&mut expect, std::iter::once("claim".to_owned()).chain(others).collect());
    let mut routes = Vec::new();
    for path in claimed_paths(confirm) {
        if let Some(route) = message.route(path)
            && routes.iter().all(|known: &ClaimRoute| known.method != route.method)
        {
            routes.push(route);
        }
    }
    Some(Confirming {
        routes,
        question: with.request.rust.clone(),
        answer: with.reply.rust.clone(),
        ask,
        equal: pairs(api, answer, message, &confirm.equal)?,
        list,
        expect: expect
            .into_iter()
            .map(|expect| {
                // The caller's value is always compared with the answer. If the message has a member with the same name
                // and type, the value is also compared with that member.
                let same = message.type_of(&expect.found.wire).filter(|of| *of == expect.of);
                let claimed = same.and_then(|_| claimed(&expect.found.wire));
                (expect, claimed)
            })
            .collect(),
        known,
        by: named(&confirm.by),
        confirming_values: confirm.confirming_values.clone(),
        paid: confirm.paid.as_ref().and_then(|of| paid(&found, of)),
        reversed: confirm.reversed.as_ref().and_then(|of| left(&found, of)),
        refuting_values: confirm.refuting_values.clone(),
        not_before: confirm.not_before.as_ref().and_then(|name| {
            Some(NotBefore { claimed: claimed(name)?, reached: reached(api, &with.id, confirm.by.as_ref()?) })
        }),
        environment: confirm.environment.as_ref().and_then(|name| {
            let (_, of) = message.steps(answer, name)?;
            let Ty::Enum { rust, .. } = of else { return None };
            Some((found(name)?, rust))
        }),
    })
}

/// Plans a list in the answer. At least one entry of the list must match the message.
fn confirming_list(
    api: &resolved::Api,
    message: &Message<'_>,
    answer: &[Member],
    (list, confirm): (&str, &spec::Confirm),
    objects: &[Struct],
) -> Option<ConfirmingList> {
    let (_, found) = steps(objects, answer, list)?;
    let MemberKind::List(Ty::Object(object), _) = &found.kind else { return None };
    let entries = &objects.iter().find(|of| of.rust == *object)?.members;
    Some(ConfirmingList {
        found: found_at(objects, answer, list)?,
        entry: pairs(api, entries, message, &confirm.entry)?,
        equal: pairs(api, entries, message, &confirm.entry_equal)?,
    })
}

fn known(message: &Message<'_>, with: &OperationModel, name: &str) -> Option<Known> {
    let repeated = member(&with.reply.members, name)?;
    let MemberKind::Value(of) = &repeated.kind else { return None };
    Some(Known {
        wire: name.to_owned(),
        parameter: format!("known_{}", repeated.rust),
        rust: repeated.rust.clone(),
        of: of.clone(),
        in_message: member(&message.body.members, name).is_some(),
        setter: setter(&with.request, name)?,
        answer: found_at(message.objects, &with.reply.members, name),
    })
}

fn paid(found: &impl Fn(&str) -> Option<Found>, paid: &spec::Paid) -> Option<PaidModel> {
    let amount = found(&paid.amount)?;
    Some(PaidModel { values: paid.values.clone(), amount, in_full: paid.in_full.clone() })
}

fn left(found: &impl Fn(&str) -> Option<Found>, left: &spec::Left) -> Option<LeftModel> {
    let is_refuting = |value: &String| left.refuting_values.contains(value);
    let (refuting, open) = left.values.iter().cloned().partition(is_refuting);
    let (remaining, whole) = (found(&left.remaining)?, found(&left.of)?);
    Some(LeftModel { refuting, open, remaining, whole })
}

/// Returns, for each state of the member `by`, the state itself and all states that can come after it.
fn reached(api: &resolved::Api, operation: &str, by: &str) -> Vec<(String, Vec<String>)> {
    let op = api.operations.iter().find(|op| op.id == operation);
    let field = op.and_then(|op| field_at(api, &op.reply, by));
    let Some(Kind::One(TypeRef::Enum(n))) = field.map(|field| &field.kind) else { return Vec::new() };
    let values = &api.enums[*n].spec.values;
    let follow = |from: &String| {
        let mut reached = vec![from.clone()];
        let mut next = 0;
        while let Some(value) = reached.get(next).cloned() {
            let following = values.get(&value).and_then(|value| value.next.as_ref());
            for state in following.into_iter().flatten() {
                if !reached.contains(state) {
                    reached.push(state.clone());
                }
            }
            next += 1;
        }
        reached
    };
    values.iter().filter(|(_, value)| value.next.is_some()).map(|(name, _)| (name.clone(), follow(name))).collect()
}

fn pairs(api: &resolved::Api, of: &[Member], message: &Message<'_>, pairs: &spec::Map<String>) -> Option<Vec<Pair>> {
    pairs
        .iter()
        .map(|(wire, from)| {
            let claimed = message.claimed(from)?;
            let (_, last) = steps(message.objects, of, wire)?;
            Some(Pair { found: found_at(message.objects, of, wire)?, claimed, separators: separators(api, last) })
        })
        .collect()
}
