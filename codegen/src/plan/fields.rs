//! Planning of fields: their Rust names, types, rules and documentation.

use super::field_docs::field_docs;
use crate::analysis::{Directions, currency_of, is_integer_coded, is_kept, openness, received_group, received_union};
use crate::model::{
    ChoiceModel, Condition, ConditionValue, CurrencyModel, FixedMember, Member, MemberKind, MessagePart, OneOf,
    OneOfChoice, Rules, Sum, SumMember, SumValue, Ty,
};
use crate::names::{camel, snake};
use crate::prose::sentence;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use crate::spec::{self, Literal, Sends, Sensitivity};

pub(super) fn rust_name(field: &Field) -> String {
    snake(field.spec.name.as_deref().unwrap_or(&field.wire))
}

/// Plans a field of a request, or of a group in requests.
pub(super) fn request_member(
    api: &Api,
    directions: &Directions,
    siblings: &[Field],
    field: &Field,
    part: MessagePart,
) -> Member {
    let spec = &field.spec;
    let choices: Vec<ChoiceModel> = spec
        .choices
        .iter()
        .map(|(name, choice)| ChoiceModel {
            rust: snake(name),
            value: match choice.sends {
                Sends::Bool(value) => Some(value),
                Sends::Absent | Sends::Null => None,
            },
            recovery: choice.recovery,
            docs: vec![sentence(&choice.doc)],
        })
        .collect();
    let nullable_items = spec.nullable && matches!(field.kind, Kind::List(_));
    let null_value = spec.nullable && !nullable_items;
    let kind = match &field.kind {
        Kind::OneOf(alternatives) => MemberKind::OneOf(one_of(api, field, alternatives)),
        Kind::List(of) => MemberKind::List(ty(api, directions, *of), nullable_items),
        other => MemberKind::Value(ty_of(api, directions, other)),
    };
    let mut extra = Vec::new();
    let conditions = conditions(api, siblings, field, &mut extra);
    Member {
        wire: field.wire.clone(),
        rust: rust_name(field),
        part,
        plain: is_plain(field),
        mandatory: spec.mandatory,
        none_is_null: null_value && spec.mandatory,
        clearable: is_clearable(field),
        sensitive: field.sensitivity != Sensitivity::Public,
        rules: field.rules.clone(),
        plain_setter: !spec.choices_only,
        choices,
        conditions,
        within_minutes: spec.within.map(|w| u32::try_from(w.seconds / 60).unwrap_or(u32::MAX)),
        expected_port: spec.expected_port,
        negative: false,
        always: false,
        joined: spec.joined.clone(),
        quoted: spec.quoted,
        currency: currency(api, siblings, field),
        docs: field_docs(api, field, &extra, true),
        kind,
    }
}

/// Returns the field for the members of a message that another member selects. The type of the field is the union with
/// the name `union`.
pub(super) fn selected(union: &str) -> Member {
    Member {
        wire: PAYLOAD.to_owned(),
        rust: PAYLOAD.to_owned(),
        part: MessagePart::Body,
        kind: MemberKind::Selected(union.to_owned()),
        plain: false,
        mandatory: false,
        none_is_null: false,
        clearable: false,
        docs: vec!["The members that depend on the kind of message.".into()],
        sensitive: false,
        rules: Rules::default(),
        plain_setter: false,
        choices: Vec::new(),
        conditions: Vec::new(),
        within_minutes: None,
        expected_port: None,
        negative: false,
        always: false,
        joined: None,
        quoted: false,
        currency: None,
    }
}

/// Rust name of the field that contains the members that another member selects. The field has no name on the wire.
const PAYLOAD: &str = "payload";

/// Plans a field with a fixed value. `None` if its value is not fixed.
pub(super) fn fixed(field: &Field, part: MessagePart) -> Option<FixedMember> {
    let value = field.spec.fixed.clone()?;
    Some(FixedMember { wire: field.wire.clone(), part, value })
}

/// Returns the currency of an amount. `None` for a field that needs no currency.
fn currency(api: &Api, siblings: &[Field], field: &Field) -> Option<CurrencyModel> {
    let currency = currency_of(api, field)?;
    Some(match siblings.iter().find(|other| other.wire == currency) {
        Some(other) => {
            let always = other.spec.always || is_plain(other);
            CurrencyModel::Member { rust: rust_name(other), always }
        }
        None => CurrencyModel::Fixed(currency.to_owned()),
    })
}

