//! Planning: conversion of the resolved spec to the model. All decisions about Rust names and types are made here.
//!
//! Planning runs only on a spec without findings, so that every look-up succeeds.

mod computed;
mod confirm;
mod examples;
mod field_docs;
mod fields;
mod pages;
mod proof;
mod resolution;
mod types;

use crate::analysis::{
    Directions, bodies_of, code_name, each_field, each_message_field, envelope_of, field_at, field_lists, has_body,
    has_several_meanings, is_of_client, is_secret, is_supplied, sends_form, steps, supplied_by_client,
    supplied_by_value,
};
use crate::model::{
    ApiModel, BodyFormat, CallbackModel, CodeModel, CredentialModel, EnvelopeModel, ErrorShapeModel, FailureModel,
    FixedMember, Member, MessagePart, Model, OperationModel, OwnMeanings, PathSegment, Stage, StatusRule, Struct,
    SuccessModel, VariesModel,
};
use crate::names::{camel, snake};
use crate::resolved::{self, Kind, TypeRef};
use crate::{parallel, prose, spec};
use std::collections::BTreeSet;

/// Plans the generated crate, with a module for each API.
pub fn plan(apis: &[resolved::Api]) -> Model {
    Model { apis: parallel::each(apis, plan_api) }
}

fn plan_api(api: &resolved::Api) -> ApiModel {
    let directions = Directions::of(api);
    let spec = &api.spec;
    let objects = types::objects(api, &directions);
    let planned = api.operations.iter().enumerate().map(|(index, op)| operation(api, &directions, &objects, index, op));
    let mut operations: Vec<OperationModel> = planned.collect();
    pages::plan(api, &mut operations, &objects);
    resolution::plan(api, &mut operations, &objects);
    let enums = types::enums(api, &directions);
    let plan = |callback| plan_callback(api, &directions, callback, &operations, &objects);
    let callbacks = api.callbacks.iter().map(plan).collect();
    let mut mandatory = BTreeSet::new();
    for shape in operations.iter().map(|op| &op.request).chain(objects.iter()) {
        mandatory.extend(shape.members.iter().filter(|m| m.mandatory).map(Member::missing_name));
    }
    ApiModel {
        module: snake(&api.name),
        title: spec.title.clone(),
        shown_title: prose::escape(&spec.title),
        docs: module_docs(api),
        map: module_map(api),
        first: first_operation(api),
        stages: stages(spec),
        default_stage: spec.base_urls.get_index_of(&spec.default_stage).unwrap_or(0),
        credentials: spec
            .credentials
            .iter()
            .map(|(name, credential)| CredentialModel {
                rust: snake(name),
                text: camel(&credential.of),
                doc: prose::sentence(&credential.doc),
                of_client: is_of_client(api, name),
            })
            .collect(),
        headers: spec.headers.iter().map(|(name, header)| computed::header(api, name, header)).collect(),
        computed: computed::values(api),
        envelope: envelope(&spec.envelope),
        statuses: statuses(spec),
        timeouts: timeouts(&spec.timeouts),
        callback_sources: spec.callback_sources.iter().map(|range| [range.from.octets(), range.to.octets()]).collect(),
        sensitive: sensitive(api),
        texts: types::texts(api, &scalars_of_fields(api)),
        enums,
        details: types::details(api, &directions),
        times: types::times(api),
        unions: types::unions(api, &directions),
        objects,
        codes: codes(api),
        callbacks,
        operations,
        mandatory: mandatory.into_iter().collect(),
    }
}

fn module_docs(api: &resolved::Api) -> Vec<String> {
    let spec = &api.spec;
    let mut docs = vec![format!("{}: {}", prose::escape(&spec.title), prose::sentence(&spec.summary))];
    let steps = spec
        .flow
        .iter()
        .enumerate()
        .map(|(n, (id, doc))| format!("{}. [`{id}`]({}): {}", n + 1, camel(id), prose::sentence(doc)));
    let steps: Vec<String> = steps.collect();
    if !steps.is_empty() {
        docs.push("# Flow".into());
        docs.push(steps.join("\n"));
    }
    docs
}

/// Returns a table of the page's sections and their methods, and a link to the reference of the module.
fn module_map(api: &resolved::Api) -> Vec<String> {
    let mut rows = vec!["| page section | in this module |".to_owned(), "| --- | --- |".to_owned()];
    rows.extend(
        api.operations
            .iter()
            .map(|op| format!("| {} | `{}` takes a [`{}`] |", cell(&op.spec.page.section), op.id, camel(&op.id))),
    );
    rows.extend(api.callbacks.iter().map(|callback| {
        format!("| {} | [`{}`] reads the callback |", cell(&callback.spec.page.section), camel(&callback.id))
    }));
    let mut docs = vec!["# Sections of the page".into(), rows.join("\n")];
    docs.push(
        "The [`reference`](mod@reference) has every field, limit, code and state, the notes of the page, and our \
         readings where the page leaves something open."
            .into(),
    );
    docs
}

