//! Planning of pagination. Parts that cannot be planned are left out, because `lint` has reported them.

use super::resolution::{found, member};
use crate::model::{ConditionValue, MemberKind, NextModel, OperationModel, PagesModel, Struct, Ty};
use crate::names::camel;
use crate::resolved::{self, Kind, TypeRef};
use crate::spec::{Literal, PagesSpec};

pub(super) fn plan(api: &resolved::Api, operations: &mut [OperationModel], objects: &[Struct]) {
    for (op, spec) in operations.iter_mut().zip(&api.operations) {
        op.pages = spec.spec.pages.as_ref().and_then(|pages| plan_one(api, op, spec, pages, objects));
    }
}

fn plan_one(
    api: &resolved::Api,
    op: &OperationModel,
    spec: &resolved::Operation,
    pages: &PagesSpec,
    objects: &[Struct],
) -> Option<PagesModel> {
    let list = member(&op.reply.members, &pages.items)?;
    let MemberKind::List(item, _) = &list.kind else { return None };
    let send = member(&op.request.members, &pages.send)?;
    let MemberKind::Value(position) = &send.kind else { return None };
    let next = match (pages.next.as_str(), pages.next.strip_prefix("last.")) {
        ("+1", _) => NextModel::Number(first_page(spec, &pages.send)),
        (_, Some(name)) => {
            let Ty::Object(object) = item else { return None };
            let entries = &objects.iter().find(|of| of.rust == *object)?.members;
            NextModel::OfLast(found(entries, name)?)
        }
        (name, None) => NextModel::Member(found(&op.reply.members, name)?),
    };
    let end = match pages.end.first() {
        None => None,
        Some((name, value)) => Some((found(&op.reply.members, name)?, end_value(api, spec, name, value))),
    };
    Some(PagesModel {
        items: list.rust.clone(),
        item: item.clone(),
        send: send.rust.clone(),
        send_plain: send.plain,
        position: position.clone(),
        next,
        end,
    })
}

/// Returns the number of the first page: the default of the field named `send`, or 1 if the field has no default.
fn first_page(spec: &resolved::Operation, send: &str) -> i64 {
    let fields = [&spec.query, &spec.request].into_iter().flatten();
    match fields.filter(|field| field.wire == send).find_map(|field| field.spec.default.as_ref()) {
        Some(Literal::Integer(first)) => *first,
        _ => 1,
    }
}

fn end_value(api: &resolved::Api, spec: &resolved::Operation, name: &str, value: &Literal) -> ConditionValue {
    let field = spec.reply.iter().find(|field| field.wire == name);
    match (value, field.map(|field| &field.kind)) {
        (value, Some(Kind::One(TypeRef::Enum(n)))) => {
            let (definition, wire) = (&api.enums[*n], value.to_string());
            let name = definition.spec.values.get(&wire).and_then(|value| value.name.clone()).unwrap_or(wire);
            ConditionValue::Variant(camel(&definition.name), camel(&name))
        }
        (Literal::Bool(value), _) => ConditionValue::Bool(*value),
        (Literal::Integer(value), _) => ConditionValue::Integer(*value),
        (Literal::Text(text), _) => ConditionValue::Text(text.clone()),
    }
}
