//! Conversion of a spec to facts, which define the impact of their changes.
//!
//! The impact depends on the direction in which a value is sent. A tighter limit may reject requests that were accepted
//! before, but is only documentation in replies. A new mandatory field breaks callers if it is in a request, but not if
//! it is in a reply.

mod fields;

use super::Impact::{self, Additive, Behavior, Breaking, Documentation};
use super::tree::{Fact, FactValue, Measure, Property, RUST_NAME};
use crate::analysis::{Directions, code_name, has_several_meanings, is_of_client, openness, proof_parts, scalar_rules};
use crate::constraints::Openness;
use crate::names::camel;
use crate::recovery_summary;
use crate::resolved::{Api, Callback, CodeEntry, Field, Object, Operation, TypeRef};
use crate::spec::{self, Literal, Quirk, Source};
use fields::{Travel, field, fields};
use std::collections::BTreeSet;

/// Returns the tree of all facts that are compared between two specs.
pub(super) fn of(apis: &[Api]) -> Fact {
    fact("spec", "", "", (Additive, Breaking), Vec::new(), apis.iter().map(api).collect())
}

fn fact(
    kind: &'static str,
    joint: &'static str,
    name: impl Into<String>,
    (added, removed): (Impact, Impact),
    properties: Vec<Property>,
    children: Vec<Fact>,
) -> Fact {
    Fact { kind, name: name.into(), joint, added, removed, properties, children }
}

fn words(what: &'static str, value: impl ToString, impact: Impact) -> Property {
    let folded = value.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Property { what, value: FactValue::Words(folded), measure: Measure::Any(impact) }
}

/// Returns a property whose value reports show only if `shown` is `true`.
fn hidden_unless(shown: bool, property: Property) -> Property {
    match property.value {
        FactValue::Words(words) if !shown => Property { value: FactValue::Hidden(words), ..property },
        _ => property,
    }
}

fn maybe(what: &'static str, value: Option<impl ToString>, impact: Impact) -> Property {
    words(what, value.map(|value| value.to_string()).unwrap_or_default(), impact)
}

fn holds(what: &'static str, value: bool, measure: Measure) -> Property {
    Property { what, value: FactValue::Holds(value), measure }
}

fn bound(what: &'static str, limit: Option<spec::Limit>, measure: Measure) -> Property {
    let value = limit.map(|limit| (limit.count, limit.unit.map(|unit| unit.to_string()).unwrap_or_default()));
    Property { what, value: FactValue::Bound(value), measure }
}

fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}

fn lines(lines: Option<Vec<String>>) -> String {
    lines.unwrap_or_default().join("; ")
}

fn quirks(quirks: &[Quirk]) -> Property {
    let readings = quirks.iter().map(|q| {
        let observed = if q.source == Source::Observed { " (observed)" } else { "" };
        format!("{}: {} / {}{observed}", q.at, q.page_says, q.we_read)
    });
    words("readings", list(readings), Documentation)
}

fn api(api: &Api) -> Fact {
    let spec = &api.spec;
    let mut properties = vec![
        words("title", &spec.title, Documentation),
        words("summary", &spec.summary, Documentation),
        words("default stage", &spec.default_stage, Behavior),
        words("body encodings", list(spec.bodies.iter().map(|b| b.as_str())), Behavior),
    ];
    properties.extend(envelope(&spec.envelope));
    properties.extend([
        words("callbacks from", list(spec.callback_sources.iter().map(ToString::to_string)), Behavior),
        words("connect timeout", spec.timeouts.connect, Behavior),
        words("attempt timeout", spec.timeouts.attempt, Behavior),
        maybe("total timeout", spec.timeouts.total.as_ref(), Behavior),
        words("timeout that causes a warning", spec.timeouts.warn_below, Behavior),
        maybe("accepted within", spec.timeouts.accepted_within.as_ref(), Behavior),
        maybe("shown within", spec.timeouts.shown_within.as_ref(), Behavior),
        words("flow", list(spec.flow.iter().map(|(step, doc)| format!("{step}: {doc}"))), Documentation),
        words("notes", list(spec.notes.iter().map(|n| &n.says)), Documentation),
        words("withdrawn sections", list(spec.withdrawn.iter().map(|w| &w.section)), Documentation),
        words("page version", spec.page.version.as_deref().unwrap_or(""), Documentation),
        quirks(&spec.quirks),
    ]);
    // The credentials are the parameters of `Client::new`.
    let parameters = spec.credentials.keys().filter(|name| is_of_client(api, name)).cloned();
    properties.push(Property {
        what: "order of the credentials",
        value: FactValue::Order(parameters.collect()),
        measure: Measure::Any(Breaking),
    });
    let directions = Directions::of(api);
    let mut children = access(spec);
    children.extend(api.envelope.iter().map(envelope_member));
    children.extend(api.operations.iter().map(|op| operation(api, op)));
    children.extend(api.callbacks.iter().map(|of| callback(api, of)));
    children.extend(api.scalars.iter().enumerate().map(|(n, of)| scalar(api, &directions, n, of)));
    children.extend(api.enums.iter().enumerate().map(|(n, of)| enumeration(&directions, n, of)));
    children.extend(api.objects.iter().enumerate().map(|(n, of)| group(api, &directions, n, of)));
    children.extend(api.amounts.iter().filter(|amount| amount.place.is_some()).map(amount));
    children.extend(api.times.iter().map(time));
    children.extend(api.unions.iter().map(union));
    children.extend(codes(api));
    fact("API", "", &api.name, (Additive, Breaking), properties, children)
}

