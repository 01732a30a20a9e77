//! From the resolved spec to the model: every Rust name and type is decided here, and only here.
//!
//! Runs on a spec without findings, so it looks nothing up that could be missing.

mod confirm;
mod examples;
mod fields;
mod resolution;
pub(crate) mod text;
mod types;

pub use examples::text_of_length;
pub(crate) use examples::{is_success, to_json};
pub(crate) use fields::rules as field_rules;
pub(crate) use types::{Directions, details, discriminating_enum, follow, openness, received_group, scalar_rules};

use crate::model::{
    Api, Callback, Code, Credential, Envelope, Header, HeaderValue, MessagePart, Model, Operation, Part, Proof,
    ProofPart, Stage, StatusRule, Struct,
};
use crate::names::{camel, screaming, snake};
use crate::resolve::{self, Kind, Segment, TypeRef};
use crate::{cores, spec};
use std::collections::BTreeSet;

/// Decides everything about every API.
pub fn plan(apis: &[resolve::Api]) -> Model {
    Model { apis: cores::each(apis, plan_api) }
}

fn plan_api(api: &resolve::Api) -> Api {
    let directions = types::Directions::of(api);
    let spec = &api.spec;
    let mut operations: Vec<Operation> =
        api.operations.iter().enumerate().map(|(index, op)| operation(api, &directions, index, op)).collect();
    let objects = types::objects(api, &directions);
    let payload: Vec<String> =
        spec.envelope.payload.iter().flat_map(|path| path.split('.')).map(str::to_owned).collect();
    resolution::plan(api, &mut operations, &objects, &payload);
    let enums = types::enums(api, &directions);
    let plan = |callback| plan_callback(api, &directions, callback, &operations, &objects);
    let callbacks = api.callbacks.iter().map(plan).collect();
    let mut mandatory = BTreeSet::new();
    for shape in operations.iter().map(|op| &op.request).chain(objects.iter()) {
        mandatory.extend(shape.members.iter().filter(|m| m.mandatory).map(|m| m.rust.clone()));
    }
    Api {
        module: snake(&api.name),
        title: spec.title.clone(),
        shown_title: text::escape(&spec.title),
        docs: module_docs(api),
        stages: stages(spec),
        default_stage: spec.base_urls.get_index_of(&spec.default_stage).unwrap_or(0),
        credentials: spec
            .credentials
            .iter()
            .map(|(name, credential)| Credential {
                rust: snake(name),
                text: camel(&credential.of),
                doc: text::sentence(&credential.doc),
            })
            .collect(),
        headers: spec.headers.iter().map(|(name, header)| plan_header(spec, name, header)).collect(),
        envelope: envelope(&spec.envelope),
        statuses: spec.http_statuses.iter().filter_map(|(status, rule)| status_rule(status, rule)).collect(),
        timeouts: timeouts(&spec.timeouts),
        callback_sources: spec.callback_sources.iter().map(|range| [range.from.octets(), range.to.octets()]).collect(),
        reads_forms: spec.bodies.contains(&crate::spec::Encoding::Form),
        sensitive: sensitive(api),
        texts: types::texts(api, &scalars_of_fields(api)),
        enums,
        details: types::details(api, &directions),
        objects,
        codes: codes(api),
        callbacks,
        operations,
        mandatory: mandatory.into_iter().collect(),
    }
}

fn module_docs(api: &resolve::Api) -> Vec<String> {
    let spec = &api.spec;
    let mut docs = vec![format!("{}: {}", text::escape(&spec.title), text::sentence(&spec.summary))];
    for note in &spec.notes {
        docs.push(format!("- *{}*: {}", text::escape(&note.about), text::sentence(&note.says)));
    }
    text::quirks(&mut docs, spec.quirks.iter());
    docs
}

fn timeouts(spec: &spec::Timeouts) -> [u64; 6] {
    let attempt = spec.attempt.seconds;
    let total = spec.total.map_or(attempt.saturating_mul(3), |total| total.seconds);
    let accepted = spec.accepted_within.map_or(60, |time| time.seconds);
    let shown = spec.shown_within.map_or(15, |time| time.seconds);
    [spec.connect.seconds, attempt, total, spec.warn_below.seconds, accepted, shown]
}

