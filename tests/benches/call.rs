//! Cost of one call over loopback, compared with the same call in bare reqwest: time and, if valgrind is installed,
//! instructions and allocations.
//!
//! Run with `cargo bench -p tests --bench call`. Both sides send the same members to the same server, each call on a
//! new connection, and read the same reply. The generated client checks the rules of the request and the envelope of
//! the reply, and compares the reply with the request. The call in bare reqwest decodes the reply into derived serde
//! structs. The printed ratio compares the median times. A further line shows bare reqwest on a persistent connection,
//! so that the cost of connecting is visible.

#[allow(dead_code, reason = "the other benchmark uses the rest")]
mod by_hand;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::service::{answer, block_on};
use toss_sdk::pay::{Client, OrderNo, PaymentStatus};

const KEY: &str = "sk_test_w5lNQylNqa5lNQe013Nq";
const ROUNDS: usize = 41;
const CALLS: usize = 200;
const STATUS: &str = include_str!("status.json");

fn main() {
    if let (Ok(side), Ok(url), Ok(count)) =
        (std::env::var("CALL_SIDE"), std::env::var("CALL_URL"), std::env::var("CALL_COUNT"))
    {
        let count = count.parse().expect("a number");
        return block_on(async { if side == "ours" { ours(&url, count).await } else { bare(&url, count, 0).await } });
    }
    let url = serve();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(time(|| block_on(ours(&url, CALLS))));
        times[1].push(time(|| block_on(bare(&url, CALLS, 0))));
        times[2].push(time(|| block_on(bare(&url, CALLS, 1))));
    }
    let [ours, bare, kept] = times.map(median);
    println!(
        "one call: {:?}, bare reqwest {:?}, ratio {:.3}",
        ours / CALLS as u32,
        bare / CALLS as u32,
        ours.as_secs_f64() / bare.as_secs_f64()
    );
    println!("bare reqwest on a persistent connection: {:?}", kept / CALLS as u32);
    let compare = |what: &str, count: fn(&str, &str) -> Option<u64>| match (count("ours", &url), count("bare", &url)) {
        (Some(ours), Some(bare)) => {
            println!("{what}: {ours}, bare reqwest {bare}, ratio {:.3}", ours as f64 / bare as f64);
        }
        _ => println!("{what}: not counted, valgrind is not installed"),
    };
    compare("instructions", instructions);
    compare("allocations", allocations);
}

async fn ours(url: &str, count: usize) {
    let client = Client::builder(KEY).base_url(url).build().expect("a client");
    for _ in 0..count {
        let request =
            PaymentStatus::builder().payment(OrderNo::new("TEST-2023-02-09T06:44:04.217Z")).build().expect("a request");
        let reply = client.payment_status(&request).await.expect("a success");
        assert_eq!(reply.amount, Some(1_000));
    }
}

/// Makes the calls as a careful programmer would write them: without redirects, with a timeout, and with checks of the
/// HTTP status and of the reply's `code`. `kept` is the number of idle connections that stay open.
async fn bare(url: &str, count: usize, kept: usize) {
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(kept)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(3))
        .https_only(false)
        .build()
        .expect("a client");
    let url = format!("{url}/api/v2/status");
    for _ in 0..count {
        let body = serde_json::json!({ "apiKey": KEY, "orderNo": "TEST-2023-02-09T06:44:04.217Z" }).to_string();
        let request = client.post(&url).timeout(Duration::from_secs(15)).header("content-type", "application/json");
        let response = request.body(body).send().await.expect("an answer");
        assert!(response.status().is_success());
        let bytes = response.bytes().await.expect("a body");
        assert_eq!(by_hand::payment_status(&bytes), 1_000);
    }
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Returns the number that a valgrind tool counts for one call of `side`, such as the number of instructions. Returns
/// `None` if valgrind is not installed. Runs one process with 100 calls and one with 300 calls, and divides the
/// difference of their counts by 200. This leaves out the start of the process.
fn counted(side: &str, url: &str, tool: &[&str], read: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let folder = tempfile::tempdir().ok()?;
    let count = |calls: &str| {
        let out = folder.path().join(calls);
        let output = Command::new("valgrind")
            .args(tool)
            .arg(format!("--log-file={}", out.display()))
            .arg(std::env::current_exe().ok()?)
            .envs([("CALL_SIDE", side), ("CALL_URL", url), ("CALL_COUNT", calls)])
            .output()
            .ok()?;
        read(&std::fs::read_to_string(out).ok().filter(|_| output.status.success())?)
    };
    Some((count("300")? - count("100")?) / 200)
}

fn instructions(side: &str, url: &str) -> Option<u64> {
    counted(side, url, &["--tool=callgrind", "--callgrind-out-file=/dev/null"], |log| number_after(log, "Collected : "))
}

fn allocations(side: &str, url: &str) -> Option<u64> {
    counted(side, url, &["--tool=memcheck", "--leak-check=no"], |log| number_after(log, "total heap usage: "))
}

/// Returns the number that follows `words` in a log. The number may contain commas.
fn number_after(log: &str, words: &str) -> Option<u64> {
    log.split_once(words)?.1.split_whitespace().next()?.replace(',', "").parse().ok()
}

/// Starts a server that sends the same reply to every request, on persistent connections.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let url = format!("http://{}", listener.local_addr().expect("the port is known"));
    let answer = String::from_utf8(answer("200 OK", "application/json", STATUS.trim())).expect("it is a text");
    let answer = answer.replace("connection: close\r\n", "");
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || keep(&connection, answer.as_bytes()));
        }
    });
    url
}

fn keep(connection: &TcpStream, answer: &[u8]) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(connection);
    loop {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line).ok().filter(|count| *count > 0)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            line.clear();
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        (&mut &*connection).write_all(answer).ok()?;
    }
}
