//! Emits the struct of a request, or of a group that only requests contain. Its fields are not public, and a builder
//! sets them. The struct checks the fields and serializes itself.

use super::rules::text_rules;
use super::tokens::{docs, ident, ty};
use super::{builder, check};
use crate::model::{Member, MemberKind, MessagePart, OneOf, OneOfChoice, Struct, Ty};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(super) fn emit(request: &Struct) -> TokenStream {
    emit_with(request, TokenStream::new())
}

/// Emits a group. Its fields are visible in the API's module, because requests there compare the fields with replies.
pub(super) fn emit_group(group: &Struct) -> TokenStream {
    emit_with(group, quote!(pub(super)))
}

/// Emits the struct and its implementations. `visibility` is the visibility of the fields.
fn emit_with(request: &Struct, visibility: TokenStream) -> TokenStream {
    let name = ident(&request.rust);
    let documentation = docs(&request.docs);
    let fields = request.members.iter().map(|member| {
        let (field, of) = (ident(&member.rust), storage(member));
        quote!(#visibility #field: #of)
    });
    let blanks = request.members.iter().map(|member| {
        let field = ident(&member.rust);
        quote!(#field: rt::Unset::unset())
    });
    let getters = request.members.iter().map(getter);
    let warnings = warnings(request);
    let start = builder::start(request, quote!(Self { #(#blanks),* }));
    let debug = super::debug::emit(request, None);
    let derive = if request.sensitive() { quote!(Clone, PartialEq) } else { quote!(Clone, Debug, PartialEq) };
    let implementations = implementations(request);
    let one_ofs = request.members.iter().filter_map(|member| match &member.kind {
        MemberKind::OneOf(of) => Some(one_of(member, of)),
        _ => None,
    });
    let builder = builder::emit(request);
    quote! {
        #documentation
        #[derive(#derive)]
        pub struct #name {
            #(#fields,)*
        }

        impl #name {
            #start
            #(#getters)*
            #warnings
        }

        #debug

        #implementations

        #(#one_ofs)*

        #builder
    }
}

/// Emits the checks and the serialization of a request.
fn implementations(request: &Struct) -> TokenStream {
    let name = ident(&request.rust);
    let checks: Vec<_> = request
        .members
        .iter()
        .filter_map(check::field)
        .chain(request.sums.iter().map(|of| check::sum(request, of)))
        .collect();
    let fixed = request.fixed.iter().filter(|member| member.part == MessagePart::Body).map(|member| {
        let (wire, value) = (&member.wire, super::tokens::fixed(member));
        quote!(map.serialize_entry(#wire, &#value)?;)
    });
    let own = request.members.iter().filter(|m| m.part == MessagePart::Body).map(entry);
    let body: Vec<_> = own.chain(fixed).collect();
    let map = if body.is_empty() { quote!(_map) } else { quote!(map) };
    let check_name = if checks.is_empty() { quote!(_check) } else { quote!(check) };
    quote! {
        impl rt::Validate for #name {
            fn check(&self, #check_name: &mut rt::Check<'_>) {
                #(#checks)*
            }
        }

        impl rt::Members for #name {
            fn members<M: serde::ser::SerializeMap>(&self, #map: &mut M) -> Result<(), M::Error> {
                #(#body)*
                Ok(())
            }
        }

        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                rt::serialize_members(self, serializer)
            }
        }
    }
}

/// Returns the type of a field without the `Option`.
fn value_type(kind: &MemberKind) -> TokenStream {
    match kind {
        MemberKind::Value(of) => ty(of),
        MemberKind::List(of, false) => {
            let of = ty(of);
            quote!(Vec<#of>)
        }
        MemberKind::List(of, true) => {
            let of = ty(of);
            quote!(Vec<Option<#of>>)
        }
        MemberKind::OneOf(of) => {
            let name = ident(&of.rust);
            quote!(#name)
        }
        MemberKind::Include(name) | MemberKind::Nested(name) | MemberKind::Selected(name) => {
            let name = ident(name);
            quote!(#name)
        }
    }
}

fn storage(member: &Member) -> TokenStream {
    let of = value_type(&member.kind);
    match (member.plain, member.clearable) {
        (true, _) => of,
        (false, false) => quote!(Option<#of>),
        // `None` means that the member is absent, `Some(None)` that it is null.
        (false, true) => quote!(Option<Option<#of>>),
    }
}

fn getter(member: &Member) -> TokenStream {
    let (documentation, name) = (docs(&member.docs), ident(&member.rust));
    let (of, value) = match (&member.kind, member.plain) {
        (MemberKind::Value(of), _) if member.clearable => match of {
            of if of.is_copy() => {
                let of = ty(of);
                (quote!(Option<Option<#of>>), quote!(self.#name))
            }
            Ty::String => (quote!(Option<Option<&str>>), quote!(self.#name.as_ref().map(|value| value.as_deref()))),
            of => {
                let of = ty(of);
                (quote!(Option<Option<&#of>>), quote!(self.#name.as_ref().map(|value| value.as_ref())))
            }
        },
        (MemberKind::Value(of), plain) if of.is_copy() => {
            let of = ty(of);
            (if plain { of } else { quote!(Option<#of>) }, quote!(self.#name))
        }
        (MemberKind::Value(Ty::String), true) => (quote!(&str), quote!(&self.#name)),
        (MemberKind::Value(Ty::String), false) => (quote!(Option<&str>), quote!(self.#name.as_deref())),
        (MemberKind::List(of, nullable), plain) => {
            let of = ty(of);
            let item = if *nullable { quote!(Option<#of>) } else { of };
            if plain {
                (quote!(&[#item]), quote!(&self.#name))
            } else {
                (quote!(Option<&[#item]>), quote!(self.#name.as_deref()))
            }
        }
        (kind, true) => {
            let of = value_type(kind);
            (quote!(&#of), quote!(&self.#name))
        }
        (kind, false) => {
            let of = value_type(kind);
            (quote!(Option<&#of>), quote!(self.#name.as_ref()))
        }
    };
    quote! {
        #documentation
        pub fn #name(&self) -> #of {
            #value
        }
    }
}

/// Returns the function that wraps the value of a field in a type for its notation: `Joined` for a list that is written
/// as one text, or `Quoted` for a number in quotes. Returns `None` if the field has neither notation.
pub(super) fn written(member: &Member) -> Option<Box<dyn Fn(TokenStream) -> TokenStream>> {
    if let Some(separator) = member.joined.clone() {
        return Some(Box::new(move |value| quote!(rt::Joined(#value, #separator))));
    }
    member.quoted.then(|| -> Box<dyn Fn(TokenStream) -> TokenStream> { Box::new(|value| quote!(rt::Quoted(#value))) })
}

/// Emits the serialization of a field.
fn entry(member: &Member) -> TokenStream {
    let (wire, field) = (&member.wire, ident(&member.rust));
    match (written(member), member.plain) {
        (Some(written), true) => {
            let value = written(quote!(&self.#field));
            return quote!(map.serialize_entry(#wire, &#value)?;);
        }
        (Some(written), false) => {
            let value = written(quote!(value));
            let null = member.none_is_null.then(|| quote!(else { map.serialize_entry(#wire, &())?; }));
            let some = if member.clearable { quote!(Some(Some(value))) } else { quote!(Some(value)) };
            let cleared = member
                .clearable
                .then(|| quote!(else if let Some(None) = &self.#field { map.serialize_entry(#wire, &())?; }));
            return quote! {
                if let #some = &self.#field {
                    map.serialize_entry(#wire, &#value)?;
                } #null #cleared
            };
        }
        (None, _) => {}
    }
    match (&member.kind, member.plain) {
        (MemberKind::OneOf(_), true) => quote!(self.#field.members(map)?;),
        (MemberKind::OneOf(_), false) => quote! {
            if let Some(value) = &self.#field {
                value.members(map)?;
            }
        },
        (_, true) => quote!(map.serialize_entry(#wire, &self.#field)?;),
        (_, false) if member.none_is_null => quote!(map.serialize_entry(#wire, &self.#field)?;),
        (_, false) => quote! {
            if let Some(value) = &self.#field {
                map.serialize_entry(#wire, value)?;
            }
        },
    }
}

fn one_of(member: &Member, of: &OneOf) -> TokenStream {
    let name = ident(&of.rust);
    let about = docs(&member.docs);
    let choices = of.choices.iter().map(|choice| {
        let (docs, variant, text) = (docs(&choice.docs), ident(&choice.variant), ident(&choice.text));
        quote!(#docs #variant(#text))
    });
    let froms = of.choices.iter().map(|choice| conversions(of, choice));
    let checks = of.choices.iter().map(choice_check);
    let entries = of.choices.iter().map(|choice| {
        let (variant, wire) = (ident(&choice.variant), &choice.wire);
        quote!(Self::#variant(value) => map.serialize_entry(#wire, value))
    });
    let default = of.choices.first().map(|choice| {
        let variant = ident(&choice.variant);
        quote! {
            impl rt::Unset for #name {
                fn unset() -> Self {
                    Self::#variant(rt::Unset::unset())
                }
            }
        }
    });
    quote! {
        #about
        ///
        /// Exactly one of these alternatives.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum #name {
            #(#choices,)*
        }

        impl #name {
            fn check(&self, check: &mut rt::Check<'_>) {
                match self {
                    #(#checks,)*
                }
            }

            fn members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    #(#entries,)*
                }
            }
        }

        #default

        #(#froms)*
    }
}

/// Emits the implementations of `From` that convert a text type into the enum of alternatives. The text becomes the
/// alternative `choice`.
fn conversions(of: &OneOf, choice: &OneOfChoice) -> TokenStream {
    let (name, variant, text) = (ident(&of.rust), ident(&choice.variant), ident(&choice.text));
    quote! {
        impl From<#text> for #name {
            fn from(value: #text) -> Self {
                Self::#variant(value)
            }
        }

        impl From<&#text> for #name {
            fn from(value: &#text) -> Self {
                Self::#variant(value.clone())
            }
        }
    }
}

fn choice_check(choice: &OneOfChoice) -> TokenStream {
    let (variant, text, wire) = (ident(&choice.variant), ident(&choice.text), &choice.wire);
    let rules = match &choice.rules {
        Some(own) => {
            let own = text_rules(own);
            quote!(const { &#own })
        }
        None => quote!(&#text::RULES),
    };
    quote!(Self::#variant(value) => check.text(#wire, value.as_str(), #rules))
}

/// Emits the method `warnings`. The method is not emitted if no field of the request has an expected port.
fn warnings(request: &Struct) -> Option<TokenStream> {
    let ports: Vec<_> = request
        .members
        .iter()
        .filter_map(|member| {
            let (port, wire, field) = (member.expected_port?, &member.wire, ident(&member.rust));
            let port = Literal::u16_unsuffixed(port);
            let value = match (member.plain, member.clearable) {
                (true, _) => quote!(Some(&self.#field)),
                (false, false) => quote!(self.#field.as_ref()),
                (false, true) => quote!(self.#field.as_ref().and_then(|url| url.as_ref())),
            };
            Some(quote!(#value.and_then(|url| rt::port_warning(#wire, url, #port))))
        })
        .collect();
    (!ports.is_empty()).then(|| {
        quote! {
            /// Returns warnings about values that the service accepts but that are probably not intended.
            pub fn warnings(&self) -> Vec<String> {
                [#(#ports),*].into_iter().flatten().collect()
            }
        }
    })
}
