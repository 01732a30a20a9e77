//! Named types.

use super::{Openness, TextRules, TimeNotation};

/// A string newtype.
#[derive(Debug)]
pub struct TextType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Rules for requests.
    pub rules: TextRules,
    /// Set if the text is a secret. It is then zeroized, compared in constant time, and never shown.
    pub secret: bool,
    /// Set if the text is never shown.
    pub sensitive: bool,
    /// Set if the type has `random()`.
    pub uuid: bool,
    /// Prefixes and their environments.
    pub prefixes: Vec<(String, String)>,
    /// Set if no message contains the type, so that only the client uses it.
    pub held_only: bool,
}

/// An enumeration.
#[derive(Debug)]
pub struct EnumType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Handling of unknown values.
    pub openness: Openness,
    /// Set if the values are integers.
    pub integer: bool,
    /// Set if case is ignored.
    pub any_case: bool,
    /// Values.
    pub values: Vec<EnumVariant>,
    /// Actions of a status, each with a method `can_…`.
    pub actions: Vec<String>,
    /// Set if the enumeration is a state machine.
    pub states: bool,
}

/// A value of an enumeration.
#[derive(Debug)]
pub struct EnumVariant {
    /// The text on the wire.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Name that the service uses in texts for people.
    pub label: Option<String>,
    /// Variants that can follow.
    pub next: Vec<String>,
    /// Actions allowed.
    pub allows: Vec<String>,
}

/// An enumeration over groups.
#[derive(Debug)]
pub struct Details {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// The groups.
    pub cases: Vec<DetailsCase>,
}

/// A group in an enumeration over groups.
#[derive(Debug)]
pub struct DetailsCase {
    /// The variant.
    pub variant: String,
    /// The group.
    pub group: String,
    /// Documentation.
    pub doc: String,
}

/// A time or a day with a notation of its own.
#[derive(Debug)]
pub struct TimeType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Its notation.
    pub notation: TimeNotation,
    /// The notation in words, for a message: `a time written yyyyMMddHHmmss`.
    pub expected: String,
}

/// A union.
#[derive(Debug)]
pub struct UnionType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Discriminator: the member that identifies the case.
    pub by: String,
    /// Set if the type is only for requests, because replies have a type of their own.
    pub sent_only: bool,
    /// The kinds.
    pub cases: Vec<UnionCase>,
}

/// A case of a union.
#[derive(Debug)]
pub struct UnionCase {
    /// Value of the discriminator.
    pub value: String,
    /// The variant.
    pub variant: String,
    /// The group.
    pub group: String,
    /// `true` if the group has the discriminator too.
    pub has_member: bool,
    /// Documentation.
    pub docs: Vec<String>,
}
