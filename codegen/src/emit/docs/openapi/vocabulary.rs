//! Descriptions and names that several parts of an OpenAPI document need.

use crate::names::snake;
use crate::resolved::{Api, Field, Kind, TypeRef};
use crate::spec::{Advice, Encoding, Method, Note, Sends};
use serde_json::{Value, json};

/// Folds the white space of a text, and adds a full stop unless the text ends with punctuation.
pub(super) fn plain(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.chars().last() {
        None | Some('.' | '!' | '?' | ':' | ';') => folded,
        Some(_) => folded + ".",
    }
}

/// Returns the key of an HTTP method in a path item.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

/// Returns notes as a Markdown list, or `None` if `notes` is empty.
pub(super) fn notes(notes: &[Note]) -> Option<String> {
    let lines: Vec<String> = notes.iter().map(|n| format!("- {}: {}", n.about, plain(&n.says))).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Returns the description of a field, or the description of the type if the field has no description.
pub(super) fn about(api: &Api, field: &Field) -> Option<String> {
    let text = field.spec.doc.as_deref().or(match &field.kind {
        Kind::One(of) | Kind::List(of) => api.type_doc(*of),
        Kind::Include(n) => Some(api.objects[*n].spec.doc.as_str()),
        Kind::OneOf(_) | Kind::Broken => None,
    });
    text.map(plain)
}

/// Returns the description of a field, followed by the rules that the schema of the field does not express. `sent` is
/// `true` for a field of a request.
pub(super) fn describe(api: &Api, field: &Field, sent: bool) -> String {
    let spec = &field.spec;
    let mut words: Vec<String> = about(api, field).into_iter().collect();
    for (other, value) in spec.mandatory_when.iter().flatten() {
        words.push(format!("Mandatory when `{other}` is `{value}`."));
    }
    if !sent {
        words.extend(spec.min.map(|limit| format!("Documented with a minimum of {limit}.")));
        words.extend(spec.more_than.map(|bound| format!("Documented as more than {bound}.")));
        words.extend(spec.max.map(|limit| format!("Documented with a maximum of {limit}.")));
    }
    words.extend(api.amount(field).map(|amount| format!("In {}.", amount.in_words())));
    if let Kind::One(of) | Kind::List(of) = field.kind
        && let TypeRef::Time(n) = api.innermost(of)
    {
        let time = &api.times[n].spec;
        let zone = time.zone.as_ref().map(|zone| format!(" in the zone `{zone}`")).unwrap_or_default();
        words.push(format!("Written as `{}`{zone}.", time.written));
    }
    words.extend(
        spec.joined.as_ref().map(|separator| format!("A list as one text, with `{separator}` between entries.")),
    );
    words.extend(spec.fraction.map(|digits| format!("At most {digits} digits after the decimal point.")));
    words.extend(spec.currency.as_ref().map(|currency| match rules::Currency::new(currency) {
        Some(currency) => format!("In {currency}."),
        None => format!("In the currency that `{currency}` names."),
    }));
    words.extend(
        field
            .rules
            .text
            .as_ref()
            .and_then(|text| text.max_bytes)
            .filter(|_| sent)
            .map(|(max, encoding)| format!("At most {max} bytes of {}.", encoding.name())),
    );
    words.extend(spec.within.map(|w| format!("At most {w} ahead, and not in the past.")));
    words.extend(spec.expected_port.map(|p| format!("Use port {p}: the service might not call any other port.")));
    for choice in spec.choices.values() {
        let sends = match choice.sends {
            Sends::Absent => "Left out",
            Sends::Null => "`null`",
            Sends::Bool(true) => "`true`",
            Sends::Bool(false) => "`false`",
        };
        words.push(format!("{sends}: {}", plain(&choice.doc)));
    }
    if spec.negative {
        words.push("Written as a negative number.".into());
    }
    if spec.supplied_by.as_deref() == Some("client") {
        words.push("This is a credential, which is the same in every request of a caller.".into());
    }
    if let Some(value) = spec.supplied_by.as_ref().filter(|by| *by != "client") {
        words.push(format!("Computed: see `{value}` under `x-computed`."));
    }
    words.extend(spec.only_in.as_ref().map(|version| format!("Only in version {version}.")));
    words.extend(spec.source.remark().map(str::to_owned));
    words.join(" ")
}

pub(super) fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::FixRequest => "fix the request",
        Advice::CheckKey => "check the credentials",
        Advice::TryLater => "try later",
        Advice::AskStatus => "ask for the status",
        Advice::AlreadyDone => "already done",
        Advice::TellPurchaser => "tell the purchaser",
    }
}

/// Returns the media type of a body with this encoding. Parameters of a URL have no media type of their own. For these
/// parameters, the function returns the media type of forms.
pub(super) fn media_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json",
        Encoding::Form | Encoding::Query => "application/x-www-form-urlencoded",
    }
}

/// Returns the name and the object of an entry of `examples`.
pub(super) fn example(title: &str, value: Value) -> (String, Value) {
    (snake(title), json!({ "summary": title, "value": value }))
}
