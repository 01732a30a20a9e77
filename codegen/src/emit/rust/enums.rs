//! Emits the enumerations and their state machines. An enumeration is closed if only requests contain it, and if the
//! service accepts no other values.

use super::tokens::{docs, ident};
use crate::model::{ApiModel, EnumType, EnumVariant, Openness};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// Emits `enums.rs`.
pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let types = api.enums.iter().map(enumeration);
    quote! {
        //! Enumerations. An enumeration in replies is open, so that an unknown value can be kept.

        use pagespec_runtime::__private as rt;

        #(#types)*
    }
}

fn enumeration(of: &EnumType) -> TokenStream {
    let name = ident(&of.rust);
    let documentation = docs(&of.docs);
    // The variants of a closed enumeration are sorted by name. A cast to an integer returns the position of a variant,
    // which must not change if the page lists the values in another order.
    let mut values: Vec<&EnumVariant> = of.values.iter().collect();
    if of.openness == Openness::Closed {
        values.sort_by(|a, b| a.variant.cmp(&b.variant));
    }
    let variants = values.into_iter().map(|value| {
        let variant = ident(&value.variant);
        let docs = docs(&value.docs);
        quote! {
            #docs
            #variant
        }
    });
    let unknown = unknown(of);
    let non_exhaustive = (of.openness == Openness::Open).then(|| quote!(#[non_exhaustive]));
    let copy = (of.openness == Openness::Closed).then(|| quote!(Copy,));
    let known: Vec<_> = of.values.iter().map(|v| ident(&v.variant)).collect();
    let wire = if of.integer { number(of) } else { text(of) };
    let blank = blank(of);
    let labels = of.values.iter().any(|v| v.label.is_some()).then(|| label(of));
    let states = of.states.then(|| states(of));
    quote! {
        #documentation
        #[derive(Clone, #copy Debug, PartialEq, Eq, Hash)]
        #non_exhaustive
        pub enum #name {
            #(#variants,)*
            #unknown
        }

        impl #name {
            /// All values of the spec, in the order of the page.
            pub const KNOWN: &'static [Self] = &[#(Self::#known),*];

            #labels
            #states
        }

        #wire
        #blank
    }
}

/// Emits the variant for values that the spec does not list. Returns `None` for a closed enumeration.
fn unknown(of: &EnumType) -> Option<TokenStream> {
    match (of.openness, of.integer) {
        (Openness::Closed, _) => None,
        (Openness::Other, true) => Some(quote! {
            /// Another value that the service accepts.
            Other(i64)
        }),
        (Openness::Other, false) => Some(quote! {
            /// Another value that the service accepts.
            Other(String)
        }),
        (Openness::Open, true) => Some(quote! {
            /// A value that the spec does not have.
            Unknown(rt::UnknownNumber)
        }),
        (Openness::Open, false) => Some(quote! {
            /// A value that the spec does not have.
            Unknown(rt::UnknownValue)
        }),
    }
}

/// Emits the placeholder that a mandatory field of a closed enumeration has in a builder until the field is set.
/// `build` is not available until then, so no finished request contains a placeholder.
fn blank(of: &EnumType) -> Option<TokenStream> {
    let name = ident(&of.rust);
    of.values.first().filter(|_| of.openness == Openness::Closed).map(|first| {
        let first = ident(&first.variant);
        quote! {
            impl rt::Unset for #name {
                fn unset() -> Self {
                    Self::#first
                }
            }
        }
    })
}

fn text(of: &EnumType) -> TokenStream {
    let name = ident(&of.rust);
    let arms = of.values.iter().map(|EnumVariant { wire, variant, .. }| {
        let variant = ident(variant);
        quote!(Self::#variant => #wire)
    });
    let rest_as = match of.openness {
        Openness::Closed => None,
        Openness::Other => Some(quote!(Self::Other(text) => text)),
        Openness::Open => Some(quote!(Self::Unknown(value) => value.as_str())),
    };
    let as_str = quote! {
        impl #name {
            /// Returns the text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(#arms,)*
                    #rest_as
                }
            }
        }
    };
    if of.openness == Openness::Closed {
        return quote! {
            #as_str

            rt::impl_closed_enum!(#name);
        };
    }
    let from = from_text(of);
    // The placeholder must not look like a known value.
    let blank = match of.openness {
        Openness::Other => quote!(Self::Other(String::new())),
        Openness::Open | Openness::Closed => quote!(Self::Unknown(rt::UnknownValue::default())),
    };
    quote! {
        #as_str

        impl rt::Text for #name {
            fn from_text(text: &str) -> Self {
                #from
            }

            fn as_text(&self) -> &str {
                self.as_str()
            }
        }

        impl rt::Unset for #name {
            fn unset() -> Self {
                #blank
            }
        }

        rt::impl_text_enum!(#name);
    }
}

