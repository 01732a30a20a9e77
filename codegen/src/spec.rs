//! The spec language: what a YAML file under `spec/` may say, as plain structs.
//!
//! One struct a construct, no logic beyond reading the small notations (`50 characters`, `15 s`).
//! Unknown keys are refused everywhere. What the words refer to is settled in `resolve`; whether they make
//! sense together is settled in `lint`. The JSON Schema for editors is derived from these structs.

mod notation;

pub use notation::{Duration, Limit, Literal, Sends, Unit};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// An ordered mapping, in the order of the file, which is the order of the page.
pub type Map<T> = IndexMap<String, T>;

/// `api.yaml`: what holds for every operation of one API.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiFile {
    /// The API's name: its folder under `spec/` and its module in the generated crate.
    pub api: String,
    /// The name people use.
    pub title: String,
    /// What the API is for, in a sentence or two.
    pub summary: String,
    /// The section of the page this file transcribes.
    pub page: Page,
    /// The page's own list of versions.
    #[serde(default)]
    pub history: Vec<Revision>,
    /// Base URLs by stage.
    pub base_urls: Map<BaseUrl>,
    /// The stage a client uses unless told otherwise.
    pub default_stage: String,
    /// What the caller is given by the provider and hands to the client once.
    pub credentials: Map<Credential>,
    /// Headers sent with every request.
    #[serde(default)]
    pub headers: Map<Header>,
    /// Body encodings the service accepts.
    pub bodies: Vec<Encoding>,
    /// How a reply says that it succeeded, and where its parts stand.
    pub envelope: Envelope,
    /// Documented HTTP statuses: `200`, or a class such as `50x`.
    pub http_statuses: Map<HttpStatus>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Sections that the page has withdrawn. Nothing is generated for them.
    #[serde(default)]
    pub withdrawn: Vec<Withdrawn>,
    /// Facts of the page that concern no single field: environments, restrictions, contacts.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// A file of named types and error codes. Any number of them may stand in an API's folder.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypesFile {
    /// What the file holds, in a few words.
    pub types: String,
    /// The section of the page this file transcribes.
    pub page: Page,
    /// Named scalars: order numbers, tokens, keys.
    #[serde(default)]
    pub scalars: Map<Scalar>,
    /// Enumerations.
    #[serde(default)]
    pub enums: Map<Enum>,
    /// Named groups of fields, used as a nested object or included flat.
    #[serde(default)]
    pub objects: Map<Object>,
    /// Error codes that are not listed with an operation.
    #[serde(default)]
    pub codes: Map<Code>,
    /// Facts of the page that concern no single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// A file that describes one operation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationFile {
    /// The section of the page this file transcribes.
    pub page: Page,
    /// The operation's id, in snake case.
    pub operation: String,
    /// The path of a GET operation, with `{parameters}`.
    pub get: Option<String>,
    /// The path of a POST operation, with `{parameters}`.
    pub post: Option<String>,
    /// The path of a PUT operation, with `{parameters}`.
    pub put: Option<String>,
    /// The path of a PATCH operation, with `{parameters}`.
    pub patch: Option<String>,
    /// The path of a DELETE operation, with `{parameters}`.
    pub delete: Option<String>,
    /// One sentence: what the operation does.
    pub summary: String,
    /// More about it.
    pub doc: Option<String>,
    /// What to do when the answer is lost.
    pub recovery: Recovery,
    /// Path parameters, by the name in the path's braces.
    #[serde(default)]
    pub path: Map<Field>,
    /// Query parameters.
    #[serde(default)]
    pub query: Map<Field>,
    /// Members of the request body, in page order.
    #[serde(default)]
    pub request: Map<Field>,
    /// Rules that span several fields of the request.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Members of the reply (of its payload, where the envelope has one), in page order. The name `[]` stands
    /// for a payload that is itself a list.
    #[serde(default)]
    pub reply: Map<Field>,
    /// Error codes the section lists.
    #[serde(default)]
    pub errors: Map<Code>,
    /// Example exchanges, as values.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Facts of the section that concern no single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// A file that describes a message the service, or the purchaser's browser, sends to the caller.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackFile {
    /// The section of the page this file transcribes.
    pub page: Page,
    /// The callback's id, in snake case.
    pub callback: String,
    /// One sentence: what it announces.
    pub summary: String,
    /// More about it.
    pub doc: Option<String>,
    /// Who sends it.
    pub from: Sender,
    /// The request field that holds the URL it goes to: `create_payment.resultCallback`.
    pub to: String,
    /// The HTTP method.
    pub method: Method,
    /// Headers that come with it.
    #[serde(default)]
    pub headers: Map<Field>,
    /// How the message is encoded, by version. A callback without versions has the one entry `any`.
    pub encodings: Map<Encoding>,
    /// Members of the message, in page order.
    #[serde(default)]
    pub body: Map<Field>,
    /// The message has no documented body: keep whatever comes.
    #[serde(default)]
    pub opaque_body: bool,
    /// How to tell that it is genuine.
    pub believe: Believe,
    /// The HTTP status that tells the sender it was received.
    pub answer: Option<u16>,
    /// HTTP statuses the section lists.
    #[serde(default)]
    pub http_statuses: Map<HttpStatus>,
    /// How often it is sent again when it was not received.
    pub resend: Option<Resend>,
    /// Example messages, as values.
    #[serde(default)]
    pub examples: Vec<MessageExample>,
    /// Facts of the section that concern no single field.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Places where the page contradicts itself, and how we read them.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
}

