//! Objects of several kinds.

use super::tokens::{docs, ident};
use crate::model::{UnionCase, UnionType};
use proc_macro2::TokenStream;
use quote::quote;

/// The enumeration, with what writes it flat into the message that has it.
pub(super) fn emit_selected(union: &UnionType) -> TokenStream {
    let (name, enumeration) = (ident(&union.rust), emit(union));
    let arms = union.cases.iter().map(|UnionCase { variant, .. }| {
        let variant = ident(variant);
        quote!(Self::#variant(object) => rt::Members::members(&**object, map))
    });
    quote! {
        #enumeration

        impl #name {
            fn members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    #(#arms,)*
                    Self::Unknown(_) => Ok(()),
                }
            }
        }
    }
}

/// The enumeration.
pub(super) fn emit(union: &UnionType) -> TokenStream {
    let (name, documentation, by) = (ident(&union.rust), docs(&union.docs), &union.by);
    let variants = union.cases.iter().map(|UnionCase { variant, group, docs: about, .. }| {
        let (docs, variant, group) = (docs(about), ident(variant), ident(group));
        quote!(#docs #variant(Box<#group>))
    });
    let begins = union.cases.iter().map(|UnionCase { value, variant, .. }| {
        let variant = ident(variant);
        quote!(#value => Self::#variant(Box::default()))
    });
    let objects = union.cases.iter().map(|UnionCase { variant, .. }| {
        let variant = ident(variant);
        quote!(Self::#variant(object) => Some(&mut **object))
    });
    let writes = union.cases.iter().map(|UnionCase { value, variant, has_member, .. }| {
        let variant = ident(variant);
        match has_member {
            true => quote!(Self::#variant(object) => object.serialize(serializer)),
            false => quote!(Self::#variant(object) => rt::serialize_tagged(#by, #value, &**object, serializer)),
        }
    });
    quote! {
        #documentation
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// One that the spec does not know, as it came.
            Unknown(rt::UnknownCase),
        }

        impl rt::Union for #name {
            const BY: &'static str = #by;

            fn begin(value: &str) -> Option<Self> {
                Some(match value {
                    #(#begins,)*
                    _ => return None,
                })
            }

            fn object(&mut self) -> Option<&mut dyn rt::Object> {
                match self {
                    #(#objects,)*
                    Self::Unknown(_) => None,
                }
            }

            fn unknown(case: rt::UnknownCase) -> Self {
                Self::Unknown(case)
            }
        }

        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(#writes,)*
                    Self::Unknown(case) => case.serialize(serializer),
                }
            }
        }

        rt::impl_union!(#name);
    }
}
