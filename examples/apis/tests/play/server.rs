//! HTTP server on loopback with scripted answers. It uses HTTP/1.1 over a real socket, closes each connection after one
//! exchange, and records every request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Method, path and query, such as `POST /v1/payments?x=1`.
    pub line: String,
    /// Headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    /// Returns the value of the header with this name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns a member of a JSON body, or null if the body is not JSON or lacks the member.
    pub fn member(&self, name: &str) -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(&self.body).unwrap_or_default()[name].clone()
    }
}

#[derive(Clone, Debug)]
pub enum Answer {
    /// Answers with a status and a JSON body.
    Json(u16, String),
    /// Answers with a status, a content type and a body.
    Other(u16, &'static str, String),
    /// Receives the request and closes the connection without an answer.
    Lost,
}

pub fn json(status: u16, body: impl Into<String>) -> Answer {
    Answer::Json(status, body.into())
}

/// Server that runs until the process ends.
pub struct Server {
    url: String,
    requests: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts a server that answers each request with the result of `script`. The second argument of `script` is the
    /// index of the request, starting at 0.
    pub fn start(script: impl Fn(&Received, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("the listener has an address"));
        let requests: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (kept, script) = (requests.clone(), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, script) = (kept.clone(), script.clone());
                // One thread per connection, because calls may be concurrent.
                thread::spawn(move || exchange(stream, &kept, &*script));
            }
        });
        Self { url, requests }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn requests(&self) -> Vec<Received> {
        self.requests.lock().expect("no exchange panics while it holds the list").clone()
    }
}

fn exchange(stream: TcpStream, kept: &Mutex<Vec<Received>>, script: &dyn Fn(&Received, usize) -> Answer) {
    let Some(received) = read(&stream) else { return };
    let number = {
        let mut kept = kept.lock().expect("no exchange panics while it holds the list");
        kept.push(received.clone());
        kept.len() - 1
    };
    let (status, of, body) = match script(&received, number) {
        Answer::Json(status, body) => (status, "application/json;charset=utf-8", body),
        Answer::Other(status, of, body) => (status, of, body),
        Answer::Lost => {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    };
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\nContent-Type: {of}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A write error is ignored, because the client may have closed the connection.
    let _ = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(body.as_bytes()));
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut received =
        Received { line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(), ..Received::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        received.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = received.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    received.body = String::from_utf8(body).ok()?;
    Some(received)
}
