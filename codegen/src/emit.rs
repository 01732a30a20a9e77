//! Emitters create the text of the generated files. Each kind of file has a module. An emitter cannot fail, and makes
//! no decisions about names, types and rules. Emitters of Rust read the model, and emitters of documents read the
//! resolved spec. This module lists the files and the emitter of each file.

mod docs;
mod rust;

use crate::model::Model;
use crate::project::Options;
use crate::source::Sources;
use crate::{parallel, resolved};
pub use docs::openapi::OpenApiVersion;
use docs::{reference, schema, surface};
use proc_macro2::TokenStream;
use rust::style::Style;
use rust::{callback, client, codes, enums, objects, operation, server, texts};

/// Generated file.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Path below the folder of the generated crate, with forward slashes.
    pub path: String,
    /// Content of the file.
    pub content: String,
}

/// Generated files, created lazily to limit memory use.
pub struct Files<'a> {
    jobs: Vec<Job<'a>>,
}

/// Lazily created file. Token streams cannot be sent between threads, so `content` creates and formats the token stream
/// on one thread.
struct Job<'a> {
    path: String,
    content: Box<dyn Fn() -> String + Send + Sync + 'a>,
}

/// Returns all generated files, sorted by path.
pub fn emit<'a>(apis: &'a [resolved::Api], model: &'a Model, options: &'a Options) -> Files<'a> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let front_matter = options.front_matter.as_deref();
    jobs.push(rust_file(options, "src/lib.rs".into(), move || rust::lib(model, &options.crate_name, front_matter)));
    for (api, resolved) in model.apis.iter().zip(apis) {
        let at = |name: &str| format!("src/{}/{name}.rs", api.module);
        jobs.push(rust_file(options, at("mod"), || rust::module(api, &options.crate_name)));
        jobs.push(rust_file(options, at("api"), || rust::api::emit(api)));
        if !api.texts.is_empty() {
            jobs.push(rust_file(options, at("texts"), || texts::emit(api)));
        }
        if !api.enums.is_empty() {
            jobs.push(rust_file(options, at("enums"), || enums::emit(api)));
        }
        if rust::has_objects(api) {
            jobs.push(rust_file(options, at("objects"), || objects::emit(api)));
        }
        jobs.push(rust_file(options, at("codes"), || codes::emit(api)));
        jobs.push(rust_file(options, at("client"), || client::emit(api, &options.crate_name, Style::Async)));
        jobs.push(rust_file(options, at("blocking"), || client::emit(api, &options.crate_name, Style::Blocking)));
        jobs.push(rust_file(options, at("server"), || server::emit(api)));
        for op in &api.operations {
            jobs.push(rust_file(options, at(&op.id), || operation::emit(api, op)));
        }
        for callback in &api.callbacks {
            jobs.push(rust_file(options, at(&callback.id), || callback::emit(api, callback)));
        }
        jobs.push(rust_file(options, format!("tests/{}.rs", api.module), || {
            rust::tests::emit(api, &options.crate_name)
        }));
        let path = format!("surface/{}.txt", api.module);
        jobs.push(Job { path, content: Box::new(|| surface::emit(resolved)) });
        let path = format!("openapi/{}.json", api.module);
        jobs.push(Job { path, content: Box::new(|| openapi(resolved)) });
        let path = format!("reference/{}.md", api.module);
        jobs.push(Job { path, content: Box::new(|| reference::emit(resolved, &options.command)) });
    }
    for (name, content) in schema::KINDS {
        let path = format!("schema/{name}.schema.json");
        jobs.push(Job { path, content: Box::new(content) });
    }
    jobs.sort_by(|a, b| a.path.cmp(&b.path));
    Files { jobs }
}

/// Returns the reference of the spec language and of the settings, in Markdown. Where possible, the example value of a
/// key comes from the specs in `examples`. `tool` is the command of the generator, such as `cargo xtask`.
pub fn spec_reference(examples: &Sources, tool: &str) -> String {
    docs::language::emit(examples, tool)
}

/// Returns the OpenAPI document of an API, in the default version of OpenAPI.
pub fn openapi(api: &resolved::Api) -> String {
    openapi_of(api, OpenApiVersion::default())
}

/// Returns the OpenAPI document of an API, in the given version of OpenAPI.
pub fn openapi_of(api: &resolved::Api, version: OpenApiVersion) -> String {
    docs::openapi::emit(api, version)
}

impl Files<'_> {
    /// Returns the paths of the files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.jobs.iter().map(|job| job.path.as_str())
    }

    /// Creates the files on all cores, and passes each file to `take`. Returns the results of `take` in the order of
    /// [`paths`](Self::paths).
    pub fn each<T: Send>(&self, take: impl Fn(File) -> T + Sync) -> Vec<T> {
        parallel::each(&self.jobs, |job| take(File { path: job.path.clone(), content: (job.content)() }))
    }
}

fn rust_file<'a>(options: &'a Options, path: String, emit: impl Fn() -> TokenStream + Send + Sync + 'a) -> Job<'a> {
    let content = move || format!("// @generated by `{}`. Do not edit.\n\n{}", options.command, rust::print(emit()));
    Job { path, content: Box::new(content) }
}
