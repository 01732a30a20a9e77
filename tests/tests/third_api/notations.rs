//! Tests of values whose notation the spec defines, such as times, decimals and joined lists. The generated server
//! reads the values that the generated client writes, and debug output never shows sensitive values.

use parcel_sdk::parcel::*;
use parcel_sdk::runtime::__private as rt;
use std::collections::BTreeMap;
use std::time::SystemTime;

const PIN: &str = "7261";

pub(crate) fn request() -> DeclareGoods {
    DeclareGoods::builder()
        .state(LabelState::Printed)
        .marks(["a", "b c"])
        .currency("EUR")
        .worth(rt::Decimal::parse("20000.50").expect("a number"))
        .rate(rt::Decimal::parse("0.0250").expect("a number"))
        .sender("마켓하늘")
        .freight(None)
        .shipped_at("2030-03-03T12:00:00+09:00".parse::<rt::OffsetDateTime>().expect("a time"))
        .made_on("2029-12-31".parse::<rt::CalendarDate>().expect("a day"))
        .arrives_at("20300303235959".parse::<GateTime>().expect("a time"))
        .holds_until("20310101".parse::<PlainDay>().expect("a day"))
        .seen_at(rt::OffsetDateTime::from_unix_seconds(1_898_740_800).expect("a time"))
        .codes([6911, 6912])
        .remarks(BTreeMap::from([("ko".to_owned(), "컵".to_owned())]))
        .parts(BTreeMap::from([("A1".to_owned(), Piece::builder().grams(800).content("cups").build().expect("a box"))]))
        .grid([vec![1, 2], vec![3]])
        .cover(Insured::builder().policy_no("P-canary").build().expect("a contract"))
        .covers([Cover::from(Deposited::builder().amount(5000).build().expect("a deposit"))])
        .owners(BTreeMap::from([("canary".to_owned(), vec![ContractNo::from("C-canary")])]))
        .build()
        .expect("the request is valid")
}

fn written(request: &DeclareGoods) -> (String, String, Vec<u8>) {
    let credentials = ["token".into(), PIN.into()];
    let path = rt::encode_path(<DeclareGoods as rt::Request>::OPERATION, request, &credentials);
    let mut query = rt::Query::default();
    rt::Request::query(request, &mut query);
    (path, query.as_str().to_owned(), rt::encode_body(request, &credentials).expect("it can be written"))
}

#[test]
fn the_service_reads_the_values_that_the_client_writes() {
    let sent = request();
    let (path, query, body) = written(&sent);
    assert_eq!(path, "/v7/depots/7261/declarations/PRINTED");
    assert_eq!(query, "marks=a%2Cb+c&lane=customs", "the fixed value must be sent");
    let text = String::from_utf8(body.clone()).expect("JSON");
    for member in [
        r#""worth":20000.50"#,
        r#""rate":"0.0250""#,
        r#""codes":"6911|6912""#,
        r#""form":7"#,
        r#""seenAt":1898740800"#,
        r#""cover":{"policyNo":"P-canary","kind":"INSURED"}"#,
    ] {
        assert!(text.contains(member), "{member} is not in {text}");
    }
    let headers = [("Content-Type", "application/json"), ("X-Api-Version", "7"), ("Authorization", "Bearer token")];
    let incoming =
        rt::Incoming { method: "POST", path: &path, query: &query, headers: &headers, body: &body, now: None };
    let routed = rt::route(&API, &incoming).expect("the operation is found");
    assert_eq!(routed.read::<DeclareGoods>().expect("it can be read"), sent);
    assert!(routed.caller.is_signed_by(&["token", PIN]));
}

#[test]
fn a_stored_request_is_read_again_without_loss() {
    let sent = request();
    let stored = rt::store(&sent, &(), SystemTime::UNIX_EPOCH).expect("it can be stored");
    let (read, ()) = rt::read_stored::<DeclareGoods>(&stored, SystemTime::UNIX_EPOCH).expect("it can be read");
    assert_eq!(read, sent);
    // The notation of a decimal stays too, because the service may compare it as text.
    assert_eq!(written(&read), written(&sent));
}

