//! Lints of examples, which must follow the rules of their operation or callback.

use super::values::{Way, problems};
use crate::analysis::{
    code_in, envelope_of, example_status, is_kept, is_success, is_supplied, places_of_code, status_outcome, to_json,
};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Composite, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Example, Literal, StatusOutcome, status_range};
use serde_json::Value as Json;
use serde_yaml::Value;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for op in &api.operations {
        for (n, example) in op.spec.examples.iter().enumerate() {
            let place = Place::top(op.file).at("examples").item(n);
            for (key, map) in [("path", &example.path), ("query", &example.query), ("headers", &example.headers)] {
                map.iter().for_each(|(name, value)| no_json(value, &place.at(key).at(name), diagnostics));
            }
            for (key, value) in [("request", &example.request), ("reply", &example.reply)] {
                value.iter().for_each(|value| no_json(value, &place.at(key), diagnostics));
            }
            let gives_request = example.request.is_some()
                || !example.path.is_empty()
                || !example.query.is_empty()
                || !example.headers.is_empty();
            if gives_request {
                let mapping = |map: &crate::spec::Map<Value>| {
                    Value::Mapping(map.iter().map(|(k, v)| (Value::String(k.clone()), v.clone())).collect())
                };
                let body = example.request.clone().unwrap_or(Value::Mapping(Default::default()));
                let mut check = ExampleCheck { api, diagnostics: &mut *diagnostics, way: Way::Sent, included: vec![] };
                check.message(&op.path, &mapping(&example.path), &place.at("path"));
                check.message(&op.query, &mapping(&example.query), &place.at("query"));
                check.message(&op.headers, &mapping(&example.headers), &place.at("headers"));
                check.message(&op.request, &body, &place.at("request"));
                sums(op, &body, &place.at("request"), diagnostics);
            }
            if let Some(reply) = &example.reply {
                let mut check = ExampleCheck { api, diagnostics: &mut *diagnostics, way: Way::Read, included: vec![] };
                check.reply(op, example.status, reply, &place.at("reply"));
                success_status(api, op, example, &place, diagnostics);
            }
        }
    }
    for callback in &api.callbacks {
        for (n, example) in callback.spec.examples.iter().enumerate() {
            let place = Place::top(callback.file).at("examples").item(n).at("body");
            no_json(&example.body, &place, diagnostics);
            for field in &callback.body {
                if let (Some(only), Some(version)) = (&field.spec.only_in, &example.version)
                    && only != version
                    && example.body.get(&field.wire).is_some()
                {
                    let message = format!("version `{version}` has no `{}`; only `{only}` has it", field.wire);
                    diagnostics.report(Lint::ExampleMember, place.at(&field.wire).key(), message);
                }
            }
            let mut check = ExampleCheck { api, diagnostics: &mut *diagnostics, way: Way::Read, included: vec![] };
            check.message(&callback.body, &example.body, &place);
            let selected = callback
                .select
                .as_ref()
                .and_then(|select| Some((select, example.body.get(&select.spec.by)?.as_str()?)));
            if let Some((_, n)) =
                selected.and_then(|(select, value)| select.cases.iter().find(|(case, _)| case == value))
            {
                check.message(&api.objects[*n].fields, &example.body, &place);
            }
        }
    }
}

/// Reports the example of a success if no success can have its HTTP status, because the client would not accept such a
/// reply as a success.
fn success_status(api: &Api, op: &Operation, example: &Example, place: &Place, diagnostics: &mut Diagnostics) {
    let Some(reply) = &example.reply else { return };
    let envelope = envelope_of(api, op);
    let status = example_status(envelope, example);
    let (Some(outcome), key) = status_outcome(api, status) else { return };
    if !is_success(envelope, Some(status), &to_json(reply)) {
        return;
    }
    let outcome = match outcome {
        StatusOutcome::Unknown => "unknown",
        StatusOutcome::Rejected => "rejected",
    };
    let message = format!("this reply is a success, but the outcome of a request with HTTP {status} is `{outcome}`");
    let hint = match status {
        200..=299 => "correct the status, or remove `outcome:` under `http_statuses:` so that the envelope decides",
        _ => "correct the status; only a status from 200 to 299 can be a success",
    };
    let place = if example.status.is_some() { place.at("status") } else { place.at("reply").key() };
    let found = diagnostics.report(Lint::ExampleMember, place, message).help(hint);
    if let Some(key) = key {
        found.also(Place::top(api.file).at("http_statuses").at(key).key(), "this entry determines the outcome");
    }
}

