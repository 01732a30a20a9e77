//! axum extractors for messages. An extractor only reads a message. The handler then confirms the message, acts on it,
//! and sends the answer.

use crate::callback::{CallbackAnswer, CallbackError, Claim, LONGEST_MESSAGE, Message};
use ::axum::body::{Bytes, HttpBody};
use ::axum::extract::{FromRequest, Request};
use ::axum::http::{HeaderValue, StatusCode};
use ::axum::response::{IntoResponse, Response};
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::pin;

/// Message without a proof, read from a request. Implementations are generated.
pub trait Receive: Message {
    /// Reads the message from a request.
    ///
    /// # Errors
    ///
    /// Returns an error if the request does not contain the message.
    fn receive(query: &str, body: &[u8]) -> Result<Claim<Self>, CallbackError>;
}

/// Message with a proof. Implementations are generated.
pub trait Signed: Message {
    /// Names of the headers that the proof needs. If a header contains the proof, that header comes first.
    const HEADERS: &'static [&'static str];
}

impl<S: Send + Sync, T: Receive> FromRequest<S> for Claim<T> {
    type Rejection = CallbackError;

    async fn from_request(request: Request, _: &S) -> Result<Self, CallbackError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = body(request).await?;
        T::receive(&query, &body)
    }
}

/// Message as received, with the headers that may prove it. Pass its body and headers to the `verify` function of the
/// message type. Its `Debug` shows no content.
pub struct Unverified<T> {
    body: Bytes,
    /// The headers that the proof needs, including repeated ones.
    headers: Vec<(&'static str, String)>,
    message: PhantomData<fn() -> T>,
}

impl<T> Unverified<T> {
    /// Returns the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the value of the first of [`Signed::HEADERS`]. If a header contains the proof, this is that header. The
    /// result is empty if the header is absent, or if it is repeated, because at most one of its values could be right.
    /// An empty value proves nothing.
    pub fn header(&self) -> &str
    where
        T: Signed,
    {
        let name = T::HEADERS.first().copied().unwrap_or_default();
        let mut values = self.headers.iter().filter(|(own, _)| *own == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => value,
            _ => "",
        }
    }

    /// Returns the headers that the proof needs, including repeated ones.
    pub fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

impl<T> fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unverified({} bytes)", self.body.len())
    }
}

impl<S: Send + Sync, T: Signed> FromRequest<S> for Unverified<T> {
    type Rejection = CallbackError;

    async fn from_request(request: Request, _: &S) -> Result<Self, CallbackError> {
        let mut headers = Vec::new();
        for name in T::HEADERS.iter().copied() {
            // Invalid UTF-8 is replaced. Verification rejects a header with a replacement character.
            let text = |value: &HeaderValue| (name, String::from_utf8_lossy(value.as_bytes()).into_owned());
            headers.extend(request.headers().get_all(name).iter().map(text));
        }
        Ok(Self { body: body(request).await?, headers, message: PhantomData })
    }
}

/// Reads a body of at most [`LONGEST_MESSAGE`](crate::LONGEST_MESSAGE) bytes. The limit of the router does not apply.
async fn body(request: Request) -> Result<Bytes, CallbackError> {
    let announced =
        request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > LONGEST_MESSAGE) {
        return Err(CallbackError::too_long());
    }
    let mut incoming = pin!(request.into_body());
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    while let Some(frame) = poll_fn(|context| incoming.as_mut().poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| CallbackError::interrupted())?.into_data() else { continue };
        if body.len() + data.len() > LONGEST_MESSAGE {
            return Err(CallbackError::too_long());
        }
        body.extend_from_slice(&data);
    }
    Ok(body.into())
}

/// Response with the status, and with the body as plain text.
impl IntoResponse for CallbackAnswer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        (status, self.body).into_response()
    }
}

/// Response with the status of [`CallbackError::answer_status`] and no body, so that the sender learns nothing.
impl IntoResponse for CallbackError {
    fn into_response(self) -> Response {
        StatusCode::from_u16(self.answer_status()).unwrap_or(StatusCode::BAD_REQUEST).into_response()
    }
}
