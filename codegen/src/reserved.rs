//! Names that the generated crate itself uses, grouped by the scope in which a name of a spec could collide with them.
//!
//! `lint` rejects these names in a spec. `tests/generator/names.rs` collects the names in the output of the emitters,
//! and checks that `lint` rejects each of them.

/// Modules at the root of the crate, and names with a meaning for Cargo.
pub(crate) const ROOT: [&str; 3] = ["bin", "lib", "runtime"];

/// Modules that an API may have, in addition to the modules of its operations and callbacks. None of these modules
/// depends on a feature of the generated crate. `client` depends on a feature, so it is in [`MODULES`] instead.
pub(crate) const FILES: [&str; 5] = ["api", "codes", "enums", "objects", "texts"];

/// Other names that the module of an operation would hide: names of modules, and first segments of paths.
pub(crate) const MODULES: [&str; 12] = [
    "blocking",
    "client",
    "fields",
    "reference",
    "rt",
    "server",
    "std",
    "core",
    "alloc",
    "serde",
    "serde_json",
    "uuid",
];

/// Methods of every client.
pub(crate) const CLIENT: [&str; 5] = ["base_url", "builder", "new", "warnings", "with"];

/// Methods of every server, besides one method for each operation.
pub(crate) const SERVER: [&str; 1] = ["malformed"];

/// Prefixes of the client's methods that resolve requests of an operation. The id of the operation follows.
pub(crate) const RESOLVING: [&str; 2] = ["resolve_", "resolve_many_"];

/// Suffix of the client's method for a paginated operation. The id of the operation precedes it.
pub(crate) const PAGES: &str = "_pages";

/// Prefix of the client's method that confirms messages of a callback. The id of the callback follows.
pub(crate) const CONFIRMING: &str = "confirm_";

/// Functions of a request besides the getters of its fields, and functions of the standard library that a getter would
/// hide.
pub(crate) const REQUEST: [&str; 7] = ["as_ref", "borrow", "builder", "clone", "deref", "new", "warnings"];

/// Methods of a builder besides its setters.
pub(crate) const BUILDER: [&str; 2] = ["build", "build_at"];

/// Fields that every reply and every callback's message has.
pub(crate) const REPLY_FIELDS: [&str; 1] = ["raw"];

/// Functions of a reply, a group or a callback's message. Methods whose names come from the spec, such as the getter
/// for the magnitude of a negative amount, are not listed.
pub(crate) const REPLY_METHODS: [&str; 12] = [
    "from_body",
    "is_empty",
    "parse",
    "parse_form",
    "parse_json",
    "parse_query",
    "raw",
    "sign",
    "to_form",
    "to_json",
    "verify",
    "verify_at",
];

/// Variables of the function that verifies a callback, besides the path parameters in the proof.
pub(crate) const VERIFY: [&str; 7] = ["body", "credentials", "header", "headers", "message", "now", "signed"];

/// Variant of an open enumeration for values that the spec does not list.
pub(crate) const UNKNOWN: &str = "Unknown";

/// Variant for values that the spec does not list, in an enumeration for which callers may send such values.
pub(crate) const OTHER: &str = "Other";

/// Names of items that every API has, of types in generated tests, and of types, traits and variants of the standard
/// library.
pub(crate) const TYPES: [&str; 51] = [
    "API",
    "Arc",
    "AsRef",
    "Box",
    "Client",
    "ClientBuilder",
    "Clone",
    "ConfirmError",
    "Copy",
    "Credentials",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Duration",
    "Eq",
    "Err",
    "Error",
    "ErrorCode",
    "ExactSizeIterator",
    "Extend",
    "Failure",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Resolution",
    "Result",
    "Send",
    "Server",
    "Sized",
    "Some",
    "Stage",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Unpin",
    "Value",
    "Vec",
];
