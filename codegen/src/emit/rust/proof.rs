//! Emits the proof of a callback: a static description for the runtime, and the methods that verify and sign a message.

use super::tokens::{docs, ident, time_format};
use crate::model::{ApiModel, CallbackModel, ParameterSource, Proof, ProofParameter, ProofPlace, ProofTime};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Emits the static description of a proof, which the runtime reads.
pub(super) fn description(callback: &CallbackModel, proof: &Proof) -> TokenStream {
    let body = match (callback.opaque, callback.json, callback.form) {
        (false, true, true) => quote!(Either),
        (false, false, _) => quote!(Form),
        (true, ..) | (false, true, false) => quote!(Json),
    };
    let Proof { method, prefix, separator, .. } = proof;
    let (at, equals) = (place(&proof.at), Literal::usize_unsuffixed(proof.equals));
    let time = match &proof.time {
        None => quote!(None),
        Some(time) => {
            let time = signed_time(time);
            quote!(Some(#time))
        }
    };
    quote! {
        static PROOF: rt::Proof = rt::Proof {
            method: #method,
            body: rt::ProofBody::#body,
            at: #at,
            prefix: #prefix,
            separator: #separator,
            equals: #equals,
            time: #time,
        };
    }
}

fn place(place: &ProofPlace) -> TokenStream {
    match place {
        ProofPlace::Header(name) => quote!(rt::ProofPlace::Header(#name)),
        ProofPlace::Member(name) => quote!(rt::ProofPlace::Member(#name)),
    }
}

fn signed_time(time: &ProofTime) -> TokenStream {
    let (at, within) = (place(&time.at), Literal::u64_unsuffixed(time.within));
    let written = time_format(&time.notation);
    quote! {
        rt::SignedTime {
            at: #at,
            written: #written,
            within: std::time::Duration::from_secs(#within),
        }
    }
}

/// Emits the methods that verify and sign a message.
pub(super) fn functions(api: &ApiModel, callback: &CallbackModel, proof: &Proof) -> TokenStream {
    let verify = verify(api, callback, proof);
    let sign = sign(api, proof);
    quote!(#verify #sign)
}

/// Returns the code that passes the headers to `verify`: the parameter, the field of `SignedMessage`, and the argument
/// for `verify_at`. A single header is passed by its value, and several headers as pairs of name and value.
fn headers_of_verify(proof: &Proof) -> (Option<TokenStream>, TokenStream, Option<TokenStream>) {
    match proof.headers.as_slice() {
        [] => (None, quote!(headers: &[]), None),
        [name] => (Some(quote!(header: &str,)), quote!(headers: &[(#name, header)]), Some(quote!(header,))),
        _ => (Some(quote!(headers: &[(&str, &str)],)), quote!(headers), Some(quote!(headers,))),
    }
}

fn verify(api: &ApiModel, callback: &CallbackModel, proof: &Proof) -> TokenStream {
    let (header, headers, pass_header) = headers_of_verify(proof);
    let received = |parameter: &ProofParameter| match &parameter.from {
        ParameterSource::Receiver(ty) => Some((ident(&parameter.rust), ident(ty))),
        ParameterSource::Member => None,
    };
    let arguments: Vec<_> = proof.parameters.iter().filter_map(received).collect();
    let pass_arguments = arguments.iter().map(|(name, _)| quote!(#name,));
    let arguments = arguments.iter().map(|(name, ty)| quote!(#name: &#ty,));
    let parameters = quote!(body: &[u8], #header #(#arguments)* credentials: &[Credentials]);
    let body = verification(api, callback, proof, &headers);
    let documentation = verify_docs(proof);
    if proof.time.is_none() {
        return quote! {
            #documentation
            ///
            /// # Errors
            ///
            /// Returns an error if the body cannot be decoded, if the proof or a part that it covers is missing, empty
            /// or unreadable, or if the proof matches none of the credentials.
            pub fn verify(#parameters) -> Result<rt::Claim<Self>, rt::CallbackError> {
                #body
            }
        };
    }
    quote! {
        #documentation
        ///
        /// # Errors
        ///
        /// Returns an error if the body cannot be decoded, if the proof or a part that it covers is missing, empty or
        /// unreadable, or if the proof matches none of the credentials. If the proof is valid, also returns an error if
        /// the signed time cannot be read, or is too far from the current time. For an error about a distant time,
        /// [`is_untimely`](pagespec_runtime::CallbackError::is_untimely) returns `true`.
        pub fn verify(#parameters) -> Result<rt::Claim<Self>, rt::CallbackError> {
            let now = std::time::SystemTime::now();
            Self::verify_at(body, #pass_header #(#pass_arguments)* credentials, now)
        }

        /// Verifies a message like [`verify`](Self::verify), with `now` as the current time.
        ///
        /// # Errors
        ///
        /// Returns an error in the same cases as [`verify`](Self::verify).
        pub fn verify_at(#parameters, now: std::time::SystemTime) -> Result<rt::Claim<Self>, rt::CallbackError> {
            #body
        }
    }
}

/// Emits the body of `verify`, or of `verify_at` if the proof has a time.
fn verification(api: &ApiModel, callback: &CallbackModel, proof: &Proof, headers: &TokenStream) -> TokenStream {
    let members = proof.parameters.iter().filter(|parameter| matches!(parameter.from, ParameterSource::Member));
    let members = members.map(|parameter| {
        let (name, wire) = (ident(&parameter.rust), &parameter.wire);
        quote! {
            let Some(#name) = message.unproven().#name.clone() else {
                return Err(rt::CallbackError::missing(#wire));
            };
        }
    });
    let values = proof.parameters.iter().map(|parameter| {
        let (name, wire) = (ident(&parameter.rust), &parameter.wire);
        quote!((#wire, #name.as_str()))
    });
    let read = match (callback.opaque, callback.json, callback.form) {
        (true, ..) => quote!(claim_from_anything),
        (false, true, true) => quote!(strict_claim),
        (false, false, _) => quote!(claim_from_form),
        (false, true, false) => quote!(strict_claim_from_json),
    };
    let credentials = credentials(api);
    let check_time = proof.time.as_ref().map(|_| quote!(signed.check_time(now)?;));
    quote! {
        let message: rt::Claim<Self> = rt::#read(body)?;
        #(#members)*
        let signed = rt::SignedMessage {
            api: &API,
            proof: &PROOF,
            body,
            #headers,
            parameters: &[#(#values),*],
        };
        signed.verify(credentials.iter().map(|credentials| [#(#credentials),*]))?;
        #check_time
        Ok(message)
    }
}

fn verify_docs(proof: &Proof) -> TokenStream {
    let mut lines = vec![format!(
        "Decodes a message, and checks its proof `{}` against each of the `credentials` in constant time.",
        proof.at.name()
    )];
    lines.extend(proof.covers.iter().cloned());
    lines.push("During a rotation of secrets, pass the old and the new credentials.".into());
    if proof.headers.len() > 1 {
        let names: Vec<_> = proof.headers.iter().map(|name| format!("`{name}`")).collect();
        lines.push(format!("`headers` must contain at least {}. The case of names is ignored.", names.join(", ")));
    }
    docs(&lines)
}

fn sign(api: &ApiModel, proof: &Proof) -> TokenStream {
    let body = proof.sign.body.then(|| quote!(body: &[u8],));
    let headers = proof.sign.headers.then(|| quote!(headers: &[(&str, &str)],));
    let arguments = proof.parameters.iter().map(|parameter| {
        let name = ident(&parameter.rust);
        quote!(#name: &str,)
    });
    let values = proof.parameters.iter().map(|parameter| {
        let (name, wire) = (ident(&parameter.rust), &parameter.wire);
        quote!((#wire, #name))
    });
    let given_body = if proof.sign.body { quote!(body) } else { quote!(body: &[]) };
    let given_headers = if proof.sign.headers { quote!(headers) } else { quote!(headers: &[]) };
    let credentials = credentials(api);
    let (what, name) = match &proof.at {
        ProofPlace::Header(name) => ("header", name),
        ProofPlace::Member(name) => ("member", name),
    };
    let doc = format!(" Computes the {what} `{name}` of a message, for tests of a receiver.");
    let signed = quote! {
        let signed = rt::SignedMessage {
            api: &API,
            proof: &PROOF,
            #given_body,
            #given_headers,
            parameters: &[#(#values),*],
        };
        signed.sign(&[#(#credentials),*])
    };
    if proof.sign.is_fallible() {
        return quote! {
            #[doc = #doc]
            ///
            /// # Errors
            ///
            /// Returns an error if a part that the proof covers is missing or empty, or if a credential cannot be used.
            pub fn sign(#body #headers #(#arguments)* credentials: &Credentials) -> Result<String, rt::CallbackError> {
                #signed
            }
        };
    }
    quote! {
        #[doc = #doc]
        ///
        /// Returns an empty text if a credential or a parameter is empty.
        pub fn sign(#(#arguments)* credentials: &Credentials) -> String {
            #signed.unwrap_or_default()
        }
    }
}

/// Returns the fields of the variable `credentials` as expressions, in the order of the API's credentials.
fn credentials(api: &ApiModel) -> Vec<TokenStream> {
    let fields = api.credentials.iter().map(|credential| {
        let name = ident(&credential.rust);
        quote!(credentials.#name.as_str())
    });
    fields.collect()
}