#[test]
fn the_server_rejects_values_that_are_not_in_their_notation() {
    let (path, query, body) = written(&request());
    let body = String::from_utf8(body).expect("JSON");
    for (body, at) in [
        (body.replace("20300303235959", "2030-03-03"), "arrivesAt"),
        (body.replace("20000.50", "20000.505"), "worth"),
        (body.replace("+09:00", ""), "shippedAt"),
        (body.replace("6911|6912", "6911|cups"), "codes[1]"),
    ] {
        let headers = [("Content-Type", "application/json"), ("X-Api-Version", "7")];
        let body = body.as_bytes();
        let incoming = rt::Incoming { method: "POST", path: &path, query: &query, headers: &headers, body, now: None };
        let why = rt::route(&API, &incoming).expect("the operation is found").read::<DeclareGoods>();
        let rt::Malformed::Invalid(violations) = why.expect_err(at) else { panic!("{at} must be a broken rule") };
        assert_eq!(violations.iter().map(|of| of.path()).collect::<Vec<_>>(), [at]);
    }
}

#[test]
fn a_request_that_could_not_be_read_again_is_not_sent() {
    let broken = |request: Result<DeclareGoods, rt::Violations>| {
        request.expect_err("a rule is broken").iter().map(|of| of.path().to_owned()).collect::<Vec<_>>()
    };
    let builder = || {
        DeclareGoods::builder()
            .state(LabelState::Printed)
            .currency("JPY")
            .gift(true)
            .shipped_at(rt::OffsetDateTime::now())
            .arrives_at(rt::OffsetDateTime::now())
            .codes([1])
            .remarks(BTreeMap::new())
            .cover(Deposited::builder().amount(1).build().expect("a deposit"))
    };
    let half_a_yen = rt::Decimal::parse("0.5").expect("a number");
    assert_eq!(broken(builder().worth(half_a_yen).build()), ["worth"]);
    assert_eq!(broken(builder().worth(0).build()), ["worth"], "the value must be more than 0");
    let too_fine = rt::Decimal::parse("0.5555").expect("a number");
    assert_eq!(
        broken(builder().worth(too_fine).build()),
        ["worth"],
        "a number that breaks the limits of its currency and its field must be reported as one violation"
    );
    assert_eq!(broken(builder().worth(1).marks(["a,b"]).build()), ["marks[0]"]);
    assert_eq!(broken(builder().worth(1).sender("가나다라마바사").build()), ["sender"]);
    assert_eq!(broken(builder().worth(1).sender("컵☕").build()), ["sender"]);
    assert!(builder().worth(1).sender("가나다라마바").build().is_ok(), "twelve bytes");
}

#[test]
fn a_condition_on_an_assumed_value_is_true_for_an_absent_field() {
    let builder = || {
        DeclareGoods::builder()
            .state(LabelState::Printed)
            .currency("EUR")
            .worth(1)
            .shipped_at(rt::OffsetDateTime::now())
            .arrives_at(rt::OffsetDateTime::now())
            .codes([1])
            .remarks(BTreeMap::new())
            .cover(Deposited::builder().amount(1).build().expect("a deposit"))
    };
    for request in [builder(), builder().gift(false)] {
        let broken = request.build().expect_err("the sender is missing");
        assert_eq!(broken.iter().map(|of| of.path()).collect::<Vec<_>>(), ["sender"]);
    }
    assert!(builder().gift(true).build().is_ok() && builder().sender("마켓하늘").build().is_ok());
}

