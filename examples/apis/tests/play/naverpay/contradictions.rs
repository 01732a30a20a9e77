//! Replies and histories of Naver Pay that contradict themselves, or that look like evidence but are not.

use super::*;
use payment_apis::naverpay::Error;

const LIST: &str = r#"{"code":"Fail","message":"카드 한도 초과","body":{"detail":"#;

#[tokio::test]
async fn a_decline_with_the_state_of_the_attempt_is_a_rejection() {
    for (detail, outcome) in [
        (r#"{"paymentId":"20230101NP1000000001","admissionTypeCode":"01","admissionState":"FAIL"}"#, Outcome::Rejected),
        // This reply is about another payment.
        (r#"{"paymentId":"20230101NP1000000009","admissionState":"FAIL"}"#, Outcome::Unknown),
    ] {
        let server = Server::start(move |_, _| json(200, format!("{LIST}{detail}}}}}")));
        let error = client(&server).apply_payment(&approval()).await.expect_err("a decline");
        assert_eq!((error.outcome(), error.code()), (outcome, Some(&ErrorCode::Fail)), "{error}");
    }
}

#[tokio::test]
async fn parts_add_up_only_if_none_is_negative() {
    for (parts, is_success) in [
        ([200, 100, 0, 0], true),
        ([300, 0, 0, 0], true),
        ([500, -200, 0, 0], false),
        ([i64::MAX, i64::MAX, 302, 0], false),
    ] {
        let [card, points, gift, discount] = parts;
        let body = format!(
            r#"{{"code":"Success","message":"","body":{{"paymentId":"{PAYMENT}","primaryPayCancelAmount":{card},
               "npointCancelAmount":{points},"giftCardCancelAmount":{gift},"discountCancelAmount":{discount},
               "taxScopeAmount":200,"taxExScopeAmount":100,"totalRestAmount":700}}}}"#
        );
        let server = Server::start(move |_, _| json(200, body.clone()));
        let result = client(&server).cancel_payment(&cancellation()).await;
        assert_eq!(result.as_ref().err().map(Error::outcome), (!is_success).then_some(Outcome::Unknown), "{parts:?}");
    }
}

/// The history shows only a failed attempt, but the service refuses the repetition because the payment was approved.
#[tokio::test]
async fn a_payment_that_is_refused_as_approved_is_not_reported_as_not_done() {
    let server = remembering("AlreadyComplete", &[FAILED], 1);
    let client = client(&server);
    client.apply_payment(&approval()).await.expect_err("the reply is lost");
    let resolution = brief(&client).resolve_apply_payment(&approval(), PRICE).await;
    assert!(matches!(resolution, Resolution::Unknown(_)), "{resolution:?}");
}

/// The reply to the query has only one of the two entries of the history. The missing entry may be a cancellation.
#[tokio::test]
async fn a_payment_is_in_force_only_if_the_whole_history_has_no_cancellation() {
    let server = remembering("TimeExpired", &[PAID], 2);
    let client = client(&server);
    client.apply_payment(&approval()).await.expect_err("the reply is lost");
    let resolution = brief(&client).resolve_apply_payment(&approval(), PRICE).await;
    assert!(matches!(resolution, Resolution::Unknown(_)), "{resolution:?}");
}
