//! Tests of lenient decoding. An unexpected member of a reply must not hide that a payment was completed.

use toss_sdk::pay::KstDateTime;
use toss_sdk::pay::*;

fn status(members: &str) -> PaymentStatusReply {
    let body = format!(r#"{{"code":0,"payStatus":"PAY_COMPLETE"{members}}}"#);
    PaymentStatusReply::from_body(200, body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn refund(members: &str) -> RefundPaymentReply {
    let body = format!(r#"{{"code":0{members}}}"#);
    RefundPaymentReply::from_body(200, body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

#[test]
fn an_amount_is_read_in_any_notation_and_never_guessed() {
    let cases = [
        ("1000", Some(1_000)),
        ("\"1000\"", Some(1_000)),
        ("\" 1000 \"", Some(1_000)),
        ("1000.0", Some(1_000)),
        ("-1000", Some(-1_000)),
        ("\"-1000\"", Some(-1_000)),
        ("0", Some(0)),
        // This number has more digits than the page documents.
        ("12345678901", Some(12_345_678_901)),
        ("1e3", Some(1_000)),
        ("null", None),
        ("\"\"", None),
        ("\"1,000\"", None),
        ("\"1000원\"", None),
        ("true", None),
        ("[1000]", None),
        ("{\"won\":1000}", None),
    ];
    for (written, amount) in cases {
        let reply = status(&format!(r#","amount":{written},"paidAmount":7"#));
        assert_eq!(reply.amount, amount, "{written}");
        assert_eq!(reply.paid_amount, Some(7), "the members after {written} must be read");
    }
    // A number that an amount cannot represent makes the outcome unknown. It does not count as an absent member.
    for written in ["1000.5", "99999999999999999999", "1e300"] {
        let body = format!(r#"{{"code":0,"payStatus":"PAY_COMPLETE","amount":{written}}}"#);
        let error =
            PaymentStatusReply::from_body(200, body.as_bytes()).expect_err("an amount cannot represent the number");
        assert_eq!(error.outcome(), toss_sdk::runtime::Outcome::Unknown, "{written}: {error}");
    }
}

#[test]
fn booleans_times_and_codes_are_read_in_any_notation() {
    let card = |members: &str| status(&format!(r#","card":{{{members}}}"#)).card;
    for (written, value) in [
        ("true", Some(true)),
        ("false", Some(false)),
        ("\"true\"", Some(true)),
        ("\"FALSE\"", Some(false)),
        ("\"Y\"", Some(true)),
        ("\"N\"", Some(false)),
        ("1", Some(true)),
        ("0", Some(false)),
        ("\"maybe\"", None),
        ("2", None),
        ("null", None),
    ] {
        assert_eq!(card(&format!(r#""noInterest":{written}"#)).no_interest, value, "{written}");
    }
    assert_eq!(card(r#""cardCompanyCode":"4""#).card_company_code, Some(CardCompany::Kookmin));
    assert_eq!(card(r#""cardCompanyCode":4"#).card_company_code.unwrap().label(), Some("국민"));
    assert_eq!(card(r#""cardAuthorizationNo":30019610"#).card_authorization_no.unwrap().as_str(), "30019610");
    let noon = KstDateTime::new(2023, 2, 9, 12, 0, 0);
    for (written, time) in [
        ("2023-02-09 12:00:00", noon),
        ("2023-02-09T12:00:00", noon),
        ("2023-02-09T12:00:00.123", noon),
        ("2023-02-09T03:00:00Z", noon),
        ("2023-02-09T12:00:00+09:00", noon),
        ("2023-02-30 12:00:00", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(status(&format!(r#","paidTs":"{written}""#)).paid_ts, time, "{written}");
    }
}

#[test]
fn nulls_for_the_card_of_a_toss_money_payment_are_absent_members() {
    let reply = status(
        r#","payMethod":"TOSS_MONEY","card":null,"transactions":null,"amountVat":null,
            "accountBankCode":"088","accountBankName":"신한은행","accountNumber":"110******676""#,
    );
    assert!(reply.card.is_empty() && reply.transactions.is_empty());
    assert_eq!(reply.amount_vat, None);
    assert_eq!(reply.account.account_bank_code.as_ref().unwrap().as_str(), "088");

    let nulls = r#"{"code":0,"payMethod":"TOSS_MONEY","cardCompanyCode":null,"cardCompanyName":null,
        "cardAuthorizationNo":null,"spreadOut":null,"noInterest":null,"cardNumber":null,"accountBankCode":"88"}"#;
    let reply = ExecutePaymentReply::from_body(200, nulls.as_bytes()).unwrap();
    assert!(reply.card.is_empty());
    assert_eq!(reply.account.account_bank_code.as_ref().unwrap().as_str(), "88");
}

#[test]
fn a_card_in_a_list_of_one_is_read_like_the_card() {
    let reply = status(r#","payMethod":"CARD","card":[{"cardCompanyCode":5}]"#);
    assert_eq!(reply.card.card_company_code, Some(CardCompany::Lotte));
}

#[test]
fn invalid_entries_of_a_list_are_dropped_and_the_others_kept() {
    let reply = status(
        r#","transactions":[{"stepType":"PAY","transactionAmount":10000},null,7,"x",[],
            {"stepType":"REFUND","transactionAmount":"-4000"},{"stepType":"VOID"}]"#,
    );
    let entry = |entry: &Transaction| (entry.step_type.clone().unwrap().to_string(), entry.transaction_amount);
    let seen: Vec<_> = reply.transactions.iter().map(entry).collect();
    let seen: Vec<_> = seen.iter().map(|(step, amount)| (step.as_str(), *amount)).collect();
    assert_eq!(seen, [("PAY", Some(10_000)), ("REFUND", Some(-4_000)), ("VOID", None)]);
}

#[test]
fn unknown_values_are_kept_unchanged() {
    let reply = status(r#","mode":"SHADOW","payMethod":"CRYPTO","card":{"cardCompanyCode":99,"cardUserType":"ROBOT"}"#);
    assert_eq!(reply.mode.as_ref().unwrap().as_str(), "SHADOW");
    assert_eq!(reply.pay_method.as_ref().unwrap().as_str(), "CRYPTO");
    assert_eq!(reply.pay_method.as_ref().unwrap().to_string(), "CRYPTO");
    assert_eq!(reply.card.card_company_code.as_ref().unwrap().code(), 99);
    assert_eq!(reply.card.card_company_code.as_ref().unwrap().label(), None);
    assert_eq!(reply.card.card_user_type.as_ref().unwrap().as_str(), "ROBOT");
    let body = br#"{"code":0,"payStatus":"pay_complete"}"#;
    let other_case = PaymentStatusReply::from_body(200, body).unwrap().pay_status;
    assert_eq!(other_case.as_str(), "pay_complete");
    assert!(!PayStatus::KNOWN.contains(&other_case), "an undocumented value counts as a documented status");
}

#[test]
fn undocumented_members_are_available_by_name_and_by_path() {
    let reply =
        status(r#","status":200,"result":null,"checkoutAppScheme":"x://y","new":{"list":[{"a":1},{"a":"둘"}]}"#);
    assert_eq!(reply.raw().member("status").unwrap(), 200);
    assert!(reply.raw().member("result").unwrap().is_null());
    assert_eq!(reply.raw().member("checkoutAppScheme").unwrap(), "x://y");
    assert_eq!(reply.raw().member("new.list.1.a").unwrap(), "둘");
    assert_eq!(reply.raw().member("nothing.here"), None);
    assert_eq!(reply.raw().status(), 200);
}

#[test]
fn limits_of_length_do_not_apply_to_replies() {
    let long = "국".repeat(5_000);
    let reply = status(&format!(r#","orderNo":"{long}","payToken":"{long}","card":{{"cardCompanyName":"{long}"}}"#));
    assert_eq!(reply.order_no.unwrap().as_str(), long);
    assert_eq!(reply.pay_token.unwrap().as_str(), long);
    assert_eq!(reply.card.card_company_name.unwrap(), long);
}

#[test]
fn a_status_that_is_missing_is_no_success() {
    for body in [r#"{"code":0}"#, r#"{"code":0,"payStatus":null}"#, r#"{"code":0,"paystatus":"PAY_COMPLETE"}"#] {
        let error = PaymentStatusReply::from_body(200, body.as_bytes()).unwrap_err();
        assert!(error.is_decode() && error.to_string().contains("`payStatus`"), "{body}: {error}");
    }
}

#[test]
fn the_payment_method_can_be_matched() {
    let told = |members: &str| match status(members).pay_method_details() {
        PayMethodDetails::Card(card) => format!("card {:?}", card.spread_out),
        PayMethodDetails::TossMoney(account) => format!("bank {:?}", account.account_bank_name),
        _ => "unknown".to_owned(),
    };
    assert_eq!(told(r#","payMethod":"CARD","card":{"spreadOut":3}"#), "card Some(3)");
    assert_eq!(told(r#","payMethod":"CARD""#), "card None");
    assert_eq!(told(r#","payMethod":"TOSS_MONEY","accountBankName":"신한은행""#), "bank Some(\"신한은행\")");
    assert_eq!(told(r#","payMethod":"TOSS_MONEY","card":{"spreadOut":3}"#), "bank None");
    assert_eq!(told(r#","payMethod":"CRYPTO","card":{"spreadOut":3}"#), "unknown");
    assert_eq!(told(r#","card":{"spreadOut":3}"#), "unknown");

    let told = |members: &str| match refund(members).pay_method_details() {
        PayMethodDetails::Card(_) => "card",
        PayMethodDetails::TossMoney(_) => "bank",
        _ => "unknown",
    };
    assert_eq!(told(r#","cardMethodType":"CREDIT""#), "card");
    assert_eq!(told(r#","accountBankCode":"88""#), "bank");
    assert_eq!(told(r#","cardMethodType":null,"accountBankCode":"88""#), "bank");
    assert_eq!(told(""), "unknown");
}

#[test]
fn refunded_amounts_are_available_as_magnitudes_and_with_their_signs() {
    let page = refund(
        r#","refundNo":"3243c76e-e9cf-4669-881b-33a3b82ddf49","approvalTime":"2020-04-29 11:32:52",
            "refundableAmount":2000,"discountedAmount":0,"paidAmount":1000,"refundedAmount":-2000,
            "refundedDiscountAmount":0,"refundedPaidAmount":-2000,"cardMethodType":"CREDIT""#,
    );
    assert_eq!((page.refunded_amount(), page.signed_refunded_amount), (Some(2_000), Some(-2_000)));
    assert_eq!((page.refunded_discount_amount(), page.signed_refunded_discount_amount), (Some(0), Some(0)));
    assert_eq!((page.refunded_paid_amount(), page.signed_refunded_paid_amount), (Some(2_000), Some(-2_000)));
    assert_eq!((page.refundable_amount, page.paid_amount), (Some(2_000), Some(1_000)));

    for (written, magnitude, signed) in [
        ("2000", Some(2_000), Some(2_000)),
        ("\"-2000\"", Some(2_000), Some(-2_000)),
        ("-9223372036854775808", Some(9_223_372_036_854_775_808), Some(i64::MIN)),
        ("null", None, None),
    ] {
        let reply = refund(&format!(r#","refundedAmount":{written}"#));
        assert_eq!((reply.refunded_amount(), reply.signed_refunded_amount), (magnitude, signed), "{written}");
    }
}

#[test]
fn a_payment_has_the_transitions_that_the_page_describes() {
    use PayStatus::*;
    let ways = [
        (PayStandby, &[PayApproved, PayProgress, PayCancel][..]),
        (PayApproved, &[PayProgress, PayCancel]),
        (PayProgress, &[PayComplete, PayCancel]),
        (PayComplete, &[RefundProgress, SettlementComplete]),
        (RefundProgress, &[RefundSuccess]),
        (RefundSuccess, &[RefundProgress, SettlementRefundComplete]),
        (PayCancel, &[]),
        (SettlementComplete, &[]),
        (SettlementRefundComplete, &[]),
    ];
    assert_eq!(ways.len(), PayStatus::KNOWN.len());
    for (from, to) in &ways {
        assert_eq!(from.next(), *to, "{from}");
        assert_eq!(from.is_final(), to.is_empty(), "{from}");
    }
}

#[test]
fn only_an_authorized_payment_is_executed_and_only_a_paid_one_refunded() {
    use PayStatus::*;
    let which =
        |allowed: fn(&PayStatus) -> bool| PayStatus::KNOWN.iter().filter(|s| allowed(s)).cloned().collect::<Vec<_>>();
    assert_eq!(which(PayStatus::can_execute), [PayApproved]);
    assert_eq!(which(PayStatus::can_refund), [PayComplete, RefundSuccess]);
    assert_eq!(which(PayStatus::can_cancel), [PayStandby, PayApproved]);
}

#[test]
fn an_unknown_status_is_undecided() {
    let body = br#"{"code":0,"payStatus":"PAY_DREAMING"}"#;
    let status = PaymentStatusReply::from_body(200, body).unwrap().pay_status;
    assert!(matches!(status, PayStatus::Unknown(_)));
    assert!(!status.is_final() && status.next().is_empty());
    assert!(!status.can_execute() && !status.can_refund() && !status.can_cancel());
}

#[test]
fn only_the_members_of_the_envelope_decide_about_success() {
    let nested = status(r#","card":{"code":-1},"result":{"code":-1,"errorCode":"COMMON_TIMEOUT"},"errorCode":"""#);
    assert_eq!(nested.pay_status, PayStatus::PayComplete);
    let marked = "\u{feff}\n {\"payStatus\":\"PAY_CANCEL\",\"code\":0} \n";
    assert_eq!(PaymentStatusReply::from_body(200, marked.as_bytes()).unwrap().pay_status, PayStatus::PayCancel);
    let escaped = br#"{"\u0063ode":0,"pay\u0053tatus":"PAY\u005fCANCEL"}"#;
    assert_eq!(PaymentStatusReply::from_body(200, escaped).unwrap().pay_status, PayStatus::PayCancel);
}

#[test]
fn a_reply_without_its_list_is_not_read_as_an_empty_list() {
    use toss_sdk::onboarding::{CreateStoreReply, GetCredentialsReply, GetSubscriptionsReply, ListEasyPaysReply};
    for result in ["", r#","result":null"#, r#","result":"x""#, r#","result":{}"#, r#","result":{"credentials":"x"}"#] {
        let body = format!(r#"{{"success":true{result}}}"#);
        assert!(GetCredentialsReply::from_body(200, body.as_bytes()).is_err(), "{body}");
        assert!(GetSubscriptionsReply::from_body(200, body.as_bytes()).is_err(), "{body}");
        assert!(ListEasyPaysReply::from_body(200, body.as_bytes()).is_err(), "{body}");
    }
    assert!(CreateStoreReply::from_body(200, br#"{"success":true,"result":null}"#).is_err());
    for list in ["[]", "null"] {
        let body = format!(r#"{{"success":true,"result":{{"credentials":{list}}}}}"#);
        assert!(GetCredentialsReply::from_body(200, body.as_bytes()).unwrap().credentials.is_empty());
    }
    assert!(ListEasyPaysReply::from_body(200, br#"{"success":true,"result":[]}"#).unwrap().stores.is_empty());
}
