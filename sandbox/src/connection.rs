//! Connection with support for faults: resets, late replies, and replies to earlier requests.

use crate::response::{ResponseBody, respond};
use bytes::Bytes;
use hyper::Response;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A reply, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub label: &'static str,
    pub body: Bytes,
}

impl Reply {
    pub(crate) fn response(self) -> Response<ResponseBody> {
        respond(self.status, self.label, self.body)
    }

    /// Returns the bytes of the HTTP response.
    fn encoded(&self) -> Vec<u8> {
        let reason = hyper::StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let (status, label, length) = (self.status, self.label, self.body.len());
        let reason = reason.unwrap_or("x");
        let head = format!("HTTP/1.1 {status} {reason}\r\ncontent-type: {label}\r\ncontent-length: {length}\r\n\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Connection {
    /// Set if the connection ends with a reset.
    reset: AtomicBool,
    /// Set if requests get the replies to earlier requests. The flag is checked before `late` is locked, so that most
    /// calls take no lock.
    is_shifted: AtomicBool,
    /// Pending replies to earlier requests, the oldest first.
    late: Mutex<VecDeque<Reply>>,
    /// Second handle of the socket, because the HTTP server owns the first one until the socket is closed.
    socket: Option<socket2::Socket>,
}

impl Connection {
    pub(crate) fn of(stream: &tokio::net::TcpStream) -> Self {
        Self { socket: socket2::SockRef::from(stream).try_clone().ok(), ..Self::default() }
    }

    /// Makes the connection end with a reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    /// Makes the socket end with a reset, if a reset was requested. Called before the connection ends.
    pub(crate) fn before_end(&self) {
        if self.reset.load(Ordering::Relaxed)
            && let Some(socket) = &self.socket
        {
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
    }

    /// Returns `true` if the next request gets the reply to an earlier request.
    pub(crate) fn is_shifted(&self) -> bool {
        self.is_shifted.load(Ordering::Acquire)
    }

    /// Returns the reply to send now. If replies are shifted, this is the oldest pending reply, and the given reply
    /// becomes pending.
    pub(crate) fn in_turn(&self, reply: Reply) -> Reply {
        if !self.is_shifted() {
            return reply;
        }
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        match late.pop_front() {
            Some(oldest) => {
                late.push_back(reply);
                oldest
            }
            None => reply,
        }
    }

    /// Inserts `first` before `reply`, so that every later request on the connection gets the reply to an earlier
    /// request. Returns the reply to send now.
    pub(crate) fn shift(&self, first: Reply, reply: Reply) -> Reply {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_shifted.store(true, Ordering::Release);
        match late.pop_front() {
            Some(oldest) => {
                late.extend([first, reply]);
                oldest
            }
            None => {
                late.push_back(reply);
                first
            }
        }
    }

    /// Sends a reply after a delay, without waiting for a request. Nothing is sent if the connection has ended by then.
    pub(crate) fn send_later(self: &Arc<Self>, after: Duration, reply: &Reply) {
        let (connection, bytes) = (Arc::downgrade(self), reply.encoded());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let mut rest = bytes.as_slice();
            // The socket does not block. After 100 tries, the rest is dropped, because the client does not read it.
            for _ in 0..100 {
                let Some(connection) = connection.upgrade() else { return };
                let Some(socket) = &connection.socket else { return };
                match socket.send(rest) {
                    Ok(count) => rest = &rest[count..],
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
                if rest.is_empty() {
                    return;
                }
                drop(connection);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
    }
}
