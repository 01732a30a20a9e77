//! The logs and metrics of a program contain no secrets. The test records every span, event and observer call during a
//! payment with several kinds of failures.

use std::fmt::Debug;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tests::service::{Service, answer, block_on, closed_port};
use toss_sandbox::{Approval, Fault, FaultKind, Sandbox};
use toss_sdk::pay::{
    Client, CreatePayment, ExecutePayment, OrderNo, PaymentStatus, PurchaserReturn, RefundPayment, ResultCallback,
};
use toss_sdk::runtime::{CallOptions, Event, Observer, RetryPolicy};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

const KEY: &str = "sk_test_canary7261";

/// Subscriber that records the spans and events of every crate and level. As an observer, it also records the attempts
/// and calls of the client.
#[derive(Clone, Debug, Default)]
struct Everything(Arc<Log>);

#[derive(Debug, Default)]
struct Log {
    text: Mutex<String>,
    spans: AtomicU64,
}

impl Everything {
    fn write(&self, what: &dyn Debug) {
        let mut text = self.0.text.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(text, "{what:?}");
    }
}

struct Fields<'a>(&'a Everything);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.write(&format_args!("{}={value:?}", field.name()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.write(&format_args!("{}={value} {value:?}", field.name()));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(&span.metadata().name());
        span.record(&mut Fields(self));
        Id::from_u64(self.0.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(self));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields(self));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Observer for Everything {
    fn attempt(&self, event: &Event<'_>) {
        self.write(event);
    }

    fn call(&self, event: &Event<'_>) {
        self.write(event);
    }
}

fn client(url: &str, log: &Everything) -> Client {
    let builder = Client::builder(KEY).base_url(url).observer(Arc::new(log.clone()));
    builder.retries(RetryPolicy::never()).build().expect("a client")
}

/// Makes a payment with several kinds of failures. Returns the texts that must not appear in the record.
async fn payment(log: &Everything) -> Vec<String> {
    let sandbox = Sandbox::start().expect("a sandbox");
    let toss = client(sandbox.base_url(), log);
    let order = CreatePayment::builder()
        .order_no("canary-order-7261")
        .product_desc("canary-coat-7261")
        .ret_url("https://canary-7261.example/done")
        .ret_cancel_url("https://canary-7261.example/cancel")
        .amount(3_000)
        .amount_tax_free(0);
    let token = toss.create_payment(&order.build().expect("a request")).await.expect("created").pay_token;
    sandbox.approve(&token, &Approval::toss_money()).expect("approved");
    let execute = ExecutePayment::builder().pay_token(&token).build().expect("a request");
    let refund = RefundPayment::builder()
        .pay_token(&token)
        .refund_no("canary-refund-7261")
        .amount(1_000)
        .reason("canary 7261")
        .build()
        .expect("a request");
    let status = PaymentStatus::builder().payment(token.clone()).build().expect("a request");
    let faults = [
        FaultKind::ResetBefore,
        FaultKind::HtmlBefore { status: 502 },
        FaultKind::Code { code: "COMMON_TIMEOUT".into() },
        FaultKind::CutBody,
        FaultKind::Stall,
    ];
    let hurried = toss.with(CallOptions::new().attempt_timeout(std::time::Duration::from_millis(200)));
    for kind in faults {
        for operation in ["execute_payment", "payment_status", "refund_payment"] {
            sandbox.clear_faults();
            sandbox.fault(Fault::once(operation, kind.clone())).unwrap();
            let _ = hurried.execute_payment(&execute).await;
            let _ = hurried.payment_status(&status).await;
            let _ = hurried.refund_payment(&refund).await;
        }
    }
    sandbox.clear_faults();
    log.write(&toss.resolve_execute_payment(&execute, 3_000).await);
    log.write(&toss.resolve_refund_payment(&refund).await);
    let mut message = ResultCallback::default();
    message.order_no = Some("canary-order-7261".into());
    message.pay_token = Some(token.clone());
    message.amount = Some(3_000);
    for body in [message.to_json(), message.to_json().replace("3000", "1")] {
        let claim = ResultCallback::parse(body.as_bytes()).expect("a claim");
        log.write(&claim);
        log.write(&toss.confirm_result_callback(&claim, OrderNo::new("canary-order-7261"), 3_000, None).await);
    }
    let query = "status=PAY_APPROVED&orderNo=canary-order-7261&payMethod=CARD";
    log.write(&PurchaserReturn::parse_query(query));
    // The last failures are a missing server, an answer that repeats the secrets, and a proxy with a password.
    let service = Service::answering(answer("500 x", "text/html", &format!("{KEY} {}", token.as_str())));
    for url in [closed_port(), service.url()] {
        log.write(&client(&url, log).execute_payment(&execute).await);
    }
    let proxy = closed_port().replace("http://", "http://canary:canary-7261@");
    let far = Client::builder(KEY).base_url("https://pay.invalid").proxy(proxy).retries(RetryPolicy::never());
    log.write(&far);
    let error = far.build().expect("a client").execute_payment(&execute).await.expect_err("no proxy is there");
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        log.write(&format_args!("{error} {error:?}"));
        cause = error.source();
    }
    log.write(&Client::builder(KEY).proxy("canary://canary:canary-7261@").build().expect_err("no proxy"));
    vec![token.as_str().to_owned(), "sk_test_".to_owned(), "canary-7261".to_owned(), "canary7261".to_owned()]
}

#[test]
fn logs_and_metrics_see_calls_and_no_secret() {
    // The subscriber applies to the whole process, so the test starts this program again with only this test.
    const RECORDING: &str = "TRACING_REDACTION_RECORDS";
    if std::env::var_os(RECORDING).is_none() {
        let name = "tracing_redaction::logs_and_metrics_see_calls_and_no_secret";
        let program = std::env::current_exe().expect("a test is a program");
        let run = Command::new(program).args(["--exact", name, "--nocapture"]).env(RECORDING, "1").output();
        let run = run.expect("the program can be started");
        let printed = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
        assert!(run.status.success() && printed.contains("1 passed"), "{printed}");
        return;
    }
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).expect("the only test of this process");
    let secrets = block_on(payment(&log));
    let text = log.0.text.lock().expect("no thread panics while it holds the lock").clone();
    // An empty record would prove nothing, so it must contain spans, operations, codes and statuses.
    for seen in ["api_call", "api_attempt", "refund_payment", "COMMON_TIMEOUT", "502"] {
        assert!(text.contains(seen), "the record does not contain {seen}");
    }
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
    // Order numbers appear only in the claims and errors that the test itself writes, and not in spans and events.
    let shown: Vec<&str> = text.lines().filter(|line| line.contains("canary-order")).collect();
    assert!(shown.iter().all(|line| line.contains("Claim") || line.contains("Confirm")), "{shown:#?}");
}
