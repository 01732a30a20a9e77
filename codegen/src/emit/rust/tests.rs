//! Emits the tests of the generated crate. They check the examples and the limits of the spec.

use super::builder::is_optional_parameter;
use super::tokens::{ident, integer, setters};
use crate::model::{
    ApiModel, Argument, CallbackModel, ExampleModel, Member, MemberKind, OneOfChoice, OperationModel, Setter, Sum,
    TextRules, TextType, Ty,
};
use crate::names::snake;
use crate::spec::Literal as Fixed;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use std::ops::Add;

/// Emits `tests/<api>.rs`.
pub(crate) fn emit(api: &ApiModel, crate_name: &str) -> TokenStream {
    let crate_name = ident(crate_name);
    let module = ident(&api.module);
    let examples = api
        .operations
        .iter()
        .flat_map(|op| op.examples.iter().enumerate().flat_map(move |(n, example)| exchange(op, n, example)));
    let messages = api.callbacks.iter().flat_map(messages);
    let limits =
        api.operations.iter().flat_map(|op| op.request.members.iter().flat_map(move |member| limits(api, op, member)));
    quote! {
        //! Tests of the generated types with the examples and limits of the spec.

        #[rustfmt::skip]
        mod cases {
            #![allow(unused_imports, dead_code)]

            use #crate_name::#module::*;
            use #crate_name::runtime::__private as rt;
            use serde_json::{Value, from_str, to_value};

            /// Error of a test.
            type Failure = Box<dyn std::error::Error>;

            /// Returns the path and the message of each broken rule.
            fn broken<T>(built: Result<T, Failure>) -> Vec<(String, String)> {
                match built {
                    Ok(_) => Vec::new(),
                    Err(error) => match error.downcast::<rt::Violations>() {
                        Ok(violations) => {
                            violations.iter().map(|v| (v.path().to_owned(), v.to_string())).collect()
                        }
                        Err(other) => panic!("not a broken rule: {other}"),
                    },
                }
            }

            /// Checks that the field at `path` breaks no rule in the request `at`, and exactly one rule in the request
            /// `beyond`. The message of the broken rule must contain each text in `says`.
            fn limit<T>(path: &str, at: Result<T, Failure>, beyond: Result<T, Failure>, says: &[&str]) {
                let at: Vec<_> = broken(at).into_iter().filter(|(p, _)| p == path).collect();
                assert!(at.is_empty(), "at the limit: {at:?}");
                let beyond: Vec<_> = broken(beyond).into_iter().filter(|(p, _)| p == path).collect();
                assert_eq!(beyond.len(), 1, "beyond the limit: {beyond:?}");
                for word in says {
                    assert!(beyond[0].1.contains(word), "`{}` does not contain `{word}`", beyond[0].1);
                }
            }

            /// Returns `beginning`, filled up with `filler` to `length` characters.
            fn text(beginning: &str, filler: char, length: usize) -> String {
                let used = beginning.chars().count();
                beginning.chars().chain(std::iter::repeat_n(filler, length.saturating_sub(used))).collect()
            }

            #(#examples)*
            #(#messages)*
            #(#limits)*
        }
    }
}

fn json(value: &serde_json::Value) -> String {
    value.to_string()
}

