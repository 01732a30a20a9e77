//! Tables of evidence, for the resolution of an operation and the confirmation of a message. They show which
//! conclusions the client draws from an answer, and which cases a person has to decide.

use super::{MarkdownPage, code};
use crate::prose::sentence;
use crate::resolved::{Api, Callback, Operation};
use crate::spec::{Binding, EntryValue, FixedValue, Map, Resolve, Verdict};

/// Describes how a success shows that it belongs to its request, when a rejection is accepted, and which requests count
/// as attempts at one request.
pub(super) fn binding(op: &Operation, page: &mut MarkdownPage) {
    let evidence = &op.spec.evidence;
    let bound = |(member, binding): (&String, &Binding)| match binding {
        Binding::Field(field) if field == member => code(member),
        Binding::Field(field) => format!("{} (must equal the request's {})", code(member), code(field)),
        Binding::Magnitude(of) => {
            format!("{} (its magnitude must equal the request's {})", code(member), code(&of.magnitude_of))
        }
        Binding::Fixed(fixed) => format!("{} (must be {})", code(member), values(fixed)),
    };
    let members: Vec<_> = evidence.binds.iter().map(bound).chain(sums(&evidence.sums)).collect();
    if !members.is_empty() {
        let lacks = if evidence.moves_money { "lacks one or has another value" } else { "has another value" };
        page.paragraph(&format!(
            "These members show that a success belongs to its request: {}. A reply that {lacks} leaves the outcome \
             unknown.",
            members.join(", ")
        ));
    }
    if evidence.repeats_nothing {
        page.paragraph(
            "A success repeats no value of its request. The client accepts it only because it is the reply to \
            this request.",
        );
    }
    if evidence.moves_money {
        page.paragraph(
            "The operation moves money. The client accepts a rejection only if it has a documented code and \
            its body has the documented form.",
        );
    }
    if !evidence.identity.is_empty() {
        let names: Vec<_> = evidence.identity.iter().map(|name| code(name)).collect();
        page.paragraph(&format!(
            "Requests with the same {} count as attempts at one request, even if other members differ.",
            names.join(" and ")
        ));
    }
    page.paragraph(&evidence.doc.as_deref().map(sentence).unwrap_or_default());
}

/// Describes sums of members that must equal amounts of the request.
fn sums(sums: &Map<Vec<String>>) -> impl Iterator<Item = String> {
    sums.iter().map(|(field, members)| {
        let members: Vec<_> = members.iter().map(|member| code(member)).collect();
        format!("the sum of {} (must equal the request's {})", members.join(" and "), code(field))
    })
}

/// Describes the evidence that a request took effect or did not take effect.
pub(super) fn resolution(api: &Api, op: &Operation, page: &mut MarkdownPage) {
    let Some(resolve) = &op.spec.recovery.resolve else { return };
    let with = op.spec.recovery.with.as_deref().unwrap_or_default();
    let times = &api.spec.timeouts;
    let later = match (times.accepted_within, times.shown_within) {
        (Some(accepted), Some(shown)) => format!("{accepted} plus {shown} after the last attempt"),
        _ => "when no attempt can be accepted any more".to_owned(),
    };
    let mut rows = Vec::new();
    table(&mut rows, &resolve.immediately, "at any time");
    table(&mut rows, &resolve.unanswered, "if no attempt received a success");
    table(&mut rows, &resolve.after_acceptance, &later);
    page.paragraph(&match (resolve.repeat_first, rows.is_empty()) {
        (true, true) => {
            format!(
                "The client first sends the request again. Only a success of the repetition is proof; an answer of {} \
                 only informs a person.",
                code(with)
            )
        }
        (false, true) => format!("An answer of {} proves nothing; it only informs a person.", code(with)),
        (true, false) => {
            format!(
                "The client first sends the request again. If the outcome is still unknown, {}",
                proves(&format!("the answer of {}", code(with)), resolve)
            )
        }
        (false, false) => proves(&format!("The answer of {}", code(with)), resolve),
    });
    let source = match (&resolve.by, &resolve.list) {
        (Some(by), _) => code(by),
        (None, Some(list)) => code(list),
        (None, None) => "state".to_owned(),
    };
    entry_conditions(resolve, page);
    page.table(&[&source, "when", "proves"], &rows);
    limits(resolve, page);
    let look_at: Vec<_> = resolve.look_at.iter().map(|name| code(name)).collect();
    let others = if rows.is_empty() { "" } else { "Other states prove nothing. " };
    page.paragraph(&format!(
        "{others}If the outcome is still unknown after {}, a person has to check {}.",
        resolve.within,
        look_at.join(", ")
    ));
}

/// Describes which entries of a list in the answer count, and which entries show that the effect was reversed.
fn entry_conditions(resolve: &Resolve, page: &mut MarkdownPage) {
    let fixed = fixed(&resolve.entry);
    if !fixed.is_empty() {
        page.paragraph(&format!("Only entries whose {} count.", fixed.join(" and whose ")));
    }
    if !resolve.entry_reversed.is_empty() {
        let own = resolve.entry_reversed.iter().filter(|(_, value)| matches!(value, EntryValue::Field(_)));
        let own = own.map(|(name, _)| format!("{} is that of the request", code(name)));
        let conditions: Vec<_> = own.chain(self::fixed(&resolve.entry_reversed)).collect();
        page.paragraph(&format!("An entry reverses the effect if its {}.", conditions.join(" and its ")));
    }
}

