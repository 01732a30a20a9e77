//! The two kinds of clients, and the tokens in which they differ.

use proc_macro2::TokenStream;
use quote::quote;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Async client, in `client.rs`.
    Async,
    /// Blocking client, in `blocking.rs`.
    Blocking,
}

impl Style {
    /// Returns the keywords for a method that makes a call: `async fn` or `fn`.
    pub(crate) fn function(self) -> TokenStream {
        if self == Self::Async { quote!(async fn) } else { quote!(fn) }
    }

    /// Returns `.await`, or nothing in a blocking client.
    pub(crate) fn wait(self) -> TokenStream {
        if self == Self::Async { quote!(.await) } else { quote!() }
    }

    pub(crate) fn file_docs(self) -> &'static str {
        match self {
            Self::Async => " Async client.",
            Self::Blocking => " Blocking form of the client, for code without an async runtime.",
        }
    }

    pub(crate) fn type_docs(self) -> TokenStream {
        match self {
            Self::Async => quote! {
                /// Cheap to clone. Clones share the retry budget and the log of attempts.
            },
            Self::Blocking => quote! {
                /// Each call blocks its thread until the reply is complete. Any number of threads may make calls at the
                /// same time. Cheap to clone. Clones share the retry budget and the log of attempts.
                ///
                /// A call inside an async runtime sends nothing and fails with the outcome `NotSent`. Use the async
                /// client there. In a closure for `spawn_blocking`, wrap calls in [`may_block`](rt::may_block).
            },
        }
    }
}
