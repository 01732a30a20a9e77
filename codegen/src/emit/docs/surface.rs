//! Emits the surface summary of an API: facts of the spec, with one fact on each line, in a stable order. The diff of
//! two summaries shows a reviewer a change of the spec in a few lines.

use crate::analysis::has_several_meanings;
use crate::prose::sentence;
use crate::recovery_summary;
use crate::resolved::{Api, Callback, Field, Kind, Operation, TypeRef};
use crate::spec::{self, Characters, Coding, Envelope, Sends, Sensitivity, Source};
use std::fmt::Write;

/// Emits `surface/<api>.txt`.
pub(crate) fn emit(api: &Api) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write(api, &mut out);
    out
}

/// Returns a line for the envelope, and a line for each entry of its `errors:`.
fn envelope_lines(envelope: &Envelope) -> String {
    let success = &envelope.success;
    let shown = match (&success.status, &success.has, &success.member) {
        (Some(status), _, _) => format!("status {status}"),
        (None, Some(has), _) => format!("has {has}"),
        (None, None, member) => {
            let values: Vec<String> = success.equals.0.iter().map(ToString::to_string).collect();
            format!("{}={}", member.as_deref().unwrap_or_default(), values.join("|"))
        }
    };
    let values: Vec<String> = success.failure.0.iter().map(ToString::to_string).collect();
    let failure = if values.is_empty() { String::new() } else { format!("  failure {}", values.join("|")) };
    let integer = if envelope.coded_as == Coding::Integer { " integer" } else { "" };
    let mut line = format!(
        "envelope  success {shown}{failure}  code {}{integer}  message {}  payload {}",
        envelope.code,
        envelope.message,
        envelope.payload.as_deref().unwrap_or("inline")
    );
    for shape in &envelope.errors {
        line += &format!("\nenvelope  http {}  code {}  message {}", shape.status, shape.code, shape.message);
    }
    line
}

fn write(api: &Api, out: &mut String) -> std::fmt::Result {
    writeln!(out, "api {} \"{}\"", api.name, api.spec.title)?;
    for (stage, base) in &api.spec.base_urls {
        let default = if *stage == api.spec.default_stage { "  default" } else { "" };
        writeln!(out, "stage {stage}  {}{default}", base.url)?;
    }
    access(api, out)?;
    let envelope = &api.spec.envelope;
    let bodies: Vec<&str> = api.spec.bodies.iter().map(|body| body.as_str()).collect();
    writeln!(out, "bodies  {}", bodies.join(" "))?;
    writeln!(out, "{}", envelope_lines(envelope))?;
    fields(api, out, "envelope", &api.envelope)?;
    for (status, rule) in &api.spec.http_statuses {
        writeln!(out, "http {status}  {}", outcome(rule.outcome_at(status)))?;
    }
    if !api.spec.callback_sources.is_empty() {
        let ranges: Vec<_> = api.spec.callback_sources.iter().map(ToString::to_string).collect();
        writeln!(out, "callbacks from  {}", ranges.join(" "))?;
    }
    timeouts(api, out)?;
    for withdrawn in &api.spec.withdrawn {
        writeln!(out, "withdrawn {}", withdrawn.section)?;
    }
    api.operations.iter().try_for_each(|op| operation(api, out, op))?;
    api.callbacks.iter().try_for_each(|of| callback(api, out, of))?;
    types(api, out)?;
    writeln!(out)?;
    for code in &api.codes {
        let advice = code.spec.advice.as_str();
        let operation = code.operation.as_deref().unwrap_or("-");
        let name = code.spec.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
        let several = has_several_meanings(api, &code.code);
        let means = if several { format!("  {}", sentence(&code.spec.means)) } else { String::new() };
        writeln!(out, "code {}{name}  {advice}  {operation}{means}{}", code.code, source(code.spec.source))?;
    }
    for quirk in &api.quirks {
        let (owner, source) = (quirk.owner.as_deref().unwrap_or(&api.name), source(quirk.spec.source));
        writeln!(out, "quirk {owner}.{}{source}", quirk.spec.at)?;
    }
    Ok(())
}

