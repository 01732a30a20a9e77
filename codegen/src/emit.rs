//! The model as files. One module an output kind, each with one public function; none can fail, none looks
//! anything up. This module only says which file comes from which emitter, and prints.

mod api;
mod arrive;
mod builder;
mod callback;
mod check;
mod client;
mod codes;
mod confirm;
mod debug;
pub(crate) mod doubt;
mod enums;
mod objects;
mod openapi;
mod operation;
mod reference;
mod reply;
mod request;
mod schema;
mod server;
mod settle;
mod surface;
mod tests;
mod texts;
mod tokens;

use crate::model::{Api, Model};
use crate::resolve;
use client::Style;
use proc_macro2::TokenStream;
use quote::quote;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file to be written.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// The path below the generated crate's folder, with forward slashes.
    pub path: String,
    /// The content.
    pub content: String,
}

/// What the emitters cannot know from a spec.
#[derive(Debug, Clone)]
pub struct Options {
    /// The generated crate's name in Rust paths.
    pub crate_name: String,
    /// The command that generates, named in every file's first line.
    pub command: String,
}

/// Files still to be made, so that no more of them need be in memory than are worked on.
pub struct Files<'a> {
    jobs: Vec<Job<'a>>,
}

/// A file still to be made. Token streams do not cross threads, so they are made where they are printed.
struct Job<'a> {
    path: String,
    content: Box<dyn Fn() -> String + Send + Sync + 'a>,
}

/// All files, sorted by path.
pub fn emit<'a>(apis: &'a [resolve::Api], model: &'a Model, options: &'a Options) -> Files<'a> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    jobs.push(rust(options, "src/lib.rs".into(), || lib(model)));
    for (api, resolved) in model.apis.iter().zip(apis) {
        let at = |name: &str| format!("src/{}/{name}.rs", api.module);
        jobs.push(rust(options, at("mod"), || module(api)));
        jobs.push(rust(options, at("api"), || api::emit(api)));
        jobs.push(rust(options, at("texts"), || texts::emit(api)));
        jobs.push(rust(options, at("enums"), || enums::emit(api)));
        jobs.push(rust(options, at("objects"), || objects::emit(api)));
        jobs.push(rust(options, at("codes"), || codes::emit(api)));
        jobs.push(rust(options, at("client"), || client::emit(api, &options.crate_name, Style::Async)));
        jobs.push(rust(options, at("blocking"), || client::emit(api, &options.crate_name, Style::Blocking)));
        jobs.push(rust(options, at("server"), || server::emit(api)));
        for op in &api.operations {
            jobs.push(rust(options, at(&op.id), || operation::emit(api, op)));
        }
        for callback in &api.callbacks {
            jobs.push(rust(options, at(&callback.id), || callback::emit(api, callback)));
        }
        jobs.push(rust(options, format!("tests/{}.rs", api.module), || tests::emit(api, &options.crate_name)));
        let path = format!("surface/{}.txt", api.module);
        jobs.push(Job { path, content: Box::new(|| surface::emit(resolved)) });
        let path = format!("openapi/{}.json", api.module);
        jobs.push(Job { path, content: Box::new(|| openapi(resolved)) });
        let path = format!("reference/{}.md", api.module);
        jobs.push(Job { path, content: Box::new(|| reference::emit(resolved, &options.command)) });
    }
    for (name, content) in schema::emit() {
        let path = format!("schema/{name}.schema.json");
        jobs.push(Job { path, content: Box::new(move || content.clone()) });
    }
    jobs.sort_by(|a, b| a.path.cmp(&b.path));
    Files { jobs }
}

/// The OpenAPI document of an API.
pub fn openapi(api: &resolve::Api) -> String {
    openapi::emit(api)
}

impl Files<'_> {
    /// Where they belong, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.jobs.iter().map(|job| job.path.as_str())
    }

    /// Makes each file and hands it on, on every core; what comes back is in the files' order.
    pub fn each<T: Send>(&self, take: impl Fn(File) -> T + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut taken: Vec<(usize, T)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..cores)
                .map(|_| {
                    scope.spawn(|| {
                        let mut taken = Vec::new();
                        loop {
                            let n = next.fetch_add(1, Ordering::Relaxed);
                            let Some(job) = self.jobs.get(n) else { return taken };
                            taken.push((n, take(File { path: job.path.clone(), content: (job.content)() })));
                        }
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        taken.sort_by_key(|(n, _)| *n);
        taken.into_iter().map(|(_, taken)| taken).collect()
    }
}

fn rust<'a>(options: &'a Options, path: String, emit: impl Fn() -> TokenStream + Send + Sync + 'a) -> Job<'a> {
    let content = move || format!("// @generated by `{}`. Do not edit.\n\n{}", options.command, print(emit()));
    Job { path, content: Box::new(content) }
}

/// Tokens as text: item by item, a blank line between items and between methods.
fn print(tokens: TokenStream) -> String {
    let file: syn::File = match syn::parse2(tokens) {
        Ok(file) => file,
        // An emitter wrote something that is not Rust: a mistake in this crate, never in a spec.
        Err(error) => unreachable!("an emitter wrote something that is not Rust: {error}"),
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

fn lib(model: &Model) -> TokenStream {
    let docs = tokens::inner_docs(&[
        "Typed clients, written by a generator from a reviewed transcription of the providers' pages.".into(),
        "One module an API. Each has a `Client`, a request with a builder for every operation, its reply, the \
         enumerations and error codes, and the callbacks the service sends."
            .into(),
        "A request that breaks a documented rule is not sent; a reply is never refused for what the page does not \
         mention; an error says whether the request may have taken effect."
            .into(),
        "Features: `client` (on by default) brings the HTTP client. Without it, all types, checks and parsers are \
         there. `blocking` adds each API's `blocking::Client`, for code without an async runtime; `server` each API's \
         `server::Server`, for simulators of the service; `axum` takes callbacks as parameters of handlers."
            .into(),
    ]);
    let modules = model.apis.iter().map(|api| {
        let name = tokens::ident(&api.module);
        let docs = tokens::docs(&[format!("{}.", api.title)]);
        quote! {
            #docs
            #[rustfmt::skip]
            pub mod #name;
        }
    });
    quote! {
        #docs
        #![forbid(unsafe_code)]
        #![warn(missing_docs)]
        #(#modules)*

        pub use toss_sdk_runtime as runtime;
    }
}

fn module(api: &Api) -> TokenStream {
    let docs = tokens::inner_docs(&api.docs);
    let files = crate::taken::FILES.into_iter().map(str::to_owned);
    let files = files
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
        #[cfg(feature = "server")]
        pub mod server;

        #(#uses)*
        #[cfg(feature = "client")]
        pub use client::*;
    }
}
