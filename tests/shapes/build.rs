//! Generates small valid specs, which are called shapes, and a crate with the code of all of them.
//!
//! Some shapes are reduced from a larger spec. Random files, fields, types and optional keys (such as `examples`) are
//! removed from the larger spec, and some fields get names that are hard to handle. Then each YAML entry that has a
//! finding is removed, until there are no findings. The same seeds give the same shapes, so that a failure is
//! reproducible.

use codegen::diagnostic::{Diagnostic, Diagnostics, Where};
use codegen::lint_registry::Lint;
use codegen::project::Project;
use codegen::regen::{Loaded, Outcome, check, regen};
use codegen::source::{SourceFile, Sources, Step};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Number of shapes that are reduced from larger specs.
const WANTED: usize = 30;

/// The texts of the files of a spec, by file name.
type Spec = BTreeMap<String, String>;

fn main() {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for watched in ["fixtures/base", "fixtures/lints", "fixtures/procedures", "parcel-spec", "shapes/specs"] {
        println!("cargo::rerun-if-changed={}", tests.join(watched).display());
    }
    let mut shapes = BTreeMap::new();
    for (lint, spec) in passing(&tests) {
        shapes.insert(format!("pass_{lint}"), spec);
    }
    let base = &apis(&tests.join("fixtures/base"))["shop"];
    for (name, changes) in folders(&tests.join("shapes/specs")) {
        let mut spec = base.clone();
        spec.extend(files(&changes));
        // An empty file removes the file of the base spec with the same name.
        spec.retain(|_, text| !text.trim().is_empty());
        shapes.insert(format!("own_{name}"), spec);
    }
    let larger = [apis(&tests.join("parcel-spec"))["parcel"].clone(), base.clone()];
    let mut seen = BTreeSet::new();
    let made = (1..).filter_map(|seed| Some((seed, reduced(&larger[seed as usize % 2], seed)?)));
    let made = made.take(40 * WANTED).filter(|(_, spec)| seen.insert(spec.clone())).take(WANTED);
    shapes.extend(made.map(|(seed, spec)| (format!("seed_{seed}"), spec)));
    write(&out, &shapes);
}

/// Writes the specs and the generated crate, and the two files that declare its modules and its tests.
fn write(out: &Path, shapes: &BTreeMap<String, Spec>) {
    let _ = fs::remove_dir_all(out.join("spec"));
    for (name, spec) in shapes {
        let folder = out.join("spec").join(name);
        fs::create_dir_all(&folder).expect("the folder can be made");
        for (file, text) in spec {
            fs::write(folder.join(file), named(text, name)).expect("the file can be written");
        }
    }
    fs::create_dir_all(out.join("generated")).expect("the folder can be made");
    fs::write(out.join("generated/Cargo.toml"), "").expect("the file can be written");
    let mut project = Project::at(out);
    project.options.crate_name = "shapes".into();
    match regen(&project, false).expect("the specs can be read") {
        Outcome::Done(report) => assert!(report.failures.is_empty(), "{:?}", report.failures),
        Outcome::Findings(sources, diagnostics) => {
            panic!("a shape has findings:\n{}", diagnostics.render(&sources, false))
        }
    }
    let (mut modules, mut cases) = (String::new(), format!("const SHAPES: usize = {};\n", shapes.len()));
    for name in shapes.keys() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(modules, "#[path = \"generated/src/{name}/mod.rs\"]\n#[rustfmt::skip]\npub mod {name};");
        let _ = writeln!(cases, "#[path = \"generated/tests/{name}.rs\"]\n#[rustfmt::skip]\nmod {name};");
    }
    modules += "pub use pagespec_runtime as runtime;\n";
    fs::write(out.join("shapes.rs"), modules).expect("the file can be written");
    fs::write(out.join("cases.rs"), cases).expect("the file can be written");
}

/// Returns the text of a spec file in which the API is called `name`.
fn named(text: &str, name: &str) -> String {
    let rename = |line: &str| if line.starts_with("api: ") { format!("api: {name}\n") } else { format!("{line}\n") };
    text.lines().map(rename).collect()
}

/// Returns the specs of the passing fixtures in `fixtures/lints` and `fixtures/procedures/lints`. The files of each
/// fixture are added to the small valid spec in `fixtures/base`, and replace files with the same name. For the second
/// folder, the files in `fixtures/procedures/base` are added first.
fn passing(tests: &Path) -> Vec<(String, Spec)> {
    let fixtures = tests.join("fixtures");
    let procedures = [fixtures.join("base"), fixtures.join("procedures/base")];
    let mut found = Vec::new();
    for (bases, lints) in [(&procedures[..1], "lints"), (&procedures[..], "procedures/lints")] {
        for (lint, folder) in folders(&fixtures.join(lints)) {
            let mut specs: BTreeMap<String, Spec> = BTreeMap::new();
            for (api, files) in bases.iter().chain([&folder.join("pass")]).flat_map(|folder| apis(folder)) {
                specs.entry(api).or_default().extend(files);
            }
            let several = specs.len() > 1;
            for (api, spec) in specs {
                let name = lint.replace('-', "_");
                found.push((if several { format!("{name}_{api}") } else { name }, spec));
            }
        }
    }
    found
}

fn folders(of: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(of).expect("the folder can be read").map(|entry| entry.expect("it can be read").path());
    let mut found: Vec<_> = entries
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    found
}

fn apis(of: &Path) -> BTreeMap<String, Spec> {
    folders(of).into_iter().map(|(name, folder)| (name, files(&folder))).collect()
}

