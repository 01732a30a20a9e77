//! Tests of the proofs of received messages, with the schemes of several providers.

use crate::support;
use pagespec_runtime::__private as rt;
use rt::{
    Computed, Hash, KeyForm, Make, Piece, Proof, ProofBody, ProofPlace, SignedMessage, SignedTime, TimeFormat, Written,
};
use std::time::{Duration, SystemTime};

const SECONDS: TimeFormat<'static> = TimeFormat { pattern: "unix_seconds", offset: 0 };
const MILLISECONDS: TimeFormat<'static> = TimeFormat { pattern: "unix_milliseconds", offset: 0 };
const INSTANT: TimeFormat<'static> = TimeFormat { pattern: "yyyy-MM-dd'T'HH:mm:ss[.S]XXX", offset: 0 };

/// The scheme of Standard Webhooks, and the example that its documentation publishes.
static STANDARD: rt::Api = rt::Api {
    computed: &[Computed {
        name: "signature",
        make: Make::Hmac {
            hash: Hash::Sha256,
            key: Piece::Credential(0),
            key_form: KeyForm::Base64 { after: "whsec_" },
            over: &[
                Piece::Header("webhook-id"),
                Piece::Text("."),
                Piece::Header("webhook-timestamp"),
                Piece::Text("."),
                Piece::Body,
            ],
            written: Written::Base64,
        },
        secret: true,
    }],
    ..support::API
};
static STANDARD_PROOF: Proof = Proof {
    body: ProofBody::Json,
    method: "POST",
    at: ProofPlace::Header("webhook-signature"),
    prefix: "v1,",
    separator: " ",
    equals: 0,
    time: Some(SignedTime {
        at: ProofPlace::Header("webhook-timestamp"),
        written: SECONDS,
        within: Duration::from_secs(300),
    }),
};
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_c2VjcmV0LWNhbmFyeQ==";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const SIGNED_AT: u64 = 1_614_265_330;

fn standard<'a>(body: &'a [u8], headers: &'a [(&'a str, &'a str)]) -> SignedMessage<'a> {
    SignedMessage { api: &STANDARD, proof: &STANDARD_PROOF, body, headers, parameters: &[] }
}

