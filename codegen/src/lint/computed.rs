//! Lints of computed values. Each value must have exactly one computation and only parts that exist. No value may be
//! computed from itself. The module also checks the tokens that operations issue, and the fields that the client fills.

use crate::analysis::{
    FieldsOf, all_parts, envelope_of, field_at, field_lists, field_paths, is_secret, is_supplied, made_of,
    now_notation, sends_form, supplied_by_client, supplied_by_value,
};
use crate::diagnostic::Diagnostics;
use crate::lint_registry::Lint;
use crate::resolved::{Api, Field, Kind, Operation, TypeRef};
use crate::source::Place;
use crate::spec::{Advice, Computation, Expired, Part, TokenSource};

pub(super) fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    let top = Place::top(api.file).at("computed");
    for (name, value) in &api.spec.computed {
        let place = top.at(name);
        if api.spec.credentials.contains_key(name) {
            diagnostics
                .report(Lint::ComputedValue, place.clone().key(), format!("a credential also has the name `{name}`"))
                .help("give the computed value another name, so that its name is unambiguous");
        }
        made_one_way(name, value, &place, diagnostics);
        parts(api, name, value, &place, diagnostics);
        if is_circular(api, name, value) {
            diagnostics
                .report(Lint::ComputedValue, place.clone().key(), format!("`{name}` is computed from itself"))
                .help("remove the part that leads back to this value");
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
    tokens(api, diagnostics);
    supplied(api, diagnostics);
}

fn made_one_way(name: &str, value: &Computation, place: &Place, diagnostics: &mut Diagnostics) {
    let others = [value.now.is_some(), value.random.is_some(), value.token.is_some()];
    let ways = value.lists().len() + others.into_iter().filter(|given| *given).count();
    let mut report = |at: Place, message: String, hint: &str| {
        diagnostics.report(Lint::ComputedValue, at, message).help(hint);
    };
    if ways != 1 {
        let hint = "write one of `text:`, `base64:`, `md5:`, `sha256:`, `sha512:`, `hmac_sha256:`, `hmac_sha512:`, \
                    `now:`, `random:` or `token:`";
        report(place.clone().key(), format!("`{name}` needs exactly one computation"), hint);
        return;
    }
    for (key, list) in value.lists() {
        if list.is_empty() {
            report(place.at(key), format!("`{name}` has no parts"), "list at least one part");
        }
    }
    if let Some((key, hmac)) = value.hmac()
        && hmac.key_after.is_some()
        && hmac.key_as.is_none()
    {
        let message = "`key_after:` has no effect without `key_as: base64`";
        report(place.at(key).at("key_after"), message.into(), "add `key_as: base64`, or leave `key_after:` out");
    }
    let is_hash = value.text.is_none() && value.base64.is_none() && others == [false; 3];
    if value.written.is_some() && !is_hash {
        report(place.at("as"), "only a hash has `as:`".into(), "remove `as:`, or use `base64:`");
    }
    if let Some(now) = &value.now {
        if let Err((key, why, hint)) = now_notation(now, value.zone.as_deref()) {
            report(place.at(key), why, hint);
        }
    } else if value.zone.is_some() {
        report(place.at("zone"), "only a time has `zone:`".into(), "remove `zone:`");
    }
}

/// Checks that each name among the parts is a credential or a computed value.
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
            // A suggestion must not make the value depend on itself.
            let values = api.spec.computed.keys().filter(|name| !made_of(api, name).contains(&own));
            let all = values.chain(api.spec.credentials.keys()).map(String::as_str);
            diagnostics
                .report(Lint::DanglingPart, place, format!("there is no credential or computed value `{name}`"))
                .suggest(&name, all.chain(["method", "path", "query", "raw_body"]));
        }
    }
}

/// Returns `true` if a value is computed from itself, directly or through other computed values.
fn is_circular(api: &Api, name: &str, value: &Computation) -> bool {
    value.parts().iter().any(|part| matches!(part, Part::Name(inner) if made_of(api, inner).contains(&name)))
}

fn differs_each_time(api: &Api, name: &str) -> bool {
    let mut values = made_of(api, name).into_iter().filter_map(|name| api.spec.computed.get(name));
    values.any(|value| value.now.is_some() || value.random.is_some())
}

/// Checks that an idempotency key is the same on each attempt.
fn idempotency(api: &Api, name: &str, value: &str, place: &Place, diagnostics: &mut Diagnostics) {
    if name.to_ascii_lowercase().contains("idempot") && differs_each_time(api, value) {
        diagnostics.report(Lint::SuppliedField, place.clone(), format!("`{value}` differs on each attempt")).help(
            "let the caller pass the idempotency key; the caller can generate a scalar that has `generated: uuid`",
        );
    }
}

