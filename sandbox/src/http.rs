//! Connections: reads requests within limits, finds out what each is for, and answers it, or does to it what a fault
//! says, down to resetting the connection.

use crate::callbacks::is_loopback;
use crate::faults::{Does, GATEWAY_PAGE};
use crate::onboarding::service as onboarding_service;
use crate::patience::{Counted, LOOK, Progress, Watched};
use crate::world::World;
use crate::{control, pages};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
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
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::MissedTickBehavior;
use toss_sdk::runtime::{self as rt, route};
use toss_sdk::{onboarding, pay};

/// How many connections at a time; more wait.
pub(crate) const CONNECTIONS: usize = 1_024;
/// How large a body may be.
const LONGEST: usize = 64 * 1024;

/// How large a list of faults may be.
const LONGEST_LIST: usize = 4 * 1_024 * 1_024;
/// How long a call stalls before its connection is given up.
const STALLED: Duration = Duration::from_secs(600);

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
    let mut watched = Watched::default();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let came = tokio::select! {
            now = looks.tick() => {
                watched.look(now);
                continue;
            }
            came = accept(&listener, &free) => came,
        };
        let Some((stream, permit)) = came else { return };
        let progress = Arc::new(Progress::default());
        let over = watched.add(progress.clone());
        let served = connection(stream, world.clone(), progress, over);
        tokio::spawn(async move {
            served.await;
            drop(permit);
        });
    }
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, free: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let permit = free.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, permit)),
            // Too many open files: others will end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, progress: Arc<Progress>, mut over: oneshot::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    // A second handle, because the first one belongs to the HTTP server until it is closed.
    let handle = socket2::SockRef::from(&stream).try_clone();
    let service = service_fn(|request| {
        let (world, reset, progress) = (world.clone(), reset.clone(), progress.clone());
        async move {
            progress.head();
            let answered = answer(world, request, reset, &progress).await;
            progress.end();
            answered
        }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.max_buf_size(LONGEST);
    let served = server.serve_connection(Counted::new(TokioIo::new(stream), progress.clone()), service);
    let mut served = std::pin::pin!(served);
    let mut is_over = false;
    // However it ends, it has ended.
    std::future::poll_fn(|context| {
        let polled = served.as_mut().poll(context).map(drop);
        if reset.load(Ordering::Relaxed)
            && let Ok(handle) = &handle
        {
            let _ = handle.set_linger(Some(Duration::ZERO));
        }
        if polled.is_pending() && !is_over && Pin::new(&mut over).poll(context).is_ready() {
            is_over = true;
            if !progress.is_busy() {
                return Poll::Ready(());
            }
            // A request came at the last moment: its answer is the last.
            served.as_mut().graceful_shutdown();
        }
        polled
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
    progress: &Progress,
) -> Result<Response<Sent>, Broken> {
    let (head, body) = request.into_parts();
    // Another site's name that leads here would let that site read what is here.
    let host = if head.headers.get_all(HOST).iter().count() == 1 { header(&head.headers, HOST) } else { "" };
    let name = host.strip_suffix(|c: char| c.is_ascii_digit()).map_or(host, |_| {
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(name, _)| name)
    });
    let service = Service::of(head.uri.path());
    if !is_loopback(name) {
        return Ok(unheard(service, 403, "The sandbox answers under 127.0.0.1 and localhost only."));
    }
    // Lists of faults may be long.
    let longest = if head.uri.path() == "/sandbox/v1/faults" { LONGEST_LIST } else { LONGEST };
    let body = match Limited::new(body, longest).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(unheard(service, 413, &format!("The body is longer than {} KiB.", longest / 1_024)));
        }
        Err(_) => return Ok(unheard(service, 400, "The body broke off.")),
    };
    progress.begin();
    if let Some(service) = service {
        return api(&world, service, head, body, &reset).await;
    }
    let path = head.uri.path();
    let control = path.strip_prefix("/sandbox/v1").filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let response = match control {
        Some(rest) => control::answer(&world, &head, rest.trim_start_matches('/'), &body),
        None if head.method == Method::GET || head.method == Method::POST => pages::answer(&world, &head, &body),
        None => respond(405, "text/plain", "GET or POST.\n"),
    };
    // What it tells was changed before.
    Ok(match (world.all_kept().wait().await, control) {
        (Ok(()), _) => response,
        (Err(why), Some(_)) => control::failure(500, &why),
        (Err(why), None) => respond(500, "text/plain", why + "\n"),
    })
}

/// Which of the two services a call is for.
#[derive(Clone, Copy)]
enum Service {
    Pay,
    Onboarding,
}

impl Service {
    /// The one that a path belongs to, if it is not for the sandbox itself.
    fn of(path: &str) -> Option<Self> {
        let services = [("/api", Self::Pay), ("/instant-onboarding", Self::Onboarding)];
        let is_below =
            |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        services.into_iter().find(|(start, _)| is_below(start)).map(|(_, service)| service)
    }