fn from_text(of: &EnumType) -> TokenStream {
    let unknown = match of.openness {
        Openness::Other => quote!(Self::Other(text.to_owned())),
        Openness::Open | Openness::Closed => quote!(Self::Unknown(rt::UnknownValue::new(text))),
    };
    if of.any_case {
        let arms = of.values.iter().map(|EnumVariant { wire, variant, .. }| {
            let variant = ident(variant);
            quote! {
                if text.eq_ignore_ascii_case(#wire) {
                    return Self::#variant;
                }
            }
        });
        quote! {
            #(#arms)*
            #unknown
        }
    } else {
        let arms = of.values.iter().map(|EnumVariant { wire, variant, .. }| {
            let variant = ident(variant);
            quote!(#wire => Self::#variant)
        });
        quote! {
            match text {
                #(#arms,)*
                _ => #unknown,
            }
        }
    }
}

fn number(of: &EnumType) -> TokenStream {
    let name = ident(&of.rust);
    let numbers: Vec<_> =
        of.values.iter().map(|v| Literal::i64_unsuffixed(v.wire.parse().unwrap_or_default())).collect();
    let variants: Vec<_> = of.values.iter().map(|v| ident(&v.variant)).collect();
    let rest = match of.openness {
        Openness::Closed => None,
        Openness::Other => Some(quote!(Self::Other(number) => *number)),
        Openness::Open => Some(quote!(Self::Unknown(value) => value.get())),
    };
    let (unknown, blank) = match of.openness {
        Openness::Other => (quote!(Self::Other(number)), quote!(Self::Other(0))),
        Openness::Open | Openness::Closed => {
            (quote!(Self::Unknown(rt::UnknownNumber::new(number))), quote!(Self::Unknown(rt::UnknownNumber::default())))
        }
    };
    let code = quote! {
        impl #name {
            /// Returns the number on the wire.
            pub fn code(&self) -> i64 {
                match self {
                    #(Self::#variants => #numbers,)*
                    #rest
                }
            }
        }
    };
    if of.openness == Openness::Closed {
        return quote! {
            #code

            rt::impl_closed_number_enum!(#name);
        };
    }
    quote! {
        #code

        impl rt::Number for #name {
            fn from_number(number: i64) -> Self {
                match number {
                    #(#numbers => Self::#variants,)*
                    _ => #unknown,
                }
            }

            fn as_number(&self) -> i64 {
                self.code()
            }
        }

        impl rt::Unset for #name {
            fn unset() -> Self {
                #blank
            }
        }

        rt::impl_number_enum!(#name);
    }
}

fn label(of: &EnumType) -> TokenStream {
    let arms = of.values.iter().filter_map(|value| {
        let (variant, label) = (ident(&value.variant), value.label.as_ref()?);
        Some(quote!(Self::#variant => Some(#label)))
    });
    let rest =
        (of.openness != Openness::Closed || of.values.iter().any(|v| v.label.is_none())).then(|| quote!(_ => None));
    quote! {
        /// Returns the name that the service uses in texts for people, or `None` if the spec has no such name.
        pub fn label(&self) -> Option<&'static str> {
            match self {
                #(#arms,)*
                #rest
            }
        }
    }
}

fn states(of: &EnumType) -> TokenStream {
    let next = of.values.iter().map(|value| {
        let variant = ident(&value.variant);
        let next = value.next.iter().map(|n| ident(n));
        quote!(Self::#variant => &[#(Self::#next),*])
    });
    let actions = of.actions.iter().map(|action| {
        let method = format_ident!("can_{action}");
        let doc = format!(" Returns `true` if `{action}` is possible in this status; `false` for an unknown status.");
        let variants = of.values.iter().filter(|v| v.allows.contains(action)).map(|v| ident(&v.variant));
        quote! {
            #[doc = #doc]
            pub fn #method(&self) -> bool {
                matches!(self, #(Self::#variants)|*)
            }
        }
    });
    let last: Vec<_> = of.values.iter().filter(|v| v.next.is_empty()).map(|v| ident(&v.variant)).collect();
    // Each status of a circular state machine has a next status.
    let is_final = if last.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#last)|*)) };
    let rest = (of.openness != Openness::Closed).then(|| quote!(_ => &[]));
    quote! {
        /// Returns the statuses that can directly follow this status. For an unknown status, the list is empty.
        pub fn next(&self) -> &'static [Self] {
            match self {
                #(#next,)*
                #rest
            }
        }

        /// Returns `true` if no other status can follow, and `false` for an unknown status.
        pub fn is_final(&self) -> bool {
            #is_final
        }

        #(#actions)*
    }
}