/// Reports YAML that JSON cannot express: keys that are not texts, numbers such as NaN, and tags.
fn no_json(value: &Value, place: &Place, diagnostics: &mut Diagnostics) {
    let wrong = match value {
        Value::Tagged(_) => Some("a tag has no meaning in an example"),
        Value::Number(number) if !number.is_i64() && !number.as_f64().is_some_and(f64::is_finite) => {
            Some("JSON cannot express this number")
        }
        Value::Mapping(map) if map.keys().any(|key| !key.is_string()) => Some("a name in an example must be a text"),
        _ => None,
    };
    if let Some(message) = wrong {
        diagnostics.report(Lint::ExampleNotation, place.clone(), message).help("put it in quotes, or remove it");
    }
    match value {
        Value::Sequence(items) => {
            items.iter().enumerate().for_each(|(n, item)| no_json(item, &place.item(n), diagnostics));
        }
        Value::Mapping(map) => {
            for (key, value) in map {
                if let Some(key) = key.as_str() {
                    no_json(value, &place.at(key), diagnostics);
                }
            }
        }
        _ => {}
    }
}

struct ExampleCheck<'a> {
    api: &'a Api,
    diagnostics: &'a mut Diagnostics,
    /// Direction of the values. Generated code enforces no limits on received values, and accepts undocumented members
    /// in received messages.
    way: Way,
    /// Included groups that contain the current field. Prevents infinite recursion.
    included: Vec<usize>,
}

