//! Tests of the behavior that users expect of a generated client of any API. Each test calls the client of an invented
//! API (see `third_api`) with a scripted service.
//!
//! The list of behaviors comes from the public issues and changelogs of other generators. Each behavior was missing or
//! wrong in at least one of these generators.

use crate::third_api::requests::{address, label, piece};
use parcel_sdk::parcel::*;
use parcel_sdk::runtime as rt;
use parcel_sdk::runtime::Outcome;
use std::time::{Duration, Instant};
use tests::service::{Received, Service, answer, block_on};

const LABEL: &str = r#"{"meta":{"ok":true},"data":{"labelNo":"L-1"}}"#;

fn builder(service: &Service) -> ClientBuilder {
    // There are no pauses between attempts, so that the tests do not wait.
    let retries = rt::RetryPolicy::standard().first_pause(Duration::ZERO);
    Client::builder("canary-token_1".into(), "7351".into()).base_url(service.url()).retries(retries)
}

fn client(service: &Service) -> Client {
    builder(service).build().expect("a client")
}

fn get(no: &str) -> GetLabel {
    GetLabel::builder().label_no(no).build().expect("within the rules")
}

fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat()
}

fn json(status: &str, body: &str) -> Vec<u8> {
    answer(status, "application/json", body)
}

fn asked(answers: Vec<Vec<u8>>) -> (Result<GetLabelReply, Error>, Vec<Received>) {
    let service = Service::script(answers);
    let result = block_on(client(&service).get_label(&get("L-1")));
    (result, service.all())
}

mod configuration {
    use super::*;

    #[test]
    fn a_base_url_takes_precedence_over_the_stage_in_either_order() {
        for url_first in [true, false] {
            let service = Service::json(LABEL);
            let (new, url) = (Client::builder("canary-token_1".into(), "7351".into()), service.url());
            let set =
                if url_first { new.base_url(url).stage(Stage::Live) } else { new.stage(Stage::Live).base_url(url) };
            let client = set.build().expect("a client");
            block_on(client.get_label(&get("L-1"))).expect("a success");
            assert_eq!(service.received().target, "/v7/labels/L-1");
        }
    }

    #[test]
    fn a_base_url_keeps_its_path_with_and_without_a_slash_at_its_end() {
        for end in ["/gateway", "/gateway/"] {
            let service = Service::json(LABEL);
            let client = builder(&service).base_url(service.url() + end).build().expect("a client");
            block_on(client.get_label(&get("L-1"))).expect("a success");
            assert_eq!(service.received().target, "/gateway/v7/labels/L-1");
        }
    }

    #[test]
    fn the_user_agent_names_the_crate_and_the_application() {
        let service = Service::json(LABEL);
        let client = builder(&service).application("shop/3.1").build().expect("a client");
        block_on(client.get_label(&get("L-1"))).expect("a success");
        let agent = service.received().header("user-agent").to_owned();
        assert!(agent.starts_with("parcel-sdk/") && agent.ends_with(" shop/3.1"), "{agent}");
    }

    #[test]
    fn a_given_http_client_keeps_its_settings_and_never_follows_a_redirect() {
        let moved = raw("302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0", b"");
        let service = Service::answering(moved);
        let own = rt::reqwest::Client::builder().default_headers(
            [("x-team".parse().expect("a name"), "payments".parse().expect("a value"))].into_iter().collect(),
        );
        let client = builder(&service).http_client(own).retries(rt::RetryPolicy::never()).build().expect("a client");
        let error = block_on(client.get_label(&get("L-1"))).expect_err("no success");
        assert_eq!((error.http_status(), error.outcome()), (Some(302), Outcome::Unknown));
        let received = service.received();
        assert_eq!(received.header("x-team"), "payments");
        assert_eq!(received.header("authorization"), "Bearer canary-token_1");
    }

    #[test]
    fn one_call_can_have_a_timeout_and_a_number_of_attempts_of_its_own() {
        let service = Service::stalled();
        let options = rt::CallOptions::new()
            .attempt_timeout(Duration::from_millis(150))
            .retries(rt::RetryPolicy::standard().attempts(2).first_pause(Duration::ZERO));
        let started = Instant::now();
        let error = block_on(client(&service).with(options).get_label(&get("L-1"))).expect_err("no answer");
        assert!(error.is_timeout() && started.elapsed() < Duration::from_secs(10), "{error}");
        assert_eq!((error.attempts(), error.outcome()), (2, Outcome::Unknown));
    }
}

mod requests {
    use super::*;

