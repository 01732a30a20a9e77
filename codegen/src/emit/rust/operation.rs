//! Emits an operation: its request, its reply, and its description.

use super::reply::{self, Keeps};
use super::tokens;
use super::tokens::{docs, ident, inner_docs, request_part, strings};
use super::{builder, computed, from_request, request};
use crate::model::{ApiModel, BodyFormat, MessagePart, OperationModel, PathSegment, VariesModel};
use crate::names::operation_constant;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(crate) fn emit(api: &ApiModel, op: &OperationModel) -> TokenStream {
    let documentation = inner_docs(&op.docs);
    let request_struct = request::emit(&op.request);
    let reply_struct = reply::emit(&op.reply, Keeps::Raw);
    let description = description(op);
    let (name, reply) = (ident(&op.request.rust), ident(&op.reply.rust));
    let constant = ident(&operation_constant(&op.id));
    let (parameters, query, headers) = builder::address(&op.request);
    let recovery = builder::recovery(&op.request);
    let bind = super::resolution::bind(&op.binding);
    let resolve = super::resolution::emit(op);
    let from_request = from_request::emit(api, &op.request);
    let pages = super::pages::emit(op);
    let from_body = docs(&[
        "Decodes a reply that another HTTP client received.".into(),
        "Returns an error if the reply is not a success, or cannot be decoded.".into(),
    ]);
    quote! {
        #documentation

        use super::*;
        use pagespec_runtime::__private as rt;

        #description

        impl rt::Request for #name {
            type Reply = #reply;

            const OPERATION: &'static rt::Operation = &#constant;

            #parameters
            #query
            #headers
            #recovery
            #bind
        }

        #resolve

        #from_request

        #pages

        impl rt::Reply for #reply {
            fn set_raw(&mut self, raw: rt::Raw) {
                self.raw = raw;
            }

            fn as_raw(&self) -> &rt::Raw {
                &self.raw
            }
        }

        impl #reply {
            #from_body
            pub fn from_body(http_status: u16, body: &[u8]) -> Result<Self, Error> {
                rt::read_reply::<#name, ErrorCode>(&API, http_status, body)
            }
        }

        #request_struct
        #reply_struct
    }
}

fn description(op: &OperationModel) -> TokenStream {
    let constant = ident(&operation_constant(&op.id));
    let (id, section) = (&op.id, &op.section);
    let index = Literal::usize_unsuffixed(op.index);
    let method = tokens::method(op.method);
    let path = op.path.iter().map(segment);
    let body = match op.body {
        BodyFormat::None => quote!(None),
        BodyFormat::Json => quote!(Json),
        BodyFormat::JsonOrForm => quote!(JsonOrForm),
        BodyFormat::Form => quote!(Form),
    };
    let [body_credentials, body_values, query_credentials, query_values] =
        [&op.body_credentials, &op.body_values, &op.query_credentials, &op.query_values]
            .map(|fields| computed::supplied(fields));
    let body_fixed = op.request.fixed.iter().filter(|member| member.part == MessagePart::Body).map(|member| {
        let (wire, json) = (&member.wire, member.json());
        quote!((#wire, #json))
    });
    let query_fixed = op.request.fixed.iter().filter(|member| member.part == MessagePart::Query).map(|member| {
        let (wire, value) = (&member.wire, member.value.to_string());
        quote!((#wire, #value))
    });
    let headers = computed::headers(&op.headers);
    let given = op.request.members.iter().filter(|member| member.part == MessagePart::Header);
    let given = strings(&given.map(|member| member.wire.clone()).collect::<Vec<_>>());
    let recovery = tokens::recovery(op.recovery);
    let partial = op.partial;
    let notations = op.notations.iter().map(notation);
    let (moves_money, identity, identity_headers) =
        (op.moves_money, strings(&op.identity), strings(&op.identity_headers));
    let resolve_with = match &op.resolve_with {
        Some(with) => quote!(Some(#with)),
        None => quote!(None),
    };
    let envelope = match &op.envelope {
        Some(own) => {
            let own = super::api::envelope(own);
            quote!(Some(&#own))
        }
        None => quote!(None),
    };
    let doc = format!(" Description of the operation `{}`.", op.id);
    quote! {
        #[doc = #doc]
        pub static #constant: rt::Operation = rt::Operation {
            id: #id,
            index: #index,
            section: #section,
            method: rt::Method::#method,
            path: &[#(#path),*],
            body: rt::BodyFormat::#body,
            body_credentials: #body_credentials,
            body_values: #body_values,
            body_fixed: &[#(#body_fixed),*],
            query_credentials: #query_credentials,
            query_values: #query_values,
            query_fixed: &[#(#query_fixed),*],
            headers: #headers,
            given_headers: #given,
            recovery: rt::Recovery::#recovery,
            partial: #partial,
            moves_money: #moves_money,
            identity: #identity,
            notations: &[#(#notations),*],
            identity_headers: #identity_headers,
            resolve_with: #resolve_with,
            envelope: #envelope,
        };
    }
}

fn segment(piece: &PathSegment) -> TokenStream {
    match piece {
        PathSegment::Literal(text) => quote!(rt::Segment::Literal(#text)),
        PathSegment::Parameter(name) => quote!(rt::Segment::Parameter(#name)),
        PathSegment::Credential(index) => {
            let index = Literal::usize_unsuffixed(*index);
            quote!(rt::Segment::Credential(#index))
        }
    }
}

fn notation((part, name, varies): &(MessagePart, String, VariesModel)) -> TokenStream {
    let part = request_part(*part);
    let varies = match varies {
        VariesModel::Zeros => quote!(Zeros),
        VariesModel::Offset => quote!(Offset),
        VariesModel::Separators(separators) => quote!(Separators(#separators)),
    };
    quote!((#part, #name, rt::Varies::#varies))
}
