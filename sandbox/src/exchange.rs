//! Answers calls to the services. Applies faults to the request, to the state that the service shows, and to the reply.

use crate::connection::{Connection, Reply};
use crate::faults::{FaultKind, Phase, edited, gateway_page};
use crate::held::due;
use crate::journal::NewEntry;
use crate::lag::Lag;
use crate::response::{Disconnect, JSON, ResponseBody};
use crate::service::Service;
use crate::state::State;
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use std::sync::Arc;
use std::time::Duration;
use toss_sdk::runtime as rt;

/// Duration of a stalled call, after which its connection is closed.
const STALLED: Duration = Duration::from_secs(600);

/// A call that arrives while faults are switched on.
struct Call {
    service: Service,
    head: Parts,
    body: Bytes,
    operation: &'static str,
    nth: u32,
    faults: Vec<FaultKind>,
    is_shifted: bool,
}

pub(crate) async fn answer(
    state: &Arc<State>,
    service: Service,
    head: Parts,
    body: Bytes,
    connection: &Arc<Connection>,
) -> Result<Response<ResponseBody>, Disconnect> {
    let struck = strike(state, service, &head, &body);
    let is_shifted = connection.is_shifted();
    let Some((operation, nth, faults)) = struck else {
        let (response, ignored) = service.serve(state, None, &head, &body).await;
        state.journal().add(
            state.clock.now(),
            NewEntry {
                operation: response.operation,
                nth: None,
                request: &body,
                status: response.status,
                response: &response.body,
                ignored,
                faults: Vec::new(),
                is_shifted,
            },
        );
        return Ok(connection.in_turn(reply(response)).response());
    };
    let call = Arc::new(Call { service, head, body, operation, nth, faults, is_shifted });
    // This future is on the heap, so that the futures of calls without faults stay small.
    Box::pin(async move {
        let reply = call.reply(state, connection).await?;
        call.deliver(state, connection, reply).await
    })
    .await
}

/// Returns the operation of a call, the index of the call, and the faults that hit the call. Returns `None` if no fault
/// is switched on, or if the call has no operation.
fn strike(state: &State, service: Service, head: &Parts, body: &[u8]) -> Option<(&'static str, u32, Vec<FaultKind>)> {
    drop(state.active_faults()?);
    let operation = service.operation(state, head, body)?;
    let mut faults = state.active_faults()?;
    let nth = state.journal().number(operation);
    Some((operation, nth, faults.strike(state.clock.now(), operation)))
}

fn reply(response: rt::Response) -> Reply {
    Reply { status: response.status, label: JSON, body: response.body.into() }
}

/// Returns a reply that a fault prescribes. If the fault has no body, the reply is a gateway's page.
fn stated(status: u16, body: Option<&str>) -> Reply {
    match body {
        Some(body) => Reply { status, label: JSON, body: Bytes::copy_from_slice(body.as_bytes()) },
        None => Reply { status, label: "text/html", body: gateway_page(status).into() },
    }
}

impl Call {
    fn fault(&self, phase: Phase) -> Option<&FaultKind> {
        self.faults.iter().find(|kind| kind.phase() == phase)
    }

    fn record(&self, state: &State, status: u16, response: &[u8], (ignored, faults): (Vec<String>, Vec<FaultKind>)) {
        let Self { operation, nth, body, is_shifted, .. } = self;
        let (operation, nth, is_shifted) = (Some(*operation), Some(*nth), *is_shifted);
        let entry = NewEntry { operation, nth, request: body, ignored, status, response, faults, is_shifted };
        state.journal().add(state.clock.now(), entry);
    }

    /// Lets the service carry out the request, records the exchange, and returns the reply of the service.
    async fn carry_out(&self, state: &State, faults: Vec<FaultKind>) -> Reply {
        let lag = match self.fault(Phase::View) {
            Some(FaultKind::Stale { seconds }) => Some(Lag::of(*seconds)),
            _ => None,
        };
        let (response, ignored) = self.service.serve(state, lag, &self.head, &self.body).await;
        self.record(state, response.status, &response.body, (ignored, faults));
        reply(response)
    }

