//! What the client does by itself when it settles a doubt or confirms a message, a line a fact: for the surface
//! summary, and for the report of changes.

use crate::names::snake;
use crate::spec::{Confirm, Map, Settle, Verdict};

/// How a doubt is settled.
pub fn settling(settle: &Settle) -> Vec<String> {
    let first = if settle.resend_first { "  resend first" } else { "" };
    let mut lines = vec![format!("ask by {}{first}  within {}", pairs(&settle.ask), settle.within)];
    let tells = match (&settle.by, &settle.list) {
        (Some(by), _) => by.clone(),
        (None, Some(list)) => format!("{list}[{}]", pairs(&settle.entry)),
        (None, None) => "answer".to_owned(),
    };
    let means = |verdict: &Verdict| snake(&format!("{verdict:?}"));
    lines.extend(settle.at_once.iter().map(|(word, verdict)| format!("{tells} {word}: {}", means(verdict))));
    let quiet = settle.quiet.map(|quiet| format!(" after {quiet}")).unwrap_or_default();
    lines.extend(settle.then.iter().map(|(word, verdict)| format!("{tells} {word}{quiet}: {}", means(verdict))));
    lines.extend((!settle.equal.is_empty()).then(|| format!("equal {}", pairs(&settle.equal))));
    named(&mut lines, "expects", &settle.expect);
    named(&mut lines, "absent by code", &settle.absent);
    named(&mut lines, "landed by code", &settle.landed);
    named(&mut lines, "resend needs", &settle.resend_needs);
    lines.extend((settle.resends > 0).then(|| format!("resends {}", settle.resends)));
    lines
}

/// How a message is confirmed.
pub fn confirming(confirm: &Confirm) -> Vec<String> {
    let mut lines = vec![format!("ask by {}", pairs(&confirm.ask))];
    lines.extend((!confirm.equal.is_empty()).then(|| format!("equal {}", pairs(&confirm.equal))));
    lines.extend(confirm.list.as_ref().map(|list| format!("{list}[{}]", pairs(&confirm.entry))));
    named(&mut lines, "expects", &confirm.expect);
    let by = confirm.by.as_deref().unwrap_or_default();
    named(&mut lines, &format!("{by} in"), &confirm.states);
    named(&mut lines, &format!("{by} wait"), &confirm.wait);
    lines.extend(confirm.environment.as_ref().map(|member| format!("environment {member}")));
    lines
}

fn named(lines: &mut Vec<String>, what: &str, names: &[String]) {
    if !names.is_empty() {
        lines.push(format!("{what} {}", names.join(" ")));
    }
}

fn pairs(map: &Map<String>) -> String {
    let pair = |(a, b): (&String, &String)| if a == b { a.clone() } else { format!("{a}={b}") };
    map.iter().map(pair).collect::<Vec<_>>().join(" ")
}
