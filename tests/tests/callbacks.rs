//! Tests of callbacks and of the purchaser's return. These messages are decoded leniently, because the content of a
//! callback must not be lost. A callback with a hash is accepted only if the hash is right.

use toss_sdk::onboarding::CivilDateTime;
use toss_sdk::onboarding::{CardAuditCallback, Credentials, RegistrationCallback, ShopId};
use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::{CardCompany, PayMethod, PayMethodDetails, PayStatus, PurchaserReturn, ResultCallback};

/// Example of the documentation page, without the comment and the last comma, which are not valid JSON.
const V2: &str = r#"{
 "status": "PAY_COMPLETE",
 "payToken": "example-payToken",
 "orderNo": "1",
 "payMethod": "CARD",
 "amount": 3000,
 "discountedAmount": 600,
 "paidAmount": 2300,
 "paidTs": "2020-04-03 14:22:37",
 "transactionId" : "dc3b951a-9781-462e-ab5a-b8a0bea0222a",
 "cardCompanyCode": 3,
 "cardAuthorizationNo": "87654321",
 "spreadOut": 0,
 "noInterest": false,
 "cardMethodType": "CREDIT",
 "cardUserType": "PERSONAL",
 "cardNumber": "654321******1234",
 "cardBinNumber": "654321",
 "cardNum4Print": "1234",
 "salesCheckLinkUrl": "https://pay.toss.im/payfront/web/external/sales-check?payToken=example-payToken&transactionId=2da1ca05-d91d-410f-976d-7a610242da8a"
}"#;
const V1: &str = "status=PAY_SUCCESS&payToken=example-payToken&orderNo=order-20261123-1&payMethod=TOSS_MONEY\
    &amount=10000&discountedAmount=0&paidAmount=10000&paidTs=2026-11-23+10%3A15%3A30\
    &transactionId=6b9c2f0e-1f60-4a55-9e0f-5d2a7c3b8e11&paidPoint=0&metadata=%ED%95%9C%EA%B8%80+%26+more";

fn parsed(body: impl AsRef<[u8]>) -> ResultCallback {
    ResultCallback::parse(body.as_ref()).unwrap().into_unproven()
}

#[test]
fn the_example_of_the_page_is_read() {
    let callback = parsed(V2);
    assert_eq!(callback.status, Some(PayStatus::PayComplete));
    assert_eq!(callback.pay_token.as_ref().unwrap().as_str(), "example-payToken");
    assert_eq!(callback.order_no.as_ref().unwrap().as_str(), "1");
    assert_eq!(
        (callback.amount, callback.discounted_amount, callback.paid_amount),
        (Some(3000), Some(600), Some(2300))
    );
    assert_eq!(callback.paid_ts, KstDateTime::new(2020, 4, 3, 14, 22, 37));
    assert_eq!((callback.paid_point, &callback.metadata), (None, &None));
    let PayMethodDetails::Card(card) = callback.pay_method_details() else { panic!("expected a card") };
    assert_eq!(card.card_company_code, Some(CardCompany::Samsung));
    assert_eq!((card.spread_out, card.no_interest), (Some(0), Some(false)));
    assert!(callback.account.is_empty());
    assert_eq!(callback.raw().body(), V2.as_bytes());
}

#[test]
fn the_first_version_is_a_form_with_another_status() {
    let callback = parsed(V1);
    assert_eq!(callback.status.as_ref().unwrap().as_str(), "PAY_SUCCESS");
    assert!(matches!(callback.status, Some(PayStatus::Unknown(_))), "the undocumented `PAY_SUCCESS` must be `Unknown`");
    assert_eq!(callback.amount, Some(10_000));
    assert_eq!(callback.paid_ts, KstDateTime::new(2026, 11, 23, 10, 15, 30));
    assert_eq!((callback.paid_point, callback.metadata.as_deref()), (Some(0), Some("한글 & more")));
    assert_eq!(callback.pay_method, Some(PayMethod::TossMoney));
    assert!(callback.card.is_empty());
}

