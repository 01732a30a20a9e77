//! Examples keep the rules of their own operation.

use super::fields::literal_problem;
use crate::diagnostic::Diagnostics;
use crate::model::{TextFormat, TextRules};
use crate::plan::{field_rules, scalar_rules, supplied_by_client};
use crate::resolve::{Api, Field, Kind, TypeRef};
use crate::source::Place;
use crate::spec::Literal;
use serde_yaml::Value;

pub fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for op in &api.operations {
        for (n, example) in op.spec.examples.iter().enumerate() {
            let place = Place::top(op.file).at("examples").item(n);
            let gives_request = example.request.is_some() || !example.path.is_empty() || !example.query.is_empty();
            if gives_request {
                let mapping = |map: &crate::spec::Map<Value>| {
                    Value::Mapping(map.iter().map(|(k, v)| (Value::String(k.clone()), v.clone())).collect())
                };
                let body = example.request.clone().unwrap_or(Value::Mapping(Default::default()));
                let mut check = Check { api, diagnostics: &mut *diagnostics, request: true, included: vec![] };
                check.message(&op.path, &mapping(&example.path), &place.at("path"));
                check.message(&op.query, &mapping(&example.query), &place.at("query"));
                check.message(&op.request, &body, &place.at("request"));
                sums(op, &body, &place.at("request"), diagnostics);
            }
            if let Some(reply) = &example.reply {
                let mut check = Check { api, diagnostics: &mut *diagnostics, request: false, included: vec![] };
                check.reply(&op.reply, reply, &place.at("reply"));
            }
        }
    }
    for callback in &api.callbacks {
        for (n, example) in callback.spec.examples.iter().enumerate() {
            let place = Place::top(callback.file).at("examples").item(n).at("body");
            let mut check = Check { api, diagnostics: &mut *diagnostics, request: false, included: vec![] };
            check.message(&callback.body, &example.body, &place);
        }
    }
}

struct Check<'a> {
    api: &'a Api,
    diagnostics: &'a mut Diagnostics,
    /// Requests keep every rule. Of replies, only types and known names are checked: their limits are not enforced,
    /// and they may have members no table lists.
    request: bool,
    /// The groups being looked through.
    included: Vec<usize>,
}

