//! Lint rejects specs that are well-formed but meaningless. Most cases change the small valid spec in one place, and
//! expect exactly one finding.

use tests::temp_project::TempProject;

const API: &str = "api.yaml";
const TYPES: &str = "types.yaml";
const ORDER: &str = "create_order.yaml";

fn changed(file: &str, old: &str, new: &str) -> (Vec<&'static str>, String) {
    let scratch = TempProject::base();
    let path = format!("spec/shop/{file}");
    let text = scratch.text(&path);
    assert!(text.contains(old), "{file} has no {old:?}");
    scratch.put(&path, text.replacen(old, new, 1));
    scratch.findings()
}

/// File, original text, replacement, expected lint, and part of the expected text.
type Case<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

fn holds(text: &str, says: &str) -> bool {
    text.to_lowercase().contains(&says.to_lowercase())
}

fn rejected(cases: &[Case<'_>]) {
    let mut wrong = Vec::new();
    for (file, old, new, lint, says) in cases {
        let (found, text) = changed(file, old, new);
        if found != [*lint] || !holds(&text, says) {
            wrong.push(format!("{file}: {new}\nexpected `{lint}` and {says:?}, found:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn numbers_at_the_end_of_their_range_are_findings_and_no_panic() {
    let parts =
        "\nrules:\n  - { parts: [orderFee, parcelFee], total: amount, doc: Both are part of the amount. }\n\nreply:\n";
    let fees = "request:\n  orderFee: { type: won, doc: A fee. }\n  parcelFee: { type: won, doc: A fee. }\n";
    let scratch = TempProject::base();
    let text = scratch.text("spec/shop/create_order.yaml");
    let text = text.replace("\nreply:\n", parts).replace("request:\n", fees);
    let most = i64::MAX;
    let huge = format!("request: {{ orderFee: {most}, parcelFee: {most}, orderNo: order-1,");
    scratch.put("spec/shop/create_order.yaml", text.replace("request: { orderNo: order-1,", &huge));
    let (found, said) = scratch.findings();
    assert_eq!(found, ["example-value"], "{said}");
    assert!(said.contains("The sum of the parts is 18446744073709551614"), "{said}");
}

#[test]
fn statuses_that_no_reply_can_have_are_rejected() {
    for status in ["099", "0xx", "xxx", "x04"] {
        let row = format!("  \"{status}\": {{ means: Anything else., outcome: unknown }}\n  \"50x\"");
        let (found, text) = changed(API, "  \"50x\"", &row);
        assert_eq!(found, ["http-status"], "{status}: {text}");
    }
}

#[test]
fn a_lower_limit_with_a_wrong_unit_has_a_hint_that_lint_accepts() {
    for (of, given, hint) in [
        ("won", "5 characters", "5 won"),
        ("integer", "5 won", "value 5"),
        ("integer", "5 characters", "value 5"),
        ("decimal", "5 characters", "value 5"),
    ] {
        let row = |min: &str| format!("weight: {{ type: {of}, min: {min}, max: 7 digits, doc: Weight. }}\n  remark:");
        let (found, text) = changed(ORDER, "remark:", &row(given));
        assert_eq!(found, ["limit-unit"], "{text}");
        assert!(text.contains(&format!("Write `{hint}`")), "{text}");
        let (found, text) = changed(ORDER, "remark:", &row(hint));
        assert_eq!(found, Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_header_of_an_operation_cannot_be_null() {
    let row = "headers:\n  X-Shop: { type: OrderNo, nullable: true, name: shop, doc: The shop. }\n\nrequest:";
    let (found, text) = changed(ORDER, "request:", row);
    assert_eq!(found, ["misplaced-key"], "{text}");
    assert!(holds(&text, "cannot be null"), "{text}");
}

#[test]
fn an_example_request_gives_no_null_for_a_whole_list() {
    let tags = "remark: { type: string, max: 100 characters, doc: For the packer. }\n  \
                tags: { list: string, max: 9 characters, nullable: true, doc: Labels. }";
    for (value, expected) in [("null", vec!["example-value"]), ("[null, a]", vec![])] {
        let scratch = TempProject::base();
        let text = scratch.text("spec/shop/create_order.yaml");
        let text = text.replace("remark: { type: string, max: 100 characters, doc: For the packer. }", tags);
        let request = format!("request: {{ tags: {value}, orderNo: order-1,");
        scratch.put("spec/shop/create_order.yaml", text.replace("request: { orderNo: order-1,", &request));
        let (found, said) = scratch.findings();
        assert_eq!(found, expected, "{value}: {said}");
    }
}

#[test]
fn a_credential_is_not_suggested_in_place_of_itself() {
    let (found, text) = changed(API, "credential: shop_key, prefix", "computed: shop_key, prefix");
    assert!(found.contains(&"dangling-part"), "{text}");
    assert!(holds(&text, "`shop_key` is a credential, and not a computed value"), "{text}");
    assert!(!text.contains("Did you mean `shop_key`"), "{text}");
}

#[test]
fn implausible_limits_are_rejected() {
    rejected(&[
        (ORDER, "max: 100 characters", "max: 9223372036854775807 characters", "limit-range", "is implausible"),
        (ORDER, "max: 100 characters", "min: 2000000 characters", "limit-range", "is implausible"),
        (TYPES, "max: 20 characters", "max: 2000000 characters", "limit-range", "is implausible"),
        (ORDER, "max: 7 digits", "max: 9223372036854775807 won", "limit-range", "at most 18 digits"),
        (ORDER, "max: 7 digits", "more_than: 0", "misplaced-key", "write `min:`"),
        (ORDER, "max: 7 digits", "min: -9223372036854775808 won", "limit-range", "at most 18 digits"),
    ]);
}

#[test]
fn a_group_that_includes_itself_is_a_finding_and_no_endless_search() {
    let scratch = TempProject::base();
    let types = scratch.text("spec/shop/types.yaml");
    let group = "\nobjects:\n  Parcel:\n    doc: A parcel.\n    fields:\n      inner: { include: Parcel }\n";
    scratch.put("spec/shop/types.yaml", types + group);
    let order = scratch.text("spec/shop/create_order.yaml");
    scratch.put("spec/shop/create_order.yaml", order.replace("reply:\n", "reply:\n  parcel: { include: Parcel }\n"));
    let (found, text) = scratch.findings();
    assert!(found.contains(&"recursive-object"), "{text}");
}

#[test]
fn an_operation_that_would_hide_a_name_of_the_crate_is_rejected() {
    let says = "the generated crate uses the name";
    let ids = ["api", "codes", "objects", "enums", "texts", "client", "fields", "new", "builder", "base_url", "serde"];
    for id in ids {
        let new = format!("operation: {id}\n");
        let (found, text) = changed(ORDER, "operation: create_order\n", &new);
        assert_eq!(found, ["reserved-name"], "{text}");
        assert!(holds(&text, says) && text.contains("help: Choose a more specific id"), "{text}");
    }
    rejected(&[
        (ORDER, "operation: create_order", "operation: move", "identifier", "`move` is a keyword of Rust"),
        (ORDER, "operation: create_order", "operation: createOrder", "identifier", "write `create_order`"),
        (ORDER, "operation: create_order", "operation: duration", "reserved-name", "uses the name `Duration`"),
    ]);
}

#[test]
fn a_field_that_would_clash_in_its_struct_or_builder_is_rejected() {
    let choice = "sends: true, doc: Wrap it. } } }\n  remark: { type: string";
    let named = |name: &str| format!("gift: {{ type: boolean, doc: Wrap it., choices: {{ {name}: {{ {choice}");
    let (field, build, twice) = (named("remark"), named("build"), named("gift"));
    rejected(&[
        (ORDER, "remark: {", "build: {", "reserved-name", "uses the name `build` itself"),
        (ORDER, "remark: {", "build_at: {", "reserved-name", "uses the name `build_at` itself"),
        (ORDER, "remark: {", "builder: {", "reserved-name", "uses the name `builder` itself"),
        (ORDER, "remark: {", "warnings: {", "reserved-name", "add `name:`"),
        (ORDER, "remark: { type: string", &field, "name-clash", "two items would have the name `remark`"),
        (ORDER, "remark: { type: string", &build, "reserved-name", "uses the name `build` itself"),
        (ORDER, "remark: { type: string", &twice, "name-clash", "two items would have the name `gift`"),
        (
            ORDER,
            "\n  status: {",
            "\n  raw: { type: won, doc: Raw. }\n  status: {",
            "reserved-name",
            "uses the name `raw`",
        ),
        (
            ORDER,
            "\n  status: {",
            "\n  signedFee: { type: won, doc: Fee. }\n  fee: { type: won, negative: true, doc: Fee. }\n  status: {",
            "name-clash",
            "two items would have the name `signed_fee`",
        ),
        (
            ORDER,
            "\n  status: {",
            "\n  from_body: { type: won, negative: true, doc: Fee. }\n  status: {",
            "reserved-name",
            "uses the name `from_body` itself",
        ),
    ]);
}

#[test]
fn two_fields_with_the_same_builder_name_are_rejected() {
    let scratch = TempProject::base();
    let text = scratch.text("spec/shop/create_order.yaml");
    let two = "  a1: { type: won, mandatory: true, doc: One. }\n  a_1: { type: won, mandatory: true, doc: Two. }\n  remark: {";
    let text = text.replace("  remark: {", two).replace("amount: 1000,", "amount: 1000, a1: 1, a_1: 1,");
    scratch.put("spec/shop/create_order.yaml", text);
    let (found, text) = scratch.findings();
    assert_eq!(found, ["name-clash"], "{text}");
    assert!(text.contains("Two items would have the name `HasA1`"), "{text}");
}

#[test]
fn a_value_or_code_named_like_the_variant_for_unknown_values_is_rejected() {
    // An error code of digits is accepted with and without `name:`, because it gets a variant like any other error
    // code.
    let coded = "\"12\": { means: Nothing., advice: try_later }\n  OUT";
    let named = "\"12\": { means: Nothing., name: Twelve, advice: try_later }\n  OUT";
    let unspeakable = "\"!\": { means: Nothing., advice: try_later }\n  OUT";
    rejected(&[
        (
            TYPES,
            "PAID: { means: Paid., next: [] }",
            "PAID: { means: Paid., next: [UNKNOWN] }\n      UNKNOWN: { means: What., next: [] }",
            "reserved-name",
            "uses the name `Unknown` itself",
        ),
        (
            TYPES,
            "    values:\n      PARCEL",
            "    accepts_others: true\n    values:\n      OTHER: { means: Else. }\n      PARCEL",
            "reserved-name",
            "uses the name `Other` itself",
        ),
        (
            ORDER,
            "  OUT",
            "  UNKNOWN: { means: What., advice: try_later }\n  OUT",
            "reserved-name",
            "uses the name `Unknown` itself",
        ),
        (ORDER, "OUT", unspeakable, "identifier", "add `name:`"),
    ]);
    assert_eq!(changed(ORDER, "OUT", coded).1, "");
    assert_eq!(changed(ORDER, "OUT", named).1, "");
}

#[test]
fn a_type_named_like_a_generated_one_is_rejected() {
    for name in ["CreateOrder", "CreateOrderReply", "CreateOrderBuilder", "Duration", "IntoIterator", "HasAmount"] {
        let scratch = TempProject::base();
        for file in [TYPES, ORDER] {
            let path = format!("spec/shop/{file}");
            scratch.put(&path, scratch.text(&path).replace("Delivery", name));
        }
        let (found, text) = scratch.findings();
        let lint = if ["Duration", "IntoIterator"].contains(&name) { "reserved-name" } else { "name-clash" };
        assert_eq!(found, [lint], "{name}: {text}");
    }
    let scratch = TempProject::base();
    let types = scratch.text("spec/shop/types.yaml").replace("Delivery:", "OrderStatusDetails:");
    let group = "\nobjects:\n  Paid:\n    doc: More.\n    fields: { at: { type: string, doc: When. } }\n    when: { status: PAID }\n";
    scratch.put("spec/shop/types.yaml", types + group);
    let order = scratch.text("spec/shop/create_order.yaml").replace("type: Delivery", "type: OrderStatusDetails");
    scratch.put("spec/shop/create_order.yaml", order.replace("reply:\n", "reply:\n  paid: { include: Paid }\n"));
    let (found, text) = scratch.findings();
    assert_eq!(found, ["name-clash"], "{text}");
}

#[test]
fn an_apis_folder_that_would_hide_or_repeat_a_module_is_rejected() {
    for (folder, lint) in [
        ("runtime", "reserved-name"),
        ("lib", "reserved-name"),
        ("bin", "reserved-name"),
        ("1st", "identifier"),
        ("Shop", "name-clash"),
        ("상점", "identifier"),
    ] {
        let scratch = TempProject::base();
        for file in [API, TYPES, ORDER] {
            let text = scratch.text(&format!("spec/shop/{file}")).replace("api: shop\n", &format!("api: {folder}\n"));
            scratch.put(&format!("spec/{folder}/{file}"), text);
        }
        let (found, text) = scratch.findings();
        assert_eq!(found, [lint], "{folder}: {text}");
    }
}

#[test]
fn a_limit_without_a_unit_is_rejected_with_the_available_units() {
    rejected(&[
        (ORDER, "max: 7 digits", "max: 7", "limit-unit", "write `7 digits`, or `7 won` for the largest value"),
        (ORDER, "max: 7 digits", "min: 1, max: 7 digits", "limit-unit", "write `1 won` for the smallest value"),
        (
            ORDER,
            "won, mandatory: true, max: 7 digits",
            "integer, mandatory: true, max: 7",
            "limit-unit",
            "or `value 7`",
        ),
        (ORDER, "max: 7 digits", "max: 7 cents", "limit-unit", "not the unit of the amount; the unit can be `won`"),
        (ORDER, "max: 100 characters", "max: 100 won", "limit-unit", "write `100 characters`"),
        (ORDER, "max: 100 characters", "max: 100 Letters", "wrong-value", "`Letters` is not a unit"),
        (ORDER, "max: 7 digits", "min: 3 digits", "limit-unit", "write the smallest value"),
        (
            ORDER,
            "max: 100 characters",
            "min: 200 characters, max: 100 characters",
            "limit-range",
            "is larger than the maximum",
        ),
        (ORDER, "max: 100 characters", "max: 50characters", "wrong-value", "write `50 characters`"),
        (TYPES, "max: 20 characters", "max: 20 characters, generated: uuid", "limit-range", "a UUID has 36 characters"),
    ]);
    assert_eq!(changed(ORDER, "max: 7 digits", "min: 1 won, max: 7 digits").1, "");
    assert_eq!(changed(ORDER, "max: 7 digits", "min: value -5, max: 500000 won").1, "");
}

#[test]
fn a_minimum_above_the_maximum_is_rejected() {
    let (_, text) = changed(ORDER, "max: 7 digits", "min: 10000000 won, max: 7 digits");
    assert!(text.contains("The minimum 10000000 won is larger than the maximum 7 digits"), "{text}");
}

/// If the definition of a field names one of the time types below, adds this time type to the spec.
fn with_time(project: &TempProject, definition: &str) {
    let times = [
        "  Noted: { doc: To the second., written: \"yyyy-MM-dd HH:mm:ss\", zone: Asia/Seoul }",
        "  Precise: { doc: With a fraction., written: \"yyyy-MM-dd'T'HH:mm:ss[.S]\", zone: Asia/Seoul }",
        "  Day: { doc: A day., written: yyyyMMdd }",
    ];
    let names = |time: &&&str| time.trim().split_once(':').is_some_and(|(name, _)| definition.contains(name));
    if let Some(time) = times.iter().find(names) {
        project.put("spec/shop/types.yaml", format!("{}\ntimes:\n{time}\n", project.text("spec/shop/types.yaml")));
    }
}

#[test]
fn an_example_that_breaks_its_fields_type_or_rules_is_rejected() {
    let field = |field: &str| format!("  extra: {{ {field}, doc: More. }}\n  remark:");
    let cases = [
        ("type: Noted", "2026-11-23", "is not in the notation of `extra`"),
        ("type: Noted", "2026-02-30 00:00:00", "write it in the notation `yyyy-MM-dd HH:mm:ss`"),
        ("type: Precise", "2026-11-23 00:00:00", "write `2026-11-23T00:00:00`"),
        ("type: Precise", "2026-11-23T00:00:00.10", "write `2026-11-23T00:00:00.1`"),
        ("type: Precise", "\"2026-11-23T00:00:00Z\"", "write `2026-11-23T09:00:00`"),
        ("type: Noted", "2026-11-23 00:00:00.0", "write `2026-11-23 00:00:00`"),
        ("type: Noted, within: 1 h", "\"2026-11-23 00:00:00\"", "depends on the current time"),
        ("type: instant, within: 1 h", "\"2026-11-23T00:00:00Z\"", "depends on the current time"),
        ("type: won", "39000.5", "is not a whole number"),
        ("type: won", "9999999999999999999", "is not a whole number"),
        ("type: string, format: http_url", "https://", "is not an http or https URL"),
        ("type: string, format: http_url", "https://shop .example", "is not an http or https URL"),
        ("type: string, format: path_segment", "..", "would lead to another resource"),
        ("list: string, min: 1 item", "[]", "has 0 entries, but needs at least 1 entry"),
        ("list: string, max: 1 item", "[a, b]", "has 2 entries, but may have at most 1 entry"),
        ("list: string, max: 1 character", "[a, bc]", "has 2 characters"),
        ("type: json", "{ 1: one }", "a name in an example must be a text"),
        ("type: json", "[.inf]", "JSON cannot express this number"),
        ("type: json", "!odd thing", "a tag has no meaning"),
    ];
    let mut wrong = Vec::new();
    for (definition, value, says) in cases {
        let scratch = TempProject::base();
        let text = scratch.text("spec/shop/create_order.yaml");
        let text = text.replacen("  remark:", &field(definition), 1);
        let text = text.replace("delivery: COURIER }", &format!("delivery: COURIER, extra: {value} }}"));
        scratch.put("spec/shop/create_order.yaml", text);
        with_time(&scratch, definition);
        let (found, text) = scratch.findings();
        let lint = if definition == "type: json" { "example-notation" } else { "example-value" };
        if found != [lint] || !holds(&text, says) {
            wrong.push(format!("{definition}: {value}: expected {says:?}, found:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unlisted_value_of_an_enumeration_obeys_the_limit_of_its_field() {
    let scratch = TempProject::base();
    let types = scratch.text("spec/shop/types.yaml").replace("travel.\n", "travel.\n    accepts_others: true\n");
    scratch.put("spec/shop/types.yaml", types);
    let order = scratch.text("spec/shop/create_order.yaml").replace("default: PARCEL", "max: 7 characters");
    scratch.put("spec/shop/create_order.yaml", order.replace("delivery: COURIER }", "delivery: PNEUMATIC }"));
    let (found, text) = scratch.findings();
    assert_eq!(found, ["example-value"], "{text}");
    assert!(text.contains("has 9 characters, but may have at most 7"), "{text}");
}

#[test]
fn an_example_reply_has_the_types_of_its_table() {
    let placed = |field: &str| format!("\n  placed: {{ {field}, doc: When. }}\n  status: {{");
    for (field, value) in
        [("type: Noted", "yesterday"), ("type: won", "1.5"), ("type: won", "\"5\""), ("list: won", "[one]")]
    {
        let scratch = TempProject::base();
        let text = scratch.text("spec/shop/create_order.yaml").replacen("\n  status: {", &placed(field), 1);
        let text = text.replace("status: OPEN }", &format!("status: OPEN, placed: {value} }}"));
        scratch.put("spec/shop/create_order.yaml", text);
        with_time(&scratch, field);
        let (found, text) = scratch.findings();
        assert_eq!(found, ["example-value"], "{text}");
    }
}

#[test]
fn a_default_that_breaks_the_rules_of_its_field_is_rejected() {
    rejected(&[
        (
            ORDER,
            "remark: { type: string,",
            "remark: { type: string, not_blank: true, default: \"  \",",
            "default",
            "is blank",
        ),
        (ORDER, "max: 100 characters", "max: 3 characters, default: four", "default", "at most 3"),
        (ORDER, "max: 100 characters", "format: http_url, default: nowhere", "default", "not an http or https URL"),
        (
            ORDER,
            "type: OrderNo, mandatory: true",
            "type: OrderNo, mandatory: true, default: a",
            "default",
            "never absent",
        ),
        (
            ORDER,
            "reply:\n  orderNo: { type: OrderNo,",
            "reply:\n  orderNo: { type: OrderNo, default: a,",
            "default",
            "only an optional field in the query or the body of a request",
        ),
    ]);
}

#[test]
fn unusable_urls_paths_and_headers_are_rejected() {
    let url = "https://api.shop.example";
    rejected(&[
        (API, url, "http://api.shop.example", "base-url", "must be encrypted in transit"),
        (API, url, "https://", "base-url", "has no valid host"),
        (API, url, "https:///v1", "base-url", "has no valid host"),
        (API, url, "https://api.shop.example?shop=1", "base-url", "has a query or a fragment"),
        (API, url, "https://me@api.shop.example", "base-url", "has a user name"),
        (API, url, "https://api.shop.example/../v1", "base-url", "an empty segment, `.` or `..`"),
        (API, "Authorization: {", "\"Authori zation\": {", "header-name", "is not a valid header name"),
        (API, "\"Bearer \"", "\"Bearer\\n\"", "header-value", "is not allowed in a header"),
        (ORDER, "post: /orders", "post: orders", "path-template", "must begin with `/`"),
        (ORDER, "post: /orders", "post: //orders", "path-template", "is empty"),
        (ORDER, "post: /orders", "post: /a/../orders", "path-template", "another path"),
        (ORDER, "post: /orders", "post: /orders?all=1", "path-template", "under `query:`"),
        (ORDER, "post: /orders", "post: /or ders", "path-template", "is not allowed in a path"),
        (ORDER, "post: /orders", "post: /orders}", "path-template", "of the path has no `{`"),
    ]);
    let (_, text) = changed(ORDER, "post: /orders", "post: /orders/{}");
    assert!(text.contains("has no name") && text.contains("Write `{shopId}`"), "{text}");
}

#[test]
fn encodings_of_one_operation_include_one_that_the_client_sends() {
    let own = |bodies: &str| format!("summary: Places an order.\nbodies: [{bodies}]");
    let summary = "summary: Places an order.";
    rejected(&[(ORDER, summary, &own("query"), "encoding", "`bodies:` lists neither")]);
    assert_eq!(changed(ORDER, summary, &own("form")).1, "");
    let scratch = TempProject::base();
    let look = "page: { section: Look at orders }\noperation: look\nget: /orders\nsummary: Shows the orders.\nbodies: [form]\nrecovery: { class: resend }\n";
    scratch.put("spec/shop/look.yaml", look);
    let (found, text) = scratch.findings();
    assert!(found.contains(&"encoding") && holds(&text, "have no body"), "{text}");
}

#[test]
fn a_condition_that_is_never_true_is_rejected() {
    let when = |condition: &str| format!("remark: {{ mandatory_when: {{ {condition} }}, type: string");
    let cases = [
        (when("remark: a"), "condition", "refers to the field itself"),
        (when("amount: one"), "condition-value", "does not have the type"),
        (when("amount: 12345678"), "condition-value", "above 9999999"),
        (when("orderNo: ''"), "condition-value", "at least 1"),
        (when("delivery: 1"), "condition-value", "not a value"),
        (when(""), "condition", "the condition is empty"),
        (when("gift: false"), "condition", "no choice sets `gift` to `false`"),
        (when("shopKey: a"), "condition", "the client fills `shopKey`"),
    ];
    let more = "  shopKey: { type: ShopKey, mandatory: true, supplied_by: client }\n  gift: { type: boolean, \
                choices_only: true, choices: { wrapped: { sends: true, doc: Wrap it. } }, doc: Wrap it. }\n  remark:";
    let mut wrong = Vec::new();
    for (new, lint, says) in cases {
        let scratch = TempProject::base();
        let text = scratch.text("spec/shop/create_order.yaml");
        let text = text.replacen("remark: { type: string", &new, 1).replacen("  remark:", more, 1);
        scratch.put("spec/shop/create_order.yaml", text);
        let (found, text) = scratch.findings();
        if found != [lint] || !holds(&text, says) {
            wrong.push(format!("{new}: expected `{lint}` and {says:?}, found:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_misplaced_key_is_rejected() {
    rejected(&[
        (ORDER, "max: 7 digits", "not_blank: true", "misplaced-key", "only a text"),
        (ORDER, "max: 7 digits", "format: http_url", "misplaced-key", "only a text"),
        (ORDER, "max: 7 digits", "characters: { allow: [digits] }", "misplaced-key", "only a text"),
        (ORDER, "max: 7 digits", "expected_port: 443", "misplaced-key", "only a URL"),
        (ORDER, "max: 7 digits", "negative: true", "misplaced-key", "only a received number"),
        (ORDER, "max: 7 digits", "only_in: V1", "misplaced-key", "only callbacks"),
        (ORDER, "max: 100 characters", "supplied_by: client", "dangling-credential", "no credential has the type"),
        (
            ORDER,
            "remark: { type: string, max: 100 characters,",
            "remark: { type: date, within: 1 h,",
            "misplaced-key",
            "only a time can have `within:`",
        ),
        (
            ORDER,
            "reply:\n  orderNo: {",
            "reply:\n  orderNo: { mandatory_when: { status: OPEN },",
            "misplaced-key",
            "only requests",
        ),
        (
            ORDER,
            "reply:\n  orderNo: {",
            "reply:\n  orderNo: { always: true, nullable: true,",
            "misplaced-key",
            "that may be null cannot have `always:`",
        ),
    ]);
}

#[test]
fn the_example_of_a_received_time_may_have_another_notation() {
    for (of, value) in [
        ("Precise", "2021-07-28T20:10:33.298640"),
        ("Precise", "2021-07-28T20:10:33.000"),
        ("Precise", "2021-07-28 20:10:33"),
        ("Noted", "2021-07-28T20:10:33"),
        ("Noted", "2021-07-28 20:10:33.0"),
        ("Noted", "2021-07-28T11:10:33Z"),
        ("Day", "2021-07-28"),
    ] {
        let scratch = TempProject::base();
        let text = scratch.text("spec/shop/create_order.yaml");
        let text = text.replacen("  status:", &format!("  at: {{ type: {of}, doc: When. }}\n  status:"), 1);
        scratch.put(
            "spec/shop/create_order.yaml",
            text.replace("status: OPEN }", &format!("status: OPEN, at: \"{value}\" }}")),
        );
        with_time(&scratch, of);
        assert_eq!(scratch.findings().1, "", "{of} {value}");
    }
}

#[test]
fn a_type_name_of_another_language_is_a_finding_with_the_intended_type() {
    for (given, meant) in [
        (
            "date_time",
            "`instant` for a time with an offset such as `2026-11-23T14:05:00+09:00`; define any other notation under `times:`",
        ),
        ("DateTime", "`written: yyyy-MM-dd HH:mm:ss`"),
        ("timestamp", "under `times:`"),
        ("localDate", "`date` for a day"),
        ("int64", "`integer` for a whole number"),
        ("number", "`integer` for a whole number"),
        ("double", "`decimal` for a number with a fraction: it keeps every digit"),
        ("dict", "`map:` instead of `type:`"),
        ("oneOf", "under `unions:`"),
        ("bool", "`boolean`"),
        ("money", "`won`"),
        ("array", "`list:`"),
        ("object", "`objects:`"),
        ("uri", "`format: http_url`"),
        // Each of these names is close to the name of a defined or built-in type. The finding suggests that type.
        ("Delivry", "did you mean `Delivery`?"),
        ("strng", "did you mean `string`?"),
        ("instnt", "did you mean `instant`?"),
    ] {
        let (found, text) = changed(ORDER, "remark: { type: string", &format!("remark: {{ type: {given}"));
        assert_eq!(found, ["unknown-type"], "{given}: {text}");
        assert!(holds(&text, meant), "{given}: {text}");
    }
}

#[test]
fn a_comma_in_a_text_without_quotes_is_one_finding_that_suggests_quotes() {
    for doc in [
        "For the packer, the driver",
        "For the packer, the driver, and the recipient",
        "Weight, in kilograms",
        "One, two, three, four",
    ] {
        let (found, text) = changed(ORDER, "doc: For the packer.", &format!("doc: {doc}"));
        assert_eq!(found, ["unquoted-comma"], "{doc}: {text}");
        assert!(text.contains("put the value of `doc` in quotes"), "{doc}: {text}");
    }
    // A misspelled key after a comma or a line break is reported as an unknown key, and not as an unquoted comma.
    for (old, new, lint) in [
        ("doc: For the packer. }", "doc: For the packer., mandatori }", "unknown-key"),
        ("summary: Places an order.", "summary: Places an order.\npagee:", "unknown-key"),
    ] {
        let (found, text) = changed(ORDER, old, new);
        assert_eq!(found, [lint], "{new}: {text}");
    }
}

/// Returns the path of each key of a YAML document, and the document without that key.
fn without_each_key(text: &str) -> Vec<(String, String)> {
    fn each(value: &serde_yaml::Value, path: &str, found: &mut Vec<(String, serde_yaml::Value)>) {
        let serde_yaml::Value::Mapping(map) = value else { return };
        for (key, inner) in map {
            let name = format!("{path}.{}", key.as_str().unwrap_or_default());
            let mut without = map.clone();
            without.shift_remove(key);
            found.push((name.clone(), without.into()));
            let mut inside = Vec::new();
            each(inner, &name, &mut inside);
            found.extend(inside.into_iter().map(|(name, changed)| {
                let mut with = map.clone();
                with.insert(key.clone(), changed);
                (name, with.into())
            }));
        }
    }
    let mut found = Vec::new();
    each(&serde_yaml::from_str(text).expect("the base is YAML"), "", &mut found);
    found.into_iter().map(|(name, value)| (name, serde_yaml::to_string(&value).expect("it can be written"))).collect()
}

#[test]
fn a_missing_key_is_reported_once_and_without_its_placeholder() {
    let mut wrong = Vec::new();
    for file in [API, TYPES, ORDER] {
        for (name, text) in without_each_key(&TempProject::base().text(&format!("spec/shop/{file}"))) {
            let scratch = TempProject::base();
            scratch.put(&format!("spec/shop/{file}"), text);
            let (found, said) = scratch.findings();
            let missing = found.contains(&"missing-key");
            if said.contains("``") || (missing && found.len() > 1) {
                wrong.push(format!("{file} without {name}: {found:?}\n{said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_that_suggests_a_secret_needs_a_sensitivity() {
    for name in ["password", "userPasswd", "pin", "cardPin2", "cvc", "apiKey", "birthDate"] {
        let (found, text) = changed(ORDER, "  remark:", &format!("  {name}:"));
        assert_eq!(found, ["sensitivity"], "{name}: {text}");
    }
    for name in ["shipping", "opinion", "panel", "spinner"] {
        assert_eq!(changed(ORDER, "  remark:", &format!("  {name}:")).1, "", "{name}");
    }
}

#[test]
fn misplaced_files_are_rejected_and_every_yaml_ending_is_read() {
    for (path, says) in [
        ("spec/shop/more/extra.yaml", "folders in it are not read"),
        ("spec/extra.yaml", "belongs in the folder of its API"),
        ("spec/other/README.md", "no spec files"),
    ] {
        let scratch = TempProject::base();
        scratch.put(path, "types: more\npage: { section: More }\n");
        let (found, text) = scratch.findings();
        assert_eq!(found, ["stray-file"], "{text}");
        assert!(holds(&text, says), "{text}");
    }
    for name in ["extra.yml", "extra.YAML", "extra.YML"] {
        let scratch = TempProject::base();
        scratch.put(&format!("spec/shop/{name}"), "types: more\npage: { section: More }\nsurprise: true\n");
        assert_eq!(scratch.findings().0, ["unknown-key"]);
    }
    let scratch = TempProject::base();
    scratch.put("spec/shop/.create_order.yaml.swp", "nothing");
    scratch.put("spec/.hidden/x.yaml", "nothing");
    assert_eq!(scratch.findings().1, "");
}

#[test]
fn only_a_text_identifies_a_request() {
    for (of, expected) in [
        ("{ type: decimal, mandatory: true, max: 7 digits, doc: The weight. }", vec!["weak-identity"]),
        ("{ type: date, mandatory: true, doc: The day. }", vec!["weak-identity"]),
        ("{ type: string, mandatory: true, max: 7 characters, doc: The box. }", vec![]),
    ] {
        let scratch = TempProject::procedures();
        let text = scratch.text("spec/shop/create_order.yaml");
        let text = text
            .replace("identity: [orderNo]", "identity: [box]")
            .replace("request:\n  orderNo", &format!("request:\n  box: {of}\n  orderNo"));
        let text = text.replace(
            "request: { orderNo: order-1,",
            &format!(
                "request: {{ box: {}, orderNo: order-1,",
                if of.contains("decimal") { "1.5" } else { "\"2030-1\"" }
            ),
        );
        scratch.put("spec/shop/create_order.yaml", text);
        let (found, said) = scratch.findings();
        let found: Vec<_> = found.into_iter().filter(|lint| *lint == "weak-identity").collect();
        assert_eq!(found, expected, "{of}: {said}");
    }
}

/// Replacements that add an object and a list of objects to the status of an order.
const STATUS: [(&str, &str, &str); 3] = [
    (
        "look_up_order.yaml",
        "  amount: { type: won, doc: The price. }\n",
        "  price: { type: Price, doc: The price. }\n  parcels: { list: Parcel, doc: What was sent. }\n",
    ),
    ("look_up_order.yaml", "amount: 1000", "price: { total: 1000 }"),
    (
        "types.yaml",
        "enums:\n",
        "objects:\n  Price:\n    doc: A price.\n    fields:\n      total: { type: won, doc: All of it. }\n  Parcel:\n    doc: A parcel.\n    fields:\n      orderNo: { type: OrderNo, doc: The order. }\n      sent: { type: boolean, doc: Whether it has left. }\n      worth: { type: Price, doc: What it is worth. }\n\nenums:\n",
    ),
];

/// Applies [`STATUS`] and then `changes` to the base spec. The status of an order then contains the price in an object
/// (`price.total`). Returns the names of the lints that report findings, and the findings as text.
fn nested(changes: &[(&str, &str, &str)]) -> (Vec<&'static str>, String) {
    let scratch = TempProject::procedures();
    let binds = ("create_order.yaml", "amount: amount }", "price.total: amount }");
    let callback = [
        ("order_callback.yaml", "expect: [amount]", "expect: [price.total]"),
        ("order_callback.yaml", "amount: amount", "amount: price.total"),
    ];
    for (file, old, new) in STATUS.iter().chain(&[binds]).chain(&callback).chain(changes) {
        let path = format!("spec/shop/{file}");
        let text = scratch.text(&path);
        assert!(text.contains(old), "{file} has no {old:?}");
        scratch.put(&path, text.replacen(old, new, 1));
    }
    scratch.findings()
}

/// Line of the base spec. It states which member of the reply to an order must match the request.
const EVIDENCE: &str = "binds: { orderNo: orderNo }\n";

/// Replacement that adds the fields `part` and `rest`, which are two parts of the price, to the reply to an order.
const PARTS: (&str, &str, &str) = (
    "create_order.yaml",
    "  status: { type: OrderStatus, doc: Where it stands. }\n",
    "  status: { type: OrderStatus, doc: Where it stands. }\n  part: { type: won, doc: A part. }\n  rest: { type: won, doc: The rest. }\n",
);

#[test]
fn evidence_may_name_members_of_objects_and_of_list_entries() {
    let list =
        "list: parcels\n    entry: { orderNo: orderNo, sent: { is: true } }\n    entry_equal: { worth.total: amount }";
    let tables = ("create_order.yaml", "immediately: { PAID: done }", "immediately: { match: done }");
    let more = "list: parcels\n    entry: { orderNo: orderNo, sent: { is: true } }\n    entry_expect: [worth.total]\n    entry_reversed: { orderNo: orderNo, sent: { is: [false] } }";
    let reversed =
        ("create_order.yaml", "immediately: { PAID: done }", "immediately: { match: done, reversed: reversed }");
    let unpriced =
        ("create_order.yaml", "binds: { orderNo: orderNo, price.total: amount }", "binds: { orderNo: orderNo }");
    let sums = (
        "create_order.yaml",
        EVIDENCE,
        "binds: { orderNo: orderNo, status: { is: PAID } }\n  sums: { amount: [part, rest] }\n",
    );
    let sound: [&[(&str, &str, &str)]; 4] = [
        &[],
        &[("create_order.yaml", "by: status", list), tables],
        &[("create_order.yaml", "by: status", more), reversed, unpriced],
        &[sums, PARTS],
    ];
    for changes in sound {
        assert_eq!(nested(changes), (vec![], String::new()), "{changes:?}");
    }
}

#[test]
fn evidence_that_names_a_nonexistent_member_is_a_finding_with_a_suggestion() {
    let order = "create_order.yaml";
    let list = |entry: &str| format!("list: parcels\n    {entry}");
    let tables = (order, "immediately: { PAID: done }", "immediately: { match: done }");
    let refused = [
        ("price.total: amount", "price.totl: amount".to_owned(), "dangling-field", "Did you mean `price.total`?"),
        (
            "price.total: amount",
            "price.total: orderNo".to_owned(),
            "comparison-type",
            "another type than `price.total`",
        ),
        ("look_at: [status]", "look_at: [price.totl]".to_owned(), "dangling-field", "Did you mean `price.total`?"),
        ("identity: [orderNo]", "identity: [order.no]".to_owned(), "dangling-field", "do not pass `order.no`"),
        ("repeats: 1", "repeats: 1\n    repeatable_for: 1 min".to_owned(), "repetition", "is too short"),
        (
            "binds: { orderNo: orderNo }\n",
            "repeats_nothing: true\n".to_owned(),
            "unbound-answer",
            "the spec gives no reason",
        ),
        (
            "binds: { orderNo: orderNo }\n",
            "binds: { orderNo: orderNo }\n  repeats_nothing: true\n  doc: A reason.\n".to_owned(),
            "key-combination",
            "no members to bind",
        ),
    ];
    for (old, new, lint, says) in refused {
        let (found, text) = nested(&[(order, old, &new)]);
        assert!(found.contains(&lint) && holds(&text, says), "{new}: `{lint}`, {says:?}:\n{text}");
    }
    let entries = [
        ("entry: { orderNo: orderNo, sent: { is: 1 } }", "member-type", "never `1`"),
        ("entry: { orderNo: orderNo, sen: { is: true } }", "dangling-field", "Did you mean `sent`?"),
        // A constant value does not identify a request.
        ("entry: { sent: { is: true } }", "unsafe-conclusion", "recognized without an identifier"),
        (
            "entry: { orderNo: orderNo }\n    entry_equal: { worth.totl: amount }",
            "dangling-field",
            "Did you mean `worth.total`?",
        ),
        ("entry: { orderNo: orderNo, sent: { is: [] } }", "dangling-value", "`sent` needs a value"),
        ("entry: { orderNo: orderNo }\n    entry_expect: [worth]", "member-type", "`worth` is not a single value"),
        (
            "entry: { orderNo: orderNo }\n    entry_expect: [worth.totl]",
            "dangling-field",
            "Did you mean `worth.total`?",
        ),
        (
            "entry: { orderNo: orderNo }\n    entry_reversed: { sent: { is: false } }",
            "unbound-answer",
            "no member under `entry_reversed:` is compared",
        ),
        (
            "entry: { orderNo: orderNo }\n    entry_reversed: { orderNo: orderNo, sent: { is: 1 } }",
            "member-type",
            "never `1`",
        ),
    ];
    for (entry, lint, says) in entries {
        let (found, text) = nested(&[(order, "by: status", &list(entry)), tables]);
        assert!(found.contains(&lint) && holds(&text, says), "{entry}: `{lint}`, {says:?}:\n{text}");
    }
    let reversal = "entry: { orderNo: orderNo }\n    entry_reversed: { orderNo: orderNo, sent: { is: false } }";
    for (entry, verdicts, lint, says) in [
        ("entry: { orderNo: orderNo }", "reversed: reversed", "dangling-value", "no answer has the state `reversed`"),
        (reversal, "reversed: done", "inconclusive-answer", "but was reversed later"),
    ] {
        let verdicts = format!("immediately: {{ {verdicts} }}");
        let verdicts = (order, "immediately: { PAID: done }", verdicts.as_str());
        let (found, text) = nested(&[(order, "by: status", &list(entry)), verdicts]);
        assert!(found.contains(&lint) && holds(&text, says), "{entry}: `{lint}`, {says:?}:\n{text}");
    }
    for (evidence, lint, says) in [
        ("status: { is: PAYED }", "dangling-value", "no value `PAYED`"),
        ("status: { is: [PAID, OPENED] }", "dangling-value", "no value `OPENED`"),
        ("status: { is: PAID } }\n  sums: { amount: [part, rst]", "dangling-field", "Did you mean `rest`?"),
        ("status: { is: PAID } }\n  sums: { amont: [part, rest]", "dangling-field", "Did you mean `amount`?"),
        ("status: { is: PAID } }\n  sums: { amount: [part, status]", "comparison-type", "another type than `status`"),
        ("status: { is: PAID } }\n  sums: { delivery: [part, rest]", "member-type", "`delivery` is not a number"),
        ("status: { is: PAID } }\n  sums: { amount: [part]", "key-combination", "two members or more"),
        ("status: { is: PAID } }\n  sums: { amount: [part, part]", "key-combination", "`part` is added twice"),
    ] {
        let evidence = format!("binds: {{ orderNo: orderNo, {evidence} }}\n");
        let (found, text) = nested(&[(order, EVIDENCE, &evidence), PARTS]);
        assert!(found.contains(&lint) && holds(&text, says), "{evidence}: `{lint}`, {says:?}:\n{text}");
    }
    let fields = "  orderNo: { type: OrderNo, mandatory: true, doc: The number. }\n";
    let more = format!(
        "{fields}  others: {{ list: OrderNo, doc: Others. }}\n  by_key:\n    mandatory: true\n    doc: A way to find it.\n    one_of:\n      key: {{ type: OrderNo, doc: One. }}\n      mark: {{ type: OrderNo, doc: Another. }}\n"
    );
    let fields = (order, fields, more.as_str());
    for (old, new, lint, says) in [
        (
            "binds: { orderNo: orderNo, price.total",
            "binds: { orderNo: others, price.total",
            "comparison-type",
            "is a list",
        ),
        ("binds: { orderNo: orderNo }\n", "binds: { orderNo: others }\n", "comparison-type", "is a list"),
        ("ask: { orderNo: orderNo }", "ask: { orderNo: key }", "query-argument", "one of several alternatives"),
        ("repeats: 1", "repeats: 1\n    repeat_needs: [mark]", "query-argument", "one of several alternatives"),
    ] {
        let (found, text) = nested(&[fields, (order, old, new)]);
        assert!(found.contains(&lint) && holds(&text, says), "{new}: `{lint}`, {says:?}:\n{text}");
    }
    for key in ["entry_equal: { orderNo: orderNo }", "entry_expect: [orderNo]", "entry_reversed: { orderNo: orderNo }"]
    {
        let (found, text) = nested(&[(order, "by: status", &format!("by: status\n    {key}"))]);
        assert_eq!(found, ["key-combination"], "{text}");
    }
}

/// Replacements that add a list of parcels to the reply to an order. Each parcel has a state and an amount.
const PARCELS: [(&str, &str, &str); 2] = [
    (
        "create_order.yaml",
        "  status: { type: OrderStatus, doc: Where it stands. }\n",
        "  status: { type: OrderStatus, doc: Where it stands. }\n  sent: { list: Sent, doc: What was sent. }\n",
    ),
    (
        "types.yaml",
        "objects:\n",
        "objects:\n  Sent:\n    doc: A parcel.\n    fields:\n      state: { type: Travel, doc: Where it is. }\n      amount: { type: won, doc: What it is worth. }\n",
    ),
];

/// Replacement that defines the states of a parcel.
const TRAVEL: (&str, &str, &str) = (
    "types.yaml",
    "\nenums:\n",
    "\nenums:\n  Travel:\n    doc: Where a parcel is.\n    values:\n      PACKED: { means: Packed., initial: true, next: [LOST] }\n      LOST: { means: Lost., next: [] }\n",
);

#[test]
fn evidence_from_list_entries_needs_the_right_path_type_and_sum() {
    let order = "create_order.yaml";
    let answer = |new: &str| nested(&[(order, "binds: { orderNo: orderNo, price.total: amount }", new)]);
    for sound in [
        "binds: { orderNo: orderNo }\n    sums: { amount: [\"parcels[].worth.total\"] }",
        "binds: { orderNo: orderNo }\n    expect: [\"parcels[].worth.total\"]",
    ] {
        assert_eq!(answer(sound), (vec![], String::new()), "{sound}");
    }
    for (new, lint, says) in [
        ("\"parcels[].worht.total\": amount }", "dangling-field", "Did you mean `parcels[].worth.total`?"),
        ("parcels.worth.total: amount }", "dangling-field", "Did you mean `parcels[].worth.total`?"),
        ("\"price[].total\": amount }", "dangling-field", "Did you mean `price.total`?"),
        ("\"parcels[].worth.total\": amount }", "unchecked-amount", "would be twice the amount"),
        ("\"parcels[].worth\": amount }", "comparison-type", "another type than `parcels[].worth`"),
        ("\"parcels[].sent\": amount }", "comparison-type", "another type than `parcels[].sent`"),
    ] {
        let (found, text) = answer(&format!("binds: {{ orderNo: orderNo, {new}"));
        assert!(found.contains(&lint) && holds(&text, says), "{new}: `{lint}`, {says:?}:\n{text}");
    }
    let many = format!("look_at: [status]\n    expect: [{}]", ["price.total"; 13].join(", "));
    let (found, text) = nested(&[(order, "look_at: [status]", &many)]);
    assert!(found.iter().all(|lint| *lint == "key-combination"), "{text}");
    assert!(holds(&text, "can pass at most 12 values") && holds(&text, "`price.total` is listed twice"), "{text}");
    // The states of list entries do not prove `not_done` while the service may still accept an attempt, because the
    // attempt would add an entry.
    let by = |tables: &str| {
        let states = [
            (order, "by: status", "by: \"parcels[].state\""),
            (order, "immediately: { PAID: done }", tables),
            (
                "types.yaml",
                "      sent: { type: boolean,",
                "      state: { type: Travel, doc: Where it is. }\n      sent: { type: boolean,",
            ),
            TRAVEL,
        ];
        nested(&states)
    };
    let (found, text) = by("immediately: { PACKED: done, LOST: not_done }");
    assert!(found.contains(&"premature-conclusion") && holds(&text, "adds an entry to the list"), "{text}");
    // `remaining:` needs a single member, and not a member of list entries.
    let (found, text) =
        nested(&[(order, "look_at: [status]", "remaining: \"parcels[].worth.total\"\n    look_at: [status]")]);
    assert!(found.contains(&"dangling-field"), "{text}");

    let reply = |evidence: &str| {
        let evidence = format!("binds: {{ orderNo: orderNo{evidence}\n");
        nested(&[(order, EVIDENCE, &evidence), PARCELS[0], PARCELS[1], TRAVEL])
    };
    for sound in [
        ", \"sent[].state\": { is: [PACKED, LOST] } }\n  sums: { amount: [\"sent[].amount\"] }",
        " }\n  doc: The `amount` of a parcel is its own, and so is `sent[].state`.",
    ] {
        assert_eq!(reply(sound), (vec![], String::new()), "{sound}");
    }
    let (found, text) = reply(" }");
    assert_eq!(found, ["unsafe-conclusion", "unsafe-conclusion"], "{text}");
    for says in ["a success may have another `amount`", "`sent[].state` of a success may be any state"] {
        assert!(holds(&text, says), "{says:?}:\n{text}");
    }
}

#[test]
fn done_needs_the_requests_own_entry_and_its_state() {
    let order = "create_order.yaml";
    let tables = (order, "immediately: { PAID: done }", "immediately: { match: done }");
    let resolved = |entry: &str, more: &[(&str, &str, &str)]| {
        let list = format!(
            "list: parcels\n    entry: {{ orderNo: orderNo{entry} }}\n    entry_equal: {{ worth.total: amount }}"
        );
        let mut changes = vec![(order, "by: status", list.as_str()), tables];
        changes.extend(more);
        nested(&changes)
    };
    // If the entry has a state, the resolution must compare the state.
    let state = [
        (
            "types.yaml",
            "      sent: { type: boolean,",
            "      state: { type: Travel, doc: Where it is. }\n      sent: { type: boolean,",
        ),
        TRAVEL,
    ];
    let (found, text) = resolved("", &state);
    assert!(found == ["unsafe-conclusion"] && holds(&text, "without comparing `state` of the entry"), "{text}");
    assert_eq!(resolved(", state: { is: PACKED }", &state), (vec![], String::new()));
    let reason =
        [state[0], state[1], (order, "within: 1 min\n", "within: 1 min\n  doc: Each `state` follows a payment.\n")];
    assert_eq!(resolved("", &reason), (vec![], String::new()));
    // Two attempts at one order differ only in `attemptNo`. The resolution does not compare this member, so it cannot
    // distinguish the attempts.
    let identity = [
        (order, "identity: [orderNo]", "identity: [orderNo, attemptNo]"),
        (
            order,
            "request:\n",
            "request:\n  attemptNo: { type: OrderNo, mandatory: true, doc: The number of this attempt. }\n",
        ),
        (order, "request: { orderNo: order-1,", "request: { orderNo: order-1, attemptNo: a-1,"),
    ];
    let (found, text) = resolved("", &identity);
    assert!(found == ["unsafe-conclusion"] && holds(&text, "without comparing `attemptNo`"), "{text}");
    // In the following cases, the query returns its list in pages.
    let pages = |end: &str| {
        let query = "query:\n  page: { type: integer, default: 1, doc: The page. }\n\n";
        let reply = format!(
            "{query}pages: {{ items: parcels, send: page, next: \"+1\"{end} }}\n\nreply:\n  last: {{ type: boolean, doc: Whether it is the last page. }}\n"
        );
        let table = "after_acceptance: { absent: repeat, others: not_done }";
        let paged = [
            ("look_up_order.yaml", "reply:\n", reply.as_str()),
            (order, "after_acceptance: { absent: repeat }", table),
        ];
        resolved("", &paged)
    };
    let (found, text) = pages("");
    assert!(found.contains(&"unsafe-conclusion") && holds(&text, "nothing marks the last page"), "{text}");
    let (_, text) = pages(", end: { last: true }");
    assert!(!text.contains("last page"), "{text}");
}

#[test]
fn a_sent_union_has_its_kind_and_is_encoded_in_json() {
    let project = |kind: &str, bodies: &str, example: &str| {
        let scratch = TempProject::base();
        let objects = "unions:\n  Cover: { doc: What pays., by: kind, cases: { CASH: Cash } }\n\nobjects:\n  Cash:\n    doc: Cash pays.\n    fields:\n";
        let types = scratch.text("spec/shop/types.yaml");
        let fields =
            format!("      kind: {{ {kind} }}\n      amount: {{ type: won, mandatory: true, doc: How much. }}\n");
        scratch.put("spec/shop/types.yaml", format!("{types}\n{objects}{fields}"));
        let order = scratch.text("spec/shop/create_order.yaml");
        let order = order.replace("  remark:", "  cover: { type: Cover, doc: What pays. }\n  remark:");
        let order = order.replace("delivery: COURIER }", &format!("delivery: COURIER, cover: {example} }}"));
        scratch.put("spec/shop/create_order.yaml", order);
        let api = scratch.text("spec/shop/api.yaml");
        scratch.put("spec/shop/api.yaml", api.replace("bodies: [json]", &format!("bodies: [{bodies}]")));
        scratch.findings()
    };
    let (fixed, example) = ("type: string, fixed: CASH", "{ kind: CASH, amount: 5 }");
    assert_eq!(project(fixed, "json", example).1, "");
    for (kind, bodies, example, lint, says) in [
        ("type: string, doc: The kind.", "json", example, "union", "does not have the value `kind: CASH`"),
        ("type: string, fixed: CARD", "json", "{ amount: 5 }", "union", "does not have the value `kind: CASH`"),
        (fixed, "form", example, "union", "a form cannot have the union `Cover`"),
        (fixed, "json", "{ amount: 5 }", "example-value", "`kind` does not have the value of a case of `Cover`"),
        (fixed, "json", "{ kind: CASH, amount: x }", "example-value", "does not have the type of `amount`"),
        (fixed, "json", "{ kind: CASH, price: 5 }", "example-member", "has no field `price`"),
    ] {
        let (found, text) = project(kind, bodies, example);
        assert!(found.contains(&lint) && holds(&text, says), "{kind} {bodies} {example}:\n{text}");
    }
}
