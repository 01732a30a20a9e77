//! Structs and their fields.

use super::{Openness, Rules, TextRules};
use crate::spec::RecoveryClass;

/// A struct.
#[derive(Debug)]
pub struct Struct {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Fields.
    pub members: Vec<Member>,
    /// Rules over several fields.
    pub sums: Vec<Sum>,
    /// Access to the groups of a reply as an enumeration.
    pub details: Option<DetailsAccess>,
    /// Set if only requests contain it.
    pub sent_only: bool,
    /// Members with fixed values.
    pub fixed: Vec<FixedMember>,
}

impl Struct {
    /// Returns `true` if a field is sensitive.
    pub fn sensitive(&self) -> bool {
        self.members.iter().any(|m| m.sensitive)
    }
}

/// A field of a struct.
#[derive(Debug)]
pub struct Member {
    /// The name on the wire.
    pub wire: String,
    /// The Rust name.
    pub rust: String,
    /// Part of the message.
    pub part: MessagePart,
    /// Kind of the field.
    pub kind: MemberKind,
    /// In a request: set if the field always has a value; otherwise it is an `Option`.
    pub plain: bool,
    /// In a request: set if the builder requires the field.
    pub mandatory: bool,
    /// Set if an absent value is sent as null.
    pub none_is_null: bool,
    /// In a request: set if absence and null have different meanings. The field is then an `Option` in an `Option`.
    pub clearable: bool,
    /// Documentation.
    pub docs: Vec<String>,
    /// Set if the value of the field is never shown.
    pub sensitive: bool,
    /// Rules.
    pub rules: Rules,
    /// Set if there is a setter for a plain value.
    pub plain_setter: bool,
    /// Named choices.
    pub choices: Vec<ChoiceModel>,
    /// Conditions under which the field is mandatory.
    pub conditions: Vec<Condition>,
    /// Largest number of minutes from now, for a time.
    pub within_minutes: Option<u32>,
    /// The only port that causes no warning, for a URL.
    pub expected_port: Option<u16>,
    /// In a reply: set if the value is written as a negative number.
    pub negative: bool,
    /// In a reply: set if every success has the field.
    pub always: bool,
    /// Separator of a list that is written as one text.
    pub joined: Option<String>,
    /// Set if a number is written as a text.
    pub quoted: bool,
    /// The currency of an amount.
    pub currency: Option<CurrencyModel>,
}

/// The currency of an amount.
#[derive(Debug, Clone)]
pub enum CurrencyModel {
    /// Always this one.
    Fixed(String),
    /// The currency that another member names.
    Member {
        /// The member.
        rust: String,
        /// Set if that member is always present.
        always: bool,
    },
}

/// A member of a request with a fixed value.
#[derive(Debug)]
pub struct FixedMember {
    /// The name on the wire.
    pub wire: String,
    /// Part of the message.
    pub part: MessagePart,
    /// The value.
    pub value: crate::spec::Literal,
}

impl FixedMember {
    /// The value as JSON.
    pub fn json(&self) -> String {
        match &self.value {
            crate::spec::Literal::Bool(value) => value.to_string(),
            crate::spec::Literal::Integer(value) => value.to_string(),
            crate::spec::Literal::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        }
    }
}

impl Member {
    /// Returns the name in the compiler's message about a missing field: its own, followed by its named choices.
    pub fn missing_name(&self) -> String {
        let setter = self.plain_setter.then_some(&self.rust);
        let methods = setter.into_iter().chain(self.choices.iter().map(|choice| &choice.rust));
        methods.map(String::as_str).collect::<Vec<_>>().join("_or_")
    }
}

/// Part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagePart {
    /// The body.
    Body,
    /// The path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
}

