//! Result callbacks on their way to the merchant: sent, and sent again as documented until somebody takes them.

use crate::clock::kst;
use crate::world::World;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How long the merchant has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One attempt.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// When, in Korea.
    pub at: String,
    /// What came of it.
    pub result: String,
}

/// A callback.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// Its number, from 1.
    pub number: usize,
    /// The payment.
    pub pay_token: String,
    /// Where it goes.
    pub url: String,
    /// `V1`, a form, or `V2`, JSON.
    pub version: &'static str,
    /// What is sent.
    pub body: String,
    /// The attempts so far.
    pub attempts: Vec<Attempt>,
    /// Whether the merchant has answered 200.
    pub taken: bool,
}

impl Delivery {
    pub(crate) fn new(number: usize, token: &str, url: &str, first: bool, body: String) -> Self {
        let version = if first { "V1" } else { "V2" };
        Self { number, pay_token: token.into(), url: url.into(), version, body, attempts: Vec::new(), taken: false }
    }
}

/// Sends a callback now, and again by the schedule.
pub(crate) async fn deliver(world: Arc<World>, number: usize) {
    let start = world.clock.now();
    if send(&world, number).await {
        return;
    }
    for wait in world.settings.callback_schedule.clone() {
        world.clock.until(start + wait).await;
        if send(&world, number).await {
            return;
        }
    }
}

/// Sends a callback once; true when nothing more is to be done.
pub(crate) async fn send(world: &World, number: usize) -> bool {
    let Some(delivery) = world.deliveries().get(number).cloned() else { return true };
    let at = kst(world.clock.now()).to_string();
    let result = match may_go_to(&delivery.url, world.settings.callbacks_anywhere) {
        Ok(()) => post(world, &delivery).await,
        Err(why) => Err(why),
    };
    let taken = result == Ok(200);
    let result = match result {
        Ok(status) => format!("HTTP {status}"),
        Err(why) => why,
    };
    // The sandbox may have been reset in the meantime.
    let mut deliveries = world.deliveries();
    let Some(own) = deliveries.get_mut(number).filter(|own| own.body == delivery.body) else { return true };
    own.attempts.push(Attempt { at, result });
    own.taken |= taken;
    own.taken
}

async fn post(world: &World, delivery: &Delivery) -> Result<u16, String> {
    let label = if delivery.version == "V1" {
        "application/x-www-form-urlencoded;charset=UTF-8"
    } else {
        "application/json;charset=UTF-8"
    };
    let request = world.http.post(&delivery.url).header("content-type", label).timeout(PATIENCE);
    match request.body(delivery.body.clone()).send().await {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) if error.is_timeout() => Err("no answer in time".into()),
        Err(error) if error.is_connect() => Err("nobody listens there".into()),
        Err(_) => Err("the connection broke off".into()),
    }
}

/// Whether a callback may be sent there: to this machine, unless more is allowed.
fn may_go_to(url: &str, anywhere: bool) -> Result<(), String> {
    let Ok(url) = reqwest::Url::parse(url) else { return Err("this is no URL".into()) };
    if anywhere || is_loopback(url.host_str().unwrap_or_default()) {
        return Ok(());
    }
    Err("not sent: the sandbox calls this machine only; allow other addresses if that is meant".into())
}

/// Whether a host is this machine, by its notation alone.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_stay_on_this_machine() {
        for url in ["http://127.0.0.1:9/x", "http://localhost/", "https://[::1]:4/"] {
            assert_eq!(may_go_to(url, false), Ok(()), "{url}");
        }
        for url in ["http://127.0.0.1.evil.example/", "http://10.0.0.1/", "http://0.0.0.0/", "nothing"] {
            assert!(may_go_to(url, false).is_err(), "{url}");
        }
        assert_eq!(may_go_to("https://shop.example/", true), Ok(()));
    }
}
