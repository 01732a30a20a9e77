//! How messages are confirmed: which members of a message and of an answer meet. What cannot be planned was reported by
//! `lint`.

use super::settle::{expects, member, setter};
use crate::model::{Confirming, EnumType, Member, MemberKind, Operation, Pair, Struct, Ty};
use crate::spec;

/// Plans it for one message.
pub fn plan(
    message: &Struct,
    believe: &spec::Believe,
    operations: &[Operation],
    objects: &[Struct],
    enums: &[EnumType],
) -> Option<Confirming> {
    let confirm = believe.confirm.as_ref()?;
    let with = believe.confirm_with.as_ref()?;
    let with = operations.iter().find(|op| op.id == *with)?;
    let answer = &with.reply.members;
    let ask = confirm
        .ask
        .iter()
        .map(|(field, from)| {
            Some((setter(&with.request, field)?, member(&message.members, from)?.rust.clone(), from.clone()))
        })
        .collect::<Option<_>>()?;
    let list = match &confirm.list {
        None => None,
        Some(list) => {
            let found = member(answer, list)?;
            let MemberKind::List(Ty::Object(object), _) = &found.kind else { return None };
            let entries = &objects.iter().find(|of| of.rust == *object)?.members;
            Some((list.clone(), found.rust.clone(), pairs(entries, &message.members, &confirm.entry)?))
        }
    };
    let named = |name: &Option<String>| {
        let name = name.as_ref()?;
        let found = member(answer, name)?;
        Some((name.clone(), found.rust.clone(), found.always))
    };
    Some(Confirming {
        question: with.request.rust.clone(),
        answer: with.reply.rust.clone(),
        ask,
        equal: pairs(answer, &message.members, &confirm.equal)?,
        list,
        expect: expects(answer, &confirm.expect)?,
        by: named(&confirm.by),
        states: confirm.states.clone(),
        others: others(confirm, with, enums),
        environment: named(&confirm.environment),
    })
}

/// The values that the spec knows, and that the message does not name.
fn others(confirm: &spec::Confirm, with: &Operation, enums: &[EnumType]) -> Vec<String> {
    let by = confirm.by.as_ref().and_then(|by| member(&with.reply.members, by));
    let Some(MemberKind::Value(Ty::Enum { rust, .. })) = by.map(|member| &member.kind) else { return Vec::new() };
    let known = enums.iter().filter(|of| of.rust == *rust).flat_map(|of| &of.values).map(|value| &value.wire);
    known.filter(|wire| !confirm.states.contains(wire) && !confirm.wait.contains(wire)).cloned().collect()
}

fn pairs(of: &[Member], message: &[Member], pairs: &spec::Map<String>) -> Option<Vec<Pair>> {
    pairs
        .iter()
        .map(|(wire, from)| {
            let found = member(of, wire)?;
            let claimed = member(message, from)?.rust.clone();
            Some(Pair { wire: wire.clone(), found: found.rust.clone(), always: found.always, claimed })
        })
        .collect()
}
