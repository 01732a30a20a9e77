//! Helpers that several tests use. The tests are in `tests/`, and their input is in `fixtures/`.

pub mod apis;
pub mod browser;
pub mod child;
pub mod compile_fail;
pub mod fault_server;
pub mod fixtures;
pub mod hostile;
pub mod html_mutations;
pub mod kept_alive;
pub mod mutations;
pub mod notations;
pub mod outcome;
pub mod pages;
pub mod parcel;
pub mod service;
pub mod strict;
pub mod temp_project;
pub mod virtual_time;

/// Compiles the samples of the README and of the pages in `docs/`, and runs them unless they are marked `no_run`.
macro_rules! documents {
    ($($name:ident: $path:literal)*) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("../../", $path))]
        pub struct $name;
    )*};
}

documents! {
    Readme: "README.md"
    ReadmeInKorean: "README.ko.md"
    ReadmeOfTheCrate: "docs/toss-sdk/README.md"
    ReadmeOfTheRuntime: "runtime/README.md"
    ReadmeOfTheSandbox: "sandbox/README.md"
    Callbacks: "docs/callbacks.md"
    Client: "docs/client.md"
    Observability: "docs/observability.md"
    QuickStartInKorean: "docs/quick-start.ko.md"
    Resolution: "docs/money-safety/resolution.md"
    SandboxPage: "docs/sandbox.md"
}
