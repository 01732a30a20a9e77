//! Connections: reads requests within limits, finds out what each is for, and answers it. What faults do to a call of a
//! service is in [`crate::exchange`].

use crate::callbacks::is_loopback;
use crate::exchange;
use crate::lag::Lag;
use crate::line::Line;
use crate::onboarding::service as onboarding_service;
use crate::patience::{Counted, LOOK, Progress, Watched};
use crate::world::{View, World};
use crate::{control, pages};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::MissedTickBehavior;
use toss_sdk::runtime as rt;
use toss_sdk::{onboarding, pay};

/// How many connections at a time; more wait.
pub(crate) const CONNECTIONS: usize = 1_024;
/// How large a body may be.
const LONGEST: usize = 64 * 1024;

/// How large a list of faults may be.
const LONGEST_LIST: usize = 4 * 1_024 * 1_024;
/// How long a call stalls before its connection is given up.
pub(crate) const STALLED: Duration = Duration::from_secs(600);

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

    pub(crate) fn half(bytes: &Bytes) -> Self {
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
pub(crate) async fn listen(listeners: Vec<TcpListener>, world: Arc<World>) {
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
            came = accept(&listeners, &free) => came,
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
            // Too many open files: others will end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, progress: Arc<Progress>, mut over: oneshot::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line::of(&stream));
    let service = service_fn(|request| {
        let (world, line, progress) = (world.clone(), line.clone(), progress.clone());
        async move {
            progress.head();
            let answered = answer(world, request, line, &progress).await;
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
        line.before_end();
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
    line: Arc<Line>,
    progress: &Progress,
) -> Result<Response<Sent>, Broken> {
    let (mut head, body) = request.into_parts();
    // Another site's name that leads here would let that site read what is here. Browsers always send a name.
    let named = head.headers.get_all(HOST).iter().count();
    let host = match (head.uri.authority(), named) {
        // A request that names its server in the first line means that one, whatever the header says.
        (Some(authority), 0..=1) => authority.as_str(),
        (None, named) => match named {
            0 if head.version < Version::HTTP_11 => "localhost",
            1 => header(&head.headers, HOST),
            _ => "",
        },
        _ => "",
    };
    let name = host.strip_suffix(|c: char| c.is_ascii_digit()).map_or(host, |_| {
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(name, _)| name)
    });
    let service = Service::of(head.uri.path());
    if !is_loopback(name) {
        return Ok(unheard(service, 403, "The sandbox answers under 127.0.0.1, [::1] and localhost only."));
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
    if head.method == Method::HEAD && !opens_session(head.uri.path()) {
        // The server leaves the body out.
        head.method = Method::GET;
    }
    if let Some(service) = service {
        return exchange::answer(&world, service, head, body, &line).await;
    }
    let path = head.uri.path();
    let control = path.strip_prefix("/sandbox/v1").filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let response = match control {
        Some(rest) => {
            let answered = control::answer(&world, &head, rest.trim_start_matches('/'), &body);
            // Requests that it has released.
            world.held.are_carried_out().await;
            answered
        }
        None if head.method == Method::GET || head.method == Method::POST => pages::answer(&world, &head, &body),
        None => respond(405, "text/plain", "GET, HEAD or POST.\n"),
    };
    // What it tells was changed before.
    Ok(match (world.all_kept().wait().await, control) {
        (Ok(()), _) => response,
        (Err(why), Some(_)) => control::failure(500, &why),
        (Err(why), None) => respond(500, "text/plain", why + "\n"),
    })
}

/// Whether a GET of this path has an effect, which a HEAD must not have.
fn opens_session(path: &str) -> bool {
    path.starts_with("/instant-onboarding/") && path.ends_with("/open-onboarding-session")
}

/// Which of the two services a call is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Service {
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

    pub(crate) fn api(self) -> &'static rt::Api {
        match self {
            Self::Pay => &pay::API,
            Self::Onboarding => &onboarding::API,
        }
    }

    /// The service's response, as a replica has it that is so far behind, and the members that nothing has read.
    pub(crate) async fn serve(
        self,
        world: &World,
        lag: Option<Lag>,
        head: &Parts,
        body: &[u8],
    ) -> (rt::Response, Vec<String>) {
        let headers: Vec<(&str, &str)> =
            head.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let incoming = rt::Incoming { headers: &headers, ..incoming(world, head, body) };
        let view = View::new(world, lag);
        let response = match self {
            Self::Pay => pay::server::serve(&view, &incoming).await,
            Self::Onboarding => onboarding::server::serve(&view, &incoming).await,
        };
        (response, view.ignored.into_inner().unwrap_or_default())
    }
}

/// A request, without its headers.
pub(crate) fn incoming<'a>(world: &World, head: &'a Parts, body: &'a [u8]) -> rt::Incoming<'a> {
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

pub(crate) const JSON: &str = "application/json;charset=UTF-8";
