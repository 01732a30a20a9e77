//! Kinds of faults. A new kind needs a variant with its phase and status here, its name and members in
//! `faults::members`, its limits in `Fault::check_kind`, its effect in `exchange`, and a row in `docs/sandbox.md`.

use serde::Serialize;
use serde_json::{Map, Value};

/// Effect of a fault on a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The connection is reset before the service has carried out the request.
    ResetBefore,
    /// The service has carried out the request, but the connection is reset instead of an answer.
    ResetAfter,
    /// Half of the answer's body is sent, then the connection ends. The service has carried out the request.
    CutBody,
    /// A gateway's HTML page with this status is sent. The service has not carried out the request.
    HtmlBefore {
        /// The HTTP status.
        status: u16,
    },
    /// A gateway's HTML page with this status is sent. The service has carried out the request.
    HtmlAfter {
        /// The HTTP status.
        status: u16,
    },
    /// The service rejects the request with this error code. It has not carried out the request.
    Code {
        /// The error code.
        code: String,
    },
    /// The service carries out the request after a delay in real time, even if the client has disconnected.
    DelayBefore {
        /// Number of milliseconds.
        milliseconds: u64,
    },
    /// The reply is sent after a delay in real time. The service has carried out the request.
    Delay {
        /// Number of milliseconds.
        milliseconds: u64,
    },
    /// The service has carried out the request but never answers.
    Stall,
    /// The request is held until a time of the sandbox's clock, or until held requests are released. The service then
    /// carries out the request, even if the client has disconnected.
    Hold {
        /// Number of seconds that the request is held, by the sandbox's clock. If absent, the request is held until it
        /// is released.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
    },
    /// A lagging replica answers a query with an earlier state.
    Stale {
        /// Age of the state, in seconds of the sandbox's clock. If absent, the replica lacks only the latest change of
        /// the payment or store.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
    },
    /// This body is sent instead of the service's reply. The service has not carried out the request.
    ReplyBefore {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// This body is sent instead of the service's reply. The service has carried out the request.
    ReplyAfter {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// The service's reply is sent with some members changed. The service has carried out the request.
    EditReply {
        /// Members and their new values. A name that begins with `/` is a JSON Pointer (RFC 6901).
        #[serde(skip_serializing_if = "Map::is_empty")]
        set: Map<String, Value>,
        /// Members to remove. Names are as in `set`.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        remove: Vec<String>,
        /// HTTP status that replaces the status of the reply.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// Another reply is sent first. The true reply follows on the same connection without a request. The service has
    /// carried out the request.
    LateReply {
        /// HTTP status of the first reply.
        status: u16,
        /// Body of the first reply; a gateway's HTML page if absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// Delay of the true reply, in milliseconds of real time.
        milliseconds: u64,
    },
    /// Another reply is sent first. The true reply answers the next request on the connection. The reply to that
    /// request answers the request after it, and so on until the connection ends. The service carries out all requests.
    ShiftReplies {
        /// HTTP status of the first reply.
        status: u16,
        /// Body of the first reply; a gateway's HTML page if absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
}

/// Phase of an exchange in which a fault takes effect. A call can be hit by one fault of each phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before the request reaches the service.
    Request,
    /// The fault answers instead of the service.
    Instead,
    /// In the state that the service shows.
    View,
    /// In the status or the body of the reply.
    Reply,
    /// While the reply is in transit.
    Wait,
    /// At the delivery of the reply.
    Delivery,
}

impl FaultKind {
    /// Returns the phase in which the fault takes effect.
    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::DelayBefore { .. } | Self::Hold { .. } => Phase::Request,
            Self::ResetBefore | Self::HtmlBefore { .. } | Self::Code { .. } | Self::ReplyBefore { .. } => {
                Phase::Instead
            }
            Self::Stale { .. } => Phase::View,
            Self::EditReply { .. } => Phase::Reply,
            Self::Delay { .. } => Phase::Wait,
            Self::ResetAfter
            | Self::CutBody
            | Self::HtmlAfter { .. }
            | Self::ReplyAfter { .. }
            | Self::Stall
            | Self::LateReply { .. }
            | Self::ShiftReplies { .. } => Phase::Delivery,
        }
    }

    /// Returns the HTTP status of the fault, if it has one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::HtmlBefore { status }
            | Self::HtmlAfter { status }
            | Self::ReplyBefore { status, .. }
            | Self::ReplyAfter { status, .. }
            | Self::LateReply { status, .. }
            | Self::ShiftReplies { status, .. } => Some(*status),
            Self::EditReply { status, .. } => *status,
            Self::ResetBefore
            | Self::ResetAfter
            | Self::CutBody
            | Self::Code { .. }
            | Self::DelayBefore { .. }
            | Self::Delay { .. }
            | Self::Stall
            | Self::Hold { .. }
            | Self::Stale { .. } => None,
        }
    }
}

/// Sets and removes members of a reply. Returns `None` if the body is not JSON.
pub(crate) fn edited(body: &[u8], set: &Map<String, Value>, remove: &[String]) -> Option<Vec<u8>> {
    let mut tree: Value = serde_json::from_slice(body).ok()?;
    for (name, value) in set {
        put(&mut tree, name, value.clone());
    }
    for name in remove {
        take(&mut tree, name);
    }
    serde_json::to_vec(&tree).ok()
}

/// Returns the object or list that contains a member, and the member's name or index in it.
fn parent<'a>(tree: &'a mut Value, name: &str) -> Option<(&'a mut Value, String)> {
    if !name.starts_with('/') {
        return Some((tree, name.to_owned()));
    }
    let (parent, last) = name.rsplit_once('/')?;
    Some((tree.pointer_mut(parent)?, last.replace("~1", "/").replace("~0", "~")))
}

fn put(tree: &mut Value, name: &str, value: Value) {
    match parent(tree, name) {
        Some((Value::Object(members), name)) => {
            members.insert(name, value);
        }
        Some((Value::Array(items), place)) => {
            if let Some(item) = place.parse::<usize>().ok().and_then(|place| items.get_mut(place)) {
                *item = value;
            }
        }
        _ => {}
    }
}

fn take(tree: &mut Value, name: &str) {
    match parent(tree, name) {
        Some((Value::Object(members), name)) => {
            members.remove(&name);
        }
        Some((Value::Array(items), place)) => {
            if let Some(place) = place.parse::<usize>().ok().filter(|place| *place < items.len()) {
                items.remove(place);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_selected_by_name_or_by_pointer() {
        let reply = json!({ "code": 0, "list": [{ "a/b": 1, "c": 2 }, { "c": 3 }] });
        let set = json!({ "code": null, "new": "39000.00", "/list/1/c": 4, "/none/x": 5 });
        let remove = ["/list/0/a~1b".to_owned(), "absent".to_owned()];
        let edited = edited(reply.to_string().as_bytes(), set.as_object().unwrap(), &remove).unwrap();
        let expected = json!({ "code": null, "new": "39000.00", "list": [{ "c": 2 }, { "c": 4 }] });
        assert_eq!(serde_json::from_slice::<Value>(&edited).unwrap(), expected);
        assert_eq!(super::edited(b"<html>", &Map::new(), &[]), None);
    }
}
