//! A client draws no wrong conclusion from a reply that contains several states or error codes in a list. It also does
//! not confuse requests with similar order numbers.

use shapes::own_lists::{ChargeCard, CreateOrder, ErrorCode, blocking};
use shapes::runtime::{CallOptions, Outcome, Resolution, RetryPolicy};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Time after an attempt during which the service may still accept the attempt.
const CONCLUSIVE: Duration = Duration::from_millis(1500);

type Answer = Option<(u16, String)>;

/// Starts a service. `script` receives the method and path of each request, and its index. It returns the answer, or
/// `None` to lose the answer. Returns the URL, and the methods and paths of the received requests.
fn serve(script: impl Fn(&str, usize) -> Answer + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = lines.clone();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            let (mut bytes, mut more) = (Vec::new(), [0; 4096]);
            let line = loop {
                let read = stream.read(&mut more).expect("a request");
                bytes.extend_from_slice(&more[..read]);
                let text = String::from_utf8_lossy(&bytes);
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length =
                    head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    break head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
                }
            };
            kept.lock().expect("no panic").push(line.clone());
            let Some((status, body)) = script(&line, number) else { continue };
            let length = body.len();
            let _ =
                write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        }
    });
    (url, lines)
}

fn client(url: &str) -> blocking::Client {
    let builder = blocking::Client::builder("test-key").base_url(url).retries(RetryPolicy::never());
    builder.conclusive_after(CONCLUSIVE).build().expect("a client")
}

fn charge(order: &str) -> CreateOrder {
    CreateOrder::builder().order_no(order).amount(1000).build().expect("within the rules")
}

