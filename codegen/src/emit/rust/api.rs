//! Emits the static description of an API: base URLs, credentials, headers, envelope, statuses, timeouts.

use super::computed;
use super::tokens::{docs, ident, strings};
use crate::model::{ApiModel, EnvelopeModel, FailureModel, SuccessModel};
use crate::names::operation_constant;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Emits `api.rs`.
pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let stage = stages(api);
    let description = description(api);
    let credentials = credentials(api);
    let builder_states = builder_states(api);
    let sources = sources(api);
    // The description of the API refers to operations and types of credentials, which are in other files.
    let own_types = (!api.operations.is_empty() || !api.credentials.is_empty()).then(|| {
        quote!(
            use super::*;
        )
    });
    quote! {
        //! Static description of the API: stages, credentials, headers, the envelope, HTTP statuses, timeouts.

        #own_types
        use std::time::Duration;
        use pagespec_runtime::__private as rt;

        #stage
        #credentials
        #sources
        #description
        #builder_states
    }
}

fn stages(api: &ApiModel) -> TokenStream {
    let variants = api.stages.iter().enumerate().map(|(n, stage)| {
        let (docs, variant) = (docs(&stage.docs), ident(&stage.variant));
        let default = (n == api.default_stage).then(|| quote!(#[default]));
        quote!(#docs #default #variant)
    });
    let arms = api.stages.iter().map(|stage| {
        let (variant, url) = (ident(&stage.variant), &stage.url);
        quote!(Self::#variant => #url)
    });
    quote! {
        /// Stage of the API. Each stage has a base URL of its own.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Stage {
            #(#variants,)*
        }

        impl Stage {
            /// Returns the base URL of the stage.
            pub fn base_url(self) -> &'static str {
                match self {
                    #(#arms,)*
                }
            }
        }
    }
}

fn credentials(api: &ApiModel) -> TokenStream {
    let fields = api.credentials.iter().map(|credential| {
        let (docs, name, ty) =
            (docs(std::slice::from_ref(&credential.doc)), ident(&credential.rust), ident(&credential.text));
        quote!(#docs pub #name: #ty)
    });
    quote! {
        /// Credentials that the provider issues to the caller.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Credentials {
            #(#fields,)*
        }
    }
}

fn description(api: &ApiModel) -> TokenStream {
    let (name, title) = (&api.module, &api.title);
    let stages = api.stages.iter().map(|stage| {
        let (name, url) = (&stage.name, &stage.url);
        quote!(rt::Stage { name: #name, base_url: #url })
    });
    let default_stage = Literal::usize_unsuffixed(api.default_stage);
    let credentials = api.credentials.iter().map(|credential| {
        let (name, ty) = (&credential.rust, ident(&credential.text));
        let text = api.texts.iter().find(|text| text.rust == credential.text);
        let environments = text.into_iter().flat_map(|text| &text.prefixes).map(|(prefix, of)| quote!((#prefix, #of)));
        let of_client = credential.of_client;
        quote! {
            rt::Credential {
                name: #name,
                rules: &#ty::RULES,
                environments: &[#(#environments),*],
                of_client: #of_client,
            }
        }
    });
    let headers = computed::headers(&api.headers);
    let computed = computed::values(&api.computed);
    let envelope = envelope(&api.envelope);
    let statuses = api.statuses.iter().map(|rule| {
        let (from, to) = (Literal::u16_unsuffixed(rule.from), Literal::u16_unsuffixed(rule.to));
        let means = &rule.means;
        let outcome = if rule.unknown { quote!(Unknown) } else { quote!(Rejected) };
        quote!(rt::StatusRule { from: #from, to: #to, means: #means, outcome: rt::Outcome::#outcome })
    });
    let [connect, attempt, total, warn, accepted, shown] = api.timeouts.map(Literal::u64_unsuffixed);
    let sensitive = strings(&api.sensitive);
    let operations = api.operations.iter().map(|op| {
        let name = ident(&operation_constant(&op.id));
        quote!(&#name)
    });
    quote! {
        /// Static description of the API, which the runtime reads.
        pub static API: rt::Api = rt::Api {
            name: #name,
            title: #title,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
            stages: &[#(#stages),*],
            default_stage: #default_stage,
            credentials: &[#(#credentials),*],
            headers: #headers,
            computed: #computed,
            envelope: #envelope,
            statuses: &[#(#statuses),*],
            timeouts: rt::Timeouts {
                connect: Duration::from_secs(#connect),
                attempt: Duration::from_secs(#attempt),
                total: Duration::from_secs(#total),
                warn_below: Duration::from_secs(#warn),
                accepted_within: Duration::from_secs(#accepted),
                shown_within: Duration::from_secs(#shown),
            },
            sensitive: #sensitive,
            operations: &[#(#operations),*],
        };
    }
}

/// Returns an envelope as a constant expression.
pub(super) fn envelope(envelope: &EnvelopeModel) -> TokenStream {
    let status = Literal::u16_unsuffixed;
    let success = match &envelope.success {
        SuccessModel::Status(from, to) => {
            let (from, to) = (status(*from), status(*to));
            quote!(rt::SuccessRule::Status { from: #from, to: #to })
        }
        SuccessModel::Member(path, values) => {
            let (path, values) = (strings(path), strings(values));
            quote!(rt::SuccessRule::Member { path: #path, values: #values })
        }
        SuccessModel::Present(path) => {
            let path = strings(path);
            quote!(rt::SuccessRule::Present(#path))
        }
    };
    let failure = match &envelope.failure {
        FailureModel::Values(values) => {
            let values = strings(values);
            quote!(rt::FailureRule::Values(#values))
        }
        FailureModel::Other => quote!(rt::FailureRule::Other),
        FailureModel::Coded => quote!(rt::FailureRule::Coded),
    };
    let (code, message) = (strings(&envelope.code), strings(&envelope.message));
    let integer_codes = envelope.integer_codes;
    let payload = match &envelope.payload {
        Some(path) => {
            let path = strings(path);
            quote!(rt::Payload::Member(#path))
        }
        None => quote!(rt::Payload::Inline),
    };
    let errors = envelope.errors.iter().map(|shape| {
        let (from, to) = (status(shape.statuses.0), status(shape.statuses.1));
        let (code, message) = (strings(&shape.code), strings(&shape.message));
        quote!(rt::ErrorShape { from: #from, to: #to, code: #code, message: #message })
    });
    quote! {
        rt::Envelope {
            success: #success,
            failure: #failure,
            code: #code,
            message: #message,
            integer_codes: #integer_codes,
            payload: #payload,
            errors: &[#(#errors),*],
        }
    }
}

fn builder_states(api: &ApiModel) -> Option<TokenStream> {
    let names = api.mandatory.iter().map(|name| {
        let doc = format!(" `{name}`");
        let name = ident(name);
        quote! {
            #[doc = #doc]
            pub enum #name {}
        }
    });
    (!api.mandatory.is_empty()).then(|| {
        quote! {
            /// Types that name the mandatory fields. The type of a builder contains the names of the fields that are
            /// not set yet.
            #[allow(non_camel_case_types)]
            pub mod fields {
                #(#names)*
            }
        }
    })
}

/// Emits the source addresses of callbacks, if the spec lists such addresses.
fn sources(api: &ApiModel) -> Option<TokenStream> {
    if api.callback_sources.is_empty() {
        return None;
    }
    let ranges = api.callback_sources.iter().map(|range| {
        let [from, to] = range.map(|octets| {
            let octets = octets.map(Literal::u8_unsuffixed);
            quote!(std::net::Ipv4Addr::new(#(#octets),*))
        });
        quote!((#from, #to))
    });
    Some(quote! {
        /// Published source addresses of callbacks, as the first and the last address of each range.
        pub const CALLBACK_SOURCES: &[(std::net::Ipv4Addr, std::net::Ipv4Addr)] = &[#(#ranges),*];

        /// Returns `true` if an address is in one of the ranges in [`CALLBACK_SOURCES`]. Use it to open a firewall or
        /// to log unexpected senders. Never use it as the only check, because an address does not authenticate a
        /// sender. Behind a proxy, the address can be forged.
        pub fn is_callback_source(address: std::net::IpAddr) -> bool {
            match address.to_canonical() {
                std::net::IpAddr::V4(address) => {
                    CALLBACK_SOURCES.iter().any(|(from, to)| (*from..=*to).contains(&address))
                }
                std::net::IpAddr::V6(_) => false,
            }
        }
    })
}
