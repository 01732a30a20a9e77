//! Names that the generated crate uses itself, by the place where a name of a spec could collide with them.
//!
//! `lint` rejects these names in a spec. `tests/generator/names.rs` reads the names in the output of the emitters, and
//! checks that lint rejects each of them.

/// Modules at the root, and names with a meaning for cargo.
pub(crate) const ROOT: [&str; 3] = ["bin", "lib", "runtime"];

/// Files of every API, in addition to the files of its operations and callbacks. The file of the client is behind a
/// feature.
pub(crate) const FILES: [&str; 5] = ["api", "codes", "enums", "objects", "texts"];

/// Other modules and path prefixes that an operation's module would hide.
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

/// Methods of a client.
pub(crate) const CLIENT: [&str; 5] = ["base_url", "builder", "new", "warnings", "with"];

/// Methods of a server, in addition to one method for each operation.
pub(crate) const SERVER: [&str; 1] = ["malformed"];

/// Prefixes of a client's methods for an operation that can be resolved, followed by the operation's id.
pub(crate) const RESOLVING: [&str; 2] = ["resolve_", "resolve_many_"];

/// Suffix of a client's method for a paginated list, after the operation's id.
pub(crate) const PAGES: &str = "_pages";

/// Prefix of a client's method for a callback that can be confirmed, followed by the callback's id.
pub(crate) const CONFIRMING: &str = "confirm_";

/// Functions of a request, in addition to the getters of its fields. Also functions of the standard library that a
/// getter would hide.
pub(crate) const REQUEST: [&str; 7] = ["as_ref", "borrow", "builder", "clone", "deref", "new", "warnings"];

/// Methods of a builder, in addition to its setters.
pub(crate) const BUILDER: [&str; 2] = ["build", "build_at"];

/// Fields of a reply, and of a callback's message.
pub(crate) const REPLY_FIELDS: [&str; 1] = ["raw"];

/// Functions of a reply, a group or a callback's message, in addition to the magnitudes of negative amounts.
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

/// Variables of the function that verifies a callback, in addition to the path parameters in the proof.
pub(crate) const VERIFY: [&str; 7] = ["body", "credentials", "header", "headers", "message", "now", "signed"];

/// Variant of an open enumeration for unknown values.
pub(crate) const UNKNOWN: &str = "Unknown";

/// Variant of an enumeration for other values of the caller.
pub(crate) const OTHER: &str = "Other";

/// Types of every API, types in its tests, and types of the standard library's prelude.
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
