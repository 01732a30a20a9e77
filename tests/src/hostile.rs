//! Checks of the code that reads untrusted bytes, with one function per entry point. Each function accepts any bytes,
//! and panics if a guarantee is broken. Tests call the functions with the files in `corpus/`. The fuzz targets in
//! `fuzz/` search for other bytes.

use audit::{Notation, Saved, Spec};
use codegen::project::Project;
use codegen::regen::{Loaded, check};
use codegen::source::{SourceFile, Sources};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use toss_sandbox::{Sandbox, Settings};
use toss_sdk::runtime::__private::{self as rt, FromRequest, Request};
use toss_sdk::{onboarding, pay};

/// An entry point: its name and its function. The folder with its examples has the same name.
pub type Entrance = (&'static str, fn(&[u8]));

/// All entry points.
pub const ENTRANCES: [Entrance; 6] =
    [("spec", spec), ("reply", reply), ("callback", callback), ("request", request), ("page", page), ("state", state)];

/// Returns the first byte, which selects a variant of the check, and the bytes after it. The first byte counts as 0 if
/// `bytes` is empty.
fn choice(bytes: &[u8]) -> (usize, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(first, rest)| (usize::from(*first), rest))
}

/// Checks a spec file: either the findings have a text, or the spec is valid and code can be generated from it.
pub fn spec(bytes: &[u8]) {
    static BASE: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let base = BASE.get_or_init(|| {
        let folder = crate::temp_project::fixtures().join("base/shop");
        let files = ["api.yaml", "create_order.yaml", "types.yaml"];
        files.map(|name| (name.to_owned(), fs::read_to_string(folder.join(name)).expect("it is there"))).to_vec()
    });
    let (which, bytes) = choice(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let sources = base.iter().enumerate().map(|(n, (name, own))| SourceFile {
        folder: "shop".into(),
        path: format!("spec/shop/{name}"),
        text: if n == which % base.len() { text.to_owned() } else { own.clone() },
        undecoded: None,
    });
    let project = Project::at(Path::new("nowhere"));
    match check(Sources(sources.collect(), Vec::new()), &project) {
        Ok(Loaded::Sound(apis)) => {
            assert!(!codegen::regen::files(&apis, &project.options).is_empty());
        }
        Ok(Loaded::Findings(sources, findings)) => {
            let shown = findings.render(&sources, false);
            assert!(!shown.trim().is_empty(), "the findings have no text");
        }
        // The spec contains no API.
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Checks that the crate reads a reply as a success only if a second, independent check of the envelope agrees.
pub fn reply(bytes: &[u8]) {
    let (status, body) = choice(bytes);
    let (which, body) = choice(body);
    let status = [200, 201, 204, 302, 400, 401, 404, 409, 429, 500, 503][status % 11];
    let pays = |success: bool| {
        if success {
            assert!((200..300).contains(&status));
            assert!(says(body, "code", "0"), "the envelope does not show a success");
        }
    };
    let onboards = |success: bool| {
        if success {
            assert!((200..300).contains(&status));
            assert!(says(body, "success", "true"), "the envelope does not show a success");
        }
    };
    match which % 11 {
        0 => pays(pay::CreatePaymentReply::from_body(status, body).is_ok()),
        1 => pays(pay::ExecutePaymentReply::from_body(status, body).is_ok()),
        2 => pays(pay::PaymentStatusReply::from_body(status, body).is_ok_and(|reply| {
            // A decoded reply can be written and decoded again.
            let mut again = serde_json::to_value(&reply).expect("it can be written");
            again["code"] = 0.into();
            let again = pay::PaymentStatusReply::from_body(200, again.to_string().as_bytes()).expect("it can be read");
            assert_eq!(serde_json::to_value(&reply).ok(), serde_json::to_value(&again).ok());
            true
        })),
        3 => pays(pay::RefundPaymentReply::from_body(status, body).is_ok()),
        4 => onboards(onboarding::CreateStoreReply::from_body(status, body).is_ok()),
        5 => onboards(onboarding::DeleteStoreReply::from_body(status, body).is_ok()),
        6 => onboards(onboarding::DeleteStoreIdReply::from_body(status, body).is_ok()),
        7 => onboards(onboarding::GetCredentialsReply::from_body(status, body).is_ok()),
        8 => onboards(onboarding::GetSubscriptionsReply::from_body(status, body).is_ok()),
        9 => onboards(onboarding::ListEasyPaysReply::from_body(status, body).is_ok()),
        _ => onboards(onboarding::OpenOnboardingSessionReply::from_body(status, body).is_ok()),
    }
}

/// Returns `true` if the member `name` has the value `value`, according to a JSON parser other than that of the crate.
fn says(body: &[u8], name: &str, value: &str) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(reply) => match &reply[name] {
            serde_json::Value::String(text) => text.eq_ignore_ascii_case(value),
            serde_json::Value::Bool(flag) => value == if *flag { "true" } else { "false" },
            serde_json::Value::Number(number) => number.as_i64().is_some_and(|number| value.parse() == Ok(number)),
            _ => false,
        },
        // The crate accepts some bodies that this parser rejects, with invalid bytes, infinite numbers or unpaired
        // surrogates. In this case, the body only has to contain both the name and the value, or a `\u` escape.
        Err(_) => {
            let text = String::from_utf8_lossy(body).to_ascii_lowercase();
            text.contains("\\u") || text.contains(name) && text.contains(value)
        }
    }
}

/// Checks that a message is decoded or rejected, and that a message without a valid hash is never accepted as genuine.
/// Also checks that a decoded `ResultCallback`, when it is encoded and decoded again, stays the same or is rejected.
pub fn callback(bytes: &[u8]) {
    let (which, body) = choice(bytes);
    match which % 5 {
        0 => {
            let _ = pay::ResultCallback::parse(body);
            if let Ok(claim) = pay::ResultCallback::parse_json(body) {
                let message = claim.unproven();
                let again = pay::ResultCallback::parse_json(message.to_json().as_bytes());
                // A message in which no documented member is readable is encoded without members, and is then rejected.
                if let Ok(again) = again {
                    assert_eq!(again.unproven().to_json(), message.to_json());
                }
            }
        }
        1 => {
            if let Ok(claim) = pay::ResultCallback::parse_form(body) {
                let message = claim.unproven();
                if let Ok(again) = pay::ResultCallback::parse_form(message.to_form().as_bytes()) {
                    assert_eq!(again.unproven().to_form(), message.to_form());
                }
            }
        }
        2 => {
            if let Ok(text) = std::str::from_utf8(body) {
                let _ = pay::PurchaserReturn::parse_query(text);
            }
        }
        kind => {
            // The input also contains the header. The hash cannot be computed without the secret, so the header never
            // equals the hash.
            let at = body.len().min(64);
            let header = String::from_utf8_lossy(&body[..at]).into_owned();
            let body = &body[at..];
            let credentials = [onboarding::Credentials {
                token: onboarding::AuthToken::new("host-token-1"),
                secret: onboarding::ClientSecret::new("host-secret-canary"),
            }];
            let error = if kind == 3 {
                onboarding::RegistrationCallback::verify(body, &header, &credentials).map(drop)
            } else {
                let shop = onboarding::ShopId::new("shop-1");
                onboarding::CardAuditCallback::verify(body, &header, &shop, &credentials).map(drop)
            };
            let error = error.expect_err("it is not genuine");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }
}

/// Checks that a request is accepted, or rejected with an error that does not quote it. An accepted request must be
/// valid, and stay the same when the client encodes it again.
pub fn request(bytes: &[u8]) {
    let (which, body) = choice(bytes);
    match which % 6 {
        0 => arrives::<pay::CreatePayment>(&pay::API, body),
        1 => arrives::<pay::ExecutePayment>(&pay::API, body),
        2 => arrives::<pay::PaymentStatus>(&pay::API, body),
        3 => arrives::<pay::RefundPayment>(&pay::API, body),
        4 => arrives::<onboarding::CreateStore>(&onboarding::API, body),
        _ => {
            // The bytes are the method, path, query and header of a request.
            let text = String::from_utf8_lossy(body);
            let mut parts = text.splitn(4, '\n');
            let mut next = || parts.next().unwrap_or_default();
            let (method, path, query, header) = (next(), next(), next(), next());
            for api in [&pay::API, &onboarding::API] {
                let headers = [("auth-hash", header), ("content-type", header)];
                let incoming = rt::Incoming { method, path, query, headers: &headers, body, now: noon() };
                if let Ok(routed) = rt::route(api, &incoming) {
                    let _ = format!("{routed:?}");
                }
            }
        }
    }
}

fn noon() -> Option<std::time::SystemTime> {
    pay::KstDateTime::new(2026, 11, 23, 12, 0, 0).map(Into::into)
}

fn arrives<R: Request + FromRequest + PartialEq + std::fmt::Debug>(api: &'static rt::Api, body: &[u8]) {
    let method = format!("{:?}", R::OPERATION.method).to_uppercase();
    let path: String = R::OPERATION
        .path
        .iter()
        .map(|segment| match segment {
            rt::Segment::Literal(text) => text,
            rt::Segment::Parameter(_) | rt::Segment::Credential(_) => "shop-1",
        })
        .collect();
    let incoming = |body| rt::Incoming { method: &method, path: &path, query: "", headers: &[], body, now: noon() };
    let routed = rt::route(api, &incoming(body)).expect("it is an operation's method and path");
    match routed.read::<R>() {
        Ok(request) => {
            assert!(request.validate_at(noon().expect("a time")).is_ok(), "an invalid request was accepted");
            let sent = rt::encode_body(&request, &["sk_test_key".into(), "".into()]).expect("it can be written");
            let routed = rt::route(api, &incoming(&sent)).expect("as before");
            assert_eq!(routed.read::<R>().expect("a request of the client is accepted"), request);
        }
        Err(why) => assert!(!format!("{why:?}").contains("canary"), "a refusal quotes the request"),
    }
}

/// Checks that any bytes are audited as a page, or rejected with an error text.
pub fn page(bytes: &[u8]) {
    thread_local! {
        static SPEC: Spec = {
            let project = Project::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
            Spec::read(&project).expect("it can be read").expect("it is sound")
        };
    }
    let (which, bytes) = choice(bytes);
    // The first three variants are pages in the three notations, which must be UTF-8. The fourth variant is a saved
    // file, which may contain any bytes.
    let saved = match which % 4 {
        3 => Saved::of_bytes("page", bytes),
        n => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Saved::of_text("page", [Notation::Text, Notation::Markdown, Notation::Html][n], text)),
            Err(_) => return,
        },
    };
    let saved = match saved {
        Ok(saved) => saved,
        Err(why) => return assert!(!why.is_empty()),
    };
    SPEC.with(|spec| match spec.audit(Some("pay"), &saved) {
        Ok(report) => assert!(!report.text(true).is_empty() && !report.json(true).is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    });
}

/// Checks that the sandbox either starts with a data file or rejects it, and that a rejected or damaged file is kept
/// unchanged.
pub fn state(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("data");
    fs::write(&file, bytes).expect("the file can be written");
    let started = Sandbox::with(Settings { data: Some(file.clone()), ..Settings::default() });
    let kept: BTreeSet<Vec<u8>> = fs::read_dir(folder.path())
        .expect("the folder can be read")
        .filter_map(|entry| fs::read(entry.expect("it can be listed").path()).ok())
        .collect();
    match started {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(kept.contains(bytes), "a file that was refused was changed");
        }
        Ok(sandbox) if sandbox.notice().is_some() => {
            assert!(kept.contains(bytes), "a damaged file was changed, and not only moved");
        }
        // The file was valid or empty, and is used.
        Ok(sandbox) => drop(sandbox),
    }
}