/// Checks that a computed value exists.
pub(super) fn known(api: &Api, name: &str, place: &Place, diagnostics: &mut Diagnostics) {
    let silent = diagnostics.is_silent(&Place::top(api.file).at("computed"));
    if !api.spec.computed.contains_key(name) && !silent {
        let message = if api.spec.credentials.contains_key(name) {
            format!("`{name}` is a credential, and not a computed value")
        } else {
            format!("there is no computed value `{name}`")
        };
        let all = api.spec.computed.keys().map(String::as_str);
        diagnostics.report(Lint::DanglingPart, place.clone(), message).suggest(name, all);
    }
}

/// Checks that the operation that issues a token exists, can be called without values from a caller, and has the token
/// in its reply, as a secret text. Also checks how the spec states the token's validity, and the statuses and error
/// codes under `expired:`.
fn token(api: &Api, token: &TokenSource, place: &Place, diagnostics: &mut Diagnostics) {
    let ways = [token.expires_at.is_some(), token.expires_in.is_some(), token.valid_for.is_some()];
    if ways.iter().filter(|given| **given).count() != 1 {
        diagnostics
            .report(Lint::TokenOperation, place.clone().key(), "exactly one key must state how long the token is valid")
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
            "`{}` needs {} from its caller, so the client cannot call it on its own",
            op.id,
            needed.join(" and ")
        );
        diagnostics
            .report(Lint::TokenOperation, place.at("from"), message)
            .help("add `supplied_by:` or `fixed:` to each of these fields");
    }
    // An operation that the client cannot call is probably another operation than the one that issues the token.
    if needed.is_empty() {
        members(api, op, token, place, diagnostics);
    }
    for (n, sign) in token.expired.iter().enumerate() {
        let place = place.at("expired").item(n);
        match sign {
            Expired::Code(code) if !api.codes.iter().any(|entry| entry.code == *code) => {
                diagnostics.report(Lint::TokenOperation, place, format!("there is no error code `{code}`")).help(
                    "list it under `errors:` or `codes:`; only a documented rejection proves that nothing was done",
                );
            }
            Expired::Code(code) if !is_about_credentials(api, code) => {
                diagnostics
                    .report(
                        Lint::TokenOperation,
                        place,
                        format!("`{code}` does not concern credentials: no entry gives it the advice `check_key`"),
                    )
                    .help("give it the advice `check_key` where it means that the token is no longer valid");
            }
            Expired::Status(status) if !(400..500).contains(status) => {
                diagnostics
                    .report(
                        Lint::TokenOperation,
                        place,
                        format!("HTTP {status} does not mean that the token was rejected"),
                    )
                    .help("write `401`, or another status from 400 to 499");
            }
            Expired::Code(_) | Expired::Status(_) => {}
        }
    }
}

/// Checks the members of the reply from which the client reads a token and its validity.
fn members(api: &Api, op: &Operation, token: &TokenSource, place: &Place, diagnostics: &mut Diagnostics) {
    // `resolve` has reported a type that is broken.
    let is_sound = |field: &&Field| !matches!(field.kind, Kind::Broken);
    if let Some(field) = member(api, op, &token.member, &place.at("member"), diagnostics).filter(is_sound) {
        let name = &field.wire;
        if field.sensitivity != crate::spec::Sensitivity::Secret {
            diagnostics
                .report(
                    Lint::TokenOperation,
                    place.at("member"),
                    format!("`{name}` is a token, but the reply of `{}` does not mark it as secret", op.id),
                )
                .help(format!("add `sensitivity: secret` to `{name}` there"));
        }
        if !matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_))) {
            diagnostics
                .report(Lint::TokenOperation, place.at("member"), format!("`{name}` is a token, but not a text"))
                .help("write `type: string`");
        }
    }
    for (key, path) in [("expires_at", &token.expires_at), ("now", &token.now), ("expires_in", &token.expires_in)] {
        let Some(path) = path else { continue };
        // An operation cannot describe members of its own envelope.
        if op.spec.envelope.is_some() && !path.starts_with(&before_members(api, op)) {
            continue;
        }
        let field = member(api, op, path, &place.at(key), diagnostics).filter(is_sound);
        if field.is_some_and(|field| !is_readable(api, key == "expires_in", &field.kind)) {
            let (what, hint) = match key {
                "expires_in" => ("number of seconds", "the member must be an `integer`, or a text with an integer"),
                _ => (
                    "time that the client can read",
                    "the member must be an `integer` of seconds since 1970, an `instant`, a time that is written as \
                     `unix_seconds` or in ISO 8601 with its offset, or a text with one of these",
                ),
            };
            diagnostics.report(Lint::TokenOperation, place.at(key), format!("`{path}` is not a {what}")).help(hint);
        }
    }
}

