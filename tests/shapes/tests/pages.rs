//! If a service answers a query with several pages, a resolution does not conclude "not done" from one of them.

use shapes::own_pages::{ErrorCode, RefundOrder, blocking};
use shapes::runtime::{CallOptions, Resolution, RetryPolicy};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

/// Makes a refund whose reply is lost, and resolves it at a service that answers every query with this page.
fn resolved(page: &str) -> Resolution<RefundOrder, ErrorCode> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = format!(r#"{{"resultType":"SUCCESS","success":{page}}}"#);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).expect("a request");
            if bytes[..read].starts_with(b"GET") {
                let length = answer.len();
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")
                    .expect("an answer");
            }
        }
    });
    let client = blocking::Client::builder("test-key").base_url(&url).retries(RetryPolicy::never());
    let client = client.conclusive_after(Duration::from_millis(50)).build().expect("a client");
    let refund = RefundOrder::builder().order_no("order-1").refund_no("r-1").amount(20).build().expect("a request");
    client.refund_order(&refund).expect_err("the reply is lost");
    client.with(CallOptions::new().resolve_timeout(Duration::from_millis(400))).resolve_refund_order(&refund)
}

#[test]
fn an_entry_that_is_missing_from_one_page_of_several_may_be_on_another() {
    let other = r#"{"refundNo":"r-0","amount":20}"#;
    for (more, is_proof) in [("false", true), ("true", false), ("null", false)] {
        let resolution = resolved(&format!(r#"{{"refunds":[{other}],"more":{more}}}"#));
        let is_as_expected = match is_proof {
            true => matches!(resolution, Resolution::NotDone(_)),
            false => matches!(resolution, Resolution::Unknown(_)),
        };
        assert!(is_as_expected, "{more}: {resolution}");
    }
    let resolution = resolved(&format!(r#"{{"refunds":[{other},{{"refundNo":"r-1","amount":20}}],"more":true}}"#));
    assert!(resolution.is_done(), "the entry on this page was not found: {resolution}");
}
