//! Facts about envelopes: which envelope an operation has, which fields of a reply belong to the envelope, and which
//! replies are successes.

use crate::names::{camel, code_variant};
use crate::resolved::{Api, CodeEntry, Field, Operation};
use crate::spec::{Advice, Envelope, ErrorShape, Example, HttpStatus, Literal, StatusOutcome, status_range};
use serde_json::Value as Json;

/// Returns the envelope of an operation's replies: the operation's own envelope, or the envelope of the API.
pub(crate) fn envelope_of<'a>(api: &'a Api, op: &'a Operation) -> &'a Envelope {
    op.spec.envelope.as_ref().unwrap_or(&api.spec.envelope)
}

/// Returns the entry that defines an error code in replies of an operation. This is the operation's own entry, or else
/// the entry that belongs to no operation. If the code has neither entry, this is the first entry of another operation.
/// Returns `None` if only other operations have entries for the code, and these entries differ in meaning or advice.
pub(crate) fn code_of<'a>(api: &'a Api, op: &Operation, code: &str) -> Option<&'a CodeEntry> {
    let entries = || api.codes.iter().filter(|entry| entry.code == code);
    let own = entries().find(|entry| entry.operation.as_ref() == Some(&op.id));
    let (first, general) = (entries().next()?, entries().find(|entry| entry.operation.is_none()));
    own.or(general).or((!has_several_meanings(api, code)).then_some(first))
}

/// Returns `true` if the entries of an error code differ in meaning or advice.
pub(crate) fn has_several_meanings(api: &Api, code: &str) -> bool {
    let mut meanings = api.codes.iter().filter(|entry| entry.code == code).map(|entry| &entry.spec);
    let Some(first) = meanings.next() else { return false };
    meanings.any(|other| (&other.means, other.advice) != (&first.means, first.advice))
}

/// Returns the name of an error code in Rust, which is a variant of an enumeration. The first entry with `name:`
/// defines the name.
pub(crate) fn code_name(api: &Api, code: &str) -> String {
    let mut entries = api.codes.iter().filter(|entry| entry.code == code);
    entries.find_map(|entry| entry.spec.name.as_deref()).map_or_else(|| code_variant(code), camel)
}

/// Returns the steps of a dotted path. The steps of `details[].issue` are `details`, `[]` and `issue`.
pub(crate) fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        match part.strip_suffix("[]") {
            Some(name) => steps.extend([name, "[]"]),
            None => steps.push(part),
        }
    }
    steps
}

/// Returns the error code of a reply that is not a success, as the client reads it. If the reply has several codes,
/// returns the code that is the weakest evidence of a failure. Codes with the advice `already_done` come first, then
/// codes with the advice `ask_status`, then codes whose advice is unknown, such as unlisted codes. Returns `None` if
/// the reply has no code at the paths for its HTTP status.
pub(crate) fn code_in(api: &Api, op: &Operation, status: Option<u16>, reply: &Json) -> Option<String> {
    let envelope = envelope_of(api, op);
    // As in the client, blanks around a code are ignored, and lowercase letters match a code that the spec lists in
    // capitals.
    let is_known = |code: &str| api.codes.iter().any(|own| own.code == code);
    let as_listed = |code: &String| match code.trim() {
        exact if is_known(exact) => exact.to_owned(),
        other => other.to_ascii_uppercase(),
    };
    let is_listed = |code: &String| is_known(&as_listed(code));
    let read = |path: &str| {
        let mut codes = Vec::new();
        collect(reply, &steps(path), &mut codes);
        codes
    };
    let mut codes = Vec::new();
    for path in special_places(envelope, status) {
        let further = !codes.is_empty();
        codes.extend(read(path).into_iter().filter(|code| !further || is_listed(code)));
    }
    if codes.is_empty() && places_of_code(envelope, status).contains(&envelope.code.as_str()) {
        codes = read(&envelope.code);
    }
    codes.into_iter().min_by_key(|code| match code_of(api, op, &as_listed(code)).map(|entry| entry.spec.advice) {
        Some(Advice::AlreadyDone) => 0,
        Some(Advice::AskStatus) => 1,
        None => 2,
        Some(_) => 3,
    })
}

/// Returns the paths at which a reply with this HTTP status may have its error code. These are the paths under
/// `errors:` for the status or, if there are none, the path in the envelope itself. If the member that shows success
/// also contains the error code, the path in the envelope is always included.
pub(crate) fn places_of_code(envelope: &Envelope, status: Option<u16>) -> Vec<&str> {
    let mut paths: Vec<&str> = special_places(envelope, status).collect();
    if paths.is_empty() || envelope.success.member.as_ref() == Some(&envelope.code) {
        paths.push(&envelope.code);
    }
    paths
}

/// Returns the paths under `errors:` at which a reply with this HTTP status has its error code. A missing status counts
/// as 200.
fn special_places(envelope: &Envelope, status: Option<u16>) -> impl Iterator<Item = &str> {
    let applies = move |shape: &&ErrorShape| {
        status_range(&shape.status).is_some_and(|(from, to)| (from..=to).contains(&status.unwrap_or(200)))
    };
    envelope.errors.iter().filter(applies).map(|shape| shape.code.as_str())
}

