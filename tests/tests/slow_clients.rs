//! The sandbox disconnects slow clients, so that they do not delay others. Clients above the limit of connections wait,
//! and are answered later.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use toss_sandbox::{Fault, FaultKind, Sandbox};

fn connect(sandbox: &Sandbox) -> TcpStream {
    let connection = TcpStream::connect(sandbox.base_url().trim_start_matches("http://")).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    connection
}

const HEAD: &str = "POST /api/v2/status HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";

/// Sends `begin`, and then the byte `more` each second. Returns the time until the sandbox ends the connection, and the
/// answer.
fn until_ended(mut connection: TcpStream, begin: &str, more: u8) -> (Duration, String) {
    let began = Instant::now();
    connection.write_all(begin.as_bytes()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 1024];
        match connection.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(&piece[..n]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // The result is ignored, because the next read detects the end of the connection.
                let _ = connection.write_all(&[more]);
            }
            Err(_) => break,
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the connection is still open");
    }
    (began.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn a_client_that_sends_slowly_is_disconnected_and_delays_no_other_client() {
    let sandbox = Sandbox::start().unwrap();
    std::thread::scope(|scope| {
        let head = scope.spawn(|| until_ended(connect(&sandbox), "POST /api/v2/st", b'a'));
        let body =
            scope.spawn(|| until_ended(connect(&sandbox), &format!("{HEAD}content-length: 5000\r\n\r\n{{"), b' '));
        let silent = scope.spawn(|| until_ended(connect(&sandbox), &HEAD[..40], b'b'));
        // Meanwhile, the sandbox answers other clients.
        let began = Instant::now();
        let mut other = connect(&sandbox);
        other.write_all(format!("{HEAD}content-length: 2\r\nconnection: close\r\n\r\n{{}}").as_bytes()).unwrap();
        let mut answer = String::new();
        other.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && began.elapsed() < Duration::from_secs(5), "{answer}");
        // This client sends a complete request together with the start of a second one, and then nothing.
        let piped = scope.spawn(|| {
            let mut connection = connect(&sandbox);
            let both = format!("{HEAD}content-length: 2\r\n\r\n{{}}{HEAD}content-length: 5000\r\n\r\n{{");
            let began = Instant::now();
            connection.write_all(both.as_bytes()).unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).unwrap();
            (began.elapsed(), answer)
        });
        let (time, said) = piped.join().unwrap();
        assert!((8..30).contains(&time.as_secs()), "after {time:?}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{said}");
        for slow in [head, body, silent] {
            let (time, said) = slow.join().unwrap();
            assert!((8..30).contains(&time.as_secs()), "after {time:?}");
            assert_eq!(said, "");
        }
    });
}

#[test]
fn a_connection_that_is_idle_between_requests_is_kept() {
    let sandbox = Sandbox::start().unwrap();
    let mut connection = connect(&sandbox);
    for pause in [0, 13] {
        std::thread::sleep(Duration::from_secs(pause));
        connection.write_all(format!("{HEAD}content-length: 2\r\n\r\n{{}}").as_bytes()).unwrap();
        let mut start = [0; 12];
        connection.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        let mut rest = [0; 4096];
        assert!(connection.read(&mut rest).unwrap() > 0);
    }
}

#[test]
fn endless_bodies_and_heads_are_rejected() {
    let sandbox = Sandbox::start().unwrap();
    // The first request states the length of its body, the second does not, and the third has a head that is too long.
    let long = " ".repeat(70_000);
    let chunked = format!("{HEAD}transfer-encoding: chunked\r\n\r\n11170\r\n{long}\r\n0\r\n\r\n");
    for (request, status) in [
        (format!("{HEAD}content-length: 70000\r\n\r\n{long}"), "400"),
        (chunked, "400"),
        (format!("{HEAD}x-long: {}\r\n\r\n", long.repeat(10)), "431"),
    ] {
        let mut connection = connect(&sandbox);
        // The sandbox may answer and disconnect before the whole request is sent.
        let _ = connection.write_all(request.as_bytes());
        let mut answer = [0; 12];
        connection.read_exact(&mut answer).unwrap();
        assert_eq!(std::str::from_utf8(&answer).unwrap(), format!("HTTP/1.1 {status}"));
    }
}

/// Returns the lock for tests that open as many connections as the sandbox accepts, so that only one such test runs at
/// a time. Returns `None` if this process may not open enough files for both ends of the connections.
fn crowd() -> Option<MutexGuard<'static, ()>> {
    static CROWD: Mutex<()> = Mutex::new(());
    let allowed = Command::new("sh").args(["-c", "ulimit -n"]).output().ok();
    let allowed = allowed.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    if allowed.as_deref() != Some("unlimited") && allowed.and_then(|n| n.parse().ok()).unwrap_or(0) < 4_096_u64 {
        eprintln!("skipped: this process may not open 4,096 files; see `ulimit -n`");
        return None;
    }
    Some(CROWD.lock().unwrap_or_else(PoisonError::into_inner))
}

#[test]
fn connections_above_the_limit_wait_and_are_answered_later() {
    let Some(_crowd) = crowd() else { return };
    let sandbox = Sandbox::start().unwrap();
    // The idle connections reach the limit of the sandbox, and the late connection exceeds it.
    let mut resting: Vec<_> = (0..1_024).map(|_| connect(&sandbox)).collect();
    let mut late = connect(&sandbox);
    late.write_all(format!("{HEAD}content-length: 2\r\nconnection: close\r\n\r\n{{}}").as_bytes()).unwrap();
    late.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    assert!(late.read(&mut [0; 1]).is_err(), "the late request was answered although all connections were in use");
    resting.pop();
    late.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = String::new();
    late.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn stalled_calls_leave_connections_for_the_control_api() {
    let Some(_crowd) = crowd() else { return };
    let sandbox = Sandbox::start().unwrap();
    sandbox.fault(Fault::sometimes(1.0, FaultKind::Stall)).unwrap();
    // There are as many connections as the sandbox accepts. Half of their calls stall, and the others are disconnected.
    let _stalled: Vec<_> = (0..1_024)
        .map(|_| {
            let mut connection = connect(&sandbox);
            connection.write_all(format!("{HEAD}content-length: 2\r\n\r\n{{}}").as_bytes()).unwrap();
            connection
        })
        .collect();
    let mut control = connect(&sandbox);
    control.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    control.write_all(b"GET /sandbox/v1/faults HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    control.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