/// Where something is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The section's heading or number.
    pub section: String,
    /// The page's version or date, where it states one.
    pub version: Option<String>,
}

/// One line of the page's version history.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The version as printed.
    pub version: String,
    /// The date as printed.
    pub date: String,
    /// What changed, in our words.
    pub change: String,
}

/// The base URL of a stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaseUrl {
    /// The URL, without a trailing slash.
    pub url: String,
    /// What the stage is for.
    pub means: String,
}

/// Something the provider issues to the caller and the client holds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The scalar that describes it.
    #[serde(rename = "type")]
    pub of: String,
    /// What it is for.
    pub doc: String,
}

/// A header of every request: exactly one of the value keys is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// A fixed value.
    pub constant: Option<String>,
    /// The credential that is the value.
    pub credential: Option<String>,
    /// Text before the credential.
    pub prefix: Option<String>,
    /// Lower-case hex SHA-256 over these, without a separator: credentials, and path parameters in braces.
    pub sha256: Option<Vec<String>>,
    /// What it is for.
    pub doc: String,
    /// Whether its value may be shown.
    pub sensitivity: Option<Sensitivity>,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// Parameters of the URL.
    Query,
}

/// How a reply says that it succeeded, and where its parts stand. Members are named by dotted path.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The member that tells success from failure.
    pub success: EnvelopeSuccess,
    /// The member with the error code.
    pub code: String,
    /// The member with the explanation.
    pub message: String,
    /// The member with the payload; absent when the payload's members stand beside the envelope's.
    pub payload: Option<String>,
    /// The envelope's own rows on the page, where it documents them apart from the operations.
    #[serde(default)]
    pub fields: Map<Field>,
}

/// The member that tells success from failure.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSuccess {
    /// Its dotted path.
    pub member: String,
    /// The value that means success.
    pub equals: Literal,
    /// The documented value that means failure.
    pub failure: Option<Literal>,
}

/// What an HTTP status means.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpStatus {
    /// What the page says about it, in our words.
    pub means: String,
    /// Whether the request may have taken effect. Absent: a success, the envelope decides.
    pub outcome: Option<Outcome>,
}

/// Whether a request may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It certainly did not.
    Rejected,
    /// It may have.
    Unknown,
}

/// How long to wait.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// For a connection: `3 s`.
    pub connect: Duration,
    /// For one attempt as a whole: `15 s`.
    pub attempt: Duration,
    /// An attempt's timeout below this is worth a warning.
    pub warn_below: Duration,
    /// Where the numbers come from.
    pub doc: String,
}

/// A section the page has withdrawn.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// The section.
    pub section: String,
    /// Why, or since when.
    pub note: String,
}

