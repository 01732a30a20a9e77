//! Summaries of evidence, resolution and confirmation, with one line for each fact. The summary of the public API
//! (`surface/*.txt`) and the output of `diff` contain these lines.

use crate::spec::{Binding, Confirm, EntryValue, Evidence, Map, Resolve};

/// Summarizes the evidence that a reply belongs to its request.
pub(crate) fn evidence(evidence: &Evidence) -> Vec<String> {
    let mut lines = Vec::new();
    if evidence.moves_money {
        lines.push("moves money".to_owned());
    }
    let bound = |(member, binding): (&String, &Binding)| match binding {
        Binding::Field(field) if field == member => member.clone(),
        Binding::Field(field) => format!("{member}={field}"),
        Binding::Magnitude(of) => format!("|{member}|={}", of.magnitude_of),
        Binding::Fixed(fixed) => format!("{member} is {}", fixed.is.in_words()),
    };
    let binds: Vec<_> = evidence.binds.iter().map(bound).chain(sums(&evidence.sums)).collect();
    lines.extend((!binds.is_empty()).then(|| format!("bound by {}", binds.join(" "))));
    lines.extend(evidence.repeats_nothing.then(|| "bound by nothing".to_owned()));
    lines.extend(evidence.environment.as_ref().map(|member| format!("environment {member}")));
    named(&mut lines, "identity", &evidence.identity);
    lines
}

/// Summarizes the resolution of a request with an unknown outcome.
pub(crate) fn resolution(resolve: &Resolve) -> Vec<String> {
    let first = if resolve.repeat_first { "  repeat first" } else { "" };
    let mut lines = vec![format!("ask by {}{first}  within {}", pairs(&resolve.ask), resolve.within)];
    let binds: Vec<_> = resolve.binds.iter().map(pair).chain(sums(&resolve.sums)).collect();
    named(&mut lines, "bound by", &binds);
    let list = resolve.list.as_deref().filter(|list| *list != "[]").map_or(String::new(), |list| format!("{list}."));
    let stated = resolve.entry_expect.iter().map(|name| format!("{list}{name}"));
    let expected: Vec<String> = resolve.expect.iter().cloned().chain(stated).collect();
    named(&mut lines, "expects", &expected);
    lines.extend(resolve.environment.as_ref().map(|member| format!("environment {member}")));
    lines.extend(resolve.not_before.as_ref().map(|member| format!("{member} not before the first attempt")));
    let source = match (&resolve.by, &resolve.list) {
        (Some(by), _) => by.clone(),
        (None, Some(list)) if resolve.entry_equal.is_empty() => format!("{list}[{}]", entry(&resolve.entry)),
        (None, Some(list)) => format!("{list}[{}] equal {}", entry(&resolve.entry), pairs(&resolve.entry_equal)),
        (None, None) => "answer".to_owned(),
    };
    let sums: Vec<_> = sums(&resolve.entry_sums).collect();
    named(&mut lines, &format!("{list}equal"), &sums);
    let reversed = (!resolve.entry_reversed.is_empty()).then(|| entry(&resolve.entry_reversed));
    lines.extend(reversed.map(|entry| format!("{list}reversed by [{entry}]")));
    let tables = [
        ("", &resolve.immediately),
        (" while unanswered", &resolve.unanswered),
        (" once nothing can be accepted", &resolve.after_acceptance),
    ];
    for (when, table) in tables {
        lines.extend(table.iter().map(|(word, verdict)| format!("{source} {word}{when}: {}", verdict.as_str())));
    }
    lines.extend(resolve.remaining.as_ref().map(|member| format!("remaining {member}")));
    lines.extend(resolve.in_full.as_ref().map(|full| format!("in full {} by {}", full.amount, full.values.join(" "))));
    lines.extend((!resolve.unchanged.is_empty()).then(|| format!("not_done if {}", pairs(&resolve.unchanged))));
    named(&mut lines, "absent by code", &resolve.absent);
    named(&mut lines, "repeat needs", &resolve.repeat_needs);
    lines.extend((resolve.repeats > 0).then(|| format!("repeats {}", resolve.repeats)));
    lines.extend(resolve.repeatable_for.map(|time| format!("repeatable for {time}")));
    named(&mut lines, "look at", &resolve.look_at);
    lines
}

/// Summarizes the confirmation of a callback's message.
pub(crate) fn confirming(confirm: &Confirm) -> Vec<String> {
    let mut lines = vec![format!("ask by {}", pairs(&confirm.ask))];
    lines.extend((!confirm.equal.is_empty()).then(|| format!("equal {}", pairs(&confirm.equal))));
    lines.extend(
        confirm
            .list
            .as_ref()
            .map(|list| format!("{list}[{}] equal {}", pairs(&confirm.entry), pairs(&confirm.entry_equal))),
    );
    named(&mut lines, "expects", &confirm.expect);
    named(&mut lines, "known", &confirm.known);
    let by = confirm.by.as_deref().unwrap_or_default();
    named(&mut lines, &format!("{by} confirms"), &confirm.confirming_values);
    if let Some(paid) = &confirm.paid {
        lines.push(format!("{by} paid {} by {}", paid.amount, paid.values.join(" ")));
        named(&mut lines, &format!("{by} in full"), &paid.in_full);
    }
    lines.extend(confirm.reversed.as_ref().map(|left| {
        let refuting = left.refuting_values.join(" ");
        format!(
            "{by} left {} of {} by {}; nothing left refutes {refuting}",
            left.remaining,
            left.of,
            left.values.join(" ")
        )
    }));
    named(&mut lines, &format!("{by} refutes"), &confirm.refuting_values);
    lines.extend(confirm.not_before.as_ref().map(|member| format!("{by} not before {member}")));
    lines.extend(confirm.environment.as_ref().map(|member| format!("environment {member}")));
    lines
}

fn named(lines: &mut Vec<String>, what: &str, names: &[String]) {
    if !names.is_empty() {
        lines.push(format!("{what} {}", names.join(" ")));
    }
}

fn pairs(map: &Map<String>) -> String {
    map.iter().map(pair).collect::<Vec<_>>().join(" ")
}

fn pair((a, b): (&String, &String)) -> String {
    if a == b { a.clone() } else { format!("{a}={b}") }
}

fn sums(sums: &Map<Vec<String>>) -> impl Iterator<Item = String> {
    sums.iter().map(|(field, members)| format!("{}={field}", members.join("+")))
}

fn entry(map: &Map<EntryValue>) -> String {
    let pair = |(member, value): (&String, &EntryValue)| match value {
        EntryValue::Field(field) if field == member => member.clone(),
        EntryValue::Field(field) => format!("{member}={field}"),
        EntryValue::Fixed(fixed) => format!("{member} is {}", fixed.is.in_words()),
    };
    map.iter().map(pair).collect::<Vec<_>>().join(" ")
}