fn envelope(envelope: &spec::Envelope) -> Vec<Property> {
    let success = &envelope.success;
    let shown = match (&success.status, &success.has, &success.member) {
        (Some(status), _, _) => format!("HTTP {status}"),
        (None, Some(has), _) => format!("has {has}"),
        (None, None, member) => {
            format!("{} = {}", member.as_deref().unwrap_or_default(), success.equals.in_words())
        }
    };
    let shape = |shape: &spec::ErrorShape| format!("HTTP {}: {}, {}", shape.status, shape.code, shape.message);
    let mut properties = vec![
        words("success", shown, Behavior),
        words("failure", success.failure.in_words(), Behavior),
        words("path of the error code", &envelope.code, Behavior),
        words("path of the error message", &envelope.message, Behavior),
        maybe("path of the payload", envelope.payload.as_ref(), Behavior),
        words("other shapes of errors", list(envelope.errors.iter().map(shape)), Behavior),
    ];
    properties.push(words("type of the error codes", envelope.coded_as.as_str(), Behavior));
    properties
}

/// Returns the fact about a member under `fields:` of the envelope. Generated code only needs its name and sensitivity,
/// to redact its value.
fn envelope_member(field: &Field) -> Fact {
    let properties = vec![
        maybe("type", field.spec.of.as_ref(), Documentation),
        words("sensitivity", field.sensitivity.as_str(), Behavior),
        maybe("doc", field.spec.doc.as_ref(), Documentation),
    ];
    let impact = if field.sensitivity == spec::Sensitivity::Public { Documentation } else { Behavior };
    fact("envelope member", ": envelope.", &field.wire, (impact, impact), properties, Vec::new())
}

fn access(spec: &spec::ApiFile) -> Vec<Fact> {
    let mut children = Vec::new();
    for (name, base) in &spec.base_urls {
        let properties = vec![words("URL", &base.url, Behavior), words("doc", &base.means, Documentation)];
        children.push(fact("stage", ": stage ", name, (Additive, Breaking), properties, Vec::new()));
    }
    for (name, credential) in &spec.credentials {
        let properties = vec![words("type", &credential.of, Breaking), words("doc", &credential.doc, Documentation)];
        children.push(fact("credential", ": credential ", name, (Breaking, Breaking), properties, Vec::new()));
    }
    for (name, value) in &spec.computed {
        let expired = value.token.as_ref().map(|token| list(token.expired.iter().map(ToString::to_string)));
        let properties =
            vec![words("value", value.in_short(), Behavior), maybe("signs of an expired token", expired, Behavior)];
        children.push(fact("computed value", ": computed ", name, (Behavior, Behavior), properties, Vec::new()));
    }
    for (name, header) in &spec.headers {
        let prefix = header.prefix.as_deref().unwrap_or("");
        let value = header.credential.as_ref().map(|c| format!("{prefix}<{c}>"));
        let computed = header.computed.as_ref().map(|name| format!("{prefix}<{name}>"));
        let properties = vec![
            hidden_unless(
                header.constant.is_none() || header.shown_constant().is_some(),
                maybe("value", header.constant.clone().or(value).or(computed), Behavior),
            ),
            maybe("sensitivity", header.constant.as_ref().and(header.sensitivity).map(|of| of.as_str()), Behavior),
            words("doc", &header.doc, Documentation),
        ];
        children.push(fact("header", ": header ", name, (Behavior, Behavior), properties, Vec::new()));
    }
    for (status, rule) in &spec.http_statuses {
        let properties = vec![
            maybe("outcome", rule.outcome_at(status).map(|o| o.as_str()), Behavior),
            words("doc", &rule.means, Documentation),
        ];
        let comes = if rule.outcome_at(status).is_some() { Behavior } else { Documentation };
        children.push(fact("HTTP status", ": HTTP ", status, (comes, comes), properties, Vec::new()));
    }
    children
}

