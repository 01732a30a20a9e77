//! axum extractors for messages. An extractor only reads; the handler confirms, acts, and answers 200.

use crate::callback::{CallbackAnswer, CallbackError, Claim, LONGEST_MESSAGE, Message};
use ::axum::body::{Bytes, HttpBody};
use ::axum::extract::{FromRequest, Request};
use ::axum::http::StatusCode;
use ::axum::response::{IntoResponse, Response};
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::pin;

/// Message without a proof, read from a request. Generated.
pub trait Receive: Message {
    /// Reads the message from a request.
    ///
    /// # Errors
    ///
    /// Returns an error if the request does not contain the message.
    fn receive(query: &str, body: &[u8]) -> Result<Claim<Self>, CallbackError>;
}

/// Message with a proof in a header. Generated.
pub trait Signed: Message {
    /// Name of the header.
    const HEADER: &'static str;
}

impl<S: Send + Sync, T: Receive> FromRequest<S> for Claim<T> {
    type Rejection = CallbackError;

    async fn from_request(request: Request, _: &S) -> Result<Self, CallbackError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = body(request).await?;
        T::receive(&query, &body)
    }
}

/// Message as received, with the header that may prove it. Pass it to the `verify` function of the message type. Its
/// `Debug` shows no content.
pub struct Unverified<T> {
    body: Bytes,
    header: String,
    message: PhantomData<fn() -> T>,
}

impl<T> Unverified<T> {
    /// Returns the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the value of the header; empty if it is absent, and an empty value proves nothing.
    pub fn header(&self) -> &str {
        &self.header
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
        let mut values = request.headers().get_all(T::HEADER).iter();
        let header = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().unwrap_or_default().to_owned(),
            // With two values it is unknown which one the sender meant.
            _ => String::new(),
        };
        Ok(Self { body: body(request).await?, header, message: PhantomData })
    }
}

/// Reads the body up to [`LONGEST_MESSAGE`](crate::LONGEST_MESSAGE), regardless of the router's limit.
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

/// The status, and the body as plain text.
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