/// Escapes a text for a cell of a table in rustdoc.
fn cell(text: &str) -> String {
    prose::escape(text).replace('|', "\\|")
}

/// Returns the index of the operation that the quick start shows. This is the first operation of the flow, or the first
/// operation of the API if the flow has no operation.
fn first_operation(api: &resolved::Api) -> usize {
    let of = |step: &String| api.operations.iter().position(|op| op.id == *step);
    api.spec.flow.keys().find_map(of).unwrap_or(0)
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
            docs: vec![format!("{} <{}>", prose::sentence(&base.means), base.url)],
        })
        .collect()
}

fn envelope(spec: &spec::Envelope) -> EnvelopeModel {
    let path = |dotted: &str| steps(dotted).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let texts = |values: &[spec::Literal]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let success = &spec.success;
    let (success, failure) = match (success.status.as_deref().and_then(spec::status_range), &success.member) {
        (Some((from, to)), _) => (SuccessModel::Status(from, to), FailureModel::Coded),
        (None, None) => (SuccessModel::Present(path(success.path().unwrap_or_default())), FailureModel::Coded),
        (None, Some(member)) => {
            let failure = match success.fails_otherwise() {
                true => FailureModel::Other,
                false => FailureModel::Values(texts(success.failures())),
            };
            (SuccessModel::Member(path(member), texts(&success.equals.0)), failure)
        }
    };
    let shape = |shape: &spec::ErrorShape| {
        let statuses = spec::status_range(&shape.status)?;
        Some(ErrorShapeModel { statuses, code: path(&shape.code), message: path(&shape.message) })
    };
    EnvelopeModel {
        success,
        failure,
        code: path(&spec.code),
        message: path(&spec.message),
        integer_codes: spec.coded_as == spec::Coding::Integer,
        payload: spec.payload.as_deref().map(path),
        errors: spec.errors.iter().filter_map(shape).collect(),
    }
}

/// Returns the rules for ranges of HTTP statuses. The key `404` denotes one status, `50x` denotes ten, and `4xx`
/// denotes a hundred. A key in any other notation is left out. The smallest range comes first, because the runtime uses
/// the first range that contains a status.
fn statuses(spec: &spec::ApiFile) -> Vec<StatusRule> {
    let all = spec.http_statuses.iter();
    let ranges = all.filter_map(|(status, rule)| Some((spec::status_range(status)?, rule, rule.outcome_at(status))));
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_by_key(|((from, to), ..)| to - from);
    let mut rules = Vec::new();
    for (n, ((from, to), rule, outcome)) in ranges.iter().enumerate() {
        let Some(outcome) = outcome else { continue };
        let mut push = |from, to| {
            let unknown = *outcome == spec::StatusOutcome::Unknown;
            rules.push(StatusRule { from, to, means: rule.means.clone(), unknown });
        };
        // A key without `outcome:` has the default outcome of its class. Statuses of the class 2xx have no default, so
        // the envelope determines the result of the request. This holds even if a wider range has `outcome:`, so the
        // range of a 2xx key without `outcome:` is cut out of wider ranges.
        let is_decided =
            |(own, _, outcome): &&((u16, u16), _, Option<_>)| outcome.is_none() && (*from..=*to).contains(&own.0);
        let mut decided: Vec<(u16, u16)> = ranges[..n].iter().filter(is_decided).map(|(range, ..)| *range).collect();
        decided.sort_unstable();
        let mut next = *from;
        for (first, last) in decided {
            if next < first {
                push(next, first - 1);
            }
            next = next.max(last + 1);
        }
        if next <= *to {
            push(next, *to);
        }
    }
    rules
}

fn sensitive(api: &resolved::Api) -> Vec<String> {
    let mut names = BTreeSet::new();
    for (_, fields) in field_lists(api) {
        each_field(fields, &mut |field| {
            if field.sensitivity != spec::Sensitivity::Public {
                names.insert(field.wire.clone());
            }
        });
    }
    let hidden = api.spec.headers.iter().filter(|(_, header)| header.shown_constant().is_none());
    names.extend(hidden.map(|(name, _)| name.clone()));
    // A value that is computed from a secret authorizes its holder too.
    each_message_field(api, &mut |field| {
        if field.spec.supplied_by.as_ref().is_some_and(|by| is_secret(api, by)) {
            names.insert(field.wire.clone());
        }
    });
    names.into_iter().collect()
}