/// Returns `true` if the field of a request is not an `Option`. Such a field always has a value, and its type has an
/// empty value with which the builder starts.
fn is_plain(field: &Field) -> bool {
    let spec = &field.spec;
    let sends_nothing = spec.choices.values().any(|c| matches!(c.sends, Sends::Absent | Sends::Null));
    let null_value = spec.nullable && !matches!(field.kind, Kind::List(_));
    let has_blank = match field.kind {
        Kind::One(of) => !matches!(
            of,
            TypeRef::Instant
                | TypeRef::Date
                | TypeRef::Time(_)
                | TypeRef::Json
                | TypeRef::Object(_)
                | TypeRef::Union(_)
        ),
        Kind::List(_) | Kind::OneOf(_) => true,
        Kind::Include(_) | Kind::Broken => false,
    };
    spec.mandatory && !sends_nothing && !null_value && has_blank
}

/// Returns `true` if an absent field and a field with the value null have different meanings.
fn is_clearable(field: &Field) -> bool {
    field.spec.nullable && !field.spec.mandatory && matches!(field.kind, Kind::One(_))
}

/// Plans the fields of a reply, a message or a group. Fields of the envelope that carry no information in a success are
/// left out.
pub(super) fn reply_members(
    api: &Api,
    directions: &Directions,
    fields: &[Field],
    envelope: Option<&spec::Envelope>,
) -> Vec<Member> {
    fields
        .iter()
        .filter(|field| envelope.is_none_or(|envelope| is_kept(envelope, field)))
        .map(|field| {
            let spec = &field.spec;
            let kind = match &field.kind {
                Kind::Include(n) => MemberKind::Include(received_group(api, directions, *n)),
                Kind::One(TypeRef::Object(n)) => {
                    let group = received_group(api, directions, *n);
                    match api.objects[*n].spec.when {
                        Some(_) => MemberKind::Nested(group),
                        None => MemberKind::Value(Ty::Object(group)),
                    }
                }
                Kind::List(TypeRef::Object(n)) => {
                    MemberKind::List(Ty::Object(received_group(api, directions, *n)), false)
                }
                Kind::List(of) => MemberKind::List(inner_ty(api, directions, *of, true), false),
                Kind::One(of) => MemberKind::Value(inner_ty(api, directions, *of, true)),
                other => MemberKind::Value(ty_of(api, directions, other)),
            };
            let mut extra = Vec::new();
            if let Some(version) = &spec.only_in {
                extra.push(format!("Only in version {version}."));
            }
            if let (Some(subset), MemberKind::Include(_) | MemberKind::Nested(_)) = (&spec.fields, &kind) {
                let listed: Vec<String> = subset.iter().map(|f| format!("`{f}`")).collect();
                extra.push(format!("The page lists these fields here: {}.", listed.join(", ")));
            }
            Member {
                wire: field.wire.clone(),
                rust: rust_name(field),
                part: MessagePart::Body,
                kind,
                plain: false,
                mandatory: false,
                none_is_null: spec.nullable && matches!(field.kind, Kind::One(_)),
                clearable: false,
                sensitive: field.sensitivity != Sensitivity::Public,
                rules: Rules::default(),
                plain_setter: false,
                choices: Vec::new(),
                conditions: Vec::new(),
                within_minutes: None,
                expected_port: None,
                negative: spec.negative,
                always: spec.always,
                joined: spec.joined.clone(),
                quoted: spec.quoted,
                currency: currency(api, fields, field),
                docs: field_docs(api, field, &extra, false),
            }
        })
        .collect()
}

pub(super) fn sums(members: &[Member], fixed: &[FixedMember], rules: &[spec::Rule]) -> Vec<Sum> {
    let entry = |wire: &String| {
        let is_it = |part: MessagePart, own: &String| part == MessagePart::Body && own == wire;
        let fixed =
            fixed.iter().find(|member| is_it(member.part, &member.wire)).and_then(|member| match member.value {
                Literal::Integer(value) => Some(SumValue::Fixed(value)),
                _ => None,
            });
        let own = members.iter().find(|member| is_it(member.part, &member.wire));
        let value = own.map(|own| SumValue::Member { rust: own.rust.clone(), plain: own.plain }).or(fixed)?;
        Some(SumMember { wire: wire.clone(), value })
    };
    rules
        .iter()
        .filter_map(|rule| {
            Some(Sum {
                total: entry(&rule.total)?,
                parts: rule.parts.iter().filter_map(entry).collect(),
                exact_when: rule.exact_when.clone(),
            })
        })
        .collect()
}

