//! Rules about sums. If a reply repeats the requested amount only as several members (such as cash and points), the
//! client compares the requested amount with their sum.

use shapes::own_sums::{CreateOrder, blocking};
use shapes::runtime::Outcome;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// Places an order of 1,000 won at a service that answers with these parts of the amount. Returns the outcome of the
/// error, or `None` for a success.
fn placed(cash: i64, points: i64, coupon: i64) -> Option<Outcome> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let service = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let (mut request, mut more) = (Vec::new(), [0; 4096]);
        while !request.ends_with(b"}") {
            let read = stream.read(&mut more).expect("a request");
            request.extend_from_slice(&more[..read]);
        }
        let parts = format!(r#""cash":{cash},"points":{points},"coupon":{coupon}"#);
        let body = format!(r#"{{"resultType":"SUCCESS","success":{{"orderNo":"order-1",{parts}}}}}"#);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all([head, body].concat().as_bytes()).expect("an answer");
    });
    let client = blocking::Client::builder("canary-key").base_url(&url).build().expect("a client");
    let order = CreateOrder::builder().order_no("order-1").amount(1000).build().expect("an order");
    let outcome = client.create_order(&order).err().map(|error| error.outcome());
    service.join().expect("no panic");
    outcome
}

#[test]
fn a_part_that_is_written_as_a_negative_number_counts_by_its_magnitude() {
    assert_eq!(placed(700, -200, 100), None);
    assert_eq!(placed(1000, 0, 0), None);
    assert_eq!(placed(700, -300, 100), Some(Outcome::Unknown), "another sum must not be a success");
    assert_eq!(placed(1100, 0, -100), Some(Outcome::Unknown), "a negative part must not be a success");
    assert_eq!(placed(700, i64::MIN, 100), Some(Outcome::Unknown));
}

/// Every request has the fee of 100 won and the fare of 3,000 won.
#[test]
fn a_value_that_is_always_sent_counts_in_a_rule_about_a_sum() {
    let order = || CreateOrder::builder().order_no("order-1").amount(1000);
    let broken = |order: Result<CreateOrder, shapes::runtime::Violations>| order.err().map(|error| error.to_string());
    assert_eq!(broken(order().tax(900).toll(3000).build()), None);
    let beyond = broken(order().tax(901).build()).expect("the fee and the tax exceed the price");
    assert!(beyond.contains("amount") && beyond.contains("1001"), "{beyond}");
    let beyond = broken(order().toll(3001).build()).expect("the toll exceeds the fare");
    assert!(beyond.contains("fare") && beyond.contains("3001"), "{beyond}");
}
