//! Carries out the operations of generated clients: reads the request of a row, then sends or resolves it.

use crate::close::close;
use crate::core::{Core, Operation, Report, StopSignal, Task, Work};
use crate::database::Database;
use crate::error::Error;
use crate::handler::Handler;
use crate::lease::Lease;
use crate::outbox::read;
use crate::seal::Storage;
use crate::state::{Record, Row, State};
use crate::table::Release;
use crate::unreadable::Unreadable;
use pagespec_runtime::{CallOptions, Durable, Ending, ErrorCode, Outcome};
use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::OwnedSemaphorePermit;

pub(crate) struct Typed<D, R: Durable, H> {
    pub(crate) name: String,
    pub(crate) client: R::Client,
    pub(crate) handler: Arc<H>,
    pub(crate) database: PhantomData<fn() -> D>,
}

struct TypedWork<R: Durable, H> {
    request: R,
    expected: R::Expected,
    client: R::Client,
    handler: Arc<H>,
}

impl<D: Database, R: Durable, H: Handler<D, R>> Operation<D> for Typed<D, R, H> {
    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> &'static str {
        R::OPERATION.id
    }

    fn prepare(&self, storage: &Storage, row: &Row) -> Result<Box<dyn Work<D>>, Unreadable> {
        let (request, expected) = read::<R>(storage, row)?;
        let (client, handler) = (self.client.clone(), self.handler.clone());
        Ok(Box::new(TypedWork { request, expected, client, handler }))
    }
}

impl<D: Database, R: Durable, H: Handler<D, R>> Work<D> for TypedWork<R, H> {
    fn perform(
        self: Box<Self>,
        core: Arc<Core<D>>,
        lease: Arc<Lease<D>>,
        before: Record,
        slot: OwnedSemaphorePermit,
        stop: StopSignal,
    ) -> Task<'static, Report> {
        Box::pin(async move { Execution { work: *self, core, lease, before, stop }.run(slot).await })
    }

    fn handle<'a>(
        &'a self,
        connection: &'a mut D::Connection,
        key: &'a str,
        ending: &'a (dyn Any + Send + Sync),
    ) -> Task<'a, Result<(), Error>> {
        Box::pin(async move {
            let failed = |message: String| Error::Handler { key: key.to_owned(), message };
            let ending = ending.downcast_ref::<Ending<R>>();
            let ending = ending.ok_or_else(|| failed("the result belongs to another operation".to_owned()))?;
            let closing = crate::Closing { key, request: &self.request, ending };
            self.handler.handle(connection, closing).await.map_err(|error| failed(error.to_string()))
        })
    }

    fn give_up<'a>(
        &'a self,
        connection: &'a mut D::Connection,
        key: &'a str,
        was_sent: bool,
        reason: &'a str,
    ) -> Task<'a, Result<(), Error>> {
        Box::pin(async move {
            let ending: Ending<R> = if was_sent {
                Ending::Unknown { reason: reason.to_owned(), look_at: &[], found: None, error: None }
            } else {
                Ending::NotApplied { found: None, refusal: None }
            };
            self.handle(connection, key, &ending).await
        })
    }
}

/// Next step of an intent, derived from the evidence about its request.
enum Next<R: Durable> {
    /// Close the intent, because its outcome is known or it is given up.
    Close(State, Ending<R>),
    /// Close the intent as rejected without sending its request, because it has waited for too long.
    Expire,
    /// Resolve the request. Contains the reason why its outcome is unknown.
    Resolve(String),
    /// Put the intent off. It is due again after the duration `after`.
    PutOff { state: State, reason: String, after: Duration },
    /// Stop without a change, because the lease is lost.
    Lost,
}

struct Execution<D: Database, R: Durable, H> {
    work: TypedWork<R, H>,
    core: Arc<Core<D>>,
    lease: Arc<Lease<D>>,
    before: Record,
    stop: StopSignal,
}