/// A fact that concerns no single field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it is about: `browsers`, `firewall`.
    pub about: String,
    /// The fact, in our words.
    pub says: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// A place where the page contradicts itself, its example or common sense.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// Where: `request.amount`, `reply.card.spreadOut`, `example`, `page`.
    pub at: String,
    /// What the page says, in our words.
    pub page_says: String,
    /// How we read it.
    pub we_read: String,
    /// Why that reading loses no money.
    pub because: Option<String>,
}

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The page's tables and text.
    #[default]
    Page,
    /// Only an example on the page.
    Example,
    /// The provider's older public documentation, or real replies seen in public code.
    Public,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// It may.
    Public,
    /// It concerns a person: never in logs or error texts.
    Personal,
    /// Who holds it can act: never in logs or error texts.
    Secret,
}

/// A named string type.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scalar {
    /// What it is.
    pub doc: String,
    /// Upper bound, with its unit: `50 characters`.
    pub max: Option<Limit>,
    /// Lower bound, with its unit: `1 character`.
    pub min: Option<Limit>,
    /// Which characters it may have.
    pub characters: Option<Characters>,
    /// Not only white space.
    #[serde(default)]
    pub not_blank: bool,
    /// The notation its text must follow.
    pub format: Option<Format>,
    /// Beginnings of a proper value, and the environment each stands for.
    #[serde(default)]
    pub prefixes: Map<String>,
    /// Beginnings of a value people mistake for this one, and what to tell them.
    #[serde(default)]
    pub mistaken: Map<String>,
    /// How the caller's side makes one.
    pub generated: Option<Generated>,
    /// Whether it may be shown.
    pub sensitivity: Option<Sensitivity>,
}

/// How the caller's side makes an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generated {
    /// A random UUID: 36 characters.
    Uuid,
}

/// The notation a text must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An absolute http or https URL.
    HttpUrl,
    /// One segment of a URL path: not empty, not `.` or `..`.
    PathSegment,
}

/// Which characters a text may have: `allow` or `forbid`, not both.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Characters {
    /// Only these: `digits`, `latin`, `hangul`, `blank`, or the characters themselves.
    pub allow: Option<Vec<String>>,
    /// Any but these characters.
    pub forbid: Option<String>,
}

/// An enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// What it tells apart.
    pub doc: String,
    /// Whether values are texts or integers on the wire.
    #[serde(default)]
    pub coded_as: Coding,
    /// In requests, other texts than the listed ones are accepted too.
    #[serde(default)]
    pub accepts_others: bool,
    /// Values are recognised in either case.
    #[serde(default)]
    pub any_case: bool,
    /// The values, by their text on the wire.
    pub values: Map<EnumValue>,
}

/// How an enumeration's values are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// Texts.
    #[default]
    Text,
    /// Integers.
    Integer,
}

/// One value of an enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// What it means.
    pub means: String,
    /// The Rust name, where the wire text is no use.
    pub name: Option<String>,
    /// What the service calls it in texts for people.
    pub label: Option<String>,
    /// Statuses only: the statuses that can follow.
    pub next: Option<Vec<String>>,
    /// Statuses only: what the caller may ask for while it lasts (`execute`, `refund`).
    pub allows: Option<Vec<String>>,
    /// Statuses only: where everything begins.
    #[serde(default)]
    pub initial: bool,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// A named group of fields.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// What the fields describe together.
    pub doc: String,
    /// The fields.
    pub fields: Map<Field>,
    /// Included flat: the value of the operation's discriminating field that says these fields are there.
    pub when: Option<Map<Literal>>,
}

