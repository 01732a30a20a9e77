//! The most specific entry for an HTTP status counts, regardless of the order in which a spec lists the statuses.

use shapes::own_statuses::CreateOrderReply;
use shapes::runtime::Outcome;

#[test]
fn the_most_specific_status_counts() {
    let refused = br#"{"resultType":"FAIL","error":{"errorCode":"OUT_OF_STOCK","reason":""}}"#;
    let success = br#"{"resultType":"SUCCESS","success":{"orderNo":"order-1","status":"OPEN"}}"#;
    let outcome = |status, body: &[u8]| CreateOrderReply::from_body(status, body).err().map(|error| error.outcome());
    assert_eq!(outcome(409, refused), Some(Outcome::Unknown), "another attempt may still take effect");
    assert_eq!(outcome(404, refused), Some(Outcome::Rejected));
    assert_eq!(outcome(422, refused), Some(Outcome::Rejected));
    assert_eq!(outcome(200, success), None, "the envelope must decide");
    assert_eq!(outcome(202, success), Some(Outcome::Unknown));
    assert_eq!(outcome(202, refused), Some(Outcome::Unknown));
}
