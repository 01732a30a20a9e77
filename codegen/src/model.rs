//! What the emitters write down: every Rust name, type and rule, decided. Plain data.

/// The generated crate.
#[derive(Debug)]
pub struct Model {
    /// Its APIs, a module each.
    pub apis: Vec<Api>,
}

/// One API.
#[derive(Debug)]
pub struct Api {
    /// The module.
    pub module: String,
    /// The name people use.
    pub title: String,
    /// Documentation of the module.
    pub docs: Vec<String>,
    /// Stages.
    pub stages: Vec<Stage>,
    /// The number of the stage used by default.
    pub default_stage: usize,
    /// What the client holds.
    pub credentials: Vec<Credential>,
    /// Headers of every request.
    pub headers: Vec<Header>,
    /// The envelope.
    pub envelope: Envelope,
    /// What HTTP statuses mean.
    pub statuses: Vec<StatusRule>,
    /// Connect, attempt and warning timeouts, in seconds.
    pub timeouts: [u64; 3],
    /// Wire names that are never shown.
    pub sensitive: Vec<String>,
    /// String newtypes.
    pub texts: Vec<TextType>,
    /// Enumerations.
    pub enums: Vec<EnumType>,
    /// Groups.
    pub objects: Vec<Struct>,
    /// Enumerations over groups.
    pub details: Vec<Details>,
    /// Error codes.
    pub codes: Vec<Code>,
    /// Operations.
    pub operations: Vec<Operation>,
    /// Callbacks.
    pub callbacks: Vec<Callback>,
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
pub struct Credential {
    /// The parameter's name.
    pub rust: String,
    /// The string newtype.
    pub text: String,
    /// Documentation.
    pub doc: String,
}

/// A header of every request.
#[derive(Debug)]
pub struct Header {
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
    /// A digest over parts.
    Sha256(Vec<Part>),
}

/// A part of a digest.
#[derive(Debug, Clone)]
pub enum Part {
    /// A credential's number.
    Credential(usize),
    /// A path parameter's wire name.
    Path(String),
}

/// The envelope.
#[derive(Debug)]
pub struct Envelope {
    /// The path of the success member.
    pub success: Vec<String>,
    /// The text of the value that means success.
    pub equals: String,
    /// The text of the value that means failure.
    pub failure: Option<String>,
    /// The path of the code.
    pub code: Vec<String>,
    /// The path of the message.
    pub message: Vec<String>,
    /// The path of the payload.
    pub payload: Option<Vec<String>>,
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

/// A string newtype.
#[derive(Debug)]
pub struct TextType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Rules for requests.
    pub rules: TextRules,
    /// Who holds it can act: zeroised, compared in constant time, never shown.
    pub secret: bool,
    /// Never shown.
    pub sensitive: bool,
    /// Has `random()`.
    pub uuid: bool,
    /// Beginnings and the environment each stands for.
    pub prefixes: Vec<(String, String)>,
}

/// Rules for a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextRules {
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: Option<usize>,
    /// Characters allowed.
    pub characters: Option<CharacterSet>,
    /// Not only white space.
    pub not_blank: bool,
    /// Its notation.
    pub format: Option<TextFormat>,
    /// Beginnings of other things, and what to say.
    pub mistaken: Vec<(String, String)>,
    /// Violations do not show it.
    pub sensitive: bool,
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq)]
pub struct CharacterSet {
    /// ASCII, a bit each.
    pub ascii: u128,
    /// Korean letters.
    pub hangul: bool,
    /// Everything else.
    pub others: bool,
    /// In words.
    pub doc: String,
}

impl CharacterSet {
    /// Whether the set has this character.
    pub fn allows(&self, c: char) -> bool {
        match c {
            _ if c.is_ascii() => self.ascii >> (c as u32) & 1 == 1,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}' => self.hangul,
            _ => self.others,
        }
    }
}

/// A text's notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// An absolute http or https URL.
    HttpUrl,
    /// A segment of a URL path.
    PathSegment,
}

/// Rules for a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IntegerRules {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
    /// How the greatest value was documented.
    pub digits: Option<u32>,
    /// Violations do not show it.
    pub sensitive: bool,
}

