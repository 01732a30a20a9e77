//! Tests of the interpretation of replies, and of error messages, which must not contain secrets.

use crate::support::{self, API, Error, Pay, PayReply};
use pagespec_runtime::__private as rt;

use rt::{Outcome, read_reply};

fn read(status: u16, body: &str) -> Result<PayReply, Error> {
    read_reply::<Pay, support::Code>(&API, status, body.as_bytes())
}

#[test]
fn each_reply_has_an_outcome() {
    use Outcome::{Rejected, Unknown};
    for (status, body, outcome) in [
        (200, r#"{"code":-1}"#, Rejected),
        (200, r#"{"code":-1,"errorCode":"BUSY"}"#, Rejected),
        (200, r#"{"code":-1,"errorCode":"DONE"}"#, Unknown),
        (200, r#"{"code":-1,"errorCode":"UNSURE"}"#, Unknown),
        (200, r#"{"code":-1,"errorCode":"NEW_ONE"}"#, Rejected),
        (200, r#"{"code":7}"#, Unknown),
        (200, r#"{}"#, Unknown),
        (200, "", Unknown),
        (204, "", Unknown),
        (200, "<html>", Unknown),
        (301, r#"{"code":0}"#, Unknown),
        (302, "", Unknown),
        (304, r#"{"code":-1}"#, Unknown),
        (400, r#"{"code":-1}"#, Rejected),
        (400, r#"{"code":-1,"errorCode":"UNSURE"}"#, Unknown),
        // A status without the documented body may come from a gateway, after the request was carried out.
        (400, "<html>", Unknown),
        (400, r#"{"code":7}"#, Unknown),
        (400, r#"{"code":0}"#, Unknown),
        (403, r#"{"code":-1}"#, Rejected),
        (403, "<html>", Unknown),
        (408, "", Unknown),
        // The documentation leaves the outcome of this status open, regardless of the body.
        (423, r#"{"code":-1}"#, Unknown),
        (423, "<html>", Unknown),
        (500, r#"{"code":-1,"errorCode":"BUSY"}"#, Unknown),
        (500, r#"{"code":0}"#, Unknown),
        (502, "<html>", Unknown),
        (599, "", Unknown),
        (0, "", Unknown),
    ] {
        let error = read(status, body).expect_err("no success");
        assert_eq!(error.outcome(), outcome, "{status} {body}: {error}");
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(error.raw().map(|raw| raw.body()), Some(body.as_bytes()));
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

static SAME_MEMBER: rt::Envelope = rt::Envelope {
    success: rt::SuccessRule::Member { path: &["code"], values: &["Success"] },
    failure: rt::FailureRule::Other,
    code: &["code"],
    errors: &[rt::ErrorShape { from: 400, to: 499, code: &["error", "code"], message: &["error", "text"] }],
    ..support::ENVELOPE
};
static CODED: rt::Envelope = rt::Envelope { failure: rt::FailureRule::Coded, ..SAME_MEMBER };
static BY_STATUS: rt::Envelope =
    rt::Envelope { success: rt::SuccessRule::Status { from: 200, to: 299 }, ..SAME_MEMBER };

const fn resolved(envelope: Option<&'static rt::Envelope>) -> rt::Operation {
    rt::Operation { envelope, recovery: rt::Recovery::Resend, resolve_with: Some("look"), ..support::PAY }
}

const fn never(envelope: Option<&'static rt::Envelope>) -> rt::Operation {
    rt::Operation { envelope, recovery: rt::Recovery::Never, resolve_with: None, ..support::PAY }
}

static OPERATIONS: [rt::Operation; 8] = [
    resolved(None),
    resolved(Some(&SAME_MEMBER)),
    resolved(Some(&CODED)),
    resolved(Some(&BY_STATUS)),
    never(None),
    never(Some(&SAME_MEMBER)),
    never(Some(&CODED)),
    never(Some(&BY_STATUS)),
];

/// A request for the operation with the index `N`.
struct Nth<const N: usize>(Pay);

impl<const N: usize> rt::Validate for Nth<N> {
    fn check(&self, check: &mut rt::Check<'_>) {
        self.0.check(check);
    }
}

impl<const N: usize> rt::Members for Nth<N> {
    fn members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.members(map)
    }
}

impl<const N: usize> rt::Request for Nth<N> {
    type Reply = PayReply;

    const OPERATION: &'static rt::Operation = &OPERATIONS[N];
}

fn read_nth<const N: usize>(status: u16, body: &str) -> Result<PayReply, Error> {
    read_reply::<Nth<N>, support::Code>(&API, status, body.as_bytes())
}

/// Tests every member that can have the error code, with every HTTP status, for every kind of operation.
#[test]
fn a_code_that_leaves_the_outcome_open_never_rejects() {
    let reads = [
        read_nth::<0>,
        read_nth::<1>,
        read_nth::<2>,
        read_nth::<3>,
        read_nth::<4>,
        read_nth::<5>,
        read_nth::<6>,
        read_nth::<7>,
    ];
    let mut codes = [0; 8];
    for (n, read) in reads.into_iter().enumerate() {
        for (status, code) in (100..600).flat_map(|status| [(status, "DONE"), (status, "UNSURE")]) {
            for body in [
                format!(r#"{{"code":-1,"errorCode":"{code}"}}"#),
                format!(r#"{{"code":"{code}"}}"#),
                format!(r#"{{"code":" {code} ","error":{{}}}}"#),
                format!(r#"{{"code":"Fail","error":{{"code":"{code}"}}}}"#),
            ] {
                let Err(error) = read(status, &body) else {
                    assert!(n % 4 == 3 && status < 300, "{n}: {status} {body}");
                    continue;
                };
                if matches!(error.advice(), Some(rt::Advice::AlreadyDone | rt::Advice::AskStatus)) {
                    codes[n] += 1;
                    assert_eq!(error.outcome(), Outcome::Unknown, "{n}: {status} {body}");
                }
            }
        }
    }
    assert!(codes.iter().all(|count| *count > 500), "{codes:?}");
}

#[test]
fn a_success_contains_the_reply_as_received() {
    let reply = read(200, r#"{"code":0,"amount":1000,"new":"x"}"#).expect("success");
    assert_eq!((reply.amount, reply.raw.member("new")), (Some(1000), Some("x".into())));
}

#[test]
fn an_error_has_outcome_reason_and_message_on_one_line() {
    let text = |status, body| read(status, body).expect_err("no success").to_string();
    assert_eq!(
        text(200, r#"{"code":-1,"errorCode":"BUSY","msg":"이미 결제된 주문입니다."}"#),
        "pay: rejected by the service: BUSY \"이미 결제된 주문입니다.\" (HTTP 200)"
    );
    assert_eq!(
        text(200, r#"{"amount":1}"#),
        "pay: outcome unknown, the request may have taken effect: the reply has no `code`, which shows whether it is a success (HTTP 200)"
    );
    assert_eq!(
        text(503, r#"{"code":-1,"msg":"a\nb"}"#),
        "pay: outcome unknown, the request may have taken effect: the service is down: \"a\\nb\" (HTTP 503)"
    );
    assert_eq!(
        text(400, "x"),
        "pay: outcome unknown, the request may have taken effect: the request is malformed (HTTP 400)"
    );
}

#[test]
fn an_error_returns_its_parts() {
    let error = read(200, r#"{"code":-1,"errorCode":"UNSURE","msg":"hm"}"#).expect_err("no success");
    assert_eq!((error.operation(), error.code(), error.message()), ("pay", Some(&support::Code::Unsure), Some("hm")));
    assert_eq!(error.advice(), Some(rt::Advice::AskStatus));
    assert_eq!((error.attempts(), error.elapsed().as_nanos()), (0, 0));
    assert!(!error.is_timeout() && !error.is_connect() && !error.is_decode() && !error.is_invalid_request());
    assert!(read(200, "x").expect_err("no success").is_decode());
    assert!(std::mem::size_of::<Error>() == std::mem::size_of::<usize>());
    fn good<T: std::error::Error + Send + Sync + 'static>() {}
    good::<Error>();
}

#[test]
fn an_error_shows_no_sensitive_member() {
    for body in [
        r#"{"code":-1,"token":"canary","deep":[{"APIKEY":"canary"}]}"#,
        r#"{"code":-1,"token":"canary"#,
        r#"<p>token=canary</p>"#,
        r#"<p>auth-hash: canary</p>"#,
    ] {
        let error = read(400, body).expect_err("no success");
        let source = std::error::Error::source(&error).map(|source| format!("{source} {source:?}"));
        let shown = format!("{error} {error:?} {error:#?} {:?} {:?} {source:?}", error.body_excerpt(), error.raw());
        assert!(!shown.contains("canary"), "{shown}");
    }
    let reply = read(200, r#"{"code":0,"token":"canary"}"#).expect("success");
    assert!(!format!("{reply:?} {reply:#?}").contains("canary"));
    assert_eq!(reply.token.as_str(), "canary");
}

#[test]
fn a_callback_is_a_claim() {
    let claim = rt::claim_from_json::<PayReply>(br#"{"amount":"1000","token":"canary"}"#).expect("an object");
    assert_eq!(claim.unproven().amount, Some(1000));
    assert_eq!(claim.unproven().raw.body().len(), 34);
    assert!(!format!("{claim:?}").contains("canary"));
    assert!(rt::strict_claim_from_json::<PayReply>(br#"{"amount":1000}"#).is_ok());
    let claim = rt::claim_from_form::<PayReply>(b"amount=1000&token=t").expect("a form");
    assert_eq!(claim.into_unproven().amount, Some(1000));
    for body in [&b""[..], b" ", b"[1]x", b"{", b"canary", b"\xff", b"7"] {
        let error = rt::claim_from_json::<PayReply>(body).expect_err("no object");
        assert!(!error.to_string().contains("canary") && !error.is_not_genuine(), "{error}");
        assert!(rt::claim_from_anything::<PayReply>(body).expect("anything").unproven().raw.body() == body);
    }
    for body in [&b""[..], b"\n", b"\xff"] {
        assert!(rt::claim_from_form::<PayReply>(body).is_err());
    }
    assert!(rt::looks_like_json(b" \n{") && rt::looks_like_json(b"[") && !rt::looks_like_json(b"a=1"));
    assert_eq!(rt::CallbackError::missing("shop").to_string(), "the message has no `shop`");
}

#[test]
fn a_request_is_written_with_the_credentials_first() {
    let body = rt::encode_body(&support::pay(), &["sk_1".into()]).expect("written");
    assert_eq!(String::from_utf8(body).expect("text"), r#"{"apiKey":"sk_1","orderNo":"order-1","amount":1000}"#);
    assert!(rt::encode_body(&support::pay(), &[]).is_err());
}

#[test]
fn a_path_parameter_stays_one_segment() {
    let look = |shop: &str| support::Look { shop: shop.into(), names: Vec::new() };
    for (shop, path) in [
        ("shop-1", "/v2/shops/shop-1/items"),
        ("a/b?c#d%2e", "/v2/shops/a%2Fb%3Fc%23d%252e/items"),
        ("가 ~._-", "/v2/shops/%EA%B0%80%20~._-/items"),
    ] {
        assert_eq!(rt::encode_path(&support::LOOK, &look(shop), &[]), path);
    }
}
