//! Spec with resolved references: the result of `resolve`, and the input of every later pass. Plain data.

use crate::constraints::{PathSegment, Rules};
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
    /// Rows of the envelope, if the page documents them separately.
    pub envelope: Vec<Field>,
    /// Named scalars, in the order of the files.
    pub scalars: Vec<Named<spec::Scalar>>,
    /// Enumerations.
    pub enums: Vec<Named<spec::Enum>>,
    /// Amounts of money: first the predefined types, then the types of the files.
    pub amounts: Vec<Amount>,
    /// Times and days with a notation of their own.
    pub times: Vec<Named<spec::TimeSpec>>,
    /// Unions: objects with a discriminator.
    pub unions: Vec<Union>,
    /// Lists and maps that are used as types.
    pub composites: Vec<Composite>,
    /// Groups.
    pub objects: Vec<Object>,
    /// Operations, by file name.
    pub operations: Vec<Operation>,
    /// Callbacks, by file name.
    pub callbacks: Vec<Callback>,
    /// Error codes: first the codes of operations, then the codes that are listed elsewhere.
    pub codes: Vec<CodeEntry>,
    /// Every quirk.
    pub quirks: Vec<PlacedQuirk>,
    /// The notes of every file.
    pub notes: Vec<PlacedNote>,
    /// Set if part of the files could not be parsed.
    pub incomplete: bool,
    /// Set if a whole file could not be read. Its definitions then seem to be missing.
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

/// An amount of money: a whole number of units of one currency.
#[derive(Debug, Clone)]
pub struct Amount {
    /// The name of the type.
    pub name: String,
    /// Place of the definition; `None` for a predefined type.
    pub place: Option<Place>,
    /// The definition.
    pub spec: spec::AmountSpec,
}

impl Amount {
    /// The unit with its currency: `won (KRW)`.
    pub fn in_words(&self) -> String {
        format!("{} ({})", self.spec.unit, self.spec.currency)
    }

    /// Amounts that every spec has without defining them.
    pub fn predefined() -> Vec<Self> {
        let amount = |(name, currency, doc): (&str, &str, &str)| {
            let spec = spec::AmountSpec { doc: doc.into(), currency: currency.into(), unit: name.into() };
            Self { name: name.into(), place: None, spec }
        };
        [("won", "KRW", "An amount in Korean won.")].into_iter().map(amount).collect()
    }
}

/// A list or a map as a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Composite {
    /// `list of …`
    List(TypeRef),
    /// `map of …`
    Map(TypeRef),
}

/// Union: an object whose discriminator names one of several groups.
#[derive(Debug)]
pub struct Union {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// The definition.
    pub spec: spec::UnionSpec,
    /// Index of the group for each value. A case that is not a group has been reported, and is left out.
    pub cases: Vec<(String, usize)>,
    /// The page section of the file.
    pub section: String,
}

impl Union {
    /// Returns the case of an example's object: the value of its discriminator, and the index of the group.
    pub fn case_of(&self, object: &serde_yaml::Value) -> Option<(&str, usize)> {
        let discriminator = match object.get(self.spec.by.as_str())? {
            serde_yaml::Value::String(text) => text.clone(),
            serde_yaml::Value::Number(number) => number.to_string(),
            serde_yaml::Value::Bool(value) => value.to_string(),
            _ => return None,
        };
        self.cases.iter().find(|(value, _)| *value == discriminator).map(|(value, n)| (value.as_str(), *n))
    }
}

/// A group of fields.
#[derive(Debug)]
pub struct Object {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// The definition, without the fields that were moved to `fields`.
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
    /// Sensitivity of the field, or of its type if the field states none.
    pub sensitivity: spec::Sensitivity,
    /// Rules for values of the field in a request: the rules of its type, combined with the field's own rules.
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
    /// A group whose fields are included flat.
    Include(usize),
    /// An invalid type, which has been reported.
    Broken,
}

