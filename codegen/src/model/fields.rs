//! Structs of requests, replies, messages and groups, and their fields.

use super::{Openness, Rules, TextRules};
use crate::spec::RecoveryClass;

/// Struct of a request, a reply, a message or a group.
#[derive(Debug)]
pub struct Struct {
    /// Rust name of the struct.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Fields.
    pub members: Vec<Member>,
    /// Rules about the sum of several fields.
    pub sums: Vec<Sum>,
    /// Method of a reply or a message. The method returns the selected group as a variant of an enumeration.
    pub details: Option<DetailsAccess>,
    /// Set if only requests contain the struct.
    pub sent_only: bool,
    /// Members with a fixed value, which have no field in Rust.
    pub fixed: Vec<FixedMember>,
}

impl Struct {
    /// Returns `true` if the struct has a field whose value is never shown.
    pub fn sensitive(&self) -> bool {
        self.members.iter().any(|m| m.sensitive)
    }
}

/// Field of a struct.
#[derive(Debug)]
pub struct Member {
    /// Wire name of the field.
    pub wire: String,
    /// Rust name of the field.
    pub rust: String,
    /// Part of the request that contains the field.
    pub part: MessagePart,
    /// Kind of the field.
    pub kind: MemberKind,
    /// In a request: set if the field always has a value and is not an `Option`.
    pub plain: bool,
    /// In a request: set if the builder requires the field.
    pub mandatory: bool,
    /// Set if `None` is written as `null`. Otherwise a field that is `None` is left out.
    pub none_is_null: bool,
    /// In a request: set if absence and null have different meanings. The Rust type is then `Option<Option<…>>`.
    pub clearable: bool,
    /// Documentation.
    pub docs: Vec<String>,
    /// Set if the value of the field is never shown.
    pub sensitive: bool,
    /// Rules that a value in a request must follow.
    pub rules: Rules,
    /// Set if the builder has a setter that takes a value. Otherwise, the field has only the setters of its named
    /// choices.
    pub plain_setter: bool,
    /// Named choices, each with a setter that takes no value.
    pub choices: Vec<ChoiceModel>,
    /// Conditions under which the field is mandatory. One of them suffices.
    pub conditions: Vec<Condition>,
    /// For a time: largest number of minutes by which the time may be in the future.
    pub within_minutes: Option<u32>,
    /// For a URL: the only port that causes no warning.
    pub expected_port: Option<u16>,
    /// In a reply: set if the value is written as a negative number.
    pub negative: bool,
    /// In a reply: set if every success has the field.
    pub always: bool,
    /// Separator between the entries of a list that is written as one text.
    pub joined: Option<String>,
    /// Set if a number is written as a text.
    pub quoted: bool,
    /// For an amount: its currency.
    pub currency: Option<CurrencyModel>,
}

/// Currency of an amount.
#[derive(Debug, Clone)]
pub enum CurrencyModel {
    /// The currency with this code.
    Fixed(String),
    /// The currency whose code is the value of another member.
    Member {
        /// Rust name of that member.
        rust: String,
        /// Set if that member is always present.
        always: bool,
    },
}

/// Member of a request whose value is fixed, so that callers do not pass it.
#[derive(Debug)]
pub struct FixedMember {
    /// Wire name of the member.
    pub wire: String,
    /// Part of the request that contains the member.
    pub part: MessagePart,
    /// Value that is always sent.
    pub value: crate::spec::Literal,
}

impl FixedMember {
    /// Returns the value as JSON.
    pub fn json(&self) -> String {
        match &self.value {
            crate::spec::Literal::Bool(value) => value.to_string(),
            crate::spec::Literal::Integer(value) => value.to_string(),
            crate::spec::Literal::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        }
    }
}

impl Member {
    /// Returns the name that the compiler shows if the field is not set: the names of all its setters, joined by
    /// `_or_`.
    pub fn missing_name(&self) -> String {
        let setter = self.plain_setter.then_some(&self.rust);
        let methods = setter.into_iter().chain(self.choices.iter().map(|choice| &choice.rust));
        methods.map(String::as_str).collect::<Vec<_>>().join("_or_")
    }
}

/// Part of an HTTP request.
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
    /// A single value.
    Value(Ty),
    /// A list with entries of this type. `true` means that entries may be null.
    List(Ty, bool),
    /// Several alternatives, of which a request sends at most one. The Rust type is an enumeration.
    OneOf(OneOf),
    /// A group whose fields are, on the wire, beside the other fields of the struct.
    Include(String),
    /// A nested group that is not an `Option`. If the reply lacks the group, the struct of the group is empty.
    Nested(String),
    /// The union with this name, which contains the members of a message that depend on another member. On the wire,
    /// these members are beside the other members of the message.
    Selected(String),
}