/// Writes the credentials, the computed values and the headers.
fn access(api: &Api, out: &mut String) -> std::fmt::Result {
    for (name, credential) in &api.spec.credentials {
        writeln!(out, "credential {name}  {}", credential.of)?;
    }
    for (name, value) in &api.spec.computed {
        writeln!(out, "computed {name}  {}", value.in_short())?;
    }
    for (name, header) in &api.spec.headers {
        let named = header.credential.as_ref().or(header.computed.as_ref());
        let value = match (header.shown_constant(), named) {
            (Some(value), _) => format!("\"{value}\""),
            (None, Some(name)) => format!("{}{name}", header.prefix.as_deref().unwrap_or("")),
            (None, None) => "constant".into(),
        };
        let mut line = format!("header {name}  {value}");
        // The other headers are always secret.
        if header.constant.is_some() {
            sensitivity(&mut line, header.sensitivity.unwrap_or(Sensitivity::Public));
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn timeouts(api: &Api, out: &mut String) -> std::fmt::Result {
    let timeouts = &api.spec.timeouts;
    writeln!(out, "timeout connect  {}", timeouts.connect)?;
    writeln!(out, "timeout attempt  {}", timeouts.attempt)?;
    writeln!(out, "timeout warn_below  {}", timeouts.warn_below)?;
    if let Some(total) = timeouts.total {
        writeln!(out, "timeout total  {total}")?;
    }
    let times = [("accepted_within", timeouts.accepted_within), ("shown_within", timeouts.shown_within)];
    for (name, time) in times.into_iter().filter_map(|(name, time)| Some((name, time?))) {
        writeln!(out, "{name}  {time}")?;
    }
    Ok(())
}

fn operation(api: &Api, out: &mut String, op: &Operation) -> std::fmt::Result {
    let with = op.spec.recovery.with.as_ref().map(|w| format!("({w})")).unwrap_or_default();
    writeln!(
        out,
        "\noperation {}  {} {}  recovery {}{with}{}",
        op.id,
        op.method.as_str().to_uppercase(),
        op.template,
        op.spec.recovery.class.as_str(),
        if op.spec.recovery.partial { "  partial" } else { "" }
    )?;
    if let Some(own) = &op.spec.bodies {
        let encodings: Vec<&str> = own.iter().map(|body| body.as_str()).collect();
        writeln!(out, "{}.bodies  {}", op.id, encodings.join(" "))?;
    }
    for line in
        op.spec.envelope.iter().flat_map(|own| envelope_lines(own).lines().map(str::to_owned).collect::<Vec<_>>())
    {
        writeln!(out, "{}.{line}", op.id)?;
    }
    for line in recovery_summary::evidence(&op.spec.evidence) {
        writeln!(out, "{}.evidence  {line}", op.id)?;
    }
    for line in op.spec.recovery.resolve.iter().flat_map(recovery_summary::resolution) {
        writeln!(out, "{}.resolve  {line}", op.id)?;
    }
    fields(api, out, &format!("{}.path", op.id), &op.path)?;
    fields(api, out, &format!("{}.query", op.id), &op.query)?;
    fields(api, out, &format!("{}.header", op.id), &op.headers)?;
    fields(api, out, &format!("{}.request", op.id), &op.request)?;
    for rule in &op.spec.rules {
        let (parts, exact) = (rule.parts.join(" + "), rule.exact_when.join(" + "));
        let exact = if exact.is_empty() { exact } else { format!("  exact when {exact}") };
        writeln!(out, "{}.rule  {parts} within {}{exact}{}", op.id, rule.total, source(rule.source))?;
    }
    fields(api, out, &format!("{}.reply", op.id), &op.reply)?;
    if let Some(pages) = &op.spec.pages {
        let end: Vec<String> = pages.end.iter().map(|(name, value)| format!("  end {name}={value}")).collect();
        writeln!(out, "{}.pages  {} from {}  next {}{}", op.id, pages.items, pages.send, pages.next, end.concat())?;
    }
    Ok(())
}

fn callback(api: &Api, out: &mut String, callback: &Callback) -> std::fmt::Result {
    let encodings: Vec<String> =
        callback.spec.encodings.iter().map(|(version, encoding)| format!("{version}={}", encoding.as_str())).collect();
    writeln!(
        out,
        "\ncallback {}  {} {}  {}",
        callback.id,
        callback.spec.method.as_str().to_uppercase(),
        callback.spec.to,
        encodings.join(" ")
    )?;
    if let Some(proof) = callback.spec.verify.in_short() {
        writeln!(out, "{}.verify  {proof}", callback.id)?;
    }
    if let Some(confirm) = &callback.spec.confirm {
        writeln!(out, "{}.confirm  with {}", callback.id, confirm.with)?;
    }
    for line in callback.spec.procedure().into_iter().flat_map(recovery_summary::confirming) {
        writeln!(out, "{}.confirm  {line}", callback.id)?;
    }
    if let Some(answer) = &callback.spec.answer {
        let body = answer.body().map(|body| format!("  body \"{body}\"")).unwrap_or_default();
        writeln!(out, "{}.answer  {}{body}", callback.id, answer.status())?;
    }
    if let Some(select) = &callback.spec.select {
        for (value, of) in &select.cases {
            writeln!(out, "{}.select  {}={value}  {of}", callback.id, select.by)?;
        }
    }
    if let Some(resend) = &callback.spec.resend {
        let from = source(resend.source);
        writeln!(out, "{}.resend  {} times within {}{from}", callback.id, resend.times, resend.within)?;
    }
    fields(api, out, &format!("{}.header", callback.id), &callback.headers)?;
    for (status, rule) in &callback.spec.http_statuses {
        writeln!(out, "{}.http {status}  {}", callback.id, outcome(rule.outcome_at(status)))?;
    }
    fields(api, out, &format!("{}.body", callback.id), &callback.body)?;
    Ok(())
}

fn types(api: &Api, out: &mut String) -> std::fmt::Result {
    for scalar in &api.scalars {
        let spec = &scalar.spec;
        let mut line = format!("\ntype {}  string", scalar.name);
        bounds(&mut line, spec.min, spec.max);
        characters(&mut line, spec.characters.as_ref());
        if let Some(separators) = &spec.separators {
            line += &format!("  separators {separators}");
        }
        if spec.not_blank {
            line.push_str("  not blank");
        }
        format_of(&mut line, spec.format);
        if let Some(generated) = spec.generated {
            line += &format!("  generated {}", generated.as_str());
        }
        sensitivity(&mut line, spec.sensitivity.unwrap_or(Sensitivity::Public));
        write!(out, "{line}")?;
        for prefix in spec.prefixes.keys() {
            write!(out, "\ntype {}.prefix  {prefix}", scalar.name)?;
        }
        for prefix in spec.mistaken.keys() {
            write!(out, "\ntype {}.mistaken  {prefix}", scalar.name)?;
        }
    }
    writeln!(out)?;
    for definition in &api.enums {
        let kind = if definition.spec.coded_as == spec::Coding::Integer { "integer" } else { "string" };
        let others = if definition.spec.accepts_others { "  others accepted" } else { "" };
        let case = if definition.spec.any_case { "  any case" } else { "" };
        writeln!(out, "\nenum {}  {kind}{others}{case}", definition.name)?;
        for (wire, value) in &definition.spec.values {
            let mut line = format!("enum {}.{wire}", definition.name);
            if let Some(name) = &value.name {
                line += &format!("  {name}");
            }
            if let Some(label) = &value.label {
                line += &format!("  \"{label}\"");
            }
            if value.initial {
                line.push_str("  initial");
            }
            if let Some(next) = &value.next {
                line += &format!("  next [{}]", next.join(" "));
            }
            if let Some(allows) = &value.allows {
                line += &format!("  allows [{}]", allows.join(" "));
            }
            writeln!(out, "{line}{}", source(value.source))?;
        }
    }
    for amount in api.amounts.iter().filter(|amount| amount.place.is_some()) {
        writeln!(out, "\namount {}  {}  unit {}", amount.name, amount.spec.currency, amount.spec.unit)?;
    }
    for time in &api.times {
        let zone = time.spec.zone.as_ref().map(|zone| format!("  zone {zone}")).unwrap_or_default();
        writeln!(out, "\ntime {}  {}{zone}", time.name, time.spec.written)?;
    }
    for union in &api.unions {
        writeln!(out, "\nunion {}  by {}", union.name, union.spec.by)?;
        for (value, of) in &union.spec.cases {
            writeln!(out, "union {}.{value}  {of}", union.name)?;
        }
    }
    for object in &api.objects {
        let when: Vec<String> =
            object.spec.when.iter().flatten().map(|(field, value)| format!("  when {field}={value}")).collect();
        writeln!(out, "\nobject {}{}", object.name, when.concat())?;
        fields(api, out, &object.name, &object.fields)?;
    }
    Ok(())
}

fn fields(api: &Api, out: &mut String, prefix: &str, fields: &[Field]) -> std::fmt::Result {
    for field in fields {
        let path = format!("{prefix}.{}", field.wire);
        if let Kind::OneOf(choices) = &field.kind {
            for choice in choices {
                writeln!(out, "{prefix}.{}", line(api, choice, &format!("  one of {}", field.wire)))?;
            }
            continue;
        }
        if let (Kind::Include(n), subset) = (&field.kind, &field.spec.fields) {
            let object = &api.objects[*n];
            let names: Vec<&String> = match subset {
                Some(subset) => subset.iter().collect(),
                None => object.fields.iter().map(|f| &f.wire).collect(),
            };
            for name in names {
                if let Some(inner) = object.fields.iter().find(|f| f.wire == *name) {
                    writeln!(out, "{prefix}.{}", line(api, inner, &format!("  of {}", object.name)))?;
                }
            }
            continue;
        }
        writeln!(out, "{prefix}.{}", line(api, field, ""))?;
        if let (Kind::One(TypeRef::Object(n)) | Kind::List(TypeRef::Object(n)), Some(subset)) =
            (&field.kind, &field.spec.fields)
        {
            for name in subset {
                if let Some(inner) = api.objects[*n].fields.iter().find(|f| f.wire == *name) {
                    writeln!(out, "{path}.{}", line(api, inner, ""))?;
                }
            }
        }
    }
    Ok(())
}

fn line(api: &Api, field: &Field, more: &str) -> String {
    let spec = &field.spec;
    let of = match &field.kind {
        Kind::One(of) => api.type_name(*of),
        Kind::List(of) => format!("list of {}", api.type_name(*of)),
        Kind::Include(n) => api.objects[*n].name.clone(),
        Kind::OneOf(_) | Kind::Broken => String::new(),
    };
    let mut line = format!("{}  {of}", field.wire);
    if spec.mandatory {
        line.push_str("  mandatory");
    }
    for (other, value) in spec.mandatory_when.iter().flatten() {
        line += &format!("  mandatory when {other}={value}");
    }
    if spec.always {
        line.push_str("  always");
    }
    if spec.nullable {
        line.push_str("  nullable");
    }
    line += &spec.more_than.map(|bound| format!("  more than {bound}")).unwrap_or_default();
    bounds(&mut line, spec.min, spec.max);
    line += &notation_words(field).iter().map(|word| format!("  {word}")).collect::<String>();
    characters(&mut line, spec.characters.as_ref());
    if spec.not_blank {
        line.push_str("  not blank");
    }
    format_of(&mut line, spec.format);
    if let Some(default) = &spec.default {
        line += &format!("  default {default}");
    }
    if let Some(within) = spec.within {
        line += &format!("  within {within}");
    }
    if let Some(port) = spec.expected_port {
        line += &format!("  port {port}");
    }
    if let Some(by) = &spec.supplied_by {
        line += &format!("  supplied by {by}");
    }
    if spec.negative {
        line.push_str("  negative");
    }
    for (name, choice) in &spec.choices {
        let recovery = choice.recovery.map(|class| format!(" recovery {}", class.as_str())).unwrap_or_default();
        line += &format!("  choice {name} sends {}{recovery}", sent(choice.sends));
    }
    if spec.choices_only {
        line.push_str("  choices only");
    }
    if let Some(version) = &spec.only_in {
        line += &format!("  only {version}");
    }
    sensitivity(&mut line, field.sensitivity);
    line + more + source(spec.source)
}

/// Returns the facts about the fixed value, the notation and the currency of a field.
fn notation_words(field: &Field) -> Vec<String> {
    let spec = &field.spec;
    let mut words = Vec::new();
    words.extend(spec.fixed.as_ref().map(|_| match field.shown_fixed() {
        Some(value) => format!("fixed {value}"),
        None => "fixed".into(),
    }));
    words.extend(spec.joined.as_ref().map(|separator| format!("joined {separator}")));
    words.extend(spec.quoted.then(|| "quoted".to_owned()));
    words.extend(spec.fraction.map(|digits| format!("fraction {digits}")));
    words.extend(spec.currency.as_ref().map(|currency| format!("currency {currency}")));
    words
}

fn bounds(line: &mut String, min: Option<spec::Limit>, max: Option<spec::Limit>) {
    if let Some(min) = min {
        *line += &format!("  min {min}");
    }
    if let Some(max) = max {
        *line += &format!("  max {max}");
    }
}

fn characters(line: &mut String, characters: Option<&Characters>) {
    if let Some(characters) = characters {
        if let Some(allow) = &characters.allow {
            *line += &format!("  allows {}", allow.join(" "));
        }
        if let Some(forbid) = &characters.forbid {
            *line += &format!("  forbids {forbid}");
        }
    }
}

fn format_of(line: &mut String, format: Option<spec::Format>) {
    if let Some(format) = format {
        *line += &format!("  {}", format.as_str());
    }
}

fn sensitivity(line: &mut String, sensitivity: Sensitivity) {
    line.push_str(match sensitivity {
        Sensitivity::Public => "",
        Sensitivity::Personal => "  personal",
        Sensitivity::Secret => "  secret",
    });
}

fn sent(sends: Sends) -> &'static str {
    match sends {
        Sends::Absent => "absent",
        Sends::Null => "null",
        Sends::Bool(true) => "true",
        Sends::Bool(false) => "false",
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Page => "",
        Source::Example => "  (example)",
        Source::Public => "  (public)",
        Source::Observed => "  (observed)",
        Source::Ours => "  (ours)",
    }
}

fn outcome(outcome: Option<spec::StatusOutcome>) -> &'static str {
    match outcome {
        None => "ok",
        Some(spec::StatusOutcome::Rejected) => "rejected",
        Some(spec::StatusOutcome::Unknown) => "unknown",
    }
}
