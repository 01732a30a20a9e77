//! Emits unions: enums whose variants are objects. A discriminator in the object selects the variant.

use super::tokens::{docs, ident};
use crate::model::{UnionCase, UnionType};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits the enum for the payload of a message. The payload is the object that another member of the message selects.
/// The method `members` of the enum writes the members of the object into the message.
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

/// Emits the enum of a union in requests. The object of a case writes the discriminator itself.
pub(super) fn emit_sent(union: &UnionType) -> TokenStream {
    let (name, documentation, by) = (ident(&union.rust), docs(&union.docs), &union.by);
    let parts = || union.cases.iter().map(|case| (case, ident(&case.variant), ident(&case.group)));
    let variants = parts().map(|(case, variant, group)| {
        let docs = docs(&case.docs);
        quote!(#docs #variant(Box<#group>))
    });
    let checks = parts().map(|(_, variant, _)| quote!(Self::#variant(object) => object.check(check)));
    let writes = parts().map(|(_, variant, _)| quote!(Self::#variant(object) => object.serialize(serializer)));
    let reads = parts().map(|(case, variant, _)| {
        let value = &case.value;
        quote!(Some(#value) => rt::group(value, place).map(|object| Self::#variant(Box::new(object))))
    });
    let only_one = |group: &str| union.cases.iter().filter(|case| case.group == group).count() == 1;
    let conversions = parts().filter(|(case, ..)| only_one(&case.group)).map(|(_, variant, group)| {
        quote! {
            impl From<#group> for #name {
                fn from(object: #group) -> Self {
                    Self::#variant(Box::new(object))
                }
            }
        }
    });
    let values: Vec<&str> = union.cases.iter().map(|case| case.value.as_str()).collect();
    let expected = format!("an object whose `{by}` is {}", values.join(" or "));
    quote! {
        #documentation
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
        }

        #(#conversions)*

        impl rt::Validate for #name {
            fn check(&self, check: &mut rt::Check<'_>) {
                match self {
                    #(#checks,)*
                }
            }
        }

        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(#writes,)*
                }
            }
        }

        #[cfg(feature = "server")]
        impl rt::FromMember for #name {
            fn from_value(value: &rt::Json, place: &mut rt::Place<'_>) -> Option<Self> {
                match rt::case(value, #by).as_deref() {
                    #(#reads,)*
                    _ => place.refuse(#expected),
                }
            }
        }
    }
}

/// Emits the enum of a union in replies.
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
            /// A case that the spec does not have, as received.
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
