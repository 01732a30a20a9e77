//! Reads the envelope of a reply, which distinguishes success from failure, together with the payload. [`Envelope`]
//! describes an envelope as data. [`reply`](crate::reply) then decides the outcome.
//!
//! If the envelope has a success member, a reply is a success only if that member has a value that means success. If
//! the member is repeated, all its values must be equal.

#[cfg(feature = "server")]
pub(crate) use crate::decode::envelope_keys::ENTRY;
use crate::decode::envelope_keys::{ALL, CODE, Key, MESSAGE, Name, Names, PAYLOAD, Paths, SUCCESS, of_entries};
use crate::decode::repair::{marked, repaired};
use crate::decode::repeated;
use crate::decode::scalar::Scalar;
use crate::decode::source::{JsonText, SeenSlots, drain, member, more_than_once, of_text, skip};
use crate::decode::target::{Object, TakeObject, Target, Unkept};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Description of an API's envelope: how a reply shows success, and where its error code, message and payload are.
/// Paths are names of members, outermost first. In the paths of the code and the message, `[]` means each entry of a
/// list.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// Rule for success.
    pub success: SuccessRule,
    /// Rule for a documented failure.
    pub failure: FailureRule,
    /// Path of the error code.
    pub code: &'static [&'static str],
    /// Path of the message.
    pub message: &'static [&'static str],
    /// Set if error codes are written as numbers.
    pub integer_codes: bool,
    /// Location of the payload.
    pub payload: Payload,
    /// Shapes of the bodies of certain HTTP statuses, in which the code and the message are at other paths. If several
    /// shapes match the status of the reply, the error has the code of the first shape whose code is present. Codes of
    /// the other shapes count only if the spec has them.
    pub errors: &'static [ErrorShape],
}

/// Rule that decides whether a reply is a success.
#[derive(Clone, Copy, Debug)]
pub enum SuccessRule {
    /// The HTTP status is in this range, regardless of the body.
    Status {
        /// First status of the range.
        from: u16,
        /// Last status of the range.
        to: u16,
    },
    /// The member at `path` has one of `values`, which are given as text.
    Member {
        /// Path of the member.
        path: &'static [&'static str],
        /// Values that mean success.
        values: &'static [&'static str],
    },
    /// The member at this path is a number, a boolean, or a text that is not empty.
    Present(&'static [&'static str]),
}

impl SuccessRule {
    /// Returns the path of the member that shows success. The path is empty if there is no such member.
    pub(crate) fn path(&self) -> &'static [&'static str] {
        match self {
            Self::Status { .. } => &[],
            Self::Member { path, .. } | Self::Present(path) => path,
        }
    }

    /// Returns `true` if the status alone shows success.
    pub(crate) fn is_shown_by(&self, status: u16) -> bool {
        matches!(self, Self::Status { from, to } if (*from..=*to).contains(&status))
    }
}

/// Rule that identifies a documented failure.
#[derive(Clone, Copy, Debug)]
pub enum FailureRule {
    /// The success member has one of these values, which are given as text. An empty list means that no failure is
    /// documented.
    Values(&'static [&'static str]),
    /// The success member has any value that does not mean success.
    Other,
    /// The body has an error code.
    Coded,
}

/// Location of the error code and the message in the bodies of certain HTTP statuses.
#[derive(Clone, Copy, Debug)]
pub struct ErrorShape {
    /// First status of the range.
    pub from: u16,
    /// Last status of the range.
    pub to: u16,
    /// Path of the error code.
    pub code: &'static [&'static str],
    /// Path of the message.
    pub message: &'static [&'static str],
}

impl Envelope {
    /// Returns the shapes for bodies with this status.
    pub(crate) fn shapes(&self, status: u16) -> impl Iterator<Item = &'static ErrorShape> {
        self.errors.iter().filter(move |shape| (shape.from..=shape.to).contains(&status))
    }
}

/// Location of the payload.
#[derive(Clone, Copy, Debug)]
pub enum Payload {
    /// The payload's members are siblings of the envelope's members. If the payload and the envelope have a member of
    /// the same name, the member is read as part of the envelope. A scalar value of this member is also stored in the
    /// payload.
    Inline,
    /// The payload is the value of this member.
    Member(&'static [&'static str]),
}

