//! Rules for the values of a field: the rules of the field's type, combined with the field's own rules. They are
//! computed once, after the names are resolved.

use crate::constraints::{CharacterSet, DecimalRules, IntegerRules, Rules, TextFormat, TextRules};
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{self, Sensitivity};
use rules::TextEncoding;
use std::collections::VecDeque;

/// Computes the rules of every field, and stores them in the field.
pub(crate) fn attach_rules(api: &mut Api) {
    let mut rules = VecDeque::new();
    let lists = super::fields::field_lists(api);
    lists.into_iter().for_each(|(_, fields)| compute(api, fields, &mut rules));
    // This order must be the order of `field_lists`, because the rules are assigned by position.
    set(&mut api.envelope, &mut rules);
    for op in &mut api.operations {
        for fields in [&mut op.path, &mut op.query, &mut op.headers, &mut op.request, &mut op.reply] {
            set(fields, &mut rules);
        }
    }
    for callback in &mut api.callbacks {
        for fields in [&mut callback.headers, &mut callback.body] {
            set(fields, &mut rules);
        }
    }
    api.objects.iter_mut().for_each(|object| set(&mut object.fields, &mut rules));
}

fn compute(api: &Api, fields: &[Field], rules: &mut VecDeque<Rules>) {
    super::fields::each_field(fields, &mut |field| rules.push_back(field_rules(api, field)));
}

fn set(fields: &mut [Field], rules: &mut VecDeque<Rules>) {
    for field in fields {
        field.rules = rules.pop_front().unwrap_or_default();
        if let Kind::OneOf(choices) = &mut field.kind {
            set(choices, rules);
        }
    }
}

/// Returns `true` if a limit has a unit. If the limit is an amount of money, such as `1 won`, its unit must also be the
/// unit of the type `of`. `lint` reports all other limits.
fn with_unit(api: &Api, of: TypeRef, limit: &spec::Limit) -> bool {
    match limit.unit {
        Some(spec::Unit::Amount(unit)) => api.unit_of(of).is_some_and(|own| unit.is(own)),
        unit => unit.is_some(),
    }
}

fn counts_items(limit: &spec::Limit) -> bool {
    limit.unit == Some(spec::Unit::Items)
}

/// Returns `true` if the values of an enumeration are integers on the wire.
pub(crate) fn is_integer_coded(of: &spec::Enum) -> bool {
    of.coded_as == spec::Coding::Integer
}