fn group(api: &Api, directions: &Directions, n: usize, object: &Object) -> Fact {
    let of = TypeRef::Object(n);
    let way = match (directions.sent(of), directions.received(of)) {
        (true, true) => Travel::Both,
        (true, false) => Travel::Sent,
        (false, _) => Travel::Received,
    };
    let when = object.spec.when.iter().flatten().map(|(field, value)| format!("{field} = {value}"));
    let properties = vec![
        words("directions", way.as_str(), Breaking),
        words("when", list(when), Breaking),
        words("doc", &object.spec.doc, Documentation),
    ];
    let inner = fields(api, &object.fields, way, ".");
    fact("group", ": ", &object.name, (Additive, Breaking), properties, inner)
}

/// Returns one fact for each error code, even if several operations list the code.
fn codes(api: &Api) -> Vec<Fact> {
    let mut children = Vec::new();
    for (n, code) in api.codes.iter().enumerate() {
        if api.codes[..n].iter().any(|before| before.code == code.code) {
            continue;
        }
        let entries = || api.codes.iter().filter(|other| other.code == code.code);
        // If the meaning or the advice depends on the operation, the property lists a value for each operation.
        let each = |of: &dyn Fn(&spec::Code) -> String| match has_several_meanings(api, &code.code) {
            true => {
                let id = |entry: &CodeEntry| entry.operation.clone().unwrap_or_else(|| "otherwise".to_owned());
                list(entries().map(|entry| format!("{}: {}", id(entry), of(&entry.spec))))
            }
            false => of(&code.spec),
        };
        let properties = vec![
            words(RUST_NAME, code_name(api, &code.code), Breaking),
            words("advice", each(&|spec| spec.advice.as_str().to_owned()), Behavior),
            words("listed with", list(entries().filter_map(|entry| entry.operation.as_ref())), Documentation),
            words("doc", each(&|spec| spec.means.clone()), Documentation),
            words("source", list(sources(entries())), Documentation),
        ];
        children.push(fact("code", ": code ", &code.code, (Additive, Breaking), properties, Vec::new()));
    }
    children
}

/// Returns the distinct sources of the entries of an error code.
fn sources<'a>(entries: impl Iterator<Item = &'a CodeEntry>) -> Vec<&'static str> {
    let sources: BTreeSet<_> = entries.map(|entry| entry.spec.source.as_str()).collect();
    sources.into_iter().collect()
}

