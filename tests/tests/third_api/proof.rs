//! Tests of signed notices over a local socket. A receiver accepts a notice only with a valid signature and a recent
//! timestamp, and each error names the reason without showing a secret.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use parcel_sdk::parcel::*;
use parcel_sdk::runtime::{CallbackAnswer, CallbackError, Unverified};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const OLD: &str = "whsec_Y2FuYXJ5LW9sZC1zZWNyZXQ=";
const NEW: &str = "whsec_Y2FuYXJ5LW5ldy1zZWNyZXQ=";
const OTHER: &str = "whsec_Y2FuYXJ5LW90aGVyLXNlY3JldA==";
const BODY: &str = r#"{"labelNo":"L-1","duty":12000}"#;

fn credentials(secret: &str) -> Credentials {
    Credentials { access_token: "canary-token".into(), depot_pin: "7351".into(), notice_secret: secret.into() }
}

async fn noticed(
    State(secrets): State<Arc<Vec<Credentials>>>,
    message: Unverified<CustomsNotice>,
) -> Result<CallbackAnswer, CallbackError> {
    let claim = CustomsNotice::verify(message.body(), &message.headers(), &secrets)?;
    assert_eq!(claim.unproven().label_no.as_ref().map(LabelNo::as_str), Some("L-1"));
    Ok(CustomsNotice::ANSWER)
}

/// Starts a receiver that accepts the signatures of the old and of the new secret.
fn receiver() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("a setting of the listener");
    let address = listener.local_addr().expect("an address");
    let secrets = Arc::new(vec![credentials(OLD), credentials(NEW)]);
    let router = Router::new().route("/notice", post(noticed)).with_state(secrets);
    std::thread::spawn(move || {
        tests::service::block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    address
}

fn seconds(time: SystemTime) -> String {
    time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs().to_string()
}

fn signed(body: &str, time: &str, secret: &str) -> Vec<(&'static str, String)> {
    let signed = [("notice-id", "n-1"), ("notice-timestamp", time)];
    let proof = CustomsNotice::sign(body.as_bytes(), &signed, &credentials(secret)).expect("it has every part");
    vec![("notice-id", "n-1".into()), ("notice-timestamp", time.to_owned()), ("notice-signature", proof)]
}

fn send(to: SocketAddr, headers: &[(&str, String)], body: &str) -> u16 {
    let mut connection = TcpStream::connect(to).expect("it listens");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head =
        format!("POST /notice HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n");
    connection.write_all(format!("{head}{body}").as_bytes()).expect("it reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("it answers");
    answer[9..12].parse().expect("a status")
}

/// Verifies a notice without axum, and returns the error. Checks that the error shows no secret.
fn rejected(headers: &[(&str, String)], body: &str, now: SystemTime) -> CallbackError {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let error = CustomsNotice::verify_at(body.as_bytes(), &headers, &[credentials(OLD), credentials(NEW)], now)
        .expect_err("it is rejected");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"), "{shown}");
    let expected = CustomsNotice::sign(body.as_bytes(), &headers, &credentials(OLD));
    assert!(expected.is_err() || !shown.contains(&expected.expect("a proof")[3..]), "{shown}");
    error
}

#[test]
fn a_notice_that_either_secret_signed_within_the_tolerance_is_accepted() {
    let (to, now) = (receiver(), SystemTime::now());
    for secret in [OLD, NEW] {
        for time in [now, now - Duration::from_secs(250), now + Duration::from_secs(250)] {
            assert_eq!(send(to, &signed(BODY, &seconds(time), secret), BODY), 204, "{secret}");
        }
    }
    // While the carrier replaces its secret, a notice has one signature of the old secret and one of the new secret.
    let mut both = signed(BODY, &seconds(now), OTHER);
    both[2].1 = format!("{} {}", both[2].1, signed(BODY, &seconds(now), NEW)[2].1);
    assert_eq!(send(to, &both, BODY), 204);
}

#[test]
fn a_notice_that_was_altered_or_signed_with_another_secret_is_rejected() {
    let (to, now) = (receiver(), SystemTime::now());
    let headers = signed(BODY, &seconds(now), NEW);
    for body in [BODY.replace("12000", "12001"), BODY.replace("\":", "\": "), format!("{BODY}\n")] {
        assert_eq!(send(to, &headers, &body), 401, "{body}");
        assert!(rejected(&headers, &body, now).is_not_genuine(), "{body}");
    }
    let other = signed(BODY, &seconds(now), OTHER);
    assert_eq!(send(to, &other, BODY), 401);
    assert!(rejected(&other, BODY, now).is_not_genuine());
    let mut renumbered = headers.clone();
    renumbered[0].1 = "n-2".into();
    assert_eq!(send(to, &renumbered, BODY), 401);
    // The signature covers the old time, and not the time that replaces it.
    let mut renewed = signed(BODY, &seconds(now - Duration::from_secs(3600)), NEW);
    renewed[1].1 = seconds(now);
    assert_eq!(send(to, &renewed, BODY), 401);
    assert!(rejected(&renewed, BODY, now).is_not_genuine());
}

#[test]
fn a_notice_that_is_too_old_or_from_the_future_is_rejected_because_of_its_time() {
    let (to, now) = (receiver(), SystemTime::now());
    for (time, words) in [
        (now - Duration::from_secs(3600), "behind this machine's clock"),
        (now + Duration::from_secs(3600), "ahead of this machine's clock"),
    ] {
        let headers = signed(BODY, &seconds(time), NEW);
        assert_eq!(send(to, &headers, BODY), 401, "{words}");
        let error = rejected(&headers, BODY, now);
        assert!(error.is_untimely() && !error.is_not_genuine(), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let headers = signed(BODY, "yesterday", NEW);
    assert_eq!(send(to, &headers, BODY), 400);
    let error = rejected(&headers, BODY, now).to_string();
    assert_eq!(error, "the time in `notice-timestamp` is not in the documented notation");
}

#[test]
fn a_notice_with_a_missing_or_repeated_header_is_rejected_and_the_header_is_named() {
    let (to, now) = (receiver(), SystemTime::now());
    let whole = signed(BODY, &seconds(now), NEW);
    for (at, (name, _)) in whole.iter().enumerate() {
        let mut without = whole.clone();
        without.remove(at);
        assert_eq!(send(to, &without, BODY), 401, "without {name}");
        let error = rejected(&without, BODY, now).to_string();
        assert!(error.ends_with(&format!("it has no header `{name}`")), "{error}");
        let twice: Vec<_> = whole.iter().cloned().chain([whole[at].clone()]).collect();
        assert_eq!(send(to, &twice, BODY), 401, "{name} twice");
        let error = rejected(&twice, BODY, now).to_string();
        assert!(error.contains(&format!("its header `{name}` is repeated")), "{error}");
    }
}

#[test]
fn the_client_does_not_need_a_secret_that_only_signs_notices() {
    let client = Client::new("canary-token_1".into(), "7351".into()).expect("two credentials are enough");
    assert!(client.warnings().is_empty(), "{:?}", client.warnings());
}
