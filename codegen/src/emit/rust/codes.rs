//! Emits the error codes: typed and open, each with its meaning and advice.

use super::tokens;
use super::tokens::{docs, ident};
use crate::model::ApiModel;
use proc_macro2::TokenStream;
use quote::quote;

/// `codes.rs`
pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let variants: Vec<_> = api.codes.iter().map(|code| ident(&code.variant)).collect();
    let documentation = api.codes.iter().map(|code| {
        let mut paragraphs = vec![format!("`{}`: {}", code.wire, code.docs[0])];
        paragraphs.extend(code.docs.iter().skip(1).cloned());
        docs(&paragraphs)
    });
    let title = format!(" Error code of {}.", api.shown_title);
    let error =
        format!(" Error of a call of {}: the reason, and whether the request may have taken effect.", api.shown_title);
    let (aliases, methods, conversions) = (aliases(api), methods(api), conversions(api));
    quote! {
        //! Error codes, and the error type that carries them.

        use pagespec_runtime::__private as rt;

        #[doc = #error]
        pub type Error = rt::Error<ErrorCode>;

        #aliases

        #[doc = #title]
        ///
        /// Codes that the spec does not have become `Unknown`.
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

/// Emits the types with error codes for resolutions and confirmations.
fn aliases(api: &ApiModel) -> TokenStream {
    let resolution = api.operations.iter().any(|op| op.resolution.is_some()).then(|| {
        quote! {
            /// Resolved outcome of a request.
            #[cfg(feature = "client")]
            pub type Resolution<S> = rt::Resolution<S, ErrorCode>;
        }
    });
    let confirm_error = api.callbacks.iter().any(|callback| callback.confirming.is_some()).then(|| {
        quote! {
            /// Error of a message that is not confirmed.
            #[cfg(feature = "client")]
            pub type ConfirmError = rt::ConfirmError<ErrorCode>;
        }
    });
    quote! {
        #resolution
        #confirm_error
    }
}

/// Emits the methods of a code.
fn methods(api: &ApiModel) -> TokenStream {
    let variants: Vec<_> = api.codes.iter().map(|code| ident(&code.variant)).collect();
    let wires: Vec<_> = api.codes.iter().map(|code| &code.wire).collect();
    let meanings = api.codes.iter().map(|code| &code.means);
    let advices = api.codes.iter().map(|code| tokens::advice(code.advice));
    let on_page: Vec<_> = api.codes.iter().filter(|c| c.on_page).map(|c| ident(&c.variant)).collect();
    let is_on_page = if on_page.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#on_page)|*)) };
    quote! {
        /// Returns the text on the wire.
        pub fn as_str(&self) -> &str {
            match self {
                #(Self::#variants => #wires,)*
                Self::Unknown(value) => value.as_str(),
            }
        }

        /// Returns the meaning; `None` for a code that the spec does not have.
        pub fn meaning(&self) -> Option<&'static str> {
            match self {
                #(Self::#variants => Some(#meanings),)*
                Self::Unknown(_) => None,
            }
        }

        /// Returns the advice; `None` for a code that the spec does not have.
        pub fn known_advice(&self) -> Option<rt::Advice> {
            match self {
                #(Self::#variants => Some(rt::Advice::#advices),)*
                Self::Unknown(_) => None,
            }
        }

        /// Returns `true` if the page lists the code. Other known codes come from other public material of the
        /// provider.
        pub fn is_on_page(&self) -> bool {
            #is_on_page
        }
    }
}

/// Emits the conversions that the runtime and formatting need.
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
                self.known_advice().unwrap_or(rt::Advice::FixRequest)
            }
        }

        impl std::fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    }
}
