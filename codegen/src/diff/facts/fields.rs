//! Facts about fields. They depend on the direction in which the fields are sent.

use super::{Fact, bound, fact, hidden_unless, holds, list, literal, maybe, words};
use crate::diff::Impact::{self, Additive, Behavior, Breaking, Documentation};
use crate::diff::tree::{FactValue, Measure, Property, RUST_NAME};
use crate::names::snake;
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::Sends;

/// Direction of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Travel {
    /// From the caller to the service.
    Sent,
    /// From the service to the caller.
    Received,
    /// In both directions.
    Both,
}

impl Travel {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Travel::Sent => "sent",
            Travel::Received => "received",
            Travel::Both => "sent and received",
        }
    }
}

pub(super) fn fields(api: &Api, of: &[Field], way: Travel, joint: &'static str) -> Vec<Fact> {
    of.iter().map(|one| field(api, one, way, joint)).collect()
}

/// Returns the fact for a field. A change is compatible if all values that callers sent before are still accepted, and
/// if received values have the same type as before.
pub(super) fn field(api: &Api, field: &Field, way: Travel, joint: &'static str) -> Fact {
    let spec = &field.spec;
    let mut properties = vec![
        words(RUST_NAME, snake(spec.name.as_deref().unwrap_or(&field.wire)), Breaking),
        words("type", type_of(api, field), Breaking),
        words("sensitivity", field.sensitivity.as_str(), Behavior),
        maybe("joined by", spec.joined.as_ref(), Behavior),
        holds("quoted", spec.quoted, Measure::Any(Behavior)),
        maybe("currency", spec.currency.as_ref(), Behavior),
        hidden_unless(
            field.shown_fixed().is_some(),
            words("fixed value", literal(spec.fixed.as_ref()), if spec.fixed.is_some() { Behavior } else { Breaking }),
        ),
        maybe("doc", spec.doc.as_ref(), Documentation),
        words("source", spec.source.as_str(), Documentation),
    ];
    let received = if way == Travel::Sent { Documentation } else { Breaking };
    if way != Travel::Received {
        properties.extend(sent(field));
    } else {
        for (what, limit) in [("min", spec.min), ("max", spec.max)] {
            properties.push(bound(what, limit, Measure::Any(Documentation)));
        }
        properties.push(holds("nullable", spec.nullable, Measure::Any(Documentation)));
        properties.push(words("default", literal(spec.default.as_ref()), Documentation));
    }
    if way != Travel::Sent {
        properties.push(holds("always present", spec.always, Measure::Any(received)));
        properties.push(holds("negative", spec.negative, Measure::Any(Behavior)));
        properties.push(maybe("only in version", spec.only_in.as_ref(), Documentation));
        properties.push(words("listed fields", list(spec.fields.iter().flatten()), Documentation));
    }
    let mut children = Vec::new();
    if let Kind::OneOf(choices) = &field.kind {
        children = choices.iter().map(|choice| super::field(api, choice, way, ".")).collect();
        for child in &mut children {
            // An alternative is a variant of an enumeration that callers may match exhaustively.
            child.added = Breaking;
        }
    }
    let comes = comes(field, way);
    fact("field", joint, &field.wire, (comes, Breaking), properties, children)
}

/// Returns the impact of adding a field, which depends on whether callers must set the field.
fn comes(field: &Field, way: Travel) -> Impact {
    let spec = &field.spec;
    if way == Travel::Received {
        return Additive;
    }
    match (spec.supplied_by.is_some() || spec.fixed.is_some(), spec.mandatory || spec.mandatory_when.is_some()) {
        (true, _) => Behavior,
        (false, true) => Breaking,
        (false, false) => Additive,
    }
}

/// Returns the properties of a field in requests, most of which are rules that callers must follow.
fn sent(field: &Field) -> Vec<Property> {
    let spec = &field.spec;
    let own = field.rules.text.as_ref().filter(|_| spec.characters.is_some());
    let characters = own.and_then(|text| text.characters.clone());
    let conditions = spec.mandatory_when.iter().flatten().map(|(other, value)| format!("{other} = {value}"));
    let within = spec.within.map(|w| (i64::try_from(w.seconds).unwrap_or(i64::MAX), "s".to_owned()));
    let choices = spec.choices.iter().map(|(name, choice)| {
        let sends = match choice.sends {
            Sends::Absent => "absent",
            Sends::Null => "null",
            Sends::Bool(true) => "true",
            Sends::Bool(false) => "false",
        };
        format!("{name} = {sends}")
    });
    let recoveries = spec.choices.iter().filter_map(|(name, choice)| {
        let recovery = choice.recovery?;
        Some(format!("{name} = {}", recovery.as_str()))
    });
    vec![
        holds("mandatory", spec.mandatory, Measure::Any(Breaking)),
        Property { what: "mandatory when", value: FactValue::Words(list(conditions)), measure: Measure::Rule },
        holds("nullable", spec.nullable, Measure::Any(Breaking)),
        bound("min", spec.min, Measure::AtLeast),
        Property {
            what: "more than",
            value: FactValue::Bound(spec.more_than.map(|bound| (bound, String::new()))),
            measure: Measure::AtLeast,
        },
        bound("max", spec.max, Measure::AtMost),
        Property {
            what: "digits after the decimal point",
            value: FactValue::Bound(spec.fraction.map(|digits| (i64::from(digits), String::new()))),
            measure: Measure::AtMost,
        },
        Property { what: "characters", value: FactValue::Characters(characters), measure: Measure::Among },
        holds("not blank", spec.not_blank, Measure::Demands),
        Property {
            what: "format",
            value: FactValue::Words(spec.format.map(|format| format.as_str().to_owned()).unwrap_or_default()),
            measure: Measure::Rule,
        },
        Property { what: "within", value: FactValue::Bound(within), measure: Measure::AtMost },
        maybe("expected port", spec.expected_port, Behavior),
        words("default", literal(spec.default.as_ref()), Behavior),
        holds("from the client", spec.supplied_by.is_some() || spec.fixed.is_some(), Measure::Any(Breaking)),
        maybe("computed as", spec.supplied_by.as_ref().filter(|by| *by != "client"), Behavior),
        words("choices", list(choices), Breaking),
        words("recovery of choices", list(recoveries), Behavior),
        holds("choices only", spec.choices_only, Measure::Demands),
    ]
}

fn type_of(api: &Api, field: &Field) -> String {
    let name = |of: TypeRef| api.type_name(of);
    match &field.kind {
        Kind::One(of) => name(*of),
        Kind::List(of) => format!("list of {}", name(*of)),
        Kind::Include(n) => format!("fields of {}", api.objects[*n].name),
        Kind::OneOf(_) => "one of".into(),
        Kind::Broken => String::new(),
    }
}
