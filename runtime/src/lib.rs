//! Runtime of generated API clients. It validates requests, decodes replies leniently, and reports errors with an
//! [`Outcome`]. With the feature `client`, it also sends requests.
//!
//! This crate does not mention any API by name. Generated code describes an API by static data ([`Api`],
//! [`Operation`]), and by types that implement the traits of this crate ([`Request`], [`Text`], [`ErrorCode`]). Items
//! that only generated code uses are hidden.
//!
//! Two rules apply throughout. Every reply that is neither a documented success nor a documented rejection becomes an
//! [`Error`] with [`Outcome::Unknown`]. No text of this crate (`Debug`, `Display`, the excerpt in an error) shows a
//! credential, or a member that the API's description marks as sensitive.

#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(unreachable_pub)]

mod callback;
mod check;
#[cfg(feature = "client")]
mod client;
mod compute;
mod decode;
#[cfg(feature = "outbox")]
mod durable;
mod encode;
mod error;
mod evidence;
#[cfg(feature = "client")]
mod form;
mod json;
mod json_members;
mod macros;
mod open_enum;
mod operation;
mod outcome;
mod parameters;
mod random;
mod raw;
mod redact;
mod reply;
mod request;
mod secret;
#[cfg(feature = "server")]
mod server;
mod typestate;
mod violation;

#[cfg(feature = "client")]
pub use callback::confirm::{ConfirmError, Confirmed};
#[cfg(feature = "axum")]
pub use callback::extract::{Receive, Signed, Unverified};
pub use callback::{CallbackAnswer, CallbackError, Claim, LONGEST_MESSAGE};
pub use check::Validate;
#[cfg(feature = "blocking")]
pub use client::blocking::BlockingPages;
#[cfg(feature = "blocking")]
pub use client::blocking::may_block;
#[cfg(feature = "client")]
pub use client::clock::{Clock, Sleep, SystemClock};
#[cfg(feature = "client")]
pub use client::config::ConfigError;
#[cfg(feature = "client")]
pub use client::gate::{Gate, Withheld};
#[cfg(feature = "client")]
pub use client::observe::{Event, Observer};
#[cfg(feature = "client")]
pub use client::options::CallOptions;
#[cfg(feature = "client")]
pub use client::pages::{MOST_PAGES, Pages};
#[cfg(feature = "client")]
pub use client::resolve::{Done, NotDone, Resolution, Reversed, Unresolved};
#[cfg(feature = "client")]
pub use client::retry::{Random, RetryPolicy};
pub use decode::lenient::Text;
pub use decode::union::UnknownCase;
#[cfg(feature = "outbox")]
pub use durable::{Durable, Ending, Expected, NothingFound, StoredError, read_stored, store};
pub use error::Error;
pub use open_enum::{UnknownNumber, UnknownValue};
pub use operation::{Api, Operation};
pub use outcome::{Advice, ErrorCode, Outcome};
pub use random::uuid_text;
pub use raw::Raw;
pub use request::Request;
#[cfg(feature = "client")]
pub use reqwest;
pub use rules::{CalendarDate, Currency, Decimal, Money, OffsetDateTime, ParseDecimalError, ParseMomentError};
pub use secret::SecretText;
#[cfg(feature = "server")]
pub use server::response::{Refusal, Response, answer, refuse};
#[cfg(feature = "server")]
pub use server::router::{Caller, Incoming, Malformed, Routed, route};
pub use violation::{Rule, Violation, Violations};

/// Items that only generated code uses. They change with the generator, without notice.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "client")]
    pub use crate::callback::confirm::{Confirm, Judgment, any_entry};
    pub use crate::callback::proof::{Proof, ProofBody, ProofPlace, SignedMessage, SignedTime};
    pub use crate::callback::{
        Message, claim_from_anything, claim_from_form, claim_from_json, claim_from_query, looks_like_json,
        strict_claim, strict_claim_from_json,
    };
    pub use crate::check::{Check, DecimalRules, TextRules};
    #[cfg(feature = "client")]
    pub use crate::client::Core;
    #[cfg(feature = "blocking")]
    pub use crate::client::blocking::BlockingCore;
    #[cfg(feature = "client")]
    pub use crate::client::builder::CoreBuilder;
    #[cfg(feature = "client")]
    pub use crate::client::pages::{NextPage, Paged};
    #[cfg(feature = "client")]
    pub use crate::client::resolve::{Answer, Reading, ResolutionPlan, Resolve, Verdict};
    pub use crate::compute::{Computed, Expiry, Hash, KeyForm, Make, Piece, RandomForm, TokenRule, Written};
    pub use crate::decode::envelope::{
        Decoded, Envelope, ErrorShape, FailureRule, Payload, SuccessRule, Undecodable, decode,
    };
    pub use crate::decode::lenient::{Lenient, Notation, Number, notation_target};
    pub use crate::decode::object::{
        Joined, Members, Quoted, Slot, fill, fill_always, fill_joined, fill_list, serialize_members,
    };
    pub use crate::decode::scalar::Scalar;
    pub use crate::decode::target::{
        Object, Source, TakeList, TakeMap, TakeNotation, TakeNumber, TakeObject, TakeRaw, TakeScalar, TakeText, Target,
        Unkept,
    };
    pub use crate::decode::union::{Union, read_union, serialize_tagged, union_target};
    #[cfg(feature = "outbox")]
    pub use crate::durable::{resolve_by_plan, resolve_without_plan};
    pub use crate::encode::{message_form, message_json};
    pub use crate::evidence::{
        Comparison, Context, Mismatch, Window, agreed, all_same, bind, bind_claimed, bind_entries, bind_environment,
        bind_sum, contradicts, each, entry_state, magnitude, regrouped, reversed_state, same, same_as_any, tree, whole,
    };
    pub use crate::json::Json;
    pub use crate::operation::{
        BodyFormat, Credential, Header, HeaderValue, Method, Recovery, RequestPart, Segment, Stage, StatusRule,
        Timeouts, Varies,
    };
    pub use crate::parameters::{Headers, Query};
    pub use crate::redact::Redactor;
    pub use crate::reply::{Reply, read_reply};
    pub use crate::request::{encode_body, encode_path};
    pub use crate::secret::Redacted;
    #[cfg(feature = "server")]
    pub use crate::server::from_request::{FromMember, FromRequest, Place, RequestMembers, case, group};
    pub use crate::typestate::{IsGiven, IsSet, Missing, Set, Unset};
    pub use crate::*;
    pub use rules::{CharacterSet, Format, IntegerRules, TextEncoding, TimeFormat, port_warning};
    pub use {serde, serde_json};
}

/// Items that the model tests use. They are not public API and may change at any time.
#[cfg(feature = "client")]
#[doc(hidden)]
pub mod modeled {
    pub use crate::client::attempts::{Attempt, Memory};
    pub use crate::client::rate_limit::RateLimit;
    pub use crate::client::resolve::machine;
}