impl Check<'_> {
    fn reply(&mut self, fields: &[Field], reply: &Value, place: &Place) {
        let envelope = &self.api.spec.envelope;
        let success = envelope.success.member.split('.').try_fold(reply, |value, key| value.get(key));
        let Some(success) = success else {
            self.diagnostics
                .report("example", place.clone().key(), format!("the reply lacks `{}`", envelope.success.member))
                .hint = Some("the envelope tells success by it".into());
            return;
        };
        let said = match success {
            Value::String(text) => text.clone(),
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => n.to_string(),
            _ => String::new(),
        };
        if said != envelope.success.equals.to_string() {
            return;
        }
        let (payload, place) = match &envelope.payload {
            None => (Some(reply), place.clone()),
            Some(path) => (
                path.split('.').try_fold(reply, |value, key| value.get(key)),
                path.split('.').fold(place.clone(), |place, key| place.at(key)),
            ),
        };
        let Some(payload) = payload else { return };
        if let (Value::Sequence(_), Some(field)) = (payload, fields.iter().find(|f| f.wire == "[]")) {
            self.value(field, payload, &place);
        } else if !payload.is_null() {
            self.message(fields, payload, &place);
        }
        for field in fields.iter().filter(|f| f.spec.always) {
            let came = match field.wire.as_str() {
                "[]" => payload.is_sequence(),
                wire => payload.get(wire).is_some_and(|value| !value.is_null()),
            };
            if !came {
                self.problem(&place, format!("a success always carries `{}`", field.wire));
            }
        }
    }

    fn problem(&mut self, place: &Place, message: String) {
        self.diagnostics.report("example", place.clone(), message);
    }

    fn message(&mut self, fields: &[Field], value: &Value, place: &Place) {
        let Some(mapping) = value.as_mapping() else {
            return self.problem(place, "the example is not a mapping".into());
        };
        if self.request {
            let known: Vec<&str> = fields
                .iter()
                .flat_map(|f| match &f.kind {
                    Kind::OneOf(choices) => choices.iter().map(|c| c.wire.as_str()).collect(),
                    _ => vec![f.wire.as_str()],
                })
                .collect();
            for key in mapping.keys().filter_map(Value::as_str) {
                if !known.contains(&key) {
                    let hint = crate::diagnostic::suggestion(key, known.iter().copied());
                    self.diagnostics
                        .report("example", place.at(key).key(), format!("the request has no field `{key}`"))
                        .hint = hint;
                }
            }
        }
        for field in fields {
            if self.request && supplied_by_client(self.api, field).is_some() {
                continue;
            }
            match &field.kind {
                Kind::OneOf(choices) => {
                    let given: Vec<&Field> = choices.iter().filter(|c| mapping.contains_key(&c.wire)).collect();
                    if given.len() != 1 && (field.spec.mandatory || given.len() > 1) {
                        let names: Vec<&str> = choices.iter().map(|c| c.wire.as_str()).collect();
                        self.problem(place, format!("exactly one of {} is given", names.join(", ")));
                    }
                    for choice in given {
                        self.value(choice, &mapping[choice.wire.as_str()], &place.at(&choice.wire));
                    }
                }
                // A group that includes itself is reported as that, and must not be followed for ever.
                Kind::Include(n) if !self.included.contains(n) => {
                    self.included.push(*n);
                    self.message(&self.api.objects[*n].fields, value, place);
                    self.included.pop();
                }
                Kind::Include(_) => {}
                _ => match mapping.get(field.wire.as_str()) {
                    Some(value) => self.value(field, value, &place.at(&field.wire)),
                    None if self.request => self.absent(field, mapping, place),
                    None => {}
                },
            }
        }
    }

    fn absent(&mut self, field: &Field, mapping: &serde_yaml::Mapping, place: &Place) {
        let may_be_absent = field.spec.choices.values().any(|c| c.sends == crate::spec::Sends::Absent);
        if field.spec.mandatory && !may_be_absent {
            self.problem(place, format!("the mandatory field `{}` is missing", field.wire));
        }
        for (other, value) in field.spec.mandatory_when.iter().flatten() {
            let holds = mapping.get(other.as_str()).and_then(literal).is_some_and(|given| given == *value);
            if holds {
                self.problem(place, format!("`{}` is missing, though `{other}` is `{value}`", field.wire));
            }
        }
    }

    fn value(&mut self, field: &Field, value: &Value, place: &Place) {
        match (&field.kind, value) {
            (_, Value::Null) if self.request && !field.spec.nullable => {
                self.problem(place, format!("`{}` cannot be null", field.wire));
            }
            (_, Value::Null) => {}
            (Kind::List(_), Value::Sequence(items)) => {
                for (n, item) in items.iter().enumerate() {
                    if !(item.is_null() && field.spec.nullable) {
                        self.single(field, item, &place.item(n));
                    }
                }
            }
            (Kind::List(_), _) => self.problem(place, format!("`{}` is a list", field.wire)),
            _ => self.single(field, value, place),
        }
    }

    fn single(&mut self, field: &Field, value: &Value, place: &Place) {
        let (Kind::One(of) | Kind::List(of)) = field.kind else { return };
        match of {
            TypeRef::Object(n) => return self.message(&self.api.objects[n].fields, value, place),
            TypeRef::Json => return,
            TypeRef::Enum(n) if !self.request || self.api.enums[n].spec.accepts_others => return,
            TypeRef::Enum(n) => {
                let text = literal(value).map(|l| l.to_string()).unwrap_or_default();
                if !self.api.enums[n].spec.values.contains_key(&text) {
                    let known = self.api.enums[n].spec.values.keys().map(String::as_str);
                    let hint = crate::diagnostic::suggestion(&text, known);
                    self.diagnostics
                        .report("example", place.clone(), format!("`{text}` is not a value of `{}`", field.wire))
                        .hint = hint;
                }
                return;
            }
            _ => {}
        }
        if let Some(problem) = literal(value).and_then(|l| literal_problem(self.api, field, &l)) {
            return self.problem(place, problem);
        }
        if !self.request {
            return;
        }
        let rules = field_rules(self.api, field);
        match (of, value) {
            (TypeRef::String | TypeRef::Scalar(_), Value::String(text)) => {
                let rules = match (rules.text, of) {
                    (Some(own), _) => own,
                    (None, TypeRef::Scalar(n)) => scalar_rules(&self.api.scalars[n].spec),
                    (None, _) => return,
                };
                for problem in text_problems(&rules, text) {
                    self.problem(place, format!("`{}` {problem}", field.wire));
                }
            }
            (TypeRef::Integer | TypeRef::Won, value) => {
                let (Some(rules), Some(number)) = (rules.integer, value.as_i64()) else { return };
                if rules.min.is_some_and(|min| number < min) {
                    self.problem(place, format!("`{}` is below {}", field.wire, rules.min.unwrap_or_default()));
                }
                if rules.max.is_some_and(|max| number > max) {
                    self.problem(place, format!("`{}` is above {}", field.wire, rules.max.unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
}

fn literal(value: &Value) -> Option<Literal> {
    match value {
        Value::Bool(b) => Some(Literal::Bool(*b)),
        Value::Number(n) => n.as_i64().map(Literal::Integer),
        Value::String(s) => Some(Literal::Text(s.clone())),
        _ => None,
    }
}

fn text_problems(rules: &TextRules, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let length = text.chars().count();
    if length < rules.min {
        problems.push(format!("has {length} characters, at least {} are needed", rules.min));
    }
    if let Some(max) = rules.max.filter(|max| length > *max) {
        problems.push(format!("has {length} characters, at most {max} are allowed"));
    }
    if rules.not_blank && text.trim().is_empty() {
        problems.push("is blank".into());
    }
    if let Some(set) = &rules.characters
        && let Some(c) = text.chars().find(|c| !set.allows(*c))
    {
        problems.push(format!("has the character `{c}`, which is not allowed"));
    }
    let http = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    if rules.format == Some(TextFormat::HttpUrl) && !http(text) {
        problems.push("is not an http or https URL".into());
    }
    problems
}

fn sums(op: &crate::resolve::Operation, body: &Value, place: &Place, diagnostics: &mut Diagnostics) {
    let number = |wire: &String| body.get(wire).and_then(Value::as_i64);
    for rule in &op.spec.rules {
        let Some(total) = number(&rule.total) else { continue };
        // Wider than any part: no sum of parts overflows it.
        let sum: i128 = rule.parts.iter().filter_map(number).map(i128::from).sum();
        let exact = !rule.exact_when.is_empty() && rule.exact_when.iter().all(|part| number(part).is_some());
        if sum > i128::from(total) || (exact && sum != i128::from(total)) {
            diagnostics.report(
                "example",
                place.at(&rule.total),
                format!("the parts make {sum}, but `{}` is {total}", rule.total),
            );
        }
    }
}
