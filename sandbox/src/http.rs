//! HTTP server: accepts connections, reads requests within limits, routes and answers them. [`crate::exchange`] applies
//! faults to calls to a service.

use crate::callbacks::is_loopback;
use crate::connection::Connection;
use crate::response::{Disconnect, JSON, ResponseBody, header, respond};
use crate::service::Service;
use crate::state::{CONNECTIONS, State};
use crate::timeouts::{CHECK_INTERVAL, Counted, Progress, Watched};
use crate::{control, exchange, pages};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, Version};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::MissedTickBehavior;
use toss_sdk::runtime as rt;

/// Longest body, in bytes.
const LONGEST: usize = 64 * 1024;
/// Longest list of faults, in bytes.
const LONGEST_LIST: usize = 4 * 1_024 * 1_024;
/// Path prefix of the control API.
const CONTROL: &str = "/sandbox/v1";

/// Accepts connections until the runtime ends.
pub(crate) async fn listen(listeners: Vec<TcpListener>, state: Arc<State>) {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut watched = Watched::default();
    let mut checks = tokio::time::interval(CHECK_INTERVAL);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let accepted = tokio::select! {
            now = checks.tick() => {
                watched.check(now);
                continue;
            }
            accepted = accept(&listeners, &free) => accepted,
        };
        let Some((stream, permit)) = accepted else { return };
        let progress = Arc::new(Progress::default());
        let over = watched.add(progress.clone());
        let served = serve(stream, state.clone(), progress, over);
        tokio::spawn(async move {
            served.await;
            drop(permit);
        });
    }
}

/// Returns the next connection, once the number of connections is below [`CONNECTIONS`].
async fn accept(listeners: &[TcpListener], free: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let permit = free.clone().acquire_owned().await.ok()?;
    loop {
        let next = std::future::poll_fn(|context| {
            let ready = listeners.iter().map(|listener| listener.poll_accept(context)).find(Poll::is_ready);
            ready.unwrap_or(Poll::Pending)
        });
        match next.await {
            Ok((stream, _)) => return Some((stream, permit)),
            // There may be too many open files, so this waits for other connections to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>, progress: Arc<Progress>, mut over: oneshot::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let connection = Arc::new(Connection::of(&stream));
    let service = service_fn(|request| {
        let (state, connection, progress) = (state.clone(), connection.clone(), progress.clone());
        async move {
            progress.head();
            let answered = answer(state, request, connection, &progress).await;
            progress.end();
            answered
        }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.max_buf_size(LONGEST);
    let served = server.serve_connection(Counted::new(TokioIo::new(stream), progress.clone()), service);
    let mut served = std::pin::pin!(served);
    let mut is_over = false;
    // An error needs no handling, because it has ended the connection.
    std::future::poll_fn(|context| {
        let polled = served.as_mut().poll(context).map(drop);
        connection.before_end();
        if polled.is_pending() && !is_over && Pin::new(&mut over).poll(context).is_ready() {
            is_over = true;
            if !progress.is_busy() {
                return Poll::Ready(());
            }
            // A request arrived just before the timeout. The connection ends once this request is answered.
            served.as_mut().graceful_shutdown();
        }
        polled
    })
    .await;
}

/// Target of a request.
#[derive(Clone, Copy, Debug)]
enum Route {
    Service(Service),
    /// The control API.
    Control,
    /// Pages for browsers.
    Pages,
}

impl Route {
    fn of(path: &str) -> Self {
        match (Service::of(path), path.strip_prefix(CONTROL)) {
            (Some(service), _) => Self::Service(service),
            (None, Some(rest)) if rest.is_empty() || rest.starts_with('/') => Self::Control,
            (None, _) => Self::Pages,
        }
    }

    /// Returns the answer to a request that was not read completely, in the format of the service or of the control
    /// API.
    fn unread(self, status: u16, why: &str) -> Response<ResponseBody> {
        let Self::Service(service) = self else { return control::failure(status, why) };
        let refusal = rt::Refusal { status: 400, code: service.invalid_code().to_owned(), message: why.to_owned() };
        let response = rt::refuse(service.api(), refusal);
        respond(response.status, JSON, response.body)
    }
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
    connection: Arc<Connection>,
    progress: &Progress,
) -> Result<Response<ResponseBody>, Disconnect> {
    let (mut head, body) = request.into_parts();
    let route = Route::of(head.uri.path());
    if !is_loopback(host_name(&head)) {
        return Ok(route.unread(403, "The sandbox answers only requests to 127.0.0.1, [::1] or localhost."));
    }
    let longest = if head.uri.path() == "/sandbox/v1/faults" { LONGEST_LIST } else { LONGEST };
    let body = match Limited::new(body, longest).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(route.unread(413, &format!("The body is longer than {} KiB.", longest / 1_024)));
        }
        Err(_) => return Ok(route.unread(400, "The body ended before it was complete.")),
    };
    progress.begin();
    if head.method == Method::HEAD && !opens_session(head.uri.path()) {
        // The HTTP server omits the body of the answer.
        head.method = Method::GET;
    }
    match route {
        Route::Service(service) => exchange::answer(&state, service, head, body, &connection).await,
        Route::Control => Ok(control(&state, &head, &body).await),
        Route::Pages => Ok(page(&state, &head, &body).await),
    }
}

/// Returns the host in a request, without the port. Requests to any host other than this machine are rejected.
/// Otherwise, another site could let its own host name resolve to this machine's address, and read the data of the
/// sandbox (DNS rebinding).
fn host_name(head: &Parts) -> &str {
    let count = head.headers.get_all(HOST).iter().count();
    let host = match (head.uri.authority(), count) {
        // The authority in the request line takes precedence over the header.
        (Some(authority), 0..=1) => authority.as_str(),
        (None, 0) if head.version < Version::HTTP_11 => "localhost",
        (None, 1) => header(&head.headers, HOST),
        _ => "",
    };
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

async fn control(state: &State, head: &Parts, body: &Bytes) -> Response<ResponseBody> {
    let path = head.uri.path().strip_prefix(CONTROL).unwrap_or_default();
    let response = control::answer(state, head, path.trim_start_matches('/'), body);
    // The request may have released held requests, which are carried out before the answer.
    state.held.are_carried_out().await;
    // The answer shows earlier changes, so they are written first.
    match state.all_written().wait().await {
        Ok(()) => response,
        Err(why) => control::failure(500, &why.to_string()),
    }
}

async fn page(state: &State, head: &Parts, body: &Bytes) -> Response<ResponseBody> {
    let response = if head.method == Method::GET || head.method == Method::POST {
        pages::answer(state, head, body)
    } else {
        respond(405, "text/plain", "Use GET, HEAD or POST.\n")
    };
    // The page shows earlier changes, so they are written first.
    match state.all_written().wait().await {
        Ok(()) => response,
        Err(why) => respond(500, "text/plain", format!("{why}\n")),
    }
}

/// Returns `true` if a GET of this path has an effect, so that a HEAD must be rejected.
fn opens_session(path: &str) -> bool {
    path.starts_with("/instant-onboarding/") && path.ends_with("/open-onboarding-session")
}
