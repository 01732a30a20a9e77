//! Computed values: one way to make each, parts that exist, no circles, tokens that an operation hands out, and fields that
//! they fill.

use crate::analysis::{FieldsOf, field_lists, is_secret, is_supplied, supplied_by_client, supplied_by_value};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Computation, Part, TokenSource, strftime};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let top = Place::top(api.file).at("computed");
    for (name, value) in &api.spec.computed {
        let place = top.at(name);
        if api.spec.credentials.contains_key(name) {
            diagnostics
                .report(Lint::ComputedValue, place.clone().key(), format!("a credential is called `{name}`, too"))
                .help("give the computed value another name: parts are named by it");
        }
        made_one_way(name, value, &place, diagnostics);
        parts(api, name, value, &place, diagnostics);
        if leads_back(api, name, name, api.spec.computed.len()) {
            diagnostics
                .report(Lint::ComputedValue, place.clone().key(), format!("`{name}` is made of itself"))
                .help("a value is made of credentials and of values that do not lead back to it");
        }
        if let Some(token) = &value.token {
            self::token(api, token, &place.at("token"), diagnostics);
        }
    }
    for (name, header) in &api.spec.headers {
        if let Some(value) = &header.computed {
            idempotency(api, name, value, &Place::top(api.file).at("headers").at(name).at("computed"), diagnostics);
            known(api, value, &Place::top(api.file).at("headers").at(name).at("computed"), diagnostics);
        }
    }
    for op in &api.operations {
        operation(api, op, diagnostics);
    }
    supplied(api, diagnostics);
}

fn made_one_way(name: &str, value: &Computation, place: &Place, diagnostics: &mut Diagnostics) {
    let others = [value.now.is_some(), value.random.is_some(), value.token.is_some()];
    let ways = value.lists().len() + others.into_iter().filter(|given| *given).count();
    let mut report = |at: Place, message: String, hint: &str| {
        diagnostics.report(Lint::ComputedValue, at, message).help(hint);
    };
    if ways != 1 {
        let hint = "write one of `text:`, `base64:`, `sha256:`, `sha512:`, `hmac_sha256:`, `hmac_sha512:`, `now:`, `random:` or `token:`";
        report(place.clone().key(), format!("`{name}` is not made in exactly one way"), hint);
        return;
    }
    for (key, list) in value.lists() {
        if list.is_empty() {
            report(place.at(key), format!("`{name}` is made of nothing"), "name at least one part");
        }
    }
    let is_hash = value.text.is_none() && value.base64.is_none() && others == [false; 3];
    if value.written.is_some() && !is_hash {
        report(place.at("as"), "only a hash is written in one of two ways".into(), "leave `as:` out, or use `base64:`");
    }
    if let Some(now) = &value.now {
        let is_number = matches!(now.as_str(), "seconds" | "milliseconds");
        if !is_number && strftime(now).is_none() {
            report(
                place.at("now"),
                format!("`{now}` is no notation of a time"),
                "write `seconds`, `milliseconds`, or a pattern of yyyy, MM, dd, HH, mm, ss, XXX and up to nine S",
            );
        }
    } else if value.zone.is_some() {
        report(place.at("zone"), "only a time has a zone".into(), "leave `zone:` out");
    }
}

/// Names are known, and what is named of the request is in the operations that use the value.
fn parts(api: &Api, own: &str, value: &Computation, place: &Place, diagnostics: &mut Diagnostics) {
    let mut named: Vec<(Place, Part)> = Vec::new();
    if let Some((key, hmac)) = value.hmac() {
        named.push((place.at(key).at("key"), Part::read(&hmac.key)));
    }
    for (key, list) in value.lists() {
        let at = if key.starts_with("hmac") { place.at(key).at("over") } else { place.at(key) };
        named.extend(list.iter().enumerate().map(|(n, part)| (at.item(n), Part::read(part))));
    }
    for (place, part) in named {
        if let Part::Name(name) = part
            && !api.spec.credentials.contains_key(&name)
            && !api.spec.computed.contains_key(&name)
            && !diagnostics.is_silent(&Place::top(api.file).at("computed"))
        {
            // A value is not made of itself.
            let values =
                api.spec.computed.keys().filter(|name| *name != own && !leads_back(api, name, own, MOST_STEPS));
            let all = values.chain(api.spec.credentials.keys()).map(String::as_str);
            diagnostics
                .report(Lint::DanglingPart, place, format!("there is no credential or computed value `{name}`"))
                .suggest(&name, all.chain(["method", "path", "query", "raw_body"]));
        }
    }
}

