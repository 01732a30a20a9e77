//! The committed crate of the real payment APIs, `examples/apis/generated`, is exactly what the generator writes for
//! the specs in `examples/apis/spec`.

use codegen::regen::{Outcome, describe, regen};
use tests::apis::project;

#[test]
fn the_crate_of_the_real_apis_is_up_to_date_with_their_specs() -> Result<(), std::io::Error> {
    let project = project();
    match regen(&project, true)? {
        Outcome::Done(report) => {
            assert!(report.changes.is_empty(), "{}", describe(&report, &project, true));
            assert!(report.files > 15, "only {} files", report.files);
        }
        Outcome::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
    Ok(())
}