/// Returns the indexes of the scalars that are types of message fields. Fields that are fixed or that the client
/// supplies do not count.
fn scalars_of_fields(api: &resolved::Api) -> BTreeSet<usize> {
    let mut scalars = BTreeSet::new();
    each_message_field(api, &mut |field| {
        if let Kind::One(TypeRef::Scalar(number)) | Kind::List(TypeRef::Scalar(number)) = field.kind
            && field.spec.supplied_by.is_none()
            && field.spec.fixed.is_none()
        {
            scalars.insert(number);
        }
    });
    scalars
}

/// Plans the error codes. A code with several entries is planned once.
fn codes(api: &resolved::Api) -> Vec<CodeModel> {
    let mut seen = BTreeSet::new();
    api.codes.iter().filter(|code| seen.insert(&code.code)).map(|code| self::code(api, code)).collect()
}

fn code(api: &resolved::Api, code: &resolved::CodeEntry) -> CodeModel {
    let entries = || api.codes.iter().filter(|entry| entry.code == code.code);
    let on_page = entries().any(|entry| entry.spec.source == spec::Source::Page);
    let own = own_meanings(api, &code.code);
    let mut docs = match &own {
        None => vec![prose::sentence(&code.spec.means)],
        Some(own) => {
            let others = own.others.as_ref().map_or("The meaning depends on the operation.", |(means, _)| means);
            let at = own.operations.iter().map(|(operation, means, _)| format!("At `{operation}`: {means}"));
            std::iter::once(others.to_owned()).chain(at).collect()
        }
    };
    let listed: Vec<String> =
        entries().filter_map(|entry| entry.operation.as_ref()).map(|id| format!("`{id}`")).collect();
    if own.is_none() && !listed.is_empty() {
        docs.push(format!("Listed with {}.", listed.join(", ")));
    }
    if !on_page {
        docs.extend(entries().find_map(|entry| entry.spec.source.remark()).map(str::to_owned));
    }
    let means = match &own {
        None => prose::sentence(&code.spec.means),
        Some(OwnMeanings { others: Some((means, _)), .. }) => means.clone(),
        Some(own) => {
            let at = own.operations.iter().map(|(operation, means, _)| format!("At {operation}: {means}"));
            at.collect::<Vec<_>>().join(" ")
        }
    };
    let is_one = entries().all(|entry| entry.spec.advice == code.spec.advice);
    let advice = match &own {
        Some(OwnMeanings { others: Some((_, advice)), .. }) => *advice,
        Some(_) if !is_one => spec::Advice::AskStatus,
        _ => code.spec.advice,
    };
    CodeModel { wire: code.code.clone(), variant: code_name(api, &code.code), docs, means, advice, own, on_page }
}

/// Returns the meanings of a code for single operations. `None` if neither the meaning nor the advice depends on the
/// operation.
fn own_meanings(api: &resolved::Api, code: &str) -> Option<OwnMeanings> {
    has_several_meanings(api, code).then(|| {
        let described = |spec: &spec::Code| (prose::sentence(&spec.means), spec.advice);
        let entries = || api.codes.iter().filter(|entry| entry.code == code);
        let of_operation = |entry: &resolved::CodeEntry| {
            let (means, advice) = described(&entry.spec);
            Some((entry.operation.clone()?, means, advice))
        };
        OwnMeanings {
            operations: entries().filter_map(of_operation).collect(),
            others: entries().find(|entry| entry.operation.is_none()).map(|entry| described(&entry.spec)),
        }
    })
}

