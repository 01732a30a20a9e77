//! Scripted service on a loopback socket. It records each request, and sends the answers of its script.
//!
//! It uses no HTTP library, so that the tests can check the bytes on the wire.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Time limit of waiting for a request. It is longer than any test takes, and ends a test that hangs.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// Request that the service received.
#[derive(Debug)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// Path and query, without decoding.
    pub target: String,
    /// Names and values of the headers, in the order in which they were sent.
    pub headers: Vec<(String, String)>,
    /// Body as text.
    pub body: String,
    /// All bytes of the request, with its head.
    pub bytes: Vec<u8>,
}

impl Received {
    /// Returns the value of a header. Panics unless the header occurs exactly once.
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let (_, value) = values.next().unwrap_or_else(|| panic!("no header {name}"));
        assert!(values.next().is_none(), "{name} came twice");
        value
    }

    /// Returns `true` if a header is present.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }
}

/// Scripted service.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    requests: Receiver<Received>,
}

impl Service {
    /// Starts a service that answers each request with these bytes, and then closes the connection.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        Self::script(vec![answer.into()])
    }

    /// Starts a service that sends these answers in order, and the last one to every further request.
    pub fn script(answers: Vec<Vec<u8>>) -> Self {
        Self::start(answers)
    }

    /// Starts a service that answers each request with HTTP 200 and this JSON.
    pub fn json(body: &str) -> Self {
        Self::answering(answer("200 OK", "application/json;charset=UTF-8", body))
    }

    /// Starts a service that never answers.
    pub fn stalled() -> Self {
        Self::start(Vec::new())
    }

    /// Returns the URL of the service.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for a request and returns it. Panics if there is a second request, because the client must not repeat a
    /// request.
    pub fn received(self) -> Received {
        let request = self.requests.recv_timeout(TIMEOUT).expect("a request came");
        assert!(self.requests.try_recv().is_err(), "more than one request came");
        request
    }

    /// Returns the requests that were received so far.
    pub fn all(self) -> Vec<Received> {
        self.requests.try_iter().collect()
    }

    /// Panics if a request was received.
    pub fn untouched(self) {
        assert!(self.requests.try_recv().is_err(), "a request came");
    }

    fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("the port is known");
        let (sender, requests) = channel();
        // The thread may run until the process ends.
        thread::spawn(move || serve(&listener, &answers, &sender));
        Self { address, requests }
    }
}

/// Returns the address of a port without a server.
///
/// This is port 1, because the operating system never assigns port 1 to another test. A port that was free a moment ago
/// may already be in use again.
pub fn closed_port() -> String {
    "http://127.0.0.1:1".into()
}

/// Returns the bytes of an answer with this body.
pub fn answer(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Runs a future to its end on a new runtime.
pub fn block_on<F: Future>(call: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(call)
}

fn serve(listener: &TcpListener, answers: &[Vec<u8>], requests: &Sender<Received>) {
    // These connections get no answer. They are stored because they would be closed otherwise.
    let mut open = Vec::new();
    let mut next = 0;
    for connection in listener.incoming() {
        let Ok(mut connection) = connection else { return };
        let Some(request) = read(&mut connection) else { continue };
        if requests.send(request).is_err() {
            return;
        }
        match answers.get(next).or(answers.last()) {
            Some(answer) => drop(connection.write_all(answer)),
            None => open.push(connection),
        }
        next += 1;
    }
}

/// Reads one request. Returns `None` if the connection ends or times out first.
pub fn read(connection: &mut TcpStream) -> Option<Received> {
    connection.set_read_timeout(Some(TIMEOUT)).ok()?;
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        more(connection, &mut bytes)?;
    };
    let text = String::from_utf8(bytes[..head].to_vec()).expect("a head is text");
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.map_or(0, |(_, value)| value.parse().expect("a length is a number"));
    while bytes.len() < head + 4 + length {
        more(connection, &mut bytes)?;
    }
    let body = String::from_utf8(bytes[head + 4..].to_vec()).expect("a body is text");
    Some(Received { method, target, headers, body, bytes })
}

fn more(connection: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 4096];
    match connection.read(&mut piece) {
        Ok(0) => None,
        Ok(count) => {
            bytes.extend_from_slice(&piece[..count]);
            Some(())
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => Some(()),
        Err(_) => None,
    }
}
