//! Tests that values of unexpected JSON types, and undocumented content, do not make decoding fail.

use crate::support::{self, Company, Item, Kind, PayReply, StrictReply};
use pagespec_runtime::__private as rt;
use serde_json::json;

use rt::{Decoded, Lenient, Payload, Target, Undecodable, decode};
use serde::de::DeserializeSeed;

fn read<T: Lenient>(json: &str) -> Option<T> {
    try_read(json).expect("it is JSON")
}

fn try_read<T: Lenient>(json: &str) -> Result<Option<T>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = read_from(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

fn read_from<'de, T: Lenient, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let mut value = None;
    T::target(&mut value).deserialize(deserializer)?;
    Ok(value)
}

/// Reads a reply without an envelope.
fn read_reply(json: &str) -> PayReply {
    let mut reply = PayReply::default();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    assert!(Target::Members(&mut reply).deserialize(&mut deserializer).expect("it is JSON"), "no object");
    reply
}

/// JSON values that most types cannot convert.
const STRANGE: [&str; 5] = ["null", "[]", "{}", r#"[1,{"a":[2]}]"#, r#"{"a":{"b":[1]},"c":null}"#];

#[test]
fn texts_come_as_numbers_too() {
    for (json, expected) in [
        (r#""text""#, Some("text")),
        (r#""""#, Some("")),
        (r#""\uAC00\n""#, Some("가\n")),
        ("1000", Some("1000")),
        ("-5", Some("-5")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("1.5", Some("1.5")),
        ("1000.0", Some("1000")),
        ("true", Some("true")),
    ] {
        assert_eq!(read::<String>(json).as_deref(), expected, "{json}");
    }
    for json in STRANGE {
        assert_eq!(read::<String>(json), None, "{json}");
    }
}

#[test]
fn integers_come_as_texts_too() {
    for (json, expected) in [
        ("1000", Some(1000)),
        ("-1000", Some(-1000)),
        (r#""1000""#, Some(1000)),
        (r#"" 1000 ""#, Some(1000)),
        ("1000.0", Some(1000)),
        ("1e3", Some(1000)),
        (r#""""#, None),
        (r#""thousand""#, None),
        ("true", None),
        ("9223372036854775807", Some(i64::MAX)),
    ] {
        assert_eq!(read::<i64>(json), expected, "{json}");
    }
    for json in STRANGE {
        assert_eq!(read::<i64>(json), None, "{json}");
    }
}

#[test]
fn a_number_that_would_lose_digits_is_an_error_and_not_a_value_that_is_missing() {
    for json in ["1.5", r#""1.5""#, "9223372036854775808", "1e30", r#""9223372036854775808""#, "18446744073709551616"] {
        assert!(try_read::<i64>(json).is_err(), "{json}");
        assert!(try_read::<Company>(json).is_err(), "{json}");
    }
    // A rounded identifier would be another identifier, which is worse than no identifier.
    assert!(try_read::<String>("123456789012345678901234567890").is_err());
    assert!(try_read::<Kind>("123456789012345678901234567890").is_err());
    for json in ["1e99", "0.123456789012345678901234567890123456789", r#""1e99""#] {
        assert!(try_read::<rt::Decimal>(json).is_err(), "{json}");
    }
}

#[test]
fn decimals_keep_every_digit_and_come_as_texts_too() {
    for json in ["10.50", "-0.01", "9007199254740993.1", "0.10000000000000000000000000000000000001", "1e2"] {
        let expected = rt::Decimal::parse(json).ok();
        assert_eq!(read::<rt::Decimal>(json), expected, "{json}");
        assert_eq!(read::<rt::Decimal>(&format!("{json:?}")), expected, "{json}");
    }
    for json in STRANGE.into_iter().chain([r#""""#, r#""much""#, "true"]) {
        assert_eq!(read::<rt::Decimal>(json), None, "{json}");
    }
}

#[test]
fn maps_and_lists_of_lists_keep_the_values_that_can_be_converted() {
    type Map = std::collections::BTreeMap<String, i64>;
    assert_eq!(read::<Map>(r#"{"a":1,"b":"2","c":null,"d":"x"}"#), Some([("a".into(), 1), ("b".into(), 2)].into()));
    assert_eq!(read::<Map>("{}"), Some(Map::new()));
    assert!(try_read::<Map>(r#"{"a":1,"a":2}"#).is_err(), "two values under one name");
    assert!(try_read::<Map>(r#"{"a":1.5}"#).is_err(), "the number would lose its fraction");
    assert_eq!(read::<Vec<Vec<i64>>>("[[1,2],[],[3]]"), Some(vec![vec![1, 2], vec![], vec![3]]));
    assert_eq!(read::<Vec<Map>>(r#"[{"a":1},{},7]"#).map(|maps| maps.len()), Some(2));
}

#[test]
fn booleans_come_as_texts_and_numbers_too() {
    for (json, expected) in [
        ("true", Some(true)),
        ("false", Some(false)),
        (r#""TRUE""#, Some(true)),
        (r#""False""#, Some(false)),
        ("1", Some(true)),
        ("0", Some(false)),
        (r#""Y""#, Some(true)),
        (r#""n""#, Some(false)),
        ("2", None),
        (r#""maybe""#, None),
    ] {
        assert_eq!(read::<bool>(json), expected, "{json}");
    }
    for json in STRANGE {
        assert_eq!(read::<bool>(json), None, "{json}");
    }
}

#[test]
fn times_and_secrets_are_read_leniently() {
    assert_eq!(
        read::<support::KstDateTime>(r#""2026-11-23T05:00:00Z""#).map(|t| t.to_string()),
        Some("2026-11-23 14:00:00".into())
    );
    assert_eq!(
        read::<support::CivilDateTime>(r#""2021-07-28T20:10:33.298642""#).map(|t| t.to_string()),
        Some("2021-07-28T20:10:33.298642".into())
    );
    for json in [r#""""#, r#""soon""#, "20261123"] {
        assert_eq!(read::<support::KstDateTime>(json), None, "{json}");
    }
    assert_eq!(read::<rt::SecretText>(r#""x""#).map(|s| s.expose().to_owned()), Some("x".into()));
    assert_eq!(read::<rt::SecretText>("17").map(|s| s.expose().to_owned()), Some("17".into()));
    assert_eq!(read::<serde_json::Value>(r#"{"a":[1]}"#), Some(json!({"a": [1]})));
    assert_eq!(read::<serde_json::Value>("null"), None);
}

#[test]
fn open_enumerations_keep_values_that_the_spec_does_not_have() {
    assert_eq!(read::<Kind>(r#""CARD""#), Some(Kind::Card));
    assert_eq!(read::<Kind>(r#""COIN""#).expect("kept").as_str(), "COIN");
    assert_eq!(read::<Kind>("7").expect("kept").as_str(), "7");
    assert_eq!(read::<Company>(r#""1""#), Some(Company::One));
    assert_eq!(read::<Company>("99").map(|c| c.code()), Some(99));
    for json in STRANGE {
        assert_eq!(read::<Kind>(json), None, "{json}");
        assert_eq!(read::<Company>(json), None, "{json}");
    }
}

/// Returns a number as serde_json passes it if another crate enables the feature `arbitrary_precision`.
fn disguised(digits: &'static str) -> impl serde::Deserializer<'static, Error = serde::de::value::Error> {
    serde::de::value::MapDeserializer::new([("$serde_json::private::Number", digits)].into_iter())
}

#[test]
fn numbers_of_arbitrary_precision_are_numbers() {
    assert_eq!(read_from::<i64, _>(disguised("-1000")), Ok(Some(-1000)));
    assert!(read_from::<i64, _>(disguised("1.5")).is_err());
    assert_eq!(read_from::<String, _>(disguised("18446744073709551615")), Ok(Some("18446744073709551615".into())));
    assert_eq!(read_from::<bool, _>(disguised("1")), Ok(Some(true)));
}

#[test]
fn objects_and_lists_tolerate_any_content() {
    let body = r#"{
        "items": [{"name": 1, "amount": "2", "new": {"deep": [1, 2]}}, null, 7, "x", [], {"amount": []}],
        "item": {"name": "one"}, "strange": [[[{}]]], "amount": {"a": 1}, "text": ["x"], "flag": {}
    }"#;
    let reply = read_reply(body);
    let item = |name: Option<&str>, amount| {
        let mut item = Item::default();
        (item.name, item.amount) = (name.map(str::to_owned), amount);
        item
    };
    assert_eq!(reply.items, [item(Some("1"), Some(2)), item(None, None)]);
    assert_eq!(reply.item, item(Some("one"), None));
    assert_eq!((reply.amount, reply.text, reply.flag), (None, None, None));
    for json in ["null", "1", r#""x""#, "[]", "[[]]", "true"] {
        assert!(read::<Item>(json).is_none(), "{json}");
    }
}

#[test]
fn a_list_where_one_object_belongs_gives_its_first_object() {
    for json in [r#"[{"name": "one"}]"#, r#"[null, {"name": "one"}, {"name": "two"}, 3]"#] {
        assert_eq!(read::<Item>(json).and_then(|item| item.name).as_deref(), Some("one"), "{json}");
    }
}

#[test]
fn null_does_not_change_a_mandatory_field() {
    let body = r#"{"token": "t", "items": null, "item": null, "amount": null}"#;
    let read = read_reply(body);
    assert_eq!((read.token.as_str(), read.items.len(), read.amount), ("t", 0, None));
}

#[test]
fn forms_are_read_like_json() {
    let form =
        "token=t&flag=Y&at=2026-11-23+14%3A00%3A00&kind=COIN&company=1&items=x&unknown=1&text=%EA%B0%80&amount=2000";
    let claim = rt::claim_from_form::<PayReply>(form.as_bytes()).unwrap();
    let reply = claim.unproven();
    assert_eq!((reply.token.as_str(), reply.amount, reply.flag), ("t", Some(2000), Some(true)));
    assert_eq!(reply.at.map(|at| at.to_string()).as_deref(), Some("2026-11-23 14:00:00"));
    assert_eq!(reply.kind.as_ref().map(Kind::as_str), Some("COIN"));
    assert_eq!((reply.company.clone(), reply.items.len(), reply.text.as_deref()), (Some(Company::One), 0, Some("가")));
}

fn inline(body: &str) -> Result<Decoded<PayReply>, Undecodable> {
    decode(body.as_bytes(), 200, &support::ENVELOPE)
}

fn failure(body: &str) -> (bool, Option<String>, Option<String>) {
    match inline(body) {
        Ok(Decoded::Failure { documented, codes, message, .. }) => (documented, codes.into_iter().next(), message),
        other => panic!("no failure: {other:?}"),
    }
}

#[test]
fn the_success_member_decides_about_success() {
    for body in [
        r#"{"code":0,"amount":1000}"#,
        r#"{"amount":1000,"code":"0"}"#,
        r#"{"amount":1000,"msg":null,"errorCode":"","code":0,"status":[200]}"#,
        "\u{feff} {\"code\":0,\"amount\":1000}\n",
    ] {
        match inline(body) {
            Ok(Decoded::Success(reply)) => assert_eq!(reply.amount, Some(1000), "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn any_other_value_is_not_a_success() {
    assert_eq!(
        failure(r#"{"code":-1,"errorCode":"BUSY","msg":"later"}"#),
        (true, Some("BUSY".into()), Some("later".into()))
    );
    assert_eq!(failure(r#"{"msg":null,"code":"-1","errorCode":7}"#), (true, Some("7".into()), None));
    for value in [
        "1",
        "-2",
        r#""OK""#,
        "true",
        "false",
        "0.0",
        "-0",
        "0.5",
        r#""""#,
        r#"" 0""#,
        r#""00x""#,
        "1e400",
        "18446744073709551615",
    ] {
        let body = format!(r#"{{"code":{value},"amount":1}}"#);
        match inline(&body) {
            Ok(Decoded::Failure { documented: false, .. }) => {}
            // This number is out of range, so the body cannot be read.
            Err(Undecodable::NotJson { .. }) if value == "1e400" => {}
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn a_reply_without_the_success_member_is_unreadable() {
    for body in [
        "{}",
        r#"{"code":null}"#,
        r#"{"amount":1000}"#,
        r#"{"Code":0}"#,
        r#"{"item":{"code":0}}"#,
        r#"{"code":{"code":0}}"#,
        r#"{"code":[0]}"#,
    ] {
        assert_eq!(inline(body).expect_err(body), Undecodable::NoSuccessMember("code"), "{body}");
    }
}

#[test]
fn a_member_of_the_envelope_with_two_values_is_unreadable() {
    for (body, name) in [
        (r#"{"code":0,"code":-1}"#, "code"),
        (r#"{"code":-1,"code":0}"#, "code"),
        (r#"{"code":0,"code":"0"}"#, "code"),
        (r#"{"code":0,"code":null}"#, "code"),
        (r#"{"code":-1,"errorCode":"A","errorCode":"B"}"#, "errorCode"),
        (r#"{"code":0,"msg":"a","msg":{"b":[1]}}"#, "msg"),
    ] {
        assert_eq!(inline(body).expect_err(body), Undecodable::ContradictoryMember(name.into()), "{body}");
    }
    for body in [r#"{"code":0,"code":0}"#, r#"{"code":0,"msg":"a","code":0,"msg":"\u0061"}"#] {
        assert!(matches!(inline(body), Ok(Decoded::Success(_))), "{body}");
    }
}

#[test]
fn a_success_is_not_lost_to_one_odd_value() {
    for body in [
        &br#"{"code":0,"amount":1000,"text":"half \ud83d of it","other":"\ude00"}"#[..],
        b"{\"code\":0,\"text\":\"\xbd\xc5\xc7\xd1\",\"amount\":1000}",
        b"{\"code\":0,\"text\":\"two\nlines\",\"amount\":1000}",
        br#"{"code":0,"text":"x","amount":1000,"other":1e999}"#,
    ] {
        match decode::<PayReply>(body, 200, &support::ENVELOPE) {
            Ok(Decoded::Success(reply)) => assert_eq!(reply.amount, Some(1000)),
            other => panic!("{}: {other:?}", String::from_utf8_lossy(body)),
        }
    }
    match inline(r#"{"code":0,"amount":1e999}"#) {
        Ok(Decoded::Success(reply)) => assert_eq!(reply.amount, None),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reply_that_is_not_json_is_unreadable() {
    for body in [
        &b""[..],
        b" ",
        b"<html>canary</html>",
        br#"{"code":0,"amount":1"#,
        br#"{"code":0,"text":"can"#,
        br#"{"code":0}canary"#,
        br#"{"code":0}{"code":0}"#,
        br#"{"code":0,"canary":tru}"#,
        br#"{"code":0,}"#,
        b"code=0&amount=1",
    ] {
        let error = decode::<PayReply>(body, 200, &support::ENVELOPE).expect_err("no JSON");
        assert!(matches!(error, Undecodable::NotJson { .. }), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary") && !shown.contains("can"), "{shown}");
    }
    for body in ["[]", "0", "null", r#""x""#, r#"[{"code":0}]"#] {
        assert_eq!(inline(body).expect_err(body), Undecodable::NotAnObject, "{body}");
    }
    assert_eq!(
        decode::<PayReply>(b"{\"a\":1,\n\"b\":\"\xff\"", 200, &support::ENVELOPE).expect_err("not UTF-8").to_string(),
        "the reply is not UTF-8 (line 2, column 6)"
    );
    assert_eq!(
        inline(r#"{"code":0"#).expect_err("cut").to_string(),
        "the reply ends before its JSON does (line 1, column 9)"
    );
}

#[test]
fn a_success_without_a_mandatory_member_is_unreadable() {
    let strict = |body: &str| decode::<StrictReply>(body.as_bytes(), 200, &support::ENVELOPE);
    assert!(matches!(strict(r#"{"code":0,"token":"t"}"#), Ok(Decoded::Success(_))));
    for body in [r#"{"code":0}"#, r#"{"code":0,"token":null}"#, r#"{"code":0,"token":""}"#, r#"{"code":0,"token":[]}"#]
    {
        assert_eq!(strict(body).expect_err(body), Undecodable::MissingMember("token"));
    }
    assert!(matches!(strict(r#"{"code":-1}"#), Ok(Decoded::Failure { .. })));
}

const NESTED: rt::Envelope = rt::Envelope {
    success: rt::SuccessRule::Member { path: &["meta", "ok"], values: &["true"] },
    failure: rt::FailureRule::Values(&["false"]),
    code: &["meta", "error", "code"],
    message: &["meta", "error", "text"],
    integer_codes: false,
    payload: Payload::Member(&["data", "result"]),
    errors: &[],
};

#[test]
fn the_envelope_may_be_nested_and_its_members_may_have_any_order() {
    let nested = |body: &str| decode::<PayReply>(body.as_bytes(), 200, &NESTED);
    for body in [
        r#"{"meta":{"ok":true},"data":{"x":1,"result":{"amount":5}}}"#,
        r#"{"data":{"result":{"amount":"5","code":-1}},"amount":6,"meta":{"x":[],"ok":"TRUE","error":null}}"#,
    ] {
        match nested(body) {
            Ok(Decoded::Success(reply)) => assert_eq!(reply.amount, Some(5), "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    match nested(r#"{"meta":{"ok":false,"error":{"text":"no","code":"E"}},"data":null}"#) {
        Ok(Decoded::Failure { documented: true, codes, message: Some(message), .. }) => {
            assert_eq!((codes.concat().as_str(), message.as_str()), ("E", "no"));
        }
        other => panic!("{other:?}"),
    }
    for body in [r#"{"ok":true}"#, r#"{"meta":true}"#, r#"{"meta":[{"ok":true}]}"#, r#"{"meta":{"ok":{}}}"#] {
        assert_eq!(nested(body).expect_err(body), Undecodable::NoSuccessMember("ok"));
    }
    for (body, name) in [
        (r#"{"meta":{"ok":true},"meta":{"ok":false}}"#, "meta"),
        (r#"{"meta":{"ok":true,"ok":false}}"#, "ok"),
        (r#"{"meta":{"ok":true},"data":{"result":{},"result":{"amount":1}}}"#, "result"),
    ] {
        assert_eq!(nested(body).expect_err(body), Undecodable::ContradictoryMember(name.into()));
    }
}

#[test]
fn a_payload_may_be_a_list() {
    let member = rt::Envelope { payload: Payload::Member(&["result"]), ..support::ENVELOPE };
    for (body, count) in [
        (r#"{"code":0,"result":[{"amount":1},{"amount":2}]}"#, 2),
        (r#"{"code":0,"result":{"items":[{}]}}"#, 1),
        (r#"{"code":0,"result":{"items":{"amount":1}}}"#, 1),
        (r#"{"code":0,"result":[]}"#, 0),
    ] {
        match decode::<PayReply>(body.as_bytes(), 200, &member) {
            Ok(Decoded::Success(reply)) => assert_eq!(reply.items.len(), count, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn an_absent_payload_is_an_error() {
    let member = rt::Envelope { payload: Payload::Member(&["result"]), ..support::ENVELOPE };
    let bodies = [r#"{"code":0,"result":null}"#, r#"{"code":0,"result":"x"}"#, r#"{"code":0}"#];
    for body in bodies {
        let read = decode::<PayReply>(body.as_bytes(), 200, &member);
        assert!(matches!(read, Err(Undecodable::MissingMember("result"))), "{body}: {read:?}");
    }
    // The payload is a list instead of an object.
    let read = decode::<Item>(br#"{"code":0,"result":[{"amount":1}]}"#, 200, &member);
    assert!(matches!(read, Err(Undecodable::MissingMember("result"))), "{read:?}");
    assert_eq!(rt::Object::slot(&Item::default(), "[]"), None);
}

#[test]
fn one_member_may_be_both_the_sign_of_success_and_the_error_code() {
    let both = rt::Envelope { code: &["code"], failure: rt::FailureRule::Values(&[]), ..support::ENVELOPE };
    match decode::<PayReply>(br#"{"code":"E1","msg":"no"}"#, 200, &both) {
        Ok(Decoded::Failure { documented: false, codes, .. }) => assert_eq!(codes, ["E1"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_are_written_as_they_were_read() {
    let mut item = Item::default();
    (item.name, item.amount) = (Some("가".into()), Some(5));
    assert_eq!(serde_json::to_string(&item).expect("JSON"), r#"{"name":"가","amount":5}"#);
    assert_eq!(serde_json::to_string(&Item::default()).expect("JSON"), "{}");
    assert_eq!(serde_json::to_string(&(Kind::Card, Company::One)).expect("JSON"), r#"["CARD",1]"#);
}

#[test]
fn a_deep_body_is_refused_and_nothing_breaks() {
    let deep = format!(r#"{{"code":0,"any":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(inline(&deep).is_err());
    let ignored = format!(r#"{{"code":0,"other":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let _ = inline(&ignored);
}

/// Returns the code of a documented failure, or `None` for any other result.
fn refused<T>(read: Result<Decoded<T>, Undecodable>) -> Option<String> {
    match read {
        Ok(Decoded::Failure { documented: true, codes, .. }) => codes.into_iter().next(),
        _ => None,
    }
}

const BY_STATUS: rt::Envelope = rt::Envelope {
    success: rt::SuccessRule::Status { from: 200, to: 299 },
    failure: rt::FailureRule::Coded,
    errors: &[rt::ErrorShape { from: 401, to: 401, code: &["error"], message: &["error_description"] }],
    ..support::ENVELOPE
};

#[test]
fn the_status_alone_may_show_success() {
    let read = |status, body: &str| decode::<Item>(body.as_bytes(), status, &BY_STATUS);
    assert!(matches!(read(200, r#"{"amount":5}"#), Ok(Decoded::Success(reply)) if reply.amount == Some(5)));
    assert_eq!(refused(read(400, r#"{"errorCode":-780,"msg":"no"}"#)).as_deref(), Some("-780"));
    assert_eq!(refused(read(401, r#"{"error":"invalid_token"}"#)).as_deref(), Some("invalid_token"));
    // The body of a gateway is not a documented failure.
    for body in [r#"{"amount":5}"#, r#"{"error":"x"}"#, "[]"] {
        let read = read(404, body);
        assert_eq!(refused(read.clone()), None, "{read:?}");
        assert!(!matches!(read, Ok(Decoded::Success(_))), "{read:?}");
    }
    for body in ["", "<html>", "null", "{"] {
        assert!(read(200, body).is_err(), "{body}");
    }
}

#[test]
fn a_whole_reply_may_be_a_list_and_an_object_is_not_an_empty_one() {
    let read = |body: &str| decode::<PayReply>(body.as_bytes(), 200, &BY_STATUS);
    assert!(matches!(read(r#"[{"amount":1},{"amount":2}]"#), Ok(Decoded::Success(reply)) if reply.items.len() == 2));
    assert!(matches!(read("[]"), Ok(Decoded::Success(reply)) if reply.items.is_empty()));
    assert!(matches!(read("{}"), Err(Undecodable::MissingMember(_))));
}

#[test]
fn the_presence_of_a_member_may_show_success() {
    let present = rt::Envelope {
        success: rt::SuccessRule::Present(&["token"]),
        failure: rt::FailureRule::Coded,
        ..support::ENVELOPE
    };
    let read = |body: &str| decode::<PayReply>(body.as_bytes(), 200, &present);
    assert!(matches!(read(r#"{"token":"t","amount":5}"#), Ok(Decoded::Success(_))));
    for body in [r#"{"amount":5}"#, r#"{"token":null}"#, r#"{"token":""}"#] {
        assert!(matches!(read(body), Ok(Decoded::Failure { documented: false, .. })), "{body}");
    }
    assert_eq!(refused(read(r#"{"errorCode":"E1","msg":"no"}"#)).as_deref(), Some("E1"));
}

#[test]
fn one_of_several_values_may_mean_success_and_every_other_one_failure() {
    let several = rt::Envelope {
        success: rt::SuccessRule::Member { path: &["code"], values: &["0", "0000"] },
        failure: rt::FailureRule::Other,
        code: &["code"],
        ..support::ENVELOPE
    };
    let read = |body: &str| decode::<PayReply>(body.as_bytes(), 200, &several);
    for body in [r#"{"code":0}"#, r#"{"code":"0000"}"#, r#"{"code":"0"}"#] {
        assert!(matches!(read(body), Ok(Decoded::Success(_))), "{body}");
    }
    assert_eq!(refused(read(r#"{"code":"2013","msg":"done"}"#)).as_deref(), Some("2013"));
    assert!(read(r#"{"code":null}"#).is_err());
}

/// A payload whose members have the names of envelope members.
#[derive(Debug, Default)]
struct Shared {
    worth: Option<rt::Decimal>,
    amount: Option<i64>,
    note: Option<String>,
}

impl rt::Object for Shared {
    fn slot(&self, name: &str) -> Option<u16> {
        ["worth", "amount", "note"].iter().position(|own| *own == name).map(|n| n as u16)
    }

    fn fill(&mut self, slot: u16, from: &mut dyn rt::Source) {
        match slot {
            0 => rt::fill(&mut self.worth, from),
            1 => rt::fill(&mut self.amount, from),
            _ => rt::fill(&mut self.note, from),
        }
    }
}

fn read_shared(member: &'static [&'static str], body: &str) -> Result<Decoded<Shared>, Undecodable> {
    let envelope = rt::Envelope {
        success: rt::SuccessRule::Present(member),
        failure: rt::FailureRule::Coded,
        ..support::ENVELOPE
    };
    decode(body.as_bytes(), 200, &envelope)
}

#[test]
fn a_number_with_the_name_of_an_envelope_member_keeps_its_digits() {
    for number in ["10", "10.50", "123456789012345.678", "0.123456789012345678", "1e20", "9007199254740993"] {
        let expected = rt::Decimal::parse(number).expect("a number");
        for body in [format!(r#"{{"worth":{number}}}"#), format!(r#"{{"worth":"{number}"}}"#)] {
            match read_shared(&["worth"], &body) {
                Ok(Decoded::Success(reply)) => assert_eq!(reply.worth, Some(expected), "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_number_with_the_name_of_an_envelope_member_that_would_lose_digits_is_an_error() {
    for body in [r#"{"amount":10.5}"#, r#"{"amount":1e30}"#, r#"{"amount":"10.5"}"#] {
        let read = read_shared(&["amount"], body);
        assert!(matches!(read, Err(Undecodable::Inexact { .. })), "{body}: {read:?}");
    }
    let long = format!(r#"{{"worth":0.{}}}"#, "1".repeat(60));
    let read = read_shared(&["worth"], &long);
    assert!(matches!(read, Err(Undecodable::Inexact { .. })), "{read:?}");
    let read = read_shared(&["amount"], r#"{"amount":1000.0}"#);
    assert!(matches!(&read, Ok(Decoded::Success(reply)) if reply.amount == Some(1000)), "{read:?}");
    let read = read_shared(&["note"], r#"{"note":"n"}"#);
    assert!(matches!(&read, Ok(Decoded::Success(reply)) if reply.note.as_deref() == Some("n")), "{read:?}");
}

/// A union of one case.
#[derive(Debug)]
enum Choice {
    Item(Item),
    Unknown(rt::UnknownCase),
}

impl rt::Union for Choice {
    const BY: &'static str = "kind";

    fn begin(value: &str) -> Option<Self> {
        (value == "ITEM").then(|| Self::Item(Item::default()))
    }

    fn object(&mut self) -> Option<&mut dyn rt::Object> {
        match self {
            Self::Item(item) => Some(item),
            Self::Unknown(_) => None,
        }
    }

    fn unknown(case: rt::UnknownCase) -> Self {
        Self::Unknown(case)
    }
}

rt::impl_union!(Choice);

/// A payload with a union.
#[derive(Debug, Default)]
struct Chosen(Option<Choice>);

impl rt::Object for Chosen {
    fn slot(&self, name: &str) -> Option<u16> {
        (name == "choice").then_some(0)
    }

    fn fill(&mut self, _: u16, from: &mut dyn rt::Source) {
        rt::fill(&mut self.0, from);
    }
}

#[test]
fn a_member_of_a_union_must_not_have_two_values() {
    let read = |choice: &str| {
        let body = format!(r#"{{"code":0,"choice":{choice}}}"#);
        decode::<Chosen>(body.as_bytes(), 200, &support::ENVELOPE)
    };
    for equal in [
        r#"{"kind":"ITEM","amount":5}"#,
        r#"{"kind":"ITEM","amount":5,"amount":5.0}"#,
        r#"{"kind":"ITEM","amount":5,"kind":"ITEM"}"#,
        r#"{"kind":"ITEM","amount":5,"x":1,"x":2}"#,
    ] {
        match read(equal) {
            Ok(Decoded::Success(Chosen(Some(Choice::Item(item))))) => assert_eq!(item.amount, Some(5), "{equal}"),
            other => panic!("{equal}: {other:?}"),
        }
    }
    for (odd, name) in [
        (r#"{"kind":"ITEM","amount":5,"amount":6}"#, "amount"),
        (r#"{"amount":5,"amount":6,"kind":"ITEM"}"#, "amount"),
        (r#"{"kind":"ITEM","kind":"ITEM","amount":5,"amount":6}"#, "amount"),
        (r#"{"kind":"ITEM","kind":"OTHER","amount":5}"#, "kind"),
        (r#"{"kind":"OTHER","amount":5,"kind":"ITEM"}"#, "kind"),
    ] {
        match read(odd) {
            Err(Undecodable::ContradictoryMember(found)) => assert_eq!(found, name, "{odd}"),
            other => panic!("{odd}: {other:?}"),
        }
    }
    let read_too_large = read(r#"{"kind":1e999,"kind":"ITEM","amount":5}"#);
    assert!(read_too_large.is_err(), "{read_too_large:?}");
    // The spec does not have the members of an unknown case.
    match read(r#"{"kind":"OTHER","amount":5,"amount":6}"#) {
        Ok(Decoded::Success(Chosen(Some(Choice::Unknown(case))))) => assert_eq!(case.case(), Some("OTHER")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_keeps_its_digits_in_a_reply_that_repeats_a_member() {
    for number in ["10.50", "123456789012345.678", "0.123456789012345678", "123456789012345678901234567890", "1e20"] {
        let expected = rt::Decimal::parse(number).expect("a number");
        for body in [
            format!(r#"{{"worth":{number},"note":"-1\"2","note":"-1\"2"}}"#),
            format!(r#"{{"note":[0.1,{{"a":[2]}}],"worth":{number},"amount":5,"worth":{number}}}"#),
            format!(r#"{{"note":1,"note":1.0,"worth":"{number}","worth":"{number}"}}"#),
        ] {
            match read_shared(&["worth"], &body) {
                Ok(Decoded::Success(reply)) => assert_eq!(reply.worth, Some(expected), "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}

#[test]
fn numbers_that_differ_after_the_seventeenth_digit_contradict_each_other() {
    for (first, second) in [
        ("0.12345678901234567", "0.12345678901234568"),
        ("123456789012345.671", "123456789012345.672"),
        ("123456789012345678901234567891", "123456789012345678901234567892"),
    ] {
        for body in [
            format!(r#"{{"worth":{first},"worth":{second}}}"#),
            format!(r#"{{"amount":1,"amount":1,"worth":{first},"worth":{second}}}"#),
        ] {
            for member in [&["worth"], &["amount"]] {
                let read = read_shared(member, &body);
                assert!(
                    matches!(&read, Err(Undecodable::ContradictoryMember(name)) if name == "worth"),
                    "{body}: {read:?}"
                );
            }
        }
    }
}
