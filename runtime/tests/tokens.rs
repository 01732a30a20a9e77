//! Tests of an API with two tokens, over a local socket. The request for the second token needs the first one. Other
//! tests use a token that cannot be renewed, or a rejection that is not about the token.

use crate::support::{self, Code, LOOK, PayReply};
use pagespec_runtime::__private as rt;
use rt::{Computed, Expiry, Header, HeaderValue, Make, Segment, TokenRule};
use serde::ser::SerializeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const fn token(operation: usize) -> TokenRule {
    TokenRule {
        operation,
        member: &["token"],
        expiry: Expiry::For(Duration::from_secs(600)),
        now: &[],
        expired: &[],
        expired_statuses: &[401],
    }
}

const fn operation(
    id: &'static str,
    index: usize,
    path: &'static [Segment],
    headers: &'static [Header],
) -> rt::Operation {
    rt::Operation { id, index, path, headers, ..LOOK }
}

const fn authorized_by(index: usize) -> Header {
    Header { name: "Authorization", value: HeaderValue::Computed { index, prefix: "Bearer " } }
}

static FIRST: rt::Operation = operation("first", 0, &[Segment::Literal("/first")], &[authorized_by(0)]);
static SECOND: rt::Operation = operation("second", 1, &[Segment::Literal("/second")], &[authorized_by(1)]);
static HAND_OUT_FIRST: rt::Operation = operation("hand_out_first", 2, &[Segment::Literal("/tokens/first")], &[]);
static HAND_OUT_SECOND: rt::Operation =
    operation("hand_out_second", 3, &[Segment::Literal("/tokens/second")], &[authorized_by(0)]);
static RULES: [TokenRule; 2] = [token(2), token(3)];
static API: rt::Api = rt::Api {
    headers: &[],
    computed: &[
        Computed { name: "first_token", make: Make::Token(&RULES[0]), secret: true },
        Computed { name: "second_token", make: Make::Token(&RULES[1]), secret: true },
    ],
    operations: &[&FIRST, &SECOND, &HAND_OUT_FIRST, &HAND_OUT_SECOND],
    ..support::API
};

/// A request that needs the second token if `SECOND_TOKEN` is set, and otherwise the first token.
struct Ask<const SECOND_TOKEN: bool>;

impl<const SECOND_TOKEN: bool> rt::Validate for Ask<SECOND_TOKEN> {
    fn check(&self, _: &mut rt::Check<'_>) {}
}

impl<const SECOND_TOKEN: bool> rt::Members for Ask<SECOND_TOKEN> {
    fn members<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<const SECOND_TOKEN: bool> rt::Request for Ask<SECOND_TOKEN> {
    type Reply = PayReply;

    const OPERATION: &'static rt::Operation = if SECOND_TOKEN { &SECOND } else { &FIRST };
}

/// Starts a service that rejects the first value of the second token. Returns its URL and the received requests, each
/// as its path and token.
fn service() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let received = Arc::<Mutex<Vec<String>>>::default();
    let kept = received.clone();
    std::thread::spawn(move || {
        let (mut firsts, mut seconds) = (0, 0);
        for mut stream in listener.incoming().flatten() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let given = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("authorization: bearer ").map(str::to_owned));
            let given = given.unwrap_or_default();
            kept.lock().expect("no panic before").push(format!("{path} {given}").trim().to_owned());
            let (status, token) = match (path.as_str(), given.as_str()) {
                ("/tokens/first", _) => {
                    firsts += 1;
                    ("200 OK", format!("first-{firsts}"))
                }
                ("/tokens/second", "first-1") => {
                    seconds += 1;
                    ("200 OK", format!("second-{seconds}"))
                }
                ("/first", "first-1") | ("/second", "second-2") => ("200 OK", "done".to_owned()),
                _ => ("401 Unauthorized", String::new()),
            };
            let body = if token.is_empty() { String::new() } else { format!(r#"{{"code":0,"token":"{token}"}}"#) };
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).expect("written");
        }
    });
    (url, received)
}

#[tokio::test]
async fn each_token_is_fetched_kept_and_renewed_independently() {
    let (url, received) = service();
    let client = rt::Core::<Code>::builder(&API, vec!["canary_key_1".into()]).base_url(&url).build().expect("a client");
    for _ in 0..2 {
        client.call(&Ask::<true>).await.expect("the second token");
        client.call(&Ask::<false>).await.expect("the first token");
    }
    assert_eq!(
        *received.lock().expect("no panic before"),
        [
            "/tokens/first",
            "/tokens/second first-1",
            "/second second-1",
            // The service has rejected `second-1`, so only the second token is fetched again.
            "/tokens/second first-1",
            "/second second-2",
            "/first first-1",
            "/second second-2",
            "/first first-1",
        ]
    );
}

static RENEWED: TokenRule = TokenRule { expired: &["BUSY", "DENIED"], ..token(1) };
static CHANGE: rt::Operation = rt::Operation {
    recovery: rt::Recovery::Never,
    moves_money: true,
    ..operation("change", 0, &[Segment::Literal("/change")], &[authorized_by(0)])
};
static HAND_OUT: rt::Operation = operation("hand_out", 1, &[Segment::Literal("/token")], &[]);
static MONEY: rt::Api = rt::Api {
    headers: &[],
    computed: &[Computed { name: "token", make: Make::Token(&RENEWED), secret: true }],
    operations: &[&CHANGE, &HAND_OUT],
    ..support::API
};

/// A request that moves money, with the recovery class `never`.
struct Change;

