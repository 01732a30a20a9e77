//! A server for one request. It records the request, and sends a scripted answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread::{JoinHandle, spawn};

#[derive(Debug)]
pub struct Received {
    /// Method, target and version.
    pub line: String,
    /// The headers, with their names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    /// Returns the values of a header. `name` is in lower case.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// Starts a server that answers one request with this status and body. Returns its base URL, and a thread that returns
/// the received request.
pub fn answer(status: u16, body: &'static str) -> (String, JoinHandle<Received>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of this machine");
    let address = listener.local_addr().expect("its number");
    let thread = spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(stream);
        let mut next = || {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            line.trim_end().to_owned()
        };
        let line = next();
        let headers: Vec<(String, String)> = std::iter::from_fn(|| Some(next()).filter(|line| !line.is_empty()))
            .filter_map(|line| line.split_once(": ").map(|(n, v)| (n.to_lowercase(), v.to_owned())))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
        let mut received = vec![0; length];
        reader.read_exact(&mut received).expect("the body");
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        reader.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("the client reads");
        Received { line, headers, body: String::from_utf8(received).expect("UTF-8") }
    });
    (format!("http://{address}/api"), thread)
}