fn operation(
    api: &resolved::Api,
    directions: &Directions,
    objects: &[Struct],
    index: usize,
    op: &resolved::Operation,
) -> OperationModel {
    let summary = prose::sentence(&op.spec.summary);
    let mut docs = operation_docs(op, &summary);
    let recovery = &op.spec.recovery;

    let (members, fixed) = request_members(api, directions, op);
    let credential = |field: &resolved::Field| Some((field.wire.clone(), supplied_by_client(api, field)?));
    let supplied = |field: &resolved::Field| Some((field.wire.clone(), supplied_by_value(api, field)?));
    let mut request_docs = vec![
        format!("The request of `{}`: {summary}", op.id),
        "Create it with [`builder`](Self::builder), which checks every documented rule.".into(),
    ];
    request_docs.extend(docs.drain(1..));
    let request = Struct {
        docs: request_docs,
        rust: camel(&op.id),
        sums: fields::sums(&members, &fixed, &op.spec.rules),
        members,
        details: None,
        sent_only: true,
        fixed,
    };
    let reply = reply(api, directions, op);
    let sample = examples::sample(api, op);
    OperationModel {
        id: op.id.clone(),
        index,
        section: op.spec.page.section.clone(),
        shown_section: prose::escape(&op.spec.page.section),
        method: op.method,
        path: segments(api, op),
        body: body_format(api, op),
        body_credentials: op.request.iter().filter_map(credential).collect(),
        body_values: op.request.iter().filter_map(supplied).collect(),
        query_credentials: op.query.iter().filter_map(credential).collect(),
        query_values: op.query.iter().filter_map(supplied).collect(),
        headers: op.headers.iter().filter_map(|field| computed::own_header(api, field)).collect(),
        recovery: recovery.class,
        partial: recovery.partial,
        resolution: None,
        pages: None,
        resolve_with: recovery.with.clone(),
        envelope: op.spec.envelope.as_ref().map(envelope),
        moves_money: op.spec.evidence.moves_money,
        identity: op.spec.evidence.identity_members().map(str::to_owned).collect(),
        identity_headers: op.spec.evidence.identity_headers().map(str::to_owned).collect(),
        notations: notations(api, op),
        binding: resolution::binding(api, op, &request, &reply, objects),
        docs,
        summary,
        request,
        reply,
        examples: examples::exchanges(api, op),
        sample,
    }
}

fn body_format(api: &resolved::Api, op: &resolved::Operation) -> BodyFormat {
    let reads_forms = bodies_of(api, op).contains(&spec::Encoding::Form);
    match (has_body(op), sends_form(api, op), reads_forms) {
        (false, ..) => BodyFormat::None,
        (true, true, _) => BodyFormat::Form,
        (true, false, true) => BodyFormat::JsonOrForm,
        (true, false, false) => BodyFormat::Json,
    }
}

/// Returns the pieces of the path. A parameter that the client supplies becomes the index of a credential.
fn segments(api: &resolved::Api, op: &resolved::Operation) -> Vec<PathSegment> {
    let supplied = |name: &String| {
        op.path.iter().find(|field| field.wire == *name).and_then(|field| supplied_by_client(api, field))
    };
    let segment = |segment: &PathSegment| match segment {
        PathSegment::Parameter(name) => supplied(name).map_or_else(|| segment.clone(), PathSegment::Credential),
        other => other.clone(),
    };
    op.segments.iter().map(segment).collect()
}

/// Returns the members of a request that the caller passes, and the members with a fixed value. Fixed headers are left
/// out.
fn request_members(
    api: &resolved::Api,
    directions: &Directions,
    op: &resolved::Operation,
) -> (Vec<Member>, Vec<FixedMember>) {
    let parts = [
        (MessagePart::Path, &op.path),
        (MessagePart::Query, &op.query),
        (MessagePart::Header, &op.headers),
        (MessagePart::Body, &op.request),
    ];
    let mut members = Vec::new();
    let mut fixed = Vec::new();
    for (part, fields) in parts {
        for field in fields {
            match fields::fixed(field, part) {
                // `computed::own_header` plans fixed headers.
                Some(_) if part == MessagePart::Header => {}
                Some(member) => fixed.push(member),
                None if is_supplied(api, field) => {}
                None => {
                    members.push(fields::request_member(api, directions, fields, field, part));
                }
            }
        }
    }
    (members, fixed)
}

/// Returns the documentation of an operation: its summary and description, its method and path, its recovery, its
/// notes, and a link to its readings.
fn operation_docs(op: &resolved::Operation, summary: &str) -> Vec<String> {
    let mut docs = vec![summary.to_owned()];
    docs.extend(op.spec.doc.as_deref().map(prose::sentence));
    docs.push(format!(
        "`{} {}`, page section \"{}\".",
        op.method.as_str().to_uppercase(),
        op.template,
        prose::escape(&op.spec.page.section)
    ));
    let recovery = &op.spec.recovery;
    docs.push(match (recovery.class, &recovery.with) {
        (spec::RecoveryClass::Resend, _) => "When the answer is lost, the request may be sent again.".into(),
        (spec::RecoveryClass::AskFirst, Some(with)) => {
            format!("When the answer is lost, ask `{with}` before you send the request again.")
        }
        (spec::RecoveryClass::AskFirst, None) | (spec::RecoveryClass::Never, _) => {
            "When the answer is lost, the request is not sent again.".into()
        }
    });
    docs.extend(recovery.doc.as_deref().map(prose::sentence));
    for note in &op.spec.notes {
        docs.push(format!("- *{}*: {}", prose::escape(&note.about), prose::sentence(&note.says)));
    }
    docs.extend(prose::readings(&op.id, op.spec.quirks.len()));
    docs
}

