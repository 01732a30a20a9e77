//! Tokens that several emitters need.

use crate::model::{Argument, FixedMember, MessagePart, Setter, TimeNotation, Ty};
use crate::spec::{Advice, Method, RecoveryClass, Verdict};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

/// Returns an identifier. `plan` ensures that the name is valid in Rust.
pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub(super) fn method(method: Method) -> Ident {
    ident(match method {
        Method::Get => "Get",
        Method::Post => "Post",
        Method::Put => "Put",
        Method::Patch => "Patch",
        Method::Delete => "Delete",
    })
}

pub(super) fn request_part(part: MessagePart) -> TokenStream {
    match part {
        MessagePart::Body => quote!(rt::RequestPart::Body),
        MessagePart::Path => quote!(rt::RequestPart::Path),
        MessagePart::Query => quote!(rt::RequestPart::Query),
        MessagePart::Header => quote!(rt::RequestPart::Header),
    }
}

pub(super) fn recovery(class: RecoveryClass) -> Ident {
    ident(match class {
        RecoveryClass::Resend => "Resend",
        RecoveryClass::AskFirst => "AskFirst",
        RecoveryClass::Never => "Never",
    })
}

pub(super) fn verdict(verdict: Verdict) -> Ident {
    ident(match verdict {
        Verdict::Done => "Done",
        Verdict::Reversed => "Reversed",
        Verdict::NotDone => "NotDone",
        Verdict::Repeat => "Repeat",
    })
}

pub(super) fn advice(advice: Advice) -> Ident {
    ident(match advice {
        Advice::FixRequest => "FixRequest",
        Advice::CheckKey => "CheckKey",
        Advice::TryLater => "TryLater",
        Advice::AskStatus => "AskStatus",
        Advice::AlreadyDone => "AlreadyDone",
        Advice::TellPurchaser => "TellPurchaser",
    })
}

