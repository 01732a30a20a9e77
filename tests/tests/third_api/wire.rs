//! Tests of what the client sends and how it reads the answers, over a local socket. They cover every HTTP method, the
//! bearer token, the pin in the body, and the nested envelope.

use crate::third_api::requests::{address, label, piece};
use crate::third_api::server::{Received, answer};
use parcel_sdk::parcel::*;
use parcel_sdk::runtime as rt;
use serde_json::{Value, from_str, json};
use std::future::Future;

const TOKEN: &str = "canary-token_1";
const PIN: &str = "7351";

/// Makes a call to a server that gives this answer. Returns the result and the received request.
fn exchange<T, F>(status: u16, body: &'static str, call: impl FnOnce(Client) -> F) -> (T, Received)
where
    F: Future<Output = T>,
{
    let (url, server) = answer(status, body);
    let client = Client::builder(TOKEN.into(), PIN.into())
        .base_url(url)
        .retries(rt::RetryPolicy::never())
        .build()
        .expect("a client");
    assert!(!format!("{client:?}").contains("canary"), "{client:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    (runtime.block_on(call(client)), server.join().expect("a request"))
}

fn has_the_headers_of_every_request(received: &Received) {
    assert_eq!(received.header("authorization"), ["Bearer canary-token_1"]);
    assert_eq!(received.header("content-type"), ["application/json"]);
    assert_eq!(received.header("x-api-version"), ["7"]);
}

#[test]
fn a_post_has_the_token_in_its_header_and_the_pin_in_its_body() -> Result<(), Box<dyn std::error::Error>> {
    let request = label!(.service(Service::Economy))?;
    let body = r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","state":"PRINTED","hub":2,"new":1}}"#;
    let (reply, received) = exchange(200, body, |client| async move { client.create_label(&request).await });
    let reply = reply?;
    assert_eq!((reply.label_no.as_str(), reply.state), ("L-1", LabelState::Printed));
    assert_eq!(reply.hub, Some(Hub::South));
    assert_eq!(received.line, "POST /api/v7/labels HTTP/1.1");
    has_the_headers_of_every_request(&received);
    let place = json!({ "name": "김하늘", "lines": ["Dal-gil 2"], "postcode": "48058" });
    let expected = json!({
        "depotPin": "7351",
        "ref": "5f0b3a1c-0000-4000-8000-000000000001",
        "contractNo": "C-77",
        "service": 10,
        "payer": "SENDER",
        "from": place,
        "to": place,
        "pieces": [{ "grams": 1200, "content": "cups, blue" }],
        "remark": null,
        "totalFee": 3000,
        "signature": false,
        "doors": null,
    });
    assert_eq!(from_str::<Value>(&received.body)?, expected);
    assert_eq!(received.body.matches(PIN).count(), 1);
    Ok(())
}

#[test]
fn a_failure_in_the_nested_envelope_is_an_error_with_code_text_and_advice() -> Result<(), Box<dyn std::error::Error>> {
    let request = label!(.service(Service::Economy))?;
    let body = r#"{"meta":{"error":{"text":"아침 7시에 엽니다","kind":"DEPOT_CLOSED"},"ok":false},"data":null}"#;
    let (reply, _) = exchange(200, body, |client| async move { client.create_label(&request).await });
    let error = reply.expect_err("the envelope says failure");
    assert_eq!((error.code(), error.message()), (Some(&ErrorCode::DepotClosed), Some("아침 7시에 엽니다")));
    assert_eq!((error.outcome(), error.advice()), (rt::Outcome::Rejected, Some(rt::Advice::TryLater)));
    assert!(!format!("{error}{error:?}").contains("canary"), "{error:?}");
    Ok(())
}

#[test]
fn a_code_that_advises_to_ask_leaves_the_outcome_unknown() -> Result<(), Box<dyn std::error::Error>> {
    let request = label!(.service(Service::Economy))?;
    let body = r#"{"meta":{"ok":false,"error":{"kind":"VAN_LOST","text":""}}}"#;
    let (reply, _) = exchange(200, body, |client| async move { client.create_label(&request).await });
    assert_eq!(reply.expect_err("the envelope says failure").outcome(), rt::Outcome::Unknown);
    Ok(())
}

#[test]
fn the_meaning_of_a_code_depends_on_the_operation() -> Result<(), Box<dyn std::error::Error>> {
    let body = r#"{"meta":{"ok":false,"error":{"kind":"VAN_LOST","text":""}}}"#;
    let request = label!(.service(Service::Economy))?;
    let (reply, _) = exchange(200, body, |client| async move { client.create_label(&request).await });
    let error = reply.expect_err("the envelope says failure");
    assert_eq!((error.outcome(), error.advice()), (rt::Outcome::Unknown, Some(rt::Advice::AskStatus)));
    let request = ReaddressLabel::builder().label_no("L-1").to(address()).type_(Paper::Own).build()?;
    let (reply, _) = exchange(200, body, |client| async move { client.readdress_label(&request).await });
    let error = reply.expect_err("the envelope says failure");
    assert_eq!((error.outcome(), error.advice()), (rt::Outcome::Rejected, Some(rt::Advice::FixRequest)));
    // This operation does not list the error code, so the code has none of the meanings that other operations define.
    let request = GetLabel::builder().label_no("L-1").build()?;
    let (reply, _) = exchange(200, body, |client| async move { client.get_label(&request).await });
    let error = reply.expect_err("the envelope says failure");
    assert_eq!((error.code(), error.advice()), (Some(&ErrorCode::VanLost), Some(rt::Advice::Undocumented)));
    assert!(error.to_string().contains("VAN_LOST (not documented)"), "{error}");
    assert_eq!(ErrorCode::VanLost.meaning_in("create_label"), Some("The location of the van is unknown."));
    assert_eq!(ErrorCode::VanLost.meaning_in("get_label"), None);
    Ok(())
}

#[test]
fn an_http_status_is_a_refusal_only_with_the_documented_body() -> Result<(), Box<dyn std::error::Error>> {
    let refused = r#"{"meta":{"ok":false,"error":{"kind":"TOO_LATE","text":""}}}"#;
    let done = r#"{"meta":{"ok":true},"data":{"labelNo":"L-1"}}"#;
    for (status, body, outcome) in [
        (409, refused, rt::Outcome::Rejected),
        (451, refused, rt::Outcome::Rejected),
        // The spec defines no outcome for this status, so the documented body of a refusal counts.
        (404, refused, rt::Outcome::Rejected),
        (404, done, rt::Outcome::Unknown),
        (404, "<html>", rt::Outcome::Unknown),
        // For these statuses, the spec defines the outcome `unknown`, regardless of the body.
        (202, done, rt::Outcome::Unknown),
        (202, refused, rt::Outcome::Unknown),
        (503, refused, rt::Outcome::Unknown),
        // Without the documented body, a status proves nothing.
        (409, "<html>", rt::Outcome::Unknown),
        (451, "", rt::Outcome::Unknown),
    ] {
        let request = GetLabel::builder().label_no("L-1").build()?;
        let (reply, _) = exchange(status, body, |client| async move { client.get_label(&request).await });
        let error = reply.expect_err("no success");
        assert_eq!((error.http_status(), error.outcome()), (Some(status), outcome), "{body}");
        let code = (body == refused).then_some(&ErrorCode::TooLate);
        assert_eq!(error.code(), code, "the error for HTTP {status} must keep its code");
    }
    Ok(())
}

#[test]
fn an_object_of_several_kinds_is_sent_and_received_as_its_kind() -> Result<(), Box<dyn std::error::Error>> {
    let request = crate::third_api::notations::request();
    let body = r#"{"meta":{"ok":true},"data":{"cover":{"kind":"INSURED","policyNo":"P-canary"}}}"#;
    let (reply, received) = exchange(200, body, |client| async move { client.declare_goods(&request).await });
    let sent: Value = from_str(&received.body)?;
    assert_eq!(sent["cover"], json!({ "kind": "INSURED", "policyNo": "P-canary" }));
    assert_eq!(sent["covers"], json!([{ "kind": "DEPOSITED", "amount": 5000 }]));
    let reply = reply?;
    assert!(matches!(&reply.cover, Some(CoverReply::Insured(of)) if of.policy_no.as_deref() == Some("P-canary")));
    assert!(!format!("{reply:?}").contains("canary"), "{reply:?}");
    Ok(())
}

#[test]
fn a_get_repeats_its_parameters_and_reads_a_list() -> Result<(), Box<dyn std::error::Error>> {
    let request = ListLabels::builder()
        .label_no(["L-1", "L&2=ㄱ"])
        .state([LabelState::Moving, LabelState::Lost])
        .service(Service::Standby)
        .printer(Printer::Other(203))
        .page(2)
        .since("2030-03-01 00:00:00".parse::<KstDateTime>()?)
        .payer(None)
        .canceled(true)
        .build()?;
    let body =
        r#"{"data":[{"labelNo":"L-1","pieces":[{"grams":1}]},{"labelNo":"L-2","hub":3},null,7],"meta":{"ok":true}}"#;
    let (reply, received) = exchange(200, body, |client| async move { client.list_labels(&request).await });
    let labels = reply?.labels;
    let numbers: Vec<_> = labels.iter().filter_map(|label| label.label_no.as_ref()).map(LabelNo::as_str).collect();
    assert_eq!(numbers, ["L-1", "L-2"]);
    assert_eq!(labels[0].pieces[0].grams, Some(1));
    assert_eq!(
        received.line,
        "GET /api/v7/labels?labelNo=L-1&labelNo=L%262%3D%E3%84%B1&state=MOVING&state=LOST&service=-1&printer=203\
         &page=2&since=2030-03-01+00%3A00%3A00&payer=null&canceled=true HTTP/1.1"
    );
    has_the_headers_of_every_request(&received);
    assert_eq!(received.body, "");
    Ok(())
}

#[test]
fn a_put_keeps_a_parameter_with_a_slash_in_one_segment() -> Result<(), Box<dyn std::error::Error>> {
    let request = ReaddressLabel::builder().label_no("L/1 라?").to(address()).type_(Paper::Own).build()?;
    let body = r#"{"meta":{"ok":true},"data":{"surcharge":0}}"#;
    let (reply, received) = exchange(200, body, |client| async move { client.readdress_label(&request).await });
    assert_eq!(reply?.surcharge, Some(0));
    assert_eq!(received.line, "PUT /api/v7/labels/L%2F1%20%EB%9D%BC%3F/address HTTP/1.1");
    let sent: Value = from_str(&received.body)?;
    assert_eq!((&sent["type"], &sent["depotPin"]), (&json!("self"), &json!("7351")));
    Ok(())
}

#[test]
fn a_patch_without_a_field_for_the_pin_sends_no_pin() -> Result<(), Box<dyn std::error::Error>> {
    let request = AmendLabel::builder().label_no("L-1").ref_("box").remark(None).hub(DropOff::South).build()?;
    let body = r#"{"meta":{"ok":true},"data":{"grams":"5"}}"#;
    let (reply, received) = exchange(200, body, |client| async move { client.amend_label(&request).await });
    assert_eq!(reply?.grams, Some(5));
    assert_eq!(received.line, "PATCH /api/v7/labels/L-1/pieces/box HTTP/1.1");
    assert_eq!(received.body, r#"{"remark":null,"hub":2}"#);
    // The MD5 of `application/json{"remark":null,"hub":2}`.
    assert_eq!(received.header("content-checksum"), ["DIEjPis9SEbtm/fwKriqGQ=="]);
    Ok(())
}

#[test]
fn a_delete_may_have_a_query_and_a_body() -> Result<(), Box<dyn std::error::Error>> {
    let request = CancelLabel::builder().label_no("L-1").piece(["1", "a b"]).build()?;
    let (reply, received) =
        exchange(200, r#"{"meta":{"ok":true}}"#, |client| async move { client.cancel_label(&request).await });
    assert_eq!(reply?.raw().status(), 200);
    assert_eq!(received.line, "DELETE /api/v7/labels/L-1?piece=1&piece=a+b HTTP/1.1");
    assert_eq!(received.body, r#"{"depotPin":"7351"}"#);
    has_the_headers_of_every_request(&received);
    Ok(())
}

#[test]
fn the_default_stage_need_not_be_the_first() -> Result<(), rt::ConfigError> {
    assert_eq!(Stage::default(), Stage::Live);
    let client = |stage| Client::builder(TOKEN.into(), PIN.into()).stage(stage).build();
    assert_eq!(Client::new(TOKEN.into(), PIN.into())?.base_url(), "https://parcel.example/api");
    assert_eq!(client(Stage::Rehearsal)?.base_url(), "https://rehearsal.parcel.example/api");
    assert_eq!(client(Stage::Archive)?.base_url(), "https://archive.parcel.example");
    Ok(())
}

#[test]
fn a_credential_of_another_service_is_rejected_with_the_reason() {
    let error = Client::new("mailbox_canary".into(), PIN.into()).expect_err("not a token of this service").to_string();
    assert!(error.contains("letter service") && !error.contains("canary"), "{error}");
    let error = Client::new(TOKEN.into(), "73x1".into()).expect_err("not a pin").to_string();
    assert!(error.contains("depot_pin") && !error.contains("73x1"), "{error}");
}

#[test]
fn a_request_that_breaks_a_rule_is_not_sent() {
    let built = CancelLabel::builder().label_no("..").piece(Vec::<String>::new()).build();
    let paths: Vec<String> = built.expect_err("two rules").iter().map(|v| v.path().to_owned()).collect();
    assert_eq!(paths, ["labelNo", "piece"]);
}

#[test]
fn the_blocking_client_makes_the_same_calls() -> Result<(), Box<dyn std::error::Error>> {
    let (url, server) = answer(200, r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","state":"PRINTED"}}"#);
    let client = blocking::Client::builder(TOKEN.into(), PIN.into()).base_url(url).build()?;
    let reply = client.create_label(&label!(.service(Service::Economy))?)?;
    assert_eq!(reply.state, LabelState::Printed);
    let received = server.join().expect("a request");
    has_the_headers_of_every_request(&received);
    assert_eq!(received.body.matches(PIN).count(), 1);
    Ok(())
}
