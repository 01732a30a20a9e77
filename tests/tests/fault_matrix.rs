//! For every call and every fault at every point of an exchange, the client reports the right outcome and never sends
//! the request too often. The test derives the expected result only from the call and from what the caller can see of
//! the attempt. It does not repeat the client's code.

use crate::calls::{Api, Call, Class, Setup};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tests::fault_server::{Deaf, Ends, Fault, Faulty, Reads};
use tests::service::{answer, block_on, closed_port};
use toss_sdk::runtime::Outcome;

/// Connect timeout. It is long enough for a connection on this machine under load.
const SOON: Duration = Duration::from_millis(300);

/// Kind of result of an attempt, as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There was no connection, so nothing was sent.
    Before,
    /// The connection broke, or the service failed or does not know the result. Another attempt may succeed.
    Trouble,
    /// The answer proves nothing, and another attempt would get the same answer.
    Nonsense,
    /// The service rejects the request.
    No,
    /// The service rejects the request, but may accept it later.
    NotNow,
}

/// Kind of server, and the fault with which it ends the exchange.
#[derive(Clone, Debug)]
enum Place {
    ClosedPort,
    Unresolvable,
    Deaf,
    /// The client uses https, and the server does not use TLS.
    Plain(Fault),
    Server(Fault),
}

#[derive(Clone, Debug)]
struct Case {
    name: String,
    place: Place,
    phase: Phase,
}

fn case(name: impl Into<String>, place: Place, phase: Phase) -> Case {
    Case { name: name.into(), place, phase }
}

fn expected(call: &Call, phase: Phase) -> (Outcome, usize) {
    let again = if call.class == Class::Repeatable { 3 } else { 1 };
    match phase {
        Phase::Before => (Outcome::NotSent, 0),
        Phase::Trouble => (Outcome::Unknown, again),
        Phase::Nonsense => (Outcome::Unknown, 1),
        // A rejected deletion may have deleted some of the registrations.
        Phase::No if call.name == "delete_store" => (Outcome::Unknown, 1),
        Phase::No => (Outcome::Rejected, 1),
        Phase::NotNow => (Outcome::Rejected, again),
    }
}

fn without_connection() -> Vec<Case> {
    let hello = |reads, sends: &str, ends| Place::Plain(Fault { reads, sends: sends.into(), ends });
    vec![
        case("no server listens", Place::ClosedPort, Phase::Before),
        case("the name does not exist", Place::Unresolvable, Phase::Before),
        case("no server accepts", Place::Deaf, Phase::Before),
        case(
            "TLS: an answer in plain text",
            hello(Reads::Bytes(1), "HTTP/1.1 400 x\r\n\r\n", Ends::Closes),
            Phase::Before,
        ),
        case("TLS: closed", hello(Reads::Bytes(1), "", Ends::Closes), Phase::Before),
        case("TLS: reset", hello(Reads::Arrival, "", Ends::Resets), Phase::Before),
        case("TLS: silence", hello(Reads::Bytes(1), "", Ends::Stalls), Phase::Before),
        case("TLS: half a greeting", hello(Reads::Bytes(1), "\u{16}\u{3}\u{3}", Ends::Stalls), Phase::Before),
    ]
}

fn while_sending() -> Vec<Case> {
    let mut cases =
        vec![case("accepted and closed", Place::Server(Fault::silent(Reads::Nothing, Ends::Closes)), Phase::Trouble)];
    for reads in [Reads::Arrival, Reads::Bytes(1), Reads::Head, Reads::AllButOne, Reads::All] {
        for ends in [Ends::Closes, Ends::Resets, Ends::Stalls] {
            let place = Place::Server(Fault::silent(reads, ends));
            cases.push(case(format!("{reads:?} read, {ends:?}"), place, Phase::Trouble));
        }
    }
    cases
}

