//! Input of the emitters: every Rust name, type and rule, as plain data without open decisions.

mod computed;
mod confirm;
mod fields;
mod messages;
mod resolution;
mod types;

pub use computed::*;
pub use confirm::*;
pub use fields::*;
pub use messages::*;
pub use resolution::*;
pub use types::*;

pub use crate::constraints::*;
use crate::spec::Advice;

/// The generated crate.
#[derive(Debug)]
pub struct Model {
    /// APIs, each with a module.
    pub apis: Vec<ApiModel>,
}

/// One API.
#[derive(Debug)]
pub struct ApiModel {
    /// Name of the module.
    pub module: String,
    /// Title for people.
    pub title: String,
    /// Title, escaped for documentation.
    pub shown_title: String,
    /// Documentation of the module before its first example: the purpose of the API, and the flow.
    pub docs: Vec<String>,
    /// Documentation of the module after the example: sections of the page and their methods.
    pub map: Vec<String>,
    /// Index of the operation in the quick start.
    pub first: usize,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Index of the default stage.
    pub default_stage: usize,
    /// Credentials of the client.
    pub credentials: Vec<CredentialModel>,
    /// Headers of every request.
    pub headers: Vec<HeaderModel>,
    /// Computed values.
    pub computed: Vec<ComputedModel>,
    /// The envelope.
    pub envelope: EnvelopeModel,
    /// Meanings of HTTP statuses.
    pub statuses: Vec<StatusRule>,
    /// Times in seconds, in this order: `connect`, `attempt`, the limit of a call, `warn_below`, `accepted_within` and
    /// `shown_within`.
    pub timeouts: [u64; 6],
    /// Source addresses of callbacks: the first and the last of each range.
    pub callback_sources: Vec<[[u8; 4]; 2]>,
    /// Wire names of members whose values are never shown.
    pub sensitive: Vec<String>,
    /// String newtypes.
    pub texts: Vec<TextType>,
    /// Enumerations.
    pub enums: Vec<EnumType>,
    /// Times and days with a notation of their own.
    pub times: Vec<TimeType>,
    /// Unions: objects with a discriminator.
    pub unions: Vec<UnionType>,
    /// Groups.
    pub objects: Vec<Struct>,
    /// Enumerations over groups.
    pub details: Vec<Details>,
    /// Error codes.
    pub codes: Vec<CodeModel>,
    /// Operations.
    pub operations: Vec<OperationModel>,
    /// Callbacks.
    pub callbacks: Vec<CallbackModel>,
    /// Names of mandatory fields, for the states of builders.
    pub mandatory: Vec<String>,
}

/// A stage.
#[derive(Debug)]
pub struct Stage {
    /// The variant.
    pub variant: String,
    /// The name in the spec.
    pub name: String,
    /// The base URL.
    pub url: String,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Credential of the client.
#[derive(Debug)]
pub struct CredentialModel {
    /// Name of the parameter.
    pub rust: String,
    /// The string newtype.
    pub text: String,
    /// Documentation.
    pub doc: String,
    /// Set if the client needs the credential. A credential that only proves callbacks is needed only by the receiver.
    pub of_client: bool,
}

/// A header of every request.
#[derive(Debug)]
pub struct HeaderModel {
    /// The name.
    pub name: String,
    /// The value.
    pub value: HeaderValue,
}

/// Source of a header's value.
#[derive(Debug)]
pub enum HeaderValue {
    /// Constant text.
    Constant(String),
    /// Index of the credential that is sent, and the text before it.
    Credential(usize, String),
    /// Index of the computed value that is sent, and the text before it.
    Computed(usize, String),
}

/// The envelope.
#[derive(Debug)]
pub struct EnvelopeModel {
    /// Criterion of success.
    pub success: SuccessModel,
    /// Criterion of a documented failure.
    pub failure: FailureModel,
    /// The path of the code.
    pub code: Vec<String>,
    /// The path of the message.
    pub message: Vec<String>,
    /// Set if error codes are integers on the wire.
    pub integer_codes: bool,
    /// The path of the payload.
    pub payload: Option<Vec<String>>,
    /// Statuses whose bodies have code and message elsewhere.
    pub errors: Vec<ErrorShapeModel>,
}

/// Criterion of success.
#[derive(Debug)]
pub enum SuccessModel {
    /// A status of this range.
    Status(u16, u16),
    /// A member with one of these values, as texts.
    Member(Vec<String>, Vec<String>),
    /// The presence of a member.
    Present(Vec<String>),
}

/// Criterion of a documented failure.
#[derive(Debug)]
pub enum FailureModel {
    /// One of these values of the success member, as texts.
    Values(Vec<String>),
    /// Any value of the success member that does not mean success.
    Other,
    /// An error code.
    Coded,
}

/// Location of code and message in the bodies of some statuses.
#[derive(Debug)]
pub struct ErrorShapeModel {
    /// The first status and the last.
    pub statuses: (u16, u16),
    /// The path of the code.
    pub code: Vec<String>,
    /// The path of the message.
    pub message: Vec<String>,
}

/// Meaning of a range of HTTP statuses.
#[derive(Debug)]
pub struct StatusRule {
    /// The first status.
    pub from: u16,
    /// The last status.
    pub to: u16,
    /// Meaning, as text.
    pub means: String,
    /// Set if the request may have taken effect.
    pub unknown: bool,
}

/// An error code.
#[derive(Debug)]
pub struct CodeModel {
    /// The code.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// The meaning.
    pub means: String,
    /// Advice to the caller.
    pub advice: Advice,
    /// Its meanings, if it has several.
    pub own: Option<OwnMeanings>,
    /// Set if the page lists the code.
    pub on_page: bool,
}

/// Meanings of an error code that depend on the operation.
#[derive(Debug)]
pub struct OwnMeanings {
    /// Operation, meaning and advice.
    pub operations: Vec<(String, String, Advice)>,
    /// Meaning and advice in replies of any other operation, if the code is documented for them.
    pub others: Option<(String, Advice)>,
}