/// Whether a value is another one on each attempt.
fn differs_each_time(api: &Api, name: &str, depth: usize) -> bool {
    let (Some(value), Some(depth)) = (api.spec.computed.get(name), depth.checked_sub(1)) else { return false };
    let is_drawn = value.now.is_some() || value.random.is_some();
    is_drawn || value.parts().iter().any(|part| matches!(part, Part::Name(name) if differs_each_time(api, name, depth)))
}

/// A key for idempotency is the same on each attempt.
fn idempotency(api: &Api, name: &str, value: &str, place: &Place, diagnostics: &mut Diagnostics) {
    if name.to_ascii_lowercase().contains("idempot") && differs_each_time(api, value, MOST_STEPS) {
        diagnostics
            .report(Lint::SuppliedField, place.clone(), format!("`{value}` is another one on each attempt"))
            .help(
                "let the caller give the key: a scalar with `generated: uuid`, which exists before the first attempt",
            );
    }
}

/// More values than are ever made of each other. A circle is reported, and ends here.
const MOST_STEPS: usize = 100;

fn known(api: &Api, name: &str, place: &Place, diagnostics: &mut Diagnostics) {
    let silent = diagnostics.is_silent(&Place::top(api.file).at("computed"));
    if !api.spec.computed.contains_key(name) && !silent {
        let all = api.spec.computed.keys().chain(api.spec.credentials.keys()).map(String::as_str);
        diagnostics
            .report(Lint::DanglingPart, place.clone(), format!("there is no credential or computed value `{name}`"))
            .suggest(name, all);
    }
}

/// Whether a value is made of another one, at any depth.
fn leads_back(api: &Api, from: &str, to: &str, depth: usize) -> bool {
    let (Some(value), Some(depth)) = (api.spec.computed.get(from), depth.checked_sub(1)) else { return false };
    value.parts().iter().any(|part| match part {
        Part::Name(name) => name == to || leads_back(api, name, to, depth),
        _ => false,
    })
}

/// The token's operation exists, needs nothing from a caller, and what it hands out is kept secret.
fn token(api: &Api, token: &TokenSource, place: &Place, diagnostics: &mut Diagnostics) {
    let ways = [token.expires_at.is_some(), token.expires_in.is_some(), token.valid_for.is_some()];
    if ways.iter().filter(|given| **given).count() != 1 {
        diagnostics
            .report(
                Lint::TokenOperation,
                place.clone().key(),
                "it is not said in exactly one way how long the token is valid",
            )
            .help("write one of `expires_at:`, `expires_in:` or `valid_for:`");
    }
    let Some(op) = api.operations.iter().find(|op| op.id == token.from) else {
        if !api.lost {
            let ids = api.operations.iter().map(|op| op.id.as_str());
            diagnostics
                .report(Lint::DanglingOperation, place.at("from"), format!("there is no operation `{}`", token.from))
                .suggest(&token.from, ids);
        }
        return;
    };
    let given = [&op.path, &op.query, &op.headers, &op.request].into_iter().flatten();
    let needed =
        given.filter(|field| field.spec.mandatory && !is_supplied(api, field) && field.spec.supplied_by.is_none());
    let needed: Vec<String> = needed.map(|field| format!("`{}`", field.wire)).collect();
    if !needed.is_empty() {
        let message = format!(
            "`{}` needs {} from its caller, so that the client cannot call it by itself",
            op.id,
            needed.join(" and ")
        );
        diagnostics
            .report(Lint::TokenOperation, place.at("from"), message)
            .help("say `supplied_by:` or `fixed:` there");
    }
    let last = token.member.rsplit('.').next().unwrap_or_default();
    let field = op.reply.iter().find(|field| field.wire == last);
    if field.is_some_and(|field| field.sensitivity != crate::spec::Sensitivity::Secret) {
        diagnostics
            .report(
                Lint::TokenOperation,
                place.at("member"),
                format!("`{last}` is a token, and the reply of `{}` may be shown", op.id),
            )
            .help(format!("say `sensitivity: secret` at `{last}` there"));
    }
    for (n, code) in token.expired.iter().enumerate() {
        if !api.codes.iter().any(|entry| entry.code == *code) {
            diagnostics
                .report(Lint::TokenOperation, place.at("expired").item(n), format!("no error code is `{code}`"))
                .help("list it under `errors:` or `codes:`: only a documented refusal proves that nothing was done");
        }
    }
}

