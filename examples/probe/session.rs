//! One run of the probe against one service. It sends requests with pauses between them, and records each exchange
//! without keys and tokens.

use crate::readings::Reading;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::redirect::Policy;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use toss_sdk::onboarding::{Credentials, RegistrationCallback};

/// Largest number of requests in a run.
pub const MOST: usize = 80;
/// Time limit of a request. The service's own call to a bank may take 10 s.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Request and its answer, without keys and tokens.
#[derive(Debug)]
pub struct Exchange {
    /// Method and path of the request.
    pub line: String,
    /// Body of the request.
    pub request: String,
    pub status: u16,
    /// Body of the answer.
    pub response: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Body, or null if it is not JSON.
    pub body: Value,
}

impl Answer {
    /// Returns `true` if the answer is a success in the envelope of either API.
    pub fn is_success(&self) -> bool {
        self.body["code"] == 0 || self.body["success"] == true
    }

    /// Returns the error code if the answer is a rejection in the envelope of Toss Pay. Otherwise returns an empty
    /// text.
    pub fn error(&self) -> &str {
        if self.body["code"] == -1 { self.body["errorCode"].as_str().unwrap_or_default() } else { "" }
    }

    pub fn summary(&self) -> String {
        let said = match (&self.body["code"], &self.body["success"]) {
            _ if self.body.is_null() => return format!("HTTP {} without JSON", self.status),
            (Value::Null, Value::Null) => "neither code nor success".to_owned(),
            (Value::Null, success) => format!("success {success}"),
            (code, _) => format!("code {code}"),
        };
        match self.body["errorCode"].as_str() {
            Some(error) => format!("HTTP {}, {said}, {error}", self.status),
            None => format!("HTTP {}, {said}", self.status),
        }
    }
}

/// Result of testing a reading.
#[derive(Debug)]
pub struct Finding {
    pub reading: &'static Reading,
    /// Observed behavior of the service.
    pub seen: String,
    /// `true` if the service behaved as expected.
    pub holds: bool,
    pub exchanges: Vec<Exchange>,
}

/// Base URL and credentials of Instant Onboarding.
pub struct Onboarding {
    pub url: String,
    /// The hosting company's token.
    pub token: String,
    /// The hosting company's secret.
    pub secret: String,
}

pub struct Session {
    http: Client,
    url: String,
    key: String,
    onboarding: Option<Onboarding>,
    pause: Duration,
    /// Prefix of the order numbers. It contains the start time, so that each run uses other numbers.
    stem: String,
    orders: usize,
    sent: usize,
    has_answered: bool,
    tokens: Vec<String>,
    exchanges: Vec<Exchange>,
}

