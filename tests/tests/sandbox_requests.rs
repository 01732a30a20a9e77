//! Tests of invalid and unusual requests to the sandbox. The sandbox refuses invalid requests with an accurate reason,
//! and shows the members that it ignores.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Ipv6Addr, TcpStream};
use tests::fixtures::agency;
use tests::fixtures::merchant::*;
use tests::service::block_on;
use toss_sandbox::{ClockError, Sandbox, Settings};

const CREATE: &str = "/api/v2/payments";
const JSON: &str = "application/json";

fn body(more: &str) -> String {
    format!(
        r#"{{"apiKey":"{KEY}","orderNo":"o-1","amount":1000,"amountTaxFree":0,"productDesc":"coat","retUrl":"http://127.0.0.1:1/a","retCancelUrl":"http://127.0.0.1:1/b"{more}}}"#
    )
}

fn said(sandbox: &Sandbox, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let mut request = reqwest::Client::new().post(format!("{}{path}", sandbox.base_url())).body(body.to_vec());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let text = block_on(async { request.send().await.unwrap().text().await.unwrap() });
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
}

// No accidental refund of the whole payment.

#[test]
fn a_refund_whose_amount_is_null_is_refused_and_one_without_an_amount_is_a_full_refund() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let refund = |amount: &str| {
        let body = format!(r#"{{"apiKey":"{KEY}","payToken":"{}","refundNo":"r-1"{amount}}}"#, token.as_str());
        said(&sandbox, "/api/v2/refunds", &[("content-type", JSON)], body.as_bytes())
    };
    for amount in [r#","amount":null"#, r#","amount":"""#, r#","amount":"null""#, r#","amount":[]"#, r#","amount":0"#] {
        let said = refund(amount);
        assert_eq!(said["errorCode"], "COMMON_INVALID_PARAMETER", "{amount}: {said}");
        assert!(said["msg"].as_str().unwrap().contains("amount"), "{amount}: {said}");
    }
    assert!(refund(r#","amount":null"#)["msg"].as_str().unwrap().contains("leave the member out"));
    let form = format!("apiKey={KEY}&payToken={}&refundNo=r-1&amount=", token.as_str());
    let said =
        said(&sandbox, "/api/v2/refunds", &[("content-type", "application/x-www-form-urlencoded")], form.as_bytes());
    assert_eq!(said["errorCode"], "COMMON_INVALID_PARAMETER", "{said}");
    assert!(sandbox.payments()[0].refunds.is_empty());
    assert_eq!(refund("")["refundableAmount"], 0);
}

#[test]
fn the_control_api_rejects_a_refund_with_a_null_amount_and_a_review_without_a_company() {
    let sandbox = Sandbox::start().unwrap();
    let token = paid(&sandbox);
    let refund = |amount: &str| {
        let path = format!("/sandbox/v1/payments/{}/refund", token.as_str());
        let body = format!(r#"{{"refundNo":"c-1"{amount}}}"#);
        said(&sandbox, &path, &[("content-type", JSON)], body.as_bytes())
    };
    let refused = refund(r#","amount":null"#);
    assert!(refused["error"].as_str().is_some_and(|why| why.contains("leave the member out")), "{refused}");
    assert!(sandbox.payments()[0].refunds.is_empty());
    assert_eq!(refund(""), json!({}));
    assert_eq!(sandbox.payments()[0].refunds.len(), 1);
    let review = br#"{"company":null,"status":"DONE"}"#;
    let refused = said(&sandbox, "/sandbox/v1/stores/none/review", &[("content-type", JSON)], review);
    assert!(refused["error"].as_str().is_some_and(|why| why.contains("null is not allowed here")), "{refused}");
}

#[test]
fn a_repeated_member_is_refused_with_an_accurate_message() {
    let sandbox = Sandbox::start().unwrap();
    const FORM: &str = "application/x-www-form-urlencoded";
    let form = |more: &str| {
        let urls = "retUrl=http://127.0.0.1:1/a&retCancelUrl=http://127.0.0.1:1/b";
        format!("apiKey={KEY}&orderNo=o-1&productDesc=coat&amount=1000&amountTaxFree=0&{urls}&{more}")
    };
    for (label, body, words) in [
        (JSON, body(r#","amount":1000"#), "`amount` is repeated"),
        (FORM, form("amount=1000"), "amount: this must be one whole number, not several"),
        (FORM, form("orderNo=o-2"), "orderNo: this must be one text, not several"),
    ] {
        let said = said(&sandbox, CREATE, &[("content-type", label)], body.as_bytes());
        let message = said["msg"].as_str().unwrap();
        assert!(message.contains(words) && !message.contains("not JSON"), "{message}");
    }
}

// Bodies that cannot be read.

#[test]
fn an_unreadable_body_is_refused_with_the_cause_and_the_position() {
    let sandbox = Sandbox::start().unwrap();
    let utf_16: Vec<u8> = [0xff, 0xfe].into_iter().chain(body("").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut euc_kr = body("").into_bytes();
    let place = euc_kr.windows(4).position(|four| four == b"coat").unwrap();
    euc_kr.splice(place..place + 4, *b"\xc4\xda\xc6\xae");
    let json = ("content-type", JSON);
    let multipart = ("content-type", "multipart/form-data; boundary=x");
    for (headers, body, words) in [
        (vec![json], body("").replace('}', ",}").into_bytes(), "trailing comma at line 1 column"),
        (vec![json], body("").replace('"', "'").into_bytes(), "need double quotes"),
        (vec![json], format!("\n\n  {},", body("")).replace("},", ",}").into_bytes(), "at line 3 column"),
        (vec![json], body("").replace('"', "\u{201c}").into_bytes(), "line 1 column 2; typographic quotes"),
        (vec![json], body(r#","autoExecute":True"#).into_bytes(), "JSON has only true, false and null"),
        (vec![json, ("content-encoding", "gzip")], body("").replace('}', ",}").into_bytes(), "trailing comma"),
        (vec![json], utf_16, "UTF-16"),
        (vec![json], euc_kr, &format!("not UTF-8: byte {place} is 0xc4")),
        (vec![json, ("content-encoding", "gzip")], b"\x1f\x8b\x08\0\0".to_vec(), "compressed (gzip)"),
        (vec![json, ("content-encoding", "br")], b"\x0b\x02".to_vec(), "compressed (br)"),
        (vec![multipart], b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--".to_vec(), "multipart"),
        (vec![json], Vec::new(), "the body is empty"),
        (vec![json], b"[]".to_vec(), "a list"),
        (vec![json], b"\"{}\"".to_vec(), "a text in quotes"),
    ] {
        let said = said(&sandbox, CREATE, &headers, &body);
        assert_eq!(said["errorCode"], "COMMON_INVALID_PARAMETER", "{said}");
        let message = said["msg"].as_str().unwrap();
        assert!(message.contains(words) && message.chars().count() <= 120, "{words}: {message}");
        assert!(!message.contains("sk_test_"), "{message}");
    }
    assert!(sandbox.payments().is_empty());
}

#[test]
fn an_unreadable_body_of_instant_onboarding_is_refused_with_the_cause_and_the_position() {
    let sandbox = Sandbox::start().unwrap();
    let host = toss_sandbox::Host::published();
    let hash = agency::auth_hash(&host, "shop-1");
    let headers = [("content-type", JSON), ("Auth-Token", host.token.as_str()), ("Auth-Hash", hash.as_str())];
    for (body, words) in [
        (&b"{\"shopName\":\"a\",}"[..], "trailing comma at line 1 column 17"),
        (b"shopName=a", "the body is a form; expected a JSON object in UTF-8"),
        (b"", "the body is empty"),
    ] {
        let said = said(&sandbox, "/instant-onboarding/v2/shop/shop-1", &headers, body);
        assert!(said["message"].as_str().unwrap().contains(words), "{said}");
    }
}

// Members that the sandbox does not read.

#[test]
fn undocumented_members_are_skipped_and_shown_as_ignored() {
    let sandbox = Sandbox::start().unwrap();
    let more =
        r#","autoexecute":true,"cardOptions":{"options":[{"cardCompanyCode":3,"instalments":1}]},"metadata":null"#;
    let made = said(&sandbox, CREATE, &[("content-type", JSON)], body(more).as_bytes());
    assert_eq!(made["code"], 0, "{made}");
    let mut ignored = sandbox.journal().remove(0).ignored;
    ignored.sort();
    assert_eq!(ignored, ["autoexecute", "cardOptions.options[0].instalments", "metadata"]);
    let (_, page) = get(&sandbox, "/sandbox/fragment");
    assert!(page.contains("ignored: ") && page.contains("autoexecute"), "{page}");
    // Unknown members are also shown for a form, and for a request that is refused for another reason.
    let form = format!("apiKey={KEY}&orderNo=o-2&autoexecute=true");
    said(&sandbox, CREATE, &[("content-type", "application/x-www-form-urlencoded")], form.as_bytes());
    assert_eq!(sandbox.journal()[0].ignored, ["autoexecute"]);
    // A documented member is not shown as ignored, even if its value is null. Neither is the member with the API key.
    said(&sandbox, CREATE, &[("content-type", JSON)], body(r#","autoExecute":null"#).replace("o-1", "o-3").as_bytes());
    assert_eq!(sandbox.journal()[0].ignored, [""; 0]);
}

#[test]
fn undocumented_members_are_found_among_very_many_too() {
    let sandbox = Sandbox::start().unwrap();
    let more: String = (0..100).map(|n| format!(r#","x{n}":1"#)).collect();
    assert_eq!(said(&sandbox, CREATE, &[("content-type", JSON)], body(&more).as_bytes())["code"], 0);
    let ignored = sandbox.journal().remove(0).ignored;
    assert!(ignored.len() == 32 && ignored.iter().all(|name| name.starts_with('x')), "{ignored:?}");
}

#[test]
fn a_strict_sandbox_refuses_undocumented_members() {
    let sandbox = Sandbox::with(Settings { strict: true, ..Settings::default() }).unwrap();
    let refused = said(&sandbox, CREATE, &[("content-type", JSON)], body(r#","autoexecute":true"#).as_bytes());
    assert_eq!(refused["errorCode"], "COMMON_INVALID_PARAMETER");
    assert_eq!(refused["msg"], "autoexecute: no such member");
    assert!(sandbox.payments().is_empty());
    assert_eq!(sandbox.journal()[0].ignored, ["autoexecute"]);
    create(&sandbox, "o-1", 1_000);
    agency::registered(&sandbox, "shop-1", None);
    // A caller without a valid API key learns nothing about members.
    let foreign = body(r#","autoexecute":true"#).replace("sk_test_", "sk_live_");
    let refused = said(&sandbox, CREATE, &[("content-type", JSON)], foreign.as_bytes());
    assert_eq!(refused["errorCode"], "COMMON_INVALID_API_KEY");
}

// Access to the sandbox.

fn raw(address: (std::net::IpAddr, u16), lines: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(lines.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

fn port(sandbox: &Sandbox) -> u16 {
    sandbox.base_url().rsplit(':').next().unwrap().parse().unwrap()
}

const V4: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[test]
fn head_is_answered_like_get_but_without_a_body() {
    let sandbox = Sandbox::start().unwrap();
    let token = create(&sandbox, "o-1", 1_000);
    let checkout = format!("/checkout/{}", token.as_str());
    for path in ["/", "/sandbox/health", "/sandbox/style.css", "/sandbox/fragment", "/sandbox/v1/payments", &checkout] {
        let ask = |method: &str| {
            let lines = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            let answer = raw((V4, port(&sandbox)), &lines);
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            (head.lines().next().unwrap().to_owned(), head.contains("content-length: "), body.len())
        };
        let (got, head) = (ask("GET"), ask("HEAD"));
        assert_eq!((got.0.as_str(), head.0.as_str(), head.1, head.2), ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK", true, 0));
        assert!(got.2 > 0, "{path}");
    }
}

#[test]
fn head_opens_no_signup_session_but_answers_the_queries_of_a_shop() {
    let sandbox = Sandbox::start().unwrap();
    let mid = agency::registered(&sandbox, "shop-1", None);
    let host = toss_sandbox::Host::published();
    let hash = agency::auth_hash(&host, "shop-1");
    let ask = |path: &str| {
        let lines = format!(
            "HEAD /instant-onboarding/v2/shop/shop-1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\nauth-token: {}\r\nauth-hash: {hash}\r\n\r\n",
            host.token
        );
        raw((V4, port(&sandbox)), &lines)
    };
    assert!(ask("/credentials").starts_with("HTTP/1.1 200"), "{}", ask("/credentials"));
    assert!(ask(&format!("/mid/{}/open-onboarding-session", mid.as_str())).starts_with("HTTP/1.1 404"));
    assert_eq!(sandbox.stores()[0].signup, None);
}

#[test]
fn the_health_path_answers_ok() {
    let sandbox = Sandbox::start().unwrap();
    let (status, said) = get(&sandbox, "/sandbox/health");
    assert_eq!((status, said.trim()), (200, r#"{"status":"ok"}"#));
}

#[test]
fn the_sandbox_listens_on_the_loopback_address_of_ipv6_too() {
    if std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let port = port(&sandbox);
    let lines = format!("GET /sandbox/health HTTP/1.1\r\nhost: [::1]:{port}\r\nconnection: close\r\n\r\n");
    let answer = raw((Ipv6Addr::LOCALHOST.into(), port), &lines);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let client = toss_sdk::pay::Client::builder(KEY).base_url(format!("http://[::1]:{port}")).build().unwrap();
    block_on(client.create_payment(&order("o-1", 1_000))).unwrap();
    // A port that another server uses only on IPv6 counts as used, because `localhost` could lead to that server.
    let taken = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Sandbox::with(Settings { port, ..Settings::default() }).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn http_1_0_needs_no_host_and_http_1_1_does() {
    let sandbox = Sandbox::start().unwrap();
    let at = (V4, port(&sandbox));
    assert!(raw(at, "GET /sandbox/health HTTP/1.0\r\n\r\n").contains("200 OK"));
    assert!(raw(at, "GET /sandbox/health HTTP/1.0\r\nhost: evil.example\r\n\r\n").contains("403"));
    assert!(raw(at, "GET /sandbox/health HTTP/1.1\r\nconnection: close\r\n\r\n").contains("403"));
    let twice = "GET /sandbox/health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(raw(at, twice).contains("403"));
    // If the request line has a full URL, the sandbox checks the host in the URL instead of the `Host` header.
    for version in ["1.0", "1.1"] {
        let named = |server: &str| {
            let head =
                format!("GET http://{server}/sandbox/health HTTP/{version}\r\nhost: localhost\r\nconnection: close");
            raw(at, &format!("{head}\r\n\r\n"))
        };
        assert!(named("localhost:8080").contains("200 OK"));
        assert!(named("evil.example").contains("403"), "{}", named("evil.example"));
    }
}

#[test]
fn advancing_the_clock_too_far_is_an_error_and_changes_nothing() {
    let sandbox = Sandbox::start().unwrap();
    let year = std::time::Duration::from_secs(365 * 86_400);
    sandbox.forward(99 * year).unwrap();
    let why = sandbox.forward(2 * year).unwrap_err();
    assert!(matches!(why, ClockError::TooFar(_)), "{why}");
    sandbox.forward(year).unwrap();
    sandbox.reset().unwrap();
}

#[test]
fn the_journal_lists_as_many_exchanges_as_requested() {
    let sandbox = Sandbox::start().unwrap();
    for n in 0..120 {
        create(&sandbox, &format!("o-{n}"), 1_000);
    }
    let count = |path: &str| -> usize {
        let (_, text) = get(&sandbox, path);
        serde_json::from_str::<Vec<Value>>(&text).unwrap().len()
    };
    assert_eq!((count("/sandbox/v1/journal"), count("/sandbox/v1/journal?latest=1000")), (100, 120));
    assert_eq!(get(&sandbox, "/sandbox/v1/journal?latest=many").0, 400);
    let (_, page) = get(&sandbox, "/");
    assert!(page.contains("Payments: the latest 100 of 120") && page.contains("Exchanges: the latest 50 of 120"));
    assert_eq!(json!(sandbox.payments().len()), 120);
}
