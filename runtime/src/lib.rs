//! What generated API clients share: checking of requests, lenient reading of replies, errors that say whether a
//! request may have taken effect, and (feature `client`) sending.
//!
//! Nothing here knows an API by name. Everything about one comes in as static data ([`Api`], [`Operation`],
//! [`Envelope`], [`TextRules`]) or through traits that generated types implement ([`Request`], [`Reply`],
//! [`Object`], [`Text`], [`ErrorCode`]).
//!
//! Two rules hold throughout. A doubt about a reply never becomes a success: it becomes an [`Error`] whose outcome
//! is [`Outcome::Unknown`]. And no text that this crate makes (`Debug`, `Display`, an error's excerpt of a body)
//! shows a credential or a member that the API's description calls sensitive.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "server")]
mod answering;
#[cfg(feature = "server")]
mod arrive;
#[cfg(feature = "axum")]
mod axum;
mod builder;
mod callback;
mod check;
mod compose;
mod envelope;
mod error;
mod evidence;
mod hash;
mod lenient;
mod macros;
mod names;
mod object;
mod operation;
mod outcome;
mod random;
mod raw;
mod reading;
mod redact;
mod repair;
mod reply;
mod request;
mod same;
mod secret;
mod unknown;
#[cfg(feature = "server")]
mod unreadable;
mod violation;

#[cfg(feature = "client")]
mod attempts;
#[cfg(feature = "blocking")]
mod blocking;
#[cfg(feature = "client")]
mod bound;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod clock;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
mod confirm;
#[cfg(feature = "server")]
mod given;
#[cfg(feature = "client")]
mod observe;
#[cfg(feature = "client")]
mod options;
#[cfg(feature = "client")]
mod resolve;
#[cfg(feature = "client")]
mod retry;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "client")]
mod setup;
#[cfg(feature = "server")]
mod single;
#[cfg(feature = "client")]
mod transport;

#[cfg(feature = "server")]
pub use answering::{Refusal, Response, answer, refuse};
#[cfg(feature = "server")]
pub use arrive::{Arrive, Arrives, Arriving, Place, Side, group};
#[cfg(feature = "axum")]
pub use axum::{Receive, Signed, Unverified};
#[cfg(feature = "blocking")]
pub use blocking::{BlockingCore, may_block};
pub use builder::{Blank, IsGiven, IsSet, Missing, Set};
pub use callback::{
    CallbackError, Claim, LONGEST_MESSAGE, Message, claim_from_anything, claim_from_form, claim_from_json,
    claim_from_query, looks_like_json, strict_claim_from_json,
};
pub use check::{Check, TextRules, Validate};
#[cfg(feature = "client")]
pub use client::Core;
#[cfg(feature = "client")]
pub use clock::{Clock, Sleep, SystemClock};
pub use compose::{message_form, message_json};
#[cfg(feature = "client")]
pub use config::ConfigError;
#[cfg(feature = "client")]
pub use confirm::{Confirm, ConfirmError, Confirmed, Judgement};
pub use envelope::{Decoded, Envelope, Payload, Undecodable, decode};
pub use error::Error;
pub use evidence::{
    Comparison, Mismatch, all_same, bind, bind_environment, bind_time, entry_word, is_unclear_amount, is_unclear_text,
    same, same_as_any,
};
pub use hash::{hex_equal, sha256_hex};
pub use lenient::{Lenient, Number, Scalar, TakeNumber, TakeScalar, TakeText, Text};
pub use object::{Members, Object, Slot, TakeList, TakeObject, fill, fill_always, fill_list, serialize_members};
#[cfg(feature = "client")]
pub use observe::{Event, Observer};
pub use operation::{
    Api, Credential, Header, HeaderValue, Method, Operation, Part, Recovery, Segment, Stage, StatusRule, Timeouts,
};
#[cfg(feature = "client")]
pub use options::CallOptions;
pub use outcome::{Advice, ErrorCode, Outcome};
pub use random::uuid_text;
pub use raw::Raw;
pub use reading::{Source, Target};
pub use redact::Redactor;
pub use reply::{Reply, read_reply};
pub use request::{Query, Request, encode_body, encode_path};
#[cfg(feature = "client")]
pub use reqwest;
#[cfg(feature = "client")]
pub use resolve::{
    Answer, Context, Done, NotDone, Reading, Resolution, ResolutionPlan, Resolve, Reversed, Unresolved, Verdict,
};
#[cfg(feature = "client")]
pub use retry::{Random, RetryPolicy};
pub use rules::{CharacterSet, CivilDateTime, Format, IntegerRules, KstDateTime, ParseTimeError, port_warning};
pub use secret::{Redacted, SecretText};
#[cfg(feature = "server")]
pub use serve::{Caller, Incoming, Malformed, Routed, route};
#[cfg(feature = "client")]
pub use setup::CoreBuilder;
pub use unknown::{UnknownNumber, UnknownValue};
pub use violation::{Rule, Violation, Violations};

/// What the macros of this crate need at the place where they are expanded.
#[doc(hidden)]
pub mod expanded {
    pub use serde;
    pub use serde_json;
}

/// What an exhaustive model of the procedures drives. No API: it may change at any time.
#[cfg(feature = "client")]
#[doc(hidden)]
pub mod modeled {
    pub use crate::attempts::{Attempt, Memory};
    pub use crate::bound::Bound;
    pub use crate::resolve::machine;
}
