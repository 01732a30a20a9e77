//! Lint rejects specs whose generated code would not compile, or would not do what the spec states. Earlier versions of
//! lint accepted the specs of these tests.

use codegen::diff::compare;
use codegen::regen::{Loaded, load};
use serde_json::{Value, json};
use tests::temp_project::{TempProject, fixtures};

fn changed(project: TempProject, changes: &[(&str, &str, &str)]) -> TempProject {
    for (file, from, to) in changes {
        let path = format!("spec/shop/{file}");
        let text = project.text(&path);
        assert!(text.contains(from), "{file} has no {from}");
        project.put(&path, text.replacen(from, to, 1));
    }
    project
}

#[track_caller]
fn finds(project: &TempProject, lint: &str, message: &str) {
    let (lints, shown) = project.findings();
    assert_eq!(lints, [lint], "{shown}");
    assert!(shown.contains(message), "{shown}");
}

#[test]
fn a_list_is_not_compared_with_a_single_value() {
    let list = ("create_order.yaml", "  status: {", "  orderNos: { list: OrderNo, doc: The numbers. }\n  status: {");
    let bound = ("create_order.yaml", "binds: { orderNo: orderNo }", "binds: { orderNo: orderNo, orderNos: orderNo }");
    finds(&changed(TempProject::procedures(), &[list, bound]), "comparison-type", "`orderNos` is a list");

    let parts = (
        "create_order.yaml",
        "  status: {",
        "  coupons: { list: won, doc: Parts. }\n  points: { type: won }\n  status: {",
    );
    let sums = ("create_order.yaml", "  identity:", "  sums: { amount: [coupons, points] }\n  identity:");
    finds(&changed(TempProject::procedures(), &[parts, sums]), "comparison-type", "`coupons` is a list");

    let answer = ("look_up_order.yaml", "  status: {", "  orderNos: { list: OrderNo, doc: The numbers. }\n  status: {");
    let bound = ("create_order.yaml", "amount: amount }", "amount: amount, orderNos: orderNo }");
    finds(&changed(TempProject::procedures(), &[answer, bound]), "comparison-type", "`orderNos` is a list");
}

#[test]
fn an_expected_value_has_the_same_type_in_the_answer_and_in_the_reply_to_a_repetition() {
    let expect = ("create_order.yaml", "    by: status", "    expect: [amount]\n    by: status");
    let reply = ("create_order.yaml", "  status: {", "  amount: { type: string, doc: In words. }\n  status: {");
    let project = changed(TempProject::procedures(), &[expect, reply]);
    finds(&project, "comparison-type", "`amount` has another type in the reply of `create_order`");
}

#[test]
fn each_expected_value_has_a_unique_name() {
    let entry = "objects:\n  Entry:\n    doc: One.\n    fields:\n      orderNo: { type: OrderNo, doc: The number. }\n      amount: { type: won, doc: The price. }\n";
    let project = TempProject::procedures();
    project.put("spec/shop/entries.yaml", format!("types: entries\npage: {{ section: Entries }}\n\n{entry}"));
    let rows =
        "  request: { type: won, doc: What was asked for. }\n  entries: { list: Entry, doc: All of it. }\n  status: {";
    let project = changed(
        project,
        &[
            ("look_up_order.yaml", "  status: {", rows),
            (
                "create_order.yaml",
                "    by: status",
                "    expect: [amount, request]\n    list: entries\n    entry: { orderNo: orderNo }\n    entry_expect: [amount]",
            ),
            ("create_order.yaml", "{ PAID: done }", "{ match: done }"),
        ],
    );
    let client = generated(&project, "src/shop/client.rs");
    let (_, rest) = client.split_once("pub async fn resolve_create_order(").expect("a method");
    let (parameters, _) = rest.split_once(')').expect("its end");
    let names: Vec<_> =
        parameters.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name).collect();
    assert_eq!(names, ["request", "amount", "expected_request", "entry_amount"], "{parameters}");
}