fn while_answering(call: &Call) -> Vec<Case> {
    let body = call.success;
    let whole = answer("200 OK", "application/json", body);
    let start = whole.len() - body.len();
    let mut cases = Vec::new();
    // The answer breaks off in the status line, in the head, around the start of the body, in the middle of the body,
    // or one byte before its end.
    for count in [1, 9, 20, start - 1, start, start + 1, start + body.len() / 2, whole.len() - 1] {
        for ends in [Ends::Closes, Ends::Resets, Ends::Stalls] {
            let place = Place::Server(Fault { reads: Reads::All, sends: whole[..count].into(), ends });
            let end = match count.checked_sub(start) {
                Some(inside) => format!("after {inside} bytes of its body"),
                None => format!("{} bytes before its body", start - count),
            };
            cases.push(case(format!("the answer ends {end}, {ends:?}"), place, Phase::Trouble));
        }
    }
    let half = &body[..body.len() / 2];
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let long = body.len() + 1;
    let raw: [(&str, String, Phase); 11] = [
        ("the length is too long", format!("{head}content-length: {long}\r\n\r\n{body}"), Phase::Trouble),
        ("the length is too short", format!("{head}content-length: {}\r\n\r\n{body}", half.len()), Phase::Trouble),
        ("the length is not a number", format!("{head}content-length: x\r\n\r\n{body}"), Phase::Trouble),
        ("no length, half a body", format!("{head}\r\n{half}"), Phase::Trouble),
        ("a chunk is cut off", format!("{head}transfer-encoding: chunked\r\n\r\nff\r\n{body}"), Phase::Trouble),
        (
            "the last chunk is missing",
            format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len()),
            Phase::Trouble,
        ),
        ("no HTTP", "SSH-2.0-x\r\n\r\n".into(), Phase::Trouble),
        ("an empty body", format!("{head}content-length: 0\r\n\r\n"), Phase::Trouble),
        ("HTML", html("200 OK"), Phase::Trouble),
        ("a content length that is huge", format!("{head}content-length: 900000000\r\n\r\n{body}"), Phase::Nonsense),
        (
            "a redirect",
            "HTTP/1.1 302 x\r\nlocation: https://shop.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                .to_owned(),
            Phase::Nonsense,
        ),
    ];
    cases.extend(raw.map(|(name, sends, phase)| case(name, Place::Server(Fault::answers(sends)), phase)));
    cases
}

fn html(status: &str) -> String {
    String::from_utf8(answer(status, "text/html", "<html>oops</html>")).expect("it is a text")
}

