//! Checks the proof of a message's sender, such as a signature. The proof in the message is compared with the computed
//! proof, in constant time ([`compare`](crate::compute::compare)). The signed time is compared with the receiver's
//! clock.

use crate::callback::{CallbackError, Reason, looks_like_json};
use crate::compute::compare::is_same;
use crate::compute::evaluate::{ValueSource, Values};
use crate::compute::{Make, Piece};
use crate::json_members;
use crate::operation::Api;
use rules::TimeFormat;
use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

/// Description of a message's proof, as static data.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// HTTP method of the message, in capitals.
    pub method: &'static str,
    /// Encoding of the body. Proof and claim are read in the same encoding. Otherwise, a sender could prove one value
    /// and claim another.
    pub body: ProofBody,
    /// Location of the proof.
    pub at: ProofPlace,
    /// Text before each proof, such as `v1=`. A proof without this text is ignored.
    pub prefix: &'static str,
    /// Separator between several proofs. One matching proof suffices. Empty if there is only one proof.
    pub separator: &'static str,
    /// Index of the computed value that the proof must equal.
    pub equals: usize,
    /// The signed time, if the message has one.
    pub time: Option<SignedTime>,
}

/// Encoding of a message with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofBody {
    /// JSON.
    Json,
    /// A form.
    Form,
    /// JSON or a form. The first character decides.
    Either,
}

/// Location of a value in a message.
#[derive(Clone, Copy, Debug)]
pub enum ProofPlace {
    /// A header.
    Header(&'static str),
    /// A member of the body.
    Member(&'static str),
}

impl ProofPlace {
    fn name(self) -> &'static str {
        match self {
            Self::Header(name) | Self::Member(name) => name,
        }
    }
}

/// Time at which a message was signed.
#[derive(Clone, Copy, Debug)]
pub struct SignedTime {
    /// Location of the time.
    pub at: ProofPlace,
    /// Notation of the time.
    pub written: TimeFormat<'static>,
    /// Largest allowed difference from the receiver's clock, in both directions.
    pub within: Duration,
}

/// Reason why a message is not proven. It contains neither a secret nor a part of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unproven {
    /// A header is absent or empty.
    NoHeader(&'static str),
    /// A header is repeated, or has characters other than printable ASCII.
    UnreadableHeader(&'static str),
    /// The member with the proof is absent or empty.
    NoMember(&'static str),
    /// A signed value is empty. A sender could have moved the text of this value into the adjacent signed value.
    EmptyPart(&'static str),
    /// There is no credential, or each one is empty or cannot be decoded.
    NoCredential,
    /// The proof differs from the value that is computed with the credentials.
    Different(&'static str),
}

impl Unproven {
    fn error(self) -> CallbackError {
        CallbackError(Reason::Unproven(self))
    }
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader(name) => write!(f, "it has no header `{name}`"),
            Self::UnreadableHeader(name) => {
                write!(f, "its header `{name}` is repeated, or is not printable ASCII text")
            }
            Self::NoMember(name) => write!(f, "it has no `{name}`"),
            Self::EmptyPart(name) => write!(f, "its `{name}` is empty"),
            Self::NoCredential => f.write_str("no credential was given, or each one is empty or not in base64"),
            Self::Different(name) => write!(f, "its `{name}` does not match the credentials"),
        }
    }
}

/// Difference between the signed time and the receiver's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Untimely {
    name: &'static str,
    difference: Duration,
    is_ahead: bool,
    within: Duration,
}

impl fmt::Display for Untimely {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, seconds, within) = (self.name, self.difference.as_secs(), self.within.as_secs());
        let side = if self.is_ahead { "ahead of" } else { "behind" };
        write!(f, "the time in `{name}` is {seconds} s {side} this machine's clock; at most {within} s are allowed")
    }
}

