//! Tests of the client against a scripted server, over real sockets on this machine.

use crate::support::{self, API, Code, Error, Look, pay};
use pagespec_runtime::__private as rt;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rt::{Core, CoreBuilder, Outcome, SecretText};

/// Returns the `Auth-Hash` of a request: SHA-256 of the parts, in hexadecimal.
fn sha256_hex(parts: &[&str]) -> String {
    hmac_sha256::Hash::hash(parts.concat().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

const KEY: &str = "canary_key_1";

/// Action of the server after it has read the request.
#[derive(Clone)]
enum Answer {
    /// Sends these bytes and closes the connection.
    Send(String),
    /// Sends these bytes, and keeps the connection open.
    Stall(String),
}

/// Server that answers every request in the same way and records the requests.
struct Server {
    url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/base/", listener.local_addr().expect("an address"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = received.clone();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming().take(20) {
                let mut stream = stream.expect("a connection");
                log.lock().expect("no panic before").push(read_request(&mut stream));
                match &answer {
                    Answer::Send(text) => stream.write_all(text.as_bytes()).expect("written"),
                    Answer::Stall(text) => {
                        stream.write_all(text.as_bytes()).expect("written");
                        open.push(stream);
                    }
                }
            }
        });
        Self { url, received }
    }

    fn replying(status: &str, body: &str) -> Self {
        Self::start(Answer::Send(reply(status, body)))
    }

    fn received(&self) -> Vec<String> {
        self.received.lock().expect("no panic before").clone()
    }

    fn client(&self) -> Core<Code> {
        builder(KEY).base_url(&self.url).build().expect("a client")
    }
}

fn reply(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).expect("read");
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // First byte of a TLS handshake.
        let is_tls = bytes.first() == Some(&0x16);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if count == 0 || is_tls {
                return text;
            }
            continue;
        };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

fn builder(key: &str) -> CoreBuilder<Code> {
    Core::builder(&API, vec![key.into()])
}

fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.body_excerpt(), error.raw());
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text.push_str(&format!(" {inner} {inner:?}"));
        source = inner.source();
    }
    text
}

/// Checks the properties that every error must have.
fn assert_sound(error: &Error) {
    let text = shown(error);
    for leak in ["canary", "/base/", "http://", "Bearer"] {
        assert!(!text.contains(leak), "{leak}: {text}");
    }
    assert!(!error.to_string().contains('\n'));
}

async fn fails(server: &Server) -> Error {
    let error = server.client().call(&pay()).await.expect_err("no success");
    assert_sound(&error);
    assert_eq!((server.received().len(), error.attempts()), (1, 1), "sent once: {error}");
    error
}

