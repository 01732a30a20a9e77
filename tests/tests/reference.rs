//! Tests of the generated reference in Markdown. The rows of a table have equal numbers of cells, and links are valid.
//! Every operation, callback, code and reading of the spec is documented.

use codegen::emit::File;
use codegen::project::Project;
use codegen::regen::{Loaded, files, load};
use codegen::resolved::Api;
use tests::temp_project::repository;

fn apis(project: &Project) -> Vec<Api> {
    match load(project).expect("a spec") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

fn pages() -> Vec<(Api, String)> {
    let mut pages = Vec::new();
    for project in [Project::at(&repository()), tests::parcel::project()] {
        let apis = apis(&project);
        let files = files(&apis, &project.options);
        for api in apis {
            let path = format!("reference/{}.md", api.name);
            let File { content, .. } = files.iter().find(|file| file.path == path).expect("a reference");
            pages.push((api, content.clone()));
        }
    }
    pages
}

/// Returns the number of cells of a row, which is one less than the number of bars that are not escaped.
fn cells(row: &str) -> usize {
    row.replace("\\|", "").matches('|').count() - 1
}

#[test]
fn every_row_of_a_table_has_as_many_cells_as_its_head() {
    let mut rows = 0;
    for (api, page) in pages() {
        let mut head = None;
        for line in page.lines() {
            if !line.starts_with('|') {
                head = None;
                continue;
            }
            assert_eq!(cells(line), *head.get_or_insert(cells(line)), "{}: {line}", api.name);
            rows += 1;
        }
    }
    assert!(rows > 500, "{rows}");
}

fn heading_id(heading: &str) -> String {
    heading.trim_matches('`').to_lowercase()
}

#[test]
fn every_link_leads_to_a_heading() {
    let mut links = 0;
    for (api, page) in pages() {
        let headings: Vec<String> = page.lines().filter_map(|line| line.strip_prefix("### ")).map(heading_id).collect();
        for link in page.split("](#").skip(1) {
            let to = link.split(')').next().unwrap_or_default();
            assert!(headings.iter().any(|heading| heading == to), "{}: {to}", api.name);
            links += 1;
        }
    }
    assert!(links > 50, "{links}");
}

#[test]
fn every_operation_callback_code_and_reading_is_documented() {
    for (api, page) in pages() {
        for op in &api.operations {
            assert!(page.contains(&format!("### `{}`\n", op.id)), "{}", op.id);
            assert!(page.contains(&op.template), "{}", op.id);
        }
        for callback in &api.callbacks {
            assert!(page.contains(&format!("### `{}`\n", callback.id)), "{}", callback.id);
        }
        for entry in &api.codes {
            assert!(page.contains(&format!("| `{}` |", entry.code)), "{}", entry.code);
        }
        for quirk in api.quirks.iter().map(|quirk| &quirk.spec) {
            assert!(page.contains(&format!("| `{}` |", quirk.at)), "{}", quirk.at);
        }
    }
}