/// Message as received, with the values that its proof needs.
#[derive(Clone, Copy)]
pub struct SignedMessage<'a> {
    /// Description of the API, which contains the computed values.
    pub api: &'static Api,
    /// Description of the proof.
    pub proof: &'static Proof,
    /// The bytes of the body, as received.
    pub body: &'a [u8],
    /// The headers that the proof needs.
    pub headers: &'a [(&'a str, &'a str)],
    /// Path parameters that the proof covers. Their values come from the message or from the receiver.
    pub parameters: &'a [(&'static str, &'a str)],
}

impl SignedMessage<'_> {
    /// Checks that the message was signed with one of the sets of credentials. Each set is in the order of
    /// [`Api::credentials`].
    ///
    /// # Errors
    ///
    /// Returns an error if the proof, or a value that the proof covers, is missing, empty or unreadable. Also returns
    /// an error if no set of credentials can be used, or if the proof matches none of the sets.
    pub fn verify<'c, const N: usize>(
        &self,
        credentials: impl Iterator<Item = [&'c str; N]>,
    ) -> Result<(), CallbackError> {
        let place = self.proof.at;
        let given = match place {
            ProofPlace::Header(name) => Cow::Borrowed(self.header(name)?),
            ProofPlace::Member(name) => match self.member(name) {
                Some(text) if !text.is_empty() => text,
                _ => return Err(Unproven::NoMember(name).error()),
            },
        };
        self.check_parts(self.proof.equals)?;
        let made: Vec<_> = credentials.filter_map(|set| self.value(&set)).collect();
        if made.is_empty() {
            return Err(Unproven::NoCredential.error());
        }
        let Some(of) = self.api.computed.get(self.proof.equals) else {
            return Err(Unproven::NoCredential.error());
        };
        // Every value is compared with every proof, so that the duration does not reveal which one matches.
        let mut is_proven = false;
        for given in self.proofs(&given) {
            for made in &made {
                is_proven |= is_same(of, made.expose(), given);
            }
        }
        if is_proven { Ok(()) } else { Err(Unproven::Different(place.name()).error()) }
    }

    /// Checks that the signed time is near `now`. The time is trustworthy only after [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// Returns an error if the time is missing, is not in the documented notation, or is too far from `now`.
    pub fn check_time(&self, now: SystemTime) -> Result<(), CallbackError> {
        let Some(SignedTime { at, written, within }) = self.proof.time else { return Ok(()) };
        let name = at.name();
        let text = match at {
            ProofPlace::Header(name) => Cow::Borrowed(self.header(name)?),
            ProofPlace::Member(name) => self.member(name).ok_or(CallbackError::missing(name))?,
        };
        let signed =
            written.read_moment(&text).map_err(|_| CallbackError(Reason::UnreadableTime(name)))?.to_system_time();
        let (difference, is_ahead) = match now.duration_since(signed) {
            Ok(age) => (age, false),
            Err(ahead) => (ahead.duration(), true),
        };
        match difference <= within {
            true => Ok(()),
            false => Err(CallbackError(Reason::Untimely(Untimely { name, difference, is_ahead, within }))),
        }
    }

    /// Returns the proof of the message, as the service computes it. Use it to test a receiver.
    ///
    /// # Errors
    ///
    /// Returns an error if a value that the proof covers is missing or empty, or if the credentials cannot be used.
    pub fn sign(&self, credentials: &[&str]) -> Result<String, CallbackError> {
        self.check_parts(self.proof.equals)?;
        let value = self.value(credentials).ok_or(Unproven::NoCredential.error())?;
        Ok(format!("{}{}", self.proof.prefix, value.expose()))
    }

    /// Returns the proofs in the text of a header or member, each without its prefix.
    fn proofs<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let Proof { prefix, separator, .. } = *self.proof;
        let several = (!separator.is_empty()).then(|| text.split(separator).map(str::trim));
        let single = separator.is_empty().then_some(text);
        single.into_iter().chain(several.into_iter().flatten()).filter_map(move |proof| proof.strip_prefix(prefix))
    }

    fn value(&self, credentials: &[&str]) -> Option<crate::secret::SecretText> {
        Values::new(self.api.computed, &ProofInputs { message: self, credentials }).value(self.proof.equals)
    }

    /// Checks that the message has each value that the computed value is made of.
    fn check_parts(&self, index: usize) -> Result<(), CallbackError> {
        let (key, over) = match self.api.computed.get(index).map(|of| of.make) {
            Some(Make::Text(over) | Make::Base64(over) | Make::Md5 { over, .. } | Make::Hash { over, .. }) => {
                (None, over)
            }
            Some(Make::Hmac { key, over, .. }) => (Some(key), over),
            Some(Make::Now(_) | Make::Random(_) | Make::Token(_)) | None => (None, &[][..]),
        };
        for piece in key.iter().chain(over) {
            match *piece {
                Piece::Computed(inner) => self.check_parts(inner)?,
                Piece::Header(name) => drop(self.header(name)?),
                Piece::Member(name) => match self.member(name) {
                    None => return Err(CallbackError::missing(name)),
                    Some(text) if text.is_empty() => return Err(Unproven::EmptyPart(name).error()),
                    Some(_) => {}
                },
                Piece::Path(name) => {
                    self.parameter(name).ok_or_else(|| Unproven::EmptyPart(name).error())?;
                }
                // The receiver knows these values itself, or every message has them.
                Piece::Text(_) | Piece::Credential(_) | Piece::Method | Piece::Body => {}
                // Lint rejects proofs that cover these values, because the receiver of a message chooses its path and
                // query.
                Piece::Query(_) | Piece::WholePath | Piece::WholeQuery => {}
            }
        }
        Ok(())
    }

    fn header(&self, name: &'static str) -> Result<&str, CallbackError> {
        let mut values = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (None, _) => Err(Unproven::NoHeader(name).error()),
            (Some((_, value)), None) if value.trim().is_empty() => Err(Unproven::NoHeader(name).error()),
            (Some((_, value)), None) if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Ok(value),
            _ => Err(Unproven::UnreadableHeader(name).error()),
        }
    }

    /// Returns a member of the body. A text in JSON is returned without its quotes, and any other JSON value as
    /// written. Returns `None` if the member is absent or null.
    fn member(&self, name: &str) -> Option<Cow<'_, str>> {
        let is_json = match self.proof.body {
            ProofBody::Json => true,
            ProofBody::Form => false,
            ProofBody::Either => looks_like_json(self.body),
        };
        let body = self.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(self.body);
        if !is_json {
            let mut pairs = form_urlencoded::parse(body.trim_ascii());
            return pairs.find(|(own, _)| own == name).map(|(_, value)| value);
        }
        let (_, written) = json_members::members(body).into_iter().find(|(own, _)| own == name)?;
        (written != "null").then(|| json_members::text(written))
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| *value).filter(|value| !value.is_empty())
    }
}