fn stages(spec: &spec::ApiFile) -> Vec<Stage> {
    spec.base_urls
        .iter()
        .map(|(name, base)| Stage {
            variant: camel(name),
            name: name.clone(),
            url: base.url.trim_end_matches('/').to_owned(),
            docs: vec![format!("{} <{}>", text::sentence(&base.means), base.url)],
        })
        .collect()
}

fn plan_header(spec: &spec::ApiFile, name: &str, header: &spec::Header) -> Header {
    let index = |credential: &str| spec.credentials.get_index_of(credential).unwrap_or(0);
    let value = if let Some(parts) = &header.sha256 {
        HeaderValue::Sha256(
            parts
                .iter()
                .map(|part| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                    Some(parameter) => Part::Path(parameter.to_owned()),
                    None => Part::Credential(index(part)),
                })
                .collect(),
        )
    } else if let Some(credential) = &header.credential {
        HeaderValue::Credential(index(credential), header.prefix.clone().unwrap_or_default())
    } else {
        HeaderValue::Constant(header.constant.clone().unwrap_or_default())
    };
    Header { name: name.to_owned(), value }
}

fn envelope(spec: &spec::Envelope) -> Envelope {
    let path = |dotted: &str| dotted.split('.').map(str::to_owned).collect::<Vec<_>>();
    Envelope {
        success: path(&spec.success.member),
        equals: spec.success.equals.to_string(),
        failure: spec.success.failure.as_ref().map(ToString::to_string),
        code: path(&spec.code),
        message: path(&spec.message),
        payload: spec.payload.as_deref().map(path),
    }
}

fn recovery_class(class: spec::RecoveryClass) -> &'static str {
    match class {
        spec::RecoveryClass::Resend => "Resend",
        spec::RecoveryClass::AskFirst => "AskFirst",
        spec::RecoveryClass::Never => "Never",
    }
}

/// `404` is one status, `50x` ten, `4xx` a hundred. What is no number (`xxx`: others) has no range of its own.
fn status_rule(status: &str, rule: &spec::HttpStatus) -> Option<StatusRule> {
    let from: u16 = status.replace('x', "0").parse().ok()?;
    let to: u16 = status.replace('x', "9").parse().ok()?;
    if from < 100 {
        return None;
    }
    let outcome = rule.outcome?;
    Some(StatusRule { from, to, means: rule.means.clone(), unknown: outcome == spec::Outcome::Unknown })
}

fn sensitive(api: &resolve::Api) -> Vec<String> {
    let mut names = BTreeSet::new();
    each_field(api, &mut |field| {
        if field.sensitivity != spec::Sensitivity::Public {
            names.insert(field.wire.clone());
        }
    });
    names.extend(api.spec.headers.iter().filter(|(_, h)| h.constant.is_none()).map(|(name, _)| name.clone()));
    names.into_iter().collect()
}

/// The scalars that are the type of a field, other than one the client supplies by itself.
fn scalars_of_fields(api: &resolve::Api) -> BTreeSet<usize> {
    let mut scalars = BTreeSet::new();
    each_field(api, &mut |field| {
        if let Kind::One(TypeRef::Scalar(number)) | Kind::List(TypeRef::Scalar(number)) = field.kind
            && field.spec.supplied_by.is_none()
        {
            scalars.insert(number);
        }
    });
    scalars
}

fn each_field(api: &resolve::Api, visit: &mut impl FnMut(&resolve::Field)) {
    fn walk(fields: &[resolve::Field], visit: &mut impl FnMut(&resolve::Field)) {
        for field in fields {
            visit(field);
            if let Kind::OneOf(choices) = &field.kind {
                walk(choices, visit);
            }
        }
    }
    for operation in &api.operations {
        for fields in [&operation.path, &operation.query, &operation.request, &operation.reply] {
            walk(fields, visit);
        }
    }
    for callback in &api.callbacks {
        walk(&callback.headers, visit);
        walk(&callback.body, visit);
    }
    for object in &api.objects {
        walk(&object.fields, visit);
    }
}

