//! A service that answers over a real socket.

use shapes::runtime::__private::{Incoming, Response};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

/// Starts a service, and returns its URL. `answer` returns the response to each request.
pub fn listen(answer: impl Fn(&Incoming<'_>) -> Response + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut bytes = Vec::new();
            let (head, body) = loop {
                let mut more = [0; 4096];
                let read = stream.read(&mut more).expect("a request");
                bytes.extend_from_slice(&more[..read]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length =
                    head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    break (head.to_owned(), body.to_owned());
                }
            };
            let mut lines = head.lines();
            let mut words = lines.next().expect("a request line").split(' ');
            let (method, target) = (words.next().expect("a method"), words.next().expect("a target"));
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
            let incoming = Incoming { method, path, query, headers: &headers, body: body.as_bytes(), now: None };
            let said = answer(&incoming);
            let body = String::from_utf8(said.body).expect("a text");
            let (status, length) = (said.status, body.len());
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                .expect("an answer");
        }
    });
    url
}

/// Returns the response of a service that never waits.
pub fn at_once(response: impl Future<Output = Response>) -> Response {
    match pin!(response).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response,
        Poll::Pending => unreachable!("the service never waits"),
    }
}