/// Returns the rules that the values of a field must follow in requests.
fn field_rules(api: &Api, field: &Field) -> Rules {
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
    // A limit of a list applies to the number of its entries, or to the characters of each entry.
    let bounds_text = |limit: &spec::Limit| !list || !counts_items(limit);
    let sensitive = field.sensitivity != Sensitivity::Public;
    if of == TypeRef::Decimal && !list {
        rules.decimal = decimal_rules(spec);
        return rules;
    }
    // Only texts that callers write need a check. The listed values of an enumeration are valid.
    let checked_text = match of {
        TypeRef::String | TypeRef::Scalar(_) => true,
        TypeRef::Enum(n) => api.enums[n].spec.accepts_others && !is_integer_coded(&api.enums[n].spec),
        TypeRef::Integer | TypeRef::Decimal | TypeRef::Boolean | TypeRef::Instant | TypeRef::Date | TypeRef::Json => {
            false
        }
        TypeRef::Amount(_) | TypeRef::Object(_) | TypeRef::Time(_) | TypeRef::Union(_) | TypeRef::Composite(_) => false,
    };
    let checked_number = match of {
        TypeRef::Integer | TypeRef::Amount(_) => !list,
        TypeRef::Enum(n) => api.enums[n].spec.accepts_others && is_integer_coded(&api.enums[n].spec) && !list,
        TypeRef::String | TypeRef::Decimal | TypeRef::Boolean | TypeRef::Instant | TypeRef::Date | TypeRef::Json => {
            false
        }
        TypeRef::Scalar(_) | TypeRef::Object(_) | TypeRef::Time(_) | TypeRef::Union(_) | TypeRef::Composite(_) => false,
    };
    match of {
        _ if checked_text => {
            let base = match of {
                TypeRef::Scalar(n) => scalar_rules(&api.scalars[n].spec),
                _ => TextRules::default(),
            };
            let own = TextRules {
                min: spec.min.filter(in_characters).filter(bounds_text).map_or(base.min, count),
                max: spec.max.filter(in_characters).filter(bounds_text).map(count).or(base.max),
                max_bytes: spec.max.and_then(|limit| in_bytes(&limit)).or(base.max_bytes),
                characters: spec.characters.as_ref().map(character_set).or(base.characters.clone()),
                not_blank: spec.not_blank || base.not_blank,
                format: spec.format.map(text_format).or(base.format),
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
                min: spec.min.filter(|limit| with_unit(api, of, limit)).map(|l| l.count),
                max: match digits {
                    Some(l) => u32::try_from(l.count).ok().and_then(|d| 10_i64.checked_pow(d)).map(|m| m - 1),
                    None => spec.max.filter(|limit| with_unit(api, of, limit)).map(|l| l.count),
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

fn in_characters(limit: &spec::Limit) -> bool {
    limit.unit == Some(spec::Unit::Characters)
}

fn in_bytes(limit: &spec::Limit) -> Option<(usize, TextEncoding)> {
    match limit.unit {
        Some(spec::Unit::Bytes(encoding)) => Some((usize::try_from(limit.count).ok()?, encoding)),
        _ => None,
    }
}

/// Returns the rules of a field whose type is `decimal`. `None` if the field has no rules.
fn decimal_rules(spec: &spec::FieldSpec) -> Option<DecimalRules> {
    let digits = |limit: &spec::Limit| limit.unit == Some(spec::Unit::Digits);
    let value = |limit: spec::Limit| (limit.unit == Some(spec::Unit::Value)).then_some(limit.count);
    let rules = DecimalRules {
        whole_digits: spec.max.filter(digits).and_then(|limit| u32::try_from(limit.count).ok()),
        fraction_digits: spec.fraction,
        min: spec.min.and_then(value),
        more_than: spec.more_than,
        max: spec.max.and_then(value),
    };
    (rules != DecimalRules::default()).then_some(rules)
}

pub(crate) fn scalar_rules(scalar: &spec::Scalar) -> TextRules {
    TextRules {
        min: scalar.min.filter(in_characters).map_or(0, |l| usize::try_from(l.count).unwrap_or(0)),
        max: scalar.max.filter(in_characters).and_then(|l| usize::try_from(l.count).ok()),
        max_bytes: scalar.max.and_then(|limit| in_bytes(&limit)),
        characters: scalar.characters.as_ref().map(character_set),
        not_blank: scalar.not_blank,
        format: scalar.format.map(text_format),
        mistaken: scalar.mistaken.iter().map(|(p, w)| (p.clone(), w.clone())).collect(),
        sensitive: scalar.sensitivity.is_some_and(|s| s != Sensitivity::Public),
    }
}

pub(crate) fn text_format(format: spec::Format) -> TextFormat {
    match format {
        spec::Format::HttpUrl => TextFormat::HttpUrl,
        spec::Format::PathSegment => TextFormat::PathSegment,
    }
}

/// Converts the value of `characters:`, which allows or forbids characters, to a set of characters.
pub(crate) fn character_set(characters: &spec::Characters) -> CharacterSet {
    let bits = |text: &str| text.chars().filter(char::is_ascii).fold(0u128, |bits, c| bits | 1 << (c as u32));
    if let Some(forbidden) = &characters.forbid {
        let doc = format!("any character but {}", spelled(forbidden));
        return CharacterSet { ascii: !bits(forbidden), hangul: true, others: true, doc };
    }
    let mut set = CharacterSet { ascii: 0, hangul: false, others: false, doc: String::new() };
    let mut doc = Vec::new();
    for word in characters.allow.iter().flatten() {
        match word.as_str() {
            "digits" => {
                set.ascii |= bits("0123456789");
                doc.push("digits".to_owned());
            }
            "latin" => {
                set.ascii |= ('a'..='z').chain('A'..='Z').fold(0, |b: u128, c| b | 1 << (c as u32));
                doc.push("Latin letters".to_owned());
            }
            "hangul" => {
                set.hangul = true;
                doc.push("Korean letters".to_owned());
            }
            "blank" => {
                set.ascii |= bits(" ");
                doc.push("the blank".to_owned());
            }
            other => {
                set.ascii |= bits(other);
                doc.push(spelled(other));
            }
        }
    }
    set.doc = doc.join(", ");
    set
}

fn spelled(characters: &str) -> String {
    characters.chars().map(String::from).collect::<Vec<_>>().join(" ")
}