    #[test]
    fn headers_with_one_value_are_sent_with_every_operation() {
        let service = Service::json(LABEL);
        block_on(client(&service).get_label(&get("L-1"))).expect("a success");
        let received = service.received();
        assert_eq!(received.header("x-api-version"), "7");
        assert_eq!(received.header("accept"), "application/json");
        assert!(received.body.is_empty());
    }

    #[test]
    fn a_query_repeats_lists_escapes_values_and_omits_absent_parameters() {
        let service = Service::json(r#"{"meta":{"ok":true},"data":[]}"#);
        let builder = || ListLabels::builder().label_no(["L 1", "L&2=3"]).text("가 +?#/%");
        // The service would read an empty list as a query for labels of every state.
        assert!(builder().state(Vec::<LabelState>::new()).build().is_err());
        let request = builder().build();
        block_on(client(&service).list_labels(&request.expect("within the rules"))).expect("a success");
        let target = service.received().target;
        let query = target.strip_prefix("/v7/labels?").expect("a query");
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("labelNo", "L 1"), ("labelNo", "L&2=3"), ("text", "가 +?#/%")]);
    }

    #[test]
    fn a_path_parameter_with_any_content_is_one_segment() {
        let service = Service::json(LABEL);
        block_on(client(&service).get_label(&get("가/ %2F&=?#"))).expect("a success");
        assert_eq!(service.received().target, "/v7/labels/%EA%B0%80%2F%20%252F%26%3D%3F%23");
        for other in ["..", ".", ""] {
            assert!(GetLabel::builder().label_no(other).build().is_err(), "{other}");
        }
    }

    #[test]
    fn an_absent_field_is_omitted_and_null_is_sent() {
        let request = AmendLabel::builder().label_no("L-1").ref_("5f0b3a1c-0000-4000-8000-000000000001");
        let service = Service::json(r#"{"meta":{"ok":true},"data":{}}"#);
        let request = request.grams(5).remark(None).build().expect("within the rules");
        block_on(client(&service).amend_label(&request)).expect("a success");
        let received = service.received();
        assert_eq!((received.method.as_str(), received.body.as_str()), ("PATCH", r#"{"grams":5,"remark":null}"#));
    }

    #[test]
    fn many_tasks_share_one_client() {
        let service = Service::json(LABEL);
        let client = client(&service);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let calls: Vec<_> = (0..50)
                .map(|n| {
                    let client = client.clone();
                    tokio::spawn(async move { client.get_label(&get(&format!("L-{n}"))).await })
                })
                .collect();
            for call in calls {
                call.await.expect("no panic").expect("a success");
            }
        });
        assert_eq!(service.all().len(), 50);
    }
}

mod replies {
    use super::*;

    #[test]
    fn an_error_status_with_the_body_of_a_success_is_no_success() {
        for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "500 Internal Server Error"] {
            let (result, _) = asked(vec![json(status, LABEL)]);
            let error = result.expect_err(status);
            assert_eq!(error.http_status().map(|status| status.to_string()), status.get(..3).map(str::to_owned));
        }
    }

    #[test]
    fn an_error_has_status_code_message_and_headers() {
        let body = r#"{"meta":{"ok":false,"error":{"kind":"NO_SUCH_LABEL","text":"gone"}}}"#;
        let head = format!("404 Not Found\r\nx-request-id: r-77\r\ncontent-length: {}", body.len());
        let (result, _) = asked(vec![raw(&head, body.as_bytes())]);
        let error = result.expect_err("a refusal");
        assert_eq!((error.http_status(), error.message()), (Some(404), Some("gone")));
        assert_eq!(error.code(), Some(&ErrorCode::NoSuchLabel));
        assert_eq!(error.raw().and_then(|raw| raw.header("X-Request-Id")), Some("r-77"));
    }

    #[test]
    fn a_success_keeps_its_headers_and_undocumented_members() {
        let body = r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","weather":{"rain":true}}}"#;
        let head = format!("200 OK\r\nx-request-id: r-78\r\ncontent-length: {}", body.len());
        let (result, _) = asked(vec![raw(&head, body.as_bytes())]);
        let reply = result.expect("a success");
        assert_eq!(reply.raw().header("x-request-id"), Some("r-78"));
        assert_eq!(reply.raw().member("data.weather.rain"), Some(true.into()));
    }

    #[test]
    fn an_undocumented_value_does_not_make_the_reply_unreadable() {
        let body = r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","payer":"NEIGHBOR","detail":{"state":"ON_MARS"}}}"#;
        let (result, _) = asked(vec![json("200 OK", body)]);
        let reply = result.expect("a success");
        assert_eq!(reply.payer.map(|payer| payer.as_str().to_owned()).as_deref(), Some("NEIGHBOR"));
        let state = reply.detail.and_then(|detail| detail.state);
        assert!(matches!(state, Some(LabelState::Unknown(_))), "{state:?}");
    }

    #[test]
    fn a_chunked_reply_with_a_byte_order_mark_after_an_interim_reply_is_read() {
        let (first, second) = LABEL.split_at(20);
        let chunks = format!("{:x}\r\n\u{feff}{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len() + 3, second.len());
        let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        let body = raw("200 OK\r\ntransfer-encoding: chunked", chunks.as_bytes());
        let (result, _) = asked(vec![[early.as_bytes(), &body].concat()]);
        assert_eq!(result.expect("a success").label_no.as_str(), "L-1");
    }

    #[test]
    fn an_unrequested_compressed_reply_is_an_error_that_names_the_compression() {
        let head = "200 OK\r\ncontent-encoding: gzip\r\ncontent-type: application/json\r\ncontent-length: 4";
        let (result, requests) = asked(vec![raw(head, b"\x1f\x8b\x08\x00")]);
        let error = result.expect_err("unreadable");
        assert!(!requests.iter().any(|request| request.has_header("accept-encoding")));
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(error.to_string().contains("gzip"), "{error}");
    }

    #[test]
    fn a_success_without_a_body_is_an_error_if_the_page_documents_a_body() {
        let (result, _) = asked(vec![raw("200 OK\r\ncontent-length: 0", b"")]);
        assert_eq!(result.expect_err("no payload").outcome(), Outcome::Unknown);
    }
}

