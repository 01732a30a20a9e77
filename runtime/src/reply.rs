//! Interprets a reply. The envelope, the HTTP status and the error codes decide whether the reply is a success, is a
//! rejection, or leaves the outcome unknown. Static data describes the envelope and the statuses. `evidence` decides
//! whether a success belongs to the request.
//!
//! A failure is a rejection only if it has the documented body. Every other failure leaves the outcome unknown, because
//! a gateway may send an error status of its own after the service has accepted the request.

use crate::decode::envelope::{Decoded, Undecodable, decode_into};
use crate::decode::target::{Object, TakeObject};
use crate::error::{Error, Kind, Progress, Said, is_known, is_listed, least_certain_first};
use crate::operation::{Api, Operation, StatusRule};
use crate::outcome::{ErrorCode, Outcome};
use crate::raw::Raw;
use crate::redact::Redactor;
use crate::request::Request;
use std::time::Duration;

/// Reply of an operation. Implementations are generated.
pub trait Reply: Object + Default + Send {
    /// Stores the reply as received.
    fn set_raw(&mut self, raw: Raw);

    /// Returns the reply as received.
    fn as_raw(&self) -> &Raw;
}

/// Reads the reply to a request that was sent by other means.
///
/// # Errors
///
/// Returns an error if the reply is not a success.
pub fn read_reply<R: Request, C: ErrorCode>(
    api: &'static Api,
    http_status: u16,
    body: &[u8],
) -> Result<R::Reply, Error<C>> {
    let mut reply = None;
    let raw = read_into(api, R::OPERATION, http_status, body, &mut reply)?;
    Ok(with_raw(reply, raw))
}

/// Reads a reply without headers into `reply`. The function does not depend on the reply's type, so that it is compiled
/// only once.
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

/// Stores the raw reply in the reply that was read from it.
pub(crate) fn with_raw<T: Reply>(reply: Option<T>, raw: Raw) -> T {
    let mut reply = reply.unwrap_or_default();
    reply.set_raw(raw);
    reply
}

/// Reads a reply into `reply`. Returns the raw reply if it is a success.
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
        // A success with an error code that the spec lists contradicts itself.
        Ok(Decoded::Success(codes)) => {
            let codes = codes.into_iter().filter(|code| is_listed::<C>(code)).collect();
            let codes = least_certain_first::<C>(operation.id, codes);
            let is_contradicted = !codes.is_empty();
            let open = rule(api, status).filter(|rule| rule.outcome == Outcome::Unknown);
            if is_success(status) && !is_contradicted && open.is_none() {
                return Ok(raw);
            }
            let kind = match open {
                _ if is_contradicted => Kind::Undocumented,
                Some(rule) if is_success(status) => Kind::Status(rule.means),
                _ => Kind::Contradiction,
            };
            (Outcome::Unknown, kind, Said { codes, message: None })
        }
        Ok(Decoded::Failure { documented, mut codes, further, message }) => {
            let (outcome, kind) = judge(api, status, documented);
            let further = further.into_iter().filter(|code| is_listed::<C>(code) && !codes.contains(code));
            codes.extend(further.collect::<Vec<_>>());
            let needs_known = operation.moves_money || codes.len() > 1;
            let codes = least_certain_first::<C>(operation.id, codes);
            let is_known = codes.first().is_some_and(|code| is_known::<C>(operation.id, code));
            // If the operation moves money, or if there are several codes, an undocumented code proves nothing. An HTTP
            // status that asks to wait may come from a gateway after the request took effect.
            let unproven = (needs_known && !is_known) || (operation.resolve_with.is_some() && asks_to_wait(status));
            let open = unproven || operation.partial;
            (if open { Outcome::Unknown } else { outcome }, kind, Said { codes, message })
        }
        Err(why) => {
            let why = compression(&raw).map_or(why, Undecodable::Compressed);
            let (outcome, kind) = match judge(api, status, false) {
                (_, Kind::Undocumented) => (Outcome::Unknown, Kind::Undecodable(why)),
                by_status => by_status,
            };
            (outcome, kind, Said::default())
        }
    };
    Err(Error::with_reply(progress, outcome, kind, said, raw, &redactor()))
}

/// Returns the compression of a reply. A gateway may compress replies although no request asks for it.
fn compression(raw: &Raw) -> Option<&'static str> {
    let encoding = raw.header("content-encoding")?;
    ["gzip", "br", "deflate", "zstd", "compress"].into_iter().find(|known| encoding.trim().eq_ignore_ascii_case(known))
}

/// Returns `true` for the HTTP statuses of a success. 206 is excluded, because no request asks for part of a reply.
fn is_success(status: u16) -> bool {
    (200..300).contains(&status) && status != 206
}

/// Returns `true` for the HTTP statuses that ask the caller to wait. A gateway may send these statuses too.
pub(crate) fn asks_to_wait(status: u16) -> bool {
    matches!(status, 408 | 425 | 429)
}

/// Returns the meaning of an HTTP status: the first rule that matches.
fn rule(api: &Api, status: u16) -> Option<&StatusRule> {
    api.statuses.iter().find(|rule| (rule.from..=rule.to).contains(&status))
}

/// Returns the outcome of a request whose reply is not a success. `documented` is `true` if the body shows a documented
/// failure.
fn judge(api: &Api, status: u16, documented: bool) -> (Outcome, Kind) {
    let rule = rule(api, status);
    let means = rule.map_or("", |rule| rule.means);
    let is_open = rule.is_some_and(|rule| rule.outcome == Outcome::Unknown);
    match status {
        200..300 if is_open => (Outcome::Unknown, Kind::Status(means)),
        200..300 if documented => (Outcome::Rejected, Kind::Refused),
        200..300 => (Outcome::Unknown, Kind::Undocumented),
        300..400 => (Outcome::Unknown, Kind::Redirect),
        400..500 if documented && !is_open => match rule {
            Some(_) => (Outcome::Rejected, Kind::Status(means)),
            // The spec has no rule for this status, but the body shows a documented failure.
            None => (Outcome::Rejected, Kind::Refused),
        },
        _ => (Outcome::Unknown, Kind::Status(means)),
    }
}