    /// Returns the reply of the service, or the reply that a fault sends instead.
    async fn reply(self: &Arc<Self>, state: &Arc<State>, connection: &Connection) -> Result<Reply, Disconnect> {
        let (is_held, instead) = (self.fault(Phase::Request).is_some(), self.fault(Phase::Instead));
        // A fault that replaces the reply answers the client immediately, while the request is still held.
        if is_held && instead.is_some() {
            drop(self.carry_out_later(state, Vec::new()));
        }
        let reply = match instead {
            Some(FaultKind::HtmlBefore { status }) => stated(*status, None),
            Some(FaultKind::ReplyBefore { status, body }) => stated(*status, Some(body)),
            Some(FaultKind::Code { code }) => {
                let message = "테스트를 위해 의도적으로 발생시킨 오류입니다.".into();
                reply(rt::refuse(self.service.api(), rt::Refusal { status: 200, code: code.clone(), message }))
            }
            Some(FaultKind::ResetBefore) => {
                self.record(state, 0, &[], (Vec::new(), self.faults.clone()));
                connection.reset();
                return Err(Disconnect);
            }
            // If only faults of other phases hit the call, the service answers.
            None
            | Some(
                FaultKind::DelayBefore { .. }
                | FaultKind::Hold { .. }
                | FaultKind::Stale { .. }
                | FaultKind::EditReply { .. }
                | FaultKind::Delay { .. }
                | FaultKind::ResetAfter
                | FaultKind::CutBody
                | FaultKind::HtmlAfter { .. }
                | FaultKind::ReplyAfter { .. }
                | FaultKind::Stall
                | FaultKind::LateReply { .. }
                | FaultKind::ShiftReplies { .. },
            ) => {
                return if is_held {
                    self.carry_out_later(state, self.faults.clone()).await.ok().flatten().ok_or(Disconnect)
                } else {
                    Ok(self.carry_out(state, self.faults.clone()).await)
                };
            }
        };
        self.record(state, reply.status, &reply.body, (Vec::new(), self.faults.clone()));
        Ok(reply)
    }

    /// Carries out the request once it is no longer held, in a separate task. The task continues if the client
    /// disconnects.
    fn carry_out_later(
        self: &Arc<Self>,
        state: &Arc<State>,
        faults: Vec<FaultKind>,
    ) -> tokio::task::JoinHandle<Option<Reply>> {
        let (call, state, resets) = (self.clone(), state.clone(), state.callbacks.resets());
        // Counts the request as held before the task starts, so that a test can release the request right after sending
        // it.
        let holding = match self.fault(Phase::Request) {
            Some(FaultKind::Hold { seconds }) => Some((state.held.hold(), due(state.clock.now(), *seconds))),
            _ => None,
        };
        tokio::spawn(async move {
            if let Some(FaultKind::DelayBefore { milliseconds }) = call.fault(Phase::Request) {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            }
            if let Some((holding, due)) = &holding {
                holding.is_over(&state.clock, *due).await;
            }
            // Requests from before a reset are dropped.
            if state.callbacks.resets() != resets {
                return None;
            }
            Some(call.carry_out(&state, faults).await)
        })
    }

    /// Applies the faults to the reply, and delivers it.
    async fn deliver(
        &self,
        state: &State,
        connection: &Arc<Connection>,
        mut reply: Reply,
    ) -> Result<Response<ResponseBody>, Disconnect> {
        if let Some(FaultKind::EditReply { set, remove, status }) = self.fault(Phase::Reply) {
            reply.status = status.unwrap_or(reply.status);
            if let Some(body) = edited(&reply.body, set, remove) {
                reply.body = body.into();
            }
        }
        if let Some(FaultKind::Delay { milliseconds }) = self.fault(Phase::Wait) {
            tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
        }
        match self.fault(Phase::Delivery) {
            Some(FaultKind::ResetAfter) => {
                connection.reset();
                Err(Disconnect)
            }
            Some(FaultKind::HtmlAfter { status }) => Ok(connection.in_turn(stated(*status, None)).response()),
            Some(FaultKind::ReplyAfter { status, body }) => {
                Ok(connection.in_turn(stated(*status, Some(body))).response())
            }
            Some(FaultKind::Stall) => {
                // Only half of all connections can stall, so that the control API can still switch the fault off.
                if let Ok(_place) = state.stalls.try_acquire() {
                    tokio::time::sleep(STALLED).await;
                }
                Err(Disconnect)
            }
            Some(FaultKind::CutBody) => {
                let Reply { status, label, body } = connection.in_turn(reply);
                let mut cut = Reply { status, label, body: Bytes::new() }.response();
                *cut.body_mut() = ResponseBody::half(&body);
                Ok(cut)
            }
            Some(FaultKind::LateReply { status, body, milliseconds }) => {
                connection.send_later(Duration::from_millis(*milliseconds), &reply);
                Ok(connection.in_turn(stated(*status, body.as_deref())).response())
            }
            Some(FaultKind::ShiftReplies { status, body }) => {
                Ok(connection.shift(stated(*status, body.as_deref()), reply).response())
            }
            // Faults of other phases have already been applied.
            None
            | Some(
                FaultKind::ResetBefore
                | FaultKind::HtmlBefore { .. }
                | FaultKind::Code { .. }
                | FaultKind::ReplyBefore { .. }
                | FaultKind::DelayBefore { .. }
                | FaultKind::Hold { .. }
                | FaultKind::Stale { .. }
                | FaultKind::EditReply { .. }
                | FaultKind::Delay { .. },
            ) => Ok(connection.in_turn(reply).response()),
        }
    }
}