impl Session {
    /// Starts a run.
    ///
    /// # Errors
    ///
    /// Returns an error if the key is not a test key of Toss Pay.
    pub fn new(url: &str, key: &str, onboarding: Option<Onboarding>, pause: Duration) -> Result<Self, Box<dyn Error>> {
        if !key.starts_with("sk_test_") {
            return Err("TOSS_PAY_KEY: expected a test key of Toss Pay, which begins with sk_test_".into());
        }
        let http = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).user_agent("toss-sdk probe").build()?;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        Ok(Self {
            http,
            url: url.trim_end_matches('/').to_owned(),
            key: key.to_owned(),
            onboarding,
            pause,
            stem: format!("probe-{seconds:x}"),
            orders: 0,
            sent: 0,
            has_answered: false,
            tokens: Vec::new(),
            exchanges: Vec::new(),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn has_onboarding(&self) -> bool {
        self.onboarding.is_some()
    }

    /// Requests the credentials of `shop`. The hash covers the shop id `hashed`, which differs from `shop` if a test
    /// needs a wrong hash. `label` is the content type. If it is `None`, the request has no content type.
    pub fn credentials(&mut self, shop: &str, hashed: &str, label: Option<&str>) -> Result<Answer, Box<dyn Error>> {
        let Some(Onboarding { url, token, secret }) = &self.onboarding else {
            return Err("TOSS_ONBOARDING_URL is not set".into());
        };
        let path = format!("/instant-onboarding/v2/shop/{}/credentials", encoded(shop));
        let mut request = self.http.get(format!("{}{path}", url.trim_end_matches('/')));
        // The hash of a request is computed in the same way as the hash of a callback.
        let credentials = Credentials { token: token.as_str().into(), secret: secret.as_str().into() };
        let hash = RegistrationCallback::sign(hashed, &credentials);
        request = request.header("Auth-Token", token).header("Auth-Hash", hash);
        if let Some(label) = label {
            request = request.header("content-type", label);
        }
        self.send(&format!("GET {path}"), request, "")
    }

    /// Returns the number of requests that this run has sent so far.
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// Tests a reading. A reading whose test cannot be completed counts as not confirmed.
    ///
    /// # Errors
    ///
    /// Returns an error if the test cannot be completed and the service has not answered any request of the run.
    pub fn play(&mut self, reading: &'static Reading) -> Result<Finding, Box<dyn Error>> {
        let (seen, holds) = match (reading.play)(self) {
            Ok(played) => played,
            Err(why) if self.has_answered => (format!("test not completed: {why}"), false),
            Err(why) => return Err(why),
        };
        Ok(Finding { reading, seen, holds, exchanges: std::mem::take(&mut self.exchanges) })
    }

    /// Returns a new order number.
    pub fn order(&mut self) -> String {
        self.orders += 1;
        format!("{}-{}", self.stem, self.orders)
    }

    /// Returns the members of a request that creates a payment: the mandatory members with a new order number, and the
    /// members in `more`. A member in `more` replaces the mandatory member with the same name.
    pub fn creation(&mut self, more: Value) -> Map<String, Value> {
        let mut members = Map::new();
        let own = json!({
            "orderNo": self.order(),
            "productDesc": "코트",
            "retUrl": "https://example.com/done",
            "retCancelUrl": "https://example.com/cancel",
            "amount": 1_000,
            "amountTaxFree": 0,
        });
        for part in [own, more] {
            if let Value::Object(part) = part {
                members.extend(part);
            }
        }
        members
    }

    /// Sends a request that creates a payment. `more` contains members in addition to the mandatory members.
    pub fn create(&mut self, more: Value) -> Result<Answer, Box<dyn Error>> {
        let members = self.creation(more);
        self.post("/api/v2/payments", Value::Object(members))
    }

    /// Creates a payment and returns its token.
    ///
    /// # Errors
    ///
    /// Returns an error if the service does not create the payment.
    pub fn token(&mut self, more: Value) -> Result<String, Box<dyn Error>> {
        let made = self.create(more)?;
        let token = made.body["payToken"].as_str().filter(|_| made.is_success());
        token.map(Into::into).ok_or_else(|| format!("no payment was created: {}", made.summary()).into())
    }

    /// Posts members as JSON. Adds the API key unless the members contain `apiKey`.
    pub fn post(&mut self, path: &str, mut members: Value) -> Result<Answer, Box<dyn Error>> {
        if let Value::Object(members) = &mut members
            && !members.contains_key("apiKey")
        {
            members.insert("apiKey".into(), json!(self.key));
        }
        self.post_text(path, "application/json", &members.to_string())
    }

    /// Posts the members and the API key as a form.
    pub fn post_form(&mut self, path: &str, members: &Map<String, Value>) -> Result<Answer, Box<dyn Error>> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("apiKey", &self.key);
        for (name, value) in members {
            form.append_pair(name, value.as_str().map_or_else(|| value.to_string(), Into::into).as_str());
        }
        self.post_text(path, "application/x-www-form-urlencoded", &form.finish())
    }

    /// Posts a body unchanged. `label` is its content type.
    pub fn post_text(&mut self, path: &str, label: &str, body: &str) -> Result<Answer, Box<dyn Error>> {
        let request = self.http.post(format!("{}{path}", self.url)).header("content-type", label);
        self.send(&format!("POST {path}"), request, body)
    }

    /// Sends a request after the pause, and records the exchange.
    ///
    /// # Errors
    ///
    /// Returns an error if the service does not answer, or if the run has already sent [`MOST`] requests.
    fn send(&mut self, line: &str, request: RequestBuilder, body: &str) -> Result<Answer, Box<dyn Error>> {
        if self.sent == MOST {
            return Err(format!("stopped after {MOST} requests").into());
        }
        if self.sent > 0 {
            sleep(self.pause);
        }
        self.sent += 1;
        let request = if body.is_empty() { request } else { request.body(body.to_owned()) };
        let answer = request.send().map_err(|error| {
            // The text of the error contains only the URL. The text of the error's source contains the cause.
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            format!("{line}: {why}")
        })?;
        let (status, text) = (answer.status().as_u16(), answer.text()?);
        self.has_answered = true;
        let parsed: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(token) = parsed["payToken"].as_str().filter(|token| !token.is_empty())
            && !self.tokens.iter().any(|own| own == token)
        {
            self.tokens.push(token.to_owned());
        }
        let (request, response) = (self.redacted(body), self.redacted(&text));
        self.exchanges.push(Exchange { line: line.to_owned(), request, status, response });
        Ok(Answer { status, body: parsed })
    }

    /// Replaces the API key in a text by the prefix of all test keys, and each payment token by its number.
    fn redacted(&self, text: &str) -> String {
        let mut text = text.replace(&self.key, "sk_test_…");
        for (n, token) in self.tokens.iter().enumerate() {
            text = text.replace(token, &format!("payToken-{}", n + 1));
        }
        text
    }
}

/// Percent-encodes a segment of a path.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
