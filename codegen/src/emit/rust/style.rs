//! The two kinds of clients, and the tokens in which they differ.

use proc_macro2::TokenStream;
use quote::quote;

/// Kind of client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Async: `client.rs`.
    Async,
    /// Blocking: `blocking.rs`.
    Blocking,
}

impl Style {
    /// Returns the keywords that begin a method that makes a call.
    pub(crate) fn function(self) -> TokenStream {
        if self == Self::Async { quote!(async fn) } else { quote!(fn) }
    }

    /// Returns the tokens that follow a call of such a method.
    pub(crate) fn wait(self) -> TokenStream {
        if self == Self::Async { quote!(.await) } else { quote!() }
    }

    /// Returns the documentation of the file.
    pub(crate) fn file_docs(self) -> &'static str {
        match self {
            Self::Async => " The client.",
            Self::Blocking => " Blocking client, for code without an async runtime. It has the same methods.",
        }
    }

    /// Returns the documentation of the client.
    pub(crate) fn type_docs(self) -> TokenStream {
        match self {
            Self::Async => quote! {
                /// Cheap to clone. Clones share the retry budget and the log of attempts.
            },
            Self::Blocking => quote! {
                /// Each call blocks until the reply. Any number of threads may call at the same time. Cheap to clone.
                /// Clones share the retry budget and the log of attempts.
                ///
                /// Inside an async runtime nothing is sent, and the error's outcome is `NotSent`: use the async client
                /// there. Inside `spawn_blocking`, wrap calls in [`may_block`](rt::may_block).
            },
        }
    }
}
