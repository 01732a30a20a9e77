//! States of [`Procedure`](crate::model::procedure::Procedure). A state consists of a caller, a network and a service.

use crate::model::memory::Remembered;
use crate::model::subject::Subject;
use std::fmt::Debug;
use std::hash::Hash;

/// Number of ticks in which the service may still accept a request, not counting the tick in which it was sent (60 s).
pub const ACCEPTED_WITHIN: u8 = 4;
/// Number of ticks after the acceptance of a request until every query shows its effect (15 s).
pub const SHOWN_WITHIN: u8 = 1;

/// Bounds of the model, such as the largest number of attempts.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Attempts, in calls and in resolutions together.
    pub attempts: u8,
    pub calls: u8,
    pub resolutions: u8,
    pub restarts: u8,
    /// Whether the caller may store the times of attempts.
    pub stores: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State<S> {
    pub service: S,
    /// State that a replica shows, which is the state of the service at the beginning of the tick.
    pub replica: S,
    /// Copies of requests in transit.
    pub messages: [Message; MESSAGES],
    pub at: At,
    pub machine: u16,
    pub memory: Remembered,
    /// Number of eras so far. An era begins when a process makes its first attempt, and ends when a later process does
    /// so. All attempts in one era have the same time of day.
    pub eras: u8,
    pub has_sent: bool,
    /// Earliest time at which the modeled request can have created the payment, as an age. `None` if the resolution
    /// does not know this time, or if the request is not a creation.
    pub not_before: Option<u8>,
    /// Three ages: that of the first attempt, that of the last attempt by a call, and that of the last attempt by a
    /// call or a resolution. The caller passes the first two ages to the client. At a restart, the third age replaces
    /// the second one. `None` if the caller stores no times, or before the first attempt.
    pub stored: Option<(u8, u8, u8)>,
    pub stores: bool,
    pub attempts: u8,
    pub calls: u8,
    pub resolutions: u8,
    pub restarts: u8,
    /// Number of times that resolutions of this process have repeated the request.
    pub repetitions: u8,
    /// Set after a restart, because the earlier process may have made an attempt.
    pub is_later_process: bool,
    /// Number of checkout pages that the purchaser received.
    pub pages: u8,
    pub told: Told,
    /// Set while the model checks a verdict of a resolution whose query returned no usable answer. Such a verdict only
    /// repeats that of an earlier resolution.
    pub is_remembered: bool,
    pub wrong: Option<&'static str>,
}

pub const MESSAGES: usize = 3;

/// Age of the time before the first era, in ticks. Each era is one tick younger than the era before it (see
/// [`State::era`]).
pub const ERAS: u8 = 9;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message {
    /// Ticks in which the request can still be accepted, including the current tick.
    pub left: u8,
    /// Number of times that the request may still arrive.
    pub copies: u8,
    pub is_awaited: bool,
    pub is_accepted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    Idle,
    Calling,
    Repeat,
    Repeating,
    Ask,
    Wait,
}

/// Last result that the caller received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    Nothing,
    Rejected,
    Done,
    Reversed,
    NotDone,
    Unknown,
}

impl<S: Copy> State<S> {
    pub fn conclude(&mut self, told: Told) {
        self.told = told;
        self.at = At::Idle;
        self.machine = 0;
        self.not_before = None;
    }

    /// Sends the request. Returns `false` without a change if no attempt is left, or if [`MESSAGES`] requests are
    /// already in transit.
    pub fn send(&mut self, is_call: bool, copies: u8) -> bool {
        let Some(slot) = self.messages.iter_mut().find(|message| message.left == 0) else { return false };
        if self.attempts == 0 {
            return false;
        }
        self.attempts -= 1;
        *slot = Message { left: ACCEPTED_WITHIN + 1, copies, is_awaited: true, is_accepted: false };
        self.at = if is_call { At::Calling } else { At::Repeating };
        if !self.has_sent {
            self.has_sent = true;
            self.eras += 1;
        }
        if self.stores {
            // The caller cannot store the time of an attempt by a resolution. Only the client records it, until the
            // process ends.
            let (first, last, _) = self.stored.unwrap_or((self.era(), 0, 0));
            self.stored = Some((first, if is_call { 0 } else { last }, 0));
        }
        true
    }

    /// Returns the age of the current era.
    pub fn era(&self) -> u8 {
        ERAS - self.eras
    }

    pub fn awaited_no_more(&mut self) {
        for message in &mut self.messages {
            message.is_awaited = false;
        }
    }

    pub fn own_effect(&self, subject: &impl Subject<Service = S>) -> bool {
        subject.applied(&self.service) > 0
    }

    pub fn is_acceptable(&self, subject: &impl Subject<Service = S>) -> bool {
        !subject.is_refused_for_good(&self.service) && self.messages.iter().any(Message::can_arrive)
    }
}

impl Message {
    pub fn can_arrive(&self) -> bool {
        self.left > 0 && self.copies > 0
    }
}