fn operation(api: &Api, op: &Operation) -> Fact {
    let spec = &op.spec;
    let recovery = &spec.recovery;
    let properties = vec![
        words("method", op.method.as_str().to_uppercase(), Behavior),
        words("path", &op.template, Behavior),
        words("body encodings", list(spec.bodies.iter().flatten().map(|b| b.as_str())), Behavior),
        words("recovery", recovery.class.as_str(), Behavior),
        maybe("resolved with", recovery.with.as_ref(), Behavior),
        holds("rejected after a partial effect", recovery.partial, Measure::Any(Behavior)),
        words("evidence", lines(Some(recovery_summary::evidence(&spec.evidence))), Behavior),
        words("resolution", lines(recovery.resolve.as_ref().map(recovery_summary::resolution)), Behavior),
        // Callers pass these values as parameters of a method.
        words(
            "expected values of the resolution",
            list(recovery.resolve.iter().flat_map(|resolve| resolve.expect.iter().chain(&resolve.entry_expect))),
            Breaking,
        ),
        words("summary", &spec.summary, Documentation),
        maybe("doc", spec.doc.as_ref(), Documentation),
        maybe("recovery doc", recovery.doc.as_ref(), Documentation),
        words("notes", list(spec.notes.iter().map(|n| &n.says)), Documentation),
        quirks(&spec.quirks),
    ];
    let mut properties = properties;
    properties.push(maybe(
        "pages",
        spec.pages.as_ref().map(|pages| {
            let end: Vec<String> = pages.end.iter().map(|(name, value)| format!(" until {name}={value}")).collect();
            format!("{} from {}, next {}{}", pages.items, pages.send, pages.next, end.concat())
        }),
        Breaking,
    ));
    let own = op
        .spec
        .envelope
        .as_ref()
        .map(|own| fact("envelope", ".", "envelope", (Behavior, Behavior), envelope(own), Vec::new()));
    let mut children: Vec<Fact> = own.into_iter().collect();
    children.extend(fields(api, &op.path, Travel::Sent, ".path."));
    children.extend(fields(api, &op.query, Travel::Sent, ".query."));
    children.extend(fields(api, &op.headers, Travel::Sent, ".header."));
    children.extend(fields(api, &op.request, Travel::Sent, ".request."));
    children.extend(fields(api, &op.reply, Travel::Received, ".reply."));
    for rule in &spec.rules {
        let sum = format!("{} within {}", rule.parts.join(" + "), rule.total);
        let properties =
            vec![words("exact when", list(&rule.exact_when), Breaking), words("doc", &rule.doc, Documentation)];
        children.push(fact("rule", ".rule ", sum, (Breaking, Additive), properties, Vec::new()));
    }
    fact("operation", ": ", &op.id, (Additive, Breaking), properties, children)
}

fn callback(api: &Api, callback: &Callback) -> Fact {
    let spec = &callback.spec;
    let encodings =
        spec.encodings.iter().map(|(version, encoding)| format!("{version} {}", encoding.as_str()).to_lowercase());
    let properties = vec![
        words("method", spec.method.as_str().to_uppercase(), Behavior),
        words("sent to", &spec.to, Behavior),
        words("encodings", list(encodings), Behavior),
        holds("opaque body", spec.opaque_body, Measure::Any(Breaking)),
        // The headers and path parameters that the proof needs are parameters of a generated function.
        words("proof needs", list(proof_needs(api, callback)), Breaking),
        maybe("proof", spec.verify.in_short(), Behavior),
        maybe("confirmed with", spec.confirm.as_ref().map(|confirm| &confirm.with), Behavior),
        words("confirmation", lines(spec.procedure().map(recovery_summary::confirming)), Behavior),
        words(
            "expected values of the confirmation",
            list(spec.confirm.iter().flat_map(|confirm| &confirm.expect)),
            Breaking,
        ),
        words(
            "optional values of the confirmation",
            list(spec.confirm.iter().flat_map(|confirm| &confirm.known)),
            Breaking,
        ),
        maybe(
            "answer",
            spec.answer.as_ref().map(|answer| format!("{} {}", answer.status(), answer.body().unwrap_or(""))),
            Behavior,
        ),
        maybe("selected by", spec.select.as_ref().map(|select| &select.by), Breaking),
        maybe("resent", spec.resend.as_ref().map(|r| format!("{} times within {}", r.times, r.within)), Documentation),
        words("summary", &spec.summary, Documentation),
        maybe("doc", spec.doc.as_ref(), Documentation),
        words("verification doc", &spec.verify.doc, Documentation),
        quirks(&spec.quirks),
    ];
    let mut children = fields(api, &callback.headers, Travel::Received, ".header ");
    children.extend(fields(api, &callback.body, Travel::Received, ".body."));
    children.extend(spec.select.iter().flat_map(|select| &select.cases).map(|(value, of)| {
        fact("case", ".select ", value, (Additive, Breaking), vec![words("type", of, Breaking)], Vec::new())
    }));
    fact("callback", ": ", &callback.id, (Additive, Breaking), properties, children)
}

/// Returns the arguments that a receiver passes to verify a message. Empty if the spec describes no proof.
fn proof_needs(api: &Api, callback: &Callback) -> Vec<String> {
    if callback.spec.verify.in_short().is_none() {
        return Vec::new();
    }
    let parts = proof_parts(api, callback);
    let parameters = parts.parameters.iter().filter(|name| !callback.body.iter().any(|field| field.wire == **name));
    let headers = parts.headers.iter().map(|name| format!("header {name}"));
    headers.chain(parameters.cloned()).chain(std::iter::once("credentials".to_owned())).collect()
}

