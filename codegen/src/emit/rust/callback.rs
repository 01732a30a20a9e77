//! Emits a callback: the message, the functions that decode the message, its proof of origin, and its confirmation.

use super::proof;
use super::reply::{self, Keeps};
use super::tokens::{ident, inner_docs, strings};
use crate::model::{ApiModel, CallbackModel};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(crate) fn emit(api: &ApiModel, callback: &CallbackModel) -> TokenStream {
    let documentation = inner_docs(&callback.docs);
    let body = reply::emit(&callback.body, Keeps::Raw);
    let name = ident(&callback.body.rust);
    let confirm = super::confirm::emit(callback);
    let receive = receive(callback);
    let writers = writers(callback);
    let described = callback.proof.as_ref().map(|proof| proof::description(callback, proof));
    let payload = callback.select.as_ref().map(super::unions::emit_selected);
    let select = callback.select.as_ref().map(|_| {
        quote! {
            fn select(&mut self, json: &str) -> Result<(), rt::Unkept> {
                self.payload = rt::read_union(json)?.unwrap_or_default();
                Ok(())
            }
        }
    });
    let answer = callback.answer.as_ref().map(|(status, body)| {
        let status = Literal::u16_unsuffixed(*status);
        quote! {
            /// Answer that acknowledges the message. Send it after the message is handled.
            pub const ANSWER: rt::CallbackAnswer = rt::CallbackAnswer { status: #status, body: #body };
        }
    });
    let parsers = match &callback.proof {
        Some(proof) => proof::functions(api, callback, proof),
        None if callback.opaque => opaque_parsers(callback),
        None => parsers(callback),
    };
    quote! {
        #documentation

        #[allow(unused_imports)]
        use super::*;
        use pagespec_runtime::__private as rt;

        #body

        impl rt::Message for #name {
            fn set_raw(&mut self, raw: rt::Raw) {
                self.raw = raw;
            }

            #select
        }

        #payload

        #confirm
        #described
        #receive

        impl #name {
            #answer
            #parsers
            #writers
        }
    }
}

/// Emits the functions that decode a message without a proof.
fn parsers(callback: &CallbackModel) -> TokenStream {
    let json = callback.json.then(|| {
        quote! {
            /// Decodes a JSON body. The content is a claim until it is confirmed.
            ///
            /// # Errors
            ///
            /// Returns an error if the body is too long, is not a JSON object, or has no documented member. Also
            /// returns an error if the body repeats a documented member with different values, or has a number that
            /// would lose digits.
            pub fn parse_json(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_json(body)
            }
        }
    });
    let form = callback.form.then(|| {
        quote! {
            /// Decodes a form body. The content is a claim until it is confirmed.
            ///
            /// # Errors
            ///
            /// Returns an error if the body is too long, is not a form, or has no documented parameter. Also returns an
            /// error if the body repeats a documented parameter with different values, or has a number that would lose
            /// digits.
            pub fn parse_form(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_form(body)
            }
        }
    });
    let both = (callback.json && callback.form).then(|| {
        quote! {
            /// Decodes a body that is JSON or a form. The first character of the body determines the encoding. The
            /// content type is ignored, because some senders set a wrong one.
            ///
            /// # Errors
            ///
            /// Returns an error in the same cases as [`parse_json`](Self::parse_json) and
            /// [`parse_form`](Self::parse_form).
            pub fn parse(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                if rt::looks_like_json(body) { Self::parse_json(body) } else { Self::parse_form(body) }
            }
        }
    });
    let query = callback.query.then(|| {
        quote! {
            /// Decodes the query of a URL. `query` is the query, with or without the `?`, or the whole URL. The content
            /// is a claim until it is confirmed.
            ///
            /// # Errors
            ///
            /// Returns an error if the query is too long or has no documented parameter. Also returns an error if the
            /// query repeats a documented parameter with different values, or has a number that would lose digits.
            pub fn parse_query(query: &str) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_query(query)
            }
        }
    });
    quote!(#both #json #form #query)
}

/// Emits the functions that keep a message without a proof whose body is not documented.
fn opaque_parsers(callback: &CallbackModel) -> TokenStream {
    let body = (callback.json || callback.form).then(|| {
        quote! {
            /// Keeps a body of any format. The content is a claim until it is confirmed.
            ///
            /// # Errors
            ///
            /// Returns an error if the body is too long.
            pub fn parse(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_anything(body)
            }
        }
    });
    let query = callback.query.then(|| {
        quote! {
            /// Keeps the query of a URL. The content is a claim until it is confirmed.
            ///
            /// # Errors
            ///
            /// Returns an error if the query is too long.
            pub fn parse_query(query: &str) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_anything(query.as_bytes())
            }
        }
    });
    quote!(#body #query)
}

/// Emits the implementation of `Signed` for a message with a proof, and of `Receive` for any other message. The
/// extractors of axum handlers need this implementation.
fn receive(callback: &CallbackModel) -> TokenStream {
    let name = ident(&callback.body.rust);
    if let Some(proof) = &callback.proof {
        let headers = strings(&proof.headers);
        return quote! {
            #[cfg(feature = "axum")]
            impl rt::Signed for #name {
                const HEADERS: &'static [&'static str] = #headers;
            }
        };
    }
    let (arguments, read) = if callback.query {
        (quote!(query: &str, _body: &[u8]), quote!(Self::parse_query(query)))
    } else if callback.opaque || (callback.json && callback.form) {
        (quote!(_query: &str, body: &[u8]), quote!(Self::parse(body)))
    } else if callback.form {
        (quote!(_query: &str, body: &[u8]), quote!(Self::parse_form(body)))
    } else {
        (quote!(_query: &str, body: &[u8]), quote!(Self::parse_json(body)))
    };
    quote! {
        #[cfg(feature = "axum")]
        impl rt::Receive for #name {
            fn receive(#arguments) -> Result<rt::Claim<Self>, rt::CallbackError> {
                #read
            }
        }
    }
}

/// Emits methods that encode the message as the service does, for tests of a receiver.
fn writers(callback: &CallbackModel) -> TokenStream {
    let json = callback.json.then(|| {
        quote! {
            /// Returns this message in JSON as the service would send it, for tests of a receiver.
            pub fn to_json(&self) -> String {
                rt::message_json(self)
            }
        }
    });
    let form = (callback.form || callback.query).then(|| {
        quote! {
            /// Returns this message as the form or query that the service would send, for tests of a receiver.
            pub fn to_form(&self) -> String {
                rt::message_form(self)
            }
        }
    });
    quote!(#json #form)
}
