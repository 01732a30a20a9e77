//! One call of a service, and what faults do to it: before the service, to what the service sees, and to its reply.

use crate::faults::{Does, Phase, edited, gateway_page};
use crate::held::due;
use crate::http::{Broken, JSON, STALLED, Sent, Service, incoming};
use crate::journal::Written;
use crate::lag::Lag;
use crate::line::{Line, Reply};
use crate::world::World;
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use std::sync::Arc;
use std::time::Duration;
use toss_sdk::runtime::{self as rt, route};

/// A call that faults hit.
struct Call {
    service: Service,
    head: Parts,
    body: Bytes,
    operation: &'static str,
    nth: u32,
    faults: Vec<Does>,
    is_shifted: bool,
}

/// Answers a call.
pub(crate) async fn answer(
    world: &Arc<World>,
    service: Service,
    head: Parts,
    body: Bytes,
    line: &Arc<Line>,
) -> Result<Response<Sent>, Broken> {
    let struck = strike(world, service, &head, &body);
    let is_shifted = line.is_shifted();
    let Some((operation, nth, faults)) = struck else {
        let (response, ignored) = service.serve(world, None, &head, &body).await;
        world.journal().add(
            world.clock.now(),
            Written {
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
        return Ok(line.in_turn(reply(response)).response());
    };
    let call = Arc::new(Call { service, head, body, operation, nth, faults, is_shifted });
    // On the heap, so that calls that no fault hits do not carry the room for it.
    Box::pin(async move {
        let reply = call.reply(world, line).await?;
        call.deliver(world, line, reply).await
    })
    .await
}

/// Where faults are switched on: the operation of a call, its index, which it gets in the order in which calls come, and
/// the faults that hit it.
fn strike(world: &World, service: Service, head: &Parts, body: &[u8]) -> Option<(&'static str, u32, Vec<Does>)> {
    drop(world.active_faults()?);
    let operation = route(service.api(), &incoming(world, head, body)).ok()?.operation.id;
    let mut faults = world.active_faults()?;
    let nth = world.journal().number(operation);
    Some((operation, nth, faults.strike(world.clock.now(), operation)))
}

fn reply(response: rt::Response) -> Reply {
    Reply { status: response.status, label: JSON, body: response.body.into() }
}

/// A body that a fault names, or a gateway's page.
fn stated(status: u16, body: Option<&str>) -> Reply {
    match body {
        Some(body) => Reply { status, label: JSON, body: Bytes::copy_from_slice(body.as_bytes()) },
        None => Reply { status, label: "text/html", body: gateway_page(status).into() },
    }
}

impl Call {
    fn fault(&self, phase: Phase) -> Option<&Does> {
        self.faults.iter().find(|does| does.phase() == phase)
    }

    fn write(&self, world: &World, status: u16, response: &[u8], (ignored, faults): (Vec<String>, Vec<Does>)) {
        let Self { operation, nth, body, is_shifted, .. } = self;
        let (operation, nth, is_shifted) = (Some(*operation), Some(*nth), *is_shifted);
        let written = Written { operation, nth, request: body, ignored, status, response, faults, is_shifted };
        world.journal().add(world.clock.now(), written);
    }

    /// The service's own reply.
    async fn carry_out(&self, world: &World, faults: Vec<Does>) -> Reply {
        let lag = match self.fault(Phase::View) {
            Some(Does::Stale { seconds }) => Some(Lag::of(*seconds)),
            _ => None,
        };
        let (response, ignored) = self.service.serve(world, lag, &self.head, &self.body).await;
        self.write(world, response.status, &response.body, (ignored, faults));
        reply(response)
    }

    /// The reply, of the service or instead of it.
    async fn reply(self: &Arc<Self>, world: &Arc<World>, line: &Line) -> Result<Reply, Broken> {
        let is_held = self.fault(Phase::Request).is_some();
        let Some(instead) = self.fault(Phase::Instead) else {
            return if is_held {
                self.carry_out_later(world, self.faults.clone()).await.ok().flatten().ok_or(Broken)
            } else {
                Ok(self.carry_out(world, self.faults.clone()).await)
            };
        };
        // The client is answered at once, and the request is still under way.
        if is_held {
            drop(self.carry_out_later(world, Vec::new()));
        }
        let reply = match instead {
            Does::HtmlBefore { status } => stated(*status, None),
            Does::ReplyBefore { status, body } => stated(*status, Some(body)),
            Does::Code { code } => {
                let message = "고의로 낸 오류입니다.".into();
                reply(rt::refuse(self.service.api(), rt::Refusal { status: 200, code: code.clone(), message }))
            }
            _ => {
                self.write(world, 0, &[], (Vec::new(), self.faults.clone()));
                line.reset();
                return Err(Broken);
            }
        };
        self.write(world, reply.status, &reply.body, (Vec::new(), self.faults.clone()));
        Ok(reply)
    }

    /// Carries the request out once it is no longer held, in a task of its own, which goes on when the client hangs up.
    fn carry_out_later(
        self: &Arc<Self>,
        world: &Arc<World>,
        faults: Vec<Does>,
    ) -> tokio::task::JoinHandle<Option<Reply>> {
        let (call, world, resets) = (self.clone(), world.clone(), world.resets());
        // Counted at once, so that a test that has sent the request can release it.
        let holding = match self.fault(Phase::Request) {
            Some(Does::Hold { seconds }) => Some((world.held.hold(), due(world.clock.now(), *seconds))),
            _ => None,
        };
        tokio::spawn(async move {
            if let Some(Does::DelayBefore { milliseconds }) = call.fault(Phase::Request) {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            }
            if let Some((holding, due)) = &holding {
                holding.is_over(&world.clock, *due).await;
            }
            // After a reset nothing of before is done.
            if world.resets() != resets {
                return None;
            }
            Some(call.carry_out(&world, faults).await)
        })
    }

    /// What happens to the reply on its way.
    async fn deliver(&self, world: &World, line: &Arc<Line>, mut reply: Reply) -> Result<Response<Sent>, Broken> {
        if let Some(Does::EditReply { set, remove, status }) = self.fault(Phase::Reply) {
            reply.status = status.unwrap_or(reply.status);
            if let Some(body) = edited(&reply.body, set, remove) {
                reply.body = body.into();
            }
        }
        if let Some(Does::Delay { milliseconds }) = self.fault(Phase::Wait) {
            tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
        }
        match self.fault(Phase::Delivery) {
            Some(Does::ResetAfter) => {
                line.reset();
                Err(Broken)
            }
            Some(Does::HtmlAfter { status }) => Ok(line.in_turn(stated(*status, None)).response()),
            Some(Does::ReplyAfter { status, body }) => Ok(line.in_turn(stated(*status, Some(body))).response()),
            Some(Does::Stall) => {
                // Some places stay free for calls that switch the fault off.
                if let Ok(_place) = world.stalls.try_acquire() {
                    tokio::time::sleep(STALLED).await;
                }
                Err(Broken)
            }
            Some(Does::CutBody) => {
                let Reply { status, label, body } = line.in_turn(reply);
                let mut cut = Reply { status, label, body: Bytes::new() }.response();
                *cut.body_mut() = Sent::half(&body);
                Ok(cut)
            }
            Some(Does::LateReply { status, body, milliseconds }) => {
                line.send_later(Duration::from_millis(*milliseconds), &reply);
                Ok(line.in_turn(stated(*status, body.as_deref())).response())
            }
            Some(Does::ShiftReplies { status, body }) => {
                Ok(line.shift(stated(*status, body.as_deref()), reply).response())
            }
            _ => Ok(line.in_turn(reply).response()),
        }
    }
}
