//! Input of the emitters of Rust code, as plain data. It contains every Rust name, type and rule, so that the emitters
//! do not choose any of them.

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
    /// APIs of the crate. Each API has a module.
    pub apis: Vec<ApiModel>,
}

/// One API.
#[derive(Debug)]
pub struct ApiModel {
    /// Name of the module.
    pub module: String,
    /// Title of the API, as the spec has it.
    pub title: String,
    /// Title of the API, escaped for the Markdown of rustdoc.
    pub shown_title: String,
    /// Paragraphs of the module's documentation before the example: the purpose of the API, and its flow.
    pub docs: Vec<String>,
    /// Paragraphs of the module's documentation after the example: the sections of the page and their methods.
    pub map: Vec<String>,
    /// Index of the operation that the quick start shows.
    pub first: usize,
    /// Stages: environments of the service, each with its base URL.
    pub stages: Vec<Stage>,
    /// Index of the default stage.
    pub default_stage: usize,
    /// Credentials of the API, including the credentials that only receivers of callbacks need.
    pub credentials: Vec<CredentialModel>,
    /// Headers of requests. An operation can replace them, and a request for a token lacks the header with the token.
    pub headers: Vec<HeaderModel>,
    /// Computed values.
    pub computed: Vec<ComputedModel>,
    /// Envelope of the operations that have no envelope of their own.
    pub envelope: EnvelopeModel,
    /// Meanings of HTTP statuses. The first range that contains a status applies.
    pub statuses: Vec<StatusRule>,
    /// Values of `timeouts:` in seconds, in this order: `connect`, `attempt`, `total`, `warn_below`, `accepted_within`
    /// and `shown_within`.
    pub timeouts: [u64; 6],
    /// Ranges of IPv4 addresses from which callbacks come. Each range has its first and its last address.
    pub callback_sources: Vec<[[u8; 4]; 2]>,
    /// Wire names of members and headers whose values are never shown.
    pub sensitive: Vec<String>,
    /// String newtypes: named types that wrap a text.
    pub texts: Vec<TextType>,
    /// Enumerations.
    pub enums: Vec<EnumType>,
    /// Types of times and days with a notation of their own.
    pub times: Vec<TimeType>,
    /// Unions: objects with a discriminator.
    pub unions: Vec<UnionType>,
    /// Structs of the groups of fields.
    pub objects: Vec<Struct>,
    /// Enumerations whose variants contain groups.
    pub details: Vec<Details>,
    /// Error codes.
    pub codes: Vec<CodeModel>,
    /// Operations.
    pub operations: Vec<OperationModel>,
    /// Callbacks.
    pub callbacks: Vec<CallbackModel>,
    /// Names of mandatory fields, as [`Member::missing_name`] returns them. The type of a builder contains the names of
    /// the fields that are not set yet.
    pub mandatory: Vec<String>,
}

/// Stage: an environment of the service, such as production or testing.
#[derive(Debug)]
pub struct Stage {
    /// Variant of the stage in the generated enumeration.
    pub variant: String,
    /// Name of the stage in the spec.
    pub name: String,
    /// Base URL, without a slash at its end.
    pub url: String,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Credential of an API.
#[derive(Debug)]
pub struct CredentialModel {
    /// Rust name of the credential.
    pub rust: String,
    /// String newtype of the credential.
    pub text: String,
    /// Documentation.
    pub doc: String,
    /// Set if the client needs the credential. If a credential is used only in the proof of callbacks, the receiver of
    /// the callbacks needs it, but the client does not.
    pub of_client: bool,
}

/// Header that the client sends.
#[derive(Debug)]
pub struct HeaderModel {
    /// Name of the header.
    pub name: String,
    /// Source of the header's value.
    pub value: HeaderValue,
}

/// Source of a header's value.
#[derive(Debug)]
pub enum HeaderValue {
    /// Constant text.
    Constant(String),
    /// Index of the credential that is sent, and the text that precedes the credential in the header.
    Credential(usize, String),
    /// Index of the computed value that is sent, and the text that precedes the value in the header.
    Computed(usize, String),
}

/// Envelope of replies: how a reply shows success, and the paths of the error code, the error message and the payload.
#[derive(Debug)]
pub struct EnvelopeModel {
    /// Criterion by which a reply is a success.
    pub success: SuccessModel,
    /// Criterion by which a reply is a documented failure.
    pub failure: FailureModel,
    /// Path of the error code in a reply.
    pub code: Vec<String>,
    /// Path of the error message in a reply.
    pub message: Vec<String>,
    /// Set if error codes are integers on the wire.
    pub integer_codes: bool,
    /// Path of the payload in a reply. `None` if the whole reply is the payload.
    pub payload: Option<Vec<String>>,
    /// HTTP statuses whose replies have the error code and the error message at other paths.
    pub errors: Vec<ErrorShapeModel>,
}

/// Criterion by which a reply is a success.
#[derive(Debug)]
pub enum SuccessModel {
    /// The HTTP status is in this range.
    Status(u16, u16),
    /// The member at this path has one of these values, compared as texts.
    Member(Vec<String>, Vec<String>),
    /// The member at this path is present.
    Present(Vec<String>),
}

/// Criterion by which a reply is a documented failure.
#[derive(Debug)]
pub enum FailureModel {
    /// The member that shows success has one of these values, compared as texts.
    Values(Vec<String>),
    /// The member that shows success has any value that does not mean success.
    Other,
    /// The reply has an error code.
    Coded,
}

/// Location of the error code and message in replies with certain HTTP statuses.
#[derive(Debug)]
pub struct ErrorShapeModel {
    /// First and last HTTP status of the range.
    pub statuses: (u16, u16),
    /// Path of the error code.
    pub code: Vec<String>,
    /// Path of the error message.
    pub message: Vec<String>,
}

/// Meaning of the HTTP statuses in a range.
#[derive(Debug)]
pub struct StatusRule {
    /// The first status.
    pub from: u16,
    /// The last status.
    pub to: u16,
    /// Meaning of the statuses, as prose.
    pub means: String,
    /// Set if the request may have taken effect, so that its outcome is unknown.
    pub unknown: bool,
}

/// An error code.
#[derive(Debug)]
pub struct CodeModel {
    /// Code on the wire.
    pub wire: String,
    /// Variant of the code in the generated enumeration.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Meaning of the code, as prose.
    pub means: String,
    /// Advice to the caller.
    pub advice: Advice,
    /// Meanings for single operations. `None` if neither the meaning nor the advice depends on the operation.
    pub own: Option<OwnMeanings>,
    /// Set if the page lists the code. Otherwise, the code comes from another source, such as an example.
    pub on_page: bool,
}

/// Meanings of an error code that depend on the operation.
#[derive(Debug)]
pub struct OwnMeanings {
    /// Operations with a meaning of their own, each followed by the meaning and the advice.
    pub operations: Vec<(String, String, Advice)>,
    /// Meaning and advice in replies of all other operations. `None` if the spec lists the code only for single
    /// operations.
    pub others: Option<(String, Advice)>,
}
