//! HTTP responses, complete or truncated on purpose. All modules that answer requests use this module.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Media type of the services' replies.
pub(crate) const JSON: &str = "application/json;charset=UTF-8";

/// Body of a response: complete, or truncated.
pub(crate) struct ResponseBody {
    bytes: Option<Bytes>,
    /// Announced length, if the body is truncated. `usize::MAX` once the truncated body was sent, so that the next poll
    /// returns the error.
    announced: Option<usize>,
}

impl ResponseBody {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: Some(bytes.into()), announced: None }
    }

    pub(crate) fn half(bytes: &Bytes) -> Self {
        Self { announced: Some(bytes.len()), bytes: Some(bytes.slice(..bytes.len() / 2)) }
    }
}

/// Error that ends the connection on purpose, before an answer or in the middle of an answer.
#[derive(Debug)]
pub(crate) struct Disconnect;

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ended on purpose")
    }
}

impl std::error::Error for Disconnect {}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Disconnect;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Disconnect>>> {
        match self.bytes.take().filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            // The error follows one poll later, so that the bytes before it are sent.
            None => match self.announced.take() {
                Some(usize::MAX) => Poll::Ready(Some(Err(Disconnect))),
                Some(_) => {
                    self.announced = Some(usize::MAX);
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                None => Poll::Ready(None),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.announced.is_none() && self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        let here = self.bytes.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(self.announced.filter(|n| *n != usize::MAX).unwrap_or(here) as u64)
    }
}

pub(crate) fn respond(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Returns a header's value, or an empty text if the header is absent or its value is not ASCII.
pub(crate) fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