impl<D: Database, R: Durable, H: Handler<D, R>> Execution<D, R, H> {
    async fn run(self, slot: OwnedSemaphorePermit) -> Report {
        let next = if self.before.state == State::Queued {
            match self.guarded(self.send()).await {
                // The slot of the attempt becomes free for another request. If no slot for a resolution is free, a
                // later claim resolves the intent.
                Next::Resolve(reason) => match self.core.slot_for_resolving(slot) {
                    Some(_slot) => self.resolve(reason).await,
                    None => Next::Resolve(reason),
                },
                next @ (Next::Close(..) | Next::Expire | Next::PutOff { .. } | Next::Lost) => next,
            }
        } else {
            let _slot = slot;
            self.resolve(String::new()).await
        };
        match next {
            Next::Close(state, ending) => self.close(state, ending).await,
            Next::Expire => self.expire().await,
            Next::PutOff { state, reason, after } => self.put_off(state, &reason, after).await,
            Next::Resolve(reason) => self.put_off(State::Unknown, &reason, Duration::ZERO).await,
            Next::Lost => Report::Lost,
        }
    }

    /// Runs `work` and extends the lease meanwhile. Stops the work if the lease is lost.
    async fn guarded(&self, work: impl Future<Output = Next<R>>) -> Next<R> {
        tokio::select! {
            biased;
            () = self.lease.keep() => Next::Lost,
            next = work => next,
        }
    }

    /// Sends the request, unless the intent has waited for too long.
    async fn send(&self) -> Next<R> {
        if self.core.is_too_old(&self.before) {
            return Next::Expire;
        }
        let TypedWork { request, expected, client, .. } = &self.work;
        let sent = request.send(client, CallOptions::new(), self.lease.clone()).await;
        self.core.pass_answered().await;
        let error = match sent {
            Ok(reply) if request.is_expected(expected, &reply) => {
                return Next::Close(State::Applied, Ending::Applied { reply: Some(reply), found: None });
            }
            Ok(_) => return Next::Resolve("the reply differs from the expected values".to_owned()),
            Err(error) => error,
        };
        if self.lease.is_lost() {
            return Next::Lost;
        }
        let reason = error.to_string();
        match error.outcome() {
            Outcome::Unknown => Next::Resolve(reason),
            _ if error.may_be_accepted_later() => self.back_to_queue(reason),
            Outcome::NotSent | Outcome::Rejected => {
                Next::Close(State::Rejected, Ending::NotApplied { found: None, refusal: Some(error) })
            }
        }
    }

    /// Puts the intent back to *queued*, because nothing was sent, or because the service rejected the request for a
    /// reason other than the request itself.
    fn back_to_queue(&self, reason: String) -> Next<R> {
        Next::PutOff { state: State::Queued, reason, after: self.core.backoff(self.before.failures) }
    }

    async fn resolve(&self, reason: String) -> Next<R> {
        let is_first = self.before.state == State::Queued;
        if is_first && !self.core.note_unknown(self.lease.ticket, &reason, self.lease.already_done()).await {
            return Next::Lost;
        }
        self.lease.start_resolution();
        let work = async {
            tokio::select! {
                biased;
                () = self.stop.received() => Next::Resolve("the worker was stopped".to_owned()),
                ending = self.resolution(is_first) => self.after_resolution(ending),
            }
        };
        self.guarded(work).await
    }

    async fn resolution(&self, is_first: bool) -> Ending<R> {
        let TypedWork { request, expected, client, .. } = &self.work;
        // If this claim has sent the request, the client knows the time of the attempt. If an earlier claim has sent
        // the request, only the row has the time of the first attempt, and the worker of that claim may have sent the
        // request at any time up to now.
        let options = match self.before.first_sent_at {
            Some(first) if !is_first => {
                let ago = self.before.read_at.duration_since(first).unwrap_or_default();
                // Times are compared with those of the client, which may have another clock than the system.
                let now = R::core(client).wall_clock();
                let first = now.checked_sub(ago).unwrap_or(SystemTime::UNIX_EPOCH);
                CallOptions::new().attempted(first, now).repeated(self.before.repeats)
            }
            _ => CallOptions::new(),
        };
        let options = if self.lease.already_done() { options.already_done() } else { options };
        let ending = request.resolve(client, options, expected, self.lease.clone()).await;
        self.core.pass_answered().await;
        ending
    }

