//! Targets, which accept the values of a reply or message, and the trait of sources, which supply the values.
//!
//! Targets are trait objects, so that the parser is compiled once, however many types a spec has.
//! [`lenient`](crate::decode::lenient) and [`object`](crate::decode::object) implement the traits of the targets for
//! types. [`source`](crate::decode::source) reads JSON and forms into the targets.

use crate::decode::scalar::{Scalar, has_exact_text, is_whole_or_no_number};
use serde::de;
use serde_json::Value;

/// Target that a value is read into. The variant states which kind of value the target accepts.
#[allow(missing_debug_implementations, reason = "it has no content to show")]
pub enum Target<'a> {
    /// A type that is a text on the wire.
    Text(&'a mut dyn TakeText),
    /// A type that is an integer on the wire.
    Number(&'a mut dyn TakeNumber),
    /// Any other scalar.
    Scalar(&'a mut dyn TakeScalar),
    /// An object. If a list arrives instead, the first object in the list is read.
    Object(&'a mut dyn TakeObject),
    /// A list. Entries that cannot be converted are omitted. Null counts as an empty list, and a single object as a
    /// list of one.
    List(&'a mut dyn TakeList),
    /// An object that already exists, such as the payload of a reply. If a list arrives instead, it is read into the
    /// member `[]`, if the object has that member.
    Members(&'a mut dyn Object),
    /// A value with its own notation, such as a time.
    Notation(&'a mut dyn TakeNotation),
    /// An object whose member names are data, and not fixed by the spec.
    Map(&'a mut dyn TakeMap),
    /// A value that is read from its JSON text, such as a number with all its digits, or a union.
    Raw(&'a mut dyn TakeRaw),
    /// Any JSON value.
    Json(&'a mut Option<Value>),
}

impl Target<'_> {
    /// Returns `false` if the scalar is a number, and the target would lose digits of it.
    pub(crate) fn keeps(&self, scalar: Scalar<'_>) -> bool {
        match self {
            Self::Number(_) => is_whole_or_no_number(scalar),
            Self::Text(_) | Self::Notation(_) => has_exact_text(scalar),
            Self::Scalar(to) => to.keeps(scalar),
            Self::Object(_) | Self::List(_) | Self::Members(_) | Self::Map(_) | Self::Raw(_) | Self::Json(_) => true,
        }
    }

    /// Stores a scalar, and returns the result of `put`.
    ///
    /// # Errors
    ///
    /// Returns an error if the target would lose digits of a number.
    pub(crate) fn put_exactly<E: de::Error>(self, scalar: Scalar<'_>) -> Result<bool, E> {
        if self.keeps(scalar) { Ok(self.put(scalar)) } else { Err(Unkept::Inexact.error()) }
    }

    /// Stores a scalar. Returns `true` for null if the target is a list, because null counts as an empty list.
    pub(crate) fn put(self, scalar: Scalar<'_>) -> bool {
        match self {
            Self::Text(to) => give_text(to, scalar),
            Self::Number(to) => give_number(to, scalar),
            Self::Notation(to) => give_notation(to, scalar),
            Self::Scalar(to) => to.take(scalar),
            Self::List(_) => return scalar == Scalar::Null,
            Self::Json(to) => {
                *to = match scalar {
                    Scalar::Null => None,
                    Scalar::Boolean(value) => Some(value.into()),
                    Scalar::Integer(value) => Some(value.into()),
                    Scalar::Unsigned(value) => Some(value.into()),
                    Scalar::Float(value) => Some(value.into()),
                    Scalar::Text(text) => Some(text.into()),
                };
            }
            // A value for a `Raw` target is read as JSON text, and not as a scalar.
            Self::Object(_) | Self::Members(_) | Self::Map(_) | Self::Raw(_) => {}
        }
        false
    }
}

fn give_text(to: &mut dyn TakeText, scalar: Scalar<'_>) {
    if let Some(text) = scalar.text() {
        to.take_text(&text);
    }
}

fn give_notation(to: &mut dyn TakeNotation, scalar: Scalar<'_>) {
    if let Some(text) = scalar.text() {
        to.take_notation(text.trim());
    }
}

fn give_number(to: &mut dyn TakeNumber, scalar: Scalar<'_>) {
    if let Some(number) = scalar.integer() {
        to.take_number(number);
    }
}

/// Source of a value.
pub trait Source {
    /// Reads the value into a target. Returns `true` if the target needs an object or a list, and the value can be read
    /// as one. [`Target`] states which other values count as an object or a list.
    fn read(&mut self, into: Target<'_>) -> bool;
}

/// Target of a scalar.
pub trait TakeScalar {
    /// Stores the scalar, or nothing if it cannot be converted.
    fn take(&mut self, scalar: Scalar<'_>);

    /// Returns `false` if the scalar is a number that cannot be stored without loss. A value that cannot be converted
    /// at all is skipped, which does not count as a loss.
    fn keeps(&self, _scalar: Scalar<'_>) -> bool {
        true
    }
}

/// Target of a text.
pub trait TakeText {
    /// Stores the text.
    fn take_text(&mut self, text: &str);
}

/// Target of an integer.
pub trait TakeNumber {
    /// Stores the integer.
    fn take_number(&mut self, number: i64);
}

/// Target of a text with its own notation.
pub trait TakeNotation {
    /// Stores the text, or nothing if it is not in the notation.
    fn take_notation(&mut self, text: &str);
}

/// Target of an object.
pub trait TakeObject {
    /// Creates the empty object and returns it.
    fn begin(&mut self) -> &mut dyn Object;
}

/// Object in a reply or a message. Implementations are generated.
pub trait Object {
    /// Returns the slot (the number) of a member by its name. Returns `None` for a member that the spec does not have.
    /// A payload that is a list instead of an object has one member, with the name `[]`.
    fn slot(&self, name: &str) -> Option<u16>;

    /// Reads the value of the member with this slot.
    fn fill(&mut self, slot: u16, from: &mut dyn Source);

    /// Returns `true` if the object has members. The payload of an operation has no members if the replies of the
    /// operation consist of the envelope alone.
    fn has_members(&self) -> bool {
        true
    }

    /// Returns the name of a mandatory member that is absent, if there is one.
    fn missing(&self) -> Option<&'static str> {
        None
    }
}

/// Target of a list.
pub trait TakeList {
    /// Reads one more entry. Returns `true` if it could be converted.
    fn entry(&mut self, from: &mut dyn Source) -> bool;
}

/// Target of an object whose member names are data, and not fixed by the spec.
pub trait TakeMap {
    /// Reads the value of the next member. Returns `false` if a value with the same name was read before.
    fn member(&mut self, name: &str, from: &mut dyn Source) -> bool;
}

/// Target of a value's JSON text.
pub trait TakeRaw {
    /// Reads the JSON text of a value. A text that cannot be converted is skipped.
    ///
    /// # Errors
    ///
    /// Returns an error if a number would lose digits, or if a documented member is repeated.
    fn take_raw(&mut self, json: &str) -> Result<(), Unkept>;
}

/// Reason why a value cannot be stored as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// A number has more digits than its type can hold.
    Inexact,
    /// A documented member is repeated.
    Repeated,
    /// The documented member with this name, in a case of a union, is repeated with a different value.
    Contradictory(String),
}

impl Unkept {
    /// Text of the parser's error. [`of`](Self::of) recognizes the error by this text, because the parser's error type
    /// has no field for a reason.
    fn words(&self) -> &'static str {
        match self {
            Self::Inexact => "a number cannot be kept exactly",
            Self::Repeated => "a member is repeated",
            Self::Contradictory(_) => "a member has different values: `",
        }
    }

    /// Converts the reason to an error of the parser.
    pub(crate) fn error<E: de::Error>(self) -> E {
        match &self {
            Self::Contradictory(name) => E::custom(format_args!("{}{name}`", self.words())),
            Self::Inexact | Self::Repeated => E::custom(self.words()),
        }
    }

    /// Returns the reason of a parser's error. `None` if the error has another reason.
    pub(crate) fn of(error: &serde_json::Error) -> Option<Self> {
        let text = error.is_data().then(|| error.to_string())?;
        let contradictory = Self::Contradictory(String::new());
        if let Some((name, _)) = text.strip_prefix(contradictory.words()).and_then(|rest| rest.rsplit_once('`')) {
            return Some(Self::Contradictory(name.to_owned()));
        }
        [Self::Inexact, Self::Repeated].into_iter().find(|reason| text.starts_with(reason.words()))
    }
}