#[test]
fn the_encoding_of_a_mislabeled_body_is_detected_by_its_first_character() {
    // The parser for one encoding does not read members in the other encoding.
    assert!(ResultCallback::parse_json(V1.as_bytes()).is_err());
    assert_eq!(ResultCallback::parse_json(V2.as_bytes()).unwrap().unproven().amount, Some(3_000));
    assert_eq!(ResultCallback::parse_form(V1.as_bytes()).unwrap().unproven().amount, Some(10_000));
    let as_form = ResultCallback::parse_form(V2.as_bytes()).unwrap().into_unproven();
    assert_eq!((as_form.amount, as_form.order_no), (None, None));
    // The combined parser distinguishes JSON and forms, also after blanks and a byte order mark.
    for before in ["", "  \r\n", "\u{feff}", "\u{feff} "] {
        assert_eq!(parsed(format!("{before}{V2}")).amount, Some(3_000), "{before:?}");
    }
    assert_eq!(parsed(format!("\n{V1}\n")).amount, Some(10_000));
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_form() {
    assert_eq!(parsed("\u{feff}orderNo=17&amount=1").order_no.unwrap().as_str(), "17");
    assert!(ResultCallback::parse("\u{feff}".as_bytes()).is_err());
}

#[test]
fn undocumented_members_are_kept_and_never_an_error() {
    let callback = parsed(r#"{"orderNo":"1","newMember":{"deep":[1,2,{"x":"y"}]},"":null,"orderno":"2"}"#);
    assert_eq!(callback.order_no.as_ref().unwrap().as_str(), "1");
    assert_eq!(callback.raw().member("newMember.deep.2.x").unwrap(), "y");
    assert_eq!(parsed("orderNo=1&newMember=x&flag&=").order_no.unwrap().as_str(), "1");
}

#[test]
fn a_value_of_another_type_is_converted_or_ignored() {
    let callback = parsed(
        r#"{"orderNo":17,"amount":"3000","discountedAmount":600.0,"paidAmount":[2300],"paidTs":"yesterday",
            "cardCompanyCode":"3","spreadOut":"03","noInterest":"true","status":null,"payMethod":{"x":1}}"#,
    );
    assert_eq!(callback.order_no.as_ref().unwrap().as_str(), "17");
    assert_eq!((callback.amount, callback.discounted_amount, callback.paid_amount), (Some(3000), Some(600), None));
    assert_eq!((callback.paid_ts, &callback.status, &callback.pay_method), (None, &None, &None));
    assert_eq!(callback.card.card_company_code, Some(CardCompany::Samsung));
    assert_eq!((callback.card.spread_out, callback.card.no_interest), (Some(3), Some(true)));
    assert_eq!(callback.raw().member("paidTs").unwrap(), "yesterday");
}

#[test]
fn a_body_that_is_no_object_is_rejected_without_quoting_it() {
    let bodies: [&[u8]; 9] = [
        b"",
        b"   ",
        b"[]",
        b"[{\"orderNo\":\"canary\"}]",
        b"{\"orderNo\":\"canary\"",
        b"{\"orderNo\":\"canary\"} canary",
        b"{\"orderNo\":\"canary\", //canary\n}",
        b"{canary}",
        b"\xff\xfe\x00\x00",
    ];
    for body in bodies {
        let error = ResultCallback::parse(body).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("message") && !shown.contains("canary"), "{body:?}: {shown}");
        assert!(!error.is_not_genuine());
    }
}