#[test]
fn values_that_a_form_cannot_write_are_rejected() {
    for (field, what) in [
        ("remark: { type: string, nullable: true, max: 100 characters, doc: For the packer. }", "null"),
        ("remark: { list: string, nullable: true, min: 1 item, doc: For the packer. }", "null"),
        ("remark: { list: list of string, min: 1 item, doc: For the packer. }", "a list inside a list"),
        ("remark: { type: json, doc: For the packer. }", "any JSON"),
    ] {
        let project = changed(
            TempProject::base(),
            &[
                ("create_order.yaml", "remark: { type: string, max: 100 characters, doc: For the packer. }", field),
                ("create_order.yaml", "\nrequest:", "\nbodies: [form]\n\nrequest:"),
            ],
        );
        finds(&project, "encoding", &format!("`remark` can have {what}"));
    }
}

#[test]
fn a_list_that_may_be_empty_is_rejected_in_a_form_or_a_query() {
    for list in ["tags: { list: string, mandatory: true, doc: Words. }", "tags: { list: string, doc: Words. }"] {
        let form = (format!("\nbodies: [form]\n\nrequest:\n  {list}"), "    request: { tags: [a], orderNo:", "form");
        let query =
            (format!("\nquery:\n  {list}\n\nrequest:"), "    query: { tags: [a] }\n    request: { orderNo:", "query");
        for (rows, example, place) in [form, query] {
            let changes = [
                ("create_order.yaml", "\nrequest:", rows.as_str()),
                ("create_order.yaml", "    request: { orderNo:", example),
            ];
            let project = changed(TempProject::base(), &changes);
            finds(&project, "encoding", &format!("`tags` may be empty, but a {place} cannot express an empty list"));
        }
    }
}

#[test]
fn a_signature_that_covers_itself_or_a_list_is_rejected() {
    let value =
        |parts: &str| format!("computed:\n  seal: {{ sha256: [shop_key, {parts}], doc: Seals it. }}\n\nheaders:");
    let seal = "  seal: { type: string, supplied_by: seal, sensitivity: secret, doc: A seal. }";
    for (parts, rows, lint, message) in [
        ("raw_body", format!("\nrequest:\n{seal}"), "supplied-field", "computed from the body, which contains it"),
        (
            "query",
            format!("\nquery:\n{seal}\n\nrequest:"),
            "supplied-field",
            "computed from the query, which contains it",
        ),
        (
            "body.tags",
            format!(
                "\nbodies: [form]\n\nheaders:\n{}\n\nrequest:\n  tags: {{ list: string, min: 1 item, doc: Words. }}",
                seal.replace("seal:", "X-Seal:")
            ),
            "computed-value",
            "computed from the list `tags`",
        ),
        (
            "query.tags",
            format!(
                "\nquery:\n  tags: {{ list: string, min: 1 item, doc: Words. }}\n\nheaders:\n{}\n\nrequest:",
                seal.replace("seal:", "X-Seal:")
            ),
            "computed-value",
            "computed from the list `tags`",
        ),
    ] {
        let changes = [("api.yaml", "headers:", value(parts)), ("create_order.yaml", "\nrequest:", rows)];
        let changes: Vec<_> = changes.iter().map(|(file, from, to)| (*file, *from, to.as_str())).collect();
        finds(&changed(TempProject::base(), &changes), lint, message);
    }
}

#[test]
fn invalid_and_reserved_header_names_are_rejected() {
    for (name, message) in [
        ("X Y", "not a valid header name"),
        ("Content-Length", "a header of the connection"),
        ("transfer-encoding", "a header of the connection"),
        ("Content-Type", "encoding of the body determines the content type"),
    ] {
        let rows =
            format!("\nheaders:\n  \"{name}\": {{ type: OrderNo, name: other_no, doc: Another number. }}\n\nrequest:");
        let changes = [("create_order.yaml", "\nrequest:", rows.as_str())];
        finds(&changed(TempProject::base(), &changes), "header-name", message);
    }
}