/// An enumeration.
#[derive(Debug)]
pub struct EnumType {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// How it treats values it does not know.
    pub openness: Openness,
    /// Coded as integers.
    pub integer: bool,
    /// Either case is recognised.
    pub any_case: bool,
    /// Values.
    pub values: Vec<EnumValue>,
    /// Actions of a status, each with `can_…`.
    pub actions: Vec<String>,
    /// It is a state machine.
    pub states: bool,
}

/// How an enumeration treats values it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// There are none: requests only.
    Closed,
    /// Kept, sealed.
    Open,
    /// The caller may make them.
    Other,
}

/// A value of an enumeration.
#[derive(Debug)]
pub struct EnumValue {
    /// The text on the wire.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// What the service calls it in texts for people.
    pub label: Option<String>,
    /// Variants that can follow.
    pub next: Vec<String>,
    /// Actions allowed.
    pub allows: Vec<String>,
}

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
    /// How to match on the groups in it.
    pub details: Option<DetailsAccess>,
    /// Only requests have it.
    pub sent_only: bool,
}

impl Struct {
    /// Whether a field may not be shown.
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
    /// Where it goes.
    pub part: MessagePart,
    /// What it is.
    pub kind: MemberKind,
    /// In a request: there is always a value. Else an `Option`.
    pub plain: bool,
    /// In a request: the builder demands it.
    pub mandatory: bool,
    /// No value is sent as null.
    pub none_is_null: bool,
    /// In a request: may be left out, may be null, and the two differ. An `Option` in an `Option`.
    pub clearable: bool,
    /// Documentation.
    pub docs: Vec<String>,
    /// Never shown.
    pub sensitive: bool,
    /// Rules.
    pub rules: Rules,
    /// There is a setter for a plain value.
    pub plain_setter: bool,
    /// Deliberate choices.
    pub choices: Vec<Choice>,
    /// Demanded when another field has a value.
    pub conditions: Vec<Condition>,
    /// At most this many minutes ahead.
    pub within_minutes: Option<u32>,
    /// Other ports are worth a warning.
    pub expected_port: Option<u16>,
    /// In a reply: written as a negative number.
    pub negative: bool,
    /// In a reply: a success always has it.
    pub always: bool,
}

/// Where a request's field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagePart {
    /// The body.
    Body,
    /// The path.
    Path,
    /// The query.
    Query,
}

/// What a field is.
#[derive(Debug)]
pub enum MemberKind {
    /// A value.
    Value(Ty),
    /// A list; with `true`, entries may be null.
    List(Ty, bool),
    /// An enumeration over alternatives.
    OneOf(OneOf),
    /// A group, flat.
    Include(String),
    /// A nested group that is always there, maybe empty.
    Nested(String),
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// `String`
    String,
    /// `i64`
    Integer,
    /// `bool`
    Bool,
    /// `KstDateTime`
    Kst,
    /// `CivilDateTime`
    Civil,
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
        /// How it treats unknown values.
        openness: Openness,
    },
    /// A group.
    Object(String),
}

/// Alternatives.
#[derive(Debug)]
pub struct OneOf {
    /// The enumeration.
    pub rust: String,
    /// The alternatives: wire name, variant, string newtype, rules beyond the newtype's.
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
    /// Rules, where they are not the newtype's own.
    pub rules: Option<TextRules>,
    /// Documentation.
    pub docs: Vec<String>,
}

/// Rules of a field.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Of a text; `None` with a string newtype: the newtype's own.
    pub text: Option<TextRules>,
    /// Of a number.
    pub integer: Option<IntegerRules>,
    /// Fewest entries.
    pub min_items: usize,
    /// Most entries.
    pub max_items: Option<usize>,
}

/// A deliberate choice.
#[derive(Debug)]
pub struct Choice {
    /// The method.
    pub rust: String,
    /// The value; `None`: absent or null.
    pub value: Option<bool>,
    /// Documentation.
    pub docs: Vec<String>,
}

/// A field is demanded when another has a value.
#[derive(Debug)]
pub struct Condition {
    /// The other field.
    pub other: String,
    /// The other field always has a value.
    pub other_plain: bool,
    /// The other field may be absent or null: an `Option` in an `Option`.
    pub other_clearable: bool,
    /// The value.
    pub value: ConditionValue,
    /// In words.
    pub because: String,
}

/// A value to compare with.
#[derive(Debug)]
pub enum ConditionValue {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
    /// A variant.
    Variant(String, String),
}

