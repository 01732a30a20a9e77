//! Tests of a merchant's server that receives callbacks and the purchaser's return. Its handlers get the messages from
//! axum extractors. Functions without axum read the same messages. The tests use real sockets.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use toss_sdk::onboarding::{CardAuditCallback, Credentials, RegistrationCallback, ShopId};
use toss_sdk::pay::{PayStatus, PurchaserReturn, ResultCallback, is_callback_source};
use toss_sdk::runtime::{CallbackError, Claim, LONGEST_MESSAGE, Unverified};

type Secrets = Arc<Vec<Credentials>>;

async fn paid(claim: Claim<ResultCallback>) -> StatusCode {
    assert_eq!(claim.unproven().amount, Some(3000));
    StatusCode::OK
}

async fn returned(claim: Claim<PurchaserReturn>) -> StatusCode {
    assert_eq!(claim.unproven().status, Some(PayStatus::PayApproved));
    StatusCode::OK
}

async fn registered(
    State(secrets): State<Secrets>,
    message: Unverified<RegistrationCallback>,
) -> Result<StatusCode, CallbackError> {
    let claim = RegistrationCallback::verify(message.body(), message.header(), &secrets)?;
    assert_eq!(claim.unproven().shop_id, Some(ShopId::new("shop-1")));
    Ok(StatusCode::OK)
}

async fn audited(
    State(secrets): State<Secrets>,
    message: Unverified<CardAuditCallback>,
) -> Result<StatusCode, CallbackError> {
    let _ = CardAuditCallback::verify(message.body(), message.header(), &ShopId::new("shop-1"), &secrets)?;
    Ok(StatusCode::OK)
}

fn credentials(secret: &str) -> Credentials {
    Credentials { token: "token".into(), secret: secret.into() }
}

fn serve() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let secrets: Secrets = Arc::new(vec![credentials("old"), credentials("new")]);
    let router = Router::new()
        .route("/paid", post(paid))
        .route("/done", get(returned))
        .route("/registered", post(registered))
        .route("/audited", post(audited))
        .with_state(secrets);
    std::thread::spawn(move || {
        tests::service::block_on(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
        });
    });
    address
}

