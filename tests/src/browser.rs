//! Browser for tests: headless Chromium, controlled through the WebDriver protocol (W3C), which is JSON over HTTP. If
//! no driver is installed, tests print a message and check nothing.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Time limit of a request to the driver, and of waiting for the page.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Window of the browser. Dropping this value closes it.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    http: reqwest::blocking::Client,
    session: String,
    /// Folder for the temporary files of the driver and the browser. The driver kills the browser, which then leaves
    /// files behind. They are deleted with this value.
    _temporary: TempDir,
}

/// Size of a window, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub u32, pub u32);

/// Size of a window on a computer.
pub const DESKTOP: Size = Size(1200, 900);
/// Size of a window on a phone.
pub const PHONE: Size = Size(390, 844);

/// Starts a driver that keeps its temporary files in a folder, and returns it with its port. Prints a message and
/// returns `None` if no driver is installed.
fn start_driver(temporary: &TempDir) -> Option<(Child, u16)> {
    // While many tests run, a driver sometimes ends before it prints its port.
    for _ in 0..10 {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", temporary.path());
        let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = started else {
            eprintln!("skipped: no chromedriver is installed (Debian: apt-get install chromium chromium-driver)");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().expect("it is piped")).lines();
        let said = lines.map_while(Result::ok).find_map(|line| {
            line.rsplit_once("on port ")
                .and_then(|(_, port)| port.trim_end_matches('.').parse::<u16>().ok())
                .filter(|port| *port > 0)
        });
        if let Some(port) = said {
            return Some((driver, port));
        }
        let _ = driver.wait();
    }
    panic!("the driver has ended ten times without printing its port");
}

impl Browser {
    /// Opens a window. Prints a message and returns `None` if no driver is installed.
    pub fn open(size: Size, language: &str) -> Option<Self> {
        let temporary = tempfile::tempdir().expect("a temporary folder can be made");
        let (driver, port) = start_driver(&temporary)?;
        let http = reqwest::blocking::Client::builder().timeout(TIMEOUT).no_proxy().build().expect("a client");
        let arguments = [
            "--headless=new".to_owned(),
            // Tests may run as root in a container, where the browser's own sandbox is not available.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--window-size={},{}", size.0, size.1),
            format!("--lang={language}"),
        ];
        let mut options = json!({ "args": arguments, "prefs": { "intl.accept_languages": language } });
        if size.0 < 500 {
            // A window on a desktop has a minimum width. To make the page narrower, the browser emulates a phone.
            let metrics = json!({ "width": size.0, "height": size.1, "pixelRatio": 1, "touch": false });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" }, "unhandledPromptBehavior": "ignore"
        } } });
        let base = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, http, session: base.clone(), _temporary: temporary };
        let made = browser.call("", Some(wanted));
        let id = made["sessionId"].as_str().expect("the session has an id");
        browser.session = format!("{base}/{id}");
        Some(browser)
    }

    fn call(&self, path: &str, body: Option<Value>) -> Value {
        self.try_call(path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_call(&self, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}{path}", self.session);
        let request = match body {
            Some(body) => self.http.post(url).header("content-type", "application/json").body(body.to_string()),
            None => self.http.get(url),
        };
        let text = request.send().and_then(reqwest::blocking::Response::text).map_err(|error| error.to_string())?;
        let mut answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"].as_str().unwrap_or_default())),
            None => Ok(value),
        }
    }

    /// Opens a URL.
    pub fn go(&self, url: &str) {
        self.call("/url", Some(json!({ "url": url })));
    }

    /// Returns the current URL.
    pub fn url(&self) -> String {
        self.call("/url", None).as_str().unwrap_or_default().to_owned()
    }

    /// Returns all visible text of the page.
    pub fn text(&self) -> String {
        self.until("the page can be read", || self.try_text())
    }

    /// Returns all visible text of the page. Returns `None` if the browser opens another page meanwhile, because the
    /// elements of the first page then no longer exist.
    fn try_text(&self) -> Option<String> {
        let element = self.element("body").ok()?;
        let text = self.try_call(&format!("/element/{element}/text"), None).ok()?;
        text.as_str().map(Into::into)
    }

    fn element(&self, selector: &str) -> Result<String, String> {
        let found = self.try_call("/element", Some(json!({ "using": "css selector", "value": selector })))?;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        id.map(Into::into).ok_or_else(|| "no element".to_owned())
    }

    /// Clicks the first element that matches a selector, as soon as it exists.
    pub fn click(&self, selector: &str) {
        self.until(&format!("`{selector}` can be clicked"), || {
            let element = self.element(selector).ok()?;
            match self.try_call(&format!("/element/{element}/click"), Some(json!({}))) {
                // The click opened a dialog.
                Err(why) if why.contains("alert open") => Some(Value::Null),
                clicked => clicked.ok(),
            }
        });
    }

    /// Replaces the text of a field, as soon as the field exists.
    pub fn fill(&self, selector: &str, text: &str) {
        self.until(&format!("`{selector}` can be filled"), || {
            let element = self.element(selector).ok()?;
            self.try_call(&format!("/element/{element}/clear"), Some(json!({}))).ok()?;
            self.try_call(&format!("/element/{element}/value"), Some(json!({ "text": text }))).ok()
        });
    }

    /// Calls `check` until it returns a value, and returns this value. Panics with `what` after the time limit.
    pub fn until<T>(&self, what: &str, check: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + TIMEOUT;
        loop {
            if let Some(found) = check() {
                return found;
            }
            assert!(Instant::now() < end, "never: {what}\nat {}\n{}", self.url(), self.try_text().unwrap_or_default());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the visible text of the page contains `words`.
    pub fn reads(&self, words: &str) {
        self.until(&format!("the page says `{words}`"), || self.text().contains(words).then_some(()));
    }

    /// Accepts or dismisses the dialog of the page, as soon as there is one.
    pub fn answer(&self, yes: bool) {
        let path = if yes { "/alert/accept" } else { "/alert/dismiss" };
        self.until("the page shows a dialog", || self.try_call(path, Some(json!({}))).ok());
    }

    /// Returns the messages in the browser's log, for example about a script that the page's security policy forbids.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.call("/se/log", Some(json!({ "type": "browser" })));
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().filter_map(|entry| Some(entry["message"].as_str()?.to_owned())).collect()
    }

    /// Runs a function body in the page and returns its value.
    pub fn run(&self, script: &str) -> Value {
        self.call("/execute/sync", Some(json!({ "script": script, "args": [] })))
    }

    /// Sets whether the browser prefers dark pages to light ones.
    pub fn prefer_dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.call("/goog/cdp/execute", Some(json!({ "cmd": "Emulation.setEmulatedMedia", "params": features })));
    }

    /// Returns `true` if the page is wider than the window, so that it needs horizontal scrolling.
    pub fn overflows(&self) -> bool {
        let script = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
        self.run(script).as_bool().unwrap_or(true)
    }

    /// Returns a screenshot of the window, as PNG in Base64.
    pub fn picture(&self) -> String {
        self.call("/screenshot", None).as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.http.delete(&self.session).send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