/// Returns paragraphs as outer documentation (`///`).
pub(super) fn docs(paragraphs: &[String]) -> TokenStream {
    let lines = lines(paragraphs);
    quote!(#(#[doc = #lines])*)
}

/// Returns paragraphs as inner documentation (`//!`).
pub(super) fn inner_docs(paragraphs: &[String]) -> TokenStream {
    let lines = lines(paragraphs);
    quote!(#(#![doc = #lines])*)
}

/// Wraps paragraphs into lines of about 100 characters. A blank line separates paragraphs, but not entries of a list.
fn lines(paragraphs: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for (n, paragraph) in paragraphs.iter().enumerate() {
        let list = paragraph.starts_with("- ");
        if n > 0 && !(list && paragraphs[n - 1].starts_with("- ")) {
            lines.push(String::new());
        }
        if paragraph.contains('\n') {
            // Code and tables are not wrapped.
            lines.extend(paragraph.lines().map(|l| format!(" {l}")));
            continue;
        }
        let (mut line, mut length) = (String::new(), 0);
        for word in paragraph.split(' ') {
            let characters = word.chars().count();
            if !line.is_empty() && length + characters > 100 {
                lines.push(format!(" {line}"));
                line = if list { " ".into() } else { String::new() };
                length = line.len();
            }
            if !line.is_empty() {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += characters;
        }
        lines.push(format!(" {line}"));
    }
    lines
}

pub(super) fn ty(of: &Ty) -> TokenStream {
    match of {
        Ty::String => quote!(String),
        Ty::Integer => quote!(i64),
        Ty::Bool => quote!(bool),
        Ty::Decimal => quote!(rt::Decimal),
        Ty::Instant => quote!(rt::OffsetDateTime),
        Ty::Date => quote!(rt::CalendarDate),
        Ty::List(of) => {
            let of = ty(of);
            quote!(Vec<#of>)
        }
        Ty::Map(of) => {
            let of = ty(of);
            quote!(std::collections::BTreeMap<String, #of>)
        }
        Ty::Json => quote!(serde_json::Value),
        Ty::Text(name) | Ty::Object(name) | Ty::Time(name) | Ty::Union(name) | Ty::Enum { rust: name, .. } => {
            let name = ident(name);
            quote!(#name)
        }
    }
}

pub(super) fn strings(values: &[String]) -> TokenStream {
    quote!(&[#(#values),*])
}

/// Returns the value of a fixed member as a literal.
pub(super) fn fixed(member: &FixedMember) -> TokenStream {
    match &member.value {
        crate::spec::Literal::Bool(value) => quote!(#value),
        crate::spec::Literal::Integer(value) => integer(*value),
        crate::spec::Literal::Text(text) => quote!(#text),
    }
}

/// Returns the notation of a time as a constant expression.
pub(super) fn time_format(notation: &TimeNotation) -> TokenStream {
    let (pattern, offset) = (&notation.pattern, integer(i64::from(notation.offset)));
    quote!(rt::TimeFormat { pattern: #pattern, offset: #offset })
}

/// Returns an integer literal. The digits are grouped in thousands if there are more than four.
pub(super) fn integer(value: i64) -> TokenStream {
    let digits = value.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) && digits.len() > 4 {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    let literal: TokenStream = match grouped.parse::<Literal>() {
        Ok(literal) => quote!(#literal),
        Err(_) => {
            let literal = Literal::u64_unsuffixed(value.unsigned_abs());
            quote!(#literal)
        }
    };
    if value < 0 { quote!(-#literal) } else { literal }
}

/// Returns calls of setters on a builder, in the order of `setters`. `replaced` contains the wire name of a field, and
/// another call for this field.
pub(super) fn setters(setters: &[Setter], replaced: Option<(&str, &TokenStream)>) -> TokenStream {
    let calls = setters.iter().map(|setter| {
        let method = ident(&setter.method);
        match (replaced, &setter.argument) {
            (Some((wire, tokens)), _) if wire == setter.wire => quote!(.#tokens),
            (_, Some(value)) => {
                let value = argument(value);
                quote!(.#method(#value))
            }
            (_, None) => quote!(.#method()),
        }
    });
    quote!(#(#calls)*)
}

fn argument(value: &Argument) -> TokenStream {
    match value {
        Argument::Text(text) => quote!(#text),
        Argument::Typed(ty, text) => {
            let ty = ident(ty);
            quote!(#ty::from(#text))
        }
        Argument::Integer(value) => integer(*value),
        Argument::Bool(value) => quote!(#value),
        // `lint` checks that these values can be parsed. Otherwise, a generated test would panic.
        Argument::Decimal(text) => quote!(rt::Decimal::parse(#text).expect("a number")),
        Argument::Parsed(ty, text) => {
            let ty = ident(ty);
            quote!(#text.parse::<#ty>().expect("a time"))
        }
        Argument::ParsedBuiltIn(ty, text) => {
            let ty = ident(ty);
            quote!(#text.parse::<rt::#ty>().expect("a time"))
        }
        Argument::Case(ty, variant, object) => {
            let (ty, variant, object) = (ident(ty), ident(variant), argument(object));
            quote!(#ty::#variant(Box::new(#object)))
        }
        Argument::Vector(items) => {
            let items = items.iter().map(argument);
            quote!(vec![#(#items),*])
        }
        Argument::Map(members) => {
            let members = members.iter().map(|(name, value)| {
                let value = argument(value);
                quote!((#name.to_owned(), #value))
            });
            quote!(std::collections::BTreeMap::from([#(#members),*]))
        }
        Argument::Variant(ty, variant) => {
            let (ty, variant) = (ident(ty), ident(variant));
            quote!(#ty::#variant)
        }
        Argument::OtherText(ty, text) => {
            let ty = ident(ty);
            quote!(#ty::Other(#text.into()))
        }
        Argument::OtherNumber(ty, number) => {
            let (ty, number) = (ident(ty), integer(*number));
            quote!(#ty::Other(#number))
        }
        Argument::Json(text) => quote!(serde_json::from_str(#text)?),
        Argument::List(items) => {
            let items = items.iter().map(argument);
            quote!([#(#items),*])
        }
        Argument::Maybe(None) => quote!(None),
        Argument::Maybe(Some(inner)) => {
            let inner = argument(inner);
            quote!(Some(#inner))
        }
        Argument::Built(ty, calls) => {
            let (ty, calls) = (ident(ty), setters(calls, None));
            quote!(#ty::builder() #calls .build()?)
        }
    }
}

/// Returns the type parameter for the state of a mandatory field.
pub(super) fn state(field: &str) -> Ident {
    format_ident!("Has{}", crate::names::camel(field))
}