/// Reply that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<T> {
    /// The reply shows success.
    Success(T),
    /// The reply shows no success.
    Failure {
        /// Set if the reply shows a documented failure, by its success member or by an error code.
        documented: bool,
        /// Distinct error codes, in the order of the reply. There are several only if the reply has a list of them.
        codes: Vec<String>,
        /// Codes at the paths of the other shapes for the HTTP status. They count only if the spec has them, because a
        /// body may have a general code in addition to the code of the error.
        further: Vec<String>,
        /// Message. If the reply has a list of messages, the first one.
        message: Option<String>,
    },
}

impl Decoded<Vec<String>> {
    /// Combines the results of two shapes of a reply. The first shape whose code is present takes precedence.
    fn and(self, further: Self) -> Self {
        match (self, further) {
            (Self::Success(mut codes), Self::Success(more)) => {
                codes.extend(more);
                Self::Success(codes)
            }
            (
                Self::Failure { documented, codes, further, message },
                Self::Failure { documented: also, codes: more, message: text, .. },
            ) => {
                let documented = documented || also;
                if codes.is_empty() {
                    return Self::Failure { documented, codes: more, further, message: text.or(message) };
                }
                let further = further.into_iter().chain(more).collect();
                Self::Failure { documented, codes, further, message: message.or(text) }
            }
            // Whether a reply is a success does not depend on the shape.
            (first, _) => first,
        }
    }
}

/// Error of a reply that cannot be read. It contains no part of the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecodable {
    /// The reply is not JSON.
    NotJson {
        /// Line, starting at 1.
        line: usize,
        /// Column, starting at 1; 0 before the first character.
        column: usize,
        /// Description of the problem, such as `the reply is not UTF-8`.
        what: &'static str,
    },
    /// A number has more digits than its type can hold, or a fraction although it must be an integer. Numbers are never
    /// rounded.
    Inexact {
        /// Line, starting at 1.
        line: usize,
        /// Column after the number, starting at 1.
        column: usize,
    },
    /// The reply is compressed although the client does not ask for it.
    Compressed(&'static str),
    /// The reply is JSON but not an object.
    NotAnObject,
    /// The success member is absent, null, a list or an object.
    NoSuccessMember(&'static str),
    /// A documented member occurs with two different values.
    ContradictoryMember(String),
    /// A success lacks its payload or a mandatory member.
    MissingMember(&'static str),
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column, what } => write!(f, "{what} (line {line}, column {column})"),
            Self::Inexact { line, column } => {
                write!(f, "a number of the reply cannot be kept exactly (line {line}, column {column})")
            }
            Self::Compressed(encoding) => {
                write!(f, "the reply is compressed with {encoding}, although the client did not ask for compression")
            }
            Self::NotAnObject => f.write_str("the reply is JSON but not an object"),
            Self::NoSuccessMember(name) => write!(f, "the reply has no `{name}`, which shows whether it is a success"),
            Self::ContradictoryMember(name) => {
                write!(f, "the reply has `{name}` more than once, with different values")
            }
            Self::MissingMember(name) => write!(f, "the reply shows success but has no readable `{name}`"),
        }
    }
}

impl std::error::Error for Undecodable {}

/// Decodes a reply that has this HTTP status.
///
/// # Errors
///
/// Returns an error if the reply is not JSON of the documented shape, or has a number that would lose digits. Also
/// returns an error if the reply contradicts itself, shows neither success nor failure, or is a success without its
/// payload or a mandatory member.
pub fn decode<T: Object + Default>(body: &[u8], status: u16, envelope: &Envelope) -> Result<Decoded<T>, Undecodable> {
    let mut payload = None;
    let decoded = decode_into(body, status, envelope, &mut payload)?;
    Ok(match decoded {
        Decoded::Success(_) => Decoded::Success(payload.unwrap_or_default()),
        Decoded::Failure { documented, codes, further, message } => {
            Decoded::Failure { documented, codes, further, message }
        }
    })
}

