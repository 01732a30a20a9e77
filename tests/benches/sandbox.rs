//! Compares the sandbox with a bare axum handler, which sends a status reply of the sandbox for every request. For both
//! servers, prints the requests per second and the time from the start to the first answer. For the sandbox, also
//! prints the memory that 100,000 payments need.
//!
//! Run with `cargo bench -p tests --bench sandbox`. The same client calls both servers, with eight threads that have
//! one connection each. Both servers have two worker threads. Short rounds alternate between the servers, so that other
//! load on the machine affects both. The printed ratio is the median of the ratios of all rounds.

use axum::Router;
use axum::routing::post;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use toss_sandbox::{Approval, Sandbox};

/// The sandbox's command uses this allocator too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";
/// Number of simultaneous connections.
const CONNECTIONS: usize = 8;
/// Number of requests per connection and round.
const REQUESTS: usize = 600;
const ROUNDS: usize = 31;
const PAYMENTS: usize = 100_000;

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(base_url: &str) -> Self {
        let stream = TcpStream::connect(base_url.trim_start_matches("http://")).expect("the server is there");
        stream.set_nodelay(true).expect("the socket accepts TCP_NODELAY");
        Self { stream, buffer: Vec::with_capacity(4_096) }
    }

    /// Sends a request and returns the body of the response.
    fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).expect("it can be sent");
        self.buffer.clear();
        loop {
            let mut chunk = [0; 4_096];
            let read = self.stream.read(&mut chunk).expect("it can be read");
            assert!(read > 0, "the connection ended");
            self.buffer.extend_from_slice(&chunk[..read]);
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end]).expect("heads are text");
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
            });
            let start = end + 4;
            if self.buffer.len() >= start + length.expect("answers have a content length") {
                return &self.buffer[start..];
            }
        }
    }
}

fn request(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Work of one connection in one round. Receives the indices of the round and of the connection, and returns the number
/// of requests that it sent.
type Work<'a> = &'a (dyn Fn(usize, usize, &mut Connection) -> usize + Sync);

/// Returns the number of requests per second while all connections do this work at the same time.
fn rate(base_url: &str, round: usize, work: Work) -> f64 {
    let mut connections: Vec<_> = (0..CONNECTIONS).map(|_| Connection::open(base_url)).collect();
    let started = Instant::now();
    let count: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = connections
            .iter_mut()
            .enumerate()
            .map(|(thread, connection)| scope.spawn(move || work(round, thread, connection)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread fails")).sum()
    });
    count as f64 / started.elapsed().as_secs_f64()
}

/// Bare axum handler that answers every request with the same bytes.
struct Bare {
    base_url: String,
    runtime: tokio::runtime::Runtime,
}

impl Bare {
    fn start(body: String) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let (sender, address) = channel();
        runtime.spawn(async move {
            let handler = move |sent: axum::body::Bytes| {
                let body = body.clone();
                async move {
                    drop(sent);
                    ([("content-type", "application/json;charset=UTF-8")], body)
                }
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender.send(listener.local_addr().expect("an address")).expect("the main thread waits for it");
            // Like the sandbox, the handler sends responses without delay (TCP_NODELAY).
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, Router::new().fallback(post(handler))).await.expect("it serves");
        });
        Self { base_url: format!("http://{}", address.recv().expect("it starts")), runtime }
    }
}

fn member<'a>(body: &'a str, name: &str) -> &'a str {
    let start = body.find(&format!("\"{name}\":\"")).expect("the member is there") + name.len() + 4;
    body[start..].split('"').next().expect("a text ends")
}

fn creation(order: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"apiKey":"{KEY}","orderNo":"{order}","amount":10000,"amountTaxFree":0,"productDesc":"coat","retUrl":"http://127.0.0.1/a","retCancelUrl":"http://127.0.0.1/b"}}"#
    );
    request("/api/v2/payments", &body)
}

