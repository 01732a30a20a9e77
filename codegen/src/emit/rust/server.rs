//! Emits `server.rs`, the server side of an API: a trait with one method per operation, and a function that passes
//! requests to these methods.

use super::tokens::{docs, ident};
use crate::model::{ApiModel, OperationModel};
use crate::names::operation_constant;
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn emit(api: &ApiModel) -> TokenStream {
    let title = format!(" Server side of {}, to be implemented by a simulator or a test.", api.shown_title);
    let methods = api.operations.iter().map(method);
    let arms = api.operations.iter().map(arm);
    let unknown = quote!(rt::refuse(&API, server.malformed(None, &rt::Malformed::NoSuchPath)));
    // If the API has no operations, `route` always fails, so the routed request is not used.
    let (routed, answer) = match api.operations.is_empty() {
        true => (quote!(_), unknown),
        false => {
            let answer = quote! {
                match routed.operation.index {
                    #(#arms,)*
                    _ => #unknown,
                }
            };
            (quote!(routed), answer)
        }
    };
    quote! {
        //! Server side of the API, for simulators and tests. Requests are decoded and checked, and answers are encoded,
        //! by the same rules as in the client. The implementation of [`Server`] defines the behavior.

        use super::*;
        use pagespec_runtime::__private as rt;

        #[doc = #title]
        pub trait Server: Send + Sync {
            #(#methods)*

            /// Answers a request that was not passed to any of the methods above, because it belongs to no operation,
            /// cannot be read, or breaks a rule. `caller` is `None` if the request belongs to no operation.
            fn malformed(&self, caller: Option<&rt::Caller>, why: &rt::Malformed) -> rt::Refusal;
        }

        /// Passes a request to the method of its operation, and returns the encoded answer. An invalid request is
        /// answered by [`malformed`](Server::malformed).
        pub async fn serve(server: &impl Server, incoming: &rt::Incoming<'_>) -> rt::Response {
            let #routed = match rt::route(&API, incoming) {
                Ok(routed) => routed,
                Err(why) => return rt::refuse(&API, server.malformed(None, &why)),
            };
            #answer
        }
    }
}

fn method(op: &OperationModel) -> TokenStream {
    let (name, request, reply) = (ident(&op.id), ident(&op.request.rust), ident(&op.reply.rust));
    let documentation = docs(std::slice::from_ref(&op.summary));
    quote! {
        #documentation
        fn #name(
            &self,
            caller: &rt::Caller,
            request: #request,
        ) -> impl Future<Output = Result<#reply, rt::Refusal>> + Send;
    }
}

fn arm(op: &OperationModel) -> TokenStream {
    let (name, request, constant) = (ident(&op.id), ident(&op.request.rust), ident(&operation_constant(&op.id)));
    quote! {
        index if index == #constant.index => {
            let answer = match routed.read::<#request>() {
                Ok(request) => server.#name(&routed.caller, request).await,
                Err(why) => Err(server.malformed(Some(&routed.caller), &why)),
            };
            rt::answer(&API, Some(routed.operation), answer)
        }
    }
}
