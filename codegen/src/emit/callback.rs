//! A callback: its message, and how to read and prove it.

use super::reply::{self, Keeps};
use super::tokens::{ident, inner_docs};
use crate::model::{Api, Callback, Proof, ProofPart};
use proc_macro2::TokenStream;
use quote::quote;

/// The file of one callback.
pub fn emit(api: &Api, callback: &Callback) -> TokenStream {
    let documentation = inner_docs(&callback.docs);
    let body = reply::emit(&callback.body, Keeps::Raw);
    let name = ident(&callback.body.rust);
    let parsers = match &callback.proof {
        Some(proof) => verify(api, callback, proof),
        None => parsers(callback),
    };
    quote! {
        #documentation

        #[allow(unused_imports)]
        use super::*;
        use toss_sdk_runtime as rt;

        #body

        impl rt::Message for #name {
            fn set_raw(&mut self, raw: rt::Raw) {
                self.raw = raw;
            }
        }

        impl #name {
            #parsers
        }
    }
}

/// Readers of a message that proves nothing by itself.
fn parsers(callback: &Callback) -> TokenStream {
    let json = callback.json.then(|| {
        quote! {
            /// Reads a JSON body. What it says is a claim until it has been confirmed.
            ///
            /// # Errors
            ///
            /// When the body is not a JSON object.
            pub fn parse_json(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_json(body)
            }
        }
    });
    let form = callback.form.then(|| {
        quote! {
            /// Reads a form body. What it says is a claim until it has been confirmed.
            ///
            /// # Errors
            ///
            /// When the body is empty or not UTF-8.
            pub fn parse_form(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_form(body)
            }
        }
    });
    let both = (callback.json && callback.form).then(|| {
        quote! {
            /// Reads a body in either encoding, told by its first character: senders mislabel them.
            ///
            /// # Errors
            ///
            /// As [`parse_json`](Self::parse_json) and [`parse_form`](Self::parse_form).
            pub fn parse(body: &[u8]) -> Result<rt::Claim<Self>, rt::CallbackError> {
                if rt::looks_like_json(body) { Self::parse_json(body) } else { Self::parse_form(body) }
            }
        }
    });
    let query = callback.query.then(|| {
        quote! {
            /// Reads the query of a URL, with or without the `?`. What it says is a claim until it has been confirmed.
            ///
            /// # Errors
            ///
            /// When the query is empty.
            pub fn parse_query(query: &str) -> Result<rt::Claim<Self>, rt::CallbackError> {
                rt::claim_from_form(query.strip_prefix('?').unwrap_or(query).as_bytes())
            }
        }
    });
    quote!(#both #json #form #query)
}

/// The reader of a message whose header proves who sent it.
fn verify(api: &Api, callback: &Callback, proof: &Proof) -> TokenStream {
    let arguments = proof.parts.iter().filter_map(|part| match part {
        ProofPart::Argument(name, ty) => {
            let (name, ty) = (ident(name), ident(ty));
            Some(quote!(#name: &#ty,))
        }
        _ => None,
    });
    let members = proof.parts.iter().filter_map(|part| match part {
        ProofPart::Member(name, wire) => {
            let name = ident(name);
            Some(quote! {
                let Some(#name) = message.unproven().#name.clone() else {
                    return Err(rt::CallbackError::missing(#wire));
                };
            })
        }
        _ => None,
    });
    let parts = proof.parts.iter().map(|part| match part {
        ProofPart::Credential(index) => {
            let name = ident(&api.credentials[*index].rust);
            quote!(credentials.#name.as_str())
        }
        ProofPart::Member(name, _) | ProofPart::Argument(name, _) => {
            let name = ident(name);
            quote!(#name.as_str())
        }
    });
    let read = if callback.opaque { quote!(claim_from_anything) } else { quote!(claim_from_json) };
    let header = &proof.header;
    let doc = format!(
        " Reads a body and checks the `{header}` header against every valid set of credentials, in constant time."
    );
    quote! {
        #[doc = #doc]
        ///
        /// The header covers neither the body nor the time: it tells who sent, not that the content is true.
        /// During a rotation of secrets, give the old and the new credentials.
        ///
        /// # Errors
        ///
        /// When the body cannot be read, or no credentials give this header.
        pub fn verify(
            body: &[u8],
            header: &str,
            #(#arguments)*
            credentials: &[Credentials],
        ) -> Result<rt::Claim<Self>, rt::CallbackError> {
            let message: rt::Claim<Self> = rt::#read(body)?;
            #(#members)*
            let genuine = credentials
                .iter()
                .fold(false, |found, credentials| {
                    let parts = [#(#parts),*];
                    // A part that is empty proves nothing: anybody could make the rest.
                    found | (parts.iter().all(|part| !part.is_empty()) & rt::hex_equal(&rt::sha256_hex(&parts), header))
                });
            if genuine { Ok(message) } else { Err(rt::CallbackError::not_genuine()) }
        }
    }
}
