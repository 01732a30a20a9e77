//! Tests of the blocking client. It has the same methods as the async client, but works only outside of async runtimes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;
use tests::service::{Service, block_on};
use tests::temp_project::repository;
use toss_sdk::pay::blocking::Client;
use toss_sdk::pay::*;
use toss_sdk::runtime::{CallOptions, Outcome, RetryPolicy, may_block};

const KEY: &str = "sk_test_canary";
const PAID: &str =
    r#"{"code":0,"mode":"TEST","payToken":"t-1","orderNo":"o-1","payStatus":"PAY_COMPLETE","amount":3000}"#;

type Failure = Box<dyn std::error::Error>;

fn client(url: &str) -> Client {
    Client::builder(KEY).base_url(url).retries(RetryPolicy::never()).build().expect("a client outside of a runtime")
}

fn status() -> PaymentStatus {
    PaymentStatus::builder().payment(PayToken::new("t-1")).build().expect("within the rules")
}

fn execution() -> ExecutePayment {
    ExecutePayment::builder().pay_token("t-1").order_no("o-1").build().expect("within the rules")
}

/// Returns the methods of a type in a Rust file by name, each with its documentation and signature. Code samples are
/// removed from the documentation, and `async` is removed from the signature.
fn methods(file: &str, of: &str) -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let items = syn::parse_file(&text).expect("Rust").items.into_iter();
    let blocks = items.filter_map(|item| match item {
        syn::Item::Impl(block) if quote::quote!(#block).to_string().starts_with(&format!("impl {of} ")) => Some(block),
        _ => None,
    });
    let methods = blocks.flat_map(|block| block.items).filter_map(|item| match item {
        syn::ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    methods
        .map(|method| {
            let lines = method.attrs.iter().map(|attribute| quote::quote!(#attribute).to_string());
            let docs: String = lines.collect::<Vec<_>>().join("\n").split("```").step_by(2).collect();
            let signature = syn::Signature { asyncness: None, ..method.sig };
            (signature.ident.to_string(), (docs, quote::quote!(#signature).to_string().replace(" ,)", ")")))
        })
        .collect()
}

#[test]
fn both_clients_have_the_same_methods_with_the_same_signatures_and_documentation() {
    for (folder, least) in
        [("generated/src/pay", 13), ("generated/src/onboarding", 13), ("tests/parcel/src/parcel", 10)]
    {
        for of in ["Client", "ClientBuilder"] {
            let [own, other] = ["client", "blocking"].map(|file| methods(&format!("{folder}/{file}.rs"), of));
            assert!(own.len() >= least, "{folder}: only {:?}", own.keys());
            for name in own.keys().chain(other.keys()) {
                assert_eq!(own.get(name), other.get(name), "{folder}: {of}::{name}");
            }
        }
    }
}

#[test]
fn a_call_sends_what_the_async_client_sends_and_yields_the_reply() -> Result<(), Failure> {
    let (waits, futures) = (Service::json(PAID), Service::json(PAID));
    let reply = client(&waits.url()).payment_status(&status())?;
    assert_eq!((&reply.pay_status, reply.amount), (&PayStatus::PayComplete, Some(3000)));
    assert_eq!(reply.raw().status(), 200);
    let asynchronous = toss_sdk::pay::Client::builder(KEY).base_url(futures.url()).build()?;
    block_on(asynchronous.payment_status(&status()))?;
    let [own, other] = [waits.received(), futures.received()].map(|received| {
        let headers = received.headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
        (received.method, received.target, headers.collect::<Vec<_>>(), received.body)
    });
    assert_eq!(own, other);
    Ok(())
}

#[test]
fn a_refusal_is_an_error_and_a_lost_answer_is_resolved() -> Result<(), Failure> {
    let refusing = Service::json(r#"{"code":-1,"errorCode":"EXECUTE_PAY_NOT_APPROVED","msg":"no"}"#);
    let error = client(&refusing.url()).execute_payment(&execution()).expect_err("a refusal");
    assert_eq!(error.outcome(), Outcome::Rejected);
    let service = Service::json(PAID);
    assert!(client(&service.url()).resolve_execute_payment(&execution(), 3000).is_done());
    assert_eq!(service.received().target, "/api/v2/status");
    let resolved =
        client(&Service::json(PAID).url()).resolve_many_execute_payment([(execution(), 3000), (execution(), 1)], 2);
    assert_eq!(resolved.iter().map(Resolution::is_done).collect::<Vec<_>>(), [true, false]);
    let claim = ResultCallback::parse(PAID.as_bytes())?;
    let confirmed =
        client(&Service::json(PAID).url()).confirm_result_callback(&claim, OrderNo::new("o-1"), 3000, None)?;
    assert_eq!(confirmed.found.amount, Some(3000));
    Ok(())
}

#[test]
fn options_of_a_call_apply_to_that_call() {
    let service = Service::stalled();
    let hurried = client(&service.url()).with(CallOptions::new().attempt_timeout(Duration::from_millis(50)));
    let error = hurried.payment_status(&status()).expect_err("no answer");
    assert_eq!((error.is_timeout(), error.outcome()), (true, Outcome::Unknown));
}

fn inside_runtimes(work: impl Fn()) {
    block_on(async { work() });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    runtime.block_on(async { work() });
    let _entered = runtime.enter();
    work();
}

#[test]
fn inside_an_async_runtime_nothing_is_sent_and_every_error_gives_the_reason() {
    let service = Service::json(PAID);
    let client = client(&service.url());
    let says_why = |error: &Error| {
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotSent, 0));
        let text = error.to_string();
        assert!(text.contains("not sent: a blocking client in an async runtime: use the async client"), "{text}");
        assert!(!error.is_connect() && !error.is_invalid_request());
    };
    let stays_unknown = |resolved: &Resolution<ExecutePayment>| match resolved {
        Resolution::Unknown(unknown) => says_why(unknown.error.as_ref().expect("an error")),
        other => panic!("{other}"),
    };
    inside_runtimes(|| {
        says_why(&client.payment_status(&status()).expect_err("a refusal"));
        stays_unknown(&client.resolve_execute_payment(&execution(), 3000));
        let resolved = client.resolve_many_execute_payment([(execution(), 3000), (execution(), 3000)], 2);
        assert_eq!(resolved.len(), 2);
        resolved.iter().for_each(stays_unknown);
        let claim = ResultCallback::parse(PAID.as_bytes()).expect("a message");
        let confirmed = client.confirm_result_callback(&claim, OrderNo::new("o-1"), 3000, None);
        let error = confirmed.expect_err("a refusal");
        assert!(error.is_temporary());
        says_why(error.error().expect("a failed question"));
    });
    service.untouched();
}

#[test]
fn inside_an_async_runtime_no_client_can_be_built_and_any_can_be_dropped() {
    inside_runtimes(|| {
        let error = Client::new(KEY).expect_err("no place to wait").to_string();
        assert!(error.starts_with("a blocking client in an async runtime"), "{error}");
    });
    let service = Service::json(PAID);
    let client = client(&service.url());
    client.payment_status(&status()).expect("a reply");
    block_on(async move { drop(client) });
}

#[test]
fn may_block_permits_calls_inside_spawn_blocking() {
    let service = Service::json(PAID);
    let client = client(&service.url());
    let work = move || {
        let ask = || client.payment_status(&status()).map(|reply| reply.amount);
        [ask(), may_block(ask), ask()]
    };
    let results = block_on(async { tokio::task::spawn_blocking(work).await });
    let [before, within, after] = results.expect("no panic");
    assert_eq!(within.expect("a reply"), Some(3000));
    for refused in [before, after] {
        assert_eq!(refused.expect_err("a refusal").outcome(), Outcome::NotSent);
    }
    service.received();
}

#[test]
fn the_clients_debug_shows_no_key() {
    let shown = format!("{:?}", client("http://127.0.0.1:1"));
    assert!(shown.contains("http://127.0.0.1:1") && !shown.contains("canary"), "{shown}");
}

/// Reads a request to its end. Returns `None` if the other side has closed the connection.
fn read(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()
}

fn write(mut stream: &TcpStream) {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", PAID.len());
    stream.write_all(&[head.as_bytes(), PAID.as_bytes()].concat()).expect("the client reads");
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

#[test]
fn several_threads_call_at_the_same_time() {
    let (listener, url) = listener();
    // The server answers only after all requests have arrived.
    let server = thread::spawn(move || {
        let streams: Vec<_> = (0..4).map(|_| listener.accept().expect("a connection").0).collect();
        streams.iter().for_each(|stream| read(stream).expect("a request"));
        streams.iter().for_each(write);
    });
    let client = client(&url);
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            thread::spawn(move || client.payment_status(&status()).map(|reply| reply.amount))
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.join().expect("no panic").expect("a reply"), Some(3000));
    }
    server.join().expect("no panic");
}

#[test]
fn each_request_has_a_connection_of_its_own() {
    let (listener, url) = listener();
    let server = thread::spawn(move || {
        for _ in 0..3 {
            let (stream, _) = listener.accept().expect("a connection");
            read(&stream).expect("a request");
            write(&stream);
            // The client must not read this late reply as the reply to its next request.
            let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"code\":0}");
            assert!(read(&stream).is_none(), "the client must have closed the connection");
        }
    });
    let client = client(&url);
    for _ in 0..3 {
        client.execute_payment(&execution()).expect("a reply");
    }
    server.join().expect("no panic");
}
