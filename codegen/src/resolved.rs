//! Spec with resolved references, as plain data. It is the result of `resolve`, and the input of every later step.

use crate::constraints::{PathSegment, Rules};
use crate::source::{FileId, Place};
use crate::spec;

/// API whose references are resolved.
#[derive(Debug)]
pub struct Api {
    /// Name of the API's folder and module.
    pub name: String,
    /// File that describes the API as a whole, usually `api.yaml`.
    pub file: FileId,
    /// Content of that file.
    pub spec: spec::ApiFile,
    /// Fields of the envelope, if the page documents the envelope separately.
    pub envelope: Vec<Field>,
    /// Named scalars, in the order of the files.
    pub scalars: Vec<Named<spec::Scalar>>,
    /// Named enumerations.
    pub enums: Vec<Named<spec::Enum>>,
    /// Types of amounts of money: the predefined types, followed by the types that files define.
    pub amounts: Vec<Amount>,
    /// Types of times and days with a notation of their own.
    pub times: Vec<Named<spec::TimeSpec>>,
    /// Unions: objects with a discriminator.
    pub unions: Vec<Union>,
    /// Lists and maps that are types of fields. Each of them appears once.
    pub composites: Vec<Composite>,
    /// Named groups of fields.
    pub objects: Vec<Object>,
    /// Operations, in the order of their file names.
    pub operations: Vec<Operation>,
    /// Callbacks, in the order of their file names.
    pub callbacks: Vec<Callback>,
    /// Error codes: the codes of operations, followed by the codes in files of types.
    pub codes: Vec<CodeEntry>,
    /// Quirks of every file.
    pub quirks: Vec<PlacedQuirk>,
    /// Notes of every file.
    pub notes: Vec<PlacedNote>,
    /// Set if a file of the API has a mistake. An item that seems to be missing may be in a part that was left out.
    pub incomplete: bool,
    /// Set if a whole file or an operation was left out. Definitions then seem to be missing.
    pub lost: bool,
}

/// Named definition with its place.
#[derive(Debug)]
pub struct Named<T> {
    /// Name of the definition.
    pub name: String,
    /// Place of the definition.
    pub place: Place,
    /// The definition.
    pub spec: T,
    /// Section of the page that the file transcribes.
    pub section: String,
}

/// Quirk with its place.
#[derive(Debug, Clone)]
pub struct PlacedQuirk {
    /// Id of the operation or callback that has the quirk. `None` for a quirk in the file of the API or in a file of
    /// types.
    pub owner: Option<String>,
    /// Place of the quirk.
    pub place: Place,
    /// The quirk.
    pub spec: spec::Quirk,
}

/// Note with its place.
#[derive(Debug, Clone)]
pub struct PlacedNote {
    /// Place of the note.
    pub place: Place,
    /// The note.
    pub spec: spec::Note,
}

/// Type of an amount of money: a whole number of units of one currency.
#[derive(Debug, Clone)]
pub struct Amount {
    /// Name of the type.
    pub name: String,
    /// Place of the definition; `None` for a predefined type.
    pub place: Option<Place>,
    /// The definition.
    pub spec: spec::AmountSpec,
}

impl Amount {
    /// Returns the unit with its currency, such as `won (KRW)`.
    pub fn in_words(&self) -> String {
        format!("{} ({})", self.spec.unit, self.spec.currency)
    }

    /// Returns the types of amounts that every spec has without defining them.
    pub fn predefined() -> Vec<Self> {
        let amount = |(name, currency, doc): (&str, &str, &str)| {
            let spec = spec::AmountSpec { doc: doc.into(), currency: currency.into(), unit: name.into() };
            Self { name: name.into(), place: None, spec }
        };
        [("won", "KRW", "An amount in Korean won.")].into_iter().map(amount).collect()
    }
}

/// List or map as a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Composite {
    /// `list of …`
    List(TypeRef),
    /// `map of …`
    Map(TypeRef),
}

/// Union: an object whose discriminator selects one of several groups.
#[derive(Debug)]
pub struct Union {
    /// Name of the union.
    pub name: String,
    /// Place of the definition.
    pub place: Place,
    /// The definition.
    pub spec: spec::UnionSpec,
    /// Values of the discriminator, each with the index of the group that it selects. A case whose group does not exist
    /// has been reported, and is left out.
    pub cases: Vec<(String, usize)>,
    /// Section of the page that the file transcribes.
    pub section: String,
}