#[test]
fn a_decision_of_an_unknown_kind_is_kept_with_its_members() -> Result<(), Error> {
    let body = r#"{"meta":{"ok":true},"data":{"declarationNo":"D-1","currency":"EUR","worth":20000.50,"duty":5001,
        "decision":{"until":"20300401","verdict":"HELD","officer":"canary"},
        "earlier":[{"verdict":"FREE","stamp":"S-1"},{"verdict":"LOST","ship":"canary"},{"ship":"canary"}],
        "remarks":{"ko":"컵"},"grid":[[1],[]]}}"#;
    let reply = DeclareGoodsReply::from_body(200, body.as_bytes())?;
    let Some(Decision::Held(held)) = &reply.decision else { panic!("{:?}", reply.decision) };
    assert_eq!(held.until.map(|day| day.to_string()).as_deref(), Some("20300401"));
    assert!(matches!(&reply.earlier[0], Decision::Free(free) if free.stamp.as_deref() == Some("S-1")));
    let Decision::Unknown(lost) = &reply.earlier[1] else { panic!("expected `Unknown`") };
    assert_eq!((lost.case(), lost.json()), (Some("LOST"), r#"{"verdict":"LOST","ship":"canary"}"#));
    assert!(matches!(&reply.earlier[2], Decision::Unknown(none) if none.case().is_none()));
    assert_eq!(reply.duty_money().map(|money| money.to_string()).as_deref(), Some("50.01 EUR"));
    assert_eq!(reply.worth_money().and_then(|money| money.minor_units()), Some(2_000_050));
    assert_eq!(reply.grid, [vec![1], vec![]]);
    for shown in [format!("{reply:?}"), format!("{reply:#?}"), format!("{:?}", request())] {
        assert!(!shown.contains("canary"), "{shown}");
    }
    Ok(())
}

#[test]
fn a_case_that_is_named_twice_with_different_values_makes_the_reply_unknown() {
    let read = |decision: &str| {
        let body = format!(r#"{{"meta":{{"ok":true}},"data":{{"decision":{decision}}}}}"#);
        DeclareGoodsReply::from_body(200, body.as_bytes())
    };
    for odd in [r#"{"verdict":"HELD","verdict":"FREE"}"#, r#"{"verdict":"LOST","stamp":"S-1","verdict":"FREE"}"#] {
        let error = read(odd).expect_err(odd);
        assert_eq!(error.outcome(), rt::Outcome::Unknown, "{odd}");
        assert!(error.to_string().contains("verdict"), "{error}");
    }
    let equal = read(r#"{"verdict":"FREE","stamp":"S-1","verdict":"FREE"}"#).expect("both are equal");
    assert!(matches!(&equal.decision, Some(Decision::Free(free)) if free.stamp.as_deref() == Some("S-1")));
}

#[test]
fn a_number_that_would_lose_digits_makes_the_reply_unknown() {
    for odd in [
        r#""duty":50.5"#,
        r#""worth":1e99"#,
        r#""grid":[[1.5]]"#,
        r#""decision":{"verdict":"HELD","officer":123456789012345678901234567890}"#,
    ] {
        let body = format!(r#"{{"meta":{{"ok":true}},"data":{{{odd}}}}}"#);
        let error = DeclareGoodsReply::from_body(200, body.as_bytes()).expect_err(odd);
        assert_eq!(error.outcome(), rt::Outcome::Unknown, "{odd}");
        assert!(error.is_decode() && error.to_string().contains("kept exactly"), "{error}");
    }
}

#[test]
fn each_kind_of_a_sent_object_is_checked_and_read_as_that_kind() {
    let (path, query, body) = written(&request());
    let headers = [("Content-Type", "application/json"), ("X-Api-Version", "7"), ("Authorization", "Bearer token")];
    let read = |body: &str| {
        let body = body.as_bytes();
        let incoming = rt::Incoming { method: "POST", path: &path, query: &query, headers: &headers, body, now: None };
        rt::route(&API, &incoming)
            .expect("the operation is found")
            .read::<DeclareGoods>()
            .map_err(|why| format!("{why:?}"))
    };
    let body = String::from_utf8(body).expect("JSON");
    let of_kind = |kind: &str| read(&body.replace(r#""kind":"INSURED""#, kind));
    assert!(matches!(read(&body).expect("it is sound").cover(), Some(Cover::Insured(_))));
    for kind in [r#""kind":"STOLEN""#, r#""kind":null"#, r#""sort":"INSURED""#] {
        let refused = of_kind(kind).expect_err(kind);
        assert!(refused.contains("cover") && refused.contains("INSURED or DEPOSITED"), "{refused}");
        assert!(!refused.contains("canary"), "{refused}");
    }
    let wrong = of_kind(r#""kind":"DEPOSITED""#).expect_err("a deposit has an amount");
    assert!(wrong.contains("cover.amount"), "{wrong}");
    let shown = format!("{:?}", request());
    assert!(shown.contains("Insured") && !shown.contains("canary"), "{shown}");

    let reply = r#"{"meta":{"ok":true},"data":{"cover":{"kind":"DEPOSITED","amount":5000}}}"#;
    let reply = DeclareGoodsReply::from_body(200, reply.as_bytes()).expect("a success");
    assert!(matches!(&reply.cover, Some(CoverReply::Deposited(of)) if of.amount == Some(5000)));
}
