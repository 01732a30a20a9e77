//! Emits the decoding of a request on the server side.

use super::tokens::{ident, request_part};
use crate::model::{ApiModel, Member, MemberKind, OneOf, Struct, Ty};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Emits the implementation of `FromRequest` for a request, or for a group in requests.
pub(super) fn emit(api: &ApiModel, request: &Struct) -> TokenStream {
    let name = ident(&request.rust);
    let fields = request.members.iter().map(|member| field(api, member));
    let one_ofs = request.members.iter().filter_map(|member| match &member.kind {
        MemberKind::OneOf(of) => Some(one_of(member, of)),
        _ => None,
    });
    let fixed = request.fixed.iter().map(|member| {
        let (wire, part) = (&member.wire, request_part(member.part));
        // The value is written as JSON, so a text keeps its quotes.
        let value = match &member.value {
            crate::spec::Literal::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            other => other.to_string(),
        };
        quote!(members.fixed(#part, #wire, #value);)
    });
    let is_empty = request.members.is_empty() && request.fixed.is_empty();
    let members = if is_empty { quote!(_members) } else { quote!(members) };
    quote! {
        #[cfg(feature = "server")]
        impl rt::FromRequest for #name {
            fn from_request(#members: &mut rt::RequestMembers<'_>) -> Self {
                #(#fixed)*
                Self { #(#fields,)* }
            }
        }

        #(#one_ofs)*
    }
}

/// Emits `FromRequest` and `FromMember` for a group. `FromMember` decodes the group as the value of a field.
pub(super) fn emit_group(api: &ApiModel, group: &Struct) -> TokenStream {
    let name = ident(&group.rust);
    let arrive = emit(api, group);
    quote! {
        #arrive

        #[cfg(feature = "server")]
        impl rt::FromMember for #name {
            fn from_value(value: &rt::Json, place: &mut rt::Place<'_>) -> Option<Self> {
                rt::group(value, place)
            }
        }
    }
}

fn field(api: &ApiModel, member: &Member) -> TokenStream {
    let (name, wire, part) = (ident(&member.rust), &member.wire, request_part(member.part));
    let may_be_absent = member.choices.iter().any(|choice| choice.value.is_none());
    let value = match &member.kind {
        MemberKind::OneOf(of) => {
            let of = ident(&of.rust);
            let read = quote!(#of::from_request(members));
            if member.plain { quote!(#read.unwrap_or_else(rt::Unset::unset)) } else { read }
        }
        // An identifier that the caller generates serves only to recognize repetitions of a request. A request without
        // the identifier counts as new, and gets a random identifier.
        MemberKind::Value(Ty::Text(text)) if member.plain && is_made_up(api, text) => {
            let text = ident(text);
            quote!(members.or_else(#part, #wire, #text::random))
        }
        _ if member.joined.is_some() => {
            let (method, separator) = (ident(if member.plain { "mandatory_joined" } else { "joined" }), &member.joined);
            quote!(members.#method(#part, #wire, #separator))
        }
        _ if member.plain => quote!(members.mandatory(#part, #wire)),
        _ if member.clearable => quote!(members.clearable(#part, #wire)),
        _ if member.none_is_null => quote!(members.nullable(#part, #wire)),
        _ if may_be_absent => {
            let expected = without_null(member);
            quote!(members.chosen(#part, #wire, #expected))
        }
        _ if member.mandatory => quote!(members.demanded(#part, #wire)),
        _ => quote!(members.optional(#part, #wire)),
    };
    quote!(#name: #value)
}

/// Returns the expected value in words, for the error about a member that is null. Such a member has named choices that
/// leave the member out, and the text lists these choices.
fn without_null(member: &Member) -> String {
    let choices = member.choices.iter().filter(|choice| choice.value.is_none());
    let names: Vec<String> = choices.map(|choice| format!("`{}`", choice.rust)).collect();
    format!("a value instead of null; to choose {}, leave the member out", names.join(" or "))
}

fn is_made_up(api: &ApiModel, text: &str) -> bool {
    api.texts.iter().any(|of| of.rust == text && of.uuid)
}

fn one_of(member: &Member, of: &OneOf) -> TokenStream {
    let (name, part, mandatory) = (ident(&of.rust), request_part(member.part), member.mandatory);
    let names = of.choices.iter().map(|choice| &choice.wire);
    let arms = of.choices.iter().enumerate().map(|(n, choice)| {
        let (n, variant, wire) = (Literal::usize_unsuffixed(n), ident(&choice.variant), &choice.wire);
        quote!(#n => members.optional(#part, #wire).map(Self::#variant))
    });
    quote! {
        #[cfg(feature = "server")]
        impl #name {
            fn from_request(members: &mut rt::RequestMembers<'_>) -> Option<Self> {
                match members.one_of(#part, &[#(#names),*], #mandatory)? {
                    #(#arms,)*
                    _ => None,
                }
            }
        }
    }
}