fn one_of(api: &Api, field: &Field, alternatives: &[Field]) -> OneOf {
    OneOf {
        rust: format!("{}By", camel(field.spec.name.as_deref().unwrap_or(&field.wire))),
        choices: alternatives
            .iter()
            .map(|choice| OneOfChoice {
                wire: choice.wire.clone(),
                variant: camel(choice.spec.name.as_deref().unwrap_or(&choice.wire)),
                text: match choice.kind {
                    Kind::One(TypeRef::Scalar(n)) => camel(&api.scalars[n].name),
                    _ => "String".into(),
                },
                rules: choice.rules.text.clone(),
                docs: field_docs(api, choice, &[], true),
            })
            .collect(),
    }
}

fn ty_of(api: &Api, directions: &Directions, kind: &Kind) -> Ty {
    match kind {
        Kind::One(of) | Kind::List(of) => ty(api, directions, *of),
        Kind::Include(n) => Ty::Object(camel(&api.objects[*n].name)),
        // Neither case occurs here. Alternatives are planned separately, and a spec with findings is not planned.
        Kind::OneOf(_) | Kind::Broken => Ty::Json,
    }
}

fn ty(api: &Api, directions: &Directions, of: TypeRef) -> Ty {
    inner_ty(api, directions, of, false)
}

/// Returns the Rust type. With `received`, a group or a union has the type that replies and callbacks use.
fn inner_ty(api: &Api, directions: &Directions, of: TypeRef, received: bool) -> Ty {
    match of {
        TypeRef::Object(n) if received => Ty::Object(received_group(api, directions, n)),
        TypeRef::String => Ty::String,
        TypeRef::Integer | TypeRef::Amount(_) => Ty::Integer,
        TypeRef::Decimal => Ty::Decimal,
        TypeRef::Boolean => Ty::Bool,
        TypeRef::Instant => Ty::Instant,
        TypeRef::Date => Ty::Date,
        TypeRef::Time(n) => Ty::Time(camel(&api.times[n].name)),
        TypeRef::Union(n) if received => Ty::Union(received_union(api, directions, n)),
        TypeRef::Union(n) => Ty::Union(camel(&api.unions[n].name)),
        TypeRef::Composite(n) => match api.composites[n] {
            Composite::List(of) => Ty::List(Box::new(inner_ty(api, directions, of, received))),
            Composite::Map(of) => Ty::Map(Box::new(inner_ty(api, directions, of, received))),
        },
        TypeRef::Json => Ty::Json,
        TypeRef::Scalar(n) => Ty::Text(camel(&api.scalars[n].name)),
        TypeRef::Object(n) => Ty::Object(camel(&api.objects[n].name)),
        TypeRef::Enum(n) => Ty::Enum {
            rust: camel(&api.enums[n].name),
            integer: is_integer_coded(&api.enums[n].spec),
            openness: openness(directions, of, &api.enums[n].spec),
        },
    }
}

fn conditions(api: &Api, siblings: &[Field], field: &Field, docs: &mut Vec<String>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (wire, value) in field.spec.mandatory_when.iter().flatten() {
        let Some(other) = siblings.iter().find(|f| f.wire == *wire) else { continue };
        let by_default = other.spec.default.as_ref() == Some(value);
        let or_absent = if by_default { " or absent" } else { "" };
        docs.push(format!("Required when `{wire}` is `{value}`{or_absent}."));
        let compared = match (value, &other.kind) {
            (value, Kind::One(TypeRef::Enum(n))) => {
                let (definition, wire) = (&api.enums[*n], value.to_string());
                let value = &definition.spec.values[wire.as_str()];
                ConditionValue::Variant(camel(&definition.name), camel(value.name.as_deref().unwrap_or(&wire)))
            }
            (Literal::Bool(value), _) => ConditionValue::Bool(*value),
            (Literal::Integer(value), _) => ConditionValue::Integer(*value),
            (Literal::Text(text), _) => ConditionValue::Text(text.clone()),
        };
        conditions.push(Condition {
            other: rust_name(other),
            other_plain: is_plain(other),
            other_clearable: is_clearable(other),
            by_default,
            value: compared,
            because: format!("{wire} is {value}"),
        });
    }
    conditions
}