fn answers(call: &Call) -> Vec<Case> {
    let sent = |status: &str, body: &str| Place::Server(Fault::answers(answer(status, "application/json", body)));
    let mut cases = Vec::new();
    for status in ["500 x", "502 x", "503 x", "504 x", "408 x", "429 x"] {
        cases.push(case(format!("HTML, {status}"), Place::Server(Fault::answers(html(status))), Phase::Trouble));
    }
    // An HTTP status without the documented body proves nothing.
    for status in ["400 x", "401 x", "404 x", "403 x"] {
        cases.push(case(format!("HTML, {status}"), Place::Server(Fault::answers(html(status))), Phase::Nonsense));
    }
    // If the operation moves money, an undocumented error code proves nothing either.
    let moves_money = call.name.starts_with("execute") || call.name.starts_with("refund");
    let undocumented = if moves_money { Phase::Nonsense } else { Phase::No };
    // An error code that means "done before" may refer to an earlier attempt at this request.
    let done_before = Phase::Nonsense;
    // An answer without the member that shows success or failure may come from a gateway.
    let bodies: Vec<(&str, Phase)> = match call.api {
        Api::Pay => vec![
            (r#"{"mode":"LIVE"}"#, Phase::Trouble),
            (r#"{"code":5}"#, Phase::Nonsense),
            (r#"{"code":null,"amount":1}"#, Phase::Trouble),
            (r#"{"code":-1}"#, undocumented),
            (r#"{"code":-1,"errorCode":"BRAND_NEW"}"#, undocumented),
            (r#"{"code":-1,"errorCode":"COMMON_INVALID_PARAMETER"}"#, Phase::No),
            (r#"{"code":-1,"errorCode":"COMMON_INVALID_API_KEY"}"#, Phase::No),
            (r#"{"code":-1,"errorCode":"INACTIVE_USER"}"#, Phase::No),
            (r#"{"code":-1,"errorCode":"COMMON_THROTTLED"}"#, Phase::NotNow),
            (r#"{"code":-1,"errorCode":"COMMON_TIMEOUT"}"#, Phase::Trouble),
            (r#"{"code":-1,"errorCode":"TRANSACTION_PENDING_ERROR"}"#, Phase::Trouble),
            (r#"{"code":-1,"errorCode":"PAYMENT_EXISTING_PAYMENT"}"#, done_before),
            (r#"{"code":-1,"errorCode":"REFUND_ALREADY_REFUNDED"}"#, done_before),
        ],
        Api::Onboarding => vec![
            (r#"{"result":{}}"#, Phase::Trouble),
            (r#"{"success":7,"result":{}}"#, Phase::Nonsense),
            (r#"{"success":null}"#, Phase::Trouble),
            (r#"{"success":false}"#, Phase::No),
            (r#"{"success":false,"errorCode":"NEW","message":"no","result":null}"#, Phase::No),
        ],
    };
    cases.extend(bodies.iter().map(|(body, phase)| case(*body, sent("200 OK", body), *phase)));
    cases
}

/// Makes a call with a fault. Returns a description of the difference from the expected result, if there is one.
fn cell(call: &Call, case: &Case) -> Option<String> {
    let mut setup = Setup::new("");
    let clock = setup.clock.clone();
    let (mut server, mut deaf) = (None, None);
    setup.url = match &case.place {
        Place::ClosedPort => closed_port(),
        Place::Unresolvable => "https://nobody.invalid".into(),
        Place::Deaf => deaf.insert(Deaf::start()).url(),
        // The connect timeout is real time, so this server does not advance the virtual clock.
        Place::Plain(fault) => server.insert(Faulty::start([fault.clone()], || {})).url().replace("http:", "https:"),
        Place::Server(fault) => server.insert(Faulty::start([fault.clone()], move || clock.lapse())).url(),
    };
    if !matches!(case.place, Place::Server(_)) {
        setup.connect = Some(SOON);
    }
    let result = block_on((call.make)(setup));
    let (outcome, requests) = expected(call, case.phase);
    let failure = match result {
        Ok(()) => return Some(format!("{}, {}: a success", call.name, case.name)),
        Err(failure) => failure,
    };
    // Without a connection, the server has no requests to count. In this case, the client must report three attempts.
    let (seen, wanted) = match (&server, case.phase) {
        (_, Phase::Before) => (failure.attempts as usize, 3),
        (Some(server), _) => (server.seen().len(), requests),
        (None, _) => (0, requests),
    };
    let is_right = failure.outcome == outcome && seen == wanted && failure.is_connect == (case.phase == Phase::Before);
    (!is_right).then(|| format!("{}, {}: {wanted} of {outcome:?}, not {seen}: {}", call.name, case.name, failure.text))
}

#[test]
fn for_every_fault_at_every_point_the_outcome_is_right_and_nothing_is_sent_too_often() {
    let mut cells = Vec::new();
    for call in crate::calls::ALL {
        for case in [without_connection(), while_sending(), while_answering(call), answers(call)].concat() {
            cells.push((call, case));
        }
    }
    let (next, threads) = (AtomicUsize::new(0), 16);
    // The threads spend most of their time waiting, so there are more threads than processors.
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut wrong = Vec::new();
                    while let Some((call, case)) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                        wrong.extend(cell(call, case));
                    }
                    wrong
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no cell panics")).collect()
    });
    println!(
        "{} cells: {} calls, {} faults each at most",
        cells.len(),
        crate::calls::ALL.len(),
        cells.len() / crate::calls::ALL.len() + 1
    );
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    assert!(cells.len() >= 900, "{} cells", cells.len());
}