/// Parts must not exceed, or must equal, a total.
#[derive(Debug)]
pub struct Sum {
    /// The total: wire name, Rust name, always there.
    pub total: (String, String, bool),
    /// The parts, likewise.
    pub parts: Vec<(String, String, bool)>,
    /// Wire names of those that make the sum exact.
    pub exact_when: Vec<String>,
}

/// An enumeration over groups.
#[derive(Debug)]
pub struct Details {
    /// The name.
    pub rust: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// Variant, group and documentation.
    pub cases: Vec<(String, String, String)>,
}

/// How a reply gives its groups to match on.
#[derive(Debug)]
pub struct DetailsAccess {
    /// The method.
    pub method: String,
    /// The enumeration.
    pub details: String,
    /// The field that tells, if the reply has it: Rust name and enumeration.
    pub discriminator: Option<(String, String)>,
    /// Variant and the field with the group.
    pub cases: Vec<(String, String)>,
}

/// An error code.
#[derive(Debug)]
pub struct Code {
    /// The code.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// Documentation.
    pub docs: Vec<String>,
    /// The meaning.
    pub means: String,
    /// The advice's variant.
    pub advice: &'static str,
    /// It stands on the page.
    pub on_page: bool,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The id: method and module.
    pub id: String,
    /// Its number.
    pub index: usize,
    /// The section.
    pub section: String,
    /// The HTTP method's variant.
    pub method: &'static str,
    /// The path in pieces: literal or parameter.
    pub path: Vec<Result<String, String>>,
    /// It has a body.
    pub body: bool,
    /// Body members that the client supplies: wire name and credential.
    pub body_credentials: Vec<(String, usize)>,
    /// The recovery class's variant.
    pub recovery: &'static str,
    /// The operation that settles doubts.
    pub settle_with: Option<String>,
    /// Documentation of the file and method.
    pub docs: Vec<String>,
    /// A sentence.
    pub summary: String,
    /// The request.
    pub request: Struct,
    /// The reply.
    pub reply: Struct,
    /// Examples.
    pub examples: Vec<Example>,
    /// A request within all limits, to vary.
    pub sample: Option<Vec<Setter>>,
}

/// An example exchange.
#[derive(Debug)]
pub struct Example {
    /// A test's name.
    pub name: String,
    /// The builder's calls, when the example has a request.
    pub request: Option<Vec<Setter>>,
    /// The request's body as JSON, the client's part left out.
    pub request_json: Option<serde_json::Value>,
    /// The reply's body as JSON.
    pub reply_json: Option<serde_json::Value>,
    /// The reply's payload as JSON: what the spec knows of it, without nulls and empty lists.
    pub payload_json: Option<serde_json::Value>,
    /// The reply is a success.
    pub success: bool,
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
    /// A time.
    Kst(String),
    /// A civil time.
    Civil(String),
    /// A variant: enumeration and variant.
    Variant(String, String),
    /// A text that is none of an enumeration's: enumeration and text.
    OtherText(String, String),
    /// A number that is none of an enumeration's: enumeration and number.
    OtherNumber(String, i64),
    /// Anything, as JSON text.
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
pub struct Callback {
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
    /// Its body is kept as it comes.
    pub opaque: bool,
    /// It comes as JSON.
    pub json: bool,
    /// It comes as a form.
    pub form: bool,
    /// It comes as parameters of a URL.
    pub query: bool,
    /// The header that proves it.
    pub proof: Option<Proof>,
    /// Examples.
    pub examples: Vec<MessageExample>,
}

/// The header that proves a callback.
#[derive(Debug)]
pub struct Proof {
    /// The header.
    pub header: String,
    /// The parts of the digest: credentials, or values.
    pub parts: Vec<ProofPart>,
}

/// A part of a proving digest.
#[derive(Debug)]
pub enum ProofPart {
    /// A credential's number.
    Credential(usize),
    /// A field of the message.
    Member(String),
    /// A parameter of the verifying function: Rust name and string newtype.
    Argument(String, String),
}

/// An example message.
#[derive(Debug)]
pub struct MessageExample {
    /// A test's name.
    pub name: String,
    /// The message as JSON.
    pub json: serde_json::Value,
    /// What the spec knows of it, without nulls and empty lists.
    pub known: serde_json::Value,
}
