//! Tests of an API with two tokens, over a local socket. The second one is handed out to the holder of the first.

#![allow(dead_code, reason = "of what the tests share, this one needs the API only")]

mod support;

use pagespec_runtime::__private as rt;
use rt::{Computed, Expiry, Header, HeaderValue, Make, Segment, TokenRule};
use serde::ser::SerializeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Code, LOOK, PayReply};

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

/// A request that needs the first token, or the second one.
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

/// Starts a service that refuses the first of the second tokens. Returns its URL and what it receives: the path with
/// the token.
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
async fn each_token_is_fetched_kept_and_renewed_by_itself() {
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
            // It was refused, and only it is fetched again.
            "/tokens/second first-1",
            "/second second-2",
            "/first first-1",
            "/second second-2",
            "/first first-1",
        ]
    );
}
