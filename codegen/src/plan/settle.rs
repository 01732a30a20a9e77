//! How doubts are settled: which fields of two operations meet. What cannot be planned was reported by `lint`.

use crate::model::{Compare, Expect, Member, MemberKind, Operation, Own, Settling, Struct, Ty, Word};
use crate::spec;

/// Plans it for every operation that can be settled.
pub fn plan(operations: &mut [Operation], specs: &[&spec::Recovery], objects: &[Struct]) {
    let planned: Vec<_> = operations
        .iter()
        .zip(specs)
        .map(|(op, recovery)| {
            let settle = recovery.settle.as_ref()?;
            let with = recovery.with.as_ref()?;
            settling(op, operations.iter().find(|other| other.id == *with)?, settle, objects)
        })
        .collect();
    for (op, settling) in operations.iter_mut().zip(planned) {
        op.settling = settling;
    }
}

fn settling(op: &Operation, with: &Operation, settle: &spec::Settle, objects: &[Struct]) -> Option<Settling> {
    let own = &op.request.members;
    let answer = &with.reply.members;
    let ask = settle
        .ask
        .iter()
        .map(|(field, from)| Some((setter(&with.request, field)?, member(own, from)?.rust.clone())))
        .collect::<Option<_>>()?;
    let word = match (&settle.by, &settle.list) {
        (Some(by), _) => {
            let member = member(answer, by)?;
            Word::Value { rust: member.rust.clone(), always: member.always }
        }
        (None, Some(list)) => {
            let member = member(answer, list)?;
            let MemberKind::List(Ty::Object(object), _) = &member.kind else { return None };
            let entries = &objects.iter().find(|of| of.rust == *object)?.members;
            Word::List { rust: member.rust.clone(), entry: compares(entries, own, &settle.entry)? }
        }
        (None, None) => Word::Found,
    };
    let expect = settle
        .expect
        .iter()
        .map(|name| {
            let member = member(answer, name)?;
            let MemberKind::Value(of) = &member.kind else { return None };
            Some(Expect { wire: name.clone(), rust: member.rust.clone(), of: of.clone(), always: member.always })
        })
        .collect::<Option<_>>()?;
    let rows = |map: &spec::Map<spec::Verdict>| map.iter().map(|(word, v)| (word.clone(), verdict(*v))).collect();
    Some(Settling {
        question: with.request.rust.clone(),
        answer: with.reply.rust.clone(),
        ask,
        word,
        equal: compares(answer, own, &settle.equal)?,
        expect,
        resend_first: settle.resend_first,
        at_once: rows(&settle.at_once),
        quiet: settle.quiet.map_or(0, |quiet| quiet.seconds),
        then: rows(&settle.then),
        absent: settle.absent.clone(),
        landed: settle.landed.clone(),
        resends: settle.resends,
        resend_needs: settle
            .resend_needs
            .iter()
            .map(|name| Some(member(own, name)?.rust.clone()))
            .collect::<Option<_>>()?,
        within: settle.within.seconds,
    })
}

fn member<'a>(members: &'a [Member], wire: &str) -> Option<&'a Member> {
    members.iter().find(|member| member.wire == wire)
}

/// The builder's method for a field, which may be one of several alternatives.
fn setter(request: &Struct, wire: &str) -> Option<String> {
    let takes = |member: &&Member| match &member.kind {
        MemberKind::OneOf(of) => of.choices.iter().any(|choice| choice.wire == wire),
        _ => member.wire == wire,
    };
    request.members.iter().find(takes).map(|member| member.rust.clone())
}

fn compares(of: &[Member], own: &[Member], pairs: &spec::Map<String>) -> Option<Vec<Compare>> {
    pairs
        .iter()
        .map(|(wire, from)| {
            let (found, from) = (member(of, wire)?, member(own, from)?);
            let own = match (from.plain, from.none_is_null) {
                (true, _) => Own::Plain(from.rust.clone()),
                (false, true) => Own::Null(from.rust.clone()),
                (false, false) => Own::Optional(from.rust.clone()),
            };
            Some(Compare { wire: wire.clone(), rust: found.rust.clone(), always: found.always, own })
        })
        .collect()
}

fn verdict(verdict: spec::Verdict) -> &'static str {
    match verdict {
        spec::Verdict::Done => "Done",
        spec::Verdict::NotDone => "NotDone",
        spec::Verdict::Resend => "Resend",
    }
}