fn files(folder: &Path) -> Spec {
    let entries =
        fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("it can be read").path());
    let files = entries.filter(|path| path.is_file()).map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    });
    files.filter(|(name, _)| codegen::source::is_spec_file(name)).collect()
}

/// Removes random files, fields, types and optional keys of a spec, and renames some fields. Returns `None` if the spec
/// does not become valid.
fn reduced(spec: &Spec, seed: u64) -> Option<Spec> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let loss = chance.below(70);
    let mut files: Vec<(String, Value)> = spec
        .iter()
        .map(|(name, text)| (name.clone(), serde_yaml::from_str(text).expect("the larger spec is YAML")))
        .collect();
    files.retain(|(name, _)| matches!(name.as_str(), "api.yaml" | "types.yaml") || chance.below(100) >= loss);
    for (_, file) in &mut files {
        thin_out(file, loss, &mut chance);
    }
    for _ in 0..60 {
        let texts: Spec = files
            .iter()
            .map(|(name, file)| (name.clone(), serde_yaml::to_string(file).expect("a tree can be written")))
            .collect();
        let diagnostics = match judge(&texts) {
            None => return Some(texts),
            Some(diagnostics) => diagnostics,
        };
        if !cut(&mut files, &diagnostics) {
            return None;
        }
    }
    None
}

/// Returns the findings of an API, or `None` if there are none.
fn judge(spec: &Spec) -> Option<Diagnostics> {
    let source = |(name, text): (&String, &String)| SourceFile {
        folder: "shape".into(),
        path: name.clone(),
        text: named(text, "shape"),
        undecoded: None,
    };
    match check(Sources(spec.iter().map(source).collect(), Vec::new()), &Project::at(Path::new("nowhere"))) {
        Ok(Loaded::Sound(_)) => None,
        Ok(Loaded::Findings(_, diagnostics)) => Some(diagnostics),
        Err(error) => panic!("{error}"),
    }
}

/// Removes the YAML entries that have findings. Returns `false` if nothing could be removed.
fn cut(files: &mut [(String, Value)], diagnostics: &Diagnostics) -> bool {
    let places: Vec<_> = diagnostics.iter().filter_map(place_to_cut).collect();
    let mut cut = false;
    for (file, path) in &places {
        let Some((_, file)) = files.get_mut(*file) else { continue };
        cut |= remove(file, path);
        if cut && matches!(path.last(), Some(Step::Index(_))) {
            // The later entries of this list have other indexes now.
            return true;
        }
    }
    // If none of these entries exists, for example because the findings are about missing keys, removes the nearest
    // existing entry around the first finding.
    cut || places.first().is_some_and(|(file, path)| {
        let Some((_, file)) = files.get_mut(*file) else { return false };
        (1..path.len()).rev().any(|length| remove(file, &path[..length]))
    })
}

/// Returns the file and the path of the YAML entry to remove because of a finding. Returns `None` if the finding has no
/// position in a file.
fn place_to_cut(finding: &Diagnostic) -> Option<(usize, Vec<Step>)> {
    let Where::Place(place) = &finding.at else { return None };
    let mut path = place.path.clone();
    if finding.lint == Lint::MissingKey || finding.lint == Lint::FieldType && !place.key {
        path.pop();
    }
    Some((place.file.0, path))
}

fn remove(value: &mut Value, path: &[Step]) -> bool {
    let Some((last, around)) = path.split_last() else { return false };
    let parent = around.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Index(index) => value.get_mut(*index),
    });
    match (parent, last) {
        (Some(Value::Mapping(map)), Step::Key(key)) => map.shift_remove(key.as_str()).is_some(),
        (Some(Value::Sequence(items)), Step::Index(index)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

/// Field names that also have a meaning in Rust, in the generated code, or in the envelope.
const HARD_NAMES: [&str; 34] = [
    "type", "self", "Self", "match", "async", "gen", "raw", "map", "value", "code", "message", "msg", "error", "ok",
    "data", "meta", "id", "new", "build", "None", "Some", "String", "Vec", "Result", "rt", "reply", "request",
    "client", "call", "field", "fmt", "x", "as_str", "default",
];

/// Removes fields, types and optional keys, and gives some fields names of [`HARD_NAMES`].
fn thin_out(file: &mut Value, loss: u64, chance: &mut Chance) {
    for part in ["examples", "errors", "quirks", "notes", "rules", "codes", "page_codes"] {
        if chance.below(100) < loss {
            remove(file, &[Step::Key(part.into())]);
        }
    }
    for part in ["request", "reply", "query", "body", "scalars", "enums"] {
        if let Some(Value::Mapping(fields)) = file.get_mut(part) {
            thin_out_fields(fields, loss, part, chance);
        }
    }
    let objects = file.get_mut("objects").and_then(Value::as_mapping_mut);
    for (_, object) in objects.into_iter().flatten() {
        if let Some(Value::Mapping(fields)) = object.get_mut("fields") {
            thin_out_fields(fields, loss, "fields", chance);
        }
    }
}

fn thin_out_fields(fields: &mut Mapping, loss: u64, part: &str, chance: &mut Chance) {
    let old = std::mem::take(fields);
    for (name, field) in old {
        let renamed = chance.below(100) < 12 && !matches!(part, "scalars" | "enums");
        let name = if renamed { HARD_NAMES[chance.below(HARD_NAMES.len() as u64) as usize].into() } else { name };
        if chance.below(100) >= loss / 2 {
            fields.insert(name, field);
        }
    }
}

/// Pseudorandom number generator (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}
