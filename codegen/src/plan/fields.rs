//! Fields: their Rust names, types, rules and documentation.

use super::text::sentence;
use super::types::{self, Directions};
use crate::model::{
    Choice, Condition, ConditionValue, IntegerRules, Member, MemberKind, MessagePart, OneOf, OneOfChoice, Rules, Sum,
    TextFormat, TextRules, Ty,
};
use crate::names::{camel, snake};
use crate::resolve::{Api, Field, Kind, TypeRef};
use crate::spec::{self, Literal, Sends, Sensitivity, Source};

/// A field's Rust name.
pub fn rust_name(field: &Field) -> String {
    snake(field.spec.name.as_deref().unwrap_or(&field.wire))
}

/// A field of a request.
pub fn request_member(
    api: &Api,
    directions: &Directions,
    siblings: &[Field],
    field: &Field,
    part: MessagePart,
) -> Member {
    let spec = &field.spec;
    let choices: Vec<Choice> = spec
        .choices
        .iter()
        .map(|(name, choice)| Choice {
            rust: snake(name),
            value: match choice.sends {
                Sends::Bool(value) => Some(value),
                Sends::Absent | Sends::Null => None,
            },
            recovery: choice.recovery.map(super::recovery_class),
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
    let mut docs = field_docs(api, field);
    if spec.mandatory {
        docs.push("Mandatory.".into());
    }
    Member {
        wire: field.wire.clone(),
        rust: rust_name(field),
        part,
        plain: is_plain(field),
        mandatory: spec.mandatory,
        none_is_null: null_value && spec.mandatory,
        clearable: is_clearable(field),
        sensitive: field.sensitivity != Sensitivity::Public,
        rules: rules(api, field),
        plain_setter: !spec.choices_only,
        choices,
        conditions: conditions(api, siblings, field, &mut docs),
        within_minutes: spec.within.map(|w| u32::try_from(w.seconds / 60).unwrap_or(u32::MAX)),
        expected_port: spec.expected_port,
        negative: false,
        always: false,
        docs,
        kind,
    }
}

/// Whether a request always has a value that a builder can hold before it is given: anything with an empty form.
fn is_plain(field: &Field) -> bool {
    let spec = &field.spec;
    let sends_nothing = spec.choices.values().any(|c| matches!(c.sends, Sends::Absent | Sends::Null));
    let null_value = spec.nullable && !matches!(field.kind, Kind::List(_));
    let has_blank = match field.kind {
        Kind::One(of) => {
            !matches!(of, TypeRef::KstDateTime | TypeRef::CivilDateTime | TypeRef::Json | TypeRef::Object(_))
        }
        Kind::List(_) | Kind::OneOf(_) => true,
        Kind::Include(_) | Kind::Broken => false,
    };
    spec.mandatory && !sends_nothing && !null_value && has_blank
}

/// Whether a request may leave the field out and may send null, which are two things.
fn is_clearable(field: &Field) -> bool {
    field.spec.nullable && !field.spec.mandatory && matches!(field.kind, Kind::One(_))
}

/// The fields of a reply, without the envelope's.
pub fn reply_members(api: &Api, directions: &Directions, fields: &[Field], envelope: &[String]) -> Vec<Member> {
    fields
        .iter()
        .filter(|field| !envelope.contains(&field.wire))
        .map(|field| {
            let spec = &field.spec;
            let kind = match &field.kind {
                Kind::Include(n) => MemberKind::Include(types::received_group(api, directions, *n)),
                Kind::One(TypeRef::Object(n)) => {
                    let group = types::received_group(api, directions, *n);
                    match api.objects[*n].spec.when {
                        Some(_) => MemberKind::Nested(group),
                        None => MemberKind::Value(Ty::Object(group)),
                    }
                }
                Kind::List(TypeRef::Object(n)) => {
                    MemberKind::List(Ty::Object(types::received_group(api, directions, *n)), false)
                }
                Kind::List(of) => MemberKind::List(ty(api, directions, *of), false),
                other => MemberKind::Value(ty_of(api, directions, other)),
            };
            let mut docs = field_docs(api, field);
            if let Some(version) = &spec.only_in {
                docs.push(format!("Only in version {version}."));
            }
            if let (Some(subset), MemberKind::Include(_) | MemberKind::Nested(_)) = (&spec.fields, &kind) {
                let listed: Vec<String> = subset.iter().map(|f| format!("`{f}`")).collect();
                docs.push(format!("The page lists here: {}.", listed.join(", ")));
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
                docs,
            }
        })
        .collect()
}

/// Rules over several fields.
pub fn sums(members: &[Member], rules: &[spec::Rule]) -> Vec<Sum> {
    let entry =
        |wire: &String| members.iter().find(|m| m.wire == *wire).map(|m| (m.wire.clone(), m.rust.clone(), m.plain));
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
                rules: rules(api, choice).text,
                docs: field_docs(api, choice),
            })
            .collect(),
    }
}

