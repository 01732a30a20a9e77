//! Tests of the generated OpenAPI documents. Each document is valid by the official schema, and contains every
//! operation and callback of the spec. Each example conforms to its schema.

use codegen::emit::{self, OpenApiVersion};
use codegen::project::Project;
use codegen::regen::{Loaded, load, named};
use codegen::resolved::Api;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use tests::temp_project::{TempProject, fixtures, projects_of_this_workspace, repository};

fn apis(project: &Project) -> Vec<Api> {
    match load(project).expect("a spec") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

fn document(project: &Project, api: &str) -> Value {
    let text = emit::openapi(named(&apis(project), api).expect("the API is there"));
    serde_json::from_str(&text).expect("a document is JSON")
}

fn all() -> Vec<(&'static str, Value)> {
    let real = Project::at(&repository());
    vec![
        ("pay", document(&real, "pay")),
        ("onboarding", document(&real, "onboarding")),
        ("parcel", document(&tests::parcel::project(), "parcel")),
    ]
}

#[test]
fn http_429_is_a_rejection_only_for_operations_without_a_resolution() {
    let project = TempProject::procedures();
    let spec = project.text("spec/shop/api.yaml");
    let added = "http_statuses:\n  \"429\": { means: Too many requests., outcome: rejected }\n";
    project.put("spec/shop/api.yaml", spec.replacen("http_statuses:\n", added, 1));
    let document = document(&project.project(), "shop");
    let outcome = |path: &str, method: &str| document["paths"][path][method]["responses"]["429"]["x-outcome"].clone();
    assert_eq!(outcome("/orders", "post"), "unknown");
    assert_eq!(outcome("/orders/{orderNo}", "get"), "rejected");
    project.put("generated/Cargo.toml", "[package]\n");
    project.run(false);
    let reference = project.text("generated/reference/shop.md");
    assert!(reference.contains("| 429 | Too many requests. | no, or unknown if the outcome can be queried |"));
}

fn parcel() -> Value {
    document(&tests::parcel::project(), "parcel")
}

fn parcel_in_both_versions() -> [Value; 2] {
    let (_, old) = all_in_3_0().into_iter().find(|(api, _)| api == "parcel").expect("the API is there");
    [parcel(), old]
}

/// Returns a validator for a schema of the document, which may refer to the document's components.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let whole = if document["openapi"] == "3.0.3" {
        let components = without_nullable(&document["components"]);
        let schema = without_nullable(schema);
        json!({ "$schema": "http://json-schema.org/draft-04/schema#", "allOf": [schema], "components": components })
    } else {
        let components = &document["components"];
        json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema], "components": components })
    };
    jsonschema::validator_for(&whole).expect("a schema of the document is a schema")
}

fn accepts(document: &Value, name: &str, value: Value) -> bool {
    validator(document, &json!({ "$ref": format!("#/components/schemas/{name}") })).is_valid(&value)
}

fn visit<'a>(value: &'a Value, see: &mut dyn FnMut(&'a Value)) {
    see(value);
    match value {
        Value::Object(map) => map.values().for_each(|inner| visit(inner, see)),
        Value::Array(items) => items.iter().for_each(|inner| visit(inner, see)),
        _ => {}
    }
}

#[test]
fn every_document_is_valid_by_the_official_schema() {
    let text = fs::read_to_string(fixtures().join("openapi-3.1.schema.json")).expect("the schema is there");
    let official = jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema");
    for (api, document) in all() {
        let errors: Vec<String> =
            official.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{api}: {}", errors.join("\n"));
    }
}

fn all_in_3_0() -> Vec<(String, Value)> {
    let projects = projects_of_this_workspace();
    let apis = projects.iter().flat_map(apis);
    apis.map(|api| {
        let text = emit::openapi_of(&api, OpenApiVersion::V3_0);
        (api.name.clone(), serde_json::from_str(&text).expect("a document is JSON"))
    })
    .collect()
}

