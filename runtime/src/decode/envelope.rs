//! The envelope of a reply: distinguishes success from failure and reads the payload, in one pass over the body. What
//! the envelope looks like is data; what follows for the caller is decided in [`reply`](crate::reply).
//!
//! A reply is a success only when the member that says so is there, once, with the value that says so.

use crate::decode::envelope_keys::{ALL, CODE, Key, MESSAGE, Name, Names, PAYLOAD, Paths, SUCCESS};
use crate::decode::lenient::Scalar;
use crate::decode::object::{Object, TakeObject};
use crate::decode::repair::{marked, repaired};
use crate::decode::repeated;
use crate::decode::source::{One, SeenSlots, Target, drain, is_inexact, member, more_than_once, skip};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Where a reply says whether it is a success, and where the rest stands. Paths are members' names, outermost first.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// What shows success.
    pub success: SuccessRule,
    /// What shows a documented failure.
    pub failure: FailureRule,
    /// The member with the error code.
    pub code: &'static [&'static str],
    /// The member with the message.
    pub message: &'static [&'static str],
    /// Whether error codes are written as numbers.
    pub integer_codes: bool,
    /// Where the payload stands.
    pub payload: Payload,
    /// HTTP statuses whose bodies have code and message elsewhere. The first that fits counts.
    pub errors: &'static [ErrorShape],
}

/// What shows that a reply is a success.
#[derive(Clone, Copy, Debug)]
pub enum SuccessRule {
    /// An HTTP status of this range, whatever the body says.
    Status {
        /// The first status.
        from: u16,
        /// The last status.
        to: u16,
    },
    /// A member with one of these values, as texts.
    Member {
        /// Where it stands.
        path: &'static [&'static str],
        /// The values that mean success.
        values: &'static [&'static str],
    },
    /// A member that is there and neither null nor empty.
    Present(&'static [&'static str]),
}

impl SuccessRule {
    /// The member that shows success; empty where none does.
    pub(crate) fn path(&self) -> &'static [&'static str] {
        match self {
            Self::Status { .. } => &[],
            Self::Member { path, .. } | Self::Present(path) => path,
        }
    }

    /// Whether the status alone shows success.
    pub(crate) fn is_shown_by(&self, status: u16) -> bool {
        matches!(self, Self::Status { from, to } if (*from..=*to).contains(&status))
    }
}

/// What shows that a failure is one the documentation tells of.
#[derive(Clone, Copy, Debug)]
pub enum FailureRule {
    /// The member that shows success has one of these values, as texts. With none, no failure counts as documented.
    Values(&'static [&'static str]),
    /// The member that shows success has any other value.
    Other,
    /// There is an error code.
    Coded,
}

/// Where bodies with some HTTP statuses have their code and message.
#[derive(Clone, Copy, Debug)]
pub struct ErrorShape {
    /// The first status.
    pub from: u16,
    /// The last status.
    pub to: u16,
    /// The member with the error code.
    pub code: &'static [&'static str],
    /// The member with the message.
    pub message: &'static [&'static str],
}

impl Envelope {
    /// The shape of the bodies that come with a status, where it is not the usual one.
    pub(crate) fn shape(&self, status: u16) -> Option<&'static ErrorShape> {
        self.errors.iter().find(|shape| (shape.from..=shape.to).contains(&status))
    }
}

/// Where the payload stands.
#[derive(Clone, Copy, Debug)]
pub enum Payload {
    /// Its members stand beside the envelope's, which win when both have the same name.
    Inline,
    /// In this member.
    Member(&'static [&'static str]),
}

/// A reply that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<T> {
    /// The service said success.
    Success(T),
    /// The service said something else.
    Failure {
        /// Whether it said what is documented for a failure.
        documented: bool,
        /// The error code.
        code: Option<String>,
        /// The message.
        message: Option<String>,
    },
}

/// Why a reply could not be read. Nothing of the reply's content is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecodable {
    /// It is not JSON.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 before the first character.
        column: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A number has more digits than its type can keep, or a fraction where an integer belongs. Nothing is rounded.
    Inexact {
        /// The line, from 1.
        line: usize,
        /// The column behind the number, from 1.
        column: usize,
    },
    /// It is JSON but no object.
    NotAnObject,
    /// The member that shows success is not there.
    NoSuccessMember(&'static str),
    /// A documented member comes with two different values.
    ContradictoryMember(String),
    /// A success lacks a member that always comes.
    MissingMember(&'static str),
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column, what } => write!(f, "{what} (line {line}, column {column})"),
            Self::Inexact { line, column } => {
                write!(f, "a number of the reply cannot be kept exactly (line {line}, column {column})")
            }
            Self::NotAnObject => f.write_str("the reply is JSON but no object"),
            Self::NoSuccessMember(name) => write!(f, "the reply has no `{name}`, which shows whether it is a success"),
            Self::ContradictoryMember(name) => {
                write!(f, "the reply has `{name}` more than once, with different values")
            }
            Self::MissingMember(name) => write!(f, "the reply says success but has no `{name}` that can be read"),
        }
    }
}