fn send(address: SocketAddr, request: &str, headers: &str, body: &str) -> (u16, String) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = body.len();
    let head =
        format!("{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n");
    connection.write_all(head.as_bytes()).unwrap();
    // Errors are ignored, because the server may answer and disconnect before it has read the whole request.
    let _ = connection.write_all(body.as_bytes());
    let mut answer = String::new();
    let _ = connection.read_to_string(&mut answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn example() -> ResultCallback {
    let mut message = ResultCallback::default();
    message.status = Some(PayStatus::PayComplete);
    message.pay_token = Some("t-1".into());
    message.amount = Some(3000);
    message.metadata = Some("한글 & more".into());
    message
}

#[test]
fn both_versions_of_a_callback_reach_the_handler_with_any_content_type() {
    let address = serve();
    let (json, form) = (example().to_json(), example().to_form());
    for label in ["content-type: application/json\r\n", "content-type: application/x-www-form-urlencoded\r\n", ""] {
        assert_eq!(send(address, "POST /paid", label, &json).0, 200, "{label}{json}");
        assert_eq!(send(address, "POST /paid", label, &form).0, 200, "{label}{form}");
    }
    let returned = send(address, "GET /done?mine=1&status=PAY_APPROVED&orderNo=o-1", "", "");
    assert_eq!(returned.0, 200);
}

#[test]
fn an_invalid_message_is_rejected_with_an_empty_body() {
    let address = serve();
    let long = format!(r#"{{"amount":3000,"metadata":"{}"}}"#, "x".repeat(LONGEST_MESSAGE));
    for (body, status) in [
        ("", 400),
        ("<html>canary</html>", 400),
        ("hello", 400),
        ("5", 400),
        ("null", 400),
        (r#"["canary"]"#, 400),
        (r#"{"canary":1}"#, 400),
        (r#"{"amount":3000,"amount":1}"#, 400),
        ("amount=3000&amount=1", 400),
        (r#"{"amount":3000"#, 400),
        (long.as_str(), 413),
    ] {
        let (answered, text) = send(address, "POST /paid", "", body);
        assert_eq!((answered, text.as_str()), (status, ""), "{}", &body[..body.len().min(40)]);
    }
    assert_eq!(send(address, "GET /done", "", "").0, 400);
    assert_eq!(send(address, "GET /done?status=PAY_APPROVED&status=PAY_COMPLETE", "", "").0, 400);
}

#[test]
fn a_body_of_unknown_length_is_read_up_to_the_limit() {
    let address = serve();
    let chunk = "x".repeat(1000);
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    connection.write_all(b"POST /paid HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    for _ in 0..200 {
        if connection.write_all(format!("3e8\r\n{chunk}\r\n").as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[test]
fn a_signed_message_needs_exactly_one_header_with_a_valid_hash() {
    let address = serve();
    let mut message = RegistrationCallback::default();
    message.shop_id = Some(ShopId::new("shop-1"));
    let body = message.to_json();
    let sign = |shop: &str, secret: &str| RegistrationCallback::sign(shop, &credentials(secret));
    let header = |value: &str| format!("auth-hash: {value}\r\n");
    let good = header(&sign("shop-1", "old"));
    for (headers, status) in [
        (good.clone(), 200),
        (header(&sign("shop-1", "new")), 200),
        (header(&sign("shop-1", "new").to_uppercase()), 200),
        (header(&sign("shop-1", "gone")), 401),
        (header(&sign("shop-2", "new")), 401),
        (header(""), 401),
        (String::new(), 401),
        ([good.clone(), good].concat(), 401),
    ] {
        assert_eq!(send(address, "POST /registered", &headers, &body), (status, String::new()), "{headers}");
    }
    assert_eq!(send(address, "POST /registered", &header(&sign("", "new")), r#"{"shopId":""}"#).0, 401);
    let sign = |shop: &str| header(&CardAuditCallback::sign(shop, &credentials("new")));
    for body in ["", "anything", r#"{"a":[1]}"#] {
        assert_eq!(send(address, "POST /audited", &sign("shop-1"), body).0, 200, "{body}");
        assert_eq!(send(address, "POST /audited", &sign("shop-2"), body).0, 401, "{body}");
    }
}

#[test]
fn a_message_is_written_as_it_is_read() {
    let of = |claim: Claim<ResultCallback>| claim.unproven().to_json();
    assert_eq!(of(ResultCallback::parse(example().to_json().as_bytes()).unwrap()), example().to_json());
    assert_eq!(of(ResultCallback::parse(example().to_form().as_bytes()).unwrap()), example().to_json());
    assert_eq!(format!("{:?}", ResultCallback::parse(example().to_form().as_bytes()).unwrap()), "Claim(unproven)");
}

#[test]
fn a_return_is_read_from_a_query_a_path_or_a_url() {
    let query = "status=PAY_APPROVED&orderNo=o-1";
    for text in [
        query.to_owned(),
        format!("?{query}"),
        format!("/done?{query}"),
        format!("done?{query}"),
        format!("/done?{query}#top"),
        format!("https://shop.example/done?{query}"),
        format!("https://shop.example?next=/a?b&{query}"),
        format!("https://shop.example/done;shop=1&x?{query}"),
        format!("/done;shop=1&x?{query}"),
        format!("{query}&back=https://shop.example/?a=b"),
    ] {
        let claim = PurchaserReturn::parse_query(&text).unwrap();
        assert_eq!(claim.unproven().status, Some(PayStatus::PayApproved), "{text}");
        assert_eq!(claim.unproven().order_no.as_ref().unwrap().as_str(), "o-1", "{text}");
    }
    for text in ["", "?", "https://shop.example/done", "/done", "a=b", "#status=PAY_APPROVED"] {
        assert!(PurchaserReturn::parse_query(text).is_err(), "{text}");
    }
}

#[test]
fn only_published_addresses_are_sources_of_callbacks() {
    let is = |text: &str| is_callback_source(text.parse::<IpAddr>().unwrap());
    for address in ["117.52.3.4", "117.52.3.80", "117.52.3.87", "211.115.96.83", "::ffff:211.115.96.11"] {
        assert!(is(address), "{address}");
    }
    for address in ["117.52.3.5", "117.52.3.79", "117.52.3.88", "127.0.0.1", "::1", "::ffff:10.0.0.1"] {
        assert!(!is(address), "{address}");
    }
}