fn ty_of(api: &Api, directions: &Directions, kind: &Kind) -> Ty {
    match kind {
        Kind::One(of) | Kind::List(of) => ty(api, directions, *of),
        Kind::Include(n) => Ty::Object(camel(&api.objects[*n].name)),
        // Neither reaches the model: alternatives have their own kind, and a broken spec is not planned.
        Kind::OneOf(_) | Kind::Broken => Ty::Json,
    }
}

fn ty(api: &Api, directions: &Directions, of: TypeRef) -> Ty {
    match of {
        TypeRef::String => Ty::String,
        TypeRef::Integer | TypeRef::Won => Ty::Integer,
        TypeRef::Boolean => Ty::Bool,
        TypeRef::KstDateTime => Ty::Kst,
        TypeRef::CivilDateTime => Ty::Civil,
        TypeRef::Json => Ty::Json,
        TypeRef::Scalar(n) => Ty::Text(camel(&api.scalars[n].name)),
        TypeRef::Object(n) => Ty::Object(camel(&api.objects[n].name)),
        TypeRef::Enum(n) => Ty::Enum {
            rust: camel(&api.enums[n].name),
            integer: is_integer_coded(&api.enums[n].spec),
            openness: types::openness(directions, of, &api.enums[n].spec),
        },
    }
}

/// One without is reported, and bounds nothing.
fn with_unit(limit: &spec::Limit) -> bool {
    limit.unit.is_some()
}

fn counts_items(limit: &spec::Limit) -> bool {
    limit.unit == Some(spec::Unit::Items)
}

fn is_integer_coded(of: &spec::Enum) -> bool {
    of.coded_as == spec::Coding::Integer
}

/// The rules a request's field is checked against: its type's, and its own on top.
pub fn rules(api: &Api, field: &Field) -> Rules {
    let spec = &field.spec;
    let count = |limit: spec::Limit| usize::try_from(limit.count).unwrap_or(0);
    let mut rules = Rules::default();
    let of = match field.kind {
        Kind::One(of) => of,
        Kind::List(of) => {
            rules.min_items = spec.min.filter(counts_items).map_or(0, count);
            rules.max_items = spec.max.filter(counts_items).map(count);
            of
        }
        _ => return rules,
    };
    let list = matches!(field.kind, Kind::List(_));
    // A list's limits count its entries, or the characters of each.
    let bounds_text = |limit: &spec::Limit| !list || !counts_items(limit);
    let sensitive = field.sensitivity != Sensitivity::Public;
    // A known value of an enumeration needs no check; only texts that callers make themselves do.
    let checked_text = match of {
        TypeRef::String | TypeRef::Scalar(_) => true,
        TypeRef::Enum(n) => api.enums[n].spec.accepts_others && !is_integer_coded(&api.enums[n].spec),
        _ => false,
    };
    let checked_number = match of {
        TypeRef::Integer | TypeRef::Won => !list,
        TypeRef::Enum(n) => api.enums[n].spec.accepts_others && is_integer_coded(&api.enums[n].spec) && !list,
        _ => false,
    };
    match of {
        _ if checked_text => {
            let base = match of {
                TypeRef::Scalar(n) => types::scalar_rules(&api.scalars[n].spec),
                _ => TextRules::default(),
            };
            let own = TextRules {
                min: spec.min.filter(with_unit).filter(bounds_text).map_or(base.min, count),
                max: spec.max.filter(with_unit).filter(bounds_text).map(count).or(base.max),
                characters: spec.characters.as_ref().map(types::character_set).or(base.characters.clone()),
                not_blank: spec.not_blank || base.not_blank,
                format: spec.format.map(types::text_format).or(base.format),
                mistaken: base.mistaken.clone(),
                sensitive: sensitive || base.sensitive,
            };
            let unchanged = matches!(of, TypeRef::Scalar(_)) && own == base;
            if !unchanged && own != (TextRules { sensitive: own.sensitive, ..TextRules::default() }) {
                rules.text = Some(own);
            }
        }
        _ if checked_number => {
            let digits = spec.max.filter(|l| l.unit == Some(spec::Unit::Digits));
            let integer = IntegerRules {
                min: spec.min.filter(with_unit).map(|l| l.count),
                max: match digits {
                    Some(l) => u32::try_from(l.count).ok().and_then(|d| 10_i64.checked_pow(d)).map(|m| m - 1),
                    None => spec.max.filter(with_unit).map(|l| l.count),
                },
                digits: digits.and_then(|l| u32::try_from(l.count).ok()),
                sensitive,
            };
            if integer.min.is_some() || integer.max.is_some() {
                rules.integer = Some(integer);
            }
        }
        _ => {}
    }
    rules
}

