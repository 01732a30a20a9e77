//! The caller of a resolution passes values that an entry of a list has to have.

use crate::socket::listen;
use shapes::own_fixed_values::{CreateOrder, blocking};
use shapes::runtime::__private::Response;
use shapes::runtime::{Resolution, RetryPolicy};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The entry of the order has the step 1 or 2. The reply to the order itself always has the step 4. Therefore the
/// client does not compare this reply with the step of the entry.
#[test]
fn a_successful_repetition_is_done_if_its_reply_has_a_constant_in_place_of_the_expected_value() {
    let orders = AtomicUsize::new(0);
    let url = listen(move |incoming| {
        let success = r#"{"resultType":"SUCCESS","success":{"orderNo":"order-1","status":2,"ok":true,"step":4,"coupons":400,"deep":{"points":-600}}}"#;
        let (status, body) = match (incoming.method, orders.load(Ordering::Relaxed)) {
            ("POST", before) => {
                orders.store(before + 1, Ordering::Relaxed);
                if before == 0 { (500, "") } else { (200, success) }
            }
            _ => (200, r#"{"resultType":"FAIL","error":{"errorCode":"NOT_FOUND","reason":"unknown"}}"#),
        };
        Response { operation: None, status, body: body.into(), refused: None }
    });
    let builder = blocking::Client::builder("shop-key").base_url(&url).retries(RetryPolicy::never());
    let client = builder.build().expect("a client");
    let order = CreateOrder::builder().order_no("order-1").amount(1000).build().expect("within the rules");
    client.create_order(&order).expect_err("unknown");
    let resolution = client.resolve_create_order(&order, 1, 1000);
    assert!(matches!(resolution, Resolution::Done(_)), "{resolution:?}");
}