impl Union {
    /// Returns the case of an object in an example: the value of its discriminator, and the index of the group. `None`
    /// if no case has the value.
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

/// Named group of fields.
#[derive(Debug)]
pub struct Object {
    /// Name of the group.
    pub name: String,
    /// Place of the definition.
    pub place: Place,
    /// The definition, without its fields. The resolver moves them to `fields`.
    pub spec: spec::ObjectSpec,
    /// Fields of the group.
    pub fields: Vec<Field>,
    /// Section of the page that the file transcribes.
    pub section: String,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Wire name. A field that is not on the wire itself, such as an included group, has its name in the spec.
    pub wire: String,
    /// Place of the field.
    pub place: Place,
    /// The definition.
    pub spec: spec::FieldSpec,
    /// Type of the field.
    pub kind: Kind,
    /// Sensitivity of the field. If the spec states none, it is the sensitivity of the field's type, or else `Public`.
    pub sensitivity: spec::Sensitivity,
    /// Rules for values of the field in a request: the rules of the field's type, combined with the field's own rules.
    /// Empty until `attach_rules` computes them.
    pub rules: Rules,
}

impl Field {
    /// Returns the fixed value of the field, unless documents must not show it.
    pub(crate) fn shown_fixed(&self) -> Option<&spec::Literal> {
        self.spec.fixed.as_ref().filter(|_| self.sensitivity == spec::Sensitivity::Public)
    }
}

/// Type of a field.
#[derive(Debug)]
pub enum Kind {
    /// A single value of this type.
    One(TypeRef),
    /// A list of values of this type.
    List(TypeRef),
    /// Alternatives: a request has at most one of these fields.
    OneOf(Vec<Field>),
    /// Index of a group whose fields are, on the wire, beside the other fields.
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
    /// `decimal`: a number with a fraction, which keeps all its digits
    Decimal,
    /// `boolean`
    Boolean,
    /// `instant`: a time with an offset
    Instant,
    /// `date`: a day
    Date,
    /// `json`: any JSON value
    Json,
    /// Index of an amount of money in [`Api::amounts`].
    Amount(usize),
    /// Index of a scalar in [`Api::scalars`].
    Scalar(usize),
    /// Index of an enumeration in [`Api::enums`].
    Enum(usize),
    /// Index of a group in [`Api::objects`].
    Object(usize),
    /// Index of a time or a day in [`Api::times`].
    Time(usize),
    /// Index of a union in [`Api::unions`].
    Union(usize),
    /// Index of a list or a map in [`Api::composites`].
    Composite(usize),
}

impl TypeRef {
    /// Returns `true` if a value of the type is one text, number or boolean.
    pub fn is_single(self) -> bool {
        !matches!(self, Self::Object(_) | Self::Union(_) | Self::Composite(_) | Self::Json)
    }
}

/// Names of the built-in types, each with the type.
pub const BUILT_IN: [(&str, TypeRef); 7] = [
    ("string", TypeRef::String),
    ("integer", TypeRef::Integer),
    ("decimal", TypeRef::Decimal),
    ("boolean", TypeRef::Boolean),
    ("instant", TypeRef::Instant),
    ("date", TypeRef::Date),
    ("json", TypeRef::Json),
];

/// Operation of an API.
#[derive(Debug)]
pub struct Operation {
    /// Id of the operation.
    pub id: String,
    /// File of the operation.
    pub file: FileId,
    /// The definition, without the operation's fields. The resolver moves them to `path`, `query`, `headers`, `request` and
    /// `reply` below, so the maps of the same names in `spec` are empty.
    pub spec: spec::OperationFile,
    /// The HTTP method.
    pub method: spec::Method,
    /// Path template, as the spec writes it.
    pub template: String,
    /// Path template, split into constant text and parameters.
    pub segments: Vec<PathSegment>,
    /// Path parameters.
    pub path: Vec<Field>,
    /// Query parameters.
    pub query: Vec<Field>,
    /// Headers of this operation, without the headers that all operations have.
    pub headers: Vec<Field>,
    /// Members of the request body.
    pub request: Vec<Field>,
    /// Members of the reply, or of its payload if the envelope has one.
    pub reply: Vec<Field>,
}

/// Callback of an API.
#[derive(Debug)]
pub struct Callback {
    /// Id of the callback.
    pub id: String,
    /// File of the callback.
    pub file: FileId,
    /// The definition, without its fields. The resolver moves them to `headers` and `body`.
    pub spec: spec::CallbackFile,
    /// Headers of the message.
    pub headers: Vec<Field>,
    /// Members of the message's body.
    pub body: Vec<Field>,
    /// Union of the members that depend on another member of the message.
    pub select: Option<Union>,
}

/// Entry of an error code. A code may have several entries.
#[derive(Debug)]
pub struct CodeEntry {
    /// The code.
    pub code: String,
    /// Place of the entry.
    pub place: Place,
    /// The definition.
    pub spec: spec::Code,
    /// Id of the operation whose section lists the code. `None` for a code in a file of types.
    pub operation: Option<String>,
}

impl Api {
    /// Returns the name of a type, as a spec writes it.
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

    /// Returns the unit of a type of amounts. `None` for any other type.
    pub fn unit_of(&self, of: TypeRef) -> Option<&str> {
        match of {
            TypeRef::Amount(n) => Some(&self.amounts[n].spec.unit),
            _ => None,
        }
    }

    /// Returns the type of a field's amount, or of the amounts in a list. `None` if the field has no amounts.
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

    /// Returns the documentation of a named type. `None` for built-in and predefined types, and for lists and maps.
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
