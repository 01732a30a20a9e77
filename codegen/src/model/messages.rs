//! Operations, callbacks and their examples.

use super::{
    BindingModel, ConditionValue, Confirming, Found, PathSegment, ResolutionPlan, Struct, TimeNotation, Ty, UnionType,
};
use crate::spec::{Method, RecoveryClass};

/// An operation.
#[derive(Debug)]
pub struct OperationModel {
    /// The id: method and module.
    pub id: String,
    /// Its number.
    pub index: usize,
    /// The section.
    pub section: String,
    /// Section, escaped for documentation.
    pub shown_section: String,
    /// The HTTP method.
    pub method: Method,
    /// The path in pieces.
    pub path: Vec<PathSegment>,
    /// Encoding of the body.
    pub body: BodyFormat,
    /// Body members that the client supplies: wire name and credential.
    pub body_credentials: Vec<(String, usize)>,
    /// Other members of the body that the client supplies.
    pub body_values: Vec<(String, usize)>,
    /// Parameters of the query that the client supplies.
    pub query_values: Vec<(String, usize)>,
    /// Headers that the client sends with this operation.
    pub headers: Vec<super::HeaderModel>,
    /// Whether a request may be sent again if its answer is lost.
    pub recovery: RecoveryClass,
    /// Operation that shows the outcome of a request.
    pub resolve_with: Option<String>,
    /// Envelope of the replies, if it differs from the API's envelope.
    pub envelope: Option<super::EnvelopeModel>,
    /// Set if the operation moves money.
    pub moves_money: bool,
    /// Members of the body that identify the effect.
    pub identity: Vec<String>,
    /// Headers that identify the effect.
    pub identity_headers: Vec<String>,
    /// Identifying members whose values can be written in several notations.
    pub identity_notations: Vec<(String, VariesModel)>,
    /// Binding of a success to its request.
    pub binding: BindingModel,
    /// Set if a rejection may come after part of the request was carried out.
    pub partial: bool,
    /// Resolution of a request with an unknown outcome.
    pub resolution: Option<ResolutionPlan>,
    /// Documentation of the file and method.
    pub docs: Vec<String>,
    /// Summary in one sentence.
    pub summary: String,
    /// The request.
    pub request: Struct,
    /// The reply.
    pub reply: Struct,
    /// Pagination of its list.
    pub pages: Option<PagesModel>,
    /// Examples.
    pub examples: Vec<ExampleModel>,
    /// Request within all limits, to vary in tests.
    pub sample: Option<Vec<Setter>>,
}

/// Difference between two notations of one value.
#[derive(Debug, Clone)]
pub enum VariesModel {
    /// Zeros at the end of a decimal number.
    Zeros,
    /// The offset of a moment.
    Offset,
    /// These characters, which only group digits.
    Separators(String),
}

/// Pagination of a list.
#[derive(Debug, Clone)]
pub struct PagesModel {
    /// The list in the reply.
    pub items: String,
    /// Type of its entries.
    pub item: Ty,
    /// The field of the request with the position of the page.
    pub send: String,
    /// Set if the field always has a value.
    pub send_plain: bool,
    /// Its type.
    pub position: Ty,
    /// Position of the next page.
    pub next: NextModel,
    /// The member and the value that mark the last page.
    pub end: Option<(Found, ConditionValue)>,
}

/// Position of the next page.
#[derive(Debug, Clone)]
pub enum NextModel {
    /// Position in a member of the reply.
    Member(Found),
    /// Position in a member of the last entry.
    OfLast(Found),
    /// Page numbers, starting at this number.
    Number(i64),
}

/// An example exchange.
#[derive(Debug)]
pub struct ExampleModel {
    /// A test's name.
    pub name: String,
    /// Calls of the builder, if the example has a request.
    pub request: Option<Vec<Setter>>,
    /// JSON body of the request, without the members that the client supplies.
    pub request_json: Option<serde_json::Value>,
    /// The reply's body as JSON.
    pub reply_json: Option<serde_json::Value>,
    /// JSON payload of the reply: the documented members, without nulls and empty lists.
    pub payload_json: Option<serde_json::Value>,
    /// The HTTP status of the reply.
    pub status: u16,
    /// Set if the reply is a success.
    pub success: bool,
    /// Error code of a reply that is no success.
    pub code: Option<String>,
}

/// One call on a builder.
#[derive(Debug, Clone)]
pub struct Setter {
    /// The wire name of the field.
    pub wire: String,
    /// The method.
    pub method: String,
    /// Its argument.
    pub argument: Option<Argument>,
}