fn order(number: &str, charges: &str) -> Answer {
    Some((200, format!(r#"{{"orderNo":"{number}","charges":[{charges}]}}"#)))
}

fn refused(status: u16, codes: &[&str]) -> Answer {
    let codes: Vec<String> = codes.iter().map(|code| format!(r#"{{"issue":"{code}"}}"#)).collect();
    Some((status, format!(r#"{{"name":"UNPROCESSABLE","details":[{}]}}"#, codes.join(","))))
}

const PAID: &str = r#"{"amount":1000,"status":"PAID"}"#;
const DECLINED: &str = r#"{"amount":1000,"status":"DECLINED"}"#;

/// The first charge was declined. The purchaser tries again, the answer is lost, and the service needs 700 ms for the
/// second charge. Until then, the list has only the first charge. The state of this charge is final, but the list may
/// change.
#[test]
fn a_final_state_of_all_entries_does_not_end_an_attempt_that_may_add_an_entry() {
    let began = Instant::now();
    let (url, _) = serve(move |line, number| match (line, number) {
        (_, 0) => refused(422, &["CARD_DECLINED"]),
        (_, 1) => None,
        _ if began.elapsed() < Duration::from_millis(700) => order("order-1", DECLINED),
        _ => order("order-1", &format!("{DECLINED},{PAID}")),
    });
    let client = client(&url);
    let declined = client.create_order(&charge("order-1")).expect_err("declined");
    assert_eq!(declined.outcome(), Outcome::Rejected);
    assert_eq!(client.create_order(&charge("order-1")).expect_err("lost").outcome(), Outcome::Unknown);
    let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_secs(4)));
    let resolution = brief.resolve_create_order(&charge("order-1"));
    assert!(!matches!(resolution, Resolution::NotDone(_)), "not done, but the order will be charged: {resolution:?}");
}

/// One reply has two error codes. One code means that the bank has not answered, and the other code means that the
/// order was charged before.
#[test]
fn already_done_beside_another_open_code_is_already_done() {
    for codes in [["CHARGED_BEFORE", "BANK_TIMEOUT"], ["BANK_TIMEOUT", "CHARGED_BEFORE"]] {
        let (url, _) = serve(move |line, _| match line.starts_with("POST") {
            true => refused(422, &codes),
            false => refused(404, &["NOT_FOUND"]),
        });
        let client = client(&url);
        let error = client.create_order(&charge("order-1")).expect_err("refused");
        assert_eq!(error.outcome(), Outcome::Unknown);
        let resolution = client.resolve_create_order(&charge("order-1"));
        assert!(!matches!(resolution, Resolution::NotDone(_)), "{codes:?}: {resolution:?}");
        assert!(error.says_already_done(), "{codes:?}");
    }
}

/// A reply with the error codes for a decline and for "charged before" means "charged before".
#[test]
fn a_decline_beside_already_done_is_already_done() {
    let (url, _) = serve(|_, _| {
        Some((
            422,
            r#"{"name":"UNPROCESSABLE","details":[{"issue":"CARD_DECLINED"},{"issue":"CHARGED_BEFORE"}]}"#.to_owned(),
        ))
    });
    let error = client(&url).create_order(&charge("order-1")).expect_err("refused");
    assert_eq!((error.outcome(), error.code()), (Outcome::Unknown, Some(&ErrorCode::ChargedBefore)));
    assert!(error.says_already_done());
}

/// A reply with the error codes `NOT_FOUND` and `BUSY` does not prove that there is no order. For the same reason, a
/// lint rejects `BUSY` in the list `absent:`.
#[test]
fn a_question_that_is_refused_for_a_second_reason_does_not_prove_absence() {
    for codes in [["NOT_FOUND", "BUSY"], ["BUSY", "NOT_FOUND"]] {
        let (url, _) = serve(move |line, _| if line.starts_with("POST") { None } else { refused(404, &codes) });
        let client = client(&url);
        client.create_order(&charge("order-1")).expect_err("lost");
        let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_secs(4)));
        let resolution = brief.resolve_create_order(&charge("order-1"));
        assert!(!matches!(resolution, Resolution::NotDone(_)), "{codes:?}: {resolution:?}");
    }
}

/// The digits after the point of an order number count the orders of a day. Numbers such as `20260101.1` and
/// `20260101.10` are equal as decimals, but are different orders.
#[test]
fn the_decline_of_another_order_is_certain() {
    for (first, tenth) in [("20260101.2", "20260101.10"), ("20260101.1", "20260101.10")] {
        let (url, _) = serve(move |_, number| match number {
            0 => order(first, PAID),
            _ => refused(422, &["CARD_DECLINED"]),
        });
        let client = client(&url);
        client.create_order(&charge(first)).expect("a success");
        let declined = client.create_order(&charge(tenth)).expect_err("declined");
        assert_eq!(declined.outcome(), Outcome::Rejected, "{first}, {tenth}");
    }
}

/// Another process may just have sent the tenth order. This process has no record of an attempt at the tenth order, so
/// its resolution of this order has to wait.
#[test]
fn the_time_of_another_order_concludes_nothing() {
    for (first, tenth) in [("20260101.2", "20260101.10"), ("20260101.1", "20260101.10")] {
        let (url, _) = serve(|line, _| if line.starts_with("POST") { None } else { refused(404, &["NOT_FOUND"]) });
        let client = client(&url);
        client.create_order(&charge(first)).expect_err("lost");
        thread::sleep(CONCLUSIVE);
        let began = Instant::now();
        let resolution = client.resolve_create_order(&charge(tenth));
        assert!(matches!(resolution, Resolution::NotDone(_)), "{resolution:?}");
        assert!(began.elapsed() >= CONCLUSIVE, "{first}, {tenth}: concluded after {:?}", began.elapsed());
    }
}

/// The body of the decline repeats the charges. The decline is a documented rejection of the only attempt, regardless
/// of the list.
#[test]
fn a_decline_that_repeats_two_charges_is_a_decline() {
    for charges in ["[]", DECLINED, "[null]", &format!("[{DECLINED},7]"), &format!("[{DECLINED},{DECLINED}]")] {
        let body = format!(r#"{{"details":[{{"issue":"CARD_DECLINED"}}],"charges":{charges}}}"#);
        let (url, _) = serve(move |_, _| Some((422, body.clone())));
        let error = client(&url).create_order(&charge("order-1")).expect_err("declined");
        assert_eq!(error.outcome(), Outcome::Rejected, "{charges}: {error}");
    }
}

/// Only a list whose charges are certainly paid and add up to 1,000 won counts as a success. Many lists of this test
/// are damaged.
#[test]
fn only_charges_that_are_certainly_the_whole_amount_are_a_success() {
    let whole = [
        r#""charges":[{"amount":1e3,"status":"PAID"}]"#,
        r#""charges":[{"amount":"1000.00","status":"PAID"}]"#,
        r#""charges":{"amount":1000,"status":"PAID"}"#,
        r#""charges":[{"amount":500,"status":"PAID"},{"amount":500,"status":"PAID"}]"#,
        r#""charges":[{"amount":1000,"status":"PAID"}],"charges":[{"amount":1000,"status":"PAID"}]"#,
        r#""charges":[{"amount":1000,"amount":1000,"status":"PAID"}]"#,
    ];
    let doubtful = [
        r#""charges":[{"amount":1000,"status":"PAID"},{"amount":1000,"status":"PAID"}]"#,
        r#""charges":[{"amount":1000,"amount":1,"status":"PAID"}]"#,
        r#""charges":[{"amount":1000,"status":"PAID","status":"DECLINED"}]"#,
        r#""charges":[{"amount":1000,"status":"PAID"}],"charges":[{"amount":1000,"status":"PAID"},7]"#,
        r#""charges":[{"amount":1000,"status":"PAID"}],"charges":[]"#,
        r#""charges":[{"amount":1000,"status":"PAID"}],"charges":null"#,
        r#""charges":[{"amount":1000,"status":"PAID"},[{"amount":1000,"status":"PAID"}]]"#,
        r#""charges":[{"amount":1000,"status":"PAID"},[]]"#,
        r#""charges":[{"amount":1000,"status":"PAID"},{}]"#,
        r#""charges":[{"amount":1000,"status":"PAID"},null]"#,
        r#""charges":[{"amount":1000,"status":"PAID"},"x"]"#,
        r#""charges":[[{"amount":1000,"status":"PAID"},{"amount":1000,"status":"PAID"}]]"#,
        r#""charges":"[{\"amount\":1000,\"status\":\"PAID\"}]""#,
        r#""charges":{"charges":[{"amount":1000,"status":"PAID"}]}"#,
        r#""charges":[{"amount":1000.5,"status":"PAID"}]"#,
        r#""charges":[{"amount":1001,"status":"PAID"},{"amount":-1,"status":"PAID"}]"#,
        r#""charges":[{"amount":9223372036854775807,"status":"PAID"},{"amount":1000,"status":"PAID"}]"#,
        r#""charges":[{"amount":1000,"status":"paid"}]"#,
        r#""charges":[{"amount":1000,"status":"PAID"}],"details":[{"issue":"CHARGED_BEFORE"}],"name":"CHARGED_BEFORE""#,
        r#""charges":[{"amount":1000,"status":"PAID"},{"amount":NaN,"status":"PAID"}]"#,
    ];
    for (bodies, is_success) in [(&whole[..], true), (&doubtful[..], false)] {
        for charges in bodies {
            let body = format!(r#"{{"orderNo":"order-1",{charges}}}"#);
            let (url, _) = serve(move |_, _| Some((200, body.clone())));
            let result = client(&url).create_order(&charge("order-1"));
            assert_eq!(result.is_ok(), is_success, "{charges}: {result:?}");
            if let Err(error) = result {
                assert_eq!(error.outcome(), Outcome::Unknown, "{charges}: {error}");
            }
        }
    }
}

/// The two numbers differ only in separators. The type of the number lists these characters under `separators:`, so the
/// numbers count as equal.
#[test]
fn a_number_in_other_groups_is_the_same_request() {
    let (url, _) = serve(|_, number| if number == 0 { None } else { refused(422, &["CARD_DECLINED"]) });
    let client = client(&url);
    assert_eq!(client.create_order(&charge("123-45-6789")).expect_err("lost").outcome(), Outcome::Unknown);
    let declined = client.create_order(&charge("12345-6789")).expect_err("declined");
    assert_eq!(declined.outcome(), Outcome::Unknown, "the first attempt may have taken effect");
}

/// The same holds for a number in the path, in the query and in a header.
#[test]
fn an_address_with_a_number_in_other_groups_is_the_same_request() {
    let of = |card: &str, branch: &str, number: &str| {
        let charge = ChargeCard::builder().card_no(card).branch(branch).charge_no(number).order_no("order-1");
        charge.build().expect("within the rules")
    };
    for (second, outcome) in [
        (of("1234", "5-6", "7-8"), Outcome::Unknown),
        (of("12-34", "56", "7-8"), Outcome::Unknown),
        (of("12-34", "5-6", "78"), Outcome::Unknown),
        (of("12-35", "5-6", "7-8"), Outcome::Rejected),
        (of("12-34", "5-7", "7-8"), Outcome::Rejected),
        (of("12-34", "5-6", "7-9"), Outcome::Rejected),
    ] {
        let (url, _) = serve(|_, number| if number == 0 { None } else { refused(422, &["CARD_DECLINED"]) });
        let client = client(&url);
        let first = client.charge_card(&of("12-34", "5-6", "7-8")).expect_err("lost");
        assert_eq!(first.outcome(), Outcome::Unknown);
        assert_eq!(client.charge_card(&second).expect_err("declined").outcome(), outcome, "{second:?}");
    }
}

/// A path parameter and a query parameter have the same name, but hyphens only group the digits of the path parameter.
#[test]
fn separators_of_a_path_parameter_are_significant_in_a_query_parameter_with_its_name() {
    let of = |shown: &str| {
        let charge = ChargeCard::builder().card_no("12-34").shown_card_no(shown).charge_no("7-8").order_no("order-1");
        charge.build().expect("within the rules")
    };
    let (url, _) = serve(|_, number| if number == 0 { None } else { refused(422, &["CARD_DECLINED"]) });
    let client = client(&url);
    assert_eq!(client.charge_card(&of("1-23")).expect_err("lost").outcome(), Outcome::Unknown);
    assert_eq!(client.charge_card(&of("12-3")).expect_err("declined").outcome(), Outcome::Rejected);
}

/// The spec lists two members that can contain an error code, and the reply has a listed code in both of them. One of
/// the codes means that the order was charged before.
#[test]
fn a_code_in_the_second_documented_place_is_not_overlooked() {
    let body = r#"{"name":"CHARGED_BEFORE","details":[{"issue":"CARD_DECLINED"}]}"#;
    let (url, _) = serve(|_, _| Some((422, body.to_owned())));
    let error = client(&url).create_order(&charge("order-1")).expect_err("refused");
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
}

/// The body of a success also has a listed error code, which contradicts the success. The code means that the order was
/// charged before.
#[test]
fn a_contradictory_success_is_already_done_if_one_of_its_codes_means_so() {
    let charges = format!(r#""orderNo":"order-1","charges":[{PAID}]"#);
    let body = format!(r#"{{"name":"CHARGED_BEFORE",{charges}}}"#);
    let (url, _) = serve(move |_, _| Some((200, body.clone())));
    let error = client(&url).create_order(&charge("order-1")).expect_err("refused");
    assert_eq!((error.outcome(), error.says_already_done()), (Outcome::Unknown, true), "{error}");
}

/// The statuses 408, 425 and 429 may come from a gateway, so even a documented body with one of them proves nothing
/// about the order.
#[test]
fn a_question_that_timed_out_at_a_gateway_does_not_prove_absence() {
    for status in [408, 425, 429] {
        let (url, _) =
            serve(move |line, _| if line.starts_with("POST") { None } else { refused(status, &["NOT_FOUND"]) });
        let client = client(&url);
        client.create_order(&charge("order-1")).expect_err("lost");
        let brief = client.with(CallOptions::new().resolve_timeout(Duration::from_secs(4)));
        let resolution = brief.resolve_create_order(&charge("order-1"));
        assert!(!matches!(resolution, Resolution::NotDone(_)), "{status}: {resolution:?}");
    }
}
