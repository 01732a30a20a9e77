//! Spec with resolved references: the result of `resolve`, and the input of every later pass. Plain data.

use crate::model::{PathSegment, Rules};
use crate::source::{FileId, Place};
use crate::spec;

/// One API with all references resolved.
#[derive(Debug)]
pub struct Api {
    /// Name of the module and folder.
    pub name: String,
    /// File that describes the API as a whole.
    pub file: FileId,
    /// Description of the API as a whole.
    pub spec: spec::ApiFile,
    /// Rows of the envelope, if they are documented separately.
    pub envelope: Vec<Field>,
    /// Named scalars, in the order of the files.
    pub scalars: Vec<Named<spec::Scalar>>,
    /// Enumerations.
    pub enums: Vec<Named<spec::Enum>>,
    /// Groups.
    pub objects: Vec<Object>,
    /// Operations, by file name.
    pub operations: Vec<Operation>,
    /// Callbacks, by file name.
    pub callbacks: Vec<Callback>,
    /// Error codes: those of operations first, then those listed elsewhere.
    pub codes: Vec<CodeEntry>,
    /// Every quirk.
    pub quirks: Vec<PlacedQuirk>,
    /// The notes of every file.
    pub notes: Vec<PlacedNote>,
    /// Set if part of the files could not be parsed.
    pub incomplete: bool,
    /// Set if a whole file could not be read, so that its definitions seem to be missing.
    pub lost: bool,
}

/// Named definition with its place.
#[derive(Debug)]
pub struct Named<T> {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: T,
    /// The page section of the file.
    pub section: String,
}

/// Quirk with its place.
#[derive(Debug, Clone)]
pub struct PlacedQuirk {
    /// The operation or callback it belongs to.
    pub owner: Option<String>,
    /// Where.
    pub place: Place,
    /// The quirk.
    pub spec: spec::Quirk,
}

/// Note with its place.
#[derive(Debug, Clone)]
pub struct PlacedNote {
    /// Where.
    pub place: Place,
    /// The note.
    pub spec: spec::Note,
}

/// A group of fields.
#[derive(Debug)]
pub struct Object {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: spec::ObjectSpec,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The page section of the file.
    pub section: String,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Name on the wire, or the field's own name if it is not on the wire.
    pub wire: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: spec::FieldSpec,
    /// Type of the field.
    pub kind: Kind,
    /// Sensitivity: its own, or that of its type.
    pub sensitivity: spec::Sensitivity,
    /// Rules for its values in a request: those of its type, combined with its own.
    pub rules: Rules,
}

/// Type of a field.
#[derive(Debug)]
pub enum Kind {
    /// A value.
    One(TypeRef),
    /// A list of values.
    List(TypeRef),
    /// Exactly one of these fields.
    OneOf(Vec<Field>),
    /// A group's fields, flat.
    Include(usize),
    /// Broken, and already reported.
    Broken,
}

/// A built-in or named type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeRef {
    /// `string`
    String,
    /// `integer`
    Integer,
    /// `boolean`
    Boolean,
    /// `won`: an amount in Korean won
    Won,
    /// `kst_date_time`
    KstDateTime,
    /// `civil_date_time`
    CivilDateTime,
    /// `json`: anything
    Json,
    /// A scalar's number.
    Scalar(usize),
    /// An enumeration's number.
    Enum(usize),
    /// A group's number.
    Object(usize),
}

/// The built-in types by name.
pub const BUILT_IN: [(&str, TypeRef); 7] = [
    ("string", TypeRef::String),
    ("integer", TypeRef::Integer),
    ("boolean", TypeRef::Boolean),
    ("won", TypeRef::Won),
    ("kst_date_time", TypeRef::KstDateTime),
    ("civil_date_time", TypeRef::CivilDateTime),
    ("json", TypeRef::Json),
];

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The id.
    pub id: String,
    /// The file.
    pub file: FileId,
    /// The definition.
    pub spec: spec::OperationFile,
    /// The HTTP method.
    pub method: spec::Method,
    /// The path template as written.
    pub template: String,
    /// The path template in pieces.
    pub segments: Vec<PathSegment>,
    /// Path parameters.
    pub path: Vec<Field>,
    /// Query parameters.
    pub query: Vec<Field>,
    /// The request body.
    pub request: Vec<Field>,
    /// The reply.
    pub reply: Vec<Field>,
}

/// A callback.
#[derive(Debug)]
pub struct Callback {
    /// The id.
    pub id: String,
    /// The file.
    pub file: FileId,
    /// The definition.
    pub spec: spec::CallbackFile,
    /// Its headers.
    pub headers: Vec<Field>,
    /// Its members.
    pub body: Vec<Field>,
}

/// An error code.
#[derive(Debug)]
pub struct CodeEntry {
    /// The code.
    pub code: String,
    /// Where it is defined.
    pub place: Place,
    /// The definition.
    pub spec: spec::Code,
    /// The operation whose section lists it.
    pub operation: Option<String>,
}
