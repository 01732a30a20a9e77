//! The crate in `tests/parcel` is exactly what the generator writes for the spec in `tests/parcel-spec`.

use codegen::regen::{Outcome, describe, regen};
use tests::parcel::project;

#[test]
fn the_third_apis_crate_is_up_to_date_with_its_spec() -> Result<(), std::io::Error> {
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