#[test]
fn values_that_are_equal_only_after_repair_are_a_contradiction() {
    let contradictory: [&[u8]; 5] = [
        b"{\"orderNo\":\"o-1\",\"metadata\":\"\xb0\xa1\",\"metadata\":\"\xb0\xa2\"}",
        br#"{"orderNo":"o-1","metadata":"\ud83d","metadata":"\ude00"}"#,
        b"{\"metadata\":\"\xff\",\"orderNo\":\"o-1\",\"metadata\":\"\xef\xbf\xbd\"}",
        b"orderNo=o-1&metadata=%B0%A1&metadata=%B0%A2",
        b"orderNo=o-1&metadata=\xb0\xa1&metadata=\xb0\xa2",
    ];
    for body in contradictory {
        let error = ResultCallback::parse(body).unwrap_err().to_string();
        assert!(error.contains("`metadata` more than once, with different values"), "{}: {error}", body.escape_ascii());
    }
    let equal: [&[u8]; 4] = [
        b"{\"orderNo\":\"o-1\",\"metadata\":\"\xb0\xa1\",\"metadata\":\"\xb0\xa1\"}",
        br#"{"orderNo":"o-1","metadata":"\ud83d","metadata":"\uD83D"}"#,
        b"orderNo=o-1&metadata=%B0%A1+&metadata=%b0%a1%20",
        b"orderNo=o-1&metadata=%B0%A1&metadata=\xb0\xa1",
    ];
    for body in equal {
        assert_eq!(parsed(body).order_no.unwrap().as_str(), "o-1", "{}", body.escape_ascii());
    }
}

#[test]
fn the_error_names_the_encoding_or_format_of_an_unreadable_message() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (body, words) in [
        (wide("{\"orderNo\":\"o-1\"}"), "UTF-16"),
        (wide("\u{feff}{\"orderNo\":\"o-1\"}"), "UTF-16"),
        (wide("\u{feff}orderNo=o-1"), "UTF-16"),
        (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "compressed (gzip)"),
        (b"--x\r\ncontent-disposition: form-data; name=\"orderNo\"\r\n\r\no-1\r\n--x--".to_vec(), "a multipart form"),
    ] {
        let error = ResultCallback::parse(&body).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn an_unreadable_text_does_not_make_the_message_unreadable() {
    // The bodies have Korean in EUC-KR, an unpaired surrogate, an unescaped line break, or a number out of range.
    // Replies with such texts are decoded in the same way.
    let bodies: [&[u8]; 9] = [
        b"{\"orderNo\":\"o-1\",\"amount\":3000,\"metadata\":\"\xc4\xda\xc6\xae\"}",
        b"{\"\xc4\xda\":1,\"orderNo\":\"o-1\",\"amount\":3000}",
        br#"{"metadata":"\ud83d","orderNo":"o-1","amount":3000}"#,
        br#"{"metadata":"\ude00\ud83d","orderNo":"o-1","amount":3000}"#,
        b"{\"orderNo\":\"o-1\",\"amount\":3000,\"metadata\":\"two\nlines\"}",
        br#"{"orderNo":"o-1","amount":3000,"paidAmount":1e999}"#,
        b"\xef\xbb\xbf{\"orderNo\":\"o-1\",\"amount\":3000,\"metadata\":\"\xff\"}",
        b"orderNo=o-1&amount=3000&metadata=\xc4\xda\xc6\xae",
        b"orderNo=o-1&amount=3000&metadata=%C4%DA%C6%AE",
    ];
    for body in bodies {
        let claim = ResultCallback::parse(body).unwrap_or_else(|error| panic!("{}: {error}", body.escape_ascii()));
        let read = claim.unproven();
        assert_eq!(read.order_no.as_ref().unwrap().as_str(), "o-1", "{}", body.escape_ascii());
        assert_eq!(read.amount, Some(3000), "{}", body.escape_ascii());
        assert_eq!(read.raw().body(), body, "the received bytes must be kept");
    }
    let text = ResultCallback::parse(bodies[0]).unwrap().into_unproven().metadata.unwrap();
    assert!(text.starts_with('\u{fffd}'), "{text}");
    let back = PurchaserReturn::parse_query("?orderNo=o-1&status=%C4%DA").unwrap().into_unproven();
    assert_eq!(back.order_no.unwrap().as_str(), "o-1");
}

#[test]
fn a_message_with_invalid_structure_is_rejected_with_line_and_column() {
    let error = ResultCallback::parse(b"{\"metadata\":\"\xff\",\n\"orderNo\":\"o-1\"").unwrap_err();
    assert_eq!(error.to_string(), "the message is not UTF-8 (line 1, column 14)");
    let error = ResultCallback::parse(b"{\"orderNo\":\"o-1\",}").unwrap_err();
    assert_eq!(error.to_string(), "the message is not JSON (line 1, column 18)");
}

#[test]
fn a_repeated_member_with_equal_values_is_accepted_in_json_and_forms() {
    for body in [
        r#"{"orderNo":"o-1","amount":3000,"amount":3000}"#,
        r#"{"orderNo":"o-1","amount":3000.0,"amount":3000}"#,
        r#"{"orderNo":"o-1","amount":3e3,"amount" : 3000}"#,
        r#"{"orderNo":"o-1","amount":3000,"orderNo":"\u006f-1"}"#,
        r#"{"orderNo":"o-1","amount":3000,"metadata":null,"metadata":null}"#,
        r#"{"orderNo":"o-1","amount":3000,"metadata":{"a":1,"b":[2]},"metadata":{"b":[2],"a":1}}"#,
        r#"{"orderNo":"o-1","amount":3000,"mine":1,"mine":2}"#,
        r#"{"orderNo":"o-1","amount":3000,"metadata":"\ud83d","metadata":"\uD83D"}"#,
        "orderNo=o-1&amount=3000&amount=3000",
        "orderNo=o-1&amount=3000&orderNo=%6f-1",
    ] {
        let read = parsed(body);
        assert_eq!((read.order_no.unwrap().as_str(), read.amount), ("o-1", Some(3000)), "{body}");
    }
}

#[test]
fn a_repeated_member_with_different_values_is_rejected_with_its_name() {
    for body in [
        r#"{"orderNo":"o-1","amount":3000,"amount":3001}"#,
        r#"{"orderNo":"o-1","amount":3000,"amount":"3000"}"#,
        r#"{"orderNo":"o-1","amount":3000,"amount":null}"#,
        "orderNo=o-1&amount=3000&amount=3001",
        "orderNo=o-1&amount=3000&amount=",
    ] {
        let error = ResultCallback::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "the message has `amount` more than once, with different values", "{body}");
        assert_eq!(error.answer_status(), 400);
    }
}

