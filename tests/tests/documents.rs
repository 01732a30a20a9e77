//! Tests of the Markdown documents. Links and samples of specs are valid, every page can be reached from the README,
//! and the README stays short. Samples in Rust run as documentation tests of `tests/src/lib.rs`.

use codegen::project::Project;
use codegen::regen::{Loaded, load};
use pulldown_cmark::{Event, Options as Markdown, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use tests::temp_project::TempProject;

/// Folders with Markdown that is input of tests, not documentation.
const INPUT: [&str; 2] = ["tests/corpus", "tests/fixtures"];

/// Largest number of words of the README, counted as by `wc -w`.
const README_WORDS: usize = 700;

#[test]
fn every_link_between_documents_leads_to_a_file_and_a_heading() {
    let root = root();
    let documents = documents(&root);
    let mut links = 0;
    let mut broken = Vec::new();
    for (path, document) in &documents {
        for link in &document.links {
            links += 1;
            if let Err(why) = follow(&root, path, link, &documents) {
                broken.push(format!("{}: {link}: {why}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(documents.len() > 15 && links > 100, "{} documents, {links} links", documents.len());
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let root = root();
    let documents = documents(&root);
    let mut reached = vec![PathBuf::from("README.md")];
    let mut next = 0;
    while let Some(path) = reached.get(next).cloned() {
        next += 1;
        for link in documents.get(&path).iter().flat_map(|document| &document.links) {
            let target = link.split('#').next().unwrap_or_default();
            let target = joined(&path, target);
            if documents.contains_key(&target) && !reached.contains(&target) {
                reached.push(target);
            }
        }
    }
    // No page needs to link to a generated reference.
    let is_generated = |path: &PathBuf| path.parent().is_some_and(|folder| folder.ends_with("generated/reference"));
    let pages = documents.keys().filter(|path| !path.starts_with("tests") && !path.starts_with(".github"));
    let pages = pages.filter(|path| !is_generated(path));
    let missed: Vec<_> = pages.filter(|path| !reached.contains(path)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn the_readme_stays_short() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README can be read");
    let words = readme.split_whitespace().count();
    assert!(words <= README_WORDS, "{words} words; move a subject to a page below docs/");
}

#[test]
fn a_heading_has_the_same_anchor_as_on_the_repositorys_website() {
    for (heading, anchor) in [
        ("Inside a purchaser's request", "inside-a-purchasers-request"),
        ("`create_payment`", "create_payment"),
        ("The rules: `max` and `min`", "the-rules-max-and-min"),
        ("결제 결과 callback", "결제-결과-callback"),
    ] {
        let document = Document::read(&format!("# {heading}\n\n# {heading}\n"));
        assert_eq!(document.anchors, [anchor.to_owned(), format!("{anchor}-1")]);
    }
}

#[test]
fn the_api_on_the_page_of_the_generator_passes_all_lints() {
    let page = fs::read_to_string(root().join("docs/generator.md")).expect("the page can be read");
    let scratch = TempProject::empty();
    let samples = page.split("```yaml\n# ").skip(1).filter_map(|rest| rest.split_once("```")?.0.split_once('\n'));
    let mut files = 0;
    for (path, text) in samples {
        let template = root().join("pagespec/template").join(path.replace("/shop/", "/"));
        let template = fs::read_to_string(&template).unwrap_or_else(|error| panic!("{}: {error}", template.display()));
        let (_, template) = template.split_once('\n').expect("its first line names the schema");
        assert!(text == template, "{path} on the page is not what `pagespec init` writes");
        scratch.put(path, text);
        files += 1;
    }
    assert_eq!(files, 4, "the page must show each file of the API");
    let project = Project { spec_label: "docs/generator.md, spec".into(), ..Project::at(&scratch.path("")) };
    match load(&project).expect("the samples can be read") {
        Loaded::Sound(apis) => assert_eq!(apis.len(), 1),
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

/// Checks an invariant of ARCHITECTURE.md: regeneration works even if the generated crate does not compile.
#[test]
fn generators_do_not_depend_on_generated_code() {
    for name in ["codegen", "audit", "pagespec", "xtask"] {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).expect("the manifest can be read");
        let (_, after) = manifest.split_once("\n[dependencies]\n").expect("it has dependencies");
        let dependencies = after.split("\n[").next().unwrap_or_default();
        let own = dependencies.lines().filter(|line| line.starts_with("toss-"));
        assert_eq!(own.collect::<Vec<_>>(), [""; 0], "{name} depends on generated code");
    }
}

struct Document {
    links: Vec<String>,
    anchors: Vec<String>,
}

impl Document {
    fn read(text: &str) -> Self {
        let (mut links, mut anchors) = (Vec::new(), Vec::new());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut heading: Option<String> = None;
        for event in Parser::new_ext(text, Markdown::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => links.push(dest_url.into()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap_or_default());
                    let count = counts.entry(anchor.clone()).or_default();
                    anchors.push(if *count == 0 { anchor } else { format!("{anchor}-{count}") });
                    *count += 1;
                }
                _ => {}
            }
        }
        Self { links, anchors }
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Checks that the target of a link exists. Links to other hosts are not checked.
fn follow(root: &Path, from: &Path, link: &str, documents: &BTreeMap<PathBuf, Document>) -> Result<(), String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (target, anchor) = link.split_once('#').map_or((link, None), |(target, anchor)| (target, Some(anchor)));
    let target = if target.is_empty() { from.to_owned() } else { joined(from, target) };
    if !root.join(&target).exists() {
        return Err(format!("there is no {}", target.display()));
    }
    match (anchor, documents.get(&target)) {
        (Some(anchor), Some(document)) if !document.anchors.iter().any(|own| own == anchor) => {
            Err(format!("{} has no heading `{anchor}`", target.display()))
        }
        _ => Ok(()),
    }
}

fn joined(from: &Path, target: &str) -> PathBuf {
    let mut path = from.parent().map(Path::to_owned).unwrap_or_default();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

fn documents(root: &Path) -> BTreeMap<PathBuf, Document> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            let below = path.strip_prefix(root).expect("it is below the root").to_owned();
            let name = below.file_name().unwrap_or_default();
            // Build output and hidden folders other than `.github` are skipped.
            let is_other = name == "target" || (name.to_string_lossy().starts_with('.') && name != ".github");
            if path.is_dir() && !is_other && !INPUT.iter().any(|input| below == Path::new(input)) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let text = fs::read_to_string(&path).expect("the document can be read");
                found.insert(below, Document::read(&text));
            }
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests are below the root").to_owned()
}
