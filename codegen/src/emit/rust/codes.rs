//! Emits the enumeration of error codes, which is open. Each code has a meaning, and advice to the caller.

use super::tokens;
use super::tokens::{docs, ident};
use crate::model::ApiModel;
use crate::spec::Advice;
use proc_macro2::TokenStream;
use quote::quote;

/// Emits `codes.rs`.
pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let variants: Vec<_> = api.codes.iter().map(|code| ident(&code.variant)).collect();
    let documentation = api.codes.iter().map(|code| {
        let mut paragraphs = vec![format!("`{}`: {}", code.wire, code.docs[0])];
        paragraphs.extend(code.docs.iter().skip(1).cloned());
        docs(&paragraphs)
    });
    let title = format!(" Error code of {}.", api.shown_title);
    let error =
        format!(" Error of a call to {}: the reason, and whether the request may have taken effect.", api.shown_title);
    let (aliases, methods, conversions) = (aliases(api), methods(api), conversions(api));
    quote! {
        //! Error codes, and the error type that carries them.

        use pagespec_runtime::__private as rt;

        #[doc = #error]
        pub type Error = rt::Error<ErrorCode>;

        #aliases

        #[doc = #title]
        ///
        /// A code that the spec does not have is read as `Unknown`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            #(#documentation #variants,)*
            /// A code that the spec does not have.
            Unknown(rt::UnknownValue)
        }

        impl ErrorCode {
            /// All codes of the spec.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            #methods
        }

        #conversions
    }
}

/// Emits the type aliases `Resolution` and `ConfirmError`, each only if the API uses it.
fn aliases(api: &ApiModel) -> TokenStream {
    let resolution = api.operations.iter().any(|op| op.resolution.is_some()).then(|| {
        quote! {
            /// Result of resolving a request whose outcome was unknown.
            #[cfg(feature = "client")]
            pub type Resolution<S> = rt::Resolution<S, ErrorCode>;
        }
    });
    let confirm_error = api.callbacks.iter().any(|callback| callback.confirming.is_some()).then(|| {
        quote! {
            /// Error of a confirmation: the message is refuted, or nothing is proven yet.
            #[cfg(feature = "client")]
            pub type ConfirmError = rt::ConfirmError<ErrorCode>;
        }
    });
    quote! {
        #resolution
        #confirm_error
    }
}

fn methods(api: &ApiModel) -> TokenStream {
    let variants: Vec<_> = api.codes.iter().map(|code| ident(&code.variant)).collect();
    let wires: Vec<_> = api.codes.iter().map(|code| &code.wire).collect();
    let meanings = api.codes.iter().map(|code| &code.means);
    let advices = api.codes.iter().map(|code| tokens::advice(code.advice));
    let on_page: Vec<_> = api.codes.iter().filter(|c| c.on_page).map(|c| ident(&c.variant)).collect();
    let by_operation = by_operation(api);
    let is_on_page = if on_page.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#on_page)|*)) };
    quote! {
        /// Returns the text on the wire.
        pub fn as_str(&self) -> &str {
            match self {
                #(Self::#variants => #wires,)*
                Self::Unknown(value) => value.as_str(),
            }
        }

        /// Returns the meaning of the code, or `None` if the spec does not have the code.
        pub fn meaning(&self) -> Option<&'static str> {
            match self {
                #(Self::#variants => Some(#meanings),)*
                Self::Unknown(_) => None,
            }
        }

        /// Returns the advice of the spec to the caller, or `None` if the spec does not have the code. If the spec has
        /// different advice for single operations and no general advice, returns `AskStatus`.
        pub fn known_advice(&self) -> Option<rt::Advice> {
            match self {
                #(Self::#variants => Some(rt::Advice::#advices),)*
                Self::Unknown(_) => None,
            }
        }

        /// Returns `true` if the page lists the code. The spec may also have codes from other sources, such as examples
        /// and other public material of the provider.
        pub fn is_on_page(&self) -> bool {
            #is_on_page
        }

        #by_operation
    }
}

/// Returns `true` if there is an error code whose meaning depends on the operation.
fn has_own(api: &ApiModel) -> bool {
    api.codes.iter().any(|code| code.own.is_some())
}

/// Emits `meaning_in` and `advice_in`, if there is an error code whose meaning depends on the operation.
fn by_operation(api: &ApiModel) -> Option<TokenStream> {
    let advised = |advice| {
        let advice = tokens::advice(advice);
        quote!(rt::Advice::#advice)
    };
    let arms = |value: &dyn Fn(&str, Advice) -> TokenStream| {
        let arms = api.codes.iter().filter_map(|code| Some((ident(&code.variant), code.own.as_ref()?)));
        arms.flat_map(|(variant, own)| {
            let listed = own.operations.iter().map(|(operation, means, advice)| {
                let value = value(means, *advice);
                quote!((Self::#variant, #operation) => Some(#value),)
            });
            let others = match &own.others {
                Some((means, advice)) => {
                    let value = value(means, *advice);
                    quote!((Self::#variant, _) => Some(#value),)
                }
                None => quote!((Self::#variant, _) => None,),
            };
            listed.chain(std::iter::once(others)).collect::<Vec<_>>()
        })
        .collect::<TokenStream>()
    };
    let (meanings, advices) = (arms(&|means, _| quote!(#means)), arms(&|_, advice| advised(advice)));
    has_own(api).then(|| {
        quote! {
            /// Returns the meaning of the code in replies of the operation with this id. Returns `None` for an unknown
            /// code. Also returns `None` if the meaning of the code depends on the operation, and the spec gives no
            /// meaning for this operation.
            pub fn meaning_in(&self, operation: &str) -> Option<&'static str> {
                match (self, operation) {
                    #meanings
                    (code, _) => code.meaning(),
                }
            }

            /// Returns the advice for the code in replies of the operation with this id. Returns `None` in the same
            /// cases as [`meaning_in`](Self::meaning_in).
            pub fn advice_in(&self, operation: &str) -> Option<rt::Advice> {
                match (self, operation) {
                    #advices
                    (code, _) => code.known_advice(),
                }
            }
        }
    })
}

/// Emits the implementations of `rt::ErrorCode` and `Display`.
fn conversions(api: &ApiModel) -> TokenStream {
    let variants: Vec<_> = api.codes.iter().map(|code| ident(&code.variant)).collect();
    let wires: Vec<_> = api.codes.iter().map(|code| &code.wire).collect();
    let unknown = quote!(Self::Unknown(rt::UnknownValue::new(text)));
    let from_text = if wires.is_empty() {
        unknown
    } else {
        quote! {
            match text {
                #(#wires => Self::#variants,)*
                _ => #unknown,
            }
        }
    };
    let advice_in = has_own(api).then(|| {
        quote! {
            fn advice_in(&self, operation: &str) -> Option<rt::Advice> {
                self.advice_in(operation)
            }
        }
    });
    quote! {
        impl rt::ErrorCode for ErrorCode {
            fn from_text(text: &str) -> Self {
                #from_text
            }

            fn as_text(&self) -> &str {
                self.as_str()
            }

            fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }

            fn advice(&self) -> rt::Advice {
                self.known_advice().unwrap_or(rt::Advice::Undocumented)
            }

            #advice_in
        }

        impl std::fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    }
}
