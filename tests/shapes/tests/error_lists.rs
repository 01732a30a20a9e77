//! A client finds the error codes in the entries of a list, and reads error bodies of several forms for one HTTP
//! status.

use shapes::own_error_lists::server::{Server, serve};
use shapes::own_error_lists::{CreateOrder, CreateOrderReply, ErrorCode};
use shapes::runtime::__private::{Caller, Incoming, Malformed, Refusal};
use shapes::runtime::Outcome;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn read(status: u16, body: &str) -> (Option<ErrorCode>, Option<String>, Outcome) {
    let error = CreateOrderReply::from_body(status, body.as_bytes()).expect_err("no success");
    (error.code().cloned(), error.message().map(str::to_owned), error.outcome())
}

/// Reads a failure whose list has an entry for each of these codes.
fn entries(codes: &[&str]) -> (Option<ErrorCode>, Outcome) {
    let entry = |code: &&str| format!(r#"{{"issue":"{code}","description":"about {code}"}}"#);
    let entries: Vec<String> = codes.iter().map(entry).collect();
    let (code, message, outcome) = read(422, &format!(r#"{{"name":"X","details":[{}]}}"#, entries.join(",")));
    assert_eq!(message, codes.first().map(|code| format!("about {code}")));
    (code, outcome)
}

#[test]
fn a_code_in_a_list_is_that_of_the_reply() {
    assert_eq!(entries(&["OUT_OF_STOCK"]), (Some(ErrorCode::OutOfStock), Outcome::Rejected));
    assert_eq!(entries(&["OUT_OF_STOCK", "OUT_OF_STOCK"]), (Some(ErrorCode::OutOfStock), Outcome::Rejected));
    assert_eq!(entries(&[]), (None, Outcome::Unknown));
    let mixed = r#"{"details":[{"field":"amount"},7,{"issue":null},{"issue":"TOO_MANY"}]}"#;
    assert_eq!(read(422, mixed), (Some(ErrorCode::TooMany), None, Outcome::Rejected));
    assert_eq!(read(400, r#"{"errors":["TOO_MANY"],"message":"no"}"#).0, Some(ErrorCode::TooMany));
    // Neither body has a list. The second one has an object with a member named `[]` instead.
    for body in [r#"{"details":{"issue":"OUT_OF_STOCK"}}"#, r#"{"details":{"[]":{"issue":"OUT_OF_STOCK"}}}"#] {
        assert_eq!(read(422, body), (None, None, Outcome::Unknown));
    }
    assert_eq!(read(404, r#"{"name":["OUT_OF_STOCK"]}"#), (None, None, Outcome::Unknown));
}

#[test]
fn different_codes_reject_only_if_each_is_a_documented_rejection() {
    assert_eq!(entries(&["TOO_MANY", "OUT_OF_STOCK"]), (Some(ErrorCode::TooMany), Outcome::Rejected));
    assert_eq!(entries(&["OUT_OF_STOCK", "PLACED_BEFORE"]), (Some(ErrorCode::PlacedBefore), Outcome::Unknown));
    let (code, outcome) = entries(&["OUT_OF_STOCK", "NOVEL"]);
    assert_eq!((code.map(|code| code.to_string()), outcome), (Some("NOVEL".into()), Outcome::Unknown));
}

#[test]
fn the_first_shape_whose_code_is_in_the_body_applies_unless_a_further_code_of_the_spec_is_less_certain() {
    let token = r#"{"error":"invalid_token","error_description":"expired"}"#;
    assert_eq!(read(401, token), (Some(ErrorCode::InvalidToken), Some("expired".into()), Outcome::Rejected));
    let access = r#"{"name":"NO_ACCESS","message":"no"}"#;
    assert_eq!(read(401, access), (Some(ErrorCode::NoAccess), Some("no".into()), Outcome::Rejected));
    let both = |error: &str, name: &str| read(401, &format!(r#"{{"error":"{error}","name":"{name}","message":"no"}}"#));
    let refused = |code| (Some(code), Some("no".into()), Outcome::Rejected);
    assert_eq!(both("invalid_token", "UNAUTHORIZED"), refused(ErrorCode::InvalidToken), "a general code");
    assert_eq!(both("invalid_token", "NO_ACCESS"), refused(ErrorCode::InvalidToken));
    let before = (Some(ErrorCode::PlacedBefore), Some("no".into()), Outcome::Unknown);
    assert_eq!(both("invalid_token", "PLACED_BEFORE"), before);
    let neither = r#"{"error":{},"reason":"no"}"#;
    assert_eq!(read(401, neither), (None, None, Outcome::Unknown));
}

/// A service that rejects every order with this status.
struct Closed(u16);

impl Server for Closed {
    async fn create_order(&self, _: &Caller, _: CreateOrder) -> Result<CreateOrderReply, Refusal> {
        Err(Refusal::new(&ErrorCode::OutOfStock, "none").with_status(self.0))
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        Refusal::new(&ErrorCode::TooMany, why.to_string())
    }
}

#[test]
fn the_server_writes_what_the_client_reads() {
    for status in [400, 401, 404, 422] {
        let incoming = Incoming {
            method: "POST",
            path: "/orders",
            query: "",
            headers: &[("authorization", "Bearer k"), ("content-type", "application/json")],
            body: br#"{"orderNo":"order-1","amount":1}"#,
            now: None,
        };
        let service = Closed(status);
        let Poll::Ready(said) = pin!(serve(&service, &incoming)).poll(&mut Context::from_waker(Waker::noop())) else {
            unreachable!("the service never waits")
        };
        let body = String::from_utf8(said.body).expect("a text");
        let (code, message, outcome) = read(said.status, &body);
        assert_eq!((said.status, code, outcome), (status, Some(ErrorCode::OutOfStock), Outcome::Rejected), "{body}");
        assert_eq!(message.as_deref(), Some("none"), "{body}");
    }
}
