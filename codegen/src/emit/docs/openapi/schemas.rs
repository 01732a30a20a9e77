//! Schemas of types, fields and groups: strict for requests, tolerant for replies.

mod enumeration;
mod rules;
mod text;

use super::{JsonObject, vocabulary};
use crate::analysis::{Directions, received_group, received_union, scalar_rules};
use crate::constraints::Rules;
use crate::names::camel;
use crate::resolved::{Api, Composite, Field, Kind, TypeRef};
use crate::spec::{Coding, Literal, Sends, Sensitivity};
use ::rules::TimeFormat;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Direction of the messages that a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the caller to the service.
    Sent,
    /// From the service to the caller.
    Received,
}

/// Named schemas of the document, created when they are first needed.
pub(super) struct Schemas<'a> {
    api: &'a Api,
    directions: Directions,
    components: BTreeMap<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Schemas { api, directions: Directions::of(api), components: BTreeMap::new() }
    }

    /// Returns all schemas, sorted by name.
    pub(super) fn into_components(self) -> JsonObject {
        self.components.into_iter().collect()
    }

    /// Returns a reference to a named schema, and creates the schema on first use.
    pub(super) fn named(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.components.contains_key(name) {
            let made = make(self);
            self.components.insert(name.to_owned(), made);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// Returns the schema of a request. If a request needs exactly one of several fields, each of these fields has a
    /// request schema of its own. The reason is that generators of clients treat conditionally required members as
    /// always required.
    pub(super) fn request(&mut self, name: &str, fields: &[Field]) -> Value {
        let by = fields.iter().find_map(|field| match &field.kind {
            Kind::OneOf(choices) if field.spec.mandatory => Some((&field.wire, choices)),
            _ => None,
        });
        let Some((own, choices)) = by else { return self.object(&flat(self.api, fields), Direction::Sent) };
        let alternatives: Vec<Value> = choices
            .iter()
            .map(|choice| {
                let name = self.free(format!("{name}By{}", camel(&choice.wire)));
                let members: Vec<&Field> = fields.iter().map(|f| if f.wire == *own { choice } else { f }).collect();
                self.named(&name, |schemas| {
                    let mut schema = schemas.object(&members, Direction::Sent);
                    require(&mut schema, &choice.wire);
                    schema["description"] = format!("The request with `{}`.", choice.wire).into();
                    schema
                })
            })
            .collect();
        json!({ "oneOf": alternatives })
    }

    pub(super) fn object(&mut self, fields: &[&Field], way: Direction) -> Value {
        let mut properties = JsonObject::new();
        let mut required: Vec<&str> = Vec::new();
        let mut between = Vec::new();
        for field in fields {
            if let Kind::OneOf(choices) = &field.kind {
                properties.extend(choices.iter().map(|c| (c.wire.clone(), self.field(c, way))));
                between.push(rules::exactly_one(choices, field.spec.mandatory));
                continue;
            }
            properties.insert(field.wire.clone(), self.field(field, way));
            if is_required(field, way) {
                required.push(&field.wire);
            }
        }
        if way == Direction::Sent {
            between.extend(rules::conditions(self.api, fields));
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if !between.is_empty() {
            schema["allOf"] = Value::Array(between);
        }
        if way == Direction::Received {
            schema["additionalProperties"] = true.into();
        }
        schema
    }

    /// Returns the schema of a field: the schema of its type, with the description, the fixed value and the default of
    /// the field.
    pub(super) fn field(&mut self, field: &Field, way: Direction) -> Value {
        let nullable = match way {
            Direction::Sent => field.spec.nullable,
            Direction::Received => !field.spec.always,
        };
        self.place(field, way, nullable)
    }

    /// Returns the schema of a field that cannot be null: a parameter of an incoming URL, or a header.
    pub(super) fn without_null(&mut self, field: &Field, way: Direction) -> Value {
        self.place(field, way, false)
    }

    /// Returns the schema of a field. If a list in a request is `nullable`, its entries can be null, but not the list.
    fn place(&mut self, field: &Field, way: Direction, nullable: bool) -> Value {
        let spec = &field.spec;
        let rules = if way == Direction::Sent { field.rules.clone() } else { Rules::default() };
        let mut schema = match &field.kind {
            Kind::List(of) => {
                let entry = self.value(*of, &rules, way);
                let entry = if nullable && way == Direction::Sent { or_null(entry) } else { entry };
                let mut list = json!({ "type": "array", "items": entry });
                if rules.min_items > 0 {
                    list["minItems"] = rules.min_items.into();
                }
                if let Some(max) = rules.max_items {
                    list["maxItems"] = max.into();
                }
                list
            }
            Kind::One(TypeRef::Decimal) if spec.quoted => {
                json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$" })
            }
            Kind::One(of) => self.value(*of, &rules, way),
            Kind::Include(n) => self.value(TypeRef::Object(*n), &rules, way),
            // `object` handles alternatives, and a broken spec is not emitted.
            Kind::OneOf(_) | Kind::Broken => json!({}),
        };
        if spec.joined.is_some() {
            schema = json!({ "type": "string" });
        }
        if let Some(value) = field.shown_fixed() {
            schema["const"] = literal(self.api, &field.kind, value);
        }
        if nullable && !(way == Direction::Sent && matches!(field.kind, Kind::List(_))) {
            schema = or_null(schema);
        }
        let description = vocabulary::describe(self.api, field, way == Direction::Sent);
        if !description.is_empty() {
            schema["description"] = description.into();
        }
        if way == Direction::Sent
            && let Some(default) = &spec.default
        {
            schema["default"] = literal(self.api, &field.kind, default);
        }
        extensions(&mut schema, field);
        schema
    }

    fn value(&mut self, of: TypeRef, rules: &Rules, way: Direction) -> Value {
        match (of, way) {
            (TypeRef::String, _) => match &rules.text {
                Some(text) => text::schema(text),
                None => json!({ "type": "string" }),
            },
            (TypeRef::Integer | TypeRef::Amount(_), _) => {
                let mut schema = json!({ "type": "integer", "format": "int64" });
                bound(&mut schema, rules);
                schema
            }
            (TypeRef::Decimal, _) => {
                let mut schema = json!({ "type": "number" });
                if let (Some(rules), Some(schema)) = (&rules.decimal, schema.as_object_mut()) {
                    schema.extend(rules.min.map(|min| ("minimum".to_owned(), min.into())));
                    schema.extend(rules.more_than.map(|bound| ("exclusiveMinimum".to_owned(), bound.into())));
                    schema.extend(rules.max.map(|max| ("maximum".to_owned(), max.into())));
                }
                schema
            }
            (TypeRef::Instant, _) => json!({ "type": "string", "format": "date-time" }),
            (TypeRef::Date, _) => json!({ "type": "string", "format": "date" }),
            (TypeRef::Time(n), way) => match (TimeFormat { pattern: &self.api.times[n].spec.written, offset: 0 }) {
                format if format.is_number() => json!({ "type": "integer", "format": "int64" }),
                format if way == Direction::Sent => json!({ "type": "string", "pattern": format.regular_expression() }),
                _ => json!({ "type": "string" }),
            },
            (TypeRef::Composite(n), _) => match self.api.composites[n] {
                Composite::List(of) => json!({ "type": "array", "items": self.value(of, &Rules::default(), way) }),
                Composite::Map(of) => {
                    json!({ "type": "object", "additionalProperties": self.value(of, &Rules::default(), way) })
                }
            },
            (TypeRef::Union(n), _) => self.union(n, way),
            (TypeRef::Boolean, _) => json!({ "type": "boolean" }),
            (TypeRef::Scalar(_), Direction::Received) => json!({ "type": "string" }),
            (TypeRef::Json, _) => json!({}),
            (TypeRef::Scalar(n), Direction::Sent) => match &rules.text {
                Some(text) => text::schema(text),
                None => self.scalar(n),
            },
            (TypeRef::Enum(n), _) => {
                let mut schema = self.enumeration(n, way);
                // The limits of the field restrict values that the enumeration does not list.
                match &rules.text {
                    Some(text) => text::add(&mut schema, text),
                    None => bound(&mut schema, rules),
                }
                schema
            }
            (TypeRef::Object(n), _) => self.group(n, way),
        }
    }

    /// Returns a reference to the schema of a union. In replies, the schema allows any object, because the service may
    /// add cases.
    fn union(&mut self, n: usize, way: Direction) -> Value {
        let api = self.api;
        let union = &api.unions[n];
        let name = match way {
            Direction::Sent => camel(&union.name),
            Direction::Received => received_union(api, &self.directions, n),
        };
        self.named(&name, |schemas| {
            let mut kinds = Vec::new();
            let mut mapping = JsonObject::new();
            for (value, object) in &union.cases {
                let kind = schemas.group(*object, way);
                mapping.insert(value.clone(), kind["$ref"].clone());
                kinds.push(kind);
            }
            if way == Direction::Received {
                kinds.push(json!({ "type": "object" }));
            }
            let of = if way == Direction::Received { "anyOf" } else { "oneOf" };
            json!({
                "description": vocabulary::plain(&union.spec.doc),
                of: kinds,
                "discriminator": { "propertyName": union.spec.by, "mapping": mapping },
            })
        })
    }

    fn scalar(&mut self, n: usize) -> Value {
        let scalar = &self.api.scalars[n];
        self.named(&camel(&scalar.name), |_| {
            let mut schema = text::schema(&scalar_rules(&scalar.spec));
            schema["description"] = vocabulary::plain(&scalar.spec.doc).into();
            sensitivity(&mut schema, scalar.spec.sensitivity.unwrap_or(Sensitivity::Public));
            schema
        })
    }

    fn group(&mut self, n: usize, way: Direction) -> Value {
        let api = self.api;
        let object = &api.objects[n];
        let name = match way {
            Direction::Sent => camel(&object.name),
            Direction::Received => received_group(api, &self.directions, n),
        };
        self.named(&name, |schemas| {
            let mut schema = schemas.object(&flat(api, &object.fields), way);
            schema["description"] = vocabulary::plain(&object.spec.doc).into();
            schema
        })
    }

    /// Returns a reference to the schema of an enumeration. The schema is closed in requests, unless the service
    /// accepts other values. In an open schema, the listed values are examples.
    fn enumeration(&mut self, n: usize, way: Direction) -> Value {
        let definition = &self.api.enums[n];
        let closed = way == Direction::Sent && !definition.spec.accepts_others;
        let two = self.directions.both(TypeRef::Enum(n)) && !definition.spec.accepts_others;
        let mut name = camel(&definition.name);
        if two && way == Direction::Received {
            name = self.free(format!("{name}Reply"));
        }
        self.named(&name, |_| enumeration::schema(definition, closed))
    }

    /// Returns `wanted`, or a longer name if a scalar, enumeration, group, operation or reply already has that name.
    pub(super) fn free(&self, mut wanted: String) -> String {
        let api = self.api;
        let types = api.scalars.iter().map(|s| &s.name).chain(api.enums.iter().map(|e| &e.name));
        let mut names: Vec<String> = types.chain(api.objects.iter().map(|o| &o.name)).map(|name| camel(name)).collect();
        names.extend(api.objects.iter().map(|object| format!("{}Reply", camel(&object.name))));
        names.extend(api.operations.iter().flat_map(|op| [camel(&op.id), format!("{}Reply", camel(&op.id))]));
        while names.contains(&wanted) {
            wanted.push_str("Value");
        }
        wanted
    }
}

/// Returns the fields of a message as they are on the wire. An included group is replaced by its fields: by those under
/// `fields:`, or by all of them if there is no `fields:`.
pub(super) fn flat<'f>(api: &'f Api, fields: &'f [Field]) -> Vec<&'f Field> {
    let mut found = Vec::new();
    for field in fields {
        let Kind::Include(n) = field.kind else {
            found.push(field);
            continue;
        };
        let listed = |inner: &Field| field.spec.fields.as_ref().is_none_or(|names| names.contains(&inner.wire));
        found.extend(api.objects[n].fields.iter().filter(|inner| listed(inner)));
    }
    found
}

/// Returns `true` if every message in this direction has the field.
pub(super) fn is_required(field: &Field, way: Direction) -> bool {
    match way {
        Direction::Sent => field.spec.mandatory && !field.spec.choices.values().any(|c| c.sends == Sends::Absent),
        Direction::Received => field.spec.always,
    }
}

/// Adds a name to the required members of an object.
pub(super) fn require(object: &mut Value, name: &str) {
    match object.get_mut("required").and_then(Value::as_array_mut) {
        Some(names) if names.iter().any(|known| known == name) => {}
        Some(names) => names.push(name.into()),
        None => object["required"] = json!([name]),
    }
}

/// Returns a literal of the spec as JSON. `kind` is the kind of the field that has this value, and determines the JSON
/// type.
pub(super) fn literal(api: &Api, kind: &Kind, value: &Literal) -> Value {
    let integer = match kind {
        Kind::One(TypeRef::Integer | TypeRef::Amount(_) | TypeRef::Decimal) => true,
        Kind::One(TypeRef::Enum(n)) => api.enums[*n].spec.coded_as == Coding::Integer,
        _ => false,
    };
    match value {
        Literal::Bool(value) => json!(value),
        Literal::Integer(value) if integer => json!(value),
        Literal::Text(text) if integer => text.parse::<i64>().map_or_else(|_| json!(text), |n| json!(n)),
        other => json!(other.to_string()),
    }
}

fn bound(schema: &mut Value, rules: &Rules) {
    let Some(rules) = &rules.integer else { return };
    if let Some(min) = rules.min {
        schema["minimum"] = min.into();
    }
    if let Some(max) = rules.max {
        schema["maximum"] = max.into();
    }
}

fn or_null(mut schema: Value) -> Value {
    if let Some(of) = schema.get("type").and_then(Value::as_str) {
        schema["type"] = json!([of, "null"]);
        return schema;
    }
    // An empty schema already allows null.
    if schema.as_object().is_some_and(JsonObject::is_empty) {
        return schema;
    }
    json!({ "oneOf": [schema, { "type": "null" }] })
}

fn extensions(schema: &mut Value, field: &Field) {
    let spec = &field.spec;
    sensitivity(schema, field.sensitivity);
    if let Some(within) = spec.within {
        schema["x-within-seconds"] = within.seconds.into();
    }
    if let Some(port) = spec.expected_port {
        schema["x-expected-port"] = port.into();
    }
    if spec.supplied_by.as_deref() == Some("client") {
        schema["x-credential"] = true.into();
    }
    let choices: JsonObject = spec
        .choices
        .iter()
        .map(|(name, choice)| {
            let sends = match choice.sends {
                Sends::Absent => json!("absent"),
                Sends::Null => Value::Null,
                Sends::Bool(value) => json!(value),
            };
            (name.clone(), json!({ "sends": sends, "means": vocabulary::plain(&choice.doc) }))
        })
        .collect();
    if !choices.is_empty() {
        schema["x-choices"] = Value::Object(choices);
    }
}

fn sensitivity(schema: &mut Value, sensitivity: Sensitivity) {
    match sensitivity {
        Sensitivity::Public => {}
        Sensitivity::Personal => schema["x-sensitivity"] = "personal".into(),
        Sensitivity::Secret => schema["x-sensitivity"] = "secret".into(),
    }
}
