//! Pages with one message.

use super::html::{Forms, escaped, framed, page};
use super::words::Words;
use crate::response::ResponseBody;
use hyper::{Response, StatusCode};

pub(super) fn message(words: &Words, title: &str, status: u16, text: &str) -> Response<ResponseBody> {
    let body = format!("<main class=\"checkout\"><p class=\"message\">{}</p></main>\n", escaped(text));
    let mut response = page(framed(words.language, title, "", &body), Forms::Here);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// Returns a page with the reason for a rejected form, and a link back to the form.
pub(super) fn rejection(words: &Words, title: &str, why: &str) -> Response<ResponseBody> {
    let (why, back) = (escaped(why), words.back);
    let body = format!(
        "<main class=\"checkout\"><p class=\"message\">{why}</p><p><a href=\"?lang={}\">{back}</a></p></main>\n",
        words.language
    );
    let mut response = page(framed(words.language, title, "", &body), Forms::Here);
    *response.status_mut() = StatusCode::CONFLICT;
    response
}