fn reply(api: &resolved::Api, directions: &Directions, op: &resolved::Operation) -> Struct {
    Struct {
        docs: vec![
            format!("The reply of `{}`.", op.id),
            "Decoding does not enforce the documented limits, and keeps unknown values.".into(),
        ],
        rust: format!("{}Reply", camel(&op.id)),
        details: types::details_access(api, &op.reply),
        members: fields::reply_members(api, directions, &op.reply, Some(envelope_of(api, op))),
        sums: Vec::new(),
        sent_only: false,
        fixed: Vec::new(),
    }
}

fn plan_callback(
    api: &resolved::Api,
    directions: &Directions,
    callback: &resolved::Callback,
    operations: &[OperationModel],
    objects: &[Struct],
) -> CallbackModel {
    let spec = &callback.spec;
    let summary = prose::sentence(&spec.summary);
    let mut docs = vec![summary.clone()];
    docs.extend(spec.doc.as_deref().map(prose::sentence));
    docs.push(format!("Sent {}; page section \"{}\".", spec.sent_to(), prose::escape(&spec.page.section)));
    docs.push(format!("How to verify the message: {}", prose::sentence(&spec.verify.doc)));
    if let Some(answer) = &spec.answer {
        let body = answer.body().map(|body| format!(" and the body `{}`", prose::escape(body))).unwrap_or_default();
        docs.push(format!("Answer with HTTP {}{body} to acknowledge the message.", answer.status()));
    }
    if let Some(resend) = &spec.resend {
        docs.push(format!(
            "Without an acknowledgment, the message is sent again up to {} times within {}.",
            resend.times, resend.within
        ));
    }
    for note in &spec.notes {
        docs.push(format!("- *{}*: {}", prose::escape(&note.about), prose::sentence(&note.says)));
    }
    docs.extend(prose::readings(&callback.id, spec.quirks.len()));
    let body = Struct {
        rust: camel(&callback.id),
        docs,
        details: types::details_access(api, &callback.body),
        members: fields::reply_members(api, directions, &callback.body, None),
        sums: Vec::new(),
        sent_only: false,
        fixed: Vec::new(),
    };
    let select = callback.select.as_ref().map(|select| types::union(api, directions, select));
    let mut body = body;
    body.members.extend(select.as_ref().map(|select| fields::selected(&select.rust)));
    let message = confirm::Message::new(&body, select.as_ref(), objects, spec.procedure());
    let confirming = confirm::plan(api, &message, spec.procedure(), operations, objects);
    let has = |encoding| spec.encodings.values().any(|e| *e == encoding);
    CallbackModel {
        id: callback.id.clone(),
        section: spec.page.section.clone(),
        docs: vec![summary.clone()],
        summary,
        opaque: spec.opaque_body,
        json: has(spec::Encoding::Json),
        form: has(spec::Encoding::Form),
        query: has(spec::Encoding::Query),
        proof: proof::plan(api, callback),
        confirming,
        select,
        answer: spec.answer.as_ref().map(|answer| (answer.status(), answer.body().unwrap_or_default().to_owned())),
        body,
        examples: examples::messages(api, callback),
    }
}

/// Returns the fields that identify a request, or may identify it, and whose values have several notations.
fn notations(api: &resolved::Api, op: &resolved::Operation) -> Vec<(MessagePart, String, VariesModel)> {
    let members =
        op.spec.evidence.identity_members().filter_map(|name| Some((name, field_at(api, &op.request, name)?)));
    let of_body = members.map(|(name, field)| (MessagePart::Body, name, field));
    let others = [(MessagePart::Path, &op.path), (MessagePart::Query, &op.query), (MessagePart::Header, &op.headers)];
    let others = others
        .into_iter()
        .flat_map(|(part, fields)| fields.iter().map(move |field| (part, field.wire.as_str(), field)));
    of_body.chain(others).filter_map(|(part, name, field)| Some((part, name.to_owned(), varies(api, field)?))).collect()
}

/// Returns how two notations of the same value can differ in this field. `None` if each value has only one notation.
fn varies(api: &resolved::Api, field: &resolved::Field) -> Option<VariesModel> {
    match field.kind {
        Kind::One(TypeRef::Decimal) => Some(VariesModel::Zeros),
        Kind::One(TypeRef::Instant) => Some(VariesModel::Offset),
        Kind::One(TypeRef::Scalar(n)) => api.scalars[n].spec.separators.clone().map(VariesModel::Separators),
        _ => None,
    }
}
