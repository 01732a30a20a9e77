//! Operations, callbacks and their examples.

use super::{
    BindingModel, ConditionValue, Confirming, Found, MessagePart, PathSegment, ResolutionPlan, Struct, TimeNotation,
    Ty, UnionType,
};
use crate::spec::{Method, RecoveryClass};

/// Operation of an API.
#[derive(Debug)]
pub struct OperationModel {
    /// Id of the operation, which is also the name of its method and its module.
    pub id: String,
    /// Index of the operation in its API.
    pub index: usize,
    /// Section of the page.
    pub section: String,
    /// Section of the page, escaped for the Markdown of rustdoc.
    pub shown_section: String,
    /// The HTTP method.
    pub method: Method,
    /// Path, split into constant text and parameters.
    pub path: Vec<PathSegment>,
    /// Encoding of the body.
    pub body: BodyFormat,
    /// Wire names of the members of the body that the client fills with credentials, each with the index of the
    /// credential.
    pub body_credentials: Vec<(String, usize)>,
    /// Wire names of the members of the body that the client fills with computed values, each with the index of the
    /// value.
    pub body_values: Vec<(String, usize)>,
    /// Wire names of the query parameters that the client fills with credentials, each with the index of the
    /// credential.
    pub query_credentials: Vec<(String, usize)>,
    /// Wire names of the query parameters that the client fills with computed values, each with the index of the value.
    pub query_values: Vec<(String, usize)>,
    /// Headers that the client supplies for this operation.
    pub headers: Vec<super::HeaderModel>,
    /// Whether a request may be sent again if the reply to it is lost.
    pub recovery: RecoveryClass,
    /// Id of the operation that shows the outcome of a request.
    pub resolve_with: Option<String>,
    /// Envelope of the replies, if it differs from the API's envelope.
    pub envelope: Option<super::EnvelopeModel>,
    /// Set if the operation moves money.
    pub moves_money: bool,
    /// Fields of the path and the body that identify the effect of a request.
    pub identity: Vec<String>,
    /// Headers that identify the effect of a request.
    pub identity_headers: Vec<String>,
    /// Identifying members of the body, and fields of the path, the query and the headers, whose values have several
    /// notations, such as `1.0` and `1.00`. Each field is preceded by its part of the request, and followed by the way
    /// in which the notations differ.
    pub notations: Vec<(MessagePart, String, VariesModel)>,
    /// Members that show that a successful reply belongs to its request.
    pub binding: BindingModel,
    /// Set if the service may carry out part of a request and then reject the request.
    pub partial: bool,
    /// Resolution of a request with an unknown outcome.
    pub resolution: Option<ResolutionPlan>,
    /// Paragraphs of documentation for the module and the method.
    pub docs: Vec<String>,
    /// Summary of the operation, in one sentence.
    pub summary: String,
    /// The request.
    pub request: Struct,
    /// The reply.
    pub reply: Struct,
    /// Pagination, if the reply is one page of a list.
    pub pages: Option<PagesModel>,
    /// Examples in the spec. Each of them becomes one or two tests.
    pub examples: Vec<ExampleModel>,
    /// Request with a valid value for every mandatory field. Tests replace these values to check limits. `None` if the
    /// spec does not determine a valid value for each mandatory field.
    pub sample: Option<Vec<Setter>>,
}

/// Way in which two notations of the same value may differ.
#[derive(Debug, Clone)]
pub enum VariesModel {
    /// Zeros at the end of a decimal number.
    Zeros,
    /// The UTC offset of a moment in time.
    Offset,
    /// Separators: any of these characters, which only group digits.
    Separators(String),
}

/// Pagination of a list.
#[derive(Debug, Clone)]
pub struct PagesModel {
    /// Rust name of the list in the reply.
    pub items: String,
    /// Type of the entries.
    pub item: Ty,
    /// Rust name of the request's field that contains the position of the page.
    pub send: String,
    /// Set if that field always has a value and is not an `Option`.
    pub send_plain: bool,
    /// Type of the position.
    pub position: Ty,
    /// Source of the position of the next page.
    pub next: NextModel,
    /// Member of the reply that marks the last page, and its value on the last page.
    pub end: Option<(Found, ConditionValue)>,
}

/// Source of the position of the next page.
#[derive(Debug, Clone)]
pub enum NextModel {
    /// The position is in this member of the reply.
    Member(Found),
    /// The position is in this member of the page's last entry.
    OfLast(Found),
    /// Pages are numbered, starting at this number.
    Number(i64),
}

/// Example of a request, its reply, or both.
#[derive(Debug)]
pub struct ExampleModel {
    /// Name of the test.
    pub name: String,
    /// Calls of the builder's setters. `None` if the example has no request.
    pub request: Option<Vec<Setter>>,
    /// Body of the request as JSON. The body has the members with a fixed value, but not the members that the client
    /// fills with credentials or computed values.
    pub request_json: Option<serde_json::Value>,
    /// Body of the reply as JSON.
    pub reply_json: Option<serde_json::Value>,
    /// Payload of the reply as JSON, after it was decoded and encoded again.
    pub payload_json: Option<serde_json::Value>,
    /// The HTTP status of the reply.
    pub status: u16,
    /// Set if the reply is a success.
    pub success: bool,
    /// Error code of the reply. `None` if the reply has no code.
    pub code: Option<String>,
}

/// Call of a setter on a builder.
#[derive(Debug, Clone)]
pub struct Setter {
    /// Wire name of the field.
    pub wire: String,
    /// Name of the setter.
    pub method: String,
    /// Argument of the setter. `None` for the setter of a named choice, which takes no argument.
    pub argument: Option<Argument>,
}

