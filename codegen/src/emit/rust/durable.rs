//! Emits the implementation of `Durable`, the trait by which an outbox sends and resolves a request. The implementation
//! is in the client's file, because it uses the client's core.

use super::tokens::ident;
use crate::model::OperationModel;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn emit(op: &OperationModel) -> TokenStream {
    let name = ident(&op.request.rust);
    let (expected, found, body) = match &op.resolution {
        Some(plan) => {
            let answer = ident(&plan.answer);
            let expected = quote!(<Self as rt::Resolve>::Expected);
            (expected, quote!(#answer), quote!(rt::resolve_by_plan(self, core, expected)))
        }
        None => {
            let body = quote! {
                let _ = expected;
                rt::resolve_without_plan(self, core)
            };
            (quote!(()), quote!(rt::NothingFound), body)
        }
    };
    let is_expected = op.resolution.as_ref().filter(|plan| !plan.reply_expect.is_empty()).map(|_| {
        quote! {
            fn is_expected(&self, expected: &Self::Expected, reply: &Self::Reply) -> bool {
                rt::Resolve::agrees(self, expected, reply).is_ok()
            }
        }
    });
    let names = op.resolution.as_ref().filter(|plan| !plan.expect.is_empty()).map(|plan| {
        let names = plan.expect.iter().map(|expect| &expect.found.wire);
        quote!(const EXPECTED: &'static [&'static str] = &[#(#names),*];)
    });
    quote! {
        #[cfg(feature = "outbox")]
        impl rt::Durable for #name {
            type Client = Client;
            type Code = ErrorCode;
            type Expected = #expected;
            type Found = #found;

            const API: &'static rt::Api = &API;
            #names

            fn core(client: &Client) -> &rt::Core<ErrorCode> {
                &client.core
            }

            #is_expected

            fn resolve_with(
                &self,
                core: rt::Core<ErrorCode>,
                expected: &Self::Expected,
            ) -> impl Future<Output = rt::Ending<Self>> + Send {
                #body
            }
        }
    }
}