/// A field: of a request, a reply, a callback, a group, a path or a query.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// A built-in type (`string`, `integer`, `boolean`, `won`, `kst_date_time`, `civil_date_time`, `json`) or a
    /// named one.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// The field is a list of this type.
    pub list: Option<String>,
    /// Exactly one of these is given. The field's own name is not on the wire.
    pub one_of: Option<Map<Field>>,
    /// The named group's fields stand here, flat. The field's own name is not on the wire.
    pub include: Option<String>,
    /// Of an included or nested group: the fields this place lists, in page order. Absent: all.
    pub fields: Option<Vec<String>>,
    /// What it is.
    pub doc: Option<String>,
    /// The Rust name, where the wire name is no use.
    pub name: Option<String>,
    /// The caller must give it.
    #[serde(default)]
    pub mandatory: bool,
    /// The caller must give it when another field has this value.
    pub mandatory_when: Option<Map<Literal>>,
    /// Of a reply: a success always carries it; one without it cannot be understood.
    #[serde(default)]
    pub always: bool,
    /// `null` is a value of its own, and is sent.
    #[serde(default)]
    pub nullable: bool,
    /// Upper bound, with its unit: `50 characters`, `7 digits`, `10 items`.
    pub max: Option<Limit>,
    /// Lower bound; of a number without a unit.
    pub min: Option<Limit>,
    /// Which characters it may have.
    pub characters: Option<Characters>,
    /// Not only white space.
    #[serde(default)]
    pub not_blank: bool,
    /// The notation its text must follow.
    pub format: Option<Format>,
    /// What the service assumes when it is absent.
    pub default: Option<Literal>,
    /// Of a time: at most this far ahead, and not past.
    pub within: Option<Duration>,
    /// Of a URL: ports other than this one are worth a warning.
    pub expected_port: Option<u16>,
    /// Who provides the value. Absent: the caller, with each request.
    pub supplied_by: Option<Supplier>,
    /// Of an amount in a reply: it is written as a negative number.
    #[serde(default)]
    pub negative: bool,
    /// Deliberate choices with a name of their own, instead of a plain value: `everything_left: absent`.
    #[serde(default)]
    pub choices: Map<Choice>,
    /// There is no plain setter, only the choices.
    #[serde(default)]
    pub choices_only: bool,
    /// Of a callback: the version that has it. Absent: all.
    pub only_in: Option<String>,
    /// Whether it may be shown. Absent: as its type says, else it may.
    pub sensitivity: Option<Sensitivity>,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// A deliberate choice for a field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is sent: `absent`, `null`, `true` or `false`.
    pub sends: Sends,
    /// What choosing it means.
    pub doc: String,
}

/// Who provides a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Supplier {
    /// The client, from the credential of the field's type.
    Client,
}

/// A rule that spans several fields.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The parts may not exceed the total, and must equal it when `exact_when` are all given.
    pub parts: Vec<String>,
    /// The field that holds the total.
    pub total: String,
    /// The parts that, given together, leave nothing for the service to work out.
    #[serde(default)]
    pub exact_when: Vec<String>,
    /// The rule in words.
    pub doc: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// An error code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// What it means.
    pub means: String,
    /// What the caller should do.
    pub advice: Advice,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// What a caller should do about an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Change the request.
    FixRequest,
    /// Check the credentials.
    CheckKey,
    /// Try again later.
    TryLater,
    /// The request may have taken effect: ask for the status.
    AskStatus,
    /// The effect is there already.
    AlreadyDone,
    /// Tell the purchaser.
    TellPurchaser,
}

/// What to do when an operation's answer is lost.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Whether the request may be sent again.
    pub class: RecoveryClass,
    /// The operation that tells what became of it.
    pub with: Option<String>,
    /// Why.
    pub doc: Option<String>,
}

/// Whether a request may be sent again after its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryClass {
    /// Yes: sending it twice is the same as sending it once.
    Resend,
    /// Only after the operation named `with` has told that it did not take effect.
    AskFirst,
    /// No.
    Never,
}

/// An example exchange.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows, in a few words: becomes a test's name.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
    /// Path parameters.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub path: Map<serde_yaml::Value>,
    /// Query parameters; a list is sent as repeated parameters.
    #[serde(default)]
    #[schemars(with = "Map<serde_json::Value>")]
    pub query: Map<serde_yaml::Value>,
    /// The request's body, without what the client supplies.
    #[schemars(with = "Option<serde_json::Value>")]
    pub request: Option<serde_yaml::Value>,
    /// The reply's body, envelope included.
    #[schemars(with = "Option<serde_json::Value>")]
    pub reply: Option<serde_yaml::Value>,
}

/// An example message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageExample {
    /// What it shows, in a few words: becomes a test's name.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
    /// The callback version it is written in.
    pub version: Option<String>,
    /// The message.
    #[schemars(with = "serde_json::Value")]
    pub body: serde_yaml::Value,
}

/// How a callback is told from a forgery.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Believe {
    /// The header that proves it, equal to the API header of the same name.
    pub header: Option<String>,
    /// The operation that confirms what it claims.
    pub confirm_with: Option<String>,
    /// In words.
    pub doc: String,
}

/// How often a callback is sent again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// How many times.
    pub times: u32,
    /// Within this time.
    pub within: Duration,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

/// Who sends a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The service.
    Service,
    /// The purchaser's browser.
    Browser,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}