/// Adds the texts, numbers and booleans at a path to `found`, as texts. Empty texts are left out.
fn collect(value: &Json, path: &[&str], found: &mut Vec<String>) {
    match (path, value) {
        ([], Json::String(text)) if !text.is_empty() => found.push(text.clone()),
        ([], Json::Number(_) | Json::Bool(_)) => found.push(value.to_string()),
        (["[]", rest @ ..], Json::Array(entries)) => entries.iter().for_each(|entry| collect(entry, rest, found)),
        ([name, rest @ ..], Json::Object(members)) => {
            members.get(*name).into_iter().for_each(|value| collect(value, rest, found));
        }
        _ => {}
    }
}

/// Returns the names of the fields of a reply that belong to the envelope. The result is empty if the payload is inside
/// a member, or if success is not shown by the value of a member.
pub(crate) fn envelope_names(envelope: &Envelope) -> Vec<String> {
    let Some(member) = &envelope.success.member else { return Vec::new() };
    if envelope.payload.is_some() {
        return Vec::new();
    }
    [member, &envelope.code, &envelope.message]
        .iter()
        .filter_map(|path| steps(path).first().map(|name| (*name).to_owned()))
        .collect()
}

/// Returns `true` if the Rust type of the reply has this field. The type lacks fields that carry no information in a
/// success. These are a member with the same value in each success, the error code, and an error message that only
/// failures have.
pub(crate) fn is_kept(envelope: &Envelope, field: &Field) -> bool {
    if !envelope_names(envelope).contains(&field.wire) {
        return true;
    }
    let is = |path: &String| *path == field.wire;
    let success = &envelope.success;
    if success.member.as_ref().is_some_and(is) {
        return success.equals.0.len() > 1;
    }
    // The message is kept if successes have it too. This is the case if the page documents the message as always
    // present, or if the member that shows success contains the error code.
    is(&envelope.message) && (success.member.as_ref() == Some(&envelope.code) || field.spec.always)
}

/// Returns `true` if a reply is a success. If success depends on the HTTP status, a missing status counts as a success.
pub(crate) fn is_success(envelope: &Envelope, status: Option<u16>, reply: &Json) -> bool {
    let success = &envelope.success;
    if let Some(range) = success.status.as_deref().and_then(status_range) {
        return (range.0..=range.1).contains(&status.unwrap_or(range.0));
    }
    let Some(path) = success.path() else { return false };
    let value = reply.pointer(&format!("/{}", path.replace('.', "/"))).unwrap_or(&Json::Null);
    match &success.has {
        Some(_) => !value.is_null() && value.as_str() != Some(""),
        None => success.equals.0.iter().any(|literal| is_literal(value, literal)),
    }
}

/// Returns the HTTP status of an example's reply. If the example states no status, returns the first status that means
/// success, or 200 if success does not depend on the status.
pub(crate) fn example_status(envelope: &Envelope, example: &Example) -> u16 {
    let of_success = envelope.success.status.as_deref().and_then(status_range);
    example.status.or(of_success.map(|(first, _)| first)).unwrap_or(200)
}

/// Returns the outcome of a request whose reply has this HTTP status, and the key under `http_statuses:` that applies.
/// If several keys include the status, the key with the fewest statuses applies. If no key includes the status, or if
/// the key has no `outcome:`, the class of the status (such as 5xx) determines the outcome. The outcome `None` means
/// that the envelope of the reply determines the outcome.
pub(crate) fn status_outcome(api: &Api, status: u16) -> (Option<StatusOutcome>, Option<&str>) {
    let listed = api.spec.http_statuses.iter().filter_map(|(key, rule)| Some((status_range(key)?, key, rule)));
    let listed = listed.filter(|((from, to), ..)| (*from..=*to).contains(&status));
    match listed.min_by_key(|((from, to), ..)| to - from) {
        Some((_, key, rule)) => (rule.outcome_at(key), Some(key)),
        None => (HttpStatus::outcome_of_class(&status.to_string()), None),
    }
}

fn is_literal(value: &Json, literal: &Literal) -> bool {
    let text = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    text == literal.to_string()
}

/// Describes the criterion of success as a clause about the reply, such as "code is 0". The parameter `code` is a
/// function that formats names and values.
pub(crate) fn success_in_words(envelope: &Envelope, code: &dyn Fn(&str) -> String) -> String {
    let success = &envelope.success;
    match (&success.status, &success.has, &success.member) {
        (Some(status), _, _) => format!("its HTTP status is {}", code(status)),
        (None, Some(has), _) => format!("it has {}", code(has)),
        (None, None, Some(member)) => {
            let values: Vec<String> = success.equals.0.iter().map(|value| code(&value.to_string())).collect();
            format!("{} is {}", code(member), values.join(" or "))
        }
        (None, None, None) => String::new(),
    }
}
