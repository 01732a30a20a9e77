//! Generation of values that follow the rules of a field, for fields without an example.

use crate::analysis::{in_notation, scalar_rules, time_notation};
use crate::model::TextRules;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use rules::Written;
use serde_yaml::Value as Yaml;

const MOMENT: &str = "2030-01-01T00:00:00Z";
const DAY: &str = "2030-01-01";

/// Largest number of entries of a generated list. A longer list would make the generated tests hard to read and slow.
const MOST_ENTRIES: usize = 20;

/// Returns a value for a field. `None` if the rules are not enough to generate a value, for example for an object, or
/// if a list would need many entries.
pub(super) fn made_up(api: &Api, field: &Field) -> Option<Yaml> {
    let of = match field.kind {
        Kind::One(of) => of,
        Kind::List(of) => {
            let entries = Some(field.rules.min_items.max(1)).filter(|entries| *entries <= MOST_ENTRIES)?;
            return Some(Yaml::Sequence(vec![single_made_up(api, field, of)?; entries]));
        }
        _ => return None,
    };
    single_made_up(api, field, of)
}

fn single_made_up(api: &Api, field: &Field, of: TypeRef) -> Option<Yaml> {
    let rules_of = field.rules.clone();
    match of {
        TypeRef::String | TypeRef::Scalar(_) => {
            let rules = match (of, rules_of.text) {
                (_, Some(own)) => own,
                (TypeRef::Scalar(n), None) => scalar_rules(&api.scalars[n].spec),
                _ => TextRules::default(),
            };
            Some(Yaml::String(rules.text_of_length(rules.min.max(1))))
        }
        TypeRef::Integer | TypeRef::Amount(_) => {
            let rules = rules_of.integer.unwrap_or_default();
            Some(Yaml::from(positive(rules.min, rules.max)))
        }
        TypeRef::Decimal => {
            let rules = rules_of.decimal.unwrap_or_default();
            Some(Yaml::from(positive(rules.min.or(rules.more_than.map(|bound| bound.saturating_add(1))), rules.max)))
        }
        TypeRef::Instant => Some(Yaml::String(MOMENT.into())),
        TypeRef::Date => Some(Yaml::String(DAY.into())),
        TypeRef::Time(n) => {
            let notation = time_notation(&api.times[n].spec).ok()?;
            let text = in_notation(&notation, if notation.written == Written::Date { DAY } else { MOMENT })?;
            Some(match notation.written {
                Written::Number => Yaml::from(text.parse::<i64>().ok()?),
                _ => Yaml::String(text),
            })
        }
        TypeRef::Composite(n) => match api.composites[n] {
            Composite::List(of) => Some(Yaml::Sequence(vec![single_made_up(api, field, of)?])),
            Composite::Map(of) => {
                let value = single_made_up(api, field, of)?;
                Some(Yaml::Mapping([(Yaml::from("key"), value)].into_iter().collect()))
            }
        },
        TypeRef::Boolean => Some(Yaml::Bool(true)),
        TypeRef::Enum(n) => {
            let (wire, _) = api.enums[n].spec.values.first()?;
            Some(Yaml::String(wire.clone()))
        }
        TypeRef::Json | TypeRef::Object(_) | TypeRef::Union(_) => None,
    }
}

/// Returns 1 if the limits allow it, and otherwise the limit that is nearest to 1.
fn positive(min: Option<i64>, max: Option<i64>) -> i64 {
    1.max(min.unwrap_or(1)).min(max.unwrap_or(i64::MAX))
}