/// Creates, approves, executes and refunds payments. This also works with the bare handler, because each of its replies
/// contains a token.
fn cycles(round: usize, thread: usize, connection: &mut Connection) -> usize {
    let cycles = REQUESTS / 4;
    for n in 0..cycles {
        let said = connection.ask(&creation(&format!("c-{round}-{thread}-{n}")));
        let token = member(std::str::from_utf8(said).expect("it is text"), "payToken").to_owned();
        connection.ask(&request(&format!("/sandbox/v1/payments/{token}/approve"), "{}"));
        connection.ask(&request("/api/v2/execute", &format!(r#"{{"apiKey":"{KEY}","payToken":"{token}"}}"#)));
        let refund = format!(r#"{{"apiKey":"{KEY}","payToken":"{token}","refundNo":"r-{token}","amount":4000}}"#);
        let said = connection.ask(&request("/api/v2/refunds", &refund));
        debug_assert!(std::str::from_utf8(said).is_ok_and(|said| said.contains(r#""code":0"#)));
    }
    cycles * 4
}

/// Returns the resident memory of this process, in MiB.
fn resident() -> f64 {
    let pages: f64 = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').nth(1)?.parse().ok())
        .unwrap_or(f64::NAN);
    pages * 4.0 / 1_024.0
}

fn best(times: impl Iterator<Item = Duration>) -> Duration {
    times.min().expect("there were some")
}

fn starts() {
    let sandbox = best((0..9).map(|_| {
        let started = Instant::now();
        let sandbox = Sandbox::start().expect("it starts");
        Connection::open(sandbox.base_url()).ask(&creation("o-1"));
        started.elapsed()
    }));
    let bare = best((0..9).map(|_| {
        let started = Instant::now();
        let bare = Bare::start("{}".into());
        Connection::open(&bare.base_url).ask(&creation("o-1"));
        let elapsed = started.elapsed();
        bare.runtime.shutdown_background();
        elapsed
    }));
    println!("start to first answer: {:.1} ms, bare {:.1} ms", sandbox.as_secs_f64() * 1e3, bare.as_secs_f64() * 1e3);
}

/// Measures the memory of payments. It has to run first, because memory that earlier measurements freed would be reused
/// and not counted.
fn memory() {
    let sandbox = Sandbox::start().expect("it starts");
    let mut connection = Connection::open(sandbox.base_url());
    let before = resident();
    for n in 0..PAYMENTS {
        connection.ask(&creation(&format!("m-{n}")));
    }
    let grown = resident() - before;
    println!("{PAYMENTS} payments: {grown:.0} MiB more, {:.2} KiB each", grown * 1_024.0 / PAYMENTS as f64);
}

fn main() {
    let only = std::env::args().find_map(|argument| argument.strip_prefix("--only=").map(str::to_owned));
    if only.is_none() {
        memory();
        starts();
    }
    let sandbox = Sandbox::start().expect("it starts");
    let mut connection = Connection::open(sandbox.base_url());
    let said = std::str::from_utf8(connection.ask(&creation("o-1"))).expect("it is text").to_owned();
    let token = member(&said, "payToken").to_owned();
    sandbox.approve(token.as_str(), &Approval::toss_money()).expect("it can be approved");
    let status = request("/api/v2/status", &format!(r#"{{"apiKey":"{KEY}","payToken":"{token}"}}"#));
    let body = String::from_utf8(connection.ask(&status).to_vec()).expect("it is text");
    println!("a status reply has {} bytes", body.len());
    let bare = Bare::start(body);

    let asks = |_: usize, _: usize, connection: &mut Connection| {
        for _ in 0..REQUESTS {
            connection.ask(&status);
        }
        REQUESTS
    };
    if let Some(side) = only {
        // For a profiler, `--only=` selects one server and one kind of work, such as `bare-cycles` or `status`.
        let url = if side.starts_with("bare") { &bare.base_url } else { sandbox.base_url() };
        let work: Work = if side.ends_with("cycles") { &cycles } else { &asks };
        for round in 0..ROUNDS {
            println!("{:.0}/s", rate(url, round, work));
        }
        return;
    }
    for (what, work) in [("status", &asks as Work), ("create, approve, execute, refund", &cycles)] {
        let (mut rates, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
        for round in 0..ROUNDS {
            let (own, other) = if round % 2 == 0 {
                let own = rate(sandbox.base_url(), round, work);
                (own, rate(&bare.base_url, round, work))
            } else {
                let other = rate(&bare.base_url, round, work);
                (rate(sandbox.base_url(), round, work), other)
            };
            rates[0].push(own);
            rates[1].push(other);
            ratios.push(own / other);
        }
        let [own, other] = rates.map(median);
        println!("{what}: {own:.0}/s, bare {other:.0}/s, ratio {:.2}", median(ratios));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
