//! What a reply means for the caller: success, or an error with an outcome. Where the envelope stands and what
//! statuses mean is data.
//!
//! The rule behind all cases: a rejection needs the documented body of one. Whatever else is no success, is unknown; a
//! status line alone may come from a gateway that has seen the request being carried out.

use crate::decode::envelope::{Decoded, decode_into};
use crate::decode::object::{Object, TakeObject};
use crate::error::{Error, Kind, Progress, Said, is_known};
use crate::operation::{Api, Operation, StatusRule};
use crate::outcome::{ErrorCode, Outcome};
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::request::Request;
use std::time::Duration;

/// The reply of an operation. Generated.
pub trait Reply: Object + Default + Send {
    /// Keeps the reply as it came.
    fn set_raw(&mut self, raw: Raw);

    /// Returns the reply as it came.
    fn as_raw(&self) -> &Raw;
}

/// Reads the reply to a request that was sent by other means.
///
/// # Errors
///
/// Returns an error if it is not a success.
pub fn read_reply<R: Request, C: ErrorCode>(
    api: &'static Api,
    http_status: u16,
    body: &[u8],
) -> Result<R::Reply, Error<C>> {
    let mut reply = None;
    let raw = read_into(api, R::OPERATION, http_status, body, &mut reply)?;
    Ok(with_raw(reply, raw))
}

/// The part that is the same for every reply.
fn read_into<C: ErrorCode>(
    api: &'static Api,
    operation: &Operation,
    http_status: u16,
    body: &[u8],
    reply: &mut dyn TakeObject,
) -> Result<Raw, Error<C>> {
    let progress = Progress { operation: operation.id, attempts: 0, elapsed: Duration::ZERO };
    let raw = Raw::new(http_status, Vec::new(), body.to_vec());
    interpret(api, operation, progress, raw, &|| Redactor::of(api, Vec::new()), reply)
}

/// A reply with what it was read from.
pub(crate) fn with_raw<T: Reply>(reply: Option<T>, raw: Raw) -> T {
    let mut reply = reply.unwrap_or_default();
    reply.set_raw(raw);
    reply
}

/// Reads a reply into `reply`.
pub(crate) fn interpret<C: ErrorCode>(
    api: &Api,
    operation: &Operation,
    progress: Progress,
    raw: Raw,
    redactor: &dyn Fn() -> Redactor,
    reply: &mut dyn TakeObject,
) -> Result<Raw, Error<C>> {
    let status = raw.status();
    let (outcome, kind, said) = match decode_into(raw.body(), status, operation.envelope(api), reply) {
        // A success with a documented error code contradicts itself.
        Ok(Decoded::Success(code)) => {
            let is_contradicted = code.as_deref().is_some_and(is_known::<C>);
            if is_success(status) && !is_contradicted {
                return Ok(raw);
            }
            let kind = if is_contradicted { Kind::Undocumented } else { Kind::Contradiction };
            (Outcome::Unknown, kind, Said { code: code.filter(|_| is_contradicted), message: None })
        }
        Ok(Decoded::Failure { documented, code, message }) => {
            let (outcome, kind) = judge(api, status, documented);
            let is_known = code.as_deref().is_some_and(is_known::<C>);
            // Where money moves, a code that is not documented proves nothing. A status that asks for patience may come
            // from a gateway, after the change.
            let asks_for_patience = matches!(status, 408 | 425 | 429);
            let doubtful =
                (operation.moves_money && !is_known) || (operation.resolve_with.is_some() && asks_for_patience);
            let open = doubtful || operation.partial;
            (if open { Outcome::Unknown } else { outcome }, kind, Said { code, message })
        }
        Err(why) => {
            let (outcome, kind) = match judge(api, status, false) {
                (_, Kind::Undocumented) => (Outcome::Unknown, Kind::Undecodable(why)),
                by_status => by_status,
            };
            (outcome, kind, Said::default())
        }
    };
    Err(Error::with_reply(progress, outcome, kind, said, raw, &redactor()))
}

/// Whether an HTTP status goes with a success. 206 comes with a part of a reply, which no request asks for.
fn is_success(status: u16) -> bool {
    (200..300).contains(&status) && status != 206
}

/// What is known about a request whose reply is no success; `documented` says that the envelope has the documented
/// value for failure.
fn judge(api: &Api, status: u16, documented: bool) -> (Outcome, Kind) {
    let rule = api.statuses.iter().find(|rule: &&StatusRule| (rule.from..=rule.to).contains(&status));
    let means = rule.map_or("", |rule| rule.means);
    match status {
        200..300 if documented => (Outcome::Rejected, Kind::Refused),
        200..300 => (Outcome::Unknown, Kind::Undocumented),
        300..400 => (Outcome::Unknown, Kind::Redirect),
        400..500 if documented && rule.is_none_or(|rule| rule.outcome != Outcome::Unknown) => match rule {
            Some(_) => (Outcome::Rejected, Kind::Status(means)),
            // The page is silent about this status, but the envelope is clear.
            None => (Outcome::Rejected, Kind::Refused),
        },
        _ => (Outcome::Unknown, Kind::Status(means)),
    }
}
