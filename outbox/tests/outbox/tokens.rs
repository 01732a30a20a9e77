//! A service whose access token lapses and cannot be renewed for a while: nothing is decided about the request.

use crate::on_both;
use crate::support::{Books, Shop, TestDatabase, Worker, eventually};
use pagespec_outbox::{Intent, Runner, State};
use pagespec_runtime::__private as rt;
use rt::{Computed, Expiry, Header, HeaderValue, Make, Segment, TokenRule};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

on_both!(
    a_refused_token_that_cannot_be_renewed_rejects_nothing,
    a_renewed_token_that_is_refused_too_rejects_nothing,
    a_refused_token_proves_nothing_about_an_earlier_attempt,
    a_code_with_a_meaning_of_its_own_rejects_the_request,
);

static TOKEN: TokenRule = TokenRule {
    operation: 2,
    member: &["token"],
    expiry: Expiry::For(Duration::from_secs(600)),
    now: &[],
    expired: &[],
    expired_statuses: &[403],
};
const REDEEM_OPERATION: rt::Operation = rt::Operation {
    id: "redeem",
    index: 0,
    section: "Redeeming",
    method: rt::Method::Post,
    path: &[Segment::Literal("/redeem")],
    body: rt::BodyFormat::None,
    body_credentials: &[],
    body_values: &[],
    body_fixed: &[],
    query_values: &[],
    headers: &[Header { name: "Authorization", value: HeaderValue::Computed { index: 0, prefix: "Bearer " } }],
    given_headers: &[],
    recovery: rt::Recovery::Never,
    partial: false,
    moves_money: false,
    identity: &[],
    identity_headers: &[],
    resolve_with: None,
    envelope: None,
};
static REDEEM: rt::Operation = REDEEM_OPERATION;
static RENEW: rt::Operation = rt::Operation {
    id: "renew",
    index: 1,
    path: &[Segment::Literal("/renew")],
    recovery: rt::Recovery::Resend,
    ..REDEEM_OPERATION
};
static HAND_OUT: rt::Operation = rt::Operation {
    id: "hand_out",
    index: 2,
    path: &[Segment::Literal("/token")],
    headers: &[],
    recovery: rt::Recovery::Resend,
    ..REDEEM_OPERATION
};
static API: rt::Api = rt::Api {
    name: "vouchers",
    title: "Vouchers",
    user_agent: "vouchers/1.0.0",
    stages: &[rt::Stage { name: "live", base_url: "https://vouchers.example" }],
    default_stage: 0,
    credentials: &[],
    headers: &[],
    computed: &[Computed { name: "token", make: Make::Token(&TOKEN), secret: true }],
    envelope: rt::Envelope {
        success: rt::SuccessRule::Member { path: &["code"], values: &["0"] },
        failure: rt::FailureRule::Values(&["-1"]),
        code: &["errorCode"],
        message: &[],
        integer_codes: false,
        payload: rt::Payload::Inline,
        errors: &[],
    },
    statuses: &[],
    timeouts: rt::Timeouts {
        connect: Duration::from_secs(3),
        attempt: Duration::from_secs(3),
        total: Duration::from_secs(3),
        warn_below: Duration::from_secs(1),
        accepted_within: Duration::from_secs(1),
        shown_within: Duration::from_secs(1),
    },
    sensitive: &[],
    operations: &[&REDEEM, &RENEW, &HAND_OUT],
};

#[derive(Clone, Debug)]
enum Code {
    Empty,
    Other(String),
}

impl rt::ErrorCode for Code {
    fn from_text(text: &str) -> Self {
        match text {
            "EMPTY" => Self::Empty,
            _ => Self::Other(text.to_owned()),
        }
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Empty => "EMPTY",
            Self::Other(text) => text,
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    fn advice(&self) -> rt::Advice {
        match self {
            Self::Empty => rt::Advice::TellPurchaser,
            Self::Other(_) => rt::Advice::Undocumented,
        }
    }
}

#[derive(Debug, Default)]
struct Reply(rt::Raw);

impl rt::Object for Reply {
    fn slot(&self, _: &str) -> Option<u16> {
        None
    }

    fn fill(&mut self, _: u16, _: &mut dyn rt::Source) {}
}

impl rt::Reply for Reply {
    fn set_raw(&mut self, raw: rt::Raw) {
        self.0 = raw;
    }

    fn as_raw(&self) -> &rt::Raw {
        &self.0
    }
}

/// A request that is never sent again, or one that may be sent again.
#[derive(Debug)]
struct Redeem<const AGAIN: bool>;

impl<const AGAIN: bool> rt::Validate for Redeem<AGAIN> {
    fn check(&self, _: &mut rt::Check<'_>) {}
}

impl<const AGAIN: bool> rt::Members for Redeem<AGAIN> {
    fn members<M: serde::ser::SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<const AGAIN: bool> rt::Request for Redeem<AGAIN> {
    type Reply = Reply;

    const OPERATION: &'static rt::Operation = if AGAIN { &RENEW } else { &REDEEM };
}

impl<const AGAIN: bool> rt::FromRequest for Redeem<AGAIN> {
    fn from_request(_: &mut rt::RequestMembers<'_>) -> Self {
        Self
    }
}

impl<const AGAIN: bool> rt::Durable for Redeem<AGAIN> {
    type Client = rt::Core<Code>;
    type Code = Code;
    type Expected = ();
    type Found = rt::NothingFound;

