//! Callbacks whose claims are in groups, or in a union: one member of the message selects the case of the payload.

use crate::socket::listen;
use shapes::own_nested_claims::{LineEvent, LineEventPayload, SentEvent, blocking};
use shapes::runtime::__private::Response;

#[test]
fn a_member_of_the_payload_may_be_repeated_with_an_equal_value() {
    for body in [
        r#"{"type":"LINE_PAID","line":{"no":7}}"#,
        r#"{"type":"LINE_PAID","line":{"no":7},"type":"LINE_PAID"}"#,
        r#"{"type":"LINE_PAID","line":{"no":7},"line":{"no":7.0}}"#,
        r#"{"type":"LINE_PAID","line":{"no":7,"no":7}}"#,
    ] {
        match LineEvent::parse_json(body.as_bytes()).map(|claim| claim.into_unproven().payload) {
            Ok(LineEventPayload::LinePaid(paid)) => assert_eq!(paid.line.and_then(|line| line.no), Some(7), "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn a_member_of_the_payload_must_not_have_two_values() {
    for (body, name) in [
        (r#"{"type":"LINE_PAID","line":{"no":7},"type":"LINE_SENT"}"#, "type"),
        (r#"{"type":"LINE_PAID","line":{"no":7},"line":{"no":8}}"#, "line"),
        (r#"{"type":"LINE_PAID","line":{"no":7,"no":8}}"#, "no"),
    ] {
        let error = LineEvent::parse_json(body.as_bytes()).expect_err(body).to_string();
        assert!(error.contains(&format!("`{name}`")), "{body}: {error}");
    }
}

/// The paths of the two numbers, `parcel.no_of_parcel` and `parcel_no.of_parcel`, have the same words.
#[test]
fn each_of_two_claims_with_similar_paths_is_compared() {
    let url = listen(|_| {
        let line = r#"{"no":7,"amount":1000,"sent":"2026-11-23"}"#;
        let body = format!(
            r#"{{"resultType":"SUCCESS","success":{{"no":7,"line":{line},"status":"PAID","line_amount":1200,"claim":5,"known_no":7,"first":1,"second":2}}}}"#
        );
        Response { operation: None, status: 200, body: body.into(), refused: None }
    });
    let client = blocking::Client::builder("shop-key").base_url(&url).build().expect("a client");
    for (first, second, confirmed) in [(1, 2, true), (2, 2, false), (1, 1, false)] {
        let body = format!(
            r#"{{"no":7,"line":{{"no":7}},"parcel":{{"no_of_parcel":{first}}},"parcel_no":{{"of_parcel":{second}}}}}"#
        );
        let claim = SentEvent::parse_json(body.as_bytes()).expect("a message");
        let result = client.confirm_sent_event(&claim, 1000, 1200, 5, 7, None);
        assert_eq!(result.is_ok(), confirmed, "{body}: {result:?}");
        assert!(confirmed || result.is_err_and(|error| error.is_refuted()), "{body}");
    }
}
