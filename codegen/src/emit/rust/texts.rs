//! Emits the string newtypes, such as the types of order numbers, tokens and API keys.

use super::rules::text_rules;
use super::tokens::{docs, ident};
use crate::model::{ApiModel, TextType};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits `texts.rs`.
pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let types = api.texts.iter().map(text_type);
    quote! {
        //! Identifiers and other named texts. Each kind of text has a type of its own, so that texts of different kinds
        //! cannot be confused.

        use pagespec_runtime::__private as rt;

        #(#types)*
    }
}

fn text_type(text: &TextType) -> TokenStream {
    let name = ident(&text.rust);
    let docs = docs(&text.docs);
    let rules = text_rules(&text.rules);
    let random = text.uuid.then(|| {
        quote! {
            /// Creates a random UUID. Store it before you send it, so that a repetition of the request can contain it.
            pub fn random() -> Self {
                Self::new(rt::uuid_text())
            }
        }
    });
    let environment = environment(text);
    let (inner, derives, implement) = match (text.secret, text.sensitive) {
        (true, _) if text.held_only => {
            (quote!(rt::SecretText), quote!(Clone, Default, PartialEq, Eq), quote!(impl_held_text))
        }
        (true, _) => (quote!(rt::SecretText), quote!(Clone, Default, PartialEq, Eq), quote!(impl_secret_text)),
        (false, true) => (quote!(String), quote!(Clone, Default, PartialEq, Eq, Hash), quote!(impl_personal_text)),
        (false, false) => {
            (quote!(String), quote!(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash), quote!(impl_public_text))
        }
    };
    let from = if text.secret { quote!(rt::SecretText::from(Into::<String>::into(text))) } else { quote!(text.into()) };
    let as_str = if text.secret { quote!(self.0.expose()) } else { quote!(&self.0) };
    quote! {
        #docs
        #[derive(#derives)]
        pub struct #name(#inner);

        impl #name {
            /// Rules for the text. They are checked when a request or a client that contains the text is built.
            pub const RULES: rt::TextRules = #rules;

            /// Creates the value from any text. The rules are checked when a request or a client that contains the
            /// value is built.
            pub fn new(text: impl Into<String>) -> Self {
                Self(#from)
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                #as_str
            }

            #random
            #environment
        }

        rt::#implement!(#name);
    }
}

/// Emits the method that returns the environment of a text, if the prefix of the text determines the environment.
fn environment(text: &TextType) -> Option<TokenStream> {
    (!text.prefixes.is_empty()).then(|| {
        let arms = text.prefixes.iter().map(|(prefix, environment)| {
            quote! {
                if self.as_str().starts_with(#prefix) {
                    return Some(#environment);
                }
            }
        });
        quote! {
            /// Returns the environment that the prefix of the text indicates, or `None` if the spec does not list the
            /// prefix.
            pub fn environment(&self) -> Option<&'static str> {
                #(#arms)*
                None
            }
        }
    })
}