/// Kind of a field.
#[derive(Debug)]
pub enum MemberKind {
    /// A value.
    Value(Ty),
    /// A list; with `true`, entries may be null.
    List(Ty, bool),
    /// Several fields of which a request sends exactly one; an enumeration in Rust.
    OneOf(OneOf),
    /// A group, flat.
    Include(String),
    /// A nested group that is always present, but may be empty.
    Nested(String),
    /// The part that another member of a message selects, flat.
    Selected(String),
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// `String`
    String,
    /// `i64`
    Integer,
    /// `Decimal`
    Decimal,
    /// `bool`
    Bool,
    /// `OffsetDateTime`
    Instant,
    /// `CalendarDate`
    Date,
    /// A time or a day in a notation of its own.
    Time(String),
    /// `serde_json::Value`
    Json,
    /// A string newtype.
    Text(String),
    /// An enumeration.
    Enum {
        /// The name.
        rust: String,
        /// Coded as integers.
        integer: bool,
        /// How the enumeration treats unknown values.
        openness: Openness,
    },
    /// A group.
    Object(String),
    /// A union.
    Union(String),
    /// `Vec`
    List(Box<Ty>),
    /// `BTreeMap` from texts.
    Map(Box<Ty>),
}

impl Ty {
    /// Returns `true` if the Rust type is copied instead of cloned.
    pub fn is_copy(&self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Decimal
                | Self::Bool
                | Self::Instant
                | Self::Date
                | Self::Time(_)
                | Self::Enum { openness: Openness::Closed, .. }
        )
    }
}

/// Alternatives.
#[derive(Debug)]
pub struct OneOf {
    /// The enumeration.
    pub rust: String,
    /// The alternatives.
    pub choices: Vec<OneOfChoice>,
}

/// An alternative.
#[derive(Debug)]
pub struct OneOfChoice {
    /// The name on the wire.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// The string newtype.
    pub text: String,
    /// Rules, if they differ from the rules of the newtype.
    pub rules: Option<TextRules>,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Named choice.
#[derive(Debug)]
pub struct ChoiceModel {
    /// The method.
    pub rust: String,
    /// Value to send; `None` for absent or null.
    pub value: Option<bool>,
    /// Recovery class, if it differs from the operation's class.
    pub recovery: Option<RecoveryClass>,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Condition that makes a field mandatory.
#[derive(Debug)]
pub struct Condition {
    /// The other field.
    pub other: String,
    /// Set if the other field always has a value.
    pub other_plain: bool,
    /// Set if the other field may be absent or null: an `Option` in an `Option`.
    pub other_clearable: bool,
    /// Set if the service assumes the value where the other field is absent.
    pub by_default: bool,
    /// The value.
    pub value: ConditionValue,
    /// Condition, as text.
    pub because: String,
}

/// A value to compare with.
#[derive(Debug, Clone)]
pub enum ConditionValue {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
    /// A variant.
    Variant(String, String),
}

/// Rule that parts must not exceed, or must equal, a total.
#[derive(Debug)]
pub struct Sum {
    /// The total.
    pub total: SumMember,
    /// The parts.
    pub parts: Vec<SumMember>,
    /// Wire names of the parts that make the sum exact.
    pub exact_when: Vec<String>,
}

/// A number in a sum.
#[derive(Debug)]
pub struct SumMember {
    /// The name on the wire.
    pub wire: String,
    /// The field.
    pub rust: String,
    /// Set if the number always has a value.
    pub plain: bool,
}

/// Access to the groups of a reply as an enumeration.
#[derive(Debug)]
pub struct DetailsAccess {
    /// The method.
    pub method: String,
    /// The enumeration.
    pub details: String,
    /// Field that selects the group, if the reply has it.
    pub discriminator: Option<Discriminator>,
    /// The groups.
    pub cases: Vec<AccessCase>,
}

/// Field that selects a group.
#[derive(Debug)]
pub struct Discriminator {
    /// The field.
    pub rust: String,
    /// Its enumeration.
    pub of: String,
    /// Set if the field is always present.
    pub always: bool,
}

/// A group to match on.
#[derive(Debug)]
pub struct AccessCase {
    /// The variant.
    pub variant: String,
    /// The field with the group.
    pub field: String,
}
