//! Faults as they come from outside, over the control API and from the dashboard's form.

use super::Fault;
use super::kind::Does;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The status of a gateway that waited too long for the service.
const GATEWAY_TIMEOUT: u16 = 504;

/// The names of all kinds, for errors and for the dashboard's form.
pub(crate) const KINDS: &str = "reset_before, reset_after, cut_body, stall, html_before, html_after, reply_before, \
    reply_after, edit_reply, late_reply, shift_replies, code, delay_before, hold, stale, delay";

/// A fault with all members that any kind has. Unknown members are refused, because a misspelled one would otherwise
/// mean something else, or nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
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

impl TryFrom<Given> for Fault {
    type Error = String;

    fn try_from(mut given: Given) -> Result<Self, String> {
        let does = given.does()?;
        let Given { operation, from, times, chance, lasts, .. } = given;
        Ok(Self { operation, from: from.unwrap_or(1), times, chance, lasts, does })
    }
}

impl Given {
    fn does(&mut self) -> Result<Does, String> {
        let kind = std::mem::take(&mut self.does);
        let needed = |name: &str| format!("{name}: `{kind}` needs it");
        let does = match kind.as_str() {
            "reset_before" => Does::ResetBefore,
            "reset_after" => Does::ResetAfter,
            "cut_body" => Does::CutBody,
            "stall" => Does::Stall,
            "html_before" => Does::HtmlBefore { status: self.status.take().ok_or_else(|| needed("status"))? },
            "html_after" => Does::HtmlAfter { status: self.status.take().ok_or_else(|| needed("status"))? },
            "reply_before" => Does::ReplyBefore {
                status: self.status.take().unwrap_or(200),
                body: self.body().ok_or_else(|| needed("body"))?,
            },
            "reply_after" => Does::ReplyAfter {
                status: self.status.take().unwrap_or(200),
                body: self.body().ok_or_else(|| needed("body"))?,
            },
            "edit_reply" => Does::EditReply {
                set: self.set.take().unwrap_or_default(),
                remove: self.remove.take().unwrap_or_default(),
                status: self.status.take(),
            },
            "late_reply" => {
                let (status, body) = self.first_reply();
                Does::LateReply { status, body, milliseconds: self.milliseconds.take().unwrap_or(0) }
            }
            "shift_replies" => {
                let (status, body) = self.first_reply();
                Does::ShiftReplies { status, body }
            }
            "code" => Does::Code { code: self.code.take().ok_or_else(|| needed("code"))? },
            "delay_before" => {
                Does::DelayBefore { milliseconds: self.milliseconds.take().ok_or_else(|| needed("milliseconds"))? }
            }
            "hold" => Does::Hold { seconds: self.seconds.take() },
            "stale" => Does::Stale { seconds: self.seconds.take() },
            "delay" => Does::Delay { milliseconds: self.milliseconds.take().ok_or_else(|| needed("milliseconds"))? },
            _ => return Err(format!("does: one of {KINDS}, not `{kind}`")),
        };
        match self.left_over() {
            Some(name) => Err(format!("{name}: means nothing to this `does`")),
            None => Ok(does),
        }
    }

    /// A body is a text, or JSON.
    fn body(&mut self) -> Option<String> {
        Some(match self.body.take()? {
            Value::String(text) => text,
            json => json.to_string(),
        })
    }

    /// What is sent before the true reply. A body without a status comes with 200, HTML as from a gateway that has
    /// given up.
    fn first_reply(&mut self) -> (u16, Option<String>) {
        let body = self.body();
        (self.status.take().unwrap_or(if body.is_some() { 200 } else { GATEWAY_TIMEOUT }), body)
    }

    /// A member that was given and not used.
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
