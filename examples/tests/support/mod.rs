//! Helpers that start programs and send requests to them.

pub mod postgres;
pub mod sql;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";
pub const SEALING_KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// Running program. Dropping this value kills the program.
pub struct Running {
    pub process: Child,
    pub url: String,
    said: BufReader<ChildStdout>,
    errors: Arc<Mutex<String>>,
}

impl Running {
    pub fn start(program: &str, variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(program)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example was built");
        let (errors, lines) = (Arc::new(Mutex::new(String::new())), BufReader::new(process.stderr.take().unwrap()));
        let log = errors.clone();
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                eprintln!("{line}");
                *log.lock().unwrap() += &line;
            }
        });
        let mut url = String::new();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        said.read_line(&mut url).unwrap();
        Self { process, url: url.trim().to_owned(), said, errors }
    }

    /// Returns the program's error output so far.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Returns the next line of the program's output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a request. Returns the head and the body of the response.
pub fn http(method: &str, url: &str, headers: &str, body: &str) -> (String, String) {
    try_http(method, url, headers, body, Duration::from_secs(60)).expect("an answer")
}

/// Sends a request like [`http`], but returns `None` if there is no complete response within `time`.
pub fn try_http(method: &str, url: &str, headers: &str, body: &str, time: Duration) -> Option<(String, String)> {
    let rest = url.strip_prefix("http://")?;
    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let mut connection = TcpStream::connect(address).ok()?;
    connection.set_read_timeout(Some(time)).ok()?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    connection.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}

pub const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
pub const JSON: &str = "content-type: application/json\r\n";

/// Starts a service that answers each request with the JSON that `answer` returns for the path and the body of the
/// request. Returns the URL of the service.
pub fn scripted(answer: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let (mut bytes, mut request) = ([0; 4096], String::new());
            while !request.contains('}') {
                match connection.read(&mut bytes) {
                    Ok(read @ 1..) => request += &String::from_utf8_lossy(&bytes[..read]),
                    _ => break,
                }
            }
            let path = request.split(' ').nth(1).unwrap_or_default();
            let body = answer(path, request.split_once("\r\n\r\n").map_or("", |(_, body)| body));
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{JSON}content-length: {}\r\n\r\n", body.len());
            let _ = connection.write_all((head + &body).as_bytes());
        }
    });
    url
}
