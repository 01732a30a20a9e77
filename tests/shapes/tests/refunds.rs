//! An outcome depends on earlier attempts at the same request. An error hides the secrets of its request, except inside
//! error codes that the spec lists.

use shapes::own_refunds::{ErrorCode, RefundOrder, blocking};
use shapes::runtime::{Decimal, Outcome, RetryPolicy};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// Starts a service that gives these answers in order, one for each connection, and returns its URL. For an empty
/// answer, the connection ends without a reply.
fn serve(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let (mut bytes, mut more) = (Vec::new(), [0; 4096]);
            loop {
                let read = stream.read(&mut more).expect("a request");
                bytes.extend_from_slice(&more[..read]);
                let text = String::from_utf8_lossy(&bytes);
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length =
                    head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            if !answer.is_empty() {
                let length = answer.len();
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")
                    .expect("an answer");
            }
        }
    });
    url
}

fn client(url: &str, key: &str) -> blocking::Client {
    blocking::Client::builder(key).base_url(url).retries(RetryPolicy::never()).build().expect("a client")
}

fn refund(amount: &str) -> RefundOrder {
    let amount: Decimal = amount.parse().expect("a number");
    RefundOrder::builder().order_no("order-1").amount(amount).customer_no("42").build().expect("within the rules")
}

const EXCEEDED: &str = r#"{"resultType":"FAIL","error":{"errorCode":"1164","reason":"too much"}}"#;

#[test]
fn equal_amounts_in_two_notations_are_attempts_at_one_request() {
    for (first, then, outcome) in
        [("20", "20.00", Outcome::Unknown), ("20.50", "20.5", Outcome::Unknown), ("20", "21.00", Outcome::Rejected)]
    {
        let client = client(&serve(&["", EXCEEDED]), "test-key");
        let lost = client.refund_order(&refund(first)).expect_err("the answer is lost");
        assert_eq!(lost.outcome(), Outcome::Unknown);
        let declined = client.refund_order(&refund(then)).expect_err("declined");
        assert_eq!((declined.code(), declined.outcome()), (Some(&ErrorCode::Code1164), outcome), "{first}, {then}");
    }
}

#[test]
fn a_code_of_the_spec_is_shown_although_it_contains_a_secret() {
    let refused = |answer: &'static str| {
        let url = serve(vec![answer].leak());
        client(&url, "key").refund_order(&refund("1")).expect_err("declined")
    };
    let error = refused(r#"{"resultType":"FAIL","error":{"errorCode":"1142","reason":"no account for 42"}}"#);
    assert_eq!((error.code(), error.message()), (Some(&ErrorCode::Code1142), Some("no account for [redacted]")));
    let error = refused(r#"{"resultType":"FAIL","error":{"errorCode":"invalid_key","reason":"key?"}}"#);
    assert_eq!((error.code(), error.message()), (Some(&ErrorCode::InvalidKey), Some("[redacted]?")));
    let error = refused(r#"{"resultType":"FAIL","error":{"errorCode":"novel_42","reason":""}}"#);
    assert_eq!(error.code().map(ErrorCode::as_str), Some("novel_[redacted]"));
}

#[test]
fn a_success_with_another_value_names_the_member() {
    let url = serve(&[r#"{"resultType":"SUCCESS","success":{"orderNo":"order-1","amount":"2"}}"#]);
    let error = client(&url, "test-key").refund_order(&refund("1")).expect_err("another amount");
    let text = "the reply does not show the success of this request: its `amount` has another value";
    assert!(error.to_string().contains(text), "{error}");
}
