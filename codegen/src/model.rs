//! What the emitters write down: every Rust name, type and rule, decided. Plain data.

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

use crate::spec::Advice;

/// The generated crate.
#[derive(Debug)]
pub struct Model {
    /// Its APIs, a module each.
    pub apis: Vec<ApiModel>,
}

/// One API.
#[derive(Debug)]
pub struct ApiModel {
    /// The module.
    pub module: String,
    /// The name people use.
    pub title: String,
    /// The same for documentation.
    pub shown_title: String,
    /// Documentation of the module before its first example: what the API is for, and the flow.
    pub docs: Vec<String>,
    /// Documentation of the module after it: sections of the page and the methods for them.
    pub map: Vec<String>,
    /// The number of the operation that a first program calls.
    pub first: usize,
    /// Stages.
    pub stages: Vec<Stage>,
    /// The number of the stage used by default.
    pub default_stage: usize,
    /// What the client holds.
    pub credentials: Vec<CredentialModel>,
    /// Headers of every request.
    pub headers: Vec<HeaderModel>,
    /// Values that the client makes by itself.
    pub computed: Vec<ComputedModel>,
    /// The envelope.
    pub envelope: EnvelopeModel,
    /// What HTTP statuses mean.
    pub statuses: Vec<StatusRule>,
    /// Connect, attempt, total and warning timeouts, then how long an attempt can still be accepted and until it shows, in
    /// seconds.
    pub timeouts: [u64; 6],
    /// Where callbacks come from: the first and the last address of each range.
    pub callback_sources: Vec<[[u8; 4]; 2]>,
    /// Whether the service takes forms, too.
    pub reads_forms: bool,
    /// Whether bodies are sent as forms.
    pub sends_forms: bool,
    /// Wire names that are never shown.
    pub sensitive: Vec<String>,
    /// String newtypes.
    pub texts: Vec<TextType>,
    /// Enumerations.
    pub enums: Vec<EnumType>,
    /// Times and days in a notation of their own.
    pub times: Vec<TimeType>,
    /// Objects of several kinds.
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
    /// Names of mandatory fields, for the builders' states.
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

/// Something the client holds.
#[derive(Debug)]
pub struct CredentialModel {
    /// The parameter's name.
    pub rust: String,
    /// The string newtype.
    pub text: String,
    /// Documentation.
    pub doc: String,
}

/// A header of every request.
#[derive(Debug)]
pub struct HeaderModel {
    /// The name.
    pub name: String,
    /// The value.
    pub value: HeaderValue,
}

/// Where a header's value comes from.
#[derive(Debug)]
pub enum HeaderValue {
    /// It is always this.
    Constant(String),
    /// A credential, after a prefix.
    Credential(usize, String),
    /// A computed value's number, after a prefix.
    Computed(usize, String),
}

/// A part of a digest.
#[derive(Debug, Clone)]
pub enum DigestPart {
    /// A credential's number.
    Credential(usize),
    /// A path parameter's wire name.
    Path(String),
}

/// The envelope.
#[derive(Debug)]
pub struct EnvelopeModel {
    /// What shows success.
    pub success: SuccessModel,
    /// What shows a documented failure.
    pub failure: FailureModel,
    /// The path of the code.
    pub code: Vec<String>,
    /// The path of the message.
    pub message: Vec<String>,
    /// Error codes are integers on the wire.
    pub integer_codes: bool,
    /// The path of the payload.
    pub payload: Option<Vec<String>>,
    /// Statuses whose bodies have code and message elsewhere.
    pub errors: Vec<ErrorShapeModel>,
}

/// What shows that a reply is a success.
#[derive(Debug)]
pub enum SuccessModel {
    /// A status of this range.
    Status(u16, u16),
    /// A member with one of these values, as texts.
    Member(Vec<String>, Vec<String>),
    /// A member that is there.
    Present(Vec<String>),
}

/// What shows a documented failure.
#[derive(Debug)]
pub enum FailureModel {
    /// One of these values of the success member, as texts.
    Values(Vec<String>),
    /// Any other value of the success member.
    Other,
    /// An error code.
    Coded,
}

/// Where the bodies of some statuses have code and message.
#[derive(Debug)]
pub struct ErrorShapeModel {
    /// The first status and the last.
    pub statuses: (u16, u16),
    /// The path of the code.
    pub code: Vec<String>,
    /// The path of the message.
    pub message: Vec<String>,
}

/// What a range of HTTP statuses means.
#[derive(Debug)]
pub struct StatusRule {
    /// The first status.
    pub from: u16,
    /// The last status.
    pub to: u16,
    /// In words.
    pub means: String,
    /// The request may have taken effect.
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
    /// What a caller does about it.
    pub advice: Advice,
    /// It stands on the page.
    pub on_page: bool,
}