fn headers(signature: &str) -> [(&str, &str); 3] {
    [
        ("Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("Webhook-Timestamp", "1614265330"),
        ("Webhook-Signature", signature),
    ]
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn the_published_example_of_standard_webhooks_is_proven() {
    let several = format!("v1,AAAA v1a,{} {SIGNATURE}", &SIGNATURE[3..]);
    for signature in [SIGNATURE, &several] {
        let headers = headers(signature);
        let message = standard(BODY, &headers);
        assert_eq!(message.verify([[SECRET]].into_iter()), Ok(()), "{signature}");
        assert_eq!(message.verify([[OTHER], ["not base64!"], [SECRET]].into_iter()), Ok(()), "during a rotation");
    }
    assert_eq!(standard(BODY, &headers("")).sign(&[SECRET]).as_deref(), Ok(SIGNATURE));
}

/// A message that is rejected: its body and headers, the secrets of the receiver, and the reason.
type Case<'a> = (&'a [u8], &'a [(&'a str, &'a str)], &'a [[&'a str; 1]], &'a str);

#[test]
fn any_other_message_is_rejected_with_the_reason_and_without_a_secret() {
    let other_version = SIGNATURE.replace("v1,", "v1a,");
    let lower = SIGNATURE.to_lowercase();
    let cases: [Case<'_>; 10] = [
        (br#"{"test": 2432232315}"#, &headers(SIGNATURE), &[[SECRET]], "its `webhook-signature` does not match"),
        (BODY, &headers(&lower), &[[SECRET]], "its `webhook-signature` does not match"),
        (BODY, &headers(&SIGNATURE[3..]), &[[SECRET]], "its `webhook-signature` does not match"),
        (BODY, &headers(&other_version), &[[SECRET]], "its `webhook-signature` does not match"),
        (BODY, &headers(SIGNATURE), &[[OTHER]], "its `webhook-signature` does not match"),
        (BODY, &headers(" "), &[[SECRET]], "it has no header `webhook-signature`"),
        (BODY, &headers(SIGNATURE)[1..], &[[SECRET]], "it has no header `webhook-id`"),
        (BODY, &[headers(SIGNATURE)[2]; 2], &[[SECRET]], "its header `webhook-signature` is repeated"),
        (BODY, &headers("v1,\u{fffd}"), &[[SECRET]], "or is not printable ASCII text"),
        (BODY, &headers(SIGNATURE), &[[""], ["whsec_???"]], "no credential was given, or each one is empty or not"),
    ];
    for (body, headers, secrets, reason) in cases {
        let error = standard(body, headers).verify(secrets.iter().copied()).expect_err(reason);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(reason), "{shown}");
        assert!(error.is_not_genuine() && !error.is_untimely() && error.answer_status() == 401, "{shown}");
        assert!(!shown.contains("MfKQ9r8G") && !shown.contains("g0hM9SsE"), "{shown}");
    }
}

#[test]
fn a_time_beyond_the_tolerance_is_refused_in_both_directions() {
    let headers = headers(SIGNATURE);
    let message = standard(BODY, &headers);
    for now in [SIGNED_AT - 300, SIGNED_AT, SIGNED_AT + 300] {
        assert_eq!(message.check_time(at(now)), Ok(()), "{now}");
    }
    for (now, reason) in [
        (SIGNED_AT + 301, "the time in `webhook-timestamp` is 301 s behind this machine's clock; at most 300 s"),
        (SIGNED_AT - 3600, "the time in `webhook-timestamp` is 3600 s ahead of this machine's clock; at most 300 s"),
    ] {
        let error = message.check_time(at(now)).expect_err(reason);
        assert!(error.to_string().starts_with(reason), "{error}");
        assert!(error.is_untimely() && !error.is_not_genuine() && error.answer_status() == 401, "{error}");
    }
}

#[test]
fn a_time_is_read_in_each_notation_and_nothing_else_is_a_time() {
    let seoul = TimeFormat { pattern: "yyyyMMddHHmmss", offset: 9 * 3600 };
    let check = |written, text: &str| {
        let time = Some(SignedTime { at: ProofPlace::Member("at"), written, within: Duration::ZERO });
        // The proof is leaked, because `SignedMessage` needs a description that lives as long as the program.
        let proof: &'static Proof = Box::leak(Box::new(Proof { time, ..STANDARD_PROOF }));
        let body = format!(r#"{{"at":{text}}}"#);
        let message = SignedMessage { api: &STANDARD, proof, body: body.as_bytes(), headers: &[], parameters: &[] };
        message.check_time(at(SIGNED_AT)).map_err(|error| error.to_string())
    };
    for (written, text) in [
        (SECONDS, "1614265330"),
        (SECONDS, r#""1614265330""#),
        (MILLISECONDS, "1614265330000"),
        (INSTANT, r#""2021-02-26T00:02:10+09:00""#),
        (INSTANT, r#""2021-02-25T15:02:10.000Z""#),
        (seoul, r#""20210226000210""#),
    ] {
        assert_eq!(check(written, text), Ok(()), "{written:?} {text}");
    }
    for (written, text) in [
        (SECONDS, r#""soon""#),
        (SECONDS, "1e9"),
        (SECONDS, "99999999999999999999"),
        (INSTANT, r#""2021-02-25T15:02:10""#),
        (seoul, r#""2021""#),
    ] {
        let error = check(written, text).expect_err(text);
        assert_eq!(error, "the time in `at` is not in the documented notation", "{text}");
    }
    assert_eq!(check(SECONDS, "null").expect_err("none"), "the message has no `at`");
}

/// The scheme of Toss Payments. The header has several proofs, separated by commas. Each proof covers the body and the
/// time in another header.
static LISTED: Proof = Proof {
    body: ProofBody::Json,
    method: "POST",
    at: ProofPlace::Header("tosspayments-webhook-signature"),
    prefix: "v1:",
    separator: ",",
    equals: 0,
    time: None,
};
static OVER_BODY: rt::Api = rt::Api {
    computed: &[Computed {
        name: "signature",
        make: Make::Hmac {
            hash: Hash::Sha256,
            key: Piece::Credential(0),
            key_form: KeyForm::Text,
            over: &[Piece::Body, Piece::Text(":"), Piece::Header("tosspayments-webhook-transmission-time")],
            written: Written::Base64,
        },
        secret: true,
    }],
    ..support::API
};

#[test]
fn one_of_several_proofs_between_commas_suffices() {
    const RIGHT: &str = "nrZtgaicMMqjGL7bvW+ifQw6fjNz8J6t/6QbXdXrQ0E=";
    let body = br#"{"amount":1000}"#;
    let verify = |list: &str| {
        let headers = [
            ("tosspayments-webhook-signature", list),
            ("tosspayments-webhook-transmission-time", "2024-09-05T12:19:21+09:00"),
        ];
        let message = SignedMessage { api: &OVER_BODY, proof: &LISTED, body, headers: &headers, parameters: &[] };
        message.verify([["canary-key"]].into_iter())
    };
    assert_eq!(verify(&format!("v1:TvgZ2rrdPJvzhDBOej8UMybv0SHufgwdiv6+OzANJd4=,v1:{RIGHT}")), Ok(()));
    assert_eq!(verify(&format!("v1:{RIGHT}")), Ok(()));
    verify("v1:TvgZ2rrdPJvzhDBOej8UMybv0SHufgwdiv6+OzANJd4=,v1:").expect_err("no proof matches");
    verify(RIGHT).expect_err("the proof has no version prefix");
}

/// The scheme of NICEPAY: a hash over members, each exactly as the body writes it.
static OVER_MEMBERS: rt::Api = rt::Api {
    computed: &[Computed {
        name: "hash",
        make: Make::Hash {
            hash: Hash::Sha256,
            over: &[Piece::Member("tid"), Piece::Member("amount"), Piece::Credential(0)],
            written: Written::Hex,
        },
        secret: true,
    }],
    ..support::API
};
static IN_MEMBER: Proof = Proof {
    method: "POST",
    body: ProofBody::Either,
    at: ProofPlace::Member("signature"),
    prefix: "",
    separator: "",
    equals: 0,
    time: None,
};

#[test]
fn the_proof_is_read_in_the_encoding_of_the_claim() {
    static IN_FORM: Proof = Proof { body: ProofBody::Form, ..IN_MEMBER };
    let bytes = b"T-11000canary-key";
    let genuine: String = hmac_sha256::Hash::hash(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let verify = |body: &str| {
        let message =
            SignedMessage { api: &OVER_MEMBERS, proof: &IN_FORM, body: body.as_bytes(), headers: &[], parameters: &[] };
        message.verify([["canary-key"]].into_iter())
    };
    assert_eq!(verify(&format!("\u{feff} tid=T-1&amount=1000&signature={genuine} ")), Ok(()));
    // The body begins with genuine signed values in JSON. They are followed by the pairs of a form, which the receiver
    // would read.
    let smuggled = format!(r#"{{"tid":"T-1","amount":"1000","signature":"{genuine}"}}&tid=T-1&amount=1"#);
    verify(&smuggled).expect_err("the form has no signature");
}

#[test]
fn an_empty_key_proves_nothing_in_any_notation() {
    for empty in ["whsec_", " ", "whsec_ ", ""] {
        let error = standard(BODY, &headers("v1,AAAA")).sign(&[empty]).expect_err(empty);
        assert!(error.to_string().contains("no credential"), "{empty:?}: {error}");
    }
}

#[test]
fn a_number_is_signed_as_it_is_written_and_no_part_may_be_absent() {
    let verify = |body: &str| {
        let message = SignedMessage {
            api: &OVER_MEMBERS,
            proof: &IN_MEMBER,
            body: body.as_bytes(),
            headers: &[],
            parameters: &[],
        };
        message.verify([["canary-key"]].into_iter())
    };
    let sign = |parts: &str| -> String {
        let bytes = format!("{parts}canary-key");
        hmac_sha256::Hash::hash(bytes.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
    };
    let exact = sign("T-11000.10");
    assert_eq!(verify(&format!(r#"{{"tid":"T-1","amount":1000.10,"signature":"{exact}"}}"#)), Ok(()));
    assert_eq!(
        verify(&format!("\u{feff}{{\"signature\":\"{exact}\",\"amount\":1000.10,\"tid\":\"T\\u002d1\"}}")),
        Ok(())
    );
    assert_eq!(verify(&format!("tid=T%2D1&amount=1000.10&signature={exact}")), Ok(()));
    verify(&format!(r#"{{"tid":"T-1","amount":1000.1,"signature":"{exact}"}}"#)).expect_err("another notation");
    for (body, reason) in [
        (format!(r#"{{"tid":"T-11000.10","signature":"{exact}"}}"#), "the message has no `amount`"),
        (format!(r#"{{"tid":"T-11000.10","amount":null,"signature":"{exact}"}}"#), "the message has no `amount`"),
        (format!(r#"{{"tid":"","amount":"T-11000.10","signature":"{exact}"}}"#), "its `tid` is empty"),
        (r#"{"tid":"T-1","amount":1000.10}"#.to_owned(), "it has no `signature`"),
        (r#"{"tid":"T-1","amount":1000.10,"signature":""}"#.to_owned(), "it has no `signature`"),
    ] {
        let error = verify(&body).expect_err(reason).to_string();
        assert!(error.ends_with(reason), "{error}");
    }
}
