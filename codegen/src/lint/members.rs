//! Lints of Rust names within one struct or builder. Fields and choices become fields, getters and methods, so their
//! names must be valid, distinct, and different from the names that the generated code uses itself.

use super::rust::{NAMED, Scope, apart};
use crate::analysis::{Directions, currency_of, proof_parts};
use crate::diagnostic::Diagnostics;
use crate::names::{camel, money, snake};
use crate::reserved;
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::source::Place;

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let directions = Directions::of(api);
    for op in &api.operations {
        let all = || [&op.path, &op.query, &op.headers, &op.request].into_iter().flatten();
        request(&all().collect::<Vec<_>>(), diagnostics);
        reply(api, &op.reply, true, diagnostics);
    }
    for callback in &api.callbacks {
        reply(api, &callback.body, true, diagnostics);
    }
    for (n, object) in api.objects.iter().enumerate() {
        let of = TypeRef::Object(n);
        if directions.sent(of) {
            request(&object.fields.iter().collect::<Vec<_>>(), diagnostics);
        }
        if directions.received(of) || !directions.sent(of) {
            reply(api, &object.fields, false, diagnostics);
        }
    }
    proofs(api, diagnostics);
}

fn name(field: &Field) -> String {
    snake(field.spec.name.as_deref().unwrap_or(&field.wire))
}

/// Checks the names that fields of a request become: getters, methods of the builder, type parameters for mandatory
/// fields, and variants for alternatives.
fn request(fields: &[&Field], diagnostics: &mut Diagnostics) {
    // A fixed member has neither a getter nor a method of the builder.
    let fields: Vec<&&Field> = fields.iter().filter(|field| field.spec.fixed.is_none()).collect();
    let getters = fields.iter().map(|field| (name(field), field.place.clone()));
    apart(&Scope { reserved: &reserved::REQUEST, hint: NAMED }, getters, diagnostics);
    let mut setters = Vec::new();
    for field in &fields {
        if !field.spec.choices_only {
            setters.push((name(field), field.place.clone()));
        }
    }
    for field in &fields {
        let choices = field.spec.choices.keys();
        setters.extend(choices.map(|choice| (snake(choice), field.place.at("choices").at(choice))));
    }
    let hint = "a field or choice becomes a method of the builder; give it another name";
    apart(&Scope { reserved: &reserved::BUILDER, hint }, setters.into_iter(), diagnostics);
    let states = fields.iter().filter(|field| field.spec.mandatory);
    let states = states.map(|field| (format!("Has{}", camel(&name(field))), field.place.clone()));
    // An invalid name is already reported above.
    let states = states.filter(|(rust, _)| crate::names::is_identifier(&rust["Has".len()..]));
    apart(&Scope { reserved: &[], hint: NAMED }, states, diagnostics);
    let mut variants = |field: &Field| {
        if let Kind::OneOf(choices) = &field.kind {
            let names = choices
                .iter()
                .map(|choice| (camel(choice.spec.name.as_deref().unwrap_or(&choice.wire)), choice.place.clone()));
            apart(&Scope { reserved: &[], hint: NAMED }, names, diagnostics);
        }
    };
    fields.iter().for_each(|field| variants(field));
}

/// Checks the names that fields of a reply, a message or a group become: fields, and methods that return magnitudes or
/// amounts with a currency. `raw` is set if the struct also has the field `raw`.
fn reply(api: &Api, fields: &[Field], raw: bool, diagnostics: &mut Diagnostics) {
    let mut names = Vec::new();
    let mut methods = Vec::new();
    for field in fields {
        let rust = name(field);
        if field.spec.negative {
            methods.push((rust.clone(), field.place.clone()));
            names.push((format!("signed_{rust}"), field.place.clone()));
        } else {
            names.push((rust.clone(), field.place.clone()));
        }
        if currency_of(api, field).is_some() {
            methods.push((money(&rust), field.place.clone()));
        }
        if field.spec.always && matches!(field.kind, Kind::List(_)) {
            names.push((format!("{rust}_came"), field.place.clone()));
        }
    }
    let reserved_names: &[&str] = if raw { &reserved::REPLY_FIELDS } else { &[] };
    apart(&Scope { reserved: reserved_names, hint: NAMED }, names.into_iter(), diagnostics);
    apart(&Scope { reserved: &reserved::REPLY_METHODS, hint: NAMED }, methods.into_iter(), diagnostics);
}

/// Checks path parameters in the proof of a callback. They become parameters and variables of the function that
/// verifies the callback.
fn proofs(api: &Api, diagnostics: &mut Diagnostics) {
    let scope =
        Scope { reserved: &reserved::VERIFY, hint: "rename it: it becomes a variable of the verifying function" };
    for callback in &api.callbacks {
        let place = Place::top(callback.file).at("verify").at("equals");
        let parts = proof_parts(api, callback);
        apart(&scope, parts.parameters.iter().map(|name| (snake(name), place.clone())), diagnostics);
    }
}
