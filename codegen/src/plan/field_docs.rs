//! Rustdoc of a field: a paragraph with its meaning, and a paragraph with its rules. The getter, the setter and the
//! public field have the same text.

use crate::model::{IntegerRules, TextFormat, TextRules};
use crate::prose::sentence;
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec;

/// Returns the paragraphs of a field's documentation.
///
/// `extra` contains the sentences that depend on the message, such as a condition or a version. `is_sent` is `true` for
/// a field of a request.
pub(super) fn field_docs(api: &Api, field: &Field, extra: &[String], is_sent: bool) -> Vec<String> {
    let about = match about(api, field) {
        Some(about) => sentence(about),
        None => format!("`{}`.", field.wire),
    };
    let mut docs = vec![about];
    let rules = rules(api, field, extra, is_sent);
    if !rules.is_empty() {
        docs.push(rules.join(" "));
    }
    docs
}

fn about<'a>(api: &'a Api, field: &'a Field) -> Option<&'a str> {
    field.spec.doc.as_deref().or(match &field.kind {
        Kind::One(of) | Kind::List(of) => api.type_doc(*of),
        Kind::Include(n) => Some(api.objects[*n].spec.doc.as_str()),
        Kind::OneOf(_) | Kind::Broken => None,
    })
}

fn rules(api: &Api, field: &Field, extra: &[String], is_sent: bool) -> Vec<String> {
    let spec = &field.spec;
    let mut rules = Vec::new();
    if spec.mandatory {
        rules.push("Required.".into());
    }
    rules.extend_from_slice(extra);
    rules.extend(limits(api, field));
    rules.extend(spec.within.map(|w| format!("At most {w} ahead, and not in the past.")));
    rules.extend(spec.expected_port.map(|p| format!("Use port {p}: the service might not call any other port.")));
    rules.extend(spec.default.as_ref().map(|d| format!("Default: `{d}`.")));
    if spec.nullable {
        let in_list = is_sent && matches!(field.kind, Kind::List(_));
        rules.push(if in_list { "Its entries may be null." } else { "May be null." }.into());
    }
    rules.extend(spec.source.remark().map(str::to_owned));
    if !matches!(field.kind, Kind::Include(_) | Kind::OneOf(_)) {
        rules.push(format!("Name in messages: `{}`.", field.wire));
    }
    rules
}

fn limits(api: &Api, field: &Field) -> Vec<String> {
    let spec = &field.spec;
    let amount = api.amount(field);
    let unit = amount.map(|amount| format!(" {}", amount.spec.unit)).unwrap_or_default();
    if let Some(range) = field.rules.integer.as_ref().and_then(|rules| range(rules, &unit)) {
        return vec![range];
    }
    let mut limits = Vec::new();
    // Limits in characters or bytes are left out here if the rules of the text contain them. The rules of the text are
    // added below.
    let is_among_rules = |limit: &spec::Limit| {
        field.rules.text.is_some() && matches!(limit.unit, Some(spec::Unit::Characters | spec::Unit::Bytes(_)))
    };
    limits.extend(spec.min.filter(|l| !is_among_rules(l)).map(|l| format!("At least {}.", bound(l))));
    limits.extend(spec.more_than.map(|bound| format!("More than {}.", grouped(bound))));
    limits.extend(spec.max.filter(|l| !is_among_rules(l)).map(|l| format!("At most {}.", bound(l))));
    if let Some(text) = &field.rules.text {
        let entries = if matches!(field.kind, Kind::List(_)) { "For each entry: " } else { "" };
        limits.extend(text_rule_docs(text).into_iter().map(|rule| format!("{entries}{rule}")));
    }
    limits.extend(amount.map(|amount| format!("In {}.", amount.in_words())));
    let fraction = spec.fraction.map(|digits| counted(digits.into(), "digit"));
    limits.extend(fraction.map(|digits| format!("At most {digits} after the decimal point.")));
    limits.extend(notation(field));
    limits
}

/// Describes the currency of a field, and the separator of a list that is written as one text.
fn notation(field: &Field) -> Vec<String> {
    let spec = &field.spec;
    let mut words = Vec::new();
    words.extend(spec.currency.as_ref().map(|currency| {
        let minor = if matches!(field.kind, Kind::One(TypeRef::Integer)) { "minor units of " } else { "" };
        match rules::Currency::new(currency) {
            Some(currency) => format!("In {minor}{currency}."),
            None => format!("In {minor}the currency that `{currency}` names."),
        }
    }));
    words.extend(
        spec.joined.as_ref().map(|separator| format!("Written as one text, with `{separator}` between entries.")),
    );
    words
}

/// Describes the range of an integer, such as `1 to 9,999,999 won.`
fn range(rules: &IntegerRules, unit: &str) -> Option<String> {
    match (rules.min, rules.max) {
        (None, None) => None,
        (Some(min), None) => Some(format!("At least {}{unit}.", grouped(min))),
        (None, Some(max)) => Some(format!("At most {}{unit}.", grouped(max))),
        (Some(min), Some(max)) if min == max => Some(format!("Exactly {}{unit}.", grouped(max))),
        (Some(min), Some(max)) => Some(format!("{} to {}{unit}.", grouped(min), grouped(max))),
    }
}

/// Formats an integer with a comma between groups of three digits, such as `39,000`.
fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a limit and its unit. The limit of a plain number is written without a unit.
fn bound(limit: spec::Limit) -> String {
    match limit.unit {
        Some(spec::Unit::Value) => grouped(limit.count),
        _ => limit.to_string(),
    }
}

/// Returns a number with a noun, which is in the plural unless the number is 1.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Describes the rules of a text, with one sentence for each rule.
pub(super) fn text_rule_docs(rules: &TextRules) -> Vec<String> {
    let mut docs = Vec::new();
    match (rules.min, rules.max) {
        (0, None) => {}
        (0, Some(max)) => docs.push(format!("At most {}.", counted(max, "character"))),
        (min, None) => docs.push(format!("At least {}.", counted(min, "character"))),
        (min, Some(max)) if min == max => docs.push(format!("Exactly {}.", counted(max, "character"))),
        (min, Some(max)) => docs.push(format!("{min} to {}.", counted(max, "character"))),
    }
    if let Some((max, encoding)) = rules.max_bytes {
        docs.push(format!("At most {} of {}.", counted(max, "byte"), encoding.name()));
    }
    if let Some(characters) = &rules.characters {
        docs.push(format!("Characters: `{}`.", characters.doc.replace('`', "'")));
    }
    if rules.not_blank {
        docs.push("Not blank.".into());
    }
    match rules.format {
        Some(TextFormat::HttpUrl) => docs.push("An absolute http or https URL.".into()),
        Some(TextFormat::PathSegment) => docs.push("Part of the URL's path: not empty, not `.` or `..`.".into()),
        None => {}
    }
    docs
}
