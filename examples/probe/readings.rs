//! Readings of the spec that can be tested with a test key and without moving money.

use crate::session::{Answer, Session};
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, SystemTime};
use toss_sdk::pay::KstDateTime;

/// Observed behavior of the service, and `true` if the service behaved as expected. An error means that the test could
/// not be completed.
type Played = Result<(String, bool), Box<dyn Error>>;

/// Reading of the spec, and its test.
#[derive(Debug)]
pub struct Reading {
    /// The reading in one sentence.
    pub name: &'static str,
    /// Spec file that contains the reading, and the YAML keys that it is about.
    pub at: &'static str,
    /// Expected behavior of the service.
    pub expected: &'static str,
    pub is_of_onboarding: bool,
    pub play: fn(&mut Session) -> Played,
}

const STATUS: &str = "/api/v2/status";
const INVALID: &str = "COMMON_INVALID_PARAMETER";
const NOT_FOUND: &str = "TRANSACTION_NOT_FOUND";

/// All readings, in the order in which they are tested and reported.
pub const READINGS: &[Reading] = &[
    Reading {
        name: "A refusal is HTTP 200 with code -1",
        at: "spec/pay/api.yaml, envelope",
        expected: "HTTP 200, code -1, TRANSACTION_NOT_FOUND",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.post(STATUS, json!({ "payToken": "probe-no-such-token" }))?;
            observed(&[&answer], answer.status == 200 && answer.error() == NOT_FOUND)
        },
    },
    Reading {
        name: "A refused status query is answered with msg and errorCode, although the reply table lists neither",
        at: "spec/pay/payment_status.yaml",
        expected: "msg and errorCode are texts",
        is_of_onboarding: false,
        play: |session| {
            let order = session.order();
            let answer = session.post(STATUS, json!({ "orderNo": order }))?;
            let holds = answer.body["msg"].is_string() && answer.body["errorCode"].is_string();
            Ok((format!("msg {}, errorCode {}", kind(&answer.body["msg"]), kind(&answer.body["errorCode"])), holds))
        },
    },
    Reading {
        name: "The mandatory members are enough to create a payment",
        at: "spec/pay/create_payment.yaml, request",
        expected: "code 0, a payToken, a checkoutPage with https or on this machine",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.create(Value::Null)?;
            let page = answer.body["checkoutPage"].as_str().unwrap_or_default();
            let is_page = page.starts_with("https://") || page.starts_with("http://127.0.0.1");
            observed(&[&answer], answer.is_success() && answer.body["payToken"].is_string() && is_page)
        },
    },
    Reading {
        name: "A payment is found by its token and by its order number, in test mode",
        at: "spec/pay/payment_status.yaml, request",
        expected: "the same payment both times, PAY_STANDBY, mode TEST",
        is_of_onboarding: false,
        play: |session| {
            let order = session.order();
            let token = session.token(json!({ "orderNo": order }))?;
            let by_token = session.post(STATUS, json!({ "payToken": token }))?;
            let by_order = session.post(STATUS, json!({ "orderNo": order }))?;
            let is_it = |answer: &Answer| {
                let body = &answer.body;
                let is_own = body["payToken"] == token.as_str() && body["orderNo"] == order.as_str();
                answer.is_success() && is_own && body["payStatus"] == "PAY_STANDBY" && body["mode"] == "TEST"
            };
            let seen = |answer: &Answer| format!("{} in mode {}", answer.body["payStatus"], answer.body["mode"]);
            Ok((format!("{}; {}", seen(&by_token), seen(&by_order)), is_it(&by_token) && is_it(&by_order)))
        },
    },
    Reading {
        name: "An order number can be used again until the purchaser has authenticated",
        at: "spec/pay/create_payment.yaml, request.orderNo",
        expected: "code 0 twice, two tokens, and the status of the order shows the second token",
        is_of_onboarding: false,
        play: |session| {
            let order = session.order();
            let first = session.token(json!({ "orderNo": order }))?;
            let second = session.create(json!({ "orderNo": order, "amount": 2_000 }))?;
            let shown = session.post(STATUS, json!({ "orderNo": order }))?;
            let token = &second.body["payToken"];
            let holds = second.is_success() && *token != first.as_str() && shown.body["payToken"] == *token;
            observed(&[&second, &shown], holds)
        },
    },
    Reading {
        name: "An order number has at most 50 characters",
        at: "spec/pay/types.yaml, OrderNo",
        expected: "50 are accepted, 51 are refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let padded = |order: String, length| format!("{order:x<length$}");
            let (first, second) = (padded(session.order(), 50), padded(session.order(), 51));
            taken_and_refused(session, json!({ "orderNo": first }), json!({ "orderNo": second }))
        },
    },
    Reading {
        name: "An order number may contain letters, digits and _-:.^@",
        at: "spec/pay/types.yaml, OrderNo",
        expected: "these characters are accepted, a blank is refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let (first, second) = (session.order() + "_-:.^@", session.order() + " x");
            taken_and_refused(session, json!({ "orderNo": first }), json!({ "orderNo": second }))
        },
    },
    Reading {
        name: "An amount is at least 1 won",
        at: "spec/pay/create_payment.yaml, request.amount",
        expected: "1 is accepted, 0 is refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| taken_and_refused(session, json!({ "amount": 1 }), json!({ "amount": 0 })),
    },
    Reading {
        name: "An amount has at most 7 digits",
        at: "spec/pay/create_payment.yaml, request.amount",
        expected: "9,999,999 is accepted, 10,000,000 is refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| taken_and_refused(session, json!({ "amount": 9_999_999 }), json!({ "amount": 10_000_000 })),
    },
    Reading {
        name: "The taxable amount, the tax and the tax-free amount must add up to the amount",
        at: "spec/pay/create_payment.yaml, rules",
        expected: "for 1,000 won, 909 and 91 are accepted, 909 and 90 are refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let parts = |vat: i64| json!({ "amountTaxable": 909, "amountVat": vat });
            taken_and_refused(session, parts(91), parts(90))
        },
    },
    Reading {
        name: "Tax that is not in the request is an eleventh of the price, rounded up to a whole won",
        at: "spec/pay/create_payment.yaml, request.amountVat",
        expected: "91 and 909 for 1,000; 910 and 9,090 for 10,000",
        is_of_onboarding: false,
        play: |session| {
            let mut seen = Vec::new();
            for amount in [1_000, 10_000] {
                let token = session.token(json!({ "amount": amount }))?;
                let answer = session.post(STATUS, json!({ "payToken": token }))?;
                seen.push(format!("{} and {}", answer.body["amountVat"], answer.body["amountTaxable"]));
            }
            Ok((seen.join("; "), seen == ["91 and 909", "910 and 9090"]))
        },
    },
    Reading {
        name: "A product's description is not blank and contains none of \\ \" '",
        at: "spec/pay/create_payment.yaml, request.productDesc",
        expected: "Korean is accepted; a blank and each of these characters are refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let taken = session.create(json!({ "productDesc": "울 코트 (검정)" }))?;
            let mut answers = vec![taken];
            for text in [" ", "a\\b", "a\"b", "a'b"] {
                answers.push(session.create(json!({ "productDesc": text }))?);
            }
            let all: Vec<&Answer> = answers.iter().collect();
            let holds = all[0].is_success() && all[1..].iter().all(|answer| answer.error() == INVALID);
            observed(&all, holds)
        },
    },
    Reading {
        name: "The return URL must be a URL",
        at: "spec/pay/create_payment.yaml, request.retUrl",
        expected: "refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| refused(session, json!({ "retUrl": "nowhere" })),
    },
    Reading {
        name: "Automatic execution requires a callback and its version",
        at: "spec/pay/create_payment.yaml, request.autoExecute and request.callbackVersion",
        expected: "refused with COMMON_INVALID_PARAMETER without the callback, and without the version",
        is_of_onboarding: false,
        play: |session| {
            let first = session.create(json!({ "autoExecute": true, "callbackVersion": "V2" }))?;
            let url = "https://example.com/callback";
            let second = session.create(json!({ "autoExecute": true, "resultCallback": url }))?;
            observed(&[&first, &second], first.error() == INVALID && second.error() == INVALID)
        },
    },
    Reading {
        name: "A payment expires at most 60 minutes after its creation; the time is Korean time",
        at: "spec/pay/create_payment.yaml, request.expiredTime",
        expected: "59 minutes ahead is accepted; 62 minutes and the past are refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let at = |time: Option<SystemTime>| {
                let time = time.unwrap_or_else(SystemTime::now);
                json!({ "expiredTime": KstDateTime::from(time).to_string() })
            };
            let (now, minutes) = (SystemTime::now(), |count: u64| Duration::from_secs(60 * count));
            let ahead = session.create(at(now.checked_add(minutes(59))))?;
            let far = session.create(at(now.checked_add(minutes(62))))?;
            let past = session.create(at(now.checked_sub(minutes(1))))?;
            let holds = ahead.is_success() && far.error() == INVALID && past.error() == INVALID;
            observed(&[&ahead, &far, &past], holds)
        },
    },
    Reading {
        name: "Any text is accepted for the enabled payment methods",
        at: "spec/pay/create_payment.yaml, request.enablePayMethods",
        expected: "code 0",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.create(json!({ "enablePayMethods": "PROBE" }))?;
            observed(&[&answer], answer.is_success())
        },
    },
    Reading {
        name: "Only card companies of the code table are accepted",
        at: "spec/pay/types.yaml, CardCompany",
        expected: "3 is accepted, 99 is refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let of = |code: i64| json!({ "cardOptions": { "options": [{ "cardCompanyCode": code }] } });
            taken_and_refused(session, of(3), of(99))
        },
    },
    Reading {
        name: "A request may be a form instead of JSON",
        at: "spec/pay/api.yaml, encodings",
        expected: "code 0",
        is_of_onboarding: false,
        play: |session| {
            let members = session.creation(Value::Null);
            let answer = session.post_form("/api/v2/payments", &members)?;
            observed(&[&answer], answer.is_success())
        },
    },
    Reading {
        name: "Undocumented members are ignored",
        at: "spec/pay/create_payment.yaml, request",
        expected: "code 0",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.create(json!({ "probe": { "unknown": [1, null] } }))?;
            observed(&[&answer], answer.is_success())
        },
    },
    Reading {
        name: "A body that is not JSON is refused in the documented shape",
        at: "spec/pay/api.yaml, envelope",
        expected: "code -1, COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.post_text("/api/v2/payments", "application/json", "{\"orderNo\":\"x\",}")?;
            observed(&[&answer], answer.error() == INVALID)
        },
    },
    Reading {
        name: "An API key of another product is refused",
        at: "spec/pay/api.yaml, credentials",
        expected: "code -1, COMMON_INVALID_API_KEY",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.create(json!({ "apiKey": "test_sk_probe" }))?;
            observed(&[&answer], answer.error() == "COMMON_INVALID_API_KEY")
        },
    },
    Reading {
        name: "A path that does not exist is answered with HTTP 404",
        at: "spec/pay/api.yaml, statuses",
        expected: "HTTP 404",
        is_of_onboarding: false,
        play: |session| {
            let answer = session.post("/api/v2/probe", json!({}))?;
            observed(&[&answer], answer.status == 404)
        },
    },
    Reading {
        name: "A payment that the purchaser has not approved cannot be executed",
        at: "spec/pay/execute_payment.yaml, errors",
        expected: "code -1, EXECUTE_PAY_NOT_APPROVED",
        is_of_onboarding: false,
        play: |session| {
            let token = session.token(Value::Null)?;
            let answer = session.post("/api/v2/execute", json!({ "payToken": token }))?;
            observed(&[&answer], answer.error() == "EXECUTE_PAY_NOT_APPROVED")
        },
    },
    Reading {
        name: "An unpaid payment cannot be refunded, and the reason of a refund may contain blanks",
        at: "spec/pay/refund_payment.yaml, request.reason and errors",
        expected: "COMMON_REFUND_ERROR; a reason with < is refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let token = session.token(Value::Null)?;
            let refund = |number: &str, reason: &str| json!({ "payToken": token, "refundNo": number, "amount": 1, "reason": reason });
            let (first, second) = (refund(&session.order(), "고객 변심 (1)"), refund(&session.order(), "a<b"));
            let first = session.post("/api/v2/refunds", first)?;
            let second = session.post("/api/v2/refunds", second)?;
            observed(&[&first, &second], first.error() == "COMMON_REFUND_ERROR" && second.error() == INVALID)
        },
    },
    Reading {
        name: "A refund whose amount is null is not a full refund",
        at: "spec/pay/refund_payment.yaml, request.amount",
        expected: "refused with COMMON_INVALID_PARAMETER",
        is_of_onboarding: false,
        play: |session| {
            let token = session.token(Value::Null)?;
            let number = session.order();
            let answer =
                session.post("/api/v2/refunds", json!({ "payToken": token, "refundNo": number, "amount": null }))?;
            observed(&[&answer], answer.error() == INVALID)
        },
    },
    Reading {
        name: "A refund of an unknown payment is refused with an error code for this case",
        at: "spec/pay/codes.yaml, TRANSACTION_NOT_FOUND",
        expected: "code -1, TRANSACTION_NOT_FOUND",
        is_of_onboarding: false,
        play: |session| {
            let number = session.order();
            let refund = json!({ "payToken": "probe-no-such-token", "refundNo": number, "amount": 1 });
            let answer = session.post("/api/v2/refunds", refund)?;
            observed(&[&answer], answer.error() == NOT_FOUND)
        },
    },
    Reading {
        name: "The envelope of Instant Onboarding shows that a request was refused",
        at: "spec/onboarding/api.yaml, envelope",
        expected: "success false for a wrong hash, with any HTTP status",
        is_of_onboarding: true,
        play: |session| {
            let answer = session.credentials("probe-1", "probe-2", Some("application/json"))?;
            observed(&[&answer], answer.body["success"] == false)
        },
    },
    Reading {
        name: "The hash covers the shop id before it is percent-encoded for the path",
        at: "spec/onboarding/api.yaml, headers",
        expected: "success, or another error code than for a wrong hash",
        is_of_onboarding: true,
        play: |session| {
            let wrong = session.credentials("probe-1", "probe-2", Some("application/json"))?;
            let right = session.credentials("가게/2", "가게/2", Some("application/json"))?;
            observed(&[&wrong, &right], right.is_success() || right.body["errorCode"] != wrong.body["errorCode"])
        },
    },
    Reading {
        name: "Every request of Instant Onboarding needs Content-Type: application/json, even a GET",
        at: "spec/onboarding/api.yaml, headers",
        expected: "accepted with this header, success false without it",
        is_of_onboarding: true,
        play: |session| {
            let with = session.credentials("probe-1", "probe-1", Some("application/json"))?;
            let without = session.credentials("probe-1", "probe-1", None)?;
            observed(&[&with, &without], with.is_success() && without.body["success"] == false)
        },
    },
];

fn observed(answers: &[&Answer], holds: bool) -> Played {
    let seen: Vec<String> = answers.iter().map(|answer| answer.summary()).collect();
    Ok((seen.join("; "), holds))
}

/// Creates a payment with the members `taken`, which the service must accept. Then creates another payment with the
/// members `refused`, which the service must refuse with [`INVALID`].
fn taken_and_refused(session: &mut Session, taken: Value, refused: Value) -> Played {
    let (taken, refused) = (session.create(taken)?, session.create(refused)?);
    observed(&[&taken, &refused], taken.is_success() && refused.error() == INVALID)
}

/// Creates a payment with the members `more`, which the service must refuse with [`INVALID`].
fn refused(session: &mut Session, more: Value) -> Played {
    let answer = session.create(more)?;
    observed(&[&answer], answer.error() == INVALID)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "absent",
        Value::String(_) => "a text",
        _ => "something else",
    }
}