impl std::error::Error for Undecodable {}

/// Reads a reply that came with an HTTP status.
///
/// # Errors
///
/// Returns an error if it is not a JSON object, does not clearly show success or failure, or is a success without a member
/// that always comes.
pub fn decode<T: Object + Default>(body: &[u8], status: u16, envelope: &Envelope) -> Result<Decoded<T>, Undecodable> {
    let mut payload = None;
    let decoded = decode_into(body, status, envelope, &mut payload)?;
    Ok(match decoded {
        Decoded::Success(_) => Decoded::Success(payload.unwrap_or_default()),
        Decoded::Failure { documented, code, message } => Decoded::Failure { documented, code, message },
    })
}

/// Reads a reply; what may be the payload of a success is put into `payload`. A success carries the code that came with it.
pub(crate) fn decode_into(
    body: &[u8],
    status: u16,
    envelope: &Envelope,
    payload: &mut dyn TakeObject,
) -> Result<Decoded<Option<String>>, Undecodable> {
    if envelope.success.is_shown_by(status) && body.iter().all(u8::is_ascii_whitespace) {
        // An operation that answers with nothing. One that documents members says nothing here that could be read.
        let payload = payload.begin();
        if !payload.has_members() && payload.missing().is_none() {
            return Ok(Decoded::Success(None));
        }
    }
    let mut read = |text: &str| decode_text(text, status, envelope, payload.begin());
    let why = match as_text(body).and_then(&mut read) {
        Err(why @ Undecodable::NotJson { .. }) => why,
        read => return read,
    };
    // What the parser refuses may be one value that no caller needs, or a member that comes twice.
    let text = repaired(body).or_else(|| as_text(body).ok().map(str::to_owned)).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    match read(text) {
        Err(Undecodable::NotJson { .. }) => {
            // Repaired, two different values can be one.
            let distinct = marked(body).unwrap_or_else(|| text.to_owned());
            let distinct = distinct.trim_start_matches('\u{feff}');
            let mut is_documented = |probe: &str| is_refused(&read(probe));
            let is_one = repeated::unrepeated(distinct, &mut is_documented);
            match is_one.and_then(|_| repeated::unrepeated(text, &mut is_documented)) {
                Err(name) => Err(Undecodable::ContradictoryMember(name)),
                Ok(Some(text)) => read(&text).map_err(|_| why),
                Ok(None) => Err(why),
            }
        }
        read => read.map_err(|_| why),
    }
}

/// Whether JSON could not be read: it has a documented member twice.
fn is_refused<T>(read: &Result<T, Undecodable>) -> bool {
    matches!(read, Err(Undecodable::NotJson { .. }))
}

/// A body as a tree, for looking at what types do not keep. Null if it could not be read. Of a member that comes twice
/// it has the last value.
pub(crate) fn as_tree(body: &[u8]) -> serde_json::Value {
    let strict = as_text(body).ok().and_then(|text| serde_json::from_str(text).ok());
    let tolerant = || serde_json::from_str(repaired(body)?.trim_start_matches('\u{feff}')).ok();
    strict.or_else(tolerant).unwrap_or_default()
}