/// What a value is made of is there in each operation that uses it.
fn operation(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    let replaced = |name: &String| op.headers.iter().any(|field| field.wire.eq_ignore_ascii_case(name));
    let of_api =
        api.spec.headers.iter().filter(|(name, _)| !replaced(name)).filter_map(|(_, header)| header.computed.as_ref());
    let fields = [&op.query, &op.headers, &op.request].into_iter().flatten();
    let own = fields.clone().filter_map(|field| field.spec.supplied_by.as_ref());
    for value in of_api.chain(own) {
        for part in all_parts(api, value, api.spec.computed.len()) {
            let (fields, name, what) = match &part {
                Part::Path(name) => (&op.path, name, "path parameter"),
                Part::Query(name) => (&op.query, name, "query parameter"),
                Part::Body(name) => (&op.request, name, "member of the body"),
                Part::Header(name) => (&op.headers, name, "header"),
                _ => continue,
            };
            let found = fields.iter().find(|field| field.wire == *name);
            if found.is_none() && !api.incomplete {
                diagnostics
                    .report(
                        Lint::DanglingPart,
                        Place::top(op.file).at("operation"),
                        format!("`{value}` is made of the {what} `{name}`, which this operation lacks"),
                    )
                    .help("describe it, or give the operation another value");
            }
        }
    }
}

/// The parts of a value and of the values it is made of.
fn all_parts(api: &Api, name: &str, depth: usize) -> Vec<Part> {
    let (Some(value), Some(depth)) = (api.spec.computed.get(name), depth.checked_sub(1)) else { return Vec::new() };
    let inner = |part: Part| match &part {
        Part::Name(name) => all_parts(api, name, depth),
        _ => vec![part],
    };
    value.parts().into_iter().flat_map(inner).collect()
}

/// Fields that the client fills, and headers that callers give.
fn supplied(api: &Api, diagnostics: &mut Diagnostics) {
    for (of, fields) in field_lists(api) {
        for field in fields {
            let spec = &field.spec;
            if let Some(by) = &spec.supplied_by {
                idempotency(api, &field.wire, by, &field.place.at("supplied_by"), diagnostics);
                supplier(api, of, field, by, diagnostics);
            }
            let given = of == FieldsOf::OwnHeader && !is_supplied(api, field) && spec.supplied_by.is_none();
            if given && !matches!(field.kind, Kind::One(TypeRef::Scalar(_)) | Kind::Broken) {
                diagnostics
                    .report(
                        Lint::SuppliedField,
                        field.place.clone().key(),
                        "a header that callers give needs a named scalar",
                    )
                    .help("identifiers are told apart by their types; define one under `scalars:`");
            }
        }
    }
}

fn supplier(api: &Api, of: FieldsOf, field: &Field, by: &str, diagnostics: &mut Diagnostics) {
    let place = field.place.at("supplied_by");
    if by == "client" {
        if !matches!(field.kind, Kind::Broken) && supplied_by_client(api, field).is_none() {
            let types = api.spec.credentials.values().map(|credential| credential.of.as_str());
            let given = field.spec.of.as_deref().unwrap_or_default();
            let message = format!("no credential has the type of `{}`", field.wire);
            diagnostics.report(Lint::DanglingCredential, place, message).suggest(given, types);
        }
        return;
    }
    if supplied_by_value(api, field).is_none() {
        known(api, by, &place, diagnostics);
        return;
    }
    if !matches!(of, FieldsOf::Request | FieldsOf::Query | FieldsOf::OwnHeader) {
        diagnostics
            .report(Lint::SuppliedField, place, "the client fills bodies, queries and headers of requests only")
            .help("let the caller give it");
    } else if !matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken) {
        diagnostics
            .report(Lint::SuppliedField, place, format!("`{by}` is a text, and `{}` is none", field.wire))
            .help("say `type: string`");
    } else if is_secret(api, by) && field.spec.sensitivity.is_some_and(|s| s == crate::spec::Sensitivity::Public) {
        diagnostics
            .report(
                Lint::SuppliedField,
                place,
                format!("`{by}` is made of a credential, and `{}` may be shown", field.wire),
            )
            .help("say `sensitivity: secret`");
    }
}
