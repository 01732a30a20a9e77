//! Groups of fields, and the enumerations to match on them.

use super::reply::{self, Keeps};
use super::request;
use super::tokens::{docs, ident};
use crate::model::{Api, Details, Member, MemberKind, Struct};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// `objects.rs`
pub fn emit(api: &Api) -> TokenStream {
    let objects = api
        .objects
        .iter()
        .map(|object| if object.sent_only { request::emit(object) } else { reply::emit(object, Keeps::Nothing) });
    let details = api.details.iter().map(details);
    quote! {
        //! Groups of fields that several messages share.

        #[allow(unused_imports)]
        use super::*;
        #[allow(unused_imports)]
        use toss_sdk_runtime as rt;

        #(#objects)*
        #(#details)*
    }
}

fn details(details: &Details) -> TokenStream {
    let (name, documentation) = (ident(&details.rust), docs(&details.docs));
    let cases = details.cases.iter().map(|(variant, group, doc)| {
        let (docs, variant, group) = (docs(std::slice::from_ref(doc)), ident(variant), ident(group));
        quote!(#docs #variant(&'a #group))
    });
    quote! {
        #documentation
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum #name<'a> {
            #(#cases,)*
            /// None of these, or none told.
            Unknown,
        }
    }
}

/// `Debug` of a struct with fields that are never shown; the others derive it.
pub fn debug(of: &Struct, raw: Option<&str>) -> Option<TokenStream> {
    if !of.sensitive() {
        return None;
    }
    let (name, text) = (ident(&of.rust), &of.rust);
    let fields = of.members.iter().map(|member: &Member| {
        let rust = if member.negative { format!("signed_{}", member.rust) } else { member.rust.clone() };
        let field = format_ident!("{rust}");
        let value = match (&member.kind, member.sensitive) {
            (MemberKind::Value(_), true) if !member.plain && !member.always => {
                quote!(&self.#field.as_ref().map(|_| rt::Redacted))
            }
            (_, true) => quote!(&rt::Redacted),
            (_, false) => quote!(&self.#field),
        };
        quote!(.field(#rust, #value))
    });
    let raw = raw.map(|raw| {
        let field = ident(raw);
        quote!(.field(#raw, &self.#field))
    });
    Some(quote! {
        impl std::fmt::Debug for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#text) #(#fields)* #raw .finish()
            }
        }
    })
}