    const API: &'static rt::Api = &API;

    fn core(client: &rt::Core<Code>) -> &rt::Core<Code> {
        client
    }

    async fn resolve_with(&self, core: rt::Core<Code>, (): &()) -> rt::Ending<Self> {
        rt::resolve_without_plan(self, core).await
    }
}

/// Answers of the service: to a request for a token, and to the request itself.
type Answers = Arc<Mutex<((u16, &'static str), (u16, &'static str))>>;

const HANDED_OUT: (u16, &str) = (200, r#"{"code":0,"token":"t"}"#);
const DOWN: (u16, &str) = (503, "");
/// The page lists the status under `expired`, and no code.
const DENIED: (u16, &str) = (403, r#"{"code":-1,"errorCode":"DENIED"}"#);
const DONE: (u16, &str) = (200, r#"{"code":0}"#);

/// Starts the service. After each request, `then` changes its answers.
fn service(answers: Answers, then: fn(&Answers)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                head.push(byte[0]);
            }
            let is_token = head.starts_with(b"POST /token");
            let ((token, of_token), (own, of_own)) = *answers.lock().unwrap();
            let (status, body) = if is_token { (token, of_token) } else { (own, of_own) };
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
            if !is_token {
                then(&answers);
            }
        }
    });
    url
}

fn runner<T: TestDatabase>(shop: &Shop<T>, url: &str) -> Runner<T::Driver> {
    let retries = rt::RetryPolicy::never();
    let client = rt::Core::<Code>::builder(&API, vec![]).base_url(url).retries(retries).build().unwrap();
    let runner = shop.outbox().runner();
    runner
        .operation::<Redeem<false>>(&client, Books::default())
        .operation::<Redeem<true>>(&client, Books::default())
        .poll_every(Duration::from_millis(50))
        .backoff(Duration::from_millis(100), Duration::from_millis(500))
        .build()
        .unwrap()
}

async fn a_refused_token_that_cannot_be_renewed_rejects_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let answers = Answers::new(Mutex::new((HANDED_OUT, DENIED)));
    let runner = runner(&shop, &service(answers.clone(), |answers| answers.lock().unwrap().0 = DOWN));
    shop.enqueue(&Intent::new("redeem", &Redeem::<false>)).await;
    let progress = runner.run("redeem", Duration::from_secs(1)).await.unwrap();
    assert_eq!(progress.record().state, State::Queued, "{:?}", progress.record().reason);
    *answers.lock().unwrap() = (HANDED_OUT, DONE);
    let worker = Worker::start(runner);
    eventually("the request", async || shop.state("redeem").await == State::Applied).await;
    worker.stop().await;
    assert_eq!(shop.handled("redeem").await, ["applied"]);
}

async fn a_renewed_token_that_is_refused_too_rejects_nothing<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let answers = Answers::new(Mutex::new((HANDED_OUT, DENIED)));
    let runner = runner(&shop, &service(answers, |_| {}));
    shop.enqueue(&Intent::new("redeem", &Redeem::<false>)).await;
    let progress = runner.run("redeem", Duration::from_secs(1)).await.unwrap();
    assert_eq!(progress.record().state, State::Queued, "{:?}", progress.record().reason);
}

async fn a_refused_token_proves_nothing_about_an_earlier_attempt<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let answers = Answers::new(Mutex::new((HANDED_OUT, DOWN)));
    let runner = runner(&shop, &service(answers.clone(), |answers| *answers.lock().unwrap() = (DOWN, DENIED)));
    shop.enqueue(&Intent::new("renew", &Redeem::<true>)).await;
    let progress = runner.run("renew", Duration::from_secs(2)).await.unwrap();
    assert_ne!(progress.closed(), Some(State::Rejected), "{:?}", progress.record().reason);
    *answers.lock().unwrap() = (HANDED_OUT, DONE);
    let worker = Worker::start(runner);
    eventually("the request", async || shop.state("renew").await == State::Applied).await;
    worker.stop().await;
}

async fn a_code_with_a_meaning_of_its_own_rejects_the_request<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    let empty = (403, r#"{"code":-1,"errorCode":"EMPTY"}"#);
    let runner = runner(&shop, &service(Answers::new(Mutex::new((HANDED_OUT, empty))), |_| {}));
    shop.enqueue(&Intent::new("redeem", &Redeem::<false>)).await;
    let progress = runner.run("redeem", Duration::from_secs(5)).await.unwrap();
    assert_eq!(progress.closed(), Some(State::Rejected), "{:?}", progress.record().reason);
}
