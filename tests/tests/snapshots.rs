//! Snapshots show reviewers how a change of the generator changes the generated files. Each test compares the
//! generator's output with a snapshot, and with the file on the disk. This workspace compiles the Rust files on the
//! disk, so no test can pass with a snapshot of invalid Rust.

use codegen::project::Project;
use codegen::regen::{Loaded, files, load};
use std::fs;
use tests::temp_project::project_of_this_workspace;

/// Compares generated files with the files on the disk and with their snapshots. The name of a snapshot is made of the
/// path of its file.
fn review(project: &Project, paths: &[&str]) {
    let apis = match load(project).expect("a spec") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    };
    let files = files(&apis, &project.options);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _settings = settings.bind_to_scope();
    for path in paths {
        let made = &files.iter().find(|file| file.path == *path).unwrap_or_else(|| panic!("no {path}")).content;
        let compiled = fs::read_to_string(project.out.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(
            *made == compiled,
            "{path} on the disk differs from the generator's output: run `{}`",
            project.options.command
        );
        let name = path.trim_start_matches("src/").replace('/', "__");
        insta::assert_snapshot!(name, made);
    }
}

fn real() -> Project {
    project_of_this_workspace("toss-sdk")
}

// For each emitter, the tests compare only the shortest file that shows all features of the emitter, so that reviewers
// read every change.

#[test]
fn toss_pay_looks_as_reviewed() {
    review(&real(), &["src/pay/api.rs", "src/pay/execute_payment.rs", "src/pay/server.rs", "surface/pay.txt"]);
}

#[test]
fn instant_onboarding_looks_as_reviewed() {
    review(
        &real(),
        &[
            "src/onboarding/codes.rs",
            "src/onboarding/enums.rs",
            "src/onboarding/objects.rs",
            "src/onboarding/registration_callback.rs",
            "src/onboarding/texts.rs",
            "surface/onboarding.txt",
        ],
    );
}

#[test]
fn the_third_api_looks_as_reviewed() {
    review(
        &tests::parcel::project(),
        &["reference/parcel.md", "src/parcel/cancel_label.rs", "src/parcel/client.rs", "surface/parcel.txt"],
    );
}