/// Tools for OpenAPI 3.0 write the members of an object as separate members of the form. They write the object as JSON
/// only if the document has an `encoding` for this object.
#[test]
fn objects_of_a_form_are_json_in_both_versions() {
    let project = TempProject::base();
    let remark = "  remark: { type: string, max: 100 characters, doc: For the packer. }\n";
    let objects = format!(
        "{remark}  part: {{ type: Part, doc: A part. }}\n  parts: {{ list: Part, min: 1 item, doc: Parts. }}\n  more: {{ map: string, doc: More. }}\n"
    );
    let order = project.text("spec/shop/create_order.yaml").replace(remark, &objects);
    project.put("spec/shop/create_order.yaml", order.replace("\nrequest:", "\nbodies: [form]\n\nrequest:"));
    let types = project.text("spec/shop/types.yaml");
    let part = "\nobjects:\n  Part:\n    doc: A part.\n    fields:\n      no: { type: integer, doc: Its number. }\n";
    project.put("spec/shop/types.yaml", types + part);
    let json = json!({ "contentType": "application/json" });
    let expected = json!({ "part": json, "parts": json, "more": json });
    for api in apis(&project.project()) {
        for version in [OpenApiVersion::V3_0, OpenApiVersion::V3_1] {
            let document: Value = serde_json::from_str(&emit::openapi_of(&api, version)).expect("JSON");
            let body = &document["paths"]["/orders"]["post"]["requestBody"]["content"];
            assert_eq!(body["application/x-www-form-urlencoded"]["encoding"], expected, "{version:?}: {body}");
        }
    }
}

#[test]
fn every_document_in_3_0_is_valid_by_the_official_schema() {
    let text = fs::read_to_string(fixtures().join("openapi-3.0.schema.json")).expect("the schema is there");
    let official = jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema");
    let documents = all_in_3_0();
    assert!(documents.len() >= 3);
    for (api, document) in documents {
        let errors: Vec<String> =
            official.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{api}: {}", errors.join("\n"));
        assert_eq!(document["openapi"], "3.0.3", "{api}");
        assert_eq!(document.get("webhooks"), None, "{api}");
    }
}

#[test]
fn a_document_in_3_0_refers_to_the_extension_with_the_webhooks() {
    let (_, document) = all_in_3_0().into_iter().find(|(api, _)| api == "parcel").expect("the API is there");
    assert!(document["x-webhooks"]["label_event"]["put"].is_object());
    let description = document["info"]["description"].as_str().expect("a text");
    assert!(description.contains("`x-webhooks` has the messages that the service sends"), "{description}");
}

/// Converts a schema of OpenAPI 3.0 to JSON Schema, which has no `nullable`.
fn without_nullable(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(without_nullable).collect(),
        Value::Object(members) => {
            let mut plain: serde_json::Map<String, Value> =
                members.iter().map(|(key, value)| (key.clone(), without_nullable(value))).collect();
            // A property may have the name `nullable`, so only the value `true` counts.
            if plain.get("nullable") == Some(&json!(true)) {
                plain.remove("nullable");
                return json!({ "anyOf": [plain, { "enum": [null] }] });
            }
            Value::Object(plain)
        }
        other => other.clone(),
    }
}

#[test]
fn every_example_conforms_to_its_schema_in_3_0() {
    let mut count = 0;
    let checked: Vec<&str> = all().into_iter().map(|(api, _)| api).collect();
    for (api, document) in all_in_3_0().into_iter().filter(|(api, _)| checked.contains(&api.as_str())) {
        let mut places = Vec::new();
        visit(&document, &mut |value| {
            if let (Some(schema), Some(examples)) = (value.get("schema"), value.get("examples")) {
                places.push((schema, examples));
            }
        });
        for (schema, examples) in places {
            let validator = validator(&document, schema);
            for (title, example) in examples.as_object().expect("named examples") {
                let errors: Vec<String> = validator.iter_errors(&example["value"]).map(|e| e.to_string()).collect();
                assert!(errors.is_empty(), "{api}: {title}: {}", errors.join("\n"));
                count += 1;
            }
        }
    }
    assert!(count > 80, "{count}");
}