impl ExampleCheck<'_> {
    fn sent(&self) -> bool {
        self.way == Way::Sent
    }

    fn reply(&mut self, op: &Operation, status: Option<u16>, reply: &Value, place: &Place) {
        let envelope = envelope_of(self.api, op);
        // A problem of the envelope is already reported.
        if self.diagnostics.is_silent(&Place::top(self.api.file).at("envelope").at("success").at("member")) {
            return;
        }
        if let Some(member) = &envelope.success.member
            && member.split('.').try_fold(reply, |value, key| value.get(key)).is_none()
        {
            // A failure whose status is listed under `errors:` of the envelope has a different body, which may lack the
            // member.
            let has_shape = |status: u16| {
                let ranges = envelope.errors.iter().filter_map(|shape| status_range(&shape.status));
                ranges.into_iter().any(|(from, to)| (from..=to).contains(&status))
            };
            if !status.is_some_and(has_shape) {
                self.diagnostics
                    .report(Lint::ExampleMember, place.clone().key(), format!("the reply lacks `{member}`"))
                    .help("this member of the envelope shows success");
                return;
            }
        }
        let json = to_json(reply);
        if !is_success(envelope, status, &json) {
            return self.failure(op, status, &json, place);
        }
        self.success(op, reply, place);
    }

    /// Checks that the example of a failure has an error code at a path at which the client looks for it.
    fn failure(&mut self, op: &Operation, status: Option<u16>, reply: &Json, place: &Place) {
        if code_in(self.api, op, status, reply).is_none() {
            let places = places_of_code(envelope_of(self.api, op), status);
            let places: Vec<String> = places.iter().map(|path| format!("`{path}`")).collect();
            let message = format!("this failure has no error code in {}", places.join(" or "));
            self.diagnostics
                .report(Lint::ExampleMember, place.clone().key(), message)
                .help("correct the example, or the path of the code in the envelope");
        }
    }

    fn success(&mut self, op: &Operation, reply: &Value, place: &Place) {
        let (envelope, fields) = (envelope_of(self.api, op), &op.reply);
        let (payload, place) = match &envelope.payload {
            None => (Some(reply), place.clone()),
            Some(path) => (
                path.split('.').try_fold(reply, |value, key| value.get(key)),
                path.split('.').fold(place.clone(), |place, key| place.at(key)),
            ),
        };
        let Some(payload) = payload.filter(|payload| !payload.is_null()) else {
            // Without this check, a missing payload would be accepted although members are documented.
            if let (false, Some(path)) = (fields.is_empty(), &envelope.payload) {
                self.problem(
                    Lint::ExampleMember,
                    &place,
                    format!("a success has its members in `{path}`, which is missing here"),
                );
            }
            return;
        };
        if let (Value::Sequence(_), Some(field)) = (payload, fields.iter().find(|f| f.wire == "[]")) {
            self.value(field, payload, &place);
        } else {
            self.message(fields, payload, &place);
        }
        // If only one value means success, the Rust type of the reply lacks the member that shows success. Examples of
        // successes nevertheless contain this member.
        let only = envelope.success.member.as_ref().filter(|_| envelope.success.equals.0.len() == 1);
        // Another lint reports a field that contains members of the envelope.
        let is_read = |name: &String| *name == envelope.code || *name == envelope.message;
        let left_out = |field: &&Field| !is_kept(envelope, field) && is_read(&field.wire) && only != Some(&field.wire);
        for field in fields.iter().filter(left_out) {
            if payload.get(&field.wire).is_some_and(|value| !value.is_null()) {
                let message = format!("`{}` is read only from failures, but this example is a success", field.wire);
                let hint = match field.wire == envelope.message {
                    true => "add `always: true` to the field if each success has it, or remove it from the example",
                    false => "remove it from the example",
                };
                self.diagnostics.report(Lint::ExampleMember, place.at(&field.wire).key(), message).help(hint);
            }
        }
        for field in fields.iter().filter(|f| f.spec.always) {
            let came = match field.wire.as_str() {
                "[]" => payload.is_sequence(),
                wire => payload.get(wire).is_some_and(|value| !value.is_null()),
            };
            if !came {
                self.problem(
                    Lint::ExampleMember,
                    &place,
                    format!("`{}` is missing, but has `always: true`", field.wire),
                );
            }
        }
    }

    fn problem(&mut self, lint: Lint, place: &Place, message: String) {
        self.diagnostics.report(lint, place.clone(), message);
    }

    fn message(&mut self, fields: &[Field], value: &Value, place: &Place) {
        let Some(mapping) = value.as_mapping() else {
            return self.problem(Lint::ExampleValue, place, "this value is not a mapping of names to values".into());
        };
        if self.sent() {
            self.unknown_members(fields, mapping, place);
        }
        for field in fields {
            if self.sent() && field.spec.fixed.is_none() && is_supplied(self.api, field) {
                if mapping.contains_key(field.wire.as_str()) {
                    let message = format!("the client adds `{}` itself", field.wire);
                    self.diagnostics
                        .report(Lint::ExampleMember, place.at(&field.wire).key(), message)
                        .help("remove it from the example");
                }
                continue;
            }
            if self.sent()
                && let Some(fixed) = &field.spec.fixed
            {
                // Examples may omit the value, because the client always sends it.
                if let Some(given) = mapping.get(field.wire.as_str())
                    && literal(given).as_ref() != Some(fixed)
                {
                    let message = format!("`{}` is always `{fixed}`", field.wire);
                    self.diagnostics
                        .report(Lint::ExampleMember, place.at(&field.wire), message)
                        .help("remove it from the example");
                }
                continue;
            }
            match &field.kind {
                Kind::OneOf(choices) => {
                    let given: Vec<&Field> = choices.iter().filter(|c| mapping.contains_key(&c.wire)).collect();
                    if given.len() != 1 && (field.spec.mandatory || given.len() > 1) {
                        let names: Vec<&str> = choices.iter().map(|c| c.wire.as_str()).collect();
                        let quantity = if field.spec.mandatory { "exactly" } else { "at most" };
                        self.problem(
                            Lint::ExampleMember,
                            place,
                            format!("expected {quantity} one of {}", names.join(", ")),
                        );
                    }
                    for choice in given {
                        self.value(choice, &mapping[choice.wire.as_str()], &place.at(&choice.wire));
                    }
                }
                // Another lint reports a group that includes itself.
                Kind::Include(n) if !self.included.contains(n) => {
                    self.included.push(*n);
                    self.message(&self.api.objects[*n].fields, value, place);
                    self.included.pop();
                }
                Kind::Include(_) => {}
                _ => match mapping.get(field.wire.as_str()) {
                    Some(value) => {
                        self.value(field, value, &place.at(&field.wire));
                        if self.sent() {
                            self.decimal_places(fields, field, mapping, &place.at(&field.wire));
                        }
                    }
                    None if self.sent() => self.absent(fields, field, mapping, place),
                    None => {}
                },
            }
        }
    }

    /// Checks that a sent decimal amount has no more decimal places than its currency.
    fn decimal_places(&mut self, fields: &[Field], field: &Field, mapping: &serde_yaml::Mapping, place: &Place) {
        let (Some(currency), Kind::One(TypeRef::Decimal)) = (&field.spec.currency, &field.kind) else { return };
        let code = match fields.iter().any(|other| other.wire == *currency) {
            true => mapping.get(currency.as_str()).and_then(Value::as_str),
            false => Some(currency.as_str()),
        };
        let Some(currency) = code.and_then(rules::Currency::new) else { return };
        let number = mapping.get(field.wire.as_str()).and_then(super::values::decimal);
        if number.is_some_and(|number| number.fraction_digits() > currency.exponent()) {
            let message = format!("`{}` has more digits after the point than {currency} has", field.wire);
            self.problem(Lint::ExampleValue, place, message);
        }
    }

    fn unknown_members(&mut self, fields: &[Field], mapping: &serde_yaml::Mapping, place: &Place) {
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
                    .report(Lint::ExampleMember, place.at(key).key(), format!("the request has no field `{key}`"))
                    .help_if(hint);
            }
        }
    }

    fn absent(&mut self, fields: &[Field], field: &Field, mapping: &serde_yaml::Mapping, place: &Place) {
        // The member was present, but could not be parsed and was removed.
        if self.diagnostics.is_silent(&place.at(&field.wire)) {
            return;
        }
        let may_be_absent = field.spec.choices.values().any(|c| c.sends == crate::spec::Sends::Absent);
        if field.spec.mandatory && !may_be_absent {
            self.problem(Lint::ExampleMember, place, format!("the mandatory field `{}` is missing", field.wire));
        }
        for (other, value) in field.spec.mandatory_when.iter().flatten() {
            let holds = match mapping.get(other.as_str()) {
                Some(given) => literal(given).is_some_and(|given| given == *value),
                None => fields.iter().any(|field| field.wire == *other && field.spec.default.as_ref() == Some(value)),
            };
            if holds {
                self.problem(
                    Lint::ExampleMember,
                    place,
                    format!("`{}` is missing; it is mandatory when `{other}` is `{value}`", field.wire),
                );
            }
        }
    }

    fn value(&mut self, field: &Field, value: &Value, place: &Place) {
        match (&field.kind, value) {
            // In a request, `nullable` on a list means that its entries may be null. The list itself may not be null.
            (kind, Value::Null) if self.sent() && (!field.spec.nullable || matches!(kind, Kind::List(_))) => {
                self.problem(Lint::ExampleValue, place, format!("`{}` cannot be null", field.wire));
            }
            (_, Value::Null) => {}
            (Kind::List(_), Value::String(text)) if field.spec.joined.is_some() => {
                let separator = field.spec.joined.as_deref().unwrap_or_default();
                for entry in text.split(separator).filter(|entry| !entry.is_empty()) {
                    let entry = serde_yaml::from_str(entry).unwrap_or_else(|_| Value::from(entry));
                    let entry = if matches!(field.kind, Kind::List(TypeRef::Integer | TypeRef::Amount(_))) {
                        entry
                    } else {
                        Value::from(literal(&entry).map_or_else(String::new, |value| value.to_string()))
                    };
                    self.single(field, &entry, place);
                }
            }
            (Kind::List(_), Value::Sequence(items)) => {
                self.count(field, items.len(), place);
                for (n, item) in items.iter().enumerate() {
                    if !(item.is_null() && field.spec.nullable) {
                        self.single(field, item, &place.item(n));
                    }
                }
            }
            (Kind::List(_), _) => self.problem(Lint::ExampleValue, place, format!("`{}` is a list", field.wire)),
            _ => self.single(field, value, place),
        }
    }

    fn count(&mut self, field: &Field, items: usize, place: &Place) {
        let rules = &field.rules;
        let plural = |n: usize| if n == 1 { "1 entry".to_owned() } else { format!("{n} entries") };
        if self.sent() && items < rules.min_items {
            let least = plural(rules.min_items);
            self.problem(
                Lint::ExampleValue,
                place,
                format!("`{}` has {}, but needs at least {least}", field.wire, plural(items)),
            );
        }
        if let Some(most) = rules.max_items.filter(|most| self.sent() && items > *most) {
            let most = plural(most);
            self.problem(
                Lint::ExampleValue,
                place,
                format!("`{}` has {}, but may have at most {most}", field.wire, plural(items)),
            );
        }
    }

    /// Checks the groups and unions in a map, or in a list inside a list.
    fn groups_inside(&mut self, of: TypeRef, value: &Value, place: &Place) {
        match of {
            TypeRef::Object(n) => self.message(&self.api.objects[n].fields, value, place),
            TypeRef::Union(n) => self.case(n, value, place),
            TypeRef::Composite(n) => match (self.api.composites[n], value) {
                (Composite::List(of), Value::Sequence(items)) => {
                    items.iter().enumerate().for_each(|(n, item)| self.groups_inside(of, item, &place.item(n)));
                }
                (Composite::Map(of), Value::Mapping(members)) => {
                    for (key, member) in members {
                        let place = key.as_str().map_or_else(|| place.clone(), |key| place.at(key));
                        self.groups_inside(of, member, &place);
                    }
                }
                // The check of the field itself reports values of other kinds.
                _ => {}
            },
            TypeRef::String
            | TypeRef::Integer
            | TypeRef::Decimal
            | TypeRef::Boolean
            | TypeRef::Instant
            | TypeRef::Date
            | TypeRef::Json
            | TypeRef::Amount(_)
            | TypeRef::Scalar(_)
            | TypeRef::Enum(_)
            | TypeRef::Time(_) => {}
        }
    }

    /// Checks a value of a union. Only a received value may have an unknown case.
    fn case(&mut self, n: usize, value: &Value, place: &Place) {
        let union = &self.api.unions[n];
        match union.case_of(value) {
            Some((_, n)) => self.message(&self.api.objects[n].fields, value, place),
            None if self.sent() && value.is_mapping() => {
                let values: Vec<&str> = union.cases.iter().map(|(value, _)| value.as_str()).collect();
                let by = &union.spec.by;
                self.diagnostics
                    .report(
                        Lint::ExampleValue,
                        place.clone(),
                        format!("`{by}` does not have the value of a case of `{}`", union.name),
                    )
                    .help(format!("add `{by}: {}`", values.join("` or `")));
            }
            None => {}
        }
    }

    fn single(&mut self, field: &Field, value: &Value, place: &Place) {
        if let Kind::One(of @ TypeRef::Composite(_)) | Kind::List(of @ TypeRef::Composite(_)) = field.kind {
            self.groups_inside(of, value, place);
        }
        if let Kind::One(TypeRef::Union(n)) | Kind::List(TypeRef::Union(n)) = field.kind {
            self.case(n, value, place);
        }
        if let Kind::One(TypeRef::Object(n)) | Kind::List(TypeRef::Object(n)) = field.kind {
            return self.message(&self.api.objects[n].fields, value, place);
        }
        for problem in problems(self.api, field, value, self.way) {
            self.diagnostics.report(Lint::ExampleValue, place.clone(), problem.message).help_if(problem.hint);
        }
        if self.sent() && field.spec.within.is_some() {
            let message = format!("`{}` depends on the current time, so this value will be rejected later", field.wire);
            self.diagnostics.report(Lint::ExampleValue, place.clone(), message).help("remove it from the example");
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

/// Checks the rules about sums of fields. A value that is always sent is not in the example.
fn sums(op: &crate::resolved::Operation, body: &Value, place: &Place, diagnostics: &mut Diagnostics) {
    let number = |wire: &String| {
        let field = op.request.iter().find(|field| field.wire == *wire);
        match field.and_then(|field| field.spec.fixed.as_ref()) {
            Some(Literal::Integer(value)) => Some(*value),
            _ => body.get(wire).and_then(Value::as_i64),
        }
    };
    for rule in &op.spec.rules {
        let Some(total) = number(&rule.total) else {
            // If the total is mandatory, `example-member` reports that it is missing.
            let is_mandatory = |field: &Field| field.spec.mandatory && field.spec.choices.is_empty();
            if op.request.iter().any(|field| field.wire == rule.total && is_mandatory(field)) {
                continue;
            }
            // The runtime rejects such a request too.
            if let Some(part) = rule.parts.iter().find(|part| number(part).is_some_and(|part| part != 0)) {
                diagnostics
                    .report(
                        Lint::ExampleValue,
                        if body.get(part).is_some() { place.at(part) } else { place.clone() },
                        format!("`{part}` is a part of `{}`, which is missing", rule.total),
                    )
                    .help(format!("add `{}` to the example", rule.total));
            }
            continue;
        };
        // A sum of `i64` values does not overflow an `i128`.
        let sum: i128 = rule.parts.iter().filter_map(number).map(i128::from).sum();
        let exact = !rule.exact_when.is_empty() && rule.exact_when.iter().all(|part| number(part).is_some());
        let is_compared = rule.parts.iter().any(|part| number(part).is_some());
        if is_compared && (sum > i128::from(total) || (exact && sum != i128::from(total))) {
            diagnostics.report(
                Lint::ExampleValue,
                if body.get(&rule.total).is_some() { place.at(&rule.total) } else { place.clone() },
                format!("the sum of the parts is {sum}, but `{}` is {total}", rule.total),
            );
        }
    }
}