/// Returns the generated file at `path` of a project.
fn generated(project: &TempProject, path: &str) -> String {
    project.put("generated/Cargo.toml", "");
    project.run(false);
    project.text(&format!("generated/{path}"))
}

#[test]
fn documented_limits_have_the_grammatical_number() {
    let remark = "  remark: { type: string, max: 100 characters, doc: For the packer. }";
    let fields = "  floor: { type: string, max: 1 character, doc: One. }\n  gate: { type: string, min: 2 characters, \
                  max: 2 characters, doc: Two. }\n  weight: { type: decimal, fraction: 1, doc: Three. }\n  \
                  code: { type: string, max: 1 bytes of euc-kr, doc: Four. }";
    let project = changed(TempProject::base(), &[("create_order.yaml", remark, fields)]);
    let code = generated(&project, "src/shop/create_order.rs");
    for line in ["At most 1 character.", "Exactly 2 characters.", "At most 1 digit after", "At most 1 byte of"] {
        assert!(code.contains(line), "{line}");
    }
}

/// The limit of the field may be correct, so lint accepts it.
#[test]
fn no_sample_is_generated_for_a_list_that_needs_many_entries() {
    let remark = "  remark: {";
    let list = "  tags: { list: string, mandatory: true, min: 1000000 items, doc: Words. }\n  remark: {";
    let example = "    request: { orderNo: order-1, amount: 1000, delivery: COURIER }\n";
    let project =
        changed(TempProject::base(), &[("create_order.yaml", remark, list), ("create_order.yaml", example, "")]);
    let tests = generated(&project, "tests/shop.rs");
    assert!(tests.len() < 100_000, "{} bytes", tests.len());
}

/// The log of a client redacts values by the names of their members.
#[test]
fn a_constant_header_can_be_sensitive() {
    let header = |more: &str| format!("headers:\n  X-Token: {{ constant: abc, doc: A token.{more} }}");
    for (more, is_sensitive) in [("", false), (", sensitivity: public", false), (", sensitivity: secret", true)] {
        let project = changed(TempProject::base(), &[("api.yaml", "headers:", &header(more))]);
        let api = generated(&project, "src/shop/api.rs");
        let (_, sensitive) = api.split_once("sensitive: &[").expect("a list");
        let (sensitive, _) = sensitive.split_once(']').expect("its end");
        assert_eq!(sensitive.contains("\"X-Token\""), is_sensitive, "{more}: {sensitive}");
    }
}

/// Names of members are case-sensitive, unlike names of headers.
#[test]
fn a_proof_names_each_signed_member() {
    let project = TempProject::base();
    project.copy(&fixtures().join("lints/unproven-callback/pass"), "spec");
    let members = "  Id: { type: OrderNo, name: event_id, doc: The event. }\n  id: { type: OrderNo, doc: The number. }";
    let project = changed(
        project,
        &[
            ("api.yaml", "[body.orderNo, body.points, shop_key]", "[body.Id, '\" \"', body.id, shop_key]"),
            ("member_callback.yaml", "  orderNo: { type: OrderNo, doc: The number. }", members),
            (
                "member_callback.yaml",
                "{ orderNo: order-1, status: PAID }",
                "{ Id: event-1, id: order-1, status: PAID }",
            ),
        ],
    );
    let code = generated(&project, "src/shop/member_callback.rs");
    let covers = code.lines().find(|line| line.contains("covers only")).unwrap_or_default();
    assert!(covers.contains("`Id`") && covers.contains("`id`"), "{covers}");
}