/// Returns `true` if the client can read the validity of a token from a member of this type: a number of seconds, or a
/// time.
fn is_readable(api: &Api, is_duration: bool, kind: &Kind) -> bool {
    match kind {
        Kind::One(TypeRef::Integer | TypeRef::String | TypeRef::Scalar(_)) => true,
        Kind::One(TypeRef::Instant) => !is_duration,
        Kind::One(TypeRef::Time(n)) if !is_duration => {
            let pattern = api.times[*n].spec.written.as_str();
            pattern == "unix_seconds" || (pattern.starts_with("yyyy-MM-dd'T'HH:mm:ss") && pattern.ends_with("XXX"))
        }
        _ => false,
    }
}

/// Returns the path of the payload in the replies of an operation, with a dot at its end. Returns the empty text if the
/// members of the payload are at the root of the body.
fn before_members(api: &Api, op: &Operation) -> String {
    envelope_of(api, op).payload.as_ref().map(|payload| format!("{payload}.")).unwrap_or_default()
}

/// Returns the member of an operation's reply, or of the envelope, at a path that begins at the root of the body.
/// Reports a path that leads to no member that the spec describes. The client would not find the value there, or would
/// not keep it secret.
fn member<'a>(
    api: &'a Api,
    op: &'a Operation,
    path: &str,
    place: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Field> {
    let before = before_members(api, op);
    let of_envelope: &[Field] = if op.spec.envelope.is_none() { &api.envelope } else { &[] };
    let lists = [(before.as_str(), op.reply.as_slice()), ("", of_envelope)];
    let at = |path: &str| {
        lists.iter().find_map(|(before, fields)| path.strip_prefix(before).and_then(|path| field_at(api, fields, path)))
    };
    let found = at(path);
    let mut objects = path.match_indices('.').filter_map(|(end, _)| at(&path[..end]));
    let is_in_broken = objects.any(|object| matches!(object.kind, Kind::Broken));
    if found.is_none() && !is_in_broken && !api.incomplete {
        let paths = |(before, fields): &(&str, &[Field])| {
            field_paths(api, fields).into_iter().map(|inside| format!("{before}{inside}")).collect::<Vec<_>>()
        };
        let paths: Vec<String> = lists.iter().flat_map(paths).collect();
        diagnostics
            .report(Lint::TokenOperation, place.clone(), format!("the reply of `{}` has no member `{path}`", op.id))
            .suggest(path, paths.iter().map(String::as_str));
    }
    found
}

fn is_about_credentials(api: &Api, code: &str) -> bool {
    api.codes.iter().any(|entry| entry.code == code && entry.spec.advice == Advice::CheckKey)
}

/// Checks that an operation needs one token at most, and that no token is needed to fetch itself, directly or through
/// other tokens.
fn tokens(api: &Api, diagnostics: &mut Diagnostics) {
    for op in &api.operations {
        let needed = tokens_of(api, op);
        if needed.len() > 1 {
            let names: Vec<_> = needed.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("`{}` needs {} in one request", op.id, names.join(" and "));
            diagnostics
                .report(Lint::TokenOperation, Place::top(op.file).at("operation"), message)
                .help("a request can have only one token; override one header under `headers:` of the operation");
        }
    }
    'tokens: for (name, _) in api.spec.computed.iter().filter(|(_, value)| value.token.is_some()) {
        let mut reached = vec![name.as_str()];
        let mut next = 0;
        while let Some(token) = reached.get(next).copied() {
            next += 1;
            let from = api.spec.computed.get(token).and_then(|value| value.token.as_ref()).map(|token| &token.from);
            let op = api.operations.iter().find(|op| Some(&op.id) == from);
            for needed in op.iter().flat_map(|op| tokens_of(api, op)) {
                if needed == name {
                    let message = format!("`{name}` is needed to fetch `{name}`");
                    let place = Place::top(api.file).at("computed").at(name).at("token").at("from");
                    diagnostics
                        .report(Lint::TokenOperation, place, message)
                        .help("under `headers:` of the issuing operation, override the header that contains the token");
                    continue 'tokens;
                }
                if !reached.contains(&needed) {
                    reached.push(needed);
                }
            }
        }
    }
}

/// Returns the tokens that an operation needs. Excludes a token that the operation itself issues.
fn tokens_of<'a>(api: &'a Api, op: &Operation) -> Vec<&'a str> {
    let mut tokens: Vec<&str> = Vec::new();
    for name in used_values(api, op).flat_map(|value| made_of(api, value)) {
        let token = api.spec.computed.get(name).and_then(|value| value.token.as_ref());
        if token.is_some_and(|token| token.from != op.id) && !tokens.contains(&name) {
            tokens.push(name);
        }
    }
    tokens
}