/// A built-in or named type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeRef {
    /// `string`
    String,
    /// `integer`
    Integer,
    /// `decimal`: a number that keeps all its digits
    Decimal,
    /// `boolean`
    Boolean,
    /// `instant`: a time with an offset
    Instant,
    /// `date`: a day
    Date,
    /// `json`: anything
    Json,
    /// Index of an amount of money.
    Amount(usize),
    /// A scalar's number.
    Scalar(usize),
    /// Index of an enumeration.
    Enum(usize),
    /// A group's number.
    Object(usize),
    /// Index of a time with a notation of its own.
    Time(usize),
    /// Index of a union.
    Union(usize),
    /// Index of a list or a map.
    Composite(usize),
}

/// The built-in types by name.
pub const BUILT_IN: [(&str, TypeRef); 7] = [
    ("string", TypeRef::String),
    ("integer", TypeRef::Integer),
    ("decimal", TypeRef::Decimal),
    ("boolean", TypeRef::Boolean),
    ("instant", TypeRef::Instant),
    ("date", TypeRef::Date),
    ("json", TypeRef::Json),
];

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The id.
    pub id: String,
    /// The file.
    pub file: FileId,
    /// The definition, without the fields that were moved to `path`, `query`, `headers`, `request` and `reply`.
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
    /// Headers of the operation itself, not of the whole API.
    pub headers: Vec<Field>,
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
    /// The definition, without the fields that were moved to `headers` and `body`.
    pub spec: spec::CallbackFile,
    /// Its headers.
    pub headers: Vec<Field>,
    /// Its members.
    pub body: Vec<Field>,
    /// Groups of members, by the value that selects them.
    pub select: Option<Union>,
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

impl Api {
    /// A type as a spec file names it.
    pub fn type_name(&self, of: TypeRef) -> String {
        match of {
            TypeRef::Scalar(n) => self.scalars[n].name.clone(),
            TypeRef::Enum(n) => self.enums[n].name.clone(),
            TypeRef::Object(n) => self.objects[n].name.clone(),
            TypeRef::Amount(n) => self.amounts[n].name.clone(),
            TypeRef::Time(n) => self.times[n].name.clone(),
            TypeRef::Union(n) => self.unions[n].name.clone(),
            TypeRef::Composite(n) => match self.composites[n] {
                Composite::List(of) => format!("list of {}", self.type_name(of)),
                Composite::Map(of) => format!("map of {}", self.type_name(of)),
            },
            other => BUILT_IN.iter().find(|(_, of)| *of == other).map_or("", |(name, _)| name).to_owned(),
        }
    }

    /// The unit of an amount's type.
    pub fn unit_of(&self, of: TypeRef) -> Option<&str> {
        match of {
            TypeRef::Amount(n) => Some(&self.amounts[n].spec.unit),
            _ => None,
        }
    }

    /// Returns the amount of money of a field, or of the entries of a list.
    pub fn amount(&self, field: &Field) -> Option<&Amount> {
        match field.kind {
            Kind::One(TypeRef::Amount(n)) | Kind::List(TypeRef::Amount(n)) => Some(&self.amounts[n]),
            _ => None,
        }
    }

    /// Returns the type of the innermost entries of a list or a map, or the type itself for any other type.
    pub fn innermost(&self, of: TypeRef) -> TypeRef {
        match of {
            TypeRef::Composite(n) => match self.composites[n] {
                Composite::List(of) | Composite::Map(of) => self.innermost(of),
            },
            TypeRef::String
            | TypeRef::Integer
            | TypeRef::Decimal
            | TypeRef::Boolean
            | TypeRef::Instant
            | TypeRef::Date
            | TypeRef::Json
            | TypeRef::Amount(_)
            | TypeRef::Scalar(_)
            | TypeRef::Enum(_)
            | TypeRef::Object(_)
            | TypeRef::Time(_)
            | TypeRef::Union(_) => of,
        }
    }

    /// Returns the documentation of a named type.
    pub fn type_doc(&self, of: TypeRef) -> Option<&str> {
        Some(match of {
            TypeRef::Scalar(n) => &self.scalars[n].spec.doc,
            TypeRef::Enum(n) => &self.enums[n].spec.doc,
            TypeRef::Object(n) => &self.objects[n].spec.doc,
            TypeRef::Amount(n) if self.amounts[n].place.is_some() => &self.amounts[n].spec.doc,
            TypeRef::Time(n) => &self.times[n].spec.doc,
            TypeRef::Union(n) => &self.unions[n].spec.doc,
            _ => return None,
        })
    }
}