fn scalar(api: &Api, directions: &Directions, n: usize, scalar: &crate::resolved::Named<spec::Scalar>) -> Fact {
    let spec = &scalar.spec;
    // If the caller passes no value of the scalar, its rules are only documentation.
    let is_credential = api.spec.credentials.values().any(|credential| credential.of == scalar.name);
    let sent = is_credential || directions.sent(TypeRef::Scalar(n));
    let measure = |measure| if sent { measure } else { Measure::Any(Documentation) };
    let rules = scalar_rules(spec);
    let mistaken = list(spec.mistaken.keys());
    let properties = vec![
        bound("min", spec.min, measure(Measure::AtLeast)),
        bound("max", spec.max, measure(Measure::AtMost)),
        Property {
            what: "characters",
            value: FactValue::Characters(rules.characters),
            measure: measure(Measure::Among),
        },
        holds("not blank", spec.not_blank, measure(Measure::Demands)),
        Property {
            what: "format",
            value: FactValue::Words(spec.format.map(|f| f.as_str().to_owned()).unwrap_or_default()),
            measure: measure(Measure::Rule),
        },
        Property { what: "mistaken prefixes", value: FactValue::Words(mistaken), measure: measure(Measure::Rule) },
        words("beginnings", list(spec.prefixes.iter().map(|(p, e)| format!("{p} = {e}"))), Behavior),
        words("separators", spec.separators.clone().unwrap_or_default(), Behavior),
        maybe("generated by the caller", spec.generated.map(|g| g.as_str()), Breaking),
        maybe("sensitivity", spec.sensitivity.map(|s| s.as_str()), Behavior),
        words("doc", &spec.doc, Documentation),
    ];
    fact("type", ": ", &scalar.name, (Additive, Breaking), properties, Vec::new())
}

fn amount(amount: &crate::resolved::Amount) -> Fact {
    let properties = vec![
        words("currency", &amount.spec.currency, Behavior),
        words("unit", &amount.spec.unit, Behavior),
        words("doc", &amount.spec.doc, Documentation),
    ];
    fact("amount", ": ", &amount.name, (Additive, Breaking), properties, Vec::new())
}

fn time(time: &crate::resolved::Named<spec::TimeSpec>) -> Fact {
    let properties = vec![
        words("notation", &time.spec.written, Behavior),
        maybe("zone", time.spec.zone.as_ref(), Behavior),
        words("doc", &time.spec.doc, Documentation),
    ];
    fact("time", ": ", &time.name, (Additive, Breaking), properties, Vec::new())
}

fn union(union: &crate::resolved::Union) -> Fact {
    let properties =
        vec![words("discriminator", &union.spec.by, Behavior), words("doc", &union.spec.doc, Documentation)];
    let cases = union.spec.cases.iter().map(|(value, of)| {
        fact("case", ".", value, (Additive, Breaking), vec![words("type", of, Breaking)], Vec::new())
    });
    fact("union", ": ", &union.name, (Additive, Breaking), properties, cases.collect())
}

fn enumeration(directions: &Directions, n: usize, definition: &crate::resolved::Named<spec::Enum>) -> Fact {
    let spec = &definition.spec;
    let open = openness(directions, TypeRef::Enum(n), spec);
    let kind = match open {
        Openness::Closed => "closed",
        Openness::Open => "open",
        Openness::Other => "others accepted",
    };
    let properties = vec![
        words("openness", kind, Breaking),
        words("coded as", spec.coded_as.as_str(), Breaking),
        holds("any case", spec.any_case, Measure::Any(Behavior)),
        words("doc", &spec.doc, Documentation),
    ];
    // Unless an enumeration is open, callers may match it exhaustively, and a new value breaks such a match.
    let comes = if open == Openness::Open { Additive } else { Breaking };
    let values = spec.values.iter().map(|(wire, value)| {
        let properties = vec![
            words(RUST_NAME, camel(value.name.as_deref().unwrap_or(wire)), Breaking),
            maybe("label", value.label.as_ref(), Behavior),
            words("next", list(value.next.iter().flatten()), Behavior),
            words("allows", list(value.allows.iter().flatten()), Behavior),
            words("doc", &value.means, Documentation),
        ];
        fact("value", ".", wire, (comes, Breaking), properties, Vec::new())
    });
    fact("enumeration", ": ", &definition.name, (Additive, Breaking), properties, values.collect())
}

/// Returns a literal as text. The text is empty if the literal is absent.
fn literal(value: Option<&Literal>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
