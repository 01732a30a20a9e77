//! Emits the groups of fields, the enums whose variants are groups, the unions, and the times with a notation of their
//! own.

use super::reply::{self, Keeps};
use super::request;
use super::tokens::{docs, ident};
use crate::model::{ApiModel, Details, DetailsCase};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits `objects.rs`.
pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let objects = api.objects.iter().map(|object| {
        if !object.sent_only {
            return reply::emit(object, Keeps::Nothing);
        }
        let (group, from_request) = (request::emit_group(object), super::from_request::emit_group(api, object));
        quote!(#group #from_request)
    });
    let details = api.details.iter().map(details);
    let times = api.times.iter().map(super::times::emit);
    let unions = api.unions.iter().map(|union| match union.sent_only {
        true => super::unions::emit_sent(union),
        false => super::unions::emit(union),
    });
    quote! {
        //! Groups of fields, unions, and times with a notation of their own.

        #[allow(unused_imports)]
        use super::*;
        #[allow(unused_imports)]
        use pagespec_runtime::__private as rt;

        #(#times)*
        #(#objects)*
        #(#details)*
        #(#unions)*
    }
}

fn details(details: &Details) -> TokenStream {
    let (name, documentation) = (ident(&details.rust), docs(&details.docs));
    let cases = details.cases.iter().map(|DetailsCase { variant, group, doc }| {
        let (docs, variant, group) = (docs(std::slice::from_ref(doc)), ident(variant), ident(group));
        quote!(#docs #variant(&'a #group))
    });
    quote! {
        #documentation
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum #name<'a> {
            #(#cases,)*
            /// None of the groups above applies.
            Unknown,
        }
    }
}