#[test]
fn contradictory_undocumented_members_are_ignored() {
    for body in [
        r#"{"orderNo":"o-1","amount":3000,"card":{"x":1,"x":2}}"#,
        r#"{"orderNo":"o-1","amount":3000,"amount":3000,"trace":{"a":1,"a":2}}"#,
    ] {
        assert_eq!(parsed(body).amount, Some(3000), "{body}");
    }
}

#[test]
fn a_message_that_is_proven_by_a_hash_is_read_strictly() {
    for body in [
        &b"{\"shopId\":\"shop-1\",\"mid\":\"\xc4\xda\"}"[..],
        br#"{"shopId":"shop-1","mid":"\ud83d"}"#,
        b"{\"shopId\":\"shop-1\",\"mid\":\"a\nb\"}",
    ] {
        let refused = RegistrationCallback::verify(body, SHOP_1, &[own()]).unwrap_err();
        assert!(refused.to_string().contains("is not "), "{}: {refused}", body.escape_ascii());
    }
    for again in ["shop-1", "shop-9"] {
        let body = format!(r#"{{"shopId":"shop-1","shopId":"{again}"}}"#);
        let refused = RegistrationCallback::verify(body.as_bytes(), SHOP_1, &[own()]).unwrap_err();
        assert_eq!(refused.to_string(), "the message has `shopId` more than once");
    }
}

#[test]
fn a_huge_or_deeply_nested_message_causes_no_crash() {
    let huge = format!(r#"{{"filler":"{}","orderNo":"1"}}"#, "x".repeat(5_000_000));
    let many = format!("{}orderNo=1", "a=b&".repeat(200_000));
    for body in [huge, many] {
        assert!(ResultCallback::parse(body.as_bytes()).unwrap_err().is_too_long());
    }
    let long = format!(r#"{{"orderNo":"{}"}}"#, "9".repeat(60_000));
    assert_eq!(parsed(&long).order_no.unwrap().as_str().len(), 60_000, "a long member must be kept");
    let deep = format!(r#"{{"deep":{}"#, "[".repeat(60_000));
    assert!(ResultCallback::parse(deep.as_bytes()).is_err());
}

#[test]
fn the_purchasers_return_may_contain_the_merchants_own_query_parameters() {
    let query = "?orderno=1&status=PAY_APPROVED&orderNo=order-20261123-1&payMethod=CARD&cardCompany=3";
    let claim = PurchaserReturn::parse_query(query).unwrap();
    let back = claim.unproven();
    assert_eq!(back.status, Some(PayStatus::PayApproved));
    assert_eq!(back.order_no.as_ref().unwrap().as_str(), "order-20261123-1");
    assert_eq!((&back.pay_method, back.card_company.as_deref()), (&Some(PayMethod::Card), Some("3")));
    assert_eq!(back.bank_code, None);

    let query = "status=PAY_COMPLETE&orderNo=order%3A1%5E&payMethod=TOSS_MONEY&bankCode=088";
    let back = PurchaserReturn::parse_query(query).unwrap().into_unproven();
    assert_eq!(back.status, Some(PayStatus::PayComplete));
    assert_eq!(back.order_no.unwrap().as_str(), "order:1^");
    assert_eq!(back.bank_code.unwrap().as_str(), "088", "leading zeros must be kept");

    for empty in ["", "?", "cart=7"] {
        assert!(PurchaserReturn::parse_query(empty).is_err(), "{empty:?}");
    }
}

/// Hash of the test credentials on the page and of `shop-1`, computed with another program.
const SHOP_1: &str = "dfca5415b6d56e9f6ad80deab7cb2e23f34295d3588d116bbbb138714b327481";
const REGISTERED: &str = r#"{"shopId":"shop-1","businessRegistrationNumber":"123-45-67890","merchantId":100001,
    "mid":"haneul1a","mertKey":"example-mert-key","apiKey":"example-api-key","clientKey":"example-client-key",
    "feePaidAt":"2021-07-28T20:10:33.298642"}"#;

fn own() -> Credentials {
    Credentials {
        token: "4f18e5c2-de8b-454c-a871-b8f2111134c3".into(),
        secret: "307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b".into(),
    }
}

fn other() -> Credentials {
    Credentials { token: own().token, secret: "another".into() }
}

#[test]
fn a_registration_with_the_right_hash_in_either_case_is_accepted() {
    for hash in [SHOP_1.to_owned(), SHOP_1.to_uppercase()] {
        let claim = RegistrationCallback::verify(REGISTERED.as_bytes(), &hash, &[own()]).unwrap();
        let registered = claim.unproven();
        assert_eq!(registered.shop_id.as_ref().unwrap().as_str(), "shop-1");
        assert_eq!(registered.merchant_id, Some(100_001));
        assert_eq!(registered.mert_key.as_ref().unwrap().as_str(), "example-mert-key");
        assert_eq!(registered.fee_paid_at, CivilDateTime::parse("2021-07-28T20:10:33.298642").ok());
    }
}

#[test]
fn a_registration_with_any_other_hash_is_rejected() {
    let cut = &SHOP_1[..63];
    let long = format!("{SHOP_1}0");
    let last = format!("{cut}0");
    let zeros = "0".repeat(64);
    for hash in ["", cut, &long, &last, &zeros, "dfca", "한글", " ", &format!(" {}", &SHOP_1[1..])] {
        let refused = RegistrationCallback::verify(REGISTERED.as_bytes(), hash, &[own()]).unwrap_err();
        assert!(refused.is_not_genuine(), "{hash}");
    }
    // The hash is valid only for its own shop and its own credentials.
    let body = REGISTERED.replace("shop-1", "shop-9");
    assert!(RegistrationCallback::verify(body.as_bytes(), SHOP_1, &[own()]).unwrap_err().is_not_genuine());
    assert!(RegistrationCallback::verify(REGISTERED.as_bytes(), SHOP_1, &[other()]).unwrap_err().is_not_genuine());
    assert!(RegistrationCallback::verify(REGISTERED.as_bytes(), SHOP_1, &[]).unwrap_err().is_not_genuine());
}

#[test]
fn while_a_secret_is_replaced_both_secrets_are_valid() {
    for credentials in [[own(), other()], [other(), own()], [own(), own()]] {
        assert!(RegistrationCallback::verify(REGISTERED.as_bytes(), SHOP_1, &credentials).is_ok());
    }
    assert!(RegistrationCallback::verify(REGISTERED.as_bytes(), SHOP_1, &[other(), other()]).is_err());
}

#[test]
fn a_registration_without_a_shop_cannot_be_proven() {
    for body in [r#"{"shopId":null}"#, r#"{"shopId":{}}"#, r#"{"mid":"haneul1a"}"#] {
        let refused = RegistrationCallback::verify(body.as_bytes(), SHOP_1, &[own()]).unwrap_err();
        assert!(!refused.is_not_genuine(), "{body}");
        assert!(refused.to_string().contains("`shopId`"), "{refused}");
    }
    for body in ["", "{}", "[]", "shopId=shop-1", r#"{"shopId":"shop-1""#] {
        assert!(RegistrationCallback::verify(body.as_bytes(), SHOP_1, &[own()]).is_err(), "{body}");
    }
}

#[test]
fn a_hash_proves_only_its_own_shop_if_a_message_names_two() {
    // The hash covers only one shop id. Therefore a message with two shop ids must never count as a message about the
    // shop that the hash does not cover.
    for body in [r#"{"shopId":"shop-1","shopId":"shop-9"}"#, r#"{"shopId":"shop-9","shopId":"shop-1"}"#] {
        if let Ok(claim) = RegistrationCallback::verify(body.as_bytes(), SHOP_1, &[own()]) {
            assert_eq!(claim.unproven().shop_id, Some(ShopId::new("shop-1")), "{body}");
        }
    }
}

#[test]
fn a_card_audit_is_accepted_with_any_body_but_only_with_the_right_hash() {
    let shop = ShopId::new("shop-1");
    for body in [&b""[..], b"{}", b"[]", b"not JSON", b"\xff", br#"{"summary":"DONE"}"#] {
        let claim = CardAuditCallback::verify(body, SHOP_1, &shop, &[other(), own()]).unwrap();
        assert_eq!(claim.unproven().raw().body(), body);
        let refused = CardAuditCallback::verify(body, SHOP_1, &ShopId::new("shop-9"), &[own()]).unwrap_err();
        assert!(refused.is_not_genuine());
        assert!(CardAuditCallback::verify(body, "", &shop, &[own()]).unwrap_err().is_not_genuine());
    }
}

#[test]
fn credentials_with_an_empty_part_prove_nothing() {
    // This is SHA-256 of `shop-1` alone, which is the hash if both credentials are empty. No secret is needed to
    // compute this hash.
    let forged = "79326c2c826c3b015f06620651347b9b937294e0d9abb820bc090089a53776f3";
    let empty = Credentials { token: "".into(), secret: "".into() };
    let refused = RegistrationCallback::verify(REGISTERED.as_bytes(), forged, &[empty]).unwrap_err();
    assert!(refused.is_not_genuine());
}
