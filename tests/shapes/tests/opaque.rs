//! Callbacks whose body is not documented.

use shapes::own_opaque::{OrderEvent, Returned};

#[test]
fn any_body_is_kept_as_received() {
    for body in [&b"a=1&b=2"[..], b"{\"a\":1}", b"<a/>", b"\xff", b""] {
        let event = OrderEvent::parse(body).expect("any body").into_unproven();
        assert_eq!(event.raw().body(), body);
        let text = String::from_utf8_lossy(body);
        let returned = Returned::parse_query(&text).expect("any query").into_unproven();
        assert_eq!(returned.raw().body(), text.as_bytes());
    }
    let error = OrderEvent::parse(&[b'a'; 100_000]).expect_err("too long");
    assert!(error.is_too_long(), "{error}");
}
