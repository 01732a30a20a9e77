//! Emits the Rust files of the generated crate. All decisions about names, types and rules are in the model.

pub(super) mod api;
mod builder;
pub(super) mod callback;
mod check;
mod claims;
pub(super) mod client;
pub(super) mod codes;
mod computed;
mod confirm;
mod debug;
mod durable;
pub(super) mod enums;
mod from_request;
mod front_page;
pub(super) mod objects;
pub(super) mod operation;
mod pages;
mod proof;
mod reply;
mod request;
mod resolution;
mod rules;
pub(super) mod server;
pub(super) mod style;
pub(super) mod tests;
pub(super) mod texts;
mod times;
mod tokens;
mod unions;

use crate::model::{ApiModel, Model};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits `lib.rs`.
pub(super) fn lib(model: &Model, crate_name: &str, front_matter: Option<&str>) -> TokenStream {
    let docs = front_page::of_crate(model, crate_name, front_matter);
    let modules = model.apis.iter().map(|api| {
        let name = tokens::ident(&api.module);
        quote! {
            #[rustfmt::skip]
            pub mod #name;
        }
    });
    quote! {
        #docs
        #![forbid(unsafe_code)]
        #![warn(missing_docs)]
        #(#modules)*

        pub use pagespec_runtime as runtime;
    }
}

/// Returns `true` if the API has an `objects.rs`.
pub(super) fn has_objects(api: &ApiModel) -> bool {
    !api.objects.is_empty() || !api.details.is_empty() || !api.times.is_empty() || !api.unions.is_empty()
}

/// Emits the `mod.rs` of an API.
pub(super) fn module(api: &ApiModel, crate_name: &str) -> TokenStream {
    let docs = front_page::of_module(api, crate_name);
    let reference = format!("../../reference/{}.md", api.module);
    // Modules without items are left out, because their import would be unused.
    let files = crate::reserved::FILES.into_iter().filter(|file| match *file {
        "texts" => !api.texts.is_empty(),
        "enums" => !api.enums.is_empty(),
        "objects" => has_objects(api),
        _ => true,
    });
    let files = files
        .map(str::to_owned)
        .chain(api.operations.iter().map(|op| op.id.clone()))
        .chain(api.callbacks.iter().map(|callback| callback.id.clone()));
    let mut names: Vec<String> = files.collect();
    names.sort();
    let modules = names.iter().map(|name| {
        let name = tokens::ident(name);
        quote!(mod #name;)
    });
    let uses = names.iter().map(|name| {
        let name = tokens::ident(name);
        quote!(pub use #name::*;)
    });
    quote! {
        #docs
        #(#modules)*
        #[cfg(feature = "blocking")]
        pub mod blocking;
        #[cfg(feature = "client")]
        mod client;
        /// Reference of the API, generated from the same spec as this module.
        #[cfg(doc)]
        #[doc = include_str!(#reference)]
        pub mod reference {}
        #[cfg(feature = "server")]
        pub mod server;

        #(#uses)*
        #[cfg(feature = "client")]
        pub use client::*;
    }
}

/// Formats tokens, with blank lines between items and between methods. Consecutive `use` declarations, and consecutive
/// `mod` declarations, have no blank lines between them.
pub(super) fn print(tokens: TokenStream) -> String {
    let file: syn::File = match syn::parse2(tokens) {
        Ok(file) => file,
        // Invalid Rust is a mistake in an emitter, never in a spec.
        Err(error) => unreachable!("an emitter wrote invalid Rust: {error}"),
    };
    let unparse = |attrs, items| prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs, items });
    let mut out = unparse(file.attrs, Vec::new());
    let mut before = None;
    for item in file.items {
        let kind = std::mem::discriminant(&item);
        let together = matches!(item, syn::Item::Use(_) | syn::Item::Mod(syn::ItemMod { content: None, .. }));
        if !(together && before == Some(kind)) {
            out.push('\n');
        }
        before = Some(kind);
        space_methods(&unparse(Vec::new(), vec![item]), &mut out);
    }
    out.trim_start().to_owned()
}

fn space_methods(printed: &str, out: &mut String) {
    let mut lines = printed.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line == "    }" && lines.peek().is_some_and(|next| *next != "}") {
            out.push('\n');
        }
    }
}