/// A list in a request cannot be null. Its entries can be null, and the schema of a body and the documents state this.
#[test]
fn the_entries_of_a_nullable_list_in_a_request_can_be_null() {
    let remark = "  remark: {";
    let list = "  tags: { list: string, nullable: true, doc: Words. }\n  remark: {";
    let project = changed(TempProject::base(), &[("create_order.yaml", remark, list)]);
    let code = generated(&project, "src/shop/create_order.rs");
    assert!(code.contains("Its entries may be null."), "{code}");
    let reference = project.text("generated/reference/shop.md");
    assert!(reference.contains("| `tags` | list of string | optional, its entries may be null |"), "{reference}");
    let schemas = openapi(&project);
    let tags = &schemas["components"]["schemas"]["CreateOrder"]["properties"]["tags"];
    assert_eq!((&tags["type"], &tags["items"]["type"]), (&json!("array"), &json!(["string", "null"])), "{tags}");
}

/// Returns the generated OpenAPI document of a project.
fn openapi(project: &TempProject) -> Value {
    serde_json::from_str(&project.text("generated/openapi/shop.json")).expect("JSON")
}

#[test]
fn an_operation_has_no_constant_header_that_it_replaces() {
    let constant = ("api.yaml", "headers:", "headers:\n  X-Kind: { constant: order, doc: The kind. }");
    let own = ("create_order.yaml", "\nrequest:", "\nheaders:\n  x-kind: { type: OrderNo, doc: Kind. }\n\nrequest:");
    for (changes, names) in [(&[constant][..], vec!["X-Kind"]), (&[constant, own][..], vec!["x-kind"])] {
        let project = changed(TempProject::base(), changes);
        generated(&project, "src/shop/create_order.rs");
        let parameters = openapi(&project)["paths"]["/orders"]["post"]["parameters"].clone();
        let listed: Vec<_> = parameters.as_array().expect("a list").iter().map(|own| own["name"].clone()).collect();
        assert_eq!(listed, names, "{parameters}");
    }
}

/// A second finding about the member would be misleading, because its type is not known.
#[test]
fn a_misspelled_type_of_a_token_is_one_finding() {
    let of = |row: &str| {
        let project = TempProject::base();
        project.copy(&fixtures().join("lints/token-operation/pass"), "spec");
        changed(
            project,
            &[("hand_out_third.yaml", "  token: { type: string, sensitivity: secret, doc: The token. }", row)],
        )
    };
    finds(&of("  token: { type: Strng, doc: The token. }"), "unknown-type", "Strng");
    let inside = changed(
        of("  token: { type: Gran, doc: A grant. }"),
        &[
            (
                "api.yaml",
                "from: hand_out_third, member: success.token",
                "from: hand_out_third, member: success.token.token",
            ),
            (
                "api.yaml",
                "from: hand_out_third, member: success.token,",
                "from: hand_out_third, member: success.token.token,",
            ),
            ("hand_out_third.yaml", "token: t, ", ""),
        ],
    );
    finds(&inside, "unknown-type", "Gran");
}

/// A limit in bytes may be stricter than a limit in characters, and a field has the limit of its type.
#[test]
fn every_limit_of_a_url_allows_a_url() {
    let remark = "remark: { type: string, max: 100 characters, doc: For the packer. }";
    let scalar = |limit: &str| format!("scalars:\n  Short: {{ doc: A short text., max: {limit} }}");
    for (limit, field, message) in [
        (
            "5 characters",
            "{ type: Short, format: http_url, doc: A URL. }",
            "limit of 5 characters is too small for a URL",
        ),
        (
            "8 bytes of utf-8",
            "{ type: Short, max: 100 characters, format: http_url, doc: A URL. }",
            "limit of 8 bytes is too small for a URL",
        ),
    ] {
        let (scalar, field) = (scalar(limit), format!("remark: {field}"));
        let changes = [("types.yaml", "scalars:", scalar.as_str()), ("create_order.yaml", remark, field.as_str())];
        finds(&changed(TempProject::base(), &changes), "limit-range", message);
    }
}