fn codes(api: &resolve::Api) -> Vec<Code> {
    api.codes
        .iter()
        .map(|code| {
            let on_page = code.spec.source == spec::Source::Page;
            let mut docs = vec![text::sentence(&code.spec.means)];
            if let Some(operation) = &code.operation {
                docs.push(format!("Listed with `{operation}`."));
            }
            if !on_page {
                docs.push("Not on the page; known from the provider's other public material.".into());
            }
            Code {
                wire: code.code.clone(),
                variant: camel(code.spec.name.as_deref().unwrap_or(&code.code)),
                docs,
                means: text::sentence(&code.spec.means),
                advice: match code.spec.advice {
                    spec::Advice::FixRequest => "FixRequest",
                    spec::Advice::CheckKey => "CheckKey",
                    spec::Advice::TryLater => "TryLater",
                    spec::Advice::AskStatus => "AskStatus",
                    spec::Advice::AlreadyDone => "AlreadyDone",
                    spec::Advice::TellPurchaser => "TellPurchaser",
                },
                on_page,
            }
        })
        .collect()
}

fn operation(api: &resolve::Api, directions: &types::Directions, index: usize, op: &resolve::Operation) -> Operation {
    let name = camel(&op.id);
    let summary = text::sentence(&op.spec.summary);
    let method = match op.method {
        spec::Method::Get => "Get",
        spec::Method::Post => "Post",
        spec::Method::Put => "Put",
        spec::Method::Patch => "Patch",
        spec::Method::Delete => "Delete",
    };
    let mut docs = vec![summary.clone()];
    docs.extend(op.spec.doc.as_deref().map(text::sentence));
    docs.push(format!(
        "`{} {}`, page section \"{}\".",
        method.to_uppercase(),
        op.template,
        text::escape(&op.spec.page.section)
    ));
    let recovery = &op.spec.recovery;
    docs.push(match (recovery.class, &recovery.with) {
        (spec::RecoveryClass::Resend, _) => "When the answer is lost, the request may be sent again.".into(),
        (spec::RecoveryClass::AskFirst, Some(with)) => {
            format!("When the answer is lost, ask `{with}` before sending again.")
        }
        (spec::RecoveryClass::AskFirst, None) | (spec::RecoveryClass::Never, _) => {
            "When the answer is lost, the request is not sent again.".into()
        }
    });
    docs.extend(recovery.doc.as_deref().map(text::sentence));
    for note in &op.spec.notes {
        docs.push(format!("- *{}*: {}", text::escape(&note.about), text::sentence(&note.says)));
    }
    text::quirks(&mut docs, op.spec.quirks.iter());

    let parts = [(MessagePart::Path, &op.path), (MessagePart::Query, &op.query), (MessagePart::Body, &op.request)];
    let mut members = Vec::new();
    let mut body_credentials = Vec::new();
    for (part, fields) in parts {
        for field in fields {
            match supplied_by_client(api, field) {
                Some(credential) => body_credentials.push((field.wire.clone(), credential)),
                None => members.push(fields::request_member(api, directions, fields, field, part)),
            }
        }
    }
    let mut request_docs = vec![
        format!("The request of `{}`: {summary}", op.id),
        "Made with [`builder`](Self::builder), which checks every documented rule.".into(),
    ];
    request_docs.extend(docs.drain(1..));
    let request = Struct {
        docs: request_docs,
        rust: name.clone(),
        sums: fields::sums(&members, &op.spec.rules),
        members,
        details: None,
        sent_only: true,
    };
    let reply = Struct {
        docs: vec![
            format!("The reply of `{}`.", op.id),
            "Nothing in it is refused: limits on replies are documentation, values the spec does not know are kept."
                .into(),
        ],
        rust: format!("{name}Reply"),
        details: types::details_access(api, &op.reply),
        members: fields::reply_members(api, directions, &op.reply, &envelope_names(api)),
        sums: Vec::new(),
        sent_only: false,
    };
    let sample = examples::sample(api, op);
    Operation {
        id: op.id.clone(),
        index,
        section: op.spec.page.section.clone(),
        shown_section: text::escape(&op.spec.page.section),
        method,
        path: op
            .segments
            .iter()
            .map(|s| match s {
                Segment::Literal(text) => Ok(text.clone()),
                Segment::Parameter(name) => Err(name.clone()),
            })
            .collect(),
        body: !matches!(op.method, spec::Method::Get | spec::Method::Delete) || !op.request.is_empty(),
        body_credentials,
        recovery: recovery_class(recovery.class),
        partial: recovery.partial,
        resolution: None,
        resolve_with: recovery.with.clone(),
        moves_money: op.spec.evidence.moves_money,
        identity: op.spec.evidence.identity.clone(),
        binding: resolution::binding(api, &request, &reply, &op.spec.evidence),
        docs,
        summary,
        request,
        reply,
        examples: examples::exchanges(api, op),
        sample,
    }
}

