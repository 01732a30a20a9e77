//! Callbacks as data: their content and their delivery attempts.

use crate::clock::FURTHEST;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// Attempt to deliver a callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Time, in the time zone of Korea.
    pub at: String,
    /// HTTP status of the answer, or the reason why the callback was not sent or not answered.
    pub result: String,
}

/// Kind of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallbackKind {
    /// A completed payment, as a form.
    ResultV1,
    /// A completed payment, in JSON.
    ResultV2,
    /// A store's completed application.
    Registration,
    /// The end of all card companies' reviews.
    CardAudit,
}

impl CallbackKind {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::ResultV1 => "application/x-www-form-urlencoded;charset=UTF-8",
            Self::ResultV2 | Self::Registration | Self::CardAudit => "application/json;charset=UTF-8",
        }
    }

    /// Returns `true` if the callback is repeated while the merchant has not acknowledged it. Only the page of the
    /// result callback documents a repetition.
    fn is_repeated(self) -> bool {
        matches!(self, Self::ResultV1 | Self::ResultV2)
    }

    /// Returns the kind's name in the control API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResultV1 => "result_v1",
            Self::ResultV2 => "result_v2",
            Self::Registration => "registration",
            Self::CardAudit => "card_audit",
        }
    }
}

/// A callback, with its attempts.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Number of the callback, starting at 1.
    pub number: usize,
    /// Kind of the callback.
    #[serde(rename = "telling")]
    pub kind: CallbackKind,
    /// The payment's token, or the store's MID.
    pub about: String,
    /// URL to which the callback is sent.
    pub url: String,
    /// Body of the request.
    pub body: String,
    /// Attempts so far.
    pub attempts: Vec<Attempt>,
    /// Set once the merchant has answered 200.
    pub taken: bool,
    /// Value of the `Auth-Hash` header, if the callback has one.
    #[serde(skip)]
    pub(crate) hash: Option<String>,
    /// Time of the first attempt.
    #[serde(skip)]
    pub(crate) since: SystemTime,
    /// Number of scheduled attempts so far.
    #[serde(skip)]
    pub(crate) scheduled: usize,
}

/// Identifies a callback across resets of the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeliveryId {
    /// Index in the list.
    pub index: usize,
    /// Number of resets of the list before the callback was added.
    pub resets: u64,
}

/// A callback to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub kind: CallbackKind,
    pub about: String,
    pub url: String,
    pub body: String,
    pub hash: Option<String>,
    /// Time of the first attempt. `None` means now.
    pub since: Option<SystemTime>,
}

/// A callback in the data file.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredDelivery {
    #[serde(rename = "telling")]
    kind: CallbackKind,
    about: String,
    url: String,
    body: String,
    attempts: Vec<Attempt>,
    taken: bool,
    hash: Option<String>,
    since: SystemTime,
    scheduled: usize,
}

impl Delivery {
    pub(super) fn new(number: usize, message: Message, now: SystemTime) -> Self {
        let Message { kind, about, url, body, hash, since } = message;
        let since = since.unwrap_or(now);
        Self { number, kind, about, url, body, attempts: Vec::new(), taken: false, hash, since, scheduled: 0 }
    }

    pub(super) fn stored(&self) -> StoredDelivery {
        let Self { kind, about, url, body, attempts, taken, hash, since, scheduled, .. } = self.clone();
        StoredDelivery { kind, about, url, body, attempts, taken, hash, since, scheduled }
    }

    /// Returns the time of the next attempt, or `None` if no attempt follows.
    pub(super) fn due(&self, schedule: &[Duration]) -> Option<SystemTime> {
        if self.taken {
            return None;
        }
        match self.scheduled.checked_sub(1) {
            None => Some(self.since),
            Some(n) => {
                let wait = schedule.get(n).filter(|_| self.kind.is_repeated())?;
                Some(self.since + (*wait).min(FURTHEST))
            }
        }
    }
}

impl StoredDelivery {
    pub(crate) fn delivery(self, number: usize) -> Delivery {
        let Self { kind, about, url, body, attempts, taken, hash, since, scheduled } = self;
        Delivery { number, kind, about, url, body, attempts, taken, hash, since, scheduled }
    }
}