/// Argument of a setter, or a value inside an argument. If a variant has several fields, its description lists them
/// after a colon.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A text that the setter converts to its type.
    Text(String),
    /// A text that is converted to a type: the type and the text.
    Typed(String, String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Bool(bool),
    /// A decimal number.
    Decimal(String),
    /// A time or a day that is parsed from its text: the type and the text.
    Parsed(String, String),
    /// A time or a day that is parsed as a type of the runtime: the type and the text.
    ParsedBuiltIn(&'static str, String),
    /// A case of a union: the union, the case and the object.
    Case(String, String, Box<Argument>),
    /// A list as a `Vec`, for a type such as `list of string`.
    Vector(Vec<Argument>),
    /// A map, as pairs of a key and a value.
    Map(Vec<(String, Argument)>),
    /// A variant: the enumeration and the variant.
    Variant(String, String),
    /// A text that the enumeration does not list: the enumeration and the text.
    OtherText(String, String),
    /// A number that the enumeration does not list: the enumeration and the number.
    OtherNumber(String, i64),
    /// Any JSON value, as text.
    Json(String),
    /// The entries of a list, as an array that the setter takes.
    List(Vec<Argument>),
    /// A value that may be null.
    Maybe(Option<Box<Argument>>),
    /// An object that a builder creates: the type and the calls of its setters.
    Built(String, Vec<Setter>),
}

/// Callback of an API.
#[derive(Debug)]
pub struct CallbackModel {
    /// Id of the callback, which is also the name of its module.
    pub id: String,
    /// Section of the page.
    pub section: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Summary of the callback, in one sentence.
    pub summary: String,
    /// Struct of the message.
    pub body: Struct,
    /// Set if the body is not documented, and is kept as received.
    pub opaque: bool,
    /// Set if the message may be JSON.
    pub json: bool,
    /// Set if the message may be a form.
    pub form: bool,
    /// Set if the message may be the query parameters of a URL.
    pub query: bool,
    /// Proof that authenticates the sender of the message.
    pub proof: Option<Proof>,
    /// Confirmation of the message by an operation.
    pub confirming: Option<Confirming>,
    /// Union of the members that depend on another member of the message.
    pub select: Option<UnionType>,
    /// Answer that acknowledges the message: the HTTP status and the body.
    pub answer: Option<(u16, String)>,
    /// Example messages in the spec. Each of them becomes a test.
    pub examples: Vec<MessageExampleModel>,
}

/// Proof that authenticates the sender of a callback.
#[derive(Debug)]
pub struct Proof {
    /// HTTP method of the message, in capitals.
    pub method: String,
    /// Header or member that contains the proof.
    pub at: ProofPlace,
    /// Text before the proof in that header or member.
    pub prefix: String,
    /// Text between the proofs, if a message may have several proofs. Empty if a message has only one proof.
    pub separator: String,
    /// Index of the computed value that a valid proof equals.
    pub equals: usize,
    /// Time at which the message was signed.
    pub time: Option<ProofTime>,
    /// Headers that the verification needs. If the proof is in a header, that header is the first.
    pub headers: Vec<String>,
    /// Path parameters that the proof covers.
    pub parameters: Vec<ProofParameter>,
    /// Sentences that describe which parts of the message the proof covers.
    pub covers: Vec<String>,
    /// Requirements of the generated function that signs a message.
    pub sign: SignNeeds,
}

/// Encoding of request bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// Requests have no body.
    None,
    /// The client sends JSON. A server accepts only JSON.
    Json,
    /// The client sends JSON. A server also accepts forms.
    JsonOrForm,
    /// The client sends forms. A server also accepts JSON.
    Form,
}

/// Requirements of a generated function that signs a message.
#[derive(Debug, Clone, Copy)]
pub struct SignNeeds {
    /// Set if the function needs the body.
    pub body: bool,
    /// Set if the function needs headers.
    pub headers: bool,
    /// Set if the key of an HMAC is written in base64, so that decoding the key may fail.
    pub fallible_key: bool,
}

impl SignNeeds {
    /// Returns `true` if signing may fail for another reason than an empty credential.
    pub fn is_fallible(self) -> bool {
        self.body || self.headers || self.fallible_key
    }
}

/// Header or member of a message. It contains the proof, or the time at which the message was signed.
#[derive(Debug, Clone)]
pub enum ProofPlace {
    /// A header.
    Header(String),
    /// A member of the body.
    Member(String),
}

impl ProofPlace {
    /// Returns the name of the header or member.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Member(name) => name,
        }
    }
}

/// Time at which a message was signed.
#[derive(Debug)]
pub struct ProofTime {
    /// Header or member that contains the time.
    pub at: ProofPlace,
    /// Notation of the time.
    pub notation: TimeNotation,
    /// Largest difference between this time and the time of the receiver's clock, in seconds.
    pub within: u64,
}

/// Path parameter that a proof covers.
#[derive(Debug)]
pub struct ProofParameter {
    /// Name of the parameter in the path.
    pub wire: String,
    /// Rust name of the parameter.
    pub rust: String,
    /// Source of the parameter's value.
    pub from: ParameterSource,
}

/// Source of the value of a path parameter that a proof covers.
#[derive(Debug)]
pub enum ParameterSource {
    /// The member of the message with the same name.
    Member,
    /// An argument that the receiver passes. Its type is this string newtype, or `String`.
    Receiver(String),
}

/// Example of a callback's message.
#[derive(Debug)]
pub struct MessageExampleModel {
    /// Name of the test.
    pub name: String,
    /// The message as JSON.
    pub json: serde_json::Value,
    /// The message as JSON, after it was decoded and encoded again.
    pub known: serde_json::Value,
}