    fn after_resolution(&self, ending: Ending<R>) -> Next<R> {
        if self.lease.is_lost() {
            return Next::Lost;
        }
        match ending {
            Ending::Applied { .. } | Ending::Reversed { .. } => Next::Close(State::Applied, ending),
            Ending::NotApplied { .. } => Next::Close(State::Rejected, ending),
            Ending::Unknown { .. } if self.core.is_too_old(&self.before) => Next::Close(State::Dead, ending),
            Ending::Unknown { reason, look_at, error, .. } => {
                let reason = describe_unknown(&reason, look_at, error.as_ref());
                Next::PutOff { state: State::Unknown, reason, after: self.core.backoff(self.before.failures) }
            }
        }
    }

    async fn close(&self, state: State, ending: Ending<R>) -> Report {
        let reason = describe(state, &ending);
        // If the handler fails, the intent is resolved again, because this result is not stored.
        self.close_or((state, reason.as_deref()), ending, State::Unknown).await
    }

    async fn expire(&self) -> Report {
        let reason = "the intent waited for too long, so its request was not sent";
        let ending = Ending::NotApplied { found: None, refusal: None };
        self.close_or((State::Rejected, Some(reason)), ending, State::Queued).await
    }

    /// Closes the intent. If its handler fails, puts the intent off in the state `otherwise`.
    async fn close_or(&self, written: (State, Option<&str>), ending: Ending<R>, otherwise: State) -> Report {
        let closing = crate::Closing { key: &self.before.key, request: &self.work.request, ending: &ending };
        let closed = close(&self.core, &self.lease, written, &*self.work.handler, closing).await;
        match closed {
            Ok(()) => Report::Closed,
            Err(crate::close::NotClosed::Lost) => Report::Lost,
            Err(crate::close::NotClosed::Handler(message)) => {
                tracing::error!(key = self.before.key, message, "the handler of a result failed");
                let reason = format!("the outcome is {}, and its handler failed: {message}", written.0);
                self.put_off(otherwise, &reason, self.core.backoff(self.before.failures)).await
            }
        }
    }

    async fn put_off(&self, state: State, reason: &str, after: Duration) -> Report {
        let (is_failure, already_done) = (!after.is_zero(), self.lease.already_done());
        let release = Release { state, reason: Some(reason), after, is_failure, already_done };
        self.core.release(self.lease.ticket, &release).await
    }
}

fn describe<R: Durable>(state: State, ending: &Ending<R>) -> Option<String> {
    match ending {
        Ending::Applied { .. } => None,
        Ending::Reversed { remaining: Some(left), .. } => {
            Some(format!("done, but later reversed; remaining amount: {left}"))
        }
        Ending::Reversed { .. } => Some("done, but later reversed, in full or in part".to_owned()),
        Ending::NotApplied { refusal, .. } => refusal.as_ref().map(ToString::to_string),
        Ending::Unknown { reason, look_at, error, .. } => {
            Some(format!("{state}: {}", describe_unknown(reason, look_at, error.as_ref())))
        }
    }
}

/// Describes why an outcome is unknown, and names the members that a person should check.
fn describe_unknown<C: ErrorCode>(
    reason: &str,
    look_at: &[&str],
    error: Option<&pagespec_runtime::Error<C>>,
) -> String {
    let mut words = reason.to_owned();
    if !look_at.is_empty() {
        words.push_str(&format!("; look at {}", look_at.join(", ")));
    }
    if let Some(error) = error {
        words.push_str(&format!("; {error}"));
    }
    words
}