/// Reads a reply; of a success, the payload into `payload`.
fn decode_text(
    text: &str,
    status: u16,
    envelope: &Envelope,
    payload: &mut dyn Object,
) -> Result<Decoded<Option<String>>, Undecodable> {
    let inline = matches!(envelope.payload, Payload::Inline | Payload::Member([]));
    // Where the whole reply is a list, an object is not an empty list.
    let is_list = matches!(envelope.success, SuccessRule::Status { .. }) && payload.slot("[]").is_some();
    let payload_came = inline && !is_list;
    let mut reader = Reader { found: Found::new(envelope, status), payload, payload_came, is_list };
    let top = Level { reader: &mut reader, depth: 0, leaf: 0, open: ALL, inline, slot: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let is_object = json.deserialize_any(top).and_then(|is_object| json.end().map(|()| is_object));
    if !is_object.map_err(|error| not_json(&error))? {
        return Err(Undecodable::NotAnObject);
    }
    let Reader { found, payload, payload_came, .. } = reader;
    match found.verdict() {
        None => Err(Undecodable::NoSuccessMember(envelope.success.path().last().copied().unwrap_or_default())),
        // An empty payload must not be made up: "there is nothing" is an answer that people act on.
        Some(Verdict::Success) if payload.has_members() && !payload_came => {
            Err(Undecodable::MissingMember(found.payload_name()))
        }
        Some(Verdict::Success) => match payload.missing() {
            Some(name) => Err(Undecodable::MissingMember(name)),
            // If one member is both, an error code cannot contradict a success.
            None => Ok(Decoded::Success(found.code.filter(|_| envelope.code != envelope.success.path()))),
        },
        Some(verdict) => Ok(Decoded::Failure {
            documented: matches!(verdict, Verdict::Failure),
            code: found.code,
            message: found.message,
        }),
    }
}

/// A body as text, without the mark that some senders put before it.
pub(crate) fn as_text(body: &[u8]) -> Result<&str, Undecodable> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let good = body.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + good.iter().rev().take_while(|byte| **byte != b'\n').count();
        Undecodable::NotJson { line, column, what: "the reply is not UTF-8" }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A parser's error in our own words: its own could quote the reply.
pub(crate) fn not_json(error: &serde_json::Error) -> Undecodable {
    if is_inexact(error) {
        return Undecodable::Inexact { line: error.line(), column: error.column() };
    }
    let what = match error.classify() {
        serde_json::error::Category::Eof => "the reply ends before its JSON does",
        _ => "the reply is not JSON",
    };
    Undecodable::NotJson { line: error.line(), column: error.column(), what }
}

#[derive(Clone, Copy)]
enum Verdict {
    Success,
    Failure,
    Undocumented,
}

/// What has been found of the envelope.
struct Found<'a> {
    envelope: &'a Envelope,
    status: u16,
    /// Whether bodies with this status have a shape of their own.
    has_shape: bool,
    paths: Paths,
    verdict: Option<Verdict>,
    code: Option<String>,
    message: Option<String>,
}

impl<'a> Found<'a> {
    fn new(envelope: &'a Envelope, status: u16) -> Self {
        let payload = match envelope.payload {
            Payload::Inline => &[],
            Payload::Member(path) => path,
        };
        let shape = envelope.shape(status);
        let (code, message) = shape.map_or((envelope.code, envelope.message), |shape| (shape.code, shape.message));
        let paths = [envelope.success.path(), code, message, payload];
        Self { envelope, status, has_shape: shape.is_some(), paths, verdict: None, code: None, message: None }
    }

    /// What the reply says as a whole.
    fn verdict(&self) -> Option<Verdict> {
        let coded = if self.code.is_some() { Verdict::Failure } else { Verdict::Undocumented };
        match (self.envelope.success, self.verdict) {
            (SuccessRule::Status { .. }, _) if self.envelope.success.is_shown_by(self.status) => Some(Verdict::Success),
            (SuccessRule::Status { .. }, _) | (SuccessRule::Present(_), None) => Some(coded),
            (SuccessRule::Member { .. }, Some(Verdict::Undocumented))
                if matches!(self.envelope.failure, FailureRule::Coded) =>
            {
                Some(coded)
            }
            // A body of a shape of its own need not have the member.
            (SuccessRule::Member { .. }, None) if self.has_shape => Some(coded),
            (_, verdict) => verdict,
        }
    }

    fn payload_name(&self) -> &'static str {
        self.paths[3].last().copied().unwrap_or_default()
    }

    /// A value of one or several of the envelope's members.
    fn take(&mut self, members: u8, value: Scalar<'_>) {
        if members & SUCCESS != 0 && !matches!(value, Scalar::Null) {
            self.verdict = match self.envelope.success {
                SuccessRule::Status { .. } => None,
                SuccessRule::Present(_) => value.word().map(|_| Verdict::Success),
                SuccessRule::Member { values, .. } if value.is_any(values) => Some(Verdict::Success),
                SuccessRule::Member { .. } => Some(match self.envelope.failure {
                    FailureRule::Values(values) if value.is_any(values) => Verdict::Failure,
                    FailureRule::Other => Verdict::Failure,
                    FailureRule::Values(_) | FailureRule::Coded => Verdict::Undocumented,
                }),
            };
        }
        if members & CODE != 0 {
            self.code = value.word();
        }
        if members & MESSAGE != 0 {
            self.message = value.word();
        }
    }
}