/// The client fills the parameter, so no caller passes it.
#[test]
fn a_credential_in_the_query_is_a_security_scheme() {
    let query =
        "\nquery:\n  key: { type: ShopKey, mandatory: true, supplied_by: client, doc: The merchant. }\n\nrequest:";
    let project = changed(TempProject::base(), &[("create_order.yaml", "\nrequest:", query)]);
    generated(&project, "src/shop/create_order.rs");
    let document = openapi(&project);
    let operation = &document["paths"]["/orders"]["post"];
    assert_eq!(operation["parameters"], Value::Null);
    assert_eq!(operation["security"], json!([{ "Authorization": [], "create_order.query.key": [] }]));
    let scheme = &document["components"]["securitySchemes"]["create_order.query.key"];
    assert_eq!((&scheme["in"], &scheme["name"]), (&json!("query"), &json!("key")), "{scheme}");
}

/// Documents are published, and the report of a comparison is copied to a changelog.
#[test]
fn documents_do_not_contain_the_constant_values_of_sensitive_headers_and_fields() {
    let secret = |value: &str| {
        let header = format!(
            "headers:\n  X-Partner: {{ constant: partner-{value}, sensitivity: secret, doc: Shared by all merchants. }}"
        );
        let field =
            format!("remark: {{ type: string, fixed: channel-{value}, sensitivity: secret, doc: The channel. }}");
        let remark = "remark: { type: string, max: 100 characters, doc: For the packer. }";
        changed(TempProject::base(), &[("api.yaml", "headers:", &header), ("create_order.yaml", remark, &field)])
    };
    let project = secret("canary");
    for path in ["openapi/shop.json", "reference/shop.md", "surface/shop.txt"] {
        let text = generated(&project, path);
        assert!(text.contains("X-Partner") && text.contains("remark"), "{path}: {text}");
        assert!(!text.contains("canary"), "{path}: {text}");
    }
    let apis = |project: &TempProject| match load(&project.project()).expect("a spec") {
        Loaded::Sound(apis) => apis,
        Loaded::Findings(sources, diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    };
    let changes = compare(&apis(&project), &apis(&secret("canary-2")));
    let told: Vec<_> = changes.iter().map(|change| (change.at.as_str(), change.new.as_deref())).collect();
    let hidden = Some("(not shown)");
    assert_eq!(told, [("shop: header X-Partner", hidden), ("shop: create_order.request.remark", hidden)]);
}

/// A message has priority if it contains the texts that the caller has stored. Numbers are easy to guess.
#[test]
fn only_a_stored_text_is_said_to_give_a_message_priority() {
    let argument = "\nquery:\n  left: { type: won, doc: The remaining amount. }\n\nreply:";
    let changes = [
        ("look_up_order.yaml", "\nreply:", argument),
        ("order_callback.yaml", "  points: {", "  left: { type: won, doc: The remaining amount. }\n  points: {"),
        ("order_callback.yaml", "known: [orderNo]", "known: [orderNo, left]"),
    ];
    let client = generated(&changed(TempProject::procedures(), &changes), "src/shop/client.rs");
    let docs = client.replace("\n    /// ", " ");
    let (_, text) =
        docs.split_once("`known_order_no` is the `order_no` that the caller has stored, or `None`.").expect("it");
    assert!(text.starts_with(" Claims with this value have priority"), "{client}");
    let (_, number) = docs.split_once("`known_left` is the `left` that the caller has stored, or `None`.").expect("it");
    assert!(!number.starts_with(" Claims"), "{client}");
}

/// A value that the caller expects of the answer is compared with the reply to the request too, even if the evidence
/// lists the values that this reply can have.
#[test]
fn an_expected_value_is_compared_with_the_reply_even_if_the_evidence_fixes_it() {
    let changes = [("create_order.yaml", "    by: status\n", "    expect: [status]\n    by: status\n")];
    let fixed = [(
        "create_order.yaml",
        "binds: { orderNo: orderNo }",
        "binds: { orderNo: orderNo, status: { is: [OPEN, PAID] } }",
    )];
    let project = changed(changed(TempProject::procedures(), &changes), &fixed);
    let code = generated(&project, "src/shop/create_order.rs");
    assert!(code.contains("fn agrees"), "{code}");
}