fn all_in_both_versions() -> Vec<(String, Value)> {
    let projects = projects_of_this_workspace();
    let apis = projects.iter().flat_map(apis);
    let versions = [OpenApiVersion::V3_1, OpenApiVersion::V3_0];
    apis.flat_map(|api| {
        versions.map(|version| {
            let text = emit::openapi_of(&api, version);
            let document: Value = serde_json::from_str(&text).expect("a document is JSON");
            (format!("{} {}", api.name, document["openapi"]), document)
        })
    })
    .collect()
}

#[test]
fn a_reply_is_a_success_or_a_failure_and_never_both() {
    let mut count = 0;
    for (api, document) in all_in_both_versions() {
        let mut contents = Vec::new();
        visit(&document, &mut |value| {
            // A reply matches exactly one branch of `oneOf`. It may match several branches of `anyOf`.
            let branches = [("oneOf", 1), ("anyOf", usize::MAX)];
            let branches = branches.iter().find_map(|(key, most)| Some((value["schema"].get(key)?.as_array()?, *most)));
            if let (Some(branches), Some(examples)) = (branches, value.get("examples")) {
                contents.push((branches, examples));
            }
        });
        for ((branches, most), examples) in contents {
            let branches: Vec<_> = branches.iter().map(|branch| validator(&document, branch)).collect();
            let fitting = |reply: &Value| branches.iter().filter(|branch| branch.is_valid(reply)).count();
            for (title, example) in examples.as_object().expect("named examples") {
                let count_of = fitting(&example["value"]);
                assert!((1..=most).contains(&count_of), "{api}: {title}: {count_of}: {}", example["value"]);
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn a_member_with_success_markers_and_codes_distinguishes_success_from_failure() {
    for (api, document) in all_in_both_versions().into_iter().filter(|(api, _)| api.starts_with("nicepay")) {
        let failure = validator(&document, &json!({ "$ref": "#/components/schemas/Failure" }));
        let success = validator(&document, &json!({ "$ref": "#/components/schemas/ApprovePaymentReply" }));
        for (reply, is_success) in [("0000", true), ("2013", false), ("a code of tomorrow", false)] {
            let reply = json!({ "resultCode": reply, "resultMsg": "?" });
            assert_eq!(
                (success.is_valid(&reply), failure.is_valid(&reply)),
                (is_success, !is_success),
                "{api}: {reply}"
            );
        }
    }
}

#[test]
fn a_failure_with_its_own_shape_is_not_valid_as_a_success() {
    let scratch = TempProject::base();
    let api = scratch.text("spec/shop/api.yaml");
    let shape = "  payload: success\n  errors: [{ status: 200, code: resultType, message: reason }]\n";
    scratch.put("spec/shop/api.yaml", api.replace("  payload: success\n", shape));
    let document = document(&scratch.project(), "shop");
    let content = document.pointer("/paths/~1orders/post/responses/200/content/application~1json/schema/oneOf");
    let branches: Vec<_> = content.and_then(Value::as_array).expect("two branches").iter().collect();
    let branches: Vec<_> = branches.into_iter().map(|branch| validator(&document, branch)).collect();
    for reply in
        [json!({ "resultType": "SUCCESS", "success": {} }), json!({ "resultType": "OUT_OF_STOCK", "reason": "?" })]
    {
        assert_eq!(branches.iter().filter(|branch| branch.is_valid(&reply)).count(), 1, "{reply}");
    }
}

#[test]
fn every_reference_has_a_target_and_every_component_is_used() {
    for (api, document) in all() {
        let mut used = BTreeSet::new();
        visit(&document, &mut |value| {
            if let Some(to) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{api}: {to}");
                used.insert(to.rsplit('/').next().unwrap_or_default().to_owned());
            }
        });
        let made: BTreeSet<String> =
            document["components"]["schemas"].as_object().expect("schemas").keys().cloned().collect();
        assert_eq!(made, used, "{api}");
    }
}

#[test]
fn every_example_conforms_to_its_schema() {
    let mut count = 0;
    for (api, document) in all() {
        let mut places = Vec::new();
        visit(&document, &mut |value| {
            if let (Some(schema), Some(examples)) = (value.get("schema"), value.get("examples")) {
                places.push((schema, examples));
            }
        });
        for (schema, examples) in places {
            let validator = validator(&document, schema);
            for (title, example) in examples.as_object().expect("named examples") {
                let errors: Vec<String> = validator.iter_errors(&example["value"]).map(|e| e.to_string()).collect();
                assert!(errors.is_empty(), "{api}: {title}: {}", errors.join("\n"));
                count += 1;
            }
        }
    }
    assert!(count > 80, "{count}");
}

#[test]
fn every_operation_and_callback_is_in_the_document_under_its_own_name() {
    let real = apis(&Project::at(&repository()));
    for api in &real {
        let document = document(&Project::at(&repository()), &api.name);
        let mut ids = Vec::new();
        visit(&document, &mut |value| ids.extend(value.get("operationId").and_then(Value::as_str)));
        ids.sort_unstable();
        let mut expected: Vec<&str> = api.operations.iter().map(|op| op.id.as_str()).collect();
        expected.extend(api.callbacks.iter().map(|callback| callback.id.as_str()));
        expected.sort_unstable();
        assert_eq!(ids, expected);
    }
}

#[test]
fn the_files_on_the_disk_equal_the_output_of_the_command() {
    let project = Project::at(&repository());
    for api in apis(&project) {
        let file = fs::read_to_string(project.out.join(format!("openapi/{}.json", api.name))).expect("the file");
        assert_eq!(file, emit::openapi(&api));
    }
}

fn label() -> Value {
    let document = parcel();
    document["paths"]["/v7/labels"]["post"]["requestBody"]["content"]["application/json"]["examples"]
        ["two_boxes_across_a_border"]["value"]
        .clone()
}

fn with(path: &str, value: Value) -> Value {
    let mut label = label();
    *label.pointer_mut(path).expect("the member is there") = value;
    label
}

fn without(name: &str) -> Value {
    let mut label = label();
    label.as_object_mut().expect("an object").remove(name).expect("the member is there");
    label
}

#[test]
fn a_request_that_breaks_a_rule_of_the_spec_is_not_valid() {
    let documents = parcel_in_both_versions();
    let is_accepted = |request: &Value| {
        let [new, old] = documents.each_ref().map(|document| accepts(document, "CreateLabel", request.clone()));
        assert_eq!(new, old, "only one version of the document accepts {request}");
        new
    };
    assert!(is_accepted(&label()));
    for (what, request) in [
        ("a mandatory member is missing", without("ref")),
        ("neither of two", without("quoteNo")),
        ("too long", with("/shelf", json!("A-12345"))),
        ("too many digits", with("/totalFee", json!(1_000_000))),
        ("below the least value", with("/priority", json!(-4))),
        ("a character that is not allowed", with("/from/postcode", json!("0452a"))),
        ("white space only", with("/from/name", json!("  "))),
        ("not a value of the enumeration", with("/service", json!(30))),
        ("null where the spec does not allow it", with("/totalFee", Value::Null)),
        ("too many entries", with("/handlings", json!(["A", "B", "C"]))),
        ("no URL", with("/noticeUrl", json!("ftp://shop.example"))),
        ("a time in another notation than the documented one", with("/bookedOn", json!("2030-03-02"))),
        ("`insurance` is missing, although the service needs it", without("insurance")),
        ("`noticeVersion` is missing, although `urgent` is true", without("noticeVersion")),
        ("`shelf` is missing, although there are several doors", without("shelf")),
    ] {
        assert!(!is_accepted(&request), "{what}");
    }
    let mut both = label();
    both["contractNo"] = json!("C-1");
    assert!(!is_accepted(&both), "a request with both alternatives is accepted");
}

#[test]
fn a_request_at_the_limits_is_valid() {
    for request in [
        with("/shelf", json!("가나다라마")),
        with("/totalFee", json!(999_999)),
        with("/remark", Value::Null),
        with("/doors", Value::Null),
        with("/handlings", json!(["SOMETHING_NEW"])),
        with("/printer", json!(203)),
        without("paper"),
    ] {
        for document in parcel_in_both_versions() {
            assert!(accepts(&document, "CreateLabel", request.clone()), "{}: {request}", document["openapi"]);
        }
    }
}

#[test]
fn a_reply_with_undocumented_members_is_valid() {
    let reply = json!({
        "meta": { "ok": true, "took": 12 },
        "data": { "labelNo": "L".repeat(99), "state": "STOLEN", "hub": null, "color": "blue" },
    });
    let failure = json!({ "meta": { "ok": false, "error": { "kind": "NEW", "text": null } } });
    for document in parcel_in_both_versions() {
        assert!(accepts(&document, "CreateLabelReply", reply.clone()));
        assert!(!accepts(&document, "CreateLabelReply", json!({ "meta": { "ok": false }, "data": null })));
        assert!(accepts(&document, "Failure", failure.clone()));
        assert!(!accepts(&document, "Failure", json!({ "data": {} })), "a failure without its value is valid");
    }
}

#[test]
fn a_mandatory_member_that_a_choice_omits_is_not_required() {
    let document = all().swap_remove(0).1;
    let refund = &document["components"]["schemas"]["RefundPayment"];
    let required: Vec<&str> = refund["required"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    assert_eq!(required, ["apiKey", "payToken", "refundNo"]);
    assert_eq!(refund["properties"]["amount"]["x-choices"]["everything_left"]["sends"], "absent");
}

#[test]
fn credentials_are_a_set_of_headers_or_a_member_of_the_body() {
    let [pay, onboarding, parcel] = <[_; 3]>::try_from(all()).expect("three APIs").map(|(_, document)| document);
    assert_eq!(pay["security"], json!([]));
    assert_eq!(pay["components"]["schemas"]["RefundPayment"]["properties"]["apiKey"]["x-credential"], true);
    assert_eq!(onboarding["security"], json!([{ "Auth-Token": [], "Auth-Hash": [] }]));
    let hash = &onboarding["components"]["securitySchemes"]["Auth-Hash"];
    assert_eq!(hash["x-computed"], "auth_hash");
    assert_eq!(onboarding["x-computed"]["auth_hash"]["made-of"], "sha256(token, secret, path.shopId)");
    let proof = &onboarding["webhooks"]["card_audit_callback"]["post"]["x-proof"];
    assert_eq!(proof["header"], "Auth-Hash");
    assert_eq!(proof["made-of"], "sha256(token, secret, path.shopId)");
    assert_eq!(parcel["components"]["securitySchemes"]["Authorization"]["scheme"], "bearer");
    assert_eq!(parcel["paths"]["/v7/labels"]["get"]["parameters"].as_array().map(Vec::len), Some(10));
}

#[test]
fn the_default_stage_is_the_first_server() {
    let document = parcel();
    let stages: Vec<&Value> = document["servers"].as_array().expect("servers").iter().map(|s| &s["x-stage"]).collect();
    assert_eq!(stages, ["live", "rehearsal", "archive"]);
}

#[test]
fn a_small_document_looks_as_reviewed() {
    let apis = apis(&TempProject::base().project());
    insta::assert_snapshot!(emit::openapi(&apis[0]));
}