/// Decodes a reply into `payload`. A failure may write to `payload` too. The result of a success contains the error
/// codes in the reply.
pub(crate) fn decode_into(
    body: &[u8],
    status: u16,
    envelope: &Envelope,
    payload: &mut dyn TakeObject,
) -> Result<Decoded<Vec<String>>, Undecodable> {
    if envelope.success.is_shown_by(status) && body.iter().all(u8::is_ascii_whitespace) {
        // A success with an empty body is complete only if the operation documents no members.
        let payload = payload.begin();
        if !payload.has_members() && payload.missing().is_none() {
            return Ok(Decoded::Success(Vec::new()));
        }
    }
    let mut marker = None;
    let mut read = |shape| decode_shape(body, FoundValues::new(envelope, status, shape), &mut marker, payload);
    let mut shapes = envelope.shapes(status);
    let mut decoded = read(shapes.next())?;
    for shape in shapes {
        decoded = decoded.and(read(Some(shape))?);
    }
    // `marker` is set only for error shapes. If the body has no code at the path of its shape, the value of the success
    // member is the code.
    if let (Decoded::Failure { codes, .. }, Some(marker)) = (&mut decoded, marker)
        && codes.is_empty()
    {
        codes.push(marker);
    }
    Ok(decoded)
}

/// Decodes a reply whose code and message are at the paths in `found`. `marker` receives the value of the success
/// member if the envelope's own code is in that member and the paths are those of an error shape.
fn decode_shape(
    body: &[u8],
    found: FoundValues<'_>,
    marker: &mut Option<String>,
    payload: &mut dyn TakeObject,
) -> Result<Decoded<Vec<String>>, Undecodable> {
    let mut read = |text: &str| decode_text(text, found.clone(), marker, payload.begin());
    let why = match as_text(body).and_then(&mut read) {
        Err(why @ Undecodable::NotJson { .. }) => why,
        read => return read,
    };
    // Two causes of a parser's error are tolerated: invalid values, which are replaced, and members that are repeated
    // with equal values.
    let text = repaired(body).or_else(|| as_text(body).ok().map(str::to_owned)).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    match read(text) {
        Err(Undecodable::NotJson { .. }) => {
            // The repair can make two different values equal. The members are therefore first compared in a text in
            // which different values stay different.
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

/// Returns `true` if JSON could not be read, for example because a documented member is repeated.
fn is_refused<T>(read: &Result<T, Undecodable>) -> bool {
    matches!(read, Err(Undecodable::NotJson { .. }))
}

/// Parses a body into a JSON tree, to access members that the types do not have. Returns null if the body cannot be
/// parsed. Of a repeated member, the last value is kept.
pub(crate) fn as_tree(body: &[u8]) -> serde_json::Value {
    let strict = as_text(body).ok().and_then(|text| serde_json::from_str(text).ok());
    let tolerant = || serde_json::from_str(repaired(body)?.trim_start_matches('\u{feff}')).ok();
    strict.or_else(tolerant).unwrap_or_default()
}

/// Decodes the text of a reply, and reads the payload into `payload`.
fn decode_text(
    text: &str,
    found: FoundValues<'_>,
    marker: &mut Option<String>,
    payload: &mut dyn Object,
) -> Result<Decoded<Vec<String>>, Undecodable> {
    let envelope = found.envelope;
    let inline = matches!(envelope.payload, Payload::Inline | Payload::Member([]));
    // If the whole payload is a list, an object must not count as an empty list.
    let is_list = matches!(envelope.success, SuccessRule::Status { .. }) && payload.slot("[]").is_some();
    let payload_came = inline && !is_list;
    let mut reader = Reader { found, payload, payload_came, is_list };
    let top = Level { reader: &mut reader, depth: 0, leaf: 0, open: ALL, inline };
    let mut json = serde_json::Deserializer::from_str(text);
    let is_object = json.deserialize_any(top).and_then(|is_object| json.end().map(|()| is_object));
    if !is_object.map_err(|error| not_json(&error))? {
        return Err(Undecodable::NotAnObject);
    }
    let Reader { found, payload, payload_came, .. } = reader;
    let verdict = found.verdict();
    let (payload_name, codes) = (found.payload_name(), found.codes);
    *marker = found.marker;
    match verdict {
        None => Err(Undecodable::NoSuccessMember(envelope.success.path().last().copied().unwrap_or_default())),
        // An absent payload must not become an empty one, because callers act on "nothing found".
        Some(ReplyVerdict::Success) if payload.has_members() && !payload_came => {
            Err(Undecodable::MissingMember(payload_name))
        }
        Some(ReplyVerdict::Success) => match payload.missing() {
            Some(name) => Err(Undecodable::MissingMember(name)),
            // If the code and the success member are the same member, that member does not contradict the success.
            None if envelope.code == envelope.success.path() => Ok(Decoded::Success(Vec::new())),
            None => Ok(Decoded::Success(codes)),
        },
        Some(verdict) => Ok(Decoded::Failure {
            documented: matches!(verdict, ReplyVerdict::Failure),
            codes,
            further: Vec::new(),
            message: found.message,
        }),
    }
}

/// Returns a body as text, without a byte order mark.
pub(crate) fn as_text(body: &[u8]) -> Result<&str, Undecodable> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let good = body.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + good.iter().rev().take_while(|byte| **byte != b'\n').count();
        Undecodable::NotJson { line, column, what: "the reply is not UTF-8" }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Converts the parser's error without its text, because the text could quote the reply.
pub(crate) fn not_json(error: &serde_json::Error) -> Undecodable {
    match Unkept::of(error) {
        Some(Unkept::Inexact) => return Undecodable::Inexact { line: error.line(), column: error.column() },
        Some(Unkept::Contradictory(name)) => return Undecodable::ContradictoryMember(name),
        Some(Unkept::Repeated) | None => {}
    }
    let what = match error.classify() {
        serde_json::error::Category::Eof => "the reply ends before its JSON does",
        _ => "the reply is not JSON",
    };
    Undecodable::NotJson { line: error.line(), column: error.column(), what }
}

#[derive(Clone, Copy)]
enum ReplyVerdict {
    Success,
    Failure,
    Undocumented,
}

/// Envelope values found so far.
#[derive(Clone)]
struct FoundValues<'a> {
    envelope: &'a Envelope,
    status: u16,
    /// Set if `paths` are those of an error shape.
    has_shape: bool,
    paths: Paths,
    verdict: Option<ReplyVerdict>,
    /// Distinct codes.
    codes: Vec<String>,
    /// Value of the success member. Set only for an error shape, if the envelope's own code is in that member.
    marker: Option<String>,
    message: Option<String>,
}

impl<'a> FoundValues<'a> {
    fn new(envelope: &'a Envelope, status: u16, shape: Option<&ErrorShape>) -> Self {
        let payload = match envelope.payload {
            Payload::Inline => &[],
            Payload::Member(path) => path,
        };
        let (code, message) = shape.map_or((envelope.code, envelope.message), |shape| (shape.code, shape.message));
        let paths = [envelope.success.path(), code, message, payload];
        let has_shape = shape.is_some();
        Self { envelope, status, has_shape, paths, verdict: None, codes: Vec::new(), marker: None, message: None }
    }

    /// Returns the verdict on the whole reply. Returns `None` if the verdict needs the success member, and the reply
    /// has no readable one.
    fn verdict(&self) -> Option<ReplyVerdict> {
        let coded = if !self.codes.is_empty() || self.marker.is_some() {
            ReplyVerdict::Failure
        } else {
            ReplyVerdict::Undocumented
        };
        match (self.envelope.success, self.verdict) {
            (SuccessRule::Status { .. }, _) if self.envelope.success.is_shown_by(self.status) => {
                Some(ReplyVerdict::Success)
            }
            (SuccessRule::Status { .. }, _) | (SuccessRule::Present(_), None) => Some(coded),
            (SuccessRule::Member { .. }, Some(ReplyVerdict::Undocumented))
                if matches!(self.envelope.failure, FailureRule::Coded) =>
            {
                Some(coded)
            }
            // A body with an error shape may lack the success member.
            (SuccessRule::Member { .. }, None) if self.has_shape => Some(coded),
            (_, verdict) => verdict,
        }
    }

    fn payload_name(&self) -> &'static str {
        self.paths[3].last().copied().unwrap_or_default()
    }

    /// Stores the value of a member. The member may serve as several parts of the envelope, such as the code and the
    /// success member. `members` has one bit for each of these parts.
    fn take(&mut self, members: u8, value: Scalar<'_>) {
        if members & SUCCESS != 0 && !matches!(value, Scalar::Null) {
            if self.has_shape && self.envelope.code == self.envelope.success.path() {
                self.marker = value.word();
            }
            self.verdict = match self.envelope.success {
                SuccessRule::Status { .. } => None,
                SuccessRule::Present(_) => value.word().map(|_| ReplyVerdict::Success),
                SuccessRule::Member { values, .. } if value.is_any(values) => Some(ReplyVerdict::Success),
                SuccessRule::Member { .. } => Some(match self.envelope.failure {
                    FailureRule::Values(values) if value.is_any(values) => ReplyVerdict::Failure,
                    FailureRule::Other => ReplyVerdict::Failure,
                    FailureRule::Values(_) | FailureRule::Coded => ReplyVerdict::Undocumented,
                }),
            };
        }
        if members & CODE != 0
            && let Some(code) = value.word().filter(|code| !self.codes.contains(code))
        {
            self.codes.push(code);
        }
        if members & MESSAGE != 0 && self.message.is_none() {
            self.message = value.word();
        }
    }
}

impl Scalar<'_> {
    /// Returns `true` if the value has one of these text forms.
    fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    /// Returns `true` if the value has this text form. A number matches only if it is an integer in the range of `i64`,
    /// so that an undocumented value such as `0.0` does not become a success.
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
    found: FoundValues<'a>,
    payload: &'a mut dyn Object,
    /// Set if the payload was found. An inline object counts as found from the start.
    payload_came: bool,
    /// Set if the whole reply is the payload, and the payload is a list.
    is_list: bool,
}