/// The credential a body field is filled from.
pub(crate) fn supplied_by_client(api: &resolve::Api, field: &resolve::Field) -> Option<usize> {
    field.spec.supplied_by?;
    let of = field.spec.of.as_deref()?;
    api.spec.credentials.values().position(|c| c.of == of)
}

/// Reply rows that are the envelope's, where it has no payload member of its own.
pub(crate) fn envelope_names(api: &resolve::Api) -> Vec<String> {
    let envelope = &api.spec.envelope;
    if envelope.payload.is_some() {
        return Vec::new();
    }
    [&envelope.success.member, &envelope.code, &envelope.message]
        .iter()
        .filter_map(|path| path.split('.').next().map(str::to_owned))
        .collect()
}

fn plan_callback(
    api: &resolve::Api,
    directions: &types::Directions,
    callback: &resolve::Callback,
    operations: &[Operation],
    objects: &[Struct],
) -> Callback {
    let spec = &callback.spec;
    let summary = text::sentence(&spec.summary);
    let mut docs = vec![summary.clone()];
    docs.extend(spec.doc.as_deref().map(text::sentence));
    docs.push(format!(
        "Sent to the URL given as `{}`; page section \"{}\".",
        spec.to,
        text::escape(&spec.page.section)
    ));
    docs.push(format!("How to believe it: {}", text::sentence(&spec.believe.doc)));
    if let Some(answer) = spec.answer {
        docs.push(format!("Answer with HTTP {answer} to say that it was received."));
    }
    if let Some(resend) = &spec.resend {
        docs.push(format!("Otherwise it is sent again {} times within {}.", resend.times, resend.within));
    }
    for note in &spec.notes {
        docs.push(format!("- *{}*: {}", text::escape(&note.about), text::sentence(&note.says)));
    }
    text::quirks(&mut docs, spec.quirks.iter());
    let body = Struct {
        rust: camel(&callback.id),
        docs,
        details: types::details_access(api, &callback.body),
        members: fields::reply_members(api, directions, &callback.body, &[]),
        sums: Vec::new(),
        sent_only: false,
    };
    let has = |encoding| spec.encodings.values().any(|e| *e == encoding);
    Callback {
        id: callback.id.clone(),
        section: spec.page.section.clone(),
        docs: vec![summary.clone()],
        summary,
        opaque: spec.opaque_body,
        json: has(spec::Encoding::Json),
        form: has(spec::Encoding::Form),
        query: has(spec::Encoding::Query),
        proof: spec.believe.header.as_deref().and_then(|header| proof(api, callback, header)),
        confirming: confirm::plan(api, &body, &spec.believe, operations, objects),
        body,
        examples: examples::messages(api, callback),
    }
}

fn proof(api: &resolve::Api, callback: &resolve::Callback, header: &str) -> Option<Proof> {
    let (_, definition) = api.spec.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header))?;
    let HeaderValue::Sha256(parts) = plan_header(&api.spec, header, definition).value else { return None };
    let parts = parts
        .into_iter()
        .map(|part| match part {
            Part::Credential(index) => ProofPart::Credential(index),
            Part::Path(name) => match callback.body.iter().find(|f| f.wire == name) {
                Some(field) => ProofPart::Member(fields::rust_name(field), field.wire.clone()),
                None => ProofPart::Argument(snake(&name), path_parameter_type(api, &name)),
            },
        })
        .collect();
    Some(Proof { header: header.to_owned(), parts })
}

/// The string newtype operations use for a path parameter.
fn path_parameter_type(api: &resolve::Api, name: &str) -> String {
    api.operations
        .iter()
        .flat_map(|op| &op.path)
        .find(|field| field.wire == name)
        .and_then(|field| match field.kind {
            Kind::One(TypeRef::Scalar(n)) => Some(camel(&api.scalars[n].name)),
            _ => None,
        })
        .unwrap_or_else(|| "String".into())
}

/// The constant that holds an operation's description.
pub fn operation_constant(id: &str) -> String {
    screaming(id)
}
