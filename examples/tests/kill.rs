//! Runs the shop, three workers and the sandbox as separate processes. Meanwhile the test kills processes at random
//! moments, cuts database connections, kills the database server, loses replies, and moves the clock.
//!
//! `KILL_INTENTS` is the minimum number of intents (400 unless set). With the same `KILL_SEED`, a run draws the same
//! faults. The timing of the processes still determines which request a fault hits.

use crate::support::postgres::{DURABLE, Server};
use crate::support::{self, FORM, JSON, KEY, sql};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use toss_sandbox::{Sandbox, Settings};

/// Number of concurrent purchasers.
const PURCHASERS: usize = 8;

#[test]
fn on_sqlite_nothing_is_lost_and_nothing_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db").to_str().unwrap().to_owned();
    let clock = "(SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) + milliseconds FROM shift)";
    play(&database, clock, None);
}

#[test]
fn on_postgresql_nothing_is_lost_and_nothing_done_twice() {
    let Some(server) = Server::start(DURABLE) else { return };
    let clock = "(SELECT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT + milliseconds FROM shift)";
    play(&server.url("postgres"), clock, Some(server));
}

/// Runs the sandbox. The other tests start this test program again as a child process that runs only this test. Without
/// the two environment variables that they set, this test does nothing.
#[test]
fn sandbox_of_the_kill_test() {
    let (Ok(port), Ok(data)) = (std::env::var("KILL_SANDBOX_PORT"), std::env::var("KILL_SANDBOX_DATA")) else { return };
    let settings = Settings { port: port.parse().unwrap(), data: Some(data.into()), ..Settings::default() };
    let schedule = [1, 2, 4, 8].map(Duration::from_secs).to_vec();
    let _sandbox = Sandbox::with(Settings { callback_schedule: schedule, ..settings }).unwrap();
    loop {
        std::thread::park();
    }
}

/// Pseudo-random numbers of SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A process that is restarted when it has died.
struct Kept {
    command: Command,
    process: Option<Child>,
}

impl Kept {
    fn start(mut command: Command) -> Self {
        let process = command.stdin(Stdio::null()).spawn().expect("the program was built");
        Self { command, process: Some(process) }
    }