impl Scalar<'_> {
    /// Whether it has one of these text forms.
    fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    /// Whether it has this text form. Strict for numbers: an undocumented value must not become a success.
    fn is(&self, text: &str) -> bool {
        let either_case = text == "true" || text == "false";
        match self {
            Self::Null | Self::Unsigned(_) | Self::Float(_) => false,
            Self::Boolean(value) => text == if *value { "true" } else { "false" },
            Self::Integer(value) => text.parse() == Ok(*value),
            Self::Text(value) => *value == text || (either_case && value.eq_ignore_ascii_case(text)),
        }
    }

    fn word(&self) -> Option<String> {
        match self {
            Self::Null | Self::Text("") => None,
            Self::Boolean(value) => Some(value.to_string()),
            Self::Integer(value) => Some(value.to_string()),
            Self::Unsigned(value) => Some(value.to_string()),
            Self::Float(value) => Some(value.to_string()),
            Self::Text(value) => Some((*value).to_owned()),
        }
    }
}

struct Reader<'a> {
    found: Found<'a>,
    payload: &'a mut dyn Object,
    /// There was something that the payload could be read from.
    payload_came: bool,
    /// The whole reply is the list that is the payload.
    is_list: bool,
}

/// Reads one value that stands on a path of the envelope, to begin with the whole reply.
struct Level<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// How many names lead here.
    depth: usize,
    /// The things whose value this is.
    leaf: u8,
    /// The things that stand further inside.
    open: u8,
    /// Whether the payload's members stand here too.
    inline: bool,
    /// The payload's member of the same name: a group of fields may have what the envelope has, too.
    slot: Option<u16>,
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Level<'_, '_> {
    fn scalar(self, value: Scalar<'_>) -> bool {
        if let Some(slot) = self.slot {
            self.reader.payload.fill(slot, &mut One(value));
        }
        self.reader.found.take(self.leaf, value);
        false
    }
}

/// The value is whether there was an object.
impl<'de> Visitor<'de> for Level<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        Ok(self.scalar(Scalar::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
        Ok(self.scalar(Scalar::Boolean(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<bool, E> {
        Ok(self.scalar(Scalar::Integer(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<bool, E> {
        Ok(self.scalar(i64::try_from(value).map_or(Scalar::Unsigned(value), Scalar::Integer)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<bool, E> {
        Ok(self.scalar(Scalar::Float(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<bool, E> {
        Ok(self.scalar(Scalar::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        if self.inline && self.depth == 0 && self.reader.is_list {
            self.reader.payload_came = true;
            return Target::Members(&mut *self.reader.payload).visit_seq(seq);
        }
        drain(&mut seq)?;
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { reader, depth, leaf, open, inline, slot: _ } = self;
        let names = Names::new(&reader.found.paths, depth, open, leaf, inline);
        let (mut seen, mut slots) = (0, SeenSlots::default());
        while let Some(key) = map.next_key_seed(Key { names: &names, payload: &*reader.payload })? {
            match key {
                Name::Unknown => skip(&mut map)?,
                Name::Payload(slot) => {
                    slots.add(slot)?;
                    member(reader.payload, slot, &mut map)?;
                }
                Name::Number => {
                    let mut digits: Option<String> = None;
                    map.next_value_seed(Target::Scalar(&mut digits))?;
                    // Digits that are not a number are not a documented value.
                    let value = match Scalar::of_digits(&digits.unwrap_or_default()) {
                        Scalar::Null => Scalar::Float(f64::NAN),
                        value => value,
                    };
                    reader.found.take(leaf, value);
                }
                Name::Envelope(things) if things & seen != 0 => return Err(more_than_once()),
                Name::Envelope(things) => {
                    seen |= things;
                    let leaf = names.ending(things);
                    if leaf & PAYLOAD != 0 {
                        reader.payload_came = map.next_value_seed(Target::Members(reader.payload))?;
                    } else {
                        let (open, depth) = (things & !leaf, depth + 1);
                        let name = names.first(leaf).filter(|_| inline);
                        let slot = name.and_then(|name| reader.payload.slot(name));
                        map.next_value_seed(Level { reader: &mut *reader, depth, leaf, open, inline: false, slot })?;
                    }
                }
            }
        }
        Ok(true)
    }
}
