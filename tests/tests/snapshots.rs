//! Snapshots of generated files for reviewers. Each snapshot is compared with the generator's output. The output is
//! also compared with the file on the disk, which this workspace compiles. Therefore a snapshot of invalid Rust cannot
//! be accepted.

use codegen::project::Project;
use codegen::regen::{Loaded, files, load};
use std::fs;
use tests::temp_project::project_of_this_workspace;

/// Compares the files with their snapshots, named after API and path.
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

// One file per emitter, the shortest one with all its features, so that reviewers read the changes.

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