    /// Kills the process, as `kill -9` does.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Restarts the process if it has ended. A process ends after `kill`, or when the database is unavailable.
    fn keep(&mut self) {
        if self.process.as_mut().is_none_or(|process| !matches!(process.try_wait(), Ok(None))) {
            self.process = self.command.spawn().ok();
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns a free port, and a different port at each call. A restarted program needs the same port again. The port is
/// therefore below the range from which the operating system assigns ports to other programs.
fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 1_000) as u16 * 10;
    loop {
        let port = first + TRIED.fetch_add(1, Ordering::Relaxed) % 2_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Sends a request to a process. Returns the head and the body of the response, or `None` if the process is dead, dies
/// before it answers, or takes too long.
fn exchange(method: &str, url: &str, headers: &str, body: &str) -> Option<(String, String)> {
    support::try_http(method, url, headers, body, Duration::from_secs(8))
}

#[derive(Clone)]
struct Scene {
    shop: String,
    sandbox: String,
    database: String,
}

impl Scene {
    /// Sends a request to the sandbox's control API, and repeats the request until the sandbox answers.
    fn control(&self, method: &str, path: &str, body: &Value) -> (String, Value) {
        let until = Instant::now() + Duration::from_secs(60);
        let (url, body) = (format!("{}/sandbox/v1/{path}", self.sandbox), body.to_string());
        let body = if method == "GET" { "" } else { &body };
        loop {
            if let Some((head, body)) = exchange(method, &url, JSON, body) {
                return (head, serde_json::from_str(&body).unwrap_or_default());
            }
            assert!(Instant::now() < until, "the sandbox does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs a statement, and repeats it until the database answers.
    fn texts(&self, statement: &str) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match sql::try_texts(&self.database, statement) {
                Ok(texts) => return texts,
                Err(error) => assert!(Instant::now() < until, "{statement}: {error}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn number(&self, statement: &str) -> usize {
        self.texts(statement).first().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Reloads the page of an order until its status is neither 202 (the outcome is not known yet) nor 500. Returns the
    /// head of the last response, or `None` after the time limit.
    fn wait_for(&self, order_no: &str) -> Option<String> {
        let until = Instant::now() + Duration::from_secs(90);
        while Instant::now() < until {
            match exchange("GET", &format!("{}/orders/{order_no}", self.shop), "", "") {
                Some((head, _)) if !head.starts_with("HTTP/1.1 202") && !head.starts_with("HTTP/1.1 500") => {
                    return Some(head);
                }
                _ => std::thread::sleep(Duration::from_millis(300)),
            }
        }
        None
    }

    /// Acts as a purchaser: buys a coat, approves the payment and returns to the shop. If `wants_refund` is set, part
    /// of a complete payment is then refunded.
    fn purchase(&self, wants_refund: bool) {
        let Some((head, _)) = exchange("POST", &format!("{}/buy", self.shop), FORM, "") else { return };
        let location = |head: &str| head.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
        let order_no = head.lines().find_map(|line| line.strip_prefix("refresh: 2; url=/orders/"));
        let head = match order_no {
            Some(order_no) => self.wait_for(order_no).unwrap_or_default(),
            None => head,
        };
        let Some(page) = location(&head) else { return };
        let token = page.rsplit('/').next().unwrap_or_default();
        let (_, approved) = self.control("POST", &format!("payments/{token}/approve"), &json!({}));
        let Some(back) = approved["returnUrl"].as_str() else { return };
        let order = back.split("orderNo=").nth(1).and_then(|rest| rest.split('&').next());
        let order_no = order.unwrap_or_default().to_owned();
        // Reloads the page until the shop answers.
        for _ in 0..50 {
            match exchange("GET", back, "", "") {
                Some((head, _)) if !head.starts_with("HTTP/1.1 500") => break,
                _ => std::thread::sleep(Duration::from_millis(200)),
            }
        }
        let Some(head) = self.wait_for(&order_no) else { return };
        if wants_refund && head.starts_with("HTTP/1.1 200") {
            let wish = format!("order_no={order_no}&refund_no=of-{token}&amount=9000");
            // Sends the form up to 20 times, until the shop answers with another status than 500. All these requests have
            // the same refund number.
            for _ in 0..20 {
                match exchange("POST", &format!("{}/refund", self.shop), FORM, &wish) {
                    Some((head, _)) if !head.starts_with("HTTP/1.1 500") => break,
                    _ => std::thread::sleep(Duration::from_millis(200)),
                }
            }
        }
    }
}

/// Returns the faults that the sandbox causes at random, each with its probability.
fn faults() -> Value {
    let fault = |operation: &str, does: Value, chance: f64| {
        let mut fault = does;
        fault["operation"] = json!(operation);
        fault["chance"] = json!(chance);
        fault
    };
    let mut all = Vec::new();
    for operation in ["create_payment", "execute_payment", "refund_payment"] {
        all.push(fault(operation, json!({ "does": "reset_before" }), 0.03));
        all.push(fault(operation, json!({ "does": "reset_after" }), 0.06));
        all.push(fault(operation, json!({ "does": "cut_body" }), 0.03));
        all.push(fault(operation, json!({ "does": "html_before", "status": 503 }), 0.03));
        all.push(fault(operation, json!({ "does": "html_after", "status": 502 }), 0.03));
        all.push(fault(operation, json!({ "does": "delay", "milliseconds": 700 }), 0.05));
    }
    all.push(fault("payment_status", json!({ "does": "reset_before" }), 0.05));
    all.push(fault("payment_status", json!({ "does": "html_before", "status": 500 }), 0.05));
    json!(all)
}

fn sandbox(port: u16, data: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "kill::sandbox_of_the_kill_test", "--nocapture", "--test-threads", "1"]);
    command.env("KILL_SANDBOX_PORT", port.to_string()).env("KILL_SANDBOX_DATA", data);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// State of the run: the processes, and the faults so far.
struct Play {
    scene: Scene,
    service: Kept,
    /// The shop, then the workers.
    programs: Vec<Kept>,
    server: Option<Server>,
    random: Random,
    /// Numbers that are used before random ones, so that each kind of fault occurs.
    deck: Vec<u64>,
    /// Milliseconds by which the outbox's clock is ahead of the real time.
    shift: u64,
    blows: BTreeMap<&'static str, u32>,
    _folder: tempfile::TempDir,
}

impl Play {
    fn begin(database: &str, clock: &str, server: Option<Server>, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (shop_port, sandbox_port) = (free_port(), free_port());
        let scene = Scene {
            shop: format!("http://127.0.0.1:{shop_port}"),
            sandbox: format!("http://127.0.0.1:{sandbox_port}"),
            database: database.to_owned(),
        };
        scene.texts("CREATE TABLE shift (milliseconds BIGINT NOT NULL)");
        scene.texts("INSERT INTO shift VALUES (0)");
        let service = Kept::start(sandbox(sandbox_port, &folder.path().join("sandbox.redb")));
        scene.control("POST", "faults", &faults());
        let program = |path: &str| {
            let mut command = Command::new(path);
            command.env("TOSS_PAY_KEY", KEY).env("TOSS_PAY_URL", &scene.sandbox).env("SHOP_DATABASE", database);
            command.env("SHOP_ADDRESS", format!("127.0.0.1:{shop_port}")).env("SHOP_SEALING_KEY", support::SEALING_KEY);
            command.env("SHOP_FAST", "1").env("SHOP_CLOCK_SQL", clock).stdout(Stdio::null()).stderr(Stdio::null());
            Kept::start(command)
        };
        let mut programs = vec![program(env!("CARGO_BIN_EXE_shop"))];
        programs.extend((0..3).map(|_| program(env!("CARGO_BIN_EXE_worker"))));
        let mut random = Random(seed);
        let mut deck = vec![0, 8, 12, 14, 17, 18];
        deck.sort_by_cached_key(|_| random.next());
        Self { scene, service, programs, server, random, deck, shift: 0, blows: BTreeMap::new(), _folder: folder }
    }

    /// Kills a process, moves the clock, or disturbs the database.
    fn strike(&mut self) {
        let drawn = self.deck.pop().unwrap_or_else(|| self.random.below(20));
        let what = match (drawn, &mut self.server) {
            (0..8, _) => {
                let worker = 1 + self.random.below(3) as usize;
                self.programs[worker].kill();
                "workers killed"
            }
            (8..12, _) => {
                self.programs[0].kill();
                "shops killed"
            }
            (12..14, _) => {
                self.service.kill();
                self.service.keep();
                self.scene.control("POST", "faults", &faults());
                "sandboxes killed"
            }
            (14..17, _) => {
                // Moves the clock forward by up to ten minutes, which usually ends all leases, or back by up to twenty
                // seconds. The total stays below a day, because the outbox gives up intents after a day.
                self.shift = match self.random.below(2) {
                    0 => (self.shift + self.random.below(600_000)).min(12 * 3_600_000),
                    _ => self.shift.saturating_sub(self.random.below(20_000)),
                };
                self.scene.texts(&format!("UPDATE shift SET milliseconds = {}", self.shift));
                "clocks moved"
            }
            (17, Some(server)) => {
                server.end(if self.random.below(2) == 0 { "QUIT" } else { "KILL" });
                assert!(server.run(), "the server does not start again");
                "database servers killed"
            }
            (_, Some(_)) => {
                let others = "SELECT pg_terminate_backend(pid)::TEXT FROM pg_stat_activity \
                              WHERE pid <> pg_backend_pid() AND datname = 'postgres'";
                // The server may still be starting.
                let _ = sql::try_texts(&self.scene.database, others);
                "times all connections cut"
            }
            (_, None) => {
                let time = Duration::from_millis(500 + self.random.below(1_500));
                sql::lock_sqlite(&self.scene.database, time);
                "times the file was locked"
            }
        };
        *self.blows.entry(what).or_default() += 1;
    }

    /// Ends the faults, makes every intent due, and waits until all intents are closed.
    fn calm_down(&mut self) {
        self.scene.control("POST", "faults/clear", &json!({}));
        self.scene.texts(&format!("UPDATE shift SET milliseconds = {}", self.shift + 3_600_000));
        let open =
            "SELECT key || ': ' || state || ', ' || COALESCE(reason, '') FROM outbox_intents WHERE closed_at IS NULL";
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            self.programs.iter_mut().for_each(Kept::keep);
            let left = self.scene.texts(open);
            if left.is_empty() {
                break;
            }
            assert!(Instant::now() < until, "still open: {left:#?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

fn play(database: &str, clock: &str, server: Option<Server>) {
    let wanted = setting("KILL_INTENTS").unwrap_or(400) as usize;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = setting("KILL_SEED").unwrap_or(now.as_nanos() as u64);
    // The test harness shows this line only if the test fails.
    println!("seed {seed}");
    let began = Instant::now();
    let mut play = Play::begin(database, clock, server, seed);
    let shoppers = play.scene.clone();
    let (is_enough, buying) = (AtomicBool::new(false), AtomicUsize::new(PURCHASERS));
    std::thread::scope(|scope| {
        for purchaser in 0..PURCHASERS {
            let (shoppers, is_enough, buying) = (&shoppers, &is_enough, &buying);
            scope.spawn(move || {
                let purchases = (purchaser..).take_while(|_| !is_enough.load(Ordering::SeqCst));
                // The loop below ends only when all purchasers have ended, so a purchaser counts as ended even after a
                // panic.
                let ended = std::panic::catch_unwind(|| purchases.for_each(|n| shoppers.purchase(n % 2 == 0)));
                buying.fetch_sub(1, Ordering::SeqCst);
                ended.unwrap();
            });
        }
        let counted = "SELECT CAST(count(*) AS TEXT) FROM outbox_intents WHERE key NOT LIKE 'message:%'";
        while buying.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(200 + play.random.below(800)));
            let struck = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play.strike()));
            std::thread::sleep(Duration::from_millis(play.random.below(500)));
            play.programs.iter_mut().for_each(Kept::keep);
            let is_late = began.elapsed() > Duration::from_secs(60 + 2 * wanted as u64);
            if struck.is_err() || is_late || shoppers.number(counted) >= wanted {
                is_enough.store(true, Ordering::SeqCst);
            }
            assert!(struck.is_ok() && !is_late, "a process did not restart, or the run is too slow");
        }
    });
    play.calm_down();
    check(&play.scene, seed);
    let by_state = "SELECT CAST(count(*) AS TEXT) || ' ' || state FROM outbox_intents WHERE key NOT LIKE 'message:%' \
                    GROUP BY state ORDER BY state";
    let repeats = play.scene.number("SELECT CAST(sum(repeats) AS TEXT) FROM outbox_intents");
    let charges = play.scene.texts("SELECT order_no FROM orders WHERE state = 'paid'").len();
    let refunds = play.scene.texts("SELECT refund_no FROM refunds WHERE state = 'done'").len();
    println!(
        "{} s, intents {:?}, {charges} charges, {refunds} refunds, {repeats} repeats by plan, {:?}",
        began.elapsed().as_secs(),
        play.scene.texts(by_state),
        play.blows
    );
}

/// Compares the outbox, the shop's tables and the sandbox's ledger.
fn check(scene: &Scene, seed: u64) {
    // Each dead intent has a reason.
    let silent = "SELECT key FROM outbox_intents WHERE state = 'dead' AND COALESCE(reason, '') = ''";
    assert!(scene.texts(silent).is_empty(), "seed {seed}");
    // For each intent, a handler has written exactly one row.
    let intents = scene.texts("SELECT key FROM outbox_intents WHERE key NOT LIKE 'message:%' ORDER BY key");
    let mut entries = scene.texts("SELECT intent FROM entries ORDER BY intent");
    let (mut expected, mut sorted) = (intents, std::mem::take(&mut entries));
    expected.sort();
    sorted.sort();
    assert!(expected == sorted, "seed {seed}: {} intents, {} rows of handlers", expected.len(), sorted.len());
    // The ledger has each charge and each refund exactly once.
    let (_, payments) = scene.control("GET", "payments", &json!({}));
    let payments = payments.as_array().or_else(|| payments["payments"].as_array()).expect("payments").clone();
    let twice = payments.iter().filter(|payment| payment["refunds"].as_array().unwrap().len() > 1);
    assert_eq!(twice.count(), 0, "seed {seed}: a button that was pressed several times made several refunds");
    let mut charged = BTreeMap::<String, u64>::new();
    let mut refunded = Vec::new();
    for payment in &payments {
        let order_no = payment["orderNo"].as_str().unwrap().to_owned();
        *charged.entry(order_no).or_default() += payment["charges"].as_u64().unwrap();
        let numbers = payment["refunds"].as_array().unwrap().iter();
        refunded.extend(numbers.map(|refund| refund["refundNo"].as_str().unwrap().to_owned()));
    }
    let by_ledger: Vec<&String> =
        charged.iter().filter(|(_, charges)| **charges > 0).map(|(order_no, _)| order_no).collect();
    assert!(charged.values().all(|charges| *charges <= 1), "seed {seed}: charged twice: {charged:?}");
    let of_state = |states: &str| {
        let mut all = scene.texts(&format!("SELECT order_no FROM orders WHERE state IN ({states})"));
        all.sort();
        all
    };
    let (paid, doubtful) = (of_state("'paid'"), of_state("'doubtful', 'given back'"));
    let known: Vec<&String> = by_ledger.into_iter().filter(|order_no| !doubtful.contains(order_no)).collect();
    assert_eq!(known, paid.iter().collect::<Vec<_>>(), "seed {seed}: charges in the ledger differ from paid orders");
    let mut done = scene.texts("SELECT refund_no FROM refunds WHERE state = 'done'");
    let doubtful = scene.texts("SELECT refund_no FROM refunds WHERE state = 'doubtful'");
    let mut known: Vec<String> = refunded.into_iter().filter(|refund_no| !doubtful.contains(refund_no)).collect();
    done.sort();
    known.sort();
    assert_eq!(known, done, "seed {seed}: the refunds in the ledger differ from the shop's refunds");
}