/// Describes the conditions under which an answer proves less than its state indicates.
fn limits(resolve: &Resolve, page: &mut MarkdownPage) {
    if let Some(time) = &resolve.not_before {
        page.paragraph(&format!(
            "An answer belongs to another request if its {} is earlier than the first attempt, or later than the \
             time until which an effect of the last attempt can appear.",
            code(time)
        ));
    }
    if let (Some(full), Some(remaining)) = (&resolve.in_full, &resolve.remaining) {
        let values: Vec<_> = full.values.iter().map(|value| code(value)).collect();
        page.paragraph(&format!(
            "In the state {}, a value of {} that is less than {} shows that a part was reversed.",
            values.join(" or "),
            code(remaining),
            code(&full.amount)
        ));
    }
    for (a, b) in &resolve.unchanged {
        page.paragraph(&format!(
            "A state that is not final proves \"not done\" only if {} equals {}.",
            code(a),
            code(b)
        ));
    }
    if let Some(time) = resolve.repeatable_for {
        page.paragraph(&format!(
            "The service recognizes a repetition for {time} after the first attempt. The request is sent again only if \
             a whole resolution fits into that time, including the time in which its effect can still appear. It is \
             never sent again if the time of the first attempt is unknown."
        ));
    }
}

fn proves(subject: &str, resolve: &Resolve) -> String {
    format!("{subject} proves what the table shows if these members have the expected values: {}.", bound(resolve))
}

/// Returns the conditions on an entry that are the same for every request.
fn fixed(entry: &Map<EntryValue>) -> Vec<String> {
    let condition = |(name, value): (&String, &EntryValue)| match value {
        EntryValue::Field(_) => None,
        EntryValue::Fixed(fixed) => Some(format!("{} is {}", code(name), values(fixed))),
    };
    entry.iter().filter_map(condition).collect()
}

fn values(fixed: &FixedValue) -> String {
    fixed.is.0.iter().map(|value| code(&value.to_string())).collect::<Vec<_>>().join(" or ")
}

fn table(rows: &mut Vec<Vec<String>>, table: &Map<Verdict>, when: &str) {
    for (word, verdict) in table {
        let proves = match verdict {
            Verdict::Done => "done",
            Verdict::Reversed => "done, but later reversed, wholly or in part",
            Verdict::NotDone => "not done",
            Verdict::Repeat => "not done so far; the request is sent again",
        };
        rows.push(vec![code(word), when.to_owned(), proves.to_owned()]);
    }
}

fn bound(resolve: &Resolve) -> String {
    let mut members: Vec<_> =
        resolve.binds.keys().chain(&resolve.expect).chain(&resolve.environment).map(|name| code(name)).collect();
    members.extend(sums(&resolve.sums));
    let is_own = |value: &EntryValue| matches!(value, EntryValue::Field(_));
    members.extend(resolve.entry.iter().filter(|(_, value)| is_own(value)).map(|(name, _)| code(name)));
    members.extend(resolve.entry_equal.keys().chain(&resolve.entry_expect).map(|name| code(name)));
    members.extend(sums(&resolve.entry_sums));
    members.dedup();
    members.join(", ")
}

/// Describes the states that confirm a message, the states that refute the message, and the members of the answer that
/// are compared with the message.
pub(super) fn confirmation(callback: &Callback, page: &mut MarkdownPage) {
    let Some(confirm) = callback.spec.procedure() else { return };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut add = |values: &[String], means: &str| {
        rows.extend(values.iter().map(|value| vec![code(value), means.to_owned()]));
    };
    add(&confirm.confirming_values, "confirmed; no paid amount is reported");
    if let Some(paid) = &confirm.paid {
        for value in &paid.values {
            let left = confirm.reversed.as_ref().filter(|_| paid.in_full.contains(value));
            let less = left.map_or(String::new(), |left| {
                format!(", or {} if that is less (not proven if it is 0),", code(&left.remaining))
            });
            add(std::slice::from_ref(value), &format!("confirmed; {}{less} is paid", code(&paid.amount)));
        }
    }
    if let Some(left) = &confirm.reversed {
        let (remaining, of) = (code(&left.remaining), code(&left.of));
        for value in &left.values {
            let nothing = if left.refuting_values.contains(value) { "refuted" } else { "not proven" };
            let means = format!(
                "confirmed if {remaining}, the amount that is still paid, is more than 0 and less than {of}; {nothing} \
                 if it is 0"
            );
            add(std::slice::from_ref(value), &means);
        }
    }
    add(&confirm.refuting_values, "refuted");
    if let Some(by) = &confirm.by {
        page.table(&[&code(by), "the claim of the message is"], &rows);
    }
    let compared: Vec<_> = confirm
        .equal
        .keys()
        .chain(&confirm.expect)
        .chain(&confirm.environment)
        .chain(confirm.entry.keys())
        .chain(confirm.entry_equal.keys())
        .map(|name| code(name))
        .collect();
    let mut seen = Vec::new();
    for name in compared {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    page.paragraph(&format!(
        "The client compares these members of the answer with the message and with the caller's own values: {}. A \
         different value refutes the message, unless the member only identifies an entry of a list, or the answer may \
         be about another payment. An absent or unreadable value proves nothing, and neither does a rejected status \
         query. If nothing is proven, let the service send the message again.",
        seen.join(", ")
    ));
}