/// Reader of one value on a path of the envelope. The whole reply is the first such value.
struct Level<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Depth of the value. The whole reply has depth 0.
    depth: usize,
    /// Envelope parts whose path ends at this value.
    leaf: u8,
    /// Envelope parts whose path continues inside this value.
    open: u8,
    /// Set if the payload's members are at this depth too.
    inline: bool,
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Level<'_, '_> {
    fn scalar(self, value: Scalar<'_>) -> bool {
        self.reader.found.take(self.leaf, value);
        false
    }
}

/// The visitor returns `true` if the value is an object, or a list that is the whole payload.
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
        let Self { reader, depth, open, .. } = self;
        let (leaf, open) = of_entries(&reader.found.paths, depth, open);
        if leaf | open == 0 {
            drain(&mut seq)?;
            return Ok(false);
        }
        let depth = depth + 1;
        while seq.next_element_seed(Level { reader: &mut *reader, depth, leaf, open, inline: false })?.is_some() {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { reader, depth, leaf, open, inline } = self;
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
                    // A text that is not a number becomes NaN, which equals no documented value.
                    let value = match Scalar::of_digits(&digits.unwrap_or_default()) {
                        Scalar::Null => Scalar::Float(f64::NAN),
                        value => value,
                    };
                    reader.found.take(leaf, value);
                }
                Name::Envelope(parts) if parts & seen != 0 => return Err(more_than_once()),
                Name::Envelope(parts) => {
                    seen |= parts;
                    let leaf = names.ending(parts);
                    if leaf & PAYLOAD != 0 {
                        reader.payload_came = map.next_value_seed(Target::Members(reader.payload))?;
                    } else {
                        let (open, depth) = (parts & !leaf, depth + 1);
                        let name = names.first(leaf).filter(|_| inline);
                        let slot = name.and_then(|name| reader.payload.slot(name));
                        let Some(slot) = slot else {
                            map.next_value_seed(Level { reader: &mut *reader, depth, leaf, open, inline: false })?;
                            continue;
                        };
                        // The member belongs to the payload too. It is read twice, because a number of the envelope may
                        // be rounded, but a number of the payload must keep its digits.
                        let json = map.next_value::<&RawValue>()?.get();
                        if !json.starts_with(['{', '[']) {
                            let mut value = JsonText::new(json);
                            reader.payload.fill(slot, &mut value);
                            value.finish()?;
                        }
                        let value = Level { reader: &mut *reader, depth, leaf, open, inline: false };
                        value.deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(of_text)?;
                    }
                }
            }
        }
        Ok(true)
    }
}
