//! Plans the confirmation of messages: the members of a message and of an answer to compare. `lint` has reported
//! everything that cannot be planned.

use super::resolution::{expects, found, member, separators, setter};
use crate::model::{
    Ask, Confirming, ConfirmingList, Known, LeftModel, Member, MemberKind, NotBefore, OperationModel, PaidModel, Pair,
    Struct, Ty,
};
use crate::resolved::{self, Kind, TypeRef};
use crate::spec;

/// Plans the confirmation of one message.
pub(super) fn plan(
    api: &resolved::Api,
    message: &Struct,
    confirm: Option<&spec::Confirm>,
    operations: &[OperationModel],
    objects: &[Struct],
) -> Option<Confirming> {
    let confirm = confirm?;
    let with = operations.iter().find(|op| op.id == confirm.with)?;
    let answer = &with.reply.members;
    let ask = confirm
        .ask
        .iter()
        .map(|(field, from)| {
            Some(Ask {
                setter: setter(&with.request, field)?,
                member: member(&message.members, from)?.rust.clone(),
                wire: from.clone(),
                known: confirm.known.iter().position(|known| known == from),
                answer: found(answer, field),
            })
        })
        .collect::<Option<_>>()?;
    let list = match &confirm.list {
        None => None,
        Some(list) => Some(confirming_list(api, message, answer, (list, confirm), objects)?),
    };
    let named = |name: &Option<String>| name.as_ref().and_then(|name| found(answer, name));
    let claimed = |name: &String| member(&message.members, name).map(|member| member.rust.clone());
    let known = |name: &String| known(message, with, name);
    let expect = expects(answer, &confirm.expect)?;
    Some(Confirming {
        question: with.request.rust.clone(),
        answer: with.reply.rust.clone(),
        ask,
        equal: pairs(api, answer, &message.members, &confirm.equal)?,
        list,
        expect: expect.into_iter().map(|expect| (claimed(&expect.wire), expect)).map(|(a, b)| (b, a)).collect(),
        known: confirm.known.iter().map(known).collect::<Option<_>>()?,
        by: named(&confirm.by),
        confirming_values: confirm.confirming_values.clone(),
        paid: confirm.paid.as_ref().and_then(|of| paid(answer, of)),
        reversed: confirm.reversed.as_ref().and_then(|of| left(answer, of)),
        refuting_values: confirm.refuting_values.clone(),
        not_before: confirm.not_before.as_ref().and_then(|name| {
            Some(NotBefore { claimed: claimed(name)?, reached: reached(api, &with.id, confirm.by.as_ref()?) })
        }),
        environment: confirm.environment.as_ref().and_then(|name| {
            let MemberKind::Value(Ty::Enum { rust, .. }) = &member(answer, name)?.kind else { return None };
            Some((found(answer, name)?, rust.clone()))
        }),
    })
}

/// Plans the list that must have an entry like the message.
fn confirming_list(
    api: &resolved::Api,
    message: &Struct,
    answer: &[Member],
    (list, confirm): (&str, &spec::Confirm),
    objects: &[Struct],
) -> Option<ConfirmingList> {
    let found = member(answer, list)?;
    let MemberKind::List(Ty::Object(object), _) = &found.kind else { return None };
    let entries = &objects.iter().find(|of| of.rust == *object)?.members;
    Some(ConfirmingList {
        rust: found.rust.clone(),
        entry: pairs(api, entries, &message.members, &confirm.entry)?,
        equal: pairs(api, entries, &message.members, &confirm.entry_equal)?,
    })
}

/// Plans a value that the caller may have stored.
fn known(message: &Struct, with: &OperationModel, name: &str) -> Option<Known> {
    let repeated = member(&with.reply.members, name)?;
    let MemberKind::Value(of) = &repeated.kind else { return None };
    Some(Known {
        wire: name.to_owned(),
        rust: repeated.rust.clone(),
        of: of.clone(),
        in_message: member(&message.members, name).is_some(),
        setter: setter(&with.request, name)?,
        answer: found(&with.reply.members, name),
    })
}

fn paid(answer: &[Member], paid: &spec::Paid) -> Option<PaidModel> {
    let amount = found(answer, &paid.amount)?;
    Some(PaidModel { values: paid.values.clone(), amount, in_full: paid.in_full.clone() })
}

fn left(answer: &[Member], left: &spec::Left) -> Option<LeftModel> {
    let is_refuting = |value: &String| left.refuting_values.contains(value);
    let (refuting, open) = left.values.iter().cloned().partition(is_refuting);
    let (remaining, whole) = (found(answer, &left.remaining)?, found(answer, &left.of)?);
    Some(LeftModel { refuting, open, remaining, whole })
}

/// Returns, for each state, itself and all states that can follow.
fn reached(api: &resolved::Api, operation: &str, by: &str) -> Vec<(String, Vec<String>)> {
    let field = api
        .operations
        .iter()
        .find(|op| op.id == operation)
        .and_then(|op| op.reply.iter().find(|field| field.wire == by));
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

fn pairs(api: &resolved::Api, of: &[Member], message: &[Member], pairs: &spec::Map<String>) -> Option<Vec<Pair>> {
    pairs
        .iter()
        .map(|(wire, from)| {
            let claimed = member(message, from)?.rust.clone();
            let separators = separators(api, member(of, wire)?);
            Some(Pair { found: found(of, wire)?, claimed, separators })
        })
        .collect()
}
