//! Pages for browsers: the checkout page for purchasers, the sales slip, the signup page for shops' owners, and the
//! dashboard for engineers. All text from requests is escaped. Scripts and styles come only from the sandbox.

mod checkout;
mod csrf;
mod dashboard;
mod html;
mod message;
mod signup;
mod words;

use crate::response::{ResponseBody, header, respond};
use crate::state::State;
use html::{Forms, page};
use hyper::header::ACCEPT_LANGUAGE;
use hyper::http::request::Parts;
use hyper::{Method, Response};
use words::Words;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("dashboard.js");

/// Answers requests for pages and for their forms.
pub(crate) fn answer(state: &State, head: &Parts, body: &[u8]) -> Response<ResponseBody> {
    let query = head.uri.query().unwrap_or_default();
    let words = Words::wanted(query, header(&head.headers, ACCEPT_LANGUAGE));
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/sandbox/health") => respond(200, "application/json", "{\"status\":\"ok\"}\n"),
        (&Method::GET, "/") => page(dashboard::document(state), Forms::Here),
        (&Method::GET, "/sandbox/fragment") => page(dashboard::fragment(state), Forms::Here),
        (&Method::GET, "/sandbox/style.css") => respond(200, "text/css", STYLE),
        (&Method::GET, "/sandbox/dashboard.js") => respond(200, "text/javascript", SCRIPT),
        (&Method::GET, "/sales-slip") => checkout::sales_slip(state, words, query),
        (method, path) => match (path.strip_prefix("/checkout/"), path.strip_prefix("/signup/")) {
            (Some(token), _) if *method == Method::GET => checkout::show(state, words, token),
            (Some(token), _) => checkout::decide(state, words, token, body),
            (_, Some(key)) if *method == Method::GET => signup::show(state, words, key),
            (_, Some(key)) => signup::decide(state, words, key, body),
            _ => respond(404, "text/plain", "This page does not exist. The dashboard is at /.\n"),
        },
    }
}