/// Returns the names of the computed values that an operation sends.
fn used_values<'a>(api: &'a Api, op: &'a Operation) -> impl Iterator<Item = &'a String> {
    let replaced = |name: &String| op.headers.iter().any(|field| field.wire.eq_ignore_ascii_case(name));
    let of_api = api.spec.headers.iter().filter(move |(name, _)| !replaced(name));
    let of_api = of_api.filter_map(|(_, header)| header.computed.as_ref());
    let fields = [&op.query, &op.headers, &op.request].into_iter().flatten();
    of_api.chain(fields.filter_map(|field| field.spec.supplied_by.as_ref()))
}

/// Checks that an operation has the fields from which its computed values are computed.
fn operation(api: &Api, op: &Operation, diagnostics: &mut Diagnostics) {
    for value in used_values(api, op) {
        for part in all_parts(api, value) {
            let (fields, name, what) = match &part {
                Part::Path(name) => (&op.path, name, "path parameter"),
                Part::Query(name) => (&op.query, name, "query parameter"),
                Part::Body(name) => (&op.request, name, "member of the body"),
                Part::Header(name) => (&op.headers, name, "header"),
                _ => continue,
            };
            let found = fields.iter().find(|field| field.wire == *name);
            if let Some(field) = found {
                without_one_text(api, op, value, &part, field, diagnostics);
            } else if !api.incomplete {
                diagnostics
                    .report(
                        Lint::DanglingPart,
                        Place::top(op.file).at("operation"),
                        format!("`{value}` is computed from the {what} `{name}`, which this operation does not have"),
                    )
                    .help("describe it in the operation, or let the operation send another value");
            }
        }
    }
}

/// Reports a field that cannot be a part of a computed value. Such a field is itself computed, or is a list that a form
/// or a query sends as several texts.
fn without_one_text(api: &Api, op: &Operation, value: &str, part: &Part, field: &Field, diagnostics: &mut Diagnostics) {
    let name = &field.wire;
    let (message, hint) = if supplied_by_value(api, field).is_some() {
        (format!("`{value}` is computed from `{name}`, which is computed too"), "use the computed value itself")
    } else if matches!(part, Part::Body(_))
        && matches!(field.kind, Kind::List(_))
        && field.spec.joined.is_none()
        && sends_form(api, op)
    {
        (format!("`{value}` is computed from the list `{name}`, which a form sends as several texts"), "use `raw_body`")
    } else if matches!(part, Part::Query(_)) && matches!(field.kind, Kind::List(_)) && field.spec.joined.is_none() {
        (
            format!("`{value}` is computed from the list `{name}`, which a query sends as several texts"),
            "use `query`, which is the whole query, or add `joined:` to the list",
        )
    } else {
        return;
    };
    diagnostics.report(Lint::ComputedValue, field.place.clone().key(), message).help(hint);
}

/// Checks fields that the client fills, and headers whose value the caller passes.
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
                        "a header whose value the caller passes needs a named scalar",
                    )
                    .help("identifiers are distinguished by their types; define a scalar under `scalars:`");
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
            .report(Lint::SuppliedField, place, "only a body, query or header of a request can have a computed value")
            .help("remove `supplied_by:`, so that the caller passes the value");
    } else if !matches!(field.kind, Kind::One(TypeRef::String | TypeRef::Scalar(_)) | Kind::Broken) {
        diagnostics
            .report(Lint::SuppliedField, place, format!("`{by}` is a text, but `{}` has another type", field.wire))
            .help("write `type: string`");
    } else if of == FieldsOf::Request && all_parts(api, by).contains(&Part::RawBody) {
        diagnostics
            .report(Lint::SuppliedField, place, format!("`{by}` is computed from the body, which contains it"))
            .help("instead of `raw_body`, list the covered members, such as `body.x`");
    } else if of == FieldsOf::Query && all_parts(api, by).contains(&Part::WholeQuery) {
        diagnostics
            .report(Lint::SuppliedField, place, format!("`{by}` is computed from the query, which contains it"))
            .help("instead of `query`, list the covered parameters, such as `query.x`");
    } else if is_secret(api, by) && field.spec.sensitivity.is_some_and(|s| s == crate::spec::Sensitivity::Public) {
        diagnostics
            .report(Lint::SuppliedField, place, format!("`{by}` is secret, but `{}` is marked as public", field.wire))
            .help("write `sensitivity: secret`");
    }
}
