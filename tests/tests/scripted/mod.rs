//! A service with scripted answers, and a clock for tests that do not wait.
//!
//! The service gives one answer per connection. A pause of the clock ends immediately, and advances the clock by the
//! duration of the pause. A timeout never ends. Therefore an exchange ends only with an answer, or with the end of the
//! connection.

#![allow(dead_code, reason = "each test file uses another part")]

pub mod requests;

use std::collections::VecDeque;
use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::service::answer;
use toss_sdk::runtime::{Clock, Sleep};

/// The service's reaction to a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// HTTP 200 with this body.
    Say(String),
    /// HTTP response with this status and an HTML page.
    Fail(u16),
    /// The connection ends without an answer.
    Drop,
    /// HTTP response with this status, and this number of seconds in `Retry-After`.
    Later(u16, u64),
    /// HTTP response with this status line, optionally followed by headers, and this JSON body.
    Answer(String, String),
}

#[derive(Debug)]
pub struct Script {
    url: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Script {
    /// Starts a service that plays the acts in order, and repeats the last act for all further requests.
    pub fn playing(acts: impl IntoIterator<Item = Act>) -> Self {
        let mut acts: VecDeque<Act> = acts.into_iter().collect();
        Self::answering(move |_| if acts.len() > 1 { acts.pop_front() } else { acts.front().cloned() })
    }

    /// Starts a service whose answers depend on the last segment of the path. `None` ends the connection.
    pub fn answering(mut act: impl FnMut(&str) -> Option<Act> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let url = format!("http://{}", listener.local_addr().expect("the port is known"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(mut connection) = connection else { return };
                let Some(request) = tests::service::read(&mut connection) else { continue };
                let act = act(request.target.rsplit('/').next().unwrap_or_default());
                log.lock().expect("no thread panics while it holds the lock").push((request.target, request.body));
                let bytes = match act {
                    Some(Act::Say(body)) => answer("200 OK", "application/json", &body),
                    Some(Act::Fail(status)) => answer(&format!("{status} X"), "text/html", "<html>no</html>"),
                    Some(Act::Later(status, seconds)) => {
                        let head = format!("{status} X\r\nretry-after: {seconds}");
                        answer(&head, "text/html", "")
                    }
                    Some(Act::Answer(head, body)) => answer(&head, "application/json", &body),
                    Some(Act::Drop) | None => continue,
                };
                let _ = connection.write_all(&bytes);
            }
        });
        Self { url, seen }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the target (path and query) and the body of each request.
    pub fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().expect("no thread panics while it holds the lock").clone()
    }

    /// Returns the last segment of each request's target.
    pub fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|(path, _)| path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }
}

#[derive(Debug)]
pub struct Jumping {
    start: Instant,
    passed: Mutex<Duration>,
}

impl Jumping {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), passed: Mutex::default() })
    }

    pub fn passed(&self) -> Duration {
        *self.passed.lock().expect("no thread panics while it holds the lock")
    }
}

impl Clock for Jumping {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        *self.passed.lock().expect("no thread panics while it holds the lock") += duration;
        Box::pin(std::future::ready(()))
    }

    fn timeout(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}