#[tokio::test]
async fn a_success_is_read_and_the_request_is_complete() {
    let server = Server::replying("200 OK", r#"{"code":0,"amount":1000,"token":"t","new":1}"#);
    let reply = server.client().call(&pay()).await.expect("success");
    assert_eq!((reply.amount, reply.token.as_str(), reply.raw.status()), (Some(1000), "t", 200));
    assert_eq!(reply.raw.header("content-type"), Some("application/json"));
    assert_eq!(reply.raw.member("new"), Some(1.into()));
    let request = server.received().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let head = head.to_ascii_lowercase();
    assert_eq!(body, r#"{"apiKey":"canary_key_1","orderNo":"order-1","amount":1000}"#);
    assert!(head.starts_with("post /base/v2/pay http/1.1\r\n"), "{head}");
    let hash = sha256_hex(&[KEY]);
    for line in [
        "accept: application/json",
        "user-agent: shop-sdk/1.2.0",
        "content-type: application/json",
        "x-version: 2",
        "authorization: bearer canary_key_1",
        &format!("auth-hash: {hash}"),
    ] {
        assert_eq!(head.matches(&format!("\r\n{line}")).count(), 1, "{line}: {head}");
    }
    assert!(!head.contains("accept-encoding"), "{head}");
}

#[tokio::test]
async fn a_request_without_a_body_has_its_parameters_in_path_and_query() {
    let server = Server::replying("200 OK", r#"{"code":0}"#);
    let request = Look { shop: "가/..".into(), names: vec!["a&b".into(), "null".into()] };
    let client = builder(KEY).base_url(&server.url).application("my-shop/1.0").build().expect("a client");
    client.call(&request).await.expect("success");
    let received = server.received().remove(0);
    assert!(
        received.starts_with("GET /base/v2/shops/%EA%B0%80%2F../items?name=a%26b&name=null HTTP/1.1\r\n"),
        "{received}"
    );
    assert!(received.ends_with("\r\n\r\n"), "{received}");
    let head = received.to_ascii_lowercase();
    assert!(!head.contains("content-type") && !head.contains("content-length"), "{head}");
    assert!(
        head.contains(&format!("auth-hash: {}", sha256_hex(&[KEY, "가/.."]))),
        "the parameter must be hashed as it was given"
    );
    assert!(head.contains(" my-shop/1.0\r\n"), "{head}");
}

#[tokio::test]
async fn a_path_parameter_that_names_another_resource_is_not_sent() {
    let server = Server::replying("200 OK", r#"{"code":0}"#);
    for shop in ["", ".", ".."] {
        let error = server.client().call(&Look { shop: shop.into(), names: Vec::new() }).await.expect_err("refused");
        assert_eq!((error.outcome(), error.is_invalid_request()), (Outcome::NotSent, true), "{error}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_request_that_breaks_a_rule_is_not_sent() {
    let server = Server::replying("200 OK", r#"{"code":0}"#);
    let error = server.client().call(&support::Pay { order_no: "".into(), amount: 0 }).await.expect_err("refused");
    assert_eq!(
        (error.outcome(), error.attempts(), error.violations().map(rt::Violations::len)),
        (Outcome::NotSent, 0, Some(2))
    );
    assert!(error.to_string().starts_with("pay: not sent: the request breaks a rule: orderNo: "), "{error}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_documented_failure_is_a_rejection() {
    let server = Server::replying("200 OK", r#"{"code":-1,"errorCode":"BUSY","msg":"key canary_key_1 is known"}"#);
    let error = fails(&server).await;
    assert_eq!((error.outcome(), error.code(), error.http_status()), (Outcome::Rejected, Some(&Code::Busy), Some(200)));
    let text = error.to_string();
    assert!(
        text.starts_with("pay: rejected by the service: BUSY \"key [redacted] is known\" (HTTP 200, 1 attempt, "),
        "{text}"
    );
}

#[tokio::test]
async fn a_code_that_leaves_the_outcome_open_makes_it_unknown() {
    for code in ["UNSURE", " UNSURE\t", "unsure", "DONE", "done "] {
        let body = serde_json::json!({"code": -1, "errorCode": code}).to_string();
        let error = fails(&Server::replying("200 OK", &body)).await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{code:?}");
    }
}

#[tokio::test]
async fn an_error_page_leaves_the_outcome_unknown_and_is_not_shown_when_it_echoes_the_request() {
    for body in [
        format!("<html>oops, key {KEY}</html>"),
        format!(r#"<html>{{"apiKey":"{KEY}"}}</html>"#),
        format!("<html>auth-hash: {} canary</html>", sha256_hex(&[KEY])),
    ] {
        let error = fails(&Server::replying("500 Internal Server Error", &body)).await;
        assert_eq!((error.outcome(), error.http_status()), (Outcome::Unknown, Some(500)));
        assert!(!shown(&error).contains(&sha256_hex(&[KEY])));
    }
}

#[tokio::test]
async fn the_hash_that_proves_the_caller_is_not_shown() {
    let hash = sha256_hex(&[KEY]);
    let error = fails(&Server::replying("200 OK", &format!(r#"{{"code":-1,"msg":"{hash} is wrong"}}"#))).await;
    assert!(!shown(&error).contains(&hash), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::replying("200 OK", r#"{"code":0}"#);
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = &elsewhere.url;
        let server = Server::start(Answer::Send(format!(
            "HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )));
        let error = fails(&server).await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_missing_reply_leaves_the_outcome_unknown() {
    for said in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"code\""] {
        let server = Server::start(Answer::Stall(said.into()));
        let limit = Duration::from_millis(300);
        let client: Core<Code> = builder(KEY).base_url(&server.url).attempt_timeout(limit).build().expect("a client");
        let error = client.call(&pay()).await.expect_err("no reply");
        assert_sound(&error);
        assert_eq!((error.outcome(), error.is_timeout()), (Outcome::Unknown, true), "{error}");
        assert!(error.elapsed() >= limit && error.to_string().contains("no complete reply within 300ms"), "{error}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    // The system assigns port 1 to no other test.
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:1");
        let client: Core<Code> = builder(KEY).base_url(url).build().expect("a client");
        let error = client.call(&pay()).await.expect_err("no server listens");
        assert_eq!(
            (error.outcome(), error.is_connect(), error.http_status()),
            (Outcome::NotSent, true, None),
            "{error}"
        );
        assert!(error.to_string().starts_with("pay: not sent: no connection: "), "{error}");
        assert!(!shown(&error).contains("canary"));
    }
}

#[tokio::test]
async fn a_server_without_tls_means_not_sent() {
    let server = Server::start(Answer::Send("this is no TLS".into()));
    let url = server.url.replace("http://", "https://");
    let client: Core<Code> = builder(KEY).base_url(url).build().expect("a client");
    let error = client.call(&pay()).await.expect_err("no TLS");
    assert_eq!((error.outcome(), error.is_connect()), (Outcome::NotSent, true), "{error}");
    assert!(server.received().iter().all(|bytes| !bytes.contains("canary")), "nothing may be sent in the clear");
}

#[tokio::test]
async fn a_broken_reply_leaves_the_outcome_unknown() {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    for sent in [
        String::new(),
        "HTTP/1.1 200 OK\r\nContent-".into(),
        format!("{head}Content-Length: 50\r\n\r\n{{\"code\":0,"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"cod\r\n"),
        "SSH-2.0-canary\r\n\r\n".into(),
        reply("200 OK", r#"{"code":0,"token":"can"#),
        reply("200 OK", ""),
        format!("{head}Content-Length: 900000000\r\n\r\n{{\"code\":0}}"),
    ] {
        let error = fails(&Server::start(Answer::Send(sent.clone()))).await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{sent}: {error}");
        assert!(!error.is_connect(), "{sent}: {error}");
    }
}

#[tokio::test]
async fn a_reply_that_never_ends_is_aborted_at_the_size_limit() {
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let sent = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(9));
    let error = fails(&Server::start(Answer::Stall(sent))).await;
    assert_eq!((error.outcome(), error.http_status()), (Outcome::Unknown, Some(200)));
    assert!(error.to_string().contains("longer than 8388608 bytes"), "{error}");
}

#[tokio::test]
async fn a_call_can_be_spawned() {
    let server = Server::replying("200 OK", r#"{"code":0}"#);
    let client = server.client();
    let reply = tokio::spawn(async move { client.clone().call(&pay()).await }).await.expect("no panic");
    assert!(reply.is_ok());
}

/// Signed request with an idempotency key, a nonce in its headers, and random texts in its body and query.
struct Signed {
    key: String,
}

impl rt::Validate for Signed {
    fn check(&self, _check: &mut rt::Check<'_>) {}
}

impl rt::Members for Signed {
    fn members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("amount", &1000)
    }
}

impl rt::Request for Signed {
    type Reply = support::PayReply;

    const OPERATION: &'static rt::Operation = &SIGNED;

    fn parameter(&self, _: &str) -> &str {
        "t 1"
    }

    fn query(&self, query: &mut rt::Query) {
        query.push("lang", "ko'en");
    }

    fn headers(&self, headers: &mut rt::Headers) {
        headers.push("Idempotency-Key", &self.key);
    }
}

static SIGNED: rt::Operation = rt::Operation {
    id: "signed",
    path: &[rt::Segment::Literal("/v3/pay/"), rt::Segment::Parameter("t")],
    body_credentials: &[],
    body_values: &[("ticket", 1), ("at", 3)],
    query_credentials: &[],
    query_values: &[("once", 2)],
    query_fixed: &[],
    recovery: rt::Recovery::Resend,
    ..support::PAY
};

const fn computed(name: &'static str, make: rt::Make) -> rt::Computed {
    rt::Computed { name, make, secret: false }
}

static SIGNED_API: rt::Api = rt::Api {
    operations: &[&SIGNED],
    headers: &[
        rt::Header { name: "X-Nonce", value: rt::HeaderValue::Computed { index: 0, prefix: "" } },
        rt::Header { name: "X-Time", value: rt::HeaderValue::Computed { index: 4, prefix: "" } },
        rt::Header { name: "X-At", value: rt::HeaderValue::Computed { index: 3, prefix: "" } },
        rt::Header { name: "X-Signature", value: rt::HeaderValue::Computed { index: 5, prefix: "" } },
    ],
    computed: &[
        computed("nonce", rt::Make::Random(rt::RandomForm::Uuid)),
        computed("ticket", rt::Make::Random(rt::RandomForm::Hex)),
        computed("once", rt::Make::Random(rt::RandomForm::Hex)),
        computed("at", rt::Make::Now(rt::TimeFormat { pattern: "yyyyMMddHHmmssSSSSSSSSS", offset: 9 * 3600 })),
        computed("time", rt::Make::Now(rt::TimeFormat { pattern: "yyyyMMddHHmmssSSSSSSSSS", offset: 0 })),
        computed(
            "signature",
            rt::Make::Hmac {
                hash: rt::Hash::Sha256,
                key: rt::Piece::Credential(0),
                key_form: rt::KeyForm::Text,
                over: &[
                    rt::Piece::WholePath,
                    rt::Piece::WholeQuery,
                    rt::Piece::Body,
                    rt::Piece::Computed(0),
                    rt::Piece::Computed(4),
                ],
                written: rt::Written::Hex,
            },
        ),
    ],
    ..API
};

#[tokio::test]
async fn each_attempt_has_a_new_signature_and_the_same_body_and_key() {
    let server = Server::replying("503 Service Unavailable", "");
    let retries = rt::RetryPolicy::standard().attempts(3);
    let client: Core<Code> =
        Core::builder(&SIGNED_API, vec![KEY.into()]).base_url(&server.url).retries(retries).build().expect("a client");
    let error = client.call(&Signed { key: "key-1".into() }).await.expect_err("no success");
    assert_eq!(error.attempts(), 3, "{error}");
    let received = server.received();
    assert_eq!(received.len(), 3);
    let parts = received.iter().map(|text| {
        let (head, body) = text.split_once("\r\n\r\n").expect("a request");
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix(name).map(str::to_owned));
            line.unwrap_or_else(|| panic!("{name} {head}"))
        };
        let target = head.split(' ').nth(1).expect("a target");
        let (path, query) = target.split_once('?').expect("a query");
        assert_eq!(path, "/base/v3/pay/t%201");
        let (nonce, time) = (header("x-nonce: "), header("x-time: "));
        let signed = [path, query, body, &nonce, &time].concat();
        let expected: String = hmac_sha256::HMAC::mac(signed, KEY).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(header("x-signature: "), expected, "{head}");
        assert_eq!(header("idempotency-key: "), "key-1");
        let members: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(members["at"], header("x-at: "), "body and header must have the same time");
        (body.to_owned(), query.to_owned(), nonce, time)
    });
    let parts: Vec<_> = parts.collect();
    for (n, (body, query, nonce, time)) in parts.iter().enumerate().skip(1) {
        let (first, ..) = &parts[0];
        assert_eq!(body, first);
        for (_, other_query, other_nonce, other_time) in &parts[..n] {
            assert!(query != other_query && nonce != other_nonce && time != other_time);
        }
    }
}

/// The request `Pay`, sent as a form.
struct FormPay(support::Pay);

impl rt::Validate for FormPay {
    fn check(&self, check: &mut rt::Check<'_>) {
        self.0.check(check);
    }
}

impl rt::Members for FormPay {
    fn members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.members(map)
    }
}

impl rt::Request for FormPay {
    type Reply = support::PayReply;

    const OPERATION: &'static rt::Operation = &FORM_PAY;
}

static FORM_PAY: rt::Operation = rt::Operation { id: "form_pay", index: 2, body: rt::BodyFormat::Form, ..support::PAY };

static FORM_API: rt::Api = rt::Api { operations: &[&support::PAY, &support::LOOK, &FORM_PAY], ..API };

static JSON_BY_HEADER: rt::Api = rt::Api {
    headers: &[rt::Header { name: "Content-Type", value: rt::HeaderValue::Constant("application/json;charset=UTF-8") }],
    ..FORM_API
};

static FORM_BY_HEADER: rt::Api = rt::Api {
    headers: &[rt::Header {
        name: "content-type",
        value: rt::HeaderValue::Constant("application/x-www-form-urlencoded;charset=utf-8"),
    }],
    ..FORM_API
};

#[tokio::test]
async fn the_content_type_matches_the_encoding_of_the_operation() {
    const JSON: &str = r#"{"apiKey":"canary_key_1","orderNo":"order-1","amount":1000}"#;
    const FORM: &str = "apiKey=canary_key_1&orderNo=order-1&amount=1000";
    for (api, json, form) in [
        (&FORM_API, "application/json", "application/x-www-form-urlencoded"),
        (&JSON_BY_HEADER, "application/json;charset=UTF-8", "application/x-www-form-urlencoded"),
        (&FORM_BY_HEADER, "application/json", "application/x-www-form-urlencoded;charset=utf-8"),
    ] {
        let server = Server::replying("200 OK", r#"{"code":0}"#);
        let client: Core<Code> = Core::builder(api, vec![KEY.into()]).base_url(&server.url).build().expect("a client");
        client.call(&pay()).await.expect("a success");
        client.call(&FormPay(pay())).await.expect("a success");
        for (received, content_type, body) in [(0, json, JSON), (1, form, FORM)] {
            let received = &server.received()[received];
            let (head, sent) = received.split_once("\r\n\r\n").expect("a request");
            let types: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("content-type: ")).collect();
            assert_eq!((types, sent), (vec![content_type], body));
        }
    }
}

#[test]
fn a_client_shows_no_credential() {
    let text = format!("{:?} {:?}", builder(KEY).base_url("https://canary:canary@shop.example"), builder(KEY).build());
    assert!(!text.contains("canary") && text.contains("https://shop.example"), "{text}");
}

#[test]
fn unusable_settings_are_reported_when_the_client_is_built() {
    let refused = |builder: CoreBuilder<Code>, says| builder.build().expect_err(says).to_string();
    for (builder, says) in [
        (builder("other_canary"), "api_key: this is a key of the other product"),
        (builder(""), "api_key: at least 1 character is needed"),
        (builder(&"canary".repeat(9)), "api_key: at most 30 characters are allowed, 54 were given"),
        (builder("canary\n"), "api_key contains a blank, a line break or a control character"),
        (builder("canary "), "api_key contains a blank, a line break or a control character"),
        (builder(" other_canary"), "api_key contains a blank, a line break or a control character"),
        (builder("canary\u{7f}"), "api_key contains a blank, a line break or a control character"),
        (builder("canary가"), "api_key has the character U+AC00 at position 7"),
        (builder(KEY).base_url("http://shop.example"), "plain http is allowed only for this machine"),
        (builder(KEY).base_url("https://canary@shop.example"), "must not have a user name"),
        (builder(KEY).stage(9), "no stage number 9"),
        (builder(KEY).attempt_timeout(Duration::ZERO), "timeout: must be more than zero"),
        (builder(KEY).application("a\r\nX: canary"), "the application's name"),
        (Core::builder(&API, Vec::new()), "Shop needs api_key; 0 credentials were given"),
    ] {
        let error = refused(builder, says);
        assert!(error.contains(says) && !error.contains("canary"), "{says}: {error}");
    }
}

#[test]
fn errors_name_the_characters_that_were_copied_with_a_key_but_no_part_of_the_key() {
    for (around, says) in [
        ("\"{}\"", "api_key is in quotes"),
        ("'{}'", "api_key is in quotes"),
        ("\u{201c}{}\u{201d}", "api_key is in quotes"),
        ("`{}", "api_key is in quotes"),
        ("{}\u{2019}", "api_key is in quotes"),
        ("{}\n", "a line break"),
        ("{}\u{85}", "a control character"),
        ("{}\u{200b}", "U+200B ZERO WIDTH SPACE"),
        ("\u{feff}{}", "U+FEFF BYTE ORDER MARK"),
        ("\u{a0}{}", "U+00A0 NO-BREAK SPACE"),
        ("{}\u{3000}", "U+3000 IDEOGRAPHIC SPACE"),
        ("{}\u{ad}", "U+00AD SOFT HYPHEN"),
        ("\u{202a}{}\u{202c}", "U+202A"),
        ("\u{200e}{}", "U+200E LEFT-TO-RIGHT MARK"),
        ("{}\u{3164}", "U+3164 HANGUL FILLER"),
        ("{}\u{ff0c}", "full-width"),
        ("{},", "ends with a comma"),
        ("{};", "ends with a comma"),
        ("SHOP_KEY={}", "begins with the name of its variable"),
        ("${{}}", "is a placeholder"),
        ("<{}>", "is a placeholder"),
        ("$SHOP_KEY", "is a placeholder"),
        ("{}\\n", "contains a backslash"),
        ("{}\\r\\n", "contains a backslash"),
        ("{}\u{430}", "has the character U+0430 at position 14"),
        ("{}***", "is masked or abbreviated"),
        ("{}...", "is masked or abbreviated"),
        ("{}\u{2022}\u{2022}", "is masked or abbreviated"),
        ("{}\u{2026}", "is masked or abbreviated"),
        ("undefined", "notation for an unset value"),
        ("canary_live_", "the rest is missing"),
        ("x{}", "api_key contains `canary_live_` but does not begin with it"),
        ("Bearer:{}", "api_key contains `canary_live_` but does not begin with it"),
    ] {
        let error = builder(&around.replace("{}", "canary_live_1")).build().expect_err(says).to_string();
        assert!(error.contains(says), "{around:?}: {error}");
        assert!(!error.replace("`canary_live_`", "").contains("canary"), "{error}");
    }
}

#[test]
fn a_damaged_live_key_does_not_evade_the_rule_for_live_keys() {
    for key in ["canary_live_1", "CANARY_LIVE_1", "\"canary_live_1\"", "\u{200b}canary_live_1", "x-canary_live_1"] {
        let built: Result<Core<Code>, _> = builder(key).base_url("http://localhost:8080").build();
        let error = built.expect_err("a live key over plain http").to_string();
        assert!(!error.contains("live_1"), "{error}");
    }
}

#[test]
fn errors_name_the_characters_that_were_copied_with_a_proxy() {
    for (proxy, says) in [
        ("\"http://canary@proxy.example:3128\"", "the proxy's address is in quotes"),
        ("http://canary\u{200b}.example:3128", "U+200B ZERO WIDTH SPACE"),
        ("HTTPS_PROXY=http://canary.example", "begins with the name of its variable"),
        ("http://canary:70000", "is not a URL"),
    ] {
        let error = builder(KEY).proxy(proxy).build().expect_err(says).to_string();
        assert!(error.contains(says) && !error.contains("canary"), "{error}");
    }
    assert!(builder(KEY).proxy(" http://proxy.example:3128\n").build().is_ok());
    assert!(builder(KEY).proxy("proxy.example:3128").build().is_ok());
}

#[test]
fn errors_name_the_format_of_certificates_that_are_not_pem() {
    for (pem, says) in [
        (&b"/etc/ssl/shop.pem"[..], "the content of the file, not its path"),
        (&[0x30, 0x82, 0x03, 0x10, 0x30], "DER"),
        (b"some\ntext\n", "no certificate in PEM"),
    ] {
        let error = builder(KEY).root_certificates(pem).build().expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// Environment variable that is set in the child process of a test without certificates.
const BARE: &str = "TEST_WITHOUT_CERTIFICATES";

#[tokio::test]
async fn without_ca_certificates_http_on_this_machine_works_and_https_says_what_is_missing() {
    if std::env::var_os(BARE).is_none() {
        let name = "client::without_ca_certificates_http_on_this_machine_works_and_https_says_what_is_missing";
        let output = std::process::Command::new(std::env::current_exe().expect("it has a name"))
            .args(["--exact", name, "--nocapture"])
            .envs([(BARE, "1"), ("SSL_CERT_FILE", "/none"), ("SSL_CERT_DIR", "/empty")])
            .output()
            .expect("it can be started");
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let server = Server::replying("200 OK", r#"{"code":0}"#);
    server.client().call(&pay()).await.expect("plain http needs no certificates");
    let url = server.url.replace("127.0.0.1", "localhost");
    let own = rt::reqwest::Client::builder().tcp_nodelay(true);
    let client: Core<Code> =
        builder(KEY).base_url(url).http_client(own).build().expect("the caller's own HTTP client works too");
    client.call(&pay()).await.expect("plain http needs no certificates");
    if cfg!(all(unix, not(target_vendor = "apple"))) {
        for https in [builder(KEY), builder(KEY).base_url("https://localhost:1")] {
            let error = https.build().expect_err("there are no certificates").to_string();
            for says in ["CA certificates", "SSL_CERT_FILE", "SSL_CERT_DIR", "`ca-certificates`", "`root_certificates`"]
            {
                assert!(error.contains(says), "{says}: {error}");
            }
        }
    }
}

#[test]
fn a_client_returns_its_settings() {
    let client: Core<Code> = builder(KEY).build().expect("a client");
    assert_eq!((client.base_url(), client.api().name), ("https://shop.example", "shop"));
    assert_eq!(client.credentials(), [SecretText::from(KEY)]);
    assert!(client.warnings().is_empty());
    let hasty: Core<Code> = builder(KEY).attempt_timeout(Duration::from_secs(5)).build().expect("a client");
    assert!(hasty.warnings()[0].starts_with("5s per attempt is short: "), "{:?}", hasty.warnings());
}
