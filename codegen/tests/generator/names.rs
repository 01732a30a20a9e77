//! Tests of names: wire names become Rust names, and a spec cannot use names that the generated crate uses itself. Also
//! tests the error code of an example, and lists in a query.

use crate::lints::{base, workspace};
use crate::overlay::overlay;
use pagespec_codegen::emit::File;
use pagespec_codegen::lint_registry::Lint;
use pagespec_codegen::model::{ApiModel, MemberKind, Struct};
use pagespec_codegen::plan::plan;
use pagespec_codegen::project::Project;
use pagespec_codegen::regen::{Loaded, check, files, load};
use pagespec_codegen::resolved::Api;
use pagespec_codegen::source::{SourceFile, Sources};
use std::collections::BTreeSet;

fn sound(loaded: std::io::Result<Loaded>) -> Vec<Api> {
    match loaded.expect("the spec can be read") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

/// Returns the base spec with fragments merged into its files. Each change consists of the path of a file and a
/// fragment.
fn changed(changes: &[(&str, String)]) -> Sources {
    let files = base().expect("the base can be read").into_iter().map(|(path, bytes)| {
        let mut text = String::from_utf8(bytes).expect("the base is UTF-8");
        for (_, fragment) in changes.iter().filter(|(changed, _)| *changed == path) {
            text = overlay(&text, fragment);
        }
        SourceFile { folder: "shop".into(), path, text, undecoded: None }
    });
    Sources(files.collect(), Vec::new())
}

#[test]
fn names_on_the_wire_become_rust_names() {
    let names = [
        ("orderRef", "order_ref", "OrderRef"),
        ("cardNum4Print", "card_num4_print", "CardNum4Print"),
        ("discountAmountV2", "discount_amount_v2", "DiscountAmountV2"),
        ("Auth-Hash", "auth_hash", "AuthHash"),
        ("PAY_STANDBY", "pay_standby", "PayStandby"),
        ("wait_for_review", "wait_for_review", "WaitForReview"),
        ("shopURLPath", "shop_url_path", "ShopUrlPath"),
        ("type", "type_", "Type"),
        ("gen", "gen_", "Gen"),
        ("V1", "v1", "V1"),
    ];
    let lines = |indent: &str, value: &str| names.map(|(wire, ..)| format!("{indent}{wire}: {value}\n")).concat();
    let fields = format!("request:\n{}", lines("  ", "{ type: string, sensitivity: public, doc: A text. }"));
    let values = format!("enums:\n  Delivery:\n    values:\n{}", lines("      ", "{ means: A way. }"));
    let sources = changed(&[("shop/create_order.yaml", fields), ("shop/types.yaml", values)]);
    let model = plan(&sound(check(sources, &Project::at(&workspace()))));
    let api = &model.apis[0];
    let order = api.operations.iter().find(|op| op.id == "create_order").expect("the operation");
    let delivery = api.enums.iter().find(|of| of.rust == "Delivery").expect("the enumeration");
    for (wire, field, variant) in names {
        let member = order.request.members.iter().find(|member| member.wire == wire).expect("the field");
        let value = delivery.values.iter().find(|value| value.wire == wire).expect("the value");
        assert_eq!((member.rust.as_str(), value.variant.as_str()), (field, variant), "{wire}");
    }
}

/// Returns the names of the public functions in a source text.
fn functions(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().map(str::trim_start);
    let after = lines.filter_map(|line| line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub async fn ")));
    after.filter_map(|rest| rest.split(['(', '<']).next()).collect()
}

/// Returns the names of the private modules that a source text declares.
fn modules(text: &str) -> BTreeSet<&str> {
    text.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect()
}

/// Returns the Rust names of the fields and methods that a struct has because of its members.
fn of_fields(of: &Struct) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for member in &of.members {
        names.extend([member.rust.clone(), format!("{}_money", member.rust.trim_end_matches('_'))]);
        names.extend(member.choices.iter().map(|choice| choice.rust.clone()));
        if let MemberKind::Include(group) | MemberKind::Selected(group) = &member.kind {
            names.insert(group.clone());
        }
    }
    names
}

/// Runs a test for each API in `spec/`, and for the invented API in `tests/parcel-spec`. The last argument of the test
/// is a function that returns the text of a file in the module of the API.
fn each_api(mut test: impl FnMut(&Project, &ApiModel, &dyn Fn(&str) -> String)) {
    let mut parcel = Project::at(&workspace());
    parcel.spec = workspace().join("tests/parcel-spec");
    for project in [Project::at(&workspace()), parcel] {
        let apis = sound(load(&project));
        let files: Vec<File> = files(&apis, &project.options);
        for api in plan(&apis).apis {
            let text = |name: &str| {
                let path = format!("src/{}/{name}.rs", api.module);
                files.iter().find(|file| file.path == path).map(|file| file.content.clone()).expect("a file")
            };
            test(&project, &api, &text);
        }
    }
}

/// Returns the names in a spec that lint rejects because the generated crate uses them itself.
fn rejected(sources: Sources, project: &Project) -> BTreeSet<String> {
    let Loaded::Findings(_, diagnostics) = check(sources, project).expect("there are files") else {
        return BTreeSet::new();
    };
    let found = diagnostics.iter().filter(|found| found.lint == Lint::ReservedName);
    found.filter_map(|found| found.message.split('`').nth(1).map(str::to_owned)).collect()
}

#[test]
fn no_operation_can_have_the_name_of_a_method_or_module_of_the_generated_crate() {
    each_api(|project, api, text| {
        let (client, module) = (text("client"), text("mod"));
        let client = client.split("impl ClientBuilder").next().unwrap_or_default();
        let mut own: BTreeSet<&str> = functions(client).union(&modules(&module)).copied().collect();
        for id in api.operations.iter().map(|op| &op.id).chain(api.callbacks.iter().map(|callback| &callback.id)) {
            own.remove(id.as_str());
        }
        assert!(own.len() > 10, "{own:?}");
        let mut sources = project.sources().expect("the spec can be read");
        sources.0.extend(own.iter().map(|name| SourceFile {
            folder: api.module.clone(),
            path: format!("spec/{}/{name}_operation.yaml", api.module),
            text: format!(
                "page: {{ section: Another }}\noperation: {name}\nget: /another/{name}\nsummary: Reads.\n\
                 recovery: {{ class: resend }}\n"
            ),
            undecoded: None,
        }));
        // The files of an API have to be adjacent.
        sources.0.sort_by(|one, other| one.path.cmp(&other.path));
        let rejected = rejected(sources, project);
        let free: Vec<&&str> = own.iter().filter(|name| !rejected.contains(**name)).collect();
        assert!(free.is_empty(), "{}: lint accepts operations with the names {free:?}", api.module);
    });
}

#[test]
fn no_field_can_have_the_name_of_a_function_of_the_generated_messages() {
    let mut own = BTreeSet::new();
    each_api(|_, api, text| {
        let operations = api.operations.iter().map(|op| (&op.id, vec![&op.request, &op.reply]));
        let callbacks = api.callbacks.iter().map(|callback| (&callback.id, vec![&callback.body]));
        for (id, structs) in operations.chain(callbacks) {
            let of_fields: BTreeSet<String> = structs.into_iter().flat_map(of_fields).collect();
            let text = text(id);
            let names = functions(&text).into_iter().filter(|name| !of_fields.contains(*name));
            own.extend(names.filter(|name| !name.ends_with("_details")).map(str::to_owned));
        }
    });
    assert!(own.contains("builder") && own.contains("parse"), "{own:?}");
    let lines = |value: &str| own.iter().map(|name| format!("  {name}: {value}\n")).collect::<String>();
    let request = lines("{ type: string, doc: A text. }");
    // A member with `negative: true` also has a method that returns the magnitude.
    let reply = lines("{ type: won, negative: true, doc: An amount. }");
    let sources = changed(&[("shop/create_order.yaml", format!("request:\n{request}reply:\n{reply}"))]);
    let rejected = rejected(sources, &Project::at(&workspace()));
    let free: Vec<&String> = own.iter().filter(|name| !rejected.contains(*name)).collect();
    assert!(free.is_empty(), "lint accepts fields with the names {free:?}");
}

#[test]
fn the_code_of_an_example_is_the_code_that_the_client_reads() {
    let fixtures = [workspace().join("tests/fixtures/base/shop"), workspace().join("tests/shapes/specs/error_lists")];
    let mut texts = std::collections::BTreeMap::new();
    for folder in fixtures {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            texts.insert(name, std::fs::read_to_string(&path).expect("the file can be read"));
        }
    }
    // From several error codes, the client takes a code with the advice `already_done` before a code that the spec does
    // not list. It ignores the case of a received code if the spec lists the code in capitals (`as_listed` of the
    // runtime). The code of this error is therefore `placed_before`: the spec lists `PLACED_BEFORE` with the advice
    // `already_done`, and does not list `NOVEL`.
    let order = texts.get_mut("create_order.yaml").expect("the file");
    let reply = "{ name: UNPROCESSABLE, details: [{ issue: NOVEL }, { issue: placed_before }] }";
    *order = order.replacen(
        "examples:\n",
        &format!("examples:\n  - title: other case\n    status: 422\n    reply: {reply}\n"),
        1,
    );
    let file = |(path, text): (String, String)| SourceFile {
        folder: "shop".into(),
        path: format!("shop/{path}"),
        text,
        undecoded: None,
    };
    let sources = Sources(texts.into_iter().map(file).collect(), Vec::new());
    let model = plan(&sound(check(sources, &Project::at(&workspace()))));
    let order = model.apis[0].operations.iter().find(|op| op.id == "create_order").expect("the operation");
    let example = order.examples.iter().find(|example| example.name == "other_case").expect("the example");
    assert_eq!(example.code.as_deref(), Some("placed_before"));
}

#[test]
fn lint_requires_an_entry_of_each_list_in_a_query() {
    let query = "query:\n  tags: { list: string, joined: \",\", doc: Words. }\n".to_owned();
    let sources = changed(&[("shop/create_order.yaml", query)]);
    let loaded = check(sources, &Project::at(&workspace())).expect("the spec can be read");
    assert!(matches!(loaded, Loaded::Findings(..)), "lint accepts a list in a query that may be empty");
}
