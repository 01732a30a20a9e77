//! Tests with a service whose access token expires and cannot be renewed for a while. An intent must not become
//! rejected because the token is missing.

use crate::on_both;
use crate::support::vouchers::{API, Code, Redeem};
use crate::support::{Books, Shop, TestDatabase, Worker, eventually};
use pagespec_outbox::{Intent, Runner, State};
use pagespec_runtime::__private as rt;
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

/// The service's answers to the request for a token and to the request of the intent.
type Answers = Arc<Mutex<((u16, &'static str), (u16, &'static str))>>;

const HANDED_OUT: (u16, &str) = (200, r#"{"code":0,"token":"t"}"#);
const DOWN: (u16, &str) = (503, "");
/// The API's token rule lists this status, but not this error code, as a sign of an expired token.
const DENIED: (u16, &str) = (403, r#"{"code":-1,"errorCode":"DENIED"}"#);
const DONE: (u16, &str) = (200, r#"{"code":0}"#);

/// Starts the service. `then` may change the answers after each request, except after a request for a token.
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
