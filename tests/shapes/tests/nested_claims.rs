//! Callbacks whose payload is a union: one member of the message selects the case of the payload.

use shapes::own_nested_claims::{LineEvent, LineEventPayload};

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