/// Type of a value in Rust.
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
    /// The type with this name, for times or days with a notation of their own.
    Time(String),
    /// `serde_json::Value`
    Json,
    /// A string newtype with this name.
    Text(String),
    /// An enumeration.
    Enum {
        /// Rust name of the enumeration.
        rust: String,
        /// Set if the values are integers on the wire.
        integer: bool,
        /// How the enumeration treats unknown values.
        openness: Openness,
    },
    /// The struct of a group, with this name.
    Object(String),
    /// The enum of a union, with this name.
    Union(String),
    /// `Vec`
    List(Box<Ty>),
    /// `BTreeMap` with texts as keys.
    Map(Box<Ty>),
}

impl Ty {
    /// Returns `true` if the Rust type implements `Copy`.
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

/// Alternatives, of which a request sends at most one.
#[derive(Debug)]
pub struct OneOf {
    /// Rust name of the enumeration.
    pub rust: String,
    /// The alternatives.
    pub choices: Vec<OneOfChoice>,
}

/// Alternative of a [`OneOf`].
#[derive(Debug)]
pub struct OneOfChoice {
    /// Wire name of the alternative.
    pub wire: String,
    /// Variant of the enumeration.
    pub variant: String,
    /// Rust name of the value's type: a string newtype, or `String`.
    pub text: String,
    /// Rules of the value. `None` means that the rules of the value's type suffice.
    pub rules: Option<TextRules>,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Named choice for a field, with a setter that takes no value.
#[derive(Debug)]
pub struct ChoiceModel {
    /// Name of the setter.
    pub rust: String,
    /// Value to send. `None` means that the field is absent or null.
    pub value: Option<bool>,
    /// Recovery class of a request with this choice. `None` means the class of the operation.
    pub recovery: Option<RecoveryClass>,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Condition under which a field is mandatory: another field has a certain value.
#[derive(Debug)]
pub struct Condition {
    /// Rust name of the other field.
    pub other: String,
    /// Set if the other field always has a value.
    pub other_plain: bool,
    /// Set if the other field may be absent or null. The Rust type of the other field is then `Option<Option<…>>`.
    pub other_clearable: bool,
    /// Set if the condition is also met when the other field is absent, because the service then assumes `value`.
    pub by_default: bool,
    /// Value with which the other field meets the condition.
    pub value: ConditionValue,
    /// Condition in words, such as `method is CARD`.
    pub because: String,
}

/// Value with which a field or member is compared.
#[derive(Debug, Clone)]
pub enum ConditionValue {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
    /// A variant of an enumeration. The fields are the Rust names of the enumeration and the variant.
    Variant(String, String),
}

/// Rule that the sum of several fields must not exceed a total.
#[derive(Debug)]
pub struct Sum {
    /// Field that contains the total.
    pub total: SumMember,
    /// Fields that are added.
    pub parts: Vec<SumMember>,
    /// Wire names of added fields. If a request has all of these fields, the sum must equal the total. If the list is
    /// empty, the sum may always be less than the total.
    pub exact_when: Vec<String>,
}

/// Field in a rule about a sum.
#[derive(Debug)]
pub struct SumMember {
    /// Wire name of the field.
    pub wire: String,
    /// Source of the field's value.
    pub value: SumValue,
}

/// Source of the value of a field in a rule about a sum.
#[derive(Debug)]
pub enum SumValue {
    /// A field that the caller sets.
    Member {
        /// Rust name of the field.
        rust: String,
        /// Set if the field always has a value and is not an `Option`.
        plain: bool,
    },
    /// The field always has this value.
    Fixed(i64),
}

/// Method of a reply or a message. The method returns the selected group as a variant of an enumeration.
#[derive(Debug)]
pub struct DetailsAccess {
    /// Name of the method.
    pub method: String,
    /// Rust name of the enumeration.
    pub details: String,
    /// Field that selects the group. `None` if the reply or message does not have this field.
    pub discriminator: Option<Discriminator>,
    /// Groups that the reply or message may contain.
    pub cases: Vec<AccessCase>,
}

/// Field that selects a group.
#[derive(Debug)]
pub struct Discriminator {
    /// Rust name of the field.
    pub rust: String,
    /// Rust name of the field's enumeration.
    pub of: String,
    /// Set if the field is always present.
    pub always: bool,
}

/// Group that a reply or message may contain.
#[derive(Debug)]
pub struct AccessCase {
    /// Variant of the enumeration for this group.
    pub variant: String,
    /// Rust name of the field that contains the group.
    pub field: String,
}
