//! Named types of an API.

use super::{Openness, TextRules, TimeNotation};

/// String newtype: a named type that wraps a text.
#[derive(Debug)]
pub struct TextType {
    /// Rust name of the type.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Rules that a value in a request must follow.
    pub rules: TextRules,
    /// Set if the text is a secret. It is then zeroized, compared in constant time, and never shown.
    pub secret: bool,
    /// Set if the text is never shown.
    pub sensitive: bool,
    /// Set if the type has a function `random` that creates a UUID.
    pub uuid: bool,
    /// Prefixes by which the environment of a value is recognized, each with the name of the environment.
    pub prefixes: Vec<(String, String)>,
    /// Set if no field that callers pass or read has the type, so that only the client uses values of the type.
    pub held_only: bool,
}

/// Enumeration of values.
#[derive(Debug)]
pub struct EnumType {
    /// Rust name of the enumeration.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Handling of unknown values.
    pub openness: Openness,
    /// Set if the values are integers on the wire.
    pub integer: bool,
    /// Set if upper and lower case are not distinguished.
    pub any_case: bool,
    /// Values that the spec lists.
    pub values: Vec<EnumVariant>,
    /// Actions that at least one of the states allows. Each action has a method whose name begins with `can_`.
    pub actions: Vec<String>,
    /// Set if the enumeration is a state machine.
    pub states: bool,
}

/// Value of an enumeration.
#[derive(Debug)]
pub struct EnumVariant {
    /// Text of the value on the wire.
    pub wire: String,
    /// Variant of the value.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Name that the service uses in texts for people.
    pub label: Option<String>,
    /// For a state: variants of the states that can follow.
    pub next: Vec<String>,
    /// For a state: actions that it allows.
    pub allows: Vec<String>,
}

/// Enumeration whose variants contain groups.
#[derive(Debug)]
pub struct Details {
    /// Rust name of the enumeration.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Variants of the enumeration.
    pub cases: Vec<DetailsCase>,
}

/// Variant of an enumeration whose variants contain groups.
#[derive(Debug)]
pub struct DetailsCase {
    /// Name of the variant.
    pub variant: String,
    /// Rust name of the group.
    pub group: String,
    /// Documentation.
    pub doc: String,
}

/// Type of a time or a day with a notation of its own.
#[derive(Debug)]
pub struct TimeType {
    /// Rust name of the type.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Notation of the values.
    pub notation: TimeNotation,
    /// Description of a valid value for error messages, such as `a time written yyyyMMddHHmmss`.
    pub expected: String,
}

/// Union: an enumeration of groups, one of which the discriminator selects.
#[derive(Debug)]
pub struct UnionType {
    /// Rust name of the union.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Discriminator: the member that identifies the case.
    pub by: String,
    /// Set if the type is for requests. If replies or callbacks contain the union too, another type is generated for
    /// them.
    pub sent_only: bool,
    /// Cases of the union.
    pub cases: Vec<UnionCase>,
}

/// A case of a union.
#[derive(Debug)]
pub struct UnionCase {
    /// Value of the discriminator.
    pub value: String,
    /// Variant of the case.
    pub variant: String,
    /// Rust name of the group.
    pub group: String,
    /// Set if the group lists the discriminator among its own fields.
    pub has_member: bool,
    /// Documentation.
    pub docs: Vec<String>,
}