fn conditions(api: &Api, siblings: &[Field], field: &Field, docs: &mut Vec<String>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (wire, value) in field.spec.mandatory_when.iter().flatten() {
        let Some(other) = siblings.iter().find(|f| f.wire == *wire) else { continue };
        docs.push(format!("Mandatory when `{wire}` is `{value}`."));
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
            value: compared,
            because: format!("{wire} is {value}"),
        });
    }
    conditions
}

fn field_docs(api: &Api, field: &Field) -> Vec<String> {
    let spec = &field.spec;
    let mut docs = Vec::new();
    let about = spec.doc.as_deref().or(match &field.kind {
        Kind::One(TypeRef::Scalar(n)) | Kind::List(TypeRef::Scalar(n)) => Some(api.scalars[*n].spec.doc.as_str()),
        Kind::One(TypeRef::Enum(n)) | Kind::List(TypeRef::Enum(n)) => Some(api.enums[*n].spec.doc.as_str()),
        Kind::One(TypeRef::Object(n)) | Kind::List(TypeRef::Object(n)) | Kind::Include(n) => {
            Some(api.objects[*n].spec.doc.as_str())
        }
        _ => None,
    });
    docs.push(match about {
        Some(about) => sentence(about),
        None => format!("`{}`.", field.wire),
    });
    if !matches!(field.kind, Kind::Include(_) | Kind::OneOf(_)) {
        docs.push(format!("`{}` on the wire.", field.wire));
    }
    let rules = rules(api, field);
    // Limits of characters stand among the rules of the text.
    let told = |limit: &spec::Limit| rules.text.is_some() && limit.unit == Some(spec::Unit::Characters);
    docs.extend(spec.min.filter(|l| !told(l)).map(|l| format!("At least {}.", bound(l))));
    docs.extend(spec.max.filter(|l| !told(l)).map(|l| format!("At most {}.", bound(l))));
    if let Some(text) = &rules.text {
        let entries = if matches!(field.kind, Kind::List(_)) { "Of each entry: " } else { "" };
        docs.extend(text_rule_docs(text).into_iter().map(|rule| format!("{entries}{rule}")));
    }
    if matches!(field.kind, Kind::One(TypeRef::Won)) {
        docs.push("In Korean won.".into());
    }
    docs.extend(spec.within.map(|w| format!("At most {w} ahead, and not past.")));
    docs.extend(spec.expected_port.map(|p| format!("Ports other than {p} may never be reached.")));
    docs.extend(spec.default.as_ref().map(|d| format!("Absent, the service assumes `{d}`.")));
    if spec.nullable {
        docs.push("May be null.".into());
    }
    match spec.source {
        Source::Page => {}
        Source::Example => docs.push("Only an example on the page shows it.".into()),
        // Only examples are.
        Source::Ours => {}
        Source::Public => docs.push("Not on the page; known from other public material.".into()),
        Source::Observed => docs.push("Not on the page; seen of the service itself.".into()),
    }
    docs
}

/// A limit in a sentence.
fn bound(limit: spec::Limit) -> String {
    match limit.unit {
        Some(spec::Unit::Value) => limit.count.to_string(),
        _ => limit.to_string(),
    }
}

/// A text's rules in sentences.
pub fn text_rule_docs(rules: &TextRules) -> Vec<String> {
    let mut docs = Vec::new();
    match (rules.min, rules.max) {
        (0, None) => {}
        (0, Some(max)) => docs.push(format!("At most {max} characters.")),
        (min, None) => docs.push(format!("At least {min} characters.").replace("1 characters", "1 character")),
        (min, Some(max)) => docs.push(format!("{min} to {max} characters.")),
    }
    if let Some(characters) = &rules.characters {
        docs.push(format!("Characters: `{}`.", characters.doc.replace('`', "'")));
    }
    if rules.not_blank {
        docs.push("Not blank.".into());
    }
    match rules.format {
        Some(TextFormat::HttpUrl) => docs.push("An absolute http or https URL.".into()),
        Some(TextFormat::PathSegment) => docs.push("Stands in the URL's path: not empty, not `.` or `..`.".into()),
        None => {}
    }
    docs
}
