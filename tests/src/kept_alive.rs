//! Persistent connection to a sandbox, on which a test sends requests and reads replies without an HTTP client.

use crate::fixtures::merchant::SOON;
use std::io::{Read, Write};
use std::net::TcpStream;
use toss_sandbox::Sandbox;

/// A connection to a sandbox.
#[derive(Debug)]
pub struct KeptAlive {
    stream: TcpStream,
    /// Received bytes after the last reply that was returned.
    rest: Vec<u8>,
}

impl KeptAlive {
    /// Connects to a sandbox.
    ///
    /// # Panics
    ///
    /// Panics if the sandbox does not listen.
    pub fn to(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.base_url().trim_start_matches("http://")).expect("it listens");
        stream.set_read_timeout(Some(SOON)).expect("the socket accepts a timeout");
        Self { stream, rest: Vec::new() }
    }

    /// Posts JSON without waiting for the reply.
    ///
    /// # Panics
    ///
    /// Panics if the connection has ended.
    pub fn send(&mut self, path: &str, body: &str) {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        self.stream.write_all((head + body).as_bytes()).expect("it can be sent");
    }

    /// Reads the next reply. Returns its status and body, or `None` if the connection has ended or no data arrives
    /// within [`SOON`].
    ///
    /// # Panics
    ///
    /// Panics if the data is not a reply with a `Content-Length`.
    pub fn reply(&mut self) -> Option<(u16, String)> {
        loop {
            if let Some(end) = self.rest.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8(self.rest[..end].to_vec()).expect("a head is text");
                let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
                });
                let end = end + 4 + length.expect("it has a length");
                if self.rest.len() >= end {
                    let start = end - length.unwrap_or_default();
                    let body = String::from_utf8(self.rest[start..end].to_vec()).expect("a body is text");
                    self.rest.drain(..end);
                    return Some((status, body));
                }
            }
            let mut piece = [0; 4_096];
            match self.stream.read(&mut piece) {
                Ok(count) if count > 0 => self.rest.extend_from_slice(&piece[..count]),
                _ => return None,
            }
        }
    }

    /// Posts JSON and reads the next reply.
    ///
    /// # Panics
    ///
    /// Panics if the connection has ended, or if the data is not a reply with a `Content-Length`.
    pub fn ask(&mut self, path: &str, body: &str) -> (u16, String) {
        self.send(path, body);
        self.reply().expect("it answers")
    }
}