/// An argument.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A text.
    Text(String),
    /// A text as a named type.
    Typed(String, String),
    /// An integer.
    Integer(i64),
    /// A truth value.
    Bool(bool),
    /// A decimal number.
    Decimal(String),
    /// A time or a day of a type, by its text.
    Parsed(String, String),
    /// A time or a day of the runtime's types.
    ParsedBuiltIn(&'static str, String),
    /// A case of a union: union, case and object.
    Case(String, String, Box<Argument>),
    /// A list as a value of its own.
    Vector(Vec<Argument>),
    /// A map.
    Map(Vec<(String, Argument)>),
    /// A variant: enumeration and variant.
    Variant(String, String),
    /// A text that the enumeration does not have: enumeration and text.
    OtherText(String, String),
    /// A number that the enumeration does not have: enumeration and number.
    OtherNumber(String, i64),
    /// Any JSON, as text.
    Json(String),
    /// A list.
    List(Vec<Argument>),
    /// An entry that may be null.
    Maybe(Option<Box<Argument>>),
    /// A built object.
    Built(String, Vec<Setter>),
}

/// A callback.
#[derive(Debug)]
pub struct CallbackModel {
    /// The id: module.
    pub id: String,
    /// The section.
    pub section: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// A sentence.
    pub summary: String,
    /// The message.
    pub body: Struct,
    /// Set if the body is kept as received.
    pub opaque: bool,
    /// Set if the message may be JSON.
    pub json: bool,
    /// Set if the message may be a form.
    pub form: bool,
    /// Set if the message comes as the parameters of a URL.
    pub query: bool,
    /// Proof of its sender.
    pub proof: Option<Proof>,
    /// Confirmation.
    pub confirming: Option<Confirming>,
    /// The part that a member selects.
    pub select: Option<UnionType>,
    /// Answer of the receiver: the status and the body.
    pub answer: Option<(u16, String)>,
    /// Examples.
    pub examples: Vec<MessageExampleModel>,
}

/// The proof of a callback.
#[derive(Debug)]
pub struct Proof {
    /// HTTP method of the message, in capitals.
    pub method: String,
    /// Place of the proof.
    pub at: ProofPlace,
    /// Text before the proof.
    pub prefix: String,
    /// Text between several proofs; empty if there is only one proof.
    pub separator: String,
    /// Index of the computed value that the proof equals.
    pub equals: usize,
    /// The signed time.
    pub time: Option<ProofTime>,
    /// Headers that the verification needs, beginning with the header of the proof.
    pub headers: Vec<String>,
    /// Path parameters that the proof covers.
    pub parameters: Vec<ProofParameter>,
    /// Description of the parts that the proof covers.
    pub covers: Vec<String>,
    /// Parts of the message that the signing function needs.
    pub sign: SignNeeds,
}

/// Encoding of request bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// Requests have no body.
    None,
    /// JSON is sent and accepted.
    Json,
    /// JSON is sent, and forms are accepted too.
    JsonOrForm,
    /// Forms are sent.
    Form,
}

/// Parts of a message that a signing function needs.
#[derive(Debug, Clone, Copy)]
pub struct SignNeeds {
    /// The body.
    pub body: bool,
    /// Headers.
    pub headers: bool,
    /// Set if a key is in base64, so that a credential may be invalid.
    pub fallible_key: bool,
}

impl SignNeeds {
    /// Returns `true` if signing may fail although no credential is empty.
    pub fn is_fallible(self) -> bool {
        self.body || self.headers || self.fallible_key
    }
}

/// Place of a value in a message.
#[derive(Debug, Clone)]
pub enum ProofPlace {
    /// A header.
    Header(String),
    /// A member of the body.
    Member(String),
}

impl ProofPlace {
    /// The name of the header or member.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Member(name) => name,
        }
    }
}

/// The time at which a message was signed.
#[derive(Debug)]
pub struct ProofTime {
    /// Place of the time.
    pub at: ProofPlace,
    /// Notation of the time.
    pub notation: TimeNotation,
    /// Largest difference to the receiver's clock in seconds.
    pub within: u64,
}

/// A path parameter that a proof covers.
#[derive(Debug)]
pub struct ProofParameter {
    /// The parameter.
    pub wire: String,
    /// Rust name.
    pub rust: String,
    /// Source of its value.
    pub from: ParameterSource,
}

/// Source of a path parameter that a proof covers.
#[derive(Debug)]
pub enum ParameterSource {
    /// The member of the message with the same name.
    Member,
    /// The receiver passes it: the string newtype.
    Receiver(String),
}

/// An example message.
#[derive(Debug)]
pub struct MessageExampleModel {
    /// A test's name.
    pub name: String,
    /// The message as JSON.
    pub json: serde_json::Value,
    /// The documented members as JSON, without nulls and empty lists.
    pub known: serde_json::Value,
}