mod retries {
    use super::*;

    const BUSY: &str = "503 Service Unavailable";

    #[test]
    fn a_query_is_sent_again_after_errors_of_the_service_and_of_the_network() {
        for failure in [json(BUSY, ""), json("429 Too Many Requests", ""), json("408 Request Timeout", ""), Vec::new()]
        {
            let (result, requests) = asked(vec![failure, json("200 OK", LABEL)]);
            assert_eq!((result.is_ok(), requests.len()), (true, 2), "{result:?}");
            assert_eq!(requests[0].bytes, requests[1].bytes, "both attempts must send the same request");
        }
    }

    #[test]
    fn a_query_is_not_sent_again_after_a_refusal() {
        for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "409 Conflict", "422 Unprocessable"] {
            let body = r#"{"meta":{"ok":false,"error":{"kind":"NO_SUCH_LABEL","text":"gone"}}}"#;
            let (result, requests) = asked(vec![json(status, body)]);
            assert_eq!((result.is_err(), requests.len()), (true, 1), "{status}");
        }
    }

    #[test]
    fn an_operation_that_must_not_happen_twice_is_sent_once() {
        let service = Service::answering(json(BUSY, ""));
        let request = label!(.service(parcel_sdk::parcel::Service::Economy)).expect("within the rules");
        let error = block_on(client(&service).create_label(&request)).expect_err("no success");
        assert_eq!((error.outcome(), error.attempts()), (Outcome::Unknown, 1));
        assert_eq!(service.all().len(), 1);
    }

    #[test]
    fn retry_after_is_respected_and_a_long_one_ends_the_call() {
        let wait = |seconds: &str| raw(&format!("{BUSY}\r\nretry-after: {seconds}\r\ncontent-length: 0"), b"");
        let started = Instant::now();
        let (result, requests) = asked(vec![wait("1"), json("200 OK", LABEL)]);
        assert_eq!((result.is_ok(), requests.len()), (true, 2));
        assert!(started.elapsed() >= Duration::from_secs(1));
        let (result, requests) = asked(vec![wait("3600"), json("200 OK", LABEL)]);
        assert_eq!((result.is_err(), requests.len()), (true, 1));
    }

    #[test]
    fn retries_can_be_disabled() {
        let service = Service::answering(json(BUSY, ""));
        let options = rt::CallOptions::new().retries(rt::RetryPolicy::never());
        let error = block_on(client(&service).with(options).get_label(&get("L-1"))).expect_err("no success");
        assert_eq!((error.attempts(), service.all().len()), (1, 1));
    }
}

mod secrets {
    use super::*;

    #[test]
    fn credentials_and_personal_data_show_in_no_text_of_client_request_or_error() {
        let service =
            Service::answering(json("400 Bad Request", r#"{"meta":{"ok":false,"error":{"kind":"canary-token_1"}}}"#));
        let client = client(&service);
        let request = label!(.service(parcel_sdk::parcel::Service::Economy)).expect("within the rules");
        let error = block_on(client.create_label(&request)).expect_err("a refusal");
        let shown = format!("{client:?} {request:?} {error} {error:?}");
        for secret in ["canary", "7351", "김하늘", "Dal-gil"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
}