fn exchange(op: &OperationModel, n: usize, example: &ExampleModel) -> Vec<TokenStream> {
    let mut tests = Vec::new();
    let request_type = ident(&op.request.rust);
    if let Some(calls) = &example.request {
        let name = format_ident!("{}_request_{}_{}", op.id, n + 1, example.name);
        let calls = setters(calls, None);
        let expected = json(example.request_json.as_ref().unwrap_or(&serde_json::json!({})));
        tests.push(quote! {
            #[test]
            fn #name() -> Result<(), Failure> {
                let request = #request_type::builder() #calls .build()?;
                assert_eq!(to_value(&request)?, from_str::<Value>(#expected)?);
                Ok(())
            }
        });
    }
    let Some(reply) = &example.reply_json else { return tests };
    let name = format_ident!("{}_reply_{}_{}", op.id, n + 1, example.name);
    let reply_type = ident(&op.reply.rust);
    let body = json(reply);
    let status = Literal::u16_unsuffixed(example.status);
    tests.push(match (&example.payload_json, example.success) {
        (Some(payload), true) => {
            let expected = json(payload);
            quote! {
                #[test]
                fn #name() -> Result<(), Failure> {
                    let reply = #reply_type::from_body(#status, #body.as_bytes())?;
                    assert_eq!(to_value(&reply)?, from_str::<Value>(#expected)?);
                    assert_eq!(reply.raw().body(), #body.as_bytes());
                    Ok(())
                }
            }
        }
        _ => {
            // A lint requires an error code in each example of a failure.
            let code = example.code.as_deref().unwrap_or_default();
            quote! {
                #[test]
                fn #name() {
                    let error = #reply_type::from_body(#status, #body.as_bytes()).expect_err("no success");
                    assert_eq!(error.code().map(ErrorCode::as_str), Some(#code), "{error}");
                }
            }
        }
    });
    tests
}

fn messages(callback: &CallbackModel) -> Vec<TokenStream> {
    let message_type = ident(&callback.body.rust);
    let read = if callback.opaque { quote!(claim_from_anything) } else { quote!(claim_from_json) };
    callback
        .examples
        .iter()
        .enumerate()
        .filter(|(_, example)| example.json.is_object())
        .map(|(n, example)| {
            let name = format_ident!("{}_{}_{}", callback.id, n + 1, example.name);
            let (body, expected) = (json(&example.json), json(&example.known));
            quote! {
                #[test]
                fn #name() -> Result<(), Failure> {
                    let claim: rt::Claim<#message_type> = rt::#read(#body.as_bytes())?;
                    assert_eq!(to_value(claim.unproven())?, from_str::<Value>(#expected)?);
                    Ok(())
                }
            }
        })
        .collect()
}

/// Returns the rules of a field, or the rules of the type `of` if the field has no rules of its own.
fn text_rules<'a>(api: &'a ApiModel, rules: Option<&'a TextRules>, of: &Ty) -> Option<&'a TextRules> {
    rules.or_else(|| match of {
        Ty::Text(name) => api.texts.iter().find(|t: &&TextType| t.rust == *name).map(|t| &t.rules),
        _ => None,
    })
}

fn limits(api: &ApiModel, op: &OperationModel, member: &Member) -> Vec<TokenStream> {
    let Some(sample) = op.sample.as_deref().filter(|_| member.plain_setter) else { return Vec::new() };
    let limited = Limited { op, member, sample };
    let given = |value| limited.given(value);
    let own = |of| text_rules(api, member.rules.text.as_ref(), of);
    let tests: Vec<Option<TokenStream>> = match &member.kind {
        MemberKind::Value(of @ (Ty::String | Ty::Text(_))) => {
            vec![own(of).and_then(|rules| limited.text(&member.wire, rules, &given, ""))]
        }
        MemberKind::Value(Ty::Enum { rust, openness: crate::model::Openness::Other, .. }) => {
            let of = ident(rust);
            let other = |value| given(quote!(#of::Other(#value)));
            vec![member.rules.text.as_ref().and_then(|rules| limited.text(&member.wire, rules, &other, ""))]
        }
        MemberKind::List(of @ (Ty::String | Ty::Text(_)), nullable) => {
            let path = format!("{}[0]", member.wire);
            let ty = super::tokens::ty(of);
            let entry = |value| if *nullable { quote!([Some(#ty::from(#value))]) } else { quote!([#value]) };
            vec![own(of).and_then(|rules| limited.text(&path, rules, &entry, ""))]
        }
        MemberKind::OneOf(of) => {
            let choice = |choice: &OneOfChoice| {
                let (text, what) = (ident(&choice.text), format!("{}_", snake(&choice.wire)));
                let rules = text_rules(api, choice.rules.as_ref(), &Ty::Text(choice.text.clone()))?;
                limited.text(&choice.wire, rules, &|value| quote!(#text::from(#value)), &what)
            };
            of.choices.iter().map(choice).collect()
        }
        // A value beyond the limit would also break the rule about the sum, so no test is emitted.
        MemberKind::Value(Ty::Integer) if limited.is_in_an_exact_sum() || limited.lacks_its_total() => Vec::new(),
        MemberKind::Value(Ty::Integer) => {
            let rules = member.rules.integer.as_ref();
            let least = rules.and_then(|rules| rules.min).filter(|min| limited.least_total() < i128::from(*min));
            let least = least.map(|min| (min, min - 1, "least"));
            let most = rules.and_then(|rules| rules.max).map(|max| (max, max + 1, "most"));
            [least, most].into_iter().map(|bound| bound.map(|bound| limited.integer(bound))).collect()
        }
        _ => Vec::new(),
    };
    tests.into_iter().flatten().collect()
}

/// Request field whose limits are tested. The tests replace the value of this field in a sample request.
struct Limited<'a> {
    op: &'a OperationModel,
    member: &'a Member,
    sample: &'a [Setter],
}

impl Limited<'_> {
    /// Returns `true` if the other fields of the sample determine the field's value, because a rule requires an exact
    /// sum.
    fn is_in_an_exact_sum(&self) -> bool {
        self.op.request.sums.iter().any(|sum| {
            let is_in = std::iter::once(&sum.total).chain(&sum.parts).any(|own| own.wire == self.member.wire);
            is_in && !sum.exact_when.is_empty() && sum.exact_when.iter().all(|wire| self.has(wire))
        })
    }

    /// Returns `true` if the field is a part of a sum, and the sample lacks the total. Without the total, the part
    /// would have to be 0.
    fn lacks_its_total(&self) -> bool {
        let is_part = |sum: &Sum| sum.parts.iter().any(|part| part.wire == self.member.wire);
        self.op.request.sums.iter().any(|sum| is_part(sum) && !self.has(&sum.total.wire))
    }

    /// Returns the smallest value of the field that is not less than the sum of its parts in the sample.
    fn least_total(&self) -> i128 {
        let sums = self.op.request.sums.iter().filter(|sum| sum.total.wire == self.member.wire);
        // A rule without parts in the sample is not checked.
        let least = sums.filter_map(|sum| sum.parts.iter().filter_map(|part| self.number(&part.wire)).reduce(Add::add));
        least.max().unwrap_or(i128::MIN)
    }

    /// Returns the value of a field in the sample.
    fn number(&self, wire: &str) -> Option<i128> {
        let fixed = self.op.request.fixed.iter().find(|member| member.wire == *wire);
        let given = self.sample.iter().find(|setter| setter.wire == *wire);
        match (fixed.map(|member| &member.value), given.and_then(|setter| setter.argument.as_ref())) {
            (Some(Fixed::Integer(number)), _) | (None, Some(Argument::Integer(number))) => Some(i128::from(*number)),
            _ => None,
        }
    }

    /// Returns `true` if the sample has a field, or if each request has it with the same value.
    fn has(&self, wire: &str) -> bool {
        self.op.request.fixed.iter().any(|member| member.wire == *wire)
            || self.sample.iter().any(|setter| setter.wire == *wire)
    }

    /// Emits the sample request with `argument` as the value of the field. If the sample lacks the field, the field is
    /// added.
    fn with(&self, argument: TokenStream) -> TokenStream {
        let (request, method) = (ident(&self.op.request.rust), ident(&self.member.rust));
        let call = quote!(#method(#argument));
        let replaced = setters(self.sample, Some((&self.member.wire, &call)));
        let has_it = self.sample.iter().any(|setter| setter.wire == self.member.wire);
        let added = (!has_it).then(|| quote!(.#call));
        quote! {
            (|| -> Result<#request, Failure> { Ok(#request::builder() #replaced #added .build()?) })()
        }
    }

    /// Returns the setter's argument for a value: `Some` of the value if the setter takes an `Option`.
    fn given(&self, value: TokenStream) -> TokenStream {
        match &self.member.kind {
            _ if !is_optional_parameter(self.member) => value,
            MemberKind::Value(Ty::Text(_)) => quote!(Some(#value.into())),
            _ => quote!(Some(#value)),
        }
    }

    fn name(&self, what: &str) -> Ident {
        format_ident!("{}_{}_{what}", self.op.id, self.member.rust.trim_end_matches('_'))
    }

    /// Emits the test of a text's maximum length. Returns `None` if the length is not limited.
    fn text(
        &self,
        path: &str,
        rules: &TextRules,
        wrap: &dyn Fn(TokenStream) -> TokenStream,
        what: &str,
    ) -> Option<TokenStream> {
        let max = rules.max?;
        let (at, beyond) = (text_expression(rules, max), text_expression(rules, max + 1));
        let (at, beyond) = (self.with(wrap(at)), self.with(wrap(beyond)));
        let (limit, actual) = (max.to_string(), (max + 1).to_string());
        let name = self.name(&format!("{what}has_at_most_{max}_characters"));
        Some(quote! {
            #[test]
            fn #name() {
                limit(#path, #at, #beyond, &[#path, #limit, #actual]);
            }
        })
    }

    /// Emits the test of a number's bound, given the last valid value, the first invalid value, and `least` or `most`.
    fn integer(&self, (at, beyond, which): (i64, i64, &str)) -> TokenStream {
        let name = self.name(&format!("is_at_{which}_{}", spelled(at)));
        let path = &self.member.wire;
        let (at, beyond) = (self.with(self.given(integer(at))), self.with(self.given(integer(beyond))));
        quote! {
            #[test]
            fn #name() {
                limit(#path, #at, #beyond, &[#path]);
            }
        }
    }
}

/// Returns a number in the form that names of tests can contain, such as `minus_5`.
fn spelled(number: i64) -> String {
    let sign = if number < 0 { "minus_" } else { "" };
    format!("{sign}{}", number.unsigned_abs())
}

/// Emits an expression for a text of `length` characters that follows the other rules in `rules`. After the beginning
/// of a URL, the text repeats one allowed character.
fn text_expression(rules: &TextRules, length: usize) -> TokenStream {
    let beginning = rules.beginning();
    let sample = rules.text_of_length(beginning.len() + 1);
    let filler = Literal::character(sample.chars().last().unwrap_or('0'));
    let length = Literal::usize_unsuffixed(length);
    quote!(text(#beginning, #filler, #length))
}