    /// The code of a request that makes no sense.
    fn invalid(self) -> &'static str {
        match self {
            Self::Pay => pay::ErrorCode::CommonInvalidParameter.as_str(),
            Self::Onboarding => onboarding_service::INVALID,
        }
    }

    fn api(self) -> &'static rt::Api {
        match self {
            Self::Pay => &pay::API,
            Self::Onboarding => &onboarding::API,
        }
    }

    async fn serve(self, world: &World, head: &Parts, body: &[u8]) -> rt::Response {
        let headers: Vec<(&str, &str)> =
            head.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let incoming = rt::Incoming { headers: &headers, ..incoming(world, head, body) };
        match self {
            Self::Pay => pay::server::serve(world, &incoming).await,
            Self::Onboarding => onboarding::server::serve(world, &incoming).await,
        }
    }
}

/// A request, without its headers.
fn incoming<'a>(world: &World, head: &'a Parts, body: &'a [u8]) -> rt::Incoming<'a> {
    rt::Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &[],
        body,
        now: Some(crate::clock::kst(world.clock.now())),
    }
}

/// The answer to a request that was not read to its end: in the shape that the service's callers know.
fn unheard(service: Option<Service>, status: u16, why: &str) -> Response<Sent> {
    let Some(service) = service else { return control::failure(status, why) };
    let refusal = rt::Refusal { status: 400, code: service.invalid().to_owned(), message: why.to_owned() };
    let response = rt::refuse(service.api(), refusal);
    respond(response.status, JSON, response.body)
}

async fn api(
    world: &Arc<World>,
    service: Service,
    head: Parts,
    body: Bytes,
    reset: &AtomicBool,
) -> Result<Response<Sent>, Broken> {
    let (operation, nth, does) = match strike(world, service, &head, &body) {
        Some((operation, nth, does)) => (Some(operation), Some(nth), does),
        None => (None, None, None),
    };
    let write = |status, response: &[u8]| {
        let (now, told) = (world.clock.now(), does.clone());
        world.journal().add(now, operation, nth, &body, (status, response), told);
    };
    // What happens instead of the call.
    match &does {
        Some(Does::ResetBefore) => {
            write(0, &[]);
            reset.store(true, Ordering::Relaxed);
            return Err(Broken);
        }
        Some(Does::HtmlBefore { status }) => {
            write(*status, GATEWAY_PAGE.as_bytes());
            return Ok(respond(*status, "text/html", GATEWAY_PAGE));
        }
        Some(Does::Code { code }) => {
            let refusal =
                rt::Refusal { status: 200, code: code.clone(), message: "고의로 낸 오류입니다.".into() };
            let response = rt::refuse(service.api(), refusal);
            write(response.status, &response.body);
            return Ok(respond(response.status, JSON, response.body));
        }
        _ => {}
    }
    let (status, bytes) = match &does {
        Some(Does::DelayBefore { milliseconds }) => {
            let (world, pause, told) = (world.clone(), Duration::from_millis(*milliseconds), does.clone());
            let resets = world.resets();
            // A task of its own, which goes on when the client hangs up.
            let later = tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                // Whoever forgot everything did not mean to be surprised.
                if world.resets() != resets {
                    return None;
                }
                Some(served(&world, service, &head, &body, nth, told).await)
            });
            later.await.ok().flatten().ok_or(Broken)?
        }
        _ => served(world, service, &head, &body, nth, does.clone()).await,
    };
    // What happens to the answer.
    match does {
        Some(Does::ResetAfter) => {
            reset.store(true, Ordering::Relaxed);
            Err(Broken)
        }
        Some(Does::HtmlAfter { status }) => Ok(respond(status, "text/html", GATEWAY_PAGE)),
        Some(Does::Stall) => {
            // Some places stay free, for whoever wants to switch the fault off.
            if let Ok(_place) = world.stalls.try_acquire() {
                tokio::time::sleep(STALLED).await;
            }
            Err(Broken)
        }
        Some(Does::CutBody) => {
            let mut answer = respond(status, JSON, Bytes::new());
            *answer.body_mut() = Sent::half(&bytes);
            Ok(answer)
        }
        Some(Does::Delay { milliseconds }) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(respond(status, JSON, bytes))
        }
        _ => Ok(respond(status, JSON, bytes)),
    }
}

/// The call itself, written down.
async fn served(
    world: &World,
    service: Service,
    head: &Parts,
    body: &[u8],
    nth: Option<u32>,
    told: Option<Does>,
) -> (u16, Bytes) {
    let response = service.serve(world, head, body).await;
    let now = world.clock.now();
    world.journal().add(now, response.operation, nth, body, (response.status, &response.body), told);
    (response.status, Bytes::from(response.body))
}

const JSON: &str = "application/json;charset=UTF-8";

/// Where faults are switched on: which operation a call is of, its number, which it gets in the order in which calls
/// come, and the fault that hits it, if any.
fn strike(world: &World, service: Service, head: &Parts, body: &[u8]) -> Option<(&'static str, u32, Option<Does>)> {
    drop(world.active_faults()?);
    let operation = route(service.api(), &incoming(world, head, body)).ok()?.operation.id;
    let mut faults = world.active_faults()?;
    let nth = world.journal().number(operation);
    Some((operation, nth, faults.strike(operation)))
}