impl rt::Validate for Change {
    fn check(&self, _: &mut rt::Check<'_>) {}
}

impl rt::Members for Change {
    fn members<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl rt::Request for Change {
    type Reply = PayReply;

    const OPERATION: &'static rt::Operation = &CHANGE;
}

/// Error codes of the API `MONEY`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum MoneyCode {
    /// The token is not valid any more.
    Denied,
    /// The shop is busy.
    Busy,
    Other(String),
}

impl rt::ErrorCode for MoneyCode {
    fn from_text(text: &str) -> Self {
        match text {
            "DENIED" => Self::Denied,
            "BUSY" => Self::Busy,
            _ => Self::Other(text.to_owned()),
        }
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Denied => "DENIED",
            Self::Busy => "BUSY",
            Self::Other(text) => text,
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    fn advice(&self) -> rt::Advice {
        match self {
            Self::Denied => rt::Advice::CheckKey,
            Self::Busy => rt::Advice::TryLater,
            Self::Other(_) => rt::Advice::Undocumented,
        }
    }
}

/// Starts a service that issues a limited number of tokens, each after a delay, and sends the same reply to every
/// change. Returns its URL and the requested paths.
fn money_service(
    tokens: usize,
    delay: Duration,
    answer: (&'static str, &'static str),
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let received = Arc::<Mutex<Vec<String>>>::default();
    let kept = received.clone();
    std::thread::spawn(move || {
        let mut fetched = 0;
        for mut stream in listener.incoming().flatten() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                head.push(byte[0]);
            }
            let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_owned();
            kept.lock().expect("no panic before").push(path.clone());
            let (status, body) = match path.as_str() {
                "/token" if fetched < tokens => {
                    fetched += 1;
                    std::thread::sleep(delay);
                    ("200 OK", r#"{"code":0,"token":"t"}"#)
                }
                "/token" => ("200 OK", r#"{"code":-1,"errorCode":"NO_MORE_TOKENS"}"#),
                _ => answer,
            };
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).expect("written");
        }
    });
    (url, received)
}

async fn change(tokens: usize, answer: (&'static str, &'static str)) -> (rt::Error<MoneyCode>, Vec<String>) {
    let (url, received) = money_service(tokens, Duration::ZERO, answer);
    let client =
        rt::Core::<MoneyCode>::builder(&MONEY, vec!["canary_key_1".into()]).base_url(&url).build().expect("a client");
    let error = client.call(&Change).await.expect_err("a refusal");
    let received = received.lock().expect("no panic before").clone();
    (error, received)
}

const LAPSED: (&str, &str) = ("401 Unauthorized", r#"{"code":-1,"errorCode":"DENIED","msg":"lapsed"}"#);

#[tokio::test]
async fn a_call_whose_token_cannot_be_renewed_keeps_the_result_of_its_attempt() {
    use rt::{Advice, Outcome};
    let (error, received) = change(1, LAPSED).await;
    assert_eq!(received, ["/token", "/change", "/token"]);
    // One attempt was sent and was refused as documented, so the outcome is `Rejected` instead of `NotSent`.
    assert_eq!((error.outcome(), error.attempts(), error.http_status()), (Outcome::Rejected, 1, Some(401)));
    assert_eq!((error.code(), error.advice()), (Some(&MoneyCode::Denied), Some(Advice::CheckKey)));
    assert!(error.to_string().contains("no access token") && error.to_string().contains("NO_MORE_TOKENS"), "{error}");
    // Without any token, nothing was sent.
    let (error, received) = change(0, LAPSED).await;
    assert_eq!((error.outcome(), error.attempts(), received.len()), (Outcome::NotSent, 0, 1));
}

#[tokio::test]
async fn a_request_is_not_sent_if_fetching_the_token_took_most_of_the_time() {
    let total = Duration::from_secs(2);
    for (delay, paths) in [(Duration::ZERO, &["/token", "/change"][..]), (total * 2 / 3, &["/token"])] {
        let (url, received) = money_service(1, delay, ("200 OK", r#"{"code":-1,"errorCode":"BUSY"}"#));
        let client = rt::Core::<MoneyCode>::builder(&MONEY, vec!["canary_key_1".into()]).base_url(&url).build();
        let client = client.expect("a client").with(rt::CallOptions::new().total_timeout(total));
        let error = client.call(&Change).await.expect_err("a refusal or no time");
        let outcome = if delay.is_zero() { rt::Outcome::Rejected } else { rt::Outcome::NotSent };
        assert_eq!(error.outcome(), outcome, "{error}");
        assert_eq!(*received.lock().expect("no panic before"), paths);
    }
}

/// A documented refusal proves that the request was not carried out; a status alone does not.
#[tokio::test]
async fn a_request_that_is_never_sent_again_is_sent_with_another_token_only_after_a_documented_refusal() {
    let (error, received) = change(9, LAPSED).await;
    assert_eq!((error.outcome(), error.attempts()), (rt::Outcome::Rejected, 2));
    assert_eq!(received, ["/token", "/change", "/token", "/change"]);
    for body in ["", r#"{"code":-1,"errorCode":"NEW"}"#] {
        let (error, received) = change(9, ("401 Unauthorized", body)).await;
        assert_eq!((error.outcome(), error.attempts()), (rt::Outcome::Unknown, 1), "{body}");
        assert_eq!(received, ["/token", "/change"], "{body}");
    }
}

#[tokio::test]
async fn a_code_with_a_meaning_of_its_own_is_not_about_the_token() {
    let (error, received) = change(9, ("200 OK", r#"{"code":-1,"errorCode":"BUSY"}"#)).await;
    assert_eq!((error.outcome(), error.advice()), (rt::Outcome::Rejected, Some(rt::Advice::TryLater)));
    assert_eq!(received, ["/token", "/change"]);
}