/// Inputs of the computed value: the message, and one set of credentials.
struct ProofInputs<'a> {
    message: &'a SignedMessage<'a>,
    credentials: &'a [&'a str],
}

impl ValueSource for ProofInputs<'_> {
    /// An empty credential proves nothing, because any sender could compute the same proof.
    fn credential(&self, index: usize) -> Option<&str> {
        self.credentials.get(index).copied().filter(|credential| !credential.is_empty())
    }

    fn part(&self, piece: Piece) -> Option<Cow<'_, [u8]>> {
        let message = self.message;
        Some(match piece {
            Piece::Path(name) => message.parameter(name)?.as_bytes().into(),
            Piece::Member(name) => message.member(name)?.into_owned().into_bytes().into(),
            Piece::Header(name) => message.header(name).ok()?.as_bytes().into(),
            Piece::Method => message.proof.method.as_bytes().into(),
            Piece::Body => message.body.into(),
            // `Values` reads these values itself.
            Piece::Text(_) | Piece::Credential(_) | Piece::Computed(_) => return None,
            // Lint rejects proofs that cover these values, because a message does not have them.
            Piece::Query(_) | Piece::WholePath | Piece::WholeQuery => return None,
        })
    }

    fn now(&self, _: usize, _: TimeFormat<'static>) -> Option<String> {
        None
    }

    fn token(&self, _: usize) -> Option<&str> {
        None
    }
}
