//! Connections: reads requests within limits, finds out what each is for, and answers it, or does to it what a fault
//! says, down to resetting the connection.

use crate::callbacks::is_loopback;
use crate::faults::Does;
use crate::patience::{Counted, Progress, Watch, patiently};
use crate::world::World;
use crate::{control, pages};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use toss_sdk::runtime::{self as rt, route};
use toss_sdk::{onboarding, pay};

/// How many connections at a time; more wait.
const CONNECTIONS: usize = 1_024;
/// How large a body may be.
const LONGEST: usize = 64 * 1024;

/// A body: whole, or one that breaks off in the middle.
pub(crate) struct Sent {
    bytes: Option<Bytes>,
    /// The length that is announced, when less comes.
    announced: Option<usize>,
}

impl Sent {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: Some(bytes.into()), announced: None }
    }

    fn half(bytes: &Bytes) -> Self {
        Self { announced: Some(bytes.len()), bytes: Some(bytes.slice(..bytes.len() / 2)) }
    }
}

/// The connection is to be ended here.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ended on purpose")
    }
}

impl std::error::Error for Broken {}

impl Body for Sent {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.bytes.take().filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            // Once later, so that what came before is on its way.
            None => match self.announced.take() {
                Some(usize::MAX) => Poll::Ready(Some(Err(Broken))),
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

/// Takes connections until the runtime ends.
pub(crate) async fn listen(listener: TcpListener, world: Arc<World>) {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(permit) = free.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files: others will end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let world = world.clone();
        tokio::spawn(async move {
            connection(stream, world).await;
            drop(permit);
        });
    }
}

async fn connection(stream: TcpStream, world: Arc<World>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let progress = Arc::new(Progress::default());
    // A second handle, because the first one belongs to the HTTP server until it is closed.
    let handle = socket2::SockRef::from(&stream).try_clone();
    let service = service_fn(|request| {
        let (world, reset, progress) = (world.clone(), reset.clone(), progress.clone());
        async move {
            progress.begin();
            let answered = answer(world, request, reset).await;
            progress.end();
            answered
        }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.max_buf_size(LONGEST);
    let counted = Counted::new(TokioIo::new(stream), progress.clone());
    let served = server.serve_connection(counted, service);
    let mut served = std::pin::pin!(served);
    let mut watch = Watch::new(progress.clone());
    // However it ends, it has ended.
    std::future::poll_fn(|context| {
        let polled = served.as_mut().poll(context).map(drop);
        if reset.load(Ordering::Relaxed)
            && let Ok(handle) = &handle
        {
            let _ = handle.set_linger(Some(Duration::ZERO));
        }
        if polled.is_ready() { polled } else { watch.poll_over(context) }
    })
    .await;
}

/// An answer of one kind.
pub(crate) fn respond(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Sent> {
    let mut response = Response::new(Sent::whole(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(hyper::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(hyper::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A header's value as text.
pub(crate) fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn answer(
    world: Arc<World>,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Sent>, Broken> {
    let (head, body) = request.into_parts();
    // Another site's name that leads here would let that site read what is here.
    let host = header(&head.headers, HOST);
    let name = host.strip_suffix(|c: char| c.is_ascii_digit()).map_or(host, |_| {
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(name, _)| name)
    });
    if !is_loopback(name) {
        return Ok(respond(403, "text/plain", "The sandbox answers under 127.0.0.1 and localhost only.\n"));
    }
    let body = match patiently(Limited::new(body, LONGEST).collect()).await {
        Some(Ok(body)) => body.to_bytes(),
        Some(Err(_)) => return Ok(respond(413, "text/plain", "The body is longer than 64 KiB, or broke off.\n")),
        None => return Err(Broken),
    };
    let path = head.uri.path();
    if path.starts_with("/api/") {
        return api(&world, Service::Pay, &head, body, &reset).await;
    }
    if path.starts_with("/instant-onboarding/") {
        return api(&world, Service::Onboarding, &head, body, &reset).await;
    }
    Ok(if let Some(rest) = path.strip_prefix("/sandbox/v1/") {
        control::answer(&world, &head, rest, &body)
    } else if head.method == Method::GET || head.method == Method::POST {
        pages::answer(&world, &head, &body)
    } else {
        respond(405, "text/plain", "GET or POST.\n")
    })
}

/// Which of the two services a call is for.
#[derive(Clone, Copy)]
enum Service {
    Pay,
    Onboarding,
}

impl Service {
    fn api(self) -> &'static rt::Api {
        match self {
            Self::Pay => &pay::API,
            Self::Onboarding => &onboarding::API,
        }
    }

    async fn serve(self, world: &World, incoming: &rt::Incoming<'_>) -> rt::Response {
        match self {
            Self::Pay => pay::server::serve(world, incoming).await,
            Self::Onboarding => onboarding::server::serve(world, incoming).await,
        }
    }
}

async fn api(
    world: &Arc<World>,
    service: Service,
    head: &hyper::http::request::Parts,
    body: Bytes,
    reset: &AtomicBool,
) -> Result<Response<Sent>, Broken> {
    let headers: Vec<(&str, &str)> =
        head.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let incoming = rt::Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
        now: Some(crate::clock::kst(world.clock.now())),
    };
    let fault = strike(world, service, &incoming);
    let told = fault.as_ref().map(|(_, does)| does.clone());
    let write = |operation, status, response: &Bytes| {
        let (now, request, response, told) = (world.clock.now(), body.clone(), response.clone(), told.clone());
        world.journal().add(now, operation, request, (status, response), told);
    };
    let (operation, does) = match fault {
        Some((operation, does)) => (Some(operation), Some(does)),
        None => (None, None),
    };
    // What happens instead of the call.
    match &does {
        Some(Does::ResetBefore) => {
            write(operation, 0, &Bytes::new());
            reset.store(true, Ordering::Relaxed);
            return Err(Broken);
        }
        Some(Does::HtmlBefore { status }) => {
            write(operation, *status, &Bytes::from_static(HTML.as_bytes()));
            return Ok(respond(*status, "text/html", HTML));
        }
        Some(Does::Code { code }) => {
            let refusal =
                rt::Refusal { status: 200, code: code.clone(), message: "고의로 낸 오류입니다.".into() };
            let response = rt::refuse(service.api(), refusal);
            let bytes = Bytes::from(response.body);
            write(operation, response.status, &bytes);
            return Ok(respond(response.status, JSON, bytes));
        }
        _ => {}
    }
    let response = service.serve(world, &incoming).await;
    let bytes = Bytes::from(response.body);
    write(response.operation, response.status, &bytes);
    // What happens to the answer.
    match does {
        Some(Does::ResetAfter) => {
            reset.store(true, Ordering::Relaxed);
            Err(Broken)
        }
        Some(Does::HtmlAfter { status }) => Ok(respond(status, "text/html", HTML)),
        Some(Does::Stall) => std::future::pending().await,
        Some(Does::CutBody) => {
            let mut answer = respond(response.status, JSON, Bytes::new());
            *answer.body_mut() = Sent::half(&bytes);
            Ok(answer)
        }
        Some(Does::Delay { milliseconds }) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(respond(response.status, JSON, bytes))
        }
        _ => Ok(respond(response.status, JSON, bytes)),
    }
}

const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n";

/// The fault that hits a call, if any.
fn strike(world: &World, service: Service, incoming: &rt::Incoming<'_>) -> Option<(&'static str, Does)> {
    if world.faults().is_empty() {
        return None;
    }
    let operation = route(service.api(), incoming).ok()?.operation.id;
    world.faults().strike(operation).map(|does| (operation, does))
}
