//! Decodes faults from the control API and from the dashboard's form.

use super::kind::FaultKind;
use super::{Fault, InvalidFault};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Status of a gateway that waited too long for the service.
const GATEWAY_TIMEOUT: u16 = 504;

/// Names of all kinds, for errors and for the dashboard's form.
pub(crate) const KINDS: &str = "reset_before, reset_after, cut_body, stall, html_before, html_after, reply_before, \
    reply_after, edit_reply, late_reply, shift_replies, code, delay_before, hold, stale, delay";

/// Fault with the members of all kinds. Unknown members are rejected, because a misspelled member would have no effect.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultMembers {
    operation: Option<String>,
    from: Option<u32>,
    times: Option<u32>,
    chance: Option<f64>,
    lasts: Option<u64>,
    does: String,
    status: Option<u16>,
    code: Option<String>,
    milliseconds: Option<u64>,
    seconds: Option<u64>,
    body: Option<Value>,
    set: Option<Map<String, Value>>,
    remove: Option<Vec<String>>,
}

impl TryFrom<FaultMembers> for Fault {
    type Error = InvalidFault;

    fn try_from(mut given: FaultMembers) -> Result<Self, InvalidFault> {
        let kind = given.kind()?;
        let FaultMembers { operation, from, times, chance, lasts, .. } = given;
        Ok(Self { operation, from: from.unwrap_or(1), times, chance, lasts, kind })
    }
}

impl FaultMembers {
    fn kind(&mut self) -> Result<FaultKind, InvalidFault> {
        let name = std::mem::take(&mut self.does);
        let needed = |member: &str| InvalidFault::new(member, format!("mandatory for `{name}`"));
        let kind = match name.as_str() {
            "reset_before" => FaultKind::ResetBefore,
            "reset_after" => FaultKind::ResetAfter,
            "cut_body" => FaultKind::CutBody,
            "stall" => FaultKind::Stall,
            "html_before" => FaultKind::HtmlBefore { status: self.status.take().ok_or_else(|| needed("status"))? },
            "html_after" => FaultKind::HtmlAfter { status: self.status.take().ok_or_else(|| needed("status"))? },
            "reply_before" => FaultKind::ReplyBefore {
                status: self.status.take().unwrap_or(200),
                body: self.body().ok_or_else(|| needed("body"))?,
            },
            "reply_after" => FaultKind::ReplyAfter {
                status: self.status.take().unwrap_or(200),
                body: self.body().ok_or_else(|| needed("body"))?,
            },
            "edit_reply" => FaultKind::EditReply {
                set: self.set.take().unwrap_or_default(),
                remove: self.remove.take().unwrap_or_default(),
                status: self.status.take(),
            },
            "late_reply" => {
                let (status, body) = self.first_reply();
                FaultKind::LateReply { status, body, milliseconds: self.milliseconds.take().unwrap_or(0) }
            }
            "shift_replies" => {
                let (status, body) = self.first_reply();
                FaultKind::ShiftReplies { status, body }
            }
            "code" => FaultKind::Code { code: self.code.take().ok_or_else(|| needed("code"))? },
            "delay_before" => {
                FaultKind::DelayBefore { milliseconds: self.milliseconds.take().ok_or_else(|| needed("milliseconds"))? }
            }
            "hold" => FaultKind::Hold { seconds: self.seconds.take() },
            "stale" => FaultKind::Stale { seconds: self.seconds.take() },
            "delay" => {
                FaultKind::Delay { milliseconds: self.milliseconds.take().ok_or_else(|| needed("milliseconds"))? }
            }
            _ => return Err(InvalidFault::new("does", format!("expected one of {KINDS}, found `{name}`"))),
        };
        match self.left_over() {
            Some(member) => Err(InvalidFault::new(member, "not allowed with this `does`")),
            None => Ok(kind),
        }
    }

    /// Takes the member `body`. A JSON string is the body itself. Any other JSON is encoded as text.
    fn body(&mut self) -> Option<String> {
        Some(match self.body.take()? {
            Value::String(text) => text,
            json => json.to_string(),
        })
    }

    /// Takes the members `status` and `body`, which describe the reply that is sent before the true reply. With a body,
    /// the default status is 200. Without a body, the reply is a gateway's page, and the default status is 504.
    fn first_reply(&mut self) -> (u16, Option<String>) {
        let body = self.body();
        (self.status.take().unwrap_or(if body.is_some() { 200 } else { GATEWAY_TIMEOUT }), body)
    }

    /// Returns the name of a member that was sent but not used.
    fn left_over(&self) -> Option<&'static str> {
        let given = [
            ("status", self.status.is_some()),
            ("code", self.code.is_some()),
            ("milliseconds", self.milliseconds.is_some()),
            ("seconds", self.seconds.is_some()),
            ("body", self.body.is_some()),
            ("set", self.set.is_some()),
            ("remove", self.remove.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }
}
